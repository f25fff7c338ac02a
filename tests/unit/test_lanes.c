/* SPDX-License-Identifier: MIT */
/* <evompi/lanes.h>: the functions that a rollout has are right, and have the same bits on every set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/isa.h>
#include <evompi/rng.h>

#include "../task/lanes_functions.h"

#include <string.h>

#define DECLARE(isa, has) extern const struct lanes_functions lanes_double_##isa, lanes_single_##isa;
EVO_ISAS(DECLARE)

static const struct set {
    const char *name;
    const struct lanes_functions *functions[EVO_N_PRECISIONS];
} sets[] = {
#define ROW(isa, has) {#isa, {&lanes_double_##isa, &lanes_single_##isa}},
    EVO_ISAS(ROW)
};
enum { N_SETS = sizeof sets / sizeof sets[0] };

static bool runs(const char *name)
{
    size_t n = 0;
    const struct evo_isa *const *all = evo_isa_all(&n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(all[i]->name, name) == 0) { return evo_isa_runs(all[i]); }
    }
    return false;
}

/* ---- errors ---------------------------------------------------------------------------------- */

/* Numbers of three arrays, in a precision. */
enum { N = 4096 };
static double in_double[3][N], out_double[N];
static float in_single[3][N], out_single[N];

static void call(const struct set *set, enum evo_precision precision, enum lanes_function function, size_t n)
{
    lanes_each *each = set->functions[precision]->each[function];
    if (precision == EVO_PRECISION_SINGLE) {
        for (int k = 0; k < 3; k++) {
            for (size_t i = 0; i < n; i++) { in_single[k][i] = (float)in_double[k][i]; }
        }
        each(in_single[0], in_single[1], in_single[2], n, out_single);
    } else {
        each(in_double[0], in_double[1], in_double[2], n, out_double);
    }
}

static long double first(enum evo_precision precision, int k, size_t i)
{
    return precision == EVO_PRECISION_SINGLE ? in_single[k][i] : in_double[k][i];
}

static long double result(enum evo_precision precision, size_t i)
{
    return precision == EVO_PRECISION_SINGLE ? out_single[i] : out_double[i];
}

/* The distance of x from what it should be, in units of its last place. */
static double error_of(enum evo_precision precision, long double x, long double exact)
{
    if (isnan(exact)) { return isnan(x) ? 0.0 : INFINITY; }
    int digits = precision == EVO_PRECISION_SINGLE ? 24 : 53, least = precision == EVO_PRECISION_SINGLE ? -149 : -1074;
    long double largest = precision == EVO_PRECISION_SINGLE ? 0x1.fffffep127L : 0x1.fffffffffffffp1023L;
    if (isinf(x)) { return fabsl(exact) > largest && (x > 0) == (exact > 0) ? 0.0 : INFINITY; }
    int exponent = exact != 0 ? ilogbl(exact) - digits + 1 : least;
    return (double)(fabsl(x - exact) * ldexpl(1.0L, -(exponent > least ? exponent : least)));
}

static long double fused(long double x, long double y, long double z, enum evo_precision precision)
{
    return precision == EVO_PRECISION_SINGLE ? (long double)fmaf((float)x, (float)y, (float)z)
                                             : (long double)fma((double)x, (double)y, (double)z);
}

/* Where long double is no longer than double there is nothing to measure with. */
static long double exactly(enum lanes_function function, enum evo_precision precision, size_t i)
{
    long double x = first(precision, 0, i), y = first(precision, 1, i);
    switch (function) {
    case LANES_SIN: return sinl(x);
    case LANES_COS: return cosl(x);
    case LANES_EXP: return expl(x);
    case LANES_LOG: return logl(x);
    case LANES_TANH: return tanhl(x);
    case LANES_ATAN2: return atan2l(x, y);
    case LANES_SQRT: return sqrtl(x);
    default: return fused(x, y, first(precision, 2, i), precision);
    }
}

/* Numbers of one range: evenly, or evenly in their logarithm, and with both signs. */
struct range {
    enum lanes_function function;
    double low, high;
    bool logarithmic;
    double bound[EVO_N_PRECISIONS];
};

