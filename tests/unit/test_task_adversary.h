/* SPDX-License-Identifier: MIT */
/* A program that keeps to the protocol until a candidate's x < 0: then it misbehaves as asked. */
#ifndef EVO_TEST_TASK_ADVERSARY_H
#define EVO_TEST_TASK_ADVERSARY_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

struct test_adversary {
    const char *action;
    long batch;
    bool bad; // the batch has a candidate with x < 0
};

static inline void test_adversary_say(const char *text)
{
    fputs(text, stdout);
    fflush(stdout);
}

static inline _Noreturn void test_adversary_go(const char *last_words, int code)
{
    fputs(last_words, stderr);
    _exit(code);
}

/* What happens at once; may not return. */
static inline void test_adversary_act(const struct test_adversary *self)
{
    const char *action = self->action;
    if (strcmp(action, "exit") == 0) { test_adversary_go("about to go\n", 3); }
    if (strcmp(action, "abort") == 0) { abort(); }
    if (strcmp(action, "segv") == 0) {
        signal(SIGSEGV, SIG_DFL); // sanitizers catch it
        raise(SIGSEGV);
    }
    if (strcmp(action, "term") == 0) { raise(SIGTERM); }
    if (strcmp(action, "loop") == 0) {
        for (volatile long i = 0;; i++) {}
    }
    if (strcmp(action, "memory") == 0) {
        const size_t much = (size_t)20 << 30;
        const struct rlimit limit = {much, much}; // this machine must not be harmed
        char *block = setrlimit(RLIMIT_AS, &limit) == 0
                          ? mmap(NULL, much, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                          : MAP_FAILED;
        if (block == MAP_FAILED) { test_adversary_go("no memory\n", 4); }
    }
    if (strcmp(action, "close") == 0) {
        close(STDOUT_FILENO);
        sleep(60);
    }
    if (strcmp(action, "garbage") == 0) { test_adversary_say("\xff\x01\x02{{{\n"); }
    if (strcmp(action, "print") == 0) { test_adversary_say("debug: x is negative\n"); }
    if (strcmp(action, "half") == 0 || strcmp(action, "stuck") == 0) {
        test_adversary_say("{\"batch\": 1, \"res");
        if (action[0] == 'h') { _exit(0); }
        sleep(60);
    }
    for (long i = 0; strcmp(action, "long") == 0 && i < 1000000; i++) {
        fputs("xxxxxxxxxx", stdout);
    }
}

/* The result of a candidate with x < 0. */
static inline const char *test_adversary_result(const char *action)
{
    static const char *const results[][2] = {
        {"big", "18446744073709551616"},
        {"text", "\"seven\""},
        {"two", "[1, 2]"},
        {"none", "null"},
        {"failed", "{\"failed\": \"it diverged\"}"},
        {"nan", "NaN"},
        {"inf", "[Infinity]"},
        {"words", "\"-Infinity\""},
        {"object", "{\"ok\": 1}"},
    };
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        if (strcmp(action, results[i][0]) == 0) { return results[i][1]; }
    }
    return "0.0";
}

/* Answers one line. */
static inline void test_adversary_answer(struct test_adversary *self, char *line)
{
    char *at = strstr(line, "\"parameters\": [");
    self->batch = strtol(line + strlen("{\"batch\": "), NULL, 10);
    self->bad = strstr(at, "[-") != NULL;
    if (self->bad) { test_adversary_act(self); }
    printf("{\"batch\": %ld, \"results\": [",
           self->batch + (self->bad && strcmp(self->action, "number") == 0));
    const char *comma = "";
    for (at = strchr(at, '[') + 1; (at = strchr(at, '[')) != NULL;) {
        double x = strtod(at + 1, &at), y = strtod(at + 1, &at);
        if (x < 0 && strcmp(self->action, "few") == 0) { continue; }
        if (x < 0) {
            printf("%s%s", comma, test_adversary_result(self->action));
        } else {
            printf("%s%.17g", comma, x * x + y * y);
        }
        comma = ", ";
    }
    printf("%s]}\n", self->bad && strcmp(self->action, "many") == 0 ? ", 1.0" : "");
    fflush(stdout);
}

static inline int test_adversary(const char *action)
{
    struct test_adversary self = {.action = action};
    char *line = NULL;
    size_t capacity = 0;
    if (getline(&line, &capacity, stdin) > 0) { test_adversary_say("{\"protocol\": 1}\n"); }
    while (getline(&line, &capacity, stdin) > 0) {
        test_adversary_answer(&self, line);
        if (strcmp(action, "once") == 0) { break; }
    }
    free(line);
    return 0;
}

#endif
