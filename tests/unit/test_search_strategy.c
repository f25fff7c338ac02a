/* SPDX-License-Identifier: MIT */
/* What cmaes is made of: bounds that mirror, and which scores an instance learns from. */
#include "test_search.h"

#include <evompi/rng.h>

#include <stdio.h>

#include "../../src/search/bounds.h"

/* ---- bounds --------------------------------------------------------------------------------- */

static const double ends[][2] = {
    {-0.2, 0.3}, {0.0, 1e-9}, {-INFINITY, 2.0}, {-3.0, INFINITY}, {-1e6, 1e6}, {1e300, 1.5e300},
};
enum { N_ENDS = sizeof ends / sizeof ends[0] };

static void whatever_is_mapped_lies_within_the_bounds(void **state)
{
    (void)state;
    const double far[] = {0.0, 1e-300, 0.1, -0.1, 0.299999, 7.7, -1e3, 1e16, -1e16, 1e300, -1e308};
    for (size_t i = 0; i < N_ENDS; i++) {
        struct evo_bounds bounds = evo_bounds_make(ends[i][0], ends[i][1]);
        for (size_t k = 0; k < sizeof far / sizeof far[0]; k++) {
            double x = evo_bounds_map(&bounds, far[k]);
            if (!(x >= ends[i][0] && x <= ends[i][1])) { fail_msg("%zu: %g -> %g", i, far[k], x); }
        }
        assert_true(isnan(evo_bounds_map(&bounds, (double)NAN)));
    }
}

static void unmapped_and_mapped_a_value_is_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ENDS; i++) {
        double low = ends[i][0], high = ends[i][1];
        struct evo_bounds bounds = evo_bounds_make(low, high);
        for (size_t k = 0; k <= 100; k++) {
            double part = (double)k / 100.0;
            double x = isinf(low)    ? high - 10.0 * part
                       : isinf(high) ? low + 10.0 * part
                                     : low + (high - low) * part;
            double back = evo_bounds_map(&bounds, evo_bounds_unmap(&bounds, x));
            double scale = fabs(x) > 1.0 ? fabs(x) : isinf(low) || isinf(high) ? 1.0 : high - low;
            if (!(fabs(back - x) <= 1e-12 * scale)) { fail_msg("%zu: %.17g, %.17g", i, x, back); }
        }
    }
}

static void the_map_is_smooth_mirrored_and_the_identity_inside(void **state)
{
    (void)state;
    struct evo_bounds bounds = evo_bounds_make(-1.0, 3.0);
    assert_true(evo_bounds_map(&bounds, 1.25) == 1.25);
    double left = -1.0 - bounds.low_margin, right = 3.0 + bounds.high_margin;
    for (double t = 0.0; t < 2.0; t += 0.01) {
        assert_true(fabs(evo_bounds_map(&bounds, left - t) - evo_bounds_map(&bounds, left + t)) <
                    1e-14);
        assert_true(fabs(evo_bounds_map(&bounds, right - t) - evo_bounds_map(&bounds, right + t)) <
                    1e-14);
    }
    const double h = 1e-4;
    for (double y = -12.0; y < 12.0; y += 0.01) {
        double before = evo_bounds_map(&bounds, y) - evo_bounds_map(&bounds, y - h);
        double after = evo_bounds_map(&bounds, y + h) - evo_bounds_map(&bounds, y);
        /* The slope changes by h / (2 margin) at most: there is no kink. */
        assert_true(fabs(after - before) < h * h / (1.9 * bounds.low_margin));
    }
}

/* ---- scores --------------------------------------------------------------------------------- */

static const char one_instance[] =
    "[search]\nname = cmaes\n[population]\nsize = 12\n[cmaes]\nlambda = 12\n"
    "sigma_matrix = 1\nsigma_constants = 1\n";

static double *field(struct trial *trial, const char *name) { return trial_field(trial, name); }

static void it_is_of_no_consequence_how_a_score_fails_to_be_finite(void **state)
{
    (void)state;
    const double bad[][3] = {
        {NAN, NAN, NAN}, {INFINITY, NAN, -INFINITY}, {-INFINITY, INFINITY, NAN}};
    struct trial trials[3];
    for (size_t t = 0; t < 3; t++) {
        trial_begin(&trials[t], "%s", one_instance);
        for (uint64_t g = 1; g <= 5; g++) {
            trial_ask(&trials[t], g, false);
            trial_score(&trials[t], SMOOTH);
            for (size_t i = 0; i < 3; i++) {
                trials[t].population->fitness[(5 * g + i) % 12] = bad[t][i];
            }
            must(evo_search_tell(trials[t].search, g));
        }
        const char *const names[] = {"mean", "covariance", "sigma", "path_c", "path_s"};
        const size_t bytes[] = {64, 512, 8, 64, 64};
        for (size_t i = 0; i < 5; i++) {
            assert_memory_equal(field(&trials[t], names[i]), field(&trials[0], names[i]), bytes[i]);
        }
    }
    for (size_t t = 0; t < 3; t++) { trial_end(&trials[t]); }
}

