/* SPDX-License-Identifier: MIT */
/* Whatever a candidate does to the process that evaluates it costs this candidate and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_task_isolate.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- helpers: a batch, evaluated in a child ---------------------------------------------------- */

static struct evo_spawner *spawner;

static struct evo_isolate_setup usual(void)
{
    return (struct evo_isolate_setup){.spawner = spawner, .payload = "m", .n_payload = 2, .name = "test",
                                      .n_parameters = N_PARAMETERS, .n_results = N_RESULTS, .slice = 1,
                                      .timeout_s = 20, .output = -1};
}

struct lost {
    size_t n, i;
    char why[MESSAGE];
};

static void note_lost(void *context, const struct evo_batch *batch, size_t i, const char *why)
{
    struct lost *lost = context;
    assert_int_equal(batch->status[i], EVO_CANDIDATE_FAILED);
    lost->n++;
    lost->i = i;
    snprintf(lost->why, sizeof lost->why, "%s", why);
}

struct bench {
    struct evo_batch batch;
    double parameters[5000 * N_PARAMETERS], results[5000 * N_RESULTS];
    int32_t status[5000];
    char message[MESSAGE];
};

/* n good candidates. */
static struct bench *new_bench(size_t n)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    bench->batch = (struct evo_batch){sizeof bench->batch, 7, EVO_PURPOSE_SELECTION, n, N_PARAMETERS, N_RESULTS,
                                      2, 3, bench->parameters, bench->results, bench->status, bench->message,
                                      sizeof bench->message};
    for (size_t i = 0; i < n; i++) {
        bench->parameters[i * N_PARAMETERS + 1] = 1.0 + (double)i;
        bench->parameters[i * N_PARAMETERS + 2] = 0.1 * (double)i;
    }
    for (size_t i = 0; i < n * N_RESULTS; i++) { bench->results[i] = NAN; }
    return bench;
}

static void set_deed(struct bench *bench, size_t i, enum deed deed)
{
    bench->parameters[i * N_PARAMETERS] = (double)deed;
}

/* All candidates but `except` have the results of a good one. */
static void assert_good(const struct bench *bench, size_t except)
{
    struct bench *direct = new_bench(bench->batch.n);
    evaluate(NULL, &direct->batch);
    for (size_t i = 0; i < bench->batch.n; i++) {
        if (i == except) { continue; }
        if (memcmp(&bench->results[i * N_RESULTS], &direct->results[i * N_RESULTS], N_RESULTS * sizeof(double)) !=
                0 ||
            bench->status[i] != EVO_CANDIDATE_OK) {
            fail_msg("candidate %zu has %g, status %d", i, bench->results[i * N_RESULTS], bench->status[i]);
        }
    }
    free(direct);
}

/* One candidate of a batch does `deed`: it alone fails, for `why`; in slices of 1 and of 4. */
static void assert_costs_itself(enum deed deed, const char *why, struct evo_isolate_setup setup)
{
    struct lost lost = {0};
    setup.lost = note_lost;
    setup.context = &lost;
    for (setup.slice = 1; setup.slice <= 4; setup.slice += 3) {
        struct evo_isolate *isolate = NULL;
        struct bench *bench = new_bench(11);
        lost.n = 0;
        set_deed(bench, 6, deed);
        assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
        if (evo_isolate_evaluate(isolate, &bench->batch) != EVO_OK) { fail_msg("%s", evo_status_message()); }
        assert_good(bench, 6);
        assert_int_equal(bench->status[6], EVO_CANDIDATE_FAILED);
        assert_true(isnan(bench->results[6 * N_RESULTS]));
        assert_string_equal(bench->message, why);
        assert_string_equal(lost.why, why);
        assert_int_equal(lost.n, 1);
        assert_int_equal(lost.i, 6);
        evo_isolate_destroy(isolate);
        free(bench);
    }
}

/* One candidate does `deed`, and its child lives on. */
static struct bench *after_deed(enum deed deed, size_t slice)
{
    struct evo_isolate_setup setup = usual();
    struct evo_isolate *isolate = NULL;
    struct bench *bench = new_bench(11);
    setup.slice = slice;
    set_deed(bench, 6, deed);
    assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
    assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
    assert_int_equal(evo_isolate_starts(isolate), 1);
    evo_isolate_destroy(isolate);
    assert_good(bench, 6);
    return bench;
}

