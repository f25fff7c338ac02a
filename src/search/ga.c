/* SPDX-License-Identifier: MIT */
/* The original's genetic algorithm: half survives, mostly the better half; each has one child.
 *
 * Slots stand in order of id, always: the first population is made so, survivors move up in
 * order, children are born behind them with higher ids. So ties of fitness are broken by slot,
 * sums in order of slots are sums in order of creatures, and nothing is ever sorted. */
#include "birth.h"
#include "islands.h"
#include "rank.h"
#include "selection.h"
#include "vary.h"
#include "ga_keys.h"

#include <string.h>

struct ga {
    struct evo_selection_counts counts;
    struct evo_vary vary;
    struct evo_selection selection;
    struct evo_islands islands; // n_islands 0: the population is one whole
};

/* Those who have children with each other: slots[0 .. n-1], or where that is NULL 0 .. n-1. */
struct parents {
    const size_t *slots;
    size_t n;
};

static size_t slot_of(struct parents parents, size_t i)
{
    return parents.slots != NULL ? parents.slots[i] : i;
}

static size_t at_most(size_t n, size_t limit) { return n < limit ? n : limit; }

/* ---- keys ------------------------------------------------------------------------------- */

/* Migrants are copies of survivors, in the places of children. */
static enum evo_status check_migrants(const struct evo_config *config, size_t n, size_t n_islands)
{
    size_t least = n / n_islands;
    size_t survivors = evo_selection_count(config, least).n_survivors;
    size_t most = at_most(survivors, least - survivors);
    bool migrates = evo_ga_keys(config)->migrate_every > 0 && n_islands > 1;
    if (!migrates || (size_t)evo_ga_keys(config)->migrants <= most) { return EVO_OK; }
    return evo_config_refuse(config, "ga.migrants",
                             "an island of %zu has %zu survivors and %zu children; use at most %zu, "
                             "fewer islands than ga.islands = %zu, or a population.size above %zu",
                             least, survivors, least - survivors, most, n_islands, n);
}

static enum evo_status ga_init(struct evo_search *search)
{
    const struct evo_config *config = search->setup.config;
    struct ga *ga = search->state;
    size_t n = search->population->n;
    if (n < 2) {
        return evo_config_refuse(config, "population.size", "ga needs a parent and a child");
    }
    if (evo_ga_keys(config)->initial_min > evo_ga_keys(config)->initial_max) {
        return evo_config_refuse(config, "ga.initial_min", "must not be above ga.initial_max, %g",
                                 evo_ga_keys(config)->initial_max);
    }
    size_t n_islands = (size_t)evo_ga_keys(config)->islands;
    if (n_islands > n / 2) {
        return evo_config_refuse(config, "ga.islands",
                                 "each needs a parent and a child: at most half of "
                                 "population.size, %zu",
                                 n);
    }
    if (n_islands > 1 || evo_ga_keys(config)->patience > 0) {
        EVO_TRY(evo_islands_init(&ga->islands, n, n_islands, (uint64_t)evo_ga_keys(config)->patience));
    }
    EVO_TRY(check_migrants(config, n, n_islands));
    EVO_TRY(evo_vary_init(&ga->vary, config, search->n_matrix, search->n_genome));
    ga->counts = evo_selection_count(config, n);
    return evo_selection_init(&ga->selection, n);
}

static void ga_fini(struct evo_search *search)
{
    struct ga *ga = search->state;
    evo_selection_fini(&ga->selection);
    evo_islands_fini(&ga->islands);
}

static struct evo_birth_range range_of(const struct evo_search *search)
{
    const struct evo_config *config = search->setup.config;
    return (struct evo_birth_range){evo_ga_keys(config)->initial_min, evo_ga_keys(config)->initial_max};
}

/* ---- birth ------------------------------------------------------------------------------ */

/* A child of its parent and of the difference of two survivors by chance [Storn, Price 1997]: steps
 * as long, and along the same valley, as the survivors are spread. */
static void vary_by_difference(const struct evo_search *search, struct evo_rng *rng,
                               struct parents parents, size_t parent, double *child)
{
    size_t width = search->n_genome;
    const double *genomes = search->population->genomes;
    const double *x = genomes + parent * width;
    const double *a = genomes + slot_of(parents, evo_rng_below(rng, parents.n)) * width;
    const double *b = genomes + slot_of(parents, evo_rng_below(rng, parents.n)) * width;
    double factor = 2.0 * evo_ga_keys(search->setup.config)->difference_scale * evo_rng_uniform(rng);
    for (size_t k = 0; k < width; k++) { child[k] = x[k] + factor * (a[k] - b[k]); }
}

