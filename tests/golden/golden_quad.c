/* SPDX-License-Identifier: MIT */
/* Whole flights of hover and track against a scalar rollout written apart from them, bit for bit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/rng.h>

#include "../unit/test_flight.h"
#include "oracle/quad.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    N_SETTINGS = 96,
    N_CREATURES = 19,
    GENERATION = 7,
    GENOME_MOST = EVO_HOVER_HIDDEN_MAX * (EVO_HOVER_STATES_MAX + EVO_HOVER_INPUTS_MAX + 1) +
                  (EVO_HOVER_STATES_MAX + EVO_ROTORS) *
                      (EVO_HOVER_STATES_MAX + EVO_HOVER_INPUTS_MAX + EVO_HOVER_HIDDEN_MAX + 1),
    ROWS_MOST = 1024,
};

/* ---- settings ----------------------------------------------------------------------------------
 */

/* Text that grows. */
struct text {
    char line[4096];
    size_t n;
};

static void add(struct text *text, const char *form, ...)
{
    va_list args;
    va_start(args, form);
    int n = vsnprintf(text->line + text->n, sizeof text->line - text->n, form, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < sizeof text->line - text->n);
    text->n += (size_t)n;
}

/* key = a value up to `most`, in one of two settings; else its default. */
static void add_maybe(struct text *text, struct evo_rng *rng, const char *key, double most)
{
    bool is_set = evo_rng_below(rng, 2) == 1;
    double value = evo_rng_between(rng, 0.1 * most, most);
    if (is_set) { add(text, "%s = %.17g\n", key, value); }
}

static void add_switch(struct text *text, struct evo_rng *rng, const char *key)
{
    add(text, "%s = %s\n", key, evo_rng_below(rng, 2) == 1 ? "yes" : "no");
}

/* 0 in one of three settings, few in another, up to the most in the last. */
static uint64_t draw_count(struct evo_rng *rng, uint64_t few, uint64_t most)
{
    uint64_t kind = evo_rng_below(rng, 3), low = evo_rng_below(rng, few + 1),
             high = evo_rng_below(rng, most + 1);
    return kind == 0 ? 0 : kind == 1 ? low : high;
}

static void add_vehicle(struct text *text, struct evo_rng *rng)
{
    static const char *const names[] = {"crazyflie", "crazyflie_l2f", "hummingbird", "x500",
                                        "tudelft"};
    add(text, "[vehicle]\nname = %s\n", names[evo_rng_below(rng, 5)]);
    uint64_t kind = evo_rng_below(rng, 4);
    if (kind == 1) { add(text, "rise = 0\n"); }
    if (kind == 2) { add(text, "rise = 0\nfall = 0\n"); }
    if (evo_rng_below(rng, 2) == 0) { return; }
    add(text, "linear_x = 0.01\nlinear_y = 0.02\nlinear_z = 0.003\nquadratic_x = 0.001\n"
              "quadratic_z = 0.002\nrotor_x = 0.002\nrotor_y = 0.001\n");
}

static void add_air(struct text *text, struct evo_rng *rng)
{
    add_maybe(text, rng, "wind", 6);
    add_maybe(text, rng, "gust", 5);
    add_maybe(text, rng, "turbulence", 3);
    add(text, "gust_time = %g\nturbulence_time = 0.3\n", evo_rng_between(rng, 0.005, 0.4));
}

