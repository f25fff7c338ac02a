/* SPDX-License-Identifier: MIT */
/* Files that the store writes byte by byte are to the HDF5 library what it makes itself of the same fields. */
#include "../lib/library_file.h"
#include "store_sample.h"

#include <glob.h>
#include <math.h>

/* ---- two files, object by object, as the library sees them ---- */

static void compare_objects(hid_t a, hid_t b, const char *path);

static hid_t need(hid_t id, const char *path)
{
    if (id < 0) { fail_msg("%s: the library refuses it", path); }
    return id;
}

static void compare_spaces(hid_t a, hid_t b, const char *path)
{
    hsize_t size[2][2] = {{0}}, most[2][2] = {{0}};
    assert_int_equal(H5Sget_simple_extent_type(a), H5Sget_simple_extent_type(b));
    int rank = H5Sget_simple_extent_dims(a, size[0], most[0]);
    if (rank != H5Sget_simple_extent_dims(b, size[1], most[1])) { fail_msg("%s: another rank", path); }
    assert_memory_equal(size[0], size[1], sizeof size[0]);
    assert_memory_equal(most[0], most[1], sizeof most[0]);
}

/* Values of two attributes or data sets, read by `read` as the file has them. */
static void compare_values(hid_t a, hid_t b, hid_t type, size_t bytes, bool is_set, const char *path)
{
    char *values[2] = {calloc(bytes + 1, 1), calloc(bytes + 1, 1)};
    const hid_t all[] = {a, b};
    for (int i = 0; i < 2; i++) {
        assert_non_null(values[i]);
        need(is_set ? H5Dread(all[i], type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values[i])
                    : H5Aread(all[i], type, values[i]), path);
    }
    assert_memory_equal(values[0], values[1], bytes);
    free(values[0]);
    free(values[1]);
}

static void compare_attributes(hid_t a, hid_t b, const char *path)
{
    H5O_info_t info[2];
    need(H5Oget_info2(a, &info[0], H5O_INFO_NUM_ATTRS), path);
    need(H5Oget_info2(b, &info[1], H5O_INFO_NUM_ATTRS), path);
    assert_int_equal(info[0].num_attrs, info[1].num_attrs);
    for (hsize_t i = 0; i < info[0].num_attrs; i++) {
        const hid_t all[] = {a, b};
        hid_t attribute[2], type[2], space[2];
        char name[2][64];
        for (int k = 0; k < 2; k++) {
            attribute[k] = need(H5Aopen_by_idx(all[k], ".", H5_INDEX_NAME, H5_ITER_INC, i, H5P_DEFAULT, H5P_DEFAULT), path);
            need(H5Aget_name(attribute[k], sizeof name[k], name[k]), path);
            type[k] = need(H5Aget_type(attribute[k]), path);
            space[k] = need(H5Aget_space(attribute[k]), path);
        }
        assert_string_equal(name[0], name[1]);
        if (H5Tequal(type[0], type[1]) <= 0) { fail_msg("%s: %s has another type", path, name[0]); }
        compare_spaces(space[0], space[1], path);
        compare_values(attribute[0], attribute[1], type[0], H5Tget_size(type[0]), false, path);
        for (int k = 0; k < 2; k++) { H5Aclose(attribute[k]), H5Tclose(type[k]), H5Sclose(space[k]); }
    }
}

