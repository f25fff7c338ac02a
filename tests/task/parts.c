/* SPDX-License-Identifier: MIT */
/* A task for tests: candidates of several parts, whose sum has other bits in another order, and which take a while. */
#include <evompi/plugin.h>

#include <time.h>

struct settings {
    int64_t parts;
    double each_ms, failing;
};

static const struct evo_key keys[] = {
    EVO_KEY_ROW_INT(struct settings, parts, "7", 1, 10000, "", "Parts of a candidate."),
    EVO_KEY_ROW_REAL(struct settings, each_ms, "0", 0, 1000, "ms", "What a part takes."),
    EVO_KEY_ROW_REAL(struct settings, failing, "99", -99, 99, "", "Part 1 of candidates with a larger x[0] fails."),
};
static const struct evo_block blocks[] = {
    {.name = "x", .n = 3, .lower = -5, .upper = 5, .start = 0, .spread = 1},
};
static const struct evo_result results[] = {
    {"misfit", "", "Smaller is better."},
    {"first", "", "x[0], in sum."},
};

static int create(const struct evo_task_setup *setup, struct evo_task_form *form, void **task)
{
    const struct settings *settings = setup->keys;
    form->n_parts = (size_t)settings->parts;
    *task = (void *)(uintptr_t)setup->keys;
    return 0;
}

static void evaluate(void *task, struct evo_batch *batch)
{
    const struct settings *settings = task;
    const struct timespec each = {.tv_sec = (time_t)(settings->each_ms / 1e3),
                                  .tv_nsec = (long)(settings->each_ms * 1e6) % 1000000000L};
    for (size_t i = 0; i < batch->n; i++) {
        const double *x = batch->parameters + i * batch->n_parameters;
        double *result = batch->results + i * batch->n_results;
        result[0] = result[1] = 0.0;
        for (size_t part = batch->first_part; part < batch->first_part + batch->n_parts; part++) {
            double scale = part % 3 == 0 ? 1e8 : 1.0, d = x[part % 3] - 0.1 * (double)(part % 7);
            result[0] += scale * d * d;
            result[1] += x[0] / (double)(part + 1);
            if (part == 1 && x[0] > settings->failing) { evo_batch_fail(batch, i, "x[0] is %.17g", x[0]); }
            if (settings->each_ms > 0.0) { nanosleep(&each, NULL); }
        }
    }
}

EVO_PLUGIN = {
    EVO_TASK_HEAD, "parts", "A sum of parts.", blocks, sizeof blocks / sizeof blocks[0], evaluate,
    .keys = {keys, sizeof keys / sizeof keys[0], sizeof(struct settings)},
    .results = results, .n_results = sizeof results / sizeof results[0], .create = create,
};
