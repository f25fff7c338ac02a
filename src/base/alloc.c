/* SPDX-License-Identifier: MIT */
/* Checked allocation: zeroed, aligned to a cache line and to the widest vector. */
#include <evompi/base.h>

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

enum evo_status evo_alloc(size_t n, size_t size, const char *what, void *out)
{
    EVO_CHECK(size == 0 || n <= (SIZE_MAX - ALIGNMENT) / size, EVO_ERR_MEMORY,
              "%s: %zu items of %zu bytes are more than memory can hold", what, n, size);
    size_t bytes = (n * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes == 0) { bytes = ALIGNMENT; }
    void *block = aligned_alloc(ALIGNMENT, bytes);
    EVO_CHECK(block != NULL, EVO_ERR_MEMORY, "%s: no memory for %zu bytes", what, bytes);
    memset(block, 0, bytes);
    *(void **)out = block;
    return EVO_OK;
}
