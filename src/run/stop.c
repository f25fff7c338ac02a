/* SPDX-License-Identifier: MIT */
/* Why a run ends: its own limits, or a request from outside. */
#include "run.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* The other of the two globals that the program has: a handler can reach nothing else. */
static volatile int stop_flag;

static void hear(int signal_number) { stop_flag = signal_number; }

const volatile int *evo_stop_flag(void) { return &stop_flag; }

void evo_run_catch_signals(void)
{
    /* SA_RESETHAND: the second INT or TERM ends the process as usual. The others may come again and
     * again: batch systems warn by USR1, USR2 and, at a limit of CPU time each second, XCPU. CONT
     * means nothing: SLURM and mpirun send it along with others. */
    static const struct {
        int number, flags;
        bool may_be_ignored; ///< by the parent: nohup, a shell's background job
    } signals[] = {{SIGUSR1, SA_RESTART, false},
                   {SIGUSR2, SA_RESTART, false},
                   {SIGXCPU, SA_RESTART, false},
                   {SIGINT, SA_RESTART | (int)SA_RESETHAND, true},
                   {SIGTERM, SA_RESTART | (int)SA_RESETHAND, false},
                   {SIGHUP, SA_RESTART, true}};
    sigset_t heard;
    sigemptyset(&heard);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct sigaction action = {.sa_flags = signals[i].flags}, inherited = {0};
        sigaddset(&heard, signals[i].number);
        sigaction(signals[i].number, NULL, &inherited);
        if (signals[i].may_be_ignored && inherited.sa_handler == SIG_IGN) { continue; }
        action.sa_handler = hear;
        sigemptyset(&action.sa_mask);
        sigaction(signals[i].number, &action, NULL);
    }
    /* A parent that waits for signals by sigwait has them blocked, in its children too. */
    sigprocmask(SIG_UNBLOCK, &heard, NULL);
    /* A full quota must come back from write() as an error, a closed pipe from the log too. */
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

static struct evo_stop stop(enum evo_stop_kind kind, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static struct evo_stop stop(enum evo_stop_kind kind, const char *format, ...)
{
    struct evo_stop result = {.kind = kind};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(result.reason, sizeof result.reason, format, arguments);
    va_end(arguments);
    return result;
}

bool evo_stop_is_endless(const struct evo_config *config)
{
    return config->stop_max_generations == 0 && config->stop_max_evaluations == 0 &&
           config->stop_stagnation == 0 && !(config->stop_max_walltime > 0.0) &&
           !(config->stop_target_fitness > -INFINITY);
}

struct evo_stop evo_stop_limits(const struct evo_state *state)
{
    const struct evo_config *config = state->config;
    uint64_t max_generations = (uint64_t)config->stop_max_generations;
    uint64_t max_evaluations = (uint64_t)config->stop_max_evaluations;
    uint64_t stagnation = (uint64_t)config->stop_stagnation;
    char best[32], target[32];

    if (max_generations > 0 && state->generation >= max_generations) {
        return stop(EVO_STOP_FINISHED, "stop.max_generations = %" PRIu64 " is reached",
                    max_generations);
    }
    if (max_evaluations > 0 && state->evaluations >= max_evaluations) {
        return stop(EVO_STOP_FINISHED, "stop.max_evaluations = %" PRIu64 " is reached (%" PRIu64 ")",
                    max_evaluations, state->evaluations);
    }
    if (state->champion.id != EVO_NOBODY && state->champion.fitness <= config->stop_target_fitness) {
        return stop(EVO_STOP_FINISHED, "stop.target_fitness = %s is reached (%s)",
                    evo_text_number(target, config->stop_target_fitness),
                    evo_text_number(best, state->champion.fitness));
    }
    if (stagnation > 0 && state->generation >= state->improved + stagnation) {
        return stop(EVO_STOP_FINISHED, "stop.stagnation: no better creature for %" PRIu64
                    " generations", stagnation);
    }
    const char *search_says = evo_search_finished(state->search);
    if (search_says != NULL) { return stop(EVO_STOP_FINISHED, "%s", search_says); }
    return (struct evo_stop){.kind = EVO_STOP_NOT};
}

/* The file `stop` becomes `stopped`, so that a resumed run is not stopped by it again, while a
 * batch script can see why the job ended. */
static bool stop_file_obeyed(const char *folder)
{
    char *asked = NULL, *obeyed = NULL;
    bool there = evo_file_join(&asked, folder, "stop") == EVO_OK &&
                 evo_file_join(&obeyed, folder, "stopped") == EVO_OK &&
                 evo_file_exists(asked, NULL);
    if (there && rename(asked, obeyed) != 0) {
        evo_log(EVO_LOG_WARNING, "%s: cannot be renamed to %s; remove it before you resume", asked,
                obeyed);
    }
    free(asked);
    free(obeyed);
    return there;
}

struct evo_stop evo_stop_requests(struct evo_stop_watch *watch, bool heard, double next_s)
{
    const double look_every_s = 0.2;
    if (stop_flag != 0) { return stop(EVO_STOP_ASKED, "signal %s", strsignal(stop_flag)); }
    if (heard) { return stop(EVO_STOP_ASKED, "a signal to another rank"); }

    double now_s = evo_clock_s();
    if (watch->max_walltime_s > 0.0 && now_s - watch->began_s + next_s >= watch->max_walltime_s) {
        return stop(EVO_STOP_ASKED, "stop.max_walltime = %.6g s leaves no time for another generation",
                    watch->max_walltime_s);
    }
    if (now_s - watch->looked_s >= look_every_s) {
        watch->looked_s = now_s;
        if (stop_file_obeyed(watch->folder)) { return stop(EVO_STOP_ASKED, "the file stop"); }
    }
    return (struct evo_stop){.kind = EVO_STOP_NOT};
}
