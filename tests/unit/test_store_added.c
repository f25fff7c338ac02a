/* SPDX-License-Identifier: MIT */
/* Fields and columns that were added later: files without them load, go on, and compare as before. */
#include "store_sample.h"

enum { N_ROWS = SAMPLE_SEGMENT + 10 };

static const double absent = 7.5;
static const char *added = "extra";

/* The sample's ledger as a later version has it: one column more, in the midst. */
static void add_column(struct sample *s)
{
    struct evo_column columns[SAMPLE_COLUMNS + 1];
    memcpy(columns, sample_columns, 2 * sizeof *columns);
    columns[2] = (struct evo_column){.name = added, .unit = "m", .doc = "added later",
                                     .type = EVO_TYPE_F64, .absent = &absent};
    memcpy(columns + 3, sample_columns + 2, (SAMPLE_COLUMNS - 2) * sizeof *columns);
    evo_table_destroy(s->history);
    check_ok(evo_table_create("history", "a row each generation", columns, SAMPLE_COLUMNS + 1,
                              &s->history));
}

/* Rows as the later version appends them. */
static void append_later(struct sample *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t row = s->history->first_row + s->history->n_rows;
        double best = sample_value(row, 0), extra = (double)row, seconds = 0.5;
        double genome[3] = {best, -best, 0.0};
        const void *const values[] = {&row, &best, &extra, genome, &seconds};
        check_ok(evo_table_append(s->history, values));
    }
}

/* Opens the newest checkpoint of a folder. */
static struct evo_checkpoint *open_newest(const char *folder)
{
    struct evo_checkpoint *checkpoint = NULL;
    char *path = NULL;
    bool found = false;
    check_ok(evo_checkpoint_find(folder, &checkpoint, &path, &found));
    free(path);
    return checkpoint;
}

/* The later version goes on with whatever is in the folder, or begins: n rows more. */
static void save_later(const char *folder, uint64_t generation, size_t n)
{
    struct sample s;
    struct evo_store *store = NULL;
    sample_init(&s);
    add_column(&s);
    check_ok(evo_store_open(folder, false, &store));
    if (generation > 1) {
        struct evo_checkpoint *checkpoint = open_newest(folder);
        check_ok(sample_load(&s, checkpoint));
        evo_store_adopt(store, checkpoint);
        evo_checkpoint_close(checkpoint);
    }
    sample_advance(&s, generation, 0);
    append_later(&s, n);
    check_ok(evo_store_submit(store, &s.snapshot));
    check_ok(evo_store_close(store));
    sample_fini(&s);
}

/* ---- ledgers ---- */

/* What is in the added column: `absent` below row `first`, the number of the row from there on. */
struct reading {
    uint64_t next, first;
    bool lacking;
};

static enum evo_status check_block(void *context, const struct evo_table *block)
{
    struct reading *reading = context;
    assert_int_equal(block->first_row, reading->next);
    reading->lacking = block->columns[2].lacking;
    for (size_t i = 0; i < block->n_rows; i++, reading->next++) {
        double extra = ((const double *)block->data[2])[i];
        assert_int_equal(((const uint64_t *)block->data[0])[i], reading->next);
        assert_true(extra == (reading->next < reading->first ? absent : (double)reading->next));
    }
    return EVO_OK;
}

/* Reads all rows; returns whether the last block's file lacked the column. */
static bool read_all(const char *folder, uint64_t n, uint64_t first)
{
    struct sample s;
    struct reading reading = {.first = first};
    struct evo_checkpoint *checkpoint = open_newest(folder);
    sample_init(&s);
    add_column(&s);
    check_ok(evo_checkpoint_tail(checkpoint, s.history));
    check_ok(evo_ledger_read(checkpoint, folder, s.history, check_block, &reading));
    assert_int_equal(reading.next, n);
    evo_checkpoint_close(checkpoint);
    sample_fini(&s);
    return reading.lacking;
}

static void a_ledger_without_the_column_loads_and_goes_on_over_its_sealed_segments(void **state)
{
    const char *folder = *state;
    sample_save(folder, 1, 1, N_ROWS);
    assert_true(read_all(folder, N_ROWS, UINT64_MAX));
    save_later(folder, 2, 5);
    assert_false(read_all(folder, N_ROWS + 5, N_ROWS));
    /* The next segment is sealed at the row where it always was, with the column. */
    save_later(folder, 3, SAMPLE_SEGMENT);
    assert_true(is_in_folder(folder, "history/00000001.h5"));
    assert_false(is_in_folder(folder, "history/00000002.h5"));
    assert_false(read_all(folder, N_ROWS + 5 + SAMPLE_SEGMENT, N_ROWS));
}

