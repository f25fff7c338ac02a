/* SPDX-License-Identifier: MIT */
/* The arithmetic of CMA-ES [Hansen, arXiv:1604.00772]: sampling, paths, covariance, stopping. */
#include "strategy.h"

#include <math.h>
#include <string.h>

/* LAPACK: eigenvalues (ascending) and eigenvectors of a symmetric matrix. The lengths of the two
 * texts come last, as Fortran compilers pass them. */
extern void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda,
                   double *w, double *work, const int *lwork, int *info, size_t jobz_length,
                   size_t uplo_length);

static double largest(double a, double b) { return a > b ? a : b; }
static double smallest(double a, double b) { return a < b ? a : b; }

/* ---- constants -------------------------------------------------------------------------- */

/* Positive weights fall with the logarithm of the rank; of the rest the negative ones are kept
 * aside until their scale is known. Returns mu_eff of the negative part. */
static double set_weights(struct evo_strategy_setting *setting)
{
    size_t lambda = setting->lambda;
    double *w = setting->weights, half = evo_math_log(((double)lambda + 1.0) / 2.0);
    double sum[2] = {0.0, 0.0}, squares[2] = {0.0, 0.0};
    setting->mu = lambda / 2;
    for (size_t i = 0; i < lambda; i++) {
        w[i] = half - evo_math_log((double)(i + 1));
        size_t part = i < setting->mu ? 0 : 1;
        sum[part] += w[i];
        squares[part] += w[i] * w[i];
    }
    for (size_t i = 0; i < setting->mu; i++) { w[i] /= sum[0]; }
    for (size_t i = setting->mu; i < lambda; i++) { w[i] /= sum[1] < 0.0 ? -sum[1] : 1.0; }
    setting->mu_eff = sum[0] * sum[0] / squares[0];
    return squares[1] > 0.0 ? sum[1] * sum[1] / squares[1] : 0.0;
}

/* The scale of the negative weights keeps the covariance positive (eqs. 50 to 53). */
static void scale_negative_weights(struct evo_strategy_setting *setting, bool active,
                                   double mu_minus)
{
    double n = (double)setting->n, scale = 0.0;
    if (active) {
        scale = 1.0 + setting->c_1 / setting->c_mu;
        scale = smallest(scale, 1.0 + 2.0 * mu_minus / (setting->mu_eff + 2.0));
        scale = smallest(scale, (1.0 - setting->c_1 - setting->c_mu) / (n * setting->c_mu));
    }
    setting->weight_sum = 0.0;
    for (size_t i = 0; i < setting->lambda; i++) {
        if (i >= setting->mu) { setting->weights[i] *= largest(scale, 0.0); }
        setting->weight_sum += setting->weights[i];
    }
}

static void set_stops(struct evo_strategy_setting *setting, const struct evo_config *config)
{
    double n = (double)setting->n, window = 10.0 + ceil(30.0 * n / (double)setting->lambda);
    setting->window = (size_t)smallest(window, EVO_STRATEGY_WINDOW);
    setting->patience = config->cmaes_patience > 0
                            ? (uint64_t)config->cmaes_patience
                            : (uint64_t)(100.0 + ceil(50.0 * n * n / (double)setting->lambda));
    setting->tolx = config->cmaes_tolx;
    setting->tolfun = config->cmaes_tolfun;
    setting->max_condition = config->cmaes_max_condition;
    setting->max_reach = config->cmaes_max_growth *
                         largest(config->cmaes_sigma_matrix, config->cmaes_sigma_constants);
}

