/* SPDX-License-Identifier: MIT */
/* What a candidate costs that a program evaluates: a child in C or Python that adds its parameters
 * up. */
#include "program.h"

#include <evompi/child.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- the child in C ------------------------------------------------------------------------- */

/* One line: the numbers between brackets, each bracket a candidate. */
static void answer_line(const char *line, FILE *out)
{
    const char *at = strstr(line, "\"parameters\": [");
    if (at == NULL) { return; }
    fprintf(out, "{\"batch\": %ld, \"results\": [",
            strtol(line + strlen("{\"batch\": "), NULL, 10));
    const char *comma = "";
    for (at = strchr(at, '[') + 1; *at == '[' || *at == ','; at += *at == ']') {
        if (*at == ',') { at += 2; }
        double sum = 0.0;
        for (char *end = NULL; *at != ']' && *at != '\0'; at = end) {
            sum += strtod(at + 1, &end);
            if (end == at + 1) { return; }
        }
        fprintf(out, "%s%.17g", comma, sum);
        comma = ", ";
    }
    fputs("]}\n", out);
    fflush(out);
}

static int serve_lines(FILE *in, FILE *out)
{
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, in) > 0) { answer_line(line, out); }
    free(line);
    return 0;
}

struct ask {
    char magic[4];
    uint32_t protocol;
    uint64_t batch, generation;
    uint32_t purpose, n_parameters;
    uint64_t n;
};

struct answer {
    char magic[4];
    uint32_t n_results;
    uint64_t batch, n, text;
};

static bool answer_block(const struct ask *ask, FILE *in, FILE *out)
{
    double *x = NULL;
    if (evo_alloc(ask->n * (ask->n_parameters + 2), sizeof(double), "child", &x) != EVO_OK) {
        return false;
    }
    double *results = x + ask->n * ask->n_parameters;
    bool good = fread(x, sizeof *x, ask->n * ask->n_parameters, in) == ask->n * ask->n_parameters;
    for (size_t i = 0; i < ask->n; i++) {
        for (size_t k = 0; k < ask->n_parameters; k++) {
            results[i] += x[i * ask->n_parameters + k];
        }
    }
    const struct answer head = {
        .magic = {'E', 'V', 'O', 'R'}, .n_results = 1, .batch = ask->batch, .n = ask->n};
    fwrite(&head, sizeof head, 1, out);
    fwrite(results, sizeof *results, ask->n, out);
    fwrite(results + ask->n, sizeof(int32_t), ask->n, out); // zeros: none failed
    good = good && fflush(out) == 0;
    free(x);
    return good;
}

/* Instead of evo_program_child: the files are those of a program, and no command is run. */
static int serve(const void *payload, size_t n, const int *fds, size_t n_fds)
{
    (void)payload, (void)n;
    FILE *in = n_fds == 3 ? fdopen(fds[0], "r") : NULL,
         *out = in != NULL ? fdopen(fds[1], "w") : NULL;
    char hello[4096];
    if (out == NULL || fgets(hello, sizeof hello, in) == NULL) { return 1; }
    fputs("{\"protocol\": 1}\n", out);
    fflush(out);
    if (strstr(hello, "\"format\": \"json\"") != NULL) { return serve_lines(in, out); }
    struct ask ask;
    while (fread(&ask, sizeof ask, 1, in) == 1 && answer_block(&ask, in, out)) {}
    return 0;
}

/* ---- measuring ------------------------------------------------------------------------------- */

static double own_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The rounds, after one that warms up. */
static enum evo_status measure(const struct evo_bench_program *what, struct evo_program *program,
                               struct evo_batch *batch, double *wall, double *own)
{
    for (size_t i = 0; i <= what->rounds; i++) {
        double begin_s = evo_clock_s(), own_begin_s = own_s();
        EVO_TRY(evo_program_evaluate(program, batch));
        size_t k = i > 0 ? i - 1 : 0;
        wall[k] = 1e6 * (evo_clock_s() - begin_s) / (double)what->n;
        own[k] = 1e6 * (own_s() - own_begin_s) / (double)what->n;
        EVO_CHECK(batch->message[0] == '\0', EVO_ERR_DATA, "a candidate failed: %s",
                  batch->message);
    }
    qsort(wall, what->rounds, sizeof *wall, evo_math_order);
    qsort(own, what->rounds, sizeof *own, evo_math_order);
    return EVO_OK;
}

/* Starts spawner and program, and measures a batch of drawn numbers. */
static enum evo_status run(const struct evo_bench_program *what, struct evo_program_setup *setup,
                           struct evo_batch *batch, double *wall, double *own)
{
    static evo_spawner_work *const works[] = {evo_program_child, serve};
    struct evo_program *program = NULL;
    enum evo_status status = EVO_OK;
    EVO_TRY(evo_spawner_create(works, 2, &setup->spawner));
    EVO_GOTO(evo_program_create(setup, &program));
    EVO_GOTO(measure(what, program, batch, wall, own));
done:
    evo_program_destroy(program);
    evo_spawner_destroy(setup->spawner);
    return status;
}

enum evo_status evo_bench_program_measure(const struct evo_bench_program *what,
                                          struct evo_bench_program_cost *cost)
{
    static const char python[] =
        "python3 -c 'from evompi_program import serve; serve(lambda x, context: sum(x))'";
    enum evo_status status = EVO_OK;
    char message[512] = "";
    const char **names = NULL, *results[] = {"fitness"};
    double *numbers = NULL;
    const size_t n_x = what->n * what->n_parameters;
    EVO_GOTO(evo_alloc(what->n_parameters, sizeof *names, "names", &names));
    EVO_GOTO(evo_alloc(n_x + 2 * what->n + 2 * what->rounds, sizeof *numbers, "batch", &numbers));
    for (size_t i = 0; i < what->n_parameters; i++) { names[i] = "x"; }
    for (size_t i = 0; i < n_x; i++) {
        numbers[i] = 1.0 / 3.0 * (double)((i * 2654435761u) % 1000003u) - 1e5;
    }
    double *wall = numbers + n_x + 2 * what->n, *own = wall + what->rounds;
    struct evo_batch batch = {.size = sizeof batch,
                              .generation = 1,
                              .n = what->n,
                              .n_parameters = what->n_parameters,
                              .n_results = 1,
                              .n_parts = 1,
                              .parameters = numbers,
                              .results = numbers + n_x,
                              .status = (int32_t *)(void *)(numbers + n_x + what->n),
                              .message = message,
                              .message_bytes = sizeof message};
    struct evo_program_setup setup = {.work = what->adapter_folder != NULL ? 0 : 1,
                                      .command = python,
                                      .version = "",
                                      .format =
                                          what->binary ? EVO_PROGRAM_BINARY : EVO_PROGRAM_JSON,
                                      .n_parameters = what->n_parameters,
                                      .n_results = 1,
                                      .parameters = names,
                                      .results = results,
                                      .n_ranks = 1,
                                      .adapter_folder = what->adapter_folder};
    EVO_GOTO(run(what, &setup, &batch, wall, own));
    *cost = (struct evo_bench_program_cost){.wall_us = wall[what->rounds / 2],
                                            .least_wall_us = wall[0],
                                            .own_us = own[what->rounds / 2]};
done:
    free(numbers);
    free((void *)names);
    return status;
}
