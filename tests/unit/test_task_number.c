/* SPDX-License-Identifier: MIT */
/* Numbers of JSON: each double comes back bit for bit, as printf writes it with 17 digits. */
#include "../../src/task/program_parts.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double from_bits(uint64_t bits)
{
    double x = 0.0;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* What is written of x: equal to what printf says, but that a point or an exponent is there. */
static void check(double x)
{
    char text[EVO_PROGRAM_NUMBER + 1] = "", want[EVO_PROGRAM_NUMBER + 8];
    const size_t n = evo_program_number(text, x);
    assert_in_range(n, 1, EVO_PROGRAM_NUMBER);
    text[n] = '\0';
    snprintf(want, sizeof want, "%.17g", x);
    if (strpbrk(want, ".e") == NULL) { strcat(want, ".0"); }
    assert_string_equal(text, want);
    const double back = strtod(text, NULL);
    assert_memory_equal(&back, &x, sizeof x);
}

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state ^ *state >> 29;
}

static void any_bits_come_back(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        const double x = from_bits(next(&seed));
        if (isfinite(x)) { check(x); }
    }
}

static void usual_sizes_come_back(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < 400000; i++) {
        const int exponent = (int)(next(&seed) % 110) - 45;
        check(ldexp((double)(int64_t)next(&seed), exponent - 63));
        check((double)((int64_t)next(&seed) >> (next(&seed) % 64)));
        check((double)(next(&seed) % 100000) / 1000.0); // few digits, and zeros
    }
}

static void neighbours_of_each_power_come_back(void **state)
{
    (void)state;
    for (int base = 2; base <= 10; base += 8) {
        for (int i = -330; i <= 310; i++) {
            const double at = pow(base, i), sign = i % 2 == 0 ? 1.0 : -1.0;
            if (!(at <= DBL_MAX)) { continue; }
            double x = at;
            for (int k = 0; k < 4; k++, x = nextafter(x, INFINITY)) { check(sign * x); }
            x = at;
            for (int k = 0; k < 4; k++, x = nextafter(x, -INFINITY)) { check(sign * x); }
        }
    }
    for (int i = 0; i < 1000; i++) { check(0.5 * i + 0x1p52); } // ties of the 17th digit
    for (int i = 0; i < 1000; i++) { check(0x1p-40 * (2 * i + 1)); }
}

static void the_ends_come_back(void **state)
{
    (void)state;
    const double ends[] = {0.0,
                           -0.0,
                           DBL_MIN,
                           DBL_MAX,
                           DBL_TRUE_MIN,
                           1e-10,
                           1e17,
                           1e16,
                           1.0,
                           -1.0,
                           9.9999999999999995e16,
                           1e22,
                           0x1p53 - 1.0,
                           0x1p53 + 2.0,
                           1e-4,
                           9.9999999999999991e-05};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) { check(ends[i]); }
}

static void what_is_not_finite_is_a_word(void **state)
{
    (void)state;
    static const char *const words[] = {"\"NaN\"", "\"Infinity\"", "\"-Infinity\""};
    const double values[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        char text[EVO_PROGRAM_NUMBER];
        assert_int_equal(evo_program_number(text, values[i]), strlen(words[i]));
        assert_memory_equal(text, words[i], strlen(words[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bits_come_back),
        cmocka_unit_test(usual_sizes_come_back),
        cmocka_unit_test(neighbours_of_each_power_come_back),
        cmocka_unit_test(the_ends_come_back),
        cmocka_unit_test(what_is_not_finite_is_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
