/* SPDX-License-Identifier: MIT */
/* Small random variations of a genome: the original's six mutations, by weight. */
#ifndef EVO_SEARCH_VARY_H
#define EVO_SEARCH_VARY_H

#include <evompi/config.h>
#include <evompi/rng.h>

enum { EVO_VARY_KINDS = 6 };

/// How genomes are varied: the keys of [ga], made ready.
struct evo_vary {
    const struct evo_config *config; ///< borrowed
    size_t n_matrix, n_genome;
    double matrix_chance;
    double cumulative[EVO_VARY_KINDS]; ///< sums of the kinds' weights
};

/// Checks the keys. EVO_ERR_CONFIG where they say nothing that could be done.
enum evo_status evo_vary_init(struct evo_vary *vary, const struct evo_config *config,
                              size_t n_matrix, size_t n_genome);

/// Varies one block of a genome, the matrix or the constants, in one of the ways.
void evo_vary_genome(const struct evo_vary *vary, struct evo_rng *rng, double *genome);

#endif
