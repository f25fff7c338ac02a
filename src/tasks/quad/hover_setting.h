/* SPDX-License-Identifier: MIT */
/* What a hover flight is made of, for the plain step and the kernels alike. */
#ifndef EVO_HOVER_SETTING_H
#define EVO_HOVER_SETTING_H

#include <evompi/isa.h>

#include "hover_sensors.h"

/* EVO_SEES_position and so on: where the inputs of each base sensor begin. */
#define EVO_SEES_ROW(name, n, ...) EVO_SEES_##name, EVO_SEES_##name##_last = EVO_SEES_##name + (n)-1,
enum {
    EVO_HOVER_BASE_SENSORS(EVO_SEES_ROW)
    EVO_HOVER_BASE, ///< inputs that every controller has
};
#undef EVO_SEES_ROW

/// The sensors that have a key, in the order of their inputs.
#define EVO_SENSOR_ROW(name, ...) EVO_SENSOR_##name,
enum evo_hover_sensor { EVO_HOVER_MORE_SENSORS(EVO_SENSOR_ROW) EVO_N_HOVER_SENSORS };
#undef EVO_SENSOR_ROW

#define EVO_SENSOR_PLUS(name, n, ...) +(n)
enum {
    EVO_ROTORS = 4,
    EVO_HOVER_DELAY_MAX = 8,
    EVO_HOVER_STATES_MAX = 16,
    EVO_HOVER_HIDDEN_MAX = 32,
    EVO_HOVER_PATH = 9, ///< place, velocity, acceleration of a track
    EVO_HOVER_MORE_MAX = 0 EVO_HOVER_MORE_SENSORS(EVO_SENSOR_PLUS), ///< inputs of all other sensors
    EVO_HOVER_NOISE = EVO_HOVER_BASE + 3, ///< random sequences of a flight: inputs, turbulence
    EVO_HOVER_DRAWS = 1 << 14,            ///< normal draws that the sequences are taken from
};
#undef EVO_SENSOR_PLUS

/// A vehicle's constants for one integration step of h; made by evo_vehicle_prepare. Whatever
/// accelerates it stands here as what it does in h, which saves the kernels a product.
struct evo_vehicle_step {
    double h_s;                   ///< length of the step
    double impulse;               ///< h / mass: m/s per N
    double velocity[3];           ///< what gravity and constant force add to it, m/s, world axes
    double thrust[3];             ///< c0 + c1 m + c2 m^2, N, of one rotor with motor state m
    double moment[3][EVO_ROTORS]; ///< rad/s per N of each rotor's thrust
    double gyro[3];               ///< h (Iy - Iz) / Ix and so on, s
    double twist[3];              ///< what a constant moment from outside adds, rad/s
    double rise, fall;            ///< share of its gap that a motor closes in h
    double rise_half, fall_half;  ///< the same in h / 2
    bool at_once;                 ///< no lag: RK4's motors follow before the step
    double linear[3], quadratic[3], rotor[3]; ///< h drag / mass, body axes: 1, s/m, 1 per m
    bool has_drag, is_rk4;
};

/// Position (error) and velocity in world axes, z up; attitude body to world (scalar first); body
/// rates; motor states, 0 to 1.
struct evo_vehicle_state {
    double p[3], v[3], q[4], w[3], m[EVO_ROTORS];
};

/// Where a random sequence of a flight lies among the draws: first, and then every so many.
struct evo_hover_sequence {
    uint32_t first, stride; ///< the stride is odd, so that all draws come before one comes again
};

/// One flight: the vehicle as it was drawn, where it begins, and what the air does.
struct evo_hover_flight {
    struct evo_vehicle_step vehicle;
    struct evo_vehicle_state start;
    uint64_t n_steps;
    int delay; ///< a command reaches the motors so many steps late
    struct evo_hover_sequence noise[EVO_HOVER_NOISE];
    double wind[3]; ///< m/s, world axes
    double gust[3]; ///< the most that a gust adds to it, m/s
    uint64_t gust_first, gust_steps;
    double turbulence;   ///< standard deviation, m/s
    double gust_turn[2]; ///< cosine and sine of the angle by which a step goes on in the gust
    uint64_t path_first; ///< the row of the track where the flight begins
};

