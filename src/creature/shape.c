/* SPDX-License-Identifier: MIT */
/* How many numbers a controller of a given shape has. */
#include <evompi/creature.h>

size_t evo_shape_rows(struct evo_shape shape) { return shape.n_states + shape.n_outputs; }

size_t evo_shape_cols(struct evo_shape shape) { return shape.n_states + shape.n_inputs; }

size_t evo_shape_matrix(struct evo_shape shape)
{
    return evo_shape_rows(shape) * evo_shape_cols(shape);
}

size_t evo_shape_genome(struct evo_shape shape)
{
    return evo_shape_matrix(shape) + evo_shape_rows(shape);
}
