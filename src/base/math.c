/* SPDX-License-Identifier: MIT */
/* Elementary functions from exactly rounded operations alone: the same bits on every machine. */
#include <evompi/base.h>

#include <math.h>
#include <string.h>

/* x = 2^k * m with sqrt(1/2) <= m < sqrt(2); log m = f - f^2/2 + s * (f^2/2 + R(s^2)) with
 * f = m - 1 and s = f / (2 + f); R is the minimax polynomial of [Ng 1993, fdlibm's e_log.c]. */
double evo_math_log(double x)
{
    const double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
    const double c1 = 6.666666666666735130e-01, c2 = 3.999999999940941908e-01,
                 c3 = 2.857142874366239149e-01, c4 = 2.222219843214978396e-01,
                 c5 = 1.818357216161805012e-01, c6 = 1.531383769920937332e-01,
                 c7 = 1.479819860511658591e-01;
    const uint64_t half_root = 0x3fe6a09e00000000u, one = 0x3ff0000000000000u;

    /* Subnormal numbers have no exponent to read: make them normal first. */
    int64_t k = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        k = -54;
    }
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits += one - half_root;
    k += (int64_t)(bits >> 52) - 0x3ff;
    bits = (bits & 0x000fffffffffffffu) + half_root;
    double m;
    memcpy(&m, &bits, sizeof m);

    double f = m - 1.0, half_square = 0.5 * f * f, s = f / (2.0 + f), z = s * s, w = z * z;
    double even = w * (c2 + w * (c4 + w * c6)), odd = z * (c1 + w * (c3 + w * (c5 + w * c7)));
    double dk = (double)k;
    return s * (half_square + (odd + even)) + dk * ln2_low - half_square + f + dk * ln2_high;
}

/* x = k ln 2 + r with |r| <= ln 2 / 2; e^r = 1 + r + r c / (2 - c), where c = r - r^2 P(r^2) and P
 * is the minimax polynomial of [fdlibm's e_exp.c]. */
double evo_math_exp(double x)
{
    const double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
    const double p1 = 1.66666666666666019037e-01, p2 = -2.77777777770155933842e-03,
                 p3 = 6.61375632143793436117e-05, p4 = -1.65339022054652515390e-06,
                 p5 = 4.13813679705723846039e-08;
    if (isnan(x)) { return x; }
    if (x > 709.782712893383973096) { return INFINITY; }
    if (x < -745.13321910194110842) { return 0.0; }

    int k = (int)(x * 1.44269504088896338700 + (x < 0.0 ? -0.5 : 0.5));
    double high = x - (double)k * ln2_high, low = (double)k * ln2_low, r = high - low, z = r * r;
    double c = r - z * (p1 + z * (p2 + z * (p3 + z * (p4 + z * p5))));
    double y = 1.0 - ((low - r * c / (2.0 - c)) - high);
    /* Scaling by a power of two is exact but where the result is subnormal: rounded once there. */
    return ldexp(y, k);
}

/* c[0] + c[1] x + ... + c[7] x^7 */
static inline double polynomial7(const double c[8], double x)
{
    return c[0] +
           x * (c[1] + x * (c[2] + x * (c[3] + x * (c[4] + x * (c[5] + x * (c[6] + x * c[7]))))));
}

/* Algorithm PPND16 of AS 241: a rational function for each of the centre, the shoulders and the
 * far tails; relative error about 1e-16. */
static const double centre = 0.425;

static inline double central_quantile(double q)
{
    static const double a[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static const double b[8] = {1.0,                      4.2313330701600911252e+1,
                                6.8718700749205790830e+2, 5.3941960214247511077e+3,
                                2.1213794301586595867e+4, 3.9307895800092710610e+4,
                                2.8729085735721942674e+4, 5.2264952788528545610e+3};
    double r = 0.180625 - q * q;
    return q * polynomial7(a, r) / polynomial7(b, r);
}

static double outer_quantile(double p, double q)
{
    static const double c[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                5.76949722146069140550e0,  3.64784832476320460504e0,
                                1.27045825245236838258e0,  2.41780725177450611770e-1,
                                2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double d[8] = {1.0,                       2.05319162663775882187e0,
                                1.67638483018380384940e0,  6.89767334985100004550e-1,
                                1.48103976427480074590e-1, 1.51986665636164571966e-2,
                                5.47593808499534494600e-4, 1.05075007164441684324e-9};
    static const double e[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                1.78482653991729133580e0,  2.96560571828504891230e-1,
                                2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double f[8] = {1.0,                       5.99832206555887937690e-1,
                                1.36929880922735805310e-1, 1.48753612908506148525e-2,
                                7.86869131145613259100e-4, 1.84631831751005468180e-5,
                                1.42151175831644588870e-7, 2.04426310338993978564e-15};
    double tail = q < 0.0 ? p : 1.0 - p;
    double r = sqrt(-evo_math_log(tail));
    double x = r <= 5.0 ? polynomial7(c, r - 1.6) / polynomial7(d, r - 1.6)
                        : polynomial7(e, r - 5.0) / polynomial7(f, r - 5.0);
    return q < 0.0 ? -x : x;
}

double evo_math_normal_quantile(double p)
{
    double q = p - 0.5;
    return q >= -centre && q <= centre ? central_quantile(q) : outer_quantile(p, q);
}

/* All as if they were of the centre, without a branch, so that a vector of them is made at a time;
 * then the seventh part that is not. */
void evo_math_normal_quantiles(const double *restrict p, size_t n, double *restrict x)
{
    for (size_t i = 0; i < n; i++) { x[i] = central_quantile(p[i] - 0.5); }
    for (size_t i = 0; i < n; i++) {
        double q = p[i] - 0.5;
        if (!(q >= -centre && q <= centre)) { x[i] = outer_quantile(p[i], q); }
    }
}

/* The series at x / 4, and two times sin 2x = 2 sin cos, cos 2x = 1 - 2 sin^2. */
void evo_math_sin_cos(double x, double *sine, double *cosine)
{
    double r = 0.25 * x, square = r * r, s = 1.0, c = 1.0;
    for (int i = 18; i > 0; i -= 2) {
        s = 1.0 - s * square / (double)(i * (i + 1));
        c = 1.0 - c * square / (double)(i * (i - 1));
    }
    s *= r;
    for (int i = 0; i < 2; i++) {
        double doubled = 2.0 * s * c;
        c = 1.0 - 2.0 * s * s;
        s = doubled;
    }
    *sine = s;
    *cosine = c;
}

int evo_math_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    if (isnan(x) || isnan(y)) { return isnan(x) - isnan(y); }
    return (x > y) - (x < y);
}

void evo_math_interval(double share, double n, double *low, double *high)
{
    const double z = 1.959963984540054;
    double middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    double half = z / (1.0 + z * z / n) * sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n));
    *low = fmax(middle - half, 0.0);
    *high = fmin(middle + half, 1.0);
}
