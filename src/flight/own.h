/* SPDX-License-Identifier: MIT */
/* Tasks from outside: a class of <evompi/plugin.h> behind the contract of the tasks inside. */
#ifndef EVO_OWN_H
#define EVO_OWN_H

#include "task.h"

/// The kind of task that `class` makes; it lives as long as the program. `class` is borrowed.
enum evo_status evo_own_kind_create(const struct evo_task_class *class,
                                    const struct evo_task_kind **out);

#endif
