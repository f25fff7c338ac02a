/* SPDX-License-Identifier: MIT */
/* Who lives on: the original's selection, from the scores of a population or of a part of it. */
#ifndef EVO_SEARCH_SELECTION_H
#define EVO_SEARCH_SELECTION_H

#include <evompi/config.h>

/// How many of n creatures live on, how many of them for sure, and how many trade places with the
/// lower part by chance.
struct evo_selection_counts {
    size_t n_elite, n_survivors, n_swap;
};

/// The original's numbers by the keys of [ga], for 2 creatures or more, bounded where few creatures
/// or odd keys would leave nobody to live, to die, or to be swapped.
struct evo_selection_counts evo_selection_count(const struct evo_config *config, size_t n);

/// What a selection works with, for up to n creatures at a time, and what it says.
struct evo_selection {
    uint64_t *keys;  ///< [n] order of fitness
    uint64_t *lots;  ///< [n] what a creature drew
    uint64_t *pool;  ///< [n] lots of a part; scratch
    uint8_t *places; ///< [n]
    size_t *living;  ///< [n + 1] who lives on, ascending: n_survivors of them
    size_t *dead;    ///< [n + 1] who dies, ascending
};

enum evo_status evo_selection_init(struct evo_selection *selection, size_t n);
void evo_selection_fini(struct evo_selection *selection);

/// Draws who of n creatures lives on, `living` and `dead`. `id` must ascend: ties of fitness are
/// broken by it. What a creature draws is a function of `salt` and its id alone.
void evo_selection_draw(struct evo_selection *selection, struct evo_selection_counts counts,
                        const double *fitness, const uint64_t *id, size_t n, uint64_t salt);

#endif
