/* SPDX-License-Identifier: MIT */
/* What a plug-in costs over the same code built in: time_own CONFIG.ini [SECTION.KEY=VALUE]... */
#include <evompi/run.h>

#include "sphere8.c"

#include <math.h>
#include <stdlib.h>

enum { MOST = 4096, TIMES = 2001 };

static double genomes[MOST * 8], records[MOST * 2], results[MOST];
static int32_t status_of[MOST];

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Built in: the function, and no more. */
static enum evo_status evaluate_direct(struct evo_task *none, size_t n)
{
    char message[8] = "";
    struct evo_batch batch = {sizeof batch, 1, EVO_PURPOSE_SEARCH, n, 8, 1, 0, 1, genomes, results, status_of,
                              message, sizeof message};
    (void)none;
    evompi_task.evaluate(NULL, &batch);
    return EVO_OK;
}

/* As a rank has it evaluated. */
static enum evo_status evaluate_plugin(struct evo_task *task, size_t n)
{
    return evo_task_evaluate(task, evo_cases_of(1), n, genomes, records);
}

/* The median of many, in nanoseconds a candidate. */
static double time_of(enum evo_status (*work)(struct evo_task *task, size_t n), struct evo_task *task, size_t n)
{
    static double took[TIMES];
    for (int i = 0; i < TIMES; i++) {
        double began_s = evo_clock_s();
        if (work(task, n) != EVO_OK) { return (double)NAN; }
        took[i] = (evo_clock_s() - began_s) * 1e9 / (double)n;
    }
    qsort(took, TIMES, sizeof took[0], by_size);
    return took[TIMES / 2];
}

static enum evo_status read_task(int n_words, char **words, struct evo_config **config, struct evo_task **task)
{
    EVO_CHECK(n_words > 0, EVO_ERR_USAGE, "name a configuration");
    EVO_TRY(evo_run_read_config(words[0], (const char *const *)(words + 1), (size_t)n_words - 1, config));
    return evo_task_create(*config, task);
}

static enum evo_status measure(int n_words, char **words)
{
    enum evo_status status = EVO_OK;
    struct evo_config *config = NULL;
    struct evo_task *task = NULL;
    EVO_GOTO(read_task(n_words, words, &config, &task));
    for (size_t i = 0; i < MOST * 8; i++) { genomes[i] = (double)(i % 97) / 97.0; }
    for (size_t n = 1; n <= MOST; n *= 4) {
        double direct = time_of(evaluate_direct, NULL, n), plugin = time_of(evaluate_plugin, task, n);
        printf("%4zu candidates of 8 parameters: built in %.1f ns, plug-in %.1f ns each: %.1f ns more\n", n, direct,
               plugin, plugin - direct);
    }
done:
    evo_task_destroy(task);
    evo_config_destroy(config);
    return status;
}

int main(int argc, char **argv)
{
    enum evo_status status = measure(argc - 1, argv + 1);
    if (status != EVO_OK) { fprintf(stderr, "time_own: %s\n", evo_status_message()); }
    return status == EVO_OK ? 0 : 1;
}