static void add_flights(struct text *text, struct evo_rng *rng)
{
    static const char *const shares[] = {"mass", "inertia", "thrust", "lag", "motor"};
    uint64_t substeps = 1 + draw_count(rng, 1, 3), delay = draw_count(rng, 2, EVO_HOVER_DELAY_MAX);
    add(text,
        "[hover]\nflights = 2\nduration = 0.55\nangle = 180\nintegrator = %s\nsubsteps = %d\n",
        evo_rng_below(rng, 2) == 1 ? "rk4" : "semi_implicit", (int)substeps);
    add(text, "delay = %d\ndelay_min = %d\n", (int)delay, (int)evo_rng_below(rng, delay + 2) - 1);
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        add_maybe(text, rng, shares[i], 0.4);
    }
    add_maybe(text, rng, "push", 2);
    add_maybe(text, rng, "twist", 3);
    if (evo_rng_below(rng, 3) == 0) {
        add(text,
            "grow_generations = 20\nduration_first = 0.4\nangle_first = 0.2\nrandom_first = 0.1\n");
    }
    if (evo_rng_below(rng, 4) == 0) { add(text, "bound = 0.9\nrate_limit = 3\nheight = 0.8\n"); }
    add_maybe(text, rng, "weight_away", 2);
    add_maybe(text, rng, "noise_position", 0.1);
    add_maybe(text, rng, "noise_velocity", 0.2);
    add_maybe(text, rng, "noise_attitude", 0.1);
    add_maybe(text, rng, "noise_rate", 0.3);
}

static void add_controller(struct text *text, struct evo_rng *rng)
{
    uint64_t states = draw_count(rng, 4, EVO_HOVER_STATES_MAX);
    uint64_t hidden = draw_count(rng, 16, EVO_HOVER_HIDDEN_MAX);
    add(text, "states = %d\nhidden = %d\nclip = 0.4\nstate_limit = %g\nintegral_limit = %g\n",
        (int)states, (int)hidden, evo_rng_between(rng, 0.1, 10), evo_rng_between(rng, 0.01, 0.2));
    add(text, "acceleration_lag = %g\n", evo_rng_below(rng, 2) == 1 ? 0.05 : 0.0);
#define ADD(name, n, symmetry, key, ...) add_switch(text, rng, #key);
    EVO_HOVER_SENSORS(ADD, EVO_SENSOR_NO_KEY)
#undef ADD
}

static void add_track(struct text *text, struct evo_rng *rng)
{
    static const char *const paths[] = {"figure_eight", "circle",
                                        "waypoints\nwaypoints = 0 0 0, 1 0 0.4, 0.5 1 -0.2"};
    add(text, "[track]\npath = %s\nlap = %g\n", paths[evo_rng_below(rng, 3)],
        evo_rng_between(rng, 0.3, 3));
#define ADD(name, n, symmetry, key, ...) add_switch(text, rng, #key);
    EVO_TRACK_SENSORS(ADD, EVO_SENSOR_NO_KEY)
#undef ADD
}

/* Setting number k. Those before `plain` are the simplest: the kernels have texts of their own for
 * them. */
static void make_setting(uint64_t k, struct text *text)
{
    struct evo_rng rng = evo_rng_begin(5, EVO_STREAM_INITIAL, 0, k);
    bool is_track = evo_rng_below(&rng, 3) == 0, simple = k < 20;
    text->n = 0;
    add(text, "[task]\nname = %s\nprecision = %s\n", is_track && !simple ? "track" : "hover",
        k % 2 == 1 ? "single" : "double");
    if (simple) {
        add(text,
            "[hover]\nflights = 2\nduration = 0.55\nstates = %d\nintegrator = %s\ndelay = %d\n",
            (int)(k / 2 % 5), k < 10 ? "rk4" : "semi_implicit", (int)(k % 3));
        return;
    }
    add_vehicle(text, &rng);
    bool has_air = strstr(text->line, "linear_x") != NULL;
    add_flights(text, &rng);
    add_controller(text, &rng);
    if (has_air) { add_air(text, &rng); }
    if (is_track) { add_track(text, &rng); }
}

static struct evo_task *make_task(const struct text *text, const char *step, const char *isa)
{
    struct text all = *text;
    struct evo_task *task = NULL;
    add(&all, "[task]\nstep = %s\n[farm]\nisa = %s\n", step, isa);
    if (test_task(all.line, &task) != EVO_OK) {
        print_error("%s", all.line);
        fail_msg("%s", evo_status_message());
    }
    return task;
}

/* ---- controllers -------------------------------------------------------------------------------
 */