static void assert_refused(const char *payload, double ready_timeout_s, const char *message)
{
    struct evo_isolate_setup setup = usual();
    struct evo_isolate *isolate = NULL;
    setup.payload = payload;
    setup.ready_timeout_s = ready_timeout_s;
    assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_ERR_CONFIG);
    assert_null(isolate);
    assert_string_equal(evo_status_message(), message);
}

/* ---- tests ------------------------------------------------------------------------------------ */

static void results_are_those_of_a_direct_call(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 7, 1024, 1025, 5000};
    for (size_t slice = 1; slice <= 8; slice += 7) {
        struct evo_isolate_setup setup = usual();
        struct evo_isolate *isolate = NULL;
        setup.slice = slice;
        assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            struct bench *bench = new_bench(sizes[i]);
            assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
            assert_good(bench, SIZE_MAX);
            free(bench);
        }
        assert_int_equal(evo_isolate_starts(isolate), 1);
        evo_isolate_destroy(isolate);
    }
}

static void nan_infinity_and_a_failed_status_pass_through(void **state)
{
    (void)state;
    for (size_t slice = 1; slice <= 4; slice += 3) {
        struct bench *bench = after_deed(NOT_A_NUMBER, slice);
        assert_true(isnan(bench->results[12]) && bench->status[6] == EVO_CANDIDATE_OK);
        free(bench);
        bench = after_deed(INFINITE, slice);
        assert_true(bench->results[12] == INFINITY && bench->status[6] == EVO_CANDIDATE_OK);
        free(bench);
        bench = after_deed(FAIL, slice);
        assert_int_equal(bench->status[6], EVO_CANDIDATE_FAILED);
        assert_string_equal(bench->message, "the solver did not converge at 7");
        free(bench);
    }
}

static void a_message_without_end_and_a_strange_status_are_a_failure(void **state)
{
    (void)state;
    struct bench *bench = after_deed(LONG_MESSAGE, 1);
    assert_int_equal(bench->status[6], EVO_CANDIDATE_FAILED);
    assert_int_equal(strlen(bench->message), MESSAGE - 1);
    free(bench);
}

static void a_task_that_writes_its_parameters_changes_its_own_copy(void **state)
{
    (void)state;
    struct bench *bench = after_deed(PARAMETERS, 1);
    assert_true(bench->parameters[6 * N_PARAMETERS + 1] == 7.0);
    free(bench);
}

static void a_crash_costs_the_candidate_that_crashed(void **state)
{
    (void)state;
    assert_costs_itself(ABORT, "signal 6 (Aborted)", usual());
    assert_costs_itself(WRONG_POINTER, CRASHED, usual());
    assert_costs_itself(STACK, "signal 11 (Segmentation fault)", usual());
}

static void an_exit_costs_the_candidate_that_exits(void **state)
{
    (void)state;
    assert_costs_itself(EXIT, "exit code 3", usual());
}

static void an_endless_loop_costs_the_candidate_that_loops(void **state)
{
    (void)state;
    struct evo_isolate_setup setup = usual();
    setup.timeout_s = 0.2;
    struct evo_isolate *isolate = NULL;
    struct bench *bench = new_bench(3);
    set_deed(bench, 0, LOOP);
    set_deed(bench, 2, SLEEP);
    assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
    double begin_s = evo_clock_s();
    assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
    double took_s = evo_clock_s() - begin_s;
    assert_true(took_s >= 0.4 && took_s < 5.0);
    assert_int_equal(bench->status[0], EVO_CANDIDATE_FAILED);
    assert_int_equal(bench->status[1], EVO_CANDIDATE_OK);
    assert_int_equal(bench->status[2], EVO_CANDIDATE_FAILED);
    assert_string_equal(bench->message, "no answer within 0.2 s");
    evo_isolate_destroy(isolate);
    free(bench);
    assert_costs_itself(LOOP, "no answer within 0.2 s", setup);
}

