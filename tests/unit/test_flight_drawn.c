/* SPDX-License-Identifier: MIT */
/* Altitude flights drawn by chance, PD controllers as creatures, and validation on unseen flights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_flight.h"

#include <math.h>

static struct evo_task *make_task(const char *settings)
{
    struct evo_task *task = NULL;
    if (test_task(settings, &task) != EVO_OK) { fail_msg("%s", evo_status_message()); }
    return task;
}

/* A PD controller as a linear creature of one state variable: gains per m and per m/s at dt 0.01. */
#define P      0.5
#define D      0.45
#define OFFSET 0.5
static const double pd[] = {P, D, OFFSET};

/* The same with a state variable that has a part in nothing, and then one that counts. */
static const double idle[] = {-1, 2, 0, 0, P, D, 0, OFFSET};
static const double filter[] = {-2, 2.5, 0.3, 1.7, 1, 0.5, 0.01, OFFSET};
/* What this one is at a step of 0.01 s: the error before, then the state. */
static const double filtering[] = {
    0, 0, 1, -1,
    -0.3, 1 + 0.01 * -2, 0.01 * 2.5 + 0.3, -(0.01 * 2.5 + 0.3),
    -50, 1.7, 51, -51,
    0, 0.01 * 0.01, OFFSET,
};
static const double linear[] = {0, 1, -1, -D / 0.01, P + D / 0.01, -(P + D / 0.01), 0, OFFSET};

static double fly(const struct evo_task *task, struct evo_cases cases, const double *genome)
{
    double fitness = -1.0;
    evo_task_fly(task, cases, 1, genome, &fitness);
    return fitness;
}

/* ---- drawing ---- */

/* Where the flights of a trace begin and what they aim at. */
struct seen {
    size_t n_flights, n_up;
    double flight, least_step, most_step, lowest, highest;
};

static enum evo_status see(void *context, const double *row, size_t n)
{
    (void)n;
    struct seen *seen = context;
    double setpoint = row[2], z = row[3], step = fabs(setpoint - z);
    if (row[0] == seen->flight) { return EVO_OK; }
    seen->flight = row[0];
    seen->n_flights++;
    seen->n_up += setpoint > z;
    seen->least_step = fmin(seen->least_step, step);
    seen->most_step = fmax(seen->most_step, step);
    seen->lowest = fmin(seen->lowest, fmin(setpoint, z));
    seen->highest = fmax(seen->highest, fmax(setpoint, z));
    return EVO_OK;
}

static void drawn_flights_keep_their_limits_and_fill_them(void **state)
{
    (void)state;
    struct evo_task *task = make_task("[altitude]\nrandom_flights = 1000\nduration = 0.01\n"
                                      "height_max = 40\nstep_min = 2\nstep_max = 5\n");
    struct seen seen = {.flight = -1, .least_step = INFINITY, .lowest = INFINITY};
    double fitness;
    assert_int_equal(evo_task_trace(task, evo_cases_of(3), linear, see, &seen, &fitness), EVO_OK);
    assert_int_equal(seen.n_flights, 1000);
    assert_in_range(seen.n_up, 430, 570);
    /* After one step of 0.01 s from rest nothing has moved. */
    assert_true(seen.least_step >= 2.0 && seen.least_step < 2.1);
    assert_true(seen.most_step <= 5.0 && seen.most_step > 4.9);
    assert_true(seen.lowest >= 0.0 && seen.lowest < 1.0);
    assert_true(seen.highest <= 40.0 && seen.highest > 39.0);
    evo_task_destroy(task);
}

