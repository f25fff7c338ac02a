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
evo_test_program(${CMAKE_SOURCE_DIR}/tests/task/time_rollout.c)

# The functions that rollouts have, over arrays, as compiled for each instruction set and precision.
function(evo_lanes_set isa header)
    foreach(precision double single)
        set(library lanes_${isa}_${precision})
        add_library(${library} OBJECT ${CMAKE_SOURCE_DIR}/tests/task/lanes_functions.c)
        target_link_libraries(${library} PRIVATE evo_options)
        target_compile_definitions(${library} PRIVATE EVO_VEC_HEADER=<evompi/lanes/${header}> EVO_LANES=${isa}
            LANES_TABLE=lanes_${precision}_${isa} $<$<STREQUAL:${precision},single>:EVO_SINGLE>)
        target_compile_options(${library} PRIVATE -O3 ${ARGN})
        target_sources(test_lanes PRIVATE $<TARGET_OBJECTS:${library}>)
    endforeach()
endfunction()
evo_lanes_set(plain vec_one.h ${flags_plain})
foreach(isa ${isas})
    evo_lanes_set(${isa} vec_${isa}.h ${flags_${isa}})
endforeach()

# evo_rollout(NAME SOURCE OPTION...): the plug-in build/tests/NAME.so of a rollout, for the instruction sets that
# this build has.
function(evo_rollout name source)
    set(out ${CMAKE_BINARY_DIR}/tests/${name}.so)
    file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/include/evompi/*.h ${CMAKE_SOURCE_DIR}/include/evompi/lanes/*.h)
    string(REPLACE ";" " " sets "${isas}")
    add_custom_command(OUTPUT ${out} VERBATIM
        COMMAND ${CMAKE_COMMAND} -E env "CC=${CMAKE_C_COMPILER}" EVOMPI=/nowhere "EVOMPI_BUILD_ISAS=${sets}"
                ${CMAKE_SOURCE_DIR}/tools/evompi-build ${source} -o ${out} -Werror ${ARGN}
        DEPENDS ${source} ${headers} ${CMAKE_SOURCE_DIR}/tools/evompi-build)
    add_custom_target(rollout_${name} ALL DEPENDS ${out})
endfunction()
evo_rollout(cartpole ${CMAKE_SOURCE_DIR}/jobs/own/cartpole.c)
evo_rollout(rollout_cases ${CMAKE_SOURCE_DIR}/tests/task/rollout_cases.c)
add_dependencies(test_rollout rollout_cartpole rollout_rollout_cases)

# The same of a plug-in in the rank itself, over its code built in.
add_library(plugin_sphere8 MODULE ${CMAKE_SOURCE_DIR}/tests/task/sphere8.c)
target_compile_options(plugin_sphere8 PRIVATE -O3 -fvisibility=hidden -ffp-contract=off)
target_include_directories(plugin_sphere8 PRIVATE ${CMAKE_SOURCE_DIR}/include)
set_target_properties(plugin_sphere8 PROPERTIES PREFIX "" SUFFIX ".so" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
evo_test_program(${CMAKE_SOURCE_DIR}/tests/task/time_own.c)
add_dependencies(time_own plugin_sphere8)
