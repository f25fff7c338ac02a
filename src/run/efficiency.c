/* SPDX-License-Identifier: MIT */
/* How well the ranks of a job were used, and what would use them better. */
#include "run.h"

#include <inttypes.h>
#include <math.h>

/* Below this, advice is given. */
static const double good = 0.8;

void evo_efficiency_add(struct evo_efficiency *sum, const struct evo_history_times *times, size_t n_candidates)
{
    sum->n_ranks = (double)times->n_ranks;
    sum->wall_s += times->wall_s;
    sum->work_s += times->all_work_s;
    sum->map_s += times->map_s;
    sum->save_s += times->save_s;
    sum->n_pieces += times->n_pieces;
    sum->n_again += times->n_again;
    sum->n_messages += times->n_messages;
    sum->n_candidates = n_candidates;
    sum->n_generations++;
}

/* Fewer pieces than ranks, or so few that some ranks have half as many again as others. */
static bool has_few_pieces(const struct evo_efficiency *sum, const struct evo_task *task, char *text, size_t size)
{
    struct evo_cases cases = evo_cases_of(1);
    uint64_t n_parts = evo_task_parts(task, cases);
    size_t batch = evo_task_batch(task);
    double n_pieces = ceil((double)sum->n_candidates / (double)batch) * (double)n_parts;
    snprintf(text, size, "%zu candidates of %" PRIu64 " case%s are %.0f pieces of %zu side by side, for %.0f ranks: use "
             "fewer ranks, or more candidates or cases", sum->n_candidates, n_parts, n_parts == 1 ? "" : "s", n_pieces,
             batch, sum->n_ranks);
    return n_pieces < 2.0 * sum->n_ranks;
}

/* What holds the ranks up most. */
static void advise(const struct evo_efficiency *sum, const struct evo_config *config, const struct evo_task *task)
{
    char text[256];
    double generation_s = sum->wall_s / (double)sum->n_generations;
    double alone_s = sum->wall_s - sum->map_s, waiting_s = sum->map_s - sum->work_s / sum->n_ranks;
    if (has_few_pieces(sum, task, text, sizeof text)) {
        evo_log(EVO_LOG_INFO, "what would help: %s", text);
    } else if (sum->save_s > 0.5 * alone_s && alone_s > waiting_s) {
        evo_log(EVO_LOG_INFO, "what would help: fewer checkpoints (checkpoint.every, checkpoint.min_interval_s); a "
                "generation takes %.3g s", generation_s);
    } else if (alone_s > waiting_s) {
        evo_log(EVO_LOG_INFO, "what would help: fewer ranks, or candidates that take longer: a generation takes %.3g s, "
                "and for %.3g s of it rank 0 selects and varies on its own", generation_s,
                alone_s / (double)sum->n_generations);
    } else if (config->farm_balance == EVO_BALANCE_STATIC) {
        evo_log(EVO_LOG_INFO, "what would help: farm.balance = auto, which hands work out to whoever is free");
    } else {
        evo_log(EVO_LOG_INFO, "what would help: fewer ranks, or more work a generation: a generation takes %.3g s, and "
                "its messages and its longest candidates leave the others waiting", generation_s);
    }
}

void evo_efficiency_say(const struct evo_efficiency *sum, const struct evo_config *config,
                        const struct evo_task *task)
{
    if (sum->n_ranks < 2.0 || !(sum->wall_s > 0.0)) { return; }
    double work = sum->work_s / (sum->n_ranks * sum->wall_s), alone = 1.0 - sum->map_s / sum->wall_s;
    evo_log(EVO_LOG_INFO,
            "efficiency: of the time of %.0f ranks %.0f %% was work; they waited for %.0f %% while rank 0 was on its own "
            "(checkpoints: %.0f %%), and for %.0f %% for each other; %" PRIu64 " pieces, %" PRIu64
            " of them handed out again, %" PRIu64 " messages",
            sum->n_ranks, 100.0 * work, 100.0 * alone, 100.0 * sum->save_s / sum->wall_s,
            100.0 * (1.0 - work - alone), sum->n_pieces, sum->n_again, sum->n_messages);
    if (work < good) { advise(sum, config, task); }
}
