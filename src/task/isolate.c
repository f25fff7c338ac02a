/* SPDX-License-Identifier: MIT */
/* The rank's side of an isolated task: starts children, asks them, and finds who ended one. */
#include "isolate_wait.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WHY = 200 }; // bytes of how a child ended

struct evo_isolate {
    struct evo_isolate_setup setup; ///< payload and name are its own copies
    struct evo_isolate_shape shape;
    struct evo_isolate_child child;
    uint64_t n_starts;
    int n_in_vain; ///< children in a row that ended before they were ready, or had begun to evaluate
};

uint64_t evo_isolate_memory_default(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE), cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (pages <= 0 || page <= 0) { return (uint64_t)1 << 32; }
    return (uint64_t)pages * (uint64_t)page / (uint64_t)(cores > 0 ? cores : 1);
}

uint64_t evo_isolate_starts(const struct evo_isolate *isolate) { return isolate->n_starts; }

pid_t evo_isolate_pid(const struct evo_isolate *isolate) { return isolate->child.pid; }

/* ---- one child ---------------------------------------------------------------------------- */

static const struct evo_isolate_child no_child = {.socket = -1, .watch = -1};

/* Releases what belongs to a child that has ended. */
static void forget(struct evo_isolate_child *child)
{
    if (child->memory != NULL) { munmap(child->memory, child->bytes); }
    if (child->socket >= 0) { close(child->socket); }
    if (child->watch >= 0) { close(child->watch); }
    *child = no_child;
}

/* New memory for each child: one that got away could still write into the old. */
static enum evo_status share_memory(struct evo_isolate *isolate, int *file)
{
    struct evo_isolate_child *child = &isolate->child;
    const struct evo_isolate_layout at = evo_isolate_layout_of(&isolate->shape, (size_t)sysconf(_SC_PAGESIZE));
    EVO_TRY(evo_shared_create(isolate->setup.name, at.end, file));
    char *memory = mmap(NULL, at.end, PROT_READ | PROT_WRITE, MAP_SHARED, *file, 0);
    EVO_CHECK(memory != MAP_FAILED, EVO_ERR_MEMORY, "task %s: %zu bytes of shared memory cannot be mapped: %s",
              isolate->setup.name, at.end, strerror(errno));
    child->memory = memory;
    child->bytes = at.end;
    child->ask = (struct evo_isolate_ask *)memory;
    child->parameters = (double *)(memory + at.parameters);
    child->answer = (struct evo_isolate_answer *)(memory + at.answer);
    child->results = (const double *)(memory + at.results);
    child->status = (const int32_t *)(memory + at.status);
    child->seals = (const uint64_t *)(memory + at.seals);
    child->ask->shape = isolate->shape;
    return EVO_OK;
}

static enum evo_status start(struct evo_isolate *isolate)
{
    enum evo_status status = EVO_OK;
    struct evo_isolate_child *child = &isolate->child;
    const struct evo_isolate_setup *setup = &isolate->setup;
    int memory = -1, ends[2] = {-1, -1};
    EVO_GOTO(share_memory(isolate, &memory));
    EVO_CHECK_GOTO(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, EVO_ERR_MEMORY,
                   "task %s: no socket for its process: %s", setup->name, strerror(errno));
    child->socket = ends[0];
    const int fds[] = {memory, ends[1], setup->output};
    EVO_GOTO(evo_spawner_start(setup->spawner, setup->work, setup->payload, setup->n_payload, fds,
                               setup->output >= 0 ? 3 : 2, &child->pid));
    child->watch = evo_shared_watch(child->pid);
    isolate->n_starts++;
done:
    if (memory >= 0) { close(memory); }
    if (ends[1] >= 0) { close(ends[1]); }
    if (status != EVO_OK) { forget(child); }
    return status;
}

/* Ends the child and says how that came. `limit_s`: the time that it had. */
static enum evo_status end(struct evo_isolate *isolate, enum evo_isolate_news news, double limit_s, char why[WHY])
{
    struct evo_isolate_child *child = &isolate->child;
    char text[WHY / 2];
    int how = 0;
    bool by_itself = false;
    enum evo_status status = EVO_OK;
    if (news == EVO_ISOLATE_ENDED) { EVO_GOTO(evo_spawner_wait(isolate->setup.spawner, child->pid, 1.0, &by_itself)); }
    EVO_GOTO(evo_spawner_end(isolate->setup.spawner, child->pid, &how));
    evo_spawner_how(how, text, sizeof text);
    if (news == EVO_ISOLATE_LATE) {
        snprintf(why, WHY, "no answer within %g s", limit_s);
    } else if (news == EVO_ISOLATE_DAMAGED) {
        snprintf(why, WHY, "it wrote into memory that is not its own");
    } else if (!by_itself) {
        snprintf(why, WHY, "it closed files that are not its own");
    } else {
        bool is_killed = WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL;
        snprintf(why, WHY, "%s%s", text, is_killed ? ": killed from outside, as when memory runs out" : "");
    }
done:
    forget(child);
    return status;
}

