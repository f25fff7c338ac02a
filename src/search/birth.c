/* SPDX-License-Identifier: MIT */
/* Creatures from chance alone, drawn by their id, and exchanges within a population. */
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
            genome[k] = evo_rng_between(&rng, range.low, range.high);
        }
    }
}

static void swap_numbers(double *a, double *b, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        double x = a[k];
        a[k] = b[k];
        b[k] = x;
    }
}

static void swap_counts(uint64_t *cells, size_t a, size_t b)
{
    uint64_t x = cells[a];
    cells[a] = cells[b];
    cells[b] = x;
}

void evo_birth_swap(struct evo_population *population, size_t a, size_t b)
{
    if (a == b) { return; }
    size_t width = population->genome;
    swap_numbers(population->genomes + a * width, population->genomes + b * width, width);
    swap_numbers(population->fitness + a, population->fitness + b, 1);
    swap_counts(population->id, a, b);
    swap_counts(population->parent, a, b);
    swap_counts(population->born, a, b);
    swap_counts(population->flown, a, b);
}
