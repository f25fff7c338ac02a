/* SPDX-License-Identifier: MIT */
/* Small random variations of a genome: the original's six mutations, by weight. */
#ifndef EVO_SEARCH_VARY_H
#define EVO_SEARCH_VARY_H

#include "ga_keys.h"

#include <evompi/rng.h>

enum {
    EVO_VARY_KINDS = 6,
    EVO_VARY_OFFSPRING = 128, ///< genomes varied at once: they and their draws fit the first cache
};

/// How genomes are varied: the keys of [ga], made ready.
struct evo_vary {
    const struct evo_ga_keys *keys; ///< borrowed
    size_t n_matrix, n_genome;
    double matrix_chance;
    double cumulative[EVO_VARY_KINDS]; ///< sums of the kinds' weights
};

/// Checks the keys. EVO_ERR_CONFIG where they say nothing that could be done.
enum evo_status evo_vary_init(struct evo_vary *vary, const struct evo_config *config,
                              size_t n_matrix, size_t n_genome);

/// Varies n genomes, [n][n_genome], each with its own draws: of each one block, the matrix or the
/// constants, in one of the ways. n is at most EVO_VARY_OFFSPRING.
void evo_vary_litter(const struct evo_vary *vary, struct evo_rng *rngs, size_t n, double *genomes);

#endif
