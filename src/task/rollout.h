/* SPDX-License-Identifier: MIT */
/* Rollouts: classes of <evompi/rollout_class.h> behind the contract of tasks. */
#ifndef EVO_ROLLOUT_H
#define EVO_ROLLOUT_H

#include <evompi/contract.h>
#include <evompi/rng.h>
#include <evompi/rollout_class.h>

/* The keys that every rollout has, in the section of its name; the defaults of some are the rollout's. */
/* clang-format off */
#define EVO_ROLLOUT_KEYS(KEY) \
    KEY(cases, INT, "", 1, 100000, "", "cases of a candidate: rollouts from different starts") \
    KEY(redraw, BOOL, "yes", 0, 0, "", "the cases are drawn anew for each generation") \
    KEY(duration, REAL, "", 1e-6, 1e6, "s", "length of a case") \
    KEY(dt, REAL, "", 1e-9, 1e3, "s", "time between two steps") \
    KEY(delay, INT, "0", 0, EVO_ROLLOUT_DELAY_MAX, "steps", "an output reaches the plant so many steps late") \
    KEY(noise, TEXT, "0", 0, 0, "", "standard deviation of what is added to the inputs in each step: one for all, or one for each with blanks between them") \
    KEY(states, INT, "0", 0, EVO_ROLLOUT_STATES_MAX, "", "state variables of the controller") \
    KEY(hidden, INT, "0", 0, EVO_ROLLOUT_HIDDEN_MAX, "", "units of a hidden layer (tanh) beside the linear controller, which sees them as further inputs") \
    KEY(state_limit, REAL, "10", 1e-6, 1e6, "", "state variables are clipped to plus or minus this") \
    KEY(crash_cost, REAL, "", 0, 1e300, "", "price of each step from a crash on") \
    KEY(weight_size, REAL, "0", 0, 1e6, "", "price of the genome's squared norm")
/* clang-format on */
#define EVO_ROLLOUT_FIELD(name, type, ...) EVO_CTYPE_##type name;
struct evo_rollout_keys {
    EVO_ROLLOUT_KEYS(EVO_ROLLOUT_FIELD)
};
#undef EVO_ROLLOUT_FIELD

enum {
#define EVO_ROLLOUT_COUNT(...) +1
    EVO_ROLLOUT_N_KEYS = 0 EVO_ROLLOUT_KEYS(EVO_ROLLOUT_COUNT),
#undef EVO_ROLLOUT_COUNT
    EVO_ROLLOUT_N_UNUSED = 9, ///< rows of evo_rollout_unused
    EVO_ROLLOUT_COLUMNS = 3,  ///< of a trace beside the rollout's and the outputs: case, t, cost
};

/// A kind of task, and the class that it stands for.
struct evo_rollout_kind {
    struct evo_task_kind kind;
    const struct evo_rollout_class *class;
    struct evo_key rows[EVO_ROLLOUT_N_KEYS];
    char defaults[EVO_ROLLOUT_N_KEYS][32];
    struct evo_key_table common, own;
    const struct evo_key_table *tables[3];
    char paths[3][2 * EVO_TASK_NAME_MAX + 2]; ///< of keys, for evo_rollout_unused
    char *manual;
};

struct evo_rollout {
    struct evo_task head;
    const struct evo_rollout_kind *kind;
    const struct evo_rollout_kernels *kernels; ///< of the set and precision in use
    evo_rollout_run *run;                      ///< plain C in this precision
    struct evo_rollout_setting setting;
    void *keys; ///< what setting.keys points to
    uint64_t n_cases, n_selection, n_validate, seed, validate_seed;
    double noise[EVO_ROLLOUT_INPUTS_MAX], *draws;
    struct evo_signal inputs[EVO_ROLLOUT_INPUTS_MAX], outputs[EVO_ROLLOUT_OUTPUTS_MAX],
        trace[EVO_ROLLOUT_COLUMNS + EVO_ROLLOUT_TRACE_MAX + EVO_ROLLOUT_OUTPUTS_MAX];
    char *output_docs[EVO_ROLLOUT_OUTPUTS_MAX];
};

/// The kind of task that `class` makes; it lives as long as the program. `class` is borrowed.
enum evo_status evo_rollout_kind_create(const struct evo_rollout_class *class, const struct evo_task_kind **out);

/// Case i of a generation or of the selection set; or of those that validate, which no generation has.
void evo_rollout_draw(const struct evo_rollout *rollout, struct evo_cases cases, uint64_t i,
                      struct evo_rollout_case *out);
void evo_rollout_draw_validation(const struct evo_rollout *rollout, uint64_t i, struct evo_rollout_case *out);

/// As evo_task_kind's.
enum evo_status evo_rollout_validate(const struct evo_task *task, const struct evo_controller *controller,
                                     bool brief, evo_figure_sink *sink, void *context);

/// Runs a case with any controller by the plain step; rows of the trace go to `sink`, which may be NULL.
enum evo_status evo_rollout_watch_case(const struct evo_rollout *rollout, const struct evo_rollout_case *one,
                                       uint64_t number, const struct evo_controller *controller,
                                       evo_trace_sink *sink, void *context, struct evo_rollout_state *end);

#endif
