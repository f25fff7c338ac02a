/* SPDX-License-Identifier: MIT */
/* Creatures that keep to the symmetry of a quadcopter: what is mirrored or turned flies the same
 * way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_flight.h"

#include "../../src/tasks/quad/hover.h"

#include <math.h>
#include <stdio.h>

static struct evo_task *make_task(const char *more)
{
    char text[1024];
    /* Motors that rise as they fall: else nothing is symmetric, however near to hover. */
    snprintf(text, sizeof text,
             "[task]\nname = hover\n[vehicle]\nname = x500\nrise = 0.02\nfall = 0.02\n[hover]\n%s",
             more);
    struct evo_task *task = NULL;
    if (test_task(text, &task) != EVO_OK) { fail_msg("%s", evo_status_message()); }
    return task;
}

/* Mirrored at the plane of x and z: what turns changes its sign but about y. */
static void mirror(struct evo_vehicle_state *start)
{
    double *const flipped[] = {&start->p[1], &start->v[1], &start->q[1],
                               &start->q[3], &start->w[0], &start->w[2]};
    for (size_t i = 0; i < 6; i++) { *flipped[i] = -*flipped[i]; }
}

/* Turned about z by 90 degrees, and the body with it: its own axes are turned too. */
static void turn(struct evo_vehicle_state *start)
{
    double *const vectors[] = {start->p, start->v, start->q + 1, start->w};
    for (size_t i = 0; i < 4; i++) {
        double x = vectors[i][0];
        vectors[i][0] = -vectors[i][1];
        vectors[i][1] = x;
    }
}

static double cost_of(const struct evo_task *task, const struct evo_hover_flight *flight,
                      const double *genome)
{
    const struct evo_hover_task *hover = (const struct evo_hover_task *)task;
    struct evo_linear linear;
    struct evo_controller controller = evo_task_controller(task, &linear, genome);
    double cost = 0.0;
    assert_int_equal(
        evo_hover_plain_double(&hover->setting, flight, 0, &controller, NULL, NULL, &cost), EVO_OK);
    return cost;
}

static const char *const inputs[] = {
    "symmetric = yes\nduration = 0.5\n",
    "symmetric = yes\nduration = 0.5\ninputs_integral = yes\ninputs_acceleration = yes\n"
    "inputs_motor = yes\ninputs_command = yes\ninputs_rotation = yes\n",
};
static const size_t n_free[] = {9, 23};

/* Compares flights before and after `change` of their starts, for random creatures that are tied;
 * of others one weight differs, which must be seen. */
static void compare(const char *more, void (*change)(struct evo_vehicle_state *), double tolerance)
{
    for (size_t k = 0; k < 2; k++) {
        char text[512];
        snprintf(text, sizeof text, "%s%s", inputs[k], more);
        struct evo_task *task = make_task(text);
        const struct evo_basis *basis = evo_task_basis(task);
        size_t n_genome = evo_shape_genome(evo_task_shape(task));
        assert_non_null(basis);
        assert_int_equal(basis->n, n_free[k]);
        double x[32], genome[256];
        size_t n_seen = 0;
        for (uint64_t round = 0; round < 20; round++) {
            struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_INITIAL, round, k);
            for (size_t i = 0; i < basis->n; i++) { x[i] = evo_rng_between(&rng, -0.1, 0.1); }
            /* A constant would lift the vehicle, far from hover. */
            x[basis->n - 1] = 0.0;
            evo_basis_expand(basis, n_genome, x, genome);
            struct evo_hover_flight flight;
            evo_hover_draw_flight((const struct evo_hover_task *)task, evo_cases_of(1), round, &flight);
            double before = cost_of(task, &flight, genome);
            change(&flight.start);
            double after = cost_of(task, &flight, genome);
            if (!(fabs(after - before) <= tolerance * before)) {
                fail_msg("%.17g, %.17g", before, after);
            }
            /* All weights of rotor 1. */
            for (size_t j = 0; j < n_genome / 4 - 1; j++) { genome[n_genome / 4 - 1 + j] += 0.3; }
            after = cost_of(task, &flight, genome);
            change(&flight.start);
            before = cost_of(task, &flight, genome);
            n_seen += fabs(after - before) > tolerance * before;
        }
        assert_in_range(n_seen, 5, 20);
        evo_task_destroy(task);
    }
}

static void a_mirrored_start_flies_the_same_way_mirrored(void **state)
{
    (void)state;
    compare("", mirror, 1e-9);
}

/* Not exactly: two rotors that spin one way become two that spin the other. */
static void a_turned_start_near_hover_flies_the_same_way_turned(void **state)
{
    (void)state;
    compare("position = 0.01\nvelocity = 0.01\nangle = 0.3\nrate = 0.01\n", turn, 0.02);
}

static void without_the_key_nothing_is_tied(void **state)
{
    (void)state;
    struct evo_task *task = make_task("symmetric = no\n");
    assert_null(evo_task_basis(task));
    evo_task_destroy(task);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mirrored_start_flies_the_same_way_mirrored),
        cmocka_unit_test(a_turned_start_near_hover_flies_the_same_way_turned),
        cmocka_unit_test(without_the_key_nothing_is_tied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
