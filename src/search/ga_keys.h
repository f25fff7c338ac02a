/* SPDX-License-Identifier: MIT */
/* The keys of the genetic algorithm: the section [ga]. */
#ifndef EVO_GA_KEYS_H
#define EVO_GA_KEYS_H

#include <evompi/config.h>

/* clang-format off */
#define EVO_GA_KEYS(KEY) \
    KEY(ga, elite, REAL, FIXED, "0.01", 0, 1, "", "of the population", "the best, which always live on") \
    KEY(ga, survivors, REAL, FIXED, "0.5", 0, 1, "", "of the population", "the upper part, which lives on but for those swapped") \
    KEY(ga, swap, REAL, FIXED, "0.15", 0, 1, "", "of the population", "so many of the upper part die by chance, and as many of the lower live") \
    KEY(ga, initial_min, REAL, FIXED, "-0.5", -1e300, 1e300, "", "", "lowest parameter of a first population") \
    KEY(ga, initial_max, REAL, FIXED, "0.5", -1e300, 1e300, "", "", "parameters of a first population are below this") \
    KEY(ga, matrix_chance, REAL, FIXED, "0.5", 0, 1, "", "", "chance that a child's matrix is varied, else its constants") \
    KEY(ga, weight_scale_normal, REAL, FIXED, "1", 0, 1e6, "", "", "weight of the variation: every entry times its own normal factor") \
    KEY(ga, weight_scale_each, REAL, FIXED, "1", 0, 1e6, "", "", "weight of the variation: every entry times its own uniform factor") \
    KEY(ga, weight_scale_one, REAL, FIXED, "1", 0, 1e6, "", "", "weight of the variation: one entry times a uniform factor") \
    KEY(ga, weight_scale_all, REAL, FIXED, "1", 0, 1e6, "", "", "weight of the variation: every entry times the same uniform factor") \
    KEY(ga, weight_set, REAL, FIXED, "1", 0, 1e6, "", "", "weight of the variation: one entry set to 0 or 1") \
    KEY(ga, weight_copy, REAL, FIXED, "1", 0, 1e6, "", "", "weight of the variation: one entry set to plus or minus another") \
    KEY(ga, scale_mean, REAL, FIXED, "0.5", -1e6, 1e6, "", "", "mean of the normal factors") \
    KEY(ga, scale_sd, REAL, FIXED, "0.1", 0, 1e6, "", "", "standard deviation of the normal factors") \
    KEY(ga, scale_min, REAL, FIXED, "0.5", -1e6, 1e6, "", "", "lowest uniform factor") \
    KEY(ga, scale_max, REAL, FIXED, "1.5", -1e6, 1e6, "", "", "uniform factors are below this") \
    KEY(ga, difference, REAL, FIXED, "0", 0, 1, "", "", "chance that a child is varied by the difference of two other survivors instead, which lets parameters change against each other") \
    KEY(ga, difference_scale, REAL, FIXED, "0.5", 0, 1e6, "", "", "mean factor on the difference; each child draws its own, up to twice this") \
    KEY(ga, crossover, REAL, FIXED, "0", 0, 1, "", "", "chance that of a child, once varied, every other parameter by chance becomes that of another survivor") \
    KEY(ga, islands, INT, FIXED, "1", 1, 1000000, "", "", "parts of the population that select and breed by themselves") \
    KEY(ga, migrate_every, INT, FIXED, "0", 0, 1e15, "", "generations", "generations between migrations: children of an island become copies of the best of the island before it; 0: none") \
    KEY(ga, migrants, INT, FIXED, "1", 1, 50000000, "", "creatures", "copies of a migration, to each island, which must have as many survivors and as many children") \
    KEY(ga, patience, INT, FIXED, "0", 0, 1e15, "", "generations", "an island starts over from chance after so many without a better best; 0: it never does")
/* clang-format on */

/// The values as the fields of struct evo_ga_keys; evo_ga_keys(config) gives them.
EVO_KEYS_DECLARE(ga, EVO_GA_KEYS)

#endif
