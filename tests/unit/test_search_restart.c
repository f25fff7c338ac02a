/* SPDX-License-Identifier: MIT */
/* Restarts of cmaes: each rule that ends an instance, and how many samples the next one has. */
#include "test_search.h"

#include <unistd.h>

static uint64_t *counts(struct trial *trial, const char *name) { return trial_field(trial, name); }

/* ---- functions ------------------------------------------------------------------------------ */

static double sphere(const double *x, size_t n, uint64_t id)
{
    (void)id;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) { sum += x[i] * x[i]; }
    return sum;
}

static double slope(const double *x, size_t n, uint64_t id)
{
    (void)n, (void)id;
    return x[0];
}

static double narrow(const double *x, size_t n, uint64_t id)
{
    return sphere(x + 1, n - 1, id) + 1e6 * x[0] * x[0];
}

/* Of no use at all, and never twice the same. */
static double noise(const double *x, size_t n, uint64_t id)
{
    (void)x, (void)n;
    return (double)(id * UINT64_C(0x9e3779b97f4a7c15) >> 20);
}

typedef double function(const double *x, size_t n, uint64_t id);

static void step(struct trial *trial, uint64_t generation, bool changing, function *f)
{
    trial_ask(trial, generation, changing);
    const struct evo_population *population = trial->population;
    for (size_t i = 0; i < population->n; i++) {
        population->fitness[i] =
            f(population->genomes + i * population->genome, population->genome, population->id[i]);
    }
    must(evo_search_tell(trial->search, generation));
}

/* ---- why it restarts ------------------------------------------------------------------------ */

static void assert_log_says(const char *path, const char *words)
{
    char *text = NULL;
    size_t n = 0;
    must(evo_file_read(path, 1 << 20, &text, &n));
    if (strstr(text, words) == NULL) { fail_msg("not in the log: %s\n%s", words, text); }
    free(text);
}

static void each_rule_ends_an_instance_and_is_named_in_the_log(void **state)
{
    (void)state;
    const struct {
        const char *name, *keys;
        function *f;
        bool changing;
    } rules[] = {
        {"max_growth", "max_growth = 100\n", slope, false},
        {"max_condition", "max_condition = 1000\n", narrow, false},
        {"tolfun", "tolfun = 1e-3\n", sphere, false},
        {"tolx", "tolx = 1e-4\ntolfun = 0\n", sphere, false},
        {"no_effect_axis", "mean_matrix = 1e20\nmean_constants = 1e20\n", sphere, false},
        {"no_effect_coordinate", "mean_constants = 1e20\n", sphere, false},
        {"stagnation", "patience = 1000000\n", noise, false},
        {"stagnation", "", noise, true},
        {"patience", "patience = 20\n", noise, false},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        char path[] = "/tmp/evompi-restart-XXXXXX", words[64];
        int file = mkstemp(path);
        assert_true(file >= 0 && close(file) == 0);
        must(evo_log_open(path));
        struct trial trial;
        trial_begin(&trial, "[search]\nname = cmaes\n[population]\nsize = 20\n[cmaes]\n%s",
                    rules[i].keys);
        const uint64_t *restarts = counts(&trial, "restarts");
        for (uint64_t g = 1; restarts[0] == 0; g++) {
            if (g > 2000) { fail_msg("no restart by %s", rules[i].name); }
            step(&trial, g, rules[i].changing, rules[i].f);
        }
        snprintf(words, sizeof words, "; %s: ", rules[i].name);
        assert_log_says(path, words);
        trial_end(&trial);
        evo_log_close();
        unlink(path);
    }
}

static void the_log_of_many_restarts_stays_short(void **state)
{
    (void)state;
    char path[] = "/tmp/evompi-restart-XXXXXX", *text = NULL;
    int file = mkstemp(path);
    assert_true(file >= 0 && close(file) == 0);
    must(evo_log_open(path));
    struct trial trial;
    /* 50 instances that end in every generation. */
    trial_begin(&trial, "[search]\nname = cmaes\n[population]\nsize = 200\n[cmaes]\nlambda = 4\n"
                        "mean_matrix = 1e20\nmean_constants = 1e20\n");
    for (uint64_t g = 1; g <= 40; g++) { step(&trial, g, false, sphere); }
    trial_end(&trial);
    evo_log_close();
    size_t n = 0, n_lines = 0;
    must(evo_file_read(path, 1 << 20, &text, &n));
    for (size_t i = 0; i < n; i++) { n_lines += text[i] == '\n' ? 1 : 0; }
    assert_in_range(n_lines, 101, 120);
    assert_log_says(path,
                    "cmaes: 1900 more restarts until generation 40, best of them inf; 1900 by "
                    "no_effect_axis");
    free(text);
    unlink(path);
}

