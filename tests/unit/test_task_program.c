/* SPDX-License-Identifier: MIT */
/* A program as a task: what comes back, and what each way of going wrong costs: its candidate
 * alone. */
#include "test_task_adversary.h"
#include "test_task_program.h"

#include <signal.h>

enum { N = 40, CULPRIT = 17 };

static struct evo_spawner *spawner;

/* The command of the test's adversary, which is this program too: Python takes long to start. */
static const char *adversary(const char *action)
{
    static char command[5000];
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    assert_true(n > 0);
    path[n] = '\0';
    snprintf(command, sizeof command, "%s adversary %s", path, action);
    return command;
}

/* ---- the matrix of failures -------------------------------------------------------------------
 */

struct mishap {
    const char *action,
        *message; // a part of the batch's message; NULL: the candidate does not fail
    double value; // of a candidate that does not fail
};

static const struct mishap mishaps[] = {
    {"nan", NULL, NAN},
    {"inf", NULL, INFINITY},
    {"words", NULL, -INFINITY},
    {"none", "it says null", 0},
    {"failed", "it diverged", 0},
    {"exit", "the program ended (exit code 3); the last line of ", 0},
    {"abort", "ended (signal 6 (Aborted))", 0},
    {"segv", "ended (signal 11 (Segmentation fault))", 0},
    {"loop", "gave no answer in 0.3 s (does it flush its standard output?)", 0},
    {"memory", "ended (exit code 4); the last line of ", 0},
    {"close", "closed its standard output, and went on", 0},
    {"garbage", "where {\"batch\": ..., \"results\": [...]} is due", 0},
    {"print",
     "said \"debug: x is negative\", where {\"batch\": ..., \"results\": [...]} is due; its "
     "standard output is for answers alone: print to standard error instead",
     0},
    {"half", "ended (exit code 0), in the middle of a line that begins \"{\"batch\": ", 0},
    {"stuck", "gave no answer in 0.3 s, in the middle of a line", 0},
    {"long", "and more, longer than any answer", 0},
    {"number", "where the answer of batch ", 0},
    {"few", "has 0 items in \"results\" where 1 are due", 0},
    {"many", "has 2 items in \"results\" where 1 are due", 0},
    {"big", "in which item 0 is neither a list of 1 numbers nor a failure", 0},
    {"text", "in which item 0 is neither", 0},
    {"object", "in which item 0 is neither", 0},
    {"two", "in which item 0 has 2 results where 1 are due", 0},
};

static void check_results(const struct test_batch *test, const struct mishap *mishap)
{
    const struct evo_batch *batch = &test->batch;
    for (size_t i = 0; i < N; i++) {
        bool fails = i == CULPRIT && mishap->message != NULL;
        assert_int_equal(batch->status[i], fails ? EVO_CANDIDATE_FAILED : EVO_CANDIDATE_OK);
        double x = (double)i, due = i != CULPRIT ? x * x + 0.1 * 0.1 : fails ? NAN : mishap->value;
        if (isnan(due)) {
            assert_true(isnan(batch->results[i]));
        } else {
            assert_true(batch->results[i] == due);
        }
    }
    if (strstr(batch->message, mishap->message != NULL ? mishap->message : "") == NULL) {
        fail_msg("%s: \"%s\" is not in \"%s\"", mishap->action, mishap->message, batch->message);
    }
}

/* Evaluates N candidates in parts of `cut`, as fewer or more ranks would. */
static void run_mishap(const struct mishap *mishap, size_t cut)
{
    struct evo_program *program = NULL;
    struct evo_program_setup setup = test_program_setup(spawner, adversary(mishap->action));
    struct test_batch test;
    bool is_slow = strcmp(mishap->action, "loop") == 0 || strcmp(mishap->action, "stuck") == 0;
    if (is_slow) { setup.timeout_s = 0.3; }
    test_batch_init(&test, N, TEST_WIDTH, 1);
    test_batch_set(&test, CULPRIT, 0, -1.0);
    assert_int_equal(evo_program_create(&setup, &program), EVO_OK);
    for (size_t i = 0; i < N; i += cut) {
        struct evo_batch part = test.batch;
        part.n = N - i < cut ? N - i : cut;
        part.parameters += i * TEST_WIDTH;
        part.results += i;
        part.status += i;
        assert_int_equal(evo_program_evaluate(program, &part), EVO_OK);
    }
    check_results(&test, mishap);
    evo_program_destroy(program);
    test_batch_fini(&test);
}

