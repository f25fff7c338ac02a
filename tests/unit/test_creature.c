/* SPDX-License-Identifier: MIT */
/* Creatures: shapes, the order of fitness, what moves and what is summed up, who is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/creature.h>
#include <evompi/rng.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void must(enum evo_status status)
{
    if (status != EVO_OK) { fail_msg("%s", evo_status_message()); }
}

static struct evo_population *make(size_t n, size_t genome)
{
    struct evo_population *population = NULL;
    must(evo_population_create(n, genome, 0, &population));
    for (size_t i = 0; i < n; i++) {
        population->id[i] = 100 + i;
        population->parent[i] = 200 + i;
        population->born[i] = 300 + i;
        population->flown[i] = 400 + i;
        population->fitness[i] = 0.5 + (double)i;
        for (size_t k = 0; k < genome; k++) {
            population->genomes[i * genome + k] = (double)(1000 * i + k);
        }
    }
    return population;
}

static void a_shape_counts_matrix_and_constants(void **state)
{
    (void)state;
    const struct {
        struct evo_shape shape;
        size_t rows, cols, matrix, genome;
    } cases[] = {
        {{1, 2, 1, 0}, 2, 3, 6, 8},
        {{0, 2, 1, 0}, 1, 2, 2, 3},
        {{4, 2, 1, 0}, 5, 6, 30, 35},
        {{0, 12, 4, 0}, 4, 12, 48, 52},
        {{2, 12, 4, 3}, 6, 14, 3 * 14 + 6 * 17, 144 + 3 + 6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(evo_shape_rows(cases[i].shape), cases[i].rows);
        assert_int_equal(evo_shape_cols(cases[i].shape), cases[i].cols);
        assert_int_equal(evo_shape_matrix(cases[i].shape), cases[i].matrix);
        assert_int_equal(evo_shape_genome(cases[i].shape), cases[i].genome);
    }
}

/* ---- order ---------------------------------------------------------------------------------- */

/* Better to worse; values of one class are the same but for their id. */
static const struct {
    double fitness;
    int class;
} ladder[] = {
    {-DBL_MAX, 0},   {-1.0, 1},      {-DBL_MIN, 2},
    {-0x1p-1074, 3}, {-0.0, 4},      {0.0, 4},
    {0x1p-1074, 5},  {1.0, 6},       {1.0 + DBL_EPSILON, 7},
    {DBL_MAX, 8},    {-INFINITY, 9}, {INFINITY, 10},
    {NAN, 11},       {-NAN, 11},
};
enum { N_LADDER = sizeof ladder / sizeof ladder[0], N_IDS = 2 };

static void order_puts_finite_first_then_infinite_then_nan_and_the_older_first(void **state)
{
    (void)state;
    for (size_t a = 0; a < N_LADDER * N_IDS; a++) {
        for (size_t b = 0; b < N_LADDER * N_IDS; b++) {
            int class_a = ladder[a / N_IDS].class, class_b = ladder[b / N_IDS].class;
            uint64_t id_a = a % N_IDS, id_b = b % N_IDS;
            bool expected = class_a != class_b ? class_a < class_b : id_a < id_b;
            assert_int_equal(evo_fitness_before(ladder[a / N_IDS].fitness, id_a,
                                                ladder[b / N_IDS].fitness, id_b),
                             expected);
        }
    }
}

static void keys_order_as_fitness_does(void **state)
{
    (void)state;
    double fitness[N_LADDER];
    uint64_t keys[N_LADDER];
    for (size_t i = 0; i < N_LADDER; i++) { fitness[i] = ladder[i].fitness; }
    evo_fitness_keys(fitness, N_LADDER, keys);
    for (size_t a = 0; a < N_LADDER; a++) {
        for (size_t b = 0; b < N_LADDER; b++) {
            assert_int_equal(keys[a] < keys[b], ladder[a].class < ladder[b].class);
        }
    }
}

/* ---- population ----------------------------------------------------------------------------- */

static void keeping_moves_every_array_and_leaves_none_out(void **state)
{
    (void)state;
    const size_t slots[] = {0, 2, 3, 6}, widths[] = {1, 8, 13};
    for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
        struct evo_population *population = make(7, widths[w]);
        evo_population_keep(population, slots, 4);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(population->id[i], 100 + slots[i]);
            assert_int_equal(population->parent[i], 200 + slots[i]);
            assert_int_equal(population->born[i], 300 + slots[i]);
            assert_int_equal(population->flown[i], 400 + slots[i]);
            assert_true(population->fitness[i] == 0.5 + (double)slots[i]);
            for (size_t k = 0; k < widths[w]; k++) {
                double gene = population->genomes[i * widths[w] + k];
                assert_true(gene == (double)(1000 * slots[i] + k));
            }
        }
        evo_population_destroy(population);
    }
}

