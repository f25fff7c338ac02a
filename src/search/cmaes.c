/* SPDX-License-Identifier: MIT */
/* CMA-ES, many instances at once: each has a part of the population, and restarts on its own. */
#include "instances.h"

#include "birth.h"
#include "cmaes_keys.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of state that are more likely a mistake than a wish. */
#define MOST_BYTES 64e9


/* ---- getting ready ---------------------------------------------------------------------- */

/* Whether so many instances have their samples in a population of n. */
static enum evo_status check_instances(const struct evo_config *config, size_t n_instances,
                                       size_t lambda, size_t n)
{
    if (n / n_instances < 4) {
        return evo_config_refuse(config, "cmaes.instances",
                                 "%zu instances leave a population of %zu fewer than 4 samples "
                                 "each; use at most %zu, or a larger population",
                                 n_instances, n, n / 4);
    }
    if (evo_cmaes_keys(config)->lambda > 0 && n / n_instances < lambda) {
        return evo_config_refuse(config, "cmaes.instances",
                                 "%zu instances leave a population.size of %zu for %zu creatures "
                                 "each, fewer than cmaes.lambda = %zu; use at most %zu, a "
                                 "population of %zu, or a smaller lambda",
                                 n_instances, n, n / n_instances, lambda, n / lambda,
                                 n_instances * lambda);
    }
    return EVO_OK;
}

static enum evo_status check_memory(const struct evo_config *config, size_t n_instances,
                                    size_t n_genome)
{
    double bytes = 2.0 * 8.0 * (double)n_instances * (double)n_genome * (double)n_genome;
    if (bytes <= MOST_BYTES) { return EVO_OK; }
    return evo_config_refuse(config, "cmaes.instances",
                             "%zu covariances of %zu parameters need more than %g bytes; use fewer "
                             "instances (a larger lambda)",
                             n_instances, n_genome, MOST_BYTES);
}

/* How many instances, from the keys and the population. */
static enum evo_status count_instances(struct evo_instances *cmaes, const struct evo_config *config,
                                       size_t n, size_t n_genome)
{
    double usual = 4.0 + floor(3.0 * evo_math_log((double)n_genome));
    size_t lambda = usual > 64.0 ? (size_t)usual : 64;
    if (lambda > n) { lambda = n; }
    if (evo_cmaes_keys(config)->lambda > 0) { lambda = (size_t)evo_cmaes_keys(config)->lambda; }
    if (lambda > n) {
        return evo_config_refuse(config, "cmaes.lambda",
                                 "is more than population.size = %zu, of which an instance takes "
                                 "its samples; raise that, or lower this", n);
    }
    cmaes->n_instances = evo_cmaes_keys(config)->instances > 0 ? (size_t)evo_cmaes_keys(config)->instances : n / lambda;
    EVO_TRY(check_instances(config, cmaes->n_instances, lambda, n));
    EVO_TRY(check_memory(config, cmaes->n_instances, n_genome));
    cmaes->n_slots = n / cmaes->n_instances;
    cmaes->n_long = n % cmaes->n_instances;
    return EVO_OK;
}

static enum evo_status check_restart(const struct evo_instances *cmaes,
                                     const struct evo_config *config, size_t n_genome)
{
    double samples = (double)cmaes->n_slots * (double)((uint64_t)1 << cmaes->restart.most);
    double bytes = 8.0 * samples * ((double)cmaes->n_instances + (double)n_genome);
    if (cmaes->restart.most == 0 || bytes <= MOST_BYTES) { return EVO_OK; }
    return evo_config_refuse(config, "cmaes.doublings",
                             "the scores of %g samples for each of %zu instances need more than %g "
                             "bytes; use fewer doublings",
                             samples, cmaes->n_instances, MOST_BYTES);
}

