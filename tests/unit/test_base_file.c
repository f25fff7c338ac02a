/* SPDX-License-Identifier: MIT */
/* Files are read whole and replaced whole, whatever fails; the log says where and how it should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/base.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- helpers: each test works in an empty folder of its own --------------------------------- */

static int enter_folder(void **state)
{
    char *folder = strdup("/tmp/evompi_base_XXXXXX");
    *state = folder;
    return folder == NULL || mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int leave_folder(void **state)
{
    char *command = NULL;
    if (chdir("/") != 0) { return -1; }
    if (evo_text_format(&command, "rm -rf '%s'", (char *)*state) != EVO_OK) { return -1; }
    int failed = system(command);
    free(command);
    free(*state);
    return failed;
}

static void put(const char *path, const char *text)
{
    assert_int_equal(evo_file_replace(path, NULL, text, strlen(text), false), EVO_OK);
}

static void assert_holds(const char *path, const char *expected)
{
    char *text = NULL;
    size_t n = 0;
    assert_int_equal(evo_file_read(path, 1000000, &text, &n), EVO_OK);
    assert_int_equal(n, strlen(expected));
    assert_string_equal(text, expected);
    free(text);
}

static void assert_refused(enum evo_status status, const char *message)
{
    assert_int_equal(status, EVO_ERR_IO);
    assert_string_equal(evo_status_message(), message);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void a_file_is_read_whole_with_its_zero_bytes(void **state)
{
    (void)state;
    char *text = NULL;
    size_t n = 0;
    assert_int_equal(evo_file_replace("a", NULL, "x\0y", 3, false), EVO_OK);
    assert_int_equal(evo_file_read("a", 3, &text, &n), EVO_OK);
    assert_int_equal(n, 3);
    assert_memory_equal(text, "x\0y", 4); // and a NUL behind
    free(text);
    put("empty", "");
    assert_holds("empty", "");
}

static void what_cannot_be_read_is_named_and_hangs_nobody(void **state)
{
    (void)state;
    char *text = NULL;
    size_t n = 0;
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_int_equal(mkfifo("pipe", 0666), 0);
    put("four", "1234");
    assert_refused(evo_file_read("missing", 10, &text, &n),
                   "missing: cannot be opened: No such file or directory");
    assert_refused(evo_file_read("folder", 10, &text, &n), "folder: is a folder, not a file");
    assert_refused(evo_file_read("pipe", 10, &text, &n), "pipe: is not a regular file");
    assert_refused(evo_file_read("four", 3, &text, &n),
                   "four: has 4 bytes, more than the 3 that are read");
    assert_null(text);
}

/* ---- replacing ------------------------------------------------------------------------------- */

static void a_file_is_replaced_and_the_one_before_is_kept_where_asked(void **state)
{
    (void)state;
    for (int durable = 0; durable < 2; durable++) {
        assert_int_equal(evo_file_replace("a", "a.prev", "one", 3, durable), EVO_OK);
        assert_false(evo_file_exists("a.prev", NULL));
        assert_int_equal(evo_file_replace("a", "a.prev", "two", 3, durable), EVO_OK);
        assert_holds("a", "two");
        assert_holds("a.prev", "one");
        assert_int_equal(evo_file_replace("a", "a.prev", "three", 5, durable), EVO_OK);
        assert_holds("a", "three");
        assert_holds("a.prev", "two");
        assert_false(evo_file_exists("a.tmp", NULL));
        assert_int_equal(unlink("a") | unlink("a.prev"), 0);
    }
}

static void left_over_second_names_are_no_obstacle(void **state)
{
    (void)state;
    put("a", "one");
    put("a.prev.tmp", "of a job that was killed");
    assert_int_equal(evo_file_replace("a", "a.prev", "two", 3, false), EVO_OK);
    assert_holds("a", "two");
    assert_holds("a.prev", "one");
    assert_false(evo_file_exists("a.prev.tmp", NULL));
    /* Two names of one file, by whatever hand. */
    assert_int_equal(unlink("a.prev") | link("a", "a.prev"), 0);
    assert_int_equal(evo_file_replace("a", "a.prev", "three", 5, false), EVO_OK);
    assert_int_equal(evo_file_replace("a", "a.prev", "four", 4, false), EVO_OK);
    assert_holds("a", "four");
    assert_holds("a.prev", "three");
}

static void a_left_over_temporary_file_is_no_obstacle(void **state)
{
    (void)state;
    put("a.tmp", "half a file, from a run that was killed");
    put("a", "whole");
    assert_holds("a", "whole");
    assert_false(evo_file_exists("a.tmp", NULL));
}

static void a_folder_that_is_missing_is_named(void **state)
{
    (void)state;
    assert_refused(evo_file_replace("no/a", NULL, "x", 1, true),
                   "no/a.tmp: cannot be made: No such file or directory");
}

static void a_folder_in_the_way_stays_and_the_temporary_file_goes(void **state)
{
    (void)state;
    assert_int_equal(mkdir("a", 0777), 0);
    assert_refused(evo_file_replace("a", NULL, "x", 1, true),
                   "a.tmp: cannot be renamed to a: Is a directory");
    assert_false(evo_file_exists("a.tmp", NULL));
}

static void where_the_one_before_cannot_be_kept_the_old_file_stays(void **state)
{
    (void)state;
    put("a", "old");
    assert_int_equal(mkdir("a.prev", 0777), 0);
    assert_refused(evo_file_replace("a", "a.prev", "new", 3, true),
                   "a: cannot be renamed to a.prev: Is a directory");
    assert_holds("a", "old");
    assert_false(evo_file_exists("a.tmp", NULL));
}

static void where_the_disk_is_full_the_old_file_stays(void **state)
{
    (void)state;
    enum { LIMIT = 4096 };
    struct rlimit before, small;
    static const char big[LIMIT + 1];
    put("a", "old");
    /* A size limit stands for the full disk; it comes as an error, not as a signal. */
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){.rlim_cur = LIMIT, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum evo_status status = evo_file_replace("a", "a.prev", big, sizeof big, true);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_refused(status, "a.tmp: 4097 bytes cannot be written: File too large");
    assert_holds("a", "old");
    assert_false(evo_file_exists("a.tmp", NULL));
    assert_false(evo_file_exists("a.prev", NULL));
}

/* With the one before kept, as checkpoints are: opened again and again, it is always there. */
static void a_file_is_never_absent_while_it_is_replaced(void **state)
{
    (void)state;
    enum { N_LOOKS = 20000 };
    put("a", "first");
    pid_t child = fork();
    if (child == 0) {
        while (evo_file_replace("a", "a.prev", "next", 4, false) == EVO_OK) { continue; }
        _exit(1);
    }
    assert_true(child > 0);
    size_t n_absent = 0;
    for (int i = 0; i < N_LOOKS; i++) {
        int file = open("a", O_RDONLY);
        n_absent += file < 0;
        if (file >= 0) { close(file); }
    }
    int how;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how)); // it had not ended by itself, with an error
    assert_int_equal(n_absent, 0);
}

