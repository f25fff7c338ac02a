# SPDX-License-Identifier: MIT
# The fuzzing targets: one program a file, BUILD/fuzz/NAME; needs clang and its libFuzzer.
if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "EVOMPI_FUZZ needs clang: configure with -DCMAKE_C_COMPILER=clang")
endif()

add_custom_target(tests_fuzz)
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/*.c)
foreach(source ${sources})
    get_filename_component(stem ${source} NAME_WE)
    add_executable(${stem} ${source})
    add_dependencies(tests_fuzz ${stem})
    target_link_libraries(${stem} PRIVATE evo_run evo_store ${HDF5_C_LIBRARIES})
    target_include_directories(${stem} SYSTEM PRIVATE ${HDF5_C_INCLUDE_DIRS})
    target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
    set_target_properties(${stem} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
endforeach()
