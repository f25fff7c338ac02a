/* SPDX-License-Identifier: MIT */
/* Progress: a generation is reported once its checkpoint is on disk, never before. */
#include "run.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* 1.23e9 -> "1.23 G" */
static void scaled(char *text, size_t size, double x)
{
    static const char *const prefix[] = {"", " k", " M", " G", " T", " P"};
    size_t i = 0;
    while (x >= 999.5 && i + 1 < sizeof prefix / sizeof prefix[0]) {
        x /= 1000.0;
        i++;
    }
    snprintf(text, size, "%.3g%s", x, prefix[i]);
}

static void describe(char *text, size_t size, const struct evo_state *state,
                     const struct evo_population_summary *summary, double steps_per_s)
{
    char speed[32], so_far[32] = "-", bad[96] = "";
    if (state->champion.id != EVO_NOBODY) {
        snprintf(so_far, sizeof so_far, "%.7g", evo_history_best(state));
    }
    scaled(speed, sizeof speed, steps_per_s);
    if (summary->n_bad > 0) {
        snprintf(bad, sizeof bad, "  %zu without a finite score", summary->n_bad);
    }
    if (state->failed > 0) {
        size_t used = strlen(bad);
        snprintf(bad + used, sizeof bad - used, "  %" PRIu64 " failed so far", state->failed);
    }
    snprintf(text, size,
             "generation %6" PRIu64 "  best so far %-10s  best %-10.7g  mean %-10.6g  worst %-10.6g  "
             "%s steps/s%s",
             state->generation, so_far, summary->best, summary->mean, summary->worst, speed, bad);
}

void evo_progress_submitted(struct evo_progress *progress,
                            const struct evo_population_summary *summary, double steps_per_s)
{
    describe(progress->line, sizeof progress->line, progress->state, summary, steps_per_s);
    progress->waiting = progress->state->generation;
}

void evo_progress_saved(struct evo_progress *progress, uint64_t saved, bool last)
{
    double now_s = evo_clock_s();
    if (progress->waiting == 0 || saved < progress->waiting) { return; }
    if (!last && now_s - progress->said_s < progress->interval_s) { return; }
    /* A terminal has its live line; there only the last is kept. */
    if (last || !evo_log_is_terminal()) {
        evo_log(EVO_LOG_INFO, "%s", progress->line);
    } else {
        evo_log_to_file("%s", progress->line);
    }
    progress->said_s = now_s;
    progress->waiting = 0;
}

/* Seconds to the nearest limit that time or generations set; NaN where there is none. */
static double seconds_left(const struct evo_progress *progress, double now_s)
{
    const struct evo_state *state = progress->state;
    const struct evo_config *config = state->config;
    uint64_t done = state->generation - progress->began_generation;
    double per_generation = (now_s - progress->began_s) / (double)(done > 0 ? done : 1);
    double left = (double)NAN;
    if (config->stop_max_generations > 0) {
        double generations = (double)config->stop_max_generations - (double)state->generation;
        left = per_generation * generations;
    }
    if (config->stop_max_evaluations > 0 && state->generation > 0) {
        double per_evaluation =
            per_generation * (double)state->generation / (double)state->evaluations;
        left = fmin(left, per_evaluation * ((double)config->stop_max_evaluations -
                                            (double)state->evaluations));
    }
    if (config->stop_max_walltime > 0.0) {
        left = fmin(left, config->stop_max_walltime - (now_s - progress->began_s));
    }
    return left;
}

void evo_progress_live(struct evo_progress *progress, const struct evo_population_summary *summary,
                       double steps_per_s, uint64_t saved)
{
    const double refresh_s = 0.1;
    double now_s = evo_clock_s();
    if (!evo_log_is_terminal() || now_s - progress->live_s < refresh_s) { return; }
    progress->live_s = now_s;
    char text[256], left[48] = "";
    describe(text, sizeof text, progress->state, summary, steps_per_s);
    double left_s = seconds_left(progress, now_s);
    if (left_s >= 0.0) { snprintf(left, sizeof left, "  %.0f s left", left_s); }
    evo_log_live("%s%s  (on disk: %" PRIu64 ")", text, left, saved);
}