/* Chunks as they are stored, sums and padding included. */
static void compare_chunks(hid_t a, hid_t b, hid_t space, const char *path)
{
    hsize_t n[2] = {0};
    const hid_t all[] = {a, b};
    for (int k = 0; k < 2; k++) { need(H5Dget_num_chunks(all[k], space, &n[k]), path); }
    assert_int_equal(n[0], n[1]);
    /* The library looks for each from the first on: of many some, and the last. Their values were read. */
    for (hsize_t i = 0; i < n[0]; i++) {
        if (n[0] > 64 && i % 97 != 0 && i + 1 < n[0]) { continue; }
        hsize_t offset[2][2] = {{0}}, size[2];
        unsigned mask[2];
        uint32_t left_out[2];
        haddr_t address;
        char *bytes[2];
        for (int k = 0; k < 2; k++) {
            need(H5Dget_chunk_info(all[k], space, i, offset[k], &mask[k], &address, &size[k]), path);
            bytes[k] = malloc(size[k]);
            need(H5Dread_chunk(all[k], H5P_DEFAULT, offset[k], &left_out[k], bytes[k]), path);
        }
        assert_int_equal(size[0], size[1]);
        assert_int_equal(mask[0] | left_out[0], mask[1] | left_out[1]);
        assert_memory_equal(offset[0], offset[1], sizeof offset[0]);
        assert_memory_equal(bytes[0], bytes[1], size[0]);
        free(bytes[0]);
        free(bytes[1]);
    }
}

static void compare_sets(hid_t a, hid_t b, const char *path)
{
    const hid_t all[] = {a, b};
    hid_t type[2], space[2], list[2];
    for (int k = 0; k < 2; k++) {
        type[k] = need(H5Dget_type(all[k]), path);
        space[k] = need(H5Dget_space(all[k]), path);
        list[k] = need(H5Dget_create_plist(all[k]), path);
    }
    if (H5Tequal(type[0], type[1]) <= 0) { fail_msg("%s: another type", path); }
    if (H5Pequal(list[0], list[1]) <= 0) { fail_msg("%s: another layout, filter or fill value", path); }
    compare_spaces(space[0], space[1], path);
    assert_int_equal(H5Dget_storage_size(a), H5Dget_storage_size(b));
    size_t bytes = (size_t)H5Sget_simple_extent_npoints(space[0]) * H5Tget_size(type[0]);
    compare_values(a, b, type[0], bytes, true, path);
    if (H5Pget_layout(list[0]) == H5D_CHUNKED) { compare_chunks(a, b, space[0], path); }
    for (int k = 0; k < 2; k++) { H5Tclose(type[k]), H5Sclose(space[k]), H5Pclose(list[k]); }
}

/* What a list of properties says of a group; HDF5's own comparison takes padding for a part of it. */
static void compare_lists(hid_t a, hid_t b, bool is_root)
{
    const hid_t all[] = {a, b};
    unsigned said[2][9] = {{0}};
    bool times[2];
    for (int k = 0; k < 2; k++) {
        unsigned *of = said[k];
        /* A root that the library made turns more than 8 links into a heap, ours never does. */
        if (!is_root) { H5Pget_link_phase_change(all[k], &of[0], &of[1]), H5Pget_est_link_info(all[k], &of[2], &of[3]); }
        H5Pget_link_creation_order(all[k], &of[4]);
        H5Pget_attr_phase_change(all[k], &of[5], &of[6]);
        H5Pget_attr_creation_order(all[k], &of[7]);
        H5Pget_obj_track_times(all[k], &times[k]);
    }
    assert_memory_equal(said[0], said[1], sizeof said[0]);
    assert_int_equal(times[0], times[1]);
}

static void compare_groups(hid_t a, hid_t b, const char *path)
{
    const hid_t all[] = {a, b};
    H5G_info_t info[2];
    hid_t list[2];
    for (int k = 0; k < 2; k++) {
        need(H5Gget_info(all[k], &info[k]), path);
        list[k] = need(H5Gget_create_plist(all[k]), path);
    }
    assert_int_equal(info[0].nlinks, info[1].nlinks);
    compare_lists(list[0], list[1], path[0] == '\0');
    for (hsize_t i = 0; i < info[0].nlinks; i++) {
        char name[2][256], below[1024];
        hid_t object[2];
        H5L_info_t link[2];
        for (int k = 0; k < 2; k++) {
            need(H5Lget_name_by_idx(all[k], ".", H5_INDEX_NAME, H5_ITER_INC, i, name[k], sizeof name[k], H5P_DEFAULT), path);
            need(H5Lget_info(all[k], name[k], &link[k], H5P_DEFAULT), path);
            object[k] = need(H5Oopen(all[k], name[k], H5P_DEFAULT), name[k]);
        }
        assert_string_equal(name[0], name[1]);
        assert_int_equal(link[0].type, link[1].type);
        assert_int_equal(link[0].cset, link[1].cset);
        assert_int_equal(link[0].corder_valid, link[1].corder_valid);
        snprintf(below, sizeof below, "%s/%s", path, name[0]);
        compare_objects(object[0], object[1], below);
        for (int k = 0; k < 2; k++) { H5Oclose(object[k]); }
    }
    for (int k = 0; k < 2; k++) { H5Pclose(list[k]); }
}

