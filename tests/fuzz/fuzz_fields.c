/* SPDX-License-Identifier: MIT */
/* Files that are whole, but for what stands in them: refused, or read as what was written. */
#include "fuzz_hostile.h"

#include "../lib/library_file.h"

/* ---- the file: two sections and a ledger, each of which the feed may spoil ---- */

static const struct evo_column columns[] = {
    {.name = "generation", .unit = "1", .doc = "", .type = EVO_TYPE_U64},
    {.name = "best", .unit = "1", .doc = "", .type = EVO_TYPE_F64},
    {.name = "genome", .unit = "1", .doc = "", .type = EVO_TYPE_F64, .n_cols = 3},
};

/* Opens a new group, or -1 where none is to be. */
static hid_t begin_group(struct feed *feed, hid_t file, const char *fit)
{
    char bytes[HOSTILE_NAME_MAX];
    const char *name = fit;
    unsigned how = feed_take(feed), n_links = 0;
    hid_t list = H5Pcreate(H5P_GROUP_CREATE), group = -1;
    switch (how % 7) {
    case 1: H5Pclose(list); return -1;
    case 2: hostile_link(feed, file, fit); break;
    case 3: hostile_set(feed, file, fit, H5T_STD_U64LE, 4, 0); break;
    case 4: name = hostile_name(bytes, fit, feed_take(feed)); break;
    case 5: H5Pset_link_phase_change(list, 0, 0); break;
    case 6: n_links = feed_take(feed) % 32; break;
    default: H5Pset_link_phase_change(list, 1024, 1024); break;
    }
    if (how % 7 != 2 && how % 7 != 3) {
        group = H5Gcreate2(file, name, H5P_DEFAULT, list, H5P_DEFAULT);
    }
    H5Pclose(list);
    if (group < 0) { return -1; }
    for (unsigned i = 0; i < n_links; i++) {
        char link[] = {'a', (char)('a' + i), '\0'};
        hostile_link(feed, group, link);
    }
    hostile_text(feed, group, "description", "one line");
    return group;
}

static void put_groups(struct feed *feed, hid_t file)
{
    hid_t group = begin_group(feed, file, "other");
    if (group >= 0) {
        hostile_set(feed, group, "count", H5T_STD_U64LE, 5, 0);
        hostile_set(feed, group, "offset", H5T_STD_I64LE, 1, 0);
        hostile_set(feed, group, "mean", H5T_IEEE_F64LE, 3, 2);
        H5Gclose(group);
    }
    group = begin_group(feed, file, "about");
    if (group >= 0) {
        hostile_set(feed, group, "config", -1, 20, 0);
        H5Gclose(group);
    }
    group = begin_group(feed, file, "ledger_history");
    if (group >= 0) {
        hostile_number(feed, group, "first_row", 4096);
        hostile_set(feed, group, "generation", H5T_STD_U64LE, 4, 0);
        hostile_set(feed, group, "best", H5T_IEEE_F64LE, 4, 0);
        hostile_set(feed, group, "genome", H5T_IEEE_F64LE, 4, 3);
        H5Gclose(group);
    }
}

/* A file from the feed, in memory of its own; NULL where HDF5 itself refuses to make one. */
static char *make_file(struct feed *feed, size_t *n)
{
    static struct library_file made;
    library_begin(&made);
    /* Objects of older libraries have other headers, trees and indices. */
    switch (feed_take(feed) % 3) {
    case 1: H5Fset_libver_bounds(made.file, H5F_LIBVER_EARLIEST, H5F_LIBVER_V110); break;
    case 2: H5Fset_libver_bounds(made.file, H5F_LIBVER_V18, H5F_LIBVER_V18); break;
    default: break;
    }
    hostile_text(feed, made.file, "program", "evompi");
    hostile_number(feed, made.file, "format", EVO_STORE_FORMAT);
    hostile_number(feed, made.file, "generation", 17);
    hostile_number(feed, made.file, "run", 99);
    put_groups(feed, made.file);
    const char *bytes = library_end(&made, EVO_HEAD_CHECKPOINT, n);
    if (bytes == NULL) { return NULL; }
    char *copy = malloc(*n);
    fuzz_require(copy != NULL);
    memcpy(copy, bytes, *n);
    return copy;
}

