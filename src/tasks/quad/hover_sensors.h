/* SPDX-License-Identifier: MIT */
/* The table of the quadcopter's sensors: the order of a controller's inputs stands here alone. */
#ifndef EVO_HOVER_SENSORS_H
#define EVO_HOVER_SENSORS_H

/* Inputs come row by row, those of EVO_HOVER_BASE_SENSORS first. A row says
 *
 *   SENSOR(name, n, symmetry, key, keys, signals...)
 *
 * name:     of the sensor. A flight has `sees_NAME` (hover_setting.h), which its key sets, and
 *           observe_NAME (hover_flight.h) fills its n inputs.
 * symmetry: how the inputs turn with the vehicle, one of tie_... in hover_symmetry.c.
 * key:      the key that switches the sensor on; of a base sensor the key of its noise.
 * keys:     the sensor's rows in the table of keys, KEY(...): that key, and others that it needs.
 * signals:  {name, unit, doc} of each input, for champion.csv.
 *
 * A new sensor is a row at the end of EVO_HOVER_SENSORS or EVO_TRACK_SENSORS, and its observe_NAME. */

/* clang-format off */

/// What every controller sees.
#define EVO_HOVER_BASE_SENSORS(SENSOR) \
    SENSOR(position, 3, world, noise_position, , \
        {"ex", "m", "position minus setpoint along world x; clipped to +-clip"}, \
        {"ey", "m", "the same along world y"}, \
        {"ez", "m", "the same along world z, upwards"}) \
    SENSOR(velocity, 3, world, noise_velocity, , \
        {"vx", "m/s", "velocity along world x"}, \
        {"vy", "m/s", "velocity along world y"}, \
        {"vz", "m/s", "velocity along world z"}) \
    SENSOR(attitude, 3, turn, noise_attitude, , \
        {"ax", "1", "twice x of the attitude quaternion, its sign such that w >= 0"}, \
        {"ay", "1", "twice y of the attitude quaternion"}, \
        {"az", "1", "twice z of the attitude quaternion"}) \
    SENSOR(rates, 3, turn, noise_rate, , \
        {"p", "rad/s", "body rate about body x"}, \
        {"q", "rad/s", "body rate about body y"}, \
        {"r", "rad/s", "body rate about body z"})

/// What it may see besides, by keys of [hover].
#define EVO_HOVER_SENSORS(SENSOR, KEY) \
    SENSOR(integral, 3, world, inputs_integral, \
        KEY(hover, inputs_integral, BOOL, FIXED, "no", 0, 0, "", "", "three more inputs: the integral of the clipped position error") \
        KEY(hover, integral_limit, REAL, FIXED, "1", 1e-6, 1e6, "", "m s", "these integrals are clipped to plus or minus this"), \
        {"ix", "m s", "integral of ex: dt * ex is added first; clipped to +-integral_limit"}, \
        {"iy", "m s", "the same of ey"}, \
        {"iz", "m s", "the same of ez"}) \
    SENSOR(acceleration, 3, world, inputs_acceleration, \
        KEY(hover, inputs_acceleration, BOOL, FIXED, "no", 0, 0, "", "", "three more inputs: the acceleration in world axes, from the measured velocity, in units of gravity") \
        KEY(hover, acceleration_lag, REAL, FIXED, "0.03", 0, 100, "", "s", "the acceleration comes behind a lag of first order of this time constant; 0: plain differences"), \
        {"gx", "gravity", \
         "acceleration along world x: d = s (vx - f), gx = d / (dt gravity), then f += d; s " \
         "= 1 - exp(-dt / acceleration_lag), or 1 where that is 0; f begins at the first vx"}, \
        {"gy", "gravity", "the same along world y"}, \
        {"gz", "gravity", "the same along world z"}) \
    SENSOR(motor, EVO_ROTORS, rotors, inputs_motor, \
        KEY(hover, inputs_motor, BOOL, FIXED, "no", 0, 0, "", "", "four more inputs: the motor states that the vehicle as configured would have come to by the commands so far, minus the hover command"), \
        {"m0", "1", \
         "a motor model n minus hover_command; n begins there, and first goes on towards rotor " \
         "0's command of the step before, c: n += (1 - exp(-dt / (rise where c >= n, else " \
         "fall))) (c - n)"}, \
        {"m1", "1", "the same of rotor 1"}, \
        {"m2", "1", "the same of rotor 2"}, \
        {"m3", "1", "the same of rotor 3"}) \
    SENSOR(command, EVO_ROTORS, rotors, inputs_command, \
        KEY(hover, inputs_command, BOOL, FIXED, "no", 0, 0, "", "", "four more inputs: the commands of the step before, minus the hover command"), \
        {"u0", "1", "rotor 0's command of the step before, minus hover_command; at first 0"}, \
        {"u1", "1", "the same of rotor 1"}, \
        {"u2", "1", "the same of rotor 2"}, \
        {"u3", "1", "the same of rotor 3"}) \
    SENSOR(rotation, 9, rotation, inputs_rotation, \
        KEY(hover, inputs_rotation, BOOL, FIXED, "no", 0, 0, "", "", "nine more inputs: the rotation matrix"), \
        {"rxx", "1", "rotation matrix, body to world: world x of body x"}, \
        {"rxy", "1", "world x of body y"}, \
        {"rxz", "1", "world x of body z"}, \
        {"ryx", "1", "world y of body x"}, \
        {"ryy", "1", "world y of body y"}, \
        {"ryz", "1", "world y of body z"}, \
        {"rzx", "1", "world z of body x"}, \
        {"rzy", "1", "world z of body y"}, \
        {"rzz", "1", "world z of body z"})

/// What it may see besides on a track, by keys of [track].
#define EVO_TRACK_SENSORS(SENSOR, KEY) \
    SENSOR(path_velocity, 3, world, inputs_velocity, \
        KEY(track, inputs_velocity, BOOL, FIXED, "no", 0, 0, "", "", "three more inputs: the setpoint's velocity"), \
        {"fvx", "m/s", "velocity of the setpoint along world x"}, \
        {"fvy", "m/s", "the same along world y"}, \
        {"fvz", "m/s", "the same along world z"}) \
    SENSOR(path_acceleration, 3, world, inputs_acceleration, \
        KEY(track, inputs_acceleration, BOOL, FIXED, "no", 0, 0, "", "", "three more inputs: the setpoint's acceleration"), \
        {"fax", "m/s^2", "acceleration of the setpoint along world x"}, \
        {"fay", "m/s^2", "the same along world y"}, \
        {"faz", "m/s^2", "the same along world z"})

/* clang-format on */

#define EVO_SENSOR_NO_KEY(...)
#define EVO_SENSOR_KEYS(name, n, symmetry, key, keys, ...) keys

/// All sensors that have a key, in order.
#define EVO_HOVER_MORE_SENSORS(SENSOR)           \
    EVO_HOVER_SENSORS(SENSOR, EVO_SENSOR_NO_KEY) \
    EVO_TRACK_SENSORS(SENSOR, EVO_SENSOR_NO_KEY)

#endif
