/* SPDX-License-Identifier: MIT */
/* HDF5's records, byte by byte: the superblock, and the header of a group or a data set. */
#include "parts.h"

#include <string.h>

/* As version 1.10 of the library writes them, and every later one reads them [HDF5 File Format
 * Specification 3.0, whose chapters are named below]. For 500 creatures the library itself takes fifteen
 * times as long to make the same file. */

static const uint64_t nowhere = UINT64_MAX; // as an address

static void add_byte(struct evo_bytes *bytes, uint64_t byte) { evo_bytes_number(bytes, 1, byte); }
static void add_word(struct evo_bytes *bytes, uint64_t x) { evo_bytes_number(bytes, 8, x); }

uint64_t evo_object_here(const struct evo_bytes *file) { return file->n - EVO_HEAD_BYTES; }

/* ---- the superblock, version 3 [II.A] ---- */

enum { END = EVO_HEAD_BYTES + 28, ROOT = END + 8, SUM = ROOT + 8, SUPERBLOCK_END = SUM + 4 };

void evo_object_superblock(struct evo_bytes *file)
{
    static const unsigned char begin[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n', 3, 8, 8, 0};
    evo_bytes_clear(file, EVO_HEAD_BYTES);
    evo_bytes_add(file, begin, sizeof begin);
    add_word(file, 0);       // where the file begins: at itself
    add_word(file, nowhere); // no extension
    evo_bytes_clear(file, SUPERBLOCK_END - END);
}

void evo_object_finish(struct evo_bytes *file, uint64_t root)
{
    if (file->refused > 0) { return; }
    evo_bytes_set(file, END, 8, evo_object_here(file));
    evo_bytes_set(file, ROOT, 8, root);
    uint32_t sum = evo_sums_metadata(file->block + EVO_HEAD_BYTES, SUM - EVO_HEAD_BYTES);
    evo_bytes_set(file, SUM, sizeof sum, sum);
}

/* ---- headers, version 2 [IV.A.1.b], and what is in them ---- */

enum { HEADER_LENGTH = 4 }; // bytes of the length of a header's messages

size_t evo_object_begin(struct evo_bytes *file)
{
    static const unsigned char begin[] = {'O', 'H', 'D', 'R', 2, 2}; // version 2, length in 4 bytes
    size_t at = file->n;
    evo_bytes_add(file, begin, sizeof begin);
    evo_bytes_clear(file, HEADER_LENGTH);
    return at;
}

uint64_t evo_object_end(struct evo_bytes *file, size_t begin)
{
    size_t length = begin + 6, messages = length + HEADER_LENGTH;
    evo_bytes_set(file, length, HEADER_LENGTH, file->n - messages);
    evo_bytes_sum(file, begin, evo_sums_metadata);
    return begin - EVO_HEAD_BYTES;
}

/* IV.A.2; constant: no library may change it. */
enum message { SPACE = 0x01, LINKS = 0x02, TYPE = 0x03, FILL = 0x05, LINK = 0x06, LAYOUT = 0x08,
               GROUP = 0x0a, FILTERS = 0x0b, ATTRIBUTE = 0x0c, ATTRIBUTES = 0x15 };
enum { CONSTANT = 1, NOT_SHARED = 4, MESSAGE_HEAD = 4 };

static size_t begin_message(struct evo_bytes *bytes, enum message type, uint64_t flags)
{
    size_t at = bytes->n;
    add_byte(bytes, type);
    evo_bytes_number(bytes, 2, 0);
    add_byte(bytes, flags);
    return at;
}

static void end_message(struct evo_bytes *bytes, size_t at)
{
    evo_bytes_set(bytes, at + 1, 2, bytes->n - at - MESSAGE_HEAD);
}

static void add_message(struct evo_bytes *bytes, enum message type, uint64_t flags, const void *data, size_t n)
{
    size_t at = begin_message(bytes, type, flags);
    evo_bytes_add(bytes, data, n);
    end_message(bytes, at);
}

/* ---- attributes [IV.A.2.m], scalars ---- */

enum { MOST_TYPE_BYTES = 20, SCALAR_BYTES = 4 };

/* [IV.A.2.d] Returns how many bytes the type has. */
static size_t describe_type(unsigned char out[MOST_TYPE_BYTES], enum evo_type type, size_t n_text)
{
    static const unsigned char f64[] = {0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0};
    static const unsigned char u64[] = {0x10, 0, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0};
    static const unsigned char i64[] = {0x10, 8, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0};
    static const unsigned char text[] = {0x13, 0x10, 0, 0}; // UTF-8, with a NUL at its end
    uint32_t size = (uint32_t)n_text;
    switch (type) {
    case EVO_TYPE_F64: memcpy(out, f64, sizeof f64); return sizeof f64;
    case EVO_TYPE_U64: memcpy(out, u64, sizeof u64); return sizeof u64;
    case EVO_TYPE_I64: memcpy(out, i64, sizeof i64); return sizeof i64;
    case EVO_TYPE_TEXT: break;
    }
    memcpy(out, text, sizeof text);
    memcpy(out + sizeof text, &size, sizeof size);
    return sizeof text + sizeof size;
}

static void add_attribute(struct evo_bytes *file, const char *name, enum evo_type type, const void *value,
                          size_t n)
{
    static const unsigned char scalar[SCALAR_BYTES] = {2, 0, 0, 0};
    unsigned char description[MOST_TYPE_BYTES];
    size_t n_type = describe_type(description, type, n), n_name = strlen(name) + 1;
    size_t at = begin_message(file, ATTRIBUTE, 0);
    evo_bytes_number(file, 2, 3); // version
    evo_bytes_number(file, 2, n_name);
    evo_bytes_number(file, 2, n_type);
    evo_bytes_number(file, 2, sizeof scalar);
    add_byte(file, 0); // the name is ASCII
    evo_bytes_add(file, name, n_name);
    evo_bytes_add(file, description, n_type);
    evo_bytes_add(file, scalar, sizeof scalar);
    evo_bytes_add(file, value, n);
    end_message(file, at);
}

void evo_object_number(struct evo_bytes *file, const char *name, uint64_t value)
{
    add_attribute(file, name, EVO_TYPE_U64, &value, sizeof value);
}

void evo_object_text(struct evo_bytes *file, const char *name, const char *text)
{
    add_attribute(file, name, EVO_TYPE_TEXT, text, strlen(text) + 1);
}

/* That the attributes stand in the header itself, without an order. */
static void add_attribute_info(struct evo_bytes *file)
{
    size_t at = begin_message(file, ATTRIBUTES, NOT_SHARED);
    evo_bytes_number(file, 2, 0);
    add_word(file, nowhere);
    add_word(file, nowhere);
    end_message(file, at);
}

/* ---- groups: their links stand in the header, however many there are ---- */

void evo_object_group(struct evo_bytes *file, const struct evo_bytes *links)
{
    /* Beyond so many links a library that adds one turns them into a heap and a tree; estimates. */
    static const unsigned char group[] = {0, 3, 0, 4, 0, 4, 16, 0, 16, 0};
    size_t at = begin_message(file, LINKS, 0);
    evo_bytes_number(file, 2, 0);
    add_word(file, nowhere);
    add_word(file, nowhere);
    end_message(file, at);
    add_message(file, GROUP, CONSTANT, group, sizeof group);
    add_attribute_info(file);
    evo_bytes_join(file, links);
}

/* The length of a name has 2 bytes in each link: they can be walked over. */
enum { NAME_BYTES = 2, NAME_AT = MESSAGE_HEAD + 2, LINK_BYTES = NAME_AT + NAME_BYTES + 8 };

void evo_object_link(struct evo_bytes *links, const char *name, uint64_t address)
{
    size_t at = begin_message(links, LINK, 0);
    add_byte(links, 1); // version
    add_byte(links, 1); // a hard link; the length in 2 bytes; the name is ASCII
    evo_bytes_number(links, NAME_BYTES, strlen(name));
    evo_bytes_add(links, name, strlen(name));
    add_word(links, address);
    end_message(links, at);
}

bool evo_object_is_linked(const struct evo_bytes *links, const char *name)
{
    size_t n = strlen(name);
    for (size_t at = 0; at < links->n && links->refused == 0;) {
        uint16_t length = 0;
        memcpy(&length, links->block + at + NAME_AT, sizeof length);
        const char *other = links->block + at + NAME_AT + NAME_BYTES;
        if (length == n && memcmp(other, name, n) == 0) { return true; }
        at += LINK_BYTES + (size_t)length;
    }
    return false;
}

/* ---- data sets ---- */

static void add_space(struct evo_bytes *file, const struct evo_extent *extent)
{
    size_t at = begin_message(file, SPACE, 0);
    add_byte(file, 2); // version
    add_byte(file, extent->rank);
    evo_bytes_number(file, 2, 0x0101); // simple; with the most that each size may become
    for (int most = 0; most < 2; most++) {
        for (size_t i = 0; i < extent->rank; i++) { add_word(file, extent->size[i]); }
    }
    end_message(file, at);
}

/* The least bytes that hold x. */
static size_t length_of(uint64_t x)
{
    size_t n = 1;
    while (x >>= 8) { n++; }
    return n;
}

/* The sizes of a chunk, that of a value last. */
static void add_chunk_sizes(struct evo_bytes *file, const struct evo_extent *extent,
                            const struct evo_chunks *chunks)
{
    uint64_t sizes[3] = {chunks->n_rows, extent->size[1]}, all = 0;
    sizes[extent->rank] = chunks->cell;
    for (size_t i = 0; i <= extent->rank; i++) { all |= sizes[i]; }
    add_byte(file, extent->rank + 1);
    add_byte(file, length_of(all));
    for (size_t i = 0; i <= extent->rank; i++) { evo_bytes_number(file, length_of(all), sizes[i]); }
}

/* Version 4 [IV.A.2.i]: nothing at all, one chunk, or an index of chunks. */
static void add_layout(struct evo_bytes *file, const struct evo_extent *extent,
                       const struct evo_chunks *chunks)
{
    enum { CONTIGUOUS = 1, CHUNKED = 2, ONE_IS_SUMMED = 2, ONE = 1, FIXED_ARRAY = 3 };
    size_t at = begin_message(file, LAYOUT, 0);
    add_byte(file, 4); // version
    add_byte(file, chunks->n == 0 ? CONTIGUOUS : CHUNKED);
    if (chunks->n > 0) {
        add_byte(file, chunks->n == 1 ? ONE_IS_SUMMED : 0);
        add_chunk_sizes(file, extent, chunks);
        add_byte(file, chunks->n == 1 ? ONE : FIXED_ARRAY);
    }
    if (chunks->n == 1) {
        add_word(file, chunks->n_bytes + sizeof(uint32_t));
        evo_bytes_number(file, 4, 0); // no filter was left out
    } else if (chunks->n > 1) {
        add_byte(file, EVO_CHUNKS_PAGE_BITS);
    }
    add_word(file, chunks->n > 0 ? chunks->address : nowhere);
    if (chunks->n == 0) { add_word(file, 0); }
    end_message(file, at);
}

void evo_object_set(struct evo_bytes *file, enum evo_type type, const struct evo_extent *extent,
                    const struct evo_chunks *chunks)
{
    /* Version 3 [IV.A.2.f]: nothing is ever filled in. Version 2 [IV.A.2.l]: Fletcher's sum. */
    const unsigned char fill[] = {3, chunks->n == 0 ? 6 : 7};
    static const unsigned char filters[] = {2, 1, 3, 0, 0, 0, 0, 0};
    unsigned char description[MOST_TYPE_BYTES];
    add_space(file, extent);
    add_message(file, TYPE, CONSTANT, description, describe_type(description, type, chunks->cell));
    add_message(file, FILL, CONSTANT, fill, sizeof fill);
    if (chunks->n > 0) { add_message(file, FILTERS, CONSTANT, filters, sizeof filters); }
    add_layout(file, extent, chunks);
    add_attribute_info(file);
}
