/* SPDX-License-Identifier: MIT */
/* What surrounds the controller in a step of a hover flight, over the vectors of vec_<isa>.h. */
#ifndef EVO_HOVER_FLIGHT_H
#define EVO_HOVER_FLIGHT_H

#include "vehicle_step.h"

/* Flights of the common kinds have texts of their own, in which the integrator is known: no drag, 12
 * inputs, one step from command to command, in which nothing changes but the vehicle. */
enum text { ANY_FLIGHT, COMMON_SEMI_IMPLICIT, COMMON_RK4 };

/* struct evo_hover_setting in the flight's precision. */
struct hover {
    enum text text;
    real dt, clip, integral_limit, state_limit, hover_command, square_bound, square_rate_limit,
        lowest;
    real weight_position, weight_away, weight_rate, weight_effort, weight_change, square_away;
    real acceleration_share, acceleration_scale, rise, fall;
    int substeps, delay, n_more;
#define FIELD(name, ...) bool sees_##name;
    EVO_HOVER_MORE_SENSORS(FIELD)
#undef FIELD
    bool is_rk4, has_drag, has_disturbance, has_path;
    struct constants vehicle;
};

/* struct evo_hover_disturbance in the flight's precision, and where the setpoint is: before the step with
 * its velocity and acceleration, and after it. */
struct disturbance {
    real noise[EVO_HOVER_BASE], wind[3], path[EVO_HOVER_PATH], next_place[3];
};

/* One vector of creatures in flight. */
struct aloft {
    struct motion s;
    struct load load;        // of s; RK4 alone keeps it
    vec command[EVO_ROTORS]; // of the step before
    vec integral[3];         // of the position error that the controller saw
    vec smooth[3];           // the measured velocity behind a lag
    vec motor[EVO_ROTORS];   // what nominal motors would have come to
    bool begun;              // a first velocity was measured
    vec cost, n_alive;       // over the steps before the crash
    vec_mask alive;
};

ALWAYS enum text text_of(const struct evo_hover_setting *setting,
                         const struct evo_hover_flight *flight)
{
    if (flight->vehicle.has_drag || setting->substeps != 1 || setting->has_disturbance ||
        setting->path != NULL || evo_hover_more(setting) > 0) {
        return ANY_FLIGHT;
    }
    return flight->vehicle.is_rk4 ? COMMON_RK4 : COMMON_SEMI_IMPLICIT;
}

