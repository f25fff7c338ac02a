/* SPDX-License-Identifier: MIT */
/* Every search of the table: what ask and tell promise, and that a saved state is all there is. */
#include "test_search.h"

#include <evompi/rng.h>

enum { N_GENERATIONS = 8 };

/* ---- the contract of ask and tell ------------------------------------------------------------ */

static void those_asked_for_wait_for_their_score_and_the_others_keep_theirs(void **state)
{
    (void)state;
    for (size_t s = 0; s < evo_search_count(); s++) {
        struct trial trial;
        trial_begin(&trial, "[search]\nname = %s\n[population]\nsize = 53\n",
                    evo_search_names()[s]);
        for (uint64_t g = 1; g <= N_GENERATIONS; g++) {
            trial_ask(&trial, g, false);
            const struct evo_population *population = trial.population;
            for (size_t i = 0; i < population->n; i++) {
                bool asked = i >= trial.first && i < trial.first + trial.n;
                assert_int_equal(asked, isnan(population->fitness[i]));
                assert_int_equal(asked, population->flown[i] == g);
            }
            trial_score(&trial, SMOOTH);
            must(evo_search_tell(trial.search, g));
        }
        trial_end(&trial);
    }
}

static void with_new_flights_everybody_is_flown_again(void **state)
{
    (void)state;
    for (size_t s = 0; s < evo_search_count(); s++) {
        struct trial trial;
        trial_begin(&trial, "[search]\nname = %s\n[population]\nsize = 53\n",
                    evo_search_names()[s]);
        for (uint64_t g = 1; g <= N_GENERATIONS; g++) {
            trial_ask(&trial, g, true);
            assert_int_equal(trial.first, 0);
            assert_int_equal(trial.n, trial.population->n);
            for (size_t i = 0; i < trial.population->n; i++) {
                assert_true(isnan(trial.population->fitness[i]));
                assert_int_equal(trial.population->flown[i], g);
            }
            trial_score(&trial, SMOOTH);
            must(evo_search_tell(trial.search, g));
        }
        trial_end(&trial);
    }
}

static void every_nan_becomes_the_same_bits(void **state)
{
    (void)state;
    const uint64_t odd_nan = UINT64_C(0xfff8dead0000beef);
    const double plain_nan = NAN;
    for (size_t s = 0; s < evo_search_count(); s++) {
        struct trial trial;
        trial_begin(&trial, "[search]\nname = %s\n", evo_search_names()[s]);
        trial_ask(&trial, 1, false);
        for (size_t i = 0; i < trial.n; i++) {
            memcpy(&trial.population->fitness[trial.first + i], &odd_nan, sizeof odd_nan);
        }
        must(evo_search_tell(trial.search, 1));
        for (size_t i = 0; i < trial.n; i++) {
            assert_memory_equal(&trial.population->fitness[trial.first + i], &plain_nan,
                                sizeof plain_nan);
        }
        trial_end(&trial);
    }
}

static void generations_come_once_each_and_in_order(void **state)
{
    (void)state;
    struct trial trial;
    trial_begin(&trial, "[population]\nsize = 8\n");
    size_t first, n;
    assert_int_equal(evo_search_tell(trial.search, 1), EVO_ERR_INTERNAL);
    assert_int_equal(evo_search_ask(trial.search, 2, false, &first, &n), EVO_ERR_INTERNAL);
    trial_ask(&trial, 1, false);
    assert_int_equal(evo_search_ask(trial.search, 1, false, &first, &n), EVO_ERR_INTERNAL);
    assert_int_equal(evo_search_tell(trial.search, 2), EVO_ERR_INTERNAL);
    must(evo_search_tell(trial.search, 1));
    assert_int_equal(evo_search_ask(trial.search, 1, false, &first, &n), EVO_ERR_INTERNAL);
    trial_end(&trial);
}

static void ids_are_never_used_twice_and_every_parent_has_lived(void **state)
{
    (void)state;
    enum { P = 31, MOST_IDS = P * (N_GENERATIONS + 1) };
    for (size_t s = 0; s < evo_search_count(); s++) {
        struct trial trial;
        uint64_t born[MOST_IDS] = {0};
        trial_begin(&trial, "[search]\nname = %s\n[population]\nsize = %d\n", evo_search_names()[s],
                    P);
        for (uint64_t g = 1; g <= N_GENERATIONS; g++) {
            trial_step(&trial, g, SMOOTH);
            const struct evo_population *population = trial.population;
            for (size_t i = 0; i < population->n; i++) {
                uint64_t id = population->id[i], parent = population->parent[i];
                assert_true(id < MOST_IDS);
                assert_true(parent == EVO_NOBODY || (parent < id && born[parent] != 0));
                assert_true(born[id] == 0 || born[id] == population->born[i]);
                born[id] = population->born[i];
                for (size_t j = 0; j < i; j++) { assert_true(population->id[j] != id); }
            }
        }
        trial_end(&trial);
    }
}