void evo_strategy_setting_init(struct evo_strategy_setting *setting,
                               const struct evo_config *config, size_t n_genome, size_t lambda,
                               double *weights)
{
    double n = (double)n_genome;
    *setting = (struct evo_strategy_setting){.n = n_genome, .lambda = lambda, .weights = weights};
    double mu_minus = set_weights(setting), mu_eff = setting->mu_eff;
    setting->c_sigma = (mu_eff + 2.0) / (n + mu_eff + 5.0);
    setting->d_sigma =
        1.0 + 2.0 * largest(0.0, sqrt((mu_eff - 1.0) / (n + 1.0)) - 1.0) + setting->c_sigma;
    setting->c_c = (4.0 + mu_eff / n) / (n + 4.0 + 2.0 * mu_eff / n);
    setting->c_1 = 2.0 / ((n + 1.3) * (n + 1.3) + mu_eff);
    setting->c_mu = smallest(1.0 - setting->c_1, 2.0 * (mu_eff - 2.0 + 1.0 / mu_eff) /
                                                     ((n + 2.0) * (n + 2.0) + mu_eff));
    setting->c_mu = largest(setting->c_mu, 0.0);
    scale_negative_weights(setting, config->cmaes_active && setting->c_mu > 0.0, mu_minus);
    setting->expected_norm = sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
    double lazy = 1.0 / (10.0 * n * (setting->c_1 + setting->c_mu));
    setting->eigen_every = lazy < 1.0 ? 1 : (uint64_t)lazy;
    set_stops(setting, config);
}

/* ---- start and sample ------------------------------------------------------------------- */

void evo_strategy_start(const struct evo_strategy_setting *setting, struct evo_strategy *strategy,
                        const double *mean, const double *spread)
{
    size_t n = setting->n;
    memset(strategy->covariance, 0, n * n * sizeof(double));
    memset(strategy->axes, 0, n * n * sizeof(double));
    for (size_t i = 0; i < n; i++) {
        strategy->mean[i] = mean[i];
        strategy->path_c[i] = strategy->path_s[i] = 0.0;
        strategy->covariance[i * n + i] = spread[i] * spread[i];
        strategy->axes[i * n + i] = 1.0;
        strategy->lengths[i] = spread[i];
    }
    for (size_t i = 0; i < EVO_STRATEGY_WINDOW; i++) { strategy->bests[i] = INFINITY; }
    *strategy->sigma = 1.0;
    *strategy->best = INFINITY;
    *strategy->iteration = *strategy->improved = *strategy->decomposed = 0;
}

void evo_strategy_sample(const struct evo_strategy_setting *setting,
                         const struct evo_strategy *strategy, struct evo_rng *rng, double *genome,
                         double *scratch)
{
    size_t n = setting->n;
    for (size_t j = 0; j < n; j++) { scratch[j] = evo_rng_normal(rng) * strategy->lengths[j]; }
    for (size_t i = 0; i < n; i++) { genome[i] = 0.0; }
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < n; i++) { genome[i] += scratch[j] * strategy->axes[j * n + i]; }
    }
    for (size_t i = 0; i < n; i++) { genome[i] = strategy->mean[i] + *strategy->sigma * genome[i]; }
}

/* ---- learn ------------------------------------------------------------------------------ */

/* white = D^-1 B^T y: y as the standard normal vector that it was made from; its squared length. */
static double whiten(const struct evo_strategy *strategy, size_t n, const double *y, double *white)
{
    double squares = 0.0;
    for (size_t j = 0; j < n; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++) { sum += strategy->axes[j * n + i] * y[i]; }
        white[j] = sum / strategy->lengths[j];
        squares += white[j] * white[j];
    }
    return squares;
}

/* The paths and the step size, from the mean's step (`step`, in units of sigma). Returns whether
 * the step size's path is short enough for the rank-one path to follow the step. */
