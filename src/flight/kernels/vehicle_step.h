/* SPDX-License-Identifier: MIT */
/* One integration step of the vehicle, over the vectors of vec_<isa>.h: the only text of it. */
#ifndef EVO_VEHICLE_STEP_H
#define EVO_VEHICLE_STEP_H

#include "hover_setting.h"

#define ALWAYS static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

/* struct evo_vehicle_step and struct evo_vehicle_state in the flight's precision. */
struct constants {
    real h, inverse_mass, acceleration[3], thrust[3], moment[3][EVO_ROTORS], gyro[3], twist[3],
        rise, fall, linear[3], quadratic[3], rotor[3];
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
                          .inverse_mass = (real)step->inverse_mass,
                          .rise = (real)step->rise,
                          .fall = (real)step->fall,
                          .at_once = step->at_once};
    round_all(k.acceleration, step->acceleration, 3);
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

/* (command - m) times the share, or rate, of rising or falling. */
ALWAYS vec motor_change(const struct constants *k, vec command, vec m)
{
    vec gap = vec_sub(command, m);
    return vec_mul(gap, vec_select(vec_negative(gap), vec_all(k->fall), vec_all(k->rise)));
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

/* Drag of the air that comes towards the body, in body axes, turned into world axes, added to a. */
ALWAYS void add_drag(const struct constants *k, const struct motion *s, const real *wind, vec *a)
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
        UNROLL for (int i = 0; i < 3; i++) { a[i] = vec_fnma(turn[i][j], drag, a[i]); }
    }
}

/* dv/dt: thrust along body z, gravity and force, drag; `wind` is NULL where there is no drag. */
ALWAYS void find_acceleration(const struct constants *k, const real *wind, const struct motion *s,
                              const vec *thrust, vec *a)
{
    vec w = s->q[0], x = s->q[1], y = s->q[2], z = s->q[3];
    vec total = vec_add(vec_add(thrust[0], thrust[1]), vec_add(thrust[2], thrust[3]));
    vec lift = vec_mul(total, vec_all(k->inverse_mass)), twice = vec_add(lift, lift);
    a[0] = vec_fma(twice, vec_fma(w, y, vec_mul(x, z)), vec_all(k->acceleration[0]));
    a[1] = vec_fma(twice, vec_fnma(w, x, vec_mul(y, z)), vec_all(k->acceleration[1]));
    a[2] =
        vec_fnma(twice, vec_fma(y, y, vec_mul(x, x)), vec_add(lift, vec_all(k->acceleration[2])));
    if (wind != NULL) { add_drag(k, s, wind, a); }
}

/* dw/dt: what turns it from outside, what the turning body adds [Euler], the rotors' moments. */
ALWAYS void find_spin(const struct constants *k, const vec *w, const vec *thrust, vec *dw)
{
    UNROLL for (int i = 0; i < 3; i++)
    {
        vec sum = vec_fma(vec_all(k->gyro[i]), vec_mul(w[(i + 1) % 3], w[(i + 2) % 3]),
                          vec_all(k->twist[i]));
        UNROLL for (int r = 0; r < EVO_ROTORS; r++)
        {
            sum = vec_fma(vec_all(k->moment[i][r]), thrust[r], sum);
        }
        dw[i] = sum;
    }
}

/* dq/dt = q * (0, w) / 2 */
ALWAYS void find_turning(const vec *q, const vec *rates, vec *dq)
{
    const vec half = vec_all((real)0.5);
    vec x = vec_mul(half, rates[0]), y = vec_mul(half, rates[1]), z = vec_mul(half, rates[2]);
    dq[0] = vec_fnma(q[3], z, vec_fnma(q[2], y, vec_sub(vec_all(0), vec_mul(q[1], x))));
    dq[1] = vec_fnma(q[3], y, vec_fma(q[2], z, vec_mul(q[0], x)));
    dq[2] = vec_fnma(q[1], z, vec_fma(q[3], x, vec_mul(q[0], y)));
    dq[3] = vec_fnma(q[2], x, vec_fma(q[1], y, vec_mul(q[0], z)));
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
    const vec h = vec_all(k->h);
    vec thrust[EVO_ROTORS], a[3], dw[3], dq[4];
    UNROLL for (int i = 0; i < EVO_ROTORS; i++)
    {
        s->m[i] = vec_add(s->m[i], motor_change(k, command[i], s->m[i]));
    }
    find_thrusts(k, s->m, thrust);
    find_acceleration(k, wind, s, thrust, a);
    find_spin(k, s->w, thrust, dw);
    move_on(s->v, h, a, 3);
    move_on(s->w, h, dw, 3);
    move_on(s->p, h, s->v, 3);
    find_turning(s->q, s->w, dq);
    move_on(s->q, h, dq, 4);
    keep_unit(s->q);
}

ALWAYS struct motion find_derivative(const struct constants *k, const real *wind,
                                     const struct motion *s, const vec *command)
{
    struct motion d;
    vec thrust[EVO_ROTORS];
    find_thrusts(k, s->m, thrust);
    UNROLL for (int i = 0; i < 3; i++) { d.p[i] = s->v[i]; }
    find_acceleration(k, wind, s, thrust, d.v);
    find_turning(s->q, s->w, d.q);
    find_spin(k, s->w, thrust, d.w);
    UNROLL for (int i = 0; i < EVO_ROTORS; i++) { d.m[i] = motor_change(k, command[i], s->m[i]); }
    return d;
}

ALWAYS void move_all(struct motion *s, vec h, const struct motion *d)
{
    move_on(s->p, h, d->p, 3);
    move_on(s->v, h, d->v, 3);
    move_on(s->q, h, d->q, 4);
    move_on(s->w, h, d->w, 3);
    move_on(s->m, h, d->m, EVO_ROTORS);
}

/* The classical method of Runge and Kutta; the command is constant during the step. */
ALWAYS void step_rk4(const struct constants *k, const real *wind, struct motion *s,
                     const vec *command)
{
    const vec h = vec_all(k->h), half = vec_mul(h, vec_all((real)0.5)),
              sixth = vec_mul(h, vec_all((real)(1.0 / 6.0))), third = vec_add(sixth, sixth);
    if (k->at_once) {
        UNROLL for (int i = 0; i < EVO_ROTORS; i++) { s->m[i] = command[i]; }
    }
    const vec ahead[3] = {half, half, h}, weight[4] = {sixth, third, third, sixth};
    struct motion sum = *s, d = find_derivative(k, wind, s, command);
    move_all(&sum, weight[0], &d);
    for (int i = 0; i < 3; i++) {
        struct motion at = *s;
        move_all(&at, ahead[i], &d);
        d = find_derivative(k, wind, &at, command);
        move_all(&sum, weight[i + 1], &d);
    }
    *s = sum;
    keep_unit(s->q);
}

#endif
