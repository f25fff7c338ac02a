# SPDX-License-Identifier: MIT
# Plug-ins for the tests of the loader: build/tests/plugin_CASE.so, one for each case of plugin_cases.c.

# A library whose name, as its users know it, no file has.
add_library(plugin_gone SHARED ${CMAKE_SOURCE_DIR}/tests/task/plugin_gone.c)
set_target_properties(plugin_gone PROPERTIES NO_SONAME ON LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_link_options(plugin_gone PRIVATE -Wl,-soname,libevo_test_gone.so.9)

foreach(case good undefined missing no_symbol abi small new crash exit round wild name)
    string(TOUPPER ${case} upper)
    add_library(plugin_${case} MODULE ${CMAKE_SOURCE_DIR}/tests/task/plugin_cases.c)
    target_compile_definitions(plugin_${case} PRIVATE CASE_${upper})
    target_compile_options(plugin_${case} PRIVATE -fvisibility=hidden -Wall -Wextra)
    target_include_directories(plugin_${case} PRIVATE ${CMAKE_SOURCE_DIR}/include)
    set_target_properties(plugin_${case} PROPERTIES PREFIX "" SUFFIX ".so"
                          LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_dependencies(test_task_plugin plugin_${case})
endforeach()
target_link_libraries(plugin_missing PRIVATE plugin_gone)
target_link_libraries(plugin_round PRIVATE m)

# What build.sh has made is loaded and evaluated by this; and what isolation costs, measured by hand.
evo_test_program(${CMAKE_SOURCE_DIR}/tests/task/try_plugin.c)
evo_test_program(${CMAKE_SOURCE_DIR}/tests/task/time_isolate.c)

# The same of a plug-in in the rank itself, over its code built in.
add_library(plugin_sphere8 MODULE ${CMAKE_SOURCE_DIR}/tests/task/sphere8.c)
target_compile_options(plugin_sphere8 PRIVATE -O3 -fvisibility=hidden -ffp-contract=off)
target_include_directories(plugin_sphere8 PRIVATE ${CMAKE_SOURCE_DIR}/include)
set_target_properties(plugin_sphere8 PROPERTIES PREFIX "" SUFFIX ".so" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
evo_test_program(${CMAKE_SOURCE_DIR}/tests/task/time_own.c)
add_dependencies(time_own plugin_sphere8)
