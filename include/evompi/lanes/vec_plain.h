/* SPDX-License-Identifier: MIT */
/* Vectors of one number in plain C: what the others must equal bit for bit. */
#ifndef EVO_VEC_H
#define EVO_VEC_H

#include <math.h>
#include <stdbool.h>

#ifdef EVO_SINGLE
typedef float real;
#else
typedef double real;
#endif
/* Numbers in a vector; and how many vectors a kernel keeps in work at once, so that none waits for its own sums:
 * many where a step is short (some 20 operations), few where it is long (a hundred and more). */
enum { VEC_LANES = 1, VEC_SHORT_STEP = 2, VEC_LONG_STEP = 1 };
typedef real vec;

static inline vec vec_load(const real *p) { return *p; }
static inline void vec_store(real *p, vec a) { *p = a; }
static inline vec vec_all(real x) { return x; }
static inline vec vec_add(vec a, vec b) { return a + b; }
static inline vec vec_sub(vec a, vec b) { return a - b; }
static inline vec vec_mul(vec a, vec b) { return a * b; }
static inline vec vec_div(vec a, vec b) { return a / b; }
static inline vec vec_abs(vec a) { return a < 0 ? -a : a; }

/* NaN gives 0; so does -0. */
static inline vec vec_clip01(vec a)
{
    a = a > 0 ? a : 0;
    return a < 1 ? a : 1;
}

typedef bool vec_mask;
static inline vec_mask vec_negative(vec a) { return a < 0; }
static inline vec vec_zero_where(vec_mask m, vec a) { return m ? 0 : a; }

/* a where a <= b, else a * factor. */
static inline vec vec_mul_unless_le(vec a, vec b, vec factor) { return a <= b ? a : a * factor; }

/* a * b + c and c - a * b, rounded once. */
#ifdef EVO_SINGLE
static inline vec vec_fma(vec a, vec b, vec c) { return fmaf(a, b, c); }
static inline vec vec_fnma(vec a, vec b, vec c) { return fmaf(-a, b, c); }
static inline vec vec_sqrt(vec a) { return sqrtf(a); }
#else
static inline vec vec_fma(vec a, vec b, vec c) { return fma(a, b, c); }
static inline vec vec_fnma(vec a, vec b, vec c) { return fma(-a, b, c); }
static inline vec vec_sqrt(vec a) { return sqrt(a); }
#endif

/* NaN gives `low`. */
static inline vec vec_clip(vec a, vec low, vec high)
{
    a = a > low ? a : low;
    return a < high ? a : high;
}

static inline vec_mask vec_le(vec a, vec b) { return a <= b; }
static inline vec_mask vec_both(vec_mask a, vec_mask b) { return a && b; }
static inline vec vec_select(vec_mask m, vec a, vec b) { return m ? a : b; } /* a where m */

#endif
