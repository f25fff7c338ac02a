/* SPDX-License-Identifier: MIT */
/* Vectors of two doubles: Advanced SIMD, which every 64-bit Arm has. */
#ifndef EVO_VEC_H
#define EVO_VEC_H

#include <arm_neon.h>

enum { VEC_LANES = 2, VEC_FLIGHT = 4 };
typedef float64x2_t vec;
typedef uint64x2_t vec_mask;

static inline vec vec_load(const double *p) { return vld1q_f64(p); }
static inline void vec_store(double *p, vec a) { vst1q_f64(p, a); }
static inline vec vec_all(double x) { return vdupq_n_f64(x); }
static inline vec vec_add(vec a, vec b) { return vaddq_f64(a, b); }
static inline vec vec_sub(vec a, vec b) { return vsubq_f64(a, b); }
static inline vec vec_mul(vec a, vec b) { return vmulq_f64(a, b); }
static inline vec vec_div(vec a, vec b) { return vdivq_f64(a, b); }
static inline vec vec_abs(vec a) { return vabsq_f64(a); }

/* The "number" forms give the other operand where one is NaN: 0. */
static inline vec vec_clip01(vec a)
{
    return vminnmq_f64(vmaxnmq_f64(a, vdupq_n_f64(0.0)), vdupq_n_f64(1.0));
}

static inline vec_mask vec_negative(vec a) { return vcltzq_f64(a); }
static inline vec vec_zero_where(vec_mask m, vec a) { return vbslq_f64(m, vdupq_n_f64(0.0), a); }

static inline vec vec_mul_unless_le(vec a, vec b, vec factor)
{
    return vbslq_f64(vcleq_f64(a, b), a, vmulq_f64(a, factor));
}

#endif
