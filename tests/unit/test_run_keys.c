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
    {"[exam]\nflights = 8\n", ":2: [exam] flights = 8: has no effect: the selection set is for flights that change"},
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

/* ---- every key --------------------------------------------------------------------------------- */

static const char *const tasks[] = {"hover", "track", "altitude", "program"};
enum { N_TASKS = sizeof tasks / sizeof tasks[0] };

/* The keys of no task and no search: used (u) or refused (r) by the tasks above, as they are by default;
 * not tried (-). */
static const struct {
    const char *key, *by;
} common[] = {
    {"job.output", "uuuu"},
    {"job.lock_wait", "uuuu"},
    {"job.seed", "uuuu"},
    {"job.plugins", "----"}, /* what it names is loaded */
    {"job.changed_plugins", "uuuu"},
    {"population.size", "uuuu"},
    {"search.name", "----"},
    {"task.name", "----"},
    {"task.step", "uuur"},
    {"task.on_failure", "rrru"},
    {"task.isolate", "rrrr"},
    {"task.timeout_s", "rrru"},
    {"task.memory_mb", "rrru"},
    {"task.precision", "uuur"},
    {"exam.every", "uurr"},
    {"exam.candidates", "uurr"},
    {"exam.flights", "uurr"},
    {"validate.flights", "uuur"},
    {"validate.duration", "rrur"},
    {"validate.seed", "uuur"},
    {"checkpoint.every", "uuuu"},
    {"checkpoint.min_interval_s", "uuuu"},
    {"checkpoint.durable", "uuuu"},
    {"checkpoint.on_save_error", "uuuu"},
    {"lineage.keep", "uuuu"},
    {"farm.balance", "uuuu"},
    {"farm.root_flies", "uuuu"},
    {"farm.isa", "uuuu"},
    {"farm.stall_timeout_s", "uuuu"},
    {"stop.max_generations", "uuuu"},
    {"stop.max_evaluations", "uuuu"},
    {"stop.max_walltime", "uuuu"},
    {"stop.target_fitness", "uuuu"},
    {"stop.stagnation", "uuuu"},
    {"log.interval_s", "uuuu"},
};

/* A value that the key can have, and does not have by default. */
static void other_value(const struct evo_key *key, char *text, size_t size)
{
    double initial = 0.0;
    bool is_number = evo_text_to_number(key->initial, &initial);
    switch (key->type) {
    case EVO_KEY_BOOL: snprintf(text, size, "%s", strcmp(key->initial, "no") == 0 ? "yes" : "no"); return;
    case EVO_KEY_CHOICE: {
        /* The second word, or the first where the second is the default. */
        const char *second = strchr(key->choices, '|') + 1;
        snprintf(text, size, "%.*s", (int)strcspn(second, "|"), second);
        if (strcmp(text, key->initial) == 0) {
            snprintf(text, size, "%.*s", (int)strcspn(key->choices, "|"), key->choices);
        }
        return;
    }
    case EVO_KEY_INT:
    case EVO_KEY_REAL:
    case EVO_KEY_DURATION:
        assert_true(is_number);
        snprintf(text, size, "%.17g", initial != key->max && key->max < 1e300 ? key->max : key->min);
        if (key->max > 1e6) { snprintf(text, size, "%g", key->min > 5.0 ? key->min + 3 : 5.0 + (initial == 5.0)); }
        return;
    default: snprintf(text, size, "%s", strcmp(key->name, "on_failure") == 0 ? "retry:2" : "3"); return;
    }
}

/* Reads the configuration of a task with one key changed. */
static enum evo_status read_changed(const char *task, const struct evo_key *key, struct evo_config **out)
{
    char text[128], path[32], value[64], set[192];
    const char *sets[] = {set};
    other_value(key, value, sizeof value);
    snprintf(set, sizeof set, "%s.%s=%s", key->section, key->name, value);
    snprintf(text, sizeof text, "[task]\nname = %s\n%s", task,
             strcmp(task, "program") == 0 ? "[program]\ncommand = true\n" : "");
    strcpy(path, "/tmp/evompi_keys_XXXXXX");
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
    close(file);
    enum evo_status status = evo_run_read_config(path, sets, 1, out);
    unlink(path);
    return status;
}

static const char *find_common(const char *path)
{
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
        if (strcmp(common[i].key, path) == 0) { return common[i].by; }
    }
    return NULL;
}

/* Whether the tables of a task, or of the search, have the key. */
static bool has_key(const struct evo_key_table *table, const struct evo_key *key)
{
    for (size_t i = 0; table != NULL && i < table->n_keys; i++) {
        if (strcmp(table->keys[i].section, key->section) == 0) { return true; }
    }
    return false;
}

