/* SPDX-License-Identifier: MIT */
/* What a process asks of the kernel about itself and its relatives; most of it Linux alone has. */
#include <evompi/base.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

bool evo_process_tie(pid_t parent, int signal)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, signal);
#else
    (void)signal;
#endif
    return getppid() == parent;
}

void evo_process_adopt(void)
{
#ifdef __linux__
    prctl(PR_SET_CHILD_SUBREAPER, 1);
#endif
}

size_t evo_process_children(pid_t *pids, size_t max)
{
    size_t n = 0;
#ifdef __linux__
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    FILE *file = fopen(path, "re");
    if (file == NULL) { return 0; }
    char word[32];
    while (n < max && fscanf(file, "%31s", word) == 1) {
        pids[n++] = (pid_t)strtol(word, NULL, 10);
    }
    fclose(file);
#else
    (void)pids, (void)max;
#endif
    return n;
}

void evo_process_close_from(int first)
{
#if defined(__linux__) && defined(SYS_close_range)
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) { return; }
#endif
    /* A kernel before 5.9. No job opens more than these. */
    enum { MOST = 65536 };
    struct rlimit limit;
    int end = MOST;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < MOST) {
        end = (int)limit.rlim_cur;
    }
    for (int file = first; file < end; file++) { close(file); }
}

void evo_process_yield_memory(void)
{
#ifdef __linux__
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) { return; }
    ssize_t put = write(file, "1000", 4); // anybody may raise it; where not, nothing is lost
    (void)put;
    close(file);
#endif
}

void evo_process_rename(const char *name)
{
#ifdef __linux__
    prctl(PR_SET_NAME, name);
#else
    (void)name;
#endif
}

void evo_process_mute(sigset_t *before)
{
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, before);
}

void evo_process_unmute(const sigset_t *before)
{
    sigset_t pipe, pending;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    int got = 0;
    if (!sigismember(before, SIGPIPE) && sigpending(&pending) == 0 &&
        sigismember(&pending, SIGPIPE)) {
        sigwait(&pipe, &got);
    }
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

void evo_thread_unbind(void)
{
#ifdef __linux__
    /* The kernel keeps to those that the job was given (its cpuset). */
    cpu_set_t all;
    memset(&all, 0xff, sizeof all);
    (void)sched_setaffinity(0, sizeof all, &all); // of this thread; a matter of speed alone
#endif
}
