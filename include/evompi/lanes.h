/* SPDX-License-Identifier: MIT */
/* Candidates side by side: arithmetic and functions for a rollout, the same bits on every machine. */
#ifndef EVOMPI_LANES_H
#define EVOMPI_LANES_H

/* A `vec` holds one number of each of several candidates, a `real` one number for all of them; both are
 * double or single precision, as the job says. Written are + - * / and comparisons, between `vec` and `vec`
 * or `vec` and number: x + dt * v. What the compiler is given decides how many candidates a `vec` holds:
 * evompi-build compiles a rollout once for each instruction set and precision.
 *
 * - A constant that single precision cannot hold exactly is written (real)0.1; 0.5 and 2 need nothing.
 * - a < b and its like give a `vec_bool`; they are joined by & | ~ and used by vec_select. `if` cannot ask
 *   for them, as candidates differ.
 * - Numbers may stand for `vec` in the arguments of the functions below.
 *
 * Errors, in units in the last place of the result (single precision in brackets), as tests/unit/test_lanes
 * finds them against longer arithmetic:
 *
 *   vec_sqrt(x), vec_fma(a, b, c)   0.5: rounded once; fma is a * b + c
 *   vec_sin(x), vec_cos(x)          1.6 (1.6), for |x| up to 1e9 (1e5); beyond, and of infinity: NaN;
 *                                   sin(-0) is 0
 *   vec_exp(x)                      1.1 (1.1)
 *   vec_log(x)                      1 (1); of 0 -infinity, of less NaN
 *   vec_tanh(x)                     9 (7)
 *   vec_atan2(y, x)                 3 (3); as in C, with signed zeros and infinities
 *
 * NaN gives NaN. vec_min(a, b) is a < b ? a : b and vec_max(a, b) is a > b ? a : b: where one of them is NaN,
 * b. vec_clip(x, low, high) gives `low` for NaN. vec_abs(x) clears the sign. vec_select(m, a, b) is `a` in
 * the lanes where `m` is true, and `b` in the others. */

#ifdef __cplusplus
#error "a rollout is written in C: rename the file to .c"
#endif

#include <stdint.h>

#ifndef EVO_VEC_HEADER
#define EVO_VEC_HEADER <evompi/lanes/vec_one.h>
#endif
#ifndef EVO_LANES
#define EVO_LANES plain
#endif

#include EVO_VEC_HEADER

#include <evompi/lanes/tanh.h>

#define EVO_LANES_FN static inline __attribute__((always_inline, unused))

/* A number as a vec: x - 0 is x, also for -0 and NaN. */
#define EVO_LANES_VEC(x) ((vec)((x) - (vec){0}))

#ifdef EVO_SINGLE
typedef uint32_t evo_lanes_word;
#else
typedef uint64_t evo_lanes_word;
#endif
typedef evo_lanes_word evo_lanes_bits __attribute__((vector_size(sizeof(vec))));

EVO_LANES_FN vec evo_lanes_nan(void) { return vec_all((real)__builtin_nan("")); }

/* c[0] + c[1] x + ... + c[n - 1] x^(n - 1), from the end. */
EVO_LANES_FN vec evo_lanes_polynomial(vec x, const double *c, int n)
{
    vec sum = vec_all((real)c[n - 1]);
    _Pragma("GCC unroll 16") for (int i = n - 2; i >= 0; i--)
    {
        sum = vec_fma(sum, x, vec_all((real)c[i]));
    }
    return sum;
}
#define EVO_LANES_SUM(x, c) evo_lanes_polynomial(x, c, (int)(sizeof(c) / sizeof(c)[0]))

#ifdef EVO_SINGLE
#include <evompi/lanes/single.h>
#else
#include <evompi/lanes/double.h>
#endif

/* Adding this to a small number rounds it to a whole one, which then stands in its last bits. */
#define EVO_LANES_ROUND ((real)EVO_LANES_ROUND_TO_WHOLE)

/* ---- sine and cosine ---------------------------------------------------------------------- */

/* x = k pi/2 + r: the quarter of the circle, and r from -pi/4 to pi/4. */
EVO_LANES_FN evo_lanes_bits evo_lanes_quarter(vec x, vec *r)
{
    vec k = vec_fma(x, vec_all((real)0x1.45f306dc9c883p-1), vec_all(EVO_LANES_ROUND));
    evo_lanes_bits quarter = (evo_lanes_bits)k;
    k = k - EVO_LANES_ROUND;
    *r = vec_fnma(k, vec_all(EVO_LANES_PI_2_A), x);
    *r = vec_fnma(k, vec_all(EVO_LANES_PI_2_B), *r);
    *r = vec_fnma(k, vec_all(EVO_LANES_PI_2_C), *r);
    return quarter;
}