static double draw(struct evo_rng *rng, const struct range *range)
{
    if (!range->logarithmic) { return evo_rng_between(rng, range->low, range->high); }
    double x = exp(evo_rng_between(rng, log(range->low), log(range->high)));
    return range->function != LANES_LOG && range->function != LANES_SQRT && evo_rng_uniform(rng) < 0.5 ? -x : x;
}

static double worst_error(const struct range *range, enum evo_precision precision)
{
    double worst = 0.0;
    for (uint64_t round = 0; round < 64; round++) {
        struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, (uint64_t)range->function, round);
        for (size_t i = 0; i < N; i++) {
            for (int k = 0; k < 3; k++) { in_double[k][i] = draw(&rng, range); }
        }
        call(&sets[0], precision, range->function, N);
        for (size_t i = 0; i < N; i++) {
            double error = error_of(precision, result(precision, i), exactly(range->function, precision, i));
            worst = error > worst ? error : worst;
        }
    }
    return worst;
}

static void errors_are_within_the_bounds_that_the_header_gives(void **state)
{
    (void)state;
    if (sizeof(long double) == sizeof(double)) { skip(); }
    static const struct range ranges[] = {
        {LANES_SIN, -7, 7, false, {1.6, 1.6}},        {LANES_SIN, 1e-300, 1e9, true, {1.6, INFINITY}},
        {LANES_SIN, 1e-40, 1e5, true, {1.6, 1.6}},    {LANES_COS, -7, 7, false, {1.6, 1.6}},
        {LANES_COS, 1e-300, 1e9, true, {1.6, INFINITY}}, {LANES_COS, 1e-40, 1e5, true, {1.6, 1.6}},
        {LANES_EXP, -1000, 1000, false, {1.1, 1.1}},      {LANES_EXP, -87, 88, false, {1.1, 1.1}},
        {LANES_EXP, 1e-30, 1, true, {1.1, 1.1}},          {LANES_LOG, 0.5, 2, false, {1, 1}},
        {LANES_LOG, 1e-310, 1e300, true, {1, 1}},     {LANES_LOG, 1e-44, 1e38, true, {1, 1}},
        {LANES_TANH, -30, 30, false, {9, 7}},         {LANES_TANH, 1e-40, 20, true, {9, 7}},
        {LANES_ATAN2, -1, 1, false, {3, 3}},          {LANES_ATAN2, 1e-30, 1e30, true, {3, 3}},
        {LANES_ATAN2, 1e-310, 1.7e308, true, {3, 3}}, {LANES_SQRT, 1e-40, 1e38, true, {0.5, 0.5}},
        {LANES_FMA, -1, 1, false, {0, 0}},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        for (int precision = 0; precision < EVO_N_PRECISIONS; precision++) {
            double worst = worst_error(&ranges[i], (enum evo_precision)precision);
            print_message("function %d, %g to %g, %s: %.3f\n", ranges[i].function, ranges[i].low, ranges[i].high,
                          precision == EVO_PRECISION_SINGLE ? "single" : "double", worst);
            assert_true(worst <= ranges[i].bound[precision]);
        }
    }
}

/* Near the zeros most digits cancel. */
static void sine_and_cosine_are_right_beside_their_zeros(void **state)
{
    (void)state;
    if (sizeof(long double) == sizeof(double)) { skip(); }
    const long double quarter = 1.57079632679489661923132169163975144L;
    for (int precision = 0; precision < EVO_N_PRECISIONS; precision++) {
        for (size_t i = 0; i < N; i++) {
            long double x = quarter * (long double)(i + 1);
            in_double[0][i] = precision == EVO_PRECISION_SINGLE ? (double)(float)x : (double)x;
        }
        for (int function = LANES_SIN; function <= LANES_COS; function++) {
            call(&sets[0], (enum evo_precision)precision, (enum lanes_function)function, N);
            for (size_t i = 0; i < N; i++) {
                double error = error_of((enum evo_precision)precision, result((enum evo_precision)precision, i),
                                        exactly((enum lanes_function)function, (enum evo_precision)precision, i));
                assert_true(error <= 1.5);
            }
        }
    }
}

