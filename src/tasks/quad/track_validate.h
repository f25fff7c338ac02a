/* SPDX-License-Identifier: MIT */
/* The validation of track: how far from the moving setpoint, in many cases, for any controller. */
#ifndef EVO_TRACK_VALIDATE_H
#define EVO_TRACK_VALIDATE_H

#include "hover.h"

/// As evo_task_validate. Whatever a task trains with, its validation flies by RK4, in double, with
/// commands that arrive at once, for a second and then a lap, from rest at any place of the track;
/// each case changes one of these, or the vehicle, which the controller is not told.
enum evo_status evo_track_validate(const struct evo_hover_task *task,
                                   const struct evo_controller *controller, bool brief,
                                   evo_figure_sink *sink, void *context);

#endif