static void a_mishap_costs_its_candidate_alone_however_batches_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mishaps / sizeof mishaps[0]; i++) {
        run_mishap(&mishaps[i], i % 2 == 0 ? N : 9);
        if (i % 5 == 0) { run_mishap(&mishaps[i], 1); }
    }
}

/* ---- what a user asked for --------------------------------------------------------------------
 */

/* Evaluates N candidates by a setup; the culprit as said. */
static enum evo_status evaluate(const struct evo_program_setup *setup, struct test_batch *test,
                                size_t *restarts)
{
    struct evo_program *program = NULL;
    assert_int_equal(evo_program_create(setup, &program), EVO_OK);
    enum evo_status status = evo_program_evaluate(program, &test->batch);
    if (restarts != NULL) { *restarts = evo_program_restarts(program); }
    evo_program_destroy(program);
    return status;
}

static void abort_makes_a_failure_an_error(void **state)
{
    (void)state;
    static const char *const actions[][2] = {{"failed", "it diverged"}, {"exit", "exit code 3"}};
    for (size_t i = 0; i < 2; i++) {
        struct evo_program_setup setup = test_program_setup(spawner, adversary(actions[i][0]));
        struct test_batch test;
        setup.abort_on_failure = true;
        test_batch_init(&test, N, TEST_WIDTH, 1);
        test_batch_set(&test, CULPRIT, 0, -1.0);
        assert_int_equal(evaluate(&setup, &test, NULL), EVO_ERR_DATA);
        assert_non_null(strstr(evo_status_message(), "a candidate of generation 3 failed: "));
        assert_non_null(strstr(evo_status_message(), actions[i][1]));
        test_batch_fini(&test);
    }
}

static void retry_evaluates_a_failure_again_as_often_as_asked(void **state)
{
    (void)state;
    char command[700], path[512];
    test_task_write("moody.py", "from evompi_program import serve\n"
                                "seen = {}\n"
                                "def fitness(x, context):\n"
                                "    seen[x[0]] = seen.get(x[0], 0) + 1\n"
                                "    if x[0] < 0 and seen[x[0]] <= 2: raise OSError('no licence')\n"
                                "    return seen[x[0]]\n"
                                "serve(fitness)\n");
    snprintf(command, sizeof command, "python3 %s", test_task_path("moody.py", path));
    for (size_t retries = 0; retries <= 3; retries++) {
        struct evo_program_setup setup = test_program_setup(spawner, command);
        struct test_batch test;
        setup.n_retries = retries;
        test_batch_init(&test, N, TEST_WIDTH, 1);
        test_batch_set(&test, CULPRIT, 0, -1.0);
        assert_int_equal(evaluate(&setup, &test, NULL), EVO_OK);
        assert_int_equal(test.batch.status[CULPRIT],
                         retries < 2 ? EVO_CANDIDATE_FAILED : EVO_CANDIDATE_OK);
        assert_string_equal(test.message, retries < 2 ? "OSError: no licence" : "");
        if (retries >= 2) { assert_true(test.batch.results[CULPRIT] == 3.0); }
        assert_true(test.batch.results[0] == 1.0);
        test_batch_fini(&test);
    }
}

static void a_program_that_ends_between_batches_is_started_again_at_no_cost(void **state)
{
    (void)state;
    struct evo_program_setup setup = test_program_setup(spawner, adversary("once"));
    struct test_batch test;
    size_t restarts = 0;
    setup.timeout_s = 0.0; // all in one batch
    test_batch_init(&test, 5, TEST_WIDTH, 1);
    struct evo_program *program = NULL;
    assert_int_equal(evo_program_create(&setup, &program), EVO_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(evo_program_evaluate(program, &test.batch), EVO_OK);
    }
    restarts = evo_program_restarts(program);
    evo_program_destroy(program);
    assert_true(restarts >= 2);
    for (size_t i = 0; i < 5; i++) { assert_int_equal(test.batch.status[i], EVO_CANDIDATE_OK); }
    test_batch_fini(&test);
}

