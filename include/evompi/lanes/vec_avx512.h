/* SPDX-License-Identifier: MIT */
/* Vectors of 8 doubles or 16 floats: AVX-512F. */
#ifndef EVO_VEC_H
#define EVO_VEC_H

#include <immintrin.h>

#ifdef EVO_SINGLE
#define OP(name) _mm512_##name##_ps
enum { VEC_LANES = 16, VEC_SHORT_STEP = 4, VEC_LONG_STEP = 1 };
typedef float real;
typedef __m512 vec;
#else
#define OP(name) _mm512_##name##_pd
enum { VEC_LANES = 8, VEC_SHORT_STEP = 4, VEC_LONG_STEP = 1 };
typedef double real;
typedef __m512d vec;
#endif

#include <evompi/lanes/x86.h>

static inline vec vec_abs(vec a) { return OP(abs)(a); }

/* A mask has a bit for each lane: 8 or 16. */
#ifdef EVO_SINGLE
typedef __mmask16 vec_mask;
static inline vec_mask vec_compare_lt(vec a, vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
static inline vec_mask vec_compare_nle(vec a, vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_NLE_UQ); }
#else
typedef __mmask8 vec_mask;
static inline vec_mask vec_compare_lt(vec a, vec b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
static inline vec_mask vec_compare_nle(vec a, vec b) { return _mm512_cmp_pd_mask(a, b, _CMP_NLE_UQ); }
#endif

static inline vec_mask vec_negative(vec a) { return vec_compare_lt(a, vec_all(0)); }
static inline vec vec_zero_where(vec_mask m, vec a) { return OP(mask_mov)(a, m, vec_all(0)); }

static inline vec vec_mul_unless_le(vec a, vec b, vec factor)
{
    return OP(mask_mul)(a, vec_compare_nle(a, b), a, factor);
}

/* a * b + c and c - a * b, rounded once. */
static inline vec vec_fma(vec a, vec b, vec c) { return OP(fmadd)(a, b, c); }
static inline vec vec_fnma(vec a, vec b, vec c) { return OP(fnmadd)(a, b, c); }

#ifdef EVO_SINGLE
static inline vec_mask vec_le(vec a, vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
#else
static inline vec_mask vec_le(vec a, vec b) { return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ); }
#endif
static inline vec_mask vec_both(vec_mask a, vec_mask b) { return (vec_mask)(a & b); }
static inline vec vec_select(vec_mask m, vec a, vec b) { return OP(mask_mov)(b, m, a); }

/* ---- for <evompi/lanes.h>: masks are what `a < b` gives, all bits of a lane 1 or 0. ---- */

typedef __typeof__((vec){0} < (vec){0}) vec_bool;
#ifdef EVO_SINGLE
static inline vec_mask evo_lanes_mask(vec_bool m)
{
    return _mm512_test_epi32_mask((__m512i)m, (__m512i)m);
}
#else
static inline vec_mask evo_lanes_mask(vec_bool m)
{
    return _mm512_test_epi64_mask((__m512i)m, (__m512i)m);
}
#endif
static inline vec evo_lanes_blend(vec_bool m, vec a, vec b)
{
    return OP(mask_mov)(b, evo_lanes_mask(m), a);
}

static inline int evo_lanes_any(vec_bool m) { return evo_lanes_mask(m) != 0; }

#endif
