# SPDX-License-Identifier: MIT
# What the kernels of six degrees of freedom are held against: their plain text, scalar, with the machine's own fma.
evo_bench_scalar(${CMAKE_CURRENT_LIST_DIR}/../kernel/hover_kernel.c evo_bench_hover_scalar)
