/* SPDX-License-Identifier: MIT */
/* L-SHADE: shrinking, starting again, improvement, and any size; and that chance learns nothing. */
#include "test_search.h"

#include <evompi/rng.h>

/* The values of one field of whole numbers. */
static const uint64_t *counts_of(struct trial *trial, const char *name, size_t *n)
{
    size_t n_fields;
    const struct evo_field *fields = evo_search_fields(trial->search, &n_fields);
    for (size_t i = 0; i < n_fields; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            *n = fields[i].n_rows;
            return fields[i].data;
        }
    }
    fail_msg("there is no field %s", name);
    return NULL;
}

static double best_of(const struct trial *trial)
{
    struct evo_population_summary summary;
    must(evo_population_summarize(trial->population, &summary));
    return summary.best;
}

static void an_instance_shrinks_to_4_members_and_starts_again(void **state)
{
    (void)state;
    struct trial trial;
    trial_begin(&trial, "[search]\nname = lshade\n[population]\nsize = 83\n"
                        "[lshade]\nmembers = 20\nevaluations = 700\n");
    size_t n, n_least = 0;
    trial_step(&trial, 1, SMOOTH);
    const uint64_t *members = counts_of(&trial, "members", &n);
    const uint64_t *starts = counts_of(&trial, "starts", &n);
    assert_int_equal(n, 2);
    assert_int_equal(members[0], 20);
    assert_int_equal(members[1], 21);
    for (uint64_t g = 2; g <= 300; g++) {
        const uint64_t before[2] = {members[0], members[1]};
        trial_step(&trial, g, SMOOTH);
        const size_t newcomers[2] = {20, 21};
        size_t asked = 0;
        for (size_t k = 0; k < 2; k++) {
            asked += before[k] > 0 ? before[k] : newcomers[k];
            assert_true(members[k] == 0 || members[k] >= 4);
            assert_true(before[k] == 0 || members[k] <= before[k]);
            n_least += members[k] == 4;
        }
        assert_int_equal(trial.n, asked);
    }
    assert_true(n_least > 0);
    assert_true(starts[0] >= 5 && starts[1] >= 5);
    trial_end(&trial);
}

/* A short schedule: dozens leave at a time. They stay in the slots behind the members. */
static void those_who_leave_together_are_the_worst(void **state)
{
    (void)state;
    for (int scores = 0; scores < N_SCORES; scores++) {
        struct trial trial;
        trial_begin(&trial, "[search]\nname = lshade\n[population]\nsize = 402\n"
                            "[lshade]\nmembers = 201\nevaluations = 1500\n");
        const struct evo_population *population = trial.population;
        size_t n, n_left = 0;
        const uint64_t *members = counts_of(&trial, "members", &n);
        for (uint64_t g = 1; g <= 30; g++) {
            uint64_t before = g > 1 ? members[0] : 0;
            trial_step(&trial, g, (enum scores)scores);
            for (size_t i = members[0]; i < before && members[0] > 0; i++) {
                n_left++;
                for (size_t k = 0; k < members[0]; k++) {
                    assert_true(evo_fitness_before(population->fitness[k], population->id[k],
                                                   population->fitness[i], population->id[i]));
                }
            }
        }
        assert_true(n_left > 100);
        trial_end(&trial);
    }
}

static void a_smooth_valley_is_found_by_either_schedule(void **state)
{
    (void)state;
    const char *const schedules[] = {"lshade", "jso"};
    for (size_t s = 0; s < 2; s++) {
        struct trial trial;
        trial_begin(&trial,
                    "[search]\nname = lshade\n[population]\nsize = 200\n"
                    "[lshade]\nmembers = 60\nevaluations = 20000\nschedule = %s\n",
                    schedules[s]);
        double best = INFINITY;
        for (uint64_t g = 1; g <= 600; g++) {
            trial_step(&trial, g, SMOOTH);
            best = fmin(best, best_of(&trial));
        }
        assert_true(best < 1e-3);
        trial_end(&trial);
    }
}

/* ---- the length of a schedule ---------------------------------------------------------------- */

static double rastrigin(const double *x, size_t n)
{
    const double two_pi = 6.283185307179586;
    double sum = 10.0 * (double)n;
    for (size_t k = 0; k < n; k++) {
        double y = x[k] - 0.1 * (double)k;
        sum += y * y - 10.0 * cos(two_pi * y);
    }
    return sum;
}

/* How a run ended: how far instance 0's last schedule had come, and the best of all. */
struct ending {
    double done, best;
    uint64_t starts;
};

static double chance(const double *x, size_t n)
{
    struct evo_rng rng = evo_rng_begin(evo_text_hash((const char *)x, n * sizeof *x),
                                       EVO_STREAM_FLIGHTS, 0, 0);
    return evo_rng_uniform(&rng);
}

