/* SPDX-License-Identifier: MIT */
/* When an instance of CMA-ES ends: the rules of [Hansen, arXiv:1604.00772, appendix B.3]. */
#include "strategy.h"

#include <math.h>
#include <string.h>

static double largest(double a, double b) { return a > b ? a : b; }
static double smallest(double a, double b) { return a < b ? a : b; }

/* ---- names ------------------------------------------------------------------------------ */

static const struct {
    const char *name, *meaning;
} rules[EVO_ENDS] = {
    [EVO_END_NOT] = {"none", "it goes on"},
    [EVO_END_GROWTH] = {"max_growth", "the step size has grown too far"},
    [EVO_END_CONDITION] = {"max_condition", "the covariance has become too narrow"},
    [EVO_END_PATIENCE] = {"patience", "no better best for too long"},
    [EVO_END_STAGNATION] = {"stagnation", "neither best nor median get better"},
    [EVO_END_TOLFUN] = {"tolfun", "the best scores differ no more"},
    [EVO_END_TOLX] = {"tolx", "the steps have become too small"},
    [EVO_END_NO_EFFECT_AXIS] = {"no_effect_axis", "a step along an axis changes nothing"},
    [EVO_END_NO_EFFECT_COORDINATE] = {"no_effect_coordinate",
                                      "a step of one parameter changes nothing"},
};

const char *evo_strategy_end_name(enum evo_strategy_end end) { return rules[end].name; }
const char *evo_strategy_end_meaning(enum evo_strategy_end end) { return rules[end].meaning; }

/* ---- memory ----------------------------------------------------------------------------- */

/* Stagnation looks back on a fifth of all iterations, but not on fewer than a least number. */
static double past_span(const struct evo_strategy_setting *setting,
                        const struct evo_strategy *strategy)
{
    return largest(setting->least_past, 0.2 * (double)*strategy->iteration);
}

/* Every other entry, the newest among them, stays. */
static void thin_out(struct evo_strategy *strategy)
{
    uint64_t n = *strategy->past_count, kept = 0;
    for (uint64_t i = (n + 1) % 2; i < n; i += 2, kept++) {
        strategy->past_bests[kept] = strategy->past_bests[i];
        strategy->past_medians[kept] = strategy->past_medians[i];
    }
    *strategy->past_count = kept;
    *strategy->past_stride *= 2;
}

/* The past that stagnation looks back on fits into the entries there are, spaced as it takes. */
static void remember_past(const struct evo_strategy_setting *setting, struct evo_strategy *strategy,
                          const struct evo_strategy_ranking *ranking)
{
    const size_t most = EVO_STRATEGY_PAST;
    while ((double)most * (double)*strategy->past_stride < past_span(setting, strategy)) {
        thin_out(strategy);
    }
    if (*strategy->iteration % *strategy->past_stride != 0) { return; }
    if (*strategy->past_count == most) {
        memmove(strategy->past_bests, strategy->past_bests + 1, (most - 1) * sizeof(double));
        memmove(strategy->past_medians, strategy->past_medians + 1, (most - 1) * sizeof(double));
        *strategy->past_count -= 1;
    }
    strategy->past_bests[*strategy->past_count] = ranking->best;
    strategy->past_medians[*strategy->past_count] = ranking->median;
    *strategy->past_count += 1;
}

void evo_strategy_end_remember(const struct evo_strategy_setting *setting,
                               struct evo_strategy *strategy,
                               const struct evo_strategy_ranking *ranking)
{
    strategy->bests[*strategy->iteration % setting->window] = ranking->best;
    *strategy->iteration += 1;
    /* Where nobody is better than the next quarter there is nothing to learn: no progress. */
    if (ranking->best < *strategy->best && ranking->best < ranking->quarter) {
        *strategy->best = ranking->best;
        *strategy->improved = *strategy->iteration;
    }
    remember_past(setting, strategy, ranking);
}

/* ---- rules ------------------------------------------------------------------------------ */

static double median(const double *x, size_t n)
{
    double sorted[EVO_STRATEGY_PAST];
    for (size_t i = 0; i < n; i++) {
        size_t k = i;
        for (; k > 0 && sorted[k - 1] > x[i]; k--) { sorted[k] = sorted[k - 1]; }
        sorted[k] = x[i];
    }
    return sorted[n / 2];
}