/* ---- with how many samples ------------------------------------------------------------------ */

static void with_ipop_samples_double_at_each_restart_and_begin_again_in_the_end(void **state)
{
    (void)state;
    struct trial trial;
    /* Two instances, of 6 and 5 creatures. Noise ends each by patience, after 21 iterations. */
    trial_begin(&trial, "[search]\nname = cmaes\n[population]\nsize = 11\n[cmaes]\ninstances = 2\n"
                        "restart = ipop\ndoublings = 3\npatience = 5\n");
    const uint64_t *doublings = counts(&trial, "doublings"), *restarts = counts(&trial, "restarts");
    const uint64_t *iterations = counts(&trial, "iterations"),
                   *gathered = counts(&trial, "gathered");
    uint64_t began[2] = {0, 0};
    for (uint64_t g = 1; restarts[0] < 9 || restarts[1] < 9; g++) {
        uint64_t before[2] = {restarts[0], restarts[1]};
        assert_true(g < 10000);
        step(&trial, g, false, noise);
        for (size_t k = 0; k < 2; k++) {
            if (restarts[k] > before[k]) { began[k] = g; }
            assert_int_equal(doublings[k], restarts[k] % 4);
            assert_int_equal((iterations[k] << doublings[k]) + gathered[k], g - began[k]);
        }
    }
    trial_end(&trial);
}

/* A score that only one creature of an iteration has, in its first generation. */
static void an_iteration_of_several_generations_learns_from_all_of_them(void **state)
{
    (void)state;
    static const char *const bounds[] = {"", "bound_min = -1\nbound_max = 2\n"};
    for (size_t b = 0; b < 2; b++) {
        struct trial trial;
        trial_begin(&trial,
                    "[search]\nname = cmaes\n[population]\nsize = 10\n[cmaes]\nlambda = 10\n"
                    "restart = ipop\npatience = 1\n%s",
                    bounds[b]);
        const uint64_t *doublings = counts(&trial, "doublings");
        const uint64_t *gathered = counts(&trial, "gathered");
        const double *mean = (const double *)counts(&trial, "mean");
        uint64_t g = 1;
        for (; doublings[0] < 2; g++) { step(&trial, g, false, noise); }
        double only[8];
        uint64_t id = 0;
        for (size_t part = 0; part < 4; part++, g++) {
            assert_int_equal(gathered[0], part);
            trial_ask(&trial, g, false);
            if (part == 1) {
                memcpy(only, trial.population->genomes + 3 * 8, sizeof only);
                id = trial.population->id[3];
                trial.population->fitness[3] = 5.0;
            }
            must(evo_search_tell(trial.search, g));
        }
        for (size_t i = 0; i < 8; i++) { assert_true(fabs(mean[i] - only[i]) < 1e-14); }
        trial_ask(&trial, g, false);
        for (size_t i = 0; i < 10; i++) { assert_int_equal(trial.population->parent[i], id); }
        trial_end(&trial);
    }
}

static void where_flights_change_each_generation_of_an_iteration_has_its_say(void **state)
{
    (void)state;
    struct trial trials[2];
    for (size_t t = 0; t < 2; t++) {
        trial_begin(&trials[t], "[search]\nname = cmaes\n[population]\nsize = 10\n[cmaes]\n"
                                "lambda = 10\nrestart = ipop\npatience = 30\n");
        const uint64_t *doublings = counts(&trials[t], "doublings");
        uint64_t g = 1;
        for (; doublings[0] < 1; g++) { step(&trials[t], g, true, noise); }
        /* Easy flights take a third off every score: no reason to prefer who flew them. */
        for (size_t k = 0; k < 10; k++, g++) {
            trial_ask(&trials[t], g, true);
            trial_score(&trials[t], SMOOTH);
            for (size_t i = 0; i < 10; i++) {
                trials[t].population->fitness[i] *= t == 1 && k % 2 == 0 ? 1e-3 : 1.0;
            }
            must(evo_search_tell(trials[t].search, g));
        }
        assert_memory_equal(counts(&trials[t], "mean"), counts(&trials[0], "mean"), 64);
    }
    trial_end(&trials[0]);
    trial_end(&trials[1]);
}

