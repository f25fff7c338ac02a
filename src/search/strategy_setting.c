/* SPDX-License-Identifier: MIT */
/* The constants of CMA-ES [Hansen, arXiv:1604.00772, table 1], from lambda and the genome alone. */
#include "strategy.h"
#include "cmaes_keys.h"

#include <evompi/search.h>

#include <math.h>

static double largest(double a, double b) { return a > b ? a : b; }
static double smallest(double a, double b) { return a < b ? a : b; }

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
    for (size_t i = setting->mu; i < setting->lambda; i++) {
        setting->weights[i] *= largest(scale, 0.0);
    }
}

static void set_stops(struct evo_strategy_setting *setting, const struct evo_config *config,
                      bool changing)
{
    double n = (double)setting->n, lambda = (double)setting->lambda;
    double window = 10.0 + ceil(30.0 * n / lambda), patience = 100.0 + ceil(50.0 * n * n / lambda);
    setting->window = (size_t)smallest(window, EVO_STRATEGY_WINDOW);
    /* On easy cases a best is reached that no later cases allow. */
    if (changing) { patience = 0.0; }
    if (evo_cmaes_keys(config)->patience > 0) { patience = (double)evo_cmaes_keys(config)->patience; }
    setting->patience = (uint64_t)patience;
    setting->least_past = 120.0 + 30.0 * n / lambda;
    setting->ends_stagnant = evo_cmaes_keys(config)->stagnation;
    setting->tolx = evo_cmaes_keys(config)->tolx;
    setting->tolfun = evo_cmaes_keys(config)->tolfun;
    setting->max_condition = evo_cmaes_keys(config)->max_condition;
    double reach = evo_cmaes_keys(config)->max_growth *
                   largest(evo_cmaes_keys(config)->sigma_matrix, evo_cmaes_keys(config)->sigma_constants);
    setting->max_reach = smallest(reach, EVO_PARAMETER_MOST);
}

/* Iterations between decompositions. One takes O(n^3) operations, all else of an iteration O(lambda
 * n^2). The tutorial's 1 / (10 n (c_1 + c_mu)) is below 2 for all but large n and small lambda, and
 * c-cmaes therefore limits the time as well, by the clock. Here it is n / 10 [Hansen, Ostermeier
 * 2001], so that decompositions too take O(n^2) an iteration, but never so many iterations that more
 * than a tenth of the covariance is replaced meanwhile. Sampling, paths and step size use the same
 * decomposition: only the learnt shape is late. */
static uint64_t decomposition_interval(const struct evo_strategy_setting *setting)
{
    double by_size = (double)setting->n / 10.0;
    double by_change = 0.1 / (setting->c_1 + setting->c_mu);
    double interval = smallest(by_size, by_change);
    return interval < 1.0 ? 1 : (uint64_t)interval;
}

void evo_strategy_setting_init(struct evo_strategy_setting *setting,
                               const struct evo_config *config, size_t n_genome, size_t lambda,
                               bool changing, double *weights)
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
    scale_negative_weights(setting, evo_cmaes_keys(config)->active && setting->c_mu > 0.0, mu_minus);
    setting->expected_norm = sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
    setting->eigen_every = decomposition_interval(setting);
    set_stops(setting, config, changing);
}
