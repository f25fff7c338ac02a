/* SPDX-License-Identifier: MIT */
/* The linear recurrent controller by loops: what every unrolled step must equal, bit for bit. */
#include "controller.h"

#include <assert.h>
#include <string.h>

static void linear_reset(void *context)
{
    struct evo_linear *linear = context;
    memset(linear->columns, 0, sizeof linear->columns);
}

static double weighted_sum(const struct evo_linear *linear, const double *weights, size_t n,
                           double constant)
{
    enum evo_precision p = linear->precision;
    const double *columns = linear->columns;
    double sum = 0.0;
    for (size_t j = 0; j < n; j++) {
        double weight = evo_precision_round(p, weights[j]);
        if (linear->fused && j > 0) {
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
    if (limit == 0.0) { return x; }
    x = x > -limit ? x : -limit;
    return x < limit ? x : limit;
}

static void linear_step(void *context, const double *inputs, double *outputs)
{
    struct evo_linear *linear = context;
    struct evo_shape shape = linear->shape;
    size_t n_cols = shape.n_states + shape.n_inputs;
    const double *matrix = linear->genome;
    const double *constants = matrix + (shape.n_states + shape.n_outputs) * n_cols;

    /* Every row reads the old state, so the new one waits beside it. */
    double state[EVO_LINEAR_STATES_MAX];
    for (size_t i = 0; i < shape.n_inputs; i++) {
        linear->columns[shape.n_states + i] = evo_precision_round(linear->precision, inputs[i]);
    }
    for (size_t i = 0; i < shape.n_states; i++) {
        state[i] = weighted_sum(linear, matrix + i * n_cols, n_cols, constants[i]);
        state[i] = clip_state(state[i], evo_precision_round(linear->precision, linear->state_limit));
    }
    for (size_t i = 0; i < shape.n_outputs; i++) {
        size_t row = shape.n_states + i;
        outputs[i] = weighted_sum(linear, matrix + row * n_cols, n_cols, constants[row]);
    }
    memcpy(linear->columns, state, shape.n_states * sizeof *state);
}

struct evo_controller evo_controller_linear(struct evo_linear *linear, struct evo_shape shape,
                                            enum evo_precision precision, const double *genome)
{
    assert(shape.n_states <= EVO_LINEAR_STATES_MAX);
    assert(shape.n_states + shape.n_inputs <= EVO_LINEAR_COLS_MAX);
    linear->shape = shape;
    linear->precision = precision;
    linear->genome = genome;
    linear->fused = false;
    linear->state_limit = 0.0;
    return (struct evo_controller){linear_reset, linear_step, linear};
}
