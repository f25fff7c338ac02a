/* SPDX-License-Identifier: MIT */
/* What the kernel room shows the flight room: typed tables of kernels, one per instruction set. */
#ifndef EVO_KERNELS_H
#define EVO_KERNELS_H

#include <evompi/base.h>
#include <evompi/choice.h>

#include "hover_setting.h"

#include <math.h>

/// task.precision
enum evo_precision { EVO_PRECISIONS(EVO_CHOICE_NAME) EVO_N_PRECISIONS };

/// The result of one operation (+, -, *, /, sqrt) on numbers of a precision, given as computed in
/// double. For single this equals the operation done in single: 53 bits are more than twice 24
/// and two, so that rounding twice is rounding once [Figueroa 1995].
static inline double evo_precision_round(enum evo_precision precision, double x)
{
    return precision == EVO_PRECISION_SINGLE ? (double)(float)x : x;
}

/// a * b + c rounded once to the precision.
static inline double evo_precision_fma(enum evo_precision precision, double a, double b, double c)
{
    return precision == EVO_PRECISION_SINGLE ? (double)fmaf((float)a, (float)b, (float)c)
                                             : fma(a, b, c);
}

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

/// Loops of independent vector operations, `operations` a round, for measuring a core.
struct evo_ports {
    size_t lanes, operations;
    double (*add)(uint64_t rounds);      ///< sums
    double (*multiply)(uint64_t rounds); ///< products
    double (*mix)(uint64_t rounds);      ///< 5 add, 5 multiply, 2 take minimum and maximum
};

/// The kernels of one instruction set.
struct evo_kernels {
    const char *name; ///< "plain", "sse2", ...
    const struct evo_altitude_kernels *altitude[EVO_N_PRECISIONS];
    const struct evo_ports *ports[EVO_N_PRECISIONS];
    const struct evo_hover_kernels *hover[EVO_N_PRECISIONS];
};

/// The best kernels that are built in, that this machine has, and that are not above `limit`:
/// "auto" or the name of a set. The environment's EVOMPI_ISA limits it further.
/// EVO_ERR_CONFIG where either names no set, or a set that this machine lacks.
enum evo_status evo_kernels_select(const char *limit, const struct evo_kernels **out);

/// All sets built in, lowest first; *n of them. `runs` says which this machine has.
const struct evo_kernels *const *evo_kernels_all(size_t *n);
bool evo_kernels_runs(const struct evo_kernels *kernels);

#endif
