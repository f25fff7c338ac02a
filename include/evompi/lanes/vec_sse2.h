/* SPDX-License-Identifier: MIT */
/* Vectors of 2 doubles or 4 floats: SSE2, which every 64-bit x86 has. */
#ifndef EVO_VEC_H
#define EVO_VEC_H

#include <emmintrin.h>
#include <math.h>

#ifdef EVO_SINGLE
#define OP(name) _mm_##name##_ps
enum { VEC_LANES = 4, VEC_SHORT_STEP = 4, VEC_LONG_STEP = 1 };
typedef float real;
typedef __m128 vec;
#else
#define OP(name) _mm_##name##_pd
enum { VEC_LANES = 2, VEC_SHORT_STEP = 4, VEC_LONG_STEP = 1 };
typedef double real;
typedef __m128d vec;
#endif

#include <evompi/lanes/x86.h>

static inline vec vec_abs(vec a) { return OP(andnot)(OP(set1)((real)-0.0), a); }

typedef vec vec_mask;
static inline vec_mask vec_negative(vec a) { return OP(cmplt)(a, vec_all(0)); }
static inline vec vec_zero_where(vec_mask m, vec a) { return OP(andnot)(m, a); }

static inline vec vec_mul_unless_le(vec a, vec b, vec factor)
{
    vec_mask le = OP(cmple)(a, b);
    return OP(or)(OP(and)(le, a), OP(andnot)(le, OP(mul)(a, factor)));
}

/* a * b + c and c - a * b, rounded once: SSE2 has no such instruction, so the C library does it. */
#ifdef EVO_SINGLE
#define FMA fmaf
#else
#define FMA fma
#endif
static inline vec vec_fma(vec a, vec b, vec c)
{
    real x[VEC_LANES] __attribute__((aligned(16))), y[VEC_LANES] __attribute__((aligned(16))),
        z[VEC_LANES] __attribute__((aligned(16)));
    vec_store(x, a);
    vec_store(y, b);
    vec_store(z, c);
    for (int i = 0; i < VEC_LANES; i++) { z[i] = FMA(x[i], y[i], z[i]); }
    return vec_load(z);
}

static inline vec vec_fnma(vec a, vec b, vec c)
{
    return vec_fma(OP(xor)(a, OP(set1)((real)-0.0)), b, c);
}


static inline vec_mask vec_le(vec a, vec b) { return OP(cmple)(a, b); }
static inline vec_mask vec_both(vec_mask a, vec_mask b) { return OP(and)(a, b); }
static inline vec vec_select(vec_mask m, vec a, vec b)
{
    return OP(or)(OP(and)(m, a), OP(andnot)(m, b));
}

/* ---- for <evompi/lanes.h>: masks are what `a < b` gives, all bits of a lane 1 or 0. ---- */

typedef __typeof__((vec){0} < (vec){0}) vec_bool;
static inline vec evo_lanes_blend(vec_bool m, vec a, vec b)
{
    return OP(or)(OP(and)((vec)m, a), OP(andnot)((vec)m, b));
}

static inline int evo_lanes_any(vec_bool m) { return _mm_movemask_epi8((__m128i)m) != 0; }

#endif
