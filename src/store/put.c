/* SPDX-License-Identifier: MIT */
/* Fields into a file: one data set each, checksummed, with its unit and a line of description. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

/* HDF5 keeps what stands in a header below 64 KiB. */
static enum evo_status check_text(const char *name, const char *text)
{
    enum { MOST = 32000 };
    EVO_CHECK(strlen(text) <= MOST, EVO_ERR_INTERNAL, "%s: a description of %zu bytes; HDF5 takes %d", name,
              strlen(text), (int)MOST);
    return EVO_OK;
}

/* Names are one level of a path, and each is the only one in its group. */
static enum evo_status check_name(const struct evo_bytes *links, const char *name)
{
    enum { MOST = 1000 };
    EVO_CHECK(name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL && strlen(name) <= MOST,
              EVO_ERR_INTERNAL, "\"%s\" is no name for a data set or a group", name);
    EVO_CHECK(!evo_object_is_linked(links, name), EVO_ERR_INTERNAL, "there is a %s in its group already", name);
    return EVO_OK;
}

/* The size of the data set. A text is one value. */
static struct evo_extent extent_of(const struct evo_field *field)
{
    if (field->type == EVO_TYPE_TEXT) { return (struct evo_extent){.rank = 1, .size = {1}}; }
    return (struct evo_extent){.rank = field->n_cols > 0 ? 2 : 1, .size = {field->n_rows, field->n_cols}};
}

/* The values, in chunks of as many rows as fit; no chunk where there are no values. */
static struct evo_chunks put_values(struct evo_bytes *file, const struct evo_field *field)
{
    struct evo_extent extent = extent_of(field);
    // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): no column of a table is a text
    size_t cell = field->type == EVO_TYPE_TEXT ? strlen(field->data) + 1 : EVO_CELL_BYTES;
    size_t row = cell * (extent.rank == 2 ? extent.size[1] : 1);
    struct evo_chunks chunks = {.cell = cell, .n_rows = row < EVO_PUT_CHUNK_BYTES ? EVO_PUT_CHUNK_BYTES / row : 1};
    if (extent.size[0] == 0) { return chunks; }
    if (chunks.n_rows > extent.size[0]) { chunks.n_rows = extent.size[0]; }
    evo_chunks_put(file, field->data, extent.size[0], row, &chunks);
    return chunks;
}

static enum evo_status put_field(struct evo_image *image, const struct evo_field *field)
{
    struct evo_bytes *file = &image->file;
    struct evo_extent extent = extent_of(field);
    EVO_TRY(check_name(&image->members, field->name));
    EVO_TRY(check_text(field->name, field->unit));
    EVO_TRY(check_text(field->name, field->doc));
    struct evo_chunks chunks = put_values(file, field);
    size_t begin = evo_object_begin(file);
    evo_object_set(file, field->type, &extent, &chunks);
    evo_object_text(file, "unit", field->unit);
    evo_object_text(file, "description", field->doc);
    if (field->varies) { evo_object_number(file, "varies", 1); }
    if (field->absent != NULL) { evo_object_number(file, "added", 1); }
    evo_object_link(&image->members, field->name, evo_object_end(file, begin));
    return EVO_OK;
}

/* The group of the members put since the last one; *first_row, unless NULL, says where a ledger's begin. */
static enum evo_status put_group(struct evo_image *image, const char *name, const char *doc,
                                 const uint64_t *first_row)
{
    struct evo_bytes *file = &image->file;
    EVO_TRY(check_name(&image->groups, name));
    EVO_TRY(check_text(name, doc));
    size_t begin = evo_object_begin(file);
    evo_object_group(file, &image->members);
    evo_object_text(file, "description", doc);
    if (first_row != NULL) { evo_object_number(file, "first_row", *first_row); }
    evo_object_link(&image->groups, name, evo_object_end(file, begin));
    return EVO_OK;
}

enum evo_status evo_put_section(struct evo_image *image, const struct evo_section *section)
{
    evo_bytes_reset(&image->members);
    for (size_t i = 0; i < section->n_fields; i++) { EVO_TRY(put_field(image, &section->fields[i])); }
    return put_group(image, section->name, section->doc, NULL);
}

struct evo_field evo_put_column(const struct evo_table *table, size_t i, size_t begin, size_t n)
{
    const struct evo_column *column = &table->columns[i];
    size_t cell = evo_table_width(column) * EVO_CELL_BYTES;
    return (struct evo_field){.name = column->name,
                              .unit = column->unit,
                              .doc = column->doc,
                              .type = column->type,
                              .varies = column->varies,
                              .n_rows = n,
                              .n_cols = column->n_cols,
                              .absent = column->absent,
                              .data = n > 0 ? (char *)table->data[i] + begin * cell : NULL};
}

enum evo_status evo_put_rows(struct evo_image *image, const struct evo_table *table, size_t begin, size_t n)
{
    char *name = NULL;
    uint64_t first_row = table->first_row + begin;
    evo_bytes_reset(&image->members);
    for (size_t i = 0; i < table->n_columns; i++) {
        struct evo_field field = evo_put_column(table, i, begin, n);
        EVO_TRY(put_field(image, &field));
    }
    EVO_TRY(evo_text_format(&name, "ledger_%s", table->name));
    enum evo_status status = put_group(image, name, table->doc, &first_row);
    free(name);
    return status;
}

void evo_put_root(struct evo_image *image, uint64_t run, uint64_t generation)
{
    struct evo_bytes *file = &image->file;
    size_t begin = evo_object_begin(file);
    evo_object_group(file, &image->groups);
    evo_object_text(file, "program", "evompi");
    evo_object_number(file, "format", EVO_STORE_FORMAT);
    evo_object_number(file, "generation", generation);
    evo_object_number(file, "run", run);
    evo_object_finish(file, evo_object_end(file, begin));
}
