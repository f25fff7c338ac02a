/* SPDX-License-Identifier: MIT */
/* The altitude task from outside: what a fitness depends on, traces, lists of flights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/rng.h>

#include "test_flight.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_STATES = 8, MOST_GENOME = (MOST_STATES + 1) * (MOST_STATES + 3) };

static const char *const precisions[] = {"double", "single"};
enum { N_PRECISIONS = sizeof precisions / sizeof precisions[0] };

static struct evo_task *make_task_in(const char *precision, const char *flights, size_t n_states,
                                     const char *step)
{
    char text[512];
    struct evo_task *task = NULL;
    snprintf(text, sizeof text,
             "[task]\nstep = %s\nprecision = %s\n[altitude]\nflights = %s\nstates = %zu\n", step,
             precision, flights, n_states);
    if (test_task(text, &task) != EVO_OK) { fail_msg("%s", evo_status_message()); }
    return task;
}

static struct evo_task *make_task(const char *flights, size_t n_states, const char *step)
{
    return make_task_in("double", flights, n_states, step);
}

/* Genomes of a spread that grows from creature to creature, so that some climb and some crash. */
static void draw_genomes(size_t n, size_t genome, double *genomes)
{
    for (size_t i = 0; i < n; i++) {
        struct evo_rng rng = evo_rng_begin(7, EVO_STREAM_INITIAL, genome, i);
        double spread = pow(2.0, (double)(i % 12) - 4.0);
        for (size_t j = 0; j < genome; j++) {
            genomes[i * genome + j] = evo_rng_between(&rng, -spread, spread);
        }
    }
}

static double fly_one(const struct evo_task *task, const double *genome)
{
    double fitness = -1.0;
    evo_task_fly(task, evo_cases_of(1), 1, genome, &fitness);
    return fitness;
}

static void no_creatures_are_flown_without_touching_memory(void **state)
{
    (void)state;
    struct evo_task *task = make_task("3:5:2", 1, "auto");
    evo_task_fly(task, evo_cases_of(1), 0, NULL, NULL);
    evo_task_destroy(task);
    evo_task_destroy(NULL);
}

static void fitness_is_the_same_alone_and_among_others(void **state)
{
    (void)state;
    enum { N = 131 };
    static double genomes[N * MOST_GENOME], fitness[N];
    static const char *const steps[] = {"plain", "auto"};
    for (size_t k = 0; k < 2 * (MOST_STATES + 1); k++) {
        struct evo_task *task = make_task("3:5:2, 5:3:2, 0:9:1", k / 2, steps[k % 2]);
        size_t genome = evo_shape_genome(evo_task_shape(task));
        draw_genomes(N, genome, genomes);
        for (size_t n = 1; n <= N; n += 10) {
            evo_task_fly(task, evo_cases_of(1), n, genomes, fitness);
            for (size_t i = 0; i < n; i++) {
                assert_true(same_bits(fitness[i], fly_one(task, genomes + i * genome)));
            }
        }
        evo_task_destroy(task);
    }
}

static void plain_and_automatic_step_agree_bit_for_bit(void **state)
{
    (void)state;
    enum { N = 67 };
    static double genomes[N * MOST_GENOME], a[N], b[N];
    static const char flights[] = "3:5:2, 100:102:2, 302:300:2";
    for (size_t k = 0; k < N_PRECISIONS * (MOST_STATES + 1); k++) {
        const char *precision = precisions[k % N_PRECISIONS];
        size_t n_states = k / N_PRECISIONS;
        struct evo_task *plain = make_task_in(precision, flights, n_states, "plain");
        struct evo_task *best = make_task_in(precision, flights, n_states, "auto");
        draw_genomes(N, evo_shape_genome(evo_task_shape(plain)), genomes);
        evo_task_fly(plain, evo_cases_of(1), N, genomes, a);
        evo_task_fly(best, evo_cases_of(1), N, genomes, b);
        assert_string_equal(evo_task_step_name(plain), "plain");
        assert_memory_equal(a, b, sizeof a);
        evo_task_destroy(best);
        evo_task_destroy(plain);
    }
}