static void a_batch_may_take_longer_than_one_candidate_may(void **state)
{
    (void)state;
    for (size_t slice = 1; slice <= 4; slice += 3) {
        struct evo_isolate_setup setup = usual();
        struct evo_isolate *isolate = NULL;
        struct bench *bench = new_bench(11);
        setup.timeout_s = 0.25;
        setup.slice = slice;
        for (size_t i = 0; i < 11; i++) { set_deed(bench, i, NAP); }
        assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
        assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
        assert_good(bench, SIZE_MAX);
        assert_int_equal(evo_isolate_starts(isolate), 1);
        evo_isolate_destroy(isolate);
        free(bench);
    }
}

static void a_job_that_is_suspended_costs_no_candidate(void **state)
{
    (void)state;
    struct evo_isolate_setup setup = usual();
    struct evo_isolate *isolate = NULL;
    struct bench *bench = new_bench(1);
    setup.timeout_s = 0.8;
    set_deed(bench, 0, LONG_NAP);
    assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
    pid_t rank = getpid(), child = evo_isolate_pid(isolate), suspender = fork();
    if (suspender == 0) {
        usleep(100000);
        kill(child, SIGSTOP);
        kill(rank, SIGSTOP);
        usleep(1200000);
        kill(child, SIGCONT);
        kill(rank, SIGCONT);
        _exit(0);
    }
    double begin_s = evo_clock_s();
    assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
    assert_true(evo_clock_s() - begin_s > 1.0);
    assert_good(bench, SIZE_MAX);
    assert_int_equal(evo_isolate_starts(isolate), 1);
    waitpid(suspender, NULL, 0);
    evo_isolate_destroy(isolate);
    free(bench);
}

static void memory_gone_wild_costs_the_candidate_that_takes_it(void **state)
{
    (void)state;
    assert_true(evo_isolate_memory_default() > 0);
    struct evo_isolate_setup setup = usual();
    setup.memory_bytes = (uint64_t)256 << 20;
    assert_costs_itself(MEMORY, CRASHED, setup);
}

static void a_child_killed_in_an_evaluation_costs_its_candidate(void **state)
{
    (void)state;
    assert_costs_itself(KILL, "signal 9 (Killed): killed from outside, as when memory runs out", usual());
}

static void a_child_killed_from_outside_while_it_waits_costs_nothing(void **state)
{
    (void)state;
    struct evo_isolate_setup setup = usual();
    struct evo_isolate *isolate = NULL;
    assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
    for (int i = 0; i < 5; i++) {
        struct bench *bench = new_bench(11);
        kill(evo_isolate_pid(isolate), SIGKILL);
        if (i % 2 == 0) { usleep(20000); }
        assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
        assert_good(bench, SIZE_MAX);
        free(bench);
    }
    assert_int_equal(evo_isolate_starts(isolate), 6);
    evo_isolate_destroy(isolate);
}

static void a_child_killed_from_outside_while_it_evaluates_costs_one_candidate(void **state)
{
    (void)state;
    struct evo_isolate_setup setup = usual();
    struct evo_isolate *isolate = NULL;
    struct bench *bench = new_bench(11);
    setup.timeout_s = 0; // nothing but its end can tell
    set_deed(bench, 6, SLEEP);
    assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
    pid_t target = evo_isolate_pid(isolate), killer = fork();
    if (killer == 0) {
        usleep(100000);
        kill(target, SIGKILL);
        _exit(0);
    }
    double begin_s = evo_clock_s();
    assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
    assert_true(evo_clock_s() - begin_s < 0.9); // seen at once, not when we look again
    assert_good(bench, 6);
    assert_string_equal(bench->message, "signal 9 (Killed): killed from outside, as when memory runs out");
    waitpid(killer, NULL, 0);
    evo_isolate_destroy(isolate);
    free(bench);
}

static void writing_over_the_shared_header_costs_the_candidate_that_does(void **state)
{
    (void)state;
    assert_costs_itself(HEADER, "it wrote into memory that is not its own", usual());
}

static void results_of_others_that_were_written_over_are_found_and_made_again(void **state)
{
    (void)state;
    for (size_t slice = 1; slice <= 4; slice += 3) {
        struct evo_isolate_setup setup = usual();
        struct evo_isolate *isolate = NULL;
        struct bench *bench = new_bench(11);
        setup.slice = slice;
        set_deed(bench, 6, RESULTS_OF_OTHERS);
        assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
        assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
        assert_good(bench, SIZE_MAX);
        evo_isolate_destroy(isolate);
        free(bench);
    }
}

