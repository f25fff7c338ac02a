/* SPDX-License-Identifier: MIT */
/* The values of a data set in summed chunks of rows, and, where there are several, their index. */
#include "parts.h"

enum { SUM_BYTES = sizeof(uint32_t), ADDRESS_BYTES = 8, MASK_BYTES = 4 };

/* A fixed array of chunks [HDF5 File Format Specification 3.0, VII.D]. */
struct array {
    uint64_t address;             ///< of the first chunk; the others follow
    size_t n, n_bytes;            ///< chunks, and bytes of each without its sum
    size_t size_bytes, n_entries; ///< bytes of the size of a chunk; entries of a page
};

static size_t entry_bytes(const struct array *array) { return ADDRESS_BYTES + array->size_bytes + MASK_BYTES; }

static void add_signature(struct evo_bytes *file, const char *signature)
{
    evo_bytes_add(file, signature, 4);
    evo_bytes_number(file, 1, 0); // version
    evo_bytes_number(file, 1, 1); // of chunks that went through a filter
}

/* Chunks [begin, end): address, stored bytes, no filter left out. */
static void add_entries(struct evo_bytes *file, const struct array *array, size_t begin, size_t end)
{
    size_t stored = array->n_bytes + SUM_BYTES;
    for (size_t i = begin; i < end; i++) {
        evo_bytes_number(file, ADDRESS_BYTES, array->address + i * stored);
        evo_bytes_number(file, array->size_bytes, stored);
        evo_bytes_number(file, MASK_BYTES, 0);
    }
}

/* Which pages are there: all; the first at the highest bit. */
static void add_page_bits(struct evo_bytes *file, size_t n_pages)
{
    for (size_t i = 0; i < n_pages; i += 8) {
        size_t n = n_pages - i;
        evo_bytes_number(file, 1, n >= 8 ? 0xff : 0xff00U >> n & 0xff);
    }
}

static void add_pages(struct evo_bytes *file, const struct array *array)
{
    for (size_t i = 0; i < array->n; i += array->n_entries) {
        size_t begin = file->n, rest = array->n - i;
        add_entries(file, array, i, i + (rest < array->n_entries ? rest : array->n_entries));
        evo_bytes_sum(file, begin, evo_sums_metadata);
    }
}

static uint64_t add_index(struct evo_bytes *file, const struct array *array)
{
    size_t begin = file->n;
    uint64_t header = evo_object_here(file);
    bool paged = array->n > array->n_entries;
    add_signature(file, "FAHD");
    evo_bytes_number(file, 1, entry_bytes(array));
    evo_bytes_number(file, 1, EVO_CHUNKS_PAGE_BITS);
    evo_bytes_number(file, 8, array->n);
    evo_bytes_number(file, ADDRESS_BYTES, evo_object_here(file) + ADDRESS_BYTES + SUM_BYTES);
    evo_bytes_sum(file, begin, evo_sums_metadata);

    begin = file->n;
    add_signature(file, "FADB");
    evo_bytes_number(file, ADDRESS_BYTES, header);
    if (paged) {
        add_page_bits(file, (array->n + array->n_entries - 1) / array->n_entries);
    } else {
        add_entries(file, array, 0, array->n);
    }
    evo_bytes_sum(file, begin, evo_sums_metadata);
    if (paged) { add_pages(file, array); }
    return header;
}

/* As HDF5 counts the bytes of a size: those of the whole chunk's, and one more. */
static size_t size_bytes(size_t n_bytes)
{
    size_t n = 2;
    while (n_bytes >>= 8) { n++; }
    return n < 8 ? n : 8;
}

void evo_chunks_put(struct evo_bytes *file, const char *data, size_t n_rows, size_t row_bytes,
                    struct evo_chunks *chunks)
{
    size_t all = n_rows * row_bytes;
    chunks->n_bytes = chunks->n_rows * row_bytes;
    chunks->n = (n_rows + chunks->n_rows - 1) / chunks->n_rows;
    chunks->address = evo_object_here(file);
    for (size_t done = 0; done < all; done += chunks->n_bytes) {
        size_t begin = file->n, rest = all - done;
        evo_bytes_add(file, data + done, rest < chunks->n_bytes ? rest : chunks->n_bytes);
        if (rest < chunks->n_bytes) { evo_bytes_clear(file, chunks->n_bytes - rest); }
        evo_bytes_sum(file, begin, evo_sums_data);
    }
    if (chunks->n < 2) { return; }
    const struct array array = {.address = chunks->address,
                                .n = chunks->n,
                                .n_bytes = chunks->n_bytes,
                                .size_bytes = size_bytes(chunks->n_bytes),
                                .n_entries = (size_t)1 << EVO_CHUNKS_PAGE_BITS};
    chunks->address = add_index(file, &array);
}
