/* SPDX-License-Identifier: MIT */
/* The store in good weather: what is saved comes back, in order, once, and in the right folder. */
#include "store_sample.h"

#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- checkpoints ---- */

static void every_type_and_shape_comes_back_bit_for_bit(void **state)
{
    const char *folder = *state;
    struct sample s, got;
    struct evo_store *store = NULL;
    struct evo_checkpoint *checkpoint = NULL;
    char *path = NULL, *text = NULL;
    bool found = false;
    sample_init(&s);
    sample_init(&got);
    sample_advance(&s, 3, 5);
    /* Doubles that arithmetic or printing would not keep. */
    const uint64_t bits[] = {0x7ff8dead0000beefu, 0xfff0000000000001u, 0x8000000000000000u, 1};
    memcpy(s.fitness, bits, sizeof bits);
    s.fitness[4] = INFINITY, s.fitness[5] = -INFINITY;
    s.id[0] = UINT64_MAX, s.offset[0] = INT64_MIN;

    check_ok(evo_store_open(folder, true, &store));
    check_ok(evo_store_submit(store, &s.snapshot));
    check_ok(evo_store_close(store));
    check_ok(evo_checkpoint_find(folder, &checkpoint, &path, &found));
    check_ok(sample_load(&got, checkpoint));
    assert_true(sample_equals(&got, &s));
    assert_memory_equal(&got.seconds, &s.seconds, sizeof s.seconds);
    assert_int_equal(evo_checkpoint_generation(checkpoint), 3);
    check_ok(evo_checkpoint_text(checkpoint, "run", "config", &text));
    assert_string_equal(text, s.text);
    assert_int_equal(got.history->n_rows, 5);
    for (size_t i = 0; i < SAMPLE_COLUMNS; i++) {
        size_t bytes = 5 * evo_table_width(&sample_columns[i]) * EVO_CELL_BYTES;
        assert_memory_equal(got.history->data[i], s.history->data[i], bytes);
    }
    free(text);
    free(path);
    evo_checkpoint_close(checkpoint);
    sample_fini(&got);
    sample_fini(&s);
}

static void a_field_may_have_any_small_or_odd_shape(void **state)
{
    static const size_t shapes[][2] = {{1, 0},     {1, 1},     {7, 1}, {1, 9}, {40000, 0},
                                       {33333, 3}, {2, 40000}, {0, 0}, {0, 5}};
    enum { N = sizeof shapes / sizeof *shapes };
    struct evo_store *store = NULL;
    struct evo_checkpoint *checkpoint = NULL;
    struct evo_field fields[N], read[N];
    char names[N][8], *path = in_folder(*state, "checkpoint.h5");
    for (size_t i = 0; i < N; i++) {
        size_t n = shapes[i][0] * (shapes[i][1] > 0 ? shapes[i][1] : 1);
        snprintf(names[i], sizeof names[i], "f%zu", i);
        fields[i] = (struct evo_field){.name = names[i],
                                       .unit = "m",
                                       .doc = "",
                                       .type = EVO_TYPE_F64,
                                       .n_rows = shapes[i][0],
                                       .n_cols = shapes[i][1]};
        read[i] = fields[i];
        check_ok(evo_alloc(n, EVO_CELL_BYTES, "a", &fields[i].data));
        check_ok(evo_alloc(n, EVO_CELL_BYTES, "b", &read[i].data));
        for (size_t k = 0; k < n; k++) { ((double *)fields[i].data)[k] = sample_value(i, k); }
    }
    struct evo_section section = {"odd", "shapes", fields, N}, again = {"odd", "shapes", read, N};
    struct evo_snapshot snapshot = {.generation = 1, .sections = &section, .n_sections = 1};
    check_ok(evo_store_open(*state, false, &store));
    check_ok(evo_store_submit(store, &snapshot));
    check_ok(evo_store_close(store));
    check_ok(evo_checkpoint_open(path, &checkpoint));
    check_ok(evo_checkpoint_load(checkpoint, &again));
    for (size_t i = 0; i < N; i++) {
        size_t n = shapes[i][0] * (shapes[i][1] > 0 ? shapes[i][1] : 1);
        assert_memory_equal(fields[i].data, read[i].data, n * EVO_CELL_BYTES);
        free(fields[i].data);
        free(read[i].data);
    }
    evo_checkpoint_close(checkpoint);
    free(path);
}

