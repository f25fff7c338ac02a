/* SPDX-License-Identifier: MIT */
/* CMA-ES, many instances at once: each has a part of the population, and restarts on its own. */
#include "birth.h"
#include "strategy.h"

#include <math.h>
#include <stdlib.h>

/* Bytes of covariances and axes that are more likely a mistake than a wish. */
#define MOST_BYTES 64e9

/* A sample of an instance, by its number, in the order of fitness. */
struct place {
    uint64_t key;
    size_t sample;
};

struct cmaes {
    size_t n_instances, n_long; ///< the first n_long have one sample more than the others
    struct evo_strategy_setting settings[2]; ///< of the shorter and of the longer
    double *weights[2], *spread, *start, *scratch;
    struct place *places;
    size_t *order, *all;

    /* The instances' state, array by array: what a checkpoint holds. */
    double *means, *paths_c, *paths_s, *covariances, *axes, *lengths, *bests, *sigmas, *best;
    uint64_t *iterations, *improved, *decomposed, *restarts, *leaders;
};

static bool is_long(const struct cmaes *cmaes, size_t k) { return k < cmaes->n_long; }

static const struct evo_strategy_setting *setting_of(const struct cmaes *cmaes, size_t k)
{
    return &cmaes->settings[is_long(cmaes, k)];
}

static size_t first_slot(const struct cmaes *cmaes, size_t k)
{
    return k * cmaes->settings[0].lambda + (k < cmaes->n_long ? k : cmaes->n_long);
}

static struct evo_strategy instance(const struct cmaes *cmaes, size_t k)
{
    size_t n = cmaes->settings[0].n;
    return (struct evo_strategy){
        .mean = cmaes->means + k * n,
        .path_c = cmaes->paths_c + k * n,
        .path_s = cmaes->paths_s + k * n,
        .covariance = cmaes->covariances + k * n * n,
        .axes = cmaes->axes + k * n * n,
        .lengths = cmaes->lengths + k * n,
        .bests = cmaes->bests + k * EVO_STRATEGY_WINDOW,
        .sigma = &cmaes->sigmas[k],
        .best = &cmaes->best[k],
        .iteration = &cmaes->iterations[k],
        .improved = &cmaes->improved[k],
        .decomposed = &cmaes->decomposed[k],
    };
}

/* ---- getting ready ---------------------------------------------------------------------- */

/* How many instances, from the keys and the population. */
static enum evo_status count_instances(struct cmaes *cmaes, const struct evo_config *config,
                                       size_t n, size_t n_genome)
{
    double usual = 4.0 + floor(3.0 * evo_math_log((double)n_genome));
    size_t lambda = usual > 64.0 ? (size_t)usual : 64;
    if (config->cmaes_lambda > 0) { lambda = (size_t)config->cmaes_lambda; }
    if (lambda > n) { lambda = n; }
    cmaes->n_instances = config->cmaes_instances > 0 ? (size_t)config->cmaes_instances : n / lambda;
    if (n / cmaes->n_instances < 4) {
        return evo_config_refuse(config, "cmaes.instances",
                                 "%zu instances leave a population of %zu fewer than 4 samples "
                                 "each; use at most %zu, or a larger population",
                                 cmaes->n_instances, n, n / 4);
    }
    if (2.0 * 8.0 * (double)cmaes->n_instances * (double)n_genome * (double)n_genome > MOST_BYTES) {
        return evo_config_refuse(config, "cmaes.instances",
                                 "%zu covariances of %zu parameters need more than %g bytes; use "
                                 "fewer instances (a larger lambda)",
                                 cmaes->n_instances, n_genome, MOST_BYTES);
    }
    cmaes->n_long = n % cmaes->n_instances;
    return EVO_OK;
}

static enum evo_status check_keys(const struct evo_config *config)
{
    if (config->cmaes_bound_min >= config->cmaes_bound_max) {
        return evo_config_refuse(config, "cmaes.bound_min", "must be below cmaes.bound_max, %g",
                                 config->cmaes_bound_max);
    }
    if (config->cmaes_lambda > 0 && config->cmaes_lambda < 4) {
        return evo_config_refuse(config, "cmaes.lambda", "must be 4 or more, or 0");
    }
    return EVO_OK;
}

