/* SPDX-License-Identifier: MIT */
/* The state of a run: made, saved as sections and ledgers, loaded again. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

enum evo_status evo_state_create(const struct evo_config *config, struct evo_state **out)
{
    enum evo_status status = EVO_OK;
    struct evo_state *state = NULL;
    EVO_TRY(evo_alloc(1, sizeof *state, "run", &state));
    state->config = config;
    EVO_GOTO(evo_task_create(config, &state->task));
    struct evo_shape shape = evo_task_shape(state->task);
    size_t genome = evo_shape_genome(shape);
    struct evo_record record = evo_task_record(state->task);
    size_t n_more = record.n_results - 1, width = evo_record_width(record);
    EVO_GOTO(evo_lineage_create((enum evo_lineage_keep)config->lineage_keep, genome, n_more,
                                &state->lineage));
    struct evo_search_setup setup = {.config = config,
                                     .shape = shape,
                                     .lineage = state->lineage,
                                     .basis = evo_task_basis(state->task),
                                     .n_more = n_more};
    EVO_GOTO(evo_search_create(&setup, &state->search));
    EVO_GOTO(evo_history_create(state->task, &state->history_names, &state->history));
    EVO_GOTO(evo_alloc(genome, sizeof(double), "champion", &state->champion_genome));
    EVO_GOTO(evo_alloc(n_more, sizeof(double), "champion", &state->champion_more));
    if (width > 1) {
        size_t n = (size_t)config->population_size * width;
        EVO_GOTO(evo_alloc(n, sizeof(double), "results", &state->records));
    }
    state->champion = (struct evo_champion){.genome = state->champion_genome,
                                            .more = state->champion_more,
                                            .id = EVO_NOBODY,
                                            .parent = EVO_NOBODY,
                                            .seed = config->job_seed};
    *out = state;
    state = NULL;
done:
    evo_state_destroy(state);
    return status;
}

void evo_state_destroy(struct evo_state *state)
{
    if (state == NULL) { return; }
    evo_search_destroy(state->search);
    evo_lineage_destroy(state->lineage);
    evo_table_destroy(state->history);
    free(state->history_names);
    evo_about_destroy(state->about);
    evo_task_destroy(state->task);
    free(state->champion_genome);
    free(state->champion_more);
    free(state->records);
    free(state);
}

struct evo_cases evo_state_champion_flown(const struct evo_state *state)
{
    return evo_task_changes(state->task) ? evo_cases_selection() : evo_cases_of(state->champion.generation);
}

/* ---- the run's own fields ---- */

enum { N_RUN_FIELDS = 11, MOST_RUN_FIELDS = N_RUN_FIELDS + 3 };

/* What only tasks whose candidates can fail, or have several results, need. */
static size_t own_fields(struct evo_state *state, struct evo_field *fields)
{
    struct evo_record record = evo_task_record(state->task);
    size_t n = 0;
    static const uint64_t none = 0;
    if (record.fails) {
        fields[n++] = (struct evo_field){.name = "in_vain", .unit = "creatures",
                                         .doc = "evaluations of the newest generations in which all failed",
                                         .type = EVO_TYPE_U64, .n_rows = 1, .data = &state->in_vain,
                                         .absent = &none};
        fields[n++] = (struct evo_field){.name = "failed", .unit = "creatures",
                                         .doc = "evaluations that failed so far", .type = EVO_TYPE_U64,
                                         .n_rows = 1, .data = &state->failed};
    }
    if (record.n_results > 1) {
        fields[n++] = (struct evo_field){.name = "champion_results", .unit = "1",
                                         .doc = "its further results, behind the fitness",
                                         .type = EVO_TYPE_F64, .n_rows = record.n_results - 1,
                                         .data = state->champion_more};
    }
    return n;
}

/* Returns how many there are. */
static size_t run_fields(struct evo_state *state, struct evo_field fields[MOST_RUN_FIELDS])
{
    struct evo_champion *champion = &state->champion;
    size_t genome = evo_shape_genome(evo_task_shape(state->task));
#define SCALAR(name_, unit_, doc_, type_, varies_, pointer) \
    {.name = name_, .unit = unit_, .doc = doc_, .type = type_, .varies = varies_, .n_rows = 1, .data = pointer}
    const struct evo_field all[N_RUN_FIELDS] = {
        SCALAR("generation", "1", "generations done", EVO_TYPE_U64, false, &state->generation),
        SCALAR("evaluations", "candidates", "evaluated so far", EVO_TYPE_U64, false,
               &state->evaluations),
        SCALAR("improved", "1", "generation of the last better best", EVO_TYPE_U64, false,
               &state->improved),
        SCALAR("elapsed_s", "s", "seconds of generations so far, over all jobs", EVO_TYPE_F64, true,
               &state->elapsed_s),
        SCALAR("champion_id", "1", "the best creature of the run", EVO_TYPE_U64, false,
               &champion->id),
        SCALAR("champion_parent", "1", "its parent", EVO_TYPE_U64, false, &champion->parent),
        SCALAR("champion_born", "1", "its first generation", EVO_TYPE_U64, false, &champion->born),
        SCALAR("champion_generation", "1", "generation in which it was scored", EVO_TYPE_U64, false,
               &champion->generation),
        SCALAR("champion_evaluations", "candidates", "evaluated until then", EVO_TYPE_U64, false,
               &champion->evaluations),
        SCALAR("champion_fitness", "fitness", "its fitness, smaller is better", EVO_TYPE_F64, false,
               &champion->fitness),
        {.name = "champion_genome", .unit = "1", .doc = "its matrix row by row, then its constants",
         .type = EVO_TYPE_F64, .n_rows = genome, .data = state->champion_genome},
    };
#undef SCALAR
    memcpy(fields, all, sizeof all);
    return N_RUN_FIELDS + own_fields(state, fields + N_RUN_FIELDS);
}

