/* SPDX-License-Identifier: MIT */
/* Success history [Tanabe, Fukunaga 2013 and 2014], with jSO's schedule [Brest 2017] as an option.
 */
#include "success.h"
#include "lshade_keys.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum evo_status evo_success_init(struct evo_success *success, const struct evo_config *config,
                                 size_t n_instances)
{
    success->config = config;
    success->n_instances = n_instances;
    success->length = (size_t)evo_lshade_keys(config)->memory;
    success->jso = evo_lshade_keys(config)->schedule == EVO_SCHEDULE_JSO;
    size_t n = n_instances * success->length;
    EVO_TRY(evo_alloc(n, sizeof(double), "memory", &success->f));
    EVO_TRY(evo_alloc(n, sizeof(double), "memory", &success->cr));
    return evo_alloc(n_instances, sizeof(uint64_t), "memory", &success->next);
}

void evo_success_fini(struct evo_success *success)
{
    free(success->f);
    free(success->cr);
    free(success->next);
}

void evo_success_reset(struct evo_success *success, size_t k)
{
    for (size_t i = 0; i < success->length; i++) {
        success->f[k * success->length + i] = success->jso ? 0.3 : 0.5;
        success->cr[k * success->length + i] = success->jso ? 0.8 : 0.5;
    }
    success->next[k] = 0;
}

/* A Cauchy number is the ratio of two normal ones. What is not above 0 is drawn again. */
static double draw_f(struct evo_rng *rng, double location)
{
    double f;
    do {
        double a = evo_rng_normal(rng), b = evo_rng_normal(rng);
        f = location + 0.1 * (a / b);
    } while (!(f > 0.0));
    return f < 1.0 ? f : 1.0;
}

/* The limits of jSO: early in a schedule trials differ much from their parents, but not wildly. */
static void limit_early(double done, double *f, double *cr)
{
    double least = done < 0.25 ? 0.7 : done < 0.5 ? 0.6 : 0.0;
    if (*cr < least) { *cr = least; }
    if (done < 0.6 && *f > 0.7) { *f = 0.7; }
}

void evo_success_draw(const struct evo_success *success, struct evo_rng *rng, size_t k, double done,
                      double *f, double *cr)
{
    /* jSO's memory has one entry more that never learns: 0.9 for both. */
    size_t i = (size_t)evo_rng_below(rng, success->length + (success->jso ? 1 : 0));
    bool fixed = i == success->length;
    double mean_f = fixed ? 0.9 : success->f[k * success->length + i];
    double mean_cr = fixed ? 0.9 : success->cr[k * success->length + i];
    double rate = mean_cr < 0.0 ? 0.0 : mean_cr + 0.1 * evo_rng_normal(rng);
    *cr = rate < 0.0 ? 0.0 : rate > 1.0 ? 1.0 : rate;
    *f = draw_f(rng, mean_f);
    if (success->jso) { limit_early(done, f, cr); }
}

double evo_success_pull(const struct evo_success *success, double f, double done)
{
    if (!success->jso) { return f; }
    return f * (done < 0.2 ? 0.7 : done < 0.4 ? 0.8 : 1.2);
}

double evo_success_best(const struct evo_success *success, double done)
{
    double best = evo_lshade_keys(success->config)->best;
    return success->jso ? best * (1.0 - 0.5 * done) : best;
}

void evo_success_begin(struct evo_success *success)
{
    memset(success->sums, 0, sizeof success->sums);
    success->greatest = 0.0;
}

/* Weights are parts of the greatest improvement, so that no sum can overflow. */
void evo_success_add(struct evo_success *success, double f, double cr, double improvement)
{
    if (!isfinite(improvement) || !(improvement > 0.0)) {
        improvement = success->greatest > 0.0 ? success->greatest : 1.0;
    }
    if (improvement > success->greatest) {
        for (size_t i = 0; i < 5; i++) { success->sums[i] *= success->greatest / improvement; }
        success->greatest = improvement;
    }
    double weight = improvement / success->greatest;
    const double terms[5] = {1.0, f, f * f, cr, cr * cr};
    for (size_t i = 0; i < 5; i++) { success->sums[i] += weight * terms[i]; }
}

/* Lehmer means, which lean to the greater. A rate that only ever was 0 stays so. jSO goes half of
 * the way. */
void evo_success_learn(struct evo_success *success, size_t k)
{
    const double *sums = success->sums;
    if (!(success->greatest > 0.0)) { return; }
    size_t i = k * success->length + (size_t)success->next[k];
    double f = sums[2] / sums[1], cr = sums[3] > 0.0 ? sums[4] / sums[3] : -1.0;
    if (success->cr[i] < 0.0) { cr = -1.0; }
    bool half = success->jso && cr >= 0.0;
    success->f[i] = success->jso ? 0.5 * (f + success->f[i]) : f;
    success->cr[i] = half ? 0.5 * (cr + success->cr[i]) : cr;
    success->next[k] = (success->next[k] + 1) % success->length;
}

size_t evo_success_fields(struct evo_success *success, struct evo_field *fields)
{
    const struct evo_field own[] = {
        {"memory_f", "1", "scale factors that did well, instance by instance", EVO_TYPE_F64, false,
         success->n_instances, success->length, success->f, NULL},
        {"memory_cr", "1", "crossover rates that did well; below 0: 0 for ever", EVO_TYPE_F64,
         false, success->n_instances, success->length, success->cr, NULL},
        {"memory_next", "1", "entry of each memory to be replaced next", EVO_TYPE_U64, false,
         success->n_instances, 0, success->next, NULL},
    };
    memcpy(fields, own, sizeof own);
    return sizeof own / sizeof own[0];
}

enum evo_status evo_success_restored(const struct evo_success *success)
{
    for (size_t k = 0; k < success->n_instances; k++) {
        EVO_CHECK(success->next[k] < success->length, EVO_ERR_CHECKPOINT,
                  "the saved search would replace entry %llu of a memory of %zu",
                  (unsigned long long)success->next[k], success->length);
    }
    return EVO_OK;
}