/* A child that ended for nothing: once may be chance. */
static enum evo_status count_in_vain(struct evo_isolate *isolate, const char *why)
{
    enum { MAX = 2 };
    isolate->n_in_vain++;
    EVO_CHECK(isolate->n_in_vain < MAX, EVO_ERR_CONFIG,
              "task %s: its process ended %d times before it could evaluate anything: %s: without isolate the "
              "error may say more", isolate->setup.name, MAX, why);
    return EVO_OK;
}

static enum evo_status refuse(struct evo_isolate *isolate)
{
    struct evo_isolate_child *child = &isolate->child;
    char message[EVO_ISOLATE_MESSAGE], why[WHY];
    memcpy(message, child->answer->message, sizeof message);
    message[sizeof message - 1] = '\0';
    EVO_TRY(end(isolate, EVO_ISOLATE_REFUSED, 0.0, why));
    return evo_status_fail(EVO_ERR_CONFIG, "task %s: %s", isolate->setup.name,
                           message[0] != '\0' ? message : "its `create` refuses, and says nothing");
}

/* Has a child that is ready. */
static enum evo_status have_child(struct evo_isolate *isolate)
{
    const double limit_s = isolate->setup.ready_timeout_s;
    char why[WHY];
    while (isolate->child.pid == 0) {
        EVO_TRY(start(isolate));
        enum evo_isolate_news news = evo_isolate_wait_ready(&isolate->child, limit_s);
        if (news == EVO_ISOLATE_DONE) { break; }
        if (news == EVO_ISOLATE_REFUSED) { return refuse(isolate); }
        EVO_TRY(end(isolate, news, limit_s, why));
        EVO_TRY(count_in_vain(isolate, why));
    }
    return EVO_OK;
}

/* ---- a batch ------------------------------------------------------------------------------ */

/* Candidates [first, end) of a batch on their way through children. */
struct passage {
    struct evo_batch *batch;
    size_t done;        ///< those before have results, or have been given up
    size_t end;
    size_t alone_until; ///< those before are asked for one by one: one of them ended a child
};

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static void ask(struct evo_isolate *isolate, const struct passage *passage, size_t n)
{
    struct evo_isolate_child *child = &isolate->child;
    const struct evo_batch *batch = passage->batch;
    struct evo_isolate_ask *request = child->ask;
    memcpy(child->parameters, batch->parameters + passage->done * batch->n_parameters,
           n * batch->n_parameters * sizeof(double));
    request->generation = batch->generation;
    request->purpose = (uint32_t)batch->purpose;
    request->first_part = batch->first_part;
    request->n_parts = batch->n_parts;
    request->n = (uint32_t)n;
    child->n = n;
    child->number++;
    atomic_store(&request->number, child->number);
    if (atomic_load(&child->answer->child_waits) != 0) { evo_isolate_wait_wake(child); }
}

static void take_message(const struct evo_isolate_child *child, struct evo_batch *batch)
{
    if (batch->message_bytes == 0 || batch->message[0] != '\0') { return; }
    size_t bytes = least(batch->message_bytes, EVO_ISOLATE_MESSAGE);
    memcpy(batch->message, child->answer->message, bytes);
    batch->message[bytes - 1] = '\0';
}

/* Copies the results of candidate i of the request; false where they are not as the child wrote them. */
static bool take_one(const struct evo_isolate_child *child, struct evo_batch *batch, size_t i, size_t to)
{
    double *results = batch->results + to * batch->n_results;
    int32_t status = child->status[i];
    memcpy(results, child->results + i * batch->n_results, batch->n_results * sizeof *results);
    if (evo_isolate_seal(child->number, i, results, batch->n_results, status) != child->seals[i]) {
        for (size_t j = 0; j < batch->n_results; j++) { results[j] = (double)NAN; }
        return false;
    }
    batch->status[to] = status == EVO_CANDIDATE_OK ? EVO_CANDIDATE_OK : EVO_CANDIDATE_FAILED;
    return true;
}

/* Copies the results of those that the request has done; false where they are damaged. */
static bool take(struct evo_isolate_child *child, const struct passage *passage)
{
    struct evo_batch *batch = passage->batch;
    bool failed = false;
    for (size_t i = 0; i < child->reached; i++) {
        if (!take_one(child, batch, i, passage->done + i)) { return false; }
        failed = failed || batch->status[passage->done + i] != EVO_CANDIDATE_OK;
    }
    if (failed) { take_message(child, batch); }
    return true;
}

static void give_up(struct evo_isolate *isolate, struct passage *passage, const char *why)
{
    struct evo_batch *batch = passage->batch;
    evo_batch_fail(batch, passage->done, "%s", why);
    if (isolate->setup.lost != NULL) { isolate->setup.lost(isolate->setup.context, batch, passage->done, why); }
    passage->done++;
}

