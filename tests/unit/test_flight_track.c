/* SPDX-License-Identifier: MIT */
/* The task track: where its setpoint goes, what controllers see of it, and how far they are from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/tasks/quad/hover.h"
#include "test_figures.h"
#include "test_flight.h"
#include "../../src/tasks/quad/track_keys.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WAY "path = waypoints\nwaypoints = 0 0 0, 2 0.5 1,\n 1 -1 3e-1,-1 -1 0 , -1 0 0.5\n"

static struct evo_hover_task *make(const char *name, const char *how)
{
    char text[1024];
    struct evo_task *task = NULL;
    snprintf(text, sizeof text, "[task]\nname = %s\n%s\n", name, how);
    if (test_task(text, &task) != EVO_OK) { fail_msg("%s", evo_status_message()); }
    return (struct evo_hover_task *)task;
}

static const double *row_of(const struct evo_hover_task *task, uint64_t k)
{
    return task->setting.path + EVO_HOVER_PATH * (k % task->setting.n_lap);
}

static bool near(const double *a, double x, double y, double z, double tolerance)
{
    return fabs(a[0] - x) < tolerance && fabs(a[1] - y) < tolerance && fabs(a[2] - z) < tolerance;
}

/* ---- the way ------------------------------------------------------------------------------ */

static void circle_and_figure_eight_are_where_their_formulas_say(void **state)
{
    (void)state;
    struct evo_hover_task *eight = make("track", "[track]\nlap = 5.5\nradius = 1\n");
    struct evo_hover_task *circle = make("track", "[track]\npath = circle\nlap = 2.004\nradius = 3\n");
    assert_int_equal(eight->setting.n_lap, 550);
    assert_int_equal(circle->setting.n_lap, 200);
    for (uint64_t k = 0; k < 550; k++) {
        double a = 2.0 * acos(-1.0) * (double)k / 550.0, b = 2.0 * acos(-1.0) * (double)k / 200.0;
        assert_true(near(row_of(eight, k), 0.5 * sin(2.0 * a), sin(a), 0.0, 1e-14));
        assert_true(near(row_of(circle, k), 3.0 * cos(b), 3.0 * sin(b), 0.0, 1e-13));
    }
    evo_task_destroy(&eight->head);
    evo_task_destroy(&circle->head);
}

static void waypoints_are_passed_through_in_the_time_of_their_distance(void **state)
{
    (void)state;
    struct evo_hover_task *task = make("track", "[hover]\ndt = 0.0001\n[track]\nlap = 8\n" WAY);
    const struct evo_hover_path *path = &task->path;
    assert_int_equal(path->n, 5);
    for (size_t i = 0; i < path->n; i++) {
        const double *w = path->waypoints + 3 * i;
        double share = path->reached[i] / path->reached[5];
        uint64_t k = (uint64_t)(share * (double)task->setting.n_lap + 0.5);
        assert_true(near(row_of(task, k), w[0], w[1], w[2], 3e-4));
    }
    assert_true(fabs(path->reached[1] - sqrt(4.0 + 0.25 + 1.0)) < 1e-15);
    assert_true(near(path->waypoints + 6, 1.0, -1.0, 0.3, 1e-15));
    evo_task_destroy(&task->head);
}

static void velocity_and_acceleration_are_those_of_the_place(void **state)
{
    (void)state;
    static const char *const ways[] = {"[track]\n", "[track]\npath = circle\nradius = 2\nlap = 3\n",
                                       ("[track]\nlap = 7\n" WAY)};
    const double dt = 0.0005;
    for (size_t w = 0; w < 3; w++) {
        char how[512];
        snprintf(how, sizeof how, "[hover]\ndt = %g\n%s", dt, ways[w]);
        struct evo_hover_task *task = make("track", how);
        uint64_t n = task->setting.n_lap, far = 0;
        for (uint64_t k = 0; k < n; k++) {
            const double *a = row_of(task, k + n - 1), *b = row_of(task, k), *c = row_of(task, k + 1);
            for (int i = 0; i < 3; i++) {
                double velocity = (c[i] - a[i]) / (2.0 * dt), change = (c[3 + i] - a[3 + i]) / (2.0 * dt);
                assert_true(fabs(velocity - b[3 + i]) < 4e-3);
                /* At a waypoint the acceleration jumps. */
                far += !(fabs(change - b[6 + i]) < 2e-2);
            }
        }
        assert_true(far <= (w == 2 ? 5 * 2 * 3 : 0));
        evo_task_destroy(&task->head);
    }
}

