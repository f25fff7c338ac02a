/* SPDX-License-Identifier: MIT */
/* Fields out of HDF5: every link, type, shape and filter is checked before anything is read. */
#include "parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char ledger_prefix[] = "ledger_";

/* ---- files ---- */

enum evo_status evo_get_open_bytes(struct evo_source *source, const char *path, char *bytes,
                                   size_t n, enum evo_head_kind kind)
{
    enum evo_status status = EVO_OK;
    *source = (struct evo_source){.bytes = bytes, .n = n};
    EVO_GOTO(evo_head_check(path, bytes, n, kind));
    EVO_GOTO(evo_text_format(&source->path, "%s", path));
    EVO_GOTO(evo_library_open(path, bytes, n, &source->file));
done:
    if (status != EVO_OK) { evo_get_close(source); }
    return status;
}

enum evo_status evo_get_open(struct evo_source *source, const char *path, enum evo_head_kind kind)
{
    char *bytes = NULL;
    size_t n = 0;
    enum evo_status status = evo_file_read(path, SIZE_MAX / 4, &bytes, &n);
    /* To the reader of a checkpoint one that is missing or a folder is as good as a broken one. */
    if (status == EVO_ERR_IO) {
        status = evo_status_fail(EVO_ERR_CHECKPOINT, "%s", evo_status_message());
    }
    if (status != EVO_OK) { return status; }
    return evo_get_open_bytes(source, path, bytes, n, kind);
}

void evo_get_close(struct evo_source *source)
{
    if (source->file > 0) { H5Fclose(source->file); }
    free(source->bytes);
    free(source->path);
    *source = (struct evo_source){0};
}

/* ---- groups and attributes ---- */

/* Hard links to objects of the kind wanted: a soft or external one could lead out of the file. */
static bool is_there(hid_t parent, const char *name, H5O_type_t kind)
{
    H5L_info_t link;
    H5O_info_t object;
    return strchr(name, '/') == NULL && H5Lexists(parent, name, H5P_DEFAULT) > 0 &&
           H5Lget_info(parent, name, &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_HARD &&
           H5Oget_info_by_name2(parent, name, &object, H5O_INFO_BASIC, H5P_DEFAULT) >= 0 &&
           object.type == kind;
}

static enum evo_status open_group(const struct evo_source *source, const char *name, hid_t *out)
{
    enum evo_status status = EVO_OK;
    bool is_root = strcmp(name, "/") == 0;
    EVO_CHECK(is_root || is_there(source->file, name, H5O_TYPE_GROUP), EVO_ERR_CHECKPOINT,
              "%s: holds no group %s", source->path, name);
    hid_t group = H5Gopen2(source->file, name, H5P_DEFAULT);
    EVO_H5_GOTO(group, EVO_ERR_CHECKPOINT, "%s: group %s cannot be opened", source->path, name);
    *out = group;
done:
    return status;
}

/* Opens a scalar attribute; *type is to be closed too. */
static bool open_attribute(hid_t object, const char *name, hid_t *attribute, hid_t *type)
{
    *attribute = *type = -1;
    if (H5Aexists(object, name) <= 0) { return false; }
    *attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (*attribute < 0) { return false; }
    *type = H5Aget_type(*attribute);
    hid_t space = H5Aget_space(*attribute);
    bool is_scalar = *type >= 0 && space >= 0 && H5Sget_simple_extent_type(space) == H5S_SCALAR;
    if (space >= 0) { H5Sclose(space); }
    return is_scalar;
}

static void close_attribute(hid_t attribute, hid_t type)
{
    if (type >= 0) { H5Tclose(type); }
    if (attribute >= 0) { H5Aclose(attribute); }
}

static bool read_number(hid_t object, const char *name, uint64_t *value)
{
    hid_t attribute, type;
    bool fine = open_attribute(object, name, &attribute, &type) &&
                H5Tequal(type, H5T_STD_U64LE) > 0 &&
                H5Aread(attribute, H5T_NATIVE_UINT64, value) >= 0;
    close_attribute(attribute, type);
    return fine;
}

/* A text attribute in the arena. HDF5 itself keeps attributes below 64 KiB. */
static enum evo_status read_text(const struct evo_source *source, hid_t object, const char *name,
                                 struct evo_arena *arena, const char **out)
{
    enum { MOST = 1 << 16 };
    enum evo_status status = EVO_OK;
    hid_t attribute, type;
    char *text = NULL;
    bool fine = open_attribute(object, name, &attribute, &type) &&
                H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
    size_t size = fine ? H5Tget_size(type) : 0;
    EVO_CHECK_GOTO(size > 0 && size <= MOST, EVO_ERR_CHECKPOINT, "%s: holds no text attribute %s",
                   source->path, name);
    EVO_GOTO(evo_arena_get(arena, size + 1, &text));
    EVO_H5_GOTO(H5Aread(attribute, type, text), EVO_ERR_CHECKPOINT,
                "%s: attribute %s cannot be read", source->path, name);
    text[size] = '\0';
    *out = text;
done:
    close_attribute(attribute, type);
    return status;
}

enum evo_status evo_get_number(const struct evo_source *source, const char *group, const char *name,
                               uint64_t *value)
{
    hid_t object = -1;
    EVO_TRY(open_group(source, group, &object));
    bool fine = read_number(object, name, value);
    H5Gclose(object);
    EVO_CHECK(fine, EVO_ERR_CHECKPOINT, "%s: group %s has no number %s", source->path, group, name);
    return EVO_OK;
}

enum evo_status evo_get_doc(const struct evo_source *source, const char *group,
                            struct evo_arena *arena, const char **out)
{
    hid_t object = -1;
    EVO_TRY(open_group(source, group, &object));
    enum evo_status status = read_text(source, object, "description", arena, out);
    H5Gclose(object);
    return status;
}

enum evo_status evo_get_names(const struct evo_source *source, const char *group,
                              struct evo_arena *arena, const char ***names, size_t *n)
{
    enum { MOST = 256 };
    enum evo_status status = EVO_OK;
    hid_t object = -1;
    H5G_info_t info = {.nlinks = 0};
    EVO_TRY(open_group(source, group, &object));
    EVO_H5_GOTO(H5Gget_info(object, &info), EVO_ERR_CHECKPOINT, "%s: group %s cannot be listed",
                source->path, group);
    EVO_CHECK_GOTO(info.nlinks < source->n, EVO_ERR_CHECKPOINT,
                   "%s: group %s claims more members than fit into the file", source->path, group);
    EVO_GOTO(evo_arena_get(arena, (size_t)info.nlinks * sizeof **names, names));
    for (hsize_t i = 0; i < info.nlinks; i++) {
        char name[MOST] = "";
        ssize_t length = H5Lget_name_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, i, name,
                                            sizeof name, H5P_DEFAULT);
        EVO_CHECK_GOTO(length > 0 && length < MOST, EVO_ERR_CHECKPOINT,
                       "%s: group %s has a member without a usable name", source->path, group);
        EVO_GOTO(evo_arena_string(arena, name, &(*names)[i]));
    }
    *n = (size_t)info.nlinks;
done:
    H5Gclose(object);
    return status;
}