static void what_was_submitted_may_change_at_once(void **state)
{
    struct sample s;
    struct evo_store *store = NULL;
    sample_init(&s);
    check_ok(evo_store_open(*state, false, &store));
    for (uint64_t g = 1; g <= 200; g++) {
        sample_advance(&s, g, 1);
        check_ok(evo_store_submit(store, &s.snapshot));
        memset(s.genomes, 0xff, sizeof s.genomes);
        memset(s.text, 'x', sizeof s.text);
    }
    check_ok(evo_store_close(store));
    assert_int_equal(sample_check(*state), 200);
    sample_fini(&s);
}

static void saved_tells_what_is_on_disk(void **state)
{
    struct sample s;
    struct evo_store *store = NULL;
    uint64_t generation = 99;
    bool busy = true;
    double seconds = -1.0;
    sample_init(&s);
    check_ok(evo_store_open(*state, false, &store));
    check_ok(evo_store_saved(store, &generation, &busy, NULL));
    assert_int_equal(generation, 0);
    assert_false(busy);
    sample_advance(&s, 8, 1);
    check_ok(evo_store_submit(store, &s.snapshot));
    check_ok(evo_store_drain(store));
    check_ok(evo_store_saved(store, &generation, &busy, &seconds));
    assert_int_equal(generation, 8);
    assert_false(busy);
    assert_true(seconds > 0.0);
    assert_int_equal(sample_check(*state), 8);
    check_ok(evo_store_close(store));
    sample_fini(&s);
}

static void the_checkpoint_before_is_kept(void **state)
{
    const char *folder = *state;
    sample_save(folder, 1, 7, 1);
    assert_int_equal(sample_check(folder), 7);
    char *newest = in_folder(folder, "checkpoint.h5");
    assert_int_equal(unlink(newest), 0);
    assert_int_equal(sample_check(folder), 6);
    free(newest);
}

static void equal_states_are_equal_bytes(void **state)
{
    const char *folder = *state;
    char *a = in_folder(folder, "a"), *b = in_folder(folder, "b");
    size_t n_a = 0, n_b = 0;
    sample_save(a, 1, 9, 1);
    /* b: the same run, its first half from a's memory, through other buffers. */
    char *half = in_folder(a, "checkpoint.h5");
    struct evo_checkpoint *checkpoint = NULL;
    struct evo_store *store = NULL;
    struct sample s;
    sample_init(&s);
    check_ok(evo_checkpoint_open(half, &checkpoint));
    check_ok(evo_store_open(b, false, &store));
    evo_store_adopt(store, checkpoint);
    sample_advance(&s, 5, 3000);
    check_ok(evo_store_submit(store, &s.snapshot));
    check_ok(evo_store_drain(store));
    check_ok(sample_load(&s, checkpoint));
    /* HDF5 keeps times by the second: b is to be made in another one than a. */
    for (time_t began = time(NULL); time(NULL) == began;) { usleep(10000); }
    check_ok(evo_store_submit(store, &s.snapshot));
    check_ok(evo_store_close(store));

    char *bytes_a = read_in_folder(a, "checkpoint.h5", &n_a);
    char *bytes_b = read_in_folder(b, "checkpoint.h5", &n_b);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(bytes_a, bytes_b, n_a);
    free(bytes_a);
    free(bytes_b);
    evo_checkpoint_close(checkpoint);
    sample_fini(&s);
    free(half);
    free(a);
    free(b);
}

static void texts_follow_and_are_rewritten_only_when_they_change(void **state)
{
    const char *folder = *state;
    struct sample s;
    struct evo_store *store = NULL;
    struct stat first, same, changed;
    char *path = in_folder(folder, "champion.csv");
    sample_init(&s);
    check_ok(evo_store_open(folder, false, &store));
    struct {
        const char *text;
        struct stat *info;
    } steps[] = {{"one\n", &first}, {"one\n", &same}, {"two\n", &changed}};
    for (size_t i = 0; i < 3; i++) {
        sample_advance(&s, i + 1, 1);
        s.champion.text = steps[i].text;
        check_ok(evo_store_submit(store, &s.snapshot));
        check_ok(evo_store_drain(store));
        assert_int_equal(stat(path, steps[i].info), 0);
        size_t n = 0;
        char *text = read_in_folder(folder, "champion.csv", &n);
        assert_string_equal(text, steps[i].text);
        free(text);
    }
    assert_int_equal(first.st_ino, same.st_ino);
    assert_true(first.st_mtim.tv_nsec == same.st_mtim.tv_nsec);
    assert_true(first.st_ino != changed.st_ino || first.st_mtim.tv_nsec != changed.st_mtim.tv_nsec);
    check_ok(evo_store_close(store));
    sample_fini(&s);
    free(path);
}

