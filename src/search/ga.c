/* SPDX-License-Identifier: MIT */
/* The original's genetic algorithm: half survives, mostly the better half; each has one child.
 *
 * Slots stand in order of id, always: the first population is made so, survivors move up in
 * order, children are born behind them with higher ids. So ties of fitness are broken by slot,
 * sums in order of slots are sums in order of creatures, and nothing is ever sorted. */
#include "birth.h"
#include "rank.h"
#include "vary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where selection puts a creature. */
enum place { ELITE, UPPER, LOWER };

struct ga {
    size_t n_elite, n_survivors, n_swap;
    struct evo_vary vary;
    uint64_t *keys;  // [n] order of fitness
    uint64_t *lots;  // [n] what a creature drew
    uint64_t *pool;  // [n] lots of a part; scratch
    uint8_t *places; // [n]
    size_t *living;  // [n + 1] slots, in order
    size_t *dead;    // [n + 1] slots, in order
};

/* ---- keys ------------------------------------------------------------------------------- */

/* Python's round(): half to even, as the default rounding mode has it. */
static size_t share(double fraction, size_t n) { return (size_t)rint(fraction * (double)n); }

static size_t at_most(size_t n, size_t limit) { return n < limit ? n : limit; }

/* The original's numbers, bounded where a small population or odd keys would leave nobody to
 * live, to die, or to be swapped. */
static void count_places(struct ga *ga, const struct evo_config *config, size_t n)
{
    size_t survivors = at_most(share(config->ga_survivors, n), n - 1);
    ga->n_survivors = survivors > 0 ? survivors : 1;
    ga->n_elite = at_most(share(config->ga_elite, n), ga->n_survivors);
    size_t swappable = at_most(ga->n_survivors - ga->n_elite, n - ga->n_survivors);
    ga->n_swap = at_most(share(config->ga_swap, n), swappable);
}

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
    count_places(ga, config, n);
    EVO_TRY(evo_alloc(n, sizeof *ga->keys, "selection", &ga->keys));
    EVO_TRY(evo_alloc(n, sizeof *ga->lots, "selection", &ga->lots));
    EVO_TRY(evo_alloc(n, sizeof *ga->pool, "selection", &ga->pool));
    EVO_TRY(evo_alloc(n, sizeof *ga->places, "selection", &ga->places));
    EVO_TRY(evo_alloc(n + 1, sizeof *ga->living, "selection", &ga->living));
    return evo_alloc(n + 1, sizeof *ga->dead, "selection", &ga->dead);
}

static void ga_fini(struct evo_search *search)
{
    struct ga *ga = search->state;
    free(ga->keys);
    free(ga->lots);
    free(ga->pool);
    free(ga->places);
    free(ga->living);
    free(ga->dead);
}

/* ---- selection -------------------------------------------------------------------------- */

/* What creature `id` draws in a generation: SplitMix64 [Steele 2014], the id-th output from
 * `salt` on. A function of (seed, generation, id), and no two draw the same. */
static uint64_t lot_of(uint64_t salt, uint64_t id)
{
    uint64_t z = salt + (id + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Everybody's place by fitness, and lot. The lots of the upper part are gathered in `pool`, those
 * of the lower in `keys`, which are read no more. No branches: chance has no pattern to predict. */
static void place_creatures(struct ga *ga, const struct evo_population *population, uint64_t salt)
{
    size_t n = population->n, n_upper = 0, n_lower = 0;
    evo_fitness_keys(population->fitness, n, ga->keys);
    struct evo_rank elite = evo_rank_find(ga->keys, n, ga->n_elite, ga->pool);
    struct evo_rank upper = evo_rank_find(ga->keys, n, ga->n_survivors, ga->pool);
    for (size_t i = 0; i < n; i++) {
        uint64_t key = ga->keys[i], lot = lot_of(salt, population->id[i]);
        int place = ELITE + !evo_rank_passes(&elite, key) + !evo_rank_passes(&upper, key);
        ga->places[i] = (uint8_t)place;
        ga->lots[i] = lot;
        ga->pool[n_upper] = lot;
        n_upper += place == UPPER;
        ga->keys[n_lower] = lot;
        n_lower += place == LOWER;
    }
}

/* Who lives: the elite, the upper but for n_swap with the lowest lots, and of the lower the
 * n_swap with the lowest lots. Lists the slots of the living and of the dead, in order. */
static void draw_survivors(struct ga *ga, size_t n)
{
    struct evo_rank dies =
        evo_rank_find(ga->pool, ga->n_survivors - ga->n_elite, ga->n_swap, ga->pool);
    struct evo_rank lives = evo_rank_find(ga->keys, n - ga->n_survivors, ga->n_swap, ga->keys);
    size_t n_living = 0, n_dead = 0;
    for (size_t i = 0; i < n; i++) {
        bool low_upper = evo_rank_passes(&dies, ga->lots[i]);
        bool low_lower = evo_rank_passes(&lives, ga->lots[i]);
        int place = ga->places[i];
        bool dead = ((place == UPPER) & low_upper) | ((place == LOWER) & !low_lower);
        ga->living[n_living] = i;
        n_living += !dead;
        ga->dead[n_dead] = i;
        n_dead += dead;
    }
}

static enum evo_status select_survivors(struct evo_search *search, uint64_t generation)
{
    struct ga *ga = search->state;
    struct evo_population *population = search->population;
    struct evo_rng rng = evo_rng_begin((uint64_t)search->setup.config->job_seed,
                                       EVO_STREAM_SELECTION, generation, 0);
    place_creatures(ga, population, evo_rng_bits(&rng));
    draw_survivors(ga, population->n);
    EVO_TRY(evo_lineage_bury(search->setup.lineage, population, ga->dead,
                             population->n - ga->n_survivors, generation - 1));
    evo_population_keep(population, ga->living, ga->n_survivors);
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
    const double *a = genomes + evo_rng_below(rng, ga->n_survivors) * width;
    const double *b = genomes + evo_rng_below(rng, ga->n_survivors) * width;
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
    for (size_t first = ga->n_survivors, n; first < end; first += n) {
        n = at_most(EVO_VARY_LITTER, at_most(ga->n_survivors - parent, end - first));
        breed_litter(search, generation, parent, first, n);
        parent = parent + n < ga->n_survivors ? parent + n : 0;
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
    *first = everyone ? 0 : ga->n_survivors;
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