/* ---- hostile scores -------------------------------------------------------------------------- */

enum hostile { ALL_NAN, ALL_INFINITE, ALL_MINUS_INFINITE, CONSTANT, RISING, FALLING, N_HOSTILE };

static double hostile_score(enum hostile hostile, const double *genome, size_t n)
{
    double sum = 0.0;
    for (size_t k = 0; k < n; k++) { sum += genome[k]; }
    const double scores[N_HOSTILE] = {NAN, INFINITY, -INFINITY, 7.0, sum, -sum};
    return scores[hostile];
}

/* The largest parameter, by amount, that is asked for in so many generations; NaN where one is. */
static double largest_parameter(const char *config, enum hostile hostile, uint64_t generations)
{
    struct trial trial;
    double largest = 0.0;
    must(trial_try(&trial, config, original_shape));
    const struct evo_population *population = trial.population;
    for (uint64_t g = 1; g <= generations; g++) {
        trial_ask(&trial, g, false);
        for (size_t i = trial.first; i < trial.first + trial.n; i++) {
            const double *genome = population->genomes + i * population->genome;
            for (size_t k = 0; k < population->genome; k++) {
                if (!(fabs(genome[k]) <= largest)) { largest = fabs(genome[k]); }
            }
            population->fitness[i] = hostile_score(hostile, genome, population->genome);
        }
        must(evo_search_tell(trial.search, g));
    }
    trial_end(&trial);
    return largest;
}

/* Beyond the defaults: what lets parameters change fastest. */
static const char *const unbounded[] = {
    "[search]\nname = ga\n[ga]\ndifference = 1\ndifference_scale = 1\n",
    "[search]\nname = ga\n[ga]\nscale_max = 1000000\nscale_mean = 1000000\n",
    "[search]\nname = lshade\n[lshade]\nmax_growth = 1e300\nevaluations = 1000000000\n",
    ("[search]\nname = cmaes\n[cmaes]\nmax_growth = 1e300\nmax_condition = 1e300\n"
     "stagnation = no\npatience = 1000000\nsigma_matrix = 1e100\nsigma_constants = 1e100\n"),
};

static void no_search_asks_for_a_parameter_that_is_not_finite_whatever_the_scores(void **state)
{
    (void)state;
    size_t n_unbounded = sizeof unbounded / sizeof unbounded[0];
    for (size_t s = 0; s < (evo_search_count() + n_unbounded) * N_HOSTILE; s++) {
        size_t i = s / N_HOSTILE;
        char config[512];
        if (i < n_unbounded) {
            snprintf(config, sizeof config, "[population]\nsize = 20\n%s", unbounded[i]);
        } else {
            snprintf(config, sizeof config, "[population]\nsize = 20\n[search]\nname = %s\n",
                     evo_search_names()[i - n_unbounded]);
        }
        double largest = largest_parameter(config, (enum hostile)(s % N_HOSTILE), 3000);
        if (!(largest <= EVO_PARAMETER_MOST)) {
            fail_msg("score %zu: %g with %s", s % N_HOSTILE, largest, config);
        }
    }
}

/* A score that tells nothing is no reason to go anywhere. */
static void scores_that_tell_nothing_lead_no_search_astray(void **state)
{
    (void)state;
    for (size_t s = 0; s < evo_search_count() * (CONSTANT + 1); s++) {
        char config[128];
        snprintf(config, sizeof config, "[population]\nsize = 20\n[search]\nname = %s\n",
                 evo_search_names()[s / (CONSTANT + 1)]);
        double largest = largest_parameter(config, (enum hostile)(s % (CONSTANT + 1)), 3000);
        if (!(largest < 100.0)) { fail_msg("score %zu: %g with %s", s % 4, largest, config); }
    }
}

/* ---- determinism and resume ------------------------------------------------------------------ */

/* Copies of a search's fields and its population's: what a checkpoint holds of them. */
struct saved {
    size_t n;
    size_t bytes[EVO_POPULATION_FIELDS + 64];
    void *data[EVO_POPULATION_FIELDS + 64];
};

