/* SPDX-License-Identifier: MIT */
/* Vectors of 2 doubles or 4 floats: SSE2, which every 64-bit x86 has. */
#ifndef EVO_VEC_H
#define EVO_VEC_H

#include <emmintrin.h>

#ifdef EVO_SINGLE
#define OP(name) _mm_##name##_ps
enum { VEC_LANES = 4, VEC_FLIGHT = 4 };
typedef float real;
typedef __m128 vec;
#else
#define OP(name) _mm_##name##_pd
enum { VEC_LANES = 2, VEC_FLIGHT = 4 };
typedef double real;
typedef __m128d vec;
#endif

static inline vec vec_load(const real *p) { return OP(load)(p); }
static inline void vec_store(real *p, vec a) { OP(store)(p, a); }
static inline vec vec_all(real x) { return OP(set1)(x); }
static inline vec vec_add(vec a, vec b) { return OP(add)(a, b); }
static inline vec vec_sub(vec a, vec b) { return OP(sub)(a, b); }
static inline vec vec_mul(vec a, vec b) { return OP(mul)(a, b); }
static inline vec vec_div(vec a, vec b) { return OP(div)(a, b); }

/* max gives its second operand where one is NaN: 0. */
static inline vec vec_clip01(vec a)
{
    return OP(min)(OP(max)(a, vec_all(0)), vec_all(1));
}

static inline vec vec_abs(vec a) { return OP(andnot)(OP(set1)((real)-0.0), a); }

typedef vec vec_mask;
static inline vec_mask vec_negative(vec a) { return OP(cmplt)(a, vec_all(0)); }
static inline vec vec_zero_where(vec_mask m, vec a) { return OP(andnot)(m, a); }

static inline vec vec_mul_unless_le(vec a, vec b, vec factor)
{
    vec_mask le = OP(cmple)(a, b);
    return OP(or)(OP(and)(le, a), OP(andnot)(le, OP(mul)(a, factor)));
}

#endif
