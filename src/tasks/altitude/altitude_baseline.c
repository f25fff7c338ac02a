/* SPDX-License-Identifier: MIT */
/* The altitude task's baselines: P and PD of the original. */
#include "altitude.h"

#include <math.h>

const char *const evo_altitude_baseline_names[] = {"p", "pd", NULL};

/* command = offset + proportional * error + derivative * d error / dt, error = setpoint - z. */
struct pd {
    double offset, proportional, derivative, dt_s;
    double previous; // error of the step before; NaN: there is none yet
};

static void reset(void *context)
{
    struct pd *pd = context;
    pd->previous = (double)NAN;
}

static void step(void *context, const double *inputs, double *outputs)
{
    struct pd *pd = context;
    double error = inputs[0] - inputs[1];
    double slope = isnan(pd->previous) ? 0.0 : (error - pd->previous) / pd->dt_s;
    outputs[0] = pd->offset + pd->proportional * error + pd->derivative * slope;
    pd->previous = error;
}

enum evo_status evo_altitude_baseline_create(size_t i, double dt_s, struct evo_controller *out)
{
    /* The original's gains, in the order of the names. */
    static const struct pd gains[] = {
        {.offset = 0.5, .proportional = 0.1},
        {.offset = 0.5, .proportional = 0.2, .derivative = 0.1},
    };
    struct pd *pd = NULL;
    EVO_TRY(evo_alloc(1, sizeof *pd, "baseline", &pd));
    *pd = gains[i];
    pd->dt_s = dt_s;
    reset(pd);
    *out = (struct evo_controller){reset, step, pd, NULL};
    return EVO_OK;
}
