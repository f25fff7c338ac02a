/* SPDX-License-Identifier: MIT */
/* The spawner: children start as asked, their ends are told, and none is left, whoever is killed.
 */
#include "test_task.h"

#include <evompi/child.h>

#include <fcntl.h>
#include <signal.h>

enum { FAMILY, EXIT_CODE, CRASH, CLEAN, WORDS };

/* A child, its child, one in the background of a shell, and one that left the group: their numbers
 * go to the file that is the payload. */
static int family(const void *payload, size_t n, const int *fds, size_t n_fds)
{
    (void)n, (void)fds, (void)n_fds;
    char command[1024];
    snprintf(command, sizeof command,
             "echo $$ >>'%s'; sleep 60 & echo $! >>'%s'; setsid sh -c 'echo $$ >>\"%s\"; exec "
             "sleep 60' & "
             "sleep 60; true",
             (const char *)payload, (const char *)payload, (const char *)payload);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    return 127;
}

static int exit_code(const void *payload, size_t n, const int *fds, size_t n_fds)
{
    (void)n, (void)fds, (void)n_fds;
    return *(const unsigned char *)payload;
}

static int crash(const void *payload, size_t n, const int *fds, size_t n_fds)
{
    (void)payload, (void)n, (void)fds, (void)n_fds;
    raise(SIGSEGV);
    return 0;
}

/* 0 where a child's signals and files are as promised. */
static int clean(const void *payload, size_t n, const int *fds, size_t n_fds)
{
    (void)payload, (void)n;
    sigset_t mask;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int i = 1; i < 32; i++) {
        struct sigaction action;
        if (sigaction(i, NULL, &action) == 0 && action.sa_handler != SIG_DFL) { return 1; }
        if (sigismember(&mask, i)) { return 2; }
    }
    for (int file = 3; file < 64; file++) {
        bool ours = false;
        for (size_t i = 0; i < n_fds; i++) { ours = ours || fds[i] == file; }
        if (!ours && fcntl(file, F_GETFD) >= 0) { return 3; }
    }
    char byte;
    if (read(STDIN_FILENO, &byte, 1) != 0) { return 4; }
    return getpgrp() == getpid() ? 0 : 5;
}

/* Writes its payload into its files. */
static int words(const void *payload, size_t n, const int *fds, size_t n_fds)
{
    for (size_t i = 0; i < n_fds; i++) {
        const char *from = payload;
        for (size_t left = n; left > 0;) {
            ssize_t put = write(fds[i], from, left);
            if (put <= 0) { return 1; }
            from += put;
            left -= (size_t)put;
        }
    }
    return 0;
}

static evo_spawner_work *const works[] = {family, exit_code, crash, clean, words};

static struct evo_spawner *make(void)
{
    struct evo_spawner *spawner = NULL;
    assert_int_equal(evo_spawner_create(works, sizeof works / sizeof works[0], &spawner), EVO_OK);
    return spawner;
}

/* Starts a child that ends by itself, and gives its end. */
static int run(struct evo_spawner *spawner, size_t work, const void *payload, size_t n,
               const int *fds, size_t n_fds)
{
    pid_t pid = 0;
    bool ended = false;
    int how = -1;
    assert_int_equal(evo_spawner_start(spawner, work, payload, n, fds, n_fds, &pid), EVO_OK);
    assert_int_equal(evo_spawner_wait(spawner, pid, 5.0, &ended), EVO_OK);
    assert_true(ended);
    assert_int_equal(evo_spawner_end(spawner, pid, &how), EVO_OK);
    return how;
}

static void the_end_of_a_child_is_told(void **state)
{
    (void)state;
    struct evo_spawner *spawner = make();
    char text[64];
    for (unsigned char code = 0; code < 100; code = (unsigned char)(code + 33)) {
        assert_int_equal(WEXITSTATUS(run(spawner, EXIT_CODE, &code, 1, NULL, 0)), code);
    }
    int how = run(spawner, CRASH, NULL, 0, NULL, 0);
    assert_true(WIFSIGNALED(how));
    assert_int_equal(WTERMSIG(how), SIGSEGV);
    assert_string_equal(evo_spawner_how(how, text, sizeof text), "signal 11 (Segmentation fault)");
    assert_string_equal(evo_spawner_how(3 << 8, text, sizeof text), "exit code 3");
    evo_spawner_destroy(spawner);
}

static void a_child_has_standard_signals_and_no_file_but_its_own(void **state)
{
    (void)state;
    /* What the rank has done to itself must not reach the child. */
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    signal(SIGPIPE, SIG_IGN);
    int inherited = open("/dev/null", O_RDONLY);
    struct evo_spawner *spawner = make();
    int own = open("/dev/null", O_WRONLY);
    const int fds[] = {own, own};
    assert_int_equal(run(spawner, CLEAN, NULL, 0, NULL, 0), 0);
    assert_int_equal(run(spawner, CLEAN, NULL, 0, fds, 2), 0);
    evo_spawner_destroy(spawner);
    close(own);
    close(inherited);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
}

