/* SPDX-License-Identifier: MIT */
/* Flights of the altitude task that are drawn by chance: steps up and down at any height. */
#include <evompi/rng.h>

#include "altitude.h"

void evo_altitude_draw(const struct evo_altitude_draw *draw, enum evo_stream stream, uint64_t seed,
                       uint64_t generation, size_t n, struct evo_altitude_flight *flights)
{
    for (size_t i = 0; i < n; i++) {
        struct evo_rng rng = evo_rng_begin(seed, stream, generation, i);
        double start = evo_rng_between(&rng, 0.0, draw->height_max_m);
        double step = evo_rng_between(&rng, draw->step_min_m, draw->step_max_m);
        bool upwards = evo_rng_uniform(&rng) < 0.5;
        /* A step that would leave the range goes the other way; no step is larger than half. */
        if (start - step < 0.0) { upwards = true; }
        if (start + step > draw->height_max_m) { upwards = false; }
        flights[i] = (struct evo_altitude_flight){
            .start_m = start,
            .setpoint_m = upwards ? start + step : start - step,
            .weight = draw->relative ? draw->weight / ((double)n * step) : draw->weight / (double)n,
            .n_steps = draw->n_steps,
        };
    }
}