/* `text` is a constant wherever it is a common one: it takes all other kinds out. */
ALWAYS struct hover make_hover(const struct evo_hover_setting *setting,
                               const struct evo_hover_flight *flight, enum text text)
{
    const bool common = text != ANY_FLIGHT;
    return (struct hover){
        .text = text,
        .dt = (real)setting->dt_s,
        .clip = (real)setting->clip_m,
        .integral_limit = (real)setting->integral_limit,
        .state_limit = (real)setting->state_limit,
        .hover_command = (real)setting->hover_command,
        .square_bound = (real)(setting->bound_m * setting->bound_m),
        .square_rate_limit = (real)(setting->rate_limit * setting->rate_limit),
        .lowest = (real)-setting->height_m,
        .weight_position = (real)setting->weight_position,
        .weight_away = (real)setting->weight_away,
        .weight_rate = (real)setting->weight_rate,
        .weight_effort = (real)setting->weight_effort,
        .weight_change = (real)setting->weight_change,
        .square_away = (real)(setting->away_m * setting->away_m),
        .acceleration_share = (real)setting->acceleration_share,
        .acceleration_scale = (real)setting->acceleration_scale,
        .rise = (real)setting->rise,
        .fall = (real)setting->fall,
        .substeps = common ? 1 : setting->substeps,
        .delay = flight->delay,
        .n_more = common ? 0 : evo_hover_more(setting),
#define FIELD(name, ...) .sees_##name = setting->sees_##name,
        EVO_HOVER_MORE_SENSORS(FIELD)
#undef FIELD
        .has_disturbance = !common && setting->has_disturbance,
        .has_path = !common && setting->path != NULL,
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
    a->load = find_load(&h->vehicle, a->s.m);
    UNROLL for (int i = 0; i < EVO_ROTORS; i++) { a->command[i] = vec_all(h->hover_command); }
    fill(a->integral, (const double[3]){0.0, 0.0, 0.0}, 3);
    UNROLL for (int i = 0; i < EVO_ROTORS; i++) { a->motor[i] = a->command[i]; }
    UNROLL for (int i = 0; i < 3; i++) { a->smooth[i] = zero; }
    a->begun = false;
    a->cost = zero;
    a->n_alive = zero;
    a->alive = vec_le(zero, zero);
}

/* The wind of the first step, and of all where nothing changes. */
ALWAYS struct disturbance begin_disturbance(const struct evo_hover_flight *flight)
{
    struct disturbance disturbance = {.noise = {0}};
    round_all(disturbance.wind, flight->wind, 3);
    return disturbance;
}

ALWAYS void next_path(const struct evo_hover_setting *setting,
                      const struct evo_hover_flight *flight, uint64_t step, struct disturbance *disturbance)
{
    round_all(disturbance->path, evo_hover_path_row(setting, flight, step), EVO_HOVER_PATH);
    round_all(disturbance->next_place, evo_hover_path_row(setting, flight, step + 1), 3);
}

ALWAYS void next_disturbance(const struct hover *h, const struct evo_hover_setting *setting,
                       const struct evo_hover_flight *flight, uint64_t step,
                       struct evo_hover_disturbance *exact, struct disturbance *disturbance)
{
    if (h->has_path) { next_path(setting, flight, step, disturbance); }
    if (!h->has_disturbance) { return; }
    evo_hover_disturbance(setting, flight, step, exact);
    round_all(disturbance->noise, exact->noise, EVO_HOVER_BASE);
    round_all(disturbance->wind, exact->wind, 3);
}

/* The vehicle as its sensors have it: the attitude is turned by a small angle about body axes. */
ALWAYS void add_noise(const real *noise, struct motion *seen)
{
    vec turn[3], dq[4];
    UNROLL for (int i = 0; i < 3; i++)
    {
        seen->p[i] = vec_add(seen->p[i], vec_all(noise[EVO_SEES_position + i]));
        seen->v[i] = vec_add(seen->v[i], vec_all(noise[EVO_SEES_velocity + i]));
        turn[i] = vec_all(noise[EVO_SEES_attitude + i]);
        seen->w[i] = vec_add(seen->w[i], vec_all(noise[EVO_SEES_rates + i]));
    }
    find_turning(seen->q, turn, dq);
    move_on(seen->q, vec_all((real)0.5), dq, 4);
    keep_unit(seen->q);
}

/* a[3] minus a place */
ALWAYS void leave(vec *a, const real *place)
{
    UNROLL for (int i = 0; i < 3; i++) { a[i] = vec_sub(a[i], vec_all(place[i])); }
}

/* Position error, clipped; velocity; twice the attitude's vector part; body rates. */
ALWAYS void observe(const struct hover *h, const struct motion *seen, vec in[EVO_HOVER_BASE])
{
    const vec high = vec_all(h->clip), low = vec_all(-h->clip);
    vec twice = vec_select(vec_negative(seen->q[0]), vec_all(-2), vec_all(2));
    UNROLL for (int i = 0; i < 3; i++)
    {
        in[EVO_SEES_position + i] = vec_clip(seen->p[i], low, high);
        in[EVO_SEES_velocity + i] = seen->v[i];
        in[EVO_SEES_attitude + i] = vec_mul(twice, seen->q[1 + i]);
        in[EVO_SEES_rates + i] = seen->w[i];
    }
}

/* What other sensors see of a step: the first inputs, the measured attitude, the setpoint's place,
 * velocity and acceleration. */
struct view {
    const vec *in, *q;
    const real *path;
};

/* ---- observe_NAME of each row of hover_sensors.h: its inputs into `out` ------------------------- */

ALWAYS void observe_integral(const struct hover *h, const struct view *view, struct aloft *a, vec *out)
{
    const vec high = vec_all(h->integral_limit), low = vec_all(-h->integral_limit);
    for (int i = 0; i < 3; i++) {
        vec sum = vec_fma(vec_all(h->dt), view->in[EVO_SEES_position + i], a->integral[i]);
        out[i] = a->integral[i] = vec_clip(sum, low, high);
    }
}

/* The acceleration behind a lag, in units of gravity, from the velocities measured so far; at first
 * 0. */
ALWAYS void observe_acceleration(const struct hover *h, const struct view *view, struct aloft *a,
                                 vec *out)
{
    const vec *velocity = view->in + EVO_SEES_velocity;
    for (int i = 0; i < 3; i++) {
        if (!a->begun) { a->smooth[i] = velocity[i]; }
        vec gap = vec_sub(velocity[i], a->smooth[i]);
        vec step = vec_mul(vec_all(h->acceleration_share), gap);
        a->smooth[i] = vec_add(a->smooth[i], step);
        out[i] = vec_mul(vec_all(h->acceleration_scale), step);
    }
    a->begun = true;
}

/* Nominal motors go on towards the commands of the step before. */
ALWAYS void observe_motor(const struct hover *h, const struct view *view, struct aloft *a, vec *out)
{
    (void)view;
    for (int i = 0; i < EVO_ROTORS; i++) {
        a->motor[i] = lag_motor(a->command[i], a->motor[i], h->rise, h->fall);
        out[i] = vec_sub(a->motor[i], vec_all(h->hover_command));
    }
}

ALWAYS void observe_command(const struct hover *h, const struct view *view, struct aloft *a, vec *out)
{
    (void)view;
    for (int i = 0; i < EVO_ROTORS; i++) {
        out[i] = vec_sub(a->command[i], vec_all(h->hover_command));
    }
}

ALWAYS void observe_rotation(const struct hover *h, const struct view *view, struct aloft *a, vec *out)
{
    (void)h, (void)a;
    vec turn[3][3];
    find_rotation(view->q, turn);
    for (int i = 0; i < 9; i++) { out[i] = turn[i / 3][i % 3]; }
}

ALWAYS void observe_path_velocity(const struct hover *h, const struct view *view, struct aloft *a,
                                  vec *out)
{
    (void)h, (void)a;
    for (int i = 0; i < 3; i++) { out[i] = vec_all(view->path[3 + i]); }
}

ALWAYS void observe_path_acceleration(const struct hover *h, const struct view *view, struct aloft *a,
                                      vec *out)
{
    (void)h, (void)a;
    for (int i = 0; i < 3; i++) { out[i] = vec_all(view->path[6 + i]); }
}

/* What a controller may see besides the first inputs `in`; q is the attitude. */
__attribute__((noinline)) static void observe_more(const struct hover *h, const vec *in,
                                                   const vec *q, const real *path, struct aloft *a,
                                                   vec *more)
{
    const struct view view = {in, q, path};
    vec *next = more;
#define OBSERVE(name, n, ...)              \
    if (h->sees_##name) {                  \
        observe_##name(h, &view, a, next); \
        next += (n);                       \
    }
    EVO_HOVER_MORE_SENSORS(OBSERVE)
#undef OBSERVE
}

/* All that the controller of creatures `a` sees: `in`, and h->n_more in `more`. */
ALWAYS void see(const struct hover *h, const struct disturbance *disturbance, struct aloft *a, vec *in,
                vec *more)
{
    struct motion seen = a->s;
    if (h->has_disturbance) { add_noise(disturbance->noise, &seen); }
    if (h->has_path) { leave(seen.p, disturbance->path); }
    observe(h, &seen, in);
    if (h->n_more > 0) { observe_more(h, in, seen.q, disturbance->path, a, more); }
}

/* A step on copies: nothing else points to them, so they may stay in registers. */
ALWAYS void step_apart(const struct constants *k, const real *wind, struct aloft *a,
                       const vec *command, bool is_rk4)
{
    struct motion s = a->s;
    if (is_rk4) {
        struct load load = a->load;
        step_rk4(k, wind, &s, &load, command);
        a->load = load;
    } else {
        step_semi_implicit(k, wind, &s, command);
    }
    a->s = s;
}

/* The steps of flights of no common kind, out of line: one copy of each is enough, and in one function
 * together they are slower. */
#define APART __attribute__((noinline)) static void
APART semi_implicit_in_still_air(const struct constants *k, struct aloft *a, const vec *command)
{
    step_apart(k, NULL, a, command, false);
}

APART semi_implicit_with_drag(const struct constants *k, const real *wind, struct aloft *a,
                              const vec *command)
{
    step_apart(k, wind, a, command, false);
}

APART rk4_in_still_air(const struct constants *k, struct aloft *a, const vec *command)
{
    step_apart(k, NULL, a, command, true);
}

APART rk4_with_drag(const struct constants *k, const real *wind, struct aloft *a, const vec *command)
{
    step_apart(k, wind, a, command, true);
}

ALWAYS void step_any(const struct hover *h, const real *wind, struct aloft *a, const vec *command)
{
    if (h->is_rk4 && h->has_drag) {
        rk4_with_drag(&h->vehicle, wind, a, command);
    } else if (h->is_rk4) {
        rk4_in_still_air(&h->vehicle, a, command);
    } else if (h->has_drag) {
        semi_implicit_with_drag(&h->vehicle, wind, a, command);
    } else {
        semi_implicit_in_still_air(&h->vehicle, a, command);
    }
}

/* From one command to the next. */
ALWAYS void move(const struct hover *h, const real *wind, struct aloft *a, const vec *command)
{
    for (int i = 0; i < h->substeps; i++) {
        switch (h->text) {
        case COMMON_SEMI_IMPLICIT: step_semi_implicit(&h->vehicle, NULL, &a->s, command); break;
        case COMMON_RK4: step_rk4(&h->vehicle, NULL, &a->s, &a->load, command); break;
        default: step_any(h, wind, a, command); break;
        }
    }
}

/* Adds the step to the cost of those that are still in the air after it. */
ALWAYS void judge(const struct hover *h, const struct disturbance *disturbance, struct aloft *a,
                  const vec *command)
{
    const vec zero = vec_all(0);
    vec error[3] = {a->s.p[0], a->s.p[1], a->s.p[2]};
    if (h->has_path) { leave(error, disturbance->next_place); }
    vec place = square_length(error), rate = square_length(a->s.w), effort = zero, change = zero;
    UNROLL for (int i = 0; i < EVO_ROTORS; i++)
    {
        vec above = vec_sub(command[i], vec_all(h->hover_command));
        vec jump = vec_sub(command[i], a->command[i]);
        effort = vec_fma(above, above, effort);
        change = vec_fma(jump, jump, change);
        a->command[i] = command[i];
    }
    vec cost = vec_mul(vec_all(h->weight_position), place);
    if (h->weight_away > 0) {
        vec away = vec_div(place, vec_add(place, vec_all(h->square_away)));
        cost = vec_fma(vec_all(h->weight_away), away, cost);
    }
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