static void sealed_segments_stay_byte_for_byte_what_they_were(void **state)
{
    const char *folder = *state;
    char *path = in_folder(folder, "history/00000000.h5"), *before = NULL, *after = NULL;
    size_t n_before = 0, n_after = 0;
    sample_save(folder, 1, 1, N_ROWS);
    check_ok(evo_file_read(path, SIZE_MAX / 4, &before, &n_before));
    save_later(folder, 2, 2 * SAMPLE_SEGMENT);
    check_ok(evo_file_read(path, SIZE_MAX / 4, &after, &n_after));
    assert_int_equal(n_before, n_after);
    assert_memory_equal(before, after, n_before);
    free(before);
    free(after);
    free(path);
}

static void an_older_version_reads_what_a_later_one_wrote(void **state)
{
    const char *folder = *state;
    save_later(folder, 1, N_ROWS);
    sample_save(folder, 2, 2, 5);
    assert_int_equal(sample_check(folder), 2);
}

/* ---- fields ---- */

static void a_field_that_the_file_lacks_has_its_value_and_one_that_it_has_the_files(void **state)
{
    const char *folder = *state;
    const uint64_t value = 42;
    uint64_t scalar = 0, vector[3] = {0};
    double fitness[SAMPLE_N];
    sample_save(folder, 1, 1, 1);
    struct evo_checkpoint *checkpoint = open_newest(folder);
    const struct evo_field fields[] = {
        {"added", "1", "", EVO_TYPE_U64, false, 1, 0, &scalar, &value},
        {"added_too", "1", "", EVO_TYPE_U64, false, 1, 3, vector, &value},
        {"fitness", "m", "", EVO_TYPE_F64, false, SAMPLE_N, 0, fitness, &absent},
    };
    const struct evo_section section = {"population", "", fields, 3};
    check_ok(evo_checkpoint_load(checkpoint, &section));
    assert_true(scalar == 42 && vector[0] == 42 && vector[2] == 42);
    assert_true(fitness[3] == sample_value(1, 3) && fitness[3] != absent);
    evo_checkpoint_close(checkpoint);
}

static void one_that_is_there_but_does_not_fit_is_refused_all_the_same(void **state)
{
    const char *folder = *state;
    uint64_t room[SAMPLE_N];
    sample_save(folder, 1, 1, 1);
    struct evo_checkpoint *checkpoint = open_newest(folder);
    const struct evo_field field = {"fitness", "m", "", EVO_TYPE_U64, false, SAMPLE_N, 0, room, &absent};
    const struct evo_section section = {"population", "", &field, 1};
    check_fails(evo_checkpoint_load(checkpoint, &section), EVO_ERR_CHECKPOINT,
                "fitness is f64[37]; this run needs u64[37]");
    const struct evo_section elsewhere = {"nowhere", "", &field, 1};
    check_fails(evo_checkpoint_load(checkpoint, &elsewhere), EVO_ERR_CHECKPOINT, "no group nowhere");
    evo_checkpoint_close(checkpoint);
}

/* ---- comparing ---- */

static void check_says(const char *a, const char *b, bool all, const char *says)
{
    char *difference = NULL;
    check_ok(evo_store_compare(a, b, all, &difference));
    if (says == NULL && difference != NULL) { fail_msg("%s", difference); }
    if (says != NULL) { assert_non_null(difference); }
    if (says != NULL && strstr(difference, says) == NULL) { fail_msg("%s", difference); }
    free(difference);
}

static void compare_versions(const char *folder)
{
    char *older = in_folder(folder, "older"), *later = in_folder(folder, "later"), says[64];
    sample_save(older, 1, 1, N_ROWS);
    save_later(later, 1, N_ROWS);
    check_says(older, later, false, NULL);
    check_says(later, older, false, NULL);
    snprintf(says, sizeof says, "history/%s: not there against there", added);
    check_says(older, later, true, says);
    /* Gone on with, its sealed segments still lack the column, and its tail has rows without it. */
    save_later(older, 2, 5);
    save_later(later, 2, 5);
    snprintf(says, sizeof says, "history/%s[4096]: 7.5 ", added);
    check_says(older, later, false, says);
    free(older);
    free(later);
}

static void what_an_older_version_did_not_write_is_no_difference(void **state) { compare_versions(*state); }

/* Columns are compared in the order of their names: the first says how many rows there are. */
static void nor_is_it_where_its_name_comes_first(void **state)
{
    added = "again";
    compare_versions(*state);
    added = "extra";
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_ledger_without_the_column_loads_and_goes_on_over_its_sealed_segments),
        STORE_TEST(sealed_segments_stay_byte_for_byte_what_they_were),
        STORE_TEST(an_older_version_reads_what_a_later_one_wrote),
        STORE_TEST(a_field_that_the_file_lacks_has_its_value_and_one_that_it_has_the_files),
        STORE_TEST(one_that_is_there_but_does_not_fit_is_refused_all_the_same),
        STORE_TEST(what_an_older_version_did_not_write_is_no_difference),
        STORE_TEST(nor_is_it_where_its_name_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