static enum evo_status check_keys(const struct evo_config *config)
{
    double low = evo_cmaes_keys(config)->bound_min, high = evo_cmaes_keys(config)->bound_max;
    if (low >= high) {
        return evo_config_refuse(config, "cmaes.bound_min", "must be below cmaes.bound_max, %g",
                                 high);
    }
    if (evo_cmaes_keys(config)->lambda > 0 && evo_cmaes_keys(config)->lambda < 4) {
        return evo_config_refuse(config, "cmaes.lambda", "must be 4 or more, or 0");
    }
    const struct {
        const char *name;
        double value;
    } means[] = {{"cmaes.mean_matrix", evo_cmaes_keys(config)->mean_matrix},
                 {"cmaes.mean_constants", evo_cmaes_keys(config)->mean_constants}};
    for (size_t i = 0; i < 2; i++) {
        if (means[i].value < low || means[i].value > high) {
            return evo_config_refuse(config, means[i].name,
                                     "must lie within cmaes.bound_min and bound_max, %g to %g", low,
                                     high);
        }
    }
    return EVO_OK;
}

static enum evo_status allocate(struct evo_instances *cmaes, size_t n_genome, size_t n)
{
    const char *what = "the memory of cmaes";
    size_t most = evo_instances_most_samples(cmaes), n_settings = 2 * (cmaes->restart.most + 1);
    EVO_TRY(evo_alloc(n_settings, sizeof *cmaes->settings, what, &cmaes->settings));
    EVO_TRY(evo_alloc(4 * (cmaes->n_slots + 1) << cmaes->restart.most, sizeof(double), what,
                      &cmaes->weights));
    EVO_TRY(evo_alloc(n_genome, sizeof(double), what, &cmaes->spread));
    EVO_TRY(evo_alloc(n_genome, sizeof *cmaes->bounds, what, &cmaes->bounds));
    EVO_TRY(evo_alloc(n_genome, sizeof(double), what, &cmaes->start));
    EVO_TRY(evo_alloc(evo_strategy_scratch(n_genome), sizeof(double), what, &cmaes->scratch));
    EVO_TRY(evo_alloc(most * n_genome, sizeof(double), what, &cmaes->samples));
    EVO_TRY(evo_alloc(cmaes->n_slots + 1, sizeof *cmaes->rngs, what, &cmaes->rngs));
    EVO_TRY(evo_alloc(most, sizeof *cmaes->places, what, &cmaes->places));
    EVO_TRY(evo_alloc(most, sizeof(size_t), what, &cmaes->order));
    EVO_TRY(evo_alloc(n, sizeof(size_t), what, &cmaes->slots));
    return evo_instances_init(cmaes, n_genome);
}

/* Begins instance k, for the first time or again. */
static void start(struct evo_search *search, size_t k)
{
    struct evo_instances *cmaes = search->state;
    const struct evo_config *config = search->setup.config;
    struct evo_rng rng =
        evo_rng_begin((uint64_t)config->job_seed, EVO_STREAM_INITIAL, cmaes->restarts[k], k);
    double factor = 1.0;
    if (cmaes->restarts[k] > 0) { factor = evo_restart_plan(&cmaes->restart, k, &rng); }
    for (size_t i = 0; i < cmaes->n; i++) {
        bool matrix = i < cmaes->n_matrix;
        double mean = matrix ? evo_cmaes_keys(config)->mean_matrix : evo_cmaes_keys(config)->mean_constants;
        if (search->ranges.n > 0) { mean = search->ranges.start[i]; }
        cmaes->start[i] = cmaes->bounds[i].any ? evo_bounds_unmap(&cmaes->bounds[i], mean) : mean;
        if (evo_cmaes_keys(config)->scatter_mean) {
            cmaes->start[i] += cmaes->spread[i] * evo_rng_normal(&rng);
        }
    }
    struct evo_strategy one = evo_instances_strategy(cmaes, k, cmaes->n);
    evo_strategy_start(&one, cmaes->n, cmaes->start, cmaes->spread, factor);
    cmaes->leaders[k] = EVO_NOBODY;
    cmaes->gathered[k] = 0;
}

