/* SPDX-License-Identifier: MIT */
/* A case of the validations of hover and track: the changed task, and the flights it is to fly. */
#include "hover_case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBSTEP_S 0.01 // the longest integration step

/* A unit vector, any; with `flat` a horizontal one. */
static void draw_direction(struct evo_rng *rng, bool flat, double *direction)
{
    double square = 0.0;
    for (int i = 0; i < 3; i++) {
        direction[i] = i == 2 && flat ? 0.0 : evo_rng_normal(rng);
        square += direction[i] * direction[i];
    }
    for (int i = 0; i < 3; i++) { direction[i] /= sqrt(square); }
}

struct evo_hover_task evo_hover_case_task(const struct evo_hover_task *task,
                                          const struct evo_hover_case *one)
{
    static const double noise[EVO_HOVER_BASE] = {0.001, 0.001, 0.001, 0.002, 0.002, 0.002,
                                                 0.001, 0.001, 0.001, 0.002, 0.002, 0.002};
    struct evo_hover_task changed = *task;
    double dt_s = one->dt_s > 0.0 ? one->dt_s : task->setting.dt_s;
    double mass = one->mass > 0.0 ? one->mass : 1.0, thrust = one->thrust > 0.0 ? one->thrust : 1.0;
    struct evo_hover_setting *s = &changed.setting;
    changed.vehicle.mass_kg *= mass;
    for (int i = 0; i < 3; i++) {
        changed.vehicle.inertia[i] *= mass;
        changed.vehicle.thrust[i] *= thrust;
    }
    evo_task_hover_set_dt(&changed, dt_s);
    s->substeps = (int)ceil(dt_s / SUBSTEP_S - 1e-9);
    changed.is_rk4 = true;
    changed.h_s = dt_s / s->substeps;
    s->has_scene = one->noise;
    memset(s->noise, 0, sizeof s->noise);
    if (one->noise) { memcpy(s->noise, noise, sizeof noise); }
    /* Nothing ends a flight but its time. */
    s->bound_m = s->height_m = s->rate_limit = 1e6;
    return changed;
}

void evo_hover_case_draw(const struct evo_hover_task *task, const struct evo_hover_case *one,
                         uint64_t i, size_t n_steps, struct evo_hover_flight *flight)
{
    struct evo_hover_spread spread = {.delay_min = one->delay, .delay_max = one->delay};
    if (!one->still) {
        spread.position_m = 0.5;
        spread.velocity = 1.0;
        spread.rate = 1.0;
        spread.angle_rad = (one->angle > 0.0 ? one->angle : 57.0) * (3.14159265358979324 / 180.0);
    }
    double direction[3];
    /* The same starts and directions in every case, so that their figures differ by the case. */
    struct evo_rng rng = evo_rng_begin(task->validate_seed, EVO_STREAM_VALIDATE, 0, i);
    evo_hover_draw(task, &spread, n_steps, &rng, flight);
    rng = evo_rng_begin(task->validate_seed, EVO_STREAM_VALIDATE, 1, i);
    draw_direction(&rng, false, direction);
    for (int k = 0; k < 3; k++) {
        flight->vehicle.velocity[k] += flight->vehicle.h_s * one->push * direction[k];
    }
    draw_direction(&rng, true, direction);
    for (int k = 0; k < 3; k++) { flight->wind[k] = one->wind * direction[k]; }
}

/* NaN comes last. */
static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    if (isnan(x) || isnan(y)) { return isnan(x) - isnan(y); }
    return (x > y) - (x < y);
}

double evo_hover_case_quantile(double *x, size_t n, double q)
{
    qsort(x, n, sizeof *x, compare);
    return x[(size_t)(q * (double)(n - 1) + 0.5)];
}

enum evo_status evo_hover_case_say(const struct evo_hover_case *one,
                                   const struct evo_figure *figures, size_t n,
                                   evo_figure_sink *sink, void *context)
{
    for (size_t i = 0; i < n; i++) {
        char name[64];
        struct evo_figure figure = figures[i];
        snprintf(name, sizeof name, "%s%s", one->name, figures[i].name);
        figure.name = name;
        EVO_TRY(sink(context, &figure));
    }
    return EVO_OK;
}
