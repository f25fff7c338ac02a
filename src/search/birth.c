/* SPDX-License-Identifier: MIT */
/* Creatures from chance alone, drawn by their id. */
#include "birth.h"

#include <evompi/rng.h>

void evo_birth_scatter(struct evo_search *search, uint64_t generation, size_t first, size_t n,
                       struct evo_birth_range range)
{
    struct evo_population *population = search->population;
    for (size_t i = first; i < first + n; i++) {
        evo_birth_register(search, i, EVO_NOBODY, generation);
        struct evo_rng rng = evo_rng_begin((uint64_t)search->setup.config->job_seed,
                                           EVO_STREAM_INITIAL, generation, population->id[i]);
        double *genome = population->genomes + i * population->genome;
        for (size_t k = 0; k < population->genome; k++) {
            genome[k] = search->ranges.n > 0 ? evo_ranges_draw(&search->ranges, &rng, k)
                                             : evo_rng_between(&rng, range.low, range.high);
        }
    }
}
