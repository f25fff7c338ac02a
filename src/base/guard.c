/* SPDX-License-Identifier: MIT */
/* Work that may crash, done by a child process: the crash becomes an error like any other. */
#include <evompi/base.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* Whoever ends the parent means the child. */
static void die_with_parent(void)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

static bool is_crash(int signal)
{
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL ||
           signal == SIGABRT;
}

void evo_guard_begin(void)
{
    struct sigaction inherited = {0};
    sigaction(SIGCHLD, NULL, &inherited);
    if (inherited.sa_handler == SIG_IGN) { signal(SIGCHLD, SIG_DFL); }
}

enum evo_status evo_guard_call(const char *what, int (*work)(void *context), void *context,
                               int *result)
{
    evo_guard_begin();
    fflush(NULL); // else the child prints it again
    pid_t child = fork();
    EVO_CHECK(child >= 0, EVO_ERR_MEMORY, "%s: no process can be started: %s", what,
              strerror(errno));
    if (child == 0) {
        die_with_parent();
        exit(work(context));
    }
    int ended = 0;
    while (waitpid(child, &ended, 0) < 0) {
        EVO_CHECK(errno == EINTR, EVO_ERR_INTERNAL, "%s: its process is lost: %s", what,
                  strerror(errno));
    }
    if (WIFSIGNALED(ended)) {
        const int by = WTERMSIG(ended);
        EVO_CHECK(!is_crash(by), EVO_ERR_CHECKPOINT,
                  "%s: the HDF5 library crashed on it (%s): no evompi made this file as it is", what,
                  strsignal(by));
        /* A reader that went away, an interrupt: as if there were no child. */
        signal(by, SIG_DFL);
        raise(by);
        return evo_status_fail(EVO_ERR_INTERNAL, "%s: ended by a signal (%s)", what, strsignal(by));
    }
    *result = WEXITSTATUS(ended);
    return EVO_OK;
}
