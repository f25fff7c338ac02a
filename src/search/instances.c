/* SPDX-License-Identifier: MIT */
/* The state of all instances of cmaes: one table of arrays makes, releases and saves it. */
#include "instances.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

size_t evo_instances_slots(const struct evo_instances *cmaes, size_t k)
{
    return cmaes->n_slots + (k < cmaes->n_long ? 1 : 0);
}

size_t evo_instances_first_slot(const struct evo_instances *cmaes, size_t k)
{
    return k * cmaes->n_slots + (k < cmaes->n_long ? k : cmaes->n_long);
}

size_t evo_instances_most_samples(const struct evo_instances *cmaes)
{
    return evo_instances_slots(cmaes, 0) << cmaes->restart.most;
}

/* ---- the table -------------------------------------------------------------------------- */

/* How many values an instance has in an array. SCORES are there only where an iteration may take
 * several generations. */
enum width { ONE, VECTOR, MATRIX, WINDOW, PAST, SCORES };

static const struct array {
    const char *name, *doc;
    enum evo_type type;
    enum width width;
    size_t offset; ///< of the pointer, in struct evo_instances
} arrays[] = {
#define F64(name, doc, width, member)                                                              \
    {                                                                                              \
        name, doc, EVO_TYPE_F64, width, offsetof(struct evo_instances, member)                     \
    }
#define U64(name, doc, member)                                                                     \
    {                                                                                              \
        name, doc, EVO_TYPE_U64, ONE, offsetof(struct evo_instances, member)                       \
    }
    F64("mean", "centre of each instance", VECTOR, means),
    F64("path_c", "evolution path of the covariance", VECTOR, paths_c),
    F64("path_s", "evolution path of the step size", VECTOR, paths_s),
    F64("covariance", "row by row", MATRIX, covariances),
    F64("axes", "eigenvectors, row by row, as last decomposed", MATRIX, axes),
    F64("lengths", "square roots of their eigenvalues", VECTOR, lengths),
    F64("bests", "best of the latest iterations, a ring", WINDOW, bests),
    F64("past_bests", "best of every past_stride-th iteration, oldest first", PAST, past_bests),
    F64("past_medians", "median of the same iterations", PAST, past_medians),
    F64("sigma", "step size", ONE, sigmas),
    F64("best", "best score since the last restart", ONE, best),
    F64("scores", "of the iteration that is under way", SCORES, scores),
    U64("past_count", "entries of past_bests and past_medians", past_counts),
    U64("past_stride", "iterations between two of them", past_strides),
    U64("iterations", "since the last restart", iterations),
    U64("improved", "iteration of the last better best", improved),
    U64("decomposed", "iteration of the last decomposition", decomposed),
    U64("restarts", "so far", restarts),
    U64("leaders", "creature that was best of the last iteration", leaders),
    U64("gathered", "generations of the iteration that is under way", gathered),
#undef F64
#undef U64
};
enum { N_ARRAYS = sizeof arrays / sizeof arrays[0] };

static size_t width_of(const struct evo_instances *cmaes, const struct array *array, size_t n)
{
    switch (array->width) {
    case ONE: return 1;
    case VECTOR: return n;
    case MATRIX: return n * n;
    case WINDOW: return EVO_STRATEGY_WINDOW;
    case PAST: return EVO_STRATEGY_PAST;
    case SCORES: return cmaes->restart.most > 0 ? evo_instances_most_samples(cmaes) : 0;
    }
    return 0;
}

static void *pointer_in(const struct evo_instances *cmaes, const struct array *array)
{
    void *pointer;
    memcpy(&pointer, (const char *)cmaes + array->offset, sizeof pointer);
    return pointer;
}

enum evo_status evo_instances_init(struct evo_instances *cmaes, size_t n)
{
    for (size_t i = 0; i < N_ARRAYS; i++) {
        void *block = NULL;
        size_t width = width_of(cmaes, &arrays[i], n);
        EVO_TRY(
            evo_alloc(cmaes->n_instances * width, EVO_CELL_BYTES, "the state of cmaes", &block));
        memcpy((char *)cmaes + arrays[i].offset, &block, sizeof block);
    }
    return EVO_OK;
}

void evo_instances_fini(struct evo_instances *cmaes)
{
    for (size_t i = 0; i < N_ARRAYS; i++) { free(pointer_in(cmaes, &arrays[i])); }
}

