/* SPDX-License-Identifier: MIT */
/* How well a controller does on cases of a rollout that no generation has seen. */
#include "rollout.h"

#include <math.h>
#include <stdlib.h>

/* What came of all cases. */
struct outcome {
    double *costs; // [n], in order once all are there
    size_t n, n_alive;
    double sum, time_s; // of the costs; until a crash or the end
};

static double quantile(const struct outcome *outcome, double q)
{
    double x = outcome->costs[(size_t)(q * (double)(outcome->n - 1) + 0.5)];
    return isinf(x) ? (double)NAN : x;
}

static enum evo_status report(struct outcome *outcome, evo_figure_sink *sink, void *context)
{
    double n = (double)outcome->n, share = (double)outcome->n_alive / n, low, high;
    evo_math_interval(share, n, &low, &high);
    qsort(outcome->costs, outcome->n, sizeof *outcome->costs, evo_math_order);
    const struct evo_figure figures[] = {
        {"cases", "1", "run", n},
        {"survived", "%", "cases without a crash", 100.0 * share},
        {"survived_low", "%", "lower end of its 95 % confidence interval (Wilson)", 100.0 * low},
        {"survived_high", "%", "the upper end", 100.0 * high},
        {"time", "s", "until a crash, or the end, mean", outcome->time_s / n},
        {"cost", "1", "cost of a step, mean of all cases", outcome->sum / n},
        {"cost_median", "1", "of a case, median", quantile(outcome, 0.5)},
        {"cost_90", "1", "the same, nine cases of ten", quantile(outcome, 0.9)},
        {"cost_worst", "1", "the worst case", quantile(outcome, 1.0)},
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) { EVO_TRY(sink(context, &figures[i])); }
    return EVO_OK;
}

enum evo_status evo_rollout_validate(const struct evo_task *task, const struct evo_controller *controller,
                                     bool brief, evo_figure_sink *sink, void *context)
{
    const uint64_t most_steps = 10000000; // of a brief one: seconds
    const struct evo_rollout *rollout = (const struct evo_rollout *)task;
    struct outcome outcome = {.n = (size_t)rollout->n_validate};
    enum evo_status status = EVO_OK;
    size_t most = (size_t)(most_steps / rollout->setting.n_steps);
    if (brief && outcome.n > most) { outcome.n = most > 0 ? most : 1; }
    EVO_CHECK(outcome.n > 0, EVO_ERR_USAGE, "validate.flights = 0: there is nothing to run");
    EVO_TRY(evo_alloc(outcome.n, sizeof *outcome.costs, "validation", &outcome.costs));
    for (size_t i = 0; i < outcome.n; i++) {
        struct evo_rollout_case one;
        struct evo_rollout_state end;
        evo_rollout_draw_validation(rollout, i, &one);
        EVO_GOTO(evo_rollout_watch_case(rollout, &one, i, controller, NULL, NULL, &end));
        /* What is no number is worse than any. */
        outcome.costs[i] = isnan(end.cost) ? (double)INFINITY : end.cost;
        outcome.sum += end.cost;
        outcome.n_alive += end.n_alive == rollout->setting.n_steps;
        outcome.time_s += (double)end.n_alive * rollout->setting.dt_s;
    }
    status = report(&outcome, sink, context);
done:
    free(outcome.costs);
    return status;
}