/* ---- flights ------------------------------------------------------------------------------ */

static void a_track_of_no_size_is_hover_bit_for_bit(void **state)
{
    (void)state;
    static const char *const steps[] = {"plain", "unrolled"};
    for (size_t k = 0; k < 2; k++) {
        char how[512];
        snprintf(how, sizeof how, "step = %s\n[hover]\nflights = 3\nduration = 1\nmass = 0.2\n"
                                  "noise_rate = %s\n[track]\nradius = 0\n", steps[k], k == 0 ? "0" : "0.1");
        struct evo_hover_task *track = make("track", how), *hover = make("hover", how);
        double genomes[3 * 52], moving[3], resting[3];
        for (size_t i = 0; i < 3 * 52; i++) { genomes[i] = 0.05 * sin(1.0 + (double)i); }
        evo_task_fly(&track->head, evo_cases_of(7), 3, genomes, moving);
        evo_task_fly(&hover->head, evo_cases_of(7), 3, genomes, resting);
        assert_memory_equal(moving, resting, sizeof moving);
        evo_task_destroy(&track->head);
        evo_task_destroy(&hover->head);
    }
}

/* What a controller that does nothing saw, and the trace of it. */
struct seen {
    const struct evo_hover_task *task;
    struct evo_hover_flight flight;
    uint64_t k;
    double inputs[18];
};
static void see(void *context, const double *inputs, double *outputs)
{
    struct seen *seen = context;
    memcpy(seen->inputs, inputs, sizeof seen->inputs);
    for (int i = 0; i < EVO_ROTORS; i++) { outputs[i] = 0.0; }
}
static void begin(void *context) { ((struct seen *)context)->k = 0; }
static enum evo_status compare(void *context, const double *row, size_t n)
{
    struct seen *seen = context;
    const struct evo_hover_setting *s = &seen->task->setting;
    const double *now = evo_hover_path_row(s, &seen->flight, seen->k);
    const double *next = evo_hover_path_row(s, &seen->flight, seen->k + 1);
    assert_int_equal(n, EVO_TRACK_COLUMNS);
    assert_memory_equal(seen->inputs + 12, now + 3, 6 * sizeof(double));
    assert_memory_equal(row + EVO_HOVER_COLUMNS, next, 3 * sizeof(double));
    /* The first step's inputs: the start, from the place that the flight begins at. */
    for (int i = 0; seen->k == 0 && i < 3; i++) {
        double away = seen->flight.start.p[i] - now[i];
        assert_true(fabs(away) <= 0.3 && same_bits(seen->inputs[i], away));
    }
    seen->k++;
    return EVO_OK;
}

static void inputs_tell_of_the_setpoint_now_and_errors_of_the_one_after_the_step(void **state)
{
    (void)state;
    struct evo_hover_task *task =
        make("track", "[hover]\nflights = 1\nduration = 2\nposition = 0.3\n[track]\nlap = 1.1\n"
                      "inputs_velocity = yes\ninputs_acceleration = yes\n");
    struct seen seen = {.task = task};
    const struct evo_controller controller = {begin, see, &seen, NULL};
    uint64_t firsts[3];
    double fitness = 0.0;
    assert_int_equal(evo_task_shape(&task->head).n_inputs, 18);
    for (uint64_t g = 0; g < 3; g++) {
        evo_hover_draw_flight(task, evo_cases_of(g), 0, &seen.flight);
        firsts[g] = seen.flight.path_first;
        assert_int_equal(evo_task_trace_controller(&task->head, evo_cases_of(g), &controller, compare, &seen, &fitness),
                         EVO_OK);
        assert_int_equal(seen.k, 200);
    }
    assert_true(firsts[0] != firsts[1] && firsts[1] != firsts[2]);
    evo_task_destroy(&task->head);
}