static size_t list_all(struct trial *trial, struct evo_field *all)
{
    size_t n_search;
    const struct evo_field *fields = evo_search_fields(trial->search, &n_search);
    size_t n = evo_population_fields(trial->population, all);
    memcpy(all + n, fields, n_search * sizeof *fields);
    return n + n_search;
}

static size_t field_bytes(const struct evo_field *field)
{
    size_t width = field->n_cols > 0 ? field->n_cols : 1;
    return field->n_rows * width * (field->type == EVO_TYPE_TEXT ? 1 : (size_t)EVO_CELL_BYTES);
}

static void save(struct trial *trial, struct saved *saved)
{
    struct evo_field all[EVO_POPULATION_FIELDS + 64];
    saved->n = list_all(trial, all);
    for (size_t i = 0; i < saved->n; i++) {
        saved->bytes[i] = field_bytes(&all[i]);
        must(evo_alloc(saved->bytes[i], 1, "copy", &saved->data[i]));
        memcpy(saved->data[i], all[i].data, saved->bytes[i]);
    }
}

static void restore(struct trial *trial, const struct saved *saved)
{
    struct evo_field all[EVO_POPULATION_FIELDS + 64];
    assert_int_equal(list_all(trial, all), saved->n);
    for (size_t i = 0; i < saved->n; i++) {
        assert_int_equal(field_bytes(&all[i]), saved->bytes[i]);
        memcpy(all[i].data, saved->data[i], saved->bytes[i]);
    }
}

static void assert_saved_equal(const struct saved *a, const struct saved *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        assert_int_equal(a->bytes[i], b->bytes[i]);
        assert_memory_equal(a->data[i], b->data[i], a->bytes[i]);
    }
}

static void saved_fini(struct saved *saved)
{
    for (size_t i = 0; i < saved->n; i++) { free(saved->data[i]); }
}

static void step_again(struct trial *trial, uint64_t generation, bool refly, enum scores scores)
{
    trial_ask(trial, generation, refly);
    trial_score(trial, scores);
    must(evo_search_tell(trial->search, generation));
}

static void assert_goes_on(const char *config, struct evo_shape shape, bool refly,
                           enum scores scores)
{
    struct saved saved[N_GENERATIONS + 1];
    struct trial unbroken;
    must(trial_try(&unbroken, config, shape));
    save(&unbroken, &saved[0]);
    for (uint64_t g = 1; g <= N_GENERATIONS; g++) {
        step_again(&unbroken, g, refly, scores);
        save(&unbroken, &saved[g]);
    }

    for (uint64_t from = 1; from < N_GENERATIONS; from++) {
        struct trial resumed;
        must(trial_try(&resumed, config, shape));
        restore(&resumed, &saved[from]);
        must(evo_search_restored(resumed.search));
        for (uint64_t g = from + 1; g <= N_GENERATIONS; g++) {
            struct saved now;
            step_again(&resumed, g, refly, scores);
            save(&resumed, &now);
            assert_saved_equal(&now, &saved[g]);
            saved_fini(&now);
        }
        trial_end(&resumed);
    }
    for (size_t g = 0; g <= N_GENERATIONS; g++) { saved_fini(&saved[g]); }
    trial_end(&unbroken);
}

/* What a search adds to its state when it is asked to; each ends often and early. */
static const char *const options[] = {
    "[search]\nname = cmaes\n[cmaes]\nmax_growth = 1\nbound_min = -0.01\nbound_max = 0.02\n",
    "[search]\nname = cmaes\n[cmaes]\nmax_growth = 1\nrestart = ipop\nscatter_mean = yes\n",
    "[search]\nname = cmaes\n[cmaes]\nmax_growth = 1\nrestart = bipop\nlambda = 9\nbound_min = 0\n",
};

static void restored_after_any_generation_a_search_goes_on_bit_for_bit(void **state)
{
    (void)state;
    size_t n_options = sizeof options / sizeof options[0];
    for (size_t s = 0; s < (evo_search_count() + n_options) * N_SCORES * 2; s++) {
        size_t i = s / 2 / N_SCORES;
        char config[512];
        const char *option = i < n_options ? options[i] : "";
        snprintf(config, sizeof config, "[population]\nsize = 101\n%s", option);
        if (i >= n_options) {
            snprintf(config, sizeof config, "[population]\nsize = 101\n[search]\nname = %s\n",
                     evo_search_names()[i - n_options]);
        }
        assert_goes_on(config, original_shape, s % 2 == 1, (enum scores)(s / 2 % N_SCORES));
    }
}