static void the_only_finite_score_has_all_the_weight(void **state)
{
    (void)state;
    struct trial trial;
    double only[8];
    trial_begin(&trial, "%s", one_instance);
    trial_ask(&trial, 1, false);
    memcpy(only, trial.population->genomes + 7 * 8, sizeof only);
    trial.population->fitness[7] = 1e300;
    must(evo_search_tell(trial.search, 1));
    const double *mean = field(&trial, "mean");
    for (size_t i = 0; i < 8; i++) { assert_true(fabs(mean[i] - only[i]) < 1e-14); }
    trial_end(&trial);
}

static void where_no_score_is_finite_the_distribution_stays(void **state)
{
    (void)state;
    struct trial trial;
    trial_begin(&trial, "%s", one_instance);
    trial_step(&trial, 1, SMOOTH);
    double mean[8], covariance[64], sigma = *field(&trial, "sigma");
    memcpy(mean, field(&trial, "mean"), sizeof mean);
    memcpy(covariance, field(&trial, "covariance"), sizeof covariance);
    for (uint64_t g = 2; g <= 9; g++) {
        trial_ask(&trial, g, false);
        for (size_t i = 0; i < 12; i++) {
            trial.population->fitness[i] = i % 2 == 0 ? NAN : -INFINITY;
        }
        must(evo_search_tell(trial.search, g));
    }
    assert_memory_equal(field(&trial, "mean"), mean, sizeof mean);
    assert_memory_equal(field(&trial, "covariance"), covariance, sizeof covariance);
    assert_true(*field(&trial, "sigma") == sigma);
    trial_end(&trial);
}

/* ---- decompositions ------------------------------------------------------------------------- */

/* How often the covariance was decomposed in so many iterations. */
static size_t decompositions(struct evo_shape shape, int lambda, uint64_t iterations)
{
    struct trial trial;
    char text[128];
    snprintf(text, sizeof text, "[population]\nsize = %d\n[search]\nname = cmaes\n", lambda);
    must(trial_try(&trial, text, shape));
    const uint64_t *decomposed = trial_field(&trial, "decomposed");
    size_t n = 0;
    for (uint64_t g = 1; g <= iterations; g++) {
        uint64_t before = *decomposed;
        trial_step(&trial, g, SMOOTH);
        n += *decomposed != before;
    }
    trial_end(&trial);
    return n;
}

/* Every n / 10 iterations; more often where many samples change the covariance faster. */
static void the_covariance_is_decomposed_as_seldom_as_its_size_and_change_allow(void **state)
{
    (void)state;
    const struct evo_shape of_10 = {0, 4, 2, 0}, of_20 = {0, 4, 4, 0}, of_40 = {0, 9, 4, 0}, of_100 = {0, 24, 4, 0};
    assert_int_equal(decompositions(of_10, 10, 40), 40);
    assert_int_equal(decompositions(of_20, 32, 40), 20);
    assert_int_equal(decompositions(of_20, 64, 40), 40);
    assert_int_equal(decompositions(of_40, 15, 40), 10);
    assert_int_equal(decompositions(of_40, 64, 40), 10);
    assert_int_equal(decompositions(of_100, 17, 40), 4);
    assert_int_equal(decompositions(of_100, 64, 40), 4);
}

static void the_covariance_stays_symmetric_to_the_bit(void **state)
{
    (void)state;
    struct trial trial;
    trial_begin(&trial, "%s", one_instance);
    for (uint64_t g = 1; g <= 20; g++) {
        trial_step(&trial, g, HOSTILE);
        const double *covariance = field(&trial, "covariance");
        for (size_t i = 0; i < 64; i++) {
            assert_true(covariance[i] == covariance[i % 8 * 8 + i / 8]);
        }
    }
    trial_end(&trial);
}

/* ---- the mean ------------------------------------------------------------------------------- */

static void the_mean_is_flown_on_demand_and_nothing_is_learnt_from_it(void **state)
{
    (void)state;
    for (size_t t = 0; t < 4; t++) {
        const bool flown = t % 2 == 0, changing = t / 2 == 0;
        struct trial trials[2];
        for (size_t i = 0; i < 2; i++) {
            trial_begin(&trials[i], "%sfly_mean = %s\n", one_instance, flown ? "yes" : "no");
            for (uint64_t g = 1; g <= 6; g++) {
                trial_ask(&trials[i], g, changing);
                const double *mean = field(&trials[i], "mean");
                size_t n_same = 0;
                for (size_t k = 0; k < 8; k++) {
                    n_same += trials[i].population->genomes[k] == mean[k];
                }
                assert_int_equal(n_same, flown ? 8 : 0);
                trial_score(&trials[i], SMOOTH);
                if (flown) { trials[i].population->fitness[0] = i == 0 ? -1e9 : 1e9; }
                must(evo_search_tell(trials[i].search, g));
            }
        }
        assert_memory_equal(field(&trials[0], "covariance"), field(&trials[1], "covariance"), 512);
        assert_true(*field(&trials[0], "sigma") == *field(&trials[1], "sigma"));
        trial_end(&trials[0]);
        trial_end(&trials[1]);
    }
}

