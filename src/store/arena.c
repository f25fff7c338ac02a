/* SPDX-License-Identifier: MIT */
/* An arena: memory taken in pieces, given back all at once, kept for the next round. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, LEAST = 1 << 16 };

struct evo_arena_block {
    struct evo_arena_block *older;
    size_t capacity, used; // bytes, this header included
};

static size_t rounded(size_t bytes) { return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

/* Room for `bytes`, and for as much again as there is, or was, already. */
size_t evo_arena_grows(size_t n_bytes, size_t bytes)
{
    size_t room = bytes > n_bytes ? bytes : n_bytes;
    return rounded(sizeof(struct evo_arena_block)) + rounded(room > LEAST ? room : LEAST);
}

static enum evo_status add_block(struct evo_arena *arena, size_t bytes)
{
    size_t header = rounded(sizeof(struct evo_arena_block));
    size_t capacity = evo_arena_grows(arena->n_bytes, bytes);
    struct evo_arena_block *block = NULL;
    EVO_TRY(evo_alloc(capacity, 1, "copy of the state", &block));
    *block = (struct evo_arena_block){.older = arena->newest, .capacity = capacity, .used = header};
    arena->n_bytes = arena->newest == NULL ? capacity : arena->n_bytes + capacity;
    arena->newest = block;
    return EVO_OK;
}

enum evo_status evo_arena_get(struct evo_arena *arena, size_t bytes, void *out)
{
    EVO_CHECK(bytes < SIZE_MAX / 4, EVO_ERR_MEMORY, "copy of the state: no memory for %zu bytes",
              bytes);
    size_t size = rounded(bytes > 0 ? bytes : 1);
    struct evo_arena_block *block = arena->newest;
    if (block == NULL || block->capacity - block->used < size) {
        EVO_TRY(add_block(arena, size));
        block = arena->newest;
    }
    *(void **)out = (char *)block + block->used;
    block->used += size;
    return EVO_OK;
}

enum evo_status evo_arena_copy(struct evo_arena *arena, const void *from, size_t bytes, void *out)
{
    void *copy = NULL;
    EVO_TRY(evo_arena_get(arena, bytes, &copy));
    if (bytes > 0) { memcpy(copy, from, bytes); }
    *(void **)out = copy;
    return EVO_OK;
}

enum evo_status evo_arena_string(struct evo_arena *arena, const char *from, const char **out)
{
    return evo_arena_copy(arena, from, strlen(from) + 1, out);
}

static void free_from(struct evo_arena_block *block)
{
    while (block != NULL) {
        struct evo_arena_block *older = block->older;
        free(block);
        block = older;
    }
}

void evo_arena_reset(struct evo_arena *arena)
{
    struct evo_arena_block *block = arena->newest;
    if (block == NULL) { return; }
    if (block->older == NULL) {
        block->used = rounded(sizeof *block);
        return;
    }
    /* One block as large as all of these takes their place when it is asked for: to make and fill
     * new memory each round takes four times as long as the copy that goes there. */
    free_from(block);
    arena->newest = NULL;
}

void evo_arena_fini(struct evo_arena *arena)
{
    free_from(arena->newest);
    *arena = (struct evo_arena){0};
}