static void compare_objects(hid_t a, hid_t b, const char *path)
{
    assert_int_equal(H5Iget_type(a), H5Iget_type(b));
    compare_attributes(a, b, path);
    if (H5Iget_type(a) == H5I_DATASET) {
        compare_sets(a, b, path);
    } else {
        compare_groups(a, b, path);
    }
}

/* Whole files, which are copied. */
static void compare_files(const char *ours, size_t n_ours, const char *theirs, size_t n_theirs)
{
    char *copies[] = {malloc(n_ours), malloc(n_theirs)};
    hid_t file[2], root[2];
    memcpy(copies[0], ours, n_ours);
    memcpy(copies[1], theirs, n_theirs);
    check_ok(evo_library_open("ours", copies[0], n_ours, &file[0]));
    check_ok(evo_library_open("theirs", copies[1], n_theirs, &file[1]));
    for (int k = 0; k < 2; k++) { root[k] = need(H5Gopen2(file[k], "/", H5P_DEFAULT), "/"); }
    compare_objects(root[0], root[1], "");
    for (int k = 0; k < 2; k++) {
        H5Gclose(root[k]);
        H5Fclose(file[k]);
        free(copies[k]);
    }
}

/* ---- the two ways to make a file ---- */

struct contents {
    const struct evo_section *sections;
    const struct evo_table *ledgers;
    size_t n_sections, n_ledgers;
    uint64_t run, generation;
};

/* In a block of its own. */
static char *make_ours(struct evo_image *image, const struct contents *all, size_t *n)
{
    const char *bytes = NULL;
    evo_image_begin(image, 0);
    for (size_t i = 0; i < all->n_sections; i++) { check_ok(evo_put_section(image, &all->sections[i])); }
    for (size_t i = 0; i < all->n_ledgers; i++) {
        check_ok(evo_put_rows(image, &all->ledgers[i], 0, all->ledgers[i].n_rows));
    }
    evo_put_root(image, all->run, all->generation);
    check_ok(evo_image_end(image, EVO_HEAD_CHECKPOINT, &bytes, n));
    char *copy = malloc(*n);
    memcpy(copy, bytes, *n);
    return copy;
}

static char *make_theirs(const struct contents *all, size_t *n)
{
    struct library_file made = {NULL};
    library_begin(&made);
    library_put_root(&made, all->run, all->generation);
    for (size_t i = 0; i < all->n_sections; i++) { library_put_section(&made, &all->sections[i]); }
    for (size_t i = 0; i < all->n_ledgers; i++) {
        library_put_rows(&made, &all->ledgers[i], 0, all->ledgers[i].n_rows);
    }
    char *bytes = library_end(&made, EVO_HEAD_CHECKPOINT, n);
    assert_non_null(bytes);
    return bytes;
}

static void compare_both(struct evo_image *image, const struct contents *all)
{
    size_t n_ours = 0, n_theirs = 0;
    char *ours = make_ours(image, all, &n_ours), *theirs = make_theirs(all, &n_theirs);
    compare_files(ours, n_ours, theirs, n_theirs);
    free(ours);
    free(theirs);
}

/* ---- tests ---- */

