/* SPDX-License-Identifier: MIT */
/* How items are shared out among ranks. */
#include <evompi/farm.h>

#include <math.h>

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
