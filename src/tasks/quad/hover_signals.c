/* SPDX-License-Identifier: MIT */
/* The signals of the hover task, and its manual: what champion.csv says of them. */
#include "hover.h"

/* The signals of each sensor: as many as its row says. */
#define ROW(name, n, symmetry, key, keys, ...)                                 \
    static const struct evo_signal name##_signals[] = {__VA_ARGS__};           \
    _Static_assert(sizeof name##_signals / sizeof name##_signals[0] == (n), #name);
EVO_HOVER_BASE_SENSORS(ROW)
EVO_HOVER_MORE_SENSORS(ROW)
#undef ROW

size_t evo_hover_signals_inputs(const struct evo_hover_setting *setting, struct evo_signal *inputs)
{
    const struct {
        bool is_seen;
        size_t n;
        const struct evo_signal *signals;
    } groups[] = {
#define BASE_ROW(name, n, ...) {true, (n), name##_signals},
#define ROW(name, n, ...)      {setting->sees_##name, (n), name##_signals},
        EVO_HOVER_BASE_SENSORS(BASE_ROW) EVO_HOVER_MORE_SENSORS(ROW)
#undef BASE_ROW
#undef ROW
    };
    size_t n = 0;
    for (size_t k = 0; k < sizeof groups / sizeof groups[0]; k++) {
        if (!groups[k].is_seen) { continue; }
        for (size_t i = 0; i < groups[k].n; i++) { inputs[n++] = groups[k].signals[i]; }
    }
    return n;
}

size_t evo_hover_signals_place(const struct evo_hover_setting *setting, enum evo_hover_sensor sensor)
{
    size_t place = EVO_HOVER_BASE;
#define ROW(name, n, ...)                                                       \
    if (sensor == EVO_SENSOR_##name) { return setting->sees_##name ? place : 0; } \
    place += setting->sees_##name ? (n) : 0;
    EVO_HOVER_MORE_SENSORS(ROW)
#undef ROW
    return 0;
}

const struct evo_signal evo_hover_signals_outputs[EVO_ROTORS] = {
    {"rotor0", "1", "added to hover_command and clipped to [0, 1]"},
    {"rotor1", "1", "the same for rotor 1"},
    {"rotor2", "1", "the same for rotor 2"},
    {"rotor3", "1", "the same for rotor 3"},
};

#define TRACE \
    {"flight", "1", "number of the flight, from 0"}, \
    {"t", "s", "time since the flight began, after the step"}, \
    {"ex", "m", "position minus setpoint, world x"}, \
    {"ey", "m", "position minus setpoint, world y"}, \
    {"ez", "m", "position minus setpoint, world z"}, \
    {"vx", "m/s", "velocity, world x"}, \
    {"vy", "m/s", "velocity, world y"}, \
    {"vz", "m/s", "velocity, world z"}, \
    {"qw", "1", "attitude quaternion, body to world, scalar part"}, \
    {"qx", "1", "its x"}, \
    {"qy", "1", "its y"}, \
    {"qz", "1", "its z"}, \
    {"p", "rad/s", "body rate about body x"}, \
    {"q", "rad/s", "body rate about body y"}, \
    {"r", "rad/s", "body rate about body z"}, \
    {"rotor0", "1", "command of the step, clipped"}, \
    {"rotor1", "1", "command of the step, clipped"}, \
    {"rotor2", "1", "command of the step, clipped"}, \
    {"rotor3", "1", "command of the step, clipped"}, \
    {"flight_fitness", "1", "the flight's cost per step so far"}

const struct evo_signal evo_hover_signals_trace[EVO_HOVER_COLUMNS] = {TRACE};

const struct evo_signal evo_hover_signals_track_trace[EVO_TRACK_COLUMNS] = {
    TRACE,
    {"sx", "m", "place of the setpoint, world x"},
    {"sy", "m", "the same, world y"},
    {"sz", "m", "the same, world z"},
};

#define FRAMES \
    "Frames: world z up; body x forward, y left, z up; right-handed. The attitude quaternion\n" \
    "  (w, x, y, z) turns body axes to world axes. SI throughout.\n"

#define STEPS \
    "When a flight begins states and integrals are 0, and the commands before it hover_command; so are\n" \
    "  the motor states, unless the job scatters them ([hover] motor).\n" \
    "Every dt, in this order:\n" \
    "  1. inputs: measured, as listed above; position errors are clipped first, sensors' noise is\n" \
    "     part of what is measured;\n" \
    "  2. out = M * [state..., inputs...] + c; products are added unrounded (fma), first column\n" \
    "     first, c last; plain sums differ in the last digit;\n" \
    "  3. the first `states` results, clipped to +-state_limit, are the states of the next step;\n" \
    "  4. the other four plus hover_command, clipped to [0, 1] (NaN is 0), are the commands of\n" \
    "     rotors 0 to 3;\n" \
    "  5. the commands of delay steps ago (delay_min to delay_max, constant in a flight) go to the\n" \
    "     motors and stay there for dt, which is `substeps` integration steps.\n" \
    "Motor state m, 0 to 1: dm/dt = (command - m) / (rise where command >= m, else fall); at once\n" \
    "  where that is 0. Thrust of a rotor, along body z: T = thrust_0 + thrust_1 m + thrust_2 m^2.\n" \
    "Moments, body axes: x: sum of y_i T_i; y: -sum of x_i T_i; z: torque_ratio sum of spin_i T_i.\n" \
    "  I dw/dt = moments - w x (I w), I diagonal.\n" \
    "Force: sum of T along body z, gravity, and drag; with the air's velocity u towards the body in\n" \
    "  body axes, along each of them -(linear + quadratic |u| + rotor sum of m) u.\n" \
    "Quaternion: dq/dt = q * (0, w) / 2, kept at length 1.\n" \
    "Fitness, smaller is better: the mean over flights and steps of weight_position |e|^2 +\n" \
    "  weight_away |e|^2 / (|e|^2 + away^2) + weight_rate |rates|^2 + weight_effort |commands -\n" \
    "  hover_command|^2 + weight_change |change of commands|^2, after the step; plus weight_size\n" \
    "  |genome|^2. From the step on that leaves `bound`, exceeds rate_limit or goes below the ground,\n" \
    "  a step costs crash_cost, which is more than any step in the air can cost: crashing early\n" \
    "  never pays.\n" \
    "Integrators, h = dt / substeps. semi_implicit: m += (1 - exp(-h / rise or fall)) (command - m);\n" \
    "  with it, from the old v, q and w: v += h dv/dt, w += h dw/dt; with these: position += h v,\n" \
    "  q += h dq/dt. rk4: the classical method over all of them. After either q *= (3 - |q|^2) / 2.\n"

const char evo_hover_signals_manual[] = FRAMES
    "The setpoint is position 0, attitude (1, 0, 0, 0), at `height` above the ground; for another\n"
    "  place and heading give the error and the attitude in axes that lie there.\n" STEPS;

const char evo_hover_signals_track_manual[] = FRAMES
    "The setpoint moves along the track, attitude (1, 0, 0, 0). At share s of a lap, a = 2 pi s:\n"
    "  figure_eight: (radius/2 sin 2a, radius sin a, 0); circle: (radius cos a, radius sin a, 0);\n"
    "  waypoints: a cubic from each to the next, passed through at the share of the lap that its\n"
    "  way, by straight lines, has of the whole; at a waypoint its slope is that of the parabola\n"
    "  through it and its neighbours. z = 0 is `height` above the ground. A lap is a whole number\n"
    "  of steps. Inputs tell where the setpoint is when they are measured; a flight begins\n"
    "  anywhere on the track, and its velocity at the start is drawn about 0.\n" STEPS;
