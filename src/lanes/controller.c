/* SPDX-License-Identifier: MIT */
/* The linear recurrent controller by loops: what every unrolled step must equal, bit for bit. */
#include <evompi/controller.h>

#include <assert.h>
#include <string.h>

static void linear_reset(void *context)
{
    struct evo_linear *linear = context;
    memset(linear->columns, 0, sizeof linear->columns);
}

#define ALWAYS static inline __attribute__((always_inline))

/* `fused` is a constant wherever this is used: nothing is asked inside a step. */
ALWAYS double weighted_sum(enum evo_precision p, const double *weights, const double *columns,
                           size_t n, double constant, bool fused)
{
    double sum = 0.0;
    for (size_t j = 0; j < n; j++) {
        double weight = evo_precision_round(p, weights[j]);
        if (fused && j > 0) {
            sum = evo_precision_fma(p, weight, columns[j], sum);
            continue;
        }
        double product = evo_precision_round(p, weight * columns[j]);
        sum = j == 0 ? product : evo_precision_round(p, sum + product);
    }
    return evo_precision_round(p, sum + evo_precision_round(p, constant));
}

/* NaN gives the lower end. */
static double clip_state(double x, double limit)
{
    x = x > -limit ? x : -limit;
    return x < limit ? x : limit;
}

/* The units' values, behind the inputs: what the matrix of the outputs sees besides. */
static void find_hidden(struct evo_linear *linear, const double *constants)
{
    enum evo_precision p = linear->precision;
    size_t n_cols = evo_shape_cols(linear->shape);
    for (size_t i = 0; i < linear->shape.n_hidden; i++) {
        double sum = weighted_sum(p, linear->genome + i * n_cols, linear->columns, n_cols,
                                  constants[i], true);
        linear->columns[n_cols + i] =
            p == EVO_PRECISION_SINGLE ? evo_tanh_single(sum) : evo_tanh_double(sum);
    }
}

ALWAYS void step(struct evo_linear *linear, const double *inputs, double *outputs, bool fused)
{
    enum evo_precision p = linear->precision;
    struct evo_shape shape = linear->shape;
    size_t n_hidden = fused ? shape.n_hidden : 0, n_cols = evo_shape_cols(shape) + n_hidden;
    const double *matrix = linear->genome + n_hidden * evo_shape_cols(shape);
    const double *constants = linear->genome + evo_shape_matrix(shape) + n_hidden;

    /* Every row reads the old state, so the new one waits beside it. */
    double state[EVO_LINEAR_STATES_MAX];
    for (size_t i = 0; i < shape.n_inputs; i++) {
        linear->columns[shape.n_states + i] = evo_precision_round(p, inputs[i]);
    }
    if (n_hidden > 0) { find_hidden(linear, constants - n_hidden); }
    for (size_t i = 0; i < shape.n_states; i++) {
        state[i] = weighted_sum(p, matrix + i * n_cols, linear->columns, n_cols, constants[i], fused);
        if (fused) { state[i] = clip_state(state[i], linear->state_limit); }
    }
    for (size_t i = 0; i < shape.n_outputs; i++) {
        size_t row = shape.n_states + i;
        outputs[i] = weighted_sum(p, matrix + row * n_cols, linear->columns, n_cols, constants[row],
                                  fused);
    }
    memcpy(linear->columns, state, shape.n_states * sizeof *state);
}

static void linear_step(void *context, const double *inputs, double *outputs)
{
    step(context, inputs, outputs, false);
}

static void fused_step(void *context, const double *inputs, double *outputs)
{
    step(context, inputs, outputs, true);
}

struct evo_controller evo_controller_linear(struct evo_linear *linear, struct evo_shape shape,
                                            enum evo_precision precision, const double *genome)
{
    assert(shape.n_states <= EVO_LINEAR_STATES_MAX);
    assert(shape.n_hidden <= EVO_LINEAR_HIDDEN_MAX);
    assert(evo_shape_cols(shape) + shape.n_hidden <= EVO_LINEAR_COLS_MAX);
    linear->shape = shape;
    linear->precision = precision;
    linear->genome = genome;
    linear->state_limit = 0.0;
    return (struct evo_controller){linear_reset, linear_step, linear, NULL};
}

struct evo_controller evo_controller_fused(struct evo_linear *linear, struct evo_shape shape,
                                           enum evo_precision precision, const double *genome,
                                           double state_limit)
{
    struct evo_controller controller = evo_controller_linear(linear, shape, precision, genome);
    linear->state_limit = evo_precision_round(precision, state_limit);
    controller.step = fused_step;
    return controller;
}