static void h5dump_opens_a_checkpoint_as_it_is(void **state)
{
    char *command = NULL;
    if (system("h5dump --version > /dev/null 2>&1") != 0) { skip(); }
    sample_save(*state, 1, 2, 1);
    check_ok(evo_text_format(&command,
                             "h5dump -d /population/fitness '%s/checkpoint.h5' | "
                             "grep -q 'smaller is better'",
                             (const char *)*state));
    assert_int_equal(system(command), 0);
    free(command);
}

/* ---- ledgers ---- */

/* Rows arrive in order, none twice. */
static enum evo_status count_in_order(void *context, const struct evo_table *block)
{
    uint64_t *next = context;
    assert_int_equal(block->first_row, *next);
    for (size_t i = 0; i < block->n_rows; i++, ++*next) {
        assert_int_equal(((uint64_t *)block->data[0])[i], *next);
        assert_true(((double *)block->data[1])[i] == sample_value(*next, 0));
        assert_true(((double *)block->data[2])[3 * i + 1] == -sample_value(*next, 0));
    }
    return EVO_OK;
}

/* Reads the whole ledger of a folder's newest checkpoint; returns its rows. */
static enum evo_status read_ledger(const char *folder, const char *segments, uint64_t *n)
{
    struct sample s;
    struct evo_checkpoint *checkpoint = NULL;
    char *path = NULL;
    bool found = false;
    *n = 0;
    sample_init(&s);
    check_ok(evo_checkpoint_find(folder, &checkpoint, &path, &found));
    check_ok(evo_checkpoint_tail(checkpoint, s.history));
    enum evo_status status = evo_ledger_read(checkpoint, segments, s.history, count_in_order, n);
    free(path);
    evo_checkpoint_close(checkpoint);
    sample_fini(&s);
    return status;
}

static void a_ledger_keeps_every_row_across_segments(void **state)
{
    static const size_t steps[] = {1, 4094, 4095, 4096, 4097, 8192, 10000};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        char name[32];
        uint64_t n = 0;
        snprintf(name, sizeof name, "run%zu", i);
        char *folder = in_folder(*state, name);
        sample_save(folder, 1, 4, steps[i]);
        sample_save(folder, 5, 6, 1);
        check_ok(read_ledger(folder, folder, &n));
        assert_int_equal(n, 4 * steps[i] + 2);
        size_t n_sealed = (4 * steps[i] + 2) / SAMPLE_SEGMENT;
        snprintf(name, sizeof name, "history/%08zu.h5", n_sealed);
        assert_false(is_in_folder(folder, name));
        snprintf(name, sizeof name, "history/%08zu.h5", n_sealed - 1);
        if (n_sealed > 0) { assert_true(is_in_folder(folder, name)); }
        free(folder);
    }
}

static void segments_beyond_an_older_checkpoint_are_ignored_then_replaced(void **state)
{
    const char *folder = *state;
    uint64_t n = 0;
    size_t size = 0;
    sample_save(folder, 1, 1, 3 * SAMPLE_SEGMENT + 7);
    char *older = read_in_folder(folder, "checkpoint.h5", &size);
    sample_save(folder, 2, 3, SAMPLE_SEGMENT);
    put_in_folder(folder, "checkpoint.h5", older, size);
    check_ok(read_ledger(folder, folder, &n));
    assert_int_equal(n, 3 * SAMPLE_SEGMENT + 7);
    /* A stale segment that is broken as well must not be in the way. */
    put_in_folder(folder, "history/00000003.h5", "junk", 4);
    sample_save(folder, 2, 2, SAMPLE_SEGMENT);
    check_ok(read_ledger(folder, folder, &n));
    assert_int_equal(n, 4 * SAMPLE_SEGMENT + 7);
    free(older);
}