size_t evo_instances_fields(struct evo_instances *cmaes, size_t n, struct evo_field *fields)
{
    size_t n_fields = 0;
    for (size_t i = 0; i < N_ARRAYS; i++) {
        const struct array *array = &arrays[i];
        size_t width = width_of(cmaes, array, n);
        if (width == 0) { continue; }
        fields[n_fields++] = (struct evo_field){.name = array->name,
                                                .unit = "1",
                                                .doc = array->doc,
                                                .type = array->type,
                                                .n_rows = cmaes->n_instances,
                                                .n_cols = array->width == ONE ? 0 : width,
                                                .data = pointer_in(cmaes, array)};
    }
    return n_fields;
}

enum evo_status evo_instances_check(const struct evo_instances *cmaes)
{
    EVO_TRY(evo_restart_restored(&cmaes->restart));
    for (size_t k = 0; k < cmaes->n_instances; k++) {
        uint64_t parts = (uint64_t)1 << cmaes->restart.doublings[k];
        EVO_CHECK(cmaes->past_counts[k] <= EVO_STRATEGY_PAST && cmaes->past_strides[k] > 0 &&
                      cmaes->gathered[k] < parts,
                  EVO_ERR_CHECKPOINT,
                  "the saved search has instance %zu with %llu past scores, every %llu iterations, "
                  "and %llu of %llu generations of one",
                  k, (unsigned long long)cmaes->past_counts[k],
                  (unsigned long long)cmaes->past_strides[k],
                  (unsigned long long)cmaes->gathered[k], (unsigned long long)parts);
    }
    return EVO_OK;
}

struct evo_strategy evo_instances_strategy(const struct evo_instances *cmaes, size_t k, size_t n)
{
    return (struct evo_strategy){
        .mean = cmaes->means + k * n,
        .path_c = cmaes->paths_c + k * n,
        .path_s = cmaes->paths_s + k * n,
        .covariance = cmaes->covariances + k * n * n,
        .axes = cmaes->axes + k * n * n,
        .lengths = cmaes->lengths + k * n,
        .bests = cmaes->bests + k * EVO_STRATEGY_WINDOW,
        .past_bests = cmaes->past_bests + k * EVO_STRATEGY_PAST,
        .past_medians = cmaes->past_medians + k * EVO_STRATEGY_PAST,
        .past_count = &cmaes->past_counts[k],
        .past_stride = &cmaes->past_strides[k],
        .sigma = &cmaes->sigmas[k],
        .best = &cmaes->best[k],
        .iteration = &cmaes->iterations[k],
        .improved = &cmaes->improved[k],
        .decomposed = &cmaes->decomposed[k],
    };
}

/* ---- what the log says ------------------------------------------------------------------ */

void evo_instances_say_rest(struct evo_instances *cmaes)
{
    struct evo_instances_ends *ends = &cmaes->ends;
    char text[256] = "", best[32];
    size_t used = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < EVO_ENDS; i++) {
        if (ends->counts[i] == 0) { continue; }
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%llu by %s",
                                 used > 0 ? ", " : "", (unsigned long long)ends->counts[i],
                                 evo_strategy_end_name((enum evo_strategy_end)i));
        sum += ends->counts[i];
    }
    if (sum == 0) { return; }
    evo_log_to_file("cmaes: %llu more restarts until generation %llu, best of them %s; %s",
                    (unsigned long long)sum, (unsigned long long)ends->generation,
                    evo_text_number(best, ends->best), text);
    memset(ends->counts, 0, sizeof ends->counts);
}

void evo_instances_say_end(struct evo_instances *cmaes, size_t k, size_t lambda,
                           uint64_t generation, double best, enum evo_strategy_end end)
{
    enum { MOST_LINES = 100 };
    const double interval_s = 10.0;
    struct evo_instances_ends *ends = &cmaes->ends;
    char number[32];
    if (ends->n_said < MOST_LINES) {
        ends->n_said++;
        ends->said_s = evo_clock_s();
        evo_log_to_file("cmaes: instance %zu (lambda %zu) restarts after generation %llu, best %s; "
                        "%s: %s",
                        k, lambda, (unsigned long long)generation, evo_text_number(number, best),
                        evo_strategy_end_name(end), evo_strategy_end_meaning(end));
        return;
    }
    bool first = true;
    for (size_t i = 0; i < EVO_ENDS; i++) { first = first && ends->counts[i] == 0; }
    if (first || best < ends->best) { ends->best = best; }
    ends->counts[end]++;
    ends->generation = generation;
    if (evo_clock_s() - ends->said_s < interval_s) { return; }
    ends->said_s = evo_clock_s();
    evo_instances_say_rest(cmaes);
}
