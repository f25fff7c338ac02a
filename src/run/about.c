/* SPDX-License-Identifier: MIT */
/* Where a checkpoint comes from: texts that no resume reads, made once as long as they stay the same. */
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct evo_about {
    char *resolved, *fixed, *plugins; // of the configuration, and of all that is loaded
    char program[256], host[256], date[32];
    uint64_t hash, seed, n_ranks;
    bool is_made; // all above but date and n_ranks

    char *champion;           // the text of ...
    struct evo_champion whom; // ... this one, with copies of its parameters and results
    double *values;           // [genome], [n_more]
};

enum evo_status evo_about_create(struct evo_about **out)
{
    return evo_alloc(1, sizeof **out, "texts of a checkpoint", out);
}

void evo_about_destroy(struct evo_about *about)
{
    if (about == NULL) { return; }
    free(about->resolved);
    free(about->fixed);
    free(about->plugins);
    free(about->champion);
    free(about->values);
    free(about);
}

/* What stays the same for the whole job. A failure may have left some of it. */
static enum evo_status make_once(struct evo_about *about, const struct evo_config *config)
{
    if (about->is_made) { return EVO_OK; }
    if (about->resolved == NULL) { EVO_TRY(evo_config_print(config, false, false, &about->resolved)); }
    if (about->fixed == NULL) { EVO_TRY(evo_config_print(config, false, true, &about->fixed)); }
    if (about->plugins == NULL) { EVO_TRY(evo_run_plugins_text(&about->plugins)); }
    snprintf(about->program, sizeof about->program, "%s", evo_run_version());
    if (gethostname(about->host, sizeof about->host - 1) != 0) { about->host[0] = '\0'; }
    about->hash = evo_config_hash(config);
    about->seed = (uint64_t)config->job_seed;
    about->is_made = true;
    return EVO_OK;
}

/* ---- champion.csv ---- */

static size_t count_more(const struct evo_state *state)
{
    return state->champion.more != NULL ? evo_task_record(state->task).n_results - 1 : 0;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static bool is_same(const struct evo_about *about, const struct evo_champion *champion, size_t genome, size_t n_more)
{
    const struct evo_champion *whom = &about->whom;
    return about->champion != NULL && whom->id == champion->id && whom->parent == champion->parent &&
           whom->born == champion->born && whom->generation == champion->generation &&
           whom->evaluations == champion->evaluations && whom->seed == champion->seed &&
           bits_of(whom->fitness) == bits_of(champion->fitness) &&
           memcmp(about->values, champion->genome, genome * sizeof *about->values) == 0 &&
           (n_more == 0 || memcmp(about->values + genome, champion->more, n_more * sizeof *about->values) == 0);
}

static enum evo_status print_champion(struct evo_about *about, const struct evo_state *state)
{
    const struct evo_champion *champion = &state->champion;
    size_t genome = evo_shape_genome(evo_task_shape(state->task)), n_more = count_more(state);
    if (champion->id == EVO_NOBODY || is_same(about, champion, genome, n_more)) { return EVO_OK; }
    free(about->champion);
    about->champion = NULL;
    if (about->values == NULL) {
        EVO_TRY(evo_alloc(genome + n_more, sizeof *about->values, "champion", &about->values));
    }
    EVO_TRY(evo_champion_print(state->task, champion, &about->champion));
    about->whom = *champion;
    memcpy(about->values, champion->genome, genome * sizeof *about->values);
    if (n_more > 0) { memcpy(about->values + genome, champion->more, n_more * sizeof *about->values); }
    return EVO_OK;
}

const char *evo_about_champion(const struct evo_about *about) { return about->champion; }

/* ---- the section ---- */

enum evo_status evo_about_update(struct evo_about *about, const struct evo_state *state, int n_ranks)
{
    EVO_TRY(make_once(about, state->config));
    EVO_TRY(print_champion(about, state));
    evo_clock_stamp(about->date, sizeof about->date);
    about->n_ranks = (uint64_t)n_ranks;
    return EVO_OK;
}

static struct evo_field text_field(const char *name, const char *doc, bool varies, char *text)
{
    return (struct evo_field){.name = name, .unit = "text", .doc = doc, .type = EVO_TYPE_TEXT,
                              .varies = varies, .n_rows = strlen(text) + 1, .data = text};
}

size_t evo_about_fields(struct evo_about *about, struct evo_field fields[EVO_ABOUT_FIELDS])
{
    enum { ALWAYS = EVO_ABOUT_FIELDS - 1 };
    const struct evo_field all[ALWAYS] = {
        text_field("config", "the whole configuration, resolved", true, about->resolved),
        text_field("config_fixed", "the part of it that a run cannot change", false, about->fixed),
        {.name = "config_hash", .unit = "1", .doc = "XXH3 of the fixed part", .type = EVO_TYPE_U64,
         .n_rows = 1, .data = &about->hash},
        {.name = "seed", .unit = "1", .doc = "job.seed", .type = EVO_TYPE_U64, .n_rows = 1,
         .data = &about->seed},
        text_field("program", "program, version and revision", true, about->program),
        text_field("host", "where rank 0 ran", true, about->host),
        text_field("date", "when this was saved", true, about->date),
        {.name = "n_ranks", .unit = "1", .doc = "MPI ranks of the job", .type = EVO_TYPE_U64,
         .varies = true, .n_rows = 1, .data = &about->n_ranks},
    };
    memcpy(fields, all, sizeof all);
    if (about->plugins[0] == '\0') { return ALWAYS; }
    fields[ALWAYS] = text_field("plugins", "tasks from outside and the digests of their files", true, about->plugins);
    return EVO_ABOUT_FIELDS;
}
