/* SPDX-License-Identifier: MIT */
/* The unrolled altitude flight: one text for all instruction sets, one creature per lane. */
#include "../altitude_kernel.h"

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
 * - ((x + x) + x) + x = 4 * x in any binary precision: 2 * x is exact, and where 3 * x must be
 *   rounded its error is at most half the spacing at 4 * x, with ties broken towards 4 * x;
 * - force * (4 * x) = (4 * force) * x: powers of two are exact, so both round the same product;
 * - x / 1 = x: a mass of 1 needs no division;
 * - nobody can be underground in the first n_air steps of a flight, so nobody is asked there. */

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
    real parameter[MAX_GENOME][VEC_SHORT_STEP * VEC_LANES] __attribute__((aligned(64)));
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

/* What is the same for all creatures and steps of a flight. */
struct fixed {
    vec setpoint, dt, force4, gravity, mass, overshoot, zero;
};

/* One vector of creatures in flight: M's columns for state and height, the setpoint's column times
 * the setpoint, c; then state variables, height, speed, the last distance and the fitness. */
struct flying {
    vec m[MAX_ROWS][MAX_COLS], aim[MAX_ROWS], c[MAX_ROWS];
    vec s[MAX_STATES + 1], z, w, before, fitness;
};

ALWAYS void take_off(struct flying *f, const struct fixed *fixed, const struct lanes *lanes, int v,
                     int n_states, real start_m)
{
    const int n_rows = n_states + 1, n_cols = n_states + 2;
    UNROLL for (int r = 0; r < n_rows; r++) {
        UNROLL for (int k = 0; k < n_cols; k++) {
            f->m[r][k] = vec_load(&lanes->parameter[r * n_cols + k][v * VEC_LANES]);
        }
        f->aim[r] = vec_mul(fixed->setpoint, f->m[r][n_states]);
        f->c[r] = vec_load(&lanes->parameter[n_rows * n_cols + r][v * VEC_LANES]);
    }
    UNROLL for (int k = 0; k < n_states; k++) { f->s[k] = fixed->zero; }
    f->z = vec_all(start_m);
    f->w = fixed->zero;
    f->before = vec_all((real)-__builtin_inf());
    f->fitness = fixed->zero;
}

/* What a flight is made for, constants wherever they are used: a mass of 1, distances that count by
 * their time. Timed flights divide by their mass always, which saves a third of the code. */
enum kind { KIND_UNIT_MASS, KIND_ANY_MASS, KIND_TIMED };

/* One step of one vector; `late` is what its distance counts in KIND_TIMED; `ground`: somebody may touch it. */
ALWAYS void step(struct flying *f, const struct fixed *fixed, real late, int n_states, enum kind kind,
                 bool ground)
{
    /* out = M * [state, setpoint, z] + c, summed left to right. */
    vec out[MAX_ROWS];
    UNROLL for (int r = 0; r < n_states + 1; r++) {
        vec sum = f->aim[r];
        if (n_states > 0) {
            sum = vec_mul(f->s[0], f->m[r][0]);
            UNROLL for (int k = 1; k < n_states; k++) {
                sum = vec_add(sum, vec_mul(f->s[k], f->m[r][k]));
            }
            sum = vec_add(sum, f->aim[r]);
        }
        sum = vec_add(sum, vec_mul(f->z, f->m[r][n_states + 1]));
        out[r] = vec_add(sum, f->c[r]);
    }
    UNROLL for (int k = 0; k < n_states; k++) { f->s[k] = out[k]; }

    /* Four equal rotors against gravity; explicit Euler, the old speed first. */
    vec a = vec_clip01(out[n_states]);
    vec thrust = vec_mul(fixed->force4, vec_mul(a, a));
    if (kind != KIND_UNIT_MASS) { thrust = vec_div(thrust, fixed->mass); }
    vec gained = vec_mul(vec_sub(thrust, fixed->gravity), fixed->dt);
    f->z = vec_add(f->z, vec_mul(f->w, fixed->dt));
    if (ground) {
        vec_mask underground = vec_negative(f->z);
        f->z = vec_zero_where(underground, f->z);
        f->w = vec_zero_where(underground, vec_add(f->w, gained));
    } else {
        f->w = vec_add(f->w, gained);
    }

    /* Distance counts more while it grows. */
    vec d = vec_abs(vec_sub(fixed->setpoint, f->z));
    vec counted = vec_mul_unless_le(d, f->before, fixed->overshoot);
    if (kind == KIND_TIMED) { counted = vec_mul(counted, vec_all(late)); }
    f->fitness = vec_add(f->fitness, counted);
    f->before = d;
}

