/* SPDX-License-Identifier: MIT */
/* Rollouts of plug-ins: the same bits on every instruction set, and what is written by hand beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/isa.h>
#include <evompi/rng.h>
#include <evompi/run.h>

#include "test_figures.h"
#include "test_flight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A task of the plug-ins beside this program, from lines of its section, up to `isa`. */
static enum evo_status read_lines(const char *task, const char *lines, struct evo_config **out)
{
    char path[] = "/tmp/evompi_rollout_XXXXXX", text[2048];
    int n = snprintf(text, sizeof text, "[job]\nplugins = ./cartpole.so, ./rollout_cases.so\n[task]\nname = %s\n%s\n",
                     task, lines);
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, text, (size_t)n) == n);
    close(file);
    enum evo_status status = evo_run_read_config(path, NULL, 0, out);
    unlink(path);
    return status;
}

static struct evo_task *make(const char *task, const char *lines, const char *isa)
{
    struct evo_config *config = NULL;
    struct evo_task *out = NULL;
    setenv("EVOMPI_ISA", isa, 1);
    enum evo_status status = read_lines(task, lines, &config);
    if (status == EVO_OK) { status = evo_task_create(config, &out); }
    if (status != EVO_OK) { fail_msg("%s: %s", lines, evo_status_message()); }
    evo_config_destroy(config);
    return out;
}

/* Candidates of sizes that let some crash at once, some late, and some never. */
static void draw_genomes(size_t n, double size, double *genomes)
{
    struct evo_rng rng = evo_rng_begin(5, EVO_STREAM_INITIAL, 0, 0);
    for (size_t i = 0; i < n; i++) { genomes[i] = size * evo_rng_normal(&rng); }
}

/* ---- bits ------------------------------------------------------------------------------------- */

enum { MOST_N = 21, MOST_GENOME = 2500 };
static double genomes[MOST_N * MOST_GENOME];

static void compare(const char *task_name, const char *lines, const char *isa, const double *plain)
{
    static const size_t numbers[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, MOST_N};
    struct evo_task *task = make(task_name, lines, isa);
    char wanted[32];
    snprintf(wanted, sizeof wanted, "unrolled (%s)", isa);
    assert_string_equal(evo_task_step_name(task), wanted);
    for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
        double fitness[MOST_N];
        evo_task_fly(task, evo_cases_of(3), numbers[k], genomes, fitness);
        for (size_t i = 0; i < numbers[k]; i++) {
            if (!same_bits(fitness[i], plain[i])) {
                fail_msg("%s, %s: candidate %zu of %zu has %a, and %a by the plain step", isa, lines, i, numbers[k],
                         fitness[i], plain[i]);
            }
        }
    }
    evo_task_destroy(task);
}

static void compare_all(const char *task_name, const char *section, const char *precision)
{
    char lines[512], plain_lines[512];
    double plain[MOST_N];
    size_t n_sets = 0, n_finite = 0;
    const struct evo_isa *const *sets = evo_isa_all(&n_sets);
    snprintf(lines, sizeof lines, "precision = %s\nstep = unrolled\n%s", precision, section);
    snprintf(plain_lines, sizeof plain_lines, "precision = %s\nstep = plain\n%s", precision, section);
    struct evo_task *task = make(task_name, plain_lines, "plain");
    size_t genome = evo_shape_genome(evo_task_shape(task));
    assert_true(genome <= MOST_GENOME);
    draw_genomes(MOST_N * genome, 0.7, genomes);
    evo_task_fly(task, evo_cases_of(3), MOST_N, genomes, plain);
    for (size_t i = 0; i < MOST_N; i++) { n_finite += isfinite(plain[i]) ? 1 : 0; }
    assert_true(n_finite == MOST_N);
    evo_task_destroy(task);
    for (size_t i = 0; i < n_sets; i++) {
        if (evo_isa_runs(sets[i])) { compare(task_name, lines, sets[i]->name, plain); }
    }
}

