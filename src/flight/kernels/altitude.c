/* SPDX-License-Identifier: MIT */
/* The unrolled altitude flight: one text for all instruction sets, one creature per lane. */
#include "kernels.h"

#include EVO_VEC_HEADER

extern const struct evo_altitude_kernels EVO_TABLE;

/* Compiled once per instruction set and precision, with EVO_VEC_HEADER and EVO_TABLE given. The
 * number of state variables and of vectors in flight are constants wherever fly_group is used, so
 * every loop over them unrolls and every array below lives in registers or in the first lines of
 * the stack.
 *
 * What may be rearranged without changing a bit, and is:
 * - setpoint * k is the same product in every step of a flight;
 * - heights and speeds are carried upwards: negation is exact;
 * - (a*a + a*a) + a*a = 3 * (a*a), both rounded once, because 2 * (a*a) is exact;
 * - x / 1 = x: a mass of 1 needs no division. */

enum {
    MAX_STATES = EVO_ALTITUDE_UNROLLED - 1,
    MAX_ROWS = MAX_STATES + 1,
    MAX_COLS = MAX_STATES + 2,
    MAX_GENOME = MAX_ROWS * (MAX_COLS + 1),
};

#define ALWAYS static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

/* Parameters of the creatures in flight, one array of lanes per parameter. */
struct lanes {
    real parameter[MAX_GENOME][VEC_FLIGHT * VEC_LANES] __attribute__((aligned(64)));
};

/* Row by row into lanes; lanes behind the last creature fly it again and are not read. */
ALWAYS void load_lanes(struct lanes *lanes, const double *genomes, size_t n, int n_genome, int width)
{
    for (int lane = 0; lane < width; lane++) {
        size_t i = (size_t)lane < n ? (size_t)lane : n - 1;
        for (int p = 0; p < n_genome; p++) {
            lanes->parameter[p][lane] = (real)genomes[i * (size_t)n_genome + (size_t)p];
        }
    }
}

/* One flight of n_vectors vectors of creatures. */
ALWAYS void fly(const struct evo_altitude_setting *setting,
                const struct evo_altitude_flight *flight, const struct lanes *lanes, int n_states,
                int n_vectors, bool unit_mass, vec fitness[VEC_FLIGHT])
{
    const int n_rows = n_states + 1, n_cols = n_states + 2;
    const vec setpoint = vec_all((real)flight->setpoint_m), dt = vec_all((real)setting->dt_s);
    const vec force = vec_all((real)setting->motor_force_n), gravity = vec_all((real)setting->gravity);
    const vec mass = vec_all((real)setting->mass_kg), overshoot = vec_all((real)setting->overshoot);
    const vec three = vec_all(3), zero = vec_all(0);

    /* M's columns for state and height, the setpoint's column times the setpoint, c. */
    vec m[MAX_ROWS][MAX_COLS][VEC_FLIGHT], aim[MAX_ROWS][VEC_FLIGHT], c[MAX_ROWS][VEC_FLIGHT];
    vec s[MAX_STATES + 1][VEC_FLIGHT], z[VEC_FLIGHT], w[VEC_FLIGHT];
    vec before[VEC_FLIGHT];
    UNROLL for (int v = 0; v < n_vectors; v++) {
        UNROLL for (int r = 0; r < n_rows; r++) {
            UNROLL for (int k = 0; k < n_cols; k++) {
                m[r][k][v] = vec_load(&lanes->parameter[r * n_cols + k][v * VEC_LANES]);
            }
            aim[r][v] = vec_mul(setpoint, m[r][n_states][v]);
            c[r][v] = vec_load(&lanes->parameter[n_rows * n_cols + r][v * VEC_LANES]);
        }
        UNROLL for (int k = 0; k < n_states; k++) { s[k][v] = zero; }
        z[v] = vec_all((real)flight->start_m);
        w[v] = zero;
        before[v] = vec_all((real)-__builtin_inf());
        fitness[v] = zero;
    }

    for (uint64_t step = 0; step < flight->n_steps; step++) {
        UNROLL for (int v = 0; v < n_vectors; v++) {
            /* out = M * [state, setpoint, z] + c, summed left to right. */
            vec out[MAX_ROWS];
            UNROLL for (int r = 0; r < n_rows; r++) {
                vec sum = aim[r][v];
                if (n_states > 0) {
                    sum = vec_mul(s[0][v], m[r][0][v]);
                    UNROLL for (int k = 1; k < n_states; k++) {
                        sum = vec_add(sum, vec_mul(s[k][v], m[r][k][v]));
                    }
                    sum = vec_add(sum, aim[r][v]);
                }
                sum = vec_add(sum, vec_mul(z[v], m[r][n_states + 1][v]));
                out[r] = vec_add(sum, c[r][v]);
            }
            UNROLL for (int k = 0; k < n_states; k++) { s[k][v] = out[k]; }

            /* Four equal rotors against gravity; explicit Euler, the old speed first. */
            vec a = vec_clip01(out[n_states]), square = vec_mul(a, a);
            vec thrust = vec_mul(force, vec_add(vec_mul(three, square), square));
            if (!unit_mass) { thrust = vec_div(thrust, mass); }
            z[v] = vec_add(z[v], vec_mul(w[v], dt));
            w[v] = vec_add(w[v], vec_mul(vec_sub(thrust, gravity), dt));
            vec_mask underground = vec_negative(z[v]);
            z[v] = vec_zero_where(underground, z[v]);
            w[v] = vec_zero_where(underground, w[v]);

            /* Distance counts more while it grows. */
            vec d = vec_abs(vec_sub(setpoint, z[v]));
            fitness[v] = vec_add(fitness[v], vec_mul_unless_le(d, before[v], overshoot));
            before[v] = d;
        }
    }
}