static struct evo_section section(const char *name, const char *doc, const struct evo_field *fields,
                                  size_t n)
{
    return (struct evo_section){.name = name, .doc = doc, .fields = fields, .n_fields = n};
}

/* ---- saving ---- */

enum evo_status evo_state_save(struct evo_state *state, struct evo_store *store, int n_ranks)
{
    if (state->about == NULL) { EVO_TRY(evo_about_create(&state->about)); }
    EVO_TRY(evo_about_update(state->about, state, n_ranks));

    struct evo_field about_list[EVO_ABOUT_FIELDS], run_list[MOST_RUN_FIELDS];
    struct evo_field population_list[EVO_POPULATION_FIELDS];
    size_t n_about = evo_about_fields(state->about, about_list), n_run = run_fields(state, run_list);
    size_t n_population = evo_population_fields(evo_search_population(state->search), population_list);
    size_t n_search = 0;
    const struct evo_field *search_list = evo_search_fields(state->search, &n_search);

    const struct evo_section sections[] = {
        section("about", "where this comes from", about_list, n_about),
        section("run", "how far the run has come", run_list, n_run),
        section("population", "the living creatures", population_list, n_population),
        section("search", "the search's own state", search_list, n_search),
    };
    struct evo_table *const ledgers[] = {state->history, state->lineage->table};
    const struct evo_store_text texts[] = {{.name = "champion.csv", .text = evo_about_champion(state->about)}};
    const struct evo_snapshot snapshot = {
        .generation = state->generation,
        .sections = sections,
        .n_sections = sizeof sections / sizeof sections[0],
        .ledgers = ledgers,
        .n_ledgers = sizeof ledgers / sizeof ledgers[0],
        .texts = texts,
        .n_texts = texts[0].text != NULL ? 1 : 0,
    };
    return evo_store_submit(store, &snapshot);
}

enum evo_status evo_state_complete(struct evo_state *state, struct evo_store *store)
{
    if (state->champion.id == EVO_NOBODY) { return EVO_OK; }
    if (state->about == NULL) { EVO_TRY(evo_about_create(&state->about)); }
    EVO_TRY(evo_about_update(state->about, state, 1));
    const struct evo_store_text text = {.name = "champion.csv", .text = evo_about_champion(state->about)};
    return evo_store_complete(store, &text);
}

/* ---- loading ---- */

enum evo_status evo_state_saved_config(const struct evo_checkpoint *checkpoint, const char *label,
                                       struct evo_config **out)
{
    char *text = NULL;
    EVO_TRY(evo_checkpoint_text(checkpoint, "about", "config", &text));
    evo_run_host();
    enum evo_status status = evo_run_load_saved_plugins(label, text);
    /* Lenient: another version's keys are no reason to refuse a file. */
    if (status == EVO_OK) {
        status = evo_config_parse(label, text, strlen(text), true, NULL, 0, evo_run_scope(), out);
    }
    free(text);
    return status;
}

enum evo_status evo_state_load(struct evo_state *state, const struct evo_checkpoint *checkpoint)
{
    struct evo_field run_list[MOST_RUN_FIELDS], population_list[EVO_POPULATION_FIELDS];
    size_t n_run = run_fields(state, run_list);
    size_t n_population = evo_population_fields(evo_search_population(state->search), population_list);
    size_t n_search = 0;
    const struct evo_field *search_list = evo_search_fields(state->search, &n_search);
    const struct evo_section sections[] = {
        section("run", "", run_list, n_run),
        section("population", "", population_list, n_population),
        section("search", "", search_list, n_search),
    };
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        EVO_TRY(evo_checkpoint_load(checkpoint, &sections[i]));
    }
    EVO_TRY(evo_checkpoint_tail(checkpoint, state->history));
    EVO_TRY(evo_checkpoint_tail(checkpoint, state->lineage->table));
    evo_history_complete(state);
    return evo_search_restored(state->search);
}
