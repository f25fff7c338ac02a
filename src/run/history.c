/* SPDX-License-Identifier: MIT */
/* The history ledger: what each generation reached and what it took. */
#include "run.h"

#define COUNT(name_, unit_, doc_) \
    {.name = name_, .unit = unit_, .doc = doc_, .type = EVO_TYPE_U64}
#define VALUE(name_, unit_, doc_) \
    {.name = name_, .unit = unit_, .doc = doc_, .type = EVO_TYPE_F64}
#define CLOCK(name_, unit_, doc_) \
    {.name = name_, .unit = unit_, .doc = doc_, .type = EVO_TYPE_F64, .varies = true}

static const struct evo_column columns[] = {
    COUNT("generation", "1", "counted from 1"),
    COUNT("evaluations", "creatures", "flown since the run began"),
    VALUE("best", "fitness", "smallest fitness of the living"),
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

enum evo_status evo_history_append(struct evo_table *history, const struct evo_state *state,
                                   const struct evo_population_summary *summary,
                                   const struct evo_history_times *times, double steps_per_s)
{
    uint64_t bad = summary->n_bad;
    const void *const values[N_COLUMNS] = {
        &state->generation, &state->evaluations, &summary->best,   &summary->mean,
        &summary->worst,    &summary->spread,    &bad,             &state->elapsed_s,
        &times->ask_s,      &times->scatter_s,   &times->fly_s,    &times->gather_s,
        &times->idle_s,     &times->tell_s,      &times->save_s,   &steps_per_s,
    };
    return evo_table_append(history, values);
}