static void unrolled_gives_the_bits_of_the_plain_step_on_every_set(void **state)
{
    (void)state;
    static const char *const springs[] = {
        "[spring]\nstates = 0",
        "[spring]\nstates = 0\ndelay = 1\nshape = angle",
        "[spring]\nstates = 1\nnoise = 0.1\nshape = hyperbolic",
        "[spring]\nstates = 2\ndelay = 8\nnoise = 0.1, 0\ncurved = no",
        "[spring]\nstates = 3\nstate_limit = 0.5",
        "[spring]\nstates = 16\nhidden = 32\ndelay = 3\nnoise = 0 0.2\nduration = 0.5",
        "[spring]\nhidden = 1\nbound = 100\npower = 1",
        "[spring]\nhidden = 6\nredraw = no\ncases = 40\nduration = 0.3",
        "[spring]\nbound = 0",
    };
    for (size_t i = 0; i < sizeof springs / sizeof springs[0]; i++) {
        compare_all("spring", springs[i], "double");
        compare_all("spring", springs[i], "single");
    }
    compare_all("cartpole", "[cartpole]\nduration = 3\nspread = 0.01\ntrack = 10\nangle_limit = 1", "double");
    compare_all("cartpole", "[cartpole]\nduration = 3\nspread = 0.01\ntrack = 10\nangle_limit = 1", "single");
}

/* ---- by hand -------------------------------------------------------------------------------- */

/* The cart and pole of the textbook, with the C library's functions: cost of a case. */
static double by_hand(const double *x0, const double *genome, int delay, size_t n_steps)
{
    double x = x0[0], v = x0[1], angle = x0[2], rate = x0[3], sum = 0.0, waiting[16] = {0};
    size_t n_alive = 0;
    bool crashed = false;
    for (size_t step = 0; step < n_steps; step++) {
        double out = genome[0] * x + genome[1] * v + genome[2] * angle + genome[3] * rate + genome[4];
        out = fmin(fmax(out, -1.0), 1.0);
        waiting[step % 16] = out;
        double late = step < (size_t)delay ? 0.0 : waiting[(step - (size_t)delay) % 16];
        double push = (10.0 * late + 0.1 * 0.5 * rate * rate * sin(angle)) / 1.1;
        double turn = (9.8 * sin(angle) - cos(angle) * push) /
                      (0.5 * (4.0 / 3.0 - 0.1 * cos(angle) * cos(angle) / 1.1));
        double acceleration = push - 0.1 * 0.5 * turn * cos(angle) / 1.1;
        x += 0.02 * v;
        v += 0.02 * acceleration;
        angle += 0.02 * rate;
        rate += 0.02 * turn;
        crashed = crashed || fabs(x) > 2.4 || fabs(angle) > 0.20943951;
        if (!crashed) {
            sum += angle * angle + 0.1 * x * x + 0.01 * out * out;
            n_alive++;
        }
    }
    return (sum + 2.0 * (double)(n_steps - n_alive)) / (double)n_steps;
}

static void cartpole_is_that_of_the_textbook(void **state)
{
    (void)state;
    static const double controllers[][5] = {
        {2.6, 2.7, 14.9, 3.2, 0}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 1}, {-1, -2, -10, -3, 0.1}, {0.5, 1, 9, 2, 0.05}};
    for (int delay = 0; delay <= 3; delay += 3) {
        char lines[128];
        snprintf(lines, sizeof lines, "[cartpole]\ndelay = %d\nduration = 2\ncases = 5", delay);
        struct evo_task *task = make("cartpole", lines, "auto");
        for (size_t k = 0; k < sizeof controllers / sizeof controllers[0]; k++) {
            double sum = 0.0, fitness = 0.0;
            for (uint64_t i = 0; i < 5; i++) {
                struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_FLIGHTS, 7, i);
                double start[4];
                for (int j = 0; j < 4; j++) { start[j] = evo_rng_between(&rng, -0.05, 0.05); }
                sum += by_hand(start, controllers[k], delay, 100);
            }
            evo_task_fly(task, evo_cases_of(7), 1, controllers[k], &fitness);
            assert_true(fabs(fitness - sum / 5.0) < 1e-9);
        }
        evo_task_destroy(task);
    }
}

