/* SPDX-License-Identifier: MIT */
/* The hover task's flights: what is drawn, what grows, what sensors and air add, what is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/tasks/quad/hover.h"
#include "test_flight.h"

#include <math.h>
#include <string.h>

static struct evo_hover_task *make(const char *how)
{
    char text[1024];
    struct evo_task *task = NULL;
    snprintf(text, sizeof text, "[task]\nname = hover\n%s\n", how);
    if (test_task(text, &task) != EVO_OK) { fail_msg("%s", evo_status_message()); }
    return (struct evo_hover_task *)task;
}

static void destroy(struct evo_hover_task *task) { evo_task_destroy(&task->head); }

static double angle_of(const struct evo_hover_flight *flight)
{
    return 2.0 * acos(fmin(1.0, fabs(flight->start.q[0])));
}

/* ---- what grows -------------------------------------------------------------------------- */

static enum evo_status count_row(void *context, const double *values, size_t n)
{
    (void)values;
    (void)n;
    ++*(uint64_t *)context;
    return EVO_OK;
}

static void flights_grow_and_their_steps_are_counted(void **state)
{
    (void)state;
    struct evo_hover_task *task = make("[hover]\nflights = 3\nduration = 2\ngrow_generations = 100\n"
                                       "duration_first = 0.25\n[exam]\nflights = 5");
    const struct evo_cases cases[] = {evo_cases_of(0), evo_cases_of(1), evo_cases_of(50), evo_cases_of(99),
                                      evo_cases_of(100), evo_cases_of(7000), evo_cases_selection()};
    static const uint64_t wanted[] = {150, 156, 375, 597, 600, 600, 1000};
    double genome[52] = {0.0}, fitness = 0.0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t n_rows = 0;
        assert_int_equal(evo_task_steps(&task->head, cases[i]), wanted[i]);
        assert_int_equal(evo_task_trace(&task->head, cases[i], genome, count_row, &n_rows,
                                        &fitness), EVO_OK);
        assert_int_equal(n_rows, wanted[i]);
    }
    destroy(task);
}

static void angles_and_randomisation_grow(void **state)
{
    (void)state;
    struct evo_hover_task *task =
        make("[hover]\nangle = 90\nmass = 0.5\npush = 3\ngrow_generations = 10\n"
             "angle_first = 0.1\nrandom_first = 0");
    double most[3] = {0.0}, lightest[3] = {INFINITY, INFINITY, INFINITY};
    static const uint64_t generations[] = {0, 5, 10};
    for (size_t g = 0; g < 3; g++) {
        for (uint64_t i = 0; i < 2000; i++) {
            struct evo_hover_flight flight;
            evo_hover_draw_flight(task, evo_cases_of(generations[g]), i, &flight);
            most[g] = fmax(most[g], angle_of(&flight) * 180.0 / acos(-1.0));
            lightest[g] = fmin(lightest[g], flight.vehicle.h_s / flight.vehicle.impulse / 0.0306);
            if (g == 0) { assert_true(flight.vehicle.velocity[0] == 0.0); }
        }
    }
    assert_true(most[0] > 8.8 && most[0] <= 9.0001);
    assert_true(most[1] > 48.0 && most[1] <= 49.5001);
    assert_true(most[2] > 88.0 && most[2] <= 90.0001);
    assert_true(fabs(lightest[0] - 1.0) < 1e-12);
    assert_true(lightest[1] >= 0.75 && lightest[1] < 0.76);
    assert_true(lightest[2] >= 0.5 && lightest[2] < 0.51);
    destroy(task);
}

static void delays_between_the_least_and_the_most_all_occur(void **state)
{
    (void)state;
    struct evo_hover_task *task = make("[hover]\ndelay = 4\ndelay_min = 1");
    int seen[EVO_HOVER_DELAY_MAX + 1] = {0};
    for (uint64_t i = 0; i < 100; i++) {
        struct evo_hover_flight flight;
        evo_hover_draw_flight(task, evo_cases_of(3), i, &flight);
        seen[flight.delay]++;
    }
    for (int d = 0; d <= EVO_HOVER_DELAY_MAX; d++) { assert_true((seen[d] > 0) == (d >= 1 && d <= 4)); }
    destroy(task);
}

