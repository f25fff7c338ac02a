/* SPDX-License-Identifier: MIT */
/* Rank 0's ear: takes the other ranks' messages while it does other things, and blames who is silent. */
#ifndef EVO_FARM_HEAR_H
#define EVO_FARM_HEAR_H

#include "farm.h"

/// Gets the answer of a piece that `rank` had, its slot free again but not overwritten.
typedef void evo_farm_heard(void *context, int rank, const struct evo_farm_answer *answer, const char *results);

/// Takes what has come, and hands the answers of pieces on. Does not wait. Returns how many came.
size_t evo_farm_hear(struct evo_farm *farm, evo_farm_heard *heard, void *context);

/// Counts how long ranks have been silent since the last look, and ends the job where one of them has been for
/// longer than the timeout.
void evo_farm_look(struct evo_farm *farm, bool for_goodbye);

#endif
