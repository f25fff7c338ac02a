/* SPDX-License-Identifier: MIT */
/* The altitude task's own parts: its list of flights, its plain flight, its baselines. */
#ifndef EVO_ALTITUDE_H
#define EVO_ALTITUDE_H

#include <evompi/rng.h>

#include <evompi/contract.h>

#include "altitude_kernel.h"

enum {
    EVO_ALTITUDE_FLIGHTS_MAX = 10000,  ///< flights of one creature
    EVO_ALTITUDE_STEPS_MAX = 10000000, ///< steps of all its flights together
    EVO_ALTITUDE_DRAWN_MAX = 1024,     ///< flights drawn for a generation, or for the selection set
    EVO_ALTITUDE_STATES_MAX = 8,       ///< state variables of a controller
};

/// altitude.controller
#define EVO_ALTITUDE_CONTROLLERS(CHOICE) \
    CHOICE(EVO_ALTITUDE_LINEAR, linear) CHOICE(EVO_ALTITUDE_ERROR, error)
enum evo_altitude_controller { EVO_ALTITUDE_CONTROLLERS(EVO_CHOICE_NAME) };

/// One row of an altitude trace, in this order.
enum evo_altitude_column {
    EVO_ALTITUDE_FLIGHT,
    EVO_ALTITUDE_T,
    EVO_ALTITUDE_SETPOINT,
    EVO_ALTITUDE_Z,
    EVO_ALTITUDE_COMMAND,
    EVO_ALTITUDE_W,
    EVO_ALTITUDE_THRUST,
    EVO_ALTITUDE_DISTANCE,
    EVO_ALTITUDE_FLIGHT_FITNESS,
    EVO_ALTITUDE_FITNESS,
    EVO_ALTITUDE_COLUMNS,
};

/// The steps of a flight: dt is added to t until t reaches the duration. False where they are more
/// than EVO_ALTITUDE_STEPS_MAX.
bool evo_altitude_flights_steps(double duration_s, double dt_s, uint64_t *n_steps);

/// From what flights are drawn: a start uniform in 0 .. height_max, a step uniform in step_min ..
/// step_max (at most half of height_max), up or down alike unless that would leave the range.
struct evo_altitude_draw {
    double height_max_m, step_min_m, step_max_m;
    double weight; ///< of all flights together
    bool relative; ///< each flight's score counts in units of its step
    uint64_t n_steps;
    size_t n; ///< flights of a generation
};

/// Draws n flights of a generation, from number `first` of draw->n on; their n_air is 0.
void evo_altitude_draw(const struct evo_altitude_draw *draw, enum evo_stream stream, uint64_t seed,
                       uint64_t generation, size_t first, size_t n, struct evo_altitude_flight *flights);

/// The shape {n_states + 1, 2, 1} of the linear creature that a creature of the error is, whose own
/// is {n_states, 2, 1}: the first state variable is the error of the step before.
struct evo_shape evo_altitude_error_shape(size_t n_states);

/// That creature. The error is e = setpoint - z, its rate de/dt = (e - e before) / dt; before the
/// first step e was 0. A row of M is [a..., b, g]; with its constant c the states are integrated,
/// ds/dt = a s + b e + g de/dt + c, explicit Euler, and the command is a s + b e + g de/dt + c.
void evo_altitude_error_expand(size_t n_states, double dt_s, const double *genome, double *expanded);

/// As evo_task_validate: steps of `draw` with another duration, keyed by `seed`.
struct evo_altitude_validation {
    struct evo_altitude_draw draw;
    size_t n_flights;
    uint64_t seed;
};
enum evo_status evo_altitude_validate(const struct evo_altitude_setting *setting,
                                      const struct evo_altitude_validation *validation,
                                      const struct evo_controller *controller,
                                      evo_figure_sink *sink, void *context);

/// Reads the list "start:setpoint:duration, ..." of `altitude.flights`; *flights is [*n], released
/// with free(). Steps are counted by the clock: dt is added to t until t reaches the duration.
enum evo_status evo_altitude_flights_read(const struct evo_config *config,
                                          struct evo_altitude_flight **flights, size_t *n);

/// The steps of a flight before anybody can touch ground: those of a free fall. Rounding never
/// turns an order round, so thrust upwards cannot put a creature below one that only falls, in the
/// last bit too.
uint64_t evo_altitude_plain_air(const struct evo_altitude_setting *setting,
                                const struct evo_altitude_flight *flight);

/// Flies one controller by the plain step over all flights; `sink` may be NULL.
enum evo_status evo_altitude_plain_fly(const struct evo_altitude_setting *setting,
                                       const struct evo_controller *controller,
                                       evo_trace_sink *sink, void *context, double *fitness);

/// The names of the baselines by hand, ends with NULL; and the i-th of them.
extern const char *const evo_altitude_baseline_names[];
enum evo_status evo_altitude_baseline_create(size_t i, double dt_s, struct evo_controller *out);

#endif
