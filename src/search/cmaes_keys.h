/* SPDX-License-Identifier: MIT */
/* The keys of CMA-ES: the section [cmaes]. */
#ifndef EVO_CMAES_KEYS_H
#define EVO_CMAES_KEYS_H

#include <evompi/config.h>

#include "restart.h"

/* clang-format off */
#define EVO_CMAES_KEYS(KEY) \
    KEY(cmaes, instances, INT, FIXED, "0", 0, 1000000, "", "", "independent searches side by side; 0: as many as the population has lambdas; each has an equal part of the population, which must not be less than lambda") \
    KEY(cmaes, lambda, INT, FIXED, "0", 0, 1000000, "", "creatures", "creatures of an instance and generation, at least; 0: what cmaes.instances leave, or without these 64, or 4 + 3 ln n where that is more") \
    KEY(cmaes, restart, CHOICE, FIXED, "same", 0, 0, EVO_CHOICE_WORDS(EVO_RESTARTS), "", "how an instance that has ended begins again: as before; with twice the samples; or with twice the samples and, in turn, with few and a small step") \
    KEY(cmaes, doublings, INT, FIXED, "6", 1, 20, "", "", "for ipop and bipop: after so many the samples are as at first again. An iteration with more samples takes more generations") \
    KEY(cmaes, mean_matrix, REAL, FIXED, "0", -1e300, 1e300, "", "", "where the matrix begins") \
    KEY(cmaes, mean_constants, REAL, FIXED, "0", -1e300, 1e300, "", "", "where the constants begin") \
    KEY(cmaes, sigma_matrix, REAL, FIXED, "0.01", 1e-100, 1e100, "", "", "first standard deviation of the matrix") \
    KEY(cmaes, sigma_constants, REAL, FIXED, "0.01", 1e-100, 1e100, "", "", "first standard deviation of the constants") \
    KEY(cmaes, scatter_mean, BOOL, FIXED, "no", 0, 0, "", "", "begin each instance at a draw of its first distribution, not at its centre") \
    KEY(cmaes, bound_min, REAL, FIXED, "-inf", -INFINITY, 1e300, "", "", "no parameter goes below this, samples are mirrored there; -inf: no bound") \
    KEY(cmaes, bound_max, REAL, FIXED, "inf", -1e300, INFINITY, "", "", "no parameter goes above this, samples are mirrored there; inf: no bound") \
    KEY(cmaes, active, BOOL, FIXED, "yes", 0, 0, "", "", "learn from the bad half too (negative weights)") \
    KEY(cmaes, fly_mean, BOOL, FIXED, "no", 0, 0, "", "", "one creature of each instance is its mean, which is evaluated but not learnt from") \
    KEY(cmaes, tolx, REAL, FIXED, "1e-11", 0, 1e300, "", "", "an instance ends when no parameter is varied by more than this") \
    KEY(cmaes, tolfun, REAL, FIXED, "1e-11", 0, 1e300, "", "fitness", "an instance ends when its latest best scores differ by no more") \
    KEY(cmaes, max_condition, REAL, FIXED, "1e14", 1, 1e300, "", "", "an instance ends when its covariance has a worse condition number") \
    KEY(cmaes, max_growth, REAL, FIXED, "1e4", 1, 1e300, "", "", "an instance ends when its longest axis has grown by more than this") \
    KEY(cmaes, stagnation, BOOL, FIXED, "yes", 0, 0, "", "", "an instance ends when neither its best nor its median scores get better any more; where flights change, harder ones look like that too") \
    KEY(cmaes, patience, INT, FIXED, "0", 0, 1e15, "", "generations", "an instance ends after so many without a better best; 0: 100 + 50 n^2 / lambda, or no limit where flights change")
/* clang-format on */

/// The values as the fields of struct evo_cmaes_keys; evo_cmaes_keys(config) gives them.
EVO_KEYS_DECLARE(cmaes, EVO_CMAES_KEYS)

#endif
