/* SPDX-License-Identifier: MIT */
/* Vectors of eight doubles: AVX-512F. */
#ifndef EVO_VEC_H
#define EVO_VEC_H

#include <immintrin.h>

enum { VEC_LANES = 8, VEC_FLIGHT = 4 };
typedef __m512d vec;
typedef __mmask8 vec_mask;

static inline vec vec_load(const double *p) { return _mm512_load_pd(p); }
static inline void vec_store(double *p, vec a) { _mm512_store_pd(p, a); }
static inline vec vec_all(double x) { return _mm512_set1_pd(x); }
static inline vec vec_add(vec a, vec b) { return _mm512_add_pd(a, b); }
static inline vec vec_sub(vec a, vec b) { return _mm512_sub_pd(a, b); }
static inline vec vec_mul(vec a, vec b) { return _mm512_mul_pd(a, b); }
static inline vec vec_div(vec a, vec b) { return _mm512_div_pd(a, b); }
static inline vec vec_abs(vec a) { return _mm512_abs_pd(a); }

/* max gives its second operand where one is NaN: 0. */
static inline vec vec_clip01(vec a)
{
    return _mm512_min_pd(_mm512_max_pd(a, _mm512_setzero_pd()), _mm512_set1_pd(1.0));
}

static inline vec_mask vec_negative(vec a)
{
    return _mm512_cmp_pd_mask(a, _mm512_setzero_pd(), _CMP_LT_OQ);
}
static inline vec vec_zero_where(vec_mask m, vec a)
{
    return _mm512_mask_mov_pd(a, m, _mm512_setzero_pd());
}

static inline vec vec_mul_unless_le(vec a, vec b, vec factor)
{
    return _mm512_mask_mul_pd(a, _mm512_cmp_pd_mask(a, b, _CMP_NLE_UQ), a, factor);
}

#endif