/* A child replaces the file for ever; each version is one letter, many times. */
static pid_t begin_replacing(char *bytes, size_t n)
{
    pid_t child = fork();
    if (child != 0) { return child; }
    for (int i = 0;; i++) {
        memset(bytes, 'a' + i % 26, n);
        if (evo_file_replace("a", NULL, bytes, n, false) != EVO_OK) { _exit(1); }
    }
}

static void assert_one_letter_throughout(size_t n_expected)
{
    char *text = NULL;
    size_t n = 0;
    assert_int_equal(evo_file_read("a", n_expected, &text, &n), EVO_OK);
    assert_int_equal(n, n_expected);
    assert_int_equal(strspn(text, (char[]){text[0], '\0'}), n);
    free(text);
}

static void readers_see_a_whole_file_while_it_is_replaced_and_after_a_kill(void **state)
{
    (void)state;
    enum { N = 200000, N_KILLS = 10, N_READS = 50 };
    char *bytes = malloc(N);
    assert_non_null(bytes);
    memset(bytes, 'z', N);
    assert_int_equal(evo_file_replace("a", NULL, bytes, N, false), EVO_OK);
    for (int i = 0; i < N_KILLS; i++) {
        pid_t child = begin_replacing(bytes, N);
        assert_true(child > 0);
        for (int j = 0; j < N_READS; j++) { assert_one_letter_throughout(N); }
        int how;
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFSIGNALED(how)); // it had not ended by itself, with an error
        assert_one_letter_throughout(N);
    }
    free(bytes);
}

/* ---- folders and paths ----------------------------------------------------------------------- */

static void a_folder_is_made_with_those_above_it_and_may_be_there_already(void **state)
{
    char *absolute = NULL;
    bool is_folder = false;
    assert_int_equal(evo_file_make_folder("x/y//z/"), EVO_OK);
    assert_int_equal(evo_file_make_folder("x/y/z"), EVO_OK);
    assert_true(evo_file_exists("x/y/z", &is_folder) && is_folder);
    assert_int_equal(evo_file_join(&absolute, *state, "deep/er"), EVO_OK);
    assert_int_equal(evo_file_make_folder(absolute), EVO_OK);
    assert_true(evo_file_exists("deep/er", &is_folder) && is_folder);
    free(absolute);
}

