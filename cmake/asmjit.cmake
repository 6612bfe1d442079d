# SPDX-License-Identifier: MIT OR Apache-2.0
#
# exprjit_asmjit: the assembler of asmjit, built from source: position-independent, hidden, x86 only, always Release.
# Only src/jit links it.

find_package(Threads REQUIRED)

if(NOT EXISTS "${EXPRJIT_ASMJIT_DIR}/src/asmjit/x86.h")
    message(FATAL_ERROR "asmjit is not in ${EXPRJIT_ASMJIT_DIR}.\n"
        "Fetch it with   cmake/fetch_asmjit.sh   (./dev build does), or name another copy with   -DEXPRJIT_ASMJIT_DIR=FOLDER")
endif()

file(GLOB_RECURSE exprjit_asmjit_sources CONFIGURE_DEPENDS
    "${EXPRJIT_ASMJIT_DIR}/src/asmjit/core/*.cpp" "${EXPRJIT_ASMJIT_DIR}/src/asmjit/x86/*.cpp")

# exprjit_add_asmjit(<target> <public definitions...>)
function(exprjit_add_asmjit target)
    add_library(${target} STATIC EXCLUDE_FROM_ALL ${exprjit_asmjit_sources})
    target_include_directories(${target} SYSTEM PUBLIC "${EXPRJIT_ASMJIT_DIR}/src")
    # The definitions change classes in the headers, so users must see them too. ASMJIT_BUILD_RELEASE: its debug
    # assertions print and abort, and follow NDEBUG of whoever includes the headers unless told.
    target_compile_definitions(${target} PUBLIC ASMJIT_STATIC ASMJIT_NO_FOREIGN ASMJIT_BUILD_RELEASE ${ARGN})
    target_compile_options(${target} PRIVATE -O2 -w -fvisibility=hidden -fvisibility-inlines-hidden
        -fno-math-errno -fmerge-all-constants "-ffile-prefix-map=${EXPRJIT_ASMJIT_DIR}/=asmjit/")
    if(EXPRJIT_SANITIZE MATCHES "undefined")
        target_compile_options(${target} PRIVATE -fno-sanitize=undefined) # not ours to mend
    endif()
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_STANDARD 17)
    target_link_libraries(${target} PRIVATE Threads::Threads ${CMAKE_DL_LIBS})
endfunction()

# The Assembler, CodeHolder and the formatter for listings; no Builder, no Compiler, no code memory of its own.
exprjit_add_asmjit(exprjit_asmjit ASMJIT_NO_BUILDER ASMJIT_NO_COMPILER ASMJIT_NO_JIT)
