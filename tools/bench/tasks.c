/* SPDX-License-Identifier: MIT */
/* The tasks that evompi-bench knows, by their list alone: their steps, in rounds. */
#include "bench.h"

#include <evompi/task.h>

#include <string.h>

#define TASK(name) extern const struct evo_bench_task evo_bench_##name;
#include "../../src/tasks/bench.def"
#undef TASK

const struct evo_bench_task *const evo_bench_tasks[] = {
#define TASK(name) &evo_bench_##name,
#include "../../src/tasks/bench.def"
#undef TASK
    NULL,
};
_Static_assert(sizeof evo_bench_tasks / sizeof evo_bench_tasks[0] <= EVO_BENCH_TASKS_MAX + 1,
               "has_python has a row of each task");

const char *const evo_bench_precisions[EVO_N_PRECISIONS] = {"double", "single"};

enum evo_status evo_bench_make_task(const char *keys, struct evo_task **task)
{
    struct evo_config *config = NULL;
    EVO_TRY(evo_config_parse("evompi-bench", keys, strlen(keys), false, NULL, 0, evo_run_scope(), &config));
    enum evo_status status = evo_task_create(config, task);
    evo_config_destroy(config);
    return status;
}

void evo_bench_draw(double *x, size_t n, double width)
{
    uint64_t state = 1;
    for (size_t i = 0; i < n; i++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        x[i] = width * ((double)(state >> 11) * 0x1p-53 - 0.5);
    }
}

enum evo_status evo_bench_steps(struct evo_bench *bench)
{
    for (size_t round = 0; round < bench->rounds; round++) {
        EVO_TRY(evo_bench_core(bench));
        for (size_t i = 0; evo_bench_tasks[i] != NULL; i++) {
            EVO_TRY(evo_bench_tasks[i]->measure(bench));
            EVO_TRY(evo_bench_python(bench, i));
        }
    }
    for (size_t i = 0; evo_bench_tasks[i] != NULL; i++) { EVO_TRY(evo_bench_tasks[i]->compare(bench)); }
    return EVO_OK;
}
