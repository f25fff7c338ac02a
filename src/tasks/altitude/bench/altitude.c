/* SPDX-License-Identifier: MIT */
/* The altitude task in evompi-bench: its kernels, their bound by the core's ports, Python, and its jobs. */
#include <bench/bench.h>

#include <evompi/task.h>

#include "../altitude_kernel.h"

#include <string.h>

enum { N_CREATURES = 2048, MOST_GENOME = EVO_ALTITUDE_UNROLLED * (EVO_ALTITUDE_UNROLLED + 2) };

/* What a step in the air takes in vector operations, counted in the kernel's text: in each of
 * s + 1 rows s + 1 products and s + 2 sums; then products: square, force, two by dt, overshoot;
 * sums: gravity, speed, height, distance, fitness; two limits, a comparison, a sign taken off. The
 * bound: the ports for sums, or those for products, never rest. `mixed` is no bound but what this
 * core does with as many operations of each kind, none waiting for another: which port an operation
 * goes to is decided before it is known to be free. */
static double bound_cycles(const double rate[EVO_BENCH_N_MIXTURES], int s, double *mixed)
{
    double adds = (s + 1) * (s + 2) + 5, multiplies = (s + 1) * (s + 1) + 5;
    double by_sums = adds / rate[EVO_BENCH_SUMS], by_products = multiplies / rate[EVO_BENCH_PRODUCTS];
    *mixed = (adds + multiplies + 4) / rate[EVO_BENCH_MIXED];
    return by_sums > by_products ? by_sums : by_products;
}

static enum evo_status make_task(const char *isa, const char *precision, int n_states,
                                 struct evo_task **task)
{
    char keys[256];
    snprintf(keys, sizeof keys,
             "[task]\nname = altitude\nstep = %s\nprecision = %s\n[farm]\nisa = %s\n[altitude]\nstates = %d\n",
             isa != NULL ? "unrolled" : "plain", precision, isa != NULL ? isa : "auto", n_states);
    return evo_bench_make_task(keys, task);
}

/* One kernel in one round; also cycles, by the clock measured just before. */
static enum evo_status measure_step(struct evo_bench *bench, const struct evo_isa *isa,
                                    int precision, int n_states, const double *genomes)
{
    static double fitness[N_CREATURES];
    struct evo_task *task = NULL;
    const char *name = isa != NULL ? isa->name : "step by step";
    EVO_TRY(make_task(isa != NULL ? isa->name : NULL, evo_bench_precisions[precision], n_states, &task));
    size_t batch = isa == NULL ? 16 : bench->quick ? evo_task_batch(task) : N_CREATURES;
    double steps = 0.0, per_batch = (double)batch * (double)evo_task_steps(task, evo_cases_of(1));
    double hertz = evo_bench_clock(0.1 * bench->slice_s), began = evo_bench_core_s(), seconds = 0.0;
    while (seconds < bench->slice_s) {
        evo_task_fly(task, evo_cases_of(1), batch, genomes, fitness);
        steps += per_batch;
        seconds = evo_bench_core_s() - began;
    }
    evo_task_destroy(task);
    EVO_TRY(evo_bench_add(bench, "step", "steps/s", steps / seconds, "%s, %s, %d states", name,
                          evo_bench_precisions[precision], n_states));
    return evo_bench_add(bench, "cycles", "cycles/step", hertz * seconds / steps,
                         "%s, %s, %d states", name, evo_bench_precisions[precision], n_states);
}

/* What follows for a step from what the core does in a cycle of one instruction set. */
static enum evo_status add_bounds(struct evo_bench *bench, size_t i, int precision)
{
    const struct evo_isa *isa = bench->isas[i];
    for (int s = 0; s < EVO_ALTITUDE_UNROLLED; s++) {
        double mixed = 0.0, lanes = (double)isa->ports[precision]->lanes;
        double bound = bound_cycles(bench->core[i][precision], s, &mixed);
        EVO_TRY(evo_bench_add(bench, "cycles", "cycles/step", bound / lanes,
                              "bound of %s, %s, %d states", isa->name, evo_bench_precisions[precision], s));
        EVO_TRY(evo_bench_add(bench, "cycles", "cycles/step", mixed / lanes,
                              "unhindered %s, %s, %d states", isa->name, evo_bench_precisions[precision], s));
    }
    return EVO_OK;
}