static void a_segment_of_another_run_is_refused(void **state)
{
    char *a = in_folder(*state, "a"), *b = in_folder(*state, "b");
    uint64_t n = 0;
    sample_save(a, 1, 1, SAMPLE_SEGMENT + 1);
    sample_save(b, 1, 1, SAMPLE_SEGMENT + 1);
    check_ok(read_ledger(a, a, &n));
    check_fails(read_ledger(a, b, &n), EVO_ERR_CHECKPOINT, "belongs to another run");
    free(a);
    free(b);
}

static void a_damaged_or_missing_segment_is_named(void **state)
{
    const char *folder = *state;
    uint64_t n = 0;
    size_t size = 0;
    sample_save(folder, 1, 1, 2 * SAMPLE_SEGMENT + 1);
    char *bytes = read_in_folder(folder, "history/00000001.h5", &size);
    bytes[size / 2] ^= 1;
    put_in_folder(folder, "history/00000001.h5", bytes, size);
    check_fails(read_ledger(folder, folder, &n), EVO_ERR_CHECKPOINT, "00000001.h5: is damaged");
    bytes[size / 2] ^= 1;
    /* Whole, of this run, but in the wrong place. */
    put_in_folder(folder, "history/00000000.h5", bytes, size);
    check_fails(read_ledger(folder, folder, &n), EVO_ERR_CHECKPOINT, "00000000.h5: holds");
    free(bytes);
    char *first = in_folder(folder, "history/00000000.h5");
    assert_int_equal(unlink(first), 0);
    check_fails(read_ledger(folder, folder, &n), EVO_ERR_CHECKPOINT, "00000000.h5: cannot be");
    free(first);
}

static void a_ledger_is_copied_to_another_folder(void **state)
{
    char *a = in_folder(*state, "a"), *b = in_folder(*state, "b");
    char *path = in_folder(a, "checkpoint.h5");
    struct sample s;
    struct evo_checkpoint *checkpoint = NULL;
    uint64_t n = 0;
    sample_init(&s);
    sample_save(a, 1, 1, 2 * SAMPLE_SEGMENT + 5);
    check_ok(evo_checkpoint_open(path, &checkpoint));
    check_ok(evo_checkpoint_tail(checkpoint, s.history));
    check_ok(evo_file_make_folder(b));
    check_ok(evo_ledger_copy(checkpoint, a, b, s.history));
    check_ok(read_ledger(a, b, &n));
    assert_int_equal(n, 2 * SAMPLE_SEGMENT + 5);
    evo_checkpoint_close(checkpoint);
    sample_fini(&s);
    free(path);
    free(a);
    free(b);
}

/* ---- folders ---- */

static void a_second_job_in_the_folder_is_refused_until_the_first_has_died(void **state)
{
    const char *folder = *state;
    struct evo_store *store = NULL;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct evo_store *held = NULL;
        enum evo_status status = evo_store_open(folder, false, &held);
        char told = status == EVO_OK ? 'y' : 'n';
        if (write(ready[1], &told, 1) != 1) { _exit(1); }
        for (;;) { pause(); }
    }
    char told = '?';
    assert_int_equal(read(ready[0], &told, 1), 1);
    assert_int_equal(told, 'y');
    char process[32];
    snprintf(process, sizeof process, "process %ld", (long)child);
    check_fails(evo_store_open(folder, false, &store), EVO_ERR_BUSY, process);

    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    check_ok(evo_store_open(folder, false, &store));
    struct evo_store *second = NULL;
    check_fails(evo_store_open(folder, false, &second), EVO_ERR_BUSY, "another job");
    check_ok(evo_store_close(store));
    close(ready[0]);
    close(ready[1]);
}

static void a_file_in_place_of_the_folder_is_an_error(void **state)
{
    struct evo_store *store = NULL;
    put_in_folder(*state, "run", "x", 1);
    char *path = in_folder(*state, "run");
    check_fails(evo_store_open(path, false, &store), EVO_ERR_IO, "run");
    free(path);
}

static bool holds_run(const char *folder)
{
    struct evo_store_contents held;
    check_ok(evo_store_look(folder, &held));
    return held.checkpoint || held.ledgers;
}