static enum evo_status allocate(struct cmaes *cmaes, size_t n_genome, size_t n)
{
    size_t k = cmaes->n_instances, longest = n / k + 1;
    const char *what = "the state of cmaes";
    EVO_TRY(evo_alloc(longest, sizeof(double), what, &cmaes->weights[0]));
    EVO_TRY(evo_alloc(longest, sizeof(double), what, &cmaes->weights[1]));
    EVO_TRY(evo_alloc(n_genome, sizeof(double), what, &cmaes->spread));
    EVO_TRY(evo_alloc(n_genome, sizeof(double), what, &cmaes->start));
    EVO_TRY(evo_alloc(evo_strategy_scratch(n_genome), sizeof(double), what, &cmaes->scratch));
    EVO_TRY(evo_alloc(longest, sizeof *cmaes->places, what, &cmaes->places));
    EVO_TRY(evo_alloc(longest, sizeof(size_t), what, &cmaes->order));
    EVO_TRY(evo_alloc(n, sizeof(size_t), what, &cmaes->all));

    double **vectors[] = {&cmaes->means, &cmaes->paths_c, &cmaes->paths_s, &cmaes->lengths};
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        EVO_TRY(evo_alloc(k * n_genome, sizeof(double), what, vectors[i]));
    }
    EVO_TRY(evo_alloc(k * n_genome * n_genome, sizeof(double), what, &cmaes->covariances));
    EVO_TRY(evo_alloc(k * n_genome * n_genome, sizeof(double), what, &cmaes->axes));
    EVO_TRY(evo_alloc(k * EVO_STRATEGY_WINDOW, sizeof(double), what, &cmaes->bests));
    EVO_TRY(evo_alloc(k, sizeof(double), what, &cmaes->sigmas));
    EVO_TRY(evo_alloc(k, sizeof(double), what, &cmaes->best));
    uint64_t **counts[] = {&cmaes->iterations, &cmaes->improved, &cmaes->decomposed,
                           &cmaes->restarts, &cmaes->leaders};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        EVO_TRY(evo_alloc(k, sizeof(uint64_t), what, counts[i]));
    }
    return EVO_OK;
}

/* Begins instance k, for the first time or again. */
static void start(struct evo_search *search, size_t k)
{
    struct cmaes *cmaes = search->state;
    const struct evo_config *config = search->setup.config;
    struct evo_rng rng =
        evo_rng_begin((uint64_t)config->job_seed, EVO_STREAM_INITIAL, cmaes->restarts[k], k);
    for (size_t i = 0; i < search->n_genome; i++) {
        bool matrix = i < search->n_matrix;
        cmaes->start[i] = matrix ? config->cmaes_mean_matrix : config->cmaes_mean_constants;
        if (config->cmaes_scatter_mean) {
            cmaes->start[i] += cmaes->spread[i] * evo_rng_normal(&rng);
        }
    }
    struct evo_strategy one = instance(cmaes, k);
    evo_strategy_start(setting_of(cmaes, k), &one, cmaes->start, cmaes->spread);
    cmaes->leaders[k] = EVO_NOBODY;
}

static enum evo_status cmaes_init(struct evo_search *search)
{
    struct cmaes *cmaes = search->state;
    const struct evo_config *config = search->setup.config;
    size_t n = search->population->n;
    EVO_TRY(check_keys(config));
    EVO_TRY(count_instances(cmaes, config, n, search->n_genome));
    EVO_TRY(allocate(cmaes, search->n_genome, n));
    for (size_t i = 0; i < search->n_genome; i++) {
        cmaes->spread[i] =
            i < search->n_matrix ? config->cmaes_sigma_matrix : config->cmaes_sigma_constants;
    }
    for (size_t i = 0; i < 2; i++) {
        evo_strategy_setting_init(&cmaes->settings[i], config, search->n_genome,
                                  n / cmaes->n_instances + i, cmaes->weights[i]);
    }
    for (size_t k = 0; k < cmaes->n_instances; k++) { start(search, k); }
    return EVO_OK;
}