/* Runs as a job does, until a limit of [stop] is reached. */
static struct ending run_to_the_limit(double (*f)(const double *, size_t), const char *keys, bool refly)
{
    struct trial trial;
    struct ending ending = {.best = INFINITY};
    trial_begin(&trial,
                "[search]\nname = lshade\n[population]\nsize = 288\n[lshade]\n"
                "initial_min = -5\ninitial_max = 5\n%s", keys);
    uint64_t evaluations = 0, most = (uint64_t)trial.config->stop_max_evaluations;
    uint64_t last = (uint64_t)trial.config->stop_max_generations;
    for (uint64_t g = 1; (last == 0 || g <= last) && (most == 0 || evaluations < most); g++) {
        trial_ask(&trial, g, refly);
        evaluations += trial.n;
        for (size_t i = trial.first; i < trial.first + trial.n; i++) {
            trial.population->fitness[i] = f(trial.population->genomes + i * 8, 8);
            ending.best = fmin(ending.best, trial.population->fitness[i]);
        }
        must(evo_search_tell(trial.search, g));
    }
    size_t n;
    ending.done = (double)counts_of(&trial, "used", &n)[0] /
                  (double)counts_of(&trial, "budget", &n)[0];
    ending.starts = counts_of(&trial, "starts", &n)[0];
    trial_end(&trial);
    return ending;
}

static void a_schedule_of_no_set_length_comes_to_its_end_with_the_run(void **state)
{
    (void)state;
    static const char *const limits[] = {"[stop]\nmax_evaluations = 20000\n",
                                         "[stop]\nmax_evaluations = 9000\n"};
    for (size_t i = 0; i < 2 * sizeof limits / sizeof limits[0]; i++) {
        struct ending ending = run_to_the_limit(chance, limits[i / 2], i % 2 == 1);
        if (!(ending.starts == 1 && ending.done > 0.97 && ending.done < 1.03)) {
            fail_msg("%s, %zu: %g of schedule %llu", limits[i / 2], i % 2, ending.done,
                     (unsigned long long)ending.starts);
        }
    }
}

/* Cut short, 80 000 evaluations as without the limit leave it in the middle of the search. */
static void what_a_limited_run_finds_is_not_cut_short(void **state)
{
    (void)state;
    double fitting = run_to_the_limit(rastrigin, "[stop]\nmax_evaluations = 20000\n", false).best;
    double cut = run_to_the_limit(rastrigin, "evaluations = 80000\n[stop]\nmax_evaluations = 20000\n",
                                  false).best;
    if (!(fitting < 1e-4 && cut > 1.0)) { fail_msg("fitting %g, cut %g", fitting, cut); }
}

static void members_that_the_population_has_no_room_for_are_refused(void **state)
{
    (void)state;
    struct trial trial;
    const char *text = "[search]\nname = lshade\n[population]\nsize = 101\n[lshade]\nmembers = 51\n";
    assert_int_equal(trial_try(&trial, text, original_shape), EVO_ERR_CONFIG);
    static const char *const says[] = {"[lshade] members = 51", "population.size = 101",
                                       "population of 102", "at most 50"};
    for (size_t i = 0; i < sizeof says / sizeof says[0]; i++) {
        if (strstr(evo_status_message(), says[i]) == NULL) { fail_msg("%s", evo_status_message()); }
    }
    trial_end(&trial);
}

static void chance_alone_makes_everybody_anew_and_gets_no_better(void **state)
{
    (void)state;
    struct trial trial;
    trial_begin(&trial, "[search]\nname = random\n[population]\nsize = 37\n"
                        "[random]\ninitial_min = 2\ninitial_max = 3\n");
    for (uint64_t g = 1; g <= 50; g++) {
        trial_step(&trial, g, SMOOTH);
        for (size_t i = 0; i < trial.population->n; i++) {
            assert_int_equal(trial.population->id[i], (g - 1) * 37 + i);
            assert_int_equal(trial.population->born[i], g);
        }
        for (size_t i = 0; i < trial.population->n * trial.population->genome; i++) {
            assert_true(trial.population->genomes[i] >= 2 && trial.population->genomes[i] < 3);
        }
        assert_true(best_of(&trial) >= 9.0); // everybody at the corner: 2 + 1.75 + ... + 0.25
    }
    trial_end(&trial);
}

/* Runs a search for a while, in a way that makes many schedules end. */
static void check_any(const char *name, size_t n, enum scores scores, bool refly,
                      struct evo_shape shape)
{
    char text[256];
    snprintf(text, sizeof text,
             "[search]\nname = %s\n[population]\nsize = %zu\n[lineage]\nkeep = all\n"
             "[lshade]\nmembers = %zu\nevaluations = 60\n",
             name, n, n / 2 < 7 ? n / 2 : 7);
    struct trial trial;
    must(trial_try(&trial, text, shape));
    for (uint64_t g = 1; g <= 60; g++) {
        trial_ask(&trial, g, refly);
        assert_true(trial.n > 0 && trial.first + trial.n <= n);
        trial_score(&trial, scores);
        must(evo_search_tell(trial.search, g));
    }
    /* Everybody who was born lives or is in the ledger, once. */
    size_t n_fields;
    const struct evo_field *fields = evo_search_fields(trial.search, &n_fields);
    uint64_t born = *(const uint64_t *)fields[1].data;
    assert_int_equal(born, trial.lineage->table->n_rows + n);
    trial_end(&trial);
}

