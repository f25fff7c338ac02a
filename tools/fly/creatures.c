/* SPDX-License-Identifier: MIT */
/* What evompi-fly is to fly: from a CSV, a checkpoint, a run folder, or the ledger of the dead. */
#include "fly.h"

#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

/* n creatures of zeros. */
static enum evo_status allocate(struct fly_creatures *creatures, size_t n)
{
    EVO_TRY(evo_alloc(n, creatures->genome * sizeof(double), "creatures", &creatures->genomes));
    EVO_TRY(evo_alloc(n, sizeof *creatures->ids, "creatures", &creatures->ids));
    creatures->n = n;
    return EVO_OK;
}

void fly_creatures_fini(struct fly_creatures *creatures)
{
    free(creatures->genomes);
    free(creatures->ids);
}

/* Leaves creature i alone. */
static void keep_one(struct fly_creatures *creatures, size_t i)
{
    memmove(creatures->genomes, creatures->genomes + i * creatures->genome,
            creatures->genome * sizeof *creatures->genomes);
    creatures->ids[0] = creatures->ids[i];
    creatures->n = 1;
}

static enum evo_status read_csv(const struct fly_command *command, const struct evo_task *task,
                                struct fly_creatures *creatures)
{
    EVO_TRY(evo_champion_fits(command->creatures, task));
    EVO_TRY(evo_champion_read(command->creatures, evo_task_shape(task), &creatures->genomes,
                              &creatures->n));
    EVO_TRY(evo_alloc(creatures->n, sizeof *creatures->ids, "creatures", &creatures->ids));
    for (size_t i = 0; i < creatures->n; i++) { creatures->ids[i] = i; }
    if (!command->has_id) { return EVO_OK; }
    EVO_CHECK(command->id < creatures->n, EVO_ERR_DATA,
              "%s: has no creature %" PRIu64 "; it has 0 to %zu", command->creatures, command->id,
              creatures->n - 1);
    keep_one(creatures, (size_t)command->id);
    return EVO_OK;
}

/* A field of a saved section; NULL where there is none of that name and type. */
static const struct evo_field *find_field(const struct evo_section *sections, size_t n,
                                          const char *section, const char *name, enum evo_type type)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(sections[i].name, section) != 0) { continue; }
        for (size_t k = 0; k < sections[i].n_fields; k++) {
            const struct evo_field *field = &sections[i].fields[k];
            if (strcmp(field->name, name) == 0 && field->type == type) { return field; }
        }
    }
    return NULL;
}

/* Parameters mean the same to the task that made them and to the one that flies them. */
static enum evo_status check_task(const struct evo_checkpoint *checkpoint, const char *path,
                                  const struct evo_task *task)
{
    enum evo_status status = EVO_OK;
    struct evo_config *config = NULL;
    struct evo_task *made_by = NULL;
    EVO_GOTO(evo_state_saved_config(checkpoint, path, &config));
    config->farm_isa = EVO_LIMIT_auto; // this machine need not have the instruction set of that one
    EVO_GOTO(evo_task_create(config, &made_by));
    EVO_GOTO(evo_task_fits(path, made_by, task));
done:
    evo_task_destroy(made_by);
    evo_config_destroy(config);
    return status;
}

static enum evo_status check_genome(const char *path, size_t found, size_t wanted)
{
    EVO_CHECK(found == wanted, EVO_ERR_DATA,
              "%s: its creatures have %zu parameters, the configuration's %zu", path, found,
              wanted);
    return EVO_OK;
}

/* The living, and behind them the champion of the run, which may be dead. */
static enum evo_status copy_saved(struct evo_checkpoint *checkpoint, const char *path,
                                  struct fly_creatures *creatures)
{
    const struct evo_section *sections = NULL;
    size_t n_sections = 0;
    EVO_TRY(evo_checkpoint_sections(checkpoint, &sections, &n_sections));
#define FIND(section, name, type) find_field(sections, n_sections, section, name, type)
    const struct evo_field *genome = FIND("population", "genome", EVO_TYPE_F64);
    const struct evo_field *id = FIND("population", "id", EVO_TYPE_U64);
    const struct evo_field *best_genome = FIND("run", "champion_genome", EVO_TYPE_F64);
    const struct evo_field *best_id = FIND("run", "champion_id", EVO_TYPE_U64);
#undef FIND
    EVO_CHECK(genome != NULL && id != NULL && id->n_rows == genome->n_rows && best_genome != NULL &&
                  best_genome->n_rows == genome->n_cols && best_id != NULL,
              EVO_ERR_CHECKPOINT, "%s: holds no population", path);
    EVO_TRY(check_genome(path, genome->n_cols, creatures->genome));

    size_t n = genome->n_rows, bytes = creatures->genome * sizeof(double);
    EVO_TRY(allocate(creatures, n + 1));
    if (n > 0) {
        memcpy(creatures->genomes, genome->data, n * bytes);
        memcpy(creatures->ids, id->data, n * sizeof *creatures->ids);
    }
    memcpy(creatures->genomes + n * creatures->genome, best_genome->data, bytes);
    memcpy(&creatures->ids[n], best_id->data, sizeof *creatures->ids);
    return EVO_OK;
}