/* ---- traces ------------------------------------------------------------------------------ */

enum { MOST_FLIGHTS = 4 };

/* What a trace leaves behind. */
struct seen {
    size_t n_rows, fail_at, i_flight, i_flight_fitness, i_fitness;
    double flight_fitness[MOST_FLIGHTS], fitness;
};

static size_t find_signal(const struct evo_task *task, const char *name)
{
    size_t n = 0;
    const struct evo_signal *signals = evo_task_trace_signals(task, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(signals[i].name, name) == 0) { return i; }
    }
    fail_msg("the trace has no %s", name);
    return 0;
}

static enum evo_status see(void *context, const double *values, size_t n_values)
{
    struct seen *seen = context;
    assert_true(seen->i_fitness < n_values);
    seen->n_rows++;
    if (seen->n_rows == seen->fail_at) { return evo_status_fail(EVO_ERR_IO, "disk full"); }
    size_t flight = (size_t)values[seen->i_flight];
    assert_true(flight < MOST_FLIGHTS);
    seen->flight_fitness[flight] = values[seen->i_flight_fitness];
    seen->fitness = values[seen->i_fitness];
    return EVO_OK;
}

static struct seen trace(const struct evo_task *task, const double *genome, double *fitness)
{
    struct seen seen = {
        .i_flight = find_signal(task, "flight"),
        .i_flight_fitness = find_signal(task, "flight_fitness"),
        .i_fitness = find_signal(task, "fitness"),
    };
    assert_int_equal(evo_task_trace(task, evo_cases_of(1), genome, see, &seen, fitness), EVO_OK);
    return seen;
}

static void trace_gives_the_fitness_of_the_flight(void **state)
{
    (void)state;
    enum { N = 24 };
    static double genomes[N * MOST_GENOME];
    for (size_t k = 0; k < N_PRECISIONS * (MOST_STATES + 1); k++) {
        struct evo_task *task = make_task_in(precisions[k % N_PRECISIONS], "3:5:2, 5:3:2, 0:1:0.5",
                                             k / N_PRECISIONS, "auto");
        size_t genome = evo_shape_genome(evo_task_shape(task));
        draw_genomes(N, genome, genomes);
        for (size_t i = 0; i < N; i++) {
            double fitness = -1.0;
            struct seen seen = trace(task, genomes + i * genome, &fitness);
            assert_true(same_bits(fitness, fly_one(task, genomes + i * genome)));
            assert_true(same_bits(fitness, seen.fitness));
            assert_int_equal(seen.n_rows, evo_task_steps(task, evo_cases_of(1)));
        }
        evo_task_destroy(task);
    }
}

static void flights_in_another_order_score_the_same_each(void **state)
{
    (void)state;
    enum { N = 24 };
    static double genomes[N * MOST_GENOME];
    struct evo_task *task = make_task("3:5:2, 302:300:1, 50:60:4", 2, "auto");
    struct evo_task *other = make_task("50:60:4, 3:5:2, 302:300:1", 2, "auto");
    size_t genome = evo_shape_genome(evo_task_shape(task));
    draw_genomes(N, genome, genomes);
    for (size_t i = 0; i < N; i++) {
        double fitness = -1.0, fitness_other = -1.0;
        struct seen a = trace(task, genomes + i * genome, &fitness);
        struct seen b = trace(other, genomes + i * genome, &fitness_other);
        for (size_t k = 0; k < 3; k++) {
            assert_true(same_bits(a.flight_fitness[k], b.flight_fitness[(k + 1) % 3]));
        }
        const double *f = a.flight_fitness;
        assert_true(same_bits(fitness, (f[0] + f[1]) + f[2]));
        assert_true(same_bits(fitness_other, (f[2] + f[0]) + f[1]));
    }
    evo_task_destroy(other);
    evo_task_destroy(task);
}

static void a_failing_sink_ends_the_trace(void **state)
{
    (void)state;
    struct evo_task *task = make_task("3:5:2", 0, "auto");
    struct seen seen = {.fail_at = 17, .i_fitness = find_signal(task, "fitness")};
    double genome[3] = {0.0}, fitness = 0.0;
    assert_int_equal(evo_task_trace(task, evo_cases_of(1), genome, see, &seen, &fitness), EVO_ERR_IO);
    assert_int_equal(seen.n_rows, 17);
    evo_task_destroy(task);
}

