/* SPDX-License-Identifier: MIT */
/* The configuration: what is read comes out, prints without loss, and is compared key by key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <config_parts.h>
#include <evompi/rng.h>
#include <evompi/run.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/tasks/altitude/altitude_keys.h"
#include "../../src/search/ga_keys.h"

/* ---- helpers ------------------------------------------------------------------------------ */

/* All keys, and any name. */
static const struct evo_config_scope *any_name(void)
{
    static struct evo_config_scope scope;
    scope = *evo_run_scope();
    scope.n_names = 0;
    return &scope;
}

static struct evo_config *parsed(const char *text)
{
    struct evo_config *config = NULL;
    enum evo_status status =
        evo_config_parse("x.ini", text, strlen(text), false, NULL, 0, any_name(), &config);
    if (status != EVO_OK) { fail_msg("%s", evo_status_message()); }
    return config;
}

/* The keys of every configuration. */
static const struct evo_key *all_keys(size_t *n)
{
    static struct evo_config *standard;
    if (standard == NULL) { standard = parsed(""); }
    return evo_config_keys(standard, n);
}

static struct evo_config *with_set(const char *set)
{
    struct evo_config *config = NULL;
    enum evo_status status = evo_config_parse("x.ini", "", 0, false, &set, 1, any_name(), &config);
    if (status != EVO_OK) { fail_msg("%s", evo_status_message()); }
    return config;
}

static char *printed(const struct evo_config *config, bool comments, bool fixed_only)
{
    char *text = NULL;
    assert_int_equal(evo_config_print(config, comments, fixed_only, &text), EVO_OK);
    return text;
}

static void fail_on_difference(void *context, const struct evo_key *key, const char *a,
                               const char *b)
{
    (void)context;
    fail_msg("%s.%s: '%s' and '%s'", key->section, key->name, a, b);
}

static void remember_key(void *context, const struct evo_key *key, const char *a, const char *b)
{
    snprintf(context, 128, "%s.%s: %s, %s", key->section, key->name, a, b);
}

/* A text with everything in it that a file can hold: words of any length, blanks in a row,
 * backslashes, marks, UTF-8. */
