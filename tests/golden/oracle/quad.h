/* SPDX-License-Identifier: MIT */
/* A scalar rollout of the tasks hover and track, written from the manual in champion.csv. */
#ifndef EVO_ORACLE_QUAD_H
#define EVO_ORACLE_QUAD_H

#include "../../../src/tasks/quad/hover.h"

/// One row of a trace, [n] of the task's trace signals, after each step.
typedef void oracle_quad_row(void *context, const double *row, size_t n);

/// The fitness of one controller on the flights of a generation, in the task's precision. It takes
/// the settings of the task and the flights that the task draws, and no other function of the
/// program: the rollout's arithmetic is this module's own. `row` may be NULL. NaN comes as NAN.
double oracle_quad_fitness(const struct evo_hover_task *task, uint64_t generation,
                           const double *genome, oracle_quad_row *row, void *context);

/// One semi-implicit step of h_s by the physics of the manual, in double and without any constant
/// that evo_vehicle_prepare makes: equal to evo_vehicle_move up to rounding.
void oracle_quad_step(const struct evo_vehicle *vehicle, double h_s, const double push[3],
                      const double twist[3], const double wind[3], const double command[EVO_ROTORS],
                      struct evo_vehicle_state *state);

#endif