static void
one_who_is_told_to_stop_from_outside_is_not_a_failure_but_an_end_if_it_goes_on(void **state)
{
    (void)state;
    struct evo_program_setup setup = test_program_setup(spawner, adversary("term"));
    struct test_batch test;
    test_batch_init(&test, 1, TEST_WIDTH, 1);
    test_batch_set(&test, 0, 0, -1.0);
    assert_int_equal(evaluate(&setup, &test, NULL), EVO_ERR_FARM);
    assert_non_null(
        strstr(evo_status_message(), "was ended from outside 5 times: it ended (signal 15"));
    test_batch_fini(&test);
}

static void a_program_that_answers_nothing_is_an_error_soon(void **state)
{
    (void)state;
    struct evo_program_setup setup = test_program_setup(spawner, adversary("print"));
    struct test_batch test;
    size_t restarts = 0;
    test_batch_init(&test, N, TEST_WIDTH, 1);
    for (size_t i = 0; i < N; i++) { test_batch_set(&test, i, 0, -1.0); }
    assert_int_equal(evaluate(&setup, &test, &restarts), EVO_ERR_CONFIG);
    assert_non_null(
        strstr(evo_status_message(), "has answered none of the first 16 candidates; it said "));
    assert_in_range(restarts, 16, 18);
    test_batch_fini(&test);
}

/* ---- start ------------------------------------------------------------------------------------
 */

static void refuse(const char *command, double start_s, const char *message)
{
    struct evo_program *program = NULL;
    struct evo_program_setup setup = test_program_setup(spawner, command);
    setup.start_timeout_s = start_s;
    assert_int_equal(evo_program_create(&setup, &program), EVO_ERR_CONFIG);
    if (strstr(evo_status_message(), message) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", message, evo_status_message());
    }
}

static void a_program_that_does_not_become_ready_is_an_error_at_once(void **state)
{
    (void)state;
    refuse("./no_such_program", 0,
           "cannot be used: before it said that it is ready it ended (exit code 127)"
           "; the last line of ");
    refuse("echo 'hard luck' >&2; exit 3", 0, "it ended (exit code 3); the last line of ");
    refuse("echo 'hard luck' >&2; exit 3", 0, "\"hard luck\"");
    refuse("kill -SEGV $$", 0, "ended (signal 11 (Segmentation fault))");
    refuse("sh -c 'kill -SEGV $$'; exit $?", 0,
           "ended (exit code 139: signal 11 (Segmentation fault))");
    refuse("kill -TERM $$", 0, "ended (signal 15 (Terminated))");
    refuse("echo hello; sleep 60", 0,
           "said \"hello\", where {\"protocol\": 1} is due; its standard output");
    refuse("echo '{\"protocol\": 2}'; sleep 60", 0, "where {\"protocol\": 1} is due");
    refuse("echo '{\"protocol\": 1, \"format\": \"binary\"}'; sleep 60", 0,
           "where the format is json");
    refuse("printf '{\"protocol\"'; sleep 60", 0.1,
           "gave no answer in 0.1 s, in the middle of a line");
    refuse("sleep 60", 0.1, "gave no answer in 0.1 s (does it flush its standard output?)");
    refuse("exec >&-; sleep 60", 0, "closed its standard output, and went on");
    refuse("yes x | tr -d '\\n'", 0, "and more, longer than any answer");
    refuse("head -c 100 /dev/zero; sleep 60", 0.1, "in the middle of a line that begins \"????");
}

static void a_program_may_take_its_time_to_start(void **state)
{
    (void)state;
    char command[6000];
    snprintf(command, sizeof command, "sleep 0.4; %s", adversary("none"));
    struct evo_program_setup setup = test_program_setup(spawner, command);
    struct test_batch test;
    setup.timeout_s = 0.3;
    test_batch_init(&test, 1, TEST_WIDTH, 1);
    assert_int_equal(evaluate(&setup, &test, NULL), EVO_OK);
    test_batch_fini(&test);
}

/* ---- pipes ------------------------------------------------------------------------------------
 */

