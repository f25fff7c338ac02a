/* SPDX-License-Identifier: MIT */
/* How many numbers a controller of a given shape has. */
#include <evompi/creature.h>

size_t evo_shape_rows(struct evo_shape shape) { return shape.n_states + shape.n_outputs; }

size_t evo_shape_cols(struct evo_shape shape) { return shape.n_states + shape.n_inputs; }

/* Blocks of parameters are no controller: all of them are varied as a matrix is. */
static size_t count_blocks(struct evo_shape shape)
{
    size_t n = 0;
    for (size_t i = 0; i < shape.n_blocks; i++) { n += shape.blocks[i].n; }
    return n;
}

size_t evo_shape_matrix(struct evo_shape shape)
{
    if (shape.n_blocks > 0) { return count_blocks(shape); }
    size_t cols = evo_shape_cols(shape), hidden = shape.n_hidden;
    return hidden * cols + evo_shape_rows(shape) * (cols + hidden);
}

size_t evo_shape_genome(struct evo_shape shape)
{
    if (shape.n_blocks > 0) { return count_blocks(shape); }
    return evo_shape_matrix(shape) + shape.n_hidden + evo_shape_rows(shape);
}

const struct evo_block *evo_shape_block(struct evo_shape shape, size_t i, size_t *place)
{
    const struct evo_block *block = shape.blocks;
    for (size_t k = 0; k < shape.n_blocks; k++, block++) {
        *place = i;
        if (i < block->n) { return block; }
        i -= block->n;
    }
    return NULL;
}

void evo_basis_expand(const struct evo_basis *basis, size_t n_genome, const double *x, double *genome)
{
    for (size_t j = 0; j < n_genome; j++) { genome[j] = 0.0; }
    for (size_t i = 0; i < basis->n; i++) {
        const double *row = basis->rows + i * n_genome;
        for (size_t j = 0; j < n_genome; j++) { genome[j] += x[i] * row[j]; }
    }
}
