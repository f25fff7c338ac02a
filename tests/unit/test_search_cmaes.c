/* SPDX-License-Identifier: MIT */
/* CMA-ES: it converges where it must, restarts where it has to, and outlives bad scores. */
#include "test_search.h"

/* Mean of the population's parameters in generation 1, by block. */
static double block_mean(const struct trial *trial, size_t from, size_t to)
{
    double sum = 0.0;
    for (size_t i = 0; i < trial->population->n; i++) {
        for (size_t k = from; k < to; k++) { sum += trial->population->genomes[i * 8 + k]; }
    }
    return sum / (double)(trial->population->n * (to - from));
}

static uint64_t restarts(struct trial *trial)
{
    size_t n;
    uint64_t sum = 0;
    const struct evo_field *fields = evo_search_fields(trial->search, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i].name, "restarts") != 0) { continue; }
        for (size_t k = 0; k < fields[i].n_rows; k++) { sum += ((uint64_t *)fields[i].data)[k]; }
    }
    return sum;
}

/* ---- functions of the literature, their least value 0 ------------------------------------ */

static double sphere(const double *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) { sum += (x[i] - 1.0) * (x[i] - 1.0); }
    return sum;
}

/* Axis lengths from 1 to 1000, turned in every plane of neighbours. */
static double ellipsoid(const double *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i + 1 < n; i++) {
        double weight = pow(1e6, (double)i / (double)(n - 1));
        double y = 0.8 * (x[i] - 1.0) + 0.6 * (x[i + 1] - 1.0);
        sum += weight * y * y;
    }
    return sum + 1e6 * (x[n - 1] - 1.0) * (x[n - 1] - 1.0);
}

static double rosenbrock(const double *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i + 1 < n; i++) {
        double a = x[i + 1] - x[i] * x[i], b = 1.0 - x[i];
        sum += 100.0 * a * a + b * b;
    }
    return sum;
}

/* The best score in so many generations. */
static double minimize(struct trial *trial, double (*f)(const double *, size_t), uint64_t n)
{
    double best = INFINITY;
    const struct evo_population *population = trial->population;
    for (uint64_t g = 1; g <= n; g++) {
        trial_ask(trial, g, false);
        for (size_t i = 0; i < population->n; i++) {
            double y = f(population->genomes + i * population->genome, population->genome);
            population->fitness[i] = y;
            best = y < best ? y : best;
        }
        must(evo_search_tell(trial->search, g));
    }
    return best;
}

static void it_finds_the_least_of_smooth_functions_of_8_20_and_52_parameters(void **state)
{
    (void)state;
    double (*const functions[])(const double *, size_t) = {sphere, ellipsoid, rosenbrock};
    static const char *const active[] = {"yes", "no"};
    static const struct evo_shape shapes[] = {{1, 2, 1, 0}, {2, 2, 2, 0}, {0, 12, 4, 3}};
    const uint64_t generations[] = {500, 2000, 800};
    for (size_t f = 0; f < 3; f++) {
        for (size_t s = 0; s < (f == 0 ? 3 : 2); s++) {
            for (size_t a = 0; a < 2; a++) {
                struct trial trial;
                char text[256];
                snprintf(text, sizeof text,
                         "[search]\nname = cmaes\n[population]\nsize = 32\n[cmaes]\n"
                         "sigma_matrix = 0.5\nsigma_constants = 0.5\nactive = %s\n",
                         active[a]);
                must(trial_try(&trial, text, shapes[s]));
                double best = minimize(&trial, functions[f], generations[s]);
                if (best > 1e-9) { fail_msg("function %zu, shape %zu: %g", f, s, best); }
                trial_end(&trial);
            }
        }
    }
}

static void each_block_begins_where_its_keys_say(void **state)
{
    (void)state;
    struct trial trial;
    trial_begin(&trial, "[search]\nname = cmaes\n[population]\nsize = 1000\n[cmaes]\n"
                        "mean_matrix = 3\nmean_constants = -2\nsigma_matrix = 0.1\n"
                        "sigma_constants = 1e-3\n");
    trial_ask(&trial, 1, false);
    assert_true(fabs(block_mean(&trial, 0, 6) - 3.0) < 0.01);
    assert_true(fabs(block_mean(&trial, 6, 8) + 2.0) < 1e-4);
    trial_end(&trial);
}

static void bounds_hold_for_every_sample(void **state)
{
    (void)state;
    struct trial trial;
    trial_begin(&trial, "[search]\nname = cmaes\n[cmaes]\nbound_min = -0.2\nbound_max = 0.3\n"
                        "sigma_matrix = 1\nsigma_constants = 1\n");
    for (uint64_t g = 1; g <= 50; g++) {
        trial_ask(&trial, g, false);
        for (size_t i = 0; i < trial.population->n * 8; i++) {
            assert_true(trial.population->genomes[i] >= -0.2);
            assert_true(trial.population->genomes[i] <= 0.3);
        }
        trial_score(&trial, SMOOTH);
        must(evo_search_tell(trial.search, g));
    }
    trial_end(&trial);
}

