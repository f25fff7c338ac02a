/* SPDX-License-Identifier: MIT */
/* Numbers of the elementary functions of <evompi/lanes.h> in double precision. */
#ifndef EVO_LANES_DOUBLE_H
#define EVO_LANES_DOUBLE_H

#define EVO_LANES_ROUND_TO_WHOLE 0x1.8p52
#define EVO_LANES_FRACTION       52 /* bits */
#define EVO_LANES_BIAS           1023
#define EVO_LANES_NORMAL_MIN     0x1p-1022
#define EVO_LANES_LARGEST        0x1.fffffffffffffp1023
#define EVO_LANES_WAVE_MAX       1e9
#define EVO_LANES_EXP_MIN        -746.0 /* e to this is 0 */
#define EVO_LANES_EXP_MAX        710.0  /* and to this infinite */

/* pi / 2 and ln 2 as sums: pi / 2 cut off after each, ln 2 rounded. */
#define EVO_LANES_PI_2_A 0x1.921fb54442d18p+0
#define EVO_LANES_PI_2_B 0x1.1a62633145c06p-54
#define EVO_LANES_PI_2_C 0x1.c1cd129024e08p-107
#define EVO_LANES_PI_4      0x1.921fb54442d18p-1
#define EVO_LANES_PI_4_REST 0x1.1a62633145c07p-55
#define EVO_LANES_LN_2_A 0x1.62e42fefa39efp-1
#define EVO_LANES_LN_2_B 0x1.abc9e3b39803fp-56
/* ln 2 with zeros at the end, so that its products with exponents are exact. */
#define EVO_LANES_LN_2_HIGH 6.93147180369123816490e-01
#define EVO_LANES_LN_2_LOW  1.90821492927058770002e-10

/* Sine: after x, of x^2. Cosine: after 1 - x^2 / 2. [fdlibm, as all but the exponential] */
static const double evo_lanes_sine[] = {
    -1.66666666666666324348e-01, 8.33333333332248946124e-03,  -1.98412698298579493134e-04,
    2.75573137070700676789e-06,  -2.50507602534068634195e-08, 1.58969099521155010221e-10};
static const double evo_lanes_cosine[] = {
    4.16666666666666019037e-02,  -1.38888888888741095749e-03, 2.48015872894767294178e-05,
    -2.75573143513906633035e-07, 2.08757232129817482790e-09,  -1.13596475577881948265e-11};
/* Taylor's series after 1 + x: what is left is below 4e-18 for |x| <= ln 2 / 2. */
static const double evo_lanes_exponential[] = {
    1.0 / 2,     1.0 / 6,      1.0 / 24,      1.0 / 120,      1.0 / 720,       1.0 / 5040,
    1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
static const double evo_lanes_logarithm[] = {
    6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
    1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01};
static const double evo_lanes_arcus[] = {
    3.33333333333329318027e-01,  -1.99999999998764832476e-01, 1.42857142725034663711e-01,
    -1.11111104054623557880e-01, 9.09088713343650656196e-02,  -7.69187620504482999495e-02,
    6.66107313738753120669e-02,  -5.83357013379057348645e-02, 4.97687799461593236017e-02,
    -3.65315727442169155270e-02, 1.62858201153657823623e-02};

#endif
