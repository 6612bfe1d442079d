# SPDX-License-Identifier: MIT OR Apache-2.0
#
# exprjit_flags: what every target of the project is compiled with. Linked PRIVATE, so that it never leaks to users.

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON) # the build folder can be moved, and no machine's path stands in a binary
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(exprjit_flags INTERFACE)
target_compile_features(exprjit_flags INTERFACE cxx_std_20)
# The interpreter is the oracle: a*b+c is two roundings unless the IR says fma, whatever the target machine offers.
target_compile_options(exprjit_flags INTERFACE
    -ffp-contract=off
    -fvisibility=hidden
    $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>
    -Wall -Wextra -Wpedantic
    "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
# g++ 12 reports an overlapping memcpy inside std::string's operator+ that cannot happen (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(exprjit_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
if(EXPRJIT_WERROR)
    target_compile_options(exprjit_flags INTERFACE -Werror)
endif()

# Sanitizers see everything, asmjit too; hence not through the interface target.
if(EXPRJIT_SANITIZE)
    add_compile_options(-fsanitize=${EXPRJIT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${EXPRJIT_SANITIZE})
endif()

# One extension setting for all: -std=c++20, not gnu++20.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

# libFuzzer guides itself by the branches of the code under test, so all of it is instrumented.
if(EXPRJIT_BUILD_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "EXPRJIT_BUILD_FUZZ needs clang (libFuzzer): use ./dev fuzz, or cmake --preset fuzz")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
