# SPDX-License-Identifier: MIT
# The kernel room: the dispatch, and the flight texts once per instruction set.
set(kernels ${CMAKE_CURRENT_LIST_DIR})
add_library(evo_kernels STATIC ${kernels}/kernels.h ${kernels}/kernels.c)
target_include_directories(evo_kernels PUBLIC ${kernels})
target_link_libraries(evo_kernels PUBLIC evo_base)
