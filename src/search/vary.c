/* SPDX-License-Identifier: MIT */
/* The six mutations of the original, each on one block (matrix or constants) of n > 0 numbers. */
#include "vary.h"

#include <string.h>

typedef void apply_fn(const struct evo_config *config, struct evo_rng *rng, double *x, size_t n);

static double uniform_factor(const struct evo_config *config, struct evo_rng *rng)
{
    return evo_rng_between(rng, config->ga_scale_min, config->ga_scale_max);
}

static void scale_normal(const struct evo_config *config, struct evo_rng *rng, double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        x[i] *= config->ga_scale_mean + config->ga_scale_sd * evo_rng_normal(rng);
    }
}

static void scale_each(const struct evo_config *config, struct evo_rng *rng, double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) { x[i] *= uniform_factor(config, rng); }
}

static void scale_one(const struct evo_config *config, struct evo_rng *rng, double *x, size_t n)
{
    size_t i = (size_t)evo_rng_below(rng, n);
    x[i] *= uniform_factor(config, rng);
}

static void scale_all(const struct evo_config *config, struct evo_rng *rng, double *x, size_t n)
{
    double factor = uniform_factor(config, rng);
    for (size_t i = 0; i < n; i++) { x[i] *= factor; }
}

/* One draw says which entry, and in its lowest bit which value. */
static void set(const struct evo_config *config, struct evo_rng *rng, double *x, size_t n)
{
    (void)config;
    uint64_t draw = evo_rng_below(rng, 2 * n);
    x[draw >> 1] = (double)(draw & 1);
}

/* One draw says from where, and in its lowest bit with which sign. */
static void copy(const struct evo_config *config, struct evo_rng *rng, double *x, size_t n)
{
    (void)config;
    size_t to = (size_t)evo_rng_below(rng, n);
    uint64_t from = evo_rng_below(rng, 2 * n);
    x[to] = (from & 1) != 0 ? -x[from >> 1] : x[from >> 1];
}

/* Every way to vary, with the key that weighs it. */
static const struct kind {
    size_t weight; // offset of its key in struct evo_config
    apply_fn *apply;
} kinds[EVO_VARY_KINDS] = {
    {offsetof(struct evo_config, ga_weight_scale_normal), scale_normal},
    {offsetof(struct evo_config, ga_weight_scale_each), scale_each},
    {offsetof(struct evo_config, ga_weight_scale_one), scale_one},
    {offsetof(struct evo_config, ga_weight_scale_all), scale_all},
    {offsetof(struct evo_config, ga_weight_set), set},
    {offsetof(struct evo_config, ga_weight_copy), copy},
};

enum evo_status evo_vary_init(struct evo_vary *vary, const struct evo_config *config,
                              size_t n_matrix, size_t n_genome)
{
    double sum = 0.0;
    for (size_t i = 0; i < EVO_VARY_KINDS; i++) {
        double weight;
        memcpy(&weight, (const char *)config + kinds[i].weight, sizeof weight);
        sum += weight;
        vary->cumulative[i] = sum;
    }
    if (!(sum > 0.0)) {
        return evo_config_refuse(config, "ga.weight_scale_normal",
                                 "all six weights are 0: one at least must be above");
    }
    if (config->ga_scale_min > config->ga_scale_max) {
        return evo_config_refuse(config, "ga.scale_min", "must not be above ga.scale_max, %g",
                                 config->ga_scale_max);
    }
    vary->config = config;
    vary->n_matrix = n_matrix;
    vary->n_genome = n_genome;
    vary->matrix_chance = n_matrix > 0 ? config->ga_matrix_chance : 0.0;
    return EVO_OK;
}

void evo_vary_genome(const struct evo_vary *vary, struct evo_rng *rng, double *genome)
{
    bool matrix = evo_rng_uniform(rng) < vary->matrix_chance;
    double *block = matrix ? genome : genome + vary->n_matrix;
    size_t n = matrix ? vary->n_matrix : vary->n_genome - vary->n_matrix;

    double draw = evo_rng_uniform(rng) * vary->cumulative[EVO_VARY_KINDS - 1];
    size_t kind = 0;
    while (draw >= vary->cumulative[kind]) { kind++; }
    kinds[kind].apply(vary->config, rng, block, n);
}
