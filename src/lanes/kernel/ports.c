/* SPDX-License-Identifier: MIT */
/* Independent vector operations, to measure how many of them a core does in a cycle. */
#include <evompi/isa.h>

#include EVO_VEC_HEADER

extern const struct evo_ports EVO_TABLE;

/* More chains than latency times throughput of any core we know, and fewer than registers. */
enum { CHAINS = 12 };
#define UNROLL _Pragma("GCC unroll 16")

/* n rounds of CHAINS operations: additions in the first n_add chains, limits to [0, 1] (a maximum
 * and a minimum, one chain for two operations) in the next n_clip, multiplications in the rest. All
 * chains differ and the operand comes from n, or a compiler would leave most of them out. */
static inline __attribute__((always_inline)) double run(uint64_t n, int n_add, int n_clip)
{
    real out[VEC_LANES] __attribute__((aligned(64)));
    vec x[CHAINS], other = vec_all((real)(n % 2 + 1)), sum = other;
    UNROLL for (int i = 0; i < CHAINS; i++) { x[i] = vec_all((real)(2 * i + 1)); }
    for (uint64_t k = 0; k < n; k++) {
        UNROLL for (int i = 0; i < CHAINS - n_clip; i++) {
            if (i < n_add) {
                x[i] = vec_add(x[i], other);
            } else if (i < n_add + n_clip) {
                x[i] = vec_clip01(x[i]);
            } else {
                x[i] = vec_mul(x[i], other);
            }
        }
    }
    UNROLL for (int i = 0; i < CHAINS; i++) { sum = vec_add(sum, x[i]); }
    vec_store(out, sum);
    return (double)out[0];
}

static double add(uint64_t n) { return run(n, CHAINS, 0); }
static double multiply(uint64_t n) { return run(n, 0, 0); }
static double mix(uint64_t n) { return run(n, 5, 1); }

const struct evo_ports EVO_TABLE = {
    .lanes = VEC_LANES, .operations = CHAINS, .add = add, .multiply = multiply, .mix = mix};