/* ---- special values -------------------------------------------------------------------------- */

static void same(double x, double wanted)
{
    if (isnan(wanted)) {
        assert_true(isnan(x));
    } else {
        assert_true(x == wanted);
        assert_int_equal(signbit(x) != 0, signbit(wanted) != 0);
    }
}

static void special_values_are_those_of_the_c_library(void **state)
{
    (void)state;
    static const double special[] = {0.0, -0.0, 1.0, -1.0, INFINITY, -INFINITY, NAN, 2e5, -1e38};
    enum { N_SPECIAL = sizeof special / sizeof special[0] };
    for (int precision = 0; precision < EVO_N_PRECISIONS; precision++) {
        enum evo_precision p = (enum evo_precision)precision;
        for (size_t i = 0; i < N_SPECIAL * N_SPECIAL; i++) {
            in_double[0][i] = special[i / N_SPECIAL];
            in_double[1][i] = in_double[2][i] = special[i % N_SPECIAL];
        }
        struct {
            enum lanes_function function;
            double (*exact)(double);
        } all[] = {{LANES_EXP, exp}, {LANES_LOG, log}, {LANES_TANH, tanh}, {LANES_SQRT, sqrt}, {LANES_ABS, fabs}};
        for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
            call(&sets[0], p, all[k].function, N_SPECIAL * N_SPECIAL);
            for (size_t i = 0; i < N_SPECIAL * N_SPECIAL; i++) {
                double x = in_double[0][i], wanted = all[k].exact(x);
                if (!isinf(x) && !isnan(x) && x != 0.0) { continue; } // others are rounded
                if (isinf(x) && all[k].function == LANES_TANH) {
                    assert_true(fabs((double)result(p, i) - wanted) < (p == EVO_PRECISION_SINGLE ? 5e-7 : 2e-15));
                } else {
                    same((double)result(p, i), wanted);
                }
            }
        }
        call(&sets[0], p, LANES_ATAN2, N_SPECIAL * N_SPECIAL);
        for (size_t i = 0; i < N_SPECIAL * N_SPECIAL; i++) {
            double wanted = atan2(in_double[0][i], in_double[1][i]);
            double x = (double)result(p, i);
            if (isnan(wanted)) {
                assert_true(isnan(x));
            } else {
                assert_int_equal(signbit(x) != 0, signbit(wanted) != 0);
                assert_true(fabs(x - wanted) <= (p == EVO_PRECISION_SINGLE ? 3e-7 : 5e-16) * (fabs(wanted) + 1e-30));
            }
        }
    }
}

static double one(enum evo_precision p, enum lanes_function function, double x, double y, double z)
{
    in_double[0][0] = x;
    in_double[1][0] = y;
    in_double[2][0] = z;
    call(&sets[0], p, function, 1);
    return (double)result(p, 0);
}

static void sine_and_cosine_have_ends(void **state)
{
    (void)state;
    for (int precision = 0; precision < EVO_N_PRECISIONS; precision++) {
        enum evo_precision p = (enum evo_precision)precision;
        double most = p == EVO_PRECISION_SINGLE ? 1e5 : 1e9;
        for (int function = LANES_SIN; function <= LANES_COS; function++) {
            enum lanes_function f = (enum lanes_function)function;
            assert_true(fabs(one(p, f, -most, 0, 0)) <= 1.0);
            assert_true(isnan(one(p, f, 1.001 * most, 0, 0)));
            assert_true(isnan(one(p, f, -INFINITY, 0, 0)));
            assert_true(isnan(one(p, f, NAN, 0, 0)));
        }
        same(one(p, LANES_SIN, 0.0, 0, 0), 0.0);
        same(one(p, LANES_COS, -0.0, 0, 0), 1.0);
    }
}

