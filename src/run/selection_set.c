/* SPDX-License-Identifier: MIT */
/* The champion of a run, and the selection set by which it is found where cases change. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

bool evo_selection_set_is_due(const struct evo_state *state)
{
    uint64_t every = (uint64_t)state->config->exam_every;
    return evo_task_changes(state->task) &&
           (state->generation == 1 || state->generation % every == 0);
}

/* The first `most` of the population in order, by insertion: they are few. */
static size_t choose_best(const struct evo_population *population, size_t *slots, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < population->n; i++) {
        size_t place = n;
        while (place > 0 && evo_fitness_before(population->fitness[i], population->id[i],
                                               population->fitness[slots[place - 1]],
                                               population->id[slots[place - 1]])) {
            place--;
        }
        if (place == most) { continue; }
        if (n < most) { n++; }
        memmove(slots + place + 1, slots + place, (n - 1 - place) * sizeof *slots);
        slots[place] = i;
    }
    return n;
}

enum evo_status evo_selection_set_begin(const struct evo_state *state, struct evo_selection_set *set)
{
    const struct evo_population *population = evo_search_population(state->search);
    size_t most = (size_t)state->config->exam_candidates, genome = population->genome;
    size_t width = evo_record_width(evo_task_record(state->task));
    if (most > population->n) { most = population->n; }
    *set = (struct evo_selection_set){0};
    EVO_TRY(evo_alloc(most, sizeof *set->slots, "selection set", &set->slots));
    EVO_TRY(evo_alloc(most * width, sizeof *set->records, "selection set", &set->records));
    EVO_TRY(evo_alloc(most * genome, sizeof *set->genomes, "selection set", &set->genomes));
    set->n = choose_best(population, set->slots, most);
    for (size_t i = 0; i < set->n; i++) {
        memcpy(set->genomes + i * genome, population->genomes + set->slots[i] * genome,
               genome * sizeof *set->genomes);
    }
    return EVO_OK;
}

void evo_selection_set_fini(struct evo_selection_set *set)
{
    free(set->slots);
    free(set->records);
    free(set->genomes);
}

enum evo_status evo_selection_set_take_champion(struct evo_state *state, size_t slot, const double *record)
{
    struct evo_champion *champion = &state->champion;
    const struct evo_population *population = evo_search_population(state->search);
    const double *more = record != NULL ? record + 1 : population->more + slot * population->n_more;
    double fitness = record != NULL ? record[0] : population->fitness[slot];
    bool better = champion->id == EVO_NOBODY ? fitness == fitness : fitness < champion->fitness;
    if (!better) { return EVO_OK; }

    memcpy(state->champion_genome, population->genomes + slot * population->genome,
           population->genome * sizeof(double));
    memcpy(state->champion_more, more, population->n_more * sizeof(double));
    champion->fitness = fitness;
    champion->id = population->id[slot];
    champion->parent = population->parent[slot];
    champion->born = population->born[slot];
    champion->generation = state->generation;
    champion->evaluations = state->evaluations;
    state->improved = state->generation;
    return evo_lineage_crown(state->lineage, population, slot);
}

enum evo_status evo_selection_set_end(struct evo_state *state, const struct evo_selection_set *set)
{
    size_t width = evo_record_width(evo_task_record(state->task));
    for (size_t i = 0; i < set->n; i++) {
        EVO_TRY(evo_selection_set_take_champion(state, set->slots[i], set->records + i * width));
    }
    return EVO_OK;
}