/* Bounds and first spread of each parameter: its own, or those of the keys. */
static void set_ranges(struct evo_search *search)
{
    struct evo_instances *cmaes = search->state;
    const struct evo_cmaes_keys *keys = evo_cmaes_keys(search->setup.config);
    const struct evo_ranges *ranges = &search->ranges;
    for (size_t i = 0; i < cmaes->n; i++) {
        double low = keys->bound_min, high = keys->bound_max;
        cmaes->spread[i] = i < cmaes->n_matrix ? keys->sigma_matrix : keys->sigma_constants;
        if (ranges->n > 0) {
            low = ranges->lower[i];
            high = ranges->upper[i];
            cmaes->spread[i] = ranges->spread[i];
        }
        cmaes->bounds[i] = evo_bounds_make(low, high);
        cmaes->bounded = cmaes->bounded || cmaes->bounds[i].any;
    }
}

static enum evo_status cmaes_init(struct evo_search *search)
{
    struct evo_instances *cmaes = search->state;
    const struct evo_config *config = search->setup.config;
    const struct evo_basis *basis = search->setup.basis;
    size_t n = search->population->n;
    cmaes->n = basis != NULL ? basis->n : search->n_genome;
    cmaes->n_matrix = basis != NULL ? basis->n_matrix : search->n_matrix;
    EVO_TRY(check_keys(config));
    EVO_TRY(count_instances(cmaes, config, n, cmaes->n));
    EVO_TRY(evo_restart_init(&cmaes->restart, config, cmaes->n_instances));
    EVO_TRY(check_restart(cmaes, config, cmaes->n));
    EVO_TRY(allocate(cmaes, cmaes->n, n));
    set_ranges(search);
    for (size_t k = 0; k < cmaes->n_instances; k++) { start(search, k); }
    return EVO_OK;
}

static void cmaes_fini(struct evo_search *search)
{
    struct evo_instances *cmaes = search->state;
    evo_instances_say_rest(cmaes);
    evo_instances_fini(cmaes);
    evo_restart_fini(&cmaes->restart);
    void *all[] = {cmaes->settings, cmaes->weights, cmaes->spread, cmaes->bounds, cmaes->start, cmaes->scratch,
                   cmaes->samples,  cmaes->rngs,    cmaes->places, cmaes->order, cmaes->slots};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) { free(all[i]); }
}

/* Samples of instance k in a generation. */
static size_t n_samples(const struct evo_instances *cmaes, size_t k)
{
    return evo_instances_slots(cmaes, k) - cmaes->n_means;
}

static struct evo_strategy_setting *setting_of(const struct evo_instances *cmaes, size_t k)
{
    bool is_long = k < cmaes->n_long;
    return &cmaes->settings[(is_long ? cmaes->restart.most + 1 : 0) + cmaes->restart.doublings[k]];
}

/* How far an axis may grow where parameters have spreads of their own. */
static double reach_of(const struct evo_search *search)
{
    double widest = 0.0;
    for (size_t i = 0; i < search->ranges.n; i++) { widest = fmax(widest, search->ranges.spread[i]); }
    return fmin(evo_cmaes_keys(search->setup.config)->max_growth * widest, EVO_PARAMETER_MOST);
}

/* The constants for every number of samples that there may be: known once it is known whether
 * cases change. */
static void make_settings(struct evo_search *search, bool changing)
{
    struct evo_instances *cmaes = search->state;
    const struct evo_config *config = search->setup.config;
    cmaes->n_means = evo_cmaes_keys(config)->fly_mean ? 1 : 0;
    cmaes->changing = changing;
    cmaes->is_set = true;
    double *weights = cmaes->weights;
    for (size_t i = 0; i < 2 * (cmaes->restart.most + 1); i++) {
        size_t longer = i / (cmaes->restart.most + 1), doublings = i % (cmaes->restart.most + 1);
        size_t lambda = (cmaes->n_slots + longer - cmaes->n_means) << doublings;
        evo_strategy_setting_init(&cmaes->settings[i], config, cmaes->n, lambda, changing, weights);
        if (search->ranges.n > 0) { cmaes->settings[i].max_reach = reach_of(search); }
        weights += lambda;
    }
}

