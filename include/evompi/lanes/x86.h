/* SPDX-License-Identifier: MIT */
/* What the vectors of all instruction sets of x86 do in the same words: OP(name) is the set's own intrinsic. */
#ifndef EVO_LANES_X86_H
#define EVO_LANES_X86_H

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

static inline vec vec_sqrt(vec a) { return OP(sqrt)(a); }

/* max gives its second operand where one is NaN: `low`. */
static inline vec vec_clip(vec a, vec low, vec high) { return OP(min)(OP(max)(a, low), high); }

/* For <evompi/lanes.h>: a < b ? a : b, and a > b ? a : b. */
static inline vec evo_lanes_min(vec a, vec b) { return OP(min)(a, b); }
static inline vec evo_lanes_max(vec a, vec b) { return OP(max)(a, b); }

#endif
