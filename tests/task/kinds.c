/* SPDX-License-Identifier: MIT */
/* The tasks of a folder of src/tasks as a plug-in: KINDS names them, X(name) for each. */
#include <evompi/contract.h>

#define X(name) extern const struct evo_task_kind evo_task_##name;
KINDS
#undef X

#define X(name) &evo_task_##name,
static const struct evo_task_kind *const kinds[] = {KINDS NULL};
#undef X

EVO_KINDS(kinds);
