/* SPDX-License-Identifier: MIT */
/* What a step of a hover flight meets beside the vehicle: noise, gusts and turbulence, in double.
 */
#include "hover_setting.h"

static double drawn(const struct evo_hover_setting *setting,
                    const struct evo_hover_sequence *sequence, uint64_t step)
{
    return setting->draws[(sequence->first + sequence->stride * step) % EVO_HOVER_DRAWS];
}

/* One minus cosine over gust_steps, half of it the most; the angle turns on step by step. */
static double gust_share(const struct evo_hover_flight *flight, uint64_t step, double gust[2])
{
    if (step < flight->gust_first || step - flight->gust_first >= flight->gust_steps) {
        return 0.0;
    }
    if (step == flight->gust_first) {
        gust[0] = 1.0;
        gust[1] = 0.0;
    }
    double cosine = gust[0], sine = gust[1];
    const double *turn = flight->gust_turn;
    gust[0] = cosine * turn[0] - sine * turn[1];
    gust[1] = cosine * turn[1] + sine * turn[0];
    return 0.5 * (1.0 - cosine);
}

void evo_hover_disturbance(const struct evo_hover_setting *setting, const struct evo_hover_flight *flight,
                     uint64_t step, struct evo_hover_disturbance *disturbance)
{
    for (int i = 0; i < EVO_HOVER_BASE; i++) {
        disturbance->noise[i] = setting->noise[i] > 0.0
                              ? setting->noise[i] * drawn(setting, &flight->noise[i], step)
                              : 0.0;
    }
    double share = gust_share(flight, step, disturbance->gust), sigma = flight->turbulence;
    for (int i = 0; i < 3; i++) {
        disturbance->wind[i] = flight->wind[i] + share * flight->gust[i];
        if (sigma == 0.0) { continue; }
        double draw = sigma * drawn(setting, &flight->noise[EVO_HOVER_BASE + i], step);
        double kept = setting->turbulence_keep * disturbance->turbulence[i];
        disturbance->turbulence[i] = step == 0 ? draw : kept + setting->turbulence_add * draw;
        disturbance->wind[i] += disturbance->turbulence[i];
    }
}