static void clear_removes_what_a_run_made_and_nothing_else(void **state)
{
    static const char *const ours[] = {
        "checkpoint.h5", "checkpoint.prev.h5", "champion.csv", "stop", "log.txt", "history"};
    static const char *const others[] = {"config.ini",       "notes.txt", "00000000.h5", "data",
                                         "data/00000000.h5", "data/x.h5",
                                         "data/00000001.h5.tmp", "empty"};
    const char *folder = *state;
    struct evo_store *store = NULL;
    assert_false(holds_run(folder));
    sample_save(folder, 1, 2, 2 * SAMPLE_SEGMENT);
    assert_true(holds_run(folder));
    put_in_folder(folder, "stop", "", 0);
    static const char log[] = "2026-11-26T07:51:07-01:00 evompi 0.1.0: a line\n";
    put_in_folder(folder, "log.txt", log, sizeof log - 1);
    put_in_folder(folder, "history/00000009.h5.tmp", "torn", 4);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        bool is_folder = strchr(others[i], '.') == NULL;
        char *path = in_folder(folder, others[i]);
        check_ok(is_folder ? evo_file_make_folder(path)
                           : evo_file_replace(path, NULL, "mine", 4, false));
        free(path);
    }
    check_ok(evo_store_open(folder, false, &store));
    check_ok(evo_store_clear(store));
    check_ok(evo_store_close(store));
    assert_false(holds_run(folder));
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        assert_false(is_in_folder(folder, ours[i]));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_true(is_in_folder(folder, others[i]));
    }
}

static void a_folder_holds_a_run_also_when_its_checkpoints_are_gone(void **state)
{
    const char *folder = *state;
    sample_save(folder, 1, 2, SAMPLE_SEGMENT);
    char *newest = in_folder(folder, "checkpoint.h5");
    char *previous = in_folder(folder, "checkpoint.prev.h5");
    assert_int_equal(unlink(newest), 0);
    assert_true(holds_run(folder));
    assert_int_equal(unlink(previous), 0);
    assert_true(holds_run(folder));
    free(newest);
    free(previous);
}

/* Puts one foreign file at a run's place at a time: it is named, and nothing is removed. */
static void clear_names_what_is_not_a_runs_before_it_removes_anything(void **state)
{
    static const char *const names[] = {"checkpoint.h5", "checkpoint.prev.h5",  "checkpoint.damaged.h5",
                                        "champion.csv",  "log.txt",             "history/00000000.h5",
                                        "lineage/00000000.h5"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char run[16], *folder = NULL, *path = NULL;
        struct evo_store *store = NULL;
        snprintf(run, sizeof run, "run%zu", i);
        folder = in_folder(*state, run);
        sample_save(folder, 1, 2, SAMPLE_SEGMENT);
        path = in_folder(folder, "lineage");
        check_ok(evo_file_make_folder(path));
        put_in_folder(folder, names[i], "2026-11-26T07:51:07+00:00 mine", 30);
        check_ok(evo_store_open(folder, false, &store));
        check_fails(evo_store_clear(store), EVO_ERR_CONFIG, names[i]);
        check_ok(evo_store_close(store));
        assert_true(is_in_folder(folder, "checkpoint.h5"));
        assert_true(is_in_folder(folder, "checkpoint.prev.h5"));
        assert_true(is_in_folder(folder, "history/00000001.h5"));
        free(path);
        free(folder);
    }
}

/* What cannot be looked at may be a run. (Root may look everywhere, but not through a dead link.) */
static void what_cannot_be_looked_at_is_no_empty_folder(void **state)
{
    static const char *const names[] = {"checkpoint.h5", "checkpoint.prev.h5", "history", "lineage"};
    struct evo_store_contents held;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = in_folder(*state, names[i]);
        assert_int_equal(symlink("/not/mounted", path), 0);
        check_fails(evo_store_look(*state, &held), EVO_ERR_IO, "cannot be reached");
        check_fails(evo_store_check_clear(*state), EVO_ERR_IO, "cannot be reached");
        assert_int_equal(unlink(path), 0);
        free(path);
    }
    /* A user's own may lead where it will. */
    char *path = in_folder(*state, "notes.txt");
    assert_int_equal(symlink("/not/mounted", path), 0);
    check_ok(evo_store_look(*state, &held));
    assert_false(held.checkpoint || held.ledgers || held.only_beginning);
    free(path);
}

