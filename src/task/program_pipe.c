/* SPDX-License-Identifier: MIT */
/* One exchange with a program: both directions at once, a time limit, and the reason where it
 * fails. */
#include "program_parts.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Standard output is closed before a process has ended. */
static const double grace_s = 1.0;

static const char advice[] =
    "its standard output is for answers alone: print to standard error instead (in Python: "
    "print(..., file=sys.stderr), or use evompi_program.py)";

/* ---- why ------------------------------------------------------------------------------------ */

static void add_why(struct evo_program *program, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add_why(struct evo_program *program, const char *format, ...)
{
    size_t n = strlen(program->why);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(program->why + n, sizeof program->why - n, format, arguments);
    va_end(arguments);
    for (char *c = program->why + n; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) { *c = '?'; }
    }
}

/* The last line that this child wrote to standard error, where that is a file: most often it says
 * why. */
static void add_last_line(struct evo_program *program)
{
    enum { MAX = 4096 };
    char bytes[MAX];
    struct stat info;
    if (program->error_file < 0 || fstat(program->error_file, &info) != 0) { return; }
    long long begin =
        info.st_size - MAX > program->error_begin ? info.st_size - MAX : program->error_begin;
    ssize_t n = pread(program->error_file, bytes, MAX, begin);
    while (n > 0 && strchr(" \t\r\n", bytes[n - 1]) != NULL) { n--; }
    ssize_t line = n;
    while (line > 0 && bytes[line - 1] != '\n') { line--; }
    if (n <= 0) { return; }
    enum { SHOWN = 300 };
    int shown = n - line < SHOWN ? (int)(n - line) : SHOWN;
    add_why(program, "; the last line of %s: \"%.*s\"", program->setup.error_path, shown,
            bytes + line);
}

static void add_half_line(struct evo_program *program)
{
    char quote[EVO_PROGRAM_QUOTE + 8];
    if (program->in.n == 0) { return; }
    if (program->setup.format == EVO_PROGRAM_BINARY && program->number > 0) {
        add_why(program, ", after %zu bytes of an answer", program->in.n);
        return;
    }
    add_why(program, ", in the middle of a line that begins \"%s\"",
            evo_program_text_quote(program->in.bytes, program->in.n, quote));
}

/* Signals that people and batch systems send to all processes of a job; a shell makes exit codes of
 * 128 and more of them. */
static bool is_from_outside(int how)
{
    int number = WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how) - 128;
    return number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGUSR1 ||
           number == SIGUSR2;
}

/* ---- ends without an answer ------------------------------------------------------------------ */

static enum evo_status died(struct evo_program *program, const char *closed,
                            enum evo_program_end *end)
{
    int how = 0;
    bool by_itself = false;
    char text[64];
    EVO_TRY(evo_program_child_end(program, grace_s, &how, &by_itself));
    *end = by_itself && is_from_outside(how) ? EVO_PROGRAM_STOPPED : EVO_PROGRAM_DIED;
    program->why[0] = '\0';
    if (by_itself) {
        add_why(program, "ended (%s)", evo_spawner_how(how, text, sizeof text));
    } else {
        add_why(program, "closed its standard %s, and went on", closed);
    }
    add_half_line(program);
    add_last_line(program);
    return EVO_OK;
}

static enum evo_status was_late(struct evo_program *program, double timeout_s, size_t sent,
                                enum evo_program_end *end)
{
    int how = 0;
    bool by_itself = false;
    EVO_TRY(evo_program_child_end(program, 0.0, &how, &by_itself));
    *end = EVO_PROGRAM_LATE;
    program->why[0] = '\0';
    add_why(program, "gave no answer in %g s", timeout_s);
    if (sent < program->out.n) {
        add_why(program, ", and read no more than %zu of %zu bytes", sent, program->out.n);
    } else if (program->in.n == 0) {
        add_why(program, " (does it flush its standard output?)");
    }
    add_half_line(program);
    add_last_line(program);
    return EVO_OK;
}

enum evo_status evo_program_pipe_refuse(struct evo_program *program, enum evo_program_end *end)
{
    int how = 0;
    bool by_itself = false;
    EVO_TRY(evo_program_child_end(program, 0.0, &how, &by_itself));
    *end = EVO_PROGRAM_WRONG;
    add_why(program, "; %s", advice);
    return EVO_OK;
}

