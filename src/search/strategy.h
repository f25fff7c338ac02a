/* SPDX-License-Identifier: MIT */
/* One instance of CMA-ES: its distribution, how it samples, learns and ends. */
#ifndef EVO_SEARCH_STRATEGY_H
#define EVO_SEARCH_STRATEGY_H

#include <evompi/config.h>
#include <evompi/rng.h>

#include <stdbool.h>

/// What is the same for all instances, and for each number of samples: constants of [Hansen,
/// arXiv:1604.00772], table 1.
struct evo_strategy_setting {
    size_t n;          ///< doubles of a genome
    size_t lambda, mu; ///< samples of an iteration; those that recombine
    double *weights;   ///< [lambda], the first mu sum to 1; the rest 0, or negative if active
    double mu_eff, c_sigma, d_sigma, c_c, c_1, c_mu, weight_sum;
    double expected_norm; ///< E|N(0, I)|
    uint64_t eigen_every; ///< iterations between decompositions
    size_t window;        ///< bests that tolfun looks back on, at most EVO_STRATEGY_WINDOW
    uint64_t patience;    ///< iterations without a better best until stagnation
    double tolx, tolfun, max_condition;
    double max_reach; ///< the longest axis, times sigma, may grow to this
};

enum { EVO_STRATEGY_WINDOW = 128 };

/// The state of an instance: pointers into the search's arrays, which a checkpoint holds.
struct evo_strategy {
    double *mean, *path_c, *path_s;  ///< [n]
    double *covariance;              ///< [n][n], symmetric
    double *axes;                    ///< [n][n], row j: the j-th eigenvector
    double *lengths;                 ///< [n], square roots of the eigenvalues
    double *bests;                   ///< [EVO_STRATEGY_WINDOW], best of an iteration, in a ring
    double *sigma, *best;            ///< step size; best score since the start
    uint64_t *iteration;             ///< since the start
    uint64_t *improved, *decomposed; ///< iterations of the last better best and decomposition
};

/// Fills the constants for `lambda` samples (2 or more) of n parameters; weights are given room.
void evo_strategy_setting_init(struct evo_strategy_setting *setting,
                               const struct evo_config *config, size_t n, size_t lambda,
                               double *weights);

/// Starts anew: mean and initial spread (`spread`, [n]: standard deviation of each parameter).
void evo_strategy_start(const struct evo_strategy_setting *setting, struct evo_strategy *strategy,
                        const double *mean, const double *spread);

/// Draws one genome, [n]; `scratch` is [n].
void evo_strategy_sample(const struct evo_strategy_setting *setting,
                         const struct evo_strategy *strategy, struct evo_rng *rng, double *genome,
                         double *scratch);

/// Learns from the genomes [lambda][n] in the order of their scores: order[0] is the best of them,
/// with score `best`; `middle` is the score at a quarter of the order. `scratch` is
/// [evo_strategy_scratch(n)].
/// EVO_ERR_INTERNAL where LAPACK finds no eigenvalues.
enum evo_status evo_strategy_learn(const struct evo_strategy_setting *setting,
                                   struct evo_strategy *strategy, const double *genomes,
                                   const size_t *order, double best, double middle,
                                   double *scratch);

size_t evo_strategy_scratch(size_t n);

/// NULL while the instance should go on, else the name of the rule that ends it.
const char *evo_strategy_ended(const struct evo_strategy_setting *setting,
                               const struct evo_strategy *strategy);

#endif
