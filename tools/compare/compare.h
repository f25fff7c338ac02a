/* SPDX-License-Identifier: MIT */
/* evompi-compare: what its parts, in C and in C++, show each other. */
#ifndef EVO_COMPARE_H
#define EVO_COMPARE_H

#include <stddef.h>
#include <stdint.h>

/// One search of one library on one seed, and what came of it.
struct trial {
    const void *task;  ///< what is flown
    size_t n;          ///< parameters of a creature
    uint64_t budget;   ///< evaluations
    double target;     ///< a score to reach
    double spread;     ///< starts are normal around 0 with this, or, `uniform`, within +-spread
    int uniform;
    uint64_t seed;

    uint64_t evaluations; ///< so far
    double best, began_s;
    uint64_t evaluations_to_target; ///< 0: not reached
    double seconds_to_target;
};

/// No parameter goes beyond +-this, for libraries that must have bounds: the best known have 29.
#define TRIAL_BOUND 100.0

/// Flies one creature, counts it, and returns its score; one that is no number counts as 1e300.
double trial_fly(struct trial *trial, const double *genome);
/// The same for what has been flown already.
void trial_note(struct trial *trial, uint64_t evaluations, double score);

/// A start for parameter `i` of point `k` of the trial's restart `r`.
double trial_start(const struct trial *trial, uint64_t r, uint64_t k, size_t i);

/// Searches of pagmo2, until the budget is spent. 0, or -1 where the library failed; it says why.
int compare_pagmo_cmaes(struct trial *trial);
int compare_pagmo_sade(struct trial *trial);
int compare_pagmo_de1220(struct trial *trial);
/// A search of NLopt.
int compare_nlopt_crs(struct trial *trial);
#endif
