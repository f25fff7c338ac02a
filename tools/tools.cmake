# SPDX-License-Identifier: MIT
# The tools beside the job: each tools/evompi-*.c is one program.
file(GLOB tools CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/evompi-*.c)
foreach(source ${tools})
    get_filename_component(stem ${source} NAME_WE)
    add_executable(${stem} ${source})
    target_link_libraries(${stem} PRIVATE evo_run)
    install(TARGETS ${stem} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endforeach()

file(GLOB fly CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/fly/*.c)
target_sources(evompi-fly PRIVATE ${fly})

# evompi-bench has parts, and a script that it runs.
file(GLOB bench CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/bench/*.c)
target_sources(evompi-bench PRIVATE ${bench})
target_compile_definitions(evompi-bench PRIVATE
    EVO_BENCH_PYTHON="${CMAKE_CURRENT_LIST_DIR}/bench_python.py")
