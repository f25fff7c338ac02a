/* SPDX-License-Identifier: MIT */
/* Who is among the first k: selection in linear time, without sorting what need not be sorted. */
#ifndef EVO_SEARCH_RANK_H
#define EVO_SEARCH_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A place in the order of keys: before it stand all keys below `key`, and the first `n_tied` of
/// those equal to it.
struct evo_rank {
    uint64_t key;
    size_t n_tied;
};

/// The places behind the k smallest of keys[n], for each k <= n of places[n_places], into ranks
/// [n_places]. `scratch` is [n]; it may be `keys` where only one place is asked for.
void evo_rank_find(const uint64_t *keys, size_t n, const size_t *places, size_t n_places,
                   uint64_t *scratch, struct evo_rank *ranks);

/// Whether `key` stands before `rank`. To be asked once for each key, in one order: ties are
/// counted off, so that exactly k keys do.
static inline bool evo_rank_passes(struct evo_rank *rank, uint64_t key)
{
    bool tied = key == rank->key && rank->n_tied > 0;
    rank->n_tied -= tied ? 1 : 0;
    return key < rank->key || tied;
}

#endif
