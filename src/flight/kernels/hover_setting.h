/* SPDX-License-Identifier: MIT */
/* What a hover flight is made of, for the plain step and the kernels alike. */
#ifndef EVO_HOVER_SETTING_H
#define EVO_HOVER_SETTING_H

#include <evompi/base.h>

enum { EVO_ROTORS = 4, EVO_HOVER_INPUTS = 12, EVO_HOVER_DELAY_MAX = 8 };

/// A vehicle's constants for one integration step; made by evo_vehicle_prepare.
struct evo_vehicle_step {
    double h_s;                   ///< length of the step
    double inverse_mass;          ///< 1/kg
    double acceleration[3];       ///< gravity and constant force, m/s^2, world axes
    double thrust[3];             ///< c0 + c1 m + c2 m^2, N, of one rotor with motor state m
    double moment[3][EVO_ROTORS]; ///< rad/s^2 per N of each rotor's thrust
    double gyro[3];               ///< (Iy - Iz) / Ix and so on
    double rise, fall;            ///< semi-implicit: share of the gap closed in h; RK4: 1/s
    bool at_once;                 ///< RK4 without lag: the motors follow before the step
    double quadratic[3], rotor[3]; ///< drag over mass, body axes: 1/m, 1/s per m
    bool has_drag, is_rk4;
};

/// Position (error) and velocity in world axes, z up; attitude body to world (scalar first); body
/// rates; motor states, 0 to 1.
struct evo_vehicle_state {
    double p[3], v[3], q[4], w[3], m[EVO_ROTORS];
};

/// One flight: the vehicle as it was drawn, and where it begins, relative to the setpoint.
struct evo_hover_flight {
    struct evo_vehicle_step vehicle;
    struct evo_vehicle_state start;
    uint64_t n_steps;
};

/// What is the same in all flights.
struct evo_hover_setting {
    double clip_m, state_limit, hover_command;
    double bound_m, rate_limit, height_m; ///< a flight beyond these has crashed
    double weight_position, weight_rate, weight_effort, weight_change;
    double crash_cost; ///< of a step after the crash
    int substeps, delay;
};

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
    evo_hover_kernel *fly[EVO_HOVER_UNROLLED]; ///< [states]
};

#endif
