/* SPDX-License-Identifier: MIT */
/* The programs that evompi-bench runs, the folder that they write to, and what happens at a signal. */
#include "bench.h"

#include <ctype.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
enum { N_ENDING = sizeof ending / sizeof ending[0] };

/* The signal that came, and the process that runs now. */
static volatile sig_atomic_t arrived, running;

/* The first signal asks the program that runs to end, a second one ends it. */
static void on_signal(int number)
{
    int before = errno;
    if (running > 0) { kill((pid_t)running, arrived != 0 ? SIGKILL : SIGTERM); }
    arrived = number;
    errno = before;
}

void evo_bench_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal}, before;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < N_ENDING; i++) {
        /* What the caller ignores, as nohup does, stays ignored. */
        if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            sigaction(ending[i], &action, NULL);
        }
    }
    /* Where SIGCHLD is ignored nobody can wait for a program. */
    signal(SIGCHLD, SIG_DFL);
}

enum evo_status evo_bench_go_on(void)
{
    int number = arrived;
    EVO_CHECK(number == 0, EVO_ERR_INTERNAL, "ended by signal %d (%s)", number, strsignal(number));
    return EVO_OK;
}

void evo_bench_die_of_signal(void)
{
    if (arrived == 0) { return; }
    fflush(NULL);
    signal(arrived, SIG_DFL);
    raise(arrived);
}

static void become(char *const words[], FILE *out)
{
    if (dup2(fileno(out), STDOUT_FILENO) >= 0 && dup2(fileno(out), STDERR_FILENO) >= 0) {
        execvp(words[0], words);
    }
    dprintf(STDERR_FILENO, "%s: %s\n", words[0], strerror(errno));
    _exit(EVO_BENCH_NOT_STARTED);
}

/* All of a file from its beginning, as text. */
static enum evo_status read_all(FILE *file, char **text)
{
    long n = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    EVO_CHECK(n >= 0 && fseek(file, 0, SEEK_SET) == 0, EVO_ERR_IO, "a temporary file cannot be read");
    EVO_TRY(evo_alloc((size_t)n + 1, 1, "a program's output", text));
    (*text)[fread(*text, 1, (size_t)n, file)] = '\0';
    return EVO_OK;
}

enum evo_status evo_bench_run(char *const words[], char **output, int *how)
{
    enum evo_status status = EVO_OK;
    FILE *out = tmpfile();
    *output = NULL;
    EVO_CHECK(out != NULL, EVO_ERR_IO, "no temporary file can be made: %s", strerror(errno));
    fflush(NULL);
    pid_t child = fork();
    EVO_CHECK_GOTO(child >= 0, EVO_ERR_MEMORY, "%s cannot be started: %s", words[0], strerror(errno));
    if (child == 0) { become(words, out); }
    running = child;
    if (arrived != 0) { kill(child, SIGTERM); }
    while (waitpid(child, how, 0) < 0) {
        EVO_CHECK_GOTO(errno == EINTR, EVO_ERR_INTERNAL, "%s: its process is lost", words[0]);
    }
    EVO_GOTO(evo_bench_go_on());
    EVO_GOTO(read_all(out, output));
done:
    running = 0;
    fclose(out);
    return status;
}

const char *evo_bench_how(char text[EVO_BENCH_HOW], int how)
{
    if (WIFSIGNALED(how)) {
        snprintf(text, EVO_BENCH_HOW, "signal %d (%s)", WTERMSIG(how), strsignal(WTERMSIG(how)));
    } else {
        snprintf(text, EVO_BENCH_HOW, "exit code %d", WEXITSTATUS(how));
    }
    return text;
}

/* Launchers frame what they say by lines of dashes. */
char *evo_bench_last_line(char *output)
{
    char *last = NULL, *rest = NULL;
    for (char *line = strtok_r(output, "\r\n", &rest); line != NULL; line = strtok_r(NULL, "\r\n", &rest)) {
        const char *c = line;
        while (*c != '\0' && !isalnum((unsigned char)*c)) { c++; }
        if (*c != '\0') { last = line; }
    }
    return last;
}

/* ---- the folder ---- */

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

enum evo_status evo_bench_remove(const char *path)
{
    if (!evo_file_exists(path, NULL)) { return EVO_OK; }
    EVO_CHECK(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0, EVO_ERR_IO,
              "%s: cannot be removed (%s): remove it by hand", path, strerror(errno));
    return EVO_OK;
}

enum evo_status evo_bench_make_folder(struct evo_bench *bench)
{
    char name[] = "evompi-bench.XXXXXX";
    EVO_CHECK(mkdtemp(name) != NULL, EVO_ERR_USAGE,
              "no folder can be made here (%s): start evompi-bench where you may write, or measure "
              "the steps alone with --steps", strerror(errno));
    return evo_text_format(&bench->work, "%s", name);
}
