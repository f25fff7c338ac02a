/* SPDX-License-Identifier: MIT */
/* The farm's shares: every item once, whole batches, rank 0 by its weight. */
#include <evompi/farm.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdlib.h>

enum { MOST_RANKS = 130 };

static size_t sum(const size_t *counts, int size)
{
    size_t total = 0;
    for (int i = 0; i < size; i++) { total += counts[i]; }
    return total;
}

static void shares_hand_out_every_item_once(void **unused)
{
    (void)unused;
    static const size_t items[] = {0, 1, 2, 7, 31, 32, 33, 250, 500, 501, 100003};
    static const int sizes[] = {1, 2, 3, 5, 17, 64, MOST_RANKS};
    static const size_t batches[] = {1, 8, 32, 64};
    static const double weights[] = {0.0, 0.05, 0.3, 0.7, 1.0};
    size_t counts[MOST_RANKS];
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
                for (size_t w = 0; w < sizeof weights / sizeof *weights; w++) {
                    evo_farm_shares(items[i], sizes[s], weights[w], batches[b], counts);
                    assert_int_equal(sum(counts, sizes[s]), items[i]);
                }
            }
        }
    }
}

static void shares_differ_from_the_ideal_by_less_than_a_batch(void **unused)
{
    (void)unused;
    enum { N = 10007, SIZE = 7, BATCH = 32 };
    const double weight = 0.4;
    size_t counts[SIZE];
    evo_farm_shares(N, SIZE, weight, BATCH, counts);
    for (int i = 0; i < SIZE; i++) {
        double ideal = N * (i == 0 ? weight : 1.0) / (SIZE - 1 + weight);
        assert_true(abs((int)counts[i] - (int)ideal) <= 2 * BATCH);
        /* Only the last share may end inside a batch. */
        if (i < SIZE - 1) { assert_int_equal(counts[i] % BATCH, 0); }
    }
}

static void a_resting_root_gets_nothing_unless_it_is_alone(void **unused)
{
    (void)unused;
    size_t counts[3];
    evo_farm_shares(100, 3, 0.0, 1, counts);
    assert_int_equal(counts[0], 0);
    assert_int_equal(counts[1], 50);
    evo_farm_shares(100, 1, 0.0, 1, counts);
    assert_int_equal(counts[0], 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_hand_out_every_item_once),
        cmocka_unit_test(shares_differ_from_the_ideal_by_less_than_a_batch),
        cmocka_unit_test(a_resting_root_gets_nothing_unless_it_is_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
