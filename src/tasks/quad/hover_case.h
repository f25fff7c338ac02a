/* SPDX-License-Identifier: MIT */
/* What the validations of hover and track share: a case, its task, its flights, the walk. */
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

/// Flies all flights of a case, from the same starts and into the same directions in all cases:
/// +-0.5 m, +-1 m/s, +-1 rad/s. `task` is that of the case; `sink` hears of each step.
enum evo_status evo_hover_case_fly(const struct evo_hover_task *task,
                                   const struct evo_hover_case *one, size_t n_steps,
                                   const struct evo_controller *controller, evo_trace_sink *sink,
                                   void *context);

/// Sorts x [n], NaN last, and returns its quantile q, 0 to 1.
double evo_hover_case_quantile(double *x, size_t n, double q);

/// A validation at work: who is flown, and where its figures go.
struct evo_hover_validation {
    const struct evo_hover_task *task; ///< with random draws for a case's noise
    const struct evo_controller *controller;
    evo_figure_sink *sink;
    void *context;
    double *results; ///< [validate.flights], for one figure of each flight of the case at hand
};

/// Says a case's figures [n]; the name of each is the case's with its own behind it.
enum evo_status evo_hover_case_say(const struct evo_hover_validation *validation,
                                   const struct evo_hover_case *one,
                                   const struct evo_figure *figures, size_t n);

/// Flies and says one case; without `flown` it says that there is nothing to say, by NaN.
typedef enum evo_status evo_hover_case_turn(const struct evo_hover_validation *validation,
                                            const struct evo_hover_case *one, bool flown);

/// Takes the turn of each of the cases [n], with `brief` of the brief ones. A wind without drag is
/// not flown. `validation` comes without results, and its task without draws.
enum evo_status evo_hover_case_each(const struct evo_hover_validation *validation,
                                    const struct evo_hover_case *cases, size_t n, bool brief,
                                    evo_hover_case_turn *turn);

#endif
