# SPDX-License-Identifier: MIT
# find_package(evompi): evompi_add_task(NAME SOURCE...) makes the plug-in NAME.so from a task of your own.
#
# Paths count from this file, so that the whole installation can be moved. EVOMPI_INCLUDE_DIR,
# EVOMPI_PROGRAM and EVOMPI_BUILD are the headers' folder, the program and the script evompi-build.
set(EVOMPI_INCLUDE_DIR "${CMAKE_CURRENT_LIST_DIR}/@EVOMPI_TO_PREFIX@/@CMAKE_INSTALL_INCLUDEDIR@")
set(EVOMPI_PROGRAM "${CMAKE_CURRENT_LIST_DIR}/@EVOMPI_TO_PREFIX@/@CMAKE_INSTALL_BINDIR@/evompi")
set(EVOMPI_BUILD "${CMAKE_CURRENT_LIST_DIR}/@EVOMPI_TO_PREFIX@/@CMAKE_INSTALL_BINDIR@/evompi-build")
# What keeps results the same on every machine: evompi-build's own.
execute_process(COMMAND "${EVOMPI_BUILD}" --flags OUTPUT_VARIABLE evompi_flags OUTPUT_STRIP_TRAILING_WHITESPACE
                RESULT_VARIABLE evompi_failed)
if(evompi_failed)
    set(evompi_FOUND FALSE)
    set(evompi_NOT_FOUND_MESSAGE "${EVOMPI_BUILD} cannot be run")
    return()
endif()
separate_arguments(EVOMPI_FLAGS UNIX_COMMAND "${evompi_flags}")

# evompi_add_task(NAME SOURCE...): a module library, to which target_link_libraries() and the like apply. What
# includes <evompi/rollout.h> is compiled for every instruction set, by evompi-build.
function(evompi_add_task name)
    set(is_rollout FALSE)
    foreach(source ${ARGN})
        get_filename_component(path "${source}" ABSOLUTE)
        file(STRINGS "${path}" includes REGEX "^[ \t]*#[ \t]*include[ \t]*<evompi/rollout\\.h>")
        if(includes)
            set(is_rollout TRUE)
        endif()
        list(APPEND sources "${path}")
    endforeach()
    if(is_rollout)
        set(out "${CMAKE_CURRENT_BINARY_DIR}/${name}.so")
        add_custom_command(OUTPUT "${out}" DEPENDS ${sources} VERBATIM
            COMMAND "${CMAKE_COMMAND}" -E env "CC=${CMAKE_C_COMPILER}" "EVOMPI_INCLUDE=${EVOMPI_INCLUDE_DIR}"
                    "${EVOMPI_BUILD}" ${sources} -o "${out}")
        add_custom_target(${name} ALL DEPENDS "${out}")
        return()
    endif()
    add_library(${name} MODULE ${sources})
    target_include_directories(${name} PRIVATE "${EVOMPI_INCLUDE_DIR}")
    target_compile_options(${name} PRIVATE ${EVOMPI_FLAGS})
    target_link_libraries(${name} PRIVATE m)
    set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX ".so")
endfunction()