EVO_LANES_FN vec evo_lanes_wave(evo_lanes_bits quarter, vec r, vec x)
{
    vec z = r * r, half = (real)0.5 * z, near_one = 1 - half;
    vec sine = vec_fma(r * z, EVO_LANES_SUM(z, evo_lanes_sine), r);
    vec cosine = near_one + vec_fma(z * z, EVO_LANES_SUM(z, evo_lanes_cosine), 1 - near_one - half);
    vec wave = evo_lanes_blend((vec_bool)((quarter & 1) != 0), cosine, sine);
    wave = (vec)((evo_lanes_bits)wave ^ ((quarter & 2) << (8 * (int)sizeof(real) - 2)));
    return evo_lanes_blend(vec_abs(x) <= (real)EVO_LANES_WAVE_MAX, wave, evo_lanes_nan());
}

EVO_LANES_FN vec evo_lanes_sin(vec x)
{
    vec r;
    evo_lanes_bits quarter = evo_lanes_quarter(x, &r);
    return evo_lanes_wave(quarter, r, x);
}

EVO_LANES_FN vec evo_lanes_cos(vec x)
{
    vec r;
    evo_lanes_bits quarter = evo_lanes_quarter(x, &r);
    return evo_lanes_wave(quarter + 1, r, x);
}

/* ---- exponential and logarithm ------------------------------------------------------------- */

/* 2 to the whole number that stands in the last bits of `rounded`. */
EVO_LANES_FN vec evo_lanes_power(evo_lanes_bits rounded)
{
    const vec round = vec_all(EVO_LANES_ROUND);
    return (vec)((rounded - (evo_lanes_bits)round + EVO_LANES_BIAS) << EVO_LANES_FRACTION);
}

/* x = k ln 2 + r; e^x = 2^k e^r, in two steps as 2^k alone may be too large or too small. */
EVO_LANES_FN vec evo_lanes_exp(vec x)
{
    vec clipped = evo_lanes_min(evo_lanes_max(x, vec_all((real)EVO_LANES_EXP_MIN)),
                                vec_all((real)EVO_LANES_EXP_MAX));
    vec rounded = vec_fma(clipped, vec_all((real)0x1.71547652b82fep+0), vec_all(EVO_LANES_ROUND));
    vec k = rounded - EVO_LANES_ROUND;
    vec r = vec_fnma(k, vec_all(EVO_LANES_LN_2_A), clipped);
    r = vec_fnma(k, vec_all(EVO_LANES_LN_2_B), r);
    vec e = 1 + vec_fma(r * r, EVO_LANES_SUM(r, evo_lanes_exponential), r);
    vec half = vec_fma(k, vec_all((real)0.5), vec_all(EVO_LANES_ROUND));
    vec other = (k - (half - EVO_LANES_ROUND)) + EVO_LANES_ROUND;
    e = e * evo_lanes_power((evo_lanes_bits)half) * evo_lanes_power((evo_lanes_bits)other);
    return evo_lanes_blend(x == x, e, x);
}

/* x = 2^k m with m from sqrt(1/2) to sqrt(2), both in *m and *k. Subnormal numbers are made normal first. */
EVO_LANES_FN void evo_lanes_split(vec x, vec *m, vec *k)
{
    const vec half_root = vec_all((real)0x1.6a09ep-1), one = vec_all(1);
    vec_bool tiny = x < (real)EVO_LANES_NORMAL_MIN;
    vec scaled = evo_lanes_blend(tiny, x * (real)0x1p54, x);
    evo_lanes_bits bits = (evo_lanes_bits)scaled + ((evo_lanes_bits)one - (evo_lanes_bits)half_root);
    evo_lanes_bits exponent = bits >> EVO_LANES_FRACTION;
    const vec round = vec_all(EVO_LANES_ROUND);
    *k = (vec)(exponent + (evo_lanes_bits)round) - EVO_LANES_ROUND - (real)EVO_LANES_BIAS;
    *k = *k - evo_lanes_blend(tiny, vec_all(54), vec_all(0));
    bits = bits & (((evo_lanes_word)1 << EVO_LANES_FRACTION) - 1);
    *m = (vec)(bits + (evo_lanes_bits)half_root);
}

/* log m = f - f^2/2 + s (f^2/2 + R(s^2)), f = m - 1, s = f / (2 + f) [fdlibm]. */
EVO_LANES_FN vec evo_lanes_log(vec x)
{
    vec m, k;
    evo_lanes_split(x, &m, &k);
    vec f = m - 1, s = f / (2 + f), z = s * s, square = (real)0.5 * f * f;
    vec rest = square + z * EVO_LANES_SUM(z, evo_lanes_logarithm);
    vec log = k * (real)EVO_LANES_LN_2_HIGH - ((square - (s * rest + k * (real)EVO_LANES_LN_2_LOW)) - f);
    log = evo_lanes_blend(x > (real)EVO_LANES_LARGEST, x, log);
    log = evo_lanes_blend(x == 0, vec_all((real)-__builtin_inf()), log);
    return evo_lanes_blend(x >= 0, log, evo_lanes_nan());
}