/* ---- what samples keep to -------------------------------------------------------------------- */

/* Two parameters make all eight: the first the matrix, its halves against each other, the second
 * the constants. */
static double rows[2][8] = {{1, 2, 3, -1, -2, -3, 0, 0}, {0, 0, 0, 0, 0, 0, 1, -4}};
static const struct evo_basis basis = {2, 1, &rows[0][0]};

static void creatures_keep_to_a_tie_and_the_search_learns_within_it(void **state)
{
    (void)state;
    struct trial trial;
    const char *text = "[population]\nsize = 12\n[search]\nname = cmaes\n[cmaes]\nlambda = 12\n"
                       "sigma_matrix = 0.5\nsigma_constants = 0.5\nbound_max = 1.5\n";
    double latest = INFINITY;
    must(trial_try_tied(&trial, text, original_shape, &basis));
    assert_int_equal(trial.population->genome, 8);
    for (uint64_t g = 1; g <= 60; g++) {
        latest = INFINITY;
        trial_ask(&trial, g, false);
        for (size_t i = 0; i < 12; i++) {
            const double *x = trial.population->genomes + i * 8;
            for (size_t j = 0; j < 8; j++) {
                assert_true(x[j] == x[0] * rows[0][j] + x[6] * rows[1][j]);
            }
            assert_true(x[0] <= 1.5 && x[6] <= 1.5);
            trial.population->fitness[i] = fabs(x[2] - 3.75) + fabs(x[7] - 2.0);
            latest = fmin(latest, trial.population->fitness[i]);
        }
        must(evo_search_tell(trial.search, g));
    }
    assert_true(latest < 0.01);
    trial_end(&trial);
}

static void a_search_that_keeps_to_no_tie_refuses_it(void **state)
{
    (void)state;
    static const char *const others[] = {"ga", "lshade", "random"};
    for (size_t i = 0; i < 3; i++) {
        struct trial trial;
        char text[64];
        snprintf(text, sizeof text, "[search]\nname = %s\n", others[i]);
        assert_int_equal(trial_try_tied(&trial, text, original_shape, &basis), EVO_ERR_CONFIG);
        assert_non_null(strstr(evo_status_message(), "use cmaes"));
        trial_end(&trial);
    }
}

/* ---- stagnation ----------------------------------------------------------------------------- */

/* Restarts of 3000 iterations in which every score is chance, as where flights change much. */
static uint64_t restarts_by_chance(const char *keys)
{
    struct trial trial;
    trial_begin(&trial, "[population]\nsize = 4\n[search]\nname = cmaes\n[cmaes]\nlambda = 4\n"
                "max_growth = 1e300\nmax_condition = 1e300\npatience = 1000000\n%s", keys);
    for (uint64_t g = 1; g <= 3000; g++) {
        trial_ask(&trial, g, true);
        for (size_t i = 0; i < 4; i++) {
            struct evo_rng rng = evo_rng_begin(5, EVO_STREAM_FLIGHTS, g, i);
            trial.population->fitness[i] = evo_rng_between(&rng, 0.0, 1.0);
        }
        must(evo_search_tell(trial.search, g));
    }
    uint64_t restarts = *(const uint64_t *)trial_field(&trial, "restarts");
    trial_end(&trial);
    return restarts;
}

static void without_the_rule_of_stagnation_chance_restarts_nothing(void **state)
{
    (void)state;
    assert_true(restarts_by_chance("") > 0);
    assert_int_equal(restarts_by_chance("stagnation = no\n"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_mapped_lies_within_the_bounds),
        cmocka_unit_test(unmapped_and_mapped_a_value_is_itself),
        cmocka_unit_test(the_map_is_smooth_mirrored_and_the_identity_inside),
        cmocka_unit_test(it_is_of_no_consequence_how_a_score_fails_to_be_finite),
        cmocka_unit_test(the_only_finite_score_has_all_the_weight),
        cmocka_unit_test(where_no_score_is_finite_the_distribution_stays),
        cmocka_unit_test(the_covariance_is_decomposed_as_seldom_as_its_size_and_change_allow),
        cmocka_unit_test(the_covariance_stays_symmetric_to_the_bit),
        cmocka_unit_test(the_mean_is_flown_on_demand_and_nothing_is_learnt_from_it),
        cmocka_unit_test(creatures_keep_to_a_tie_and_the_search_learns_within_it),
        cmocka_unit_test(a_search_that_keeps_to_no_tie_refuses_it),
        cmocka_unit_test(without_the_rule_of_stagnation_chance_restarts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
