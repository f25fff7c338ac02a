/* SPDX-License-Identifier: MIT */
/* The original's selection: how many live and die of each part, and whose child everybody is. */
#include "test_search.h"

/* ---- who lived ------------------------------------------------------------------------------- */

/* A generation as it was told, in order of fitness. */
struct told {
    size_t n;
    uint64_t *ids;
    double *fitness;
};

static const struct told *sorting;

static int by_order(const void *a, const void *b)
{
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    bool before = evo_fitness_before(sorting->fitness[i], sorting->ids[i], sorting->fitness[j],
                                     sorting->ids[j]);
    return before ? -1 : i == j ? 0 : 1;
}

/* Copies the living; ranks[i] is the place of slot i in the order, by a sort of everybody. */
static void remember(const struct evo_population *population, struct told *told, size_t *ranks)
{
    size_t *order = NULL;
    told->n = population->n;
    must(evo_alloc(told->n, sizeof *order, "test", &order));
    memcpy(told->ids, population->id, told->n * sizeof *told->ids);
    memcpy(told->fitness, population->fitness, told->n * sizeof *told->fitness);
    for (size_t i = 0; i < told->n; i++) { order[i] = i; }
    sorting = told;
    qsort(order, told->n, sizeof *order, by_order);
    for (size_t i = 0; i < told->n; i++) { ranks[order[i]] = i; }
    free(order);
}

/* How many of each part of the order live on. */
struct parts {
    size_t n_elite, n_half, n_swap;
};

static void check_survivors(const struct evo_population *population, const struct told *told,
                            const size_t *ranks, struct parts parts)
{
    size_t n_elite = 0, n_upper = 0, n_lower = 0;
    for (size_t slot = 0, i = 0; slot < parts.n_half; slot++, i++) {
        /* Both stand in order of id. */
        while (i < told->n && told->ids[i] < population->id[slot]) { i++; }
        assert_true(i < told->n && told->ids[i] == population->id[slot]);
        assert_memory_equal(&told->fitness[i], &population->fitness[slot], sizeof(double));
        *(ranks[i] < parts.n_elite ? &n_elite : ranks[i] < parts.n_half ? &n_upper : &n_lower) += 1;
    }
    assert_int_equal(n_elite, parts.n_elite);
    assert_int_equal(n_upper, parts.n_half - parts.n_elite - parts.n_swap);
    assert_int_equal(n_lower, parts.n_swap);
}

static void check_children(const struct evo_population *population, size_t n_survivors,
                           uint64_t generation, uint64_t next_id)
{
    for (size_t slot = n_survivors; slot < population->n; slot++) {
        size_t child = slot - n_survivors;
        assert_int_equal(population->id[slot], next_id + child);
        assert_int_equal(population->parent[slot], population->id[child % n_survivors]);
        assert_int_equal(population->born[slot], generation);
    }
}

/* Runs some generations and checks each selection against a sort of everybody. */
static void check_selection(const char *keys, size_t n, enum scores scores, struct parts parts)
{
    enum { N_GENERATIONS = 5 };
    struct trial trial;
    struct told told = {0};
    size_t *ranks = NULL;
    trial_begin(&trial, "[population]\nsize = %zu\n%s", n, keys);
    must(evo_alloc(n, sizeof *ranks, "test", &ranks));
    must(evo_alloc(n, sizeof *told.ids, "test", &told.ids));
    must(evo_alloc(n, sizeof *told.fitness, "test", &told.fitness));

    trial_step(&trial, 1, scores);
    uint64_t next_id = n;
    for (uint64_t g = 2; g <= N_GENERATIONS; g++) {
        remember(trial.population, &told, ranks);
        trial_ask(&trial, g, false);
        assert_int_equal(trial.first, parts.n_half);
        assert_int_equal(trial.n, n - parts.n_half);
        check_survivors(trial.population, &told, ranks, parts);
        check_children(trial.population, parts.n_half, g, next_id);
        next_id += trial.n;
        trial_score(&trial, scores);
        must(evo_search_tell(trial.search, g));
    }
    free(told.ids);
    free(told.fitness);
    free(ranks);
    trial_end(&trial);
}

