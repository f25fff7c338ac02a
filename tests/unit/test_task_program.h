/* SPDX-License-Identifier: MIT */
/* What the tests of programs share: what a program is set up with, and a batch for it. */
#ifndef EVO_TEST_TASK_PROGRAM_H
#define EVO_TEST_TASK_PROGRAM_H

#include "test_task.h"

#include <evompi/child.h>

#include <math.h>

enum { TEST_WIDTH = 2 };

static inline struct evo_program_setup test_program_setup(struct evo_spawner *spawner,
                                                          const char *command)
{
    static const char *const parameters[] = {"x", "y"}, *const results[] = {"fitness", "effort"};
    static char path[512], folder[] = EVO_TEST_DATA "/../../tools";
    test_task_path("stderr.txt", path);
    return (struct evo_program_setup){.spawner = spawner,
                                      .command = command,
                                      .version = "0.0.0",
                                      .timeout_s = 20.0,
                                      .n_parameters = TEST_WIDTH,
                                      .n_results = 1,
                                      .parameters = parameters,
                                      .results = results,
                                      .seed = 7,
                                      .n_ranks = 1,
                                      .error_path = path,
                                      .adapter_folder = folder};
}

/* A batch of n candidates: (i, 0.1), results and status as the contract has them before a call. */
struct test_batch {
    struct evo_batch batch;
    char message[512];
};

static inline void test_batch_init(struct test_batch *test, size_t n, size_t n_parameters,
                                   size_t n_results)
{
    struct evo_batch *batch = &test->batch;
    double *parameters = NULL;
    *test = (struct test_batch){.batch = {.size = sizeof *batch,
                                          .generation = 3,
                                          .n = n,
                                          .n_parameters = n_parameters,
                                          .n_results = n_results,
                                          .n_parts = 1,
                                          .message = test->message,
                                          .message_bytes = sizeof test->message}};
    assert_int_equal(evo_alloc(n * n_parameters, sizeof(double), "parameters", &parameters),
                     EVO_OK);
    assert_int_equal(evo_alloc(n * n_results, sizeof(double), "results", &batch->results), EVO_OK);
    assert_int_equal(evo_alloc(n, sizeof(int32_t), "status", &batch->status), EVO_OK);
    for (size_t i = 0; i < n * n_parameters; i++) {
        parameters[i] = i % n_parameters == 0 ? (double)(i / n_parameters) : 0.1;
    }
    for (size_t i = 0; i < n * n_results; i++) { batch->results[i] = NAN; }
    batch->parameters = parameters;
}

static inline void test_batch_set(struct test_batch *test, size_t i, size_t k, double value)
{
    ((double *)(uintptr_t)test->batch.parameters)[i * test->batch.n_parameters + k] = value;
}

static inline void test_batch_fini(struct test_batch *test)
{
    free((void *)(uintptr_t)test->batch.parameters);
    free(test->batch.results);
    free(test->batch.status);
}

static inline struct evo_spawner *test_program_spawner(void)
{
    static evo_spawner_work *const works[] = {evo_program_child};
    struct evo_spawner *spawner = NULL;
    assert_int_equal(evo_spawner_create(works, 1, &spawner), EVO_OK);
    return spawner;
}

#endif
