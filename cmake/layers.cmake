# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The layers, as the compiler sees them. All sources include from the root of src ("ir/program.h"); a plain -Isrc would
# open every folder to everybody. So each target gets its own view: a folder in the build tree with one link per folder
# it may use. A wrong include does not compile, which tests/layers proves.

# exprjit_include_view(<target> PUBLIC_HEADER|NO_PUBLIC_HEADER <src folders...>)
function(exprjit_include_view target public_header)
    set(view "${PROJECT_BINARY_DIR}/include-view/${target}")
    file(REMOVE_RECURSE "${view}")
    file(MAKE_DIRECTORY "${view}")
    foreach(folder IN LISTS ARGN)
        if(EXISTS "${PROJECT_SOURCE_DIR}/src/${folder}")
            file(CREATE_LINK "${PROJECT_SOURCE_DIR}/src/${folder}" "${view}/${folder}" SYMBOLIC)
        endif()
    endforeach()
    get_target_property(kind ${target} TYPE)
    set(scope PRIVATE)
    if(kind STREQUAL "INTERFACE_LIBRARY")
        set(scope INTERFACE)
    endif()
    target_include_directories(${target} ${scope} "${view}")
    if(public_header STREQUAL "PUBLIC_HEADER")
        target_include_directories(${target} ${scope} "${PROJECT_SOURCE_DIR}/include")
    endif()
endfunction()

# exprjit_layer(<name> USES <layers...> [LINKS <targets...>])
# Declares exprjit_<name> from every .cpp below src/<name>, seeing itself and the layers it uses. Without sources it is an
# interface library, so that the tree always configures.
function(exprjit_layer name)
    cmake_parse_arguments(layer "" "" "USES;LINKS" ${ARGN})
    set(target exprjit_${name})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${name}/*.cpp")
    list(TRANSFORM layer_USES PREPEND exprjit_ OUTPUT_VARIABLE used)
    if(sources)
        add_library(${target} STATIC ${sources})
        target_link_libraries(${target} PRIVATE exprjit_flags ${used} ${layer_LINKS})
        exprjit_include_view(${target} NO_PUBLIC_HEADER ${name} ${layer_USES})
    else()
        add_library(${target} INTERFACE)
        target_link_libraries(${target} INTERFACE ${used})
    endif()
endfunction()