/* ---- ugly creatures ---------------------------------------------------------------------- */

static void a_command_that_is_no_number_counts_as_0(void **state)
{
    (void)state;
    struct evo_task *task = make_task("30:50:2, 1:0:3", 1, "auto");
    const double rests[8] = {0.0};
    const double expected = fly_one(task, rests);
    for (size_t i = 0; i < 8; i++) {
        /* Places 0 to 2 and 6 make the state, 3 to 5 and 7 the command. */
        double genome[8] = {0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0};
        genome[i] = (double)NAN;
        assert_true(same_bits(fly_one(task, genome), expected));
    }
    double cancels[8] = {0.0, 0.0, 0.0, 0.0, (double)INFINITY, -(double)INFINITY, 0.0, 0.0};
    assert_true(same_bits(fly_one(task, cancels), expected));
    evo_task_destroy(task);
}

static void huge_parameters_give_a_number(void **state)
{
    (void)state;
    static const double huge[] = {1e308, -1e308, (double)INFINITY, -(double)INFINITY, 5e-324};
    for (size_t n_states = 0; n_states <= MOST_STATES; n_states++) {
        struct evo_task *task = make_task("30:50:2, 1:0:3", n_states, "auto");
        double genome[MOST_GENOME];
        for (size_t k = 0; k < sizeof huge / sizeof huge[0]; k++) {
            for (size_t i = 0; i < MOST_GENOME; i++) { genome[i] = huge[(i + k) % 5]; }
            assert_true(isfinite(fly_one(task, genome)));
        }
        evo_task_destroy(task);
    }
}

static void an_overflowing_fitness_is_infinite(void **state)
{
    (void)state;
    struct evo_task *task = make_task("0:1e308:1", 0, "auto");
    const double genome[3] = {0.0};
    assert_true(same_bits(fly_one(task, genome), (double)INFINITY));
    evo_task_destroy(task);
}

/* ---- lists of flights -------------------------------------------------------------------- */

static void steps_are_counted_by_the_clock(void **state)
{
    (void)state;
    static const struct {
        const char *flights;
        uint64_t n_steps;
    } rows[] = {
        {"1:1:1", 100}, {"1:1:2", 200},   {"1:1:3", 301},  {"1:1:4", 401},
        {"1:1:5", 501}, {"0:0:10", 1001}, {"1:1:1e-9", 1}, {" 1 : 1 : 1 ,1:1:0x1p+1", 300},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct evo_task *task = make_task(rows[i].flights, 1, "auto");
        assert_int_equal(evo_task_steps(task, evo_cases_of(1)), rows[i].n_steps);
        evo_task_destroy(task);
    }
}

