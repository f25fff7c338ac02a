/* SPDX-License-Identifier: MIT */
/* Bytes that grow at their end. Whoever adds need not ask each time whether there was memory. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

bool evo_bytes_reserve(struct evo_bytes *bytes, size_t n)
{
    size_t needed = bytes->n + n, wider = bytes->capacity + bytes->capacity / 2;
    if (bytes->refused > 0) { return false; }
    if (needed <= bytes->capacity) { return true; }
    size_t capacity = needed > wider ? needed : wider;
    char *block = realloc(bytes->block, capacity);
    if (block == NULL) {
        bytes->refused = capacity;
        return false;
    }
    bytes->block = block;
    bytes->capacity = capacity;
    return true;
}

void evo_bytes_add(struct evo_bytes *bytes, const void *from, size_t n)
{
    if (!evo_bytes_reserve(bytes, n) || n == 0) { return; }
    memcpy(bytes->block + bytes->n, from, n);
    bytes->n += n;
}

void evo_bytes_join(struct evo_bytes *bytes, const struct evo_bytes *others)
{
    if (bytes->refused == 0) { bytes->refused = others->refused; }
    evo_bytes_add(bytes, others->block, others->n);
}

void evo_bytes_clear(struct evo_bytes *bytes, size_t n)
{
    if (!evo_bytes_reserve(bytes, n)) { return; }
    memset(bytes->block + bytes->n, 0, n);
    bytes->n += n;
}

void evo_bytes_number(struct evo_bytes *bytes, size_t n, uint64_t number)
{
    evo_bytes_add(bytes, &number, n);
}

void evo_bytes_set(struct evo_bytes *bytes, size_t at, size_t n, uint64_t number)
{
    if (bytes->refused == 0) { memcpy(bytes->block + at, &number, n); }
}

void evo_bytes_sum(struct evo_bytes *bytes, size_t from, uint32_t (*sum)(const void *bytes, size_t n))
{
    if (bytes->refused > 0) { return; }
    evo_bytes_number(bytes, sizeof(uint32_t), sum(bytes->block + from, bytes->n - from));
}

void evo_bytes_reset(struct evo_bytes *bytes) { bytes->n = bytes->refused = 0; }

void evo_bytes_fini(struct evo_bytes *bytes)
{
    free(bytes->block);
    *bytes = (struct evo_bytes){0};
}
