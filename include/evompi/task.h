/* SPDX-License-Identifier: MIT */
/* Tasks: what a candidate must do, and how well it does it (fitness, smaller is better). */
#ifndef EVOMPI_TASK_H
#define EVOMPI_TASK_H

#include <evompi/child.h>
#include <evompi/config.h>
#include <evompi/controller.h>

/// A named signal of a controller or of a trace.
struct evo_signal {
    const char *name, *unit, *doc;
};

/// One row of a trace: the values of evo_task_trace_signals, in that order.
typedef enum evo_status evo_trace_sink(void *context, const double *values, size_t n_values);

/// Which cases candidates are evaluated on: those of a generation, or the selection set, the same for the
/// whole run, which decides who is champion where cases change from generation to generation.
struct evo_cases {
    enum evo_purpose purpose;
    uint64_t generation; ///< from 1; 0 where the purpose is not EVO_PURPOSE_SEARCH
};
static inline struct evo_cases evo_cases_of(uint64_t generation)
{
    return (struct evo_cases){EVO_PURPOSE_SEARCH, generation};
}
static inline struct evo_cases evo_cases_selection(void)
{
    return (struct evo_cases){EVO_PURPOSE_SELECTION, 0};
}
/// What random numbers of these cases are keyed by, besides seed, stream and index.
static inline uint64_t evo_cases_key(struct evo_cases cases)
{
    return cases.purpose == EVO_PURPOSE_SELECTION ? UINT64_MAX : cases.generation;
}

/// A range of a candidate's parts: of the cases that can be evaluated apart.
struct evo_parts {
    uint64_t first, n;
};

/// One figure of a validation: "settled_2pct", "%", what it says, its value (NaN: there is none).
struct evo_figure {
    const char *name, *unit, *doc;
    double value;
};
typedef enum evo_status evo_figure_sink(void *context, const struct evo_figure *figure);

struct evo_task; // opaque: a task with its settings; constant once made, so threads may share it

/// Makes the task that config->task_name names, with kernels up to config->farm_isa (and the
/// environment's EVOMPI_ISA). Released with evo_task_destroy. Local.
enum evo_status evo_task_create(const struct evo_config *config, struct evo_task **out);
void evo_task_destroy(struct evo_task *task);

/// Fills `rows` with the keys that the task which config->task_name names does not use beside the
/// others of this configuration; whole sections of other tasks are not among them. Returns how many.
size_t evo_task_unused(const struct evo_config *config,
                       struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX / 2]);

/// Whether the parameters of the task that config->task_name names have ranges of their own.
bool evo_task_is_ranged(const struct evo_config *config);

/// What is odd about the task's settings, for a warning in one line; "" where nothing is. Borrowed.
const char *evo_task_warning(const struct evo_task *task);

const char *evo_task_name(const struct evo_task *task);
struct evo_shape evo_task_shape(const struct evo_task *task);
/// Inputs and outputs in the controller's order, [n_inputs] and [n_outputs] of the shape.
const struct evo_signal *evo_task_inputs(const struct evo_task *task);
const struct evo_signal *evo_task_outputs(const struct evo_task *task);
/// What creatures are to keep to, or NULL. Borrowed.
const struct evo_basis *evo_task_basis(const struct evo_task *task);
/// The settings and the cases, a few lines of `key,value,unit`. Borrowed.
const char *evo_task_description(const struct evo_task *task);
/// What a creature consists of, in one phrase: "2 inputs, 1 outputs, 2 state variables", or "10
/// parameters (x: 10), 2 results". Returns text.
const char *evo_task_dimensions(const struct evo_task *task, char *text, size_t size);
/// The step in use: "plain", or "unrolled (avx512)".
const char *evo_task_step_name(const struct evo_task *task);

/// Steps of one candidate in these cases.
uint64_t evo_task_steps(const struct evo_task *task, struct evo_cases cases);
/// Whether cases change from generation to generation, so that survivors must be evaluated again.
bool evo_task_changes(const struct evo_task *task);
/// Candidates that the kernel evaluates side by side: pieces are best multiples of it.
size_t evo_task_batch(const struct evo_task *task);

/// Starts what the task needs to be evaluated, once the run folder is there. Without it the first
/// evaluation does. Local.
enum evo_status evo_task_begin(struct evo_task *task);

