/* SPDX-License-Identifier: MIT */
/* The child of a program: how it is started, made ready and ended. */
#include "program_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

extern char **environ;

/* ---- the child's side ----------------------------------------------------------------------- */

/* A child that uses MPI must not take itself for the rank that started it. */
static void forget_mpi(void)
{
    static const char *const prefixes[] = {"OMPI_COMM_WORLD_", "OMPI_MCA_", "PMIX_", "PMI_",
                                           "MPIR_"};
    for (char **entry = environ; *entry != NULL;) {
        bool known = false;
        for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
            known = known || strncmp(*entry, prefixes[i], strlen(prefixes[i])) == 0;
        }
        char *name = known ? strndup(*entry, strcspn(*entry, "=")) : NULL;
        bool gone = name != NULL && unsetenv(name) == 0;
        free(name);
        if (!gone) { entry++; }
    }
}

/* There is a rank on each core already, so one thread each; and what Python does must not vary. A
 * user who has set one of these means it. */
static void set_environment(const char *adapter_folder)
{
    static const char *const defaults[][2] = {
        {"OMP_NUM_THREADS", "1"},     {"OPENBLAS_NUM_THREADS", "1"}, {"MKL_NUM_THREADS", "1"},
        {"NUMEXPR_NUM_THREADS", "1"}, {"JULIA_NUM_THREADS", "1"},    {"PYTHONHASHSEED", "0"},
        {"PYTHONUNBUFFERED", "1"},
    };
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        setenv(defaults[i][0], defaults[i][1], 0);
    }
    if (adapter_folder[0] == '\0') { return; }
    const char *old = getenv("PYTHONPATH");
    char *path = NULL;
    bool more = old != NULL && old[0] != '\0';
    if (evo_text_format(&path, "%s%s%s", adapter_folder, more ? ":" : "", more ? old : "") ==
        EVO_OK) {
        setenv("PYTHONPATH", path, 1);
    }
    free(path);
}

enum { MOST_WORDS = 64 };

/* Cuts a command that means the same without a shell into its words; none where it does not. Run by
 * itself its signals are seen as they are, and the kernel ends it if the spawner is killed. */
static void split(char *command, char *words[MOST_WORDS + 1])
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=+:,@%- ";
    char *rest = NULL;
    size_t n = 0;
    if (command[strspn(command, plain)] != '\0') { return; }
    for (char *word = strtok_r(command, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        if (n == MOST_WORDS) {
            words[0] = NULL;
            return;
        }
        words[n++] = word;
    }
}

/* A crash costs a candidate, and must not fill the disk. */
static void set_limits(uint64_t memory_bytes)
{
    const struct rlimit memory = {memory_bytes, memory_bytes}, no_core = {0, 0};
    /* Not of address space, of which some languages reserve much that they never use. */
    if (memory_bytes > 0) { setrlimit(RLIMIT_DATA, &memory); }
    setrlimit(RLIMIT_CORE, &no_core);
}

/* The payload: this, then command and folder, each with its NUL. */
struct order {
    uint64_t memory_bytes;
};

int evo_program_child(const void *payload, size_t n, const int *fds, size_t n_fds)
{
    enum { CANNOT_RUN = 127 };
    struct order order;
    if (n <= sizeof order || n_fds != 3) { return CANNOT_RUN; }
    memcpy(&order, payload, sizeof order);
    const char *command = (const char *)payload + sizeof order;
    const char *adapter_folder = command + strlen(command) + 1;

    for (int i = 0; i < 3; i++) {
        if (dup2(fds[i], i) != i) { return CANNOT_RUN; }
    }
    evo_process_close_from(3);
    forget_mpi();
    set_environment(adapter_folder);
    char *words[MOST_WORDS + 1] = {NULL}, *copy = strdup(command);
    if (copy != NULL) { split(copy, words); }
    set_limits(order.memory_bytes); // last: what is needed has its memory now
    if (words[0] != NULL) {
        execvp(words[0], words);
    } // where there is no such program the shell says so
    free(copy);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    dprintf(STDERR_FILENO, "/bin/sh cannot be run: %s\n", strerror(errno));
    return CANNOT_RUN;
}

/* ---- our side ------------------------------------------------------------------------------- */

