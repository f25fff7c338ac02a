/* SPDX-License-Identifier: MIT */
/* A small process beside each rank that starts its children: forked before MPI makes forking
 * unsafe. */
#ifndef EVO_TASK_SPAWNER_H
#define EVO_TASK_SPAWNER_H

#include <evompi/base.h>

#include <sys/types.h>

struct evo_spawner; // opaque

/// What a child does: `payload` of n bytes and the file descriptors `fds` are those of the request.
/// It runs in a process group of its own, with the standard signal actions, no signal held back,
/// and no other descriptors than `fds` and 0 to 2 (0: empty; 1 and 2: those of the rank). The child
/// ends with what is returned, and where memory runs out the kernel takes it before the rank.
typedef int evo_spawner_work(const void *payload, size_t n, const int *fds, size_t n_fds);

/// Starts the spawner: a fork of this process, which must be single-threaded and must not have
/// called MPI_Init. It ends, and kills the process groups of all its children, when this process
/// ends in any way (SIGKILL included). `works` is the list of what children can do; it is copied.
/// Local, as all calls here; one thread at a time.
enum evo_status evo_spawner_create(evo_spawner_work *const *works, size_t n_works,
                                   struct evo_spawner **out);
/// Kills what still runs, and the spawner. NULL is accepted.
void evo_spawner_destroy(struct evo_spawner *spawner);

enum { EVO_SPAWNER_FDS = 4, EVO_SPAWNER_PAYLOAD = 1 << 20, EVO_SPAWNER_CHILDREN = 64 };

/// Starts a child that does works[work]. `fds` are duplicated into it. Errors: EVO_ERR_MEMORY where
/// no process can be started, EVO_ERR_INTERNAL where the spawner is lost or does not answer.
enum evo_status evo_spawner_start(struct evo_spawner *spawner, size_t work, const void *payload,
                                  size_t n, const int *fds, size_t n_fds, pid_t *pid);

/// Waits until the child has ended by itself, but `limit_s` seconds at most; *ended says whether it
/// has. evo_spawner_end is due in either case.
enum evo_status evo_spawner_wait(struct evo_spawner *spawner, pid_t pid, double limit_s,
                                 bool *ended);

/// Kills the child's process group (SIGKILL), waits for its end and says how it ended, as of
/// waitpid. A child that has ended by itself is only reported.
enum evo_status evo_spawner_end(struct evo_spawner *spawner, pid_t pid, int *how);

/// Says how a child ended, for a message: "exit code 3", "signal 11 (Segmentation fault)". Returns
/// text.
const char *evo_spawner_how(int how, char *text, size_t size);

#endif