/// What an evaluation gives of one candidate: a row of doubles, its results, fitness first, and where
/// candidates can fail, 1 behind them for one that did and 0 for another.
struct evo_record {
    size_t n_results;
    bool fails;
};
struct evo_record evo_task_record(const struct evo_task *task);
static inline size_t evo_record_width(struct evo_record record)
{
    return record.n_results + (record.fails ? 1 : 0);
}
/// The names of the results, [n_results].
const struct evo_result *evo_task_results(const struct evo_task *task);

/// Evaluates n candidates: genomes [n][genome], records [n][width]. A pure function of genome, task,
/// seed and generation. One that failed has NaN for results. EVO_ERR_DATA where [task] on_failure says
/// abort and one failed, or where a parameter lies out of its bounds. One thread of a process at a time.
enum evo_status evo_task_evaluate(struct evo_task *task, struct evo_cases cases, size_t n,
                                  const double *genomes, double *records);
/// How many parts the evaluation of a candidate has: cases that can be evaluated apart, on different ranks.
uint64_t evo_task_parts(const struct evo_task *task, struct evo_cases cases);
/// Evaluates some parts of n candidates: records [parts.n][n][width], which evo_task_join makes records of
/// the whole of. As evo_task_evaluate in all else.
enum evo_status evo_task_evaluate_parts(struct evo_task *task, struct evo_cases cases, struct evo_parts parts,
                                        size_t n, const double *genomes, double *records);
/// Adds up the records of all parts, [evo_task_parts][n][width], in their order: records [n][width], the same
/// bits as of evo_task_evaluate.
void evo_task_join(const struct evo_task *task, struct evo_cases cases, size_t n, const double *genomes,
                   const double *parts, double *records);
/// The same as evo_task_evaluate for the fitness alone, [n].
enum evo_status evo_task_fitness(struct evo_task *task, struct evo_cases cases, size_t n,
                                 const double *genomes, double *fitness);
/// Why the first candidate failed since the last call, one line; "" where none did.
void evo_task_take_note(struct evo_task *task, char *text, size_t size);

/// Adds a task from outside to those that there are: its class must outlive the program's use of it.
/// EVO_ERR_CONFIG where its name is taken, EVO_ERR_MEMORY. Local; before any configuration is read.
enum evo_status evo_task_add(const struct evo_task_class *class);
/// The same of a rollout.
enum evo_status evo_task_add_rollout(const struct evo_rollout_class *class);
/// The same of tasks of the whole contract (<evompi/contract.h>); the list ends with NULL.
enum evo_status evo_task_add_kinds(const struct evo_task_kind *const *kinds);

/// What tasks from outside use of their process. Borrowed; set once, before MPI is started.
struct evo_task_host {
    evo_spawner_work *const *works; ///< [n_works], what children of this process can do
    size_t n_works;
    size_t isolate_work, program_work; ///< which of them
    struct evo_spawner *spawner;       ///< NULL: made when it is first needed
    bool closed;                       ///< MPI runs: no spawner can be made any more
    bool inside;                       ///< this process is the child of an isolated task
    size_t rank, n_ranks;
    const char *folder;  ///< the run folder, for what children print; NULL: standard error
    const char *version; ///< of the program
    const char *adapters; ///< the folder of evompi_program.py; NULL: none
};
void evo_task_set_host(struct evo_task_host *host);

/// Whether the configuration's task needs children: a plug-in that is isolated, or a program.
bool evo_task_needs_children(const struct evo_config *config);

/// The class of a plug-in's task and the task itself, made in this process: for the child of an
/// isolated one, which ends with it.
enum evo_status evo_task_create_inside(const struct evo_config *config, struct evo_task **task,
                                       struct evo_isolate_made *made);

/// Evaluates n candidates of a task that has no evaluation of its own, for their fitness alone: genomes
/// [n][genome], fitness [n]. A pure function of genome, task, seed
/// and generation: the same bits for any n, order, instruction set and thread. Allocates nothing.
void evo_task_fly(const struct evo_task *task, struct evo_cases cases, size_t n,
                  const double *genomes, double *fitness);

