/* SPDX-License-Identifier: MIT */
/* The farm's shares and cuts: every unit once, whole batches, rank 0 by its weight; when hand-outs are tried. */
#include "../../src/farm/balance.h"
#include "../../src/farm/cut.h"

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

/* ---- cuts ---- */

static const struct evo_cut_wish wishes[] = {
    {.n = 4, .n_parts = 1, .batch = 8, .bytes = 80, .size = 2},
    {.n = 4, .n_parts = 10000, .batch = 8, .bytes = 80, .size = 64},
    {.n = 64, .n_parts = 64, .batch = 16, .bytes = 448, .size = 64},
    {.n = 1000000, .n_parts = 1, .batch = 1, .bytes = 64, .size = 3},
    {.n = 1000000, .n_parts = 10000, .batch = 32, .bytes = 64, .size = 5},
    {.n = 50000, .n_parts = 5, .batch = 32, .bytes = 80, .size = 64},
    {.n = 250, .n_parts = 5, .batch = 32, .bytes = 80, .size = 17},
    {.n = 37, .n_parts = 3, .batch = 4, .bytes = 80, .size = 130},
    {.n = 1, .n_parts = 1, .batch = 1, .bytes = 8, .size = 64},
    {.n = 64, .n_parts = 3, .batch = 1, .bytes = (size_t)100 << 20, .size = 2},
};
enum { N_WISHES = sizeof wishes / sizeof wishes[0] };

/* Counts what a piece has in `seen` [n][parts of the cut's ranges]. */
static void see(const struct evo_cut *cut, const struct evo_farm_piece *piece, unsigned char *seen)
{
    for (size_t i = piece->first; i < piece->first + piece->n; i++) {
        for (uint64_t p = piece->first_part; p < piece->first_part + piece->n_parts; p += cut->grain) {
            seen[i * cut->n_ranges + (size_t)(p / cut->grain)]++;
        }
    }
}

static size_t ceil_of(size_t a, size_t b) { return (a + b - 1) / b; }

/* The units that a piece has, of which unit `*first` is the first. */
static size_t units_of(const struct evo_cut *cut, const struct evo_farm_piece *piece, size_t *first)
{
    *first = piece->first / cut->block * cut->n_ranges + (size_t)(piece->first_part / cut->grain);
    return ceil_of(piece->n, cut->block) * ceil_of((size_t)piece->n_parts, (size_t)cut->grain);
}

static void check_piece(const struct evo_cut *cut, const struct evo_farm_piece *piece, size_t first, size_t n)
{
    size_t at = 0;
    assert_true(piece->n > 0 && piece->n_parts > 0);
    assert_true(piece->first + piece->n <= cut->n && piece->first_part + piece->n_parts <= cut->n_parts);
    if (!evo_cut_is_whole(cut, piece)) { assert_true(piece->n <= cut->block); }
    assert_int_equal(units_of(cut, piece, &at), n);
    assert_int_equal(at, first);
}

/* Pieces of the sizes that `next` gives have every part of every item once. */
static void check_pieces(struct evo_cut_wish wish, size_t (*next)(size_t left))
{
    struct evo_cut cut = evo_cut_make(wish);
    size_t bytes = wish.n * cut.n_ranges;
    unsigned char *seen = calloc(bytes, 1);
    assert_non_null(seen);
    for (size_t first = 0, n; first < cut.n_units; first += n) {
        struct evo_farm_piece piece;
        size_t most = next(cut.n_units - first);
        n = evo_cut_piece(&cut, first, most, &piece);
        assert_true(n >= 1 && n <= most);
        check_piece(&cut, &piece, first, n);
        assert_true(piece.n == 1 || piece.n * wish.bytes <= (size_t)1 << 30);
        see(&cut, &piece, seen);
    }
    for (size_t i = 0; i < bytes; i++) { assert_int_equal(seen[i], 1); }
    free(seen);
}

static size_t all_of(size_t left) { return left; }
static size_t one_of(size_t left) { return left > 0 ? 1 : 0; }
static size_t some_of(size_t left) { return 1 + (left * 7919) % 13 % left; }
static size_t fewer_of(size_t left) { return left / 8 + 1; }

static void pieces_have_every_part_of_every_item_once(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < N_WISHES; i++) {
        check_pieces(wishes[i], all_of);
        check_pieces(wishes[i], one_of);
        check_pieces(wishes[i], some_of);
        check_pieces(wishes[i], fewer_of);
    }
}

