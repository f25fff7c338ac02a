/* SPDX-License-Identifier: MIT */
/* Tasks from outside: plug-ins, their children, and programs. */
#ifndef EVOMPI_TASK_H
#define EVOMPI_TASK_H
#include "../../src/task/isolate.h"
#include "../../src/task/plugin.h"
#include "../../src/task/program.h"
#include "../../src/task/spawner.h"
#endif
