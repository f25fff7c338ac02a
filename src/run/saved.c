/* SPDX-License-Identifier: MIT */
/* A saved run for tools: opened from a file or a folder, and all its creatures one after another. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

enum evo_status evo_saved_open(const char *path, struct evo_saved *out)
{
    enum evo_status status = EVO_OK;
    struct evo_saved saved = {0};
    bool is_folder = false, found = false;
    evo_file_exists(path, &is_folder);
    if (is_folder) {
        EVO_GOTO(evo_checkpoint_find(path, &saved.checkpoint, &saved.path, &found));
    } else {
        EVO_GOTO(evo_text_format(&saved.path, "%s", path));
        EVO_GOTO(evo_checkpoint_open(path, &saved.checkpoint));
    }
    EVO_GOTO(evo_folder_of(saved.path, &saved.folder));
    EVO_GOTO(evo_state_saved_config(saved.checkpoint, saved.path, &saved.config));
    EVO_GOTO(evo_state_create(saved.config, &saved.state));
    EVO_GOTO(evo_state_load(saved.state, saved.checkpoint));
    *out = saved;
    return EVO_OK;
done:
    evo_saved_fini(&saved);
    return status;
}

void evo_saved_fini(struct evo_saved *saved)
{
    evo_state_destroy(saved->state);
    evo_config_destroy(saved->config);
    evo_checkpoint_close(saved->checkpoint);
    free(saved->path);
    free(saved->folder);
    *saved = (struct evo_saved){0};
}

/* ---- creatures ---- */

struct reader {
    evo_saved_seen *seen;
    void *context;
};

/* A column of a block of the lineage, and its width; NULL where there is none. */
static const void *find_column(const struct evo_table *block, const char *name, size_t *width)
{
    for (size_t i = 0; i < block->n_columns; i++) {
        if (strcmp(block->columns[i].name, name) != 0) { continue; }
        *width = evo_table_width(&block->columns[i]);
        return block->data[i];
    }
    *width = 0;
    return NULL;
}

static const void *column(const struct evo_table *block, const char *name)
{
    size_t width = 0;
    return find_column(block, name, &width);
}

static enum evo_status read_block(void *context, const struct evo_table *block)
{
    struct reader *reader = context;
    /* A table without rows has no memory for its columns. */
    if (block->n_rows == 0) { return EVO_OK; }
    const uint64_t *id = column(block, "id"), *parent = column(block, "parent");
    const uint64_t *born = column(block, "born"), *died = column(block, "died");
    const uint64_t *flown = column(block, "flown");
    size_t genome = 0, n_more = 0;
    const double *fitness = column(block, "fitness"), *genomes = find_column(block, "genome", &genome);
    const double *more = find_column(block, "results", &n_more); // of tasks that have several
    EVO_CHECK(id && parent && born && died && flown && fitness && genomes, EVO_ERR_CHECKPOINT,
              "the lineage ledger lacks a column");
    for (size_t i = 0; i < block->n_rows; i++) {
        const struct evo_saved_creature creature = {id[i],    parent[i],  born[i],
                                                    died[i],  flown[i],   fitness[i],
                                                    genomes + i * genome,
                                                    more != NULL ? more + i * n_more : NULL};
        EVO_TRY(reader->seen(reader->context, &creature));
    }
    return EVO_OK;
}

enum evo_status evo_saved_creatures(const struct evo_saved *saved, evo_saved_seen *seen,
                                    void *context)
{
    struct reader reader = {seen, context};
    EVO_TRY(evo_ledger_read(saved->checkpoint, saved->folder, saved->state->lineage->table,
                            read_block, &reader));
    const struct evo_population *living = evo_search_population(saved->state->search);
    for (size_t i = 0; i < living->n; i++) {
        const struct evo_saved_creature creature = {
            living->id[i],    living->parent[i],  living->born[i],
            EVO_NOBODY,       living->flown[i],   living->fitness[i],
            living->genomes + i * living->genome, living->more + i * living->n_more,
        };
        EVO_TRY(seen(context, &creature));
    }
    return EVO_OK;
}