/* ---- ask -------------------------------------------------------------------------------- */

/* The id of the creature in `slot`: in each generation all are new. */
static uint64_t id_of(const struct evo_search *search, uint64_t generation, size_t slot)
{
    return (generation - 1) * search->population->n + slot;
}

/* Draws the samples of instance k for `generation`, before they are mapped into the bounds. */
static void draw(struct evo_search *search, size_t k, uint64_t generation, double *genomes)
{
    struct evo_instances *cmaes = search->state;
    size_t n = cmaes->n, n_drawn = n_samples(cmaes, k);
    size_t slot = evo_instances_first_slot(cmaes, k) + cmaes->n_means;
    struct evo_strategy one = evo_instances_strategy(cmaes, k, n);
    evo_rng_begin_many((uint64_t)search->setup.config->job_seed, EVO_STREAM_VARIATION, generation,
                       id_of(search, generation, slot), n_drawn, cmaes->rngs);
    for (size_t i = 0; i < n_drawn; i++) {
        evo_strategy_sample(&one, n, &cmaes->rngs[i], genomes + i * n, cmaes->scratch);
    }
}

/* All creatures of instance k for `generation`. */
static void populate(struct evo_search *search, size_t k, uint64_t generation)
{
    struct evo_instances *cmaes = search->state;
    struct evo_population *population = search->population;
    const struct evo_basis *basis = search->setup.basis;
    size_t n = cmaes->n, first = evo_instances_first_slot(cmaes, k);
    size_t n_slots = evo_instances_slots(cmaes, k);
    double *genomes = population->genomes + first * population->genome;
    double *chosen = basis != NULL ? cmaes->samples : genomes;
    for (size_t i = 0; i < n_slots; i++) {
        evo_birth_register(search, first + i, cmaes->leaders[k], generation);
    }
    if (cmaes->n_means > 0) { memcpy(chosen, cmaes->means + k * n, n * sizeof(double)); }
    draw(search, k, generation, chosen + cmaes->n_means * n);
    for (size_t i = 0; cmaes->bounded && i < n_slots * n; i++) {
        const struct evo_bounds *bounds = &cmaes->bounds[i % n];
        if (bounds->any) { chosen[i] = evo_bounds_map(bounds, chosen[i]); }
    }
    for (size_t i = 0; basis != NULL && i < n_slots; i++) {
        evo_basis_expand(basis, population->genome, chosen + i * n, genomes + i * population->genome);
    }
}

/* The slot of instance k's best sample of the generation that the population holds. */
static size_t best_slot(const struct evo_search *search, size_t k)
{
    const struct evo_instances *cmaes = search->state;
    const struct evo_population *population = search->population;
    size_t first = evo_instances_first_slot(cmaes, k), best = first + cmaes->n_means;
    for (size_t i = best + 1; i < first + evo_instances_slots(cmaes, k); i++) {
        if (evo_fitness_before(population->fitness[i], population->id[i], population->fitness[best],
                               population->id[best])) {
            best = i;
        }
    }
    return best;
}

/* Those whose children are to come, or may still come, live on through the next generation; the
 * others die with their own. */
static enum evo_status record_dead(struct evo_search *search, uint64_t generation)
{
    struct evo_instances *cmaes = search->state;
    const struct evo_population *population = search->population;
    struct evo_lineage *lineage = search->setup.lineage;
    size_t n = population->n, n_dead = 0, n_living = 0;
    for (size_t k = 0; k < cmaes->n_instances; k++) {
        size_t first = evo_instances_first_slot(cmaes, k), best = best_slot(search, k);
        bool lives = cmaes->gathered[k] > 0 || population->id[best] == cmaes->leaders[k];
        for (size_t i = first; i < first + evo_instances_slots(cmaes, k); i++) {
            if (i == best && lives) {
                cmaes->slots[n - ++n_living] = i;
            } else {
                cmaes->slots[n_dead++] = i;
            }
        }
    }
    EVO_TRY(evo_lineage_bury(lineage, population, cmaes->slots, n_dead, generation - 1));
    return evo_lineage_bury(lineage, population, cmaes->slots + n - n_living, n_living, generation);
}

