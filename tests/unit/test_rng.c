/* SPDX-License-Identifier: MIT */
/* Random numbers: the published vectors, draws that depend on every part of the key, no bias. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/rng.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- Philox4x64-10, from kat_vectors of Random123 ------------------------------------------- */

static void philox_gives_the_published_vectors(void **state)
{
    (void)state;
    static const struct {
        uint64_t counter[4], key[2], expected[4];
    } vectors[] = {
        {{0, 0, 0, 0},
         {0, 0},
         {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}},
        {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
         {UINT64_MAX, UINT64_MAX},
         {0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}},
        {{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
         {0x452821e638d01377, 0xbe5466cf34e90c6c},
         {0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct evo_rng rng = {.n_left = 0};
        memcpy(rng.counter, vectors[i].counter, sizeof rng.counter);
        memcpy(rng.key, vectors[i].key, sizeof rng.key);
        for (int j = 0; j < 4; j++) { assert_true(evo_rng_bits(&rng) == vectors[i].expected[j]); }
    }
}

/* ---- the key -------------------------------------------------------------------------------- */

static void draws_with_the_same_key_are_the_same(void **state)
{
    (void)state;
    struct evo_rng a = evo_rng_begin(7, EVO_STREAM_VARIATION, 3, 11), b = a;
    struct evo_rng c = evo_rng_begin(7, EVO_STREAM_VARIATION, 3, 11);
    for (int i = 0; i < 1000; i++) {
        uint64_t bits = evo_rng_bits(&a);
        assert_true(bits == evo_rng_bits(&b) && bits == evo_rng_bits(&c));
    }
}

/* Of all keys that differ by one step in any part, no two share a draw: 64-bit numbers that
 * repeat among so few would be no accident. */
static void every_part_of_the_key_and_the_index_changes_all_draws(void **state)
{
    (void)state;
    enum { N_STEPS = 3, N_DRAWS = 10, N = N_STEPS * N_STEPS * N_STEPS * N_STEPS * N_DRAWS };
    static uint64_t draws[N];
    size_t n = 0;
    for (int part = 0; part < N_STEPS * N_STEPS * N_STEPS * N_STEPS; part++) {
        struct evo_rng rng =
            evo_rng_begin((uint64_t)(part % 3), (enum evo_stream)(1 + part / 3 % 3),
                          (uint64_t)(part / 9 % 3), (uint64_t)(part / 27));
        for (int i = 0; i < N_DRAWS; i++) { draws[n++] = evo_rng_bits(&rng); }
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < i; j++) { assert_true(draws[i] != draws[j]); }
    }
}

/* The difference of keys must not show: each bit of neighbours' draws differs half the time. */
static void neighbours_draws_differ_in_half_of_their_bits(void **state)
{
    (void)state;
    enum { N = 4000 };
    static const uint64_t step[4][4] = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}};
    for (int part = 0; part < 4; part++) {
        int64_t n_different = 0;
        for (uint64_t i = 0; i < N; i++) {
            struct evo_rng a = evo_rng_begin(i, 1, i, i);
            struct evo_rng b =
                evo_rng_begin(i + step[part][0], (enum evo_stream)(1 + step[part][1]),
                              i + step[part][2], i + step[part][3]);
            n_different += __builtin_popcountll(evo_rng_bits(&a) ^ evo_rng_bits(&b));
        }
        /* Binomial: sd = sqrt(64 N) / 2 = 253; five of them. */
        assert_true(llabs(n_different - 32 * N) < 5 * 253);
    }
}

/* ---- uniform, between, normal ------------------------------------------------------------------
 */

static void uniform_draws_are_at_least_0_and_below_1_with_the_right_moments(void **state)
{
    (void)state;
    enum { N = 200000 };
    struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, 0, 0);
    double sum = 0.0, sum_squares = 0.0;
    for (int i = 0; i < N; i++) {
        double x = evo_rng_uniform(&rng);
        assert_true(x >= 0.0 && x < 1.0);
        assert_true(x * 0x1p53 == floor(x * 0x1p53)); // 53 bits, none more
        sum += x;
        sum_squares += x * x;
    }
    /* Five standard deviations of the means of x (sd sqrt(1/12)) and x^2 (sd sqrt(4/45)). */
    assert_true(fabs(sum / N - 0.5) < 5 * sqrt(1.0 / 12 / N));
    assert_true(fabs(sum_squares / N - 1.0 / 3) < 5 * sqrt(4.0 / 45 / N));
}

static void between_maps_one_draw_onto_the_range(void **state)
{
    (void)state;
    struct evo_rng a = evo_rng_begin(1, EVO_STREAM_RUN, 0, 0), b = a;
    for (int i = 0; i < 1000; i++) {
        double x = evo_rng_between(&a, -0.5, 0.5);
        assert_true(x >= -0.5 && x < 0.5);
        assert_true(x == -0.5 + evo_rng_uniform(&b));
    }
}

