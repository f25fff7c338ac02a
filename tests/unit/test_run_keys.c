/* SPDX-License-Identifier: MIT */
/* Keys that a task or a search does not use: refused by name, but not at their defaults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/run.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *text, *message; // what follows the path
} refused[] = {
    {"[task]\nname = hover\n[validate]\nduration = 7\n",
     ":4: [validate] duration = 7: has no effect: tasks hover and track have validations of a length of "
     "their own; leave it out"},
    {"[task]\nname = track\n[validate]\nduration = 7\n", ":4: [validate] duration = 7: has no effect: "},
    {"[task]\nname = track\n[track]\npath = waypoints\nwaypoints = 0 0 0, 1 0 0\nradius = 2\n",
     ":6: [track] radius = 2: has no effect: track.path = waypoints has no radius"},
    {"[altitude]\nduration = 8\n", ":2: [altitude] duration = 8: has no effect: it is for flights drawn "
                                   "by chance, and altitude.random_flights is 0"},
    {"[altitude]\nrelative = yes\n", ":2: [altitude] relative = yes: has no effect"},
    {"[exam]\nflights = 8\n", ":2: [exam] flights = 8: has no effect: exams are for flights that change"},
    {"[task]\nname = hover\n[hover]\ngust_time = 2\n",
     ":4: [hover] gust_time = 2: has no effect: hover.gust is 0"},
    {"[task]\nname = hover\n[hover]\nintegral_limit = 2\n", ":4: [hover] integral_limit = 2: has no"},
    {"[ga]\nmigrants = 4\n", ":2: [ga] migrants = 4: has no effect: ga.islands is 1"},
    {"[ga]\nislands = 4\nmigrants = 4\n", ":3: [ga] migrants = 4: has no effect: ga.migrate_every is 0"},
    {"[search]\nname = cmaes\n[cmaes]\ndoublings = 3\n",
     ":4: [cmaes] doublings = 3: has no effect: cmaes.restart is same"},
    {"[task]\nisolate = yes\n", ":2: [task] isolate = yes: has no effect: it is for tasks from outside, plug-ins"},
    {"[task]\non_failure = abort\n", ":2: [task] on_failure = abort: has no effect: it is for tasks from outside"},
    {"[task]\nname = program\nprecision = single\n", ":3: [task] precision = single: has no effect: it is for the "
                                                    "tasks of this program"},
    {"[task]\nname = program\nisolate = yes\n", ":3: [task] isolate = yes: has no effect: a program runs in a child"},
};

static const char *const accepted[] = {
    "[task]\nname = program\ntimeout_s = 3\nmemory_mb = 100\non_failure = retry:2\n",
    /* The default, in any way of writing it: a printed configuration holds every key. */
    "[task]\nname = hover\n[validate]\nduration = 5\n",
    "[task]\nname = hover\n[validate]\nduration = 5e0\n",
    "[task]\nname = altitude\n[validate]\nduration = 7\n",
    /* Sections of other tasks and searches. */
    "[task]\nname = altitude\n[hover]\nflights = 3\ngust_time = 2\n[cmaes]\ndoublings = 3\n",
    /* A feature that is switched off by name. */
    "[task]\nname = hover\n[hover]\ngust = 0\ngust_time = 2\n",
    "[altitude]\nrandom_flights = 0\nduration = 8\n[exam]\nflights = 8\n",
    /* A feature that is on. */
    "[altitude]\nrandom_flights = 4\nduration = 8\n[exam]\nflights = 8\n",
    "[ga]\nislands = 4\nmigrate_every = 3\nmigrants = 4\n",
};

static enum evo_status read_text(const char *text, char path[32], struct evo_config **out)
{
    strcpy(path, "/tmp/evompi_keys_XXXXXX");
    int file = mkstemp(path);
    ssize_t n = (ssize_t)strlen(text);
    assert_true(file >= 0 && write(file, text, (size_t)n) == n);
    close(file);
    enum evo_status status = evo_run_read_config(path, NULL, 0, out);
    unlink(path);
    return status;
}

static void a_key_without_effect_is_refused_by_file_line_key_and_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char path[32];
        struct evo_config *config = NULL;
        assert_int_equal(read_text(refused[i].text, path, &config), EVO_ERR_CONFIG);
        const char *message = evo_status_message() + strlen(path), *wanted = refused[i].message;
        if (strncmp(message, wanted, strlen(wanted)) != 0) { fail_msg("%s, not %s", message, wanted); }
    }
}

static void defaults_other_sections_and_what_is_switched_off_pass(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        char path[32];
        struct evo_config *config = NULL;
        if (read_text(accepted[i], path, &config) != EVO_OK) { fail_msg("%s", evo_status_message()); }
        evo_config_destroy(config);
    }
}

/* Each row of each task and search is about keys that there are, and its printed default passes. */
static void the_printed_configuration_of_every_task_and_search_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < evo_task_count() * evo_search_count(); i++) {
        char path[32], start[128], *printed = NULL;
        struct evo_config *config = NULL, *again = NULL;
        snprintf(start, sizeof start, "[task]\nname = %s\n[search]\nname = %s\n",
                 evo_task_names()[i % evo_task_count()], evo_search_names()[i / evo_task_count()]);
        assert_int_equal(read_text(start, path, &config), EVO_OK);
        assert_int_equal(evo_config_print(config, true, false, &printed), EVO_OK);
        if (read_text(printed, path, &again) != EVO_OK) { fail_msg("%s", evo_status_message()); }
        assert_true(evo_config_hash(config) == evo_config_hash(again));
        free(printed);
        evo_config_destroy(config);
        evo_config_destroy(again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_without_effect_is_refused_by_file_line_key_and_value),
        cmocka_unit_test(defaults_other_sections_and_what_is_switched_off_pass),
        cmocka_unit_test(the_printed_configuration_of_every_task_and_search_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
