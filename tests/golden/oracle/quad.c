/* SPDX-License-Identifier: MIT */
/* The scalar rollout in both precisions, what it meets in the air, and a step by physics alone. */
#include "quad.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what both precisions share, in double ------------------------------------------------------
 */

/* tanh x = x P(x^2) / Q(x^2), |x| <= 18.8: the coefficients of P and Q. */
static const double tanh_above[10] = {1.0,
                                      1.51740366060284403993e-01,
                                      5.96500737302137033768e-03,
                                      9.32384558589929325883e-05,
                                      6.77833640117600728640e-07,
                                      2.40804868282644977195e-09,
                                      4.08204462944419554516e-12,
                                      2.96584534324104243897e-15,
                                      7.07991938471931038140e-19,
                                      2.35101068080593760781e-23};
static const double tanh_below[10] = {1.0,
                                      4.85073699393617219222e-01,
                                      3.43229071708956237630e-02,
                                      8.25968228593757154178e-04,
                                      8.70501975996951124189e-06,
                                      4.41771063297715850964e-08,
                                      1.09226252561532555793e-10,
                                      1.23699918321791807361e-13,
                                      5.41655933859605852569e-17,
                                      5.89735786328106880183e-21};

static double draw(const struct evo_hover_setting *s, struct evo_hover_sequence which,
                   uint64_t step)
{
    return s->draws[(which.first + step * which.stride) % EVO_HOVER_DRAWS];
}

static void find_noise(const struct evo_hover_setting *s, const struct evo_hover_flight *drawn,
                       uint64_t step, double *noise)
{
    for (int i = 0; i < EVO_HOVER_BASE && s->has_disturbance; i++) {
        if (s->noise[i] > 0) { noise[i] = s->noise[i] * draw(s, drawn->noise[i], step); }
    }
}

/* One minus cosine of the way through the gust, halved; the cosine by as many turns as steps. */
static double find_gust(const struct evo_hover_flight *drawn, uint64_t step)
{
    if (step < drawn->gust_first || step >= drawn->gust_first + drawn->gust_steps) { return 0; }
    double cosine = 1, sine = 0, c = drawn->gust_turn[0], s = drawn->gust_turn[1];
    for (uint64_t k = drawn->gust_first; k < step; k++) {
        double turned = cosine * c - sine * s;
        sine = cosine * s + sine * c;
        cosine = turned;
    }
    return 0.5 * (1 - cosine);
}

static void find_wind(const struct evo_hover_setting *s, const struct evo_hover_flight *drawn,
                      uint64_t step, double *turbulence, double *wind)
{
    for (int i = 0; i < 3; i++) {
        wind[i] = drawn->wind[i];
        if (!s->has_disturbance) { continue; }
        wind[i] += find_gust(drawn, step) * drawn->gust[i];
        if (drawn->turbulence == 0) { continue; }
        double fresh = drawn->turbulence * draw(s, drawn->noise[EVO_HOVER_BASE + i], step);
        turbulence[i] =
            step == 0 ? fresh : s->turbulence_keep * turbulence[i] + s->turbulence_add * fresh;
        wind[i] += turbulence[i];
    }
}

static double mean_cost(const struct evo_hover_setting *s, uint64_t n_steps, double cost,
                        double steps_flown)
{
    double missed = (double)n_steps - steps_flown;
    return (cost + s->crash_cost * missed) / (double)n_steps;
}

#define JOIN(a, b) a##b

#define NAME(name) JOIN(name, _double)
#define REAL       double
#define FMA        fma
#define SQRT       sqrt
#include "quad_text.h"
#undef NAME
#undef REAL
#undef FMA
#undef SQRT

#define NAME(name) JOIN(name, _single)
#define REAL       float
#define FMA        fmaf
#define SQRT       sqrtf
#include "quad_text.h"

/* ---- the fitness -------------------------------------------------------------------------------
 */

