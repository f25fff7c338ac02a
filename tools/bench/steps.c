/* SPDX-License-Identifier: MIT */
/* Steps per second of one core: every kernel, its bound by the core's ports, and Python. */
#include "bench.h"

#include "../../src/tasks/altitude/altitude_kernel.h"

#include <stdlib.h>
#include <string.h>

enum { N_CREATURES = 2048, MOST_GENOME = EVO_ALTITUDE_UNROLLED * (EVO_ALTITUDE_UNROLLED + 2) };

static const char *const precisions[EVO_N_PRECISIONS] = {"double", "single"};

/* Keeps what loops compute from being left out. */
static volatile double sink;

/* The core's clock in Hz: additions that each wait for the one before take one cycle each. */
static double measure_clock(double slice_s)
{
    uint64_t x = 0, n = 0;
    double began = evo_bench_core_s(), seconds = 0.0;
    while (seconds < slice_s) {
        for (int i = 0; i < 10000; i++) {
            _Pragma("GCC unroll 16") for (int k = 0; k < 16; k++) {
                x += 3;
                __asm__ volatile("" : "+r"(x));
            }
        }
        n += 160000;
        seconds = evo_bench_core_s() - began;
    }
    sink = (double)x;
    return (double)n / seconds;
}

static double measure_ports(double (*loop)(uint64_t), size_t operations, double slice_s)
{
    uint64_t n = 0;
    double began = evo_bench_core_s(), seconds = 0.0;
    while (seconds < slice_s) {
        sink = loop(20000);
        n += 20000;
        seconds = evo_bench_core_s() - began;
    }
    return (double)n * (double)operations / seconds;
}

/* What a step in the air takes in vector operations, counted in the kernel's text: in each of
 * s + 1 rows s + 1 products and s + 2 sums; then products: square, force, two by dt, overshoot;
 * sums: gravity, speed, height, distance, fitness; two limits, a comparison, a sign taken off. The
 * bound: the ports for sums, or those for products, never rest. `mixed` is no bound but what this
 * core does with as many operations of each kind, none waiting for another: which port an operation
 * goes to is decided before it is known to be free. */
static double bound_cycles(const double rate[3], int s, double *mixed)
{
    double adds = (s + 1) * (s + 2) + 5, multiplies = (s + 1) * (s + 1) + 5;
    double by_sums = adds / rate[0], by_products = multiplies / rate[1];
    *mixed = (adds + multiplies + 4) / rate[2];
    return by_sums > by_products ? by_sums : by_products;
}

static enum evo_status make_task(const char *isa, const char *precision, int n_states,
                                 struct evo_task **task)
{
    char text[256];
    struct evo_config *config = NULL;
    snprintf(text, sizeof text,
             "[task]\nstep = %s\nprecision = %s\n[farm]\nisa = %s\n[altitude]\nstates = %d\n",
             isa != NULL ? "unrolled" : "plain", precision, isa != NULL ? isa : "auto", n_states);
    EVO_TRY(evo_config_parse("evompi-bench", text, strlen(text), false, NULL, 0, evo_run_scope(), &config));
    enum evo_status status = evo_task_create(config, task);
    evo_config_destroy(config);
    return status;
}

/* One kernel in one round; also cycles, by the clock measured just before. */
static enum evo_status measure_step(struct evo_bench *bench, const struct evo_isa *isa,
                                    int precision, int n_states, const double *genomes)
{
    static double fitness[N_CREATURES];
    struct evo_task *task = NULL;
    const char *name = isa != NULL ? isa->name : "step by step";
    EVO_TRY(make_task(isa != NULL ? isa->name : NULL, precisions[precision], n_states, &task));
    size_t batch = isa == NULL ? 16 : bench->quick ? evo_task_batch(task) : N_CREATURES;
    double steps = 0.0, per_batch = (double)batch * (double)evo_task_steps(task, evo_cases_of(1));
    double hertz = measure_clock(0.1 * bench->slice_s), began = evo_bench_core_s(), seconds = 0.0;
    while (seconds < bench->slice_s) {
        evo_task_fly(task, evo_cases_of(1), batch, genomes, fitness);
        steps += per_batch;
        seconds = evo_bench_core_s() - began;
    }
    evo_task_destroy(task);
    EVO_TRY(evo_bench_add(bench, "step", "steps/s", steps / seconds, "%s, %s, %d states", name,
                          precisions[precision], n_states));
    return evo_bench_add(bench, "cycles", "cycles/step", hertz * seconds / steps,
                         "%s, %s, %d states", name, precisions[precision], n_states);
}

/* The core with one instruction set: operations in a cycle, and what follows for a step. */
static enum evo_status measure_core(struct evo_bench *bench, const struct evo_isa *isa,
                                    int precision)
{
    const struct evo_ports *ports = isa->ports[precision];
    double (*const loops[3])(uint64_t) = {ports->add, ports->multiply, ports->mix};
    static const char *const what[3] = {"sums", "products", "as mixed in a step"};
    double rate[3];
    for (int i = 0; i < 3; i++) {
        double hertz = measure_clock(0.1 * bench->slice_s);
        rate[i] = measure_ports(loops[i], ports->operations, 0.2 * bench->slice_s) / hertz;
        EVO_TRY(evo_bench_add(bench, "core", "vectors/cycle", rate[i], "%s, %s, %s", isa->name,
                              precisions[precision], what[i]));
    }
    for (int s = 0; s < EVO_ALTITUDE_UNROLLED; s++) {
        double mixed = 0.0, lanes = (double)ports->lanes, bound = bound_cycles(rate, s, &mixed);
        EVO_TRY(evo_bench_add(bench, "cycles", "cycles/step", bound / lanes,
                              "bound of %s, %s, %d states", isa->name, precisions[precision], s));
        EVO_TRY(evo_bench_add(bench, "cycles", "cycles/step", mixed / lanes,
                              "unhindered %s, %s, %d states", isa->name, precisions[precision], s));
    }
    return EVO_OK;
}

static enum evo_status measure_round(struct evo_bench *bench, const double *genomes)
{
    EVO_TRY(evo_bench_add(bench, "core", "Hz", measure_clock(bench->slice_s), "clock"));
    for (int precision = 0; precision < EVO_N_PRECISIONS; precision++) {
        EVO_TRY(measure_step(bench, NULL, precision, 1, genomes));
        for (size_t i = 0; i < bench->n_isas; i++) {
            for (int s = 0; s < EVO_ALTITUDE_UNROLLED; s++) {
                EVO_TRY(measure_step(bench, bench->isas[i], precision, s, genomes));
            }
            /* A compiler sees through plain C's loops: only vectors are held against ports. */
            if (i > 0) { EVO_TRY(measure_core(bench, bench->isas[i], precision)); }
        }
    }
    return evo_bench_python(bench);
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
static enum evo_status make_ratios(struct evo_bench *bench)
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

enum evo_status evo_bench_steps(struct evo_bench *bench)
{
    static double genomes[N_CREATURES * MOST_GENOME];
    uint64_t x = 1;
    for (size_t i = 0; i < N_CREATURES * MOST_GENOME; i++) {
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
        genomes[i] = (double)(x >> 11) * 0x1p-53 - 0.5;
    }
    for (size_t i = 0; i < bench->rounds; i++) { EVO_TRY(measure_round(bench, genomes)); }
    return make_ratios(bench);
}
