/* SPDX-License-Identifier: MIT */
/* evompi-compare: evompi's searches and those of other libraries on the same flights, side by side. */
#include "compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <evompi/rng.h>
#include <evompi/run.h>

static const char usage[] =
    "usage: evompi-compare CONFIG.ini [options]\n\n"
    "Lets evompi's search and those of pagmo2 and NLopt loose on the flights of a configuration,\n"
    "on one core, each from the same starts with the same number of evaluations, and prints how far\n"
    "they came. Starts: near 0 (normal, 0.01), and uniform within +-0.5, as the original's. From the\n"
    "second one evompi's cmaes begins its instances at draws, in many small ones.\n\n"
    "  --seeds N     default 10\n"
    "  --budget N    evaluations of a search and seed, default 2000000\n"
    "  --target X    score whose evaluations and seconds are printed, default 1198\n"
    "  --help        print this\n\n"
    "Seconds are those of a library that asks for one creature at a time, where it does.\n";

/* ---- one search ---- */

void trial_note(struct trial *trial, uint64_t evaluations, double score)
{
    trial->evaluations = evaluations;
    if (!(score < trial->best)) { return; }
    trial->best = score;
    if (score <= trial->target && trial->evaluations_to_target == 0) {
        trial->evaluations_to_target = evaluations;
        trial->seconds_to_target = evo_clock_s() - trial->began_s;
    }
}

double trial_fly(struct trial *trial, const double *genome)
{
    double score = 1e300;
    evo_task_fly(trial->task, evo_cases_of(1), 1, genome, &score);
    if (!isfinite(score)) { score = 1e300; }
    trial_note(trial, trial->evaluations + 1, score);
    return score;
}

double trial_start(const struct trial *trial, uint64_t r, uint64_t k, size_t i)
{
    struct evo_rng rng = evo_rng_begin(trial->seed, EVO_STREAM_INITIAL, r << 32 | k, i);
    return trial->spread * (trial->uniform ? evo_rng_between(&rng, -1.0, 1.0) : evo_rng_normal(&rng));
}

/* The best of each generation counts with its last evaluation. */
static enum evo_status note_best(struct trial *trial, const struct evo_population *population, size_t n)
{
    double best = (double)INFINITY;
    for (size_t i = 0; i < population->n; i++) { best = fmin(best, population->fitness[i]); }
    trial_note(trial, trial->evaluations + n, best);
    return EVO_OK;
}

/* evompi's own: no farm and no store. */
static int evompi(struct trial *trial, const struct evo_config *config)
{
    enum evo_status status = EVO_OK;
    struct evo_state *state = NULL;
    struct evo_generation done = {0};
    EVO_GOTO(evo_state_create(config, &state));
    const struct evo_evaluator here = evo_generation_here(state);
    while (trial->evaluations < trial->budget && evo_search_finished(state->search) == NULL) {
        EVO_GOTO(evo_generation_run(state, &here, &done));
        EVO_GOTO(note_best(trial, evo_search_population(state->search), done.n));
    }
done:
    evo_state_destroy(state);
    return status == EVO_OK ? 0 : -1;
}

/* ---- the table ---- */

struct contender {
    const char *name;
    int (*search)(struct trial *trial); // NULL: evompi's own
};

static const struct contender contenders[] = {
    {"evompi", NULL},
    {"pagmo2 cmaes (256)", compare_pagmo_cmaes},
    {"pagmo2 sade (100)", compare_pagmo_sade},
    {"pagmo2 de1220 (100)", compare_pagmo_de1220},
    {"NLopt crs2", compare_nlopt_crs},
};

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, evo_math_order);
    return values[(n - 1) / 2];
}

struct options {
    const char *config;
    size_t n_seeds;
    uint64_t budget;
    double target;
};

/* How evompi starts: near 0 as the configuration has it, or by these. */
static const char *const scattered[] = {
    "cmaes.scatter_mean=yes", "cmaes.sigma_matrix=0.29", "cmaes.sigma_constants=0.29",
    "cmaes.lambda=12", "population.size=48",
};

