/* SPDX-License-Identifier: MIT */
/* Prints a digest of what the kernels of one instruction set give, for comparison across machines:
 * needs the kernels' tables alone, so that it builds for another processor without any library. */
#include "../../src/tasks/altitude/altitude_kernel.h"
#include "../../src/tasks/quad/hover_setting.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOIN(a, b) a##b
#define TABLE(prefix, isa) JOIN(prefix, isa)
extern const struct evo_altitude_kernels TABLE(evo_altitude_double_, ISA),
    TABLE(evo_altitude_single_, ISA);
extern const struct evo_hover_kernels TABLE(evo_hover_double_, ISA), TABLE(evo_hover_single_, ISA);

static const struct evo_altitude_kernels *const altitude[EVO_N_PRECISIONS] = {
    &TABLE(evo_altitude_double_, ISA), &TABLE(evo_altitude_single_, ISA)};
static const struct evo_hover_kernels *const hover[EVO_N_PRECISIONS] = {
    &TABLE(evo_hover_double_, ISA), &TABLE(evo_hover_single_, ISA)};
static const char *const precisions[EVO_N_PRECISIONS] = {"double", "single"};

/* No group of any set divides these. */
enum { N = 37, MOST_GENOME = 32 * 17 };
static double genomes[N * MOST_GENOME], fitness[N];

/* Small, large, and every sixth creature with a number that breaks sums. */
static void draw(size_t genome, double scale)
{
    static const double extreme[] = {0.0, -0.0, 1e308, 5e-324, (double)NAN, -(double)INFINITY};
    uint64_t x = genome;
    for (size_t i = 0; i < N * genome; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        genomes[i] = ((double)(x >> 11) * 0x1p-53 - 0.5) * scale * (double)(1 << i / genome % 7);
    }
    for (size_t i = 5; i < N; i += 6) { genomes[i * genome + i % genome] = extreme[i / 6]; }
}

static void print(const char *task, int kind, int precision, int n_states, int n_hidden)
{
    uint64_t digest = 0;
    for (size_t i = 0; i < N; i++) {
        /* A NaN's sign and payload are no promise. */
        double x = fitness[i] == fitness[i] ? fitness[i] : (double)NAN;
        uint64_t bits;
        memcpy(&bits, &x, sizeof bits);
        digest = (digest ^ (fitness[i] == fitness[i] ? bits : 1)) * UINT64_C(0x9e3779b97f4a7c15);
        digest ^= digest >> 29;
    }
    printf("%s %d, %s, %d states, %d hidden: %016" PRIx64 "\n", task, kind, precisions[precision],
           n_states, n_hidden, digest);
}

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* Kind 0 has a mass of 1, the others another; each distance counts times t to the kind. */
static void fly_altitude(uint64_t most, int kind, int precision, int n_states)
{
    const struct evo_altitude_flight flights[] = {
        {.start_m = 3.0, .setpoint_m = 5.0, .weight = 1.0, .n_steps = least(most, 120),
         .n_air = least(most, 70)},
        {.start_m = 0.0, .setpoint_m = 0.3, .weight = 1.0, .n_steps = least(most, 90)},
        {.start_m = 302.0, .setpoint_m = 300.0, .weight = 0.7, .n_steps = least(most, 100),
         .n_air = least(most, 100)},
    };
    const struct evo_altitude_setting setting = {
        .flights = flights, .n_flights = sizeof flights / sizeof flights[0], .dt_s = 0.01,
        .mass_kg = kind == 0 ? 1.0 : 0.7, .motor_force_n = 9.81, .gravity = 9.81,
        .overshoot = 3.0, .time_power = kind,
    };
    draw((size_t)(n_states + 1) * (size_t)(n_states + 3), 0.1);
    altitude[precision]->fly[n_states](&setting, N, genomes, fitness);
    print("altitude", kind, precision, n_states, 0);
}

/* Kinds by bit: 1 Runge-Kutta, 2 drag. */
static void fly_hover(uint64_t most, int kind, int precision, int n_states, int n_hidden)
{
    const struct evo_hover_setting setting = {
        .dt_s = 0.01, .clip_m = 1.0, .integral_limit = 1.0, .state_limit = 10.0, .hover_command = 0.6, .bound_m = 5.0,
        .rate_limit = 40.0, .height_m = 10.0, .weight_position = 1.0, .weight_rate = 0.01,
        .weight_effort = 0.1, .weight_change = 0.1, .crash_cost = 30.0, .substeps = 1 + kind,
        .n_states = n_states, .n_hidden = n_hidden,
    };
    const double h = 0.01 / (1 + kind);
    struct evo_hover_flight flight = {
        .vehicle = {.h_s = h, .impulse = h / 0.8,
                    .velocity = {0.1 * h, -0.2 * h, -9.7 * h}, .thrust = {0.02, 0.9, 4.1},
                    .gyro = {-0.7 * h, 0.71 * h, 0.01 * h}, .rise = 0.21, .fall = 0.13,
                    .rise_half = 0.11, .fall_half = 0.07,
                    .quadratic = {0.1 * h, 0.12 * h, 0.2 * h}, .rotor = {0.03 * h, 0.03 * h, 0.01 * h},
                    .has_drag = (kind & 2) != 0, .is_rk4 = (kind & 1) != 0},
        .start = {.p = {0.3, -0.2, 0.1}, .v = {0.5, 0.1, -0.4}, .q = {0.9, 0.3, -0.3, 0.1},
                  .w = {0.2, -0.7, 0.4}, .m = {0.6, 0.6, 0.6, 0.6}},
        .n_steps = least(most, 60),
        .delay = kind,
    };
    for (int i = 0; i < EVO_ROTORS; i++) {
        flight.vehicle.moment[0][i] = i < 2 ? 20.0 * h : -20.0 * h;
        flight.vehicle.moment[1][i] = i % 3 == 0 ? 19.0 * h : -19.0 * h;
        flight.vehicle.moment[2][i] = i % 2 == 0 ? 1.3 * h : -1.3 * h;
    }
    const int n_cols = n_states + EVO_HOVER_BASE, n_rows = n_states + EVO_ROTORS;
    const bool listed = n_states < EVO_HOVER_UNROLLED && n_hidden == 0;
    draw((size_t)(n_hidden * (n_cols + 1) + n_rows * (n_cols + n_hidden + 1)), 0.02);
    memset(fitness, 0, sizeof fitness);
    (listed ? hover[precision]->fly[n_states] : hover[precision]->any)(&setting, &flight, N, genomes,
                                                                       fitness);
    print("hover", kind, precision, n_states, n_hidden);
}

int main(int argc, char **argv)
{
    /* Fewer steps where an emulator takes long. */
    const uint64_t most = argc > 1 ? strtoull(argv[1], NULL, 10) : UINT64_MAX;
    for (int precision = 0; precision < EVO_N_PRECISIONS; precision++) {
        for (int s = 0; s < EVO_ALTITUDE_UNROLLED; s++) {
            for (int kind = 0; kind < 3; kind++) { fly_altitude(most, kind, precision, s); }
        }
        for (int s = 0; s < EVO_HOVER_UNROLLED; s++) {
            for (int kind = 0; kind < 4; kind++) { fly_hover(most, kind, precision, s, 0); }
        }
        fly_hover(most, 0, precision, 6, 0);
        fly_hover(most, 1, precision, 2, 11);
    }
    return 0;
}
