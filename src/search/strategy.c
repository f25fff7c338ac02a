/* SPDX-License-Identifier: MIT */
/* The arithmetic of CMA-ES [Hansen, arXiv:1604.00772]: sampling, paths, covariance. */
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

/* ---- rows of axes ------------------------------------------------------------------------ */

/* sum += factors[0] rows[0] + factors[1] rows[1] ..., added in this order; n_rows rows of n. Four at
 * a time read and write `sum` a quarter as often, and make the same bits. */
static void add_rows(const double *restrict rows, const double *restrict factors, size_t n_rows,
                     size_t n, double *restrict sum)
{
    size_t j = 0;
    for (; j + 4 <= n_rows; j += 4) {
        const double *a = rows + j * n, *b = a + n, *c = b + n, *d = c + n, *f = factors + j;
        for (size_t i = 0; i < n; i++) {
            sum[i] = sum[i] + f[0] * a[i] + f[1] * b[i] + f[2] * c[i] + f[3] * d[i];
        }
    }
    for (; j < n_rows; j++) {
        for (size_t i = 0; i < n; i++) { sum[i] += factors[j] * rows[j * n + i]; }
    }
}

/* products[j] = rows[j] y, each summed from its beginning. Four at a time do not wait for each other. */
static void multiply_rows(const double *restrict rows, const double *restrict y, size_t n_rows,
                          size_t n, double *restrict products)
{
    size_t j = 0;
    for (; j + 4 <= n_rows; j += 4) {
        const double *a = rows + j * n, *b = a + n, *c = b + n, *d = c + n;
        double sums[4] = {0.0, 0.0, 0.0, 0.0};
        for (size_t i = 0; i < n; i++) {
            sums[0] += a[i] * y[i];
            sums[1] += b[i] * y[i];
            sums[2] += c[i] * y[i];
            sums[3] += d[i] * y[i];
        }
        memcpy(products + j, sums, sizeof sums);
    }
    for (; j < n_rows; j++) {
        products[j] = 0.0;
        for (size_t i = 0; i < n; i++) { products[j] += rows[j * n + i] * y[i]; }
    }
}

/* ---- start and sample ------------------------------------------------------------------- */

void evo_strategy_start(struct evo_strategy *strategy, size_t n, const double *mean,
                        const double *spread, double factor)
{
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
    memset(strategy->past_bests, 0, EVO_STRATEGY_PAST * sizeof(double));
    memset(strategy->past_medians, 0, EVO_STRATEGY_PAST * sizeof(double));
    *strategy->past_count = 0;
    *strategy->past_stride = 1;
    *strategy->sigma = factor;
    *strategy->best = INFINITY;
    *strategy->iteration = *strategy->improved = *strategy->decomposed = 0;
}

void evo_strategy_sample(const struct evo_strategy *strategy, size_t n, struct evo_rng *rng,
                         double *genome, double *scratch)
{
    for (size_t j = 0; j < n; j++) { scratch[j] = evo_rng_normal(rng) * strategy->lengths[j]; }
    for (size_t i = 0; i < n; i++) { genome[i] = 0.0; }
    add_rows(strategy->axes, scratch, n, n, genome);
    for (size_t i = 0; i < n; i++) { genome[i] = strategy->mean[i] + *strategy->sigma * genome[i]; }
}

/* ---- learn ------------------------------------------------------------------------------ */

/* white = D^-1 B^T y: y as the standard normal vector that it was made from; its squared length. */
static double whiten(const struct evo_strategy *strategy, size_t n, const double *y, double *white)
{
    double squares = 0.0;
    multiply_rows(strategy->axes, y, n, n, white);
    for (size_t j = 0; j < n; j++) {
        white[j] /= strategy->lengths[j];
        squares += white[j] * white[j];
    }
    return squares;
}

/* How the weights are used on a ranking: where fewer samples have a finite score than recombine,
 * these few share all of the weight. */
struct use {
    size_t n_up, n_down; ///< the first n_up recombine; from there to n_down weights may be negative
    double scale, mu_eff, sum;
};

static struct use use_weights(const struct evo_strategy_setting *setting, size_t n_finite)
{
    bool all = n_finite >= setting->mu;
    struct use use = {.n_up = all ? setting->mu : n_finite, .n_down = n_finite, .scale = 1.0};
    double sum = 0.0, squares = 0.0;
    for (size_t k = 0; k < use.n_up; k++) {
        sum += setting->weights[k];
        squares += setting->weights[k] * setting->weights[k];
    }
    use.scale = all ? 1.0 : 1.0 / sum;
    use.mu_eff = all ? setting->mu_eff : sum * sum / squares;
    use.sum = 1.0;
    for (size_t k = use.n_up; k < use.n_down; k++) { use.sum += setting->weights[k]; }
    return use;
}

/* The paths and the step size, from the mean's step (`step`, in units of sigma). Returns whether
 * the step size's path is short enough for the rank-one path to follow the step. */