static void segments_of_a_run_that_had_no_checkpoint_yet_are_told_from_those_of_one_that_lost_it(void **state)
{
    struct sample s;
    struct evo_store *store = NULL;
    struct evo_store_contents held;
    char *way = in_folder(*state, "checkpoint.h5.tmp");
    char *inside = in_folder(way, "in the way");
    sample_init(&s);
    check_ok(evo_store_open(*state, true, &store));
    check_ok(evo_file_make_folder(inside));
    sample_advance(&s, 1, SAMPLE_SEGMENT + 1);
    check_ok(evo_store_submit(store, &s.snapshot));
    check_fails(evo_store_drain(store), EVO_ERR_IO, "Is a directory");
    check_ok(evo_store_look(*state, &held));
    assert_true(held.ledgers && !held.checkpoint && held.only_beginning);
    remove_folder(way);
    evo_store_retry(store);
    check_ok(evo_store_close(store));
    check_ok(evo_store_look(*state, &held));
    assert_true(held.ledgers && held.checkpoint && !held.only_beginning);
    assert_false(is_in_folder(*state, "beginning"));
    sample_fini(&s);
    free(inside);
    free(way);
}

/* Segments that the folder has already, of this run, need no copy to come from. */
static void a_ledger_that_is_in_its_place_is_not_copied(void **state)
{
    char *run = in_folder(*state, "run"), *kept = in_folder(*state, "kept");
    char *path = in_folder(run, "checkpoint.h5"), *third = in_folder(run, "history/00000001.h5");
    struct sample s;
    struct evo_checkpoint *checkpoint = NULL;
    uint64_t n = 0;
    sample_init(&s);
    sample_save(run, 1, 1, 2 * SAMPLE_SEGMENT + 5);
    check_ok(evo_file_make_folder(kept));
    check_ok(evo_checkpoint_open(path, &checkpoint));
    check_ok(evo_checkpoint_tail(checkpoint, s.history));
    check_ok(evo_ledger_copy(checkpoint, kept, run, s.history));
    check_ok(read_ledger(run, run, &n));
    assert_int_equal(n, 2 * SAMPLE_SEGMENT + 5);
    assert_int_equal(unlink(third), 0);
    check_fails(evo_ledger_copy(checkpoint, kept, run, s.history), EVO_ERR_CHECKPOINT, "nor is it in");
    evo_checkpoint_close(checkpoint);
    sample_fini(&s);
    free(third);
    free(path);
    free(kept);
    free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(every_type_and_shape_comes_back_bit_for_bit),
        STORE_TEST(a_field_may_have_any_small_or_odd_shape),
        STORE_TEST(what_was_submitted_may_change_at_once),
        STORE_TEST(saved_tells_what_is_on_disk),
        STORE_TEST(the_checkpoint_before_is_kept),
        STORE_TEST(equal_states_are_equal_bytes),
        STORE_TEST(texts_follow_and_are_rewritten_only_when_they_change),
        STORE_TEST(h5dump_opens_a_checkpoint_as_it_is),
        STORE_TEST(a_ledger_keeps_every_row_across_segments),
        STORE_TEST(segments_beyond_an_older_checkpoint_are_ignored_then_replaced),
        STORE_TEST(a_segment_of_another_run_is_refused),
        STORE_TEST(a_damaged_or_missing_segment_is_named),
        STORE_TEST(a_ledger_is_copied_to_another_folder),
        STORE_TEST(a_second_job_in_the_folder_is_refused_until_the_first_has_died),
        STORE_TEST(a_file_in_place_of_the_folder_is_an_error),
        STORE_TEST(clear_removes_what_a_run_made_and_nothing_else),
        STORE_TEST(a_folder_holds_a_run_also_when_its_checkpoints_are_gone),
        STORE_TEST(clear_names_what_is_not_a_runs_before_it_removes_anything),
        STORE_TEST(what_cannot_be_looked_at_is_no_empty_folder),
        STORE_TEST(segments_of_a_run_that_had_no_checkpoint_yet_are_told_from_those_of_one_that_lost_it),
        STORE_TEST(a_ledger_that_is_in_its_place_is_not_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
