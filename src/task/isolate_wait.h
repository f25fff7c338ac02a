/* SPDX-License-Identifier: MIT */
/* A rank's view of its child: what the two share, and waiting that ends whatever the child does. */
#ifndef EVO_TASK_ISOLATE_WAIT_H
#define EVO_TASK_ISOLATE_WAIT_H

#include "isolate_shared.h"

/// One child, and the request that it has.
struct evo_isolate_child {
    pid_t pid;    ///< 0: there is none
    int socket;   ///< to it, or -1
    int watch;    ///< readable once it has ended, or -1
    bool is_deaf; ///< it has closed its socket
    void *memory; ///< [bytes], shared with it
    size_t bytes;
    struct evo_isolate_ask *ask;
    struct evo_isolate_answer *answer;
    double *parameters;
    const double *results;
    const int32_t *status;
    const uint64_t *seals;

    uint32_t number; ///< of the request
    size_t n;        ///< its candidates
    size_t reached;  ///< those before are done; only grows
    bool begun;      ///< the child has seen the request
};

/// What there is to know of a child.
enum evo_isolate_news {
    EVO_ISOLATE_NOTHING_NEW,
    EVO_ISOLATE_DONE,     ///< ready, or all of the request evaluated
    EVO_ISOLATE_REFUSED,  ///< its task could not be made
    EVO_ISOLATE_ENDED,    ///< it has ended, or closed its socket
    EVO_ISOLATE_LATE,     ///< nothing for the time that was allowed
    EVO_ISOLATE_DAMAGED,  ///< what it shares holds what no child of ours writes
};

/// Waits until the child is ready, for `limit_s` seconds at most.
enum evo_isolate_news evo_isolate_wait_ready(struct evo_isolate_child *child, double limit_s);

/// Waits until the request is done; `reached` and `begun` say how far it came. `limit_s`: how long one
/// candidate, or slice, may take; 0: as long as it takes. Time in which this process did not run either,
/// as when the job is suspended, does not count.
enum evo_isolate_news evo_isolate_wait_answer(struct evo_isolate_child *child, double limit_s);

/// Has a child that sleeps look at its request.
void evo_isolate_wait_wake(const struct evo_isolate_child *child);

#endif
