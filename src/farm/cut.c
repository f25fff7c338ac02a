/* SPDX-License-Identifier: MIT */
/* How a map is cut: blocks of items times ranges of parts, in one order. */
#include "cut.h"

#include <math.h>

static size_t ceil_of(size_t a, size_t b) { return a / b + (a % b != 0 ? 1 : 0); }

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Few candidates and parts for so many ranks: blocks of less than a batch, so that all have some. */
static size_t block_of(const struct evo_cut_wish *wish, size_t size, size_t most_items)
{
    size_t n_batches = ceil_of(wish->n, wish->batch), block;
    if ((double)n_batches * (double)wish->n_parts < (double)size) {
        size_t wanted = (size_t)((double)wish->n * (double)wish->n_parts / (double)size);
        block = wanted > 0 ? wanted : 1;
    } else {
        size_t together = n_batches / (size * EVO_CUT_UNITS);
        block = wish->batch * (together > 0 ? together : 1);
    }
    if (block > most_items && most_items > 0) { block = most_items; }
    return smaller(block, wish->n);
}

struct evo_cut evo_cut_make(struct evo_cut_wish wish)
{
    const size_t most_bytes = (size_t)1 << 30;
    size_t size = (size_t)wish.size, most_items = most_bytes / (wish.bytes > 0 ? wish.bytes : 1);
    struct evo_cut cut = {.n = wish.n, .n_parts = wish.n_parts, .block = 1, .grain = 1, .n_ranges = 1};
    if (wish.n == 0) { return cut; }
    cut.block = block_of(&wish, size, most_items);
    cut.n_blocks = ceil_of(wish.n, cut.block);
    cut.most_blocks = most_items / cut.block > 0 ? most_items / cut.block : 1;
    cut.grain = wish.n_parts;
    if (cut.n_blocks < size * EVO_CUT_BLOCKS) {
        uint64_t together = wish.n_parts * cut.n_blocks / (size * EVO_CUT_UNITS);
        cut.grain = together > 0 ? together : 1;
    }
    cut.n_ranges = ceil_of((size_t)wish.n_parts, (size_t)cut.grain);
    cut.n_units = cut.n_blocks * cut.n_ranges;
    return cut;
}

size_t evo_cut_piece(const struct evo_cut *cut, size_t first, size_t n, struct evo_farm_piece *out)
{
    size_t block = first / cut->n_ranges, range = first % cut->n_ranges, n_blocks = 1, n_ranges = cut->n_ranges;
    if (range == 0 && n >= cut->n_ranges) {
        n_blocks = smaller(smaller(n / cut->n_ranges, cut->n_blocks - block), cut->most_blocks);
    } else {
        n_ranges = smaller(n, cut->n_ranges - range);
    }
    uint64_t begin = range * cut->grain, end = begin + n_ranges * cut->grain;
    out->first = block * cut->block;
    out->n = smaller(n_blocks * cut->block, cut->n - out->first);
    out->first_part = begin;
    out->n_parts = (end < cut->n_parts ? end : cut->n_parts) - begin;
    return n_blocks * n_ranges;
}

bool evo_cut_is_whole(const struct evo_cut *cut, const struct evo_farm_piece *piece)
{
    return piece->n_parts == cut->n_parts;
}

void evo_farm_shares(size_t n, int size, double root_weight, size_t batch, size_t *counts)
{
    /* Whole batches, cut where the ideal boundaries round to: every rank's share differs from its
     * ideal by less than one batch, and the sum is n whatever was rounded. */
    size_t n_batches = (n + batch - 1) / batch;
    double weight = size > 1 ? root_weight : 1.0;
    double total = weight + (double)(size - 1), sum = 0.0;
    size_t given = 0;
    for (int rank = 0; rank < size; rank++) {
        sum += rank == 0 ? weight : 1.0;
        size_t end = rank == size - 1 ? n_batches : (size_t)rint((double)n_batches * (sum / total));
        size_t items = end * batch < n ? end * batch : n;
        counts[rank] = items - given;
        given = items;
    }
}

void evo_cut_shares(const struct evo_cut *cut, int size, double root_weight, size_t *ends)
{
    /* Whole blocks, where there are enough of them that they differ by little. */
    size_t together = cut->n_blocks >= 8 * (size_t)size ? cut->n_ranges : 1, end = 0;
    evo_farm_shares(cut->n_units, size, root_weight, together, ends);
    for (int rank = 0; rank < size; rank++) {
        end += ends[rank];
        ends[rank] = end;
    }
}

/* What a unit takes: lanes that stay empty take as long as full ones. */
static double unit_s(const struct evo_cut *cut, size_t unit, double item_s, double alone_s)
{
    struct evo_farm_piece piece;
    evo_cut_piece(cut, unit, 1, &piece);
    double all_s = (double)piece.n * item_s;
    return (all_s > alone_s ? all_s : alone_s) * (double)piece.n_parts / (double)cut->n_parts;
}

double evo_farm_forecast(size_t n, uint64_t n_parts, size_t batch, int size, double item_s, double alone_s)
{
    const struct evo_cut cut = evo_cut_make((struct evo_cut_wish){n, n_parts, batch, sizeof(double), size});
    double longest_s = 0.0;
    for (int rank = 0; rank < size; rank++) {
        size_t begin = (size_t)((double)cut.n_units * rank / size);
        size_t end = (size_t)((double)cut.n_units * (rank + 1) / size);
        double sum_s = 0.0;
        for (size_t unit = begin; unit < end; unit++) { sum_s += unit_s(&cut, unit, item_s, alone_s); }
        if (sum_s > longest_s) { longest_s = sum_s; }
    }
    return longest_s;
}
