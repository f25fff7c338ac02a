# SPDX-License-Identifier: MIT
# The tools beside the job: each tools/evompi-*.c is one program.
file(GLOB tools CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/evompi-*.c)
if(EVOMPI_SANITIZE)
    # There is nothing to time, and its own kernels take half a minute to compile.
    list(FILTER tools EXCLUDE REGEX evompi-bench)
endif()
foreach(source ${tools})
    get_filename_component(stem ${source} NAME_WE)
    add_executable(${stem} ${source})
    evo_program(${stem})
    install(TARGETS ${stem} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endforeach()

# What a program in Python imports: programs look for it beside themselves.
configure_file(${CMAKE_CURRENT_LIST_DIR}/evompi_program.py ${CMAKE_BINARY_DIR}/share/evompi/evompi_program.py COPYONLY)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/evompi_program.py DESTINATION ${CMAKE_INSTALL_DATADIR}/evompi)

file(GLOB fly CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/fly/*.c)
target_sources(evompi-fly PRIVATE ${fly})

# evompi-bench has parts, and tasks that measure themselves: each folder src/tasks/NAME/bench, whose sources may
# include <bench/bench.h>.
if(TARGET evompi-bench)
    set(tasks ${CMAKE_SOURCE_DIR}/src/tasks)
    file(GLOB bench CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/bench/*.c ${tasks}/*/bench/*.c)
    target_sources(evompi-bench PRIVATE ${bench})
    target_include_directories(evompi-bench PRIVATE ${CMAKE_CURRENT_LIST_DIR})
    target_link_libraries(evompi-bench PRIVATE evo_task)
    # Scalar C, below, and the question whether a processor can run it.
    set(scalar_flags "")
    set(has_scalar true)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        set(scalar_flags -mfma)
        set(has_scalar "__builtin_cpu_supports(\"fma\")")
    endif()
    target_compile_definitions(evompi-bench PRIVATE EVO_BENCH_TASKS="${tasks}" "EVO_BENCH_HAS_SCALAR=${has_scalar}")

    # evo_bench_scalar(FILE TABLE): a kernel's text in both precisions, plain, scalar, with the machine's own fma;
    # each defines the table TABLE_<precision>, as EVO_TABLE.
    function(evo_bench_scalar file table)
        foreach(precision double single)
            set(library ${table}_${precision})
            add_library(${library} OBJECT ${file})
            target_link_libraries(${library} PRIVATE evo_lanes)
            target_compile_definitions(${library} PRIVATE EVO_VEC_HEADER=<evompi/lanes/vec_plain.h>
                EVO_TABLE=${table}_${precision} $<$<STREQUAL:${precision},single>:EVO_SINGLE>)
            target_compile_options(${library} PRIVATE -O3 ${flags_plain} ${scalar_flags})
            set_target_properties(${library} PROPERTIES EVO_UNSANITIZED ON)
            target_sources(evompi-bench PRIVATE $<TARGET_OBJECTS:${library}>)
        endforeach()
    endfunction()
    file(GLOB more CONFIGURE_DEPENDS ${tasks}/*/bench/*.cmake)
    foreach(file ${more})
        include(${file})
    endforeach()
endif()

# evompi-compare lets other libraries' searches fly: pagmo2 has no interface but C++.
option(EVOMPI_COMPARE "build evompi-compare; needs pagmo2, NLopt and a C++ compiler" OFF)
if(EVOMPI_COMPARE)
    enable_language(CXX)
    find_package(Pagmo REQUIRED)
    pkg_check_modules(NLOPT REQUIRED IMPORTED_TARGET nlopt)
    set(compare ${CMAKE_CURRENT_LIST_DIR}/compare)
    add_executable(evompi-compare ${compare}/main.c ${compare}/nlopt.c ${compare}/pagmo.cpp)
    target_compile_features(evompi-compare PRIVATE cxx_std_17)
    target_link_libraries(evompi-compare PRIVATE evo_run Pagmo::pagmo PkgConfig::NLOPT)
endif()

include(${CMAKE_CURRENT_LIST_DIR}/install/install.cmake)
