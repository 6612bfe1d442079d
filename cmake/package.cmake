# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Installation: the library (component runtime), headers and package files (component dev), the command line (cli).

if(NOT TARGET exprjit)
    return()
endif()
include(CMakePackageConfigHelpers)

install(TARGETS exprjit EXPORT exprjitTargets
    LIBRARY COMPONENT runtime NAMELINK_COMPONENT dev
    FILE_SET HEADERS COMPONENT dev)
set(exprjit_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/exprjit")
install(EXPORT exprjitTargets NAMESPACE exprjit:: DESTINATION "${exprjit_cmake_dir}" COMPONENT dev)
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/exprjitConfig.cmake.in" "${PROJECT_BINARY_DIR}/exprjitConfig.cmake"
    INSTALL_DESTINATION "${exprjit_cmake_dir}" NO_SET_AND_CHECK_MACRO)
# While the version is 0.x, a new minor version may break; from 1.0 on this becomes SameMajorVersion.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/exprjitConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/exprjitConfig.cmake" "${PROJECT_BINARY_DIR}/exprjitConfigVersion.cmake"
    DESTINATION "${exprjit_cmake_dir}" COMPONENT dev)

# The prefix in the .pc file is relative to the file itself, so that an installed tree can be moved.
file(RELATIVE_PATH exprjit_pc_to_prefix "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
configure_file("${PROJECT_SOURCE_DIR}/cmake/exprjit.pc.in" "${PROJECT_BINARY_DIR}/exprjit.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/exprjit.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT dev)

install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/LICENSE-MIT" "${PROJECT_SOURCE_DIR}/LICENSE-APACHE"
    "${PROJECT_SOURCE_DIR}/NOTICE" DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT runtime)
