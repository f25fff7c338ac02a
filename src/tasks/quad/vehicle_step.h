/* SPDX-License-Identifier: MIT */
/* One integration step of the vehicle, over the vectors of vec_<isa>.h: the only text of it. */
#ifndef EVO_VEHICLE_STEP_H
#define EVO_VEHICLE_STEP_H

#include "hover_setting.h"

#define ALWAYS static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

/* struct evo_vehicle_step and struct evo_vehicle_state in the flight's precision. */
struct constants {
    real h, impulse, velocity[3], thrust[3], moment[3][EVO_ROTORS], gyro[3], twist[3], rise, fall,
        rise_half, fall_half, linear[3], quadratic[3], rotor[3];
    bool at_once;
};
struct motion {
    vec p[3], v[3], q[4], w[3], m[EVO_ROTORS];
};

ALWAYS void round_all(real *to, const double *from, int n)
{
    for (int i = 0; i < n; i++) { to[i] = (real)from[i]; }
}

ALWAYS struct constants make_constants(const struct evo_vehicle_step *step)
{
    struct constants k = {.h = (real)step->h_s,
                          .impulse = (real)step->impulse,
                          .rise = (real)step->rise,
                          .fall = (real)step->fall,
                          .rise_half = (real)step->rise_half,
                          .fall_half = (real)step->fall_half,
                          .at_once = step->at_once};
    round_all(k.velocity, step->velocity, 3);
    round_all(k.thrust, step->thrust, 3);
    for (int i = 0; i < 3; i++) { round_all(k.moment[i], step->moment[i], EVO_ROTORS); }
    round_all(k.gyro, step->gyro, 3);
    round_all(k.twist, step->twist, 3);
    round_all(k.linear, step->linear, 3);
    round_all(k.quadratic, step->quadratic, 3);
    round_all(k.rotor, step->rotor, 3);
    return k;
}

ALWAYS void fill(vec *to, const double *from, int n)
{
    UNROLL for (int i = 0; i < n; i++) { to[i] = vec_all((real)from[i]); }
}

ALWAYS struct motion begin_motion(const struct evo_vehicle_state *start)
{
    struct motion s;
    fill(s.p, start->p, 3);
    fill(s.v, start->v, 3);
    fill(s.q, start->q, 4);
    fill(s.w, start->w, 3);
    fill(s.m, start->m, EVO_ROTORS);
    return s;
}

/* a[n] += h * d[n] */
ALWAYS void move_on(vec *a, vec h, const vec *d, int n)
{
    UNROLL for (int i = 0; i < n; i++) { a[i] = vec_fma(h, d[i], a[i]); }
}

/* Where a motor at m comes that closes a share of its gap to the command, by whether it rises or falls. */
ALWAYS vec lag_motor(vec command, vec m, real rise, real fall)
{
    vec gap = vec_sub(command, m);
    return vec_fma(vec_select(vec_negative(gap), vec_all(fall), vec_all(rise)), gap, m);
}

ALWAYS void find_thrusts(const struct constants *k, const vec *m, vec *thrust)
{
    UNROLL for (int i = 0; i < EVO_ROTORS; i++)
    {
        vec slope = vec_fma(vec_all(k->thrust[2]), m[i], vec_all(k->thrust[1]));
        thrust[i] = vec_fma(slope, m[i], vec_all(k->thrust[0]));
    }
}

/* The rotation matrix of q: turn[i][j] is world component i of body axis j. */
ALWAYS void find_rotation(const vec *q, vec turn[3][3])
{
    const vec one = vec_all(1), two = vec_all(2);
    vec w = q[0], x = q[1], y = q[2], z = q[3];
    vec xx = vec_mul(x, x), yy = vec_mul(y, y), zz = vec_mul(z, z), xy = vec_mul(x, y),
        xz = vec_mul(x, z), yz = vec_mul(y, z);
    turn[0][0] = vec_fnma(two, vec_add(yy, zz), one);
    turn[0][1] = vec_mul(two, vec_fnma(w, z, xy));
    turn[0][2] = vec_mul(two, vec_fma(w, y, xz));
    turn[1][0] = vec_mul(two, vec_fma(w, z, xy));
    turn[1][1] = vec_fnma(two, vec_add(xx, zz), one);
    turn[1][2] = vec_mul(two, vec_fnma(w, x, yz));
    turn[2][0] = vec_mul(two, vec_fnma(w, y, xz));
    turn[2][1] = vec_mul(two, vec_fma(w, x, yz));
    turn[2][2] = vec_fnma(two, vec_add(xx, yy), one);
}

ALWAYS vec square_length(const vec *a)
{
    return vec_fma(a[2], a[2], vec_fma(a[1], a[1], vec_mul(a[0], a[0])));
}

