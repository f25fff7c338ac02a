/* SPDX-License-Identifier: MIT */
/* One generation: ask, evaluate, tell; then the champion, by the selection set where cases change. */
#include "run.h"

#include <math.h>
#include <string.h>

static enum evo_status evaluate_here(void *context, uint64_t generation, size_t n,
                                     const double *genomes, double *records)
{
    return evo_task_evaluate(context, generation, n, genomes, records);
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

/* A record that is a fitness alone goes to its place at once. */
static enum evo_status evaluate(struct evo_state *state, const struct evo_evaluator *evaluator,
                                uint64_t generation, size_t first, size_t n, size_t *n_failed)
{
    struct evo_population *population = evo_search_population(state->search);
    const double *genomes = population->genomes + first * population->genome;
    bool plain = evo_record_width(evo_task_record(state->task)) == 1;
    double *records = plain ? population->fitness + first : state->records;
    EVO_TRY(evaluator->evaluate(evaluator->context, generation, n, genomes, records));
    if (plain) { return EVO_OK; }
    unpack(state, records, first, n);
    *n_failed += count_failed(state, records, n);
    return EVO_OK;
}

enum evo_status evo_generation_run(struct evo_state *state, const struct evo_evaluator *evaluator,
                                   struct evo_generation *out)
{
    uint64_t generation = state->generation + 1;
    size_t first = 0;
    double mark_s = evo_clock_s();
    *out = (struct evo_generation){0};
    EVO_TRY(evo_search_ask(state->search, generation, evo_task_changes(state->task), &first, &out->n));
    out->ask_s = lap(&mark_s);
    EVO_TRY(evaluate(state, evaluator, generation, first, out->n, &out->n_failed));
    out->evaluate_s = lap(&mark_s);
    EVO_TRY(evo_search_tell(state->search, generation));
    out->tell_s = lap(&mark_s);
    state->generation = generation;
    state->evaluations += out->n;
    state->in_vain = out->n_failed == out->n ? state->in_vain + out->n : 0;
    out->steps = out->n * evo_task_steps(state->task, generation);
    return EVO_OK;
}

/* The best of a generation of changing cases are evaluated once more, all of them on the same cases. */
static enum evo_status hold_exam(struct evo_state *state, const struct evo_evaluator *evaluator,
                                 struct evo_generation *out)
{
    enum evo_status status = EVO_OK;
    struct evo_exam exam;
    EVO_GOTO(evo_exam_begin(state, &exam));
    EVO_GOTO(evaluator->evaluate(evaluator->context, EVO_GENERATION_EXAM, exam.n, exam.genomes,
                                 exam.records));
    state->evaluations += exam.n;
    out->n_failed += count_failed(state, exam.records, exam.n);
    out->steps += exam.n * evo_task_steps(state->task, EVO_GENERATION_EXAM);
    EVO_GOTO(evo_exam_end(state, &exam));
done:
    evo_exam_fini(&exam);
    return status;
}

enum evo_status evo_generation_select(struct evo_state *state, const struct evo_evaluator *evaluator,
                                      bool last, size_t i_best, struct evo_generation *out)
{
    if (!evo_task_changes(state->task)) { return evo_exam_take_champion(state, i_best, NULL); }
    if (!last && !evo_exam_is_due(state)) { return EVO_OK; }
    return hold_exam(state, evaluator, out);
}