/* ---- what was read is what was written ---- */

static void check_status(enum evo_status status)
{
    fuzz_require(status == EVO_OK || status == EVO_ERR_CHECKPOINT || status == EVO_ERR_MEMORY);
    fuzz_require(status == EVO_OK || strncmp(evo_status_message(), "any.h5: ", 8) == 0);
}

static void check_field(const struct evo_field *field)
{
    const uint64_t *cell = field->data;
    const char *text = field->data;
    size_t n = field->n_rows * (field->n_cols > 0 ? field->n_cols : 1);
    fuzz_require(strlen(field->name) + strlen(field->unit) + strlen(field->doc) > 0);
    if (field->type == EVO_TYPE_TEXT) {
        fuzz_require(strlen(text) < field->n_rows && text[strspn(text, "t")] == '\0');
        return;
    }
    for (size_t i = 0; i < n; i++) { fuzz_require(cell[i] == hostile_cell(i)); }
}

/* All that a reader may ask; true where nothing was refused. */
static bool read_checkpoint(const char *file, size_t n)
{
    struct evo_checkpoint *checkpoint = NULL;
    const struct evo_section *sections = NULL;
    const struct evo_table *ledgers = NULL;
    size_t n_sections = 0, n_ledgers = 0;
    char *text = NULL;
    enum evo_status status = evo_checkpoint_parse("any.h5", file, n, &checkpoint);
    check_status(status);
    if (status != EVO_OK) { return false; }
    check_status(evo_checkpoint_text(checkpoint, "about", "config", &text));
    free(text);
    status = evo_checkpoint_sections(checkpoint, &sections, &n_sections);
    check_status(status);
    if (status == EVO_OK) { status = evo_checkpoint_ledgers(checkpoint, &ledgers, &n_ledgers); }
    for (size_t i = 0; i < n_sections; i++) {
        for (size_t k = 0; k < sections[i].n_fields; k++) { check_field(&sections[i].fields[k]); }
    }
    for (size_t i = 0; i < n_ledgers; i++) {
        for (size_t k = 0; k < ledgers[i].n_columns; k++) {
            struct evo_field column = evo_put_column(&ledgers[i], k, 0, ledgers[i].n_rows);
            check_field(&column);
        }
    }
    evo_checkpoint_close(checkpoint);
    return status == EVO_OK;
}

static bool read_segment(char *file, size_t n)
{
    struct evo_source source = {0};
    struct evo_table *table = NULL;
    fuzz_require(evo_table_create("history", "", columns, 3, &table) == EVO_OK);
    enum evo_status status = evo_get_open_bytes(&source, "any.h5", file, n, EVO_HEAD_SEGMENT);
    if (status == EVO_OK) { status = evo_get_rows(&source, table); }
    check_status(status);
    fuzz_require(status == EVO_OK || table->n_rows == 0);
    for (size_t k = 0; k < 3 && table->n_rows > 0; k++) {
        struct evo_field column = evo_put_column(table, k, 0, table->n_rows);
        check_field(&column);
    }
    evo_get_close(&source);
    evo_table_destroy(table);
    return status == EVO_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct feed feed = {.bytes = bytes, .n = n};
    size_t n_file = 0;
    char *file = make_file(&feed, &n_file);
    fuzz_require(file != NULL || feed.deviates);
    if (file == NULL) { return 0; }
    fuzz_require(read_checkpoint(file, n_file) || feed.deviates);
    /* The same as a segment; its source keeps the bytes. */
    evo_head_write(file, n_file, EVO_HEAD_SEGMENT);
    fuzz_require(read_segment(file, n_file) || feed.deviates);
    return 0;
}
