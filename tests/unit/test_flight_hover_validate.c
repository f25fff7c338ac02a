/* SPDX-License-Identifier: MIT */
/* The validation of hover: who holds and who does not, in which case, and how sure that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_figures.h"
#include "test_flight.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct evo_task *make_task(int flights, const char *more)
{
    char text[512];
    struct evo_task *task = NULL;
    snprintf(text, sizeof text, "[validate]\nflights = %d\n[task]\nname = hover\n%s", flights, more);
    if (test_task(text, &task) != EVO_OK) { fail_msg("%s", evo_status_message()); }
    return task;
}

static void validate(const struct evo_task *task, const char *baseline, bool brief,
                     struct figures *figures)
{
    struct evo_controller controller;
    figures->n = 0;
    assert_int_equal(evo_baseline_create(task, baseline, &controller), EVO_OK);
    assert_int_equal(evo_task_validate(task, &controller, brief, take, figures), EVO_OK);
    evo_baseline_destroy(&controller);
}

static void lqr_holds_what_it_is_made_for_and_lqi_a_push_too(void **state)
{
    (void)state;
    static struct figures lqr, lqi;
    struct evo_task *task = make_task(12, "[hover]\ndelay = 1\nangle = 5\nduration = 0.1\n");
    validate(task, "lqr", false, &lqr);
    validate(task, "lqi", false, &lqi);
    assert_int_equal(lqr.n, lqi.n);
    assert_true(value_of(&lqr, "angle_20") == 100.0);
    assert_true(value_of(&lqr, "angle_57") == 100.0);
    assert_true(value_of(&lqr, "delay_1") == 100.0);
    assert_true(value_of(&lqr, "noise") == 100.0);
    assert_true(value_of(&lqr, "push_1") < 50.0 && value_of(&lqi, "push_1") == 100.0);
    double half = value_of(&lqr, "angle_57_settling"), most = value_of(&lqr, "angle_57_settling_90");
    assert_true(half > 0.5 && half <= most && most < 5.0);
    /* Wilson's lower end where all 12 hold: n / (n + z^2). */
    assert_true(fabs(value_of(&lqr, "angle_57_low") - 100.0 * 12.0 / (12.0 + 3.841458820694124)) < 1e-9);
    assert_true(value_of(&lqr, "angle_57_high") == 100.0);
    evo_task_destroy(task);
}

static void a_creature_of_zeros_holds_nothing(void **state)
{
    (void)state;
    static struct figures figures;
    static const double zeros[52] = {0.0};
    struct evo_task *task = make_task(5, "");
    assert_int_equal(evo_shape_genome(evo_task_shape(task)), 52);
    assert_int_equal(evo_task_validate_creature(task, zeros, false, take, &figures), EVO_OK);
    assert_true(value_of(&figures, "angle_180") == 0.0);
    assert_true(value_of(&figures, "angle_57_low") == 0.0);
    assert_true(isnan(value_of(&figures, "angle_57_settling")));
    evo_task_destroy(task);
}

static void wind_has_no_figure_without_drag(void **state)
{
    (void)state;
    static struct figures figures;
    struct evo_task *task = make_task(2, "[vehicle]\nname = crazyflie\n");
    validate(task, "lqi", false, &figures);
    assert_true(isnan(value_of(&figures, "wind_5")));
    evo_task_destroy(task);
    task = make_task(2, "[vehicle]\nname = hummingbird\n");
    validate(task, "lqi", false, &figures);
    assert_true(value_of(&figures, "wind_2") == 100.0);
    evo_task_destroy(task);
}

static void what_a_task_trains_with_does_not_change_its_validation(void **state)
{
    (void)state;
    static struct figures plain, other;
    static double genome[52];
    struct evo_task *task = make_task(3, "");
    for (size_t i = 0; i < 52; i++) { genome[i] = 0.01 * (double)(i % 5) - 0.02; }
    assert_int_equal(evo_task_validate_creature(task, genome, false, take, &plain), EVO_OK);
    evo_task_destroy(task);
    task = make_task(3, "[job]\nseed = 9\n[hover]\nmass = 0.3\npush = 1\nnoise_rate = 0.1\nangle = 180\n"
                        "flights = 2\nduration = 1\ndelay = 4\nbound = 3\n");
    assert_int_equal(evo_task_validate_creature(task, genome, false, take, &other), EVO_OK);
    evo_task_destroy(task);
    assert_int_equal(plain.n, other.n);
    for (size_t i = 0; i < plain.n; i++) { assert_true(same_bits(plain.value[i], other.value[i])); }
}

static void the_brief_figures_are_some_of_the_whole(void **state)
{
    (void)state;
    static struct figures whole, brief;
    struct evo_task *task = make_task(3, "");
    validate(task, "lqr", false, &whole);
    validate(task, "lqr", true, &brief);
    assert_true(brief.n > 0 && brief.n < whole.n);
    for (size_t i = 0; i < brief.n; i++) {
        assert_true(same_bits(brief.value[i], value_of(&whole, brief.name[i])));
    }
    evo_task_destroy(task);
}

static void no_flights_are_an_error(void **state)
{
    (void)state;
    static struct figures figures;
    static const double zeros[52] = {0.0};
    struct evo_task *task = make_task(0, "");
    assert_int_equal(evo_task_validate_creature(task, zeros, true, take, &figures), EVO_ERR_USAGE);
    evo_task_destroy(task);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lqr_holds_what_it_is_made_for_and_lqi_a_push_too),
        cmocka_unit_test(a_creature_of_zeros_holds_nothing),
        cmocka_unit_test(wind_has_no_figure_without_drag),
        cmocka_unit_test(what_a_task_trains_with_does_not_change_its_validation),
        cmocka_unit_test(the_brief_figures_are_some_of_the_whole),
        cmocka_unit_test(no_flights_are_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