static void a_payload_of_the_full_size_arrives(void **state)
{
    (void)state;
    struct evo_spawner *spawner = make();
    char path[512], *payload = NULL;
    int file = open(test_task_path("payload", path), O_RDWR | O_CREAT, 0666);
    assert_int_equal(evo_alloc(EVO_SPAWNER_PAYLOAD + 1, 1, "payload", &payload), EVO_OK);
    memset(payload, 'x', EVO_SPAWNER_PAYLOAD);
    assert_int_equal(run(spawner, WORDS, payload, EVO_SPAWNER_PAYLOAD, &file, 1), 0);
    close(file);
    char *got = test_task_read("payload");
    assert_string_equal(got, payload);
    pid_t pid = 0;
    assert_int_equal(
        evo_spawner_start(spawner, WORDS, payload, EVO_SPAWNER_PAYLOAD + 1, NULL, 0, &pid),
        EVO_ERR_INTERNAL);
    free(got);
    free(payload);
    evo_spawner_destroy(spawner);
}

static void a_child_that_does_not_end_is_waited_for_no_longer_than_asked(void **state)
{
    (void)state;
    struct evo_spawner *spawner = make();
    char path[512];
    pid_t pid = 0;
    bool ended = true;
    int how = 0;
    test_task_path("slow", path);
    assert_int_equal(evo_spawner_start(spawner, FAMILY, path, strlen(path) + 1, NULL, 0, &pid),
                     EVO_OK);
    assert_int_equal(evo_spawner_wait(spawner, pid, 0.05, &ended), EVO_OK);
    assert_false(ended);
    assert_int_equal(evo_spawner_end(spawner, pid, &how), EVO_OK);
    assert_int_equal(WTERMSIG(how), SIGKILL);
    evo_spawner_destroy(spawner);
}

static pid_t start_family(struct evo_spawner *spawner, const char *name, long pids[3])
{
    char path[512];
    pid_t pid = 0;
    test_task_path(name, path);
    assert_int_equal(evo_spawner_start(spawner, FAMILY, path, strlen(path) + 1, NULL, 0, &pid),
                     EVO_OK);
    test_task_pids(name, 3, pids);
    return pid;
}

static void the_end_of_a_child_takes_all_it_has_started(void **state)
{
    (void)state;
    struct evo_spawner *spawner = make();
    long pids[3];
    int how = 0;
    pid_t pid = start_family(spawner, "end", pids);
    assert_int_equal(evo_spawner_end(spawner, pid, &how), EVO_OK);
    for (size_t i = 0; i < 3; i++) { assert_true(test_task_is_gone(pids[i])); }
    assert_int_equal(evo_spawner_end(spawner, pid, &how), EVO_ERR_INTERNAL);
    evo_spawner_destroy(spawner);
}