const char *evo_get_ledger_name(const char *group)
{
    size_t length = sizeof ledger_prefix - 1;
    return strncmp(group, ledger_prefix, length) == 0 ? group + length : NULL;
}

/* ---- data sets ---- */

/* One that is open, and what it holds; a text has n_rows bytes, its NUL included. */
struct set {
    hid_t id, type;
    enum evo_type kind;
    size_t n_rows, n_cols;
};

static void close_set(struct set *set)
{
    if (set->type > 0) { H5Tclose(set->type); }
    if (set->id > 0) { H5Dclose(set->id); }
}

static bool read_kind(struct set *set)
{
    set->type = H5Dget_type(set->id);
    if (set->type < 0) { return false; }
    if (H5Tequal(set->type, H5T_IEEE_F64LE) > 0) {
        set->kind = EVO_TYPE_F64;
    } else if (H5Tequal(set->type, H5T_STD_I64LE) > 0) {
        set->kind = EVO_TYPE_I64;
    } else if (H5Tequal(set->type, H5T_STD_U64LE) > 0) {
        set->kind = EVO_TYPE_U64;
    } else {
        set->kind = EVO_TYPE_TEXT;
        return H5Tget_class(set->type) == H5T_STRING && H5Tis_variable_str(set->type) == 0;
    }
    return true;
}

/* Nothing is compressed, so no data set can be larger than the file. */
static bool read_shape(struct set *set, size_t n_file)
{
    hsize_t size[2] = {0, 0};
    hid_t space = H5Dget_space(set->id);
    if (space < 0) { return false; }
    int rank = H5Sis_simple(space) > 0 ? H5Sget_simple_extent_ndims(space) : 0;
    bool fine = (rank == 1 || rank == 2) && H5Sget_simple_extent_dims(space, size, NULL) == rank;
    H5Sclose(space);
    if (!fine) { return false; }

    if (set->kind == EVO_TYPE_TEXT) {
        set->n_rows = H5Tget_size(set->type);
        return rank == 1 && size[0] == 1 && set->n_rows > 0 && set->n_rows <= n_file;
    }
    hsize_t most = n_file / EVO_CELL_BYTES;
    set->n_rows = (size_t)size[0];
    set->n_cols = (size_t)size[1];
    if (rank == 2 && size[1] == 0) { return false; }
    return size[0] <= most && (rank == 1 || size[1] <= most / (size[0] > 0 ? size[0] : 1));
}

