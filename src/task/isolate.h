/* SPDX-License-Identifier: MIT */
/* A task that is evaluated in a child process: what it does to its process costs one candidate. */
#ifndef EVO_TASK_ISOLATE_H
#define EVO_TASK_ISOLATE_H

#include "spawner.h"

#include <evompi/plugin.h>

struct evo_isolate; // opaque

/// Called for each candidate whose evaluation ended the child or did not end: `i` of the batch, `why` as
/// in "signal 11 (Segmentation fault)" or "no answer within 2 s".
typedef void evo_isolate_lost(void *context, const struct evo_batch *batch, size_t i, const char *why);

/// What a child is for.
struct evo_isolate_setup {
    struct evo_spawner *spawner; ///< borrowed until the isolate is destroyed
    size_t work;                 ///< the spawner's work that ends in evo_isolate_serve
    const void *payload;         ///< [n_payload], copied: what the work makes its task from
    size_t n_payload;
    const char *name; ///< of the task, for messages; copied
    size_t n_parameters, n_results;
    size_t slice;           ///< candidates in one call of the class's evaluate, 1 or more
    double timeout_s;       ///< for one candidate; 0: none
    double ready_timeout_s; ///< until the work has made its task; 0: EVO_ISOLATE_READY_S
    uint64_t memory_bytes;  ///< that a child may have beyond what it begins with; 0: the default below
    int output;             ///< a file for what the task prints, borrowed; -1: standard error
    evo_isolate_lost *lost; ///< may be NULL
    void *context;          ///< of lost
};

enum { EVO_ISOLATE_READY_S = 120 };

/// This machine's memory over its processors.
uint64_t evo_isolate_memory_default(void);

/// Starts the child, and waits until it has made its task. EVO_ERR_CONFIG where that refuses, or ends
/// the child twice before it is made; else as evo_spawner_start. Local, as all calls here.
enum evo_status evo_isolate_create(const struct evo_isolate_setup *setup, struct evo_isolate **out);

/// Has the child evaluate the batch. Whatever ends the child, keeps it from answering for timeout_s or
/// damages what it shares with this process costs the candidate that it happened at: this one gets
/// EVO_CANDIDATE_FAILED and keeps its results, and a new child goes on with the rest. One that is
/// ended by others while it evaluates nothing costs none. Results, statuses and message are as of the
/// same evaluate called here. Errors as of evo_isolate_create.
enum evo_status evo_isolate_evaluate(struct evo_isolate *isolate, struct evo_batch *batch);

/// Children started so far.
uint64_t evo_isolate_starts(const struct evo_isolate *isolate);

/// The child that is there, or 0.
pid_t evo_isolate_pid(const struct evo_isolate *isolate);

/// Lets the child destroy its task, and ends it. NULL is accepted.
void evo_isolate_destroy(struct evo_isolate *isolate);

/* ---- in the child ------------------------------------------------------------------------- */

/// What the work of a child makes: `class` and the task that its calls get.
struct evo_isolate_made {
    const struct evo_task_class *task_class;
    void *task;
};

/// Makes the task from the payload. Returns 0, or another number after it has written `message`.
typedef int evo_isolate_make(const void *payload, size_t n, struct evo_isolate_made *made, char *message,
                             size_t message_bytes);

/// All of the work of a child: limits itself, makes its task and evaluates until the rank has no more.
/// What the task prints on standard output goes to the setup's output. Returns what the child ends with.
int evo_isolate_serve(evo_isolate_make *make, const void *payload, size_t n, const int *fds, size_t n_fds);

#endif
