/* SPDX-License-Identifier: MIT */
/* Designed controllers for hover, to compare with: LQR and LQI of the task's own vehicle. */
#ifndef EVO_HOVER_BASELINE_H
#define EVO_HOVER_BASELINE_H

#include "riccati.h"
#include <evompi/contract.h>
#include "vehicle.h"

/// What a design knows: the nominal vehicle and its step. Draws of a flight it does not know.
struct evo_hover_plant {
    const struct evo_vehicle *vehicle;
    bool is_rk4;
    double h_s;          ///< an integration step
    int substeps, delay; ///< between commands; steps until a command arrives
    size_t velocity_at, acceleration_at; ///< the inputs that tell how the setpoint moves; 0: none do
};

/// "lqr", "lqi", NULL.
extern const char *const evo_hover_baseline_names[];

/// The plant about hover, x' = A x + B u, with the prices of the design. States: position,
/// velocity, twice the attitude's vector part, body rates, motor states, then 4 commands on their
/// way for each step of delay, then (integrates) the integrals of the position error.
enum evo_status evo_hover_baseline_design(const struct evo_hover_plant *plant, bool integrates,
                                           struct evo_riccati *out);

/// Makes evo_hover_baseline_names[i]; a controller's inputs are the first 12 of the task.
enum evo_status evo_hover_baseline_create(const struct evo_hover_plant *plant, size_t i,
                                           struct evo_controller *out);

#endif
