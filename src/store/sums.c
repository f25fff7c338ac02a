/* SPDX-License-Identifier: MIT */
/* The two sums of HDF5 [File Format Specification 3.0]: of its metadata, and of a chunk of data. */
#include "parts.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the files of the store are written as memory has them: lowest byte first");

static uint32_t rotated(uint32_t x, int bits) { return x << bits | x >> (32 - bits); }

/* Three words of a text of 12 bytes. */
static void add_words(uint32_t s[3], const unsigned char *bytes)
{
    uint32_t words[3];
    memcpy(words, bytes, sizeof words);
    for (int i = 0; i < 3; i++) { s[i] += words[i]; }
}

uint32_t evo_sums_metadata(const void *bytes, size_t n)
{
    enum { BLOCK = 12 };
    static const int mixed[6] = {4, 6, 8, 16, 19, 4}, last[7] = {14, 11, 25, 16, 4, 14, 24};
    const unsigned char *at = bytes;
    unsigned char rest[BLOCK] = {0};
    uint32_t s[3];
    s[0] = s[1] = s[2] = 0xdeadbeefU + (uint32_t)n;
    for (; n > BLOCK; n -= BLOCK, at += BLOCK) {
        add_words(s, at);
        for (int i = 0; i < 6; i++) {
            uint32_t *x = &s[i % 3], *y = &s[(i + 1) % 3], *z = &s[(i + 2) % 3];
            *x = (*x - *z) ^ rotated(*z, mixed[i]);
            *z += *y;
        }
    }
    if (n == 0) { return s[2]; }
    memcpy(rest, at, n);
    add_words(s, rest);
    for (int i = 0; i < 7; i++) {
        uint32_t *x = &s[(i + 2) % 3], *y = &s[(i + 1) % 3];
        *x = (*x ^ *y) - rotated(*y, last[i]);
    }
    return s[2];
}

/* ---- Fletcher's sum ---- */

/* The sum of words w[0 .. n-1] of 16 bits, and the sum of its n intermediate results, both modulo
 * 65535 with 65535 in the place of 0 unless all words are 0: what is left when carries go back in. */
struct fletcher {
    uint64_t sum, sums;
};

static uint64_t folded(uint64_t x) { return x == 0 ? 0 : (x - 1) % 65535 + 1; }

enum { LANES = 4, MOST_STEPS = 256 }; // no sum of a lane reaches 2^32

/* n_steps times 4 words side by side, each in half of a number; then what a lane has counts as often as
 * its places do. */
static void add_lanes(struct fletcher *f, const unsigned char *bytes, size_t n_steps)
{
    const uint64_t halves = 0x0000ffff0000ffff;
    uint64_t even = 0, odd = 0, evens = 0, odds = 0, words;
    for (size_t i = 0; i < n_steps; i++) {
        memcpy(&words, bytes + i * sizeof words, sizeof words);
        even += words & halves;
        odd += words >> 16 & halves;
        evens += even;
        odds += odd;
    }
    const uint64_t sum[LANES] = {(uint32_t)even, (uint32_t)odd, even >> 32, odd >> 32};
    const uint64_t sums[LANES] = {(uint32_t)evens, (uint32_t)odds, evens >> 32, odds >> 32};
    f->sums += LANES * n_steps * f->sum;
    for (size_t k = 0; k < LANES; k++) {
        f->sum += sum[k];
        f->sums += LANES * sums[k] - k * sum[k];
    }
    f->sum = folded(f->sum);
    f->sums = folded(f->sums);
}

static void add_word(struct fletcher *f, uint64_t word)
{
    f->sum = folded(f->sum + word);
    f->sums = folded(f->sums + f->sum);
}

/* HDF5 takes the higher byte of a word first. To swap the bytes of a word is to multiply it by 256,
 * modulo 65535: so it is the two sums that are swapped, at the end. */
uint32_t evo_sums_data(const void *bytes, size_t n)
{
    enum { WORD = 2 };
    const unsigned char *at = bytes, *end = at + n;
    struct fletcher f = {0, 0};
    while ((size_t)(end - at) >= LANES * WORD) {
        size_t n_steps = (size_t)(end - at) / (LANES * WORD);
        if (n_steps > MOST_STEPS) { n_steps = MOST_STEPS; }
        add_lanes(&f, at, n_steps);
        at += n_steps * LANES * WORD;
    }
    for (; end - at >= WORD; at += WORD) { add_word(&f, (uint64_t)at[0] | (uint64_t)at[1] << 8); }
    if (at < end) { add_word(&f, at[0]); }
    uint32_t sum = (uint32_t)f.sum, sums = (uint32_t)f.sums;
    return (sums & 0xff) << 24 | (sums >> 8) << 16 | (sum & 0xff) << 8 | sum >> 8;
}