/* The first 12 inputs to one that flies: it tilts against position and velocity, and damps turns.
 */
static void add_gains(const struct evo_hover_task *task, double *genome)
{
    const struct evo_vehicle *v = &task->vehicle;
    size_t n_states = task->head.shape.n_states, n_hidden = task->head.shape.n_hidden;
    size_t n_seen = n_states + task->head.shape.n_inputs, n_all = n_seen + n_hidden;
    for (size_t r = 0; r < EVO_ROTORS; r++) {
        double *row = genome + n_hidden * n_seen + (n_states + r) * n_all + n_states;
        double roll = v->y_m[r] > 0 ? 1 : -1, pitch = v->x_m[r] > 0 ? -1 : 1, yaw = v->spin[r];
        const double gains[12] = {-0.05 * pitch, 0.05 * roll,  -0.3,          -0.05 * pitch,
                                  0.05 * roll,   -0.2,         -0.2 * roll,   -0.2 * pitch,
                                  -0.1 * yaw,    -0.03 * roll, -0.03 * pitch, -0.05 * yaw};
        for (size_t j = 0; j < 12; j++) { row[j] += gains[j]; }
    }
}

/* Creature i: sizes from nothing to beyond any number, and some that are no numbers. */
static void make_creature(const struct evo_hover_task *task, uint64_t k, size_t i, double *genome)
{
    static const double sizes[] = {0.003, 0.02, 0.1, 0.5, 3, 1e3, 1e20, 1e300, 1e-310, 0};
    size_t n = evo_shape_genome(task->head.shape);
    struct evo_rng rng = evo_rng_begin(6, EVO_STREAM_INITIAL, k, i);
    double size = sizes[i % 10];
    for (size_t j = 0; j < n; j++) { genome[j] = evo_rng_between(&rng, -1, 1) * size; }
    if (i % 10 < 3) { add_gains(task, genome); }
    if (i == 12) { genome[evo_rng_below(&rng, n)] = (double)NAN; }
    if (i == 13) { genome[evo_rng_below(&rng, n)] = (double)INFINITY; }
    if (i == 14) { genome[evo_rng_below(&rng, n)] = -(double)INFINITY; }
    for (size_t j = 0; i == 15 && j < n; j++) {
        genome[j] = j % 2 == 0 ? (double)INFINITY : (double)NAN;
    }
}

/* ---- comparing ---------------------------------------------------------------------------------
 */

/* The oracle's rows of one creature, and how many of them the program's trace has confirmed. */
struct rows {
    double row[ROWS_MOST][EVO_TRACK_COLUMNS];
    size_t n, seen;
};

static void keep_row(void *context, const double *row, size_t n)
{
    struct rows *rows = context;
    assert_true(rows->n < ROWS_MOST);
    memcpy(rows->row[rows->n++], row, n * sizeof *row);
}

static enum evo_status compare_row(void *context, const double *row, size_t n)
{
    struct rows *rows = context;
    EVO_CHECK(rows->seen < rows->n, EVO_ERR_DATA, "the trace has more than %zu rows", rows->n);
    for (size_t i = 0; i < n; i++) {
        double wanted = rows->row[rows->seen][i];
        EVO_CHECK(same_bits(wanted, row[i]) || (isnan(wanted) && isnan(row[i])), EVO_ERR_DATA,
                  "row %zu, column %zu: %a, the oracle has %a", rows->seen, i, row[i], wanted);
    }
    rows->seen++;
    return EVO_OK;
}

/* The plain step, row for row. */
static void compare_trace(const struct evo_task *plain, const double *genome, const char *setting)
{
    static struct rows rows;
    double fitness = 0;
    rows.n = rows.seen = 0;
    (void)oracle_quad_fitness((const struct evo_hover_task *)plain, GENERATION, genome, keep_row,
                              &rows);
    if (evo_task_trace(plain, evo_cases_of(GENERATION), genome, compare_row, &rows, &fitness) != EVO_OK) {
        print_error("%s", setting);
        fail_msg("%s", evo_status_message());
    }
    assert_int_equal(rows.seen, rows.n);
}

