/* SPDX-License-Identifier: MIT */
/* Files of the store as the HDF5 library itself makes them, and as evompi made them until it wrote its own. */
#ifndef LIBRARY_FILE_H
#define LIBRARY_FILE_H

#include "../../src/store/parts.h"

#include <stdlib.h>
#include <string.h>

/// A file that the library writes into memory, behind the room for a head.
struct library_file {
    char *block;
    size_t capacity;
    hid_t file, chunked, plain, group, scalar;
};

static inline hid_t library_need(hid_t id)
{
    if (id < 0) { abort(); }
    return id;
}

static inline void *library_grow(void *old, size_t size, H5FD_file_image_op_t operation, void *context)
{
    (void)old, (void)operation;
    struct library_file *made = context;
    if (EVO_HEAD_BYTES + size > made->capacity) {
        made->capacity = EVO_HEAD_BYTES + size;
        made->block = realloc(made->block, made->capacity);
        if (made->block == NULL) { abort(); }
    }
    return made->block + EVO_HEAD_BYTES;
}

static inline herr_t library_keep(void *bytes, H5FD_file_image_op_t operation, void *context)
{
    (void)bytes, (void)operation, (void)context;
    return 0;
}

static inline void *library_context(void *context) { return context; }
static inline herr_t library_leave(void *context) { return context != NULL ? 0 : -1; }

/// Neither times nor fill values; links in the headers of their groups.
static inline void library_make_lists(struct library_file *made, hid_t *root)
{
    made->chunked = library_need(H5Pcreate(H5P_DATASET_CREATE));
    made->group = library_need(H5Pcreate(H5P_GROUP_CREATE));
    *root = library_need(H5Pcreate(H5P_FILE_CREATE));
    const hid_t all[] = {made->chunked, made->group, *root};
    for (size_t i = 0; i < 3; i++) { library_need(H5Pset_obj_track_times(all[i], false)); }
    library_need(H5Pset_fill_time(made->chunked, H5D_FILL_TIME_NEVER));
    made->plain = library_need(H5Pcopy(made->chunked));
    library_need(H5Pset_fletcher32(made->chunked));
    library_need(H5Pset_link_phase_change(made->group, 1024, 1024));
    library_need(H5Pset_est_link_info(made->group, 16, 16));
    made->scalar = library_need(H5Screate(H5S_SCALAR));
}

static inline void library_begin(struct library_file *made)
{
    H5FD_file_image_callbacks_t callbacks = {.image_realloc = library_grow, .image_free = library_keep,
                                             .udata_copy = library_context, .udata_free = library_leave,
                                             .udata = made};
    hid_t root = -1, access = library_need(H5Pcreate(H5P_FILE_ACCESS));
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    library_need(H5Pset_fapl_core(access, 1 << 16, false));
    library_need(H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110));
    library_need(H5Pset_fclose_degree(access, H5F_CLOSE_STRONG));
    library_need(H5Pset_file_image_callbacks(access, &callbacks));
    library_make_lists(made, &root);
    made->file = library_need(H5Fcreate("/dev/null/made", H5F_ACC_TRUNC, root, access));
    H5Pclose(root);
    H5Pclose(access);
}

/// The whole file, which is made->block; NULL where the library cannot finish it.
static inline char *library_end(struct library_file *made, enum evo_head_kind kind, size_t *n)
{
    enum { END_ADDRESS = EVO_HEAD_BYTES + 28 };
    uint64_t end = 0;
    herr_t closed = H5Fclose(made->file);
    H5Pclose(made->chunked), H5Pclose(made->plain), H5Pclose(made->group), H5Sclose(made->scalar);
    if (closed < 0) { return NULL; }
    memcpy(&end, made->block + END_ADDRESS, sizeof end);
    *n = EVO_HEAD_BYTES + (size_t)end;
    evo_head_write(made->block, *n, kind);
    return made->block;
}

/* ---- fields ---- */

static inline hid_t library_text_type(const char *text)
{
    hid_t type = library_need(H5Tcopy(H5T_C_S1));
    library_need(H5Tset_size(type, strlen(text) + 1));
    library_need(H5Tset_cset(type, H5T_CSET_UTF8));
    return type;
}

