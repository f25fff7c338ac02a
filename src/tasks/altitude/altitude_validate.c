/* SPDX-License-Identifier: MIT */
/* How well a controller holds heights that no generation has seen: control engineering's figures. */
#include "altitude.h"

#include <math.h>
#include <stdlib.h>

/* What counts as settled, and when a flight must have. */
#define BAND       0.02
#define IN_TIME_S  4.0
#define STEADY_S   1.0 // the end of a flight, over which the steady-state error is the mean
#define CRASH_MS   1.0 // a contact with the ground is a crash above this speed

/* What a flight is measured by; NaN where it did not come to it. */
struct measures {
    double rise_s, overshoot, settling_s, steady_m, iae, itae;
};

/* The flight at hand, step by step, and the measures of those before it. */
struct flying {
    const struct evo_altitude_setting *setting;
    size_t n_steps;            // of each flight
    struct measures *measures; // [n], those of this chunk at chunk[0]
    size_t i_chunk, n_crashed;
    struct measures now;
    double t10, t90, left_s, previous_w;
    bool crashed;
    size_t k; // steps so far
};

static void take_off(struct flying *f)
{
    f->now = (struct measures){.rise_s = (double)NAN, .settling_s = (double)NAN};
    f->t10 = f->t90 = (double)NAN;
    f->left_s = f->previous_w = 0.0;
    f->crashed = false;
    f->k = 0;
}

/* Whether the controller has got so far by the end of the flight. */
static void land(struct flying *f, const struct evo_altitude_flight *flight)
{
    double end_s = (double)f->n_steps * f->setting->dt_s, dt = f->setting->dt_s;
    f->now.rise_s = f->t90 - f->t10;
    /* Outside of the band in the last step: not settled. */
    if (f->left_s < end_s - 0.5 * dt) { f->now.settling_s = f->left_s; }
    f->now.steady_m /= fmin(STEADY_S, end_s);
    f->now.overshoot /= fabs(flight->setpoint_m - flight->start_m);
    f->measures[f->i_chunk] = f->now;
    f->n_crashed += f->crashed;
}

static enum evo_status measure(void *context, const double *row, size_t n)
{
    (void)n;
    struct flying *f = context;
    size_t i = (size_t)row[EVO_ALTITUDE_FLIGHT];
    const struct evo_altitude_flight *flight = &f->setting->flights[i];
    double dt = f->setting->dt_s, t = row[EVO_ALTITUDE_T], end_s = (double)f->n_steps * dt;
    double step = flight->setpoint_m - flight->start_m, d = row[EVO_ALTITUDE_DISTANCE];
    double share = (row[EVO_ALTITUDE_Z] - flight->start_m) / step; // of the way, 1: there
    if (f->k == 0) { take_off(f); }

    if (isnan(f->t10) && share >= 0.1) { f->t10 = t; }
    if (isnan(f->t90) && share >= 0.9) { f->t90 = t; }
    if (!(d <= BAND * fabs(step))) { f->left_s = t; }
    if (share > 1.0 && d > f->now.overshoot) { f->now.overshoot = d; }
    f->now.iae += d * dt;
    f->now.itae += d * t * dt;
    if (t > end_s - STEADY_S) { f->now.steady_m += d * dt; }
    bool on_ground = row[EVO_ALTITUDE_Z] == 0.0 && row[EVO_ALTITUDE_W] == 0.0;
    if (on_ground && f->previous_w < -CRASH_MS) { f->crashed = true; }
    f->previous_w = row[EVO_ALTITUDE_W];
    if (++f->k == f->n_steps) {
        land(f, flight);
        f->i_chunk++;
        f->k = 0;
    }
    return EVO_OK;
}

/* ---- over all flights ---- */

/* All flights' values of one measure in order, those that have none last. */
struct sorted {
    double *values; // [n]
    size_t n, n_there;
    double sum;
};

static void sort_measure(struct sorted *sorted, const struct measures *measures, size_t offset)
{
    sorted->n_there = 0;
    sorted->sum = 0.0;
    for (size_t i = 0; i < sorted->n; i++) {
        double value = *(const double *)((const char *)&measures[i] + offset);
        sorted->sum += value;
        if (!isnan(value)) { sorted->values[sorted->n_there++] = value; }
    }
    qsort(sorted->values, sorted->n_there, sizeof *sorted->values, evo_math_order);
}

/* The quantile of all flights: where it falls among those without a value there is none. */
static double quantile(const struct sorted *sorted, double q)
{
    size_t i = (size_t)(q * (double)(sorted->n - 1) + 0.5);
    return i < sorted->n_there ? sorted->values[i] : (double)NAN;
}

/* The least time in which a vehicle with both its limits can go the step from rest to rest: full
 * thrust (a1 against gravity) or none, then the other. */