/* The child is of no use any more: finds out who did it, or has the suspects asked for one by one. */
static enum evo_status lose(struct evo_isolate *isolate, struct passage *passage, enum evo_isolate_news news,
                            double limit_s)
{
    char why[WHY];
    const struct evo_isolate_child was = isolate->child;
    bool is_damaged = news == EVO_ISOLATE_DAMAGED; // then no index is of use, and no result
    size_t suspects = is_damaged ? was.n : least(isolate->shape.slice, was.n - was.reached);
    EVO_TRY(end(isolate, news, limit_s, why));
    if (!is_damaged) { passage->done += was.reached; }
    if (!was.begun && !is_damaged) { return count_in_vain(isolate, why); }
    if (suspects > 1) {
        passage->alone_until = passage->done + suspects;
    } else {
        give_up(isolate, passage, why);
    }
    return EVO_OK;
}

static enum evo_status pass_on(struct evo_isolate *isolate, struct passage *passage)
{
    EVO_TRY(have_child(isolate));
    size_t n = passage->done < passage->alone_until ? 1 : least(passage->end - passage->done, isolate->shape.capacity);
    double limit_s = isolate->setup.timeout_s * (double)least(n, isolate->shape.slice);
    ask(isolate, passage, n);
    enum evo_isolate_news news = evo_isolate_wait_answer(&isolate->child, limit_s);
    if (isolate->child.begun) { isolate->n_in_vain = 0; }
    if (news != EVO_ISOLATE_DAMAGED && !take(&isolate->child, passage)) { news = EVO_ISOLATE_DAMAGED; }
    if (news != EVO_ISOLATE_DONE) { return lose(isolate, passage, news, limit_s); }
    passage->done += n;
    return EVO_OK;
}

enum evo_status evo_isolate_evaluate(struct evo_isolate *isolate, struct evo_batch *batch)
{
    EVO_CHECK(batch->n_parameters == isolate->shape.n_parameters && batch->n_results == isolate->shape.n_results,
              EVO_ERR_INTERNAL, "task %s: a batch of %zu parameters and %zu results for a process that has %llu "
              "and %llu", isolate->setup.name, batch->n_parameters, batch->n_results,
              (unsigned long long)isolate->shape.n_parameters, (unsigned long long)isolate->shape.n_results);
    struct passage passage = {.batch = batch, .end = batch->n};
    while (passage.done < passage.end) { EVO_TRY(pass_on(isolate, &passage)); }
    return EVO_OK;
}

/* ---- create and destroy ------------------------------------------------------------------- */

static void set_shape(struct evo_isolate *isolate)
{
    const struct evo_isolate_setup *setup = &isolate->setup;
    size_t slice = setup->slice > 0 ? setup->slice : 1;
    size_t bytes = (setup->n_parameters + setup->n_results) * sizeof(double) + sizeof(int32_t);
    size_t capacity = least(EVO_ISOLATE_CAPACITY, EVO_ISOLATE_BYTES / bytes) / slice * slice;
    isolate->shape = (struct evo_isolate_shape){
        .n_parameters = setup->n_parameters,
        .n_results = setup->n_results,
        .slice = slice,
        .capacity = capacity > 0 ? capacity : slice,
        .memory_bytes = setup->memory_bytes > 0 ? setup->memory_bytes : evo_isolate_memory_default(),
    };
}

enum evo_status evo_isolate_create(const struct evo_isolate_setup *setup, struct evo_isolate **out)
{
    enum evo_status status = EVO_OK;
    struct evo_isolate *isolate = NULL;
    char *name = NULL;
    void *payload = NULL;
    EVO_GOTO(evo_alloc(1, sizeof *isolate, "an isolated task", &isolate));
    EVO_GOTO(evo_alloc(setup->n_payload, 1, "an isolated task", &payload));
    EVO_GOTO(evo_text_format(&name, "%s", setup->name));
    if (setup->n_payload > 0) { memcpy(payload, setup->payload, setup->n_payload); }
    isolate->setup = *setup;
    isolate->setup.name = name;
    isolate->setup.payload = payload;
    if (setup->ready_timeout_s <= 0.0) { isolate->setup.ready_timeout_s = EVO_ISOLATE_READY_S; }
    isolate->child = no_child;
    set_shape(isolate);
    EVO_GOTO(have_child(isolate));
    *out = isolate;
    return EVO_OK;
done:
    free(name);
    free(payload);
    free(isolate);
    return status;
}

void evo_isolate_destroy(struct evo_isolate *isolate)
{
    if (isolate == NULL) { return; }
    struct evo_isolate_child *child = &isolate->child;
    if (child->pid != 0) {
        int how = 0;
        bool ended = false;
        close(child->socket); // it is done when there is nobody to ask it
        child->socket = -1;
        (void)evo_spawner_wait(isolate->setup.spawner, child->pid, 1.0, &ended);
        (void)evo_spawner_end(isolate->setup.spawner, child->pid, &how);
    }
    forget(child);
    free((void *)(uintptr_t)isolate->setup.name);
    free((void *)(uintptr_t)isolate->setup.payload);
    free(isolate);
}