/* Whether each chunk is stored, with a sum of 4 bytes behind it: HDF5 gives what memory holds by
 * chance for one that is not. */
static bool has_all_chunks(const struct set *set, hid_t list)
{
    enum { SUM_BYTES = 4 };
    hsize_t chunk[2] = {1, 1}, n_rows = set->n_rows, n_cols = 1, cell = EVO_CELL_BYTES;
    if (set->n_cols > 0) { n_cols = set->n_cols; }
    if (set->kind == EVO_TYPE_TEXT) { cell = set->n_rows, n_rows = 1; }
    if (H5Pget_chunk(list, 2, chunk) <= 0) { return false; }
    hsize_t n_chunks = (n_rows + chunk[0] - 1) / chunk[0] * ((n_cols + chunk[1] - 1) / chunk[1]);
    return H5Dget_storage_size(set->id) == n_chunks * (chunk[0] * chunk[1] * cell + SUM_BYTES);
}

/* In checksummed chunks, through no other filter (which might be a plug-in), in this file. */
static bool is_checksummed(const struct set *set)
{
    if (set->n_rows == 0) { return true; }
    hid_t list = H5Dget_create_plist(set->id);
    if (list < 0) { return false; }
    unsigned flags = 0;
    size_t n = 0;
    bool fine = H5Pget_layout(list) == H5D_CHUNKED && H5Pget_nfilters(list) == 1 &&
                H5Pget_filter2(list, 0, &flags, &n, NULL, 0, NULL, NULL) ==
                    H5Z_FILTER_FLETCHER32 &&
                has_all_chunks(set, list);
    H5Pclose(list);
    return fine;
}

/* Whether there is nothing of that name in the group, of whatever kind. */
static bool is_lacking(const struct evo_source *source, const char *group, const char *name)
{
    hid_t parent = -1;
    if (open_group(source, group, &parent) != EVO_OK) { return false; }
    bool lacking = H5Lexists(parent, name, H5P_DEFAULT) == 0;
    H5Gclose(parent);
    return lacking;
}

/* What an older version did not write yet. */
static void fill_absent(const struct evo_field *field)
{
    size_t n = field->n_rows * (field->n_cols > 0 ? field->n_cols : 1);
    for (size_t i = 0; i < n; i++) {
        memcpy((char *)field->data + i * EVO_CELL_BYTES, field->absent, EVO_CELL_BYTES);
    }
}

static enum evo_status open_set(const struct evo_source *source, const char *group,
                                const char *name, struct set *set)
{
    enum evo_status status = EVO_OK;
    hid_t parent = -1;
    EVO_TRY(open_group(source, group, &parent));
    EVO_CHECK_GOTO(is_there(parent, name, H5O_TYPE_DATASET), EVO_ERR_CHECKPOINT,
                   "%s: holds no %s/%s", source->path, group, name);
    set->id = H5Dopen2(parent, name, H5P_DEFAULT);
    EVO_H5_GOTO(set->id, EVO_ERR_CHECKPOINT, "%s: %s/%s cannot be opened", source->path, group,
                name);
    EVO_CHECK_GOTO(read_kind(set) && read_shape(set, source->n) && is_checksummed(set),
                   EVO_ERR_CHECKPOINT,
                   "%s: %s/%s has a type, a shape or a layout that no evompi writes", source->path,
                   group, name);
done:
    H5Gclose(parent);
    return status;
}

/* "f64[500][8]", "text[12]" */
static const char *print_shape(char text[64], enum evo_type type, size_t n_rows, size_t n_cols)
{
    static const char *const name[] = {[EVO_TYPE_F64] = "f64",
                                       [EVO_TYPE_I64] = "i64",
                                       [EVO_TYPE_U64] = "u64",
                                       [EVO_TYPE_TEXT] = "text"};
    if (n_cols > 0) {
        snprintf(text, 64, "%s[%zu][%zu]", name[type], n_rows, n_cols);
    } else {
        snprintf(text, 64, "%s[%zu]", name[type], n_rows);
    }
    return text;
}

/* A text may be shorter than the room for it; all else must fit exactly. */
static enum evo_status check_fit(const struct evo_source *source, const char *group,
                                 const struct set *set, const struct evo_field *field)
{
    char have[64], want[64];
    bool fits =
        set->kind == field->type &&
        (set->kind == EVO_TYPE_TEXT ? set->n_rows <= field->n_rows
                                    : set->n_rows == field->n_rows && set->n_cols == field->n_cols);
    EVO_CHECK(fits, EVO_ERR_CHECKPOINT, "%s: %s/%s is %s; this run needs %s", source->path, group,
              field->name, print_shape(have, set->kind, set->n_rows, set->n_cols),
              print_shape(want, field->type, field->n_rows, field->n_cols));
    return EVO_OK;
}

