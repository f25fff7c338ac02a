/* SPDX-License-Identifier: MIT */
/* The dispatch: what all searches have in common, and the table of them. */
#include "class.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EVO_SEARCH(name) &evo_search_##name,
static const struct evo_search_class *const classes[] = {
#include "searches.def"
};
#undef EVO_SEARCH

#define EVO_SEARCH(name) #name,
static const char *const names[] = {
#include "searches.def"
};
#undef EVO_SEARCH

size_t evo_search_count(void) { return sizeof names / sizeof names[0]; }

const char *const *evo_search_names(void) { return names; }

const char *evo_search_summary(size_t i) { return classes[i]->summary; }

const struct evo_key_table *evo_search_table(size_t i) { return classes[i]->keys; }

static enum evo_status find_class(const struct evo_config *config,
                                  const struct evo_search_class **out)
{
    for (size_t i = 0; i < evo_search_count(); i++) {
        if (strcmp(names[i], config->search_name) == 0) {
            *out = classes[i];
            return EVO_OK;
        }
    }
    return evo_config_refuse(config, "search.name", "there is no such search; --list shows them");
}

/* What every search has to save, then what its class adds. */
static void list_fields(struct evo_search *search)
{
    search->fields[0] = (struct evo_field){.name = "generation",
                                           .unit = "1",
                                           .doc = "the last generation whose scores were taken",
                                           .type = EVO_TYPE_U64,
                                           .n_rows = 1,
                                           .data = &search->generation};
    search->fields[1] = (struct evo_field){.name = "next_id",
                                           .unit = "1",
                                           .doc = "id of the next creature born",
                                           .type = EVO_TYPE_U64,
                                           .n_rows = 1,
                                           .data = &search->next_id};
    search->n_fields = 2;
    if (search->class->fields != NULL) {
        search->n_fields += search->class->fields(search, search->fields + 2);
    }
}

enum evo_status evo_search_create(const struct evo_search_setup *setup, struct evo_search **out)
{
    enum evo_status status = EVO_OK;
    const struct evo_search_class *class = NULL;
    struct evo_search *search = NULL;
    EVO_TRY(find_class(setup->config, &class));
    if (setup->basis != NULL && !class->keeps_basis) {
        return evo_config_refuse(setup->config, "search.name",
                                 "does not keep to the symmetry that the task asks for; use cmaes");
    }
    EVO_TRY(evo_alloc(1, sizeof *search, "search", &search));
    search->class = class;
    search->setup = *setup;
    search->n_matrix = evo_shape_matrix(setup->shape);
    search->n_genome = evo_shape_genome(setup->shape);

    EVO_GOTO(evo_ranges_init(&search->ranges, setup->shape));
    EVO_GOTO(evo_alloc(1, class->state_bytes, "search", &search->state));
    EVO_GOTO(evo_population_create((size_t)setup->config->population_size, search->n_genome,
                                   setup->n_more, &search->population));
    EVO_GOTO(class->init(search));
    list_fields(search);
    *out = search;
    search = NULL;
done:
    evo_search_destroy(search);
    return status;
}

void evo_search_destroy(struct evo_search *search)
{
    if (search == NULL) { return; }
    if (search->state != NULL && search->class->fini != NULL) { search->class->fini(search); }
    evo_population_destroy(search->population);
    evo_ranges_fini(&search->ranges);
    free(search->state);
    free(search);
}

/* Growth that no score ever ends comes to an end here, and what is not a number anywhere. */
static void keep_finite(double *parameters, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double x = parameters[i];
        if (fabs(x) <= EVO_PARAMETER_MOST) { continue; }
        parameters[i] = isnan(x) ? 0.0 : copysign(EVO_PARAMETER_MOST, x);
    }
}

enum evo_status evo_search_ask(struct evo_search *search, uint64_t generation, bool reevaluate,
                               size_t *first, size_t *n)
{
    EVO_CHECK(!search->asked && generation == search->generation + 1, EVO_ERR_INTERNAL,
              "search: asked for generation %llu; the last told is %llu%s",
              (unsigned long long)generation, (unsigned long long)search->generation,
              search->asked ? ", and the next was asked for already" : "");
    EVO_TRY(search->class->ask(search, generation, reevaluate, &search->first, &search->n));
    search->asked = true;

    struct evo_population *population = search->population;
    keep_finite(population->genomes + search->first * population->genome,
                search->n * population->genome);
    evo_ranges_reflect_all(&search->ranges, search->n,
                           population->genomes + search->first * population->genome);
    for (size_t i = search->first; i < search->first + search->n; i++) {
        population->fitness[i] = NAN;
        population->flown[i] = generation;
    }
    *first = search->first;
    *n = search->n;
    return EVO_OK;
}

enum evo_status evo_search_tell(struct evo_search *search, uint64_t generation)
{
    EVO_CHECK(search->asked && generation == search->generation + 1, EVO_ERR_INTERNAL,
              "search: told the scores of generation %llu, which was not asked for",
              (unsigned long long)generation);
    /* One pattern of bits for all NaN: sign and payload differ from one machine to the next. */
    double *fitness = search->population->fitness + search->first;
    for (size_t i = 0; i < search->n; i++) { fitness[i] = isnan(fitness[i]) ? NAN : fitness[i]; }

    if (search->class->tell != NULL) { EVO_TRY(search->class->tell(search, generation)); }
    search->generation = generation;
    search->asked = false;
    return EVO_OK;
}

struct evo_population *evo_search_population(struct evo_search *search)
{
    return search->population;
}

const struct evo_field *evo_search_fields(struct evo_search *search, size_t *n)
{
    *n = search->n_fields;
    return search->fields;
}

enum evo_status evo_search_restored(struct evo_search *search)
{
    const struct evo_population *population = search->population;
    for (size_t i = 0; i < population->n; i++) {
        EVO_CHECK(population->id[i] < search->next_id, EVO_ERR_CHECKPOINT,
                  "the saved population has creature %llu, but only %llu were born",
                  (unsigned long long)population->id[i], (unsigned long long)search->next_id);
    }
    search->asked = false;
    return search->class->restored != NULL ? search->class->restored(search) : EVO_OK;
}

/* Rows for the keys that the task's own ranges stand in for. */
static size_t add_starts(const struct evo_search_class *class, bool ranged,
                         struct evo_config_unused *rows, size_t n)
{
    for (const char *const *key = class->start_keys; key != NULL && *key != NULL; key++) {
        assert(n < EVO_CONFIG_UNUSED_MAX / 2);
        rows[n++] = (struct evo_config_unused){
            ranged, *key, "the task says itself where its parameters begin and end", NULL};
    }
    return n;
}

size_t evo_search_unused(const struct evo_config *config, bool ranged,
                         struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX / 2])
{
    for (size_t i = 0; i < evo_search_count(); i++) {
        if (strcmp(names[i], config->search_name) != 0) { continue; }
        size_t n = classes[i]->unused != NULL ? classes[i]->unused(config, rows) : 0;
        return add_starts(classes[i], ranged, rows, n);
    }
    return 0;
}

const char *evo_search_finished(const struct evo_search *search)
{
    return search->class->finished != NULL ? search->class->finished(search) : NULL;
}
