# SPDX-License-Identifier: MIT
# The tests: C programs under build/tests/, and scripts that get the build folder as argument.
# A script that cannot run on this machine exits with 77 and counts as skipped.
if(EVOMPI_FUZZ)
    include(tests/fuzz/fuzz.cmake)
    add_test(NAME fuzz/fuzz COMMAND bash ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz.sh ${CMAKE_BINARY_DIR})
    set_tests_properties(fuzz/fuzz PROPERTIES LABELS fuzz TIMEOUT 600)
    return()
endif()
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)

# Written apart from the program, for tests to compare it with; programs link what they use.
add_library(oracle STATIC EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/golden/oracle/rigid_body.c
            ${CMAKE_SOURCE_DIR}/tests/golden/oracle/quad.c)
target_link_libraries(oracle PUBLIC evo_task)

# evo_test_program(SOURCE): the program build/tests/STEM.
function(evo_test_program source)
    get_filename_component(stem ${source} NAME_WE)
    add_executable(${stem} ${source})
    set(module evo_run)
    if(stem MATCHES "^(test_task|try_plugin|time_isolate|time_rollout)") # needs no other module
        set(module evo_task)
    endif()
    if(stem MATCHES "^(golden_(quad|rigid_body)|test_flight_(hover|baseline))$")
        target_link_libraries(${stem} PRIVATE oracle)
    endif()
    if(stem STREQUAL test_store_library) # what the library makes is compared with
        target_link_libraries(${stem} PRIVATE ${HDF5_C_LIBRARIES})
        target_include_directories(${stem} SYSTEM PRIVATE ${HDF5_C_INCLUDE_DIRS})
        target_compile_definitions(${stem} PRIVATE H5_USE_110_API)
        target_link_options(${stem} PRIVATE "LINKER:--wrap=realloc") # it refuses memory
    endif()
    target_link_libraries(${stem} PRIVATE ${module} PkgConfig::CMOCKA)
    # Tests write shapes by position, and leave the blocks of parameters out.
    set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS -Wno-missing-field-initializers) # behind -Wextra
    target_compile_definitions(${stem} PRIVATE EVO_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data")
    set_target_properties(${stem} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endfunction()

# evo_test_programs(FOLDER): each .c file there is one program, and one test; the target tests_FOLDER builds them.
function(evo_test_programs folder)
    add_custom_target(tests_${folder})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${folder}/*.c)
    foreach(source ${sources})
        get_filename_component(stem ${source} NAME_WE)
        evo_test_program(${source})
        add_dependencies(tests_${folder} ${stem})
        add_test(NAME ${folder}/${stem} COMMAND ${stem} WORKING_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
        set_tests_properties(${folder}/${stem} PROPERTIES LABELS ${folder} SKIP_RETURN_CODE 77
                             TIMEOUT 600)
    endforeach()
endfunction()

# The store's writer is the one thread that we start: nothing else is asked of ThreadSanitizer.
if(EVOMPI_SANITIZE STREQUAL "thread")
    evo_test_program(tests/unit/test_store.c)
    evo_test_program(tests/unit/test_store_fire.c)
    add_test(NAME memory/threads
             COMMAND bash ${CMAKE_SOURCE_DIR}/tests/memory/threads.sh ${CMAKE_BINARY_DIR})
    set_tests_properties(memory/threads PROPERTIES LABELS memory SKIP_RETURN_CODE 77 TIMEOUT 900)
    return()
endif()

# evo_test_scripts(FOLDER): each .sh file there is one test.
function(evo_test_scripts folder)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${folder}/*.sh)
    foreach(source ${sources})
        get_filename_component(stem ${source} NAME_WE)
        add_test(NAME ${folder}/${stem} COMMAND bash ${source} ${CMAKE_BINARY_DIR})
        set_tests_properties(${folder}/${stem} PROPERTIES LABELS ${folder} SKIP_RETURN_CODE 77
                             TIMEOUT 900)
        # Alone on the machine are those that measure, or whose hosts are given up after seconds.
        if("${folder}/${stem}" MATCHES "^mpi/(balance|hosts)$")
            set_tests_properties(${folder}/${stem} PROPERTIES RUN_SERIAL ON)
        endif()
    endforeach()
endfunction()

# What the scripts preload to break a run that knows nothing of it.
if(CMAKE_SYSTEM_NAME STREQUAL Linux)
    add_library(fault MODULE ${CMAKE_SOURCE_DIR}/tests/fault/fault.c)
    target_compile_definitions(fault PRIVATE _GNU_SOURCE)
    target_compile_options(fault PRIVATE -Wall -Wextra -Wconversion)
    target_link_libraries(fault PRIVATE ${CMAKE_DL_LIBS})
    set_target_properties(fault PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()

evo_test_programs(unit)
include(tests/task/task.cmake)
target_sources(test_task_cost PRIVATE ${CMAKE_SOURCE_DIR}/tools/bench/program.c)
evo_test_programs(kernels)
evo_test_scripts(kernels)
evo_test_programs(golden)
evo_test_scripts(golden)
evo_test_scripts(source)
evo_test_scripts(arm)
evo_test_scripts(config)
# Where the processor has no fused multiply-add its flights take ten times as long.
set_tests_properties(config/foreign PROPERTIES TIMEOUT 1800)
evo_test_scripts(task)
evo_test_scripts(mpi)
evo_test_scripts(resume)
evo_test_scripts(fault)
evo_test_scripts(slurm)
if(EVOMPI_SANITIZE MATCHES address)
    evo_test_scripts(memory)
endif()

# The long ones begin first, so that none of them is left at the end alone. The seconds are those of two cores.
foreach(cost "task/own_faults 200" "source/analysis 190" "fault/disk 180" "arm/neon 170" "fault/memory 140" "golden/frozen 110"
        "config/bench 105" "config/estimates 100" "slurm/requeue 95" "fault/overwritten 95" "mpi/ranks 90" "task/own 90"
        "config/foreign 80" "task/rollout 80" "slurm/nodes 80" "fault/beside 70" "task/documents 70" "mpi/launchers 70"
        "resume/kill_storm 60" "kernels/emulated 50" "mpi/stops 40" "fault/power_loss 40" "fault/ranks 40" "source/scripts 40"
        "mpi/stall 35" "config/fly 35")
    separate_arguments(cost)
    list(GET cost 0 name)
    list(GET cost 1 seconds)
    if(TEST ${name})
        set_tests_properties(${name} PROPERTIES COST ${seconds})
    endif()
endforeach()

# Flights decide the results of these: `tools/test.sh` runs them once more under each lower instruction set.
get_property(all DIRECTORY PROPERTY TESTS)
foreach(test ${all})
    if(test MATCHES "^(unit/test_(flight|search|saved_format).*|golden/ga_.*|config/(fly|jobs)|mpi/ranks)$")
        set_property(TEST ${test} APPEND PROPERTY LABELS flies)
    endif()
endforeach()
