/* SPDX-License-Identifier: MIT */
/* The altitude task's own parts: its list of flights, its plain flight, its controllers by hand. */
#ifndef EVO_ALTITUDE_H
#define EVO_ALTITUDE_H

#include "task.h"

enum {
    EVO_ALTITUDE_FLIGHTS_MAX = 10000,  ///< flights of one creature
    EVO_ALTITUDE_STEPS_MAX = 10000000, ///< steps of all its flights together
};

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

/// The names of the controllers by hand, ends with NULL; and the i-th of them.
extern const char *const evo_altitude_reference_names[];
enum evo_status evo_altitude_reference_create(size_t i, double dt_s, struct evo_controller *out);

#endif