/* Names of one to three letters, many groups and many fields: links, and headers of any length. */
static void any_number_of_groups_and_fields_is_alike(void **state)
{
    (void)state;
    enum { MOST = 700 };
    static const size_t counts[][2] = {{0, 0}, {1, 0}, {1, 1}, {3, 40}, {8, 2}, {9, 3}, {40, 2}, {1, 300}, {2, MOST}};
    struct evo_image image = {0};
    static struct evo_field fields[MOST];
    static char names[MOST][8];
    uint64_t value = 0x123456789abcdef0U;
    for (size_t i = 0; i < MOST; i++) {
        snprintf(names[i], sizeof names[i], "%zu", i);
        fields[i] = (struct evo_field){.name = names[i], .unit = "m", .doc = "value", .type = EVO_TYPE_U64,
                                       .varies = i % 3 == 0, .n_rows = 1, .data = &value,
                                       .absent = i % 5 == 0 ? &value : NULL};
    }
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct evo_section sections[40];
        for (size_t k = 0; k < counts[i][0]; k++) {
            sections[k] = (struct evo_section){names[k], "a group", fields, counts[i][1]};
        }
        compare_both(&image, &(struct contents){.sections = sections, .n_sections = counts[i][0], .run = UINT64_MAX});
    }
    evo_image_fini(&image);
}

/* What must be summed: every length, odd ones too; zeros alone; all ones, which a sum may take for zeros. */
static void texts_of_any_length_are_alike(void **state)
{
    (void)state;
    enum { N = 160, LONG = 100000 };
    struct evo_image image = {0};
    static char texts[N][LONG + 1], names[N][8];
    static struct evo_field fields[N];
    for (size_t i = 0; i < N; i++) {
        size_t n = i < 150 ? i : LONG - i;
        for (size_t k = 0; k < n; k++) { texts[i][k] = i % 7 == 0 ? (char)0xff : (char)(1 + (k * 31 + i) % 255); }
        snprintf(names[i], sizeof names[i], "t%zu", i);
        fields[i] = (struct evo_field){.name = names[i], .unit = texts[i % 90], .doc = texts[i % 149],
                                       .type = EVO_TYPE_TEXT, .n_rows = n + 1, .data = texts[i]};
    }
    struct evo_section section = {"texts", texts[33], fields, N};
    compare_both(&image, &(struct contents){.sections = &section, .n_sections = 1});
    evo_image_fini(&image);
}

static void values_of_any_shape_are_alike(void **state)
{
    (void)state;
    static const size_t shapes[][2] = {{1, 0}, {1, 1}, {7, 1}, {1, 9}, {255, 0}, {256, 0}, {257, 255}, {32767, 0},
                                       {32768, 0}, {32769, 0}, {65536, 0}, {33333, 3}, {2, 40000}, {9, 70000},
                                       {16, 2048}, {17, 2048}, {0, 0}, {0, 5}};
    static const enum evo_type types[] = {EVO_TYPE_F64, EVO_TYPE_I64, EVO_TYPE_U64};
    struct evo_image image = {0};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        size_t n = shapes[i][0] * (shapes[i][1] > 0 ? shapes[i][1] : 1);
        uint64_t *values = calloc(n + 1, sizeof *values);
        for (size_t k = 0; k < n; k++) { values[k] = i % 3 == 0 ? 0 : (k + 1) * 0x9e3779b97f4a7c15U; }
        struct evo_field field = {.name = "values", .unit = "", .doc = "any", .type = types[i % 3],
                                  .n_rows = shapes[i][0], .n_cols = shapes[i][1], .data = values};
        struct evo_section section = {"odd", "", &field, 1};
        compare_both(&image, &(struct contents){.sections = &section, .n_sections = 1});
        free(values);
    }
    evo_image_fini(&image);
}