static bool follow_step(const struct evo_strategy_setting *setting, struct evo_strategy *strategy,
                        const double *step, double *white)
{
    size_t n = setting->n;
    double cs = setting->c_sigma, cc = setting->c_c;
    double gain_s = sqrt(cs * (2.0 - cs) * setting->mu_eff);
    double gain_c = sqrt(cc * (2.0 - cc) * setting->mu_eff), squares = 0.0;

    /* C^-1/2 step = B D^-1 B^T step */
    whiten(strategy, n, step, white);
    for (size_t i = 0; i < n; i++) { strategy->path_s[i] *= 1.0 - cs; }
    for (size_t j = 0; j < n; j++) {
        double length = gain_s * white[j];
        for (size_t i = 0; i < n; i++) {
            strategy->path_s[i] += length * strategy->axes[j * n + i];
        }
    }
    for (size_t i = 0; i < n; i++) { squares += strategy->path_s[i] * strategy->path_s[i]; }

    /* 1 - (1 - cs)^(2 (iteration + 1)), the path's expected length while it is young. */
    double young = 1.0, factor = (1.0 - cs) * (1.0 - cs);
    for (uint64_t k = 0; k <= *strategy->iteration && young > 1e-18; k++) { young *= factor; }
    double norm = sqrt(squares);
    bool follows =
        norm / sqrt(1.0 - young) < (1.4 + 2.0 / ((double)n + 1.0)) * setting->expected_norm;
    for (size_t i = 0; i < n; i++) {
        strategy->path_c[i] = (1.0 - cc) * strategy->path_c[i] + (follows ? gain_c * step[i] : 0.0);
    }
    double change = cs / setting->d_sigma * (norm / setting->expected_norm - 1.0);
    *strategy->sigma *= evo_math_exp(smallest(change, 1.0));
    return follows;
}

static void add_outer(double *matrix, size_t n, double factor, const double *y)
{
    for (size_t i = 0; i < n; i++) {
        double scaled = factor * y[i];
        for (size_t j = 0; j < n; j++) { matrix[i * n + j] += scaled * y[j]; }
    }
}

/* Rank one from the path, rank mu from the samples; `old_mean` and `old_sigma` are what they were
 * drawn with. */
static void adapt_covariance(const struct evo_strategy_setting *setting,
                             struct evo_strategy *strategy, const double *genomes,
                             const size_t *order, const double *old_mean, double old_sigma,
                             bool follows, double *y, double *white)
{
    size_t n = setting->n;
    double missing = follows ? 0.0 : setting->c_c * (2.0 - setting->c_c);
    double keep = 1.0 + setting->c_1 * missing - setting->c_1 - setting->c_mu * setting->weight_sum;
    for (size_t i = 0; i < n * n; i++) { strategy->covariance[i] *= keep; }
    add_outer(strategy->covariance, n, setting->c_1, strategy->path_c);
    for (size_t k = 0; k < setting->lambda; k++) {
        double weight = setting->weights[k];
        if (weight == 0.0) { break; }
        const double *genome = genomes + order[k] * n;
        for (size_t i = 0; i < n; i++) { y[i] = (genome[i] - old_mean[i]) / old_sigma; }
        /* A bad sample counts by direction, not by length. */
        if (weight < 0.0) {
            double squares = whiten(strategy, n, y, white);
            weight = squares > 0.0 ? weight * (double)n / squares : 0.0;
        }
        add_outer(strategy->covariance, n, setting->c_mu * weight, y);
    }
}

/* Eigenvectors and square roots of the eigenvalues of the covariance. Rounding may leave the least
 * of them below 0: they count as 1e-20 of the greatest. */
static enum evo_status decompose(size_t n, struct evo_strategy *strategy, double *work,
                                 size_t n_work)
{
    int order = (int)n, size = n_work > 65536 ? 65536 : (int)n_work, info = 0;
    memcpy(strategy->axes, strategy->covariance, n * n * sizeof(double));
    /* Fortran's columns are our rows. */
    dsyev_("V", "U", &order, strategy->axes, &order, strategy->lengths, work, &size, &info, 1, 1);
    EVO_CHECK(info == 0, EVO_ERR_INTERNAL, "cmaes: LAPACK's dsyev found no eigenvalues (info %d)",
              info);
    double least = 1e-20 * strategy->lengths[n - 1];
    for (size_t i = 0; i < n; i++) {
        strategy->lengths[i] = sqrt(largest(strategy->lengths[i], least));
    }
    *strategy->decomposed = *strategy->iteration;
    return EVO_OK;
}