/* ---- the vehicle in the air --------------------------------------------------------------- */

static void inertia_and_lag_vary_alone(void **state)
{
    (void)state;
    struct evo_hover_task *task = make("[hover]\nintegrator = rk4\ninertia = 0.3\nlag = 0.2");
    double gyro = 0.0, rise = 0.0;
    const double h = 0.01;
    struct evo_hover_flight flight;
    for (uint64_t i = 0; i < 500; i++) {
        evo_hover_draw_flight(task, evo_cases_of(3), i, &flight);
        /* What a motor is short of falls to a share of exp(-h / lag). */
        double up = -h / log(1.0 - flight.vehicle.rise), down = -h / log(1.0 - flight.vehicle.fall);
        double half = 1.0 - flight.vehicle.rise_half;
        assert_true(flight.vehicle.impulse == h / 0.0306);
        gyro = fmax(gyro, fabs(flight.vehicle.gyro[2]) / h);
        rise = fmax(rise, up);
        assert_true(fabs(down / up - 0.2494 / 0.0555) < 1e-9);
        assert_true(fabs(half * half + flight.vehicle.rise - 1.0) < 1e-12);
    }
    assert_true(gyro > 0.2 && gyro < 0.65);
    assert_true(rise > 1.19 * 0.0555 && rise <= 1.2001 * 0.0555);
    destroy(task);
}

static void who_goes_with_the_wind_feels_none(void **state)
{
    (void)state;
    const double wind[3] = {3.0, -2.0, 0.5}, still[3] = {0.0}, command[] = {0.5, 0.55, 0.52, 0.5};
    for (int rk4 = 0; rk4 < 2; rk4++) {
        struct evo_vehicle vehicle = evo_vehicle_table[2];
        vehicle.linear[0] = 0.1;
        struct evo_vehicle_step step;
        struct evo_vehicle_state a = {.q = {1}, .v = {1}}, b = a;
        for (int i = 0; i < 3; i++) { b.v[i] += wind[i]; }
        evo_vehicle_prepare(&vehicle, rk4 == 1, 0.01, still, still, &step);
        for (int k = 0; k < 100; k++) {
            evo_vehicle_move(&step, still, command, &a);
            evo_vehicle_move(&step, wind, command, &b);
        }
        for (int i = 0; i < 3; i++) {
            assert_true(fabs(b.p[i] - a.p[i] - wind[i]) < 1e-9);
            assert_true(fabs(b.v[i] - a.v[i] - wind[i]) < 1e-9);
        }
        assert_true(fabs(a.v[0] - 1.0) > 0.1); // there is drag
    }
}

static void linear_drag_slows_as_an_exponential_and_a_twist_spins_up_evenly(void **state)
{
    (void)state;
    const double still[3] = {0.0}, command[EVO_ROTORS] = {0.0}, up[3] = {0, 0, 9.81};
    const double twist[3] = {0, 0, 5};
    struct evo_vehicle vehicle = evo_vehicle_table[4];
    vehicle.linear[0] = vehicle.linear[1] = 0.7;
    struct evo_vehicle_step step;
    struct evo_vehicle_state s = {.q = {1}, .v = {2}};
    evo_vehicle_prepare(&vehicle, true, 0.01, up, twist, &step);
    for (int k = 0; k < 100; k++) { evo_vehicle_move(&step, still, command, &s); }
    assert_true(fabs(s.v[0] - 2.0 * exp(-0.7)) < 1e-9 && fabs(s.v[1]) < 1e-9);
    assert_true(fabs(s.w[2] - 5.0) < 1e-9);
}

