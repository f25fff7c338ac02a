/* SPDX-License-Identifier: MIT */
/* The keys of the random search: the section [random]. */
#ifndef EVO_RANDOM_KEYS_H
#define EVO_RANDOM_KEYS_H

#include <evompi/config.h>

/* clang-format off */
#define EVO_RANDOM_KEYS(KEY) \
    KEY(random, initial_min, REAL, FIXED, "-0.5", -1e300, 1e300, "", "", "lowest parameter") \
    KEY(random, initial_max, REAL, FIXED, "0.5", -1e300, 1e300, "", "", "parameters are below this")
/* clang-format on */

/// The values as the fields of struct evo_random_keys; evo_random_keys(config) gives them.
EVO_KEYS_DECLARE(random, EVO_RANDOM_KEYS)

#endif
