/* SPDX-License-Identifier: MIT */
/* Bytes that grow, and how they are shown in a message. */
#include "program_parts.h"

#include <stdlib.h>
#include <string.h>

enum evo_status evo_program_text_reserve(struct evo_program_text *text, size_t more)
{
    enum { LEAST = 4096 };
    if (text->capacity - text->n >= more) { return EVO_OK; }
    size_t capacity = text->capacity > LEAST ? text->capacity : LEAST;
    while (capacity - text->n < more) {
        EVO_CHECK(capacity <= SIZE_MAX / 2, EVO_ERR_MEMORY, "program: no memory for a batch");
        capacity *= 2;
    }
    char *bytes = realloc(text->bytes, capacity);
    EVO_CHECK(bytes != NULL, EVO_ERR_MEMORY, "program: no memory for %zu bytes of a batch",
              capacity);
    text->bytes = bytes;
    text->capacity = capacity;
    return EVO_OK;
}

enum evo_status evo_program_text_add(struct evo_program_text *text, const void *bytes, size_t n)
{
    EVO_TRY(evo_program_text_reserve(text, n));
    memcpy(text->bytes + text->n, bytes, n);
    text->n += n;
    return EVO_OK;
}

const char *evo_program_text_quote(const char *bytes, size_t n, char to[EVO_PROGRAM_QUOTE + 8])
{
    size_t shown = n < EVO_PROGRAM_QUOTE ? n : EVO_PROGRAM_QUOTE;
    while (shown > 0 && (bytes[shown - 1] == '\n' || bytes[shown - 1] == '\r')) { shown--; }
    for (size_t i = 0; i < shown; i++) {
        unsigned char c = (unsigned char)bytes[i];
        to[i] = (char)(c < 0x20 || c == 0x7f ? '?' : c);
    }
    memcpy(to + shown, n > EVO_PROGRAM_QUOTE ? "..." : "\0\0\0", 4);
    return to;
}
