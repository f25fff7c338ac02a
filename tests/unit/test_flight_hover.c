/* SPDX-License-Identifier: MIT */
/* The vehicle in six degrees of freedom, and the hover flight: physics, and bits on every set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/rng.h>

#include <evompi/controller.h>
#include "../../src/tasks/quad/hover_setting.h"
#include "../golden/oracle/rigid_body.h"
#include "../../src/tasks/quad/vehicle.h"
#include "test_flight.h"

#include <math.h>
#include <stdlib.h>

static const double nothing[3] = {0.0, 0.0, 0.0};

static void every_vehicle_hovers_at_its_hover_command(void **state)
{
    (void)state;
    for (int i = 0; i < EVO_N_VEHICLES; i++) {
        for (int rk4 = 0; rk4 < 2; rk4++) {
            double u = evo_vehicle_hover_command(&evo_vehicle_table[i]);
            struct evo_vehicle_step step;
            struct evo_vehicle_state s = {.q = {1, 0, 0, 0}, .m = {u, u, u, u}};
            const double command[] = {u, u, u, u};
            evo_vehicle_prepare(&evo_vehicle_table[i], rk4 == 1, 0.01, nothing, nothing, &step);
            for (int k = 0; k < 100; k++) { evo_vehicle_move(&step, nothing, command, &s); }
            assert_true(u > 0.0 && u < 1.0);
            for (int k = 0; k < 3; k++) {
                assert_true(fabs(s.p[k]) < 1e-10 && fabs(s.v[k]) < 1e-10 && fabs(s.w[k]) < 1e-9);
            }
        }
    }
}

/* How far tudelft is from the reference's position after 1 s, both in steps of h. */
static double distance_from_reference(double h, bool rk4)
{
    const double command[] = {0.52, 0.5, 0.5, 0.51};
    struct evo_rigid_body body = evo_rigid_body_original(1.0, 1.0);
    struct evo_rigid_body_state r = {.z = -20.0};
    struct evo_vehicle_state s = {.q = {1, 0, 0, 0}, .m = {0.52, 0.5, 0.5, 0.51}};
    struct evo_vehicle_step step;
    evo_vehicle_prepare(&evo_vehicle_table[4], rk4, h, nothing, nothing, &step);
    int n = (int)(1.0 / h + 0.5);
    for (int k = 0; k < n; k++) {
        evo_vehicle_move(&step, nothing, command, &s);
        evo_rigid_body_step(&body, h, command, &r);
    }
    /* z down and y right there; z up and y left here. */
    double dx = s.p[0] - r.x, dy = s.p[1] + r.y, dz = s.p[2] + (r.z + 20.0);
    return sqrt(dx * dx + dy * dy + dz * dz);
}

static void tudelft_agrees_with_the_reference_as_the_step_shrinks(void **state)
{
    (void)state;
    for (int rk4 = 0; rk4 < 2; rk4++) {
        double coarse = distance_from_reference(1e-3, rk4 == 1);
        double fine = distance_from_reference(1e-4, rk4 == 1);
        assert_true(coarse < 0.05);
        assert_true(coarse / fine > 8.0 && coarse / fine < 12.0);
    }
}

/* x after 0.64 s of a turning crazyflie. */
static double place_after(double h, bool rk4)
{
    const double command[] = {0.62, 0.6, 0.61, 0.6};
    struct evo_vehicle_state s = {.q = {1, 0, 0, 0}, .w = {2, 3, 1}, .m = {0.6, 0.6, 0.6, 0.6}};
    struct evo_vehicle_step step;
    evo_vehicle_prepare(&evo_vehicle_table[0], rk4, h, nothing, nothing, &step);
    int n = (int)(0.64 / h + 0.5);
    for (int k = 0; k < n; k++) { evo_vehicle_move(&step, nothing, command, &s); }
    return s.p[0];
}

static void integrators_converge_with_their_order(void **state)
{
    (void)state;
    double exact = place_after(1e-4, true);
    double first = (place_after(2e-3, false) - exact) / (place_after(1e-3, false) - exact);
    double fourth = (place_after(4e-2, true) - exact) / (place_after(2e-2, true) - exact);
    assert_true(first > 1.8 && first < 2.2);
    assert_true(fourth > 10.0);
}

static struct evo_task *make_task(const char *how, const char *step, const char *isa)
{
    char text[1024];
    struct evo_task *task = NULL;
    snprintf(text, sizeof text,
             "[task]\nname = %s\nstep = %s\n%s\n[hover]\nflights = 3\nduration = 0.7\nangle = 180\n"
             "mass = 0.2\npush = 1\n[farm]\nisa = %s\n",
             strstr(how, "[track]") != NULL ? "track" : "hover", step, how, isa);
    if (test_task(text, &task) != EVO_OK) { fail_msg("%s", evo_status_message()); }
    return task;
}

