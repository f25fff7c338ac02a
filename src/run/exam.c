/* SPDX-License-Identifier: MIT */
/* The champion of a run, and the exams by which it is found where flights change. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

bool evo_exam_is_due(const struct evo_state *state)
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

enum evo_status evo_exam_begin(const struct evo_state *state, struct evo_exam *exam)
{
    const struct evo_population *population = evo_search_population(state->search);
    size_t most = (size_t)state->config->exam_candidates, genome = population->genome;
    size_t width = evo_record_width(evo_task_record(state->task));
    if (most > population->n) { most = population->n; }
    *exam = (struct evo_exam){0};
    EVO_TRY(evo_alloc(most, sizeof *exam->slots, "exam", &exam->slots));
    EVO_TRY(evo_alloc(most * width, sizeof *exam->records, "exam", &exam->records));
    EVO_TRY(evo_alloc(most * genome, sizeof *exam->genomes, "exam", &exam->genomes));
    exam->n = choose_best(population, exam->slots, most);
    for (size_t i = 0; i < exam->n; i++) {
        memcpy(exam->genomes + i * genome, population->genomes + exam->slots[i] * genome,
               genome * sizeof *exam->genomes);
    }
    return EVO_OK;
}

void evo_exam_fini(struct evo_exam *exam)
{
    free(exam->slots);
    free(exam->records);
    free(exam->genomes);
}

enum evo_status evo_exam_take_champion(struct evo_state *state, size_t slot, const double *record)
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

enum evo_status evo_exam_end(struct evo_state *state, const struct evo_exam *exam)
{
    size_t width = evo_record_width(evo_task_record(state->task));
    for (size_t i = 0; i < exam->n; i++) {
        EVO_TRY(evo_exam_take_champion(state, exam->slots[i], exam->records + i * width));
    }
    return EVO_OK;
}