static void compare_fitness(const struct evo_task *task, const double *genomes,
                            const double *wanted, const char *setting)
{
    double got[N_CREATURES];
    evo_task_fly(task, evo_cases_of(GENERATION), N_CREATURES, genomes, got);
    for (size_t i = 0; i < N_CREATURES; i++) {
        if (same_bits(got[i], wanted[i])) { continue; }
        print_error("%s", setting);
        fail_msg("creature %zu, %s: %a, the oracle has %a", i, evo_task_step_name(task), got[i],
                 wanted[i]);
    }
}

enum { N_KINDS = 30 };

/* How often each kind of setting and of flight came. */
struct seen {
    size_t kinds[N_KINDS][2], n_air, n_crashed;
};

static void count_kinds(const struct evo_hover_task *task, struct seen *seen)
{
    const struct evo_hover_setting *s = &task->setting;
    bool air = evo_vehicle_has_drag(&task->vehicle);
    const bool is[] = {s->sees_integral,
                       s->sees_acceleration,
                       s->sees_motor,
                       s->sees_command,
                       s->sees_rotation,
                       s->sees_path_velocity,
                       s->sees_path_acceleration,
                       s->path != NULL,
                       s->has_disturbance,
                       s->noise[0] > 0,
                       s->noise[3] > 0,
                       s->noise[6] > 0,
                       s->noise[9] > 0,
                       air,
                       task->is_rk4,
                       s->substeps > 1,
                       s->n_states > 0,
                       s->n_states > 4,
                       s->n_hidden > 0,
                       s->n_hidden > 16,
                       task->spread.wind > 0,
                       task->spread.gust > 0,
                       task->spread.turbulence > 0,
                       task->spread.delay_max > 0,
                       task->spread.delay_min != task->spread.delay_max,
                       s->weight_away > 0,
                       task->head.precision == EVO_PRECISION_SINGLE,
                       task->curriculum.generations > 0,
                       task->vehicle.rise_s == 0 && task->vehicle.fall_s == 0,
                       task->spread.twist > 0};
    _Static_assert(sizeof is / sizeof is[0] == N_KINDS, "each kind has its place");
    for (size_t i = 0; i < N_KINDS; i++) { seen->kinds[i][is[i]]++; }
}

/* A crashed flight costs more than any other can. */
static void count_crashes(const struct evo_hover_task *task, const double *fitness,
                          struct seen *seen)
{
    for (size_t i = 0; i < N_CREATURES; i++) {
        bool crashed = fitness[i] > 0.02 * task->setting.crash_cost;
        seen->n_crashed += crashed;
        seen->n_air += !crashed;
    }
}

/* One setting: the plain step and every instruction set of this machine. */
static void compare_setting(uint64_t k, struct seen *seen)
{
    static double genomes[N_CREATURES * GENOME_MOST];
    double wanted[N_CREATURES];
    struct text text;
    size_t n_isas = 0;
    const struct evo_isa *const *isas = evo_isa_all(&n_isas);
    make_setting(k, &text);
    struct evo_task *plain = make_task(&text, "plain", "auto");
    const struct evo_hover_task *task = (const struct evo_hover_task *)plain;
    size_t genome = evo_shape_genome(plain->shape);
    assert_true(genome <= GENOME_MOST);
    for (size_t i = 0; i < N_CREATURES; i++) {
        make_creature(task, k, i, genomes + i * genome);
        wanted[i] = oracle_quad_fitness(task, GENERATION, genomes + i * genome, NULL, NULL);
        if (i % 4 == k % 4 || i >= 12) { compare_trace(plain, genomes + i * genome, text.line); }
    }
    count_kinds(task, seen);
    count_crashes(task, wanted, seen);
    compare_fitness(plain, genomes, wanted, text.line);
    for (size_t j = 0; j < n_isas; j++) {
        if (!evo_isa_runs(isas[j])) { continue; }
        struct evo_task *unrolled = make_task(&text, "unrolled", isas[j]->name);
        compare_fitness(unrolled, genomes, wanted, text.line);
        evo_task_destroy(unrolled);
    }
    evo_task_destroy(plain);
}

