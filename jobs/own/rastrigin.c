/* SPDX-License-Identifier: MIT */
/* A task of your own in C: Rastrigin's function of 10 parameters, many valleys, the deepest at 0. */
#include <evompi/plugin.h>
#include <math.h>

enum { N = 10 };

struct settings {
    double amplitude;
};
static const struct evo_key keys[] = {
    EVO_KEY_ROW_REAL(struct settings, amplitude, "10", 0, 1000, "", "Depth of the valleys."),
};
static const struct evo_block blocks[] = {
    {.name = "x", .n = N, .lower = -5.12, .upper = 5.12, .start = 2, .spread = 2},
};

static void evaluate(void *task, struct evo_batch *batch)
{
    const double a = ((const struct settings *)task)->amplitude, two_pi = 6.283185307179586;
    for (size_t i = 0; i < batch->n; i++) {
        const double *x = batch->parameters + i * N;
        batch->results[i] = a * N;
        for (size_t j = 0; j < N; j++) { batch->results[i] += x[j] * x[j] - a * cos(two_pi * x[j]); }
    }
}

EVO_PLUGIN = {EVO_TASK_HEAD, .name = "rastrigin", .summary = "Rastrigin's function of 10 parameters",
              .keys = {keys, 1, sizeof(struct settings)}, .blocks = blocks, .n_blocks = 1, .evaluate = evaluate};