static void fields_borrow_every_array(void **state)
{
    (void)state;
    struct evo_population *population = make(5, 8);
    const void *const arrays[] = {population->id,    population->parent,  population->born,
                                  population->flown, population->fitness, population->genomes};
    struct evo_field fields[EVO_POPULATION_FIELDS];
    size_t n_fields = evo_population_fields(population, fields);
    assert_int_equal(n_fields, sizeof arrays / sizeof arrays[0]);
    for (size_t a = 0; a < sizeof arrays / sizeof arrays[0]; a++) {
        size_t n_found = 0;
        for (size_t i = 0; i < n_fields; i++) {
            n_found += fields[i].data == arrays[a] ? 1 : 0;
            assert_int_equal(fields[i].n_rows, 5);
            assert_int_equal(fields[i].n_cols, fields[i].data == population->genomes ? 8 : 0);
        }
        assert_int_equal(n_found, 1);
    }
    evo_population_destroy(population);
}

/* ---- summary -------------------------------------------------------------------------------- */

static struct evo_population_summary summary_of(const double *fitness, size_t n)
{
    struct evo_population *population = make(n, 1);
    struct evo_population_summary summary;
    memcpy(population->fitness, fitness, n * sizeof *fitness);
    must(evo_population_summarize(population, &summary));
    evo_population_destroy(population);
    return summary;
}

static void a_summary_is_over_the_finite_and_counts_the_others(void **state)
{
    (void)state;
    const double fitness[] = {NAN, 4.0, INFINITY, 2.0, -INFINITY, 6.0, 2.0};
    struct evo_population_summary summary = summary_of(fitness, 7);
    assert_true(summary.best == 2.0);
    assert_true(summary.worst == 6.0);
    assert_true(fabs(summary.mean - 3.5) < 1e-15);
    assert_true(fabs(summary.spread - sqrt(2.75)) < 1e-15);
    assert_int_equal(summary.n_bad, 3);
    assert_int_equal(summary.i_best, 3);
}

static void a_summary_agrees_with_long_sums(void **state)
{
    (void)state;
    enum { N = 10007 };
    double fitness[N];
    long double sum = 0.0L, squares = 0.0L;
    struct evo_rng rng = evo_rng_begin(3, EVO_STREAM_RUN, 0, 0);
    for (size_t i = 0; i < N; i++) {
        fitness[i] = 1141.0 + 1e5 * evo_rng_uniform(&rng);
        sum += fitness[i];
    }
    for (size_t i = 0; i < N; i++) { squares += powl(fitness[i] - sum / N, 2); }
    struct evo_population_summary summary = summary_of(fitness, N);
    assert_true(fabs(summary.mean - (double)(sum / N)) < 1e-12 * summary.mean);
    assert_true(fabs(summary.spread - (double)sqrtl(squares / N)) < 1e-12 * summary.spread);
}

static void a_summary_of_huge_fitness_does_not_overflow(void **state)
{
    (void)state;
    const double fitness[] = {DBL_MAX, -DBL_MAX, DBL_MAX, -DBL_MAX};
    struct evo_population_summary summary = summary_of(fitness, 4);
    assert_true(summary.mean == 0.0);
    assert_true(summary.spread == DBL_MAX);
    const double high[] = {1e308, 1.5e308, 1.5e308, 1e308, 1.25e308};
    summary = summary_of(high, 5);
    assert_true(fabs(summary.mean / 1.25e308 - 1.0) < 1e-15);
    assert_true(isfinite(summary.spread) && summary.spread > 0.2e308);
}

static void a_summary_of_one_value_has_no_spread(void **state)
{
    (void)state;
    const double fitness[] = {0.1, 0.1, 0.1};
    struct evo_population_summary summary = summary_of(fitness, 3);
    assert_true(summary.mean == 0.1 && summary.spread == 0.0);
    assert_int_equal(summary.i_best, 0);
}

static void a_summary_where_nobody_is_finite_has_a_first_but_no_figures(void **state)
{
    (void)state;
    const double fitness[] = {NAN, INFINITY, -INFINITY, INFINITY};
    struct evo_population_summary summary = summary_of(fitness, 4);
    assert_true(isnan(summary.best) && isnan(summary.mean) && isnan(summary.worst) &&
                isnan(summary.spread));
    assert_int_equal(summary.n_bad, 4);
    assert_int_equal(summary.i_best, 2);
}