static void writing_beyond_its_results_costs_the_candidate_that_does(void **state)
{
    (void)state;
    struct evo_isolate_setup setup = usual();
    struct evo_isolate *isolate = NULL;
    struct bench *bench = new_bench(11);
    set_deed(bench, 6, OVERRUN);
    set_deed(bench, 8, UNDERRUN);
    assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
    assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
    assert_int_equal(bench->status[6], EVO_CANDIDATE_FAILED);
    assert_int_equal(bench->status[8], EVO_CANDIDATE_FAILED);
    assert_int_equal(bench->status[7], EVO_CANDIDATE_OK);
    assert_int_equal(evo_isolate_starts(isolate), 3);
    evo_isolate_destroy(isolate);
    free(bench);
}

static void files_that_a_task_closes_cost_no_candidate(void **state)
{
    (void)state;
    struct evo_isolate_setup setup = usual();
    struct evo_isolate *isolate = NULL;
    assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
    for (int i = 0; i < 3; i++) {
        struct bench *bench = new_bench(11);
        set_deed(bench, 6, CLOSE);
        set_deed(bench, 8, NAP); // the rank sleeps, and sees that the socket is closed
        assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
        assert_good(bench, SIZE_MAX);
        free(bench);
    }
    assert_int_equal(evo_isolate_starts(isolate), 3);
    evo_isolate_destroy(isolate);
}

static void a_process_that_a_task_leaves_behind_does_not_hide_its_end(void **state)
{
    (void)state;
    struct evo_isolate_setup setup = usual();
    double begin_s = evo_clock_s();
    setup.timeout_s = 0;
    assert_costs_itself(LEAVE_CHILD, "signal 6 (Aborted)", setup);
    assert_true(evo_clock_s() - begin_s < 2.5);
}

static void every_candidate_of_a_batch_may_crash(void **state)
{
    (void)state;
    struct evo_isolate_setup setup = usual();
    struct evo_isolate *isolate = NULL;
    struct bench *bench = new_bench(20);
    for (size_t i = 0; i < 20; i++) { set_deed(bench, i, i % 2 == 0 ? ABORT : EXIT); }
    setup.slice = 4;
    assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
    assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
    for (size_t i = 0; i < 20; i++) { assert_int_equal(bench->status[i], EVO_CANDIDATE_FAILED); }
    assert_string_equal(bench->message, "signal 6 (Aborted)"); // of the first
    evo_isolate_destroy(isolate);
    free(bench);
}

static void the_first_reason_of_a_batch_is_kept(void **state)
{
    (void)state;
    struct evo_isolate_setup setup = usual();
    struct evo_isolate *isolate = NULL;
    struct bench *bench = new_bench(11);
    set_deed(bench, 2, FAIL);
    set_deed(bench, 6, ABORT);
    set_deed(bench, 9, FAIL);
    assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
    assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
    assert_string_equal(bench->message, "the solver did not converge at 3");
    assert_int_equal(bench->status[9], EVO_CANDIDATE_FAILED);
    evo_isolate_destroy(isolate);
    free(bench);
}

static void what_a_task_does_to_rounding_ends_with_its_batch(void **state)
{
    (void)state;
    struct evo_isolate_setup setup = usual();
    struct evo_isolate *isolate = NULL;
    struct bench *bench = new_bench(1), *next = new_bench(11);
    set_deed(bench, 0, ROUND);
    assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
    assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
    assert_int_equal(evo_isolate_evaluate(isolate, &next->batch), EVO_OK);
    assert_good(next, SIZE_MAX);
    evo_isolate_destroy(isolate);
    free(bench);
    free(next);
}

