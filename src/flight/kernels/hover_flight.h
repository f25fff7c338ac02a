/* SPDX-License-Identifier: MIT */
/* What surrounds the controller in a step of a hover flight, over the vectors of vec_<isa>.h. */
#ifndef EVO_HOVER_FLIGHT_H
#define EVO_HOVER_FLIGHT_H

#include "vehicle_step.h"

/* struct evo_hover_setting in the flight's precision. */
struct hover {
    real clip, state_limit, hover_command, square_bound, square_rate_limit, lowest;
    real weight_position, weight_rate, weight_effort, weight_change;
    int substeps, delay;
    bool is_rk4, has_drag;
    struct constants vehicle;
};

/* One vector of creatures in flight. */
struct aloft {
    struct motion s;
    vec command[EVO_ROTORS]; // of the step before
    vec cost, n_alive;       // over the steps before the crash
    vec_mask alive;
};

ALWAYS struct hover make_hover(const struct evo_hover_setting *setting,
                               const struct evo_hover_flight *flight)
{
    return (struct hover){
        .clip = (real)setting->clip_m,
        .state_limit = (real)setting->state_limit,
        .hover_command = (real)setting->hover_command,
        .square_bound = (real)(setting->bound_m * setting->bound_m),
        .square_rate_limit = (real)(setting->rate_limit * setting->rate_limit),
        .lowest = (real)-setting->height_m,
        .weight_position = (real)setting->weight_position,
        .weight_rate = (real)setting->weight_rate,
        .weight_effort = (real)setting->weight_effort,
        .weight_change = (real)setting->weight_change,
        .substeps = setting->substeps,
        .delay = setting->delay,
        .is_rk4 = flight->vehicle.is_rk4,
        .has_drag = flight->vehicle.has_drag,
        .vehicle = make_constants(&flight->vehicle),
    };
}

ALWAYS void begin_flight(struct aloft *a, const struct hover *h,
                         const struct evo_vehicle_state *start)
{
    const vec zero = vec_all(0);
    a->s = begin_motion(start);
    UNROLL for (int i = 0; i < EVO_ROTORS; i++) { a->command[i] = vec_all(h->hover_command); }
    a->cost = zero;
    a->n_alive = zero;
    a->alive = vec_le(zero, zero);
}

/* Position error, clipped; velocity; twice the attitude's vector part; body rates. */
ALWAYS void observe(const struct hover *h, const struct motion *s, vec in[EVO_HOVER_INPUTS])
{
    const vec high = vec_all(h->clip), low = vec_all(-h->clip);
    vec twice = vec_select(vec_negative(s->q[0]), vec_all(-2), vec_all(2));
    UNROLL for (int i = 0; i < 3; i++) {
        in[i] = vec_clip(s->p[i], low, high);
        in[3 + i] = s->v[i];
        in[6 + i] = vec_mul(twice, s->q[1 + i]);
        in[9 + i] = s->w[i];
    }
}

/* The less common ways to step, out of line: one copy of each is enough. */
__attribute__((noinline)) static void step_other(const struct hover *h, struct motion *s,
                                                 const vec *command)
{
    if (h->is_rk4 && h->has_drag) {
        step_rk4(&h->vehicle, true, s, command);
    } else if (h->is_rk4) {
        step_rk4(&h->vehicle, false, s, command);
    } else {
        step_semi_implicit(&h->vehicle, true, s, command);
    }
}

ALWAYS void move(const struct hover *h, struct motion *s, const vec *command)
{
    for (int i = 0; i < h->substeps; i++) {
        if (h->is_rk4 || h->has_drag) {
            step_other(h, s, command);
        } else {
            step_semi_implicit(&h->vehicle, false, s, command);
        }
    }
}

ALWAYS vec square_length(const vec *a)
{
    return vec_fma(a[2], a[2], vec_fma(a[1], a[1], vec_mul(a[0], a[0])));
}

/* Adds the step to the cost of those that are still in the air after it. */
ALWAYS void judge(const struct hover *h, struct aloft *a, const vec *command)
{
    const vec zero = vec_all(0);
    vec place = square_length(a->s.p), rate = square_length(a->s.w), effort = zero, change = zero;
    UNROLL for (int i = 0; i < EVO_ROTORS; i++) {
        vec above = vec_sub(command[i], vec_all(h->hover_command));
        vec jump = vec_sub(command[i], a->command[i]);
        effort = vec_fma(above, above, effort);
        change = vec_fma(jump, jump, change);
        a->command[i] = command[i];
    }
    vec cost = vec_mul(vec_all(h->weight_position), place);
    cost = vec_fma(vec_all(h->weight_rate), rate, cost);
    cost = vec_fma(vec_all(h->weight_effort), effort, cost);
    cost = vec_fma(vec_all(h->weight_change), change, cost);

    vec_mask inside = vec_both(vec_le(place, vec_all(h->square_bound)),
                               vec_le(rate, vec_all(h->square_rate_limit)));
    a->alive = vec_both(a->alive, vec_both(inside, vec_le(vec_all(h->lowest), a->s.p[2])));
    a->cost = vec_add(a->cost, vec_select(a->alive, cost, zero));
    a->n_alive = vec_add(a->n_alive, vec_select(a->alive, vec_all(1), zero));
}

#endif
