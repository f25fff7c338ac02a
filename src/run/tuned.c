/* SPDX-License-Identifier: MIT */
/* A task's tuned baseline: a controller of a simpler kind that the same search finds. */
#include "run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What may be evaluated for it: about a third of a second of one core. */
#define MOST_STEPS        400000000
#define MOST_STEPS_PLAIN  40000000
#define MOST_CREATURES    64
#define LEAST_GENERATIONS 30 // of fewer nothing comes

/* The configuration with the baseline's settings, and a population that is small enough. */
static enum evo_status change_config(const struct evo_config *config, const char *const *sets,
                                     struct evo_config **out)
{
    enum { MOST_SETS = 16 };
    enum evo_status status = EVO_OK;
    const char *all[MOST_SETS + 1];
    char *text = NULL, *size = NULL;
    size_t n = 0;
    while (n < MOST_SETS && sets[n] != NULL) {
        all[n] = sets[n];
        n++;
    }
    int64_t creatures = config->population_size < MOST_CREATURES ? config->population_size
                                                                 : MOST_CREATURES;
    EVO_GOTO(evo_config_print(config, false, false, &text));
    EVO_GOTO(evo_text_format(&size, "population.size=%" PRId64, creatures));
    all[n++] = size;
    EVO_GOTO(evo_config_parse("baseline", text, strlen(text), false, all, n, evo_run_scope(), out));
done:
    free(text);
    free(size);
    return status;
}

/* The generation loop in small: no farm, no store. Where too few generations may be evaluated, as
 * with a very short time step, there is no tuned baseline. */
static enum evo_status search(struct evo_state *state)
{
    const char *step = evo_task_step_name(state->task);
    uint64_t most = strcmp(step, "plain") == 0 ? MOST_STEPS_PLAIN : MOST_STEPS, flown = 0;
    const struct evo_evaluator here = evo_generation_here(state);
    struct evo_generation generation = {0};
    size_t n = evo_search_population(state->search)->n;
    if (evo_task_steps(state->task, evo_cases_of(1)) > most / LEAST_GENERATIONS / n) { return EVO_OK; }
    while (flown < most && evo_search_finished(state->search) == NULL) {
        EVO_TRY(evo_generation_run(state, &here, &generation));
        flown += generation.steps;
        if (evo_selection_set_is_due(state)) { EVO_TRY(evo_generation_select(state, &here, false, 0, &generation)); }
    }
    return evo_generation_select(state, &here, true, 0, &generation);
}

enum evo_status evo_tuned_find(const struct evo_config *config, const struct evo_task *task,
                               struct evo_tuned *tuned)
{
    const char *const *sets = NULL;
    *tuned = (struct evo_tuned){.name = evo_task_tuned(task, &sets)};
    if (tuned->name == NULL) { return EVO_OK; }
    EVO_TRY(change_config(config, sets, &tuned->config));
    EVO_TRY(evo_state_create(tuned->config, &tuned->state));
    return search(tuned->state);
}

void evo_tuned_fini(struct evo_tuned *tuned)
{
    evo_state_destroy(tuned->state);
    evo_config_destroy(tuned->config);
    *tuned = (struct evo_tuned){0};
}