double oracle_quad_fitness(const struct evo_hover_task *task, uint64_t generation,
                           const double *genome, oracle_quad_row *row, void *context)
{
    const struct evo_hover_setting *s = &task->setting;
    size_t n = evo_shape_genome(task->head.shape);
    double sum = 0, square = 0;
    for (uint64_t k = 0; k < task->n_flights; k++) {
        struct evo_hover_flight drawn;
        evo_hover_draw_flight(task, evo_cases_of(generation), k, &drawn);
        sum += task->head.precision == EVO_PRECISION_SINGLE
                   ? fly_single(s, &drawn, k, genome, row, context)
                   : fly_double(s, &drawn, k, genome, row, context);
    }
    double fitness = sum / (double)task->n_flights;
    for (size_t i = 0; i < n; i++) { square += genome[i] * genome[i]; }
    if (task->head.weight_size > 0) { fitness += task->head.weight_size * square; }
    return isnan(fitness) ? (double)NAN : fitness;
}

/* ---- a step by physics alone --------------------------------------------------------------------
 */

/* The rotation of a vector by q: v + 2 w (r x v) + 2 r x (r x v). */
static void cross(const double *a, const double *b, double *out)
{
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        out[i] = a[j] * b[k] - a[k] * b[j];
    }
}

static void rotate(const double *q, double sign, const double *v, double *out)
{
    double r[3] = {sign * q[1], sign * q[2], sign * q[3]}, once[3], twice[3];
    cross(r, v, once);
    cross(r, once, twice);
    for (int i = 0; i < 3; i++) { out[i] = v[i] + 2 * q[0] * once[i] + 2 * twice[i]; }
}

/* Forces in body axes, N: thrust and drag; the moments of the rotors, N m. */
static void find_forces(const struct evo_vehicle *v, const double *wind,
                        const struct evo_vehicle_state *s, double *force, double *moment)
{
    double air[3], seen[3], speed = 0, turning = 0;
    for (int i = 0; i < 3; i++) {
        air[i] = s->v[i] - wind[i];
        speed += air[i] * air[i];
        force[i] = moment[i] = 0;
    }
    rotate(s->q, -1, air, seen);
    for (int r = 0; r < EVO_ROTORS; r++) {
        double m = s->m[r], thrust = v->thrust[0] + v->thrust[1] * m + v->thrust[2] * m * m;
        force[2] += thrust;
        moment[0] += v->y_m[r] * thrust;
        moment[1] -= v->x_m[r] * thrust;
        moment[2] += v->spin[r] * v->torque_m * thrust;
        turning += m;
    }
    for (int i = 0; i < 3; i++) {
        force[i] -=
            (v->linear[i] + v->quadratic[i] * sqrt(speed) + v->rotor[i] * turning) * seen[i];
    }
}

void oracle_quad_step(const struct evo_vehicle *v, double h, const double push[3],
                      const double twist[3], const double wind[3], const double command[EVO_ROTORS],
                      struct evo_vehicle_state *s)
{
    double force[3], moment[3], world[3], momentum[3], gyro[3], q[4], length = 0;
    for (int r = 0; r < EVO_ROTORS; r++) {
        double lag = command[r] < s->m[r] ? v->fall_s : v->rise_s;
        s->m[r] += (lag > 0 ? -expm1(-h / lag) : 1) * (command[r] - s->m[r]);
    }
    find_forces(v, wind, s, force, moment);
    rotate(s->q, 1, force, world);
    for (int i = 0; i < 3; i++) { momentum[i] = v->inertia[i] * s->w[i]; }
    cross(s->w, momentum, gyro);
    for (int i = 0; i < 3; i++) {
        s->v[i] += h * (world[i] / v->mass_kg + push[i] - (i == 2 ? 9.81 : 0));
        s->w[i] += h * ((moment[i] - gyro[i]) / v->inertia[i] + twist[i]);
        s->p[i] += h * s->v[i];
    }
    double turned[3];
    cross(s->q + 1, s->w, turned);
    q[0] = s->q[0] - 0.5 * h * (s->q[1] * s->w[0] + s->q[2] * s->w[1] + s->q[3] * s->w[2]);
    for (int i = 0; i < 3; i++) {
        q[1 + i] = s->q[1 + i] + 0.5 * h * (s->q[0] * s->w[i] + turned[i]);
    }
    for (int i = 0; i < 4; i++) { length += q[i] * q[i]; }
    for (int i = 0; i < 4; i++) { s->q[i] = q[i] * (3 - length) / 2; }
}
