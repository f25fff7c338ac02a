/* SPDX-License-Identifier: MIT */
/* How whole files of the store are mutated: behind their heads, their own sums made right or not.
 */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include "fuzz_store.h"

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t max); // libFuzzer's own

/// HDF5's sum of its metadata: in its library, though in none of its headers.
uint32_t H5_checksum_metadata(const void *bytes, size_t n, uint32_t initial);

static inline void fuzz_put_sum(uint8_t *from, size_t n)
{
    uint32_t sum = H5_checksum_metadata(from, n, 0);
    for (size_t i = 0; i < 4; i++) { from[n + i] = (uint8_t)(sum >> 8 * i); }
}

/// The sum of an object header (version 2) that begins at `from`, where it ends before `n`.
static inline void fuzz_sum_header(uint8_t *from, size_t n)
{
    if (n < 16) { return; }
    unsigned flags = from[5];
    size_t at = 6 + ((flags & 0x20) ? 16u : 0u) + ((flags & 0x10) ? 4u : 0u),
           width = 1u << (flags & 3);
    if (at + width > n) { return; }
    size_t size = 0;
    for (size_t i = width; i-- > 0;) { size = size << 8 | from[at + i]; }
    at += width;
    if (size <= n - at && n - at - size >= 4) { fuzz_put_sum(from, at + size); }
}

/// Gives the superblock, all object headers and all heads of chunk indices in [0, n) right sums.
static inline void fuzz_sum_all(uint8_t *body, size_t n)
{
    enum { SUPERBLOCK = 44, INDEX = 24 };
    if (n >= SUPERBLOCK + 4) { fuzz_put_sum(body, SUPERBLOCK); }
    for (size_t i = 0; i + 4 <= n; i++) {
        if (memcmp(body + i, "OHDR", 4) == 0) { fuzz_sum_header(body + i, n - i); }
        if (memcmp(body + i, "FAHD", 4) == 0 && n - i >= INDEX + 4) {
            fuzz_put_sum(body + i, INDEX);
        }
    }
}

/// libFuzzer's mutations behind the head. With EVO_FUZZ_FORGE in the environment HDF5's own sums
/// are made right too, as only an attacker would: HDF5 1.10 does not stand that (tests/README.md).
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
    if (n <= EVO_HEAD_BYTES) { return LLVMFuzzerMutate(bytes, n, max); }
    uint8_t *body = bytes + EVO_HEAD_BYTES;
    size_t n_body = LLVMFuzzerMutate(body, n - EVO_HEAD_BYTES, max - EVO_HEAD_BYTES);
    if (getenv("EVO_FUZZ_FORGE") != NULL && seed % 4 != 0) { fuzz_sum_all(body, n_body); }
    return EVO_HEAD_BYTES + n_body;
}

#endif
