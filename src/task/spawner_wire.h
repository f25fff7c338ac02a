/* SPDX-License-Identifier: MIT */
/* What a rank and its spawner say to each other over their socket. */
#ifndef EVO_TASK_SPAWNER_WIRE_H
#define EVO_TASK_SPAWNER_WIRE_H

#include <evompi/child.h>

enum evo_spawner_verb { EVO_SPAWNER_START, EVO_SPAWNER_WAIT, EVO_SPAWNER_END };

/// One request; START has `payload` bytes behind it, and the file descriptors with it.
struct evo_spawner_request {
    uint64_t number; ///< from 1: an answer that comes too late is known by it
    uint64_t verb;   ///< enum evo_spawner_verb
    uint64_t work;
    uint64_t payload;
    uint64_t n_fds;
    int64_t pid;
};

/// What is said to a request. WAIT and END are answered when the child has ended.
struct evo_spawner_reply {
    uint64_t number;
    int64_t pid; ///< START: the child, or -1
    int64_t how; ///< START: errno where pid is -1; else as of waitpid
};

/// Reads or writes all of n bytes; false where the other side is gone.
bool evo_spawner_read_all(int file, void *bytes, size_t n);

/// The spawner itself: serves requests from `file` until the other side, process `rank`, is gone.
/// It comes with all signals held back. Never returns.
_Noreturn void evo_spawner_serve(int file, pid_t rank, evo_spawner_work *const *works,
                                 size_t n_works);

#endif