static void parts_have_the_original_sizes_for_any_population_and_scores(void **state)
{
    (void)state;
    /* round() of Python: half to even. */
    const struct {
        size_t n;
        struct parts parts;
    } cases[] = {
        {4, {0, 2, 1}},
        {5, {0, 2, 1}},
        {6, {0, 3, 1}},
        {7, {0, 4, 1}},
        {8, {0, 4, 1}},
        {9, {0, 4, 1}},
        {10, {0, 5, 2}},
        {50, {0, 25, 8}},
        {150, {2, 75, 22}},
        {499, {5, 250, 75}},
        {500, {5, 250, 75}},
        {501, {5, 250, 75}},
        {100003, {1000, 50002, 15000}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int scores = 0; scores < N_SCORES; scores++) {
            check_selection("", cases[i].n, (enum scores)scores, cases[i].parts);
        }
    }
}

static void odd_keys_still_leave_somebody_to_live_and_somebody_to_be_born(void **state)
{
    (void)state;
    const struct {
        const char *keys;
        size_t n;
        struct parts parts;
    } cases[] = {
        {"[ga]\nsurvivors = 0\n", 10, {0, 1, 1}},
        {"[ga]\nsurvivors = 0\nelite = 1\n", 10, {1, 1, 0}},
        {"[ga]\nsurvivors = 1\n", 10, {0, 9, 1}},
        {"[ga]\nsurvivors = 1\nelite = 1\nswap = 1\n", 4, {3, 3, 0}},
        {"[ga]\nsurvivors = 0.2\nswap = 1\n", 10, {0, 2, 2}},
        {"[ga]\nsurvivors = 0.8\nswap = 1\n", 10, {0, 8, 2}},
        {"[ga]\nelite = 0.5\nswap = 0.5\n", 10, {5, 5, 0}},
        {"[ga]\nswap = 0\n", 500, {5, 250, 0}},
        {"[ga]\nelite = 0\nswap = 1\n", 10, {0, 5, 5}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int scores = 0; scores < N_SCORES; scores++) {
            check_selection(cases[i].keys, cases[i].n, (enum scores)scores, cases[i].parts);
        }
    }
}

/* ---- chance ---------------------------------------------------------------------------------- */

/* Of 100 whose fitness never changes again, who dies after a generation? Elite and swap are as
 * always, so 15 of 49 in the upper part and 35 of 50 in the lower. */
static void who_dies_is_evenly_spread_over_each_part(void **state)
{
    (void)state;
    enum { P = 100, N_SEEDS = 2000, N_ELITE = 1, N_HALF = 50 };
    size_t n_deaths[P] = {0};
    for (int seed = 0; seed < N_SEEDS; seed++) {
        struct trial trial;
        trial_begin(&trial, "[job]\nseed = %d\n[population]\nsize = %d\n", seed, P);
        trial_ask(&trial, 1, false);
        /* The older the worse. */
        for (size_t i = 0; i < P; i++) { trial.population->fitness[i] = (double)(P - i); }
        must(evo_search_tell(trial.search, 1));
        trial_ask(&trial, 2, false);
        bool lives[P] = {false};
        for (size_t i = 0; i < trial.first; i++) { lives[P - 1 - trial.population->id[i]] = true; }
        for (size_t i = 0; i < P; i++) { n_deaths[i] += lives[i] ? 0 : 1; }
        trial_end(&trial);
    }
    /* Five standard deviations of a binomial count. */
    for (size_t i = 0; i < P; i++) {
        double p = i < N_ELITE ? 0.0 : i < N_HALF ? 15.0 / 49.0 : 35.0 / 50.0;
        double sd = sqrt(N_SEEDS * p * (1.0 - p));
        assert_true(fabs((double)n_deaths[i] - N_SEEDS * p) <= 5.0 * sd);
    }
}

/* The older the worse, so those who live through the first selection are the lower part of the
 * second, where 150 of 500 live. Who was lucky in the first, being of the lower part there too,
 * must not be luckier than the others in the second. */
