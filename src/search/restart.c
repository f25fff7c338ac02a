/* SPDX-License-Identifier: MIT */
/* Restarts with more samples, and with fewer between them where these have had less than half. */
#include "restart.h"
#include "cmaes_keys.h"

#include <stdlib.h>
#include <string.h>

enum { LARGE, SMALL };

enum evo_status evo_restart_init(struct evo_restart *restart, const struct evo_config *config,
                                 size_t n_instances)
{
    const char *what = "the restarts of cmaes";
    restart->kind = (enum evo_restart_kind)evo_cmaes_keys(config)->restart;
    restart->n_instances = n_instances;
    restart->most = restart->kind == EVO_RESTART_SAME ? 0 : (size_t)evo_cmaes_keys(config)->doublings;
    EVO_TRY(evo_alloc(n_instances, sizeof(uint64_t), what, &restart->doublings));
    EVO_TRY(evo_alloc(n_instances, sizeof(uint64_t), what, &restart->large));
    EVO_TRY(evo_alloc(n_instances, sizeof(uint64_t), what, &restart->small));
    return evo_alloc(2 * n_instances, sizeof(uint64_t), what, &restart->spent);
}

void evo_restart_fini(struct evo_restart *restart)
{
    free(restart->doublings);
    free(restart->large);
    free(restart->small);
    free(restart->spent);
}

void evo_restart_spend(struct evo_restart *restart, size_t k, size_t n_samples)
{
    restart->spent[2 * k + restart->small[k]] += n_samples;
}

/* The literature ends after so many doublings; here it begins again from the first. */
static uint64_t next_large(const struct evo_restart *restart, size_t k)
{
    return restart->large[k] < restart->most ? restart->large[k] + 1 : 0;
}

/* Samples lambda (lambda_large / 2 lambda)^(u^2), to a power of two below, and sigma 10^(-2 v), for
 * u and v uniform in [0, 1). */
static double plan_small(struct evo_restart *restart, size_t k, struct evo_rng *rng)
{
    const double ln_10 = 2.302585092994046;
    double u = evo_rng_uniform(rng), v = evo_rng_uniform(rng);
    restart->small[k] = 1;
    restart->doublings[k] = (uint64_t)((double)(restart->large[k] - 1) * (u * u));
    return evo_math_exp(-2.0 * ln_10 * v);
}

double evo_restart_plan(struct evo_restart *restart, size_t k, struct evo_rng *rng)
{
    uint64_t *spent = restart->spent + 2 * k;
    bool small =
        restart->kind == EVO_RESTART_BIPOP && restart->large[k] > 0 && spent[SMALL] < spent[LARGE];
    if (small) { return plan_small(restart, k, rng); }
    restart->large[k] = next_large(restart, k);
    restart->doublings[k] = restart->large[k];
    restart->small[k] = 0;
    if (restart->large[k] == 0) { spent[LARGE] = spent[SMALL] = 0; }
    return 1.0;
}

size_t evo_restart_fields(struct evo_restart *restart, struct evo_field *fields)
{
    size_t k = restart->n_instances;
    if (restart->kind == EVO_RESTART_SAME) { return 0; }
    const struct evo_field own[] = {
        {"doublings", "1", "of the samples of an iteration", EVO_TYPE_U64, false, k, 0,
         restart->doublings, NULL},
        {"large", "1", "doublings of the latest large run", EVO_TYPE_U64, false, k, 0,
         restart->large, NULL},
        {"small", "1", "1: a run with few samples and a small step", EVO_TYPE_U64, false, k, 0,
         restart->small, NULL},
        {"spent", "creatures", "samples of large and of small runs", EVO_TYPE_U64, false, k, 2,
         restart->spent, NULL},
    };
    memcpy(fields, own, sizeof own);
    return sizeof own / sizeof own[0];
}

enum evo_status evo_restart_restored(const struct evo_restart *restart)
{
    for (size_t k = 0; k < restart->n_instances; k++) {
        EVO_CHECK(restart->doublings[k] <= restart->most && restart->large[k] <= restart->most &&
                      restart->small[k] <= 1,
                  EVO_ERR_CHECKPOINT,
                  "the saved search has instance %zu at %llu doublings of its samples; "
                  "cmaes.doublings allows %zu",
                  k, (unsigned long long)restart->doublings[k], restart->most);
    }
    return EVO_OK;
}