static bool follow_step(const struct evo_strategy_setting *setting, struct evo_strategy *strategy,
                        double mu_eff, const double *step, double *white)
{
    size_t n = setting->n;
    double cs = setting->c_sigma, cc = setting->c_c;
    double gain_s = sqrt(cs * (2.0 - cs) * mu_eff);
    double gain_c = sqrt(cc * (2.0 - cc) * mu_eff), squares = 0.0;

    /* C^-1/2 step = B D^-1 B^T step */
    whiten(strategy, n, step, white);
    for (size_t i = 0; i < n; i++) { strategy->path_s[i] *= 1.0 - cs; }
    for (size_t j = 0; j < n; j++) { white[j] *= gain_s; }
    add_rows(strategy->axes, white, n, n, strategy->path_s);
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

/* Of a symmetric matrix the part up to the diagonal, which is what the decomposition reads. */
static void add_outer(double *restrict matrix, size_t n, double factor, const double *restrict y)
{
    for (size_t i = 0; i < n; i++) {
        double scaled = factor * y[i];
        for (size_t j = 0; j <= i; j++) { matrix[i * n + j] += scaled * y[j]; }
    }
}

static void mirror(double *matrix, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) { matrix[j * n + i] = matrix[i * n + j]; }
    }
}

/* Rank one from the path, rank mu from the samples; `old_mean` and `old_sigma` are what they were
 * drawn with. */
static void adapt_covariance(const struct evo_strategy_setting *setting,
                             struct evo_strategy *strategy,
                             const struct evo_strategy_ranking *ranking, const struct use *use,
                             const double *old_mean, double old_sigma, bool follows, double *y,
                             double *white)
{
    size_t n = setting->n;
    double missing = follows ? 0.0 : setting->c_c * (2.0 - setting->c_c);
    double keep = 1.0 + setting->c_1 * missing - setting->c_1 - setting->c_mu * use->sum;
    for (size_t i = 0; i < n * n; i++) { strategy->covariance[i] *= keep; }
    add_outer(strategy->covariance, n, setting->c_1, strategy->path_c);
    for (size_t k = 0; k < use->n_down; k++) {
        double weight = setting->weights[k] * (k < use->n_up ? use->scale : 1.0);
        if (weight == 0.0) { break; }
        const double *genome = ranking->genomes + ranking->order[k] * n;
        for (size_t i = 0; i < n; i++) { y[i] = (genome[i] - old_mean[i]) / old_sigma; }
        /* A bad sample counts by direction, not by length. */
        if (weight < 0.0) {
            double squares = whiten(strategy, n, y, white);
            weight = squares > 0.0 ? weight * (double)n / squares : 0.0;
        }
        add_outer(strategy->covariance, n, setting->c_mu * weight, y);
    }
    mirror(strategy->covariance, n);
}

/* Eigenvectors and square roots of the eigenvalues of the covariance. Rounding may leave the least
 * of them below 0: they count as 1e-20 of the greatest. */
static enum evo_status decompose(size_t n, struct evo_strategy *strategy, double *work,
                                 size_t n_work)
{
    int order = (int)n, size = n_work > 65536 ? 65536 : (int)n_work, info = 0;
    memcpy(strategy->axes, strategy->covariance, n * n * sizeof(double));
    /* Fortran's columns are our rows: its upper part is our lower one. */
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

/* Mean, paths, step size and covariance. */
static void adapt(const struct evo_strategy_setting *setting, struct evo_strategy *strategy,
                  const struct evo_strategy_ranking *ranking, double *scratch)
{
    size_t n = setting->n;
    double *old_mean = scratch, *step = scratch + n, *y = scratch + 2 * n, *white = scratch + 3 * n;
    double old_sigma = *strategy->sigma;
    struct use use = use_weights(setting, ranking->n_finite);
    for (size_t i = 0; i < n; i++) {
        old_mean[i] = strategy->mean[i];
        step[i] = 0.0;
    }
    for (size_t k = 0; k < use.n_up; k++) {
        const double *genome = ranking->genomes + ranking->order[k] * n;
        double weight = setting->weights[k] * use.scale;
        for (size_t i = 0; i < n; i++) {
            step[i] += weight * ((genome[i] - old_mean[i]) / old_sigma);
        }
    }
    for (size_t i = 0; i < n; i++) { strategy->mean[i] = old_mean[i] + old_sigma * step[i]; }
    bool follows = follow_step(setting, strategy, use.mu_eff, step, white);
    adapt_covariance(setting, strategy, ranking, &use, old_mean, old_sigma, follows, y, white);
}

enum evo_status evo_strategy_learn(const struct evo_strategy_setting *setting,
                                   struct evo_strategy *strategy,
                                   const struct evo_strategy_ranking *ranking, double *scratch)
{
    size_t n = setting->n;
    if (ranking->n_finite > 0) { adapt(setting, strategy, ranking, scratch); }
    evo_strategy_end_remember(setting, strategy, ranking);
    if (ranking->n_finite == 0 ||
        *strategy->iteration - *strategy->decomposed < setting->eigen_every) {
        return EVO_OK;
    }
    return decompose(n, strategy, scratch + 4 * n, evo_strategy_scratch(n) - 4 * n);
}