static void bad_flights_are_refused_by_number_and_value(void **state)
{
    (void)state;
    static const char form[] = "; a flight is start:setpoint:duration (m:m:s), such as 3:5:2";
    static const struct {
        const char *flights, *reason;
        bool form;
    } rows[] = {
        {"3:5", "flight 1 has fewer than three numbers", true},
        {"3,5:5:2", "flight 1 has fewer than three numbers; a flight is start:setpoint:duration (m:m:s), "
                    "such as 3:5:2; 3,5: a decimal comma; write 3.5", false},
        {"3:5:2, 3:5:2,5", "flight 3 has fewer than three numbers; a flight is start:setpoint:duration "
                           "(m:m:s), such as 3:5:2; 2,5: a decimal comma; write 2.5", false},
        {"3:5:2, 3:5:2:1", "flight 2 has more than three numbers", true},
        {"3:5:2,", "flight 2 is empty", true},
        {"3:5:2,,3:5:2", "flight 2 is empty", true},
        {"3:x:2", "flight 1: the setpoint \"x\" is not a finite number", true},
        {"3::2", "flight 1: the setpoint \"\" is not a finite number", true},
        {"3:5:2 s", "flight 1: the duration \"2 s\" is not a finite number", true},
        {"nan:5:2", "flight 1: the start \"nan\" is not a finite number", true},
        {"3:inf:2", "flight 1: the setpoint \"inf\" is not a finite number", true},
        {"-1:5:2", "flight 1: the start -1 is not a height of 0 m or more", false},
        {"3:-5:2", "flight 1: the setpoint -5 is not a height of 0 m or more", false},
        {"3:5:0", "flight 1: the duration 0 is not above 0 s", false},
        {"3:5:-2", "flight 1: the duration -2 is not above 0 s", false},
        {"3:5:1e6", "flight 1: 1e+06 s are more than 10000000 steps of 0.01 s", false},
        {"3:5:1e300", "flight 1: 1e+300 s are more than 10000000 steps of 0.01 s", false},
        {"3:5:6e4, 3:5:6e4", "flights 1 to 2 are more than 10000000 steps", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256], expected[512];
        struct evo_task *task = NULL;
        snprintf(text, sizeof text, "[altitude]\nflights = %s\n", rows[i].flights);
        snprintf(expected, sizeof expected, "test.ini:2: [altitude] flights = %s: %s%s",
                 rows[i].flights, rows[i].reason, rows[i].form ? form : "");
        assert_int_equal(test_task(text, &task), EVO_ERR_CONFIG);
        assert_string_equal(evo_status_message(), expected);
    }
}

static void more_flights_than_allowed_are_refused(void **state)
{
    (void)state;
    enum { N_LINES = 1000, MOST = 10000 };
    static const char line[] = " 1:1:1,1:1:1,1:1:1,1:1:1,1:1:1,1:1:1,1:1:1,1:1:1,1:1:1,1:1:1,\n";
    static char text[N_LINES * sizeof line + 64];
    struct evo_task *task = NULL;
    char *end = text + sprintf(text, "[altitude]\nflights =");
    for (int i = 0; i < N_LINES; i++) { end += sprintf(end, "%s", line); }
    strcpy(end - 2, "\n"); // without the last comma
    assert_int_equal(test_task(text, &task), EVO_OK);
    assert_int_equal(evo_task_steps(task, evo_cases_of(1)), MOST * 100);
    evo_task_destroy(task);
    strcpy(end - 2, ",1:1:1\n");
    assert_int_equal(test_task(text, &task), EVO_ERR_CONFIG);
    assert_non_null(strstr(evo_status_message(), ": 10001 flights are more than 10000"));
}

static void an_unrolled_step_that_is_not_built_is_refused(void **state)
{
    (void)state;
    struct evo_task *task = NULL;
    static const char text[] = "[task]\nstep = unrolled\n[altitude]\nstates = 8\n";
    assert_int_equal(test_task(text, &task), EVO_ERR_CONFIG);
    const char *message = evo_status_message();
    static const char start[] = "test.ini:2: [task] step = unrolled: the unrolled step (";
    static const char end[] = ") is built for altitude.states = 0 to 4; use auto or plain";
    assert_memory_equal(message, start, sizeof start - 1);
    assert_string_equal(message + strlen(message) - (sizeof end - 1), end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_creatures_are_flown_without_touching_memory),
        cmocka_unit_test(fitness_is_the_same_alone_and_among_others),
        cmocka_unit_test(plain_and_automatic_step_agree_bit_for_bit),
        cmocka_unit_test(trace_gives_the_fitness_of_the_flight),
        cmocka_unit_test(flights_in_another_order_score_the_same_each),
        cmocka_unit_test(a_failing_sink_ends_the_trace),
        cmocka_unit_test(a_command_that_is_no_number_counts_as_0),
        cmocka_unit_test(huge_parameters_give_a_number),
        cmocka_unit_test(an_overflowing_fitness_is_infinite),
        cmocka_unit_test(steps_are_counted_by_the_clock),
        cmocka_unit_test(bad_flights_are_refused_by_number_and_value),
        cmocka_unit_test(more_flights_than_allowed_are_refused),
        cmocka_unit_test(an_unrolled_step_that_is_not_built_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
