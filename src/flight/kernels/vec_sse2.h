/* SPDX-License-Identifier: MIT */
/* Vectors of two doubles: SSE2, which every 64-bit x86 has. */
#ifndef EVO_VEC_H
#define EVO_VEC_H

#include <emmintrin.h>

enum { VEC_LANES = 2, VEC_FLIGHT = 4 };
typedef __m128d vec;
typedef __m128d vec_mask;

static inline vec vec_load(const double *p) { return _mm_load_pd(p); }
static inline void vec_store(double *p, vec a) { _mm_store_pd(p, a); }
static inline vec vec_all(double x) { return _mm_set1_pd(x); }
static inline vec vec_add(vec a, vec b) { return _mm_add_pd(a, b); }
static inline vec vec_sub(vec a, vec b) { return _mm_sub_pd(a, b); }
static inline vec vec_mul(vec a, vec b) { return _mm_mul_pd(a, b); }
static inline vec vec_div(vec a, vec b) { return _mm_div_pd(a, b); }
static inline vec vec_abs(vec a) { return _mm_andnot_pd(_mm_set1_pd(-0.0), a); }

/* max gives its second operand where one is NaN: 0. */
static inline vec vec_clip01(vec a)
{
    return _mm_min_pd(_mm_max_pd(a, _mm_setzero_pd()), _mm_set1_pd(1.0));
}

static inline vec_mask vec_negative(vec a) { return _mm_cmplt_pd(a, _mm_setzero_pd()); }
static inline vec vec_zero_where(vec_mask m, vec a) { return _mm_andnot_pd(m, a); }

static inline vec vec_mul_unless_le(vec a, vec b, vec factor)
{
    vec_mask le = _mm_cmple_pd(a, b);
    return _mm_or_pd(_mm_and_pd(le, a), _mm_andnot_pd(le, _mm_mul_pd(a, factor)));
}

#endif
