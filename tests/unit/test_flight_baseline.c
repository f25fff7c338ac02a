/* SPDX-License-Identifier: MIT */
/* Baselines by hand, and the rigid body. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/tasks/altitude/altitude.h"
#include "../golden/oracle/rigid_body.h"
#include "test_flight.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static struct evo_task *make_task(const char *text)
{
    struct evo_task *task = NULL;
    if (test_task(text, &task) != EVO_OK) { fail_msg("%s", evo_status_message()); }
    return task;
}

/* Flies the named baseline. */
static double fly_baseline(const struct evo_task *task, const char *name, evo_trace_sink *sink,
                            void *context)
{
    struct evo_controller controller;
    double fitness = -1.0;
    assert_int_equal(evo_baseline_create(task, name, &controller), EVO_OK);
    assert_int_equal(evo_task_trace_controller(task, evo_cases_of(1), &controller, sink, context, &fitness),
                     EVO_OK);
    evo_baseline_destroy(&controller);
    return fitness;
}

/* ---- baselines by hand ------------------------------------------------------------------ */

/* The row before, and the gain on the error's rate. */
struct follow {
    double proportional, derivative, dt;
    double flight, setpoint, z, error; // of the row before
    size_t n_rows;
};

/* The command of each row must follow from the heights that the rows before it show. */
static enum evo_status follow(void *context, const double *row, size_t n)
{
    struct follow *f = context;
    assert_int_equal(n, EVO_ALTITUDE_COLUMNS);
    bool known = f->n_rows > 0 && row[EVO_ALTITUDE_FLIGHT] == f->flight;
    if (known) {
        double error = row[EVO_ALTITUDE_SETPOINT] - f->z;
        double slope = isnan(f->error) ? 0.0 : (error - f->error) / f->dt;
        double command = 0.5 + f->proportional * error + f->derivative * slope;
        if (!isnan(f->error)) {
            assert_true(same_bits(row[EVO_ALTITUDE_COMMAND], fmin(fmax(command, 0.0), 1.0)));
        }
        f->error = error;
    } else {
        f->error = (double)NAN;
    }
    f->flight = row[EVO_ALTITUDE_FLIGHT];
    f->z = row[EVO_ALTITUDE_Z];
    f->n_rows++;
    return EVO_OK;
}

static void references_command_what_their_gains_say(void **state)
{
    (void)state;
    struct evo_task *task = make_task("[altitude]\nflights = 3:5:2, 50:60:4, 5:0:2\n");
    struct follow p = {.proportional = 0.1, .dt = 0.01};
    struct follow pd = {.proportional = 0.2, .derivative = 0.1, .dt = 0.01};
    fly_baseline(task, "p", follow, &p);
    fly_baseline(task, "pd", follow, &pd);
    assert_int_equal(p.n_rows, evo_task_steps(task, evo_cases_of(1)));
    assert_int_equal(pd.n_rows, evo_task_steps(task, evo_cases_of(1)));
    evo_task_destroy(task);
}

static void reference_p_flies_like_its_linear_creature(void **state)
{
    (void)state;
    struct evo_task *task = make_task("[altitude]\nstates = 0\n");
    const double genome[] = {0.1, -0.1, 0.5};
    double creature = 0.0, baseline = fly_baseline(task, "p", NULL, NULL);
    evo_task_fly(task, evo_cases_of(1), 1, genome, &creature);
    assert_true(fabs(creature - baseline) <= 1e-9 * baseline);
    evo_task_destroy(task);
}

static void an_unknown_reference_is_refused_with_those_there_are(void **state)
{
    (void)state;
    struct evo_task *task = make_task("");
    struct evo_controller controller;
    assert_int_equal(evo_baseline_create(task, "pid", &controller), EVO_ERR_USAGE);
    assert_string_equal(evo_status_message(),
                        "task altitude has no baseline \"pid\"; it has: p, pd");
    evo_task_destroy(task);
}

/* ---- the rigid body ------------------------------------------------------------------------ */

/* The full body beside an altitude flight. */
struct beside {
    struct evo_rigid_body body;
    struct evo_rigid_body_state state;
    double dt, start;
    size_t n_rows, n_ground;
};

