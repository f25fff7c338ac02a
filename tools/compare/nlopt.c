/* SPDX-License-Identifier: MIT */
/* evompi-compare: a search of NLopt. */
#include "compare.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <nlopt.h>

static double fly(unsigned n, const double *genome, double *gradient, void *context)
{
    (void)n;
    (void)gradient;
    return trial_fly(context, genome);
}

int compare_nlopt_crs(struct trial *trial)
{
    double *start = malloc(trial->n * sizeof *start), best;
    nlopt_opt crs = nlopt_create(NLOPT_GN_CRS2_LM, (unsigned)trial->n);
    nlopt_result result = NLOPT_OUT_OF_MEMORY;
    if (start != NULL && crs != NULL) {
        for (size_t i = 0; i < trial->n; i++) { start[i] = trial_start(trial, 0, 0, i); }
        nlopt_srand((unsigned long)trial->seed);
        nlopt_set_min_objective(crs, fly, trial);
        nlopt_set_lower_bounds1(crs, -TRIAL_BOUND);
        nlopt_set_upper_bounds1(crs, TRIAL_BOUND);
        nlopt_set_maxeval(crs, trial->budget < INT_MAX ? (int)trial->budget : INT_MAX);
        result = nlopt_optimize(crs, start, &best);
    }
    if (result < 0) { fprintf(stderr, "evompi-compare: NLopt: %s\n", nlopt_result_to_string(result)); }
    nlopt_destroy(crs);
    free(start);
    return result < 0 ? -1 : 0;
}