/* ---- arcus tangent -------------------------------------------------------------------------- */

EVO_LANES_FN vec evo_lanes_sign(vec x)
{
    const vec minus = vec_all((real)-0.0);
    return (vec)((evo_lanes_bits)x & (evo_lanes_bits)minus);
}

/* Of y / x for 0 <= y <= x: about 0, or about 1 where that is nearer. */
EVO_LANES_FN vec evo_lanes_atan(vec y, vec x)
{
    vec_bool near_one = y > (real)0.4142135623730950488 * x, none = x == 0;
    vec scale = evo_lanes_blend(x > (real)EVO_LANES_LARGEST / 4, vec_all((real)0.25), vec_all(1));
    y = y * scale;
    x = x * scale;
    vec above = evo_lanes_blend(near_one, y - x, y), below = evo_lanes_blend(near_one, y + x, x);
    vec t = above / evo_lanes_blend(none, vec_all(1), below), z = t * t;
    vec angle = vec_fnma(t * z, EVO_LANES_SUM(z, evo_lanes_arcus), t);
    vec rest = evo_lanes_blend(near_one, vec_all((real)EVO_LANES_PI_4_REST), vec_all(0));
    vec whole = evo_lanes_blend(near_one, vec_all((real)EVO_LANES_PI_4), vec_all(0));
    return whole + (angle + rest);
}

EVO_LANES_FN vec evo_lanes_atan2(vec y, vec x)
{
    vec largest = vec_all((real)EVO_LANES_LARGEST), a = vec_abs(y), b = vec_abs(x);
    vec_bool steep = a > b, is_number = (x == x) & (y == y), left = (vec_bool)evo_lanes_sign(x) != 0;
    /* Infinity is so much more than any other number that the largest stands for it, and the least beside. */
    vec_bool a_ends = a > largest, b_ends = b > largest;
    vec low = evo_lanes_min(a, b), high = evo_lanes_max(a, b);
    low = evo_lanes_blend(a_ends | b_ends, evo_lanes_blend(a_ends & b_ends, vec_all(1), vec_all(0)), low);
    high = evo_lanes_blend(a_ends | b_ends, vec_all(1), high);
    vec angle = evo_lanes_atan(low, high);
    const real half = (real)EVO_LANES_PI_2_A, half_rest = (real)EVO_LANES_PI_2_B;
    angle = evo_lanes_blend(steep, half - (angle - half_rest), angle);
    angle = evo_lanes_blend(left, 2 * half - (angle - 2 * half_rest), angle);
    angle = (vec)((evo_lanes_bits)angle | (evo_lanes_bits)evo_lanes_sign(y));
    return evo_lanes_blend(is_number, angle, evo_lanes_nan());
}

EVO_LANES_FN vec evo_lanes_tanh(vec x) { return evo_lanes_blend(x == x, vec_tanh(x), x); }

/* ---- what a rollout writes ------------------------------------------------------------------ */

#define vec_min(a, b)           evo_lanes_min(EVO_LANES_VEC(a), EVO_LANES_VEC(b))
#define vec_max(a, b)           evo_lanes_max(EVO_LANES_VEC(a), EVO_LANES_VEC(b))
#define vec_clip(x, low, high)  vec_min(vec_max(x, low), high)
#define vec_select(m, a, b)     evo_lanes_blend(m, EVO_LANES_VEC(a), EVO_LANES_VEC(b))
#define vec_abs(x)              vec_abs(EVO_LANES_VEC(x))
#define vec_sqrt(x)             vec_sqrt(EVO_LANES_VEC(x))
#define vec_fma(a, b, c)        vec_fma(EVO_LANES_VEC(a), EVO_LANES_VEC(b), EVO_LANES_VEC(c))
#define vec_sin(x)              evo_lanes_sin(EVO_LANES_VEC(x))
#define vec_cos(x)              evo_lanes_cos(EVO_LANES_VEC(x))
#define vec_exp(x)              evo_lanes_exp(EVO_LANES_VEC(x))
#define vec_log(x)              evo_lanes_log(EVO_LANES_VEC(x))
#define vec_tanh(x)             evo_lanes_tanh(EVO_LANES_VEC(x))
#define vec_atan2(y, x)         evo_lanes_atan2(EVO_LANES_VEC(y), EVO_LANES_VEC(x))

#endif
