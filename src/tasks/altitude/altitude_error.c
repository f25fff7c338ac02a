/* SPDX-License-Identifier: MIT */
/* Creatures that see the error and its rate, flown as recurrences of setpoint and height. */
#include "altitude.h"

#include <string.h>

struct evo_shape evo_altitude_error_shape(size_t n_states)
{
    return (struct evo_shape){.n_states = n_states + 1, .n_inputs = 2, .n_outputs = 1};
}

/* With p, the error of the step before, as first state variable:
 *   p'      = setpoint - z
 *   s'      = s + dt (a s + b e + g (e - p) / dt + c)
 *           = -g p + s + dt a s + (dt b + g) (setpoint - z) + dt c
 *   command = -g/dt p + a s + (b + g/dt) (setpoint - z) + c. */
void evo_altitude_error_expand(size_t n_states, double dt_s, const double *genome, double *expanded)
{
    const size_t n_rows = n_states + 1, n_cols = n_states + 3;
    const double *constants = genome + n_rows * (n_states + 2);
    double *expanded_constants = expanded + (n_rows + 1) * n_cols;
    memset(expanded, 0, n_cols * sizeof *expanded);
    expanded[n_states + 1] = 1.0;
    expanded[n_states + 2] = -1.0;
    expanded_constants[0] = 0.0;
    for (size_t row = 0; row < n_rows; row++) {
        const bool is_state = row < n_states;
        const double rate = genome[n_states + 1];
        const double scale = is_state ? dt_s : 1.0, slope = is_state ? rate : rate / dt_s;
        expanded += n_cols;
        expanded[0] = -slope;
        for (size_t k = 0; k < n_states; k++) {
            expanded[k + 1] = scale * genome[k] + (row == k ? 1.0 : 0.0);
        }
        expanded[n_states + 1] = scale * genome[n_states] + slope;
        expanded[n_states + 2] = -expanded[n_states + 1];
        expanded_constants[row + 1] = scale * constants[row];
        genome += n_states + 2;
    }
}
