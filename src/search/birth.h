/* SPDX-License-Identifier: MIT */
/* How creatures come into a population without a parent to take after. */
#ifndef EVO_SEARCH_BIRTH_H
#define EVO_SEARCH_BIRTH_H

#include "class.h"

/// Where a first population of controllers lies: every parameter uniform in [low, high). Parameters that
/// are none have ranges of their own.
struct evo_birth_range {
    double low, high;
};

/// Gives the creature in `slot` the next id, its parent's id and its generation of birth.
static inline void evo_birth_register(struct evo_search *search, size_t slot, uint64_t parent,
                                      uint64_t generation)
{
    struct evo_population *population = search->population;
    population->id[slot] = search->next_id++;
    population->parent[slot] = parent;
    population->born[slot] = generation;
}

/// Makes n creatures from chance alone in slots `first` and behind.
void evo_birth_scatter(struct evo_search *search, uint64_t generation, size_t first, size_t n,
                       struct evo_birth_range range);

#endif