static void put_random_text(struct evo_rng *rng, char *text, size_t n_max)
{
    static const char *const pieces[] = {"a",
                                         "b:3",
                                         "\\",
                                         "#",
                                         ";",
                                         "=",
                                         "[",
                                         "]",
                                         "\xc3\xa9",
                                         "\xe2\x82\xac",
                                         "\x80",
                                         " ",
                                         "  ",
                                         "\t",
                                         "3:5:2,",
                                         " x",
                                         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
    size_t n = 1 + (size_t)evo_rng_below(rng, n_max - 64), used = 1;
    strcpy(text, "t");
    while (used < n) {
        const char *piece = pieces[evo_rng_below(rng, sizeof pieces / sizeof pieces[0])];
        bool behind_blank = text[used - 1] == ' ' || text[used - 1] == '\t';
        if (behind_blank && (piece[0] == '#' || piece[0] == ';')) { continue; }
        strcpy(text + used, piece);
        used += strlen(piece);
    }
    /* Blanks around a value are no part of it. */
    while (text[used - 1] == ' ' || text[used - 1] == '\t') { text[--used] = '\0'; }
}

static double random_real(struct evo_rng *rng, const struct evo_key *key)
{
    double min = isinf(key->min) ? -1e308 : key->min, x;
    switch (evo_rng_below(rng, 4)) {
    case 0: return key->min;
    case 1: return key->max;
    case 2: return evo_rng_between(rng, min / 2, key->max / 2);
    default:
        x = ldexp(evo_rng_uniform(rng), (int)evo_rng_below(rng, 60) - 40);
        return x < key->min ? key->min : x > key->max ? key->max : x;
    }
}

static void put_random_int(struct evo_rng *rng, const struct evo_key *key, char *text, size_t n)
{
    int64_t min = (int64_t)key->min, max = (int64_t)key->max;
    int64_t more = (int64_t)evo_rng_below(rng, (uint64_t)(max - min) + 1);
    snprintf(text, n, "%lld", (long long)(min + more));
}

/* Any value that the key allows, as one might write it. */
static void put_random_value(struct evo_rng *rng, const struct evo_key *key, char *text, size_t n)
{
    switch (key->type) {
    case EVO_KEY_INT: put_random_int(rng, key, text, n); break;
    case EVO_KEY_REAL:
    case EVO_KEY_DURATION: snprintf(text, n, "%.17g", random_real(rng, key)); break;
    case EVO_KEY_BOOL: strcpy(text, evo_rng_below(rng, 2) ? "on" : "off"); break;
    case EVO_KEY_CHOICE: {
        char words[256], *rest = words, *word = NULL;
        snprintf(words, sizeof words, "%s", key->choices);
        for (size_t i = 1 + evo_rng_below(rng, 8); i > 0 && rest != NULL; i--) {
            word = strsep(&rest, "|");
        }
        snprintf(text, n, "%s", word);
        break;
    }
    case EVO_KEY_TEXT: put_random_text(rng, text, n); break;
    case EVO_KEY_NAME:
        put_random_text(rng, text, n);
        text[strcspn(text, " \t")] = '\0';
        break;
    }
}

/* ---- the table ---------------------------------------------------------------------------- */

static void every_default_is_allowed_and_every_line_of_the_table_is_whole(void **state)
{
    (void)state;
    evo_config_destroy(parsed(""));
    size_t n;
    const struct evo_key *keys = all_keys(&n);
    for (size_t i = 0; i < n; i++) {
        assert_true(keys[i].doc[0] != '\0' && strpbrk(keys[i].doc, "\n|") == NULL);
        assert_true(strlen(keys[i].section) < 49); // what inih keeps of it
        bool has_range = keys[i].type == EVO_KEY_INT || keys[i].type == EVO_KEY_REAL ||
                         keys[i].type == EVO_KEY_DURATION;
        assert_true(has_range == (keys[i].min < keys[i].max));
        assert_true(keys[i].type != EVO_KEY_INT || fabs(keys[i].max) < 0x1p62);
        assert_true((keys[i].type == EVO_KEY_CHOICE) == (keys[i].choices[0] != '\0'));
        for (size_t j = 0; j < i; j++) {
            bool same_section = strcmp(keys[i].section, keys[j].section) == 0;
            assert_false(same_section && strcmp(keys[i].name, keys[j].name) == 0);
            /* A section's keys stand together, so that it is printed once. */
            assert_true(!same_section || strcmp(keys[i - 1].section, keys[i].section) == 0);
        }
    }
}

static void an_empty_file_gives_the_original_experiment(void **state)
{
    (void)state;
    struct evo_config *config = NULL;
    assert_int_equal(evo_config_parse("x.ini", "", 0, false, NULL, 0, evo_run_scope(), &config), EVO_OK);
    assert_int_equal(config->population_size, 500);
    assert_true(evo_ga_keys(config)->elite == 0.01 && evo_ga_keys(config)->swap == 0.15);
    assert_string_equal(config->task_name, "altitude");
    assert_string_equal(evo_altitude_keys(config)->flights, "3:5:2, 5:3:2, 100:102:2, 302:300:2, 50:60:4");
    assert_true(config->stop_target_fitness == -INFINITY);
    assert_string_equal(evo_config_word(config, "checkpoint.durable"), "power");
    evo_config_destroy(config);
}

/* ---- reading ------------------------------------------------------------------------------ */

static void every_way_to_write_a_file_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *file, *flights, *output;
    } good[] = {
        {"plain", "3:5:2", "run"},    {"crlf", "3:5:2", "run"},
        {"bom", "3:5:2", "run"},      {"no_last_newline", "3:5:2", "run"},
        {"colons", "3:5:2", "run"},   {"sections_again", "3:5:2", "run"},
        {"comments", "3:5:2", "run"}, {"continued", "3:5:2, 5:3:2, 100:102:2", "/a/long/way"},
        {"other_languages", "3:5:2", "L\xc3\xa4ufe/u\xcc\x88" "ber/Anna\xe2\x80\x99s"},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char path[512];
        struct evo_config *config = NULL;
        snprintf(path, sizeof path, "%s/config/good/%s.ini", EVO_TEST_DATA, good[i].file);
        assert_int_equal(evo_config_read(path, NULL, 0, any_name(), &config), EVO_OK);
        assert_int_equal(config->job_seed, 7);
        assert_int_equal(config->population_size, 1000);
        assert_string_equal(evo_altitude_keys(config)->flights, good[i].flights);
        assert_string_equal(config->job_output, good[i].output);
        evo_config_destroy(config);
    }
}

