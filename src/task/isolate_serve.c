/* SPDX-License-Identifier: MIT */
/* The child's side of an isolated task: it can only read what it is asked, and evaluates in buffers whose
 * ends nothing can be written behind. */
#include "isolate_shared.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GUARD = 1 << 20 }; // bytes around the shared memory that nothing can touch

/* One child. */
struct serving {
    struct evo_isolate_shape shape;
    struct evo_isolate_ask *ask; ///< cannot be written
    const double *parameters;
    struct evo_isolate_answer *answer;
    double *results;
    int32_t *status;
    uint64_t *seals;
    int socket;
    uint32_t number;   ///< of the latest request
    uint64_t progress; ///< what was written last
    struct evo_isolate_made made;
    uint64_t modes; ///< of arithmetic, for every slice
    struct evo_batch batch; ///< on own buffers, for one slice
    double *own_parameters;
    char message[EVO_ISOLATE_MESSAGE];
};

/* ---- memory ------------------------------------------------------------------------------- */

static bool copy_shape(int memory, size_t page, struct evo_isolate_shape *shape)
{
    struct evo_isolate_ask *ask = mmap(NULL, page, PROT_READ, MAP_SHARED, memory, 0);
    if (ask == MAP_FAILED) { return false; }
    *shape = ask->shape;
    munmap(ask, page);
    return true;
}

/* Maps the shared memory between two ranges that cannot be touched: an array that is overrun ends
 * there, not in the results of others. */
static bool map_shared(struct serving *serving, int memory)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (!copy_shape(memory, page, &serving->shape)) { return false; }
    const struct evo_isolate_layout at = evo_isolate_layout_of(&serving->shape, page);
    char *place = mmap(NULL, at.end + 2 * (size_t)GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) { return false; }
    char *begin = place + GUARD;
    if (mmap(begin, at.answer, PROT_READ, MAP_SHARED | MAP_FIXED, memory, 0) == MAP_FAILED ||
        mmap(begin + at.answer, at.end - at.answer, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory,
             (off_t)at.answer) == MAP_FAILED) {
        return false;
    }
    serving->ask = (struct evo_isolate_ask *)begin;
    serving->parameters = (const double *)(begin + at.parameters);
    serving->answer = (struct evo_isolate_answer *)(begin + at.answer);
    serving->results = (double *)(begin + at.results);
    serving->status = (int32_t *)(begin + at.status);
    serving->seals = (uint64_t *)(begin + at.seals);
    close(memory);
    return true;
}

/* Memory of `bytes` right before a page that cannot be touched; a page before it cannot either. */
static void *guarded(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = evo_isolate_pages(bytes, page);
    char *place = mmap(NULL, whole + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED || mprotect(place + page, whole, PROT_READ | PROT_WRITE) != 0) { return NULL; }
    return place + page + (whole - bytes);
}

static bool make_buffers(struct serving *serving)
{
    const struct evo_isolate_shape *shape = &serving->shape;
    double *results = guarded(shape->slice * shape->n_results * sizeof *results);
    int32_t *status = guarded(shape->slice * sizeof *status);
    serving->own_parameters = guarded(shape->slice * shape->n_parameters * sizeof(double));
    if (results == NULL || status == NULL || serving->own_parameters == NULL) { return false; }
    serving->batch = (struct evo_batch){
        .size = sizeof(struct evo_batch),
        .n_parameters = shape->n_parameters,
        .n_results = shape->n_results,
        .parameters = serving->own_parameters,
        .results = results,
        .status = status,
        .message = serving->message,
        .message_bytes = sizeof serving->message,
    };
    return true;
}

/* ---- limits ------------------------------------------------------------------------------- */

/* Bytes of data that this process has; 0 where the system does not say. */
static uint64_t data_bytes(void)
{
    char pages[32] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) { return 0; }
    if (fscanf(file, "%*u %*u %*u %*u %*u %31s", pages) != 1) { pages[0] = '\0'; }
    fclose(file);
    return strtoull(pages, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void lower_limit(unsigned what, uint64_t bytes)
{
    struct rlimit limit;
    if (getrlimit(what, &limit) != 0) { return; }
    if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > bytes) { limit.rlim_cur = (rlim_t)bytes; }
    (void)setrlimit(what, &limit); // where it cannot be set, the kernel's own remain
}

/* Data, not address space: libraries reserve much of that without using it. A stack without limit, as many
 * batch systems set it, is no way around. No core files: there may be one for each candidate. */
static void limit_self(uint64_t memory_bytes)
{
    lower_limit(RLIMIT_DATA, data_bytes() + memory_bytes);
    lower_limit(RLIMIT_STACK, memory_bytes);
    lower_limit(RLIMIT_CORE, 0);
}

/* Standard output is the rank's, whose lines nobody else may break. */
static void arrange_output(const int *fds, size_t n_fds)
{
    if (n_fds > EVO_ISOLATE_FD_OUTPUT) { dup2(fds[EVO_ISOLATE_FD_OUTPUT], STDERR_FILENO); }
    dup2(STDERR_FILENO, STDOUT_FILENO);
    setvbuf(stdout, NULL, _IOLBF, 0); // else a crash takes what was printed last
}

/* ---- requests ----------------------------------------------------------------------------- */

