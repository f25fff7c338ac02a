/* SPDX-License-Identifier: MIT */
/* Instruction sets: those that are built in, which one is used, and arithmetic in two precisions. */
#ifndef EVOMPI_ISA_H
#define EVOMPI_ISA_H

#include <evompi/base.h>
#include <evompi/choice.h>

#include <math.h>

/* The instruction sets that are built in, lowest first: EVO_ISAS(X) is X(name, whether this machine has
 * it) for each. Whoever has a text that is compiled for all of them makes the table of its kernels by it,
 * so that `i` of struct evo_isa is the row. The build defines EVO_HAVE_NAME. */
#ifdef EVO_HAVE_sse2
#define EVO_ISA_SSE2(X) X(sse2, __builtin_cpu_supports("sse2"))
#else
#define EVO_ISA_SSE2(X)
#endif
#ifdef EVO_HAVE_avx2
#define EVO_ISA_AVX2(X) X(avx2, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#else
#define EVO_ISA_AVX2(X)
#endif
#ifdef EVO_HAVE_avx512
#define EVO_ISA_AVX512(X) X(avx512, __builtin_cpu_supports("avx512f"))
#else
#define EVO_ISA_AVX512(X)
#endif
#ifdef EVO_HAVE_neon
#define EVO_ISA_NEON(X) X(neon, true) /* part of every 64-bit Arm */
#else
#define EVO_ISA_NEON(X)
#endif
#define EVO_ISAS(X) X(plain, true) EVO_ISA_SSE2(X) EVO_ISA_AVX2(X) EVO_ISA_AVX512(X) EVO_ISA_NEON(X)

/// task.precision
enum evo_precision { EVO_PRECISIONS(EVO_CHOICE_NAME) EVO_N_PRECISIONS };

/// The result of one operation (+, -, *, /, sqrt) on numbers of a precision, given as computed in
/// double. For single this equals the operation done in single: 53 bits are more than twice 24
/// and two, so that rounding twice is rounding once [Figueroa 1995].
static inline double evo_precision_round(enum evo_precision precision, double x)
{
    return precision == EVO_PRECISION_SINGLE ? (double)(float)x : x;
}

/// a * b + c rounded once to the precision.
static inline double evo_precision_fma(enum evo_precision precision, double a, double b, double c)
{
    return precision == EVO_PRECISION_SINGLE ? (double)fmaf((float)a, (float)b, (float)c)
                                             : fma(a, b, c);
}

/// Loops of independent vector operations, `operations` a round, for measuring a core.
struct evo_ports {
    size_t lanes, operations;
    double (*add)(uint64_t rounds);      ///< sums
    double (*multiply)(uint64_t rounds); ///< products
    double (*mix)(uint64_t rounds);      ///< 5 add, 5 multiply, 2 take minimum and maximum
};

/// One instruction set that is built in.
struct evo_isa {
    const char *name; ///< "plain", "sse2", ...
    size_t i;         ///< its place in EVO_ISAS
    const struct evo_ports *ports[EVO_N_PRECISIONS];
};

/// The best set that is built in, that this machine has, and that is not above `limit`: "auto" or the
/// name of a set. The environment's EVOMPI_ISA limits it further. EVO_ERR_CONFIG where either names no
/// set, or a set that this machine lacks.
enum evo_status evo_isa_select(const char *limit, const struct evo_isa **out);

/// All sets built in, lowest first; *n of them. `runs` says which this machine has.
const struct evo_isa *const *evo_isa_all(size_t *n);
bool evo_isa_runs(const struct evo_isa *isa);

#endif