static void every_rank_has_several_units_of_full_batches_where_there_are_enough(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < N_WISHES; i++) {
        struct evo_cut cut = evo_cut_make(wishes[i]);
        double all = (double)wishes[i].n * (double)wishes[i].n_parts, size = wishes[i].size;
        assert_true((double)cut.n_units <= 3.0 * EVO_CUT_UNITS * size);
        if (all >= 8.0 * size * (double)wishes[i].batch) {
            assert_true(wishes[i].bytes > 1 << 20 || cut.block % wishes[i].batch == 0 || cut.block == wishes[i].n);
            assert_true((double)cut.n_units >= 4.0 * size);
        }
        if (all >= size) { assert_true((double)cut.n_units >= 0.5 * size); }
    }
}

static void shares_of_a_cut_have_every_unit_once(void **unused)
{
    (void)unused;
    size_t ends[MOST_RANKS];
    for (size_t i = 0; i < N_WISHES; i++) {
        struct evo_cut cut = evo_cut_make(wishes[i]);
        evo_cut_shares(&cut, wishes[i].size, 0.5, ends);
        for (int rank = 1; rank < wishes[i].size; rank++) { assert_true(ends[rank] >= ends[rank - 1]); }
        assert_int_equal(ends[wishes[i].size - 1], cut.n_units);
    }
}

static void nothing_to_do_is_no_piece(void **unused)
{
    (void)unused;
    struct evo_cut cut = evo_cut_make((struct evo_cut_wish){.n = 0, .n_parts = 5, .batch = 8, .bytes = 8, .size = 3});
    assert_int_equal(cut.n_units, 0);
}

/* ---- when hand-outs are tried ---- */

static void learn(struct evo_balance *balance, int n, double wall_s, double idle_share)
{
    for (int i = 0; i < n; i++) { evo_balance_learn(balance, 1000.0, wall_s, idle_share * wall_s); }
}

static void shares_stay_where_ranks_hardly_wait(void **unused)
{
    (void)unused;
    struct evo_balance balance = {0};
    learn(&balance, 100, 0.01, 0.05);
    assert_false(evo_balance_is_dynamic(&balance, EVO_BALANCE_AUTO));
    learn(&balance, 100, 20e-6, 0.9); // shorter than its messages take
    assert_false(evo_balance_is_dynamic(&balance, EVO_BALANCE_AUTO));
    assert_true(evo_balance_is_dynamic(&balance, EVO_BALANCE_DYNAMIC));
}

static void hand_outs_stay_where_they_are_quicker(void **unused)
{
    (void)unused;
    struct evo_balance balance = {0};
    learn(&balance, 10, 0.01, 0.4);
    assert_true(evo_balance_is_dynamic(&balance, EVO_BALANCE_AUTO));
    assert_false(evo_balance_is_dynamic(&balance, EVO_BALANCE_STATIC));
    learn(&balance, 100, 0.007, 0.1);
    assert_true(evo_balance_is_dynamic(&balance, EVO_BALANCE_AUTO));
}

static void hand_outs_that_are_slower_end_and_come_back_later_each_time(void **unused)
{
    (void)unused;
    struct evo_balance balance = {0};
    int waits[3] = {0};
    for (int k = 0; k < 3; k++) {
        for (; !balance.dynamic; waits[k]++) { learn(&balance, 1, 0.01, 0.4); }
        for (int i = 0; balance.dynamic; i++) {
            assert_true(i < 20);
            learn(&balance, 1, 0.02, 0.4);
        }
    }
    assert_true(waits[1] > waits[0] && waits[2] > waits[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_have_every_part_of_every_item_once),
        cmocka_unit_test(every_rank_has_several_units_of_full_batches_where_there_are_enough),
        cmocka_unit_test(shares_of_a_cut_have_every_unit_once),
        cmocka_unit_test(nothing_to_do_is_no_piece),
        cmocka_unit_test(shares_stay_where_ranks_hardly_wait),
        cmocka_unit_test(hand_outs_stay_where_they_are_quicker),
        cmocka_unit_test(hand_outs_that_are_slower_end_and_come_back_later_each_time),
        cmocka_unit_test(shares_hand_out_every_item_once),
        cmocka_unit_test(shares_differ_from_the_ideal_by_less_than_a_batch),
        cmocka_unit_test(a_resting_root_gets_nothing_unless_it_is_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
