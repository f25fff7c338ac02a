/* SPDX-License-Identifier: MIT */
/* Results of all rounds, and how they are printed: median, lowest and highest. */
#include "bench.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double evo_bench_core_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct evo_bench_result *find(const struct evo_bench *bench, const char *part,
                                     const char *name)
{
    for (size_t i = 0; i < bench->n; i++) {
        struct evo_bench_result *result = &bench->results[i];
        if (strcmp(result->part, part) == 0 && strcmp(result->name, name) == 0) { return result; }
    }
    return NULL;
}

static enum evo_status grow(void *array, size_t n, size_t size)
{
    void *old, *larger;
    memcpy(&old, array, sizeof old);
    larger = realloc(old, n * size);
    EVO_CHECK(larger != NULL, EVO_ERR_MEMORY, "no memory for %zu results", n);
    memcpy(array, &larger, sizeof larger);
    return EVO_OK;
}

enum evo_status evo_bench_add(struct evo_bench *bench, const char *part, const char *unit,
                              double value, const char *format, ...)
{
    char name[sizeof bench->results->name];
    EVO_TRY(evo_bench_go_on());
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    struct evo_bench_result *result = find(bench, part, name);
    if (result == NULL) {
        EVO_TRY(grow(&bench->results, bench->n + 1, sizeof *bench->results));
        result = &bench->results[bench->n++];
        *result = (struct evo_bench_result){.part = part, .unit = unit};
        memcpy(result->name, name, sizeof name);
    }
    EVO_TRY(grow(&result->values, result->n + 1, sizeof *result->values));
    result->values[result->n++] = value;
    return EVO_OK;
}

static double median(const struct evo_bench_result *result)
{
    qsort(result->values, result->n, sizeof *result->values, evo_math_order);
    return 0.5 * (result->values[(result->n - 1) / 2] + result->values[result->n / 2]);
}

double evo_bench_median(const struct evo_bench *bench, const char *part, const char *name)
{
    const struct evo_bench_result *result = find(bench, part, name);
    return result != NULL ? median(result) : (double)NAN;
}

static void print_json(const struct evo_bench_result *result, bool first)
{
    char text[3][32];
    double middle = median(result);
    printf("%s\n  {\"part\": \"%s\", \"name\": \"%s\", \"unit\": \"%s\", \"n\": %zu, \"median\": %s, "
           "\"low\": %s, \"high\": %s}",
           first ? "" : ",", result->part, result->name, result->unit, result->n,
           evo_text_number(text[0], middle), evo_text_number(text[1], result->values[0]),
           evo_text_number(text[2], result->values[result->n - 1]));
}

static void print_line(const struct evo_bench_result *result)
{
    double middle = median(result);
    printf("  %-44s %10.4g  (%.4g to %.4g) %s\n", result->name, middle, result->values[0],
           result->values[result->n - 1], result->unit);
}

/* The results of these parts, each under its name; *n counts what was printed. */
static void print_parts(const struct evo_bench *bench, const char *const *parts, bool json, size_t *n)
{
    for (; *parts != NULL; parts++) {
        bool titled = json;
        for (size_t i = 0; i < bench->n; i++) {
            const struct evo_bench_result *result = &bench->results[i];
            if (strcmp(result->part, *parts) != 0) { continue; }
            if (!titled) { printf("%s\n", *parts); }
            titled = true;
            if (json) {
                print_json(result, *n == 0);
            } else {
                print_line(result);
            }
            ++*n;
        }
    }
}

/* Ratios first, then part after part. */
void evo_bench_print(struct evo_bench *bench, bool json)
{
    static const char *const first[] = {"ratio", "core", NULL};
    static const char *const last[] = {"rank 0", "checkpoint", "generation", "scaling", "prediction",
                                       "farm", NULL};
    size_t n = 0;
    if (json) { printf("{\"program\": \"evompi-bench\", \"results\": ["); }
    print_parts(bench, first, json, &n);
    for (size_t i = 0; evo_bench_tasks[i] != NULL; i++) { print_parts(bench, evo_bench_tasks[i]->parts, json, &n); }
    print_parts(bench, last, json, &n);
    if (json) { printf("\n]}\n"); }
}

void evo_bench_fini(struct evo_bench *bench)
{
    for (size_t i = 0; i < bench->n; i++) { free(bench->results[i].values); }
    free(bench->results);
    if (bench->work != NULL && evo_bench_remove(bench->work) != EVO_OK) {
        fprintf(stderr, "evompi-bench: error: %s\n", evo_status_message());
    }
    free(bench->work);
    free(bench->programs);
}
