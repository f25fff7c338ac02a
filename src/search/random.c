/* SPDX-License-Identifier: MIT */
/* The honest zero: every generation is made from chance alone, and nothing is ever learnt. */
#include "birth.h"
#include "random_keys.h"

#include <stdlib.h>

struct random_search {
    size_t *slots; // [n] scratch
};

static enum evo_status random_init(struct evo_search *search)
{
    const struct evo_config *config = search->setup.config;
    struct random_search *random = search->state;
    if (evo_random_keys(config)->initial_min > evo_random_keys(config)->initial_max) {
        return evo_config_refuse(config, "random.initial_min",
                                 "must not be above random.initial_max, %g",
                                 evo_random_keys(config)->initial_max);
    }
    return evo_alloc(search->population->n, sizeof *random->slots, "search", &random->slots);
}

static void random_fini(struct evo_search *search)
{
    struct random_search *random = search->state;
    free(random->slots);
}

static enum evo_status random_ask(struct evo_search *search, uint64_t generation, bool reevaluate,
                                  size_t *first, size_t *n)
{
    (void)reevaluate; // nobody lives for two generations
    const struct evo_config *config = search->setup.config;
    struct random_search *random = search->state;
    struct evo_population *population = search->population;
    if (generation > 1) {
        for (size_t i = 0; i < population->n; i++) { random->slots[i] = i; }
        EVO_TRY(evo_lineage_bury(search->setup.lineage, population, random->slots, population->n,
                                 generation - 1));
    }
    evo_birth_scatter(
        search, generation, 0, population->n,
        (struct evo_birth_range){evo_random_keys(config)->initial_min, evo_random_keys(config)->initial_max});
    *first = 0;
    *n = population->n;
    return EVO_OK;
}

EVO_KEYS_DEFINE(random, EVO_RANDOM_KEYS)

static const char *const start_keys[] = {"random.initial_min", "random.initial_max", NULL};

const struct evo_search_class evo_search_random = {
    .start_keys = start_keys,
    .keys = &evo_random_key_table,
    .summary = "chance alone: what any search must beat",
    .state_bytes = sizeof(struct random_search),
    .init = random_init,
    .fini = random_fini,
    .ask = random_ask,
};