/* Over the span, the latest 30 % are no better than the first 30 %, in bests and in medians. */
static bool stagnates(const struct evo_strategy_setting *setting,
                      const struct evo_strategy *strategy)
{
    double entries = ceil(past_span(setting, strategy) / (double)*strategy->past_stride);
    size_t n = (size_t)smallest(entries, EVO_STRATEGY_PAST), part = n * 3 / 10;
    if (*strategy->past_count < n || part == 0) { return false; }
    size_t first = (size_t)*strategy->past_count - n, last = (size_t)*strategy->past_count - part;
    const double *bests = strategy->past_bests, *medians = strategy->past_medians;
    return median(bests + last, part) >= median(bests + first, part) &&
           median(medians + last, part) >= median(medians + first, part);
}

static bool range_is_small(const struct evo_strategy_setting *setting,
                           const struct evo_strategy *strategy)
{
    if (*strategy->iteration < setting->window) { return false; }
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < setting->window; i++) {
        low = smallest(low, strategy->bests[i]);
        high = largest(high, strategy->bests[i]);
    }
    return high - low <= setting->tolfun;
}

static bool steps_are_small(const struct evo_strategy_setting *setting,
                            const struct evo_strategy *strategy)
{
    for (size_t i = 0; i < setting->n; i++) {
        double deviation = sqrt(strategy->covariance[i * setting->n + i]);
        if (*strategy->sigma * largest(deviation, fabs(strategy->path_c[i])) > setting->tolx) {
            return false;
        }
    }
    return true;
}

/* A tenth of a standard deviation along one axis, another each time. */
static bool axis_has_no_effect(const struct evo_strategy_setting *setting,
                               const struct evo_strategy *strategy)
{
    size_t n = setting->n, j = (size_t)(*strategy->iteration % n);
    double step = 0.1 * *strategy->sigma * strategy->lengths[j];
    for (size_t i = 0; i < n; i++) {
        double moved = strategy->mean[i] + step * strategy->axes[j * n + i];
        if (moved != strategy->mean[i]) { return false; }
    }
    return true;
}

/* A fifth of a standard deviation of any one parameter. */
static bool coordinate_has_no_effect(const struct evo_strategy_setting *setting,
                                     const struct evo_strategy *strategy)
{
    for (size_t i = 0; i < setting->n; i++) {
        double deviation = sqrt(strategy->covariance[i * setting->n + i]);
        double moved = strategy->mean[i] + 0.2 * *strategy->sigma * deviation;
        if (moved == strategy->mean[i]) { return true; }
    }
    return false;
}

enum evo_strategy_end evo_strategy_end_find(const struct evo_strategy_setting *setting,
                                            const struct evo_strategy *strategy)
{
    double shortest = INFINITY, longest = 0.0;
    for (size_t i = 0; i < setting->n; i++) {
        shortest = smallest(shortest, strategy->lengths[i]);
        longest = largest(longest, strategy->lengths[i]);
    }
    double reach = *strategy->sigma * longest;
    /* Not a number anywhere would stay: the negation catches it. */
    if (!(reach <= setting->max_reach)) { return EVO_END_GROWTH; }
    if (!(longest * longest <= setting->max_condition * shortest * shortest)) {
        return EVO_END_CONDITION;
    }
    if (range_is_small(setting, strategy)) { return EVO_END_TOLFUN; }
    if (steps_are_small(setting, strategy)) { return EVO_END_TOLX; }
    if (axis_has_no_effect(setting, strategy)) { return EVO_END_NO_EFFECT_AXIS; }
    if (coordinate_has_no_effect(setting, strategy)) { return EVO_END_NO_EFFECT_COORDINATE; }
    if (setting->ends_stagnant && stagnates(setting, strategy)) { return EVO_END_STAGNATION; }
    if (setting->patience > 0 && *strategy->iteration - *strategy->improved > setting->patience) {
        return EVO_END_PATIENCE;
    }
    return EVO_END_NOT;
}