static enum evo_status said(struct evo_program *program, const char *what,
                            enum evo_program_end *end)
{
    char quote[EVO_PROGRAM_QUOTE + 8];
    program->why[0] = '\0';
    add_why(program, "said \"%s\" %s",
            evo_program_text_quote(program->in.bytes, program->in.n, quote), what);
    return evo_program_pipe_refuse(program, end);
}

/* ---- the exchange ---------------------------------------------------------------------------- */

bool evo_program_pipe_line(struct evo_program *program, size_t limit, bool *fits)
{
    /* `used` says how far there is no end of a line. */
    const char *bytes = program->in.bytes;
    const char *end = program->in.n > program->used
                          ? memchr(bytes + program->used, '\n', program->in.n - program->used)
                          : NULL;
    program->used = end != NULL ? (size_t)(end - bytes) + 1 : program->in.n;
    *fits = program->used <= limit;
    return end != NULL && *fits;
}

/* What is left of the answer before: nothing, where the program keeps to the protocol. */
static void drop_used(struct evo_program *program)
{
    program->in.n -= program->used;
    memmove(program->in.bytes, program->in.bytes + program->used, program->in.n);
    program->used = 0;
}

/* Waits until one of the pipes can go on; false at the end of the time. */
static bool wait_for_pipes(struct evo_program *program, bool writing, double end_s,
                           struct pollfd *pipes)
{
    for (;;) {
        double left_s = end_s - evo_clock_s();
        if (left_s <= 0.0) { return false; }
        int left_ms = left_s < 1e6 ? (int)(left_s * 1e3) + 1 : -1;
        pipes[0] = (struct pollfd){.fd = program->from, .events = POLLIN};
        pipes[1] = (struct pollfd){.fd = writing ? program->to : -1, .events = POLLOUT};
        if (poll(pipes, 2, left_ms) > 0) { return true; }
    }
}

/* Reads what is there. 1: some; 0: nothing now; -1: the end. */
static enum evo_status receive(struct evo_program *program, int *got)
{
    enum { AT_ONCE = 1 << 16 };
    EVO_TRY(evo_program_text_reserve(&program->in, AT_ONCE));
    struct evo_program_text *in = &program->in;
    ssize_t n = read(program->from, in->bytes + in->n, in->capacity - in->n);
    bool later = n < 0 && (errno == EAGAIN || errno == EINTR);
    *got = n > 0 ? 1 : later ? 0 : -1;
    if (n > 0) { in->n += (size_t)n; }
    return EVO_OK;
}

/* Writes what goes in; false where nobody reads any more. */
static bool send_some(struct evo_program *program, size_t *sent)
{
    ssize_t n = write(program->to, program->out.bytes + *sent, program->out.n - *sent);
    if (n > 0) { *sent += (size_t)n; }
    return n >= 0 || errno == EAGAIN || errno == EINTR;
}

static enum evo_status exchange(struct evo_program *program, double timeout_s, size_t limit,
                                evo_program_pipe_whole *whole, enum evo_program_end *end)
{
    double end_s = timeout_s > 0.0 ? evo_clock_s() + timeout_s : (double)INFINITY;
    size_t sent = 0;
    bool fits = true;
    drop_used(program);
    while (!whole(program, limit, &fits)) {
        struct pollfd pipes[2];
        int got = 0;
        if (!fits) { return said(program, "and more, longer than any answer", end); }
        if (!wait_for_pipes(program, sent < program->out.n, end_s, pipes)) {
            return was_late(program, timeout_s, sent, end);
        }
        if (pipes[0].revents != 0) { EVO_TRY(receive(program, &got)); }
        if (got < 0) { return died(program, "output", end); }
        if (pipes[1].revents != 0 && !send_some(program, &sent)) {
            return died(program, "input", end);
        }
    }
    if (sent < program->out.n) {
        return said(program, "before it had read what it was asked", end);
    }
    *end = EVO_PROGRAM_ANSWERED;
    return EVO_OK;
}

enum evo_status evo_program_pipe_exchange(struct evo_program *program, double timeout_s,
                                          size_t limit, evo_program_pipe_whole *whole,
                                          enum evo_program_end *end)
{
    sigset_t before;
    evo_process_mute(&before);
    enum evo_status status = exchange(program, timeout_s, limit, whole, end);
    evo_process_unmute(&before);
    return status;
}
