/* SPDX-License-Identifier: MIT */
/* Philox4x64-10 as a source of draws that depend on their key and index alone. */
#include <evompi/rng.h>

#include <evompi/base.h>

#include <Random123/philox.h>

struct evo_rng evo_rng_begin(uint64_t seed, enum evo_stream stream, uint64_t generation,
                             uint64_t creature)
{
    struct evo_rng rng = {.key = {seed, (uint64_t)stream}, .counter = {0, creature, generation, 0}};
    return rng;
}

static inline void refill(struct evo_rng *rng)
{
    philox4x64_ctr_t counter = {{rng->counter[0], rng->counter[1], rng->counter[2],
                                 rng->counter[3]}};
    philox4x64_key_t key = {{rng->key[0], rng->key[1]}};
    philox4x64_ctr_t block = philox4x64(counter, key);
    for (int i = 0; i < 4; i++) { rng->block[i] = block.v[i]; }
    rng->counter[0]++;
    rng->n_left = 4;
}

void evo_rng_begin_many(uint64_t seed, enum evo_stream stream, uint64_t generation,
                        uint64_t creature, size_t n, struct evo_rng *rngs)
{
    for (size_t i = 0; i < n; i++) {
        rngs[i] = evo_rng_begin(seed, stream, generation, creature + i);
        refill(&rngs[i]);
    }
}

void evo_rng_refill(struct evo_rng *rng) { refill(rng); }

double evo_rng_normal(struct evo_rng *rng)
{
    return evo_math_normal_quantile(evo_rng_cell(rng));
}

uint64_t evo_rng_below(struct evo_rng *rng, uint64_t n)
{
    /* The high half of a 128-bit product; the few draws that would favour some are thrown away.
     * None of them has a low half of n or more, so the slow division is rarely done
     * [Lemire 2019]. */
    unsigned __int128 product = (unsigned __int128)evo_rng_bits(rng) * n;
    if ((uint64_t)product < n) {
        uint64_t reject_below = (0 - n) % n;
        while ((uint64_t)product < reject_below) {
            product = (unsigned __int128)evo_rng_bits(rng) * n;
        }
    }
    return (uint64_t)(product >> 64);
}

void evo_rng_choose(struct evo_rng *rng, size_t *items, size_t n, size_t k)
{
    for (size_t i = 0; i < k; i++) {
        size_t j = i + (size_t)evo_rng_below(rng, n - i);
        size_t chosen = items[j];
        items[j] = items[i];
        items[i] = chosen;
    }
}