/* ---- validation --------------------------------------------------------------------------- */

static void validate(const char *baseline, const char *how, bool brief, struct figures *figures)
{
    struct evo_hover_task *task = make("track", how);
    struct evo_controller controller;
    figures->n = 0;
    assert_int_equal(evo_baseline_create(&task->head, baseline, &controller), EVO_OK);
    assert_int_equal(evo_task_validate(&task->head, &controller, brief, take, figures), EVO_OK);
    evo_baseline_destroy(&controller);
    evo_task_destroy(&task->head);
}

static void who_sees_more_of_the_track_follows_it_better(void **state)
{
    (void)state;
    static struct figures blind, velocity, both, brief;
    validate("lqi", "[validate]\nflights = 4\n", true, &blind);
    validate("lqi", "[validate]\nflights = 4\n[track]\ninputs_velocity = yes\n", true, &velocity);
    validate("lqi", "[validate]\nflights = 4\n[hover]\ninputs_integral = yes\n[track]\n"
                    "inputs_velocity = yes\ninputs_acceleration = yes\n", false, &both);
    double a = value_of(&blind, "track_rmse"), b = value_of(&velocity, "track_rmse"),
           c = value_of(&both, "track_rmse");
    assert_true(a > 1.3 * b && b > 2.0 * c && c < 0.25);
    assert_true(value_of(&both, "track_worst") > value_of(&both, "track_rmse_90"));
    /* Slow is easy, quick is hard; the delay and the quick commands are those of the same curve. */
    assert_true(value_of(&both, "lap_1.5_rmse") < 0.5 * c && value_of(&both, "lap_0.8_rmse") > 1.5 * c);
    assert_true(fabs(value_of(&both, "delay_1_rmse") - c) < 0.1 * c);
    assert_true(isnan(value_of(&both, "wind_2_rmse")));
    validate("lqi", "[validate]\nflights = 4\n[hover]\ninputs_integral = yes\n[track]\n"
                    "inputs_velocity = yes\ninputs_acceleration = yes\n", true, &brief);
    assert_int_equal(brief.n, 3);
    assert_memory_equal(brief.value, both.value, 3 * sizeof(double));
}

/* The root of the mean square of what a trace says, for one who stays where he is. */
static void a_setpoint_at_rest_is_an_error_of_zero(void **state)
{
    (void)state;
    static struct figures figures;
    validate("lqr", "[validate]\nflights = 3\n[track]\nradius = 0\n", false, &figures);
    assert_true(value_of(&figures, "track_worst") < 1e-6);
    assert_true(value_of(&figures, "scattered_rmse") > 0.05);
    assert_true(value_of(&figures, "mass_1.1_rmse") > 0.05);
}

/* ---- what is refused ---------------------------------------------------------------------- */

