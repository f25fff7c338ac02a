/* SPDX-License-Identifier: MIT */
/* Creatures: the shape of a genome, a population of them, and the ledger of those that lived. */
#ifndef EVOMPI_CREATURE_H
#define EVOMPI_CREATURE_H

#include <evompi/base.h>
#include <evompi/choice.h>
#include <evompi/plugin.h>

/// The shape of a controller `out = M * [state, inputs, hidden] + c`: M has (states + outputs) rows
/// and (states + inputs + hidden) columns; hidden = tanh(H * [state, inputs] + h), mostly of none.
/// A genome is H row by row, M row by row, h, c.
/// Parameters that are no controller stand in blocks, one behind the other; the rest is 0 then.
struct evo_shape {
    size_t n_states, n_inputs, n_outputs, n_hidden;
    size_t n_blocks;
    const struct evo_block *blocks; ///< [n_blocks], borrowed
};

size_t evo_shape_rows(struct evo_shape shape);   ///< states + outputs
size_t evo_shape_cols(struct evo_shape shape);   ///< states + inputs
size_t evo_shape_matrix(struct evo_shape shape); ///< doubles of H and M
size_t evo_shape_genome(struct evo_shape shape); ///< doubles of a genome
/// The block of parameter i, and its place there; NULL for a controller.
const struct evo_block *evo_shape_block(struct evo_shape shape, size_t i, size_t *place);

/// What a search may keep to: genomes that are sums of x[i] * rows[i], with x its to choose.
struct evo_basis {
    size_t n, n_matrix; ///< rows; the first n_matrix of them make matrices, the others constants
    double *rows;       ///< [n][genome]
};
/// genome = sum of x[i] * rows[i], in this order; x is [basis->n].
void evo_basis_expand(const struct evo_basis *basis, size_t n_genome, const double *x, double *genome);

#define EVO_NOBODY UINT64_MAX ///< the parent of a creature without one; died: still alive

/// Living creatures, array by array. The order of slots is part of a search's state: a function
/// of configuration and generation alone, saved as it is.
struct evo_population {
    size_t n, genome; ///< creatures; doubles of each
    double *genomes;  ///< [n][genome]
    double *fitness;  ///< [n], smaller is better; NaN: not evaluated, or as bad as can be
    uint64_t *id;     ///< [n], counted from 0 over the whole run
    uint64_t *parent; ///< [n], or EVO_NOBODY
    uint64_t *born;   ///< [n], generation
    uint64_t *flown;  ///< [n], generation whose cases gave the fitness
    size_t n_more;    ///< results of a creature besides its fitness
    double *more;     ///< [n][n_more]
};

enum evo_status evo_population_create(size_t n, size_t genome, size_t n_more,
                                      struct evo_population **out);
void evo_population_destroy(struct evo_population *population);

/// Moves the creatures of slots[0 .. n-1] (ascending) to slots 0 .. n-1, in that order. What the
/// slots behind them hold afterwards has no meaning.
void evo_population_keep(struct evo_population *population, const size_t *slots, size_t n);

enum { EVO_POPULATION_FIELDS = 7 };

/// The population as fields, in a fixed order; they borrow its arrays. Returns how many there are: the
/// last one is that of further results, where there are any.
size_t evo_population_fields(const struct evo_population *population,
                             struct evo_field fields[EVO_POPULATION_FIELDS]);

/// Exchanges the creatures of two slots.
void evo_population_swap(struct evo_population *population, size_t a, size_t b);

/// What one line of progress says of a population of one or more. Sums run in order of slots.
/// Where no fitness is finite the four figures are NaN.
struct evo_population_summary {
    double best, mean, worst, spread; ///< over finite fitness; spread: standard deviation
    size_t n_bad;                     ///< creatures with NaN or infinite fitness
    size_t i_best;                    ///< slot of the first in order
};
enum evo_status evo_population_summarize(const struct evo_population *population,
                                         struct evo_population_summary *out);

/// The order of creatures: finite fitness, -inf, +inf, NaN; -0 and 0 are the same; ties by id
/// (older first). True where creature (fitness_a, id_a) stands before (fitness_b, id_b).
bool evo_fitness_before(double fitness_a, uint64_t id_a, double fitness_b, uint64_t id_b);

/// The same order, but for the ties, as whole numbers: keys[i] < keys[j] where i stands before j.
void evo_fitness_keys(const double *fitness, size_t n, uint64_t *keys);

/// Which of those that lived are kept.
enum evo_lineage_keep { EVO_LINEAGE_KEEPS(EVO_CHOICE_NAME) };

/// The ledger of the dead: one row per creature (id, parent, born, died, flown, fitness, genome, and
/// further results where there are any).
struct evo_lineage {
    enum evo_lineage_keep keep;
    struct evo_table *table; ///< owned
};

enum evo_status evo_lineage_create(enum evo_lineage_keep keep, size_t genome, size_t n_more,
                                   struct evo_lineage **out);
void evo_lineage_destroy(struct evo_lineage *lineage);

/// Records the death of slots[0 .. n-1] after generation `died`, of those that are of the kind
/// kept. What `slots` holds afterwards has no meaning.
enum evo_status evo_lineage_bury(struct evo_lineage *lineage,
                                 const struct evo_population *population, size_t *slots, size_t n,
                                 uint64_t died);

/// Records slot i, the new best of the run, where champions are kept; died = EVO_NOBODY.
enum evo_status evo_lineage_crown(struct evo_lineage *lineage,
                                  const struct evo_population *population, size_t i);

#endif