/// Whether the task shows how a candidate comes to its results: else there is no trace of it.
bool evo_task_traces(const struct evo_task *task);
/// The columns of a trace: case, time, inputs, outputs, what is simulated.
const struct evo_signal *evo_task_trace_signals(const struct evo_task *task, size_t *n);
/// Evaluates one candidate by the plain step, and hands every step to `sink` (may be NULL).
enum evo_status evo_task_trace(const struct evo_task *task, struct evo_cases cases,
                               const double *genome, evo_trace_sink *sink, void *context,
                               double *fitness);
/// The same with another controller in the candidate's place.
enum evo_status evo_task_trace_controller(const struct evo_task *task, struct evo_cases cases,
                                          const struct evo_controller *controller,
                                          evo_trace_sink *sink, void *context, double *fitness);

/// Runs a controller on the cases of `[validate]`, which no generation has, by the plain step,
/// and hands figure after figure to `sink`: the same in the same order for every controller of a
/// task. `brief`: the few that matter most. EVO_ERR_USAGE where the task has none.
enum evo_status evo_task_validate(const struct evo_task *task,
                                  const struct evo_controller *controller, bool brief,
                                  evo_figure_sink *sink, void *context);
/// The same with a creature.
enum evo_status evo_task_validate_creature(const struct evo_task *task, const double *genome,
                                           bool brief, evo_figure_sink *sink, void *context);
bool evo_task_validates(const struct evo_task *task);

/// A baseline that the same search is to find: its name, and the settings ("section.key=value") that
/// turn this task's configuration into the baseline's, ended by NULL. Where there is none, NULL.
const char *evo_task_tuned(const struct evo_task *task, const char *const **sets);

/// The names of this task's baselines by hand, ended by NULL.
const char *const *evo_task_baselines(const struct evo_task *task);

/// A baseline by hand for this task; EVO_ERR_USAGE where the task has none such.
/// `*out` is released with evo_baseline_destroy.
enum evo_status evo_baseline_create(const struct evo_task *task, const char *name,
                                     struct evo_controller *out);
void evo_baseline_destroy(struct evo_controller *controller);

/// The tasks there are, for names and --list.
size_t evo_task_count(void);
const char *const *evo_task_names(void);
const char *evo_task_summary(size_t i);
/// Table j of the keys of task i, or NULL behind the last. Tasks may share tables.
const struct evo_key_table *evo_task_table(size_t i, size_t j);
/// Takes values out of files that keys of tasks name, for struct evo_config_scope.
enum evo_status evo_task_include(struct evo_config *config);
/// The instruction sets built in and those that this machine has, one line of text each.
void evo_task_print_isas(FILE *out);
/// What tasks have more to list, such as names for their keys: titles, and one line of text each.
void evo_task_print_lists(FILE *out);

/* ---- creatures in CSV ------------------------------------------------------------------ */

/// What champion.csv says beside the genome.
struct evo_champion {
    const double *genome; ///< [genome]
    const double *more;   ///< [n_results - 1], results besides the fitness; NULL: none
    double fitness;
    uint64_t id, parent, born, generation, evaluations;
    int64_t seed;
};

/// The text of champion.csv: shape, order and units of inputs and outputs, vehicle and step as
/// comments, then a line per parameter, hexadecimal and decimal. Released with free().
enum evo_status evo_champion_print(const struct evo_task *task, const struct evo_champion *champion,
                                   char **out);

/// Reads creatures from CSV: a champion.csv, or a line per creature with its parameters
/// (hexadecimal or decimal; # comments and one line of names allowed). *genomes is
/// [*n][evo_shape_genome(shape)], released with free(). Errors name file, line and value.
enum evo_status evo_champion_read(const char *path, struct evo_shape shape, double **genomes,
                                  size_t *n);

/// Whether the task's creatures are what the comments of a champion.csv say of its own: the same
/// number of states and hidden units, the same inputs and outputs by name. What a file does not
/// say fits, so that a CSV by hand does. EVO_ERR_DATA names line, key and both values.
enum evo_status evo_champion_fits(const char *path, const struct evo_task *task);

/// The same of creatures that `made_by` made; `path` names their file in the message.
enum evo_status evo_task_fits(const char *path, const struct evo_task *made_by,
                              const struct evo_task *task);

#endif
