/* SPDX-License-Identifier: MIT */
/* Numbers of the elementary functions of <evompi/lanes.h> in single precision. */
#ifndef EVO_LANES_SINGLE_H
#define EVO_LANES_SINGLE_H

#define EVO_LANES_ROUND_TO_WHOLE 0x1.8p23f
#define EVO_LANES_FRACTION       23 /* bits */
#define EVO_LANES_BIAS           127
#define EVO_LANES_NORMAL_MIN     0x1p-126f
#define EVO_LANES_LARGEST        0x1.fffffep127f
#define EVO_LANES_WAVE_MAX       1e5f
#define EVO_LANES_EXP_MIN        -104.0f /* e to this is 0 */
#define EVO_LANES_EXP_MAX        89.0f   /* and to this infinite */

/* pi / 2 and ln 2 as sums: pi / 2 cut off after each, ln 2 rounded. */
#define EVO_LANES_PI_2_A 0x1.921fb4p+0f
#define EVO_LANES_PI_2_B 0x1.4442d0p-24f
#define EVO_LANES_PI_2_C 0x1.846988p-48f
#define EVO_LANES_PI_4      0x1.921fb6p-1f
#define EVO_LANES_PI_4_REST -0x1.777a5cp-26f
#define EVO_LANES_LN_2_A 0x1.62e430p-1f
#define EVO_LANES_LN_2_B -0x1.05c610p-29f
/* ln 2 with zeros at the end, so that its products with exponents are exact. */
#define EVO_LANES_LN_2_HIGH 6.9313812256e-01f
#define EVO_LANES_LN_2_LOW  9.0580006145e-06f

/* Sine: after x, of x^2. Cosine: after 1 - x^2 / 2. [Cephes] */
static const double evo_lanes_sine[] = {-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4};
static const double evo_lanes_cosine[] = {4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5};
/* Taylor's series after 1 + x: what is left is below 6e-9 for |x| <= ln 2 / 2. */
static const double evo_lanes_exponential[] = {1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040};
/* [fdlibm's e_logf.c in FreeBSD] */
static const double evo_lanes_logarithm[] = {6.66666627e-01, 4.00009722e-01, 2.84987867e-01, 2.42790788e-01};
static const double evo_lanes_arcus[] = {3.33329491539e-1, -1.99777106478e-1, 1.38776856032e-1,
                                         -8.05374449538e-2};

#endif
