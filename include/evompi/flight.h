/* SPDX-License-Identifier: MIT */
/* Flights: what a creature must do (task), and how well it does (fitness, smaller is better). */
#ifndef EVOMPI_FLIGHT_H
#define EVOMPI_FLIGHT_H

#include <evompi/config.h>
#include <evompi/creature.h>

/// A named signal of a controller or of a trace.
struct evo_signal {
    const char *name, *unit, *doc;
};

/// One row of a trace: the values of evo_task_trace_signals, in that order.
typedef enum evo_status evo_trace_sink(void *context, const double *values, size_t n_values);

/// A hand-made controller to compare with, or any other that is no creature: `context` is its
/// memory of one flight; n_inputs and n_outputs are the task's.
typedef void evo_controller_step(void *context, const double *inputs, double *outputs);
struct evo_controller {
    void (*reset)(void *context); ///< before each flight
    evo_controller_step *step;
    void *context;
    /// Where a flight has another time step than the task: before it. Optional.
    void (*set_dt)(void *context, double dt_s);
};

/// The generation that no search has: where flights change, its flights are the exam, the same for
/// the whole run, by which champions are compared.
#define EVO_GENERATION_EXAM UINT64_MAX

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

/// What is odd about the task's settings, for a warning in one line; "" where nothing is. Borrowed.
const char *evo_task_warning(const struct evo_task *task);

const char *evo_task_name(const struct evo_task *task);
struct evo_shape evo_task_shape(const struct evo_task *task);
/// Inputs and outputs in the controller's order, [n_inputs] and [n_outputs] of the shape.
const struct evo_signal *evo_task_inputs(const struct evo_task *task);
const struct evo_signal *evo_task_outputs(const struct evo_task *task);
/// What creatures are to keep to, or NULL. Borrowed.
const struct evo_tie *evo_task_tie(const struct evo_task *task);
/// The vehicle and the flights, a few lines of `key,value,unit`. Borrowed.
const char *evo_task_description(const struct evo_task *task);
/// The step in use: "plain", or "unrolled (avx512)".
const char *evo_task_step_name(const struct evo_task *task);

/// Steps that one creature flies in `generation`.
uint64_t evo_task_steps(const struct evo_task *task, uint64_t generation);
/// Whether flights change from generation to generation, so that survivors must be flown again.
bool evo_task_changes(const struct evo_task *task);
/// Creatures that one batch of the kernel flies at once: shares are best multiples of it.
size_t evo_task_batch(const struct evo_task *task);

/// Flies n creatures: genomes [n][genome], fitness [n]. A pure function of genome, task, seed
/// and generation: the same bits for any n, order, instruction set and thread. Allocates nothing.
void evo_task_fly(const struct evo_task *task, uint64_t generation, size_t n,
                  const double *genomes, double *fitness);

/// The columns of a trace: flight, time, inputs, outputs, vehicle.
const struct evo_signal *evo_task_trace_signals(const struct evo_task *task, size_t *n);
/// Flies one creature by the plain step, and hands every step to `sink` (may be NULL).
enum evo_status evo_task_trace(const struct evo_task *task, uint64_t generation,
                               const double *genome, evo_trace_sink *sink, void *context,
                               double *fitness);
/// The same with another controller in the creature's place.
enum evo_status evo_task_trace_controller(const struct evo_task *task, uint64_t generation,
                                          const struct evo_controller *controller,
                                          evo_trace_sink *sink, void *context, double *fitness);

/// Flies a controller on the flights of `[validate]`, which no generation has, by the plain step,
/// and hands figure after figure to `sink`: the same in the same order for every controller of a
/// task. `brief`: the few that matter most. EVO_ERR_USAGE where the task has none.
enum evo_status evo_task_validate(const struct evo_task *task,
                                  const struct evo_controller *controller, bool brief,
                                  evo_figure_sink *sink, void *context);
/// The same with a creature.
enum evo_status evo_task_validate_creature(const struct evo_task *task, const double *genome,
                                           bool brief, evo_figure_sink *sink, void *context);
bool evo_task_validates(const struct evo_task *task);

/// A rival that the same search is to find: its name, and the settings ("section.key=value") that
/// turn this task's configuration into the rival's, ended by NULL. Where there is none, NULL.
const char *evo_task_rival(const struct evo_task *task, const char *const **sets);

/// The names of this task's controllers by hand, ended by NULL.
const char *const *evo_task_references(const struct evo_task *task);

/// A controller by hand for this task ("p", "pd"); EVO_ERR_USAGE where the task has none such.
/// `*out` is released with evo_reference_destroy.
enum evo_status evo_reference_create(const struct evo_task *task, const char *name,
                                     struct evo_controller *out);
void evo_reference_destroy(struct evo_controller *controller);

/// The tasks there are, for names and --list.
size_t evo_task_count(void);
const char *const *evo_task_names(void);
const char *evo_task_summary(size_t i);
/// The instruction sets built in and those that this machine has, one line of text each.
void evo_task_print_isas(FILE *out);
/// The vehicles that `[vehicle] name` can name, one line of text each.
void evo_task_print_vehicles(FILE *out);

/* ---- creatures in CSV ------------------------------------------------------------------ */

/// What champion.csv says beside the genome.
struct evo_champion {
    const double *genome; ///< [genome]
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
