/* SPDX-License-Identifier: MIT */
/* The hover task's own parts: its plain flight and the columns of its trace. */
#ifndef EVO_HOVER_H
#define EVO_HOVER_H

#include "task.h"

/// One row of a hover trace: flight, t, position error, velocity, attitude, body rates, commands,
/// and the flight's cost so far.
enum { EVO_HOVER_COLUMNS = 2 + 3 + 3 + 4 + 3 + EVO_ROTORS + 1 };

/// Flies one controller through flight `number` and adds its cost to *sum; `sink` may be NULL.
typedef enum evo_status evo_hover_plain(const struct evo_hover_setting *setting,
                                        const struct evo_hover_flight *flight, size_t number,
                                        const struct evo_controller *controller,
                                        evo_trace_sink *sink, void *context, double *sum);
evo_hover_plain evo_hover_plain_double, evo_hover_plain_single;

#endif
