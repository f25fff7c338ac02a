/* SPDX-License-Identifier: MIT */
/* The core itself: its clock, and how many vectors it adds and multiplies in a cycle. */
#include "bench.h"

/* Keeps what loops compute from being left out. */
static volatile double sink;

/* Additions that each wait for the one before take one cycle each. */
double evo_bench_clock(double slice_s)
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

/* One instruction set and precision: operations in a cycle. */
static enum evo_status measure_set(struct evo_bench *bench, size_t i, int precision)
{
    static const char *const what[EVO_BENCH_N_MIXTURES] = {
        [EVO_BENCH_SUMS] = "sums", [EVO_BENCH_PRODUCTS] = "products", [EVO_BENCH_MIXED] = "as mixed in a step"};
    const struct evo_ports *ports = bench->isas[i]->ports[precision];
    double (*const loops[EVO_BENCH_N_MIXTURES])(uint64_t) = {
        [EVO_BENCH_SUMS] = ports->add, [EVO_BENCH_PRODUCTS] = ports->multiply, [EVO_BENCH_MIXED] = ports->mix};
    for (int k = 0; k < EVO_BENCH_N_MIXTURES; k++) {
        double hertz = evo_bench_clock(0.1 * bench->slice_s);
        double rate = measure_ports(loops[k], ports->operations, 0.2 * bench->slice_s) / hertz;
        bench->core[i][precision][k] = rate;
        EVO_TRY(evo_bench_add(bench, "core", "vectors/cycle", rate, "%s, %s, %s", bench->isas[i]->name,
                              evo_bench_precisions[precision], what[k]));
    }
    return EVO_OK;
}

enum evo_status evo_bench_core(struct evo_bench *bench)
{
    EVO_TRY(evo_bench_add(bench, "core", "Hz", evo_bench_clock(bench->slice_s), "clock"));
    for (int precision = 0; precision < EVO_N_PRECISIONS; precision++) {
        /* A compiler sees through plain C's loops: only vectors are held against ports. */
        for (size_t i = 1; i < bench->n_isas; i++) { EVO_TRY(measure_set(bench, i, precision)); }
    }
    return EVO_OK;
}
