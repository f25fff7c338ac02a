/* SPDX-License-Identifier: MIT */
/* Vehicles from [vehicle], from a file and from the table; and what a free body keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/tasks/quad/vehicle.h"
#include "../../src/tasks/quad/vehicle_keys.h"
#include "test_flight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double nothing[3] = {0.0, 0.0, 0.0};

/* ---- values of one's own ------------------------------------------------------------------ */

static void a_vehicle_nobody_changes_is_that_of_the_table(void **state)
{
    (void)state;
    for (int i = 0; i < EVO_N_VEHICLES; i++) {
        char text[64];
        struct evo_config *config = NULL;
        struct evo_vehicle vehicle;
        snprintf(text, sizeof text, "[vehicle]\nname = %s\n", evo_vehicle_table[i].name);
        assert_int_equal(test_config(text, &config), EVO_OK);
        assert_int_equal(evo_vehicle_read(config, &vehicle), EVO_OK);
        assert_memory_equal(&vehicle, &evo_vehicle_table[i], sizeof vehicle);
        evo_config_destroy(config);
    }
}

/* Every key of [vehicle] that is a number changes one value, and no two the same. */
static void each_key_changes_a_value_of_its_own(void **state)
{
    (void)state;
    enum { N_VALUES = sizeof(struct evo_vehicle) / sizeof(double) };
    size_t n_keys, n_numbers = 0;
    struct evo_config *standard = NULL;
    assert_int_equal(test_config("", &standard), EVO_OK);
    const struct evo_key *keys = evo_config_keys(standard, &n_keys);
    bool changed[N_VALUES] = {false};
    for (size_t k = 0; k < n_keys; k++) {
        if (strcmp(keys[k].section, "vehicle") != 0 || keys[k].type != EVO_KEY_REAL) { continue; }
        struct evo_config *config = NULL;
        struct evo_vehicle vehicle;
        double values[2][N_VALUES];
        size_t n = 0;
        assert_int_equal(test_config("", &config), EVO_OK);
        const char *values_of_all = (const char *)evo_vehicle_keys(config);
        *(double *)(uintptr_t)(values_of_all + keys[k].offset) = 0.0123;
        (void)evo_vehicle_read(config, &vehicle); // refused or not, it has taken the value
        memcpy(values[0], &evo_vehicle_table[0], sizeof vehicle);
        memcpy(values[1], &vehicle, sizeof vehicle);
        for (size_t i = 0; i < N_VALUES; i++) {
            if (same_bits(values[0][i], values[1][i])) { continue; }
            assert_false(changed[i]);
            assert_true(values[1][i] == 0.0123);
            changed[i] = true;
            n++;
        }
        assert_int_equal(n, 1);
        n_numbers++;
        evo_config_destroy(config);
    }
    assert_int_equal(n_numbers, 31);
    evo_config_destroy(standard);
}

static void vehicles_that_cannot_hover_are_refused(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"mass = 1", "[vehicle] mass = 1: vehicle crazyflie of 1 kg cannot hover: a rotor must lift"},
        {"thrust_0 = 0.2", "[vehicle] thrust_0 = 0.2: vehicle crazyflie of 0.0306 kg cannot hover"},
        {"thrust_1 = -0.01", "falls somewhere between motor states 0 and 1"},
        {"izz = 1.95e-5", "[vehicle] izz = 1.95e-05: no body has a moment of inertia about z, 1.95e-05 kg "
                          "m^2, above the sum of the other two, 1.906e-05 kg m^2; up to 2 % more is "
                          "accepted"},
        {"ixx = 1", "[vehicle] ixx = 1: no body has a moment of inertia about x, 1 kg m^2"},
        {"izz = 1e-8", "[vehicle] izz = 1e-08: no body has a moment of inertia about y"},
        {"iyy = 1e-6\nizz = 1e-6", "[vehicle] iyy = 1e-06: no body has a moment of inertia about x"},
        {"x_2 = 0.1", "[vehicle] x_2 = 0.1: with equal thrusts the rotors turn the vehicle: the sum of "
                      "vehicle.x_0 to x_3 is 0.128 m"},
        {"y_0 = 1\ny_3 = 2", "[vehicle] y_0 = 1: with equal thrusts"},
        {"spin_1 = -1", "[vehicle] spin_1 = -1: with equal thrusts the rotors turn the vehicle: the sum "
                        "of vehicle.spin_0 to spin_3 is -2, and must be 0"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[256];
        struct evo_task *task = NULL;
        snprintf(text, sizeof text, "[task]\nname = hover\n[vehicle]\n%s\n", bad[i][0]);
        assert_int_equal(test_task(text, &task), EVO_ERR_CONFIG);
        if (strstr(evo_status_message(), bad[i][1]) == NULL) {
            fail_msg("%s: %s", bad[i][0], evo_status_message());
        }
    }
}

