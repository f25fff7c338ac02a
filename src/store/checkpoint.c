/* SPDX-License-Identifier: MIT */
/* A checkpoint for reading: one whole, verified file in memory. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

struct evo_checkpoint {
    struct evo_source source;
    uint64_t run, generation;
    struct evo_arena arena; // holds what the lists below point to
    struct evo_section *sections;
    struct evo_table *ledgers;
    size_t n_sections, n_ledgers;
};

/* ---- opening ---- */

/* What every checkpoint says of itself, read at once: who cannot say it is none. */
static enum evo_status read_root(struct evo_checkpoint *checkpoint)
{
    EVO_TRY(evo_get_number(&checkpoint->source, "/", "run", &checkpoint->run));
    return evo_get_number(&checkpoint->source, "/", "generation", &checkpoint->generation);
}

enum evo_status evo_checkpoint_open(const char *path, struct evo_checkpoint **out)
{
    enum evo_status status = EVO_OK;
    struct evo_checkpoint *checkpoint = NULL;
    EVO_TRY(evo_alloc(1, sizeof *checkpoint, path, &checkpoint));
    EVO_GOTO(evo_get_open(&checkpoint->source, path, EVO_HEAD_CHECKPOINT));
    EVO_GOTO(read_root(checkpoint));
    *out = checkpoint;
    checkpoint = NULL;
done:
    evo_checkpoint_close(checkpoint);
    return status;
}

enum evo_status evo_checkpoint_parse(const char *label, const char *bytes, size_t n,
                                     struct evo_checkpoint **out)
{
    enum evo_status status = EVO_OK;
    struct evo_checkpoint *checkpoint = NULL;
    char *copy = NULL;
    EVO_TRY(evo_alloc(1, sizeof *checkpoint, label, &checkpoint));
    EVO_GOTO(evo_alloc(n, 1, label, &copy));
    if (n > 0) { memcpy(copy, bytes, n); }
    EVO_GOTO(evo_get_open_bytes(&checkpoint->source, label, copy, n, EVO_HEAD_CHECKPOINT));
    EVO_GOTO(read_root(checkpoint));
    *out = checkpoint;
    checkpoint = NULL;
done:
    evo_checkpoint_close(checkpoint);
    return status;
}

void evo_checkpoint_close(struct evo_checkpoint *checkpoint)
{
    if (checkpoint == NULL) { return; }
    evo_arena_fini(&checkpoint->arena);
    evo_get_close(&checkpoint->source);
    free(checkpoint);
}

uint64_t evo_checkpoint_generation(const struct evo_checkpoint *checkpoint)
{
    return checkpoint->generation;
}

uint64_t evo_checkpoint_run(const struct evo_checkpoint *checkpoint) { return checkpoint->run; }

/* ---- finding ---- */

/* The checkpoint before the newest, because the newest cannot be used for `reason`. */
static enum evo_status take_previous(const char *path, const char *previous, const char *reason,
                                     struct evo_checkpoint **out)
{
    bool is_missing = !evo_file_exists(path, NULL);
    enum evo_status status = evo_checkpoint_open(previous, out);
    if (status == EVO_ERR_CHECKPOINT) {
        return evo_status_fail(EVO_ERR_CHECKPOINT, "no checkpoint is whole: %s; %s", reason,
                               evo_status_message());
    }
    EVO_TRY(status);
    if (is_missing) {
        evo_log(EVO_LOG_INFO,
                "%s is not there: the job was killed between two renames, on a file system without "
                "hard links, or somebody removed it; generation %llu of %s is the newest",
                path, (unsigned long long)(*out)->generation, previous);
    } else {
        evo_log(EVO_LOG_WARNING, "%s; going back to generation %llu of %s", reason,
                (unsigned long long)(*out)->generation, previous);
    }
    return EVO_OK;
}

enum evo_status evo_checkpoint_find(const char *folder, struct evo_checkpoint **out, char **path,
                                    bool *found)
{
    enum evo_status status = EVO_OK;
    char *newest = NULL, *previous = NULL, reason[EVO_MESSAGE_MAX];
    EVO_GOTO(evo_file_join(&newest, folder, evo_folder_checkpoint));
    EVO_GOTO(evo_file_join(&previous, folder, evo_folder_previous));
    bool is_newest = false, is_previous = false;
    *found = true; // until it is certain that there is none
    EVO_GOTO(evo_file_look(newest, &is_newest, NULL));
    EVO_GOTO(evo_file_look(previous, &is_previous, NULL));
    *found = is_newest || is_previous;
    EVO_CHECK_GOTO(*found, EVO_ERR_CHECKPOINT, "%s: holds no checkpoint", folder);

    status = evo_checkpoint_open(newest, out);
    char **taken = &newest;
    if (status == EVO_ERR_CHECKPOINT) {
        snprintf(reason, sizeof reason, "%s", evo_status_message());
        status = take_previous(newest, previous, reason, out);
        taken = &previous;
    }
    if (status != EVO_OK) { goto done; }
    *path = *taken;
    *taken = NULL;
done:
    free(previous);
    free(newest);
    return status;
}

/* ---- reading what is expected ---- */

enum evo_status evo_checkpoint_load(const struct evo_checkpoint *checkpoint,
                                    const struct evo_section *section)
{
    for (size_t i = 0; i < section->n_fields; i++) {
        EVO_TRY(evo_get_field(&checkpoint->source, section->name, &section->fields[i]));
    }
    return EVO_OK;
}