/// What is the same in all flights.
struct evo_hover_setting {
    double dt_s, clip_m, integral_limit, state_limit, hover_command;
    double bound_m, rate_limit, height_m; ///< a flight beyond these has crashed
    double weight_position, weight_away, weight_rate, weight_effort, weight_change;
    double away_m;     ///< where half of weight_away is due
    double crash_cost; ///< of a step after the crash
    int substeps;
    int n_states, n_hidden; ///< of the controller: what evo_hover_kernels.any flies
#define EVO_SENSOR_FIELD(name, ...) bool sees_##name;
    EVO_HOVER_MORE_SENSORS(EVO_SENSOR_FIELD)
#undef EVO_SENSOR_FIELD
    double acceleration_share; ///< of the way to the measured velocity that its lag goes in a step
    double acceleration_scale; ///< 1 / (dt gravity)
    double rise, fall;         ///< shares of the gap that a nominal motor closes in a step
    bool has_disturbance;            ///< something changes from step to step: noise, gusts, turbulence
    double noise[EVO_HOVER_BASE];           ///< standard deviations of the inputs; attitude in rad
    double turbulence_keep, turbulence_add; ///< shares of the step before, and of the new draw
    const double *draws; ///< [EVO_HOVER_DRAWS], normal; may be NULL without a disturbance
    const double *path; ///< a lap of the moving setpoint, [n_lap][EVO_HOVER_PATH]; NULL: it rests at 0
    uint64_t n_lap;     ///< steps of a lap
};

/// What a step meets beside the vehicle, the same for all creatures.
struct evo_hover_disturbance {
    double noise[EVO_HOVER_BASE];  ///< of what the controller sees; the attitude is turned by rad
    double wind[3];                ///< m/s, world axes
    double turbulence[3], gust[2]; ///< what goes on from step to step
};

/// The disturbance of `step`; that of the step before must be in *disturbance, but for step 0.
void evo_hover_disturbance(const struct evo_hover_setting *setting, const struct evo_hover_flight *flight,
                     uint64_t step, struct evo_hover_disturbance *disturbance);

/// Row `step` of a flight along a track: place, velocity, acceleration.
static inline const double *evo_hover_path_row(const struct evo_hover_setting *setting,
                                               const struct evo_hover_flight *flight, uint64_t step)
{
    return setting->path + EVO_HOVER_PATH * ((flight->path_first + step) % setting->n_lap);
}

/// How many inputs follow the first ones.
static inline int evo_hover_more(const struct evo_hover_setting *setting)
{
#define EVO_SENSOR_PLUS(name, n, ...) +(n)*setting->sees_##name
    return 0 EVO_HOVER_MORE_SENSORS(EVO_SENSOR_PLUS);
#undef EVO_SENSOR_PLUS
}

/// A flight's cost, per step: what its steps in the air cost, and the price of those it missed.
static inline double evo_hover_cost(const struct evo_hover_setting *setting, uint64_t n_steps,
                                    double cost, double n_alive)
{
    return (cost + setting->crash_cost * ((double)n_steps - n_alive)) / (double)n_steps;
}

/// Adds the cost of one flight to sums [n], for genomes [n][genome] of one shape.
typedef void evo_hover_kernel(const struct evo_hover_setting *setting,
                              const struct evo_hover_flight *flight, size_t n,
                              const double *genomes, double *sums);

enum { EVO_HOVER_UNROLLED = 5 }; ///< states 0 .. 4 are unrolled

/// The hover kernels of one instruction set and precision.
struct evo_hover_kernels {
    size_t batch;                              ///< creatures in flight at once
    evo_hover_kernel *fly[EVO_HOVER_UNROLLED]; ///< [states], without hidden units
    evo_hover_kernel *any;                     ///< any number of states and hidden units
};

/// Those of an instruction set and a precision.
const struct evo_hover_kernels *evo_hover_kernels(const struct evo_isa *isa, enum evo_precision precision);

#endif
