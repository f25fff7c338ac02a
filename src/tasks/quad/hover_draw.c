/* SPDX-License-Identifier: MIT */
/* The flights of the hover task: drawn from (seed, generation, flight), the same for all creatures.
 */
#include "hover.h"

#include <math.h>

/* A quaternion about a random axis, by an angle up to `limit`. */
static void draw_attitude(struct evo_rng *rng, double limit, double *q)
{
    double length = 0.0, sine;
    for (int i = 1; i < 4; i++) {
        q[i] = evo_rng_normal(rng);
        length += q[i] * q[i];
    }
    evo_math_sin_cos(0.5 * evo_rng_between(rng, 0.0, limit), &sine, &q[0]);
    for (int i = 1; i < 4; i++) { q[i] *= sine / sqrt(length); }
}

/* A horizontal speed up to `limit`, in any direction. */
static void draw_wind(struct evo_rng *rng, double limit, double *wind)
{
    wind[0] = evo_rng_normal(rng);
    wind[1] = evo_rng_normal(rng);
    wind[2] = 0.0;
    double speed = evo_rng_between(rng, 0.0, limit);
    double factor = speed / sqrt(wind[0] * wind[0] + wind[1] * wind[1]);
    for (int i = 0; i < 2; i++) { wind[i] *= factor; }
}

/* A factor around 1. */
static double draw_factor(struct evo_rng *rng, double share)
{
    return evo_rng_between(rng, 1.0 - share, 1.0 + share);
}

static void draw_vehicle(const struct evo_hover_spread *spread, struct evo_rng *rng,
                         struct evo_vehicle *vehicle)
{
    double mass = draw_factor(rng, spread->mass), thrust = draw_factor(rng, spread->thrust);
    vehicle->mass_kg *= mass;
    for (int k = 0; k < 3; k++) {
        vehicle->inertia[k] *= mass;
        vehicle->thrust[k] *= thrust;
    }
    for (int k = 0; k < 3; k++) { vehicle->inertia[k] *= draw_factor(rng, spread->inertia); }
    double lag = draw_factor(rng, spread->lag);
    vehicle->rise_s *= lag;
    vehicle->fall_s *= lag;
}

static void draw_air(const struct evo_hover_spread *spread, uint64_t n_steps, struct evo_rng *rng,
                     struct evo_hover_flight *flight)
{
    draw_wind(rng, spread->wind, flight->wind);
    draw_wind(rng, spread->gust, flight->gust);
    flight->turbulence = evo_rng_between(rng, 0.0, spread->turbulence);
    flight->gust_first = evo_rng_below(rng, n_steps);
    flight->gust_steps = spread->gust_steps;
    double angle = spread->gust_steps > 1 ? 6.28318530717958648 / (double)spread->gust_steps : 0.0;
    evo_math_sin_cos(angle, &flight->gust_turn[1], &flight->gust_turn[0]);
    for (int k = 0; k < EVO_HOVER_NOISE; k++) {
        uint64_t first = evo_rng_below(rng, EVO_HOVER_DRAWS);
        uint64_t stride = 2 * evo_rng_below(rng, EVO_HOVER_DRAWS / 2) + 1;
        flight->noise[k] = (struct evo_hover_sequence){(uint32_t)first, (uint32_t)stride};
    }
}

/* On a track a flight begins near any of its places. */
static void draw_place(const struct evo_hover_setting *setting, struct evo_rng *rng,
                       struct evo_hover_flight *flight)
{
    flight->path_first = 0;
    if (setting->path == NULL) { return; }
    flight->path_first = evo_rng_below(rng, setting->n_lap);
    const double *place = evo_hover_path_row(setting, flight, 0);
    for (int k = 0; k < 3; k++) { flight->start.p[k] += place[k]; }
}

void evo_hover_draw(const struct evo_hover_task *task, const struct evo_hover_spread *spread,
                    uint64_t n_steps, struct evo_rng *rng, struct evo_hover_flight *flight)
{
    struct evo_vehicle vehicle = task->vehicle;
    double push[3], twist[3], hover = task->setting.hover_command;
    for (int k = 0; k < 3; k++) {
        flight->start.p[k] = evo_rng_between(rng, -spread->position_m, spread->position_m);
        flight->start.v[k] = evo_rng_between(rng, -spread->velocity, spread->velocity);
        flight->start.w[k] = evo_rng_between(rng, -spread->rate, spread->rate);
        push[k] = evo_rng_between(rng, -spread->push, spread->push);
    }
    draw_attitude(rng, spread->angle_rad, flight->start.q);
    draw_vehicle(spread, rng, &vehicle);
    for (int k = 0; k < 3; k++) { twist[k] = evo_rng_between(rng, -spread->twist, spread->twist); }
    for (int k = 0; k < EVO_ROTORS; k++) {
        double m = evo_rng_between(rng, hover - spread->motor, hover + spread->motor);
        m = m > 0.0 ? m : 0.0;
        flight->start.m[k] = m < 1.0 ? m : 1.0;
    }
    uint64_t delays = (uint64_t)(spread->delay_max - spread->delay_min) + 1;
    flight->delay = spread->delay_min + (int)evo_rng_below(rng, delays);
    flight->n_steps = n_steps;
    draw_air(spread, n_steps, rng, flight);
    draw_place(&task->setting, rng, flight);
    evo_vehicle_prepare(&vehicle, task->is_rk4, task->h_s, push, twist, &flight->vehicle);
}

/* ---- what grows ------------------------------------------------------------------------- */

/* The share in these cases of what begins with `first`. */
static double grown(const struct evo_hover_curriculum *curriculum, struct evo_cases cases, double first)
{
    double gone = (double)cases.generation;
    if (cases.purpose == EVO_PURPOSE_SELECTION || gone >= curriculum->generations) { return 1.0; }
    return first + (1.0 - first) * (gone / curriculum->generations);
}

uint64_t evo_hover_draw_steps(const struct evo_hover_task *task, struct evo_cases cases)
{
    double share = grown(&task->curriculum, cases, task->curriculum.duration);
    uint64_t n_steps = (uint64_t)((double)task->n_steps * share + 0.5);
    return n_steps > 0 ? n_steps : 1;
}

void evo_hover_draw_flight(const struct evo_hover_task *task, struct evo_cases cases, uint64_t i,
                           struct evo_hover_flight *flight)
{
    struct evo_rng rng = evo_rng_begin(task->seed, EVO_STREAM_FLIGHTS, evo_cases_key(cases), i);
    struct evo_hover_spread spread = task->spread;
    double random = grown(&task->curriculum, cases, task->curriculum.random);
    double *const randomised[] = {&spread.mass, &spread.inertia, &spread.thrust,
                                  &spread.lag,  &spread.push,    &spread.twist,
                                  &spread.wind, &spread.gust,    &spread.turbulence};
    for (size_t k = 0; k < sizeof randomised / sizeof randomised[0]; k++) {
        *randomised[k] *= random;
    }
    spread.angle_rad *= grown(&task->curriculum, cases, task->curriculum.angle);
    evo_hover_draw(task, &spread, evo_hover_draw_steps(task, cases), &rng, flight);
}

enum evo_status evo_hover_draw_table(uint64_t seed, double **draws)
{
    EVO_TRY(evo_alloc(EVO_HOVER_DRAWS, sizeof **draws, "draws of noise", draws));
    struct evo_rng rng = evo_rng_begin(seed, EVO_STREAM_NOISE, 0, 0);
    for (size_t i = 0; i < EVO_HOVER_DRAWS; i++) { (*draws)[i] = evo_rng_normal(&rng); }
    return EVO_OK;
}