/* With 40 parameters the covariance is decomposed in every fourth iteration. */
static void restored_between_two_decompositions_cmaes_goes_on_bit_for_bit(void **state)
{
    (void)state;
    const struct evo_shape shape = {0, 9, 4, 0};
    for (int scores = 0; scores < N_SCORES; scores++) {
        assert_goes_on("[population]\nsize = 15\n[search]\nname = cmaes\n", shape, false,
                       (enum scores)scores);
    }
}

static void another_seed_gives_other_creatures(void **state)
{
    (void)state;
    for (size_t s = 0; s < evo_search_count(); s++) {
        struct trial trials[2];
        for (int seed = 0; seed < 2; seed++) {
            trial_begin(&trials[seed], "[search]\nname = %s\n[job]\nseed = %d\n",
                        evo_search_names()[s], seed);
            trial_step(&trials[seed], 1, SMOOTH);
        }
        for (size_t i = 0; i < trials[0].population->n * trials[0].population->genome; i++) {
            assert_true(trials[0].population->genomes[i] != trials[1].population->genomes[i]);
        }
        trial_end(&trials[0]);
        trial_end(&trials[1]);
    }
}

static void a_state_with_creatures_that_were_never_born_is_refused(void **state)
{
    (void)state;
    struct trial trial;
    trial_begin(&trial, "[population]\nsize = 8\n");
    trial_step(&trial, 1, SMOOTH);
    must(evo_search_restored(trial.search));
    trial.population->id[7] = 8;
    assert_int_equal(evo_search_restored(trial.search), EVO_ERR_CHECKPOINT);
    trial_end(&trial);
}

/* ---- the table ------------------------------------------------------------------------------ */

static void every_search_has_a_name_and_a_summary(void **state)
{
    (void)state;
    assert_true(evo_search_count() >= 1);
    for (size_t s = 0; s < evo_search_count(); s++) {
        assert_true(strlen(evo_search_names()[s]) > 0);
        assert_true(strlen(evo_search_summary(s)) > 0);
    }
}

static void fields_have_different_names_and_something_to_say(void **state)
{
    (void)state;
    for (size_t s = 0; s < evo_search_count(); s++) {
        struct trial trial;
        trial_begin(&trial, "[search]\nname = %s\n", evo_search_names()[s]);
        size_t n;
        const struct evo_field *fields = evo_search_fields(trial.search, &n);
        for (size_t i = 0; i < n; i++) {
            assert_true(strlen(fields[i].unit) > 0 && strlen(fields[i].doc) > 0);
            assert_non_null(fields[i].data);
            for (size_t j = 0; j < i; j++) {
                assert_string_not_equal(fields[i].name, fields[j].name);
            }
        }
        assert_null(evo_search_finished(trial.search));
        trial_end(&trial);
    }
}

/* ---- random numbers in bulk, which searches live on ----------------------------------------- */

static void draws_begun_in_bulk_are_those_begun_one_by_one(void **state)
{
    (void)state;
    enum { N = 9, N_DRAWS = 11 };
    struct evo_rng many[N];
    evo_rng_begin_many(5, EVO_STREAM_VARIATION, 3, 1000, N, many);
    for (size_t i = 0; i < N; i++) {
        struct evo_rng one = evo_rng_begin(5, EVO_STREAM_VARIATION, 3, 1000 + i);
        for (size_t k = 0; k < N_DRAWS; k++) {
            assert_int_equal(evo_rng_bits(&many[i]), evo_rng_bits(&one));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_asked_for_wait_for_their_score_and_the_others_keep_theirs),
        cmocka_unit_test(with_new_flights_everybody_is_flown_again),
        cmocka_unit_test(every_nan_becomes_the_same_bits),
        cmocka_unit_test(generations_come_once_each_and_in_order),
        cmocka_unit_test(ids_are_never_used_twice_and_every_parent_has_lived),
        cmocka_unit_test(no_search_asks_for_a_parameter_that_is_not_finite_whatever_the_scores),
        cmocka_unit_test(scores_that_tell_nothing_lead_no_search_astray),
        cmocka_unit_test(restored_after_any_generation_a_search_goes_on_bit_for_bit),
        cmocka_unit_test(restored_between_two_decompositions_cmaes_goes_on_bit_for_bit),
        cmocka_unit_test(another_seed_gives_other_creatures),
        cmocka_unit_test(a_state_with_creatures_that_were_never_born_is_refused),
        cmocka_unit_test(every_search_has_a_name_and_a_summary),
        cmocka_unit_test(fields_have_different_names_and_something_to_say),
        cmocka_unit_test(draws_begun_in_bulk_are_those_begun_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