static const char *const ways[] = {
    "[hover]\nstates = 0",
    "precision = single\n[hover]\nstates = 1",
    "[vehicle]\nname = x500\n[hover]\nstates = 2\ndelay = 1",
    "[hover]\nstates = 3\nintegrator = rk4\nsubsteps = 2",
    "precision = single\n[vehicle]\nname = hummingbird\n[hover]\nstates = 4\nintegrator = rk4\ndelay = 8",
    "[hover]\nstates = 1\ndelay = 4\ndelay_min = 1\ninputs_integral = yes\ninputs_command = yes\n"
    "inputs_acceleration = yes\nacceleration_lag = 0\ninputs_motor = yes\nweight_away = 2\n"
    "inputs_rotation = yes\nnoise_position = 0.01\nnoise_velocity = 0.1\nnoise_attitude = 0.02\n"
    "noise_rate = 0.2\nmotor = 0.3",
    "precision = single\n[vehicle]\nname = hummingbird\n[hover]\nstates = 3\ninputs_command = yes\n"
    "inputs_acceleration = yes\ninputs_motor = yes\nweight_away = 0.1\naway = 0.3\n"
    "wind = 5\ngust = 5\nturbulence = 3\ntwist = 2\ninertia = 0.3\nlag = 0.5\nthrust = 0.1",
    "[vehicle]\nname = x500\n[hover]\nintegrator = rk4\nwind = 5\ninputs_integral = yes\n"
    "inputs_motor = yes\ngrow_generations = 20\nduration_first = 0.3\n"
    "random_first = 0.1\nnoise_attitude = 0.2",
    "[hover]\nstates = 5",
    "precision = single\n[hover]\nstates = 16\ninputs_command = yes\nnoise_rate = 0.1",
    "[hover]\nhidden = 1",
    "[hover]\nstates = 3\nhidden = 13\ninputs_integral = yes\nintegrator = rk4",
    "precision = single\n[hover]\nhidden = 8\ndelay = 1",
    "[hover]\nstates = 16\nhidden = 32\ninputs_integral = yes\ninputs_command = yes\n"
    "inputs_rotation = yes\ninputs_motor = yes\ninputs_acceleration = yes\n[track]\ninputs_velocity = yes\n"
    "inputs_acceleration = yes",
    "[hover]\nstates = 2\ndelay = 1\n[track]\nlap = 0.9\ninputs_velocity = yes",
    "precision = single\n[vehicle]\nname = x500\n[hover]\nintegrator = rk4\nnoise_position = 0.1\n"
    "inputs_motor = yes\nwind = 3\n[track]\npath = circle\nlap = 2\ninputs_velocity = yes\n"
    "inputs_acceleration = yes",
};

static void every_instruction_set_gives_the_bits_of_the_plain_step(void **state)
{
    (void)state;
    enum { N = 37, MOST = 3656 };
    static double genomes[N * MOST], fitness[2][N];
    /* Every set is asked for by name; the environment must not forbid one. */
    char *limit = getenv("EVOMPI_ISA") != NULL ? strdup(getenv("EVOMPI_ISA")) : NULL;
    unsetenv("EVOMPI_ISA");
    size_t n_isas = 0;
    const struct evo_isa *const *isas = evo_isa_all(&n_isas);
    for (size_t k = 0; k < sizeof ways / sizeof ways[0]; k++) {
        struct evo_task *plain = make_task(ways[k], "plain", "auto");
        size_t genome = evo_shape_genome(evo_task_shape(plain));
        for (size_t i = 0; i < N * genome; i++) {
            struct evo_rng rng = evo_rng_begin(3, EVO_STREAM_INITIAL, k, i);
            double spread = pow(4.0, (double)(i / genome % 8) - 5.0);
            genomes[i] = evo_rng_between(&rng, -spread, spread);
        }
        genomes[5] = NAN;
        evo_task_fly(plain, evo_cases_of(9), N, genomes, fitness[0]);
        assert_false(same_bits(fitness[0][7], fitness[0][8]));
        for (size_t i = 1; i < N; i += 6) {
            double traced = 0.0;
            assert_int_equal(evo_task_trace(plain, evo_cases_of(9), genomes + i * genome, NULL, NULL, &traced), EVO_OK);
            assert_true(same_bits(traced, fitness[0][i]));
        }
        for (size_t j = 0; j < n_isas; j++) {
            if (!evo_isa_runs(isas[j])) { continue; }
            struct evo_task *task = make_task(ways[k], "unrolled", isas[j]->name);
            evo_task_fly(task, evo_cases_of(9), N, genomes, fitness[1]);
            assert_memory_equal(fitness[0], fitness[1], sizeof fitness[0]);
            evo_task_destroy(task);
        }
        evo_task_destroy(plain);
    }
    if (limit != NULL) { setenv("EVOMPI_ISA", limit, 1); }
    free(limit);
}

