/* SPDX-License-Identifier: MIT */
/* What the validations of hover and track share: a case, its task, its flights. */
#ifndef EVO_HOVER_CASE_H
#define EVO_HOVER_CASE_H

#include "hover.h"

/// What differs from the vehicle as it is. Fields that are 0 change nothing.
struct evo_hover_case {
    const char *name, *doc;
    double angle;        ///< degrees; 0: 57
    double mass, thrust; ///< factors
    double push, wind;   ///< m/s^2, m/s; any direction, any horizontal one
    double dt_s;
    double lap; ///< factor on a track's lap
    int delay;  ///< steps
    bool noise, still, brief; ///< still: starts level and at rest, at the setpoint itself
};

/// The task as a case has it, by value: the caller's stays as it is. RK4 in steps of 0.01 s or less,
/// commands that arrive at once, no noise, no crash but for the case's own. Borrows from `task`.
struct evo_hover_task evo_hover_case_task(const struct evo_hover_task *task,
                                          const struct evo_hover_case *one);

/// Flight i of a case: the same starts and directions in all of them, from +-0.5 m, +-1 m/s,
/// +-1 rad/s. `task` is that of the case.
void evo_hover_case_draw(const struct evo_hover_task *task, const struct evo_hover_case *one,
                         uint64_t i, size_t n_steps, struct evo_hover_flight *flight);

/// Sorts x [n], NaN last, and returns its quantile q, 0 to 1.
double evo_hover_case_quantile(double *x, size_t n, double q);

/// Says a case's figures [n]; the name of each is the case's with its own behind it.
enum evo_status evo_hover_case_say(const struct evo_hover_case *one,
                                   const struct evo_figure *figures, size_t n,
                                   evo_figure_sink *sink, void *context);

#endif