static void a_program_that_reads_nothing_or_talks_before_it_reads_does_not_hang_us(void **state)
{
    (void)state;
    static const char *const commands[][2] = {
        {"echo '{\"protocol\": 1}'; sleep 60", "gave no answer in 0.3 s, and read no more than "},
        {"echo '{\"protocol\": 1}'; exec <&-; sleep 60", "closed its standard input, and went on"},
        {"echo '{\"protocol\": 1}'; yes | tr -d '\\n'", "and more, longer than any answer"},
        {"echo '{\"protocol\": 1}'; yes", "said \"y\", where {\"batch\""},
    };
    enum { MANY = 1 << 16 }; // 1 MiB or more in one candidate: no pipe holds it
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        struct evo_program_setup setup = test_program_setup(spawner, commands[i][0]);
        struct test_batch test;
        const char **names = NULL;
        assert_int_equal(evo_alloc(MANY, sizeof *names, "names", &names), EVO_OK);
        for (size_t k = 0; k < MANY; k++) { names[k] = "x"; }
        setup.n_parameters = MANY;
        setup.parameters = names;
        setup.timeout_s = 0.3;
        test_batch_init(&test, 1, MANY, 1);
        struct evo_program *program = NULL;
        /* The first line alone is more than a pipe holds. */
        enum evo_status status = evo_program_create(&setup, &program);
        if (status == EVO_OK) { status = evo_program_evaluate(program, &test.batch); }
        const char *said = status == EVO_OK ? test.message : evo_status_message();
        if (strstr(said, commands[i][1]) == NULL && strstr(said, "before it had read") == NULL) {
            fail_msg("\"%s\" is not in \"%s\"", commands[i][1], said);
        }
        evo_program_destroy(program);
        test_batch_fini(&test);
        free(names);
    }
}

/* The echo of all parameters as results: each double comes back bit for bit. */
static void echo_big_batches(enum evo_program_format format)
{
    enum { BIG = 3000, WIDTH = 50 };
    char command[700], path[512];
    const char *names[WIDTH];
    struct test_batch test;
    test_task_write("echo.py", "from evompi_program import serve\nserve(lambda x, context: x)\n");
    snprintf(command, sizeof command, "python3 %s", test_task_path("echo.py", path));
    struct evo_program_setup setup = test_program_setup(spawner, command);
    for (size_t i = 0; i < WIDTH; i++) { names[i] = "x \"quoted\" \\ \n \xc3\xa9"; }
    setup.format = format;
    setup.n_parameters = setup.n_results = WIDTH;
    setup.parameters = setup.results = names;
    setup.timeout_s = 0.0; // all in one message
    test_batch_init(&test, BIG, WIDTH, WIDTH);
    static const double special[] = {
        -0.0, 5e-324, 1.7976931348623157e308, -1e-300,  0.1,      1.0 / 3.0,
        1e22, 1e23,   9007199254740993.0,     INFINITY, -INFINITY};
    uint64_t bits = 88172645463325252u;
    for (size_t i = 0; i < (size_t)BIG * WIDTH; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double x = 0.0;
        memcpy(&x, &bits, sizeof x);
        if (i < sizeof special / sizeof special[0]) { x = special[i]; }
        if (!isnan(x)) { test_batch_set(&test, i / WIDTH, i % WIDTH, x); }
    }
    assert_int_equal(evaluate(&setup, &test, NULL), EVO_OK);
    assert_string_equal(test.message, "");
    assert_memory_equal(test.batch.results, test.batch.parameters,
                        (size_t)BIG * WIDTH * sizeof(double));
    test_batch_fini(&test);
}

static void big_batches_come_back_bit_for_bit(void **state)
{
    (void)state;
    echo_big_batches(EVO_PROGRAM_JSON);
    echo_big_batches(EVO_PROGRAM_BINARY);
}

/* ---- the adapter ------------------------------------------------------------------------------
 */

static const char adapted[] =
    "import sys, os, subprocess\n"
    "from evompi_program import serve\n"
    "def fitness(x, context):\n"
    "    print('seen', x[0])\n"
    "    subprocess.run(['echo', 'from a child']) if x[0] == 1 else None\n"
    "    if x[0] == 2: raise ValueError('two is bad')\n"
    "    if x[0] == 3: sys.exit('three is the end')\n"
    "    if x[0] == 5: bytearray(20 << 30)\n"
    "    if x[0] == 4: return 1.0, float('nan')\n"
    "    return [x[0] + context.seed + context.generation, len(context.purpose)]\n"
    "serve(fitness)\n";