static void it_finds_the_least_value_that_bounds_allow(void **state)
{
    (void)state;
    const double least[] = {8 * 0.7 * 0.7, 0.0, 8 * 0.25 * 0.25};
    static const char *const bounds[] = {"bound_max = 0.3", "bound_min = 0\nbound_max = 1",
                                         ("bound_min = 1.25\nbound_max = 7\nmean_matrix = 3\n"
                                          "mean_constants = 7")};
    for (size_t b = 0; b < 3; b++) {
        struct trial trial;
        trial_begin(&trial,
                    "[search]\nname = cmaes\n[population]\nsize = 32\n[cmaes]\n%s\n"
                    "sigma_matrix = 0.5\nsigma_constants = 0.5\n",
                    bounds[b]);
        double best = minimize(&trial, sphere, 400);
        if (!(fabs(best - least[b]) < 1e-9)) { fail_msg("%s: %g", bounds[b], best - least[b]); }
        trial_end(&trial);
    }
}

static double flat(const double *x, size_t n) { return x[n - 1] != x[0] ? 7.0 : 8.0; }
static double nowhere(const double *x, size_t n) { return x[n - 1] != x[0] ? NAN : INFINITY; }

static void where_all_scores_are_equal_or_none_it_restarts_and_stays_finite(void **state)
{
    (void)state;
    double (*const functions[])(const double *, size_t) = {flat, nowhere};
    for (size_t f = 0; f < 2; f++) {
        struct trial trial;
        trial_begin(&trial, "[search]\nname = cmaes\n[population]\nsize = 130\n[cmaes]\n"
                            "lambda = 40\n");
        minimize(&trial, functions[f], 600);
        assert_true(restarts(&trial) >= 3);
        for (size_t i = 0; i < trial.population->n * 8; i++) {
            assert_true(fabs(trial.population->genomes[i]) < 1e3);
        }
        trial_end(&trial);
    }
}

static void instances_share_the_population_and_differ(void **state)
{
    (void)state;
    struct trial trial;
    /* One instance has 6 samples, the other 5. */
    trial_begin(&trial, "[search]\nname = cmaes\n[population]\nsize = 11\n[cmaes]\n"
                        "instances = 2\nscatter_mean = yes\n");
    for (uint64_t g = 1; g <= 30; g++) { trial_step(&trial, g, SMOOTH); }
    const double *genomes = trial.population->genomes;
    assert_memory_not_equal(genomes, genomes + 6 * 8, 8 * sizeof *genomes);
    trial_end(&trial);
}

static void keys_that_leave_too_few_samples_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"instances = 200", "lambda = 3", "lambda = 501",
                                        "instances = 16\nlambda = 64", "instances = 8\nlambda = 63",
                                        "bound_min = 1\nbound_max = 0", "bound_min = 1",
                                        "mean_matrix = 2\nbound_max = 1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct trial trial;
        char text[128];
        snprintf(text, sizeof text, "[search]\nname = cmaes\n[cmaes]\n%s\n", wrong[i]);
        assert_int_equal(trial_try(&trial, text, original_shape), EVO_ERR_CONFIG);
        assert_non_null(strstr(evo_status_message(), "cmaes"));
        trial_end(&trial);
    }
}

/* Five hundred creatures: 7 instances have 71 each, and 3 of them one more. */
static void no_instance_has_fewer_samples_than_lambda(void **state)
{
    (void)state;
    struct trial trial;
    assert_int_equal(trial_try(&trial, "[search]\nname = cmaes\n[population]\nsize = 64\n[cmaes]\n"
                                       "instances = 16\nlambda = 64\n", original_shape),
                     EVO_ERR_CONFIG);
    static const char *const says[] = {"16 instances", "population.size of 64", "4 creatures each",
                                       "cmaes.lambda = 64", "use at most 1,", "of 1024"};
    for (size_t i = 0; i < sizeof says / sizeof says[0]; i++) {
        assert_non_null(strstr(evo_status_message(), says[i]));
    }
    trial_end(&trial);
    trial_begin(&trial, "[search]\nname = cmaes\n[cmaes]\ninstances = 7\nlambda = 71\n");
    trial_end(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_the_least_of_smooth_functions_of_8_20_and_52_parameters),
        cmocka_unit_test(each_block_begins_where_its_keys_say),
        cmocka_unit_test(bounds_hold_for_every_sample),
        cmocka_unit_test(it_finds_the_least_value_that_bounds_allow),
        cmocka_unit_test(where_all_scores_are_equal_or_none_it_restarts_and_stays_finite),
        cmocka_unit_test(instances_share_the_population_and_differ),
        cmocka_unit_test(no_instance_has_fewer_samples_than_lambda),
        cmocka_unit_test(keys_that_leave_too_few_samples_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
