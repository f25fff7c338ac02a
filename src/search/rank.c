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

static void count_digits(const uint64_t *keys, size_t n, int shift, uint32_t counts[N_BINS])
{
    if (shift < 0) { return; }
    memset(counts, 0, N_BINS * sizeof *counts);
    for (size_t i = 0; i < n; i++) { counts[digit_of(keys[i], shift)]++; }
}

/* The bin that holds the key of rank *k (from 0); *k becomes its rank within the bin. */
static size_t find_bin(const uint32_t counts[N_BINS], size_t *k)
{
    size_t bin = 0;
    for (; *k >= counts[bin]; bin++) { *k -= counts[bin]; }
    return bin;
}

/* Gathers the keys of one bin; returns how many. In place too: a key is never written behind the
 * one being read. */
static size_t gather_bin(const uint64_t *keys, size_t n, int shift, size_t bin, uint64_t *out)
{
    size_t n_out = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t key = keys[i];
        out[n_out] = key;
        n_out += digit_of(key, shift) == bin ? 1 : 0;
    }
    return n_out;
}

/* One place among keys whose first digit is counted already. */
static struct evo_rank find_place(const uint64_t *keys, size_t n, size_t place, int shift,
                                  const uint32_t counted[N_BINS], uint64_t *scratch)
{
    if (place == 0) { return (struct evo_rank){0, 0}; }
    uint32_t counts[N_BINS];
    size_t within = place - 1;
    while (shift >= 0) {
        n = gather_bin(keys, n, shift, find_bin(counted, &within), scratch);
        keys = scratch;
        shift = shift_of(keys, n);
        count_digits(keys, n, shift, counts);
        counted = counts;
    }
    return (struct evo_rank){keys[0], within + 1};
}

void evo_rank_find(const uint64_t *keys, size_t n, const size_t *places, size_t n_places,
                   uint64_t *scratch, struct evo_rank *ranks)
{
    uint32_t counts[N_BINS];
    int shift = shift_of(keys, n);
    count_digits(keys, n, shift, counts);
    for (size_t i = 0; i < n_places; i++) {
        ranks[i] = find_place(keys, n, places[i], shift, counts, scratch);
    }
}
