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
static const uint64_t none = 0;
#define SPENT(name_, unit_, doc_) \
    {.name = name_, .unit = unit_, .doc = doc_, .type = EVO_TYPE_F64, .varies = true, .absent = &not_known}
#define NUMBER(name_, unit_, doc_) \
    {.name = name_, .unit = unit_, .doc = doc_, .type = EVO_TYPE_U64, .varies = true, .absent = &none}

static const struct evo_column columns[] = {
    COUNT("generation", "1", "counted from 1"),
    COUNT("evaluations", "candidates", "evaluated since the run began"),
    VALUE("best", "fitness", "smallest fitness of the living"),
    {.name = "best_so_far", .unit = "fitness", .type = EVO_TYPE_F64, .absent = &not_known,
     .doc = "fitness of the champion: the best of the run until then, where cases change on the selection set"},
    VALUE("mean", "fitness", "mean of their finite fitness"),
    VALUE("worst", "fitness", "largest of their finite fitness"),
    VALUE("spread", "fitness", "standard deviation of their finite fitness"),
    COUNT("bad", "creatures", "how many have NaN or infinite fitness"),
    CLOCK("elapsed_s", "s", "since the first generation began, over all jobs of the run"),
    CLOCK("ask_s", "s", "rank 0: selection and variation"),
    CLOCK("scatter_s", "s", "rank 0: handing out genomes"),
    CLOCK("fly_s", "s", "rank 0: evaluating its own share"),
    CLOCK("gather_s", "s", "rank 0: collecting scores, waiting for the last rank among it"),
    CLOCK("idle_s", "s", "mean over ranks of the time without work while candidates were evaluated"),
    CLOCK("tell_s", "s", "rank 0: learning from the scores"),
    CLOCK("save_s", "s", "rank 0: waiting for the store and copying, for the generation before"),
    CLOCK("steps_per_s", "1/s", "controller steps of all ranks per second of the generation"),
    SPENT("work_s", "s", "all ranks together: evaluating"),
    SPENT("alone_s", "s", "rank 0 on its own, while the others wait: all but evaluating"),
    SPENT("efficiency", "1", "work_s over the time of all ranks"),
    NUMBER("ranks", "1", "of the job; 0: not known"),
    NUMBER("pieces", "1", "of work that were handed out"),
    NUMBER("again", "1", "pieces that a rank far behind had already"),
    NUMBER("messages", "1", "that handed work out or brought results back"),
};
enum { N_COLUMNS = sizeof columns / sizeof columns[0], MOST_COLUMNS = N_COLUMNS + 1 + EVO_TASK_RESULTS_MAX };

/* ---- of tasks from outside: what failed, and all results of the best ------------------------ */

static const struct evo_column failed_column = {
    .name = "failed", .unit = "candidates", .type = EVO_TYPE_U64, .absent = &none,
    .doc = "evaluations of the generation that failed"};

/* "result_misfit" and so on, in `names`. */
static struct evo_column result_column(const struct evo_result *result, char *name, size_t size)
{
    bool has_unit = result->unit != NULL && result->unit[0] != '\0';
    snprintf(name, size, "result_%s", result->name);
    return (struct evo_column){.name = name,
                               .unit = has_unit ? result->unit : "1",
                               .doc = "result of the best of the living",
                               .type = EVO_TYPE_F64,
                               .absent = &not_known};
}

enum evo_status evo_history_create(const struct evo_task *task, char **names, struct evo_table **out)
{
    enum { NAME = EVO_TASK_NAME_MAX + 8 };
    struct evo_record record = evo_task_record(task);
    struct evo_column all[MOST_COLUMNS];
    size_t n = N_COLUMNS;
    memcpy(all, columns, sizeof columns);
    if (record.fails) {
        EVO_TRY(evo_alloc(record.n_results, NAME, "history", names));
        all[n++] = failed_column;
        for (size_t i = 0; i < record.n_results; i++) {
            all[n++] = result_column(&evo_task_results(task)[i], *names + i * NAME, NAME);
        }
    }
    return evo_table_create("history", "one row per generation", all, n, out);
}

/* Where their values are. */
static void add_own_values(const struct evo_state *state, const struct evo_population_summary *summary,
                           const uint64_t *failed, const void **values)
{
    const struct evo_population *population = evo_search_population(state->search);
    values[0] = failed;
    values[1] = &population->fitness[summary->i_best];
    for (size_t i = 0; i < population->n_more; i++) {
        values[2 + i] = &population->more[summary->i_best * population->n_more + i];
    }
}

/* ---- rows ----------------------------------------------------------------------------------- */

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
                                   const struct evo_history_times *times, uint64_t n_failed,
                                   double steps_per_s)
{
    uint64_t bad = summary->n_bad;
    double best_so_far = evo_history_best(state), alone_s = times->wall_s - times->map_s;
    double efficiency = times->all_work_s / ((double)times->n_ranks * times->wall_s);
    const void *values[MOST_COLUMNS] = {
        &state->generation, &state->evaluations, &summary->best, &best_so_far,
        &summary->mean,     &summary->worst,     &summary->spread, &bad,
        &state->elapsed_s,  &times->ask_s,       &times->scatter_s, &times->fly_s,
        &times->gather_s,   &times->idle_s,      &times->tell_s,  &times->save_s,
        &steps_per_s,       &times->all_work_s,  &alone_s,         &efficiency,
        &times->n_ranks,    &times->n_pieces,    &times->n_again,  &times->n_messages,
    };
    if (history->n_columns > N_COLUMNS) { add_own_values(state, summary, &n_failed, values + N_COLUMNS); }
    return evo_table_append(history, values);
}