static void luck_does_not_last(void **state)
{
    (void)state;
    enum { P = 1000, N_LUCKY = 150 };
    struct trial trial;
    trial_begin(&trial, "[population]\nsize = %d\n", P);
    for (uint64_t g = 1; g <= 2; g++) {
        trial_ask(&trial, g, false);
        for (size_t i = trial.first; i < trial.first + trial.n; i++) {
            trial.population->fitness[i] = -(double)trial.population->id[i];
        }
        must(evo_search_tell(trial.search, g));
    }
    trial_ask(&trial, 3, false);
    size_t n_lucky_again = 0;
    for (size_t i = 0; i < trial.first; i++) {
        n_lucky_again += trial.population->id[i] < P / 2 ? 1 : 0;
    }
    /* Five standard deviations of a draw without replacement. */
    double expected = N_LUCKY * 0.3, sd = sqrt(expected * 0.7 * 350.0 / 499.0);
    assert_true(fabs((double)n_lucky_again - expected) < 5.0 * sd);
    trial_end(&trial);
}

static void the_first_population_is_uniform_in_its_range(void **state)
{
    (void)state;
    struct trial trial;
    trial_begin(&trial, "[population]\nsize = 20000\n[ga]\ninitial_min = -2\ninitial_max = 3\n");
    trial_ask(&trial, 1, false);
    size_t n = trial.population->n * trial.population->genome, n_below[5] = {0};
    for (size_t i = 0; i < n; i++) {
        double x = trial.population->genomes[i];
        assert_true(x >= -2.0 && x < 3.0);
        n_below[(size_t)(x + 2.0)]++;
    }
    for (size_t i = 0; i < 5; i++) {
        assert_true(fabs((double)n_below[i] - 0.2 * (double)n) < 5.0 * sqrt(0.16 * (double)n));
    }
    for (size_t i = 0; i < trial.population->n; i++) {
        assert_int_equal(trial.population->parent[i], EVO_NOBODY);
    }
    trial_end(&trial);
}

/* ---- order, memory, refusals ---------------------------------------------------------------- */

static void a_state_out_of_order_is_refused(void **state)
{
    (void)state;
    struct trial trial;
    trial_begin(&trial, "[population]\nsize = 8\n");
    trial_step(&trial, 1, SMOOTH);
    trial.population->id[2] = 3;
    trial.population->id[3] = 2;
    assert_int_equal(evo_search_restored(trial.search), EVO_ERR_CHECKPOINT);
    trial_end(&trial);
}

static const uint64_t *column(const struct evo_table *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        if (strcmp(table->columns[i].name, name) == 0) { return table->data[i]; }
    }
    fail_msg("the ledger has no column %s", name);
    return NULL;
}

static void everybody_born_is_either_alive_or_in_a_ledger_of_all(void **state)
{
    (void)state;
    enum { P = 40, N_GENERATIONS = 12 };
    struct trial trial;
    trial_begin(&trial, "[population]\nsize = %d\n[lineage]\nkeep = all\n", P);
    for (uint64_t g = 1; g <= N_GENERATIONS; g++) { trial_step(&trial, g, SMOOTH); }

    const struct evo_table *table = trial.lineage->table;
    const uint64_t *id = column(table, "id"), *born = column(table, "born"),
                   *died = column(table, "died");
    size_t n_born = P + (N_GENERATIONS - 1) * P / 2, n_seen[P * N_GENERATIONS] = {0};
    for (size_t i = 0; i < P; i++) { n_seen[trial.population->id[i]]++; }
    for (size_t i = 0; i < table->n_rows; i++) {
        n_seen[id[i]]++;
        assert_true(born[i] <= died[i] && died[i] < N_GENERATIONS);
    }
    for (size_t i = 0; i < n_born; i++) { assert_int_equal(n_seen[i], 1); }
    trial_end(&trial);
}

static void all_ancestors_of_the_living_are_in_a_ledger_of_survivors(void **state)
{
    (void)state;
    enum { P = 40, N_GENERATIONS = 12 };
    struct trial trial;
    uint64_t parent_of[P * N_GENERATIONS];
    memset(parent_of, 0, sizeof parent_of);
    bool known[P * N_GENERATIONS] = {false};
    trial_begin(&trial, "[population]\nsize = %d\n[lineage]\nkeep = survivors\n", P);
    for (uint64_t g = 1; g <= N_GENERATIONS; g++) { trial_step(&trial, g, SMOOTH); }

    const struct evo_table *table = trial.lineage->table;
    const uint64_t *id = column(table, "id"), *born = column(table, "born"),
                   *died = column(table, "died"), *parent = column(table, "parent");
    assert_true(table->n_rows > 0);
    for (size_t i = 0; i < table->n_rows; i++) {
        assert_true(died[i] > born[i]);
        known[id[i]] = true;
        parent_of[id[i]] = parent[i];
    }
    for (size_t i = 0; i < P; i++) {
        known[trial.population->id[i]] = true;
        parent_of[trial.population->id[i]] = trial.population->parent[i];
    }
    for (size_t i = 0; i < P; i++) {
        for (uint64_t a = trial.population->id[i]; a != EVO_NOBODY; a = parent_of[a]) {
            assert_true(known[a]);
        }
    }
    trial_end(&trial);
}

