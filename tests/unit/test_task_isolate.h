/* SPDX-License-Identifier: MIT */
/* A task whose candidates do to their process whatever a task can do to it, by their first parameter. */
#ifndef EVO_TEST_TASK_ISOLATE_H
#define EVO_TEST_TASK_ISOLATE_H

#include <evompi/child.h>

#include <fenv.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_PARAMETERS = 3, N_RESULTS = 2, MESSAGE = 256 };

/* What a candidate does: its first parameter. */
enum deed {
    GOOD, NOT_A_NUMBER, INFINITE, FAIL, EXIT, ABORT, WRONG_POINTER, LOOP, SLEEP, MEMORY, STACK, KILL, HEADER,
    RESULTS_OF_OTHERS, OVERRUN, UNDERRUN, PARAMETERS, CLOSE, PRINT, LEAVE_CHILD, ROUND, LONG_MESSAGE,
    NAP, LONG_NAP,
};

/* ---- the task that does it ------------------------------------------------------------------ */

/* How a process ends that touches what it may not: AddressSanitizer makes an exit of it. */
#ifdef __SANITIZE_ADDRESS__
#define CRASHED "exit code 1"
#else
#define CRASHED "signal 11 (Segmentation fault)"
#endif

static void *volatile nothing;
static volatile bool has_ground = false;

/* Writes over shared memory, from `skip` bytes on, as a hostile task might. */
static void write_over_shared(size_t skip)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        if (strstr(line, "memfd:test") == NULL || strstr(line, " rw-s ") == NULL) { continue; }
        char *end = NULL;
        uintptr_t begin = strtoull(line, &end, 16), stop = strtoull(end + 1, NULL, 16);
        memset((char *)begin + skip, 0xff, stop - begin - skip);
    }
    if (maps != NULL) { fclose(maps); }
}

static void take_memory(void)
{
    for (int i = 0; i < 20; i++) {
        volatile char *block = malloc((size_t)1 << 30);
        for (size_t j = 0; j < (size_t)1 << 30; j += 4096) { block[j] = 1; } // NULL: a crash, as in most codes
    }
}

static int fall(volatile char *above)
{
    volatile char here[4096];
    here[0] = above[0];
    if (has_ground) { return 0; }
    return fall(here) + here[0];
}

/* A process that outlives this one and keeps all its files open. */
static void leave_child(void)
{
    if (fork() == 0) {
        setsid();
        sleep(3);
        _exit(0);
    }
    abort();
}

static void crash(enum deed deed)
{
    switch (deed) {
    case EXIT: exit(3);
    case ABORT: abort();
    case WRONG_POINTER: *(volatile int *)nothing = 1; break;
    case LOOP:
        for (;;) { __asm__ volatile(""); }
    case SLEEP: sleep(1000); break;
    case MEMORY: take_memory(); break;
    case STACK: fall("x"); break;
    case KILL: raise(SIGKILL); break;
    case HEADER: write_over_shared(0); break;
    case RESULTS_OF_OTHERS: write_over_shared(4096); break;
    case CLOSE:
        for (int i = 3; i < 100; i++) { close(i); }
        break;
    case PRINT: printf("printed by a candidate\n"); break;
    case LEAVE_CHILD: leave_child(); break;
    case ROUND: fesetround(FE_DOWNWARD); break;
    case NAP: usleep(30000); break;
    case LONG_NAP:
        for (int i = 0; i < 10; i++) { usleep(30000); }
        break;
    default: break;
    }
}

static void do_deed(struct evo_batch *batch, size_t i)
{
    const double *x = batch->parameters + i * N_PARAMETERS;
    double *results = batch->results + i * N_RESULTS;
    enum deed deed = (enum deed)x[0];
    crash(deed);
    results[0] = x[1] / 3.0 + x[2] * (double)batch->generation + (double)batch->purpose;
    results[1] = (double)(batch->first_part + 10 * batch->n_parts);
    if (deed == NOT_A_NUMBER) { results[0] = NAN; }
    if (deed == INFINITE) { results[0] = INFINITY; }
    if (deed == FAIL) { evo_batch_fail(batch, i, "the solver did not converge at %g", x[1]); }
    if (deed == OVERRUN) { ((volatile double *)batch->results)[batch->n * N_RESULTS] = 1; }
    if (deed == UNDERRUN) { ((volatile double *)batch->results)[-1024] = 1; }
    if (deed == PARAMETERS) { ((double *)(uintptr_t)x)[1] = 77; }
    if (deed == LONG_MESSAGE) {
        batch->status[i] = 5; // not a status of ours
        memset(batch->message, 'm', batch->message_bytes);
    }
}

static void evaluate(void *task, struct evo_batch *batch)
{
    (void)task;
    for (size_t i = 0; i < batch->n; i++) { do_deed(batch, i); }
}

static void count_destroyed(void *task)
{
    FILE *file = fopen(task, "a");
    if (file == NULL) { return; }
    fputc('.', file);
    fclose(file);
}

static const struct evo_task_class task_class = {EVO_TASK_HEAD, .name = "test", .summary = "misbehaves",
                                                 .evaluate = evaluate, .destroy = count_destroyed};

/* Payload: a letter (what making the task does) and a path. */
static int make(const void *payload, size_t n, struct evo_isolate_made *made, char *message, size_t size)
{
    const char *text = payload;
    if (n == 0 || text[0] == 'c') { abort(); }
    if (text[0] == 's') { sleep(1000); }
    if (text[0] == 'r') {
        snprintf(message, size, "the table of drag is missing");
        return 1;
    }
    *made = (struct evo_isolate_made){&task_class, (void *)(uintptr_t)(text + 1)};
    return 0;
}

static int work(const void *payload, size_t n, const int *fds, size_t n_fds)
{
    return evo_isolate_serve(make, payload, n, fds, n_fds);
}

#endif