static void a_file_is_absent_only_where_that_is_certain(void **state)
{
    (void)state;
    bool there = true, is_folder = true;
    put("file", "x");
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_int_equal(symlink("folder", "to_folder") | symlink("file", "to_file"), 0);
    assert_int_equal(symlink("gone", "to_nothing") | symlink("loop", "loop"), 0);
    assert_int_equal(evo_file_look("missing", &there, &is_folder), EVO_OK);
    assert_true(!there && !is_folder);
    assert_int_equal(evo_file_look("folder/missing", &there, NULL), EVO_OK);
    assert_false(there);
    assert_int_equal(evo_file_look("file", &there, &is_folder), EVO_OK);
    assert_true(there && !is_folder);
    assert_int_equal(evo_file_look("to_file", &there, &is_folder), EVO_OK);
    assert_true(there && !is_folder);
    assert_int_equal(evo_file_look("to_folder", &there, &is_folder), EVO_OK);
    assert_true(there && is_folder);
    assert_refused(evo_file_look("to_nothing", &there, &is_folder),
                   "to_nothing: is a link, and what it leads to cannot be reached: No such file or directory");
    assert_true(there && !is_folder);
    assert_refused(evo_file_look("file/below", &there, NULL),
                   "file/below: cannot be looked for: Not a directory");
    assert_int_equal(evo_file_look("loop", &there, NULL), EVO_ERR_IO);
    assert_int_equal(evo_file_look("loop/below", &there, NULL), EVO_ERR_IO);
    assert_true(there);
}

static void two_paths_to_one_folder_are_the_same(void **state)
{
    (void)state;
    bool same = false;
    assert_int_equal(mkdir("a", 0777) | mkdir("b", 0777) | symlink("a", "c"), 0);
    assert_int_equal(evo_file_same("a", "./a/", &same), EVO_OK);
    assert_true(same);
    assert_int_equal(evo_file_same("a", "c", &same), EVO_OK);
    assert_true(same);
    assert_int_equal(evo_file_same("a", "b", &same), EVO_OK);
    assert_false(same);
    assert_int_equal(evo_file_same("a", "missing", &same), EVO_OK);
    assert_false(same);
}

static void the_first_bytes_of_a_file_are_read_and_no_pipe_is_waited_for(void **state)
{
    (void)state;
    char begin[4] = "....";
    size_t n = 0;
    put("long", "abcdef");
    put("short", "ab");
    assert_int_equal(evo_file_peek("long", begin, sizeof begin, &n), EVO_OK);
    assert_int_equal(n, 4);
    assert_memory_equal(begin, "abcd", 4);
    assert_int_equal(evo_file_peek("short", begin, sizeof begin, &n), EVO_OK);
    assert_int_equal(n, 2);
    assert_int_equal(mkfifo("pipe", 0666), 0);
    assert_refused(evo_file_peek("pipe", begin, sizeof begin, &n), "pipe: is not a regular file");
}

static void a_file_in_the_way_of_a_folder_is_named(void **state)
{
    (void)state;
    bool is_folder = true;
    put("x", "a file");
    assert_true(evo_file_exists("x", &is_folder) && !is_folder);
    assert_refused(evo_file_make_folder("x"), "x: the folder cannot be made: File exists");
    assert_refused(evo_file_make_folder("x/y"), "x: the folder cannot be made: File exists");
}

static void paths_are_joined_with_one_slash(void **state)
{
    (void)state;
    static const char *const paths[][2] = {{"run", "run/a"}, {"run/", "run/a"}, {"/", "/a"}};
    for (size_t i = 0; i < 3; i++) {
        char *joined = NULL;
        assert_int_equal(evo_file_join(&joined, paths[i][0], "a"), EVO_OK);
        assert_string_equal(joined, paths[i][1]);
        free(joined);
    }
}

/* ---- the log --------------------------------------------------------------------------------- */

/* Sends one of our streams into a file; returns what it was. */
static int divert(FILE *stream, int to)
{
    fflush(stream);
    int kept = dup(fileno(stream));
    assert_true(kept >= 0 && dup2(to, fileno(stream)) >= 0);
    return kept;
}

static void restore(FILE *stream, int kept)
{
    fflush(stream);
    assert_true(dup2(kept, fileno(stream)) >= 0);
    close(kept);
}

