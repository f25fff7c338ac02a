/* SPDX-License-Identifier: MIT */
/* A task for tests: a bowl whose candidates with x[0] > `above` do what `fault` says. */
#include <evompi/plugin.h>

#include <fenv.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FAULTS "none|nan|inf|failed|exit|abort|segv|loop|memory|closed|garbage|half|slow|every|rank|batch|order|round"
enum fault { NONE, NOT_A_NUMBER, INFINITE, FAILED, EXIT, ABORT, SEGV, LOOP, MEMORY, CLOSED, GARBAGE, HALF, SLOW,
             EVERY, RANK, BATCH, ORDER, ROUND };

struct settings {
    int fault;
    double above;
    int64_t from;
};

static const struct evo_key keys[] = {
    EVO_KEY_ROW_CHOICE(struct settings, fault, "none", FAULTS, "What some candidates do."),
    EVO_KEY_ROW_REAL(struct settings, above, "1", -10, 10, "", "Those with a larger x[0]."),
    EVO_KEY_ROW_INT(struct settings, from, "1", 1, 1000, "", "The first generation that does so."),
};
static const struct evo_block blocks[] = {
    {.name = "x", .n = 4, .lower = -5, .upper = 5, .start = 0, .spread = 1},
};
static const struct evo_result results[] = {
    {"misfit", "m^2", "Smaller is better."},
    {"length", "m", "Sum of the sizes."},
};

static int create(const struct evo_task_setup *setup, struct evo_task_form *form, void **task)
{
    const struct settings *settings = setup->keys;
    (void)form;
    if (settings->fault == SLOW) { sleep(2); }
    if (settings->fault == ROUND) { fesetround(FE_DOWNWARD); }
    *task = (void *)(uintptr_t)setup->keys;
    return 0;
}

/* 20 GB, each page written. */
static void eat(void)
{
    for (int i = 0; i < 20 * 1024; i++) {
        char *more = malloc(1 << 20);
        if (more == NULL) { abort(); }
        memset(more, i, 1 << 20);
    }
}

/* What a library does that takes all files for its own. */
static void touch_files(enum fault fault)
{
    for (int file = 3; file < 64; file++) {
        if (fault == CLOSED) { close(file); }
        const ssize_t put = fault == GARBAGE ? write(file, "garbage\n", 8) : fault == HALF ? write(file, "h", 1) : 0;
        (void)put;
    }
}

static void suffer(enum fault fault, struct evo_batch *batch, size_t i)
{
    double *to = batch->results + i * batch->n_results;
    volatile int goes_on = 1;
    switch (fault) {
    case NOT_A_NUMBER: to[0] = NAN; break;
    case INFINITE: to[0] = INFINITY; break;
    case EVERY:
    case FAILED: evo_batch_fail(batch, i, "x[0] is %g", batch->parameters[i * batch->n_parameters]); break;
    case EXIT: exit(0);
    case ABORT: abort();
    case SEGV: raise(SIGSEGV); break;
    case LOOP: while (goes_on) {} break;
    case MEMORY: eat(); break;
    case CLOSED:
    case GARBAGE:
    case HALF: touch_files(fault); break;
    case RANK: to[0] += (double)getpid(); break;
    case BATCH: to[0] += batch->n > 1 ? 1.0 : 0.0; break;
    default: break;
    }
}

/* Leaves behind what a careless library does: another rounding, after its own work. */
static void leave(const struct settings *settings)
{
    if (settings->fault == ROUND) { fesetround(FE_UPWARD); }
}

static void evaluate(void *task, struct evo_batch *batch)
{
    static double before;
    const struct settings *settings = task;
    for (size_t i = 0; i < batch->n; i++) {
        const double *x = batch->parameters + i * batch->n_parameters;
        double *to = batch->results + i * batch->n_results;
        to[0] = to[1] = 0.0;
        for (size_t k = 0; k < batch->n_parameters; k++) {
            to[0] += (x[k] + 1.0) * (x[k] + 1.0);
            to[1] += fabs(x[k]);
        }
        if (settings->fault == ORDER) { to[0] += before; }
        before = x[0];
        if (batch->generation < (uint64_t)settings->from) { continue; }
        if (settings->fault == EVERY || x[0] > settings->above) { suffer((enum fault)settings->fault, batch, i); }
    }
    leave(settings);
}

EVO_PLUGIN = {EVO_TASK_HEAD, .name = "faulty", .summary = "a bowl with faults", .blocks = blocks, .n_blocks = 1,
              .evaluate = evaluate, .keys = {keys, 3, sizeof(struct settings)}, .results = results,
              .n_results = 2, .create = create};
