/* SPDX-License-Identifier: MIT */
/* Whether work is shared out before a map or handed out during it: settled by what maps took. */
#ifndef EVO_FARM_BALANCE_H
#define EVO_FARM_BALANCE_H

#include <evompi/farm.h>

/// What the maps so far took, on rank 0; zeroed: none yet.
struct evo_balance {
    bool dynamic;      ///< how the next map is to be done
    unsigned n_maps;   ///< since it changed
    unsigned wait;     ///< maps until it may change again
    unsigned patience; ///< what `wait` was last
    double idle_share; ///< smoothed
    double rate[2];    ///< items a second, smoothed: static, dynamic
};

/// How the next map is to be done.
bool evo_balance_is_dynamic(const struct evo_balance *balance, enum evo_farm_balance wish);

/// Learns from a map of `items` items (times parts) that took `wall_s`, `idle_s` of it idle on the mean of
/// all ranks.
void evo_balance_learn(struct evo_balance *balance, double items, double wall_s, double idle_s);

#endif
