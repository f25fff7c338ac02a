/* SPDX-License-Identifier: MIT */
/* The validation of hover: one set of starts, in many cases, for any controller. */
#ifndef EVO_HOVER_VALIDATE_H
#define EVO_HOVER_VALIDATE_H

#include "hover.h"

/// As evo_task_validate. Whatever a task trains with, its validation flies by RK4, in double, with
/// commands that arrive at once, from +-0.5 m, +-1 m/s, +-1 rad/s and up to 57 degrees, for 5 s;
/// each case changes one of these, or the vehicle, which the controller is not told.
enum evo_status evo_hover_validate(const struct evo_hover_task *task,
                                   const struct evo_controller *controller, bool brief,
                                   evo_figure_sink *sink, void *context);

#endif
