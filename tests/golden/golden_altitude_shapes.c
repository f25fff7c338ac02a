/* SPDX-License-Identifier: MIT */
/* Flights of creatures with other numbers of state variables, bit for bit. */
#include "golden_altitude.h"

#include <math.h>

/* states, z0, z1, total_t, fitness, parameters... */
static enum evo_status check(void *context, const struct golden_row *row,
                             struct golden_count *count)
{
    (void)context;
    double x[5], genome[GOLDEN_CELLS_MAX];
    for (size_t i = 0; i < 5; i++) { EVO_TRY(golden_number(row, i, &x[i])); }
    EVO_CHECK(x[0] >= 0.0 && x[0] <= 8.0 && x[0] == floor(x[0]), EVO_ERR_DATA,
              "%s:%zu: %g is not a number of state variables", row->path, row->line, x[0]);
    struct evo_shape shape = {.n_states = (size_t)x[0], .n_inputs = 2, .n_outputs = 1};
    EVO_TRY(golden_numbers(row, 5, evo_shape_genome(shape), genome));
    const struct golden_flight flight = {
        .start = x[1],
        .setpoint = x[2],
        .duration = x[3],
        .n_states = shape.n_states,
        .genome = genome,
        .fitness = x[4],
    };
    return golden_fly(row, &flight, count);
}

int main(int argc, char **argv)
{
    unsetenv("EVOMPI_ISA");
    return golden_main(argc, argv, EVO_TEST_DATA "/altitude_shapes.csv", check, NULL);
}