static void cmaes_fini(struct evo_search *search)
{
    struct cmaes *cmaes = search->state;
    void *all[] = {cmaes->weights[0], cmaes->weights[1], cmaes->spread,   cmaes->start,
                   cmaes->scratch,    cmaes->places,      cmaes->order,    cmaes->all,
                   cmaes->means,      cmaes->paths_c,    cmaes->paths_s,  cmaes->covariances,
                   cmaes->axes,       cmaes->lengths,    cmaes->bests,    cmaes->sigmas,
                   cmaes->best,       cmaes->iterations, cmaes->improved, cmaes->decomposed,
                   cmaes->restarts,   cmaes->leaders};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) { free(all[i]); }
}

/* ---- ask -------------------------------------------------------------------------------- */

static double clip(double x, double low, double high)
{
    if (x < low) { return low; }
    return x > high ? high : x;
}

/* All samples of instance k for `generation`. */
static void sample(struct evo_search *search, size_t k, uint64_t generation)
{
    struct cmaes *cmaes = search->state;
    const struct evo_config *config = search->setup.config;
    const struct evo_strategy_setting *setting = setting_of(cmaes, k);
    struct evo_population *population = search->population;
    struct evo_strategy one = instance(cmaes, k);
    for (size_t i = 0; i < setting->lambda; i++) {
        size_t slot = first_slot(cmaes, k) + i;
        double *genome = population->genomes + slot * population->genome;
        evo_birth_register(search, slot, cmaes->leaders[k], generation);
        struct evo_rng rng = evo_rng_begin((uint64_t)config->job_seed, EVO_STREAM_VARIATION,
                                           generation, population->id[slot]);
        if (i == 0 && config->cmaes_fly_mean) {
            for (size_t p = 0; p < setting->n; p++) { genome[p] = one.mean[p]; }
        } else {
            evo_strategy_sample(setting, &one, &rng, genome, cmaes->scratch);
        }
        for (size_t p = 0; p < setting->n; p++) {
            genome[p] = clip(genome[p], config->cmaes_bound_min, config->cmaes_bound_max);
        }
    }
}

static enum evo_status cmaes_ask(struct evo_search *search, uint64_t generation, bool refly,
                                 size_t *first, size_t *n)
{
    (void)refly; /* everybody is new */
    struct cmaes *cmaes = search->state;
    struct evo_population *population = search->population;
    if (generation > 1) {
        for (size_t i = 0; i < population->n; i++) { cmaes->all[i] = i; }
        EVO_TRY(evo_lineage_bury(search->setup.lineage, population, cmaes->all, population->n,
                                 generation - 1));
    }
    for (size_t k = 0; k < cmaes->n_instances; k++) { sample(search, k, generation); }
    *first = 0;
    *n = population->n;
    return EVO_OK;
}

/* ---- tell ------------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->key != y->key) { return x->key < y->key ? -1 : 1; }
    return x->sample < y->sample ? -1 : x->sample > y->sample;
}

/* cmaes->order: the samples of an instance, best first; ties by slot. */
static void sort_samples(struct cmaes *cmaes, const double *fitness, size_t n)
{
    struct place *places = cmaes->places;
    for (size_t i = 0; i < n; i++) {
        places[i].sample = i;
        evo_fitness_keys(&fitness[i], 1, &places[i].key);
    }
    qsort(places, n, sizeof *places, by_key);
    for (size_t i = 0; i < n; i++) { cmaes->order[i] = places[i].sample; }
}

