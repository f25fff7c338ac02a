/* SPDX-License-Identifier: MIT */
/* The original's genetic algorithm: half survives, mostly the better half; each has one child.
 *
 * Slots stand in order of id, always: the first population is made so, survivors move up in
 * order, children are born behind them with higher ids. So ties of fitness are broken by slot,
 * sums in order of slots are sums in order of creatures, and nothing is ever sorted. */
#include "birth.h"
#include "selection.h"
#include "vary.h"

#include <string.h>

struct ga {
    struct evo_selection_counts counts;
    struct evo_vary vary;
    struct evo_selection selection;
};

static size_t at_most(size_t n, size_t limit) { return n < limit ? n : limit; }

/* ---- keys ------------------------------------------------------------------------------- */

static enum evo_status ga_init(struct evo_search *search)
{
    const struct evo_config *config = search->setup.config;
    struct ga *ga = search->state;
    size_t n = search->population->n;
    if (n < 2) {
        return evo_config_refuse(config, "population.size", "ga needs a parent and a child");
    }
    if (config->ga_initial_min > config->ga_initial_max) {
        return evo_config_refuse(config, "ga.initial_min", "must not be above ga.initial_max, %g",
                                 config->ga_initial_max);
    }
    EVO_TRY(evo_vary_init(&ga->vary, config, search->n_matrix, search->n_genome));
    ga->counts = evo_selection_count(config, n);
    return evo_selection_init(&ga->selection, n);
}

static void ga_fini(struct evo_search *search)
{
    struct ga *ga = search->state;
    evo_selection_fini(&ga->selection);
}

/* ---- selection -------------------------------------------------------------------------- */

static enum evo_status select_survivors(struct evo_search *search, uint64_t generation)
{
    struct ga *ga = search->state;
    struct evo_population *population = search->population;
    struct evo_rng rng = evo_rng_begin((uint64_t)search->setup.config->job_seed,
                                       EVO_STREAM_SELECTION, generation, 0);
    evo_selection_draw(&ga->selection, ga->counts, population->fitness, population->id,
                       population->n, evo_rng_bits(&rng));
    EVO_TRY(evo_lineage_bury(search->setup.lineage, population, ga->selection.dead,
                             population->n - ga->counts.n_survivors, generation - 1));
    evo_population_keep(population, ga->selection.living, ga->counts.n_survivors);
    return EVO_OK;
}

/* ---- birth ------------------------------------------------------------------------------ */

/* A child of its parent and of the difference of two survivors by chance [Storn, Price 1997]: steps
 * as long, and along the same valley, as the survivors are spread. */
static void vary_by_difference(const struct evo_search *search, struct evo_rng *rng, size_t parent,
                               double *child)
{
    const struct ga *ga = search->state;
    size_t width = search->n_genome;
    const double *genomes = search->population->genomes;
    const double *x = genomes + parent * width;
    const double *a = genomes + evo_rng_below(rng, ga->counts.n_survivors) * width;
    const double *b = genomes + evo_rng_below(rng, ga->counts.n_survivors) * width;
    double factor = 2.0 * search->setup.config->ga_difference_scale * evo_rng_uniform(rng);
    for (size_t k = 0; k < width; k++) { child[k] = x[k] + factor * (a[k] - b[k]); }
}

/* The children of n survivors from slot `parent` on, in slots `first` and behind. */
static void breed_litter(struct evo_search *search, uint64_t generation, size_t parent,
                         size_t first, size_t n)
{
    const struct ga *ga = search->state;
    struct evo_population *population = search->population;
    struct evo_rng rngs[EVO_VARY_LITTER];
    evo_rng_begin_many((uint64_t)search->setup.config->job_seed, EVO_STREAM_VARIATION, generation,
                       search->next_id, n, rngs);
    for (size_t i = 0; i < n; i++) {
        evo_birth_register(search, first + i, population->id[parent + i], generation);
    }
    size_t width = population->genome;
    double *genomes = population->genomes + first * width;
    memcpy(genomes, population->genomes + parent * width, n * width * sizeof *genomes);
    evo_vary_litter(&ga->vary, rngs, n, genomes);
    /* Where the key is 0 nothing is drawn for it. */
    double chance = search->setup.config->ga_difference;
    for (size_t i = 0; i < n && chance > 0.0; i++) {
        if (evo_rng_uniform(&rngs[i]) >= chance) { continue; }
        vary_by_difference(search, &rngs[i], parent + i, genomes + i * width);
    }
}

/* One child a survivor, in order, round again where there are more children. */
static void breed(struct evo_search *search, uint64_t generation)
{
    const struct ga *ga = search->state;
    size_t parent = 0, end = search->population->n;
    for (size_t first = ga->counts.n_survivors, n; first < end; first += n) {
        n = at_most(EVO_VARY_LITTER, at_most(ga->counts.n_survivors - parent, end - first));
        breed_litter(search, generation, parent, first, n);
        parent = parent + n < ga->counts.n_survivors ? parent + n : 0;
    }
}

static enum evo_status ga_ask(struct evo_search *search, uint64_t generation, bool refly,
                              size_t *first, size_t *n)
{
    const struct ga *ga = search->state;
    bool everyone = generation == 1 || refly;
    if (generation == 1) {
        const struct evo_config *config = search->setup.config;
        evo_birth_scatter(search, generation, 0, search->population->n,
                          (struct evo_birth_range){config->ga_initial_min, config->ga_initial_max});
    } else {
        EVO_TRY(select_survivors(search, generation));
        breed(search, generation);
    }
    *first = everyone ? 0 : ga->counts.n_survivors;
    *n = search->population->n - *first;
    return EVO_OK;
}

static enum evo_status ga_restored(struct evo_search *search)
{
    const uint64_t *id = search->population->id;
    for (size_t i = 1; i < search->population->n; i++) {
        EVO_CHECK(id[i - 1] < id[i], EVO_ERR_CHECKPOINT,
                  "the saved population is not in order of id: %llu stands before %llu",
                  (unsigned long long)id[i - 1], (unsigned long long)id[i]);
    }
    return EVO_OK;
}

const struct evo_search_class evo_search_ga = {
    .summary = "the original's: half survives, mostly the better half, each with one varied child",
    .state_bytes = sizeof(struct ga),
    .init = ga_init,
    .fini = ga_fini,
    .ask = ga_ask,
    .restored = ga_restored,
};