static enum evo_status cmaes_ask(struct evo_search *search, uint64_t generation, bool reevaluate,
                                 size_t *first, size_t *n)
{
    struct evo_instances *cmaes = search->state;
    if (!cmaes->is_set || cmaes->changing != reevaluate) { make_settings(search, reevaluate); }
    if (generation > 1) { EVO_TRY(record_dead(search, generation)); }
    for (size_t k = 0; k < cmaes->n_instances; k++) { populate(search, k, generation); }
    *first = 0;
    *n = search->population->n;
    return EVO_OK;
}

/* ---- tell ------------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    const struct evo_instances_place *x = a, *y = b;
    if (x->key != y->key) { return x->key < y->key ? -1 : 1; }
    return x->sample < y->sample ? -1 : x->sample > y->sample;
}

static double score_at(const double *scores, const size_t *order, size_t i)
{
    double score = scores[order[i]];
    return isfinite(score) ? score : INFINITY;
}

/* Puts n scores in order, best first; ties by number. The ranking's genomes are left alone. */
static void rank(struct evo_instances *cmaes, const double *scores, size_t n,
                 struct evo_strategy_ranking *ranking)
{
    struct evo_instances_place *places = cmaes->places;
    ranking->n_finite = 0;
    for (size_t i = 0; i < n; i++) {
        places[i].sample = i;
        evo_fitness_keys(&scores[i], 1, &places[i].key);
        ranking->n_finite += isfinite(scores[i]) ? 1 : 0;
    }
    qsort(places, n, sizeof *places, by_key);
    for (size_t i = 0; i < n; i++) { cmaes->order[i] = places[i].sample; }
    ranking->order = cmaes->order;
    ranking->best = score_at(scores, cmaes->order, 0);
    ranking->quarter = score_at(scores, cmaes->order, n / 4);
    ranking->median = score_at(scores, cmaes->order, n / 2);
}

/* Ranks the samples of an iteration that took several generations; `fitness` is that of the latest.
 * False while there are more to come. Where cases change, scores of different generations do not
 * compare: the ranks within each do. */
static bool gather(struct evo_instances *cmaes, size_t k, const double *fitness,
                   struct evo_strategy_ranking *ranking)
{
    size_t n = n_samples(cmaes, k);
    double *scores = cmaes->scores + k * evo_instances_most_samples(cmaes);
    double *latest = scores + cmaes->gathered[k] * n;
    memcpy(latest, fitness, n * sizeof *latest);
    if (cmaes->changing) {
        rank(cmaes, fitness, n, ranking);
        for (size_t i = 0; i < ranking->n_finite; i++) { latest[cmaes->order[i]] = (double)i; }
    }
    if (++cmaes->gathered[k] >> cmaes->restart.doublings[k] == 0) { return false; }

    struct evo_strategy_ranking newest = *ranking;
    rank(cmaes, scores, n * cmaes->gathered[k], ranking);
    if (cmaes->changing) {
        ranking->best = newest.best;
        ranking->quarter = newest.quarter;
        ranking->median = newest.median;
    }
    return true;
}

/* The genomes of an iteration as they were drawn, oldest generation first. What was evaluated stands in
 * for them where it is the same. */
static const double *drawn(struct evo_search *search, size_t k, uint64_t generation)
{
    struct evo_instances *cmaes = search->state;
    size_t n = cmaes->n, parts = (size_t)1 << cmaes->restart.doublings[k];
    if (parts == 1 && !cmaes->bounded && search->setup.basis == NULL) {
        return search->population->genomes +
               (evo_instances_first_slot(cmaes, k) + cmaes->n_means) * n;
    }
    for (size_t i = 0; i < parts; i++) {
        draw(search, k, generation - (parts - 1) + i, cmaes->samples + i * n_samples(cmaes, k) * n);
    }
    return cmaes->samples;
}

