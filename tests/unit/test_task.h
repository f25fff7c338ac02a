/* SPDX-License-Identifier: MIT */
/* What the tests of child processes share: a folder, files in it, and whether a process is gone. */
#ifndef EVO_TEST_TASK_H
#define EVO_TEST_TASK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/base.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char test_task_folder[] = "test_task_XXXXXX";

static inline const char *test_task_path(const char *name, char path[512])
{
    snprintf(path, 512, "%s/%s", test_task_folder, name);
    return path;
}

static inline void test_task_write(const char *name, const char *text)
{
    char path[512];
    assert_int_equal(evo_file_replace(test_task_path(name, path), NULL, text, strlen(text), false),
                     EVO_OK);
}

/* The text of a file; "" where there is none. Free it. */
static inline char *test_task_read(const char *name)
{
    char path[512], *text = NULL;
    size_t n = 0;
    if (evo_file_read(test_task_path(name, path), 1 << 24, &text, &n) == EVO_OK) { return text; }
    assert_int_equal(evo_alloc(1, 1, "text", &text), EVO_OK);
    return text;
}

/* Whether a process has ended, within two seconds. This process adopts what others leave behind. */
static inline bool test_task_is_gone(long pid)
{
    for (int i = 0; i < 2000; i++) {
        while (waitpid(-1, NULL, WNOHANG) > 0) {}
        if (kill((pid_t)pid, 0) != 0 && errno == ESRCH) { return true; }
        usleep(1000);
    }
    return false;
}

/* `n` process numbers that others write into a file, one a line. */
static inline void test_task_pids(const char *name, size_t n, long *pids)
{
    for (int i = 0; i < 5000; i++) {
        char *text = test_task_read(name), *next = text;
        size_t have = 0;
        for (char *end; have < n && (end = strchr(next, '\n')) != NULL; next = end + 1) {
            pids[have++] = strtol(next, NULL, 10);
        }
        free(text);
        if (have == n) { return; }
        usleep(1000);
    }
    fail_msg("%s never had %zu numbers", name, n);
}

static inline int test_task_setup(void **state)
{
    (void)state;
    evo_process_adopt();
    return mkdtemp(test_task_folder) == NULL;
}

static inline int test_task_teardown(void **state)
{
    (void)state;
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", test_task_folder);
    return system(command);
}

#endif
