/* SPDX-License-Identifier: MIT */
/* A sum of 8 squares: what time_own measures, as a plug-in and built in. */
#include <evompi/plugin.h>

static const struct evo_block blocks[] = {{.name = "x", .n = 8, .lower = -5, .upper = 5, .start = 0, .spread = 1}};

static void evaluate(void *task, struct evo_batch *batch)
{
    (void)task;
    for (size_t i = 0; i < batch->n; i++) {
        const double *x = batch->parameters + 8 * i;
        double sum = 0.0;
        for (size_t k = 0; k < 8; k++) { sum += x[k] * x[k]; }
        batch->results[i] = sum;
    }
}

EVO_PLUGIN = {EVO_TASK_HEAD, .name = "sphere8", .summary = "a sum of 8 squares", .blocks = blocks, .n_blocks = 1,
              .evaluate = evaluate};