static void with_bipop_small_runs_spend_no_more_than_large_ones(void **state)
{
    (void)state;
    struct trial trial;
    trial_begin(&trial, "[search]\nname = cmaes\n[population]\nsize = 8\n[cmaes]\nrestart = bipop\n"
                        "doublings = 4\npatience = 5\n");
    const uint64_t *doublings = counts(&trial, "doublings"), *restarts = counts(&trial, "restarts");
    const uint64_t *small = counts(&trial, "small"), *spent = counts(&trial, "spent");
    const uint64_t *large = counts(&trial, "large");
    const double *sigma = (const double *)counts(&trial, "sigma");
    size_t n_small = 0, n_large = 0;
    for (uint64_t g = 1; restarts[0] < 60; g++) {
        uint64_t before = restarts[0];
        step(&trial, g, false, noise);
        if (restarts[0] == before) { continue; }
        if (small[0] == 1) {
            n_small++;
            assert_true(spent[1] < spent[0]);
            assert_true(doublings[0] < large[0]);
            assert_true(sigma[0] > 0.01 && sigma[0] <= 1.0);
        } else {
            n_large++;
            assert_true(large[0] <= 1 || spent[1] >= spent[0]);
            assert_int_equal(doublings[0], large[0]);
            assert_true(sigma[0] == 1.0);
        }
    }
    assert_true(n_small > 5 && n_large > 5);
    trial_end(&trial);
}

static void more_doublings_than_memory_has_are_refused(void **state)
{
    (void)state;
    struct trial trial;
    const char *text =
        "[search]\nname = cmaes\n[population]\nsize = 100000\n[cmaes]\nrestart = ipop\n"
        "doublings = 20\n";
    assert_int_equal(trial_try(&trial, text, original_shape), EVO_ERR_CONFIG);
    if (strstr(evo_status_message(), "doublings") == NULL) { fail_msg("%s", evo_status_message()); }
    trial_end(&trial);
}

static void a_state_beyond_its_arrays_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"past_count", "gathered", "doublings", "large", "small"};
    const uint64_t wrong[] = {65, 1, 4, 4, 2};
    struct trial trial;
    trial_begin(&trial, "[search]\nname = cmaes\n[cmaes]\nrestart = bipop\ndoublings = 3\n");
    step(&trial, 1, false, sphere);
    for (size_t i = 0; i < 5; i++) {
        uint64_t *cell = counts(&trial, names[i]), right = *cell;
        must(evo_search_restored(trial.search));
        *cell = wrong[i];
        assert_int_equal(evo_search_restored(trial.search), EVO_ERR_CHECKPOINT);
        *cell = right;
    }
    trial_end(&trial);
}

/* ---- ancestors ------------------------------------------------------------------------------ */

static void every_ancestor_is_in_a_ledger_of_survivors(void **state)
{
    (void)state;
    static const char *const restart[] = {"same", "ipop"};
    for (size_t r = 0; r < 2; r++) {
        struct trial trial;
        trial_begin(&trial,
                    "[search]\nname = cmaes\n[population]\nsize = 21\n[cmaes]\nlambda = 7\n"
                    "patience = 4\nrestart = %s\n[lineage]\nkeep = survivors\n",
                    restart[r]);
        size_t n_parents = 0;
        for (uint64_t g = 1; g <= 80; g++) {
            step(&trial, g, false, noise);
            const struct evo_table *dead = trial.lineage->table;
            const uint64_t *id = dead->data[0];
            for (size_t i = 0; i < 21; i++) {
                uint64_t parent = trial.population->parent[i];
                if (parent == EVO_NOBODY) { continue; }
                size_t row = 0;
                while (row < dead->n_rows && id[row] != parent) { row++; }
                if (row == dead->n_rows) {
                    fail_msg("generation %d: no row of %d", (int)g, (int)parent);
                }
                n_parents++;
            }
        }
        assert_true(n_parents > 500);
        /* And nobody but those whose children came, or might have come. */
        assert_true(trial.lineage->table->n_rows <= 3 * 80);
        trial_end(&trial);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_ends_an_instance_and_is_named_in_the_log),
        cmocka_unit_test(the_log_of_many_restarts_stays_short),
        cmocka_unit_test(with_ipop_samples_double_at_each_restart_and_begin_again_in_the_end),
        cmocka_unit_test(an_iteration_of_several_generations_learns_from_all_of_them),
        cmocka_unit_test(where_flights_change_each_generation_of_an_iteration_has_its_say),
        cmocka_unit_test(with_bipop_small_runs_spend_no_more_than_large_ones),
        cmocka_unit_test(more_doublings_than_memory_has_are_refused),
        cmocka_unit_test(a_state_beyond_its_arrays_is_refused),
        cmocka_unit_test(every_ancestor_is_in_a_ledger_of_survivors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