/* All flights of up to n_vectors * VEC_LANES creatures; their sum is in double precision. */
ALWAYS void fly_group(const struct evo_altitude_setting *setting, size_t n, const double *genomes,
                      double *fitness, int n_states, int n_vectors)
{
    const int n_genome = (n_states + 1) * (n_states + 3), width = n_vectors * VEC_LANES;
    struct lanes lanes;
    real flown[VEC_FLIGHT * VEC_LANES] __attribute__((aligned(64)));
    double total[VEC_FLIGHT * VEC_LANES] = {0.0};
    load_lanes(&lanes, genomes, n, n_genome, width);
    for (size_t i = 0; i < setting->n_flights; i++) {
        const struct evo_altitude_flight *flight = &setting->flights[i];
        vec sum[VEC_FLIGHT];
        if (setting->mass_kg == 1.0) {
            fly(setting, flight, &lanes, n_states, n_vectors, true, sum);
        } else {
            fly(setting, flight, &lanes, n_states, n_vectors, false, sum);
        }
        UNROLL for (int v = 0; v < n_vectors; v++) { vec_store(&flown[v * VEC_LANES], sum[v]); }
        for (int lane = 0; lane < width; lane++) { total[lane] += (double)flown[lane]; }
    }
    for (size_t i = 0; i < n; i++) {
        fitness[i] = total[i] == total[i] ? total[i] : __builtin_nan("");
    }
}

/* A kernel for each number of state variables; the last groups fly as few vectors as they fill. */
#define KERNEL(n_states)                                                                         \
    static void fly_##n_states(const struct evo_altitude_setting *setting, size_t n,             \
                               const double *genomes, double *fitness)                           \
    {                                                                                            \
        const size_t genome = (n_states + 1) * (n_states + 3), full = VEC_FLIGHT * VEC_LANES;    \
        while (n > 0) {                                                                          \
            size_t taken = n < full ? n : full;                                                  \
            if (taken > full / 2) {                                                              \
                fly_group(setting, taken, genomes, fitness, n_states, VEC_FLIGHT);               \
            } else if (taken > full / 4) {                                                       \
                fly_group(setting, taken, genomes, fitness, n_states, (VEC_FLIGHT + 1) / 2);     \
            } else {                                                                             \
                fly_group(setting, taken, genomes, fitness, n_states, (VEC_FLIGHT + 3) / 4);     \
            }                                                                                    \
            n -= taken;                                                                          \
            genomes += taken * genome;                                                           \
            fitness += taken;                                                                    \
        }                                                                                        \
    }

KERNEL(0)
KERNEL(1)
KERNEL(2)
KERNEL(3)
KERNEL(4)

const struct evo_altitude_kernels EVO_TABLE = {
    .batch = VEC_LANES * VEC_FLIGHT,
    .fly = {fly_0, fly_1, fly_2, fly_3, fly_4},
};
