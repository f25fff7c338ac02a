/* SPDX-License-Identifier: MIT */
/* One instance of CMA-ES: its distribution, how it samples, learns and ends. */
#ifndef EVO_SEARCH_STRATEGY_H
#define EVO_SEARCH_STRATEGY_H

#include <evompi/config.h>
#include <evompi/rng.h>

#include <stdbool.h>

/// What is the same for all instances of a number of samples: constants of [Hansen,
/// arXiv:1604.00772], table 1.
struct evo_strategy_setting {
    size_t n;          ///< doubles of a genome
    size_t lambda, mu; ///< samples of an iteration; those that recombine
    double *weights;   ///< [lambda], the first mu sum to 1; the rest 0, or negative if active
    double mu_eff, c_sigma, d_sigma, c_c, c_1, c_mu;
    double expected_norm; ///< E|N(0, I)|
    uint64_t eigen_every; ///< iterations between decompositions
    size_t window;        ///< bests that tolfun looks back on, at most EVO_STRATEGY_WINDOW
    uint64_t patience;    ///< iterations without a better best until it ends; 0: no limit
    double least_past;    ///< iterations that stagnation looks back on, at least
    double tolx, tolfun, max_condition;
    double max_reach; ///< the longest axis, times sigma, may grow to this
    bool ends_stagnant; ///< when neither best nor median get better
};

enum { EVO_STRATEGY_WINDOW = 128, EVO_STRATEGY_PAST = 64 };

/// The state of an instance: pointers into the search's arrays, which a checkpoint holds.
struct evo_strategy {
    double *mean, *path_c, *path_s; ///< [n]
    double *covariance;             ///< [n][n], symmetric
    double *axes;                   ///< [n][n], row j: the j-th eigenvector
    double *lengths;                ///< [n], square roots of the eigenvalues
    double *bests;                  ///< [EVO_STRATEGY_WINDOW], best of an iteration, in a ring
    double *past_bests;             ///< [EVO_STRATEGY_PAST], of every past_stride-th iteration,
    double *past_medians;           ///< oldest first
    uint64_t *past_count, *past_stride;
    double *sigma, *best;            ///< step size; best score since the start
    uint64_t *iteration;             ///< since the start
    uint64_t *improved, *decomposed; ///< iterations of the last better best and decomposition
};

/// The samples of an iteration, in the order of their scores.
struct evo_strategy_ranking {
    const double *genomes;        ///< [lambda][n], as they were drawn
    const size_t *order;          ///< [lambda], places in `genomes`, the best first
    size_t n_finite;              ///< so many have a finite score; the others have no weight
    double best, quarter, median; ///< scores there in the order; infinite where not finite
};

/// Fills the constants for `lambda` samples (2 or more) of n parameters; `weights` is given room.
/// `changing`: scores of one iteration do not compare with another's.
void evo_strategy_setting_init(struct evo_strategy_setting *setting,
                               const struct evo_config *config, size_t n, size_t lambda,
                               bool changing, double *weights);

/// Starts anew: mean, [n], and `factor` times the initial spread (`spread`, [n]: standard deviation
/// of each parameter).
void evo_strategy_start(struct evo_strategy *strategy, size_t n, const double *mean,
                        const double *spread, double factor);

/// Draws one genome, [n]; `scratch` is [n].
void evo_strategy_sample(const struct evo_strategy *strategy, size_t n, struct evo_rng *rng,
                         double *genome, double *scratch);

/// Learns from a ranking; `scratch` is [evo_strategy_scratch(n)]. Where no score is finite only the
/// count of iterations and the stopping rules take notice.
/// EVO_ERR_INTERNAL where LAPACK finds no eigenvalues.
enum evo_status evo_strategy_learn(const struct evo_strategy_setting *setting,
                                   struct evo_strategy *strategy,
                                   const struct evo_strategy_ranking *ranking, double *scratch);

size_t evo_strategy_scratch(size_t n);

/* ---- stopping ---- */

/// Why an instance ends: rules of [Hansen, arXiv:1604.00772, appendix B.3], and patience.
enum evo_strategy_end {
    EVO_END_NOT,
    EVO_END_GROWTH,
    EVO_END_CONDITION,
    EVO_END_PATIENCE,
    EVO_END_STAGNATION,
    EVO_END_TOLFUN,
    EVO_END_TOLX,
    EVO_END_NO_EFFECT_AXIS,
    EVO_END_NO_EFFECT_COORDINATE,
    EVO_ENDS,
};

/// Takes down the scores that the rules look back on; evo_strategy_learn does it.
void evo_strategy_end_remember(const struct evo_strategy_setting *setting,
                               struct evo_strategy *strategy,
                               const struct evo_strategy_ranking *ranking);

enum evo_strategy_end evo_strategy_end_find(const struct evo_strategy_setting *setting,
                                            const struct evo_strategy *strategy);

/// The rule's name; what it says, in a few words.
const char *evo_strategy_end_name(enum evo_strategy_end end);
const char *evo_strategy_end_meaning(enum evo_strategy_end end);

#endif