/* Drag of the air that comes towards the body, in body axes, turned into world axes, added to dv. */
ALWAYS void add_drag(const struct constants *k, const struct motion *s, const real *wind, vec *dv)
{
    vec turn[3][3], air[3];
    find_rotation(s->q, turn);
    UNROLL for (int i = 0; i < 3; i++) { air[i] = vec_sub(s->v[i], vec_all(wind[i])); }
    vec speed = vec_sqrt(square_length(air));
    vec turning = vec_add(vec_add(s->m[0], s->m[1]), vec_add(s->m[2], s->m[3]));
    UNROLL for (int j = 0; j < 3; j++)
    {
        vec along =
            vec_fma(turn[2][j], air[2], vec_fma(turn[1][j], air[1], vec_mul(turn[0][j], air[0])));
        vec per_speed = vec_fma(vec_all(k->quadratic[j]), speed, vec_all(k->linear[j]));
        per_speed = vec_fma(vec_all(k->rotor[j]), turning, per_speed);
        vec drag = vec_mul(per_speed, along);
        UNROLL for (int i = 0; i < 3; i++) { dv[i] = vec_fnma(turn[i][j], drag, dv[i]); }
    }
}

/* What the rotors do to the vehicle in a step: to its velocity along body z, to its body rates. */
struct load {
    vec lift, moment[3];
};

ALWAYS struct load find_load(const struct constants *k, const vec *m)
{
    vec thrust[EVO_ROTORS];
    struct load load;
    find_thrusts(k, m, thrust);
    vec total = vec_add(vec_add(thrust[0], thrust[1]), vec_add(thrust[2], thrust[3]));
    load.lift = vec_mul(total, vec_all(k->impulse));
    UNROLL for (int i = 0; i < 3; i++)
    {
        vec sum = vec_all(k->twist[i]);
        UNROLL for (int r = 0; r < EVO_ROTORS; r++)
        {
            sum = vec_fma(vec_all(k->moment[i][r]), thrust[r], sum);
        }
        load.moment[i] = sum;
    }
    return load;
}

/* h dv/dt: thrust along body z, gravity and force, drag; `wind` is NULL where there is no drag. */
ALWAYS void find_push(const struct constants *k, const real *wind, const struct motion *s, vec lift,
                      vec *dv)
{
    vec w = s->q[0], x = s->q[1], y = s->q[2], z = s->q[3], twice = vec_add(lift, lift);
    dv[0] = vec_fma(twice, vec_fma(w, y, vec_mul(x, z)), vec_all(k->velocity[0]));
    dv[1] = vec_fma(twice, vec_fnma(w, x, vec_mul(y, z)), vec_all(k->velocity[1]));
    dv[2] = vec_fnma(twice, vec_fma(y, y, vec_mul(x, x)), vec_add(lift, vec_all(k->velocity[2])));
    if (wind != NULL) { add_drag(k, s, wind, dv); }
}

/* h dw/dt: moments, and what the turning body adds [Euler]. */
ALWAYS void find_spin(const struct constants *k, const vec *w, const vec *moment, vec *dw)
{
    UNROLL for (int i = 0; i < 3; i++)
    {
        dw[i] = vec_fma(vec_all(k->gyro[i]), vec_mul(w[(i + 1) % 3], w[(i + 2) % 3]), moment[i]);
    }
}

/* 2 dq/dt = q * (0, w) */
ALWAYS void find_turning(const vec *q, const vec *w, vec *dq)
{
    dq[0] = vec_fnma(q[3], w[2], vec_fnma(q[2], w[1], vec_sub(vec_all(0), vec_mul(q[1], w[0]))));
    dq[1] = vec_fnma(q[3], w[1], vec_fma(q[2], w[2], vec_mul(q[0], w[0])));
    dq[2] = vec_fnma(q[1], w[2], vec_fma(q[3], w[0], vec_mul(q[0], w[1])));
    dq[3] = vec_fnma(q[2], w[0], vec_fma(q[1], w[1], vec_mul(q[0], w[2])));
}

/* One Newton step towards |q| = 1: an error e becomes 3/8 e^2, and every step makes one. */
ALWAYS void keep_unit(vec *q)
{
    vec square = vec_mul(q[0], q[0]);
    UNROLL for (int i = 1; i < 4; i++) { square = vec_fma(q[i], q[i], square); }
    vec factor = vec_fnma(vec_all((real)0.5), square, vec_all((real)1.5));
    UNROLL for (int i = 0; i < 4; i++) { q[i] = vec_mul(q[i], factor); }
}