static enum evo_status measure(struct evo_bench *bench)
{
    static double genomes[N_CREATURES * MOST_GENOME];
    evo_bench_draw(genomes, sizeof genomes / sizeof genomes[0], 1.0);
    for (int precision = 0; precision < EVO_N_PRECISIONS; precision++) {
        EVO_TRY(measure_step(bench, NULL, precision, 1, genomes));
        for (size_t i = 0; i < bench->n_isas; i++) {
            for (int s = 0; s < EVO_ALTITUDE_UNROLLED; s++) {
                EVO_TRY(measure_step(bench, bench->isas[i], precision, s, genomes));
            }
            if (i > 0) { EVO_TRY(add_bounds(bench, i, precision)); }
        }
    }
    return EVO_OK;
}

/* The best kernel of one state variable in double precision against another result, where there is one. */
static enum evo_status make_ratio(struct evo_bench *bench, const char *part, const char *other)
{
    char best[64];
    snprintf(best, sizeof best, "%s, double, 1 states", evo_bench_best(bench)->name);
    double rate = evo_bench_median(bench, "step", best), slower = evo_bench_median(bench, part, other);
    if (strcmp(best, other) == 0 || !(slower > 0.0)) { return EVO_OK; }
    return evo_bench_add(bench, "ratio", "x", rate / slower, "%s against %s", evo_bench_best(bench)->name,
                         other);
}

/* The best kernel against Python, the step by step and every lower set; single against double. */
static enum evo_status compare(struct evo_bench *bench)
{
    static const char *const slower[][2] = {{"python", "PyPy, unrolled"},
                                            {"python", "CPython, unrolled"},
                                            {"python", "CPython with numpy"},
                                            {"step", "step by step, double, 1 states"}};
    char name[2][64];
    for (size_t i = 0; i < sizeof slower / sizeof slower[0]; i++) {
        EVO_TRY(make_ratio(bench, slower[i][0], slower[i][1]));
    }
    for (size_t i = 0; i < bench->n_isas; i++) {
        snprintf(name[0], sizeof name[0], "%s, double, 1 states", bench->isas[i]->name);
        EVO_TRY(make_ratio(bench, "step", name[0]));
    }
    const char *best = evo_bench_best(bench)->name;
    snprintf(name[0], sizeof name[0], "%s, double, 1 states", best);
    snprintf(name[1], sizeof name[1], "%s, single, 1 states", best);
    double ratio = evo_bench_median(bench, "step", name[1]) / evo_bench_median(bench, "step", name[0]);
    return evo_bench_add(bench, "ratio", "x", ratio, "%s, single against double", best);
}

/* The original's five flights, and the same list a hundred times. */
#define FIVE        "3:5:2, 5:3:2, 100:102:2, 302:300:2, 50:60:4"
#define TIMES_3(x)  x x x
#define TIMES_11(x) x x x x x x x x x x x
#define FLIGHTS     "[task]\nname = altitude\n[altitude]\nflights = "

static const struct evo_bench_job jobs[] = {
    {"5 flights", FLIGHTS FIVE "\n", 40},
    {"500 flights", FLIGHTS FIVE TIMES_3(TIMES_3(TIMES_11(",\n  " FIVE))) "\n", 5},
};

static const char *const parts[] = {"step", "cycles", "python", NULL};

extern const struct evo_bench_task evo_bench_altitude;
const struct evo_bench_task evo_bench_altitude = {
    .parts = parts,
    .counted = "  bound            sums, or products, of one step in the air, counted in the kernel's text,\n"
               "                   over what this core does of independent ones in a cycle, measured\n"
               "  unhindered       all vector operations of that step, over what this core does in a cycle of\n"
               "                   such a mixture when none waits for another, measured\n",
    .measure = measure,
    .compare = compare,
    .python_script = EVO_BENCH_TASKS "/altitude/bench/altitude.py",
    .python_part = "python",
    .jobs = jobs,
    .n_jobs = sizeof jobs / sizeof jobs[0],
    .brief = FLIGHTS "3:5:0.5\nstates = 1\n",
};