/* The file's only object besides the root: n values in chunks of 3. */
static void compare_index(size_t n)
{
    enum { ROWS = 3 };
    const hsize_t size = n, chunk = ROWS;
    struct evo_image image = {0};
    struct evo_chunks chunks = {.cell = EVO_CELL_BYTES, .n_rows = ROWS};
    struct library_file made = {NULL};
    size_t n_ours = 0, n_theirs = 0;
    const char *ours = NULL;
    uint64_t *values = calloc(n, sizeof *values);
    for (size_t i = 0; i < n; i++) { values[i] = i * i + 1; }
    evo_image_begin(&image, 0);
    evo_chunks_put(&image.file, (const char *)values, n, EVO_CELL_BYTES, &chunks);
    size_t begin = evo_object_begin(&image.file);
    evo_object_set(&image.file, EVO_TYPE_U64, &(struct evo_extent){1, {n}}, &chunks);
    evo_object_link(&image.groups, "set", evo_object_end(&image.file, begin));
    evo_put_root(&image, 1, 2);
    check_ok(evo_image_end(&image, EVO_HEAD_CHECKPOINT, &ours, &n_ours));

    library_begin(&made);
    library_put_root(&made, 1, 2);
    H5Pset_chunk(made.chunked, 1, &chunk);
    hid_t space = H5Screate_simple(1, &size, NULL);
    hid_t set = need(H5Dcreate2(made.file, "set", H5T_STD_U64LE, space, H5P_DEFAULT, made.chunked, H5P_DEFAULT), "set");
    need(H5Dwrite(set, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "set");
    H5Dclose(set), H5Sclose(space);
    char *theirs = library_end(&made, EVO_HEAD_CHECKPOINT, &n_theirs);
    compare_files(ours, n_ours, theirs, n_theirs);
    evo_image_fini(&image);
    free(theirs);
    free(values);
}

static void an_index_of_any_number_of_chunks_is_alike(void **state)
{
    (void)state;
    static const size_t counts[] = {2, 3, 1023, 1024, 1025, 2047, 2048, 2049, 8192, 8193, 9000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        compare_index(3 * counts[i]);
        compare_index(3 * counts[i] - 1);
    }
}

static void a_ledger_is_alike_whatever_its_length(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 2, 255, 256, 257, 4095, 65535, 65536, 70000};
    struct evo_image image = {0};
    struct sample s;
    sample_init(&s);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        sample_advance(&s, i, lengths[i] - s.history->n_rows);
        s.history->first_row = i * 4096;
        compare_both(&image, &(struct contents){.sections = s.sections, .n_sections = 2, .ledgers = s.history,
                                                .n_ledgers = 1, .run = i, .generation = i});
    }
    sample_fini(&s);
    evo_image_fini(&image);
}

/* What an image held before leaves nothing in it. */
static void equal_fields_are_equal_bytes_in_used_memory_too(void **state)
{
    (void)state;
    struct evo_image used = {0}, fresh = {0};
    struct sample s;
    size_t n_a = 0, n_b = 0;
    sample_init(&s);
    sample_advance(&s, 1, 60000);
    struct contents all = {.sections = s.sections, .n_sections = 2, .ledgers = s.history, .n_ledgers = 1};
    free(make_ours(&used, &all, &n_a));
    sample_advance(&s, 2, 0);
    s.history->n_rows = 40000; // two chunks, the second one not full
    char *a = make_ours(&used, &all, &n_a), *b = make_ours(&fresh, &all, &n_b);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(a, b, n_a);
    free(a);
    free(b);
    sample_fini(&s);
    evo_image_fini(&used);
    evo_image_fini(&fresh);
}

/* The checkpoint of a packed run folder. */
static char *unpack(const char *path, size_t *n)
{
    enum { MOST = 1 << 24 };
    char command[1024], *bytes = malloc(MOST);
    snprintf(command, sizeof command, "tar -xOzf '%s' --wildcards '*checkpoint.h5'", path);
    FILE *stream = popen(command, "r");
    assert_non_null(bytes);
    assert_non_null(stream);
    *n = fread(bytes, 1, MOST, stream);
    assert_int_equal(pclose(stream), 0);
    assert_in_range(*n, EVO_HEAD_BYTES, MOST - 1);
    return bytes;
}

