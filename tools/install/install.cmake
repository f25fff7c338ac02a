# SPDX-License-Identifier: MIT
# What the author of a task of their own finds in an installation: headers, evompi-build, CMake, pkg-config.
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/evompi)
set(pkgconfig ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH EVOMPI_TO_PREFIX /prefix/${package} /prefix)
file(RELATIVE_PATH EVOMPI_TO_PREFIX_PC /prefix/${pkgconfig} /prefix)
execute_process(COMMAND ${CMAKE_SOURCE_DIR}/tools/evompi-build --flags OUTPUT_VARIABLE EVOMPI_TASK_FLAGS
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

# The headers that a task may include; no other module's.
foreach(header plugin key rollout lanes)
    if(EXISTS ${CMAKE_SOURCE_DIR}/include/evompi/${header}.h)
        install(FILES ${CMAKE_SOURCE_DIR}/include/evompi/${header}.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/evompi)
    endif()
endforeach()
install(PROGRAMS ${CMAKE_SOURCE_DIR}/tools/evompi-build DESTINATION ${CMAKE_INSTALL_BINDIR})
configure_file(${CMAKE_CURRENT_LIST_DIR}/evompiConfig.cmake ${CMAKE_BINARY_DIR}/made/evompiConfig.cmake @ONLY)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/made/evompiConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/made/evompiConfig.cmake ${CMAKE_BINARY_DIR}/made/evompiConfigVersion.cmake
        DESTINATION ${package})
configure_file(${CMAKE_CURRENT_LIST_DIR}/evompi.pc.in ${CMAKE_BINARY_DIR}/made/evompi.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/made/evompi.pc DESTINATION ${pkgconfig})
