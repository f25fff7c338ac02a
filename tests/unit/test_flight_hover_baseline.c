/* SPDX-License-Identifier: MIT */
/* LQR and LQI: the Riccati equation is solved, the loop is stable, every vehicle hovers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/tasks/quad/hover_baseline.h"
#include "test_flight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void must(enum evo_status status)
{
    if (status != EVO_OK) { fail_msg("%s", evo_status_message()); }
}

static void golden_ratio_solves_the_equation_of_all_ones(void **state)
{
    (void)state;
    struct evo_riccati r;
    must(evo_riccati_init(1, 1, &r));
    *r.a = *r.b = *r.price_state = *r.price_command = 1.0;
    must(evo_riccati_solve(&r));
    double golden = 0.5 * (1.0 + sqrt(5.0));
    assert_true(fabs(*r.x - golden) < 1e-14);
    assert_true(fabs(*r.gain - golden / (1.0 + golden)) < 1e-14);
    evo_riccati_fini(&r);
}

static void what_cannot_be_steered_is_an_error(void **state)
{
    (void)state;
    struct evo_riccati r;
    must(evo_riccati_init(2, 1, &r));
    /* The second state grows, and no command reaches it. */
    r.a[0] = 0.5, r.a[3] = 1.1, r.b[0] = 1.0;
    r.price_state[0] = r.price_state[1] = *r.price_command = 1.0;
    assert_int_equal(evo_riccati_solve(&r), EVO_ERR_DATA);
    assert_non_null(strstr(evo_status_message(), "riccati"));
    evo_riccati_fini(&r);
}

/* A (i, j) of a matrix in Fortran's order with n rows. */
static double at(const double *a, size_t n, size_t i, size_t j) { return a[i + j * n]; }

/* y = (A - B K) x, and s = x'Xx, the cost that is left. */
static double close_loop(const struct evo_riccati *r, const double *x, double *y)
{
    double left = 0.0;
    for (size_t i = 0; i < r->n; i++) {
        y[i] = 0.0;
        for (size_t j = 0; j < r->n; j++) {
            y[i] += at(r->a, r->n, i, j) * x[j];
            left += x[i] * at(r->x, r->n, i, j) * x[j];
            for (size_t k = 0; k < r->m; k++) {
                y[i] -= at(r->b, r->n, i, k) * at(r->gain, r->m, k, j) * x[j];
            }
        }
    }
    return left;
}

/* x'Qx + u'Ru of one step. */
static double price(const struct evo_riccati *r, const double *x)
{
    double sum = 0.0;
    for (size_t i = 0; i < r->n; i++) { sum += r->price_state[i] * x[i] * x[i]; }
    for (size_t k = 0; k < r->m; k++) {
        double u = 0.0;
        for (size_t j = 0; j < r->n; j++) { u += at(r->gain, r->m, k, j) * x[j]; }
        sum += r->price_command[k] * u * u;
    }
    return sum;
}

static struct evo_hover_plant plant_of(int vehicle, bool is_rk4, int delay)
{
    return (struct evo_hover_plant){.vehicle = &evo_vehicle_table[vehicle],
                                    .is_rk4 = is_rk4,
                                    .h_s = 0.005,
                                    .substeps = 2,
                                    .delay = delay};
}

/* The equation says that a step's price is what the cost that is left falls by, from any state. */
static void every_design_solves_its_equation_and_is_stable(void **state)
{
    (void)state;
    static const int delays[] = {0, 1, 8};
    for (int i = 0; i < EVO_N_VEHICLES * 12; i++) {
        struct evo_hover_plant plant = plant_of(i / 12, i % 2 == 1, delays[i / 4 % 3]);
        struct evo_riccati r;
        double x[64], y[64], z[64];
        must(evo_hover_baseline_design(&plant, i / 2 % 2 == 1, &r));
        assert_int_equal(r.n, 16 + 4 * plant.delay + (i / 2 % 2 == 1 ? 3 : 0));
        for (size_t j = 0; j < r.n; j++) { x[j] = (double)(j % 7) - 3.0; }
        double left = close_loop(&r, x, y), next = close_loop(&r, y, z), first = left;
        assert_true(fabs(left - next - price(&r, x)) < 1e-9 * left);
        for (int k = 0; k < 4000; k++) {
            left = close_loop(&r, x, y);
            memcpy(x, y, r.n * sizeof *x);
        }
        assert_true(left < 1e-9 * first);
        evo_riccati_fini(&r);
    }
}