static void waypoints_that_make_no_way_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *how, *says;
    } wrong[] = {
        {"waypoints = 0 0 0, 1 0 0", "is not flown, because track.path = figure_eight"},
        {"path = waypoints", "needs track.waypoints or track.file"},
        {"path = waypoints\nwaypoints = 1 2 3", "one waypoint is no way"},
        {"path = waypoints\nwaypoints = 1 2 3, 4 5", "waypoint 2 has 2 numbers"},
        {"path = waypoints\nwaypoints = 0,5 0 0, 1 0 0", "waypoint 1 has 1 numbers; a waypoint is x y z in m, "
         "and a comma between waypoints, such as 0 0 0, 1 0 0.5, 0 1 0; 0,5: a decimal comma; write 0.5"},
        {"path = waypoints\nwaypoints = 0 0 0, 1 0 0,5", "waypoint 3 has 1 numbers"},
        {"path = waypoints\nwaypoints = 1 2 3 4, 4 5 6", "waypoint 1 has 4 numbers"},
        {"path = waypoints\nwaypoints = 1 2 3, 4 x 6", "waypoint 2: \"x\" is not a number"},
        {"path = waypoints\nwaypoints = 1 2 3, 4 nan 6", "waypoint 2: \"nan\" is not a number"},
        {"path = waypoints\nwaypoints = 1 2 3,, 4 5 6", "waypoint 2 has 0 numbers"},
        {"path = waypoints\nwaypoints = 1 2 3, 1 2 3, 4 5 6", "waypoints 1 and 2 are the same place"},
        {"path = waypoints\nwaypoints = 1 2 3, 4 5 6, 1 2 3", "waypoints 3 and 1 are the same place"},
        {"path = waypoints\nwaypoints = 0 0 0, 1 0 -12", "below the ground"},
        {"lap = 86400\n[hover]\ndt = 0.01", "is more than 1000000 steps"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[512];
        struct evo_task *task = NULL;
        snprintf(text, sizeof text, "[task]\nname = track\n[track]\n%s\n", wrong[i].how);
        assert_int_equal(test_task(text, &task), EVO_ERR_CONFIG);
        if (strstr(evo_status_message(), wrong[i].says) == NULL) { fail_msg("%s", evo_status_message()); }
    }
}

