/* SPDX-License-Identifier: MIT */
/* What an altitude flight is made of, and its kernels, one table for each instruction set. */
#ifndef EVO_ALTITUDE_KERNEL_H
#define EVO_ALTITUDE_KERNEL_H

#include <evompi/isa.h>

/// One flight of the altitude task: heights in m above ground.
struct evo_altitude_flight {
    double start_m, setpoint_m;
    double weight; ///< factor on its score in the sum over flights, in double precision
    uint64_t n_steps;
    uint64_t n_air; ///< the first so many steps cannot touch ground, whatever the creature does; 0
                    ///< is always right, evo_altitude_plain_air finds the most
};

/// Everything of an altitude flight that is the same for all creatures.
struct evo_altitude_setting {
    const struct evo_altitude_flight *flights; ///< [n_flights], fitness is their sum in order
    size_t n_flights;
    double dt_s, mass_kg, motor_force_n, gravity; ///< motor_force: one rotor at full command, N
    double overshoot;                             ///< factor on the distance while it grows
    int time_power;                               ///< each distance counts times t to this
    enum evo_precision precision;                 ///< of the plain step; a kernel has its own
};

/// t to a power of 1 or more, in double precision whatever that of the flight.
static inline double evo_altitude_time_weight(double t_s, int power)
{
    double weight = t_s;
    for (int i = 1; i < power; i++) { weight *= t_s; }
    return weight;
}

/// Flies n creatures of one shape: genomes [n][genome], fitness [n] (NaN made canonical).
typedef void evo_altitude_kernel(const struct evo_altitude_setting *setting, size_t n,
                                 const double *genomes, double *fitness);

enum {
    EVO_ALTITUDE_UNROLLED = 5,       ///< states 0 .. 4 are unrolled
    EVO_ALTITUDE_TIME_POWER_MAX = 8, ///< of a setting
};

/// The altitude kernels of one instruction set and precision.
struct evo_altitude_kernels {
    size_t batch; ///< creatures in flight at once
    evo_altitude_kernel *fly[EVO_ALTITUDE_UNROLLED]; ///< [states]
};

/// The kernels of an instruction set and a precision.
const struct evo_altitude_kernels *evo_altitude_kernels(const struct evo_isa *isa, enum evo_precision precision);

#endif
