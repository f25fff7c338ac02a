/* SPDX-License-Identifier: MIT */
/* The list of tasks of a program that brings none: all come as plug-ins. */
#include <evompi/contract.h>

const struct evo_task_kind *const evo_tasks_builtin[] = {NULL};
