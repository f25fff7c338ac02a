/* SPDX-License-Identifier: MIT */
/* Vectors of four doubles: AVX2. */
#ifndef EVO_VEC_H
#define EVO_VEC_H

#include <immintrin.h>

enum { VEC_LANES = 4, VEC_FLIGHT = 4 };
typedef __m256d vec;
typedef __m256d vec_mask;

static inline vec vec_load(const double *p) { return _mm256_load_pd(p); }
static inline void vec_store(double *p, vec a) { _mm256_store_pd(p, a); }
static inline vec vec_all(double x) { return _mm256_set1_pd(x); }
static inline vec vec_add(vec a, vec b) { return _mm256_add_pd(a, b); }
static inline vec vec_sub(vec a, vec b) { return _mm256_sub_pd(a, b); }
static inline vec vec_mul(vec a, vec b) { return _mm256_mul_pd(a, b); }
static inline vec vec_div(vec a, vec b) { return _mm256_div_pd(a, b); }
static inline vec vec_abs(vec a) { return _mm256_andnot_pd(_mm256_set1_pd(-0.0), a); }

/* max gives its second operand where one is NaN: 0. */
static inline vec vec_clip01(vec a)
{
    return _mm256_min_pd(_mm256_max_pd(a, _mm256_setzero_pd()), _mm256_set1_pd(1.0));
}

/* The sign bit alone: -0 counts as negative, which the one user (a height) cannot tell. */
static inline vec_mask vec_negative(vec a) { return a; }
static inline vec vec_zero_where(vec_mask m, vec a)
{
    return _mm256_blendv_pd(a, _mm256_setzero_pd(), m);
}

static inline vec vec_mul_unless_le(vec a, vec b, vec factor)
{
    return _mm256_blendv_pd(_mm256_mul_pd(a, factor), a, _mm256_cmp_pd(a, b, _CMP_LE_OQ));
}

#endif