/* The configuration that stands in track.ini, with waypoints in track.csv. */
static enum evo_status read_files(const char *csv, const char *more, struct evo_config **out)
{
    char folder[] = "track-XXXXXX", ini[64], list[64], set[96];
    assert_non_null(mkdtemp(folder));
    snprintf(ini, sizeof ini, "%s/track.ini", folder);
    snprintf(list, sizeof list, "%s/track.csv", folder);
    snprintf(set, sizeof set, "track.file=%s", list);
    const char *const sets[] = {set, more};
    FILE *file = fopen(ini, "w");
    assert_true(file != NULL && fputs("[task]\nname = track\n[track]\npath = waypoints\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    file = fopen(list, "w");
    assert_true(file != NULL && fputs(csv, file) >= 0);
    assert_int_equal(fclose(file), 0);
    enum evo_status status = evo_config_read(ini, sets, 2, evo_run_scope(), out);
    unlink(ini);
    unlink(list);
    rmdir(folder);
    return status;
}

static void waypoints_of_a_file_become_the_configurations_own(void **state)
{
    (void)state;
    struct evo_config *config = NULL;
    if (read_files("# a way\r\nx,y,z\r\n0,0,0\r\n\r\n1.5,0,1 # up\r\n0,1e0,0", "job.seed=2", &config) !=
        EVO_OK) {
        fail_msg("%s", evo_status_message());
    }
    assert_string_equal(evo_track_keys(config)->file, "none");
    struct evo_hover_path path;
    assert_int_equal(evo_hover_path_read(config, &path), EVO_OK);
    assert_int_equal(path.n, 3);
    assert_true(near(path.waypoints + 3, 1.5, 0.0, 1.0, 1e-15));
    assert_true(near(path.waypoints + 6, 0.0, 1.0, 0.0, 1e-15));
    evo_hover_path_fini(&path);
    evo_config_destroy(config);

    assert_int_equal(read_files("0,0,0\n", "track.waypoints=0 0 0", &config), EVO_ERR_CONFIG);
    assert_non_null(strstr(evo_status_message(), "both given"));
    assert_int_equal(read_files("# none\n", "job.seed=2", &config), EVO_ERR_CONFIG);
    assert_non_null(strstr(evo_status_message(), "holds no waypoint"));
}

static void a_list_of_waypoints_has_one_separator_whichever(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "0,0,0\n1.5,0,1\n0,1,0\n", "0;0;0\n1.5;0;1\n0;1;0\n", "0\t0\t0\n1.5\t0\t1\n0\t1\t0\n",
        "0 0  0\n1.5 0 1\n0 1 0\n", "\xef\xbb\xbfx, y, z\n0, 0, 0\n1.5, 0, 1\n0, 1, 0\n",
        "x1;y1;z1\r0;0;0;\r1.5;0;1;\r0;1;0;\r", "0,\t0,\t0\n1.5,0,1\n0,1,0",
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct evo_config *config = NULL;
        struct evo_hover_path path;
        if (read_files(lists[i], "job.seed=2", &config) != EVO_OK) { fail_msg("%s", evo_status_message()); }
        assert_int_equal(evo_hover_path_read(config, &path), EVO_OK);
        assert_int_equal(path.n, 3);
        assert_true(near(path.waypoints + 3, 1.5, 0.0, 1.0, 1e-15));
        evo_hover_path_fini(&path);
        evo_config_destroy(config);
    }
}

static void a_list_of_waypoints_that_is_not_what_it_seems_is_refused_by_line(void **state)
{
    (void)state;
    static const struct {
        const char *list, *says;
    } wrong[] = {
        {"0,5;0;\n1,5;0;\n1,5;1;\n", ".csv: line 1: 0,5: a decimal comma; write 0.5"},
        {"0;0;0\n1,5;0;1\n", "line 2: 1,5: a decimal comma; write 1.5"},
        {"0,5\t0\t0\n", "line 1: 0,5: a decimal comma; write 0.5"},
        {"0,5 0,0 1,0\n", "line 1: 0,5: a decimal comma; write 0.5"},
        {"0,5,0,5,0,5\n", "line 1 has 6 numbers; a line is x,y,z in m, with a point in 0.5, and this file "
                         "has ',' between its numbers"},
        {"0,0,0\n# more\n0;1;0\n",
         "line 3: \"0;1;0\" is not a number; this file has ',' between its numbers"},
        {"0;0;0\n0,1;0\n", "line 2: 0,1: a decimal comma; write 0.1"},
        {"0;0;0\n1;0\n", "line 2 has 2 numbers"},
        {"0,0,0\n1,,0\n", "line 2: \"\" is not a number"},
        {"0,0,0\n1,\xe2\x88\x92" "1,0\n", "character 1 is U+2212 (minus sign); write '-'"},
        {"0,0,0\n1\xc2\xa0,1,0\n", "character 2 is U+00A0 (no-break space), which cannot be seen"},
        {"0,0,0\n\xef\xbb\xbf" "1,1,0\n", "character 1 is U+FEFF (byte-order mark)"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct evo_config *config = NULL;
        assert_int_equal(read_files(wrong[i].list, "job.seed=2", &config), EVO_ERR_CONFIG);
        if (strstr(evo_status_message(), wrong[i].says) == NULL) {
            fail_msg("%s, not %s", evo_status_message(), wrong[i].says);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(circle_and_figure_eight_are_where_their_formulas_say),
        cmocka_unit_test(waypoints_are_passed_through_in_the_time_of_their_distance),
        cmocka_unit_test(velocity_and_acceleration_are_those_of_the_place),
        cmocka_unit_test(a_track_of_no_size_is_hover_bit_for_bit),
        cmocka_unit_test(inputs_tell_of_the_setpoint_now_and_errors_of_the_one_after_the_step),
        cmocka_unit_test(who_sees_more_of_the_track_follows_it_better),
        cmocka_unit_test(a_setpoint_at_rest_is_an_error_of_zero),
        cmocka_unit_test(waypoints_that_make_no_way_are_refused),
        cmocka_unit_test(waypoints_of_a_file_become_the_configurations_own),
        cmocka_unit_test(a_list_of_waypoints_has_one_separator_whichever),
        cmocka_unit_test(a_list_of_waypoints_that_is_not_what_it_seems_is_refused_by_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
