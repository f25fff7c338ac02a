/* SPDX-License-Identifier: MIT */
/* Tasks from outside: classes of <evompi/plugin.h>, and programs, behind the contract of tasks inside. */
#ifndef EVO_OWN_H
#define EVO_OWN_H

#include <evompi/contract.h>

enum {
    EVO_OWN_BLOCK = 256,  ///< candidates of a batch, at most
    EVO_OWN_MESSAGE = 256 ///< bytes of a refusal or a failure, in a task's own words
};

/// A kind of task, and the class that it stands for.
struct evo_own_kind {
    struct evo_task_kind kind;
    const struct evo_task_class *class;
    struct evo_key_table table; ///< the class's, each key with its section
    const struct evo_key_table *tables[2];
};

/// What becomes of a candidate that fails: [task] on_failure.
struct evo_own_policy {
    bool aborts;
    int64_t retries;
};

struct evo_own {
    struct evo_task head;
    const struct evo_own_kind *kind; ///< NULL: a program
    void *keys;                      ///< a copy of the values of the class's keys
    size_t n_texts;                  ///< the texts of the first so many keys are copies too
    void *task;                      ///< the class's own
    bool made;                       ///< `create` was called and did not refuse
    struct evo_task_form form;
    struct evo_own_policy policy;
    size_t n_parameters;
    double *lower, *upper; ///< [n_parameters]
    double *results;       ///< [EVO_OWN_BLOCK][n_results]
    int32_t status[EVO_OWN_BLOCK];
    char note[EVO_OWN_MESSAGE]; ///< why the first one failed since it was taken
    /// Evaluates a batch: in this process, in a child, by a program. `runner` is its own.
    enum evo_status (*run)(struct evo_own *own, struct evo_batch *batch);
    void *runner;
};

/// The kind of task that `class` makes; it lives as long as the program. `class` is borrowed.
enum evo_status evo_own_kind_create(const struct evo_task_class *class,
                                    const struct evo_task_kind **out);

/// Has the task evaluated in a child from now on; evo_own_isolate_fini ends it, where there is one.
enum evo_status evo_own_isolate(struct evo_own *own, const struct evo_config *config);
void evo_own_isolate_fini(struct evo_own *own);
/// Whether this process is such a child.
bool evo_own_is_inside(void);
/// Whether the task is one of a plug-in.
bool evo_own_is(const struct evo_task *task);

/// The rank of this process, for messages.
size_t evo_own_rank(void);

/// From now on a plug-in that ends this process says so on standard error, and not with exit code 0. For the
/// life of the process.
void evo_own_guard(void);
/// Stand around every call of a class, by its name; `batch` may be NULL. What the call changes of rounding
/// and of the other modes of arithmetic is undone.
uint64_t evo_own_enter(const struct evo_own *own, const char *call, const struct evo_batch *batch);
void evo_own_leave(uint64_t modes);

/// Parameters as text for a message: the first ones, where there are many.
void evo_own_print_genome(char *text, size_t size, const double *genome, size_t n);

/// What all of them do once own->form says what the task is: policy, bounds, description, room.
enum evo_status evo_own_take_form(struct evo_own *own, const struct evo_config *config);

/// As evo_task_unused, of every task from outside.
size_t evo_own_unused(const struct evo_config *config, struct evo_config_unused *rows);

/// The functions of a kind.
void evo_own_fini(struct evo_own *own);
uint64_t evo_own_steps(const struct evo_task *task, struct evo_cases cases);
uint64_t evo_own_parts(const struct evo_task *task, struct evo_cases cases);
enum evo_status evo_own_evaluate(struct evo_task *task, struct evo_cases cases, uint64_t part, size_t n,
                                 const double *genomes, double *records);
void evo_own_take_note(struct evo_task *task, char *text, size_t size);

#endif