/* Every other parameter, by chance, becomes that of another survivor (uniform crossover). */
static void cross(const struct evo_search *search, struct evo_rng *rng, struct parents parents,
                  double *child)
{
    size_t width = search->n_genome;
    const double *other =
        search->population->genomes + slot_of(parents, evo_rng_below(rng, parents.n)) * width;
    for (size_t k = 0; k < width; k++) {
        child[k] = evo_rng_uniform(rng) < 0.5 ? child[k] : other[k];
    }
}

/* What was added to the original's variations. Where a key is 0 nothing is drawn for it. */
static void vary_further(const struct evo_search *search, struct evo_rng *rngs, struct parents parents,
                         size_t parent, size_t n, double *children)
{
    double difference = evo_ga_keys(search->setup.config)->difference;
    double crossover = evo_ga_keys(search->setup.config)->crossover;
    size_t width = search->n_genome;
    for (size_t i = 0; i < n && difference > 0.0; i++) {
        if (evo_rng_uniform(&rngs[i]) >= difference) { continue; }
        vary_by_difference(search, &rngs[i], parents, slot_of(parents, parent + i),
                           children + i * width);
    }
    for (size_t i = 0; i < n && crossover > 0.0; i++) {
        if (evo_rng_uniform(&rngs[i]) >= crossover) { continue; }
        cross(search, &rngs[i], parents, children + i * width);
    }
}

static void copy_parents(const struct evo_population *population, struct parents parents, size_t parent,
                         size_t n, double *children)
{
    size_t width = population->genome, bytes = width * sizeof *children;
    if (parents.slots == NULL) {
        memcpy(children, population->genomes + parent * width, n * bytes);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        size_t slot = parents.slots[parent + i];
        memcpy(children + i * width, population->genomes + slot * width, bytes);
    }
}

/* The children of n of the parents from `parent` on, in slots `first` and behind. */
static void breed_some(struct evo_search *search, uint64_t generation, struct parents parents,
                         size_t parent, size_t first, size_t n)
{
    const struct ga *ga = search->state;
    struct evo_population *population = search->population;
    struct evo_rng rngs[EVO_VARY_OFFSPRING];
    evo_rng_begin_many((uint64_t)search->setup.config->job_seed, EVO_STREAM_VARIATION, generation,
                       search->next_id, n, rngs);
    for (size_t i = 0; i < n; i++) {
        evo_birth_register(search, first + i, population->id[slot_of(parents, parent + i)],
                           generation);
    }
    double *children = population->genomes + first * population->genome;
    copy_parents(population, parents, parent, n, children);
    evo_vary_litter(&ga->vary, rngs, n, children);
    vary_further(search, rngs, parents, parent, n, children);
}

/* n children in slots `first` and behind: one a survivor, in order, round again where there are
 * more. */
static void breed(struct evo_search *search, uint64_t generation, struct parents parents, size_t first,
                  size_t n)
{
    for (size_t parent = 0, end = first + n, offspring; first < end; first += offspring) {
        offspring = at_most(EVO_VARY_OFFSPRING, at_most(parents.n - parent, end - first));
        breed_some(search, generation, parents, parent, first, offspring);
        parent = parent + offspring < parents.n ? parent + offspring : 0;
    }
}

/* ---- islands ---------------------------------------------------------------------------- */

/* Who lives on island k: nobody where it is spent. Marks the living by slot. */
static void select_on_island(struct evo_search *search, uint64_t generation, size_t k,
                             uint64_t salt)
{
    struct ga *ga = search->state;
    struct evo_islands *islands = &ga->islands;
    const struct evo_population *population = search->population;
    const size_t *slots = islands->slots + islands->begin[k];
    size_t n = islands->begin[k + 1] - islands->begin[k];
    for (size_t i = 0; i < n; i++) {
        islands->fitness[i] = population->fitness[slots[i]];
        islands->id[i] = population->id[slots[i]];
    }
    if (evo_islands_is_spent(islands, k, islands->fitness, n, generation - 1)) { return; }
    struct evo_selection_counts counts = evo_selection_count(search->setup.config, n);
    evo_selection_draw(&ga->selection, counts, islands->fitness, islands->id, n, salt);
    for (size_t i = 0; i < counts.n_survivors; i++) {
        islands->lives[slots[ga->selection.living[i]]] = 1;
    }
}