static void durations_are_read_in_all_their_forms_and_printed_in_the_largest_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
        const char *canonical;
    } forms[] = {
        {"90", 90, "90s"},
        {"90s", 90, "90s"},
        {"15m", 900, "15m"},
        {"2h", 7200, "2h"},
        {"1d", 86400, "1d"},
        {"1:30:00", 5400, "90m"},
        {"0:0:1.5", 1.5, "1.5s"},
        {"90:00", 5400, "90m"},
        {"1:30", 90, "90s"},
        {"1.5h", 5400, "90m"},
        {"0", 0, "0s"},
        {"1e3", 1000, "1000s"},
        {"24:00:00", 86400, "1d"},
        {"0.1s", 0.1, "0.1s"},
        {"90 m", 5400, "90m"},
        {"1e9", 1e9, "1000000000s"},
        {"100:00:00", 360000, "100h"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char set[64], expected[64];
        snprintf(set, sizeof set, "stop.max_walltime=%s", forms[i].text);
        snprintf(expected, sizeof expected, "max_walltime = %s\n", forms[i].canonical);
        struct evo_config *config = with_set(set);
        char *text = printed(config, false, false);
        assert_true(config->stop_max_walltime == forms[i].seconds);
        if (strstr(text, expected) == NULL) { fail_msg("%s: no %s", set, expected); }
        free(text);
        evo_config_destroy(config);
    }
}

static void malformed_durations_are_refused(void **state)
{
    (void)state;
    static const char *const forms[] = {"1:60",  "1:2:3:4", ":30", "1:",     "1:-3",
                                        "1h30m", "0x10",    "inf", "nan",    "1.5:30",
                                        "5w",    "h",       "1e",  "1e3:00", "m5"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char text[64];
        const char *set = text;
        struct evo_config *config = NULL;
        snprintf(text, sizeof text, "stop.max_walltime=%s", forms[i]);
        assert_int_equal(evo_config_parse("x.ini", "", 0, false, &set, 1, any_name(), &config),
                         EVO_ERR_USAGE);
        assert_non_null(strstr(evo_status_message(), "is not a duration"));
    }
}

static void whole_numbers_may_have_an_exponent_and_reals_may_be_hexadecimal(void **state)
{
    (void)state;
    struct evo_config *config =
        parsed("[population]\nsize = +2.5e3\n[job]\nseed = 9007199254740992\n"
               "[altitude]\nmass = 0x1.8p1\ndt = 1e-2\n"
               "[checkpoint]\nevery=1E+3\n[ga]\ninitial_min=-0\n");
    assert_int_equal(config->population_size, 2500);
    assert_int_equal(config->job_seed, 9007199254740992);
    assert_true(evo_altitude_keys(config)->mass == 3.0 && evo_altitude_keys(config)->dt == 0.01);
    assert_int_equal(config->checkpoint_every, 1000);
    assert_true(evo_ga_keys(config)->initial_min == 0.0 && signbit(evo_ga_keys(config)->initial_min));
    evo_config_destroy(config);
}

static void every_word_for_yes_and_no_is_read(void **state)
{
    (void)state;
    static const char *const words[][2] = {
        {"no", "yes"}, {"false", "true"}, {"off", "on"}, {"0", "1"}};
    const struct evo_key key = {.section = "s", .name = "n", .type = EVO_KEY_BOOL};
    struct evo_config_why why;
    bool value = false;
    char buffer[EVO_CONFIG_VALUE_MAX];
    for (int i = 0; i < 8; i++) {
        value = i % 2 == 0;
        assert_int_equal(evo_config_value_read(&key, NULL, words[i / 2][i % 2], &value, &why),
                         EVO_OK);
        assert_true(value == (i % 2 == 1));
        assert_string_equal(evo_config_value_text(&key, &value, buffer), words[0][i % 2]);
    }
    assert_int_equal(evo_config_value_read(&key, NULL, "yess", &value, &why), EVO_ERR_CONFIG);
    assert_string_equal(why.text, "is none of: no, yes, false, true, off, on, 0, 1; did you mean "
                                  "'yes'?");
}

static void overrides_come_after_the_file_and_the_last_one_wins(void **state)
{
    (void)state;
    const char *text = "[population]\nsize = 10\n";
    const char *sets[] = {"population.size=20", " population.size = 30 ", "job.output=a = b"};
    struct evo_config *config = NULL;
    assert_int_equal(
        evo_config_parse("x.ini", text, strlen(text), false, sets, 3, any_name(), &config), EVO_OK);
    assert_int_equal(config->population_size, 30);
    assert_string_equal(config->job_output, "a = b");
    evo_config_destroy(config);
}

static void a_fault_of_the_file_is_found_under_an_override(void **state)
{
    (void)state;
    const char *text = "[population]\nsize = ten\n", *set = "population.size=20";
    struct evo_config *config = NULL;
    assert_int_equal(
        evo_config_parse("x.ini", text, strlen(text), false, &set, 1, any_name(), &config),
        EVO_ERR_CONFIG);
}