static inline void library_put_attribute(const struct library_file *made, hid_t object, const char *name,
                                         hid_t type, const void *value)
{
    hid_t attribute = library_need(H5Acreate2(object, name, type, made->scalar, H5P_DEFAULT, H5P_DEFAULT));
    library_need(H5Awrite(attribute, type, value));
    H5Aclose(attribute);
}

static inline void library_put_number(const struct library_file *made, hid_t object, const char *name,
                                      uint64_t value)
{
    library_put_attribute(made, object, name, H5T_STD_U64LE, &value);
}

static inline void library_put_text(const struct library_file *made, hid_t object, const char *name,
                                    const char *text)
{
    hid_t type = library_text_type(text);
    library_put_attribute(made, object, name, type, text);
    H5Tclose(type);
}

static inline hid_t library_layout(const struct library_file *made, int rank, const hsize_t size[2], size_t chunk_bytes)
{
    hsize_t row = EVO_CELL_BYTES * (rank == 2 ? size[1] : 1);
    hsize_t chunk[2] = {row < chunk_bytes ? chunk_bytes / row : 1, size[1]};
    if (size[0] == 0) { return made->plain; }
    if (chunk[0] > size[0]) { chunk[0] = size[0]; }
    library_need(H5Pset_chunk(made->chunked, rank, chunk));
    return made->chunked;
}

static inline void library_put_field(const struct library_file *made, hid_t group, const struct evo_field *field)
{
    const hid_t types[] = {[EVO_TYPE_F64] = H5T_IEEE_F64LE, [EVO_TYPE_I64] = H5T_STD_I64LE,
                           [EVO_TYPE_U64] = H5T_STD_U64LE};
    bool is_text = field->type == EVO_TYPE_TEXT;
    int rank = field->n_cols > 0 && !is_text ? 2 : 1;
    hsize_t size[2] = {is_text ? 1 : field->n_rows, field->n_cols};
    hid_t type = is_text ? library_text_type(field->data) : library_need(H5Tcopy(types[field->type]));
    hid_t space = library_need(H5Screate_simple(rank, size, NULL));
    hid_t layout = library_layout(made, rank, size, EVO_PUT_CHUNK_BYTES);
    hid_t set = library_need(H5Dcreate2(group, field->name, type, space, H5P_DEFAULT, layout, H5P_DEFAULT));
    library_need(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, field->data));
    library_put_text(made, set, "unit", field->unit);
    library_put_text(made, set, "description", field->doc);
    if (field->varies) { library_put_number(made, set, "varies", 1); }
    if (field->absent != NULL) { library_put_number(made, set, "added", 1); }
    H5Dclose(set), H5Sclose(space), H5Tclose(type);
}

static inline hid_t library_put_group(const struct library_file *made, const char *name, const char *doc)
{
    hid_t group = library_need(H5Gcreate2(made->file, name, H5P_DEFAULT, made->group, H5P_DEFAULT));
    library_put_text(made, group, "description", doc);
    return group;
}

static inline void library_put_section(const struct library_file *made, const struct evo_section *section)
{
    hid_t group = library_put_group(made, section->name, section->doc);
    for (size_t i = 0; i < section->n_fields; i++) { library_put_field(made, group, &section->fields[i]); }
    H5Gclose(group);
}

static inline void library_put_rows(const struct library_file *made, const struct evo_table *table, size_t begin,
                                    size_t n)
{
    char name[256];
    snprintf(name, sizeof name, "ledger_%s", table->name);
    hid_t group = library_put_group(made, name, table->doc);
    library_put_number(made, group, "first_row", table->first_row + begin);
    for (size_t i = 0; i < table->n_columns; i++) {
        struct evo_field field = evo_put_column(table, i, begin, n);
        library_put_field(made, group, &field);
    }
    H5Gclose(group);
}

static inline void library_put_root(const struct library_file *made, uint64_t run, uint64_t generation)
{
    library_put_text(made, made->file, "program", "evompi");
    library_put_number(made, made->file, "format", EVO_STORE_FORMAT);
    library_put_number(made, made->file, "generation", generation);
    library_put_number(made, made->file, "run", run);
}

#endif
