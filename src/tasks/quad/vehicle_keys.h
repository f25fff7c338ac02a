/* SPDX-License-Identifier: MIT */
/* The keys of the vehicle in six degrees of freedom: the section [vehicle]. */
#ifndef EVO_VEHICLE_KEYS_H
#define EVO_VEHICLE_KEYS_H

#include <evompi/config.h>

#include "vehicle.h"

/* clang-format off */
#define EVO_VEHICLE_KEYS(KEY) \
    KEY(vehicle, name, CHOICE, FIXED, "crazyflie", 0, 0, EVO_CHOICE_WORDS(EVO_VEHICLES), "", "the vehicle of the tasks in six degrees of freedom") \
    KEY(vehicle, file, TEXT, FIXED, "none", 0, 0, "", "", "a file with a section [vehicle] of these keys, for those not set here; it is read once: the run keeps its values") \
    KEY(vehicle, mass, REAL, FIXED, "inf", 1e-6, INFINITY, "", "kg", "mass; inf, here and below: as the vehicle named has it") \
    KEY(vehicle, ixx, REAL, FIXED, "inf", 1e-12, INFINITY, "", "kg m^2", "moment of inertia about body x") \
    KEY(vehicle, iyy, REAL, FIXED, "inf", 1e-12, INFINITY, "", "kg m^2", "moment of inertia about body y") \
    KEY(vehicle, izz, REAL, FIXED, "inf", 1e-12, INFINITY, "", "kg m^2", "moment of inertia about body z") \
    KEY(vehicle, x_0, REAL, FIXED, "inf", -1e6, INFINITY, "", "m", "rotor 0 is so far in front of the centre of mass") \
    KEY(vehicle, x_1, REAL, FIXED, "inf", -1e6, INFINITY, "", "m", "rotor 1 is so far in front of the centre of mass") \
    KEY(vehicle, x_2, REAL, FIXED, "inf", -1e6, INFINITY, "", "m", "rotor 2 is so far in front of the centre of mass") \
    KEY(vehicle, x_3, REAL, FIXED, "inf", -1e6, INFINITY, "", "m", "rotor 3 is so far in front of the centre of mass") \
    KEY(vehicle, y_0, REAL, FIXED, "inf", -1e6, INFINITY, "", "m", "rotor 0 is so far to the left of it") \
    KEY(vehicle, y_1, REAL, FIXED, "inf", -1e6, INFINITY, "", "m", "rotor 1 is so far to the left of it") \
    KEY(vehicle, y_2, REAL, FIXED, "inf", -1e6, INFINITY, "", "m", "rotor 2 is so far to the left of it") \
    KEY(vehicle, y_3, REAL, FIXED, "inf", -1e6, INFINITY, "", "m", "rotor 3 is so far to the left of it") \
    KEY(vehicle, spin_0, REAL, FIXED, "inf", -1, INFINITY, "", "", "sense of rotor 0's torque on the body: 1 about body z, upwards, -1 the other way") \
    KEY(vehicle, spin_1, REAL, FIXED, "inf", -1, INFINITY, "", "", "sense of rotor 1's torque on the body: 1 about body z, upwards, -1 the other way") \
    KEY(vehicle, spin_2, REAL, FIXED, "inf", -1, INFINITY, "", "", "sense of rotor 2's torque on the body: 1 about body z, upwards, -1 the other way") \
    KEY(vehicle, spin_3, REAL, FIXED, "inf", -1, INFINITY, "", "", "sense of rotor 3's torque on the body: 1 about body z, upwards, -1 the other way") \
    KEY(vehicle, thrust_0, REAL, FIXED, "inf", -1e6, INFINITY, "", "N", "thrust of a rotor at motor state 0") \
    KEY(vehicle, thrust_1, REAL, FIXED, "inf", -1e6, INFINITY, "", "N", "and so much more for each motor state") \
    KEY(vehicle, thrust_2, REAL, FIXED, "inf", -1e6, INFINITY, "", "N", "and for its square; motor states are 0 to 1") \
    KEY(vehicle, torque_ratio, REAL, FIXED, "inf", 0, INFINITY, "", "m", "torque of a rotor over its thrust") \
    KEY(vehicle, rise, REAL, FIXED, "inf", 0, INFINITY, "", "s", "time constant of a motor that speeds up") \
    KEY(vehicle, fall, REAL, FIXED, "inf", 0, INFINITY, "", "s", "time constant of a motor that slows down") \
    KEY(vehicle, linear_x, REAL, FIXED, "inf", 0, INFINITY, "", "N s/m", "linear drag along body x") \
    KEY(vehicle, linear_y, REAL, FIXED, "inf", 0, INFINITY, "", "N s/m", "linear drag along body y") \
    KEY(vehicle, linear_z, REAL, FIXED, "inf", 0, INFINITY, "", "N s/m", "linear drag along body z") \
    KEY(vehicle, quadratic_x, REAL, FIXED, "inf", 0, INFINITY, "", "N s^2/m^2", "drag along body x, times the air's whole speed") \
    KEY(vehicle, quadratic_y, REAL, FIXED, "inf", 0, INFINITY, "", "N s^2/m^2", "drag along body y, times the air's whole speed") \
    KEY(vehicle, quadratic_z, REAL, FIXED, "inf", 0, INFINITY, "", "N s^2/m^2", "drag along body z, times the air's whole speed") \
    KEY(vehicle, rotor_x, REAL, FIXED, "inf", 0, INFINITY, "", "N s/m", "drag of one rotor at motor state 1 along body x") \
    KEY(vehicle, rotor_y, REAL, FIXED, "inf", 0, INFINITY, "", "N s/m", "drag of one rotor at motor state 1 along body y") \
    KEY(vehicle, rotor_z, REAL, FIXED, "inf", 0, INFINITY, "", "N s/m", "drag of one rotor at motor state 1 along body z")
/* clang-format on */

/// The values as the fields of struct evo_vehicle_keys; evo_vehicle_keys(config) gives them.
EVO_KEYS_DECLARE(vehicle, EVO_VEHICLE_KEYS)

#endif
