/* SPDX-License-Identifier: MIT */
/* What the parts of evompi-bench share: the results, and how long to measure. */
#ifndef EVO_BENCH_H
#define EVO_BENCH_H

#include <evompi/run.h>

/// One measured thing: the values of all rounds, sorted by evo_bench_close.
struct evo_bench_result {
    const char *part;
    char name[64];
    const char *unit;
    double *values; ///< [n]
    size_t n;
};

struct evo_bench {
    struct evo_bench_result *results; ///< [n]
    size_t n;
    bool quick;
    size_t rounds;
    double slice_s; ///< how long one measurement lasts
    const long *populations; ///< [n_populations], ascending
    size_t n_populations;
    const char *python_script;
    char *folder; ///< where the programs are
};

/// Adds one round's value to the result `name` of `part`; `part` and `unit` are borrowed.
enum evo_status evo_bench_add(struct evo_bench *bench, const char *part, const char *unit,
                              double value, const char *name, ...)
    __attribute__((format(printf, 5, 6)));
/// The median of a result; NaN where there is none.
double evo_bench_median(const struct evo_bench *bench, const char *part, const char *name);

/// Seconds that this process had a core: what else runs here takes nothing from the count.
double evo_bench_core_s(void);

void evo_bench_print(struct evo_bench *bench, bool json);
void evo_bench_fini(struct evo_bench *bench);

/// Steps of every kernel, the core's clock and what its ports do, and Python, in rounds.
enum evo_status evo_bench_steps(struct evo_bench *bench);
/// The same in six degrees of freedom, against scalar C with fma inline.
enum evo_status evo_bench_hover(struct evo_bench *bench);
/// Rank 0's own work and the writer's, in this process, for every population, in rounds.
enum evo_status evo_bench_serial(struct evo_bench *bench);
/// Whole generations under mpirun: taken apart, with and without checkpoints, on 1 .. n ranks.
enum evo_status evo_bench_jobs(struct evo_bench *bench);

#endif