/* One flight of n_vectors vectors of creatures. */
ALWAYS void fly(const struct evo_altitude_setting *setting,
                const struct evo_altitude_flight *flight, const struct lanes *lanes, int n_states,
                int n_vectors, enum kind kind, vec fitness[VEC_SHORT_STEP])
{
    const struct fixed fixed = {
        .setpoint = vec_all((real)flight->setpoint_m), .dt = vec_all((real)setting->dt_s),
        .force4 = vec_all(4 * (real)setting->motor_force_n),
        .gravity = vec_all((real)setting->gravity), .mass = vec_all((real)setting->mass_kg),
        .overshoot = vec_all((real)setting->overshoot), .zero = vec_all(0),
    };
    struct flying f[VEC_SHORT_STEP];
    UNROLL for (int v = 0; v < n_vectors; v++) {
        take_off(&f[v], &fixed, lanes, v, n_states, (real)flight->start_m);
    }
    double t = 0.0, late = 0.0;
    uint64_t k = 0;
    for (; k < flight->n_air; k++) {
        if (kind == KIND_TIMED) {
            t += setting->dt_s;
            late = evo_altitude_time_weight(t, setting->time_power);
        }
        UNROLL for (int v = 0; v < n_vectors; v++) {
            step(&f[v], &fixed, (real)late, n_states, kind, false);
        }
    }
    for (; k < flight->n_steps; k++) {
        if (kind == KIND_TIMED) {
            t += setting->dt_s;
            late = evo_altitude_time_weight(t, setting->time_power);
        }
        UNROLL for (int v = 0; v < n_vectors; v++) {
            step(&f[v], &fixed, (real)late, n_states, kind, true);
        }
    }
    UNROLL for (int v = 0; v < n_vectors; v++) { fitness[v] = f[v].fitness; }
}

/* All flights of up to n_vectors * VEC_LANES creatures; their sum is in double precision. */
ALWAYS void fly_group(const struct evo_altitude_setting *setting, size_t n, const double *genomes,
                      double *fitness, int n_states, int n_vectors)
{
    const int n_genome = (n_states + 1) * (n_states + 3), width = n_vectors * VEC_LANES;
    struct lanes lanes;
    real flown[VEC_SHORT_STEP * VEC_LANES] __attribute__((aligned(64)));
    double total[VEC_SHORT_STEP * VEC_LANES] = {0.0};
    load_lanes(&lanes, genomes, n, n_genome, width);
    for (size_t i = 0; i < setting->n_flights; i++) {
        const struct evo_altitude_flight *flight = &setting->flights[i];
        vec sum[VEC_SHORT_STEP];
        if (setting->time_power > 0) {
            fly(setting, flight, &lanes, n_states, n_vectors, KIND_TIMED, sum);
        } else if (setting->mass_kg == 1.0) {
            fly(setting, flight, &lanes, n_states, n_vectors, KIND_UNIT_MASS, sum);
        } else {
            fly(setting, flight, &lanes, n_states, n_vectors, KIND_ANY_MASS, sum);
        }
        UNROLL for (int v = 0; v < n_vectors; v++) { vec_store(&flown[v * VEC_LANES], sum[v]); }
        for (int lane = 0; lane < width; lane++) {
            total[lane] += flight->weight * (double)flown[lane];
        }
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
        const size_t genome = (n_states + 1) * (n_states + 3), full = VEC_SHORT_STEP * VEC_LANES;    \
        while (n > 0) {                                                                          \
            size_t taken = n < full ? n : full;                                                  \
            if (taken > full / 2) {                                                              \
                fly_group(setting, taken, genomes, fitness, n_states, VEC_SHORT_STEP);               \
            } else if (taken > full / 4) {                                                       \
                fly_group(setting, taken, genomes, fitness, n_states, (VEC_SHORT_STEP + 1) / 2);     \
            } else {                                                                             \
                fly_group(setting, taken, genomes, fitness, n_states, (VEC_SHORT_STEP + 3) / 4);     \
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
    .batch = VEC_LANES * VEC_SHORT_STEP,
    .fly = {fly_0, fly_1, fly_2, fly_3, fly_4},
};
