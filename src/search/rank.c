/* SPDX-License-Identifier: MIT */
/* Selection by radix: count the digits that differ, go on in the one bin that holds the place. */
#include "rank.h"

#include <string.h>

/* 2048 counters stay in the first cache beside the keys that stream through it. */
enum { DIGIT_BITS = 11, N_BINS = 1 << DIGIT_BITS };

/* The lowest bit of the highest digit in which any two keys differ; -1 where all are equal.
 * Fitness has few signs and exponents: looking only at what differs saves whole passes. */
static int shift_of(const uint64_t *keys, size_t n)
{
    uint64_t differing = 0;
    for (size_t i = 0; i < n; i++) { differing |= keys[i] ^ keys[0]; }
    if (differing == 0) { return -1; }
    int shift = 64 - __builtin_clzll(differing) - DIGIT_BITS;
    return shift > 0 ? shift : 0;
}

static size_t digit_of(uint64_t key, int shift) { return (key >> shift) & (N_BINS - 1); }

/* The bin that holds the key of rank *k (from 0); *k becomes its rank within the bin. */
static size_t find_bin(const uint64_t *keys, size_t n, int shift, size_t *k)
{
    uint32_t counts[N_BINS];
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < n; i++) { counts[digit_of(keys[i], shift)]++; }
    size_t bin = 0;
    for (; *k >= counts[bin]; bin++) { *k -= counts[bin]; }
    return bin;
}

struct evo_rank evo_rank_find(const uint64_t *keys, size_t n, size_t k, uint64_t *scratch)
{
    if (k == 0) { return (struct evo_rank){0, 0}; }
    size_t within = k - 1;
    for (int shift; (shift = shift_of(keys, n)) >= 0;) {
        size_t bin = find_bin(keys, n, shift, &within), n_left = 0;
        /* In place from the second pass on: a key is never written behind the one being read. */
        for (size_t i = 0; i < n; i++) {
            uint64_t key = keys[i];
            scratch[n_left] = key;
            n_left += digit_of(key, shift) == bin ? 1 : 0;
        }
        keys = scratch;
        n = n_left;
    }
    return (struct evo_rank){keys[0], within + 1};
}
