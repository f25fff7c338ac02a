/* SPDX-License-Identifier: MIT */
/* What memory the store takes beside the state that it saves, without saving one. */
#include "parts.h"

/* The blocks of an arena once n values of these sizes were copied into it, one after the other. */
static size_t copy_bytes(const struct evo_store_size *sizes, size_t n)
{
    size_t n_bytes = 0, room = 0;
    for (size_t i = 0; i < n; i++) {
        size_t bytes = sizes[i].bytes;
        if (bytes > room) {
            room = evo_arena_grows(n_bytes, bytes);
            n_bytes += room;
        }
        room -= bytes;
    }
    return n_bytes;
}

/* A file in memory grows by whole increments, which HDF5 fills with zeros. */
static size_t image_bytes(const struct evo_store_size *sizes, size_t n)
{
    size_t expected = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        if (!sizes[i].is_ledger) { expected += sizes[i].bytes; }
    }
    size_t increment = evo_image_increment(expected);
    all = expected;
    return (all / increment + 1) * increment;
}

double evo_store_memory(const struct evo_store_size *sizes, size_t n)
{
    return (double)copy_bytes(sizes, n) + (double)image_bytes(sizes, n);
}

size_t evo_store_tail(const struct evo_table *table) { return evo_segment_rows(table) - 1; }
