/* SPDX-License-Identifier: MIT */
/* Every row of the quadcopter's table of sensors: its key, place, names, symmetry and bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/tasks/quad/hover.h"
#include "test_flight.h"

#include <math.h>

/* The table once more, as text. */
static const struct row {
    const char *section, *key;
    size_t n;
    enum evo_hover_sensor sensor;
    struct evo_signal signals[16];
} rows[] = {
#define HOVER_ROW(name, n, symmetry, key, keys, ...) \
    {"hover", #key, (n), EVO_SENSOR_##name, {__VA_ARGS__}},
#define TRACK_ROW(name, n, symmetry, key, keys, ...) \
    {"track", #key, (n), EVO_SENSOR_##name, {__VA_ARGS__}},
    EVO_HOVER_SENSORS(HOVER_ROW, EVO_SENSOR_NO_KEY) EVO_TRACK_SENSORS(TRACK_ROW, EVO_SENSOR_NO_KEY)};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

/* A task in which the sensors of `seen`, a set of bits, are switched on. */
static struct evo_task *make_task(unsigned seen, const char *step, const char *more)
{
    char text[2048];
    struct evo_task *task = NULL;
    int n = snprintf(text, sizeof text,
                     "[task]\nname = track\nstep = %s\n[hover]\nflights = 2\nduration = 0.2\n%s\n",
                     step, more);
    for (size_t i = 0; i < N_ROWS; i++) {
        bool is_seen = (seen >> i & 1U) == 1U;
        n += snprintf(text + n, sizeof text - (size_t)n, "[%s]\n%s = %s\n", rows[i].section,
                      rows[i].key, is_seen ? "yes" : "no");
    }
    if (test_task(text, &task) != EVO_OK) { fail_msg("%s", evo_status_message()); }
    return task;
}

static void each_key_brings_its_signals_at_their_place(void **state)
{
    (void)state;
    assert_int_equal(N_ROWS, EVO_N_HOVER_SENSORS);
    for (unsigned seen = 0; seen < 1U << N_ROWS; seen++) {
        struct evo_task *task = make_task(seen, "auto", "");
        const struct evo_hover_setting *s = &((const struct evo_hover_task *)task)->setting;
        const struct evo_signal *inputs = evo_task_inputs(task);
        size_t place = EVO_HOVER_BASE;
        for (size_t i = 0; i < N_ROWS; i++) {
            bool is_seen = (seen >> i & 1U) == 1U;
            assert_int_equal(evo_hover_signals_place(s, rows[i].sensor), is_seen ? place : 0);
            for (size_t j = 0; is_seen && j < rows[i].n; j++) {
                assert_string_equal(inputs[place++].name, rows[i].signals[j].name);
            }
        }
        assert_int_equal(evo_task_shape(task).n_inputs, place);
        assert_int_equal(evo_hover_more(s), place - EVO_HOVER_BASE);
        evo_task_destroy(task);
    }
}

static void no_two_signals_have_one_name(void **state)
{
    (void)state;
    struct evo_task *task = make_task((1U << N_ROWS) - 1, "auto", "");
    const struct evo_signal *inputs = evo_task_inputs(task);
    size_t n = evo_task_shape(task).n_inputs;
    assert_int_equal(n, EVO_HOVER_INPUTS_MAX);
    for (size_t i = 0; i < n; i++) {
        assert_true(inputs[i].name[0] != '\0' && inputs[i].doc[0] != '\0');
        for (size_t j = 0; j < i; j++) { assert_string_not_equal(inputs[i].name, inputs[j].name); }
    }
    evo_task_destroy(task);
}

/* The weights of each sensor decide the flight, alike by both steps. */
static void each_sensor_reaches_the_controller_by_both_steps(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        struct evo_task *plain = make_task(1U << i, "plain", ""), *fast = make_task(1U << i, "unrolled", "");
        size_t n_inputs = evo_task_shape(plain).n_inputs;
        double genome[EVO_ROTORS * (EVO_HOVER_INPUTS_MAX + 1)] = {0}, without, a, b;
        evo_task_fly(plain, evo_cases_of(1), 1, genome, &without);
        for (size_t j = EVO_HOVER_BASE; j < n_inputs; j++) { genome[j] = 0.1; }
        evo_task_fly(plain, evo_cases_of(1), 1, genome, &a);
        evo_task_fly(fast, evo_cases_of(1), 1, genome, &b);
        assert_true(same_bits(a, b));
        assert_true(fabs(a - without) > 1e-9 * without);
        evo_task_destroy(plain);
        evo_task_destroy(fast);
    }
}

/* Each gain of a symmetric controller is a row that is not empty, and none is another. */
static void each_sensor_has_gains_of_its_own_in_the_symmetry(void **state)
{
    (void)state;
    struct evo_task *none = make_task(0, "auto", "symmetric = yes");
    size_t n_base = evo_task_basis(none)->n;
    for (size_t i = 0; i < N_ROWS; i++) {
        struct evo_task *task = make_task(1U << i, "auto", "symmetric = yes");
        const struct evo_basis *basis = evo_task_basis(task);
        size_t n_genome = evo_shape_genome(evo_task_shape(task));
        assert_true(basis->n > n_base);
        for (size_t k = 0; k < basis->n; k++) {
            const double *row = basis->rows + k * n_genome;
            size_t n_used = 0;
            for (size_t j = 0; j < n_genome; j++) { n_used += row[j] != 0.0; }
            assert_true(n_used >= EVO_ROTORS);
            for (size_t other = 0; other < k; other++) {
                assert_memory_not_equal(row, basis->rows + other * n_genome, n_genome * sizeof *row);
            }
        }
        evo_task_destroy(task);
    }
    evo_task_destroy(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_brings_its_signals_at_their_place),
        cmocka_unit_test(no_two_signals_have_one_name),
        cmocka_unit_test(each_sensor_reaches_the_controller_by_both_steps),
        cmocka_unit_test(each_sensor_has_gains_of_its_own_in_the_symmetry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
