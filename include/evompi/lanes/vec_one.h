/* SPDX-License-Identifier: MIT */
/* Vectors of one number: plain C for rollouts, by the same rules of arithmetic as longer vectors. */
#ifndef EVO_VEC_H
#define EVO_VEC_H

#include <math.h>

/* Scalars would convert otherwise than vectors: a float times 0.1 is a double, and only a vector of
 * floats refuses it. */
#ifdef EVO_SINGLE
typedef float real;
#define EVO_ONE(name) __builtin_##name##f
#else
typedef double real;
#define EVO_ONE(name) __builtin_##name
#endif
typedef real vec __attribute__((vector_size(sizeof(real))));
enum { VEC_LANES = 1 };
#define EVO_LANES_ONE 1

static inline vec vec_load(const real *p) { return (vec){*p}; }
static inline void vec_store(real *p, vec a) { *p = a[0]; }
static inline vec vec_all(real x) { return (vec){x}; }
static inline vec vec_add(vec a, vec b) { return a + b; }
static inline vec vec_sub(vec a, vec b) { return a - b; }
static inline vec vec_mul(vec a, vec b) { return a * b; }
static inline vec vec_div(vec a, vec b) { return a / b; }
static inline vec vec_abs(vec a) { return (vec){EVO_ONE(fabs)(a[0])}; }

/* a * b + c and c - a * b, rounded once. */
static inline vec vec_fma(vec a, vec b, vec c) { return (vec){EVO_ONE(fma)(a[0], b[0], c[0])}; }
static inline vec vec_fnma(vec a, vec b, vec c) { return (vec){EVO_ONE(fma)(-a[0], b[0], c[0])}; }
static inline vec vec_sqrt(vec a) { return (vec){EVO_ONE(sqrt)(a[0])}; }

typedef __typeof__((vec){0} < (vec){0}) vec_bool;
static inline vec evo_lanes_blend(vec_bool m, vec a, vec b) { return m[0] ? a : b; }
static inline vec evo_lanes_min(vec a, vec b) { return a[0] < b[0] ? a : b; }
static inline vec evo_lanes_max(vec a, vec b) { return a[0] > b[0] ? a : b; }
static inline int evo_lanes_any(vec_bool m) { return m[0] != 0; }

/* NaN gives `low`. */
static inline vec vec_clip(vec a, vec low, vec high)
{
    return evo_lanes_min(evo_lanes_max(a, low), high);
}

#endif
