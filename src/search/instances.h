/* SPDX-License-Identifier: MIT */
/* All instances of cmaes: their state, who has which slots, and what the log says of their ends. */
#ifndef EVO_SEARCH_INSTANCES_H
#define EVO_SEARCH_INSTANCES_H

#include "bounds.h"
#include "restart.h"
#include "strategy.h"

/// A sample of an instance, by its number, in the order of fitness.
struct evo_instances_place {
    uint64_t key;
    size_t sample;
};

/// What was said, and is still to say, of instances that ended.
struct evo_instances_ends {
    size_t n_said;
    uint64_t counts[EVO_ENDS], generation;
    double best, said_s;
};

/// Every instance has a row of each array, and `n_slots` slots of the population, or one more. In
/// the first of them is its mean, where it has that evaluated; the others have samples. An iteration may
/// take several generations: of those before the latest only the scores are kept, the genomes are
/// drawn again.
struct evo_instances {
    size_t n, n_matrix; ///< parameters that are searched for; the first n_matrix of them matrices'
    size_t n_instances, n_slots, n_long; ///< the first n_long instances have one slot more
    struct evo_bounds *bounds; ///< [n], of each parameter
    bool bounded;              ///< one has bounds
    struct evo_restart restart;

    bool is_set, changing;                 ///< whether settings are made; whether cases change
    size_t n_means;                        ///< of each instance in a generation: 0 or 1
    struct evo_strategy_setting *settings; ///< [2][restart.most + 1]: short and long, doublings
    double *weights;                       ///< of all settings

    double *spread, *start, *scratch; ///< first standard deviations, first mean, of an instance
    double *samples; ///< [most samples][n] drawn again; or an instance's, before they are tied
    struct evo_rng *rngs;               ///< [n_slots + 1]
    struct evo_instances_place *places; ///< [most samples]
    size_t *order, *slots;              ///< [most samples]; [population]
    struct evo_instances_ends ends;

    /* The state that a checkpoint holds, a row for each instance. */
    double *means, *paths_c, *paths_s, *covariances, *axes, *lengths, *bests, *past_bests;
    double *past_medians, *sigmas, *best, *scores;
    uint64_t *past_counts, *past_strides, *iterations, *improved, *decomposed, *restarts, *leaders;
    uint64_t *gathered; ///< generations of the iteration that is under way
};

/// Makes and releases the arrays of state, and lists them as fields; n: doubles of a genome.
enum evo_status evo_instances_init(struct evo_instances *cmaes, size_t n);
void evo_instances_fini(struct evo_instances *cmaes);
size_t evo_instances_fields(struct evo_instances *cmaes, size_t n, struct evo_field *fields);
/// EVO_ERR_CHECKPOINT where a loaded state would be read beyond its arrays.
enum evo_status evo_instances_check(const struct evo_instances *cmaes);

/// Instance k's rows.
struct evo_strategy evo_instances_strategy(const struct evo_instances *cmaes, size_t k, size_t n);

/// Slots of instance k; the first of them; the most samples that an iteration may have.
size_t evo_instances_slots(const struct evo_instances *cmaes, size_t k);
size_t evo_instances_first_slot(const struct evo_instances *cmaes, size_t k);
size_t evo_instances_most_samples(const struct evo_instances *cmaes);

/// Logs that instance k ended: one by one at first, then by sums, now and then.
void evo_instances_say_end(struct evo_instances *cmaes, size_t k, size_t lambda,
                           uint64_t generation, double best, enum evo_strategy_end end);
/// Logs what is still to say.
void evo_instances_say_rest(struct evo_instances *cmaes);

#endif