/* One creature wanted from the ledger of the dead. */
struct wanted {
    uint64_t id;
    struct fly_creatures *creatures;
    bool found;
};

/* The values of a column of that name, type and width; NULL where there is none. */
static const void *find_column(const struct evo_table *table, const char *name, enum evo_type type,
                               size_t width)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct evo_column *column = &table->columns[i];
        bool fits = column->type == type && evo_table_width(column) == width;
        if (fits && strcmp(column->name, name) == 0) { return table->data[i]; }
    }
    return NULL;
}

static enum evo_status look_for(void *context, const struct evo_table *block)
{
    struct wanted *wanted = context;
    size_t genome = wanted->creatures->genome;
    const uint64_t *ids = find_column(block, "id", EVO_TYPE_U64, 1);
    const double *genomes = find_column(block, "genome", EVO_TYPE_F64, genome);
    EVO_CHECK(ids != NULL && genomes != NULL, EVO_ERR_CHECKPOINT,
              "lineage: holds no creatures of %zu parameters", genome);
    for (size_t i = 0; i < block->n_rows && !wanted->found; i++) {
        if (ids[i] != wanted->id) { continue; }
        memcpy(wanted->creatures->genomes, genomes + i * genome, genome * sizeof *genomes);
        wanted->creatures->ids[0] = ids[i];
        wanted->creatures->n = 1;
        wanted->found = true;
    }
    return EVO_OK;
}

static enum evo_status read_dead(struct evo_checkpoint *checkpoint, const char *path, uint64_t id,
                                 struct fly_creatures *creatures)
{
    struct wanted wanted = {.id = id, .creatures = creatures};
    const struct evo_table *ledgers = NULL;
    size_t n_ledgers = 0;
    EVO_TRY(evo_checkpoint_ledgers(checkpoint, &ledgers, &n_ledgers));
    for (size_t i = 0; i < n_ledgers; i++) {
        if (strcmp(ledgers[i].name, "lineage") != 0) { continue; }
        char *copy = NULL;
        EVO_TRY(evo_text_format(&copy, "%s", path));
        enum evo_status status =
            evo_ledger_read(checkpoint, dirname(copy), &ledgers[i], look_for, &wanted);
        free(copy);
        EVO_TRY(status);
    }
    EVO_CHECK(wanted.found, EVO_ERR_DATA,
              "%s: has no creature %" PRIu64 ", neither alive nor in the lineage ledger", path, id);
    return EVO_OK;
}

/* The creature of that id: among the living, the champion, or the dead. */
static enum evo_status choose_saved(struct evo_checkpoint *checkpoint, const char *path,
                                    uint64_t id, struct fly_creatures *creatures)
{
    for (size_t i = 0; i < creatures->n; i++) {
        if (creatures->ids[i] != id) { continue; }
        keep_one(creatures, i);
        return EVO_OK;
    }
    return read_dead(checkpoint, path, id, creatures);
}

static enum evo_status read_checkpoint(const struct fly_command *command,
                                       const struct evo_task *task, bool is_folder,
                                       struct fly_creatures *creatures)
{
    enum evo_status status = EVO_OK;
    struct evo_checkpoint *checkpoint = NULL;
    char *path = NULL;
    bool found = false;
    if (is_folder) {
        EVO_GOTO(evo_checkpoint_find(command->creatures, &checkpoint, &path, &found));
    } else {
        EVO_GOTO(evo_text_format(&path, "%s", command->creatures));
        EVO_GOTO(evo_checkpoint_open(path, &checkpoint));
    }
    EVO_GOTO(check_task(checkpoint, path, task));
    EVO_GOTO(copy_saved(checkpoint, path, creatures));
    creatures->cases = evo_cases_of(evo_checkpoint_generation(checkpoint));
    if (command->has_id) {
        EVO_GOTO(choose_saved(checkpoint, path, command->id, creatures));
    } else {
        creatures->n--; // without the champion, which stands there once more or is dead
    }
done:
    evo_checkpoint_close(checkpoint);
    free(path);
    return status;
}

enum evo_status fly_creatures_read(const struct fly_command *command, const struct evo_task *task,
                                      struct fly_creatures *creatures)
{
    creatures->genome = evo_shape_genome(evo_task_shape(task));
    creatures->cases = evo_task_changes(task) ? evo_cases_selection() : evo_cases_of(1);
    if (command->creatures == NULL) { return EVO_OK; }
    bool is_folder = false;
    evo_file_exists(command->creatures, &is_folder);
    size_t length = strlen(command->creatures);
    bool is_hdf5 = length > 3 && strcmp(command->creatures + length - 3, ".h5") == 0;
    return is_folder || is_hdf5 ? read_checkpoint(command, task, is_folder, creatures)
                                : read_csv(command, task, creatures);
}