/* The end of the last flight, and how many of them came to rest. */
struct ends {
    double flight, error;
    int n_flights, n_held;
};

static void take_end(struct ends *ends)
{
    ends->n_flights++;
    ends->n_held += ends->error < 0.1;
}

static enum evo_status watch(void *context, const double *values, size_t n_values)
{
    (void)n_values;
    struct ends *ends = context;
    if (values[0] != ends->flight) { take_end(ends); }
    ends->flight = values[0];
    ends->error = sqrt(values[2] * values[2] + values[3] * values[3] + values[4] * values[4]);
    return EVO_OK;
}

static void fly_baseline(const char *name, const char *vehicle, const char *more, struct ends *ends)
{
    char text[512];
    struct evo_task *task = NULL;
    struct evo_controller controller;
    double fitness = 0.0;
    snprintf(text, sizeof text, "[task]\nname = hover\n[vehicle]\nname = %s\n[hover]\nflights = 20\n"
             "duration = 8\n%s\n", vehicle, more);
    must(test_task(text, &task));
    must(evo_baseline_create(task, name, &controller));
    *ends = (struct ends){0};
    must(evo_task_trace_controller(task, evo_cases_of(1), &controller, watch, ends, &fitness));
    take_end(ends);
    evo_baseline_destroy(&controller);
    evo_task_destroy(task);
}

static void lqr_and_lqi_hover_from_20_degrees_on_every_vehicle(void **state)
{
    (void)state;
    struct ends ends;
    for (int i = 0; i < EVO_N_VEHICLES; i++) {
        const char *vehicle = evo_vehicle_table[i].name;
        fly_baseline("lqr", vehicle, "angle = 20\nvelocity = 0.5", &ends);
        assert_int_equal(ends.n_held, 20);
        fly_baseline("lqr", vehicle, "angle = 20\nvelocity = 0.5\ndelay = 2\nintegrator = rk4", &ends);
        assert_int_equal(ends.n_held, 20);
        fly_baseline("lqi", vehicle, "angle = 20\nvelocity = 0.5", &ends);
        assert_int_equal(ends.n_held, 20);
    }
}

static void lqi_holds_against_a_push_and_lqr_does_not(void **state)
{
    (void)state;
    struct ends ends;
    fly_baseline("lqi", "crazyflie", "angle = 20\npush = 0.7", &ends);
    assert_int_equal(ends.n_held, ends.n_flights);
    fly_baseline("lqr", "crazyflie", "angle = 20\npush = 0.7", &ends);
    assert_true(ends.n_held < ends.n_flights / 2);
}

static void a_reference_repeats_itself(void **state)
{
    (void)state;
    struct evo_task *task = NULL;
    struct evo_controller controller;
    double fitness[2] = {0.0, 1.0};
    must(test_task("[task]\nname = hover\n[hover]\nflights = 2\ndelay = 3\n", &task));
    must(evo_baseline_create(task, "lqi", &controller));
    for (int i = 0; i < 2; i++) {
        must(evo_task_trace_controller(task, evo_cases_of(1), &controller, NULL, NULL, &fitness[i]));
    }
    assert_true(same_bits(fitness[0], fitness[1]));
    evo_baseline_destroy(&controller);
    evo_task_destroy(task);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_ratio_solves_the_equation_of_all_ones),
        cmocka_unit_test(what_cannot_be_steered_is_an_error),
        cmocka_unit_test(every_design_solves_its_equation_and_is_stable),
        cmocka_unit_test(lqr_and_lqi_hover_from_20_degrees_on_every_vehicle),
        cmocka_unit_test(lqi_holds_against_a_push_and_lqr_does_not),
        cmocka_unit_test(a_reference_repeats_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