static void from_a_crash_on_each_step_costs_crash_cost(void **state)
{
    (void)state;
    double genome[8] = {0}, fitness = 0.0;
    struct evo_task *task = make("spring", "[spring]\nbound = 0\ncrash_cost = 7", "auto");
    evo_task_fly(task, evo_cases_of(1), 1, genome, &fitness);
    assert_true(fitness == 7.0);
    evo_task_destroy(task);
}

/* ---- traces, generations, validation --------------------------------------------------------- */

struct rows {
    size_t n, n_values;
    double first[8], last[8], sum; // the last costs of all cases
};

static enum evo_status keep_row(void *context, const double *values, size_t n)
{
    struct rows *rows = context;
    assert_true(n <= 8);
    memcpy(rows->n == 0 ? rows->first : rows->last, values, n * sizeof *values);
    if (fabs(values[1] - 1.0) < 1e-9) { rows->sum += values[n - 1]; } // the end of a case
    rows->n++;
    rows->n_values = n;
    return EVO_OK;
}

static void a_trace_has_a_row_for_each_step_and_the_fitness_of_the_kernels(void **state)
{
    (void)state;
    static const double genome[] = {2.6, 2.7, 14.9, 3.2, 0.0};
    struct evo_task *task =
        make("cartpole", "[cartpole]\nduration = 1\ncases = 4\nnoise = 0.01\ndelay = 1\nangle_limit = 0.1", "auto");
    size_t n = 0;
    const struct evo_signal *signals = evo_task_trace_signals(task, &n);
    static const char *const names[] = {"case", "t", "x", "angle", "push", "cost"};
    assert_int_equal(n, 6);
    for (size_t i = 0; i < n; i++) { assert_string_equal(signals[i].name, names[i]); }
    double flown = 0.0, traced = 0.0;
    struct rows rows = {0};
    evo_task_fly(task, evo_cases_of(2), 1, genome, &flown);
    assert_int_equal(evo_task_trace(task, evo_cases_of(2), genome, keep_row, &rows, &traced), EVO_OK);
    assert_true(same_bits(flown, traced));
    assert_int_equal(rows.n, 4 * 50);
    assert_int_equal(rows.n_values, n);
    assert_true(rows.first[0] == 0.0 && fabs(rows.first[1] - 0.02) < 1e-12 && rows.last[0] == 3.0);
    assert_true(fabs(rows.sum / 4.0 - flown) < 1e-15);
    evo_task_destroy(task);
}

static void cases_change_with_the_generation_unless_redraw_is_no(void **state)
{
    (void)state;
    static const double genome[] = {2.6, 2.7, 14.9, 3.2, 0.0};
    double a, b, selected;
    for (int redraw = 0; redraw < 2; redraw++) {
        struct evo_task *task = make("cartpole", redraw ? "" : "[cartpole]\nredraw = no", "auto");
        assert_int_equal(evo_task_changes(task), redraw);
        evo_task_fly(task, evo_cases_of(1), 1, genome, &a);
        evo_task_fly(task, evo_cases_of(2), 1, genome, &b);
        evo_task_fly(task, evo_cases_selection(), 1, genome, &selected);
        assert_true(same_bits(a, b) == !redraw);
        assert_true(same_bits(a, selected) == !redraw);
        assert_int_equal(evo_task_steps(task, evo_cases_of(1)), 16 * 500);
        assert_int_equal(evo_task_steps(task, evo_cases_selection()), (redraw ? 64 : 16) * 500);
        evo_task_destroy(task);
    }
}

