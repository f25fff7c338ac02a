/* SPDX-License-Identifier: MIT */
/* Vehicles in six degrees of freedom: what they are, and their constants for one step. */
#ifndef EVO_VEHICLE_H
#define EVO_VEHICLE_H

#include <evompi/config.h>

#include "hover_setting.h"

/// A vehicle, SI. World z is up; body x forward, y left, z up.
struct evo_vehicle {
    const char *name, *origin; ///< origin: where the values come from
    double mass_kg, inertia[3];
    double x_m[EVO_ROTORS], y_m[EVO_ROTORS]; ///< where the rotors are
    double spin[EVO_ROTORS];                 ///< +1: the rotor's torque on the body is about +z
    double thrust[3];                        ///< N of one rotor: c0 + c1 m + c2 m^2, m in [0, 1]
    double torque_m;                         ///< torque over thrust
    double rise_s, fall_s;                   ///< motor lag; 0: none
    double linear[3];                        ///< body drag, N / (m/s), body axes
    double quadratic[3];                     ///< body drag, N / (m/s)^2, body axes
    double rotor[3];                         ///< drag of one rotor at full command, N / (m/s)
};

#define EVO_GRAVITY 9.81 ///< m/s^2

/// vehicle.name
#define EVO_VEHICLES(CHOICE)                            \
    CHOICE(EVO_VEHICLE_CRAZYFLIE, crazyflie)            \
    CHOICE(EVO_VEHICLE_CRAZYFLIE_L2F, crazyflie_l2f)    \
    CHOICE(EVO_VEHICLE_HUMMINGBIRD, hummingbird)        \
    CHOICE(EVO_VEHICLE_X500, x500)                      \
    CHOICE(EVO_VEHICLE_TUDELFT, tudelft)
enum evo_vehicle_name { EVO_VEHICLES(EVO_CHOICE_NAME) EVO_N_VEHICLES };
/// The vehicles, by their names.
extern const struct evo_vehicle evo_vehicle_table[EVO_N_VEHICLES];

/// The command at which the four rotors carry the vehicle.
double evo_vehicle_hover_command(const struct evo_vehicle *vehicle);

/// The vehicle of `[vehicle]`: the one named, with the values that are set. EVO_ERR_CONFIG where
/// they make none that can hover.
enum evo_status evo_vehicle_read(const struct evo_config *config, struct evo_vehicle *out);
/// What is odd about a vehicle that was read, in one line; "" where nothing is.
void evo_vehicle_warn(const struct evo_vehicle *vehicle, char *text, size_t size);

/// Where `file` of [vehicle] names a file, takes that section's values from there, but for those
/// that the configuration gives; then there is no file any more.
enum evo_status evo_vehicle_include(struct evo_config *config);

/// Whether air that moves past it pushes it.
bool evo_vehicle_has_drag(const struct evo_vehicle *vehicle);

/// The constants of a step of h_s under constant accelerations: `push` [3], m/s^2, world axes, and
/// `twist` [3], rad/s^2, body axes.
void evo_vehicle_prepare(const struct evo_vehicle *vehicle, bool is_rk4, double h_s,
                         const double *push, const double *twist, struct evo_vehicle_step *step);

/// The same step that the kernels do, in double, for one vehicle in a wind [3], m/s, world axes.
void evo_vehicle_move(const struct evo_vehicle_step *step, const double *wind,
                      const double *command, struct evo_vehicle_state *state);

/// The vehicles that `[vehicle] name` can name, a title and one line of text each.
void evo_vehicle_print_list(FILE *out);

#endif
