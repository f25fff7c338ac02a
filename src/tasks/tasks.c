/* SPDX-License-Identifier: MIT */
/* The tasks of this program: a line for each, in the order of --list. */
#include <evompi/contract.h>

extern const struct evo_task_kind evo_task_altitude, evo_task_hover, evo_task_track;

const struct evo_task_kind *const evo_tasks_builtin[] = {
    &evo_task_altitude,
    &evo_task_hover,
    &evo_task_track,
    NULL,
};
