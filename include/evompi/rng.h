/* SPDX-License-Identifier: MIT */
/* Counter-based random numbers: a draw depends on (seed, stream, generation, creature, index). */
#ifndef EVOMPI_RNG_H
#define EVOMPI_RNG_H

#include <stddef.h>
#include <stdint.h>

/// What a draw is for: one number a purpose, never reused, so that purposes never collide.
enum evo_stream {
    EVO_STREAM_INITIAL = 1,   ///< genomes of a first population
    EVO_STREAM_SELECTION = 2, ///< who dies and who lives
    EVO_STREAM_VARIATION = 3, ///< mutation, crossover, sampling
    EVO_STREAM_FLIGHTS = 4,   ///< starts, setpoints and disturbances of a generation
    EVO_STREAM_RUN = 5,       ///< what belongs to the run as a whole
    EVO_STREAM_VALIDATE = 6,  ///< cases that no generation has
    EVO_STREAM_NOISE = 7,     ///< what sensors and air add from step to step
};

/// One sequence of draws. Small, by value, no heap; two with the same key give the same draws.
struct evo_rng {
    uint64_t key[2], counter[4], block[4];
    unsigned n_left; ///< draws left in `block`
};

/// Begins the sequence of (seed, stream, generation, creature). Philox4x64-10 [Salmon 2011].
struct evo_rng evo_rng_begin(uint64_t seed, enum evo_stream stream, uint64_t generation,
                             uint64_t creature);

/// Begins those of n creatures in a row, with their first draws made: in bulk that takes half the
/// time.
void evo_rng_begin_many(uint64_t seed, enum evo_stream stream, uint64_t generation,
                        uint64_t creature, size_t n, struct evo_rng *rngs);

void evo_rng_refill(struct evo_rng *rng); ///< makes the next four draws of the sequence

/* What is drawn by the million is here: a call would take as long as the draw. */

/// 64 random bits.
static inline uint64_t evo_rng_bits(struct evo_rng *rng)
{
    if (rng->n_left == 0) { evo_rng_refill(rng); }
    return rng->block[4 - rng->n_left--];
}

/// [0, 1), 53 bits, one draw.
static inline double evo_rng_uniform(struct evo_rng *rng)
{
    return (double)(evo_rng_bits(rng) >> 11) * 0x1p-53;
}

/// a + (b - a) * uniform.
static inline double evo_rng_between(struct evo_rng *rng, double a, double b)
{
    return a + (b - a) * evo_rng_uniform(rng);
}

/// The middle of one of 2^52 equal cells of (0, 1): never 0 or 1, and symmetric. One draw.
static inline double evo_rng_cell(struct evo_rng *rng)
{
    return ((double)(evo_rng_bits(rng) >> 12) + 0.5) * 0x1p-52;
}

/// Mean 0, sd 1: evo_math_normal_quantile of a cell. One draw.
double evo_rng_normal(struct evo_rng *rng);

uint64_t evo_rng_below(struct evo_rng *rng, uint64_t n); ///< 0 .. n-1, unbiased, n > 0

/// Puts k different numbers of 0 .. n-1, at random, in front of `items` ([n], any permutation
/// of what it held); k <= n (partial Fisher-Yates).
void evo_rng_choose(struct evo_rng *rng, size_t *items, size_t n, size_t k);

#endif
