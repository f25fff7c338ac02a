/* SPDX-License-Identifier: MIT */
/* A file of the store while it is made: all of it is in memory before any of it goes to the disk. */
#include "parts.h"

void evo_image_begin(struct evo_image *image, size_t expected)
{
    evo_bytes_reset(&image->file);
    evo_bytes_reset(&image->members);
    evo_bytes_reset(&image->groups);
    if (evo_bytes_reserve(&image->file, evo_image_room(expected))) { evo_object_superblock(&image->file); }
}

size_t evo_image_room(size_t expected)
{
    enum { HEADERS = 1 << 16 }; // as of some 150 data sets
    return expected + HEADERS;
}

enum evo_status evo_image_end(struct evo_image *image, enum evo_head_kind kind, const char **bytes,
                              size_t *n)
{
    EVO_CHECK(image->file.refused == 0, EVO_ERR_MEMORY, "no memory for a file: %zu bytes were refused",
              image->file.refused);
    evo_head_write(image->file.block, image->file.n, kind);
    *bytes = image->file.block;
    *n = image->file.n;
    return EVO_OK;
}

void evo_image_fini(struct evo_image *image)
{
    evo_bytes_fini(&image->file);
    evo_bytes_fini(&image->members);
    evo_bytes_fini(&image->groups);
}