static void lines_go_where_their_level_says_and_into_the_file_with_a_stamp(void **state)
{
    (void)state;
    int out = open("out", O_CREAT | O_WRONLY, 0666), err = open("err", O_CREAT | O_WRONLY, 0666);
    int kept_out = divert(stdout, out), kept_err = divert(stderr, err);
    evo_log_set_level(EVO_LOG_WARNING);
    evo_log(EVO_LOG_INFO, "quiet");
    evo_log(EVO_LOG_WARNING, "careful");
    evo_log_live("live %d", 1); // no terminal: nothing
    enum evo_status opened = evo_log_open("log.txt");
    evo_log_set_level(EVO_LOG_INFO);
    evo_log(EVO_LOG_INFO, "generation %d", 7);
    evo_log(EVO_LOG_ERROR, "failed");
    evo_log(EVO_LOG_DEBUG, "detail");
    evo_log_close();
    evo_log(EVO_LOG_INFO, "closed");
    evo_log_set_level(EVO_LOG_WARNING);
    restore(stdout, kept_out);
    restore(stderr, kept_err);
    close(out);
    close(err);
    assert_int_equal(opened, EVO_OK);
    assert_holds("out", "generation 7\nclosed\n");
    assert_holds("err", "evompi: warning: careful\nevompi: error: failed\n");

    char *text = NULL;
    size_t n = 0, stamp = strlen("2026-11-23T08:55:01+00:00");
    assert_int_equal(evo_file_read("log.txt", 1000, &text, &n), EVO_OK);
    assert_memory_equal(text + stamp, " generation 7\n", 14);
    assert_memory_equal(text + stamp + 14 + stamp, " error: failed\n", 15);
    assert_int_equal(n, 2 * stamp + 14 + 15);
    free(text);
}

static void the_log_file_is_appended_to(void **state)
{
    (void)state;
    put("log.txt", "before\n");
    assert_int_equal(evo_log_open("log.txt"), EVO_OK);
    evo_log(EVO_LOG_INFO, "after");
    evo_log_close();
    char *text = NULL;
    size_t n = 0;
    assert_int_equal(evo_file_read("log.txt", 1000, &text, &n), EVO_OK);
    assert_memory_equal(text, "before\n", 7);
    assert_string_equal(text + n - 6, "after\n");
    free(text);
    assert_refused(evo_log_open("no/log.txt"),
                   "no/log.txt: cannot be opened for the log: No such file or directory");
}

static void a_line_clears_the_live_line_of_a_terminal(void **state)
{
    (void)state;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) { skip(); }
    int screen = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    assert_true(screen >= 0);
    int kept = divert(stdout, screen);
    evo_log_set_level(EVO_LOG_INFO);
    evo_log_set_terminal(true);
    evo_log_live("generation %d", 1);
    evo_log_live("generation %d", 2);
    evo_log(EVO_LOG_INFO, "new best");
    evo_log_set_level(EVO_LOG_WARNING);
    evo_log_set_terminal(false);
    restore(stdout, kept);

    static const char expected[] = "generation 1\r\033[2Kgeneration 2\r\033[2Knew best\r\n";
    char shown[256] = "";
    size_t n = 0;
    struct pollfd ready = {.fd = terminal, .events = POLLIN};
    /* A terminal hands over what was written write by write. */
    while (n < strlen(expected) && poll(&ready, 1, 1000) == 1) {
        ssize_t got = read(terminal, shown + n, sizeof shown - 1 - n);
        assert_true(got > 0);
        n += (size_t)got;
    }
    close(screen);
    close(terminal);
    assert_string_equal(shown, expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_read_whole_with_its_zero_bytes),
        TEST(what_cannot_be_read_is_named_and_hangs_nobody),
        TEST(a_file_is_replaced_and_the_one_before_is_kept_where_asked),
        TEST(left_over_second_names_are_no_obstacle),
        TEST(a_left_over_temporary_file_is_no_obstacle),
        TEST(a_folder_that_is_missing_is_named),
        TEST(a_folder_in_the_way_stays_and_the_temporary_file_goes),
        TEST(where_the_one_before_cannot_be_kept_the_old_file_stays),
        TEST(where_the_disk_is_full_the_old_file_stays),
        TEST(a_file_is_never_absent_while_it_is_replaced),
        TEST(readers_see_a_whole_file_while_it_is_replaced_and_after_a_kill),
        TEST(a_folder_is_made_with_those_above_it_and_may_be_there_already),
        TEST(a_file_is_absent_only_where_that_is_certain),
        TEST(two_paths_to_one_folder_are_the_same),
        TEST(the_first_bytes_of_a_file_are_read_and_no_pipe_is_waited_for),
        TEST(a_file_in_the_way_of_a_folder_is_named),
        TEST(paths_are_joined_with_one_slash),
        TEST(lines_go_where_their_level_says_and_into_the_file_with_a_stamp),
        TEST(the_log_file_is_appended_to),
        TEST(a_line_clears_the_live_line_of_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
