/* SPDX-License-Identifier: MIT */
/* A creature's genome at work as a controller: the plain step, any shape. */
#ifndef EVOMPI_CONTROLLER_H
#define EVOMPI_CONTROLLER_H

#include <evompi/creature.h>
#include <evompi/isa.h>

/// A hand-made controller to compare with, or any other that is no creature: `context` is its
/// memory of one rollout; n_inputs and n_outputs are the task's.
typedef void evo_controller_step(void *context, const double *inputs, double *outputs);
struct evo_controller {
    void (*reset)(void *context); ///< before each rollout
    evo_controller_step *step;
    void *context;
    /// Where a rollout has another time step than the task: before it. Optional.
    void (*set_dt)(void *context, double dt_s);
};

enum {
    EVO_LINEAR_STATES_MAX = 16, ///< state variables of any task
    EVO_LINEAR_EXPANDED = 128,  ///< parameters of a creature that a task makes of another
    EVO_LINEAR_HIDDEN_MAX = 32, ///< hidden units of any task
    EVO_LINEAR_COLS_MAX = 96,   ///< state variables, inputs and hidden units together
};

/// The memory of one linear creature; the caller's, no heap.
struct evo_linear {
    struct evo_shape shape;
    enum evo_precision precision;
    const double *genome;                ///< [genome], borrowed
    double expanded[EVO_LINEAR_EXPANDED]; ///< what `genome` may point to where a task makes it up
    double state_limit;                  ///< of a fused one, rounded to `precision`; else 0
    double columns[EVO_LINEAR_COLS_MAX]; ///< state, inputs, hidden units
};

/// `out = M * [state, inputs] + c`: the first results are the new state, the rest the outputs.
/// Every sum runs left to right, ((s*k0 + z1*k1) + z*k2) + c0, each operation rounded to
/// `precision`; state is 0 after a reset.
struct evo_controller evo_controller_linear(struct evo_linear *linear, struct evo_shape shape,
                                            enum evo_precision precision, const double *genome);

/// The same, but each product is added unrounded (fma), and new states are clipped to +-state_limit
/// (above 0; NaN gives the lower end). Hidden units come first: h = tanh(H * [state, inputs] + h0),
/// and then out = M * [state, inputs, h] + c.
struct evo_controller evo_controller_fused(struct evo_linear *linear, struct evo_shape shape,
                                           enum evo_precision precision, const double *genome,
                                           double state_limit);

/// tanh from fma, *, / alone, in one precision, to 1e-15 of it (single: 4e-7). NaN
/// gives -1.
double evo_tanh_double(double x);
double evo_tanh_single(double x);

#endif