static bool owns(const char *task, const struct evo_key *key)
{
    for (size_t i = 0; i < evo_task_count(); i++) {
        const struct evo_key_table *table = NULL;
        bool is_it = strcmp(evo_task_names()[i], task) == 0;
        for (size_t j = 0; is_it && (table = evo_task_table(i, j)) != NULL; j++) {
            if (has_key(table, key)) { return true; }
        }
    }
    for (size_t i = 0; i < evo_search_count(); i++) {
        if (strcmp(evo_search_names()[i], "ga") == 0 && has_key(evo_search_table(i), key)) { return true; }
    }
    return false;
}

static void check_common(const char *path, const char *by, size_t i, const struct evo_key *key)
{
    struct evo_config *config = NULL;
    if (by[i] == '-') { return; }
    enum evo_status status = read_changed(tasks[i], key, &config);
    bool is_refused = status != EVO_OK && strstr(evo_status_message(), "has no effect") != NULL;
    if (status != EVO_OK && !is_refused) { fail_msg("%s, task %s: %s", path, tasks[i], evo_status_message()); }
    if (is_refused != (by[i] == 'r')) { fail_msg("%s is %s by task %s", path, is_refused ? "refused" : "taken", tasks[i]); }
    evo_config_destroy(config);
}

/* Of another task or search: it is read, and a warning names it. Of its own: no warning. */
static void check_owned(const char *path, size_t i, const struct evo_key *key)
{
    struct evo_config *config = NULL;
    char warning[256], name[128];
    if (read_changed(tasks[i], key, &config) != EVO_OK) {
        /* What does not stand alone is named, whoever owns it. */
        assert_non_null(strstr(evo_status_message(), key->name));
        return;
    }
    snprintf(name, sizeof name, "[%s] %s", key->section, key->name);
    size_t n = evo_run_others(config, warning, sizeof warning);
    bool is_named = n == 1 && strstr(warning, name) != NULL;
    if (is_named == owns(tasks[i], key)) { fail_msg("%s, task %s: \"%s\"", path, tasks[i], warning); }
    if (!is_named) { assert_int_equal(n, 0); }
    evo_config_destroy(config);
}

static void every_key_is_used_refused_or_named_as_anothers(void **state)
{
    (void)state;
    struct evo_config *config = NULL;
    char path[32];
    size_t n = 0, n_common = 0;
    assert_int_equal(read_text("[task]\nname = hover\n", path, &config), EVO_OK);
    const struct evo_key *keys = evo_config_keys(config, &n);
    for (size_t k = 0; k < n; k++) {
        char name[128];
        snprintf(name, sizeof name, "%s.%s", keys[k].section, keys[k].name);
        const char *by = find_common(name);
        bool owned = owns("hover", &keys[k]) || owns("track", &keys[k]) || owns("altitude", &keys[k]) ||
                     owns("program", &keys[k]);
        for (size_t i = 0; i < evo_search_count(); i++) {
            owned = owned || has_key(evo_search_table(i), &keys[k]);
        }
        if (owned == (by != NULL)) { fail_msg("%s: the table above must say which tasks use it", name); }
        n_common += by != NULL;
        for (size_t i = 0; i < N_TASKS; i++) {
            if (by != NULL) { check_common(name, by, i, &keys[k]); }
            if (by == NULL) { check_owned(name, i, &keys[k]); }
        }
    }
    assert_int_equal(n_common, sizeof common / sizeof common[0]);
    evo_config_destroy(config);
}

static void keys_of_a_start_have_no_effect_where_the_task_has_its_own(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "ga.initial_min=-1",     "ga.initial_max=1",        "ga.matrix_chance=0.2",
        "lshade.initial_min=-1", "lshade.initial_max=1",    "random.initial_min=-1",
        "random.initial_max=1",  "cmaes.sigma_matrix=0.3",  "cmaes.sigma_constants=0.3",
        "cmaes.mean_matrix=0.3", "cmaes.mean_constants=1",  "cmaes.bound_min=-9",
        "cmaes.bound_max=9",
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        for (int own = 0; own < 2; own++) {
            char text[256], path[32], search[16];
            struct evo_config *config = NULL;
            snprintf(search, sizeof search, "%.*s", (int)strcspn(keys[i], "."), keys[i]);
            snprintf(text, sizeof text, "[task]\nname = %s\n[program]\ncommand = true\n[search]\nname = %s\n[%s]\n%s\n",
                     own == 1 ? "program" : "hover", search, search, strchr(keys[i], '.') + 1);
            enum evo_status status = read_text(text, path, &config);
            assert_int_equal(status, own == 1 ? EVO_ERR_CONFIG : EVO_OK);
            if (own == 1) { assert_non_null(strstr(evo_status_message(), "has no effect: the task says")); }
            evo_config_destroy(config);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_used_refused_or_named_as_anothers),
        cmocka_unit_test(keys_of_a_start_have_no_effect_where_the_task_has_its_own),
        cmocka_unit_test(a_key_without_effect_is_refused_by_file_line_key_and_value),
        cmocka_unit_test(defaults_other_sections_and_what_is_switched_off_pass),
        cmocka_unit_test(the_printed_configuration_of_every_task_and_search_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