/* Learns, and restarts where a rule says so. */
static enum evo_status learn(struct evo_search *search, size_t k, uint64_t generation)
{
    struct cmaes *cmaes = search->state;
    const struct evo_strategy_setting *setting = setting_of(cmaes, k);
    const struct evo_population *population = search->population;
    size_t first = first_slot(cmaes, k);
    const double *fitness = population->fitness + first;
    struct evo_strategy one = instance(cmaes, k);
    sort_samples(cmaes, fitness, setting->lambda);
    cmaes->leaders[k] = population->id[first + cmaes->order[0]];
    EVO_TRY(evo_strategy_learn(setting, &one, population->genomes + first * population->genome,
                               cmaes->order, fitness[cmaes->order[0]],
                               fitness[cmaes->order[setting->lambda / 4]], cmaes->scratch));
    const char *why = evo_strategy_ended(setting, &one);
    if (why != NULL) {
        char best[32];
        evo_log_to_file("cmaes: instance %zu restarts after generation %llu, best %s; %s", k,
                        (unsigned long long)generation, evo_text_number(best, *one.best), why);
        cmaes->restarts[k]++;
        start(search, k);
    }
    return EVO_OK;
}

static enum evo_status cmaes_tell(struct evo_search *search, uint64_t generation)
{
    const struct cmaes *cmaes = search->state;
    for (size_t k = 0; k < cmaes->n_instances; k++) { EVO_TRY(learn(search, k, generation)); }
    return EVO_OK;
}

/* ---- state ------------------------------------------------------------------------------ */

static size_t cmaes_fields(struct evo_search *search, struct evo_field *fields)
{
    struct cmaes *cmaes = search->state;
    size_t k = cmaes->n_instances, n = search->n_genome;
#define FIELD(name_, doc_, type_, rows, cols, pointer)                                             \
    {                                                                                              \
        .name = name_, .unit = "1", .doc = doc_, .type = type_, .n_rows = rows, .n_cols = cols,    \
        .data = pointer                                                                            \
    }
    const struct evo_field all[] = {
        FIELD("mean", "centre of each instance", EVO_TYPE_F64, k, n, cmaes->means),
        FIELD("path_c", "evolution path of the covariance", EVO_TYPE_F64, k, n, cmaes->paths_c),
        FIELD("path_s", "evolution path of the step size", EVO_TYPE_F64, k, n, cmaes->paths_s),
        FIELD("covariance", "row by row", EVO_TYPE_F64, k, n * n, cmaes->covariances),
        FIELD("axes", "eigenvectors, row by row, as last decomposed", EVO_TYPE_F64, k, n * n,
              cmaes->axes),
        FIELD("lengths", "square roots of their eigenvalues", EVO_TYPE_F64, k, n, cmaes->lengths),
        FIELD("bests", "best of the latest iterations, a ring", EVO_TYPE_F64, k,
              EVO_STRATEGY_WINDOW, cmaes->bests),
        FIELD("sigma", "step size", EVO_TYPE_F64, k, 0, cmaes->sigmas),
        FIELD("best", "best score since the last restart", EVO_TYPE_F64, k, 0, cmaes->best),
        FIELD("iterations", "since the last restart", EVO_TYPE_U64, k, 0, cmaes->iterations),
        FIELD("improved", "iteration of the last better best", EVO_TYPE_U64, k, 0, cmaes->improved),
        FIELD("decomposed", "iteration of the last decomposition", EVO_TYPE_U64, k, 0,
              cmaes->decomposed),
        FIELD("restarts", "so far", EVO_TYPE_U64, k, 0, cmaes->restarts),
        FIELD("leaders", "creature that was best of the last generation", EVO_TYPE_U64, k, 0,
              cmaes->leaders),
    };
#undef FIELD
    size_t n_fields = sizeof all / sizeof all[0];
    for (size_t i = 0; i < n_fields; i++) { fields[i] = all[i]; }
    return n_fields;
}

const struct evo_search_class evo_search_cmaes = {
    .summary = "covariance matrix adaptation, many instances at once, each with restarts",
    .state_bytes = sizeof(struct cmaes),
    .init = cmaes_init,
    .fini = cmaes_fini,
    .ask = cmaes_ask,
    .tell = cmaes_tell,
    .fields = cmaes_fields,
};
