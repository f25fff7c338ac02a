/* SPDX-License-Identifier: MIT */
/* Islands: parts of a population that select and breed among themselves, and start over when spent.
 */
#ifndef EVO_SEARCH_ISLANDS_H
#define EVO_SEARCH_ISLANDS_H

#include <evompi/base.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Who lives where. Slots stay in order of id over the whole population: islands are labels.
struct evo_islands {
    size_t n, n_islands; ///< creatures of all, islands
    uint64_t patience;   ///< generations; 0: no island starts over
    /* State. */
    uint64_t *label; ///< [n] island of the creature in each slot
    double *best;    ///< [n_islands] the best score since the island started
    uint64_t *since; ///< [n_islands] generation of it, or of the start
    uint64_t *start; ///< [n_islands] generation in which the island started
    /* Made by evo_islands_group. */
    size_t *slots; ///< [n] slots, island by island, ascending within each
    size_t *begin; ///< [n_islands + 1] where each island's slots begin in `slots`
    /* Scratch. */
    double *fitness; ///< [n] of one island
    uint64_t *id;    ///< [n] of one island
    uint8_t *lives;  ///< [n] by slot
};

enum evo_status evo_islands_init(struct evo_islands *islands, size_t n, size_t n_islands,
                                 uint64_t patience);
void evo_islands_fini(struct evo_islands *islands);

/// Creatures of island k, always: sizes differ by one at most.
size_t evo_islands_size(const struct evo_islands *islands, size_t k);

/// Puts the creatures of n slots from `first` on on island k.
void evo_islands_settle(struct evo_islands *islands, size_t k, size_t first, size_t n);

/// Lets labels follow creatures that evo_population_keep moves.
void evo_islands_keep(struct evo_islands *islands, const size_t *slots, size_t n);

/// Sorts the first n slots by island.
void evo_islands_group(struct evo_islands *islands, size_t n);

/// Notes that island k starts in `generation`.
void evo_islands_start(struct evo_islands *islands, size_t k, uint64_t generation);

/// Takes note of the best of fitness[n] of island k in `generation`. True where it is spent: for
/// `patience` generations the best has not become better, or only by a millionth.
bool evo_islands_is_spent(struct evo_islands *islands, size_t k, const double *fitness, size_t n,
                          uint64_t generation);

/// State as fields; returns how many. restored checks it.
size_t evo_islands_fields(struct evo_islands *islands, struct evo_field *fields);
enum evo_status evo_islands_restored(const struct evo_islands *islands);

#endif