/* Exact motor lag; then velocities from the old attitude, and places from the new velocities. */
ALWAYS void step_semi_implicit(const struct constants *k, const real *wind, struct motion *s,
                               const vec *command)
{
    vec dv[3], dw[3], dq[4];
    UNROLL for (int i = 0; i < EVO_ROTORS; i++)
    {
        s->m[i] = lag_motor(command[i], s->m[i], k->rise, k->fall);
    }
    struct load load = find_load(k, s->m);
    find_push(k, wind, s, load.lift, dv);
    find_spin(k, s->w, load.moment, dw);
    UNROLL for (int i = 0; i < 3; i++)
    {
        s->v[i] = vec_add(s->v[i], dv[i]);
        s->w[i] = vec_add(s->w[i], dw[i]);
    }
    move_on(s->p, vec_all(k->h), s->v, 3);
    find_turning(s->q, s->w, dq);
    move_on(s->q, vec_all((real)0.5 * k->h), dq, 4);
    keep_unit(s->q);
}

/* How the rest changes by one of a step's derivatives: h dv/dt, h dw/dt and 2 dq/dt. */
struct slope {
    vec v[3], w[3], q[4];
};

ALWAYS struct slope find_slope(const struct constants *k, const real *wind, const struct motion *s,
                               const struct load *load)
{
    struct slope slope;
    find_push(k, wind, s, load->lift, slope.v);
    find_spin(k, s->w, load->moment, slope.w);
    find_turning(s->q, s->w, slope.q);
    return slope;
}

ALWAYS struct slope add_slopes(const struct slope *a, const struct slope *b)
{
    struct slope sum;
    UNROLL for (int i = 0; i < 3; i++)
    {
        sum.v[i] = vec_add(a->v[i], b->v[i]);
        sum.w[i] = vec_add(a->w[i], b->w[i]);
    }
    UNROLL for (int i = 0; i < 4; i++) { sum.q[i] = vec_add(a->q[i], b->q[i]); }
    return sum;
}

/* `s` after a share of a step along a slope, with motors m. */
ALWAYS struct motion go_along(const struct constants *k, const struct motion *s, real share,
                              const struct slope *slope, const vec *m)
{
    struct motion at = *s;
    move_on(at.v, vec_all(share), slope->v, 3);
    move_on(at.w, vec_all(share), slope->w, 3);
    move_on(at.q, vec_all((real)0.5 * share * k->h), slope->q, 4);
    UNROLL for (int i = 0; i < EVO_ROTORS; i++) { at.m[i] = m[i]; }
    return at;
}

/* Exact motor lag: where the motors are in the middle of a step and at its end. */
ALWAYS void find_motors(const struct constants *k, const vec *command, const vec *m, vec *middle,
                        vec *end)
{
    UNROLL for (int i = 0; i < EVO_ROTORS; i++)
    {
        middle[i] = lag_motor(command[i], m[i], k->rise_half, k->fall_half);
        end[i] = lag_motor(command[i], m[i], k->rise, k->fall);
    }
}

/* The classical method of Runge and Kutta for all but the motors, which depend on nothing else. The
 * second and third slope share the load of the middle; the place is the integral of the velocity.
 * `load` is what the motors do where they are, before the step and after it. */
ALWAYS void step_rk4(const struct constants *k, const real *wind, struct motion *s,
                     struct load *load, const vec *command)
{
    const real half = (real)0.5, third = (real)(1.0 / 3.0), sixth = (real)(1.0 / 6.0);
    vec middle[EVO_ROTORS], end[EVO_ROTORS];
    find_motors(k, command, s->m, middle, end);
    if (k->at_once) {
        UNROLL for (int i = 0; i < EVO_ROTORS; i++) { s->m[i] = command[i]; }
        *load = find_load(k, s->m);
    }
    struct slope first = find_slope(k, wind, s, load);
    struct motion at = go_along(k, s, half, &first, middle);
    *load = find_load(k, middle);
    struct slope second = find_slope(k, wind, &at, load);
    at = go_along(k, s, half, &second, middle);
    struct slope next = find_slope(k, wind, &at, load), inner = add_slopes(&second, &next);
    at = go_along(k, s, 1, &next, end);
    *load = find_load(k, end);
    next = find_slope(k, wind, &at, load);

    UNROLL for (int i = 0; i < 3; i++)
    {
        vec mean = vec_fma(vec_all(sixth), vec_add(first.v[i], inner.v[i]), s->v[i]);
        s->p[i] = vec_fma(vec_all(k->h), mean, s->p[i]);
    }
    struct slope outer = add_slopes(&first, &next);
    at = go_along(k, s, sixth, &outer, end);
    *s = go_along(k, &at, third, &inner, end);
    keep_unit(s->q);
}

#endif
