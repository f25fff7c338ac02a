/* SPDX-License-Identifier: MIT */
/* The functions of <evompi/lanes.h> over arrays: compiled once for each instruction set and precision. */
#include <evompi/lanes.h>

#include "lanes_functions.h"

/* All of n numbers, vector by vector; the last one is filled up with its first number. */
#define EACH(name, expression)                                                             \
    static void name(const void *first, const void *second, const void *third, size_t n, void *out) \
    {                                                                                      \
        real a[VEC_LANES] __attribute__((aligned(64))), b[VEC_LANES] __attribute__((aligned(64))), \
            c[VEC_LANES] __attribute__((aligned(64))), d[VEC_LANES] __attribute__((aligned(64))); \
        for (size_t i = 0; i < n; i += VEC_LANES) {                                        \
            for (size_t k = 0; k < VEC_LANES; k++) {                                       \
                size_t at = i + k < n ? i + k : i;                                         \
                a[k] = ((const real *)first)[at];                                          \
                b[k] = ((const real *)second)[at];                                         \
                c[k] = ((const real *)third)[at];                                          \
            }                                                                              \
            vec x = vec_load(a), y = vec_load(b), z = vec_load(c);                         \
            (void)y, (void)z;                                                              \
            vec_store(d, expression);                                                      \
            for (size_t k = 0; k < VEC_LANES && i + k < n; k++) { ((real *)out)[i + k] = d[k]; } \
        }                                                                                  \
    }

EACH(sine, vec_sin(x))
EACH(cosine, vec_cos(x))
EACH(exponential, vec_exp(x))
EACH(logarithm, vec_log(x))
EACH(hyperbolic, vec_tanh(x))
EACH(angle, vec_atan2(x, y))
EACH(root, vec_sqrt(x))
EACH(fused, vec_fma(x, y, z))
EACH(least, vec_min(x, y))
EACH(most, vec_max(x, y))
EACH(clipped, vec_clip(x, y, z))
EACH(size, vec_abs(x))
EACH(chosen, vec_select((x < y) & ~(y >= z), x, vec_select((x == y) | (x != z), y, z)))
EACH(arithmetic, (x + 2 * y - z / 3) / (1 + (real)0.1 * x * x) - (-y))
EACH(of_numbers, vec_min(x, 2) + vec_select(x > 0, 1, (real)-0.1) * vec_clip(y, -1, 0.5))

extern const struct lanes_functions LANES_TABLE;
const struct lanes_functions LANES_TABLE = {
    .each = {sine, cosine, exponential, logarithm, hyperbolic, angle, root, fused, least, most, clipped, size,
             chosen, arithmetic, of_numbers},
};