/* Runs of several searches and tasks, in files that the library made then. */
static void what_the_library_saved_of_real_runs_is_alike(void **state)
{
    (void)state;
    struct evo_image image = {0};
    glob_t found;
    assert_int_equal(glob(EVO_TEST_DATA "/frozen/runs/*.tar.gz", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct evo_checkpoint *checkpoint = NULL;
        struct contents all = {.n_sections = 0};
        size_t n_ours = 0, n_theirs = 0;
        char *theirs = unpack(found.gl_pathv[i], &n_theirs);
        check_ok(evo_checkpoint_parse(found.gl_pathv[i], theirs, n_theirs, &checkpoint));
        check_ok(evo_checkpoint_sections(checkpoint, &all.sections, &all.n_sections));
        check_ok(evo_checkpoint_ledgers(checkpoint, &all.ledgers, &all.n_ledgers));
        all.run = evo_checkpoint_run(checkpoint);
        all.generation = evo_checkpoint_generation(checkpoint);
        char *ours = make_ours(&image, &all, &n_ours);
        compare_files(ours, n_ours, theirs, n_theirs);
        free(ours);
        free(theirs);
        evo_checkpoint_close(checkpoint);
    }
    globfree(&found);
    evo_image_fini(&image);
}

/* The linker gives the store this one; `refused_request` counts down to the request that is refused. */
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
static int refused_request;

void *__wrap_realloc(void *old, size_t size)
{
    return refused_request > 0 && --refused_request == 0 ? NULL : __real_realloc(old, size);
}

static void memory_that_runs_out_at_any_request_is_one_error_and_the_next_file_is_whole(void **state)
{
    (void)state;
    enum { N = 40, MOST = 1000 };
    struct evo_field fields[N];
    static double values[2000];
    char names[N][8];
    int n_failed = 0;
    for (size_t i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "f%zu", i);
        fields[i] = (struct evo_field){.name = names[i], .unit = "m", .doc = "d", .type = EVO_TYPE_F64,
                                       .n_rows = 50 * i, .data = values};
    }
    struct evo_section sections[N];
    for (size_t i = 0; i < N; i++) { sections[i] = (struct evo_section){names[i], "", fields, 1 + i}; }
    struct contents all = {.sections = sections, .n_sections = N};
    for (int request = 1; request < MOST; request++, n_failed++) {
        struct evo_image image = {0};
        const char *bytes = NULL;
        size_t n = 0;
        refused_request = request;
        evo_image_begin(&image, 0);
        for (size_t i = 0; i < N; i++) { check_ok(evo_put_section(&image, &sections[i])); }
        evo_put_root(&image, 0, 0);
        enum evo_status status = evo_image_end(&image, EVO_HEAD_CHECKPOINT, &bytes, &n);
        bool was_refused = refused_request == 0;
        refused_request = 0;
        if (was_refused) { check_fails(status, EVO_ERR_MEMORY, "no memory for a file: "); }
        compare_both(&image, &all);
        evo_image_fini(&image);
        if (!was_refused) { break; }
    }
    assert_in_range(n_failed, 8, MOST - 2);
}

static void a_name_that_is_none_or_there_already_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", ".", "..", "a/b", "same"};
    struct evo_image image = {0};
    uint64_t value = 1;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct evo_field fields[] = {
            {.name = "same", .unit = "", .doc = "", .type = EVO_TYPE_U64, .n_rows = 1, .data = &value},
            {.name = bad[i], .unit = "", .doc = "", .type = EVO_TYPE_U64, .n_rows = 1, .data = &value}};
        struct evo_section section = {"run", "", fields, 2};
        evo_image_begin(&image, 0);
        check_fails(evo_put_section(&image, &section), EVO_ERR_INTERNAL, bad[i]);
    }
    evo_image_fini(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_groups_and_fields_is_alike),
        cmocka_unit_test(texts_of_any_length_are_alike),
        cmocka_unit_test(values_of_any_shape_are_alike),
        cmocka_unit_test(an_index_of_any_number_of_chunks_is_alike),
        cmocka_unit_test(a_ledger_is_alike_whatever_its_length),
        cmocka_unit_test(equal_fields_are_equal_bytes_in_used_memory_too),
        cmocka_unit_test(what_the_library_saved_of_real_runs_is_alike),
        cmocka_unit_test(memory_that_runs_out_at_any_request_is_one_error_and_the_next_file_is_whole),
        cmocka_unit_test(a_name_that_is_none_or_there_already_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