size_t evo_strategy_scratch(size_t n) { return 4 * n + (n < 4 ? 4 * n : n * n); }

enum evo_status evo_strategy_learn(const struct evo_strategy_setting *setting,
                                   struct evo_strategy *strategy, const double *genomes,
                                   const size_t *order, double best, double middle, double *scratch)
{
    size_t n = setting->n;
    double *old_mean = scratch, *step = scratch + n, *y = scratch + 2 * n, *white = scratch + 3 * n;
    double old_sigma = *strategy->sigma;
    for (size_t i = 0; i < n; i++) {
        old_mean[i] = strategy->mean[i];
        step[i] = 0.0;
    }
    for (size_t k = 0; k < setting->mu; k++) {
        const double *genome = genomes + order[k] * n;
        for (size_t i = 0; i < n; i++) {
            step[i] += setting->weights[k] * ((genome[i] - old_mean[i]) / old_sigma);
        }
    }
    for (size_t i = 0; i < n; i++) { strategy->mean[i] = old_mean[i] + old_sigma * step[i]; }
    bool follows = follow_step(setting, strategy, step, white);
    adapt_covariance(setting, strategy, genomes, order, old_mean, old_sigma, follows, y, white);

    strategy->bests[*strategy->iteration % setting->window] = best;
    *strategy->iteration += 1;
    /* Where nobody is better than the next quarter there is nothing to learn: no progress. */
    if (best < *strategy->best && best < middle) {
        *strategy->best = best;
        *strategy->improved = *strategy->iteration;
    }
    if (*strategy->iteration - *strategy->decomposed < setting->eigen_every) { return EVO_OK; }
    return decompose(n, strategy, scratch + 4 * n, evo_strategy_scratch(n) - 4 * n);
}

/* ---- end -------------------------------------------------------------------------------- */

static bool range_is_small(const struct evo_strategy_setting *setting,
                           const struct evo_strategy *strategy)
{
    if (*strategy->iteration < setting->window) { return false; }
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < setting->window; i++) {
        low = smallest(low, strategy->bests[i]);
        high = largest(high, strategy->bests[i]);
    }
    return high - low <= setting->tolfun;
}

static bool steps_are_small(const struct evo_strategy_setting *setting,
                            const struct evo_strategy *strategy)
{
    for (size_t i = 0; i < setting->n; i++) {
        double deviation = sqrt(strategy->covariance[i * setting->n + i]);
        if (*strategy->sigma * largest(deviation, fabs(strategy->path_c[i])) > setting->tolx) {
            return false;
        }
    }
    return true;
}

const char *evo_strategy_ended(const struct evo_strategy_setting *setting,
                               const struct evo_strategy *strategy)
{
    double shortest = INFINITY, longest = 0.0;
    for (size_t i = 0; i < setting->n; i++) {
        shortest = smallest(shortest, strategy->lengths[i]);
        longest = largest(longest, strategy->lengths[i]);
    }
    double reach = *strategy->sigma * longest;
    /* Not a number anywhere would stay: the negation catches it. */
    if (!(reach <= setting->max_reach)) { return "max_growth: the step size has grown too far"; }
    if (!(longest * longest <= setting->max_condition * shortest * shortest)) {
        return "max_condition: the covariance has become too narrow";
    }
    if (*strategy->iteration - *strategy->improved > setting->patience) {
        return "patience: no better best for too long";
    }
    if (range_is_small(setting, strategy)) { return "tolfun: the best scores differ no more"; }
    if (steps_are_small(setting, strategy)) { return "tolx: the steps have become too small"; }
    return NULL;
}