static void nan_in_a_comparison_gives_the_second_operand(void **state)
{
    (void)state;
    for (int precision = 0; precision < EVO_N_PRECISIONS; precision++) {
        enum evo_precision p = (enum evo_precision)precision;
        same(one(p, LANES_MIN, NAN, 3, 0), 3);
        same(one(p, LANES_MIN, 3, NAN, 0), NAN);
        same(one(p, LANES_MAX, NAN, 3, 0), 3);
        same(one(p, LANES_MIN, 0.0, -0.0, 0), -0.0);
        same(one(p, LANES_MAX, -0.0, 0.0, 0), 0.0);
        same(one(p, LANES_CLIP, NAN, -2, 2), -2);
        same(one(p, LANES_CLIP, 5, -2, 2), 2);
        same(one(p, LANES_CLIP, -INFINITY, -2, 2), -2);
        same(one(p, LANES_SELECT, 1, 2, 3), 1);   // 1 < 2 and not 2 >= 3
        same(one(p, LANES_SELECT, 1, 3, 2), 3);   // else: 1 != 2
        same(one(p, LANES_SELECT, NAN, 3, 2), 3); // NaN differs from all
        same(one(p, LANES_SELECT, 2, 1, 2), 2);   // else: neither
    }
}

/* ---- bits ------------------------------------------------------------------------------------ */

/* Any bits: NaN, infinity and subnormal numbers among them; and numbers of the usual sizes. */
static void draw_bits(uint64_t round)
{
    struct evo_rng rng = evo_rng_begin(2, EVO_STREAM_RUN, 0, round);
    for (int k = 0; k < 3; k++) {
        for (size_t i = 0; i < N; i++) {
            uint64_t bits = evo_rng_bits(&rng);
            uint32_t half = (uint32_t)(bits >> 32);
            if (round % 2 == 0) {
                memcpy(&in_double[k][i], &bits, sizeof bits);
                memcpy(&in_single[k][i], &half, sizeof half);
            } else {
                double size = exp(evo_rng_between(&rng, -12, 12));
                in_double[k][i] = bits & 1 ? size : -size;
                in_single[k][i] = (float)in_double[k][i];
            }
        }
    }
}

static bool same_bits(enum evo_precision p, const void *a, const void *b, size_t i)
{
    if (p == EVO_PRECISION_SINGLE) {
        const float *x = (const float *)a + i, *y = (const float *)b + i;
        return (isnan(*x) && isnan(*y)) || memcmp(x, y, sizeof *x) == 0;
    }
    const double *x = (const double *)a + i, *y = (const double *)b + i;
    return (isnan(*x) && isnan(*y)) || memcmp(x, y, sizeof *x) == 0;
}

static void compare(const struct set *set, enum evo_precision p, enum lanes_function function, size_t n)
{
    static double plain[N], here[N]; // or twice as many floats
    const void *in[3];
    for (int k = 0; k < 3; k++) { in[k] = p == EVO_PRECISION_SINGLE ? (void *)in_single[k] : (void *)in_double[k]; }
    sets[0].functions[p]->each[function](in[0], in[1], in[2], n, plain);
    set->functions[p]->each[function](in[0], in[1], in[2], n, here);
    for (size_t i = 0; i < n; i++) {
        if (same_bits(p, plain, here, i)) { continue; }
        fail_msg("%s, function %d, number %zu (%a, %a, %a) differs from plain", set->name, function, i,
                 (double)first(p, 0, i), (double)first(p, 1, i), (double)first(p, 2, i));
    }
}

static void every_set_gives_the_bits_of_plain_c(void **state)
{
    (void)state;
    for (size_t s = 1; s < N_SETS; s++) {
        if (!runs(sets[s].name)) { continue; }
        for (uint64_t round = 0; round < 32; round++) {
            draw_bits(round);
            for (int p = 0; p < EVO_N_PRECISIONS; p++) {
                for (int f = 0; f < LANES_N; f++) {
                    compare(&sets[s], (enum evo_precision)p, (enum lanes_function)f, N);
                    compare(&sets[s], (enum evo_precision)p, (enum lanes_function)f, 1 + round % 19);
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_within_the_bounds_that_the_header_gives),
        cmocka_unit_test(sine_and_cosine_are_right_beside_their_zeros),
        cmocka_unit_test(special_values_are_those_of_the_c_library),
        cmocka_unit_test(sine_and_cosine_have_ends),
        cmocka_unit_test(nan_in_a_comparison_gives_the_second_operand),
        cmocka_unit_test(every_set_gives_the_bits_of_plain_c),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
