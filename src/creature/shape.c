/* SPDX-License-Identifier: MIT */
/* How many numbers a controller of a given shape has. */
#include <evompi/creature.h>

size_t evo_shape_rows(struct evo_shape shape) { return shape.n_states + shape.n_outputs; }

size_t evo_shape_cols(struct evo_shape shape) { return shape.n_states + shape.n_inputs; }

size_t evo_shape_matrix(struct evo_shape shape)
{
    size_t cols = evo_shape_cols(shape), hidden = shape.n_hidden;
    return hidden * cols + evo_shape_rows(shape) * (cols + hidden);
}

size_t evo_shape_genome(struct evo_shape shape)
{
    return evo_shape_matrix(shape) + shape.n_hidden + evo_shape_rows(shape);
}

void evo_tie_expand(const struct evo_tie *tie, size_t n_genome, const double *x, double *genome)
{
    for (size_t j = 0; j < n_genome; j++) { genome[j] = 0.0; }
    for (size_t i = 0; i < tie->n; i++) {
        const double *row = tie->rows + i * n_genome;
        for (size_t j = 0; j < n_genome; j++) { genome[j] += x[i] * row[j]; }
    }
}
