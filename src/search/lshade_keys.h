/* SPDX-License-Identifier: MIT */
/* The keys of L-SHADE: the section [lshade]. */
#ifndef EVO_LSHADE_KEYS_H
#define EVO_LSHADE_KEYS_H

#include <evompi/config.h>

#include "success.h"

/* clang-format off */
#define EVO_LSHADE_KEYS(KEY) \
    KEY(lshade, members, INT, FIXED, "0", 0, 50000000, "", "creatures", "members of an instance at the beginning of its schedule; half of the population is shared among as many instances as that makes; 0: 18 for each parameter") \
    KEY(lshade, evaluations, INT, FIXED, "0", 0, 1e15, "", "creatures", "length of a schedule, over which an instance shrinks to 4 members and then starts again; 0: 10000 for each parameter, or fewer where stop.max_evaluations, as the run begins, leaves room for no more") \
    KEY(lshade, schedule, CHOICE, FIXED, "lshade", 0, 0, EVO_CHOICE_WORDS(EVO_SCHEDULES), "", "how rates change during a schedule: learnt alone, or within the limits of jSO") \
    KEY(lshade, memory, INT, FIXED, "6", 1, 1000, "", "", "entries of the memory of rates that did well") \
    KEY(lshade, archive, REAL, FIXED, "2.6", 0, 100, "", "of the members", "beaten creatures that still take part in differences") \
    KEY(lshade, best, REAL, FIXED, "0.11", 0, 1, "", "of the members", "the best, of which each trial goes towards one") \
    KEY(lshade, initial_min, REAL, FIXED, "-0.5", -1e300, 1e300, "", "", "lowest parameter at the beginning of a schedule") \
    KEY(lshade, initial_max, REAL, FIXED, "0.5", -1e300, 1e300, "", "", "parameters at the beginning of a schedule are below this") \
    KEY(lshade, max_growth, REAL, FIXED, "1e6", 1, 1e300, "", "", "no parameter goes further from the middle of the start than this times half of its width; a trial beyond comes half-way back to its parent")
/* clang-format on */

/// The values as the fields of struct evo_lshade_keys; evo_lshade_keys(config) gives them.
EVO_KEYS_DECLARE(lshade, EVO_LSHADE_KEYS)

#endif
