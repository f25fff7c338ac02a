/* SPDX-License-Identifier: MIT */
/* Where the parameters of a task from outside begin and end, for searches that draw and vary them. */
#ifndef EVO_SEARCH_RANGES_H
#define EVO_SEARCH_RANGES_H

#include <evompi/creature.h>
#include <evompi/rng.h>

/// Of each parameter; without parameters (n = 0) for a controller, which has the searches' own keys.
struct evo_ranges {
    size_t n;
    double *lower, *upper; ///< [n], infinite where there is no bound
    double *start;         ///< [n], within the bounds
    double *spread;        ///< [n], standard deviation of first candidates
};

/// Takes them from the blocks of a shape. evo_ranges_fini must follow, after a failure too.
enum evo_status evo_ranges_init(struct evo_ranges *ranges, struct evo_shape shape);
void evo_ranges_fini(struct evo_ranges *ranges);

/// A first candidate's parameter k: uniform between its bounds; where one of these is infinite, normal
/// about its start, mirrored into what bounds there are.
double evo_ranges_draw(const struct evo_ranges *ranges, struct evo_rng *rng, size_t k);

/// x mirrored at the bounds of parameter k, as often as it takes; its start where x is not a number.
/// Inside nothing changes. (Reflection: the usual repair where children are varied copies.)
double evo_ranges_reflect(const struct evo_ranges *ranges, size_t k, double x);

/// The same for whole genomes, [n_genomes][n].
void evo_ranges_reflect_all(const struct evo_ranges *ranges, size_t n_genomes, double *genomes);

#endif
