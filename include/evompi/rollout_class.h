/* SPDX-License-Identifier: MIT */
/* What a rollout shows to the program: its descriptor, and its kernels for each instruction set. */
#ifndef EVOMPI_ROLLOUT_CLASS_H
#define EVOMPI_ROLLOUT_CLASS_H

#include <evompi/key.h>

/// Grows when a rollout built for an older number could not be used any more.
#define EVO_ROLLOUT_ABI 1u

enum {
    EVO_ROLLOUT_INPUTS_MAX = 32,
    EVO_ROLLOUT_OUTPUTS_MAX = 16,
    EVO_ROLLOUT_TRACE_MAX = 64, ///< values of a row of the trace
    EVO_ROLLOUT_STATES_MAX = 16,
    EVO_ROLLOUT_HIDDEN_MAX = 32,
    EVO_ROLLOUT_DELAY_MAX = 8,
    EVO_ROLLOUT_DRAWS = 1 << 14, ///< normal draws that the noise of a case is taken from
};

/// An input, an output, or a value of the trace.
struct evo_rollout_signal {
    const char *name, *unit, *doc; ///< the name as of a key; unit and doc one line each, or ""
    double lower, upper;           ///< of an output: what the controller says is clipped to these
};

/// Random numbers of one case: the same for all candidates, machines and ranks.
struct evo_draw {
    double (*uniform)(struct evo_draw *draw); ///< [0, 1)
    double (*normal)(struct evo_draw *draw);  ///< mean 0, standard deviation 1
    uint64_t state[12];
};

static inline double evo_draw_uniform(struct evo_draw *draw) { return draw->uniform(draw); }
static inline double evo_draw_normal(struct evo_draw *draw) { return draw->normal(draw); }
static inline double evo_draw_between(struct evo_draw *draw, double a, double b)
{
    return a + (b - a) * draw->uniform(draw);
}

/* ---- for the program ---------------------------------------------------------------------------- */

/// One case: where its random numbers begin, and where the noise of each input lies among the draws.
struct evo_rollout_case {
    struct evo_draw draw;
    uint32_t noise[EVO_ROLLOUT_INPUTS_MAX][2]; ///< first, stride
};

/// What is the same in all cases.
struct evo_rollout_setting {
    const void *keys; ///< the rollout's struct, as the precision has it
    uint64_t n_steps;
    double dt_s, state_limit, crash_cost;
    int n_states, n_hidden, delay;
    const double *noise; ///< standard deviations [n_inputs], or NULL
    const double *draws; ///< [EVO_ROLLOUT_DRAWS]
};

/// Adds the costs of each case to sums [n], case after case; genomes [n][genome] of one shape.
typedef void evo_rollout_kernel(const struct evo_rollout_setting *setting, const struct evo_rollout_case *cases,
                                size_t n_cases, size_t n, const double *genomes, double *sums);

/// What has become of one case after so many steps.
struct evo_rollout_state {
    uint64_t n_steps, n_alive; ///< done; done before a crash
    double cost;               ///< per step, those after a crash included
    const double *outputs;     ///< [n_outputs], clipped
    const double *trace;       ///< [n_trace]
};

/// Any controller, and what sees each step; another number than 0 ends the case.
struct evo_rollout_watch {
    void (*control)(void *controller, const double *inputs, double *outputs);
    void *controller;
    int (*see)(void *context, const struct evo_rollout_state *state); ///< may be NULL
    void *context;
};

/// Runs one case; *end is what it came to. Returns what `see` returned.
typedef int evo_rollout_run(const struct evo_rollout_setting *setting, const struct evo_rollout_case *one,
                            const struct evo_rollout_watch *watch, struct evo_rollout_state *end);

/// A rollout as compiled for one instruction set and precision.
struct evo_rollout_kernels {
    size_t batch; ///< candidates at once
    evo_rollout_kernel *fly;
    evo_rollout_run *run;       ///< plain C alone has it
    struct evo_key_table keys; ///< the rollout's own, with this precision's offsets
};

struct evo_rollout_set {
    const char *isa;                              ///< as --list names it
    const struct evo_rollout_kernels *kernels[2]; ///< double, single; NULL: not built
};

/// One rollout: EVO_ROLLOUT(...) = {EVO_ROLLOUT_HEAD, .name = ...}. Required but where it says otherwise.
struct evo_rollout_class {
    uint32_t abi, size;
    const struct evo_rollout_set *sets; ///< [n_sets], plain C first
    size_t n_sets;
    const struct evo_rollout_signal *inputs, *outputs, *trace;
    size_t n_inputs, n_outputs, n_trace;
    struct evo_key_table keys; ///< optional

    const char *name;    ///< [task] name, and the section of the keys; a small letter, then a-z, 0-9 and _
    const char *summary; ///< one line for --list
    const char *manual;  ///< optional: the frames, one step and the cost in words, for champion.csv
    double dt_s;         ///< default of key dt: time between two steps
    double duration_s;   ///< default of key duration: length of a case
    double crash_cost;   ///< default of key crash_cost: price of each step after a crash; more than any other
    size_t cases;        ///< default of key cases
};

/// The name of the symbol that a plug-in exports.
#define EVO_ROLLOUT_SYMBOL "evompi_rollout"

#endif
