/* SPDX-License-Identifier: MIT */
/* The whole contract of a task, as the built-in ones have it: one const struct a task. A plug-in may have it
 * too (struct evo_task_kinds); it uses the program's own functions, those of the public headers, and so it
 * belongs to one build of the program. <evompi/plugin.h> and <evompi/rollout.h> ask for less. */
#ifndef EVOMPI_CONTRACT_H
#define EVOMPI_CONTRACT_H

#include <evompi/task.h>

/// task.step
enum evo_task_step { EVO_TASK_STEPS(EVO_CHOICE_NAME) };

/// What all tasks have. A task's own struct begins with it.
struct evo_task {
    const struct evo_task_kind *class;
    const struct evo_isa *isa; ///< the best set that this machine and its user allow
    enum evo_precision precision;
    bool unrolled; ///< the kernels' unrolled step evaluates, not the plain one
    char step_name[32];
    char warning[192]; ///< as evo_task_warning

    /* Set by the class's init. */
    struct evo_shape shape;
    const struct evo_signal *inputs, *outputs; ///< [n_inputs], [n_outputs] of the shape
    const struct evo_signal *trace;            ///< [n_trace]
    size_t n_trace;
    struct evo_basis basis; ///< what creatures are to keep to; without rows: nothing. Owned
    char *description; ///< lines of `key,value,unit`; owned
    bool changes;      ///< cases differ from generation to generation
    size_t batch;      ///< candidates that the unrolled step evaluates side by side
    bool fused;         ///< creatures are evo_controller_fused, with this limit:
    double state_limit; ///< of their states
    double weight_size; ///< price of a genome's squared norm, which task.c adds to the costs of its cases
    const struct evo_result *results; ///< [n_results]; where init leaves it, the fitness alone
    size_t n_results;
    bool fails; ///< a candidate's evaluation can fail
};

/// What a task can do. Functions get the task's own struct as its head.
struct evo_task_kind {
    const char *name, *summary;
    const char *manual;            ///< frames, one step and the fitness in words, for champion.csv
    const char *const *baselines; ///< names of the baselines by hand, ends with NULL; NULL: none
    size_t bytes;                  ///< of the task's own struct
    const struct evo_key_table *const *keys; ///< of the task's sections, ends with NULL

    /// Takes values out of files that the task's keys name. Optional.
    enum evo_status (*include)(struct evo_config *config);

    /// Prints what --list is to show of the task's own names; titles end with a colon. Optional.
    void (*print_lists)(FILE *out);

    /// As evo_task_unused. Optional.
    size_t (*unused)(const struct evo_config *config,
                     struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX / 2]);
    /// Reads the settings; the struct is zeroed but for its head. On failure fini is called.
    enum evo_status (*init)(struct evo_task *task, const struct evo_config *config);
    void (*fini)(struct evo_task *task);
    uint64_t (*steps)(const struct evo_task *task, struct evo_cases cases);
    /// As evo_task_parts, at least 1. Optional: 1.
    uint64_t (*parts)(const struct evo_task *task, struct evo_cases cases);
    /// As evo_task_begin. Optional.
    enum evo_status (*begin)(struct evo_task *task);
    /// One part of n candidates, as evo_task_evaluate_parts. Optional: then `fly` gives the costs, and no
    /// candidate can fail.
    enum evo_status (*evaluate)(struct evo_task *task, struct evo_cases cases, uint64_t part, size_t n,
                                const double *genomes, double *records);
    /// As evo_task_take_note. Optional.
    void (*take_note)(struct evo_task *task, char *text, size_t size);
    /// Costs of a range of parts, by the plain or the unrolled step: sums [n] of each candidate, 0 plus the
    /// first part's cost, plus the next one's, and so on. Required without `evaluate`.
    void (*fly)(const struct evo_task *task, struct evo_cases cases, struct evo_parts parts, size_t n,
                const double *genomes, double *sums);
    bool mean; ///< the fitness is the mean of the parts' costs, and not their sum
    /// Fitness of one controller, by the plain step; `sink` may be NULL.
    enum evo_status (*trace)(const struct evo_task *task, struct evo_cases cases,
                             const struct evo_controller *controller, evo_trace_sink *sink,
                             void *context, double *fitness);
    /// Makes baselines[i]; its context is one block of the heap.
    enum evo_status (*baseline)(const struct evo_task *task, size_t i, struct evo_controller *out);
    /// A genome as a controller; NULL: linear, or fused where `fused` is set.
    struct evo_controller (*controller)(const struct evo_task *task, struct evo_linear *linear,
                                        const double *genome);
    /// As evo_task_validate; NULL: the task has no validation.
    enum evo_status (*validate)(const struct evo_task *task,
                                const struct evo_controller *controller, bool brief,
                                evo_figure_sink *sink, void *context);
    const char *tuned;             ///< as evo_task_tuned; NULL: none
    const char *const *tuned_sets; ///< ends with NULL
};

/// Tasks of the whole contract in a plug-in, which exports it as EVO_KINDS_SYMBOL.
struct evo_task_kinds {
    uint32_t abi, size; ///< EVO_KINDS_ABI, sizeof(struct evo_task_kinds)
    uint64_t layout;    ///< EVO_KINDS_LAYOUT
    const struct evo_task_kind *const *kinds; ///< ends with NULL; at least one
};
#define EVO_KINDS_ABI    1u
#define EVO_KINDS_SYMBOL "evompi_kinds"
#define EVO_KINDS_COUNT(isa, has) +1
/// Differs where the structs that program and plug-in share, or their instruction sets, do.
#define EVO_KINDS_LAYOUT                                                                             \
    (((((uint64_t)sizeof(struct evo_config) << 12 ^ sizeof(struct evo_task)) << 12 ^                 \
       sizeof(struct evo_task_kind)) << 8 ^ sizeof(struct evo_linear)) << 4 ^ (0 EVO_ISAS(EVO_KINDS_COUNT)))
/// Makes the descriptor of a list of kinds.
#define EVO_KINDS(list)                                                                              \
    extern const struct evo_task_kinds evompi_kinds;                                                 \
    const struct evo_task_kinds evompi_kinds = {EVO_KINDS_ABI, sizeof(struct evo_task_kinds),        \
                                                EVO_KINDS_LAYOUT, list}

/// The tasks of this program, ends with NULL: src/tasks has them.
extern const struct evo_task_kind *const evo_tasks_builtin[];

/// A genome as this task's controller; `linear` is the caller's, as for evo_controller_linear.
struct evo_controller evo_task_controller(const struct evo_task *task, struct evo_linear *linear,
                                          const double *genome);

/// A task's table of keys with `section` in each of them; its rows are on the heap.
enum evo_status evo_task_keys_in(const char *section, const struct evo_key_table *table, struct evo_key_table *out);

/// For init: task->description, `head` and then a line `key,value,unit` for each key of the section that has
/// the task's name.
enum evo_status evo_task_describe(struct evo_task *task, const struct evo_config *config, const char *head);

/// The kind of the task that has this name, or NULL.
const struct evo_task_kind *evo_task_kind_find(const char *name);

/// For init: settles task->unrolled from `[task] step` and from whether the kernels have this
/// task's shape; `shapes` names those that they have, for the refusal.
enum evo_status evo_task_choose_step(struct evo_task *task, const struct evo_config *config,
                                     bool has_kernel, const char *shapes);

#endif
