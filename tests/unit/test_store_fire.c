/* SPDX-License-Identifier: MIT */
/* The store under fire: killed writers, full disks, folders that vanish, readers in between. */
#include "store_sample.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { N_KILLS = 120, N_READS = 300 };

/* ---- a job in another process ---- */

/* What the job has reported so far; shared with the test. */
struct report {
    volatile uint64_t saved, started;
};

static struct report *share_report(void)
{
    struct report *report =
        mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(report != MAP_FAILED);
    return report;
}

/* Resumes, then saves generation after generation until it is killed. Ends with 1 when the store
 * fails in any way. */
static void run_job(const char *folder, struct report *report)
{
    struct sample s;
    struct evo_store *store = NULL;
    struct evo_checkpoint *checkpoint = NULL;
    char *path = NULL;
    bool found = false;
    sample_init(&s);
    if (evo_store_open(folder, false, &store) != EVO_OK) { _exit(1); }
    if (evo_checkpoint_find(folder, &checkpoint, &path, &found) == EVO_OK) {
        if (sample_load(&s, checkpoint) != EVO_OK) { _exit(1); }
        evo_store_adopt(store, checkpoint);
        evo_checkpoint_close(checkpoint);
    } else if (found) {
        _exit(1);
    }
    report->started++;
    for (uint64_t g = s.generation + 1;; g++) {
        uint64_t saved = 0;
        sample_advance(&s, g, 900);
        if (evo_store_submit(store, &s.snapshot) != EVO_OK) { _exit(1); }
        if (evo_store_saved(store, &saved, NULL, NULL) != EVO_OK) { _exit(1); }
        if (saved > 0) { report->saved = saved; }
    }
}

static pid_t start_job(const char *folder, struct report *report)
{
    pid_t job = fork();
    assert_true(job >= 0);
    if (job == 0) { run_job(folder, report); }
    return job;
}

static void kill_job(pid_t job)
{
    int status = 0;
    assert_int_equal(kill(job, SIGKILL), 0);
    assert_int_equal(waitpid(job, &status, 0), job);
    assert_true(WIFSIGNALED(status)); // it had not given up by itself
}

static enum evo_status count_rows(void *context, const struct evo_table *block)
{
    uint64_t *next = context;
    assert_int_equal(block->first_row, *next);
    for (size_t i = 0; i < block->n_rows; i++, ++*next) {
        assert_int_equal(((uint64_t *)block->data[0])[i], *next);
    }
    return EVO_OK;
}

/* The ledger has these rows, all of them. */
static void check_rows(const char *folder, uint64_t n_rows)
{
    struct sample s;
    struct evo_checkpoint *checkpoint = NULL;
    char *path = NULL;
    bool found = false;
    uint64_t n = 0;
    sample_init(&s);
    check_ok(evo_checkpoint_find(folder, &checkpoint, &path, &found));
    check_ok(evo_checkpoint_tail(checkpoint, s.history));
    check_ok(evo_ledger_read(checkpoint, folder, s.history, count_rows, &n));
    assert_int_equal(n, n_rows);
    free(path);
    evo_checkpoint_close(checkpoint);
    sample_fini(&s);
}

static void a_killed_job_leaves_a_whole_checkpoint_no_older_than_it_said(void **state)
{
    struct report *report = share_report();
    uint64_t before = 0;
    for (int i = 0; i < N_KILLS; i++) {
        uint64_t started = report->started;
        pid_t job = start_job(*state, report);
        while (report->started == started) { usleep(100); }
        /* Every other time it gets something done first, however slow the machine. */
        while (i % 2 == 0 && report->saved <= before) { usleep(100); }
        usleep((useconds_t)(i * 131 % 7000));
        kill_job(job);
        if (report->saved == 0) { continue; }
        uint64_t generation = sample_check(*state);
        assert_true(generation >= report->saved && generation >= before);
        check_rows(*state, 900 * generation);
        before = generation;
    }
    assert_true(before > 0);
    munmap(report, sizeof *report);
}

static void a_reader_beside_the_writer_always_finds_a_whole_checkpoint(void **state)
{
    struct report *report = share_report();
    uint64_t before = 0;
    pid_t job = start_job(*state, report);
    while (report->saved == 0) { usleep(100); }
    for (int i = 0; i < N_READS; i++) {
        uint64_t generation = sample_check(*state);
        assert_true(generation >= before);
        before = generation;
    }
    kill_job(job);
    munmap(report, sizeof *report);
}

/* ---- writes that fail ---- */

/* Saves generation 1, lets `harm` strike, and tries generation 2: one clear error, which every
 * later call repeats, and generation 1 stays. */
static void check_failed_write(const char *folder, void (*harm)(const char *folder),
                               const char *says)
{
    struct sample s;
    struct evo_store *store = NULL;
    uint64_t saved = 0;
    sample_init(&s);
    check_ok(evo_store_open(folder, true, &store));
    sample_advance(&s, 1, 3);
    check_ok(evo_store_submit(store, &s.snapshot));
    check_ok(evo_store_drain(store));
    harm(folder);
    sample_advance(&s, 2, 3 * SAMPLE_SEGMENT);
    check_ok(evo_store_submit(store, &s.snapshot));
    check_fails(evo_store_drain(store), EVO_ERR_IO, says);
    check_fails(evo_store_saved(store, &saved, NULL, NULL), EVO_ERR_IO, says);
    assert_int_equal(saved, 1);
    size_t n_rows = s.history->n_rows;
    check_fails(evo_store_submit(store, &s.snapshot), EVO_ERR_IO, says);
    assert_int_equal(s.history->n_rows, n_rows);
    check_fails(evo_store_close(store), EVO_ERR_IO, says);
    sample_fini(&s);
}