/* The creature that was the best of an iteration. */
static uint64_t leader(const struct evo_search *search, size_t k, uint64_t generation, size_t best)
{
    const struct evo_instances *cmaes = search->state;
    size_t n = n_samples(cmaes, k), parts = (size_t)1 << cmaes->restart.doublings[k];
    return id_of(search, generation - (parts - 1) + best / n,
                 evo_instances_first_slot(cmaes, k) + cmaes->n_means + best % n);
}

/* Learns once an iteration is complete, and restarts where a rule says so. */
static enum evo_status learn(struct evo_search *search, size_t k, uint64_t generation)
{
    struct evo_instances *cmaes = search->state;
    size_t first = evo_instances_first_slot(cmaes, k) + cmaes->n_means;
    const double *fitness = search->population->fitness + first;
    struct evo_strategy_ranking ranking = {0};
    if (cmaes->restart.most == 0) {
        rank(cmaes, fitness, n_samples(cmaes, k), &ranking);
    } else if (!gather(cmaes, k, fitness, &ranking)) {
        return EVO_OK;
    }
    cmaes->gathered[k] = 0;
    const struct evo_strategy_setting *setting = setting_of(cmaes, k);
    struct evo_strategy one = evo_instances_strategy(cmaes, k, cmaes->n);
    evo_restart_spend(&cmaes->restart, k, setting->lambda);
    if (ranking.n_finite > 0) {
        cmaes->leaders[k] = leader(search, k, generation, ranking.order[0]);
        ranking.genomes = drawn(search, k, generation);
    }
    EVO_TRY(evo_strategy_learn(setting, &one, &ranking, cmaes->scratch));
    enum evo_strategy_end end = evo_strategy_end_find(setting, &one);
    if (end != EVO_END_NOT) {
        evo_instances_say_end(cmaes, k, setting->lambda, generation, *one.best, end);
        cmaes->restarts[k]++;
        start(search, k);
    }
    return EVO_OK;
}

static enum evo_status cmaes_tell(struct evo_search *search, uint64_t generation)
{
    const struct evo_instances *cmaes = search->state;
    for (size_t k = 0; k < cmaes->n_instances; k++) { EVO_TRY(learn(search, k, generation)); }
    return EVO_OK;
}

/* ---- state ------------------------------------------------------------------------------ */

static size_t cmaes_fields(struct evo_search *search, struct evo_field *fields)
{
    struct evo_instances *cmaes = search->state;
    size_t n = evo_instances_fields(cmaes, cmaes->n, fields);
    return n + evo_restart_fields(&cmaes->restart, fields + n);
}

static enum evo_status cmaes_restored(struct evo_search *search)
{
    return evo_instances_check(search->state);
}

EVO_KEYS_DEFINE(cmaes, EVO_CMAES_KEYS)
static size_t unused(const struct evo_config *config,
                     struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX / 2])
{
    rows[0] = (struct evo_config_unused){evo_cmaes_keys(config)->restart == EVO_RESTART_SAME, "cmaes.doublings",
                                         "cmaes.restart is same", "cmaes.restart"};
    return 1;
}

static const char *const start_keys[] = {"cmaes.mean_matrix", "cmaes.mean_constants", "cmaes.sigma_matrix", "cmaes.sigma_constants", "cmaes.bound_min", "cmaes.bound_max", NULL};

const struct evo_search_class evo_search_cmaes = {
    .start_keys = start_keys,
    .keys = &evo_cmaes_key_table,
    .summary = "covariance matrix adaptation, many instances at once, each with restarts",
    .state_bytes = sizeof(struct evo_instances),
    .keeps_basis = true,
    .init = cmaes_init,
    .fini = cmaes_fini,
    .ask = cmaes_ask,
    .tell = cmaes_tell,
    .fields = cmaes_fields,
    .restored = cmaes_restored,
    .unused = unused,
};
