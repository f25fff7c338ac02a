/* SPDX-License-Identifier: MIT */
/* Plug-ins for the tests of the loader: one that is right, and one for each way to be wrong. */
#include <evompi/plugin.h>

#include <fenv.h>
#include <locale.h>
#include <stdlib.h>

struct settings {
    double amplitude;
    int64_t cases;
};

static const struct evo_key keys[] = {
    EVO_KEY_ROW_REAL(struct settings, amplitude, "10", 0, 100, "1", "height of the waves"),
    EVO_KEY_ROW_INT(struct settings, cases, "3", 1, 9, "", "how many"),
};

static const struct evo_block blocks[] = {
    {.name = "x", .n = 2, .lower = -5.12, .upper = 5.12, .start = 0, .spread = 2},
};

#ifdef CASE_UNDEFINED
void evo_test_no_such_function(void);
#endif
#ifdef CASE_MISSING
double evo_test_gone(double x);
#endif

static void evaluate(void *task, struct evo_batch *batch)
{
    (void)task;
#ifdef CASE_UNDEFINED
    evo_test_no_such_function();
#endif
    for (size_t i = 0; i < batch->n; i++) { batch->results[i] = batch->parameters[2 * i]; }
#ifdef CASE_MISSING
    batch->results[0] = evo_test_gone(1.0);
#endif
}

#if defined(CASE_CRASH) || defined(CASE_EXIT) || defined(CASE_ROUND)
__attribute__((constructor)) static void begin(void)
{
#ifdef CASE_CRASH
    abort();
#elif defined(CASE_EXIT)
    exit(0);
#else
    fesetround(FE_DOWNWARD);
    setlocale(LC_ALL, "C.UTF-8");
#endif
}
#endif

#ifdef CASE_ABI
#define HEAD 7, (uint32_t)sizeof(struct evo_task_class)
#elif defined(CASE_SMALL)
#define HEAD EVO_TASK_ABI, 8
#elif defined(CASE_NEW)
#define HEAD EVO_TASK_ABI, (uint32_t)sizeof(struct evo_task_class) + 16
#else
#define HEAD EVO_TASK_HEAD
#endif

#ifdef CASE_WILD
#define NAME (const char *)8
#elif defined(CASE_NAME)
#define NAME "Bad name"
#else
#define NAME "good"
#endif

#ifdef CASE_NO_SYMBOL
extern __attribute__((visibility("default"))) const struct evo_task_class other_name;
const struct evo_task_class other_name
#else
EVO_PLUGIN
#endif
    = {
        HEAD,
        .name = NAME,
        .summary = "the first parameter",
        .keys = {keys, 2, sizeof(struct settings)},
        .blocks = blocks,
        .n_blocks = 1,
        .evaluate = evaluate,
};
