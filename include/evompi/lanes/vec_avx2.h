/* SPDX-License-Identifier: MIT */
/* Vectors of 4 doubles or 8 floats: AVX2 and FMA. */
#ifndef EVO_VEC_H
#define EVO_VEC_H

#include <immintrin.h>

#ifdef EVO_SINGLE
#define OP(name) _mm256_##name##_ps
enum { VEC_LANES = 8, VEC_SHORT_STEP = 4, VEC_LONG_STEP = 2 };
typedef float real;
typedef __m256 vec;
#else
#define OP(name) _mm256_##name##_pd
enum { VEC_LANES = 4, VEC_SHORT_STEP = 4, VEC_LONG_STEP = 2 };
typedef double real;
typedef __m256d vec;
#endif

#include <evompi/lanes/x86.h>

static inline vec vec_abs(vec a) { return OP(andnot)(OP(set1)((real)-0.0), a); }

typedef vec vec_mask;
static inline vec_mask vec_negative(vec a) { return OP(cmp)(a, vec_all(0), _CMP_LT_OQ); }
static inline vec vec_zero_where(vec_mask m, vec a) { return OP(andnot)(m, a); }

static inline vec vec_mul_unless_le(vec a, vec b, vec factor)
{
    return OP(blendv)(OP(mul)(a, factor), a, OP(cmp)(a, b, _CMP_LE_OQ));
}

/* a * b + c and c - a * b, rounded once. */
static inline vec vec_fma(vec a, vec b, vec c) { return OP(fmadd)(a, b, c); }
static inline vec vec_fnma(vec a, vec b, vec c) { return OP(fnmadd)(a, b, c); }

static inline vec_mask vec_le(vec a, vec b) { return OP(cmp)(a, b, _CMP_LE_OQ); }
static inline vec_mask vec_both(vec_mask a, vec_mask b) { return OP(and)(a, b); }
static inline vec vec_select(vec_mask m, vec a, vec b) { return OP(blendv)(b, a, m); }

/* ---- for <evompi/lanes.h>: masks are what `a < b` gives, all bits of a lane 1 or 0. ---- */

typedef __typeof__((vec){0} < (vec){0}) vec_bool;
static inline vec evo_lanes_blend(vec_bool m, vec a, vec b) { return OP(blendv)(b, a, (vec)m); }
static inline int evo_lanes_any(vec_bool m) { return !_mm256_testz_si256((__m256i)m, (__m256i)m); }

#endif