static void an_inertia_at_the_edge_flies_and_slightly_above_it_flies_with_a_warning(void **state)
{
    (void)state;
    static const struct {
        const char *text, *warning;
    } rows[] = {
        {"ixx = 1.4e-5\niyy = 1.4e-5\nizz = 2.17e-5", ""},
        {"ixx = 1.4e-5\niyy = 1.4e-5\nizz = 2.8e-5", ""}, // flat
        {"ixx = 0.1\niyy = 0.2\nizz = 0.30000000000000004", ""},
        {"ixx = 1.43e-5\niyy = 1.43e-5\nizz = 2.89e-5",
         "the vehicle's moment of inertia about z, 2.89e-05 kg m^2, is 1.05 % above the sum of the other "
         "two, which no rigid body has; it is flown as it is"},
        {"izz = 1.944e-5", "the vehicle's moment of inertia about z, 1.944e-05 kg m^2, is 1.99 % above"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        struct evo_task *task = NULL;
        snprintf(text, sizeof text, "[task]\nname = hover\n[vehicle]\nname = crazyflie\n%s\n", rows[i].text);
        if (test_task(text, &task) != EVO_OK) { fail_msg("%s", evo_status_message()); }
        const char *warning = evo_task_warning(task), *wanted = rows[i].warning;
        if (strncmp(warning, wanted, wanted[0] != '\0' ? strlen(wanted) : 1) != 0) { fail_msg("%s", warning); }
        evo_task_destroy(task);
    }
    for (int i = 0; i < EVO_N_VEHICLES; i++) { // the tree's own are all possible
        char text[192];
        evo_vehicle_warn(&evo_vehicle_table[i], text, sizeof text);
        assert_string_equal(text, "");
    }
}

static void a_linear_thrust_hovers_too(void **state)
{
    (void)state;
    struct evo_vehicle vehicle = evo_vehicle_table[0];
    vehicle.thrust[0] = 0.01;
    vehicle.thrust[1] = 0.1;
    vehicle.thrust[2] = 0.0;
    double u = evo_vehicle_hover_command(&vehicle);
    assert_true(fabs(0.01 + 0.1 * u - vehicle.mass_kg * EVO_GRAVITY / 4.0) < 1e-15);
}

/* ---- a file of one's own ------------------------------------------------------------------ */

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static enum evo_status read_both(const char *config_text, const char *vehicle_text,
                                 struct evo_config **out)
{
    char folder[] = "vehicleXXXXXX", paths[2][64];
    char set[96];
    assert_non_null(mkdtemp(folder));
    snprintf(paths[0], sizeof paths[0], "%s/config.ini", folder);
    snprintf(paths[1], sizeof paths[1], "%s/own.ini", folder);
    write_file(paths[0], config_text);
    write_file(paths[1], vehicle_text);
    snprintf(set, sizeof set, "vehicle.file=%s", paths[1]);
    const char *const sets[] = {set};
    enum evo_status status = evo_config_read(paths[0], sets, 1, evo_run_scope(), out);
    for (int i = 0; i < 2; i++) { assert_int_equal(unlink(paths[i]), 0); }
    assert_int_equal(rmdir(folder), 0);
    return status;
}

static void a_vehicles_file_fills_what_the_configuration_leaves_open(void **state)
{
    (void)state;
    struct evo_config *config = NULL, *again = NULL;
    char *text = NULL;
    struct evo_vehicle vehicle;
    assert_int_equal(read_both("[vehicle]\nmass = 0.04\n",
                               "[vehicle]\nname = x500\nmass = 3\nlinear_x = 0.25\n", &config),
                     EVO_OK);
    assert_int_equal(evo_vehicle_read(config, &vehicle), EVO_OK);
    assert_string_equal(vehicle.name, "x500");
    assert_true(vehicle.mass_kg == 0.04 && vehicle.linear[0] == 0.25);

    /* What is kept of the run needs the file no more. */
    assert_int_equal(evo_config_print(config, false, false, &text), EVO_OK);
    assert_int_equal(evo_config_parse("kept", text, strlen(text), false, NULL, 0, evo_run_scope(), &again),
                     EVO_OK);
    assert_true(evo_config_hash(config) == evo_config_hash(again));
    assert_string_equal(evo_vehicle_keys(again)->file, "none");
    free(text);
    evo_config_destroy(config);
    evo_config_destroy(again);
}

static void a_vehicles_file_with_anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"[vehicle]\nmass = 1\n[hover]\ndt = 0.02\n", "own.ini:4: [hover] dt = 0.02: does not belong"},
        {"[vehicle]\nfile = other.ini\n", "own.ini:2: [vehicle] file = other.ini: does not belong"},
        {"[vehicle]\nmas = 1\n", "own.ini:2: unknown key 'mas' in [vehicle]"},
        {"[vehicle]\nmass = -1\n", "own.ini:2: [vehicle] mass = -1: is below"},
    };
    struct evo_config *config = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(read_both("", bad[i][0], &config), EVO_ERR_CONFIG);
        if (strstr(evo_status_message(), bad[i][1]) == NULL) {
            fail_msg("%s: %s", bad[i][0], evo_status_message());
        }
    }
    write_file("vehicle_lonely.ini", "[vehicle]\nfile = no_such_file.ini\n");
    assert_int_equal(evo_config_read("vehicle_lonely.ini", NULL, 0, evo_run_scope(), &config),
                     EVO_ERR_CONFIG);
    assert_non_null(strstr(evo_status_message(), "[vehicle] file = no_such_file.ini: "));
    assert_int_equal(unlink("vehicle_lonely.ini"), 0);
}

