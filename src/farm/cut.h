/* SPDX-License-Identifier: MIT */
/* How a map is cut: blocks of items times ranges of parts, in one order. Pure. */
#ifndef EVO_FARM_CUT_H
#define EVO_FARM_CUT_H

#include <evompi/farm.h>

/// What is to be cut.
struct evo_cut_wish {
    size_t n;         ///< items
    uint64_t n_parts; ///< of each, 1 or more
    size_t batch;     ///< items that are worked on side by side, 1 or more
    size_t bytes;     ///< of an item, or of its result where that is larger
    int size;         ///< ranks
};

/// Units in one order: block after block of items, and in each block range after range of parts.
struct evo_cut {
    size_t n;
    uint64_t n_parts;
    size_t block;       ///< items of a block; the last one has fewer
    uint64_t grain;     ///< parts of a range; the last one has fewer
    size_t n_blocks;
    size_t n_ranges;    ///< of a block: 1 where parts stay together
    size_t n_units;     ///< n_blocks * n_ranges
    size_t most_blocks; ///< of one piece, so that MPI can count its bytes
};

enum {
    EVO_CUT_UNITS = 1024, ///< of a rank, at most, but for rounding
    EVO_CUT_BLOCKS = 64,  ///< of a rank: where there are more, parts stay together
};

/// Cuts so that blocks are full batches, where there are enough of them, and ranks have several units each.
struct evo_cut evo_cut_make(struct evo_cut_wish wish);

/// The piece that begins with unit `first` and has at most `n` units (1 or more): whole blocks, or units of
/// one block. Returns how many units it has, at least 1.
size_t evo_cut_piece(const struct evo_cut *cut, size_t first, size_t n, struct evo_farm_piece *out);

/// Whether a piece has all parts of its items.
bool evo_cut_is_whole(const struct evo_cut *cut, const struct evo_farm_piece *piece);

/// Static shares: ends [size], the first unit behind each rank's share.
void evo_cut_shares(const struct evo_cut *cut, int size, double root_weight, size_t *ends);

#endif