/* Reads all of a set into memory that is large enough. */
static enum evo_status read_set(const struct evo_source *source, const char *group,
                                const char *name, const struct set *set, void *data)
{
    const hid_t type[] = {[EVO_TYPE_F64] = H5T_NATIVE_DOUBLE,
                          [EVO_TYPE_I64] = H5T_NATIVE_INT64,
                          [EVO_TYPE_U64] = H5T_NATIVE_UINT64,
                          [EVO_TYPE_TEXT] = set->type};
    enum evo_status status = EVO_OK;
    if (set->n_rows == 0) { return EVO_OK; }
    EVO_H5_GOTO(H5Dread(set->id, type[set->kind], H5S_ALL, H5S_ALL, H5P_DEFAULT, data),
                EVO_ERR_CHECKPOINT, "%s: %s/%s cannot be read", source->path, group, name);
    EVO_CHECK_GOTO(set->kind != EVO_TYPE_TEXT || ((char *)data)[set->n_rows - 1] == '\0',
                   EVO_ERR_CHECKPOINT, "%s: %s/%s is a text without an end", source->path, group,
                   name);
done:
    return status;
}

enum evo_status evo_get_field(const struct evo_source *source, const char *group,
                              const struct evo_field *field)
{
    enum evo_status status = EVO_OK;
    struct set set = {0};
    if (field->absent != NULL && is_lacking(source, group, field->name)) {
        fill_absent(field);
        return EVO_OK;
    }
    EVO_GOTO(open_set(source, group, field->name, &set));
    EVO_GOTO(check_fit(source, group, &set, field));
    EVO_GOTO(read_set(source, group, field->name, &set, field->data));
done:
    close_set(&set);
    return status;
}

/* Stands for the value that only the owner of an added field knows. */
static const uint64_t not_known = 0;

enum evo_status evo_get_copy(const struct evo_source *source, const char *group, const char *name,
                             struct evo_arena *arena, struct evo_field *out)
{
    enum evo_status status = EVO_OK;
    struct set set = {0};
    struct evo_field field = {.name = NULL};
    EVO_GOTO(open_set(source, group, name, &set));
    uint64_t varies = 0, added = 0;
    field.varies = read_number(set.id, "varies", &varies) && varies != 0;
    field.absent = read_number(set.id, "added", &added) && added != 0 ? &not_known : NULL;
    field.type = set.kind;
    field.n_rows = set.n_rows;
    field.n_cols = set.n_cols;
    EVO_GOTO(evo_arena_string(arena, name, &field.name));
    EVO_GOTO(read_text(source, set.id, "unit", arena, &field.unit));
    EVO_GOTO(read_text(source, set.id, "description", arena, &field.doc));
    size_t cells = set.n_rows * (set.n_cols > 0 ? set.n_cols : 1);
    size_t bytes = set.kind == EVO_TYPE_TEXT ? set.n_rows : cells * EVO_CELL_BYTES;
    EVO_GOTO(evo_arena_get(arena, bytes, &field.data));
    EVO_GOTO(read_set(source, group, name, &set, field.data));
    *out = field;
done:
    close_set(&set);
    return status;
}

/* ---- tables ---- */

/* The rows that a ledger's group has, by the first column that it need not lack. */
static enum evo_status count_rows(const struct evo_source *source, const char *group,
                                  const struct evo_table *table, size_t *n)
{
    struct set set = {0};
    size_t i = 0;
    while (i + 1 < table->n_columns && table->columns[i].absent != NULL) { i++; }
    enum evo_status status = open_set(source, group, table->columns[i].name, &set);
    *n = set.n_rows;
    close_set(&set);
    return status;
}

enum evo_status evo_get_rows(const struct evo_source *source, struct evo_table *table)
{
    enum evo_status status = EVO_OK;
    char *group = NULL;
    size_t n = 0;
    table->n_rows = 0;
    EVO_TRY(evo_text_format(&group, "%s%s", ledger_prefix, table->name));
    EVO_GOTO(evo_get_number(source, group, "first_row", &table->first_row));
    EVO_GOTO(count_rows(source, group, table, &n));
    EVO_GOTO(evo_table_resize(table, n));
    for (size_t i = 0; i < table->n_columns; i++) {
        struct evo_column *column = &table->columns[i];
        struct evo_field field = evo_put_column(table, i, 0, n);
        column->lacking = column->absent != NULL && is_lacking(source, group, column->name);
        EVO_GOTO(evo_get_field(source, group, &field));
    }
done:
    if (status != EVO_OK) { table->n_rows = 0; }
    free(group);
    return status;
}
