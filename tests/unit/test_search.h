/* SPDX-License-Identifier: MIT */
/* What the tests of the module search share: a search from a few lines, and scores for it. */
#ifndef TEST_SEARCH_H
#define TEST_SEARCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/run.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/// A search with all that it borrows.
struct trial {
    struct evo_config *config;
    struct evo_lineage *lineage;
    struct evo_search *search;
    struct evo_population *population;
    size_t first, n; ///< what was asked for last
};

static inline void must(enum evo_status status)
{
    if (status != EVO_OK) { fail_msg("%s", evo_status_message()); }
}

static const struct evo_shape original_shape = {.n_states = 1, .n_inputs = 2, .n_outputs = 1};

/// Makes `trial` from lines of configuration; the status is that of evo_search_create. `basis` is
/// borrowed and may be NULL.
static inline enum evo_status trial_try_tied(struct trial *trial, const char *text,
                                             struct evo_shape shape, const struct evo_basis *basis)
{
    memset(trial, 0, sizeof *trial);
    must(
        evo_config_parse("test.ini", text, strlen(text), false, NULL, 0, evo_run_scope(), &trial->config));
    must(evo_lineage_create((enum evo_lineage_keep)trial->config->lineage_keep,
                            evo_shape_genome(shape), 0, &trial->lineage));
    const struct evo_search_setup setup = {
        .config = trial->config, .shape = shape, .lineage = trial->lineage, .basis = basis};
    EVO_TRY(evo_search_create(&setup, &trial->search));
    trial->population = evo_search_population(trial->search);
    return EVO_OK;
}

static inline enum evo_status trial_try(struct trial *trial, const char *text,
                                        struct evo_shape shape)
{
    return trial_try_tied(trial, text, shape, NULL);
}

/// The same for the original's shape; `format` gives the configuration.
__attribute__((format(printf, 2, 3))) static inline void trial_begin(struct trial *trial,
                                                                     const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    must(trial_try(trial, text, original_shape));
}

static inline void trial_end(struct trial *trial)
{
    evo_search_destroy(trial->search);
    evo_lineage_destroy(trial->lineage);
    evo_config_destroy(trial->config);
}

/// Scores of different kinds, each a function of genome and id alone.
enum scores { SMOOTH, TIED, HOSTILE, N_SCORES };

static inline double score(enum scores scores, const double *genome, size_t n, uint64_t id)
{
    const double hostile[] = {NAN, INFINITY, -INFINITY, -0.0, 0.0, -NAN, 1e308, -1e308};
    double sum = 0.0;
    for (size_t k = 0; k < n; k++) { sum += fabs(genome[k] - 0.25 * (double)k); }
    switch (scores) {
    case TIED: return floor(sum);
    case HOSTILE: return id % 3 == 0 ? hostile[id / 3 % 8] : sum;
    default: return sum;
    }
}

static inline void trial_ask(struct trial *trial, uint64_t generation, bool refly)
{
    must(evo_search_ask(trial->search, generation, refly, &trial->first, &trial->n));
}

static inline void trial_score(struct trial *trial, enum scores scores)
{
    struct evo_population *population = trial->population;
    for (size_t i = trial->first; i < trial->first + trial->n; i++) {
        population->fitness[i] = score(scores, population->genomes + i * population->genome,
                                       population->genome, population->id[i]);
    }
}

/// One generation: ask, score, tell.
static inline void trial_step(struct trial *trial, uint64_t generation, enum scores scores)
{
    trial_ask(trial, generation, false);
    trial_score(trial, scores);
    must(evo_search_tell(trial->search, generation));
}

/// The data of the search's field of that name; fails the test where there is none.
static inline void *trial_field(struct trial *trial, const char *name)
{
    size_t n;
    const struct evo_field *fields = evo_search_fields(trial->search, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i].name, name) == 0) { return fields[i].data; }
    }
    fail_msg("there is no field %s", name);
    return NULL;
}

#endif
