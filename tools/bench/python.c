/* SPDX-License-Identifier: MIT */
/* Steps per second of a task's step in Python, by whatever Python is there. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A system's own python3 may have numpy where the one on the PATH has none. */
static const struct {
    const char *program, *text, *name, *needs;
} pythons[EVO_BENCH_PYTHONS] = {
    {"pypy3", "unrolled", "PyPy, unrolled", "pypy3"},
    {"python3", "unrolled", "CPython, unrolled", "python3"},
    {"python3", "numpy", "CPython with numpy", NULL},
    {"/usr/bin/python3", "numpy", "CPython with numpy", "python3 with numpy"},
};

/* The user's script, or the task's own; NULL where the task has no part for it. */
static const char *script_of(const struct evo_bench *bench, size_t i)
{
    const char *own = evo_bench_tasks[i]->python_script, *given = bench->python_script;
    return own != NULL && given != NULL ? given : own;
}

/* What the script prints: steps/s; 0 where it does not run. */
static enum evo_status measure(const char *script, size_t k, double seconds, double *rate)
{
    char *output = NULL, text[32];
    char *const words[] = {(char *)(uintptr_t)pythons[k].program, (char *)(uintptr_t)script,
                           (char *)(uintptr_t)pythons[k].text, evo_text_number(text, seconds), NULL};
    int how = 0;
    EVO_TRY(evo_bench_run(words, &output, &how));
    const char *last = evo_bench_last_line(output);
    if (how != 0 || last == NULL || !evo_text_to_number(last, rate)) { *rate = 0.0; }
    free(output);
    return EVO_OK;
}

/* Which of them run one task's script. */
static enum evo_status find_for(const char *script, bool has[EVO_BENCH_PYTHONS])
{
    if (access(script, R_OK) != 0) {
        fprintf(stderr, "evompi-bench: %s is not there: Python is left out; --python names another\n", script);
        return EVO_OK;
    }
    for (size_t k = 0; k < EVO_BENCH_PYTHONS; k++) {
        double rate = 0.0;
        bool is_second = k > 0 && strcmp(pythons[k].name, pythons[k - 1].name) == 0;
        if (is_second && has[k - 1]) { continue; }
        EVO_TRY(measure(script, k, 0.0, &rate));
        has[k] = rate > 0.0;
        if (!has[k] && pythons[k].needs != NULL) {
            fprintf(stderr, "evompi-bench: there is no %s: '%s' is left out\n", pythons[k].needs, pythons[k].name);
        }
    }
    return EVO_OK;
}

enum evo_status evo_bench_find_python(struct evo_bench *bench)
{
    EVO_CHECK(bench->python_script == NULL || access(bench->python_script, R_OK) == 0, EVO_ERR_USAGE,
              "--python %s: there is no file that can be read", bench->python_script);
    for (size_t i = 0; evo_bench_tasks[i] != NULL; i++) {
        const char *script = script_of(bench, i);
        if (script != NULL) { EVO_TRY(find_for(script, bench->has_python[i])); }
    }
    return EVO_OK;
}

enum evo_status evo_bench_python(struct evo_bench *bench, size_t i)
{
    for (size_t k = 0; k < EVO_BENCH_PYTHONS; k++) {
        double rate = 0.0;
        if (!bench->has_python[i][k]) { continue; }
        EVO_TRY(measure(script_of(bench, i), k, 5.0 * bench->slice_s, &rate));
        if (rate > 0.0) {
            EVO_TRY(evo_bench_add(bench, evo_bench_tasks[i]->python_part, "steps/s", rate, "%s", pythons[k].name));
        }
    }
    return EVO_OK;
}