static void lenient_reading_skips_unknown_keys_with_all_their_lines_and_nothing_else(void **state)
{
    (void)state;
    const char *text = "[job]\nseed = 5\nnew_key = 1\n   2\n[new section]\nseed = x\n"
                       "[population]\nsize = 9\n";
    struct evo_config *config = NULL;
    assert_int_equal(evo_config_parse("x.ini", text, strlen(text), true, NULL, 0, any_name(), &config),
                     EVO_OK);
    assert_int_equal(config->job_seed, 5);
    assert_int_equal(config->population_size, 9);
    evo_config_destroy(config);
    text = "[job]\nseed = five\n";
    assert_int_equal(evo_config_parse("x.ini", text, strlen(text), true, NULL, 0, any_name(), &config),
                     EVO_ERR_CONFIG);
}

static void a_default_name_must_be_in_the_list_too(void **state)
{
    (void)state;
    static const char *const searches[] = {"cmaes", "lshade"};
    struct evo_config_names names = {"search.name", searches, 2};
    struct evo_config_scope scope = *evo_run_scope();
    scope.names = &names;
    scope.n_names = 1;
    struct evo_config *config = NULL;
    assert_int_equal(evo_config_parse("x.ini", "", 0, false, NULL, 0, &scope, &config),
                     EVO_ERR_CONFIG);
    assert_string_equal(evo_status_message(),
                        "[search] name = ga (default): is none of: cmaes, lshade");
}

/* ---- printing ----------------------------------------------------------------------------- */

static void what_is_printed_reads_back_to_the_same_for_random_values_of_every_key(void **state)
{
    (void)state;
    enum { N_ROUNDS = 300, TEXT_MAX = 1200 };
    struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, 0, 0);
    size_t n_keys;
    const struct evo_key *keys = all_keys(&n_keys);
    char **sets = calloc(n_keys, sizeof *sets);
    assert_non_null(sets);
    for (int round = 0; round < N_ROUNDS; round++) {
        for (size_t i = 0; i < n_keys; i++) {
            char value[TEXT_MAX];
            put_random_value(&rng, &keys[i], value, sizeof value);
            assert_int_equal(
                evo_text_format(&sets[i], "%s.%s=%s", keys[i].section, keys[i].name, value),
                EVO_OK);
        }
        struct evo_config *config = NULL;
        if (evo_config_parse("x.ini", "", 0, false, (const char *const *)sets, n_keys, any_name(), &config) != EVO_OK) {
            fail_msg("%s", evo_status_message());
        }
        char *text = printed(config, round % 2 == 0, false), *fixed = printed(config, false, true);
        struct evo_config *again = parsed(text);
        assert_int_equal(evo_config_differences(config, again, fail_on_difference, NULL), 0);
        assert_true(evo_config_hash(config) == evo_config_hash(again));
        struct evo_config *same_hash = parsed(fixed);
        assert_true(evo_config_hash(config) == evo_config_hash(same_hash));
        evo_config_destroy(same_hash);
        evo_config_destroy(again);
        evo_config_destroy(config);
        free(fixed);
        free(text);
        for (size_t i = 0; i < n_keys; i++) { free(sets[i]); }
    }
    free(sets);
}

static void each_section_has_one_header_and_each_key_one_comment(void **state)
{
    (void)state;
    struct evo_config *config = parsed("");
    char *text = NULL;
    assert_int_equal(evo_config_print(config, true, false, &text), EVO_OK);
    size_t n_keys, n_comments = 0;
    const struct evo_key *keys = all_keys(&n_keys);
    for (size_t i = 0; i < n_keys; i++) {
        char header[64];
        snprintf(header, sizeof header, "[%s]\n", keys[i].section);
        const char *first = strstr(text, header);
        assert_non_null(first);
        assert_null(strstr(first + 1, header));
    }
    for (const char *c = text; (c = strstr(c, "\n# ")) != NULL; c++) { n_comments++; }
    assert_int_equal(n_comments, n_keys);
    assert_non_null(strstr(text, "\n# creatures of a generation (4 to 100000000 creatures; "
                                 "default 500)\nsize = 500\n"));
    free(text);
    evo_config_destroy(config);
}

/* ---- comparing ---------------------------------------------------------------------------- */