static void what_a_task_prints_goes_to_its_own_file(void **state)
{
    (void)state;
    char path[] = "/tmp/evompi_isolate_XXXXXX", *text = NULL;
    size_t n = 0;
    struct evo_isolate_setup setup = usual();
    struct evo_isolate *isolate = NULL;
    struct bench *bench = new_bench(2);
    setup.output = mkstemp(path);
    set_deed(bench, 0, PRINT);
    set_deed(bench, 1, ABORT);
    assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
    assert_int_equal(evo_isolate_evaluate(isolate, &bench->batch), EVO_OK);
    evo_isolate_destroy(isolate);
    assert_int_equal(evo_file_read(path, 1 << 20, &text, &n), EVO_OK);
    assert_string_equal(text, "printed by a candidate\n");
    close(setup.output);
    unlink(path);
    free(text);
    free(bench);
}

static void a_child_that_is_no_longer_needed_destroys_its_task(void **state)
{
    (void)state;
    char path[] = "/tmp/evompi_isolate_XXXXXX", *payload = NULL;
    struct stat info;
    struct evo_isolate_setup setup = usual();
    struct evo_isolate *isolate = NULL;
    int file = mkstemp(path);
    assert_int_equal(evo_text_format(&payload, "m%s", path), EVO_OK);
    setup.payload = payload;
    setup.n_payload = strlen(payload) + 1;
    assert_int_equal(evo_isolate_create(&setup, &isolate), EVO_OK);
    pid_t pid = evo_isolate_pid(isolate);
    evo_isolate_destroy(isolate);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 1);
    assert_int_equal(kill(pid, 0), -1); // nothing is left of it
    close(file);
    unlink(path);
    free(payload);
    evo_isolate_destroy(NULL);
}

static void a_task_that_cannot_be_made_is_one_error(void **state)
{
    (void)state;
    assert_refused("r", 0, "task test: the table of drag is missing");
    assert_refused("c", 0, "task test: its process ended 2 times before it could evaluate anything: signal 6 "
                           "(Aborted): without isolate the error may say more");
    assert_refused("s", 0.1, "task test: its process ended 2 times before it could evaluate anything: no answer "
                             "within 0.1 s: without isolate the error may say more");
}

int main(void)
{
    evo_spawner_work *const works[] = {work};
    if (evo_spawner_create(works, 1, &spawner) != EVO_OK) {
        fprintf(stderr, "%s\n", evo_status_message());
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_those_of_a_direct_call),
        cmocka_unit_test(nan_infinity_and_a_failed_status_pass_through),
        cmocka_unit_test(a_message_without_end_and_a_strange_status_are_a_failure),
        cmocka_unit_test(a_task_that_writes_its_parameters_changes_its_own_copy),
        cmocka_unit_test(a_crash_costs_the_candidate_that_crashed),
        cmocka_unit_test(an_exit_costs_the_candidate_that_exits),
        cmocka_unit_test(an_endless_loop_costs_the_candidate_that_loops),
        cmocka_unit_test(a_batch_may_take_longer_than_one_candidate_may),
        cmocka_unit_test(a_job_that_is_suspended_costs_no_candidate),
        cmocka_unit_test(memory_gone_wild_costs_the_candidate_that_takes_it),
        cmocka_unit_test(a_child_killed_in_an_evaluation_costs_its_candidate),
        cmocka_unit_test(a_child_killed_from_outside_while_it_waits_costs_nothing),
        cmocka_unit_test(a_child_killed_from_outside_while_it_evaluates_costs_one_candidate),
        cmocka_unit_test(writing_over_the_shared_header_costs_the_candidate_that_does),
        cmocka_unit_test(results_of_others_that_were_written_over_are_found_and_made_again),
        cmocka_unit_test(writing_beyond_its_results_costs_the_candidate_that_does),
        cmocka_unit_test(files_that_a_task_closes_cost_no_candidate),
        cmocka_unit_test(a_process_that_a_task_leaves_behind_does_not_hide_its_end),
        cmocka_unit_test(every_candidate_of_a_batch_may_crash),
        cmocka_unit_test(the_first_reason_of_a_batch_is_kept),
        cmocka_unit_test(what_a_task_does_to_rounding_ends_with_its_batch),
        cmocka_unit_test(what_a_task_prints_goes_to_its_own_file),
        cmocka_unit_test(a_child_that_is_no_longer_needed_destroys_its_task),
        cmocka_unit_test(a_task_that_cannot_be_made_is_one_error),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    evo_spawner_destroy(spawner);
    return failed;
}
