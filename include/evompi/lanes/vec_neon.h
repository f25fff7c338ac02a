/* SPDX-License-Identifier: MIT */
/* Vectors of 2 doubles or 4 floats: Advanced SIMD, which every 64-bit Arm has. */
#ifndef EVO_VEC_H
#define EVO_VEC_H

#include <arm_neon.h>

#ifdef EVO_SINGLE
#define OP(name) name##q_f32
#define ALL vdupq_n_f32
enum { VEC_LANES = 4, VEC_SHORT_STEP = 4, VEC_LONG_STEP = 2 };
typedef float real;
typedef float32x4_t vec;
typedef uint32x4_t vec_mask;
#else
#define OP(name) name##q_f64
#define ALL vdupq_n_f64
enum { VEC_LANES = 2, VEC_SHORT_STEP = 4, VEC_LONG_STEP = 2 };
typedef double real;
typedef float64x2_t vec;
typedef uint64x2_t vec_mask;
#endif

static inline vec vec_load(const real *p) { return OP(vld1)(p); }
static inline void vec_store(real *p, vec a) { OP(vst1)(p, a); }
static inline vec vec_all(real x) { return ALL(x); }
static inline vec vec_add(vec a, vec b) { return OP(vadd)(a, b); }
static inline vec vec_sub(vec a, vec b) { return OP(vsub)(a, b); }
static inline vec vec_mul(vec a, vec b) { return OP(vmul)(a, b); }
static inline vec vec_div(vec a, vec b) { return OP(vdiv)(a, b); }
static inline vec vec_abs(vec a) { return OP(vabs)(a); }

/* The "number" forms give the other operand where one is NaN: 0. */
static inline vec vec_clip01(vec a) { return OP(vminnm)(OP(vmaxnm)(a, vec_all(0)), vec_all(1)); }

static inline vec_mask vec_negative(vec a) { return OP(vcltz)(a); }
static inline vec vec_zero_where(vec_mask m, vec a) { return OP(vbsl)(m, vec_all(0), a); }

static inline vec vec_mul_unless_le(vec a, vec b, vec factor)
{
    return OP(vbsl)(OP(vcle)(a, b), a, vec_mul(a, factor));
}

/* a * b + c and c - a * b, rounded once. */
static inline vec vec_fma(vec a, vec b, vec c) { return OP(vfma)(c, a, b); }
static inline vec vec_fnma(vec a, vec b, vec c) { return OP(vfms)(c, a, b); }
static inline vec vec_sqrt(vec a) { return OP(vsqrt)(a); }

/* The "number" forms give the other operand where one is NaN: `low`. */
static inline vec vec_clip(vec a, vec low, vec high) { return OP(vminnm)(OP(vmaxnm)(a, low), high); }

static inline vec_mask vec_le(vec a, vec b) { return OP(vcle)(a, b); }
static inline vec_mask vec_both(vec_mask a, vec_mask b) { return a & b; }
static inline vec vec_select(vec_mask m, vec a, vec b) { return OP(vbsl)(m, a, b); }

/* ---- for <evompi/lanes.h>: masks are what `a < b` gives, all bits of a lane 1 or 0. ---- */

typedef __typeof__((vec){0} < (vec){0}) vec_bool;
static inline vec evo_lanes_blend(vec_bool m, vec a, vec b) { return OP(vbsl)((vec_mask)m, a, b); }

/* As on x86: the second operand where one is NaN or both are 0. */
static inline vec evo_lanes_min(vec a, vec b) { return OP(vbsl)(OP(vclt)(a, b), a, b); }
static inline vec evo_lanes_max(vec a, vec b) { return OP(vbsl)(OP(vcgt)(a, b), a, b); }
static inline int evo_lanes_any(vec_bool m) { return vmaxvq_u32((uint32x4_t)m) != 0; }

#endif
