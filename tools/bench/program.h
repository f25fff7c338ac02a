/* SPDX-License-Identifier: MIT */
/* What a candidate costs that a program evaluates, beyond its fitness. */
#ifndef EVO_BENCH_PROGRAM_H
#define EVO_BENCH_PROGRAM_H

#include <evompi/base.h>

/// One way to measure.
struct evo_bench_program {
    bool binary;
    const char *adapter_folder; ///< of evompi_program.py: its child is Python; NULL: it is C
    size_t n, n_parameters;     ///< of a batch
    size_t rounds;              ///< 1 or more
};

/// Microseconds a candidate: wall from batch to results, and of these the time that this process
/// had a core; the rest is the child's, whose fitness is the sum of the parameters, and waiting.
struct evo_bench_program_cost {
    double wall_us, least_wall_us, own_us; ///< medians over the rounds; the least
};

/// Measures. Before MPI: it forks.
enum evo_status evo_bench_program_measure(const struct evo_bench_program *what,
                                          struct evo_bench_program_cost *cost);

#endif
