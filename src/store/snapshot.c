/* SPDX-License-Identifier: MIT */
/* A snapshot's deep copy: the search goes on changing what the snapshot points to. */
#include "parts.h"

#include <string.h>

/* The names that come with every value. */
static enum evo_status copy_names(struct evo_arena *arena, const char **name, const char **unit,
                                  const char **doc)
{
    EVO_TRY(evo_arena_string(arena, *name, name));
    EVO_TRY(evo_arena_string(arena, *unit, unit));
    return evo_arena_string(arena, *doc, doc);
}

static enum evo_status copy_field(struct evo_arena *arena, struct evo_field *field)
{
    size_t bytes = field->n_rows;
    if (field->type != EVO_TYPE_TEXT) {
        bytes *= EVO_CELL_BYTES * (field->n_cols > 0 ? field->n_cols : 1);
    } else {
        EVO_CHECK(memchr(field->data, '\0', bytes) != NULL, EVO_ERR_INTERNAL,
                  "field %s: text without an end", field->name);
    }
    EVO_TRY(copy_names(arena, &field->name, &field->unit, &field->doc));
    return evo_arena_copy(arena, field->data, bytes, &field->data);
}

static enum evo_status copy_section(struct evo_arena *arena, struct evo_section *section)
{
    struct evo_field *fields = NULL;
    EVO_TRY(evo_arena_copy(arena, section->fields, section->n_fields * sizeof *fields, &fields));
    section->fields = fields;
    EVO_TRY(evo_arena_string(arena, section->name, &section->name));
    EVO_TRY(evo_arena_string(arena, section->doc, &section->doc));
    for (size_t i = 0; i < section->n_fields; i++) { EVO_TRY(copy_field(arena, &fields[i])); }
    return EVO_OK;
}

static enum evo_status copy_table(struct evo_arena *arena, struct evo_table *table)
{
    size_t n = table->n_columns;
    EVO_TRY(evo_arena_string(arena, table->name, &table->name));
    EVO_TRY(evo_arena_string(arena, table->doc, &table->doc));
    EVO_TRY(evo_arena_copy(arena, table->columns, n * sizeof *table->columns, &table->columns));
    EVO_TRY(evo_arena_copy(arena, table->data, n * sizeof *table->data, &table->data));
    for (size_t i = 0; i < n; i++) {
        struct evo_column *column = &table->columns[i];
        size_t bytes = table->n_rows * evo_table_width(column) * EVO_CELL_BYTES;
        EVO_TRY(copy_names(arena, &column->name, &column->unit, &column->doc));
        EVO_TRY(evo_arena_copy(arena, table->data[i], bytes, &table->data[i]));
    }
    return EVO_OK;
}

static enum evo_status copy_ledgers(struct evo_arena *arena, struct evo_snapshot *snapshot)
{
    struct evo_table **ledgers = NULL;
    size_t n = snapshot->n_ledgers;
    // NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers
    EVO_TRY(evo_arena_copy(arena, snapshot->ledgers, n * sizeof *ledgers, &ledgers));
    snapshot->ledgers = ledgers;
    for (size_t i = 0; i < n; i++) {
        EVO_TRY(evo_arena_copy(arena, ledgers[i], sizeof **ledgers, &ledgers[i]));
        EVO_TRY(copy_table(arena, ledgers[i]));
    }
    return EVO_OK;
}

static enum evo_status copy_texts(struct evo_arena *arena, struct evo_snapshot *snapshot)
{
    struct evo_store_text *texts = NULL;
    EVO_TRY(evo_arena_copy(arena, snapshot->texts, snapshot->n_texts * sizeof *texts, &texts));
    snapshot->texts = texts;
    for (size_t i = 0; i < snapshot->n_texts; i++) {
        EVO_TRY(evo_arena_string(arena, texts[i].name, &texts[i].name));
        EVO_TRY(evo_arena_string(arena, texts[i].text, &texts[i].text));
    }
    return EVO_OK;
}

enum evo_status evo_snapshot_copy(struct evo_arena *arena, const struct evo_snapshot *from,
                                  struct evo_snapshot *to)
{
    struct evo_section *sections = NULL;
    *to = *from;
    EVO_TRY(evo_arena_copy(arena, from->sections, from->n_sections * sizeof *sections, &sections));
    to->sections = sections;
    for (size_t i = 0; i < to->n_sections; i++) { EVO_TRY(copy_section(arena, &sections[i])); }
    EVO_TRY(copy_ledgers(arena, to));
    return copy_texts(arena, to);
}
