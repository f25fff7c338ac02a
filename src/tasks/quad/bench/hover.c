/* SPDX-License-Identifier: MIT */
/* The hover task in evompi-bench: every kernel against scalar C that has the same fused multiply-adds inline. */
#include <bench/bench.h>

#include <evompi/task.h>

#include "../hover.h"

#include <string.h>

/* The plain text of the kernels, compiled with the machine's own fma. Plain C as it is built for the
 * job may call a function for it, and a ratio to that would say little. */
extern const struct evo_hover_kernels evo_bench_hover_scalar_double, evo_bench_hover_scalar_single;

enum { N_CREATURES = 512, MOST_GENOME = 16 * 33 };

/* What is flown: hover's own flights of 3 s, of small random controllers. */
static const struct {
    const char *name, *keys;
} kinds[] = {
    {"semi-implicit, 0 states", "states = 0"},
    {"semi-implicit, 4 states", "states = 4"},
    {"rk4, 0 states", "states = 0\nintegrator = rk4"},
    {"semi-implicit, 8 states", "states = 8"},
    {"semi-implicit, 8 hidden", "hidden = 8"},
};
enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

static volatile double sink;

static double measure_rate(const struct evo_hover_kernels *kernels, const struct evo_hover_task *task,
                           const double *genomes, const struct evo_bench *bench)
{
    static double sums[N_CREATURES];
    struct evo_shape shape = task->head.shape;
    bool listed = shape.n_hidden == 0 && shape.n_states < EVO_HOVER_UNROLLED;
    evo_hover_kernel *kernel = listed ? kernels->fly[shape.n_states] : kernels->any;
    struct evo_hover_flight flight;
    size_t n = bench->quick ? kernels->batch : kernels->batch < 32 ? 32 : N_CREATURES;
    double steps = 0.0, began = evo_bench_core_s(), seconds = 0.0;
    evo_hover_draw_flight(task, evo_cases_of(1), 0, &flight);
    while (seconds < bench->slice_s) {
        kernel(&task->setting, &flight, n, genomes, sums);
        steps += (double)n * (double)flight.n_steps;
        seconds = evo_bench_core_s() - began;
    }
    sink = sums[0];
    return steps / seconds;
}

/* One kernel, under the name of its set. */
static enum evo_status measure_kernels(struct evo_bench *bench, const char *name, int precision, size_t kind,
                                       const struct evo_hover_kernels *kernels,
                                       const struct evo_hover_task *hover, const double *genomes)
{
    double rate = measure_rate(kernels, hover, genomes, bench);
    return evo_bench_add(bench, "hover", "steps/s", rate, "%s, %s, %s", name, evo_bench_precisions[precision],
                         kinds[kind].name);
}

/* Scalar C, then every set but plain, in both precisions. Plain itself only where this machine has no fma
 * to make scalar C of, or where there is no other set. */
static enum evo_status measure_kind(struct evo_bench *bench, size_t kind, const double *genomes)
{
    enum evo_status status = EVO_OK;
    const struct evo_hover_kernels *const scalar[] = {&evo_bench_hover_scalar_double,
                                                      &evo_bench_hover_scalar_single};
    struct evo_task *task = NULL;
    char keys[256];
    snprintf(keys, sizeof keys, "[task]\nname = hover\n[hover]\n%s\n", kinds[kind].keys);
    EVO_TRY(evo_bench_make_task(keys, &task));
    const struct evo_hover_task *hover = (const struct evo_hover_task *)task;
    for (int p = 0; p < EVO_N_PRECISIONS; p++) {
        if (evo_bench_has_scalar()) {
            EVO_GOTO(measure_kernels(bench, "scalar", p, kind, scalar[p], hover, genomes));
        }
        for (size_t i = 0; i < bench->n_isas; i++) {
            const struct evo_isa *isa = bench->isas[i];
            if (i == 0 && evo_bench_has_scalar() && bench->n_isas > 1) { continue; }
            EVO_GOTO(measure_kernels(bench, isa->name, p, kind, evo_hover_kernels(isa, (enum evo_precision)p),
                                     hover, genomes));
        }
    }
done:
    evo_task_destroy(task);
    return status;
}

/* The best set against scalar C, or against plain where there is none, and single against double. */
static enum evo_status make_ratios(struct evo_bench *bench, size_t kind)
{
    const char *best = evo_bench_best(bench)->name, *what = kinds[kind].name;
    const char *other = evo_bench_has_scalar() ? "scalar" : bench->isas[0]->name;
    char name[3][64];
    snprintf(name[0], sizeof name[0], "%s, double, %s", best, what);
    snprintf(name[1], sizeof name[1], "%s, double, %s", other, what);
    snprintf(name[2], sizeof name[2], "%s, single, %s", best, what);
    double rate = evo_bench_median(bench, "hover", name[0]);
    if (strcmp(best, other) != 0) {
        EVO_TRY(evo_bench_add(bench, "ratio", "x", rate / evo_bench_median(bench, "hover", name[1]),
                              "hover, %s against %s, %s", best, other, what));
    }
    return evo_bench_add(bench, "ratio", "x", evo_bench_median(bench, "hover", name[2]) / rate,
                         "hover, single against double, %s", what);
}

static enum evo_status measure(struct evo_bench *bench)
{
    static double genomes[N_CREATURES * MOST_GENOME];
    evo_bench_draw(genomes, sizeof genomes / sizeof genomes[0], 0.02);
    for (size_t kind = 0; kind < N_KINDS; kind++) { EVO_TRY(measure_kind(bench, kind, genomes)); }
    return EVO_OK;
}

static enum evo_status compare(struct evo_bench *bench)
{
    for (size_t kind = 0; kind < N_KINDS; kind++) { EVO_TRY(make_ratios(bench, kind)); }
    return EVO_OK;
}

static const char *const parts[] = {"hover", NULL};

extern const struct evo_bench_task evo_bench_hover;
const struct evo_bench_task evo_bench_hover = {
    .parts = parts,
    .counted = "",
    .measure = measure,
    .compare = compare,
};