static void generations_differ_and_repeat_and_the_exam_is_another(void **state)
{
    (void)state;
    const char *text = "[job]\nseed = 7\n[altitude]\nrandom_flights = 3\n[exam]\nflights = 5\n";
    struct evo_task *task = make_task(text), *again = make_task(text);
    assert_true(evo_task_changes(task));
    double one = fly(task, evo_cases_of(1), linear), two = fly(task, evo_cases_of(2), linear),
           selected = fly(task, evo_cases_selection(), linear);
    assert_true(one != two && two != selected && one != selected);
    assert_true(same_bits(one, fly(again, evo_cases_of(1), linear)));
    assert_true(same_bits(selected, fly(again, evo_cases_selection(), linear)));
    assert_int_equal(evo_task_steps(task, evo_cases_of(1)) * 5, evo_task_steps(task, evo_cases_selection()) * 3);
    evo_task_destroy(again);
    evo_task_destroy(task);
}

static void limits_of_draws_that_contradict_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[altitude]\nstep_min = 31\n", "] step_min"},
        {"[altitude]\nheight_max = 40\n", "] step_max"},
        {"[altitude]\nflights = 1:2:1\nduration = 1000\ndt = 1e-6\n", "] duration = 1000"},
        {"[validate]\nduration = 1000\n[altitude]\ndt = 1e-6\nflights = 1:2:1\n",
         "[validate] duration = 1000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct evo_task *task = NULL;
        assert_int_equal(test_task(cases[i].text, &task), EVO_ERR_CONFIG);
        assert_non_null(strstr(evo_status_message(), cases[i].message));
    }
}

/* ---- fitness ---- */

static void itae_is_the_sum_of_distance_times_time(void **state)
{
    (void)state;
    /* No rotor turns: a free fall from 100 m, its setpoint 90 m. */
    struct evo_task *task = make_task("[altitude]\ntime_power = 1\novershoot = 1\n"
                                      "flights = 100:90:2\nmotor_thrust = 0\n");
    double expected = 0.0, t = 0.0, z = 100.0, w = 0.0;
    while (t < 2.0) {
        z += w * 0.01;
        w -= 9.81 * 0.01;
        t += 0.01;
        expected += fabs(90.0 - z) * t * 0.01;
    }
    double fitness = fly(task, evo_cases_of(1), linear);
    assert_true(fabs(fitness - expected) < 1e-9 * expected);
    evo_task_destroy(task);
}

static void relative_flights_count_in_units_of_their_step(void **state)
{
    (void)state;
    const char *draw = "random_flights = 1\nstep_min = 7\nstep_max = 7\n";
    char text[256];
    double fitness[2];
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text, "[altitude]\n%srelative = %s\n", draw, i == 0 ? "no" : "yes");
        struct evo_task *task = make_task(text);
        fitness[i] = fly(task, evo_cases_of(1), linear);
        evo_task_destroy(task);
    }
    assert_true(fabs(fitness[0] / 7.0 - fitness[1]) < 1e-12 * fitness[0]);
}

/* ---- creatures that see the error ---- */

static void a_creature_of_the_error_is_its_linear_creature_bit_for_bit(void **state)
{
    (void)state;
    /* Creatures that are the same controller, each with its genome's size. */
    static const struct {
        const char *controller;
        int n_states;
        const double *genome;
        size_t size;
        int same;
    } creatures[] = {
        {"linear", 1, linear, 8, 0}, {"error", 0, pd, 3, 0},         {"error", 1, idle, 8, 0},
        {"error", 1, filter, 8, 3},  {"linear", 2, filtering, 15, 3},
    };
    static const char *const steps[] = {"plain", "auto"};
    const int n = (int)(sizeof creatures / sizeof creatures[0]);
    double fitness[2][5];
    for (int i = 0; i < 2 * n; i++) {
        char text[256];
        const double *genome = creatures[i % n].genome;
        snprintf(text, sizeof text,
                 "[task]\nstep = %s\n[altitude]\nrandom_flights = 9\ncontroller = %s\nstates = %d\n",
                 steps[i / n], creatures[i % n].controller, creatures[i % n].n_states);
        struct evo_task *task = make_task(text);
        assert_int_equal(evo_shape_genome(evo_task_shape(task)), creatures[i % n].size);
        fitness[i / n][i % n] = fly(task, evo_cases_of(1), genome);
        double traced;
        assert_int_equal(evo_task_trace(task, evo_cases_of(1), genome, NULL, NULL, &traced), EVO_OK);
        assert_true(same_bits(traced, fitness[i / n][i % n]));
        assert_true(same_bits(fitness[i / n][i % n], fitness[0][creatures[i % n].same]));
        evo_task_destroy(task);
    }
    assert_true(fitness[0][3] != fitness[0][0]);
}

