/* SPDX-License-Identifier: MIT */
/* Fields into HDF5: one data set each, checksummed, with its unit and a line of description. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>


static enum evo_status text_type(size_t size, hid_t *out)
{
    enum evo_status status = EVO_OK;
    hid_t type = H5Tcopy(H5T_C_S1);
    EVO_H5_GOTO(type, EVO_ERR_MEMORY, "type of a text");
    *out = type;
    EVO_H5_GOTO(H5Tset_size(type, size), EVO_ERR_INTERNAL, "type of a text of %zu bytes", size);
    EVO_H5_GOTO(H5Tset_cset(type, H5T_CSET_UTF8), EVO_ERR_INTERNAL, "type of a text");
done:
    return status;
}

/* Any attribute: a scalar of `file_type`, from memory of `type`. */
static enum evo_status put_attribute(const struct evo_image *image, hid_t object, const char *name,
                                     hid_t file_type, hid_t type, const void *value)
{
    enum evo_status status = EVO_OK;
    hid_t attribute = H5Acreate2(object, name, file_type, image->scalar, H5P_DEFAULT, H5P_DEFAULT);
    EVO_H5_GOTO(attribute, EVO_ERR_MEMORY, "attribute %s cannot be made", name);
    EVO_H5_GOTO(H5Awrite(attribute, type, value), EVO_ERR_MEMORY, "attribute %s cannot be written",
                name);
done:
    if (attribute >= 0) { H5Aclose(attribute); }
    return status;
}

static enum evo_status put_number(const struct evo_image *image, hid_t object, const char *name,
                                  uint64_t value)
{
    return put_attribute(image, object, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
}

static enum evo_status put_text(const struct evo_image *image, hid_t object, const char *name,
                                const char *text)
{
    enum evo_status status = EVO_OK;
    hid_t type = -1;
    EVO_GOTO(text_type(strlen(text) + 1, &type));
    EVO_GOTO(put_attribute(image, object, name, type, type, text));
done:
    if (type >= 0) { H5Tclose(type); }
    return status;
}

enum evo_status evo_put_root(const struct evo_image *image, uint64_t run, uint64_t generation)
{
    EVO_TRY(put_text(image, image->file, "program", "evompi"));
    EVO_TRY(put_number(image, image->file, "format", EVO_STORE_FORMAT));
    EVO_TRY(put_number(image, image->file, "generation", generation));
    return put_number(image, image->file, "run", run);
}

/* The type in the file and in memory; both are `*in_file` for text. */
static enum evo_status types_of(const struct evo_field *field, hid_t *in_file, hid_t *in_memory)
{
    switch (field->type) {
    case EVO_TYPE_F64: *in_file = H5T_IEEE_F64LE, *in_memory = H5T_NATIVE_DOUBLE; break;
    case EVO_TYPE_I64: *in_file = H5T_STD_I64LE, *in_memory = H5T_NATIVE_INT64; break;
    case EVO_TYPE_U64: *in_file = H5T_STD_U64LE, *in_memory = H5T_NATIVE_UINT64; break;
    case EVO_TYPE_TEXT:
        // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): no column of a table is a text
        EVO_TRY(text_type(strlen(field->data) + 1, in_file));
        *in_memory = *in_file;
        break;
    }
    return EVO_OK;
}

/* How the data set is laid out: checksummed chunks, or, where there is nothing to sum, plain. */
static enum evo_status layout_of(const struct evo_image *image, const struct evo_field *field,
                                 int rank, const hsize_t *size, hid_t *out)
{
    enum evo_status status = EVO_OK;
    *out = image->plain;
    if (size[0] == 0 || (rank == 2 && size[1] == 0)) { return EVO_OK; }
    hsize_t row = EVO_CELL_BYTES * (rank == 2 ? size[1] : 1);
    hsize_t chunk[2] = {row < EVO_PUT_CHUNK_BYTES ? EVO_PUT_CHUNK_BYTES / row : 1, size[1]};
    if (chunk[0] > size[0]) { chunk[0] = size[0]; }
    EVO_H5_GOTO(H5Pset_chunk(image->chunked, rank, chunk), EVO_ERR_INTERNAL, "%s cannot be chunked",
                field->name);
    *out = image->chunked;
done:
    return status;
}

static enum evo_status put_field(const struct evo_image *image, hid_t group,
                                 const struct evo_field *field)
{
    enum evo_status status = EVO_OK;
    hid_t type = -1, memory = -1, space = -1, layout = -1, set = -1;
    bool is_text = field->type == EVO_TYPE_TEXT;
    int rank = field->n_cols > 0 && !is_text ? 2 : 1;
    hsize_t size[2] = {is_text ? 1 : field->n_rows, field->n_cols};

    EVO_GOTO(types_of(field, &type, &memory));
    space = H5Screate_simple(rank, size, NULL);
    EVO_H5_GOTO(space, EVO_ERR_MEMORY, "shape of %s", field->name);
    EVO_GOTO(layout_of(image, field, rank, size, &layout));
    set = H5Dcreate2(group, field->name, type, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    EVO_H5_GOTO(set, EVO_ERR_MEMORY, "data set %s cannot be made", field->name);
    EVO_H5_GOTO(H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, field->data), EVO_ERR_MEMORY,
                "data set %s cannot be written", field->name);
    EVO_GOTO(put_text(image, set, "unit", field->unit));
    EVO_GOTO(put_text(image, set, "description", field->doc));
    if (field->varies) { EVO_GOTO(put_number(image, set, "varies", 1)); }
    if (field->absent != NULL) { EVO_GOTO(put_number(image, set, "added", 1)); }
done:
    if (set >= 0) { H5Dclose(set); }
    if (space >= 0) { H5Sclose(space); }
    if (is_text && type >= 0) { H5Tclose(type); }
    return status;
}

static enum evo_status make_group(const struct evo_image *image, const char *name, const char *doc,
                                  hid_t *out)
{
    enum evo_status status = EVO_OK;
    hid_t group = H5Gcreate2(image->file, name, H5P_DEFAULT, image->group, H5P_DEFAULT);
    EVO_H5_GOTO(group, EVO_ERR_MEMORY, "group %s cannot be made", name);
    *out = group;
    EVO_GOTO(put_text(image, group, "description", doc));
done:
    return status;
}

enum evo_status evo_put_section(const struct evo_image *image, const struct evo_section *section)
{
    enum evo_status status = EVO_OK;
    hid_t group = -1;
    EVO_GOTO(make_group(image, section->name, section->doc, &group));
    for (size_t i = 0; i < section->n_fields; i++) {
        EVO_GOTO(put_field(image, group, &section->fields[i]));
    }
done:
    if (group >= 0) { H5Gclose(group); }
    return status;
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

enum evo_status evo_put_rows(const struct evo_image *image, const struct evo_table *table,
                             size_t begin, size_t n)
{
    enum evo_status status = EVO_OK;
    hid_t group = -1;
    char *name = NULL;
    EVO_TRY(evo_text_format(&name, "ledger_%s", table->name));
    EVO_GOTO(make_group(image, name, table->doc, &group));
    EVO_GOTO(put_number(image, group, "first_row", table->first_row + begin));
    for (size_t i = 0; i < table->n_columns; i++) {
        struct evo_field field = evo_put_column(table, i, begin, n);
        EVO_GOTO(put_field(image, group, &field));
    }
done:
    if (group >= 0) { H5Gclose(group); }
    free(name);
    return status;
}
