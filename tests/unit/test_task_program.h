/* SPDX-License-Identifier: MIT */
/* What the tests of programs share: a program in the language of the protocol, and a batch for it. */
#ifndef EVO_TEST_TASK_PROGRAM_H
#define EVO_TEST_TASK_PROGRAM_H

#include "test_task.h"

#include "../../src/task/program.h"

#include <math.h>

/* Plain Python without the adapter: f(x) = (sum of squares), and where x[0] < 0 what act() does first. */
static const char test_program_text[] =
    "import json, os, sys, time, signal\n"
    "out = os.fdopen(os.dup(1), 'w')\n"
    "def say(text):\n"
    "    out.write(text); out.flush()\n"
    "action = sys.argv[1] if len(sys.argv) > 1 else ''\n"
    "hello = json.loads(sys.stdin.readline())\n"
    "say('{\"protocol\": 1}\\n')\n"
    "def act(batch, i):\n"
    "    k = batch['batch']\n"
    "    if action == 'exit': print('about to go', file=sys.stderr); os._exit(3)\n"
    "    if action == 'abort': os.abort()\n"
    "    if action == 'segv': os.kill(os.getpid(), signal.SIGSEGV)\n"
    "    if action == 'term': os.kill(os.getpid(), signal.SIGTERM)\n"
    "    if action == 'loop':\n"
    "        while True: pass\n"
    "    if action == 'memory': bytearray(20 << 30)\n"
    "    if action == 'close': out.close(); os.close(1); time.sleep(60)\n"
    "    if action == 'garbage': os.write(1, b'\\xff\\x00\\x01{{{\\n')\n"
    "    if action == 'print': say('debug: x is negative\\n')\n"
    "    if action == 'half': say('{\"batch\": %d, \"res' % k); os._exit(0)\n"
    "    if action == 'stuck': say('{\"batch\": %d, \"res' % k); time.sleep(60)\n"
    "    if action == 'long': say('x' * 10000000)\n"
    "    if action == 'number': batch['batch'] += 1\n"
    "    if action == 'big': return 1 << 64\n"
    "    if action == 'text': return 'seven'\n"
    "    if action == 'two': return [1, 2]\n"
    "    if action == 'none': return None\n"
    "    if action == 'failed': return {'failed': 'it diverged'}\n"
    "    if action == 'nan': return float('nan')\n"
    "    if action == 'inf': return [float('inf')]\n"
    "    if action == 'words': return '-Infinity'\n"
    "    if action == 'object': return {'ok': 1}\n"
    "    return 0.0\n"
    "for line in sys.stdin:\n"
    "    batch = json.loads(line)\n"
    "    results = [act(batch, i) if x[0] < 0 else sum(v * v for v in x)\n"
    "               for i, x in enumerate(batch['parameters'])]\n"
    "    bad = any(x[0] < 0 for x in batch['parameters'])\n"
    "    if bad and action == 'few': results.pop()\n"
    "    if bad and action == 'many': results.append(1.0)\n"
    "    say(json.dumps({'batch': batch['batch'], 'results': results}) + '\\n')\n"
    "    if action == 'once': os._exit(0)\n";

enum { TEST_WIDTH = 2 };

static inline struct evo_program_setup test_program_setup(struct evo_spawner *spawner, const char *command)
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

static inline void test_batch_init(struct test_batch *test, size_t n, size_t n_parameters, size_t n_results)
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
    assert_int_equal(evo_alloc(n * n_parameters, sizeof(double), "parameters", &parameters), EVO_OK);
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
