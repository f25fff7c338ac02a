/* SPDX-License-Identifier: MIT */
/* Steps per second of the same step in Python, by whatever Python is there. */
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

/* What the script prints: steps/s; 0 where it does not run. */
static enum evo_status measure(const struct evo_bench *bench, size_t i, double seconds, double *rate)
{
    char *output = NULL, text[32];
    char *const words[] = {(char *)(uintptr_t)pythons[i].program, (char *)(uintptr_t)bench->python_script,
                           (char *)(uintptr_t)pythons[i].text, evo_text_number(text, seconds), NULL};
    int how = 0;
    EVO_TRY(evo_bench_run(words, &output, &how));
    const char *last = evo_bench_last_line(output);
    if (how != 0 || last == NULL || !evo_text_to_number(last, rate)) { *rate = 0.0; }
    free(output);
    return EVO_OK;
}

enum evo_status evo_bench_find_python(struct evo_bench *bench)
{
    if (access(bench->python_script, R_OK) != 0) {
        EVO_CHECK(!bench->python_given, EVO_ERR_USAGE, "--python %s: there is no file that can be read",
                  bench->python_script);
        fprintf(stderr, "evompi-bench: %s is not there: Python is left out; --python names another\n",
                bench->python_script);
        return EVO_OK;
    }
    for (size_t i = 0; i < EVO_BENCH_PYTHONS; i++) {
        double rate = 0.0;
        bool is_second = i > 0 && strcmp(pythons[i].name, pythons[i - 1].name) == 0;
        if (is_second && bench->has_python[i - 1]) { continue; }
        EVO_TRY(measure(bench, i, 0.0, &rate));
        bench->has_python[i] = rate > 0.0;
        if (!bench->has_python[i] && pythons[i].needs != NULL) {
            fprintf(stderr, "evompi-bench: there is no %s: '%s' is left out\n", pythons[i].needs,
                    pythons[i].name);
        }
    }
    return EVO_OK;
}

enum evo_status evo_bench_python(struct evo_bench *bench)
{
    for (size_t i = 0; i < EVO_BENCH_PYTHONS; i++) {
        double rate = 0.0;
        if (!bench->has_python[i]) { continue; }
        EVO_TRY(measure(bench, i, 5.0 * bench->slice_s, &rate));
        if (rate > 0.0) { EVO_TRY(evo_bench_add(bench, "python", "steps/s", rate, "%s", pythons[i].name)); }
    }
    return EVO_OK;
}