static void check_adapted(enum evo_program_format format)
{
    char command[700], path[512];
    test_task_write("adapted.py", adapted);
    snprintf(command, sizeof command, "python3 %s", test_task_path("adapted.py", path));
    struct evo_program_setup setup = test_program_setup(spawner, command);
    struct test_batch test;
    unlink(setup.error_path);
    setup.format = format;
    setup.n_results = 2;
    setup.memory_bytes = (size_t)1 << 30;
    test_batch_init(&test, 6, TEST_WIDTH, 2);
    test.batch.purpose = EVO_PURPOSE_SELECTION;
    assert_int_equal(evaluate(&setup, &test, NULL), EVO_OK);
    static const double due[6][2] = {{10, 9},    {11, 9},  {NAN, NAN},
                                     {NAN, NAN}, {1, NAN}, {NAN, NAN}};
    static const int32_t status[6] = {0, 0, 1, 1, 0, 1};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(test.batch.status[i], status[i]);
        for (size_t k = 0; k < 2; k++) {
            double x = test.batch.results[2 * i + k];
            assert_true(isnan(due[i][k]) ? isnan(x) : x == due[i][k]);
        }
    }
    assert_string_equal(test.message, "ValueError: two is bad");
    char *errors = test_task_read("stderr.txt");
    assert_non_null(strstr(errors, "seen 0.0\n"));
    assert_non_null(strstr(errors, "from a child\n"));
    assert_non_null(strstr(errors, "three is the end\n"));
    free(errors);
    test_batch_fini(&test);
}

static void the_adapter_serves_both_formats_and_keeps_what_is_printed_apart(void **state)
{
    (void)state;
    check_adapted(EVO_PROGRAM_JSON);
    check_adapted(EVO_PROGRAM_BINARY);
}

static void what_is_said_in_a_binary_answers_place_is_refused(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"import sys, os\nsys.stdin.readline()\nos.write(1, b'{\"protocol\": 1}\\n')\n"
         "os.read(0, 4096)\nos.write(1, b'hello\\n')\nos.read(0, 1 << 20)\n",
         "said \"hello\" where a binary answer is due; its standard output"},
        {"import sys, os, struct\nos.read(0, 1 << 16)\nos.write(1, b'{\"protocol\": 1}\\n')\n"
         "os.read(0, 4096)\nos.write(1, struct.pack('<4sIQQQ', b'EVOR', 1, 9, 1, 0))\nos.read(0, 1 "
         "<< 20)\n",
         "answered batch 9 with 1 candidates of 1 results and 0 bytes of text, where batch 1 "},
        {"import sys, os, struct\nos.read(0, 1 << 16)\nos.write(1, b'{\"protocol\": 1}\\n')\n"
         "os.read(0, 4096)\nos.write(1, struct.pack('<4sIQQQ', b'EVOR', 1, 1, 1, 0))\n",
         "ended (exit code 0), after 32 bytes of an answer"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char command[700], path[512];
        struct test_batch test;
        test_task_write("binary.py", texts[i][0]);
        snprintf(command, sizeof command, "python3 -S %s", test_task_path("binary.py", path));
        struct evo_program_setup setup = test_program_setup(spawner, command);
        setup.format = EVO_PROGRAM_BINARY;
        test_batch_init(&test, 1, TEST_WIDTH, 1);
        assert_int_equal(evaluate(&setup, &test, NULL), EVO_OK);
        assert_int_equal(test.batch.status[0], EVO_CANDIDATE_FAILED);
        if (strstr(test.message, texts[i][1]) == NULL) {
            fail_msg("\"%s\" is not in \"%s\"", texts[i][1], test.message);
        }
        test_batch_fini(&test);
    }
}

/* ---- the end ----------------------------------------------------------------------------------
 */