static void any_size_shape_and_score_is_survived_and_nobody_is_lost(void **state)
{
    (void)state;
    const char *const names[] = {"lshade", "random"};
    const size_t sizes[] = {4, 5, 6, 7, 8, 9, 31, 257};
    const struct evo_shape shapes[] = {{0, 0, 1, 0}, {1, 2, 1, 0}, {4, 12, 4, 2}};
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < 8; i++) {
            for (size_t k = 0; k < N_SCORES * 2 * 3; k++) {
                check_any(names[s], sizes[i], (enum scores)(k % N_SCORES), k / N_SCORES % 2 == 1,
                          shapes[k / N_SCORES / 2]);
            }
        }
    }
}

/* A field table that is whole gives the same bits after any generation, restarts among them. */
static void restored_in_any_part_of_a_schedule_it_goes_on_bit_for_bit(void **state)
{
    (void)state;
    const char *text = "[search]\nname = lshade\n[population]\nsize = 61\n"
                       "[lshade]\nmembers = 15\nevaluations = 200\nschedule = jso\n";
    enum { N_GENERATIONS = 40 };
    for (uint64_t from = 1; from < N_GENERATIONS; from++) {
        struct trial trials[2];
        for (int t = 0; t < 2; t++) { must(trial_try(&trials[t], text, original_shape)); }
        for (uint64_t g = 1; g <= from; g++) { trial_step(&trials[0], g, HOSTILE); }
        struct evo_field fields[2][EVO_POPULATION_FIELDS + 64];
        size_t n = 0, n_first = 0;
        for (int t = 0; t < 2; t++) {
            const struct evo_field *own = evo_search_fields(trials[t].search, &n);
            n_first = evo_population_fields(trials[t].population, fields[t]);
            memcpy(fields[t] + n_first, own, n * sizeof *own);
        }
        n += n_first;
        for (size_t i = 0; i < n; i++) {
            size_t width = fields[0][i].n_cols > 0 ? fields[0][i].n_cols : 1;
            memcpy(fields[1][i].data, fields[0][i].data, fields[0][i].n_rows * width * 8);
        }
        must(evo_search_restored(trials[1].search));
        for (uint64_t g = from + 1; g <= N_GENERATIONS; g++) {
            for (int t = 0; t < 2; t++) { trial_step(&trials[t], g, HOSTILE); }
        }
        for (size_t i = 0; i < n; i++) {
            size_t width = fields[0][i].n_cols > 0 ? fields[0][i].n_cols : 1;
            assert_memory_equal(fields[1][i].data, fields[0][i].data,
                                fields[0][i].n_rows * width * 8);
        }
        for (int t = 0; t < 2; t++) { trial_end(&trials[t]); }
    }
}

static void a_damaged_state_and_a_wrong_range_are_refused(void **state)
{
    (void)state;
    struct trial trial;
    assert_int_equal(
        trial_try(&trial, "[search]\nname = lshade\n[lshade]\ninitial_min = 1\n", original_shape),
        EVO_ERR_CONFIG);
    trial_end(&trial);
    assert_int_equal(
        trial_try(&trial, "[search]\nname = random\n[random]\ninitial_max = -1\n", original_shape),
        EVO_ERR_CONFIG);
    trial_end(&trial);
    trial_begin(&trial, "[search]\nname = lshade\n");
    trial_step(&trial, 1, SMOOTH);
    must(evo_search_restored(trial.search));
    size_t n;
    uint64_t *next = (uint64_t *)(uintptr_t)counts_of(&trial, "memory_next", &n);
    next[0] = 6;
    assert_int_equal(evo_search_restored(trial.search), EVO_ERR_CHECKPOINT);
    next[0] = 0;
    uint64_t *members = (uint64_t *)(uintptr_t)counts_of(&trial, "members", &n);
    members[0] = 1000;
    assert_int_equal(evo_search_restored(trial.search), EVO_ERR_CHECKPOINT);
    trial_end(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instance_shrinks_to_4_members_and_starts_again),
        cmocka_unit_test(those_who_leave_together_are_the_worst),
        cmocka_unit_test(a_smooth_valley_is_found_by_either_schedule),
        cmocka_unit_test(a_schedule_of_no_set_length_comes_to_its_end_with_the_run),
        cmocka_unit_test(what_a_limited_run_finds_is_not_cut_short),
        cmocka_unit_test(members_that_the_population_has_no_room_for_are_refused),
        cmocka_unit_test(chance_alone_makes_everybody_anew_and_gets_no_better),
        cmocka_unit_test(any_size_shape_and_score_is_survived_and_nobody_is_lost),
        cmocka_unit_test(restored_in_any_part_of_a_schedule_it_goes_on_bit_for_bit),
        cmocka_unit_test(a_damaged_state_and_a_wrong_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