/* ---- what a free body keeps --------------------------------------------------------------- */

static void kinetics(const double *inertia, const struct evo_vehicle_state *s, double *energy,
                     double momentum[3])
{
    double w = s->q[0], x = s->q[1], y = s->q[2], z = s->q[3], l[3];
    const double turn[3][3] = {
        {1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
        {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
        {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)}};
    *energy = 0.0;
    for (int i = 0; i < 3; i++) {
        l[i] = inertia[i] * s->w[i];
        *energy += 0.5 * l[i] * s->w[i];
    }
    for (int i = 0; i < 3; i++) {
        momentum[i] = turn[i][0] * l[0] + turn[i][1] * l[1] + turn[i][2] * l[2];
    }
}

/* How much a tumbling body without forces loses in 1 s, as shares: energy, angular momentum. */
static void lose(double h, bool rk4, double lost[2])
{
    struct evo_vehicle vehicle = evo_vehicle_table[2];
    const double up[3] = {0.0, 0.0, EVO_GRAVITY}, command[EVO_ROTORS] = {0.0};
    vehicle.inertia[1] = 5e-3;
    struct evo_vehicle_step step;
    struct evo_vehicle_state s = {.q = {0.8, 0.6, 0.0, 0.0}, .w = {3.0, 2.0, -4.0}};
    double energy[2], momentum[2][3], off = 0.0, length = 0.0;
    evo_vehicle_prepare(&vehicle, rk4, h, up, nothing, &step);
    kinetics(vehicle.inertia, &s, &energy[0], momentum[0]);
    int n = (int)(1.0 / h + 0.5);
    for (int k = 0; k < n; k++) { evo_vehicle_move(&step, nothing, command, &s); }
    kinetics(vehicle.inertia, &s, &energy[1], momentum[1]);
    for (int i = 0; i < 3; i++) {
        off += (momentum[1][i] - momentum[0][i]) * (momentum[1][i] - momentum[0][i]);
        length += momentum[0][i] * momentum[0][i];
    }
    lost[0] = fabs(energy[1] / energy[0] - 1.0);
    lost[1] = sqrt(off / length);
}

static void a_free_body_keeps_energy_and_momentum_to_the_order_of_the_step(void **state)
{
    (void)state;
    double coarse[2], fine[2];
    lose(4e-3, false, coarse);
    lose(2e-3, false, fine);
    for (int i = 0; i < 2; i++) {
        assert_true(coarse[i] > 0.0 && coarse[i] < 0.05);
        assert_true(coarse[i] / fine[i] > 1.7 && coarse[i] / fine[i] < 2.4);
    }
    lose(4e-2, true, coarse);
    lose(2e-2, true, fine);
    for (int i = 0; i < 2; i++) {
        assert_true(coarse[i] > 0.0 && coarse[i] < 1e-4);
        assert_true(coarse[i] / fine[i] > 12.0);
    }
}

/* How far from `exact` a vehicle with lag and drag comes in 0.4 s, from commands that have just changed: some
 * motors rise, some fall. */
static double stray(double h, const struct evo_vehicle_state *exact, struct evo_vehicle_state *s)
{
    const double wind[3] = {2.0, -1.0, 0.0}, command[EVO_ROTORS] = {0.9, 0.6, 0.75, 0.8};
    const struct evo_vehicle *vehicle = &evo_vehicle_table[3];
    struct evo_vehicle_step step;
    double sum = 0.0;
    *s = (struct evo_vehicle_state){.q = {1}, .w = {1.0, -2.0, 0.5}, .m = {0.7, 0.7, 0.7, 0.7}};
    evo_vehicle_prepare(vehicle, true, h, nothing, nothing, &step);
    int n = (int)(0.4 / h + 0.5);
    for (int k = 0; k < n; k++) { evo_vehicle_move(&step, wind, command, s); }
    for (int i = 0; i < 3; i++) {
        sum += fabs(s->p[i] - exact->p[i]) + fabs(s->v[i] - exact->v[i]);
        sum += fabs(s->w[i] - exact->w[i]) + fabs(s->q[i] - exact->q[i]);
    }
    return sum;
}

static void rk4_is_of_fourth_order_with_lag_and_drag(void **state)
{
    (void)state;
    struct evo_vehicle_state exact = {.q = {1}}, s;
    stray(0.4 / 1280, &exact, &s);
    exact = s;
    double coarse = stray(0.02, &exact, &s), fine = stray(0.01, &exact, &s);
    assert_true(coarse > 1e-9 && coarse < 1e-2);
    assert_true(coarse / fine > 12.0 && coarse / fine < 22.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vehicle_nobody_changes_is_that_of_the_table),
        cmocka_unit_test(each_key_changes_a_value_of_its_own),
        cmocka_unit_test(vehicles_that_cannot_hover_are_refused),
        cmocka_unit_test(an_inertia_at_the_edge_flies_and_slightly_above_it_flies_with_a_warning),
        cmocka_unit_test(a_linear_thrust_hovers_too),
        cmocka_unit_test(a_vehicles_file_fills_what_the_configuration_leaves_open),
        cmocka_unit_test(a_vehicles_file_with_anything_else_is_refused),
        cmocka_unit_test(rk4_is_of_fourth_order_with_lag_and_drag),
        cmocka_unit_test(a_free_body_keeps_energy_and_momentum_to_the_order_of_the_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