static enum evo_status make_payload(const struct evo_program_setup *setup,
                                    struct evo_program_text *out)
{
    const struct order order = {.memory_bytes = setup->memory_bytes};
    const char *folder = setup->adapter_folder != NULL ? setup->adapter_folder : "";
    EVO_TRY(evo_program_text_add(out, &order, sizeof order));
    EVO_TRY(evo_program_text_add(out, setup->command, strlen(setup->command) + 1));
    return evo_program_text_add(out, folder, strlen(folder) + 1);
}

static enum evo_status open_pipe(int ends[2])
{
    EVO_CHECK(pipe(ends) == 0, EVO_ERR_MEMORY, "program: no pipe can be made: %s", strerror(errno));
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return EVO_OK;
}

static void close_all(int *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (files[i] >= 0) { close(files[i]); }
        files[i] = -1;
    }
}

/* The process, and our ends of its pipes. */
static enum evo_status start_process(struct evo_program *program)
{
    enum evo_status status = EVO_OK;
    const struct evo_program_setup *setup = &program->setup;
    struct evo_program_text payload = {0};
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    EVO_GOTO(make_payload(setup, &payload));
    EVO_GOTO(open_pipe(in));
    EVO_GOTO(open_pipe(out));
    int error = program->error_file >= 0 ? program->error_file : STDERR_FILENO;
    if (program->error_file >= 0) {
        program->error_begin = lseek(program->error_file, 0, SEEK_END);
    }
    const int fds[] = {in[0], out[1], error};
    EVO_GOTO(evo_spawner_start(setup->spawner, setup->work, payload.bytes, payload.n, fds, 3,
                               &program->pid));
    program->to = in[1];
    program->from = out[0];
    fcntl(program->to, F_SETFL, O_NONBLOCK);
    fcntl(program->from, F_SETFL, O_NONBLOCK);
    in[1] = out[0] = -1;
done:
    close_all(in, 2);
    close_all(out, 2);
    free(payload.bytes);
    return status;
}

enum evo_status evo_program_child_end(struct evo_program *program, double grace_s, int *how,
                                      bool *by_itself)
{
    *how = 0;
    *by_itself = false;
    if (program->pid == 0) { return EVO_OK; }
    pid_t pid = program->pid;
    program->pid = 0;
    close(program->to);
    enum evo_status status = EVO_OK;
    if (grace_s > 0.0) {
        status = evo_spawner_wait(program->setup.spawner, pid, grace_s, by_itself);
    }
    if (status == EVO_OK) { status = evo_spawner_end(program->setup.spawner, pid, how); }
    close(program->from);
    return status;
}

/* Makes a new child ready, or says in *end why it is not. */
static enum evo_status make_ready(struct evo_program *program, enum evo_program_end *end)
{
    enum { LIMIT = 1 << 16, DEFAULT_S = 120 };
    double given_s = program->setup.start_timeout_s;
    program->in.n = program->out.n = 0;
    program->used = program->n_served = 0;
    program->number = 0;
    program->n_starts++;
    EVO_TRY(evo_program_text_reserve(&program->in, LIMIT));
    EVO_TRY(start_process(program));
    EVO_TRY(evo_program_json_hello(program));
    EVO_TRY(evo_program_pipe_exchange(program, given_s > 0.0 ? given_s : DEFAULT_S, LIMIT,
                                      evo_program_pipe_line, end));
    if (*end == EVO_PROGRAM_ANSWERED && !evo_program_json_ready(program)) {
        EVO_TRY(evo_program_pipe_refuse(program, end));
    }
    return EVO_OK;
}

enum evo_status evo_program_child_start(struct evo_program *program)
{
    enum { TRIES = 5 }; // a batch system may warn all processes of a job just now
    enum evo_program_end end = EVO_PROGRAM_STOPPED;
    for (int i = 0; i < TRIES && end == EVO_PROGRAM_STOPPED; i++) {
        EVO_TRY(make_ready(program, &end));
    }
    EVO_CHECK(end == EVO_PROGRAM_ANSWERED, EVO_ERR_CONFIG,
              "program \"%.200s\" cannot be used: before it said that it is ready it %s",
              program->setup.command, program->why);
    return EVO_OK;
}