static void nothing_is_left_when_the_spawner_is_destroyed(void **state)
{
    (void)state;
    struct evo_spawner *spawner = make();
    long pids[3];
    start_family(spawner, "destroy", pids);
    evo_spawner_destroy(spawner);
    for (size_t i = 0; i < 3; i++) { assert_true(test_task_is_gone(pids[i])); }
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void many_children_side_by_side_are_kept_apart(void **state)
{
    (void)state;
    struct evo_spawner *spawner = make();
    pid_t pids[EVO_SPAWNER_CHILDREN], one_more = 0;
    int how = 0;
    for (size_t i = 0; i < EVO_SPAWNER_CHILDREN; i++) {
        const unsigned char code = (unsigned char)i;
        bool ended = false;
        assert_int_equal(evo_spawner_start(spawner, EXIT_CODE, &code, 1, NULL, 0, &pids[i]),
                         EVO_OK);
        assert_int_equal(evo_spawner_wait(spawner, pids[i], 5.0, &ended), EVO_OK);
        assert_true(ended);
    }
    assert_int_equal(evo_spawner_start(spawner, EXIT_CODE, "", 1, NULL, 0, &one_more),
                     EVO_ERR_MEMORY);
    for (size_t i = EVO_SPAWNER_CHILDREN; i-- > 0;) {
        assert_int_equal(evo_spawner_end(spawner, pids[i], &how), EVO_OK);
        assert_int_equal(WEXITSTATUS(how), i);
    }
    evo_spawner_destroy(spawner);
}

/* ---- kills ---------------------------------------------------------------------------------- */

/* Whether a process has a name; zombies have theirs too, but spawners are waited for. */
static bool has_name(long pid, const char *name)
{
    char path[64], text[32] = "";
    snprintf(path, sizeof path, "/proc/%ld/comm", pid);
    FILE *file = fopen(path, "r");
    bool good = file != NULL && fscanf(file, "%31s", text) == 1;
    if (file != NULL) { fclose(file); }
    return good && strcmp(text, name) == 0;
}

/* The number of the spawner of process `pid`, which may have other children. */
static long spawner_of(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    for (int i = 0; i < 2000; i++) {
        long child = 0, found = 0;
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        while (found == 0 && fscanf(file, "%ld", &child) == 1) {
            if (has_name(child, "evo-spawner")) { found = child; }
        }
        fclose(file);
        if (found > 0) { return found; }
        usleep(1000); // it names itself
    }
    fail_msg("process %d has no spawner", (int)pid);
    return 0;
}

/* Forks a process that has a spawner with a family, and gives it and the numbers: the family's, its
 * own. */
static pid_t start_rank(const char *name, long pids[4])
{
    pid_t rank = fork();
    if (rank == 0) {
        signal(SIGSEGV, SIG_DFL); // cmocka catches crashes
        struct evo_spawner *spawner = NULL;
        char path[512];
        pid_t pid = 0;
        test_task_path(name, path);
        bool good =
            evo_spawner_create(works, 1, &spawner) == EVO_OK &&
            evo_spawner_start(spawner, FAMILY, path, strlen(path) + 1, NULL, 0, &pid) == EVO_OK;
        while (good) { pause(); }
        _exit(1);
    }
    test_task_pids(name, 3, pids);
    pids[3] = spawner_of(rank);
    return rank;
}

static void nothing_is_left_when_the_rank_ends_by(int by, const char *name)
{
    long pids[4];
    pid_t rank = start_rank(name, pids);
    kill(rank, by);
    for (size_t i = 0; i < 4; i++) { assert_true(test_task_is_gone(pids[i])); }
}

static void nothing_is_left_when_the_rank_is_killed(void **state)
{
    (void)state;
    nothing_is_left_when_the_rank_ends_by(SIGKILL, "sigkill");
    nothing_is_left_when_the_rank_ends_by(SIGSEGV, "sigsegv");
}

static void a_child_ends_when_rank_and_spawner_are_killed_together(void **state)
{
    (void)state;
    long pids[4];
    pid_t rank = start_rank("together", pids);
    kill((pid_t)pids[3], SIGSTOP); // it cannot clean up
    kill(rank, SIGKILL);
    kill((pid_t)pids[3], SIGKILL);
    assert_true(test_task_is_gone(pids[0]));
    /* What a shell has started is beyond reach then; it ends when its pipes do. */
    kill(-(pid_t)pids[0], SIGKILL);
    kill((pid_t)pids[2], SIGKILL);
    for (size_t i = 1; i < 4; i++) { assert_true(test_task_is_gone(pids[i])); }
}

static void a_signal_to_all_processes_of_a_job_does_not_end_the_spawner(void **state)
{
    (void)state;
    struct evo_spawner *spawner = make();
    long pid = spawner_of(getpid());
    for (int i = 1; i < 32; i++) {
        if (i != SIGKILL && i != SIGSTOP) { kill((pid_t)pid, i); }
    }
    const unsigned char code = 7;
    assert_int_equal(WEXITSTATUS(run(spawner, EXIT_CODE, &code, 1, NULL, 0)), 7);
    evo_spawner_destroy(spawner);
}

static void a_spawner_that_is_killed_is_an_error_and_takes_its_children(void **state)
{
    (void)state;
    struct evo_spawner *spawner = make();
    long pids[3];
    pid_t pid = start_family(spawner, "lost", pids), other = 0;
    int how = 0;
    kill((pid_t)spawner_of(getpid()), SIGKILL);
    assert_int_equal(evo_spawner_end(spawner, pid, &how), EVO_ERR_INTERNAL);
    assert_non_null(strstr(evo_status_message(), "is gone: was it killed"));
    /* The one that left the group is beyond reach then; it ends when its pipes do. */
    for (size_t i = 0; i < 2; i++) { assert_true(test_task_is_gone(pids[i])); }
    kill((pid_t)pids[2], SIGKILL);
    assert_int_equal(evo_spawner_start(spawner, EXIT_CODE, "", 1, NULL, 0, &other),
                     EVO_ERR_INTERNAL);
    evo_spawner_destroy(spawner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_child_is_told),
        cmocka_unit_test(a_child_has_standard_signals_and_no_file_but_its_own),
        cmocka_unit_test(a_payload_of_the_full_size_arrives),
        cmocka_unit_test(a_child_that_does_not_end_is_waited_for_no_longer_than_asked),
        cmocka_unit_test(the_end_of_a_child_takes_all_it_has_started),
        cmocka_unit_test(nothing_is_left_when_the_spawner_is_destroyed),
        cmocka_unit_test(many_children_side_by_side_are_kept_apart),
        cmocka_unit_test(nothing_is_left_when_the_rank_is_killed),
        cmocka_unit_test(a_child_ends_when_rank_and_spawner_are_killed_together),
        cmocka_unit_test(a_signal_to_all_processes_of_a_job_does_not_end_the_spawner),
        cmocka_unit_test(a_spawner_that_is_killed_is_an_error_and_takes_its_children),
    };
    return cmocka_run_group_tests(tests, test_task_setup, test_task_teardown);
}