static void normal_draws_have_the_normal_distribution(void **state)
{
    (void)state;
    enum { N = 200000, N_CELLS = 20 };
    struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, 0, 1);
    double sum = 0.0, sum_squares = 0.0, chi_square = 0.0;
    int cells[N_CELLS] = {0};
    for (int i = 0; i < N; i++) {
        double x = evo_rng_normal(&rng);
        sum += x;
        sum_squares += x * x;
        int cell = (int)(0.5 * erfc(-x / sqrt(2.0)) * N_CELLS);
        cells[cell < N_CELLS ? cell : N_CELLS - 1]++;
    }
    for (int i = 0; i < N_CELLS; i++) {
        double expected = (double)N / N_CELLS;
        chi_square += (cells[i] - expected) * (cells[i] - expected) / expected;
    }
    assert_true(fabs(sum / N) < 5 / sqrt(N));
    assert_true(fabs(sum_squares / N - 1.0) < 5 * sqrt(2.0 / N));
    assert_true(chi_square < 50.8); // 19 degrees of freedom, p = 1e-4
}

/* ---- below and choose
 * ---------------------------------------------------------------------------- */

/* 3/4 of 2^64 is the worst case for a reduction by modulo: it would hit the lower third twice as
 * often. */
static void below_is_unbiased_where_a_modulo_would_not_be(void **state)
{
    (void)state;
    enum { N = 60000 };
    const uint64_t third = UINT64_C(1) << 62, n = 3 * third;
    struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, 0, 2);
    int n_hits[3] = {0};
    for (int i = 0; i < N; i++) {
        uint64_t x = evo_rng_below(&rng, n);
        assert_true(x < n);
        n_hits[x / third]++;
    }
    for (int i = 0; i < 3; i++) { assert_true(abs(n_hits[i] - N / 3) < 5 * 116); } // sd 115.5
}

static void below_reaches_each_number_equally_often(void **state)
{
    (void)state;
    enum { N = 70000, N_FACES = 7 };
    struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, 0, 3);
    int n_hits[N_FACES] = {0};
    for (int i = 0; i < N; i++) { n_hits[evo_rng_below(&rng, N_FACES)]++; }
    for (int i = 0; i < N_FACES; i++) { assert_true(abs(n_hits[i] - N / N_FACES) < 5 * 93); }
    for (int i = 0; i < 100; i++) { assert_true(evo_rng_below(&rng, 1) == 0); }
    evo_rng_below(&rng, UINT64_MAX); // the largest range ends
}

static void choose_keeps_a_permutation_and_favours_nobody(void **state)
{
    (void)state;
    enum { N = 7, K = 3, ROUNDS = 70000 };
    struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, 0, 4);
    int n_hits[K][N] = {{0}};
    size_t items[N];
    for (size_t i = 0; i < N; i++) { items[i] = i; }
    for (int round = 0; round < ROUNDS; round++) {
        bool seen[N] = {false};
        evo_rng_choose(&rng, items, N, K);
        for (size_t i = 0; i < N; i++) {
            assert_true(items[i] < N && !seen[items[i]]);
            seen[items[i]] = true;
        }
        for (size_t i = 0; i < K; i++) { n_hits[i][items[i]]++; }
    }
    for (size_t i = 0; i < K; i++) {
        for (size_t j = 0; j < N; j++) { assert_true(abs(n_hits[i][j] - ROUNDS / N) < 5 * 93); }
    }
}

static void choose_takes_none_and_all(void **state)
{
    (void)state;
    struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, 0, 5);
    size_t items[4] = {3, 1, 0, 2}, sum = 0;
    evo_rng_choose(&rng, items, 4, 0);
    assert_true(items[0] == 3 && items[1] == 1 && items[2] == 0 && items[3] == 2);
    evo_rng_choose(&rng, items, 4, 4);
    for (int i = 0; i < 4; i++) { sum += (size_t)1 << (8 * items[i]); }
    assert_int_equal(sum, 0x01010101);
    evo_rng_choose(&rng, items, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_vectors),
        cmocka_unit_test(draws_with_the_same_key_are_the_same),
        cmocka_unit_test(every_part_of_the_key_and_the_index_changes_all_draws),
        cmocka_unit_test(neighbours_draws_differ_in_half_of_their_bits),
        cmocka_unit_test(uniform_draws_are_at_least_0_and_below_1_with_the_right_moments),
        cmocka_unit_test(between_maps_one_draw_onto_the_range),
        cmocka_unit_test(normal_draws_have_the_normal_distribution),
        cmocka_unit_test(below_is_unbiased_where_a_modulo_would_not_be),
        cmocka_unit_test(below_reaches_each_number_equally_often),
        cmocka_unit_test(choose_keeps_a_permutation_and_favours_nobody),
        cmocka_unit_test(choose_takes_none_and_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
