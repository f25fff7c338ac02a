/* SPDX-License-Identifier: MIT */
/* The descriptor of stiff.f90: Fortran has no constants that point to functions, so these lines are C. */
#include <evompi/plugin.h>

/// Of stiff.f90: log_rates[3]; 0, or another number where the equations could not be solved.
int stiff_misfit(const double *log_rates, double *misfit, double *n_newton);

static const struct evo_block blocks[] = {
    {.name = "log_rate", .n = 3, .lower = -4, .upper = 10, .start = 3, .spread = 3,
     .doc = "Logarithms to base 10 of k1, k2 and k3."},
};
static const struct evo_result results[] = {
    {"misfit", "1", "Mean square of the relative errors."},
    {"n_newton", "1", "Iterations of Newton's method."},
};

static void evaluate(void *task, struct evo_batch *batch)
{
    (void)task;
    for (size_t i = 0; i < batch->n; i++) {
        const double *x = batch->parameters + 3 * i;
        double *to = batch->results + 2 * i;
        if (stiff_misfit(x, &to[0], &to[1]) == 0) { continue; }
        evo_batch_fail(batch, i, "a step has no solution for log_rate = %g, %g, %g", x[0], x[1], x[2]);
    }
}

EVO_PLUGIN = {EVO_TASK_HEAD, .name = "stiff", .summary = "Rates of Robertson's three reactions, from what they do",
              .blocks = blocks, .n_blocks = 1, .results = results, .n_results = 2, .evaluate = evaluate};