/* Selection on each island by itself. *n_living of all live on, in the first slots. */
static enum evo_status select_on_islands(struct evo_search *search, uint64_t generation,
                                         uint64_t salt, size_t *n_living)
{
    struct ga *ga = search->state;
    struct evo_islands *islands = &ga->islands;
    size_t n = search->population->n, n_dead = 0;
    evo_islands_group(islands, n);
    memset(islands->lives, 0, n * sizeof *islands->lives);
    for (size_t k = 0; k < islands->n_islands; k++) {
        select_on_island(search, generation, k, salt);
    }
    *n_living = 0;
    for (size_t i = 0; i < n; i++) {
        ga->selection.living[*n_living] = i;
        *n_living += islands->lives[i];
        ga->selection.dead[n_dead] = i;
        n_dead += !islands->lives[i];
    }
    EVO_TRY(evo_lineage_bury(search->setup.lineage, search->population, ga->selection.dead, n_dead,
                             generation - 1));
    evo_population_keep(search->population, ga->selection.living, *n_living);
    evo_islands_keep(islands, ga->selection.living, *n_living);
    return EVO_OK;
}

static struct parents parents_of(const struct evo_islands *islands, size_t k)
{
    return (struct parents){islands->slots + islands->begin[k],
                          islands->begin[k + 1] - islands->begin[k]};
}

/* The first of n children in slots `first` and behind become copies of the best of another island.
 */
static void immigrate(struct evo_search *search, struct parents from, size_t first, size_t n)
{
    struct ga *ga = search->state;
    struct evo_population *population = search->population;
    size_t width = population->genome;
    size_t n_migrants = at_most((size_t)evo_ga_keys(search->setup.config)->migrants, at_most(from.n, n));
    for (size_t i = 0; i < from.n; i++) {
        ga->islands.fitness[i] = population->fitness[slot_of(from, i)];
    }
    uint64_t *keys = ga->selection.keys;
    evo_fitness_keys(ga->islands.fitness, from.n, keys);
    struct evo_rank best;
    evo_rank_find(keys, from.n, &n_migrants, 1, ga->selection.pool, &best);
    for (size_t i = 0; i < from.n; i++) {
        if (!evo_rank_passes(&best, keys[i])) { continue; }
        size_t slot = slot_of(from, i);
        population->parent[first] = population->id[slot];
        memcpy(population->genomes + first * width, population->genomes + slot * width,
               width * sizeof(double));
        first++;
    }
}

/* Children of each island's survivors behind all survivors, or a new population where nobody
 * lives. */
static void breed_on_islands(struct evo_search *search, uint64_t generation, size_t first)
{
    struct ga *ga = search->state;
    struct evo_islands *islands = &ga->islands;
    uint64_t every = (uint64_t)evo_ga_keys(search->setup.config)->migrate_every;
    evo_islands_group(islands, first);
    for (size_t k = 0; k < islands->n_islands; k++) {
        struct parents parents = parents_of(islands, k);
        size_t n = evo_islands_size(islands, k) - parents.n;
        if (parents.n > 0) {
            breed(search, generation, parents, first, n);
        } else {
            evo_birth_scatter(search, generation, first, n, range_of(search));
            evo_islands_start(islands, k, generation);
        }
        size_t neighbour = k > 0 ? k - 1 : islands->n_islands - 1;
        /* One that started earlier would draw the newcomers to where it is stuck. */
        if (every > 0 && generation % every == 0 && neighbour != k &&
            islands->start[neighbour] >= islands->start[k]) {
            immigrate(search, parents_of(islands, neighbour), first, n);
        }
        evo_islands_settle(islands, k, first, n);
        first += n;
    }
}

static enum evo_status select_from_all(struct evo_search *search, uint64_t generation,
                                       uint64_t salt, size_t *n_living)
{
    struct ga *ga = search->state;
    struct evo_population *population = search->population;
    evo_selection_draw(&ga->selection, ga->counts, population->fitness, population->id,
                       population->n, salt);
    *n_living = ga->counts.n_survivors;
    EVO_TRY(evo_lineage_bury(search->setup.lineage, population, ga->selection.dead,
                             population->n - *n_living, generation - 1));
    evo_population_keep(population, ga->selection.living, *n_living);
    return EVO_OK;
}

