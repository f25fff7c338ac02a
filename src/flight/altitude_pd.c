/* SPDX-License-Identifier: MIT */
/* A PD controller as a creature of three parameters, flown as the recurrence that it is. */
#include "altitude.h"

#include <string.h>

/* The state keeps the error e = setpoint - z of the step before:
 *   state' = setpoint - z
 *   command = -(d / dt) state + (p + d / dt) setpoint - (p + d / dt) z + offset. */
void evo_altitude_pd_expand(const double pd[EVO_ALTITUDE_PD], double dt_s,
                            double genome[EVO_ALTITUDE_PD_GENOME])
{
    double proportional = pd[0], slope = pd[1] / dt_s, offset = pd[2];
    double gain = proportional + slope;
    const double expanded[EVO_ALTITUDE_PD_GENOME] = {0.0,   1.0,  -1.0, /* state' */
                                                     -slope, gain, -gain, /* command */
                                                     0.0,   offset};
    memcpy(genome, expanded, sizeof expanded);
}