static enum evo_status step_beside(void *context, const double *row, size_t n)
{
    struct beside *b = context;
    assert_int_equal(n, EVO_ALTITUDE_COLUMNS);
    double a = row[EVO_ALTITUDE_COMMAND];
    const double commands[] = {a, a, a, a};
    if (b->n_rows == 0) { b->state.z = -b->start; }
    evo_rigid_body_step(&b->body, b->dt, commands, &b->state);
    assert_true(same_bits(0.0 - b->state.z, row[EVO_ALTITUDE_Z]));
    assert_true(same_bits(0.0 - b->state.w, row[EVO_ALTITUDE_W]));
    assert_true(b->state.x == 0.0 && b->state.y == 0.0 && b->state.u == 0.0 && b->state.v == 0.0);
    assert_true(b->state.phi == 0.0 && b->state.theta == 0.0 && b->state.psi == 0.0);
    assert_true(b->state.p == 0.0 && b->state.q == 0.0 && b->state.r == 0.0);
    b->n_ground += row[EVO_ALTITUDE_Z] == 0.0;
    b->n_rows++;
    return EVO_OK;
}

static void altitude_flight_is_the_exact_reduction_of_the_rigid_body(void **state)
{
    (void)state;
    static const struct {
        double start, setpoint, mass, thrust, dt;
    } rows[] = {
        {3, 5, 1, 1, 0.01},       {5, 0, 1, 1, 0.01},     {302, 300, 1.3, 0.7, 0.01},
        {50, 60, 0.8, 1.1, 1e-3}, {0, 100, 2, 0.4, 0.02}, {7.3, 1.1, 1.0 / 3, 0.3, 0.005},
    };
    size_t n_ground = 0;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        const char *name = i % 2 == 0 ? "p" : "pd";
        struct beside beside = {
            .body = evo_rigid_body_original(rows[i / 2].mass, rows[i / 2].thrust),
            .dt = rows[i / 2].dt,
            .start = rows[i / 2].start,
        };
        char text[256];
        snprintf(text, sizeof text,
                 "[altitude]\nflights = %a:%a:6\nmass = %a\nmotor_thrust = %a\ndt = %a\n",
                 rows[i / 2].start, rows[i / 2].setpoint, rows[i / 2].mass, rows[i / 2].thrust,
                 rows[i / 2].dt);
        struct evo_task *task = make_task(text);
        fly_baseline(task, name, step_beside, &beside);
        assert_int_equal(beside.n_rows, evo_task_steps(task, evo_cases_of(1)));
        n_ground += beside.n_ground;
        evo_task_destroy(task);
    }
    /* Some of them must have met the ground, or the test says nothing of it. */
    assert_true(n_ground > 0);
}

static void nose_straight_up_keeps_the_state_finite(void **state)
{
    (void)state;
    const struct evo_rigid_body body = evo_rigid_body_original(1.0, 1.0);
    const double commands[] = {0.5, 0.6, 0.7, 0.8};
    for (double sign = -1.0; sign <= 1.0; sign += 2.0) {
        struct evo_rigid_body_state s = {
            .z = -50.0, .theta = sign * asin(1.0), .psi = 0.25, .p = 2.0, .q = -1.0, .r = 3.0};
        evo_rigid_body_step(&body, 0.01, commands, &s);
        assert_true(same_bits(s.psi, 0.25));
        assert_true(same_bits(s.phi, 2.0 * 0.01));
        assert_true(isfinite(s.theta) && isfinite(s.x) && isfinite(s.y) && isfinite(s.z));
    }
}

static void the_ground_stops_the_fall_alone(void **state)
{
    (void)state;
    const struct evo_rigid_body body = evo_rigid_body_original(1.0, 1.0);
    const double commands[] = {0.0, (double)NAN, -1.0, 0.0};
    struct evo_rigid_body_state s = {.z = -0.01, .u = 3.0, .w = 9.0, .r = 0.5};
    evo_rigid_body_step(&body, 0.01, commands, &s);
    assert_true(s.z == 0.0 && s.w == 0.0);
    assert_true(s.u == 3.0 && s.r == 0.5 && s.x > 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_command_what_their_gains_say),
        cmocka_unit_test(reference_p_flies_like_its_linear_creature),
        cmocka_unit_test(an_unknown_reference_is_refused_with_those_there_are),
        cmocka_unit_test(altitude_flight_is_the_exact_reduction_of_the_rigid_body),
        cmocka_unit_test(nose_straight_up_keeps_the_state_finite),
        cmocka_unit_test(the_ground_stops_the_fall_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