static void wake_rank(const struct serving *serving)
{
    char byte = 0;
    ssize_t sent = send(serving->socket, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent; // a rank that is gone is seen when we wait for it
}

static bool is_asked(struct serving *serving)
{
    return atomic_load(&serving->ask->number) != serving->number;
}

/* Waits for a request. A rank that works on its next batch has this core for itself: no long spin.
 * False once the rank is gone. */
static bool next_request(struct serving *serving)
{
    enum { LOOKS = 200 };
    char bytes[64];
    for (int i = 0; i < LOOKS; i++) {
        if (is_asked(serving)) { break; }
    }
    while (!is_asked(serving)) {
        atomic_store(&serving->answer->child_waits, 1);
        if (!is_asked(serving)) {
            ssize_t got = recv(serving->socket, bytes, sizeof bytes, 0);
            if (got == 0 || (got < 0 && errno != EINTR)) { return false; }
        }
        atomic_store(&serving->answer->child_waits, 0);
    }
    serving->number = atomic_load(&serving->ask->number);
    return true;
}

static void publish(struct serving *serving, size_t candidate)
{
    serving->progress = (uint64_t)serving->number << 32 | candidate;
    atomic_store_explicit(&serving->answer->progress, serving->progress, memory_order_release);
}

/* A task that has written over what the rank goes by ends here, whether or not the rank has seen it. */
static void check_answer(const struct serving *serving)
{
    if (atomic_load_explicit(&serving->answer->progress, memory_order_relaxed) != serving->progress) { _exit(1); }
}

/* Keeps the message of the first slice that failed. */
static void keep_message(struct serving *serving, size_t n)
{
    for (size_t i = 0; i < n && serving->answer->message[0] == '\0'; i++) {
        if (serving->batch.status[i] == EVO_CANDIDATE_OK) { continue; }
        memcpy(serving->answer->message, serving->message, sizeof serving->message);
        return;
    }
}

static void evaluate_slice(struct serving *serving, size_t first, size_t n)
{
    static const double not_yet = (double)__builtin_nanf("");
    struct evo_batch *batch = &serving->batch;
    const size_t n_parameters = serving->shape.n_parameters, n_results = serving->shape.n_results;
    memcpy(serving->own_parameters, serving->parameters + first * n_parameters,
           n * n_parameters * sizeof(double));
    for (size_t i = 0; i < n * n_results; i++) { batch->results[i] = not_yet; }
    for (size_t i = 0; i < n; i++) { batch->status[i] = EVO_CANDIDATE_OK; }
    serving->message[0] = '\0';
    batch->n = n;
    evo_floating_restore(serving->modes);
    serving->made.task_class->evaluate(serving->made.task, batch);
    check_answer(serving);
    memcpy(serving->results + first * n_results, batch->results, n * n_results * sizeof(double));
    memcpy(serving->status + first, batch->status, n * sizeof(int32_t));
    for (size_t i = 0; i < n; i++) {
        serving->seals[first + i] = evo_isolate_seal(serving->number, first + i, batch->results + i * n_results,
                                                     n_results, batch->status[i]);
    }
    keep_message(serving, n);
}

static void serve_request(struct serving *serving)
{
    struct evo_isolate_ask *ask = serving->ask;
    const size_t n = ask->n, slice = serving->shape.slice;
    serving->batch.generation = ask->generation;
    serving->batch.purpose = (enum evo_purpose)ask->purpose;
    serving->batch.first_part = ask->first_part;
    serving->batch.n_parts = ask->n_parts;
    serving->answer->message[0] = '\0';
    for (size_t i = 0; i < n; i += slice) {
        publish(serving, i);
        evaluate_slice(serving, i, n - i < slice ? n - i : slice);
    }
    atomic_store(&serving->answer->progress, (uint64_t)serving->number << 32 | n);
    if (atomic_load(&ask->rank_waits) != 0) { wake_rank(serving); }
}

/* ---- the whole ---------------------------------------------------------------------------- */

static bool make_task(struct serving *serving, evo_isolate_make *make, const void *payload, size_t n)
{
    char *message = serving->message;
    if (make(payload, n, &serving->made, message, sizeof serving->message) != 0) { return false; }
    if (make_buffers(serving)) { return true; }
    snprintf(message, sizeof serving->message, "no memory for the buffers of %llu candidates",
             (unsigned long long)serving->shape.slice);
    return false;
}

int evo_isolate_serve(evo_isolate_make *make, const void *payload, size_t n, const int *fds, size_t n_fds)
{
    struct serving serving = {.message = ""};
    if (n_fds <= EVO_ISOLATE_FD_SOCKET || !map_shared(&serving, fds[EVO_ISOLATE_FD_MEMORY])) { return 1; }
    serving.socket = fds[EVO_ISOLATE_FD_SOCKET];
    serving.modes = evo_floating_modes();
    arrange_output(fds, n_fds);
    limit_self(serving.shape.memory_bytes);

    bool made = make_task(&serving, make, payload, n);
    memcpy(serving.answer->message, serving.message, sizeof serving.message);
    atomic_store(&serving.answer->state, made ? EVO_ISOLATE_READY : EVO_ISOLATE_REFUSES);
    wake_rank(&serving);
    if (!made) { return 1; }
    while (next_request(&serving)) { serve_request(&serving); }
    if (serving.made.task_class->destroy != NULL) { serving.made.task_class->destroy(serving.made.task); }
    return 0;
}