static void a_program_may_end_in_order(void **state)
{
    (void)state;
    struct evo_program *program = NULL;
    struct evo_program_setup setup = test_program_setup(
        spawner, "read hello; echo '{\"protocol\": 1}'; cat >/dev/null; echo 'in order' >&2");
    unlink(setup.error_path);
    assert_int_equal(evo_program_create(&setup, &program), EVO_OK);
    evo_program_destroy(program);
    char *errors = test_task_read("stderr.txt");
    assert_string_equal(errors, "in order\n");
    free(errors);
}

/* A rank whose program loops for ever is killed: neither the program nor its own child is left. */
static void no_process_is_left_when_the_rank_is_killed(void **state)
{
    (void)state;
    char command[7000], path[512];
    test_task_path("loop.pids", path);
    snprintf(command, sizeof command, "echo $$ >>%s; sleep 60 & echo $! >>%s; %s", path, path,
             adversary("loop"));
    pid_t rank = fork();
    if (rank == 0) {
        struct evo_program *program = NULL;
        struct test_batch test;
        const struct evo_program_setup setup = test_program_setup(test_program_spawner(), command);
        test_batch_init(&test, 1, TEST_WIDTH, 1);
        test_batch_set(&test, 0, 0, -1.0);
        if (evo_program_create(&setup, &program) == EVO_OK) {
            evo_program_evaluate(program, &test.batch);
        }
        _exit(1);
    }
    long pids[2];
    test_task_pids("loop.pids", 2, pids);
    usleep(100000);
    kill(rank, SIGKILL);
    for (size_t i = 0; i < 2; i++) { assert_true(test_task_is_gone(pids[i])); }
}

static void a_lost_spawner_is_an_error(void **state)
{
    (void)state;
    struct evo_program *program = NULL;
    struct test_batch test;
    struct evo_spawner *other = test_program_spawner();
    const struct evo_program_setup setup =
        test_program_setup(other, "read x; echo '{\"protocol\": 1}'; "
                                  "while read x; do kill -KILL $PPID; done");
    test_batch_init(&test, 1, TEST_WIDTH, 1);
    assert_int_equal(evo_program_create(&setup, &program), EVO_OK);
    assert_int_equal(evo_program_evaluate(program, &test.batch), EVO_ERR_INTERNAL);
    assert_non_null(
        strstr(evo_status_message(), "that starts child processes for this rank is gone"));
    evo_program_destroy(program);
    evo_spawner_destroy(other);
    test_batch_fini(&test);
}

static int begin(void **state)
{
    evo_log_set_level(EVO_LOG_ERROR);
    int failed = test_task_setup(state);
    spawner = test_program_spawner();
    return failed;
}

static int end(void **state)
{
    evo_spawner_destroy(spawner);
    /* This process adopts what others leave behind: there is nothing that lives. */
    int left = 0;
    for (int i = 0; i < 1000 && left != -1; i++) {
        left = waitpid(-1, NULL, WNOHANG);
        if (left == 0) { usleep(1000); }
    }
    return test_task_teardown(state) != 0 || left != -1;
}

int main(int argc, char **argv)
{
    if (argc == 3) { return test_adversary(argv[2]); }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mishap_costs_its_candidate_alone_however_batches_are_cut),
        cmocka_unit_test(abort_makes_a_failure_an_error),
        cmocka_unit_test(retry_evaluates_a_failure_again_as_often_as_asked),
        cmocka_unit_test(a_program_that_ends_between_batches_is_started_again_at_no_cost),
        cmocka_unit_test(
            one_who_is_told_to_stop_from_outside_is_not_a_failure_but_an_end_if_it_goes_on),
        cmocka_unit_test(a_program_that_answers_nothing_is_an_error_soon),
        cmocka_unit_test(a_program_that_does_not_become_ready_is_an_error_at_once),
        cmocka_unit_test(a_program_may_take_its_time_to_start),
        cmocka_unit_test(a_program_that_reads_nothing_or_talks_before_it_reads_does_not_hang_us),
        cmocka_unit_test(big_batches_come_back_bit_for_bit),
        cmocka_unit_test(the_adapter_serves_both_formats_and_keeps_what_is_printed_apart),
        cmocka_unit_test(what_is_said_in_a_binary_answers_place_is_refused),
        cmocka_unit_test(a_program_may_end_in_order),
        cmocka_unit_test(no_process_is_left_when_the_rank_is_killed),
        cmocka_unit_test(a_lost_spawner_is_an_error),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
