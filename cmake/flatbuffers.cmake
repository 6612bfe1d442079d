# SPDX-License-Identifier: MIT OR Apache-2.0
#
# exprjit_ir_schema: the header that flatc makes of proto/ir.fbs, and FlatBuffers' own headers. Nothing is linked: reading,
# verifying and writing is all in headers. Only src/wire uses it.

find_package(FlatBuffers QUIET CONFIG)
find_program(EXPRJIT_FLATC flatc DOC "The compiler of FlatBuffers")
if(NOT FlatBuffers_FOUND OR NOT EXPRJIT_FLATC)
    message(FATAL_ERROR "FlatBuffers is missing: apt-get install libflatbuffers-dev flatbuffers-compiler")
endif()

set(ir_schema_dir "${PROJECT_BINARY_DIR}/generated/ir_schema")
add_custom_command(OUTPUT "${ir_schema_dir}/ir_generated.h"
    COMMAND "${EXPRJIT_FLATC}" --cpp --scoped-enums -o "${ir_schema_dir}" "${PROJECT_SOURCE_DIR}/proto/ir.fbs"
    DEPENDS "${PROJECT_SOURCE_DIR}/proto/ir.fbs" "${EXPRJIT_FLATC}"
    COMMENT "flatc proto/ir.fbs" VERBATIM)
add_custom_target(exprjit_ir_schema_header DEPENDS "${ir_schema_dir}/ir_generated.h")

add_library(exprjit_ir_schema INTERFACE)
add_dependencies(exprjit_ir_schema exprjit_ir_schema_header)
get_target_property(flatbuffers_include flatbuffers::flatbuffers INTERFACE_INCLUDE_DIRECTORIES)
target_include_directories(exprjit_ir_schema SYSTEM INTERFACE "${ir_schema_dir}" "${flatbuffers_include}")