static void a_tie_for_the_best_goes_to_the_oldest_in_any_slot(void **state)
{
    (void)state;
    const double values[] = {3.0, -0.0, NAN};
    for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
        struct evo_population *population = make(4, 1);
        const uint64_t ids[] = {9, 4, 7, 5};
        memcpy(population->id, ids, sizeof ids);
        for (size_t i = 0; i < 4; i++) { population->fitness[i] = values[v] + 0.0 * (double)i; }
        struct evo_population_summary summary;
        must(evo_population_summarize(population, &summary));
        assert_int_equal(summary.i_best, 1);
        evo_population_destroy(population);
    }
}

static void an_empty_population_is_refused(void **state)
{
    (void)state;
    struct evo_population *population = make(0, 8);
    struct evo_population_summary summary;
    assert_int_equal(evo_population_summarize(population, &summary), EVO_ERR_INTERNAL);
    evo_population_destroy(population);
}

/* ---- lineage -------------------------------------------------------------------------------- */

static void check_row(const struct evo_table *table, size_t row,
                      const struct evo_population *population, size_t i, uint64_t died)
{
    const struct {
        const char *name;
        const void *value;
        size_t bytes;
    } expected[] = {
        {"id", &population->id[i], 8},
        {"parent", &population->parent[i], 8},
        {"born", &population->born[i], 8},
        {"died", &died, 8},
        {"flown", &population->flown[i], 8},
        {"fitness", &population->fitness[i], 8},
        {"genome", population->genomes + i * population->genome, 8 * population->genome},
    };
    assert_int_equal(table->n_columns, sizeof expected / sizeof expected[0]);
    for (size_t c = 0; c < table->n_columns; c++) {
        assert_string_equal(table->columns[c].name, expected[c].name);
        assert_memory_equal((const char *)table->data[c] + row * expected[c].bytes,
                            expected[c].value, expected[c].bytes);
    }
}

/* Six die after generation 9, born in 9 (three of them) or before; one is crowned. */
static void the_ledger_keeps_those_of_its_kind(void **state)
{
    (void)state;
    const struct {
        enum evo_lineage_keep keep;
        size_t n_rows, slots[6];
        uint64_t died;
    } cases[] = {
        {EVO_KEEP_ALL, 6, {0, 1, 2, 3, 5, 6}, 9},
        {EVO_KEEP_SURVIVORS, 3, {1, 2, 5}, 9},
        {EVO_KEEP_CHAMPIONS, 1, {4}, EVO_NOBODY},
        {EVO_KEEP_NONE, 0, {0}, 0},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct evo_population *population = make(7, 3);
        const uint64_t born[] = {9, 8, 1, 9, 9, 7, 9};
        memcpy(population->born, born, sizeof born);
        struct evo_lineage *lineage = NULL;
        must(evo_lineage_create(cases[k].keep, 3, 0, &lineage));

        size_t dead[] = {0, 1, 2, 3, 5, 6};
        must(evo_lineage_bury(lineage, population, dead, 6, 9));
        must(evo_lineage_crown(lineage, population, 4));
        assert_int_equal(lineage->table->n_rows, cases[k].n_rows);
        for (size_t row = 0; row < cases[k].n_rows; row++) {
            check_row(lineage->table, row, population, cases[k].slots[row], cases[k].died);
        }
        evo_lineage_destroy(lineage);
        evo_population_destroy(population);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shape_counts_matrix_and_constants),
        cmocka_unit_test(order_puts_finite_first_then_infinite_then_nan_and_the_older_first),
        cmocka_unit_test(keys_order_as_fitness_does),
        cmocka_unit_test(keeping_moves_every_array_and_leaves_none_out),
        cmocka_unit_test(fields_borrow_every_array),
        cmocka_unit_test(a_summary_is_over_the_finite_and_counts_the_others),
        cmocka_unit_test(a_summary_agrees_with_long_sums),
        cmocka_unit_test(a_summary_of_huge_fitness_does_not_overflow),
        cmocka_unit_test(a_summary_of_one_value_has_no_spread),
        cmocka_unit_test(a_summary_where_nobody_is_finite_has_a_first_but_no_figures),
        cmocka_unit_test(a_tie_for_the_best_goes_to_the_oldest_in_any_slot),
        cmocka_unit_test(an_empty_population_is_refused),
        cmocka_unit_test(the_ledger_keeps_those_of_its_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