enum evo_status evo_checkpoint_text(const struct evo_checkpoint *checkpoint, const char *section,
                                    const char *name, char **out)
{
    enum evo_status status = EVO_OK;
    struct evo_arena arena = {0};
    struct evo_field field;
    EVO_GOTO(evo_get_copy(&checkpoint->source, section, name, &arena, &field));
    EVO_CHECK_GOTO(field.type == EVO_TYPE_TEXT, EVO_ERR_CHECKPOINT, "%s: %s/%s is not text",
                   checkpoint->source.path, section, name);
    EVO_GOTO(evo_text_format(out, "%s", (const char *)field.data));
done:
    evo_arena_fini(&arena);
    return status;
}

enum evo_status evo_checkpoint_tail(const struct evo_checkpoint *checkpoint,
                                    struct evo_table *table)
{
    return evo_get_rows(&checkpoint->source, table);
}

/* ---- reading what is there ---- */

static enum evo_status list_fields(struct evo_checkpoint *checkpoint, const char *group,
                                   const char **doc, struct evo_field **fields, size_t *n)
{
    struct evo_arena *arena = &checkpoint->arena;
    const char **names = NULL;
    EVO_TRY(evo_get_doc(&checkpoint->source, group, arena, doc));
    EVO_TRY(evo_get_names(&checkpoint->source, group, arena, &names, n));
    EVO_TRY(evo_arena_get(arena, *n * sizeof **fields, fields));
    for (size_t i = 0; i < *n; i++) {
        EVO_TRY(evo_get_copy(&checkpoint->source, group, names[i], arena, &(*fields)[i]));
    }
    return EVO_OK;
}

static enum evo_status list_section(struct evo_checkpoint *checkpoint, const char *group,
                                    struct evo_section *out)
{
    struct evo_field *fields = NULL;
    EVO_TRY(list_fields(checkpoint, group, &out->doc, &fields, &out->n_fields));
    out->name = group;
    out->fields = fields;
    return EVO_OK;
}

/* A ledger's columns are fields of equal length. */
static enum evo_status list_ledger(struct evo_checkpoint *checkpoint, const char *group,
                                   struct evo_table *out)
{
    struct evo_field *fields = NULL;
    *out = (struct evo_table){.name = evo_get_ledger_name(group)};
    EVO_TRY(list_fields(checkpoint, group, &out->doc, &fields, &out->n_columns));
    EVO_TRY(evo_get_number(&checkpoint->source, group, "first_row", &out->first_row));
    EVO_TRY(
        evo_arena_get(&checkpoint->arena, out->n_columns * sizeof *out->columns, &out->columns));
    EVO_TRY(evo_arena_get(&checkpoint->arena, out->n_columns * sizeof *out->data, &out->data));
    out->n_rows = out->capacity = out->n_columns > 0 ? fields[0].n_rows : 0;
    for (size_t i = 0; i < out->n_columns; i++) {
        const struct evo_field *field = &fields[i];
        EVO_CHECK(field->n_rows == out->n_rows && field->type != EVO_TYPE_TEXT, EVO_ERR_CHECKPOINT,
                  "%s: the columns of %s do not fit together", checkpoint->source.path, group);
        out->columns[i] = (struct evo_column){.name = field->name,
                                              .unit = field->unit,
                                              .doc = field->doc,
                                              .type = field->type,
                                              .varies = field->varies,
                                              .absent = field->absent,
                                              .n_cols = field->n_cols};
        out->data[i] = field->data;
    }
    return EVO_OK;
}

/* Everything in the file, once; kept until the checkpoint is closed. */
static enum evo_status list_all(struct evo_checkpoint *checkpoint)
{
    const char **groups = NULL;
    size_t n = 0;
    if (checkpoint->sections != NULL) { return EVO_OK; }
    checkpoint->n_sections = checkpoint->n_ledgers = 0;
    struct evo_section *sections = NULL;
    struct evo_table *ledgers = NULL;
    EVO_TRY(evo_get_names(&checkpoint->source, "/", &checkpoint->arena, &groups, &n));
    EVO_TRY(evo_arena_get(&checkpoint->arena, n * sizeof *sections, &sections));
    EVO_TRY(evo_arena_get(&checkpoint->arena, n * sizeof *ledgers, &ledgers));
    for (size_t i = 0; i < n; i++) {
        if (evo_get_ledger_name(groups[i]) != NULL) {
            EVO_TRY(list_ledger(checkpoint, groups[i], &ledgers[checkpoint->n_ledgers]));
            checkpoint->n_ledgers++;
        } else {
            EVO_TRY(list_section(checkpoint, groups[i], &sections[checkpoint->n_sections]));
            checkpoint->n_sections++;
        }
    }
    checkpoint->sections = sections;
    checkpoint->ledgers = ledgers;
    return EVO_OK;
}

enum evo_status evo_checkpoint_sections(struct evo_checkpoint *checkpoint,
                                        const struct evo_section **sections, size_t *n)
{
    EVO_TRY(list_all(checkpoint));
    *sections = checkpoint->sections;
    *n = checkpoint->n_sections;
    return EVO_OK;
}

enum evo_status evo_checkpoint_ledgers(struct evo_checkpoint *checkpoint,
                                       const struct evo_table **ledgers, size_t *n)
{
    EVO_TRY(list_all(checkpoint));
    *ledgers = checkpoint->ledgers;
    *n = checkpoint->n_ledgers;
    return EVO_OK;
}
