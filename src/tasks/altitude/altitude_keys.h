/* SPDX-License-Identifier: MIT */
/* The keys of the task altitude: the section [altitude]. */
#ifndef EVO_ALTITUDE_KEYS_H
#define EVO_ALTITUDE_KEYS_H

#include <evompi/config.h>

#include "altitude.h"

/* clang-format off */
#define EVO_ALTITUDE_KEYS(KEY) \
    KEY(altitude, flights, TEXT, FIXED, "3:5:2, 5:3:2, 100:102:2, 302:300:2, 50:60:4", 0, 0, "", "m:m:s", "flights as start:setpoint:duration, heights above ground") \
    KEY(altitude, states, INT, FIXED, "1", 0, EVO_ALTITUDE_STATES_MAX, "", "", "state variables of the controller") \
    KEY(altitude, dt, REAL, FIXED, "0.01", 1e-6, 1, "", "s", "time step") \
    KEY(altitude, mass, REAL, FIXED, "1", 1e-6, 1e6, "", "kg", "mass of the vehicle") \
    KEY(altitude, motor_thrust, REAL, FIXED, "1", 0, 1e6, "", "kg", "what one rotor can lift at full command: its thrust is motor_thrust * 9.81 * command^2") \
    KEY(altitude, gravity, REAL, FIXED, "9.81", 0, 1000, "", "m/s^2", "acceleration of gravity") \
    KEY(altitude, overshoot, REAL, FIXED, "3", 1, 1e6, "", "", "factor on the distance while it grows") \
    KEY(altitude, controller, CHOICE, FIXED, "linear", 0, 0, EVO_CHOICE_WORDS(EVO_ALTITUDE_CONTROLLERS), "", "a recurrence of setpoint and height, as the original's; or state variables that integrate what they are told of each other, of the error (setpoint - height) and of its rate, in seconds whatever dt: with none, a PD controller") \
    KEY(altitude, time_power, INT, FIXED, "0", 0, EVO_ALTITUDE_TIME_POWER_MAX, "", "", "distances count times the time since the flight began to this power: 0 is the original's fitness, 1 with overshoot = 1 is ITAE, more is patient with the way and strict with the end") \
    KEY(altitude, random_flights, INT, FIXED, "0", 0, EVO_ALTITUDE_DRAWN_MAX, "", "", "so many flights drawn anew each generation, in place of the list; 0: the list") \
    KEY(altitude, duration, REAL, FIXED, "5", 1e-6, 1e6, "", "s", "length of a flight drawn") \
    KEY(altitude, height_max, REAL, FIXED, "300", 1e-3, 1e9, "", "m", "starts and setpoints drawn lie between the ground and this") \
    KEY(altitude, step_min, REAL, FIXED, "1", 1e-6, 1e9, "", "m", "smallest distance drawn between start and setpoint") \
    KEY(altitude, step_max, REAL, FIXED, "30", 1e-6, 1e9, "", "m", "largest distance drawn; at most half of height_max") \
    KEY(altitude, relative, BOOL, FIXED, "no", 0, 0, "", "", "flights drawn count in units of their step, so that small steps matter as much as large ones")
/* clang-format on */

/// The values as the fields of struct evo_altitude_keys; evo_altitude_keys(config) gives them.
EVO_KEYS_DECLARE(altitude, EVO_ALTITUDE_KEYS)

#endif
