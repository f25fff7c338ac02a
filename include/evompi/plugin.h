/* SPDX-License-Identifier: MIT */
/* A task of your own: the one header that it needs. C11 and C++17; no symbol of the program. */
#ifndef EVOMPI_PLUGIN_H
#define EVOMPI_PLUGIN_H

#include <evompi/key.h>

#include <stdarg.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Grows when a task built for an older number could not be used any more.
#define EVO_TASK_ABI 1u

/// Parameters that belong together: `n` doubles, all with the same bounds.
struct evo_block {
    const char *name;    ///< as in champion.csv: a letter, then letters, digits and _
    size_t n;            ///< 1 or more
    double lower, upper; ///< lower < upper: no candidate outside is ever evaluated; -INFINITY, INFINITY: no bound
    double start;        ///< where a search begins, within the bounds
    double spread;       ///< standard deviation of the first candidates, above 0
    const char *unit, *doc; ///< one line each; may be NULL
};

/// A result of a candidate. The first one is the fitness: smaller is better.
struct evo_result {
    const char *name;       ///< as of a block
    const char *unit, *doc; ///< one line each; may be NULL
};

/// What a batch is for.
enum evo_purpose {
    EVO_PURPOSE_SEARCH,     ///< candidates of a generation
    EVO_PURPOSE_SELECTION,  ///< the selection set: the cases that decide who is champion
    EVO_PURPOSE_VALIDATION, ///< cases that no generation has seen
};

enum evo_candidate_status { EVO_CANDIDATE_OK = 0, EVO_CANDIDATE_FAILED = 1 };

/// Candidates to be evaluated. Results must depend on parameters, keys, seed, generation, purpose and
/// part alone: not on rank, order, time, or what was evaluated before.
struct evo_batch {
    size_t size;         ///< sizeof of this struct in the program: later versions have more members
    uint64_t generation; ///< from 1; for cases that change with it
    enum evo_purpose purpose;
    size_t n;                   ///< candidates
    size_t n_parameters;        ///< doubles of each: the sum over the blocks
    size_t n_results;           ///< doubles of each
    size_t first_part, n_parts; ///< evaluate these parts and give the sums of their results
    const double *parameters;   ///< [n][n_parameters]
    double *results;            ///< [n][n_results]; NaN before the call
    int32_t *status;            ///< [n], enum evo_candidate_status; OK before the call
    char *message;              ///< [message_bytes], "" before the call: why the first one failed
    size_t message_bytes;
};

/// Marks candidate i as failed; the first reason of a batch is kept, as printf makes it.
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static inline void evo_batch_fail(struct evo_batch *batch, size_t i, const char *format, ...)
{
    batch->status[i] = EVO_CANDIDATE_FAILED;
    if (batch->message[0] != '\0') { return; }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(batch->message, batch->message_bytes, format, arguments);
    va_end(arguments);
}

/// What a task is made from.
struct evo_task_setup {
    size_t size;      ///< sizeof of this struct in the program
    const void *keys; ///< the struct of the task's keys, with the user's values; for the task's life
    uint64_t seed;    ///< [job] seed
    const char *isa;  ///< the instruction set to use, as --list names it
    char *message;    ///< [message_bytes]: why `create` refuses, one line
    size_t message_bytes;
};

/// What a task says of itself once it knows its keys. Before `create` it holds what the class says.
struct evo_task_form {
    size_t size;
    const struct evo_block *blocks; ///< [n_blocks], for the task's life
    size_t n_blocks;
    const struct evo_result *results; ///< [n_results], for the task's life
    size_t n_results;
    size_t n_parts; ///< cases of a candidate that can be evaluated apart; 1 before `create`
    bool changes;   ///< the cases change from generation to generation
};

/// One task. The members that every task has come first; those behind `evaluate` may be 0, but blocks
/// are required, here or by `create`.
struct evo_task_class {
    uint32_t abi;        ///< EVO_TASK_ABI
    uint32_t size;       ///< sizeof(struct evo_task_class)
    const char *name;    ///< [task] name, and the section of its keys; a small letter, then a-z, 0-9 and _
    const char *summary; ///< one line for --list
    const struct evo_block *blocks;
    size_t n_blocks;
    /// Called by one thread of a process at a time; makes no MPI call.
    void (*evaluate)(void *task, struct evo_batch *batch);

    struct evo_key_table keys;
    const struct evo_result *results; ///< where there are none: one, "fitness"
    size_t n_results;
    /// Makes *task, which the other calls get. Returns 0, or another number after it has written
    /// setup->message. Without `create` the calls get the struct of the keys.
    int (*create)(const struct evo_task_setup *setup, struct evo_task_form *form, void **task);
    void (*destroy)(void *task);
};

/// Stands before the descriptor of a plug-in: EVO_PLUGIN = { EVO_TASK_HEAD, "name", "summary", ... };
/// C may name members behind the head, as in .keys = ...; C++17 gives them in their order.
#ifdef __cplusplus
#define EVO_PLUGIN \
    extern "C" { \
    extern __attribute__((visibility("default"))) const struct evo_task_class evompi_task; \
    } \
    const struct evo_task_class evompi_task
#else
#define EVO_PLUGIN \
    extern __attribute__((visibility("default"))) const struct evo_task_class evompi_task; \
    const struct evo_task_class evompi_task
#endif
#define EVO_TASK_HEAD EVO_TASK_ABI, (uint32_t)sizeof(struct evo_task_class)

/// The name of the symbol that a plug-in exports.
#define EVO_PLUGIN_SYMBOL "evompi_task"

#ifdef __cplusplus
}
#endif

#endif
