/* SPDX-License-Identifier: MIT */
/* The six mutations of the original, each on one block (matrix or constants) of n > 0 numbers. */
#include "vary.h"

#include <string.h>

/* The genomes of a offspring that are varied alike: of each one block of n numbers. */
struct alike {
    const struct evo_ga_keys *keys;
    struct evo_rng *rngs;   // of all the offspring
    const uint8_t *members; // [n_members], places in the offspring
    size_t n_members;
    double *blocks; // of all the offspring, `width` apart
    size_t width, n;
};

typedef void apply_fn(const struct alike *alike);

static struct evo_rng *rng_of(const struct alike *alike, size_t i)
{
    return &alike->rngs[alike->members[i]];
}

static double *block_of(const struct alike *alike, size_t i)
{
    return alike->blocks + alike->members[i] * alike->width;
}

static double uniform_factor(const struct alike *alike, struct evo_rng *rng)
{
    return evo_rng_between(rng, alike->keys->scale_min, alike->keys->scale_max);
}

enum { NORMALS = 128 };

static void scale_by_normals(const struct alike *alike, double *const *numbers, const double *cells,
                             size_t n)
{
    double normals[NORMALS];
    evo_math_normal_quantiles(cells, n, normals);
    for (size_t i = 0; i < n; i++) {
        *numbers[i] *= alike->keys->scale_mean + alike->keys->scale_sd * normals[i];
    }
}

/* Each number by a normal one of its own; these are made in bulk. */
static void scale_normal(const struct alike *alike)
{
    double cells[NORMALS], *numbers[NORMALS];
    size_t n = 0;
    for (size_t i = 0; i < alike->n_members; i++) {
        for (size_t k = 0; k < alike->n; k++) {
            if (n == NORMALS) {
                scale_by_normals(alike, numbers, cells, n);
                n = 0;
            }
            numbers[n] = &block_of(alike, i)[k];
            cells[n++] = evo_rng_cell(rng_of(alike, i));
        }
    }
    if (n > 0) { scale_by_normals(alike, numbers, cells, n); }
}

static void scale_each(const struct alike *alike)
{
    for (size_t i = 0; i < alike->n_members; i++) {
        double *x = block_of(alike, i);
        for (size_t k = 0; k < alike->n; k++) { x[k] *= uniform_factor(alike, rng_of(alike, i)); }
    }
}

static void scale_one(const struct alike *alike)
{
    for (size_t i = 0; i < alike->n_members; i++) {
        struct evo_rng *rng = rng_of(alike, i);
        size_t k = (size_t)evo_rng_below(rng, alike->n);
        block_of(alike, i)[k] *= uniform_factor(alike, rng);
    }
}

static void scale_all(const struct alike *alike)
{
    for (size_t i = 0; i < alike->n_members; i++) {
        double *x = block_of(alike, i), factor = uniform_factor(alike, rng_of(alike, i));
        for (size_t k = 0; k < alike->n; k++) { x[k] *= factor; }
    }
}

/* One draw says which entry, and in its lowest bit which value. */
static void set(const struct alike *alike)
{
    for (size_t i = 0; i < alike->n_members; i++) {
        uint64_t draw = evo_rng_below(rng_of(alike, i), 2 * alike->n);
        block_of(alike, i)[draw >> 1] = (double)(draw & 1);
    }
}

/* One draw says from where, and in its lowest bit with which sign. */
static void copy(const struct alike *alike)
{
    for (size_t i = 0; i < alike->n_members; i++) {
        struct evo_rng *rng = rng_of(alike, i);
        size_t to = (size_t)evo_rng_below(rng, alike->n);
        uint64_t from = evo_rng_below(rng, 2 * alike->n);
        double *x = block_of(alike, i);
        x[to] = (from & 1) != 0 ? -x[from >> 1] : x[from >> 1];
    }
}

/* Every way to vary, with the key that weighs it. */
static const struct kind {
    size_t weight; // offset of its key in struct evo_ga_keys
    apply_fn *apply;
} kinds[EVO_VARY_KINDS] = {
    {offsetof(struct evo_ga_keys, weight_scale_normal), scale_normal},
    {offsetof(struct evo_ga_keys, weight_scale_each), scale_each},
    {offsetof(struct evo_ga_keys, weight_scale_one), scale_one},
    {offsetof(struct evo_ga_keys, weight_scale_all), scale_all},
    {offsetof(struct evo_ga_keys, weight_set), set},
    {offsetof(struct evo_ga_keys, weight_copy), copy},
};

enum evo_status evo_vary_init(struct evo_vary *vary, const struct evo_config *config,
                              size_t n_matrix, size_t n_genome)
{
    const struct evo_ga_keys *keys = evo_ga_keys(config);
    double sum = 0.0;
    for (size_t i = 0; i < EVO_VARY_KINDS; i++) {
        double weight;
        memcpy(&weight, (const char *)keys + kinds[i].weight, sizeof weight);
        sum += weight;
        vary->cumulative[i] = sum;
    }
    if (!(sum > 0.0)) {
        return evo_config_refuse(config, "ga.weight_scale_normal",
                                 "all six weights are 0: one at least must be above");
    }
    if (keys->scale_min > keys->scale_max) {
        return evo_config_refuse(config, "ga.scale_min", "must not be above ga.scale_max, %g",
                                 keys->scale_max);
    }
    vary->keys = keys;
    vary->n_matrix = n_matrix;
    vary->n_genome = n_genome;
    vary->matrix_chance = n_matrix > 0 ? keys->matrix_chance : 0.0;
    if (n_matrix == n_genome) { vary->matrix_chance = 1.0; } // parameters that are no controller
    return EVO_OK;
}

/* The way to vary that one draw falls on. */
static size_t choose_kind(const struct evo_vary *vary, double draw)
{
    size_t kind = 0;
    for (size_t i = 0; i + 1 < EVO_VARY_KINDS; i++) { kind += draw >= vary->cumulative[i]; }
    return kind;
}

/* A processor guesses what comes next, and chance defeats it: genomes that are varied alike are
 * varied one after the other (measured: 10 ns saved per genome). */
void evo_vary_litter(const struct evo_vary *vary, struct evo_rng *rngs, size_t n, double *genomes)
{
    uint8_t members[2][EVO_VARY_KINDS][EVO_VARY_OFFSPRING];
    size_t n_members[2][EVO_VARY_KINDS] = {0};
    for (size_t i = 0; i < n; i++) {
        size_t block = evo_rng_uniform(&rngs[i]) < vary->matrix_chance ? 0 : 1;
        double draw = evo_rng_uniform(&rngs[i]) * vary->cumulative[EVO_VARY_KINDS - 1];
        size_t kind = choose_kind(vary, draw);
        members[block][kind][n_members[block][kind]++] = (uint8_t)i;
    }

    const size_t start[2] = {0, vary->n_matrix};
    const size_t size[2] = {vary->n_matrix, vary->n_genome - vary->n_matrix};
    for (size_t block = 0; block < 2; block++) {
        for (size_t kind = 0; kind < EVO_VARY_KINDS; kind++) {
            const struct alike alike = {.keys = vary->keys,
                                        .rngs = rngs,
                                        .members = members[block][kind],
                                        .n_members = n_members[block][kind],
                                        .blocks = genomes + start[block],
                                        .width = vary->n_genome,
                                        .n = size[block]};
            kinds[kind].apply(&alike);
        }
    }
}