static void limit_file_size(const char *folder)
{
    (void)folder;
    struct rlimit limit = {.rlim_cur = 4096, .rlim_max = RLIM_INFINITY};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_file_size_limit_ends_in_one_error_and_the_old_checkpoint_stays(void **state)
{
    /* SIGXFSZ keeps its default, which ends the process: the writer must not receive it. */
    check_failed_write(*state, limit_file_size, "File too large");
    struct rlimit none = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_int_equal(sample_check(*state), 1);
    assert_false(is_in_folder(*state, "checkpoint.h5.tmp"));
}

/* Leaves less than a page on the file system of the folder. */
static void fill_disk(const char *folder)
{
    char *path = in_folder(folder, "filler"), block[4096] = "";
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    while (fwrite(block, sizeof block, 1, file) == 1 && fflush(file) == 0) { continue; }
    fclose(file);
    free(path);
}

static void a_full_disk_ends_in_one_error_and_the_old_checkpoint_stays(void **state)
{
    if (mount("evompi", *state, "tmpfs", 0, "size=2m") != 0) { skip(); }
    char *folder = in_folder(*state, "run"), *filler = in_folder(folder, "filler");
    check_failed_write(folder, fill_disk, "No space left on device");
    assert_int_equal(sample_check(folder), 1);
    /* With room again, the run goes on from there. */
    assert_int_equal(unlink(filler), 0);
    sample_save(folder, 2, 3, 1);
    assert_int_equal(sample_check(folder), 3);
    free(filler);
    free(folder);
    assert_int_equal(umount(*state), 0);
}

static void a_folder_removed_under_the_run_ends_in_one_error(void **state)
{
    char *folder = in_folder(*state, "run");
    check_failed_write(folder, remove_folder, "No such file or directory");
    assert_false(evo_file_exists(folder, NULL));
    free(folder);
}

static void block_checkpoint(const char *folder)
{
    char *path = in_folder(folder, "checkpoint.h5.tmp/in the way");
    check_ok(evo_file_make_folder(path));
    free(path);
}

static void a_temporary_file_that_cannot_be_made_leaves_the_old_checkpoint(void **state)
{
    check_failed_write(*state, block_checkpoint, "Is a directory");
    assert_int_equal(sample_check(*state), 1);
}

/* Three tries fail, each with new rows behind the snapshot that waits; then the way is free. */
static void a_failed_write_tried_again_is_whole_and_no_row_is_lost(void **state)
{
    struct sample s;
    struct evo_store *store = NULL;
    uint64_t saved = 0;
    sample_init(&s);
    check_ok(evo_store_open(*state, true, &store));
    evo_store_retry(store); // nothing failed: nothing happens
    sample_advance(&s, 1, 900);
    check_ok(evo_store_submit(store, &s.snapshot));
    check_ok(evo_store_drain(store));
    block_checkpoint(*state);
    sample_advance(&s, 2, 900 + 2 * SAMPLE_SEGMENT);
    check_ok(evo_store_submit(store, &s.snapshot));
    for (int i = 0; i < 3; i++) {
        check_fails(evo_store_drain(store), EVO_ERR_IO, "generation 2 cannot be saved");
        assert_int_equal(sample_check(*state), 1);
        evo_store_retry(store);
    }
    check_fails(evo_store_drain(store), EVO_ERR_IO, "Is a directory");
    char *way = in_folder(*state, "checkpoint.h5.tmp");
    remove_folder(way);
    free(way);
    evo_store_retry(store);
    check_ok(evo_store_drain(store));
    check_ok(evo_store_saved(store, &saved, NULL, NULL));
    assert_int_equal(saved, 2);
    sample_advance(&s, 3, 7);
    check_ok(evo_store_submit(store, &s.snapshot));
    check_ok(evo_store_close(store));
    assert_int_equal(sample_check(*state), 3);
    check_rows(*state, 900 + 900 + 2 * SAMPLE_SEGMENT + 7);
    sample_fini(&s);
}

static void replace_folder(const char *folder)
{
    remove_folder(folder);
    check_ok(evo_file_make_folder(folder));
    put_in_folder(folder, "lock", "another job's", 13);
}

static void a_folder_that_another_took_the_place_of_is_not_written_to(void **state)
{
    char *folder = in_folder(*state, "run");
    check_failed_write(folder, replace_folder, "another run folder stands in the place");
    assert_false(is_in_folder(folder, "checkpoint.h5"));
    free(folder);
}

static int be_quiet(void **state)
{
    (void)state;
    evo_log_set_level(EVO_LOG_ERROR);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_killed_job_leaves_a_whole_checkpoint_no_older_than_it_said),
        STORE_TEST(a_reader_beside_the_writer_always_finds_a_whole_checkpoint),
        STORE_TEST(a_file_size_limit_ends_in_one_error_and_the_old_checkpoint_stays),
        STORE_TEST(a_full_disk_ends_in_one_error_and_the_old_checkpoint_stays),
        STORE_TEST(a_folder_removed_under_the_run_ends_in_one_error),
        STORE_TEST(a_temporary_file_that_cannot_be_made_leaves_the_old_checkpoint),
        STORE_TEST(a_failed_write_tried_again_is_whole_and_no_row_is_lost),
        STORE_TEST(a_folder_that_another_took_the_place_of_is_not_written_to),
    };
    return cmocka_run_group_tests(tests, be_quiet, NULL);
}
