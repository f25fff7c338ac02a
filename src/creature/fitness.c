/* SPDX-License-Identifier: MIT */
/* The order of fitness: total, so that selection never depends on where a creature stands. */
#include <evompi/creature.h>

#include <float.h>
#include <math.h>
#include <string.h>

/* The bits of IEEE doubles order as whole numbers do, once the sign bit of the positive and all
 * bits of the negative are flipped. Adding 0 makes 0 of -0. */
static inline uint64_t key_of(double fitness)
{
    const uint64_t sign = UINT64_C(1) << 63, infinite = UINT64_C(0xfff0000000000000);
    double x = fitness + 0.0;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t key = (bits & sign) != 0 ? ~bits : bits | sign;

    /* A creature that left the numbers is worse than any that stayed, in whatever direction. */
    if (!(fabs(x) <= DBL_MAX)) { key = isnan(x) ? UINT64_MAX : infinite + (x > 0.0 ? 1 : 0); }
    return key;
}

bool evo_fitness_before(double fitness_a, uint64_t id_a, double fitness_b, uint64_t id_b)
{
    uint64_t a = key_of(fitness_a), b = key_of(fitness_b);
    return a != b ? a < b : id_a < id_b;
}

void evo_fitness_keys(const double *fitness, size_t n, uint64_t *keys)
{
    for (size_t i = 0; i < n; i++) { keys[i] = key_of(fitness[i]); }
}