static double least_s(const struct evo_altitude_setting *setting, double step_m)
{
    double up = 4.0 * setting->motor_force_n / setting->mass_kg - setting->gravity;
    double down = setting->gravity;
    if (!(up > 0.0 && down > 0.0)) { return (double)INFINITY; }
    return sqrt(2.0 * step_m * (up + down) / (up * down));
}

/* Flights that can be settled in time, and those of them that were. */
struct in_time {
    size_t n_possible, n_settled;
};

static enum evo_status report(const struct measures *measures, size_t n, struct in_time in_time,
                              size_t n_crashed, evo_figure_sink *sink, void *context)
{
    enum evo_status status = EVO_OK;
    struct sorted sorted = {.n = n};
    EVO_GOTO(evo_alloc(n, sizeof *sorted.values, "validation", &sorted.values));
#define FIGURE(name_, unit_, doc_, value_) \
    EVO_GOTO(sink(context, &(struct evo_figure){name_, unit_, doc_, value_}))
#define SORT(field) sort_measure(&sorted, measures, offsetof(struct measures, field))
    FIGURE("flights", "1", "flown", (double)n);
    FIGURE("settled", "%", "of the flights that the vehicle can do in 4 s, those that are within 2 % "
                           "of the step by then and stay",
           in_time.n_possible > 0
               ? 100.0 * (double)in_time.n_settled / (double)in_time.n_possible
               : (double)NAN);
    SORT(rise_s);
    FIGURE("rise_time", "s", "from 10 to 90 % of the step, median", quantile(&sorted, 0.5));
    SORT(settling_s);
    FIGURE("settling_time", "s", "until within 2 % for good, median", quantile(&sorted, 0.5));
    FIGURE("settling_time_90", "s", "the same, nine flights of ten", quantile(&sorted, 0.9));
    SORT(overshoot);
    FIGURE("overshoot", "%", "beyond the setpoint, of the step, median",
           100.0 * quantile(&sorted, 0.5));
    FIGURE("overshoot_90", "%", "the same, nine flights of ten", 100.0 * quantile(&sorted, 0.9));
    SORT(steady_m);
    FIGURE("steady_error", "m", "mean distance over the last second, mean of all flights",
           sorted.sum / (double)n);
    SORT(iae);
    FIGURE("iae", "m s", "integral of the distance, mean", sorted.sum / (double)n);
    SORT(itae);
    FIGURE("itae", "m s^2", "integral of the distance times time, mean", sorted.sum / (double)n);
    FIGURE("crashed", "%", "hit the ground at more than 1 m/s", 100.0 * (double)n_crashed / (double)n);
#undef SORT
#undef FIGURE
done:
    free(sorted.values);
    return status;
}

enum evo_status evo_altitude_validate(const struct evo_altitude_setting *setting,
                                      const struct evo_altitude_validation *validation,
                                      const struct evo_controller *controller,
                                      evo_figure_sink *sink, void *context)
{
    enum { CHUNK = 256 };
    enum evo_status status = EVO_OK;
    struct evo_altitude_flight flights[CHUNK];
    struct evo_altitude_setting chunk = *setting;
    struct measures *measures = NULL;
    struct in_time in_time = {0};
    size_t n = validation->n_flights, n_crashed = 0;
    EVO_CHECK(n > 0, EVO_ERR_USAGE, "validate.flights = 0: there is nothing to fly");
    EVO_GOTO(evo_alloc(n, sizeof *measures, "validation", &measures));
    chunk.flights = flights;
    for (size_t begin = 0; begin < n; begin += CHUNK) {
        double fitness = 0.0;
        chunk.n_flights = n - begin < CHUNK ? n - begin : CHUNK;
        /* Chunks are keyed by their number, as generations are. */
        struct evo_altitude_draw draw = validation->draw;
        draw.n = chunk.n_flights;
        evo_altitude_draw(&draw, EVO_STREAM_VALIDATE, validation->seed, begin / CHUNK, 0, draw.n, flights);
        struct flying flying = {.setting = &chunk,
                                .n_steps = (size_t)validation->draw.n_steps,
                                .measures = measures + begin};
        EVO_GOTO(evo_altitude_plain_fly(&chunk, controller, measure, &flying, &fitness));
        n_crashed += flying.n_crashed;
        for (size_t i = 0; i < chunk.n_flights; i++) {
            if (least_s(setting, fabs(flights[i].setpoint_m - flights[i].start_m)) > IN_TIME_S) {
                continue;
            }
            in_time.n_possible++;
            in_time.n_settled += flying.measures[i].settling_s <= IN_TIME_S;
        }
    }
    EVO_GOTO(report(measures, n, in_time, n_crashed, sink, context));
done:
    free(measures);
    return status;
}
