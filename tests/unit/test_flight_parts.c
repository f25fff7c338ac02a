/* SPDX-License-Identifier: MIT */
/* Parts that were evaluated apart, in any ranges, join to the bits of the whole, for every task and step. */
#include "test_flight.h"

#include <evompi/contract.h>
#include <evompi/plugin.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

enum { N = 19, MOST_PARTS = 40, MOST_WIDTH = 3 };

/* A task from outside: the sum of its parts has other bits in another order, and a part may fail. */
struct settings {
    int64_t parts;
};
static const struct evo_key keys[] = {EVO_KEY_ROW_INT(struct settings, parts, "9", 1, 100, "", "Parts.")};
static const struct evo_block blocks[] = {{.name = "x", .n = 4, .lower = -9, .upper = 9, .spread = 1}};
static const struct evo_result results[] = {{"misfit", "", ""}, {"other", "", ""}};

static int create(const struct evo_task_setup *setup, struct evo_task_form *form, void **task)
{
    form->n_parts = (size_t)((const struct settings *)setup->keys)->parts;
    *task = NULL;
    return 0;
}

static void evaluate(void *task, struct evo_batch *batch)
{
    (void)task;
    assert_int_equal(batch->n_parts, 1);
    for (size_t i = 0; i < batch->n; i++) {
        const double *x = batch->parameters + i * batch->n_parameters;
        double part = (double)batch->first_part;
        batch->results[i * 2] = (batch->first_part % 3 == 0 ? 1e9 : 1.0) * x[batch->first_part % 4] * part;
        batch->results[i * 2 + 1] = x[0] / (part + 1.0);
        if (i == 7 && batch->first_part == 2) { evo_batch_fail(batch, i, "the seventh fails"); }
    }
}

static const struct evo_task_class summed = {
    EVO_TASK_HEAD, "summed", "A sum of parts.", blocks, 1, evaluate,
    .keys = {keys, 1, sizeof(struct settings)}, .results = results, .n_results = 2, .create = create,
};

static const char *const texts[] = {
    "[task]\nname = altitude\n[altitude]\nstates = 2\nflights = 3:5:2, 5:3:2, 100:102:1, 302:300:1\n",
    "[task]\nname = altitude\nprecision = single\n[altitude]\nflights = 3:5:2, 5:3:1\n",
    "[task]\nname = altitude\nstep = plain\n[altitude]\nflights = 3:5:2, 5:3:1, 7:2:1\n",
    "[task]\nname = altitude\n[altitude]\nrandom_flights = 7\ncontroller = error\nrelative = yes\n",
    "[task]\nname = hover\n[hover]\nflights = 5\nduration = 0.3\nstates = 2\nweight_size = 0.1\n",
    "[task]\nname = hover\nstep = plain\n[hover]\nflights = 3\nduration = 0.2\nnoise_rate = 0.1\n",
    "[task]\nname = track\n[hover]\nflights = 6\nduration = 0.3\nhidden = 3\n",
    "[task]\nname = summed\n",
    "[task]\nname = summed\n[summed]\nparts = 1\n",
};

static void draw(size_t n, double *genomes)
{
    uint64_t x = 7;
    for (size_t i = 0; i < n; i++) {
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
        genomes[i] = (double)(x >> 11) * 0x1p-53 - 0.5;
    }
}

/* Ranges of `step` parts, the last ones first. */
static void evaluate_apart(struct evo_task *task, struct evo_cases cases, uint64_t step, const double *genomes,
                           double *records)
{
    static double parts[MOST_PARTS * N * MOST_WIDTH];
    uint64_t n_parts = evo_task_parts(task, cases);
    size_t row = N * evo_record_width(evo_task_record(task));
    assert_true(n_parts <= MOST_PARTS && row <= N * MOST_WIDTH);
    for (uint64_t first = (n_parts - 1) / step * step;; first -= step) {
        struct evo_parts range = {first, n_parts - first < step ? n_parts - first : step};
        assert_int_equal(evo_task_evaluate_parts(task, cases, range, N, genomes, parts + first * row), EVO_OK);
        if (first == 0) { break; }
    }
    evo_task_join(task, cases, N, genomes, parts, records);
}

static void check(const char *text, struct evo_cases cases)
{
    static double records[2][N * MOST_WIDTH];
    struct evo_task *task = NULL;
    if (test_task(text, &task) != EVO_OK) { fail_msg("%s", evo_status_message()); }
    size_t genome = evo_shape_genome(evo_task_shape(task)), width = evo_record_width(evo_task_record(task));
    double *genomes = calloc(N * genome, sizeof *genomes);
    assert_non_null(genomes);
    draw(N * genome, genomes);
    assert_int_equal(evo_task_evaluate(task, cases, N, genomes, records[0]), EVO_OK);
    for (uint64_t step = 1; step <= 4; step++) {
        evaluate_apart(task, cases, step, genomes, records[1]);
        if (memcmp(records[0], records[1], N * width * sizeof(double)) != 0) {
            fail_msg("%s\nranges of %d parts join to other bits", text, (int)step);
        }
    }
    free(genomes);
    evo_task_destroy(task);
}

static void parts_join_to_the_bits_of_the_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) { check(texts[i], evo_cases_of(3)); }
}

static void a_candidate_that_fails_in_one_part_fails(void **state)
{
    (void)state;
    double genomes[N * 4], records[N * 3];
    struct evo_task *task = NULL;
    assert_int_equal(test_task("[task]\nname = summed\n", &task), EVO_OK);
    draw(N * 4, genomes);
    assert_int_equal(evo_task_evaluate(task, evo_cases_of(1), N, genomes, records), EVO_OK);
    for (size_t i = 0; i < N; i++) {
        assert_true(records[i * 3 + 2] == (i == 7 ? 1.0 : 0.0));
        assert_true((isnan(records[i * 3]) && isnan(records[i * 3 + 1])) == (i == 7));
    }
    evo_task_destroy(task);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_join_to_the_bits_of_the_whole),
        cmocka_unit_test(a_candidate_that_fails_in_one_part_fails),
    };
    if (evo_task_add(&summed) != EVO_OK) { return 1; }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
