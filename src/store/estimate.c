/* SPDX-License-Identifier: MIT */
/* What memory the store takes beside the state that it saves, without saving one. */
#include "parts.h"

/* An arena as it would be. */
struct model {
    size_t n_blocks, n_bytes, room; ///< room: in the newest block
};

/* Copies the arrays into it, one after the other. */
static void copy(struct model *arena, const struct evo_store_size *sizes, size_t n, bool has_rows)
{
    for (size_t i = 0; i < n; i++) {
        size_t bytes = has_rows || !sizes[i].is_ledger ? sizes[i].bytes : 0;
        if (bytes > arena->room) {
            arena->room = evo_arena_grows(arena->n_bytes, bytes);
            arena->n_bytes = arena->n_blocks == 0 ? arena->room : arena->n_bytes + arena->room;
            arena->n_blocks++;
        }
        arena->room -= bytes;
    }
}

/* The most that it has over a few saves; at the first of them no creature has died. */
static size_t copy_bytes(const struct evo_store_size *sizes, size_t n)
{
    enum { SAVES = 4 };
    struct model arena = {0};
    size_t most = 0;
    for (int i = 0; i < SAVES; i++) {
        copy(&arena, sizes, n, i > 0);
        most = arena.n_bytes > most ? arena.n_bytes : most;
        /* As evo_arena_reset: one block stays, of several only their size. */
        arena.room = arena.n_blocks == 1 ? arena.n_bytes : 0;
        arena.n_blocks = arena.n_blocks == 1 ? 1 : 0;
    }
    return most;
}

/* The arrays in a file: the last chunk of each is a whole one. */
static size_t file_bytes(const struct evo_store_size *sizes, size_t n)
{
    size_t all = 0;
    for (size_t i = 0; i < n; i++) {
        size_t bytes = sizes[i].bytes, chunk = EVO_PUT_CHUNK_BYTES;
        if (sizes[i].is_ledger) { continue; } // but for its tail, in segments of its own
        all += bytes > chunk ? (bytes + chunk - 1) / chunk * chunk : bytes;
    }
    return all;
}

struct evo_store_memory evo_store_memory(const struct evo_store_size *sizes, size_t n)
{
    size_t all = file_bytes(sizes, n);
    return (struct evo_store_memory){.copy_bytes = (double)copy_bytes(sizes, n),
                                     .image_bytes = (double)evo_image_room(all),
                                     .file_bytes = (double)all};
}

size_t evo_store_tail(const struct evo_table *table) { return evo_segment_rows(table) - 1; }