static void a_gust_rises_to_its_most_and_goes(void **state)
{
    (void)state;
    struct evo_hover_task *task =
        make("[vehicle]\nname = hummingbird\n[hover]\nwind = 2\ngust = 4\ngust_time = 0.5");
    struct evo_hover_flight flight;
    struct evo_hover_disturbance disturbance;
    evo_hover_draw_flight(task, evo_cases_of(3), 1, &flight);
    assert_int_equal(flight.gust_steps, 50);
    flight.gust_first = 20;
    for (uint64_t step = 0; step < 100; step++) {
        evo_hover_disturbance(&task->setting, &flight, step, &disturbance);
        double share = step < 20 || step >= 70
                           ? 0.0
                           : 0.5 - 0.5 * cos(2.0 * acos(-1.0) * (double)(step - 20) / 50.0);
        for (int i = 0; i < 3; i++) {
            assert_true(fabs(disturbance.wind[i] - flight.wind[i] - share * flight.gust[i]) < 1e-12);
        }
    }
    assert_true(hypot(flight.gust[0], flight.gust[1]) > 0.0);
    destroy(task);
}

/* ---- what changes from step to step ------------------------------------------------------- */

static void noise_and_turbulence_have_their_deviation_and_time(void **state)
{
    (void)state;
    struct evo_hover_task *task =
        make("[vehicle]\nname = hummingbird\n[hover]\nnoise_rate = 0.5\nturbulence = 2\n"
             "turbulence_time = 0.1");
    double rate = 0.0, air = 0.0, kept = 0.0, before = 0.0;
    enum { FLIGHTS = 40, STEPS = 1000 };
    for (uint64_t i = 0; i < FLIGHTS; i++) {
        struct evo_hover_flight flight;
        struct evo_hover_disturbance disturbance;
        evo_hover_draw_flight(task, evo_cases_of(3), i, &flight);
        flight.turbulence = 2.0;
        for (uint64_t step = 0; step < STEPS; step++) {
            evo_hover_disturbance(&task->setting, &flight, step, &disturbance);
            assert_true(disturbance.noise[0] == 0.0);
            rate += disturbance.noise[9] * disturbance.noise[9];
            air += disturbance.wind[0] * disturbance.wind[0];
            kept += step > 0 ? disturbance.wind[0] * before : 0.0;
            before = disturbance.wind[0];
        }
    }
    assert_true(fabs(sqrt(rate / (FLIGHTS * STEPS)) / 0.5 - 1.0) < 0.03);
    assert_true(fabs(sqrt(air / (FLIGHTS * STEPS)) / 2.0 - 1.0) < 0.1);
    assert_true(fabs(kept / air - exp(-0.1)) < 0.02);
    destroy(task);
}

static void noise_is_seen_but_not_flown(void **state)
{
    (void)state;
    struct evo_hover_task *quiet = make("[hover]\ndelay = 2"),
                          *noisy = make("[hover]\ndelay = 2\nnoise_position = 0.1\n"
                                        "noise_velocity = 0.1\nnoise_attitude = 0.1\nnoise_rate = 1");
    double blind[52] = {0.0}, seeing[52] = {0.0}, fitness[4];
    for (size_t i = 0; i < 12; i++) { seeing[i] = 0.05; }
    evo_task_fly(&quiet->head, evo_cases_of(1), 1, blind, &fitness[0]);
    evo_task_fly(&noisy->head, evo_cases_of(1), 1, blind, &fitness[1]);
    evo_task_fly(&quiet->head, evo_cases_of(1), 1, seeing, &fitness[2]);
    evo_task_fly(&noisy->head, evo_cases_of(1), 1, seeing, &fitness[3]);
    assert_true(same_bits(fitness[0], fitness[1]));
    assert_false(same_bits(fitness[2], fitness[3]));
    destroy(quiet);
    destroy(noisy);
}

/* A controller that writes down what it sees: the last of its inputs, and what they should be. */
struct witness {
    double hover, sum[3], before[EVO_ROTORS], calls;
};

static void begin(void *context)
{
    struct witness *w = context;
    *w = (struct witness){.hover = w->hover, .calls = w->calls};
}