/* ---- validation ---- */

struct figures {
    size_t n;
    double settled, overshoot, steady, itae, crashed;
};

static enum evo_status note(void *context, const struct evo_figure *figure)
{
    struct figures *figures = context;
    const struct {
        const char *name;
        double *value;
    } wanted[] = {{"settled", &figures->settled},         {"overshoot", &figures->overshoot},
                  {"steady_error", &figures->steady},     {"itae", &figures->itae},
                  {"crashed", &figures->crashed}};
    figures->n++;
    assert_true(strlen(figure->doc) > 0 && strlen(figure->unit) > 0);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (strcmp(figure->name, wanted[i].name) == 0) { *wanted[i].value = figure->value; }
    }
    return EVO_OK;
}

static struct figures validate(const struct evo_task *task, const double *genome)
{
    struct figures figures = {0};
    assert_int_equal(evo_task_validate_creature(task, genome, false, note, &figures), EVO_OK);
    return figures;
}

static void validation_tells_a_good_controller_from_one_that_falls(void **state)
{
    (void)state;
    struct evo_task *task = make_task("[validate]\nflights = 300\n");
    static const double nothing[8] = {0};
    struct figures good = validate(task, linear), falls = validate(task, nothing);
    assert_int_equal(good.n, falls.n);
    assert_true(good.settled > 50.0 && falls.settled == 0.0);
    assert_true(good.crashed == 0.0 && falls.crashed > 10.0);
    assert_true(good.steady < 1.0 && falls.steady > 20.0);
    assert_true(10.0 * good.itae < falls.itae);
    evo_task_destroy(task);
}

/* One that knows its five setpoints only: the command hovers at the height that it learnt. */
static void a_controller_that_hovers_anywhere_has_no_settled_flight(void **state)
{
    (void)state;
    struct evo_task *task = make_task("[validate]\nflights = 300\n");
    static const double hovers[8] = {0, 0, 0, 0, 0, 0, 0, 0.5};
    struct figures figures = validate(task, hovers);
    assert_true(figures.settled == 0.0 && figures.crashed == 0.0 && figures.overshoot == 0.0);
    assert_true(figures.steady > 14.0 && figures.steady < 17.0); // the mean step
    evo_task_destroy(task);
}

static void validation_depends_on_its_seed_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[validate]\nflights = 50\n",
        "[validate]\nflights = 50\n[job]\nseed = 9\n[altitude]\nrandom_flights = 4\n",
        "[validate]\nflights = 50\nseed = 2\n"};
    double itae[3];
    for (int i = 0; i < 3; i++) {
        struct evo_task *task = make_task(texts[i]);
        itae[i] = validate(task, linear).itae;
        evo_task_destroy(task);
    }
    assert_true(same_bits(itae[0], itae[1]) && itae[0] != itae[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_flights_keep_their_limits_and_fill_them),
        cmocka_unit_test(generations_differ_and_repeat_and_the_exam_is_another),
        cmocka_unit_test(limits_of_draws_that_contradict_are_refused),
        cmocka_unit_test(itae_is_the_sum_of_distance_times_time),
        cmocka_unit_test(relative_flights_count_in_units_of_their_step),
        cmocka_unit_test(a_creature_of_the_error_is_its_linear_creature_bit_for_bit),
        cmocka_unit_test(validation_tells_a_good_controller_from_one_that_falls),
        cmocka_unit_test(a_controller_that_hovers_anywhere_has_no_settled_flight),
        cmocka_unit_test(validation_depends_on_its_seed_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
