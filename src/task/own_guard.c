/* SPDX-License-Identifier: MIT */
/* What surrounds every call of a plug-in in this process: modes of arithmetic that come back as they were, and
 * one message where the call ends the process. */
#include "own.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The call that this process is in, for a handler; `call` is NULL outside. */
static struct {
    const char *task, *volatile call;
    uint64_t generation;
    size_t n;
} now;

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
enum { N_CRASHES = sizeof crashes / sizeof crashes[0] };
static struct sigaction before[N_CRASHES];

/* There is nobody to hand an error to: no lock, no allocation. */
static void say(const char *how)
{
    char text[512], batch[96] = "";
    if (now.n > 0) {
        snprintf(batch, sizeof batch, " in generation %llu, among %zu candidates", (unsigned long long)now.generation,
                 now.n);
    }
    int n = snprintf(text, sizeof text, "evompi: error: rank %zu: task %s: its `%s` %s%s; with [task] isolate = yes "
                     "this costs one candidate, which the log names\n", evo_own_rank(), now.task, now.call, how, batch);
    ssize_t put = write(STDERR_FILENO, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
    (void)put;
}

/* Whoever handled the signal before has it back, but for a plug-in's crash, of which all is said. */
static void on_crash(int signal_number)
{
    size_t i = 0;
    while (crashes[i] != signal_number) { i++; }
    bool is_theirs = now.call != NULL;
    char how[64];
    snprintf(how, sizeof how, "crashed (%s)", strsignal(signal_number));
    if (is_theirs) { say(how); }
    if (is_theirs) { signal(signal_number, SIG_DFL); } else { sigaction(signal_number, &before[i], NULL); }
    now.call = NULL;
    raise(signal_number);
}

static void on_exit_of_process(void)
{
    if (now.call == NULL) { return; }
    say("has called exit");
    _exit(1);
}

void evo_own_guard(void)
{
    static char stack[64 * 1024]; // a stack that has overflowed holds no handler
    static bool installed;
    if (installed) { return; }
    installed = true;
    const stack_t room = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK | SA_NODEFER};
    (void)sigaltstack(&room, NULL); // where it cannot be had, only an overflow is not explained
    for (size_t i = 0; i < N_CRASHES; i++) { sigaction(crashes[i], &action, &before[i]); }
    atexit(on_exit_of_process);
}

uint64_t evo_own_enter(const struct evo_own *own, const char *call, const struct evo_batch *batch)
{
    now.task = own->head.class->name;
    now.generation = batch != NULL ? batch->generation : 0;
    now.n = batch != NULL ? batch->n : 0;
    now.call = call;
    return evo_floating_modes();
}

void evo_own_leave(uint64_t modes)
{
    now.call = NULL;
    evo_floating_restore(modes);
}