static void keys_that_leave_nothing_to_do_are_refused_by_name(void **state)
{
    (void)state;
    const struct {
        const char *text, *named;
    } cases[] = {
        {"[ga]\ninitial_min = 1\ninitial_max = 0\n", "initial_min"},
        {"[ga]\nscale_min = 1\nscale_max = 0\n", "scale_min"},
        {"[ga]\nweight_scale_normal = 0\nweight_scale_each = 0\nweight_scale_one = 0\n"
         "weight_scale_all = 0\nweight_set = 0\nweight_copy = 0\n",
         "weight_scale_normal"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct trial trial;
        assert_int_equal(trial_try(&trial, cases[i].text, original_shape), EVO_ERR_CONFIG);
        assert_non_null(strstr(evo_status_message(), cases[i].named));
        trial_end(&trial);
    }
}

/* Whether child - parent is factor * (a - b), 0 <= factor < most, for survivors a and b. */
static bool is_difference(const struct evo_population *population, size_t n_survivors, size_t child,
                          double most)
{
    size_t width = population->genome;
    const double *y = population->genomes + child * width;
    const double *x = population->genomes + (child - n_survivors) % n_survivors * width;
    for (size_t pair = 0; pair < n_survivors * n_survivors; pair++) {
        const double *a = population->genomes + pair / n_survivors * width;
        const double *b = population->genomes + pair % n_survivors * width;
        double factor = a == b ? 0.0 : (y[0] - x[0]) / (a[0] - b[0]);
        size_t k = 0;
        while (k < width && fabs(y[k] - x[k] - factor * (a[k] - b[k])) < 1e-12) { k++; }
        if (k == width && factor >= -1e-12 && factor < most) { return true; }
    }
    return false;
}

static void as_many_children_as_asked_for_differ_by_a_difference_of_survivors(void **state)
{
    (void)state;
    const struct {
        double chance, scale;
    } cases[] = {{0.0, 0.5}, {0.3, 0.5}, {1.0, 0.25}};
    for (size_t c = 0; c < 3; c++) {
        struct trial trial;
        double n_children = 0.0, n_by_difference = 0.0;
        trial_begin(&trial,
                    "[population]\nsize = 401\n[ga]\nweight_copy = 0\nweight_set = 0\n"
                    "difference = %g\ndifference_scale = %g\n",
                    cases[c].chance, cases[c].scale);
        /* Of the first survivors no two have a block in common: what is found is no accident. */
        trial_step(&trial, 1, SMOOTH);
        trial_ask(&trial, 2, false);
        for (size_t i = trial.first; i < trial.first + trial.n; i++) {
            n_children += 1.0;
            n_by_difference +=
                is_difference(trial.population, trial.first, i, 2.0 * cases[c].scale);
        }
        double p = cases[c].chance, sd = sqrt(n_children * p * (1.0 - p));
        assert_true(fabs(n_by_difference - p * n_children) <= 5.0 * sd);
        trial_end(&trial);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_have_the_original_sizes_for_any_population_and_scores),
        cmocka_unit_test(odd_keys_still_leave_somebody_to_live_and_somebody_to_be_born),
        cmocka_unit_test(who_dies_is_evenly_spread_over_each_part),
        cmocka_unit_test(luck_does_not_last),
        cmocka_unit_test(the_first_population_is_uniform_in_its_range),
        cmocka_unit_test(a_state_out_of_order_is_refused),
        cmocka_unit_test(everybody_born_is_either_alive_or_in_a_ledger_of_all),
        cmocka_unit_test(all_ancestors_of_the_living_are_in_a_ledger_of_survivors),
        cmocka_unit_test(keys_that_leave_nothing_to_do_are_refused_by_name),
        cmocka_unit_test(as_many_children_as_asked_for_differ_by_a_difference_of_survivors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