static void look(void *context, const double *in, double *out)
{
    struct witness *w = context;
    for (int i = 0; i < 3; i++) {
        w->sum[i] = fmin(0.02, fmax(-0.02, w->sum[i] + 0.01 * in[i]));
        assert_true(fabs(in[12 + i] - w->sum[i]) < 1e-15);
    }
    for (int i = 0; i < EVO_ROTORS; i++) {
        assert_true(fabs(in[15 + i] - w->before[i]) < 1e-15);
        out[i] = fmod(w->calls, 9.0) == 0.0 ? 2.0 : -0.001 * (i + 1) * in[2];
        w->before[i] = fmin(1.0, fmax(0.0, out[i] + w->hover)) - w->hover;
    }
    /* Columns of a rotation matrix have length 1; its antisymmetric part is the quaternion's. */
    for (int j = 0; j < 3; j++) {
        double a = in[19 + j], b = in[22 + j], c = in[25 + j];
        assert_true(fabs(a * a + b * b + c * c - 1.0) < 1e-4);
    }
    double scalar = sqrt(fmax(0.0, 1.0 - 0.25 * (in[6] * in[6] + in[7] * in[7] + in[8] * in[8])));
    assert_true(fabs(in[26] - in[24] - 2.0 * scalar * in[6]) < 1e-3);
    assert_true(fabs(in[21] - in[25] - 2.0 * scalar * in[7]) < 1e-3);
    assert_true(fabs(in[22] - in[20] - 2.0 * scalar * in[8]) < 1e-3);
    w->calls++;
}

static void more_inputs_are_integrals_then_commands_then_the_rotation_matrix(void **state)
{
    (void)state;
    struct evo_hover_task *task =
        make("[hover]\nflights = 3\ninputs_integral = yes\nintegral_limit = 0.02\n"
             "inputs_command = yes\ninputs_rotation = yes\nnoise_position = 0.01\ndelay = 3\n"
             "angle = 180\nduration = 1\nnoise_attitude = 0.01");
    struct witness witness = {.hover = task->setting.hover_command};
    struct evo_controller controller = {begin, look, &witness, NULL};
    double fitness = 0.0;
    assert_int_equal(evo_task_shape(&task->head).n_inputs, 28);
    assert_string_equal(evo_task_inputs(&task->head)[27].name, "rzz");
    assert_int_equal(evo_task_trace_controller(&task->head, evo_cases_of(2), &controller, NULL, NULL, &fitness),
                     EVO_OK);
    assert_true(witness.calls == 300.0);
    destroy(task);
}

/* ---- settings that make no sense together ------------------------------------------------- */

static void combinations_without_sense_are_refused(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"wind = 1", "wind does nothing to vehicle crazyflie, which has no drag"},
        {"turbulence = 1", "[hover] turbulence = 1: wind does nothing"},
        {"delay = 2\ndelay_min = 3", "[hover] delay_min = 3: is above hover.delay = 2"},
        {"angle_first = 0.5", "[hover] grow_generations = 0 (default): hover.duration_first, angle_"},
        {"position = 4", "may be 6.9282 m from the setpoint, and hover.bound = 5 m"},
        {"height = 0.3", "may be below the ground, 0.3 m under the setpoint"},
        {"rate = 30", "may turn at 51.9615 rad/s, and hover.rate_limit = 40 rad/s"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[256];
        struct evo_task *task = NULL;
        snprintf(text, sizeof text, "[task]\nname = hover\n[hover]\n%s\n", bad[i][0]);
        assert_int_equal(test_task(text, &task), EVO_ERR_CONFIG);
        if (strstr(evo_status_message(), bad[i][1]) == NULL) {
            fail_msg("%s: %s", bad[i][0], evo_status_message());
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flights_grow_and_their_steps_are_counted),
        cmocka_unit_test(angles_and_randomisation_grow),
        cmocka_unit_test(delays_between_the_least_and_the_most_all_occur),
        cmocka_unit_test(inertia_and_lag_vary_alone),
        cmocka_unit_test(who_goes_with_the_wind_feels_none),
        cmocka_unit_test(linear_drag_slows_as_an_exponential_and_a_twist_spins_up_evenly),
        cmocka_unit_test(a_gust_rises_to_its_most_and_goes),
        cmocka_unit_test(noise_and_turbulence_have_their_deviation_and_time),
        cmocka_unit_test(noise_is_seen_but_not_flown),
        cmocka_unit_test(more_inputs_are_integrals_then_commands_then_the_rotation_matrix),
        cmocka_unit_test(combinations_without_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