static void the_hash_follows_every_fixed_key_and_no_free_one(void **state)
{
    (void)state;
    struct evo_rng rng = evo_rng_begin(2, EVO_STREAM_RUN, 0, 0);
    struct evo_config *standard = parsed("");
    size_t n_keys;
    const struct evo_key *keys = all_keys(&n_keys);
    for (size_t i = 0; i < n_keys; i++) {
        char value[200], set[400], seen[128];
        struct evo_config *other;
        do {
            put_random_value(&rng, &keys[i], value, sizeof value);
            snprintf(set, sizeof set, "%s.%s=%s", keys[i].section, keys[i].name, value);
            other = with_set(set);
            if (evo_config_differences(standard, other, remember_key, seen) == 1) { break; }
            evo_config_destroy(other);
        } while (true);
        bool same = evo_config_hash(standard) == evo_config_hash(other);
        if (same != (keys[i].change == EVO_KEY_FREE)) { fail_msg("%s", set); }
        evo_config_destroy(other);
    }
    evo_config_destroy(standard);
}

static void differences_name_the_key_and_both_values(void **state)
{
    (void)state;
    char seen[128];
    struct evo_config *a = parsed(""), *b = parsed("[stop]\nmax_walltime = 2:00:00\n");
    assert_int_equal(evo_config_differences(a, b, remember_key, seen), 1);
    assert_string_equal(seen, "stop.max_walltime: 0s, 2h");
    evo_config_destroy(b);
    evo_config_destroy(a);
}

static void an_owner_s_refusal_names_where_the_value_was_read(void **state)
{
    (void)state;
    const char *text = "[ga]\n\nelite = 0.9\n", *set = "ga.survivors=0.5";
    struct evo_config *config = NULL;
    assert_int_equal(
        evo_config_parse("x.ini", text, strlen(text), false, &set, 1, any_name(), &config), EVO_OK);
    assert_int_equal(evo_config_refuse(config, "ga.elite", "is above survivors (%g)", 0.5),
                     EVO_ERR_CONFIG);
    assert_string_equal(evo_status_message(),
                        "x.ini:3: [ga] elite = 0.9: is above survivors (0.5)");
    evo_config_refuse(config, "ga.survivors", "is below elite");
    assert_string_equal(evo_status_message(), "--set ga.survivors=0.5: is below elite");
    evo_config_refuse(config, "altitude.flights", "flight %d is too short", 2);
    assert_string_equal(evo_status_message(),
                        "[altitude] flights = 3:5:2, 5:3:2, 100:102:2, 302:300:2, 50:60:4 "
                        "(default): flight 2 is too short");
    evo_config_destroy(config);
}

static void the_reference_has_a_row_for_every_key(void **state)
{
    (void)state;
    char *text = NULL;
    size_t n = 0, n_keys;
    FILE *stream = open_memstream(&text, &n);
    assert_non_null(stream);
    struct evo_config *config = parsed("");
    evo_config_print_reference(config, stream);
    evo_config_destroy(config);
    fclose(stream);
    const struct evo_key *keys = all_keys(&n_keys);
    for (size_t i = 0; i < n_keys; i++) {
        char row[128];
        snprintf(row, sizeof row, "\n| `%s` | `%s` |", keys[i].name, keys[i].initial);
        assert_non_null(strstr(text, row));
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_is_allowed_and_every_line_of_the_table_is_whole),
        cmocka_unit_test(an_empty_file_gives_the_original_experiment),
        cmocka_unit_test(every_way_to_write_a_file_is_read),
        cmocka_unit_test(durations_are_read_in_all_their_forms_and_printed_in_the_largest_unit),
        cmocka_unit_test(malformed_durations_are_refused),
        cmocka_unit_test(whole_numbers_may_have_an_exponent_and_reals_may_be_hexadecimal),
        cmocka_unit_test(every_word_for_yes_and_no_is_read),
        cmocka_unit_test(overrides_come_after_the_file_and_the_last_one_wins),
        cmocka_unit_test(a_fault_of_the_file_is_found_under_an_override),
        cmocka_unit_test(lenient_reading_skips_unknown_keys_with_all_their_lines_and_nothing_else),
        cmocka_unit_test(a_default_name_must_be_in_the_list_too),
        cmocka_unit_test(what_is_printed_reads_back_to_the_same_for_random_values_of_every_key),
        cmocka_unit_test(each_section_has_one_header_and_each_key_one_comment),
        cmocka_unit_test(the_hash_follows_every_fixed_key_and_no_free_one),
        cmocka_unit_test(differences_name_the_key_and_both_values),
        cmocka_unit_test(an_owner_s_refusal_names_where_the_value_was_read),
        cmocka_unit_test(the_reference_has_a_row_for_every_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
