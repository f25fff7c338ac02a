/* SPDX-License-Identifier: MIT */
/* One generation: ask, evaluate, tell; then the champion, by the selection set where cases change. */
#include "run.h"

#include <math.h>
#include <string.h>

static enum evo_status evaluate_here(void *context, struct evo_cases cases, size_t n,
                                     const double *genomes, double *records)
{
    return evo_task_evaluate(context, cases, n, genomes, records);
}

struct evo_evaluator evo_generation_here(struct evo_state *state)
{
    return (struct evo_evaluator){evaluate_here, state->task};
}

static double lap(double *mark_s)
{
    double now_s = evo_clock_s(), seconds = now_s - *mark_s;
    *mark_s = now_s;
    return seconds;
}

static size_t count_failed(struct evo_state *state, const double *records, size_t n)
{
    struct evo_record record = evo_task_record(state->task);
    size_t n_failed = 0, width = evo_record_width(record);
    for (size_t i = 0; record.fails && i < n; i++) {
        if (records[i * width + record.n_results] != 0.0) { n_failed++; }
    }
    state->failed += n_failed;
    return n_failed;
}

/* Takes records apart into the population's slots. */
static void unpack(struct evo_state *state, const double *records, size_t first, size_t n)
{
    struct evo_population *population = evo_search_population(state->search);
    struct evo_record record = evo_task_record(state->task);
    size_t width = evo_record_width(record), n_more = population->n_more;
    for (size_t i = 0; i < n; i++, records += width) {
        population->fitness[first + i] = records[0];
        if (n_more > 0) {
            memcpy(population->more + (first + i) * n_more, records + 1, n_more * sizeof *records);
        }
    }
}

enum evo_status evo_generation_step(struct evo_search *search, uint64_t generation, bool again,
                                    evo_generation_evaluate *evaluate, void *context,
                                    struct evo_generation *out)
{
    size_t first = 0;
    double mark_s = evo_clock_s();
    *out = (struct evo_generation){0};
    EVO_TRY(evo_search_ask(search, generation, again, &first, &out->n));
    out->ask_s = lap(&mark_s);
    EVO_TRY(evaluate(context, evo_search_population(search), first, out->n));
    out->evaluate_s = lap(&mark_s);
    EVO_TRY(evo_search_tell(search, generation));
    out->tell_s = lap(&mark_s);
    return EVO_OK;
}

/* A generation of a state on its way. */
struct under_way {
    struct evo_state *state;
    const struct evo_evaluator *evaluator;
    struct evo_cases cases;
    size_t n_failed;
};

/* A record that is a fitness alone goes to its place at once. */
static enum evo_status evaluate(void *context, struct evo_population *population, size_t first, size_t n)
{
    struct under_way *way = context;
    const struct evo_evaluator *evaluator = way->evaluator;
    const double *genomes = population->genomes + first * population->genome;
    bool plain = evo_record_width(evo_task_record(way->state->task)) == 1;
    double *records = plain ? population->fitness + first : way->state->records;
    EVO_TRY(evaluator->evaluate(evaluator->context, way->cases, n, genomes, records));
    if (plain) { return EVO_OK; }
    unpack(way->state, records, first, n);
    way->n_failed = count_failed(way->state, records, n);
    return EVO_OK;
}

enum evo_status evo_generation_run(struct evo_state *state, const struct evo_evaluator *evaluator,
                                   struct evo_generation *out)
{
    uint64_t generation = state->generation + 1;
    struct under_way way = {state, evaluator, evo_cases_of(generation), 0};
    EVO_TRY(evo_generation_step(state->search, generation, evo_task_changes(state->task), evaluate, &way, out));
    state->generation = generation;
    state->evaluations += out->n;
    out->n_failed = way.n_failed;
    state->in_vain = out->n_failed == out->n ? state->in_vain + out->n : 0;
    out->steps = out->n * evo_task_steps(state->task, way.cases);
    return EVO_OK;
}

/* The best of a generation of changing cases are evaluated once more, all of them on the same cases. */
static enum evo_status evaluate_selection_set(struct evo_state *state, const struct evo_evaluator *evaluator,
                                 struct evo_generation *out)
{
    enum evo_status status = EVO_OK;
    struct evo_selection_set set;
    EVO_GOTO(evo_selection_set_begin(state, &set));
    EVO_GOTO(evaluator->evaluate(evaluator->context, evo_cases_selection(), set.n, set.genomes,
                                 set.records));
    state->evaluations += set.n;
    out->n_failed += count_failed(state, set.records, set.n);
    out->steps += set.n * evo_task_steps(state->task, evo_cases_selection());
    EVO_GOTO(evo_selection_set_end(state, &set));
done:
    evo_selection_set_fini(&set);
    return status;
}

enum evo_status evo_generation_select(struct evo_state *state, const struct evo_evaluator *evaluator,
                                      bool last, size_t i_best, struct evo_generation *out)
{
    if (!evo_task_changes(state->task)) { return evo_selection_set_take_champion(state, i_best, NULL); }
    if (!last && !evo_selection_set_is_due(state)) { return EVO_OK; }
    return evaluate_selection_set(state, evaluator, out);
}
