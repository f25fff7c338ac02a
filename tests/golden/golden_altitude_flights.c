/* SPDX-License-Identifier: MIT */
/* Flights of creatures with one state variable, bit for bit as the original flew them. */
#include "golden_altitude.h"

/* kind, z0, z1, total_t, k0, k1, k2, q0, q1, q2, c0, c1, fitness: a genome as it stands. */
static enum evo_status check(void *context, const struct golden_row *row,
                             struct golden_count *count)
{
    (void)context;
    double x[12];
    EVO_TRY(golden_numbers(row, 1, 12, x));
    const struct golden_flight flight = {
        .start = x[0],
        .setpoint = x[1],
        .duration = x[2],
        .n_states = 1,
        .genome = x + 3,
        .fitness = x[11],
    };
    return golden_fly(row, &flight, count);
}

int main(int argc, char **argv)
{
    /* Every instruction set is asked for by name; the environment must not forbid one. */
    unsetenv("EVOMPI_ISA");
    return golden_main(argc, argv, EVO_TEST_DATA "/altitude_flights.csv", check, NULL);
}
