/* SPDX-License-Identifier: MIT */
/* The history ledger: what each generation reached and what it took. */
#include "run.h"

#include <math.h>
#include <string.h>

#define COUNT(name_, unit_, doc_) \
    {.name = name_, .unit = unit_, .doc = doc_, .type = EVO_TYPE_U64}
#define VALUE(name_, unit_, doc_) \
    {.name = name_, .unit = unit_, .doc = doc_, .type = EVO_TYPE_F64}
#define CLOCK(name_, unit_, doc_) \
    {.name = name_, .unit = unit_, .doc = doc_, .type = EVO_TYPE_F64, .varies = true}

/* Where files of older versions lack a column. */
static const double not_known = (double)NAN;

static const struct evo_column columns[] = {
    COUNT("generation", "1", "counted from 1"),
    COUNT("evaluations", "creatures", "flown since the run began"),
    VALUE("best", "fitness", "smallest fitness of the living"),
    {.name = "best_so_far", .unit = "fitness", .type = EVO_TYPE_F64, .absent = &not_known,
     .doc = "fitness of the champion: the best of the run until then, where flights change in exams"},
    VALUE("mean", "fitness", "mean of their finite fitness"),
    VALUE("worst", "fitness", "largest of their finite fitness"),
    VALUE("spread", "fitness", "standard deviation of their finite fitness"),
    COUNT("bad", "creatures", "how many have NaN or infinite fitness"),
    CLOCK("elapsed_s", "s", "since the first generation began, over all jobs of the run"),
    CLOCK("ask_s", "s", "rank 0: selection and variation"),
    CLOCK("scatter_s", "s", "rank 0: handing out genomes"),
    CLOCK("fly_s", "s", "rank 0: flying its own share"),
    CLOCK("gather_s", "s", "rank 0: collecting scores, waiting for the last rank among it"),
    CLOCK("idle_s", "s", "mean over ranks of the wait for the slowest"),
    CLOCK("tell_s", "s", "rank 0: learning from the scores"),
    CLOCK("save_s", "s", "rank 0: waiting for the store and copying, for the generation before"),
    CLOCK("steps_per_s", "1/s", "controller steps of all ranks per second of the generation"),
};
enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

enum evo_status evo_history_create(struct evo_table **out)
{
    return evo_table_create("history", "one row per generation", columns, N_COLUMNS, out);
}

double evo_history_best(const struct evo_state *state)
{
    return state->champion.id != EVO_NOBODY ? state->champion.fitness : not_known;
}

/* The columns by name, so that an order that changes cannot mix them up. */
static size_t column_of(const struct evo_table *history, const char *name)
{
    size_t i = 0;
    while (strcmp(history->columns[i].name, name) != 0) { i++; }
    return i;
}

void evo_history_complete(const struct evo_state *state)
{
    struct evo_table *history = state->history;
    size_t i_column = column_of(history, "best_so_far");
    if (!history->columns[i_column].lacking || history->n_rows == 0) { return; }
    const uint64_t *generation = history->data[column_of(history, "generation")];
    const double *best = history->data[column_of(history, "best")];
    double *best_so_far = history->data[i_column], least = not_known;
    bool from_the_first = history->first_row == 0 && !evo_task_changes(state->task);
    for (size_t i = 0; i < history->n_rows; i++) {
        if (from_the_first && !(least <= best[i])) { least = best[i]; }
        best_so_far[i] = least;
        if (generation[i] >= state->champion.generation) { best_so_far[i] = evo_history_best(state); }
    }
    history->columns[i_column].lacking = false;
}

enum evo_status evo_history_append(struct evo_table *history, const struct evo_state *state,
                                   const struct evo_population_summary *summary,
                                   const struct evo_history_times *times, double steps_per_s)
{
    uint64_t bad = summary->n_bad;
    double best_so_far = evo_history_best(state);
    const void *const values[N_COLUMNS] = {
        &state->generation, &state->evaluations, &summary->best, &best_so_far,
        &summary->mean,     &summary->worst,     &summary->spread, &bad,
        &state->elapsed_s,  &times->ask_s,       &times->scatter_s, &times->fly_s,
        &times->gather_s,   &times->idle_s,      &times->tell_s,  &times->save_s,
        &steps_per_s,
    };
    return evo_table_append(history, values);
}