static enum evo_status read_config(const struct options *options, size_t seed, bool uniform,
                                   struct evo_config **out)
{
    char text[64];
    snprintf(text, sizeof text, "job.seed=%zu", seed);
    const char *sets[8] = {text};
    size_t n = 1;
    if (uniform) {
        memcpy(sets + n, scattered, sizeof scattered);
        n += sizeof scattered / sizeof scattered[0];
    }
    return evo_run_read_config(options->config, sets, n, out);
}

static enum evo_status run(const struct options *options, const struct contender *contender,
                           bool uniform, size_t seed, struct trial *trial)
{
    enum evo_status status = EVO_OK;
    struct evo_config *config = NULL;
    struct evo_task *task = NULL;
    EVO_GOTO(read_config(options, seed, uniform, &config));
    EVO_GOTO(evo_task_create(config, &task));
    *trial = (struct trial){
        .task = task, .n = evo_shape_genome(evo_task_shape(task)), .budget = options->budget,
        .target = options->target, .spread = uniform ? 0.5 : 0.01, .uniform = uniform, .seed = seed,
        .best = (double)INFINITY, .began_s = evo_clock_s(),
    };
    int code = contender->search != NULL ? contender->search(trial) : evompi(trial, config);
    if (code != 0) { status = EVO_ERR_USAGE; }
done:
    evo_task_destroy(task);
    evo_config_destroy(config);
    return status;
}

static enum evo_status compare(const struct options *options, const struct contender *contender,
                               bool uniform)
{
    enum evo_status status = EVO_OK;
    double *values = NULL;
    size_t n = options->n_seeds, n_reached = 0;
    EVO_GOTO(evo_alloc(3 * n, sizeof *values, "results", &values));
    for (size_t i = 0; i < n; i++) {
        struct trial trial;
        EVO_GOTO(run(options, contender, uniform, i + 1, &trial));
        values[i] = trial.best;
        if (trial.evaluations_to_target == 0) { continue; }
        values[n + n_reached] = (double)trial.evaluations_to_target;
        values[2 * n + n_reached++] = trial.seconds_to_target;
    }
    printf("%-20s %10.2f", contender->name, median(values, n));
    printf(" %10.2f %10.2f   %3zu of %zu", values[0], values[n - 1], n_reached, n);
    if (n_reached > 0) {
        printf(" %10.0f %8.3f", median(values + n, n_reached), median(values + 2 * n, n_reached));
    }
    printf("\n");
    fflush(stdout);
done:
    free(values);
    return status;
}

static bool read_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && *value >= 1.0 && *value <= 1e12;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        double value = 0.0;
        bool has_value = i + 1 < argc && read_number(argv[i + 1], &value);
        if (strcmp(argv[i], "--seeds") == 0 && has_value) {
            options->n_seeds = (size_t)value;
        } else if (strcmp(argv[i], "--budget") == 0 && has_value) {
            options->budget = (uint64_t)value;
        } else if (strcmp(argv[i], "--target") == 0 && has_value) {
            options->target = value;
        } else if (argv[i][0] != '-' && options->config == NULL) {
            options->config = argv[i];
            continue;
        } else {
            return false;
        }
        i++;
    }
    return options->config != NULL;
}

int main(int argc, char **argv)
{
    struct options options = {.n_seeds = 10, .budget = 2000000, .target = 1198.0};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (!read_options(argc, argv, &options)) {
        fputs(usage, stderr);
        return EVO_ERR_USAGE;
    }
    for (int uniform = 0; uniform < 2; uniform++) {
        printf("%s: %zu seeds, %.0f evaluations, one core\n",
               uniform ? "starts uniform within +-0.5" : "starts near 0", options.n_seeds,
               (double)options.budget);
        printf("%-20s %10s %10s %10s   to %.0f: evaluations, seconds\n", "", "median", "best", "worst",
               options.target);
        for (size_t i = 0; i < sizeof contenders / sizeof contenders[0]; i++) {
            enum evo_status status = compare(&options, &contenders[i], uniform != 0);
            if (status != EVO_OK) {
                fprintf(stderr, "evompi-compare: %s\n", evo_status_message());
                return status;
            }
        }
    }
    return 0;
}
