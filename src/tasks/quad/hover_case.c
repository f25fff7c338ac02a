/* SPDX-License-Identifier: MIT */
/* The cases of the validations of hover and track: the changed tasks, and flying all of them. */
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
    static const double noise[EVO_HOVER_BASE] = {
        [EVO_SEES_position] = 0.001, 0.001, 0.001, [EVO_SEES_velocity] = 0.002, 0.002, 0.002,
        [EVO_SEES_attitude] = 0.001, 0.001, 0.001, [EVO_SEES_rates] = 0.002, 0.002, 0.002,
    };
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
    s->has_disturbance = one->noise;
    memset(s->noise, 0, sizeof s->noise);
    if (one->noise) { memcpy(s->noise, noise, sizeof noise); }
    /* Nothing ends a flight but its time. */
    s->bound_m = s->height_m = s->rate_limit = 1e6;
    return changed;
}

static void draw(const struct evo_hover_task *task, const struct evo_hover_case *one, uint64_t i,
                 size_t n_steps, struct evo_hover_flight *flight)
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

enum evo_status evo_hover_case_fly(const struct evo_hover_task *task,
                                   const struct evo_hover_case *one, size_t n_steps,
                                   const struct evo_controller *controller, evo_trace_sink *sink,
                                   void *context)
{
    if (controller->set_dt != NULL) { controller->set_dt(controller->context, task->setting.dt_s); }
    for (size_t i = 0; i < task->n_validate; i++) {
        struct evo_hover_flight flight;
        double cost = 0.0;
        draw(task, one, i, n_steps, &flight);
        EVO_TRY(
            evo_hover_plain_double(&task->setting, &flight, i, controller, sink, context, &cost));
    }
    return EVO_OK;
}

double evo_hover_case_quantile(double *x, size_t n, double q)
{
    qsort(x, n, sizeof *x, evo_math_order);
    return x[(size_t)(q * (double)(n - 1) + 0.5)];
}

enum evo_status evo_hover_case_say(const struct evo_hover_validation *validation,
                                   const struct evo_hover_case *one,
                                   const struct evo_figure *figures, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char name[64];
        struct evo_figure figure = figures[i];
        snprintf(name, sizeof name, "%s%s", one->name, figures[i].name);
        figure.name = name;
        EVO_TRY(validation->sink(validation->context, &figure));
    }
    return EVO_OK;
}

enum evo_status evo_hover_case_each(const struct evo_hover_validation *validation,
                                    const struct evo_hover_case *cases, size_t n, bool brief,
                                    evo_hover_case_turn *turn)
{
    enum evo_status status = EVO_OK;
    struct evo_hover_validation v = *validation;
    struct evo_hover_task noisy = *validation->task;
    double *draws = NULL;
    EVO_CHECK(noisy.n_validate > 0, EVO_ERR_USAGE, "validate.flights = 0: there is nothing to fly");
    EVO_GOTO(evo_alloc((size_t)noisy.n_validate, sizeof *v.results, "validation", &v.results));
    EVO_GOTO(evo_hover_draw_table(noisy.validate_seed, &draws));
    noisy.setting.draws = draws;
    v.task = &noisy;
    for (size_t i = 0; i < n; i++) {
        if (brief && !cases[i].brief) { continue; }
        EVO_GOTO(turn(&v, &cases[i], cases[i].wind == 0.0 || evo_vehicle_has_drag(&noisy.vehicle)));
    }
done:
    free(v.results);
    free(draws);
    return status;
}