static void plain_and_unrolled_steps_have_the_bits_of_the_oracle(void **state)
{
    (void)state;
    struct seen seen = {0};
    /* Every set is asked for by name; the environment must not forbid one. */
    unsetenv("EVOMPI_ISA");
    for (uint64_t k = 0; k < N_SETTINGS; k++) { compare_setting(k, &seen); }
    for (size_t i = 0; i < N_KINDS; i++) {
        if (seen.kinds[i][0] < 5 || seen.kinds[i][1] < 5) {
            fail_msg("kind %zu came %zu and %zu times", i, seen.kinds[i][0], seen.kinds[i][1]);
        }
    }
    assert_true(seen.n_air > N_SETTINGS && seen.n_crashed > N_SETTINGS);
}

/* ---- physics -----------------------------------------------------------------------------------
 */

static void draw_all(struct evo_rng *rng, double most, double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) { x[i] = evo_rng_between(rng, -most, most); }
}

static void draw_state(struct evo_rng *rng, struct evo_vehicle_state *s)
{
    double length = 0;
    draw_all(rng, 2, s->p, 3);
    draw_all(rng, 4, s->v, 3);
    draw_all(rng, 1, s->q, 4);
    draw_all(rng, 5, s->w, 3);
    for (int i = 0; i < 4; i++) {
        s->m[i] = evo_rng_between(rng, 0, 1);
        length += s->q[i] * s->q[i];
    }
    for (int i = 0; i < 4; i++) { s->q[i] /= sqrt(length); }
}

static void a_step_is_what_the_physics_in_the_manual_say(void **state)
{
    (void)state;
    for (uint64_t k = 0; k < 500; k++) {
        struct evo_rng rng = evo_rng_begin(8, EVO_STREAM_INITIAL, 0, k);
        struct evo_vehicle vehicle = evo_vehicle_table[k % EVO_N_VEHICLES];
        struct evo_vehicle_step step;
        struct evo_vehicle_state got, wanted;
        double push[3], twist[3], wind[3], command[EVO_ROTORS];
        double h = evo_rng_between(&rng, 0.0005, 0.01);
        for (int i = 0; k % 2 == 1 && i < 3; i++) {
            vehicle.linear[i] = evo_rng_between(&rng, 0, 0.1);
            vehicle.quadratic[i] = evo_rng_between(&rng, 0, 0.1);
            vehicle.rotor[i] = evo_rng_between(&rng, 0, 0.1);
        }
        draw_state(&rng, &got);
        draw_all(&rng, 3, push, 3);
        draw_all(&rng, 3, twist, 3);
        draw_all(&rng, 6, wind, 3);
        for (int i = 0; i < EVO_ROTORS; i++) { command[i] = evo_rng_between(&rng, 0, 1); }
        wanted = got;
        evo_vehicle_prepare(&vehicle, false, h, push, twist, &step);
        evo_vehicle_move(&step, wind, command, &got);
        oracle_quad_step(&vehicle, h, push, twist, wind, command, &wanted);
        double a[sizeof got / sizeof(double)], b[sizeof a / sizeof a[0]];
        memcpy(a, &got, sizeof got);
        memcpy(b, &wanted, sizeof wanted);
        for (size_t i = 0; i < sizeof a / sizeof a[0]; i++) {
            if (!(fabs(a[i] - b[i]) <= 1e-12 * fmax(1, fabs(b[i])))) {
                fail_msg("%s, number %zu: %.17g, not %.17g", vehicle.name, i, a[i], b[i]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_what_the_physics_in_the_manual_say),
        cmocka_unit_test(plain_and_unrolled_steps_have_the_bits_of_the_oracle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
