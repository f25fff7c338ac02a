/* SPDX-License-Identifier: MIT */
/* The keys of the tasks hover and track: the section [hover]. */
#ifndef EVO_HOVER_KEYS_H
#define EVO_HOVER_KEYS_H

#include <evompi/config.h>

#include "hover_setting.h"

/// hover.integrator
#define EVO_INTEGRATORS(CHOICE) \
    CHOICE(EVO_INTEGRATOR_SEMI_IMPLICIT, semi_implicit) CHOICE(EVO_INTEGRATOR_RK4, rk4)
enum evo_integrator { EVO_INTEGRATORS(EVO_CHOICE_NAME) };

/* clang-format off */
#define EVO_HOVER_KEYS(KEY) \
    KEY(hover, flights, INT, FIXED, "16", 1, 100000, "", "", "flights of a creature, drawn anew each generation") \
    KEY(hover, duration, REAL, FIXED, "3", 1e-3, 3600, "", "s", "length of a flight") \
    KEY(hover, dt, REAL, FIXED, "0.01", 1e-6, 0.1, "", "s", "time between two commands") \
    KEY(hover, substeps, INT, FIXED, "1", 1, 1000, "", "", "integration steps between two commands") \
    KEY(hover, integrator, CHOICE, FIXED, "semi_implicit", 0, 0, EVO_CHOICE_WORDS(EVO_INTEGRATORS), "", "how the vehicle moves on") \
    KEY(hover, delay, INT, FIXED, "0", 0, EVO_HOVER_DELAY_MAX, "", "steps", "a command reaches the motors so many steps late") \
    KEY(hover, delay_min, INT, FIXED, "-1", -1, EVO_HOVER_DELAY_MAX, "", "steps", "each flight draws its delay between this and hover.delay; -1: all have hover.delay") \
    KEY(hover, states, INT, FIXED, "0", 0, EVO_HOVER_STATES_MAX, "", "", "state variables of the controller") \
    KEY(hover, hidden, INT, FIXED, "0", 0, EVO_HOVER_HIDDEN_MAX, "", "", "units of a hidden layer (tanh) beside the linear controller, which sees them as further inputs") \
    EVO_HOVER_SENSORS(EVO_SENSOR_KEYS, KEY) \
    KEY(hover, symmetric, BOOL, FIXED, "no", 0, 0, "", "", "the search keeps to the symmetry of the vehicle: same gains along x and y, so about a sixth as many parameters to find; needs states = 0 and search.name = cmaes") \
    KEY(hover, state_limit, REAL, FIXED, "10", 1e-6, 1e6, "", "", "state variables are clipped to plus or minus this") \
    KEY(hover, clip, REAL, FIXED, "1", 1e-6, 1e6, "", "m", "position errors are clipped to plus or minus this before the controller sees them") \
    KEY(hover, position, REAL, FIXED, "0.5", 0, 1000, "", "m", "starts lie up to this far from the setpoint, per axis") \
    KEY(hover, velocity, REAL, FIXED, "1", 0, 1000, "", "m/s", "highest velocity at the start, per axis") \
    KEY(hover, angle, REAL, FIXED, "57", 0, 180, "", "degrees", "largest angle at the start, about a random axis") \
    KEY(hover, rate, REAL, FIXED, "1", 0, 1000, "", "rad/s", "highest body rate at the start, per axis") \
    KEY(hover, motor, REAL, FIXED, "0", 0, 1, "", "", "motor states at the start lie up to this far from the hover command, within 0 to 1") \
    KEY(hover, mass, REAL, FIXED, "0", 0, 0.9, "", "", "mass and inertia vary by up to this share, from flight to flight") \
    KEY(hover, inertia, REAL, FIXED, "0", 0, 0.9, "", "", "each moment of inertia varies by up to this share besides, from flight to flight") \
    KEY(hover, thrust, REAL, FIXED, "0", 0, 0.9, "", "", "thrust varies by up to this share, from flight to flight") \
    KEY(hover, lag, REAL, FIXED, "0", 0, 0.9, "", "", "the motors' time constants vary by up to this share, from flight to flight") \
    KEY(hover, push, REAL, FIXED, "0", 0, 1000, "", "m/s^2", "largest constant acceleration from outside, per axis, from flight to flight") \
    KEY(hover, twist, REAL, FIXED, "0", 0, 1000, "", "rad/s^2", "largest constant angular acceleration from outside, per body axis, from flight to flight") \
    KEY(hover, wind, REAL, FIXED, "0", 0, 1000, "", "m/s", "highest constant wind, horizontal, of any direction, from flight to flight; the vehicle needs drag") \
    KEY(hover, gust, REAL, FIXED, "0", 0, 1000, "", "m/s", "highest gust, horizontal, one in each flight, of one minus cosine in time") \
    KEY(hover, gust_time, REAL, FIXED, "1", 1e-3, 3600, "", "s", "length of a gust") \
    KEY(hover, turbulence, REAL, FIXED, "0", 0, 1000, "", "m/s", "largest standard deviation of turbulence, per world axis, from flight to flight") \
    KEY(hover, turbulence_time, REAL, FIXED, "1", 1e-3, 3600, "", "s", "correlation time of turbulence, which is noise behind a lag of first order") \
    KEY(hover, noise_position, REAL, FIXED, "0", 0, 1000, "", "m", "standard deviation of what sensors add to the position in each step, per axis") \
    KEY(hover, noise_velocity, REAL, FIXED, "0", 0, 1000, "", "m/s", "the same of the velocity") \
    KEY(hover, noise_attitude, REAL, FIXED, "0", 0, 0.2, "", "rad", "the same of the attitude, as a turn about each body axis") \
    KEY(hover, noise_rate, REAL, FIXED, "0", 0, 1000, "", "rad/s", "the same of the body rates") \
    KEY(hover, grow_generations, INT, FIXED, "0", 0, 1e15, "", "generations", "flights grow until this generation: evenly from the shares below to all that is set; 0: they do not") \
    KEY(hover, duration_first, REAL, FIXED, "1", 0, 1, "", "of hover.duration", "length of a flight at the beginning") \
    KEY(hover, angle_first, REAL, FIXED, "1", 0, 1, "", "of hover.angle", "largest starting angle at the beginning") \
    KEY(hover, random_first, REAL, FIXED, "1", 0, 1, "", "of what is set", "mass, inertia, thrust, lag, push, twist and air at the beginning") \
    KEY(hover, height, REAL, FIXED, "10", 0, 1e6, "", "m", "height of the setpoint; a flight that goes below the ground has crashed") \
    KEY(hover, bound, REAL, FIXED, "5", 1e-3, 1e6, "", "m", "a flight this far from the setpoint has crashed") \
    KEY(hover, rate_limit, REAL, FIXED, "40", 1e-3, 100, "", "rad/s", "a flight that turns faster has crashed") \
    KEY(hover, weight_position, REAL, FIXED, "1", 0, 1e6, "", "1/m^2", "price of the squared distance from the setpoint") \
    KEY(hover, weight_away, REAL, FIXED, "0", 0, 1e6, "", "", "price of a step away from the setpoint, d^2 / (d^2 + away^2): with a small `away` the time until arrival counts, however far the way") \
    KEY(hover, away, REAL, FIXED, "0.1", 1e-6, 1e6, "", "m", "the distance at which half of weight_away is due") \
    KEY(hover, weight_rate, REAL, FIXED, "0.01", 0, 1e6, "", "s^2", "price of the squared body rates") \
    KEY(hover, weight_effort, REAL, FIXED, "0.1", 0, 1e6, "", "", "price of the squared commands beside the hover command") \
    KEY(hover, weight_change, REAL, FIXED, "0.1", 0, 1e6, "", "", "price of the squared change of the commands from step to step") \
    KEY(hover, weight_size, REAL, FIXED, "0.002", 0, 1e6, "", "", "price of the genome's squared norm")
/* clang-format on */

/// The values as the fields of struct evo_hover_keys; evo_hover_keys(config) gives them.
EVO_KEYS_DECLARE(hover, EVO_HOVER_KEYS)

#endif