static void validation_tells_how_many_cases_survive_and_what_they_cost(void **state)
{
    (void)state;
    static const double good[] = {2.6, 2.7, 14.9, 3.2, 0.0}, none[] = {0, 0, 0, 0, 0};
    struct figures figures = {.n = 0};
    struct evo_task *task = make("cartpole", "[validate]\nflights = 300", "auto");
    assert_int_equal(evo_task_validate_creature(task, good, false, take, &figures), EVO_OK);
    assert_true(value_of(&figures, "cases") == 300.0 && value_of(&figures, "survived") == 100.0);
    assert_true(fabs(value_of(&figures, "time") - 10.0) < 1e-9);
    assert_true(value_of(&figures, "cost") < 1e-3);
    assert_true(value_of(&figures, "cost_median") <= value_of(&figures, "cost_90"));
    assert_true(value_of(&figures, "cost_90") <= value_of(&figures, "cost_worst"));
    figures.n = 0;
    assert_int_equal(evo_task_validate_creature(task, none, false, take, &figures), EVO_OK);
    assert_true(value_of(&figures, "survived") == 0.0 && value_of(&figures, "time") < 3.0);
    assert_true(value_of(&figures, "cost") > 1.0);
    evo_task_destroy(task);
}

static void the_champions_words_hold_the_settings_and_the_bounds(void **state)
{
    (void)state;
    static const double genome[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6};
    const struct evo_champion champion = {.genome = genome, .seed = 1};
    char *text = NULL;
    struct evo_task *task = make("spring", "[spring]\nstiffness = 0.25\nshape = angle", "auto");
    assert_int_equal(evo_champion_print(task, &champion, &text), EVO_OK);
    static const char *const lines[] = {
        "# task,spring,\n", "# stiffness,0.25,1/s^2\n", "# shape,angle,\n", "# dt,0.05,s\n", "# cases,3,\n",
        "# input_0,x,m,where the mass is\n", "# output_0,left,m/s^2,pushes to the left; clipped to -0.1 .. 0.7\n",
        "# x is where the mass is.\n", "weight of v in right"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (strstr(text, lines[i]) == NULL) { fail_msg("no '%s' in %s", lines[i], text); }
    }
    free(text);
    evo_task_destroy(task);
}

/* ---- refusals ------------------------------------------------------------------------------- */

static void settings_without_sense_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *message;
    } all[] = {
        {"[cartpole]\nnoise = 1, 2", "noise = 1, 2: must be one number, or one for each input"},
        {"[cartpole]\nnoise = 1, -2, 3, 4", "each of its numbers must be from 0 to 1e6"},
        {"[cartpole]\nnoise = a", "each of its numbers must be from 0 to 1e6"},
        {"[cartpole]\ndt = 1e-6\nduration = 100", "that is more than 1e7 steps"},
        {"[cartpole]\nspread = 7", "spread = 7"},
        {"[cartpole]\nspeed = 7", "unknown key 'speed' in [cartpole]"},
        {"[cartpole]\nstate_limit = 7", "has no effect: there are no states"},
        {"isolate = yes", "a rollout is evaluated in the process of its rank"},
        {"on_failure = abort", "a rollout cannot fail"},
        {"[validate]\nduration = 7", "cases that validate are as long as all others"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct evo_config *config = NULL;
        struct evo_task *task = NULL;
        enum evo_status status = read_lines("cartpole", all[i].lines, &config);
        if (status == EVO_OK) { status = evo_task_create(config, &task); }
        if (status != EVO_ERR_CONFIG) { fail_msg("%s: is accepted", all[i].lines); }
        if (strstr(evo_status_message(), all[i].message) == NULL) {
            fail_msg("'%s' is not in '%s'", all[i].message, evo_status_message());
        }
        evo_config_destroy(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unrolled_gives_the_bits_of_the_plain_step_on_every_set),
        cmocka_unit_test(cartpole_is_that_of_the_textbook),
        cmocka_unit_test(from_a_crash_on_each_step_costs_crash_cost),
        cmocka_unit_test(a_trace_has_a_row_for_each_step_and_the_fitness_of_the_kernels),
        cmocka_unit_test(cases_change_with_the_generation_unless_redraw_is_no),
        cmocka_unit_test(validation_tells_how_many_cases_survive_and_what_they_cost),
        cmocka_unit_test(the_champions_words_hold_the_settings_and_the_bounds),
        cmocka_unit_test(settings_without_sense_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