static enum evo_status select_survivors(struct evo_search *search, uint64_t generation,
                                        size_t *n_living)
{
    const struct ga *ga = search->state;
    struct evo_rng rng = evo_rng_begin((uint64_t)search->setup.config->job_seed,
                                       EVO_STREAM_SELECTION, generation, 0);
    uint64_t salt = evo_rng_bits(&rng);
    return ga->islands.n_islands > 0 ? select_on_islands(search, generation, salt, n_living)
                                     : select_from_all(search, generation, salt, n_living);
}

/* ---- the search ------------------------------------------------------------------------- */

static enum evo_status ga_ask(struct evo_search *search, uint64_t generation, bool reevaluate,
                              size_t *first, size_t *n)
{
    struct ga *ga = search->state;
    size_t n_all = search->population->n, n_living = 0;
    if (generation > 1) { EVO_TRY(select_survivors(search, generation, &n_living)); }
    if (ga->islands.n_islands > 0) {
        breed_on_islands(search, generation, n_living);
    } else if (generation > 1) {
        breed(search, generation, (struct parents){NULL, n_living}, n_living, n_all - n_living);
    } else {
        evo_birth_scatter(search, generation, 0, n_all, range_of(search));
    }
    *first = reevaluate ? 0 : n_living;
    *n = n_all - *first;
    return EVO_OK;
}

static size_t ga_fields(struct evo_search *search, struct evo_field *fields)
{
    struct ga *ga = search->state;
    return ga->islands.n_islands > 0 ? evo_islands_fields(&ga->islands, fields) : 0;
}

static enum evo_status ga_restored(struct evo_search *search)
{
    const uint64_t *id = search->population->id;
    for (size_t i = 1; i < search->population->n; i++) {
        EVO_CHECK(id[i - 1] < id[i], EVO_ERR_CHECKPOINT,
                  "the saved population is not in order of id: %llu stands before %llu",
                  (unsigned long long)id[i - 1], (unsigned long long)id[i]);
    }
    const struct ga *ga = search->state;
    return ga->islands.n_islands > 0 ? evo_islands_restored(&ga->islands) : EVO_OK;
}

EVO_KEYS_DEFINE(ga, EVO_GA_KEYS)
static size_t unused(const struct evo_config *c,
                     struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX / 2])
{
    const struct evo_ga_keys *keys = evo_ga_keys(c);
    bool scales = keys->weight_scale_each > 0.0 || keys->weight_scale_one > 0.0 ||
                  keys->weight_scale_all > 0.0;
    static const char normal[] = "ga.weight_scale_normal is 0",
                      uniform[] = "ga.weight_scale_each, weight_scale_one and weight_scale_all are 0";
    const struct evo_config_unused all[] = {
        {keys->weight_scale_normal == 0.0, "ga.scale_mean", normal, "ga.weight_scale_normal"},
        {keys->weight_scale_normal == 0.0, "ga.scale_sd", normal, "ga.weight_scale_normal"},
        {!scales, "ga.scale_min", uniform, "ga.weight_scale_each"},
        {!scales, "ga.scale_max", uniform, "ga.weight_scale_each"},
        {evo_ga_keys(c)->islands == 1, "ga.migrate_every", "ga.islands is 1", "ga.islands"},
        {evo_ga_keys(c)->islands == 1, "ga.migrants", "ga.islands is 1", "ga.islands"},
        {evo_ga_keys(c)->migrate_every == 0, "ga.migrants", "ga.migrate_every is 0", "ga.migrate_every"},
        {evo_ga_keys(c)->difference == 0.0, "ga.difference_scale", "ga.difference is 0", "ga.difference"},
    };
    memcpy(rows, all, sizeof all);
    return sizeof all / sizeof all[0];
}

static const char *const start_keys[] = {"ga.initial_min", "ga.initial_max", "ga.matrix_chance", NULL};

const struct evo_search_class evo_search_ga = {
    .start_keys = start_keys,
    .keys = &evo_ga_key_table,
    .summary = "the original's: half survives, mostly the better half, each with one varied child",
    .state_bytes = sizeof(struct ga),
    .init = ga_init,
    .fini = ga_fini,
    .ask = ga_ask,
    .fields = ga_fields,
    .restored = ga_restored,
    .unused = unused,
};