static void without_a_price_on_its_size_a_huge_genome_scores_as_its_trace_says(void **state)
{
    (void)state;
    /* Its squared norm is infinite, and 0 times that is no number. */
    static const char *const steps[] = {"plain", "unrolled"};
    for (size_t k = 0; k < 2; k++) {
        struct evo_task *task = make_task("[hover]\nweight_size = 0", steps[k], "auto");
        double genome[52], flown = 0.0, traced = 0.0;
        for (size_t i = 0; i < 52; i++) { genome[i] = 1e200; }
        assert_int_equal(evo_shape_genome(evo_task_shape(task)), 52);
        evo_task_fly(task, evo_cases_of(9), 1, genome, &flown);
        assert_int_equal(evo_task_trace(task, evo_cases_of(9), genome, NULL, NULL, &traced), EVO_OK);
        assert_true(same_bits(flown, traced));
        evo_task_destroy(task);
    }
}

static void own_exp_sine_and_cosine_are_close_to_the_librarys(void **state)
{
    (void)state;
    for (double x = -3.14; x < 3.14; x += 0.01) {
        double s, c;
        evo_math_sin_cos(x, &s, &c);
        assert_true(fabs(s - sin(x)) < 2e-15 && fabs(c - cos(x)) < 2e-15);
        assert_true(fabs(evo_math_exp(9.0 * x) / exp(9.0 * x) - 1.0) < 2e-15);
    }
}

static void own_tanh_is_close_to_the_librarys(void **state)
{
    (void)state;
    for (double x = -40.0; x < 40.0; x += 0.00371) {
        double right = tanh(x), single = tanh((double)(float)x);
        assert_true(fabs(evo_tanh_double(x) - right) <= 1e-15 * fabs(right));
        assert_true(fabs(evo_tanh_single(x) - single) <= 4e-7 * fabs(single));
    }
    assert_true(evo_tanh_double(0.0) == 0.0 && evo_tanh_double(1e-200) == 1e-200);
    assert_true(fabs(evo_tanh_double(INFINITY) - 1.0) < 1e-15 && evo_tanh_double(NAN) < -0.99);
}

/* A genome of `hidden` units from one without: their weights, and what they weigh. */
static void widen(const double *plain, size_t n_states, size_t n_hidden, double in, double out,
                  double *wide)
{
    size_t n_cols = n_states + 12, n_rows = n_states + 4, n = 0;
    for (size_t i = 0; i < n_hidden * n_cols; i++) { wide[n++] = in * sin((double)i); }
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t j = 0; j < n_cols; j++) { wide[n++] = plain[r * n_cols + j]; }
        for (size_t j = 0; j < n_hidden; j++) { wide[n++] = out; }
    }
    for (size_t i = 0; i < n_hidden; i++) { wide[n++] = 0.1; }
    for (size_t r = 0; r < n_rows; r++) { wide[n++] = plain[n_rows * n_cols + r]; }
}

static void hidden_units_without_weight_change_nothing_and_with_it_something(void **state)
{
    (void)state;
    struct evo_task *linear = make_task("[hover]\nstates = 2\nweight_size = 0", "auto", "auto");
    struct evo_task *wide = make_task("[hover]\nstates = 2\nhidden = 9\nweight_size = 0", "auto", "auto");
    double plain[90], genome[90 + 9 * 15 + 6 * 9], a, b, c;
    assert_int_equal(evo_shape_genome(evo_task_shape(wide)), sizeof genome / sizeof genome[0]);
    for (size_t i = 0; i < 90; i++) { plain[i] = 0.02 * cos((double)i); }
    evo_task_fly(linear, evo_cases_of(3), 1, plain, &a);
    widen(plain, 2, 9, 0.5, 0.0, genome);
    evo_task_fly(wide, evo_cases_of(3), 1, genome, &b);
    widen(plain, 2, 9, 0.5, 0.03, genome);
    evo_task_fly(wide, evo_cases_of(3), 1, genome, &c);
    assert_true(same_bits(a, b));
    assert_true(fabs(c - a) > 1e-6 * a);
    evo_task_destroy(linear);
    evo_task_destroy(wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vehicle_hovers_at_its_hover_command),
        cmocka_unit_test(tudelft_agrees_with_the_reference_as_the_step_shrinks),
        cmocka_unit_test(integrators_converge_with_their_order),
        cmocka_unit_test(every_instruction_set_gives_the_bits_of_the_plain_step),
        cmocka_unit_test(without_a_price_on_its_size_a_huge_genome_scores_as_its_trace_says),
        cmocka_unit_test(own_tanh_is_close_to_the_librarys),
        cmocka_unit_test(hidden_units_without_weight_change_nothing_and_with_it_something),
        cmocka_unit_test(own_exp_sine_and_cosine_are_close_to_the_librarys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
