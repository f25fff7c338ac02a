/* SPDX-License-Identifier: MIT */
/* Faults of a configuration: each file, text and override with the exact message it gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/run.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../src/tasks/altitude/altitude_keys.h"

static const char folder[] = EVO_TEST_DATA "/config/bad";

static const char *const task_names[] = {"altitude", "hover"};
static const struct evo_config_names names[] = {{"task.name", task_names, 2}};

/* All keys, and these tasks. */
static const struct evo_config_scope *two_tasks(void)
{
    static struct evo_config_scope scope;
    scope = *evo_run_scope();
    scope.names = names;
    scope.n_names = 1;
    return &scope;
}

/* What follows the path in the message. A star at the end stands for any rest: there the table
 * of keys is listed, which grows. */
static const struct {
    const char *file, *message;
} bad_files[] = {
    {"below_range", ":3: [population] size = 3: is below 4 (4 to 100000000 creatures)"},
    {"above_range", ":2: [population] size = 1e12: is above 100000000 (4 to 100000000 creatures)"},
    {"above_range_real", ":2: [ga] elite = 1.5: is above 1 (0 to 1 of the population)"},
    {"integer_overflow", ":2: [job] seed = 99999999999999999999999: is above 9007199254740992 "
                         "(0 to 9007199254740992)"},
    {"integer_above_2_53", ":2: [job] seed = 9007199254740993: is above 9007199254740992 "
                           "(0 to 9007199254740992)"},
    {"fraction_for_integer",
     ":2: [population] size = 6.5: is not a whole number (4 to 100000000 creatures)"},
    {"fraction_in_exponent",
     ":2: [population] size = 1.25e1: is not a whole number (4 to 100000000 creatures)"},
    {"underscore_in_integer",
     ":2: [population] size = 1_000: is not a whole number (4 to 100000000 creatures)"},
    {"text_for_integer",
     ":2: [population] size = many: is not a whole number (4 to 100000000 creatures)"},
    {"text_for_real", ":2: [altitude] mass = heavy: is not a number (1e-06 to 1000000 kg)"},
    {"two_numbers", ":2: [altitude] mass = 1 2: is not a number (1e-06 to 1000000 kg)"},
    {"nan", ":2: [ga] elite = nan: is not a number (0 to 1 of the population)"},
    {"infinity", ":2: [altitude] mass = inf: is above 1000000 (1e-06 to 1000000 kg)"},
    {"overflow_real",
     ":2: [stop] target_fitness = -1e999: is more than a double holds (-inf to 1e+308)"},
    {"empty_value", ":2: [population] size: has no value (4 to 100000000 creatures)"},
    {"empty_value_with_comment", ":2: [job] output: has no value (any text)"},
    {"empty_text", ":2: [altitude] flights: has no value (m:m:s)"},
    {"unknown_word",
     ":2: [checkpoint] durable = powr: is none of: power, process; did you mean 'power'?"},
    {"unknown_word_far",
     ":2: [lineage] keep = xyzzyplugh: is none of: all, survivors, champions, none"},
    {"unknown_name",
     ":2: [task] name = altitud: is none of: altitude, hover; did you mean 'altitude'?"},
    {"two_words_for_name", ":2: [search] name = ga 2: is not one word"},
    {"duration_form", ":2: [stop] max_walltime = 2 hours: is not a duration (0 to 1000000000 s; "
                      "written as 90, 90s, 15m, 2h, 1d or 1:30:00)"},
    {"duration_minutes", ":2: [stop] max_walltime = 1:75:00: is not a duration (0 to 1000000000 "
                         "s; written as 90, 90s, 15m, 2h, 1d or 1:30:00)"},
    {"duration_negative", ":2: [stop] max_walltime = -5m: is below 0 (0 to 1000000000 s; written "
                          "as 90, 90s, 15m, 2h, 1d or 1:30:00)"},
    {"unknown_key", ":5: unknown key 'sise' in [population]; did you mean 'size'?"},
    {"unknown_key_elsewhere", ":2: unknown key 'size' in [job]; 'size' belongs to [population]"},
    {"unknown_key_in_two",
     ":2: unknown key 'name' in [population]; 'name' belongs to [search] or [task]*"},
    {"unknown_key_near_elsewhere",
     ":2: unknown key 'intervl_s' in [job]; did you mean 'interval_s' of [log]?"},
    {"unknown_key_far", ":2: unknown key 'xyzzyplugh' in [lineage]; [lineage] has keep*"},
    {"unknown_section", ":1: unknown section [populaton]; did you mean [population]?"},
    {"unknown_section_empty", ":3: unknown section [stopp]; did you mean [stop]?"},
    {"unknown_section_far", ":1: unknown section [xyzzyplugh]; there are [job] [population]*"},
    {"unknown_section_long", ":1: unknown section [ssssssssssssssssssssssssssssssssssssssssssssss"
                             "ssssssssssssssssssssssssssssss...]; there are [job] [population]*"},
    {"section_with_blanks", ":1: unknown section [ population ]; did you mean [population]?"},
    {"text_behind_section",
     ":1: 'size = 500' stands behind [population]; put it on a line of its own"},
    {"no_section",
     ":1: key 'size' stands before the first [section]; 'size' belongs to [population]"},
    {"no_section_near",
     ":1: key 'elit' stands before the first [section]; did you mean 'elite' of [ga]?"},
    {"no_section_far", ":1: key 'xyzzyplugh' stands before the first [section]; there are [job]*"},
    {"duplicate", ":8: [population] size = 600: is set in line 2 already"},
    {"no_equals", ":2: 'size 500' has no '='; a line is key = value, [section], or a comment"},
    {"no_key", ":2: no key stands before the '='"},
    {"unclosed_section", ":3: '[population' has no closing ]"},
    {"indented_key", ":2: [ga] elite = 0.1 swap = 0.2: is not a number (0 to 1 of the "
                     "population); a line that begins with a blank continues the one above"},
    {"continued_nowhere",
     ":2: 'so much text' has no '='; a line is key = value, [section], or a comment"},
    {"hash_behind_value", ":2: [population] size = 500 # creatures: is not a whole number (4 to "
                          "100000000 creatures); a comment behind a value begins with ' ;'"},
    {"hash_behind_text", ":2: [job] output = run # here: a word cannot begin with '#', as a "
                         "comment does; a comment behind a value begins with ' ;'"},
    {"quoted_text", ":2: [job] output = \"run\": quotes would be part of the value; leave them out"},
    {"typographic_quotes",
     ":2: [job] output = \xe2\x80\x9cruns/x\xe2\x80\x9d: quotes would be part of the value; leave them "
     "out; character 1 is U+201C (double quotation mark); leave it out"},
    {"no_break_space", ":4: character 5 is U+00A0 (no-break space), which cannot be seen; write a plain "
                       "blank"},
    {"zero_width_space", ":2: character 3 is U+200B (zero width space), which cannot be seen; leave it "
                         "out"},
    {"direction_mark", ":2: character 11 is U+202E (direction mark), which cannot be seen; leave it out"},
    {"minus_sign", ":2: [ga] initial_min = \xe2\x88\x92" "0.5: is not a number (-1e+300 to 1e+300); "
                   "character 1 is U+2212 (minus sign); write '-'"},
    {"en_dash_in_key", ":2: unknown key 'initial\xe2\x80\x93min' in [ga]; character 8 is U+2013 (en "
                       "dash); write '-'; did you mean 'initial_min'?"},
    {"full_width_equals", ":2: 'output \xef\xbc\x9d x' has no '='; a line is key = value, [section], or "
                          "a comment; character 8 is U+FF1D (full-width character); write the plain one"},
    {"decimal_comma", ":2: [altitude] mass = 0,5: is not a number (1e-06 to 1000000 kg); 0,5: a decimal "
                      "comma; write 0.5"},
    {"decimal_comma_for_integer", ":2: [population] size = 1,5e3: is not a whole number (4 to 100000000 "
                                  "creatures); 1,5: a decimal comma; write 1.5"},
    {"home_folder", ":2: [job] output = ~/run: '~' is no folder here; write the whole path"},
    {"shell_variable", ":2: [job] output = ${HOME}/run: variables are not filled in here; write the "
                       "whole text, or give it by --set, where the shell fills them in"},
    {"control_byte", ":2: byte 12 is 0x07, which is no text; is this a configuration?"},
    {"nul_byte", ":2: byte 4 is 0x00, which is no text; is this a configuration?"},
    {"old_mac", ":1: byte 6 is 0x0d, which is no text; is this a configuration?"},
    {"utf16", ":1: byte 4 is 0x00, which is no text; is this a configuration?"},
    {"first_of_three", ":2: [population] size = 2: is below 4 (4 to 100000000 creatures)"},
    {"syntax_before_value",
     ":2: 'seed' has no '='; a line is key = value, [section], or a comment"},
    {"value_before_long_line", ":2: [population] size = 2: is below 4 (4 to 100000000 creatures)"},
    {"long_line", ":2: the line has 228 bytes, more than the 199 that are read; a long value goes "
                  "on in lines that begin with a blank"},
    {"long_value", ":2: [population] size = 111111111111111111111111111111111111111111111111111111"
                   "1111111111111111111111...: is above 100000000 (4 to 100000000 creatures)"},
};
enum { N_BAD_FILES = sizeof bad_files / sizeof bad_files[0] };

static const struct {
    const char *set, *message;
} bad_overrides[] = {
    {"population.size=3", ": is below 4 (4 to 100000000 creatures)"},
    {"population.size=", ": has no value (4 to 100000000 creatures)"},
    {"population.sise=3", ": unknown key 'sise' in [population]; did you mean 'size'?"},
    {"populaton.size=3", ": unknown section [populaton]; did you mean [population]?"},
    {"size=3", ": wants the form section.key=value; 'size' belongs to [population]"},
    {"population.size", ": wants the form section.key=value"},
    {"=3", ": wants the form section.key=value"},
    {"", ": wants the form section.key=value"},
    {".size=3", ": wants the form section.key=value"},
    {"task.name=hoover", ": is none of: altitude, hover; did you mean 'hover'?"},
    {"job.output=run # 1", ": a word cannot begin with '#', as a comment does"},
    {"job.output='run'", ": quotes would be part of the value; leave them out"},
    {"job.output=~", ": '~' is no folder here; write the whole path"},
    {"job.output=a/$B", ": variables are not filled in here; write the whole text, or give it by "
                        "--set, where the shell fills them in"},
    {"job.output=run\001", ": character 4 is U+0001 (control character), which cannot be seen; leave it "
                           "out"},
    {"job.output=\xe2\x80\x98run\xe2\x80\x99", ": quotes would be part of the value; leave them out; "
                                                "character 1 is U+2018 (single quotation mark); leave it "
                                                "out"},
    {"population.size=64\xc2\xa0", ": character 3 is U+00A0 (no-break space), which cannot be seen; write "
                                   "a plain blank"},
    {"checkpoint.durable=p\xc3\xb6wer", ": is none of: power, process; did you mean 'power'?; character 2 "
                                        "is U+00F6, which is not ASCII"},
    {"stop.max_walltime=1,5h", ": is not a duration (0 to 1000000000 s; written as 90, 90s, 15m, 2h, 1d "
                               "or 1:30:00); 1,5: a decimal comma; write 1.5"},
};
enum { N_BAD_OVERRIDES = sizeof bad_overrides / sizeof bad_overrides[0] };

/* ---- helpers ------------------------------------------------------------------------------ */

/* The message is `start` and then `rest`, to its star. */
static void assert_message(const char *start, const char *rest)
{
    char *expected = NULL, *message = NULL;
    assert_int_equal(evo_text_format(&expected, "%s%s", start, rest), EVO_OK);
    assert_int_equal(evo_text_format(&message, "%s", evo_status_message()), EVO_OK);
    size_t n = strlen(expected) - 1;
    if (expected[n] == '*') {
        expected[n] = '\0';
        if (strlen(message) > n) { message[n] = '\0'; }
    }
    assert_string_equal(message, expected);
    free(message);
    free(expected);
}

static void assert_file_refused(const char *path, const char *rest)
{
    struct evo_config *config = NULL;
    assert_int_equal(evo_config_read(path, NULL, 0, two_tasks(), &config), EVO_ERR_CONFIG);
    assert_null(config);
    assert_message(path, rest);
}

static void assert_text_refused(const char *text, size_t n, const char *message)
{
    struct evo_config *config = NULL;
    assert_int_equal(evo_config_parse("x.ini", text, n, false, NULL, 0, two_tasks(), &config),
                     EVO_ERR_CONFIG);
    assert_null(config);
    assert_message("x.ini", message);
}

static struct evo_config *parsed(const char *text, size_t n)
{
    struct evo_config *config = NULL;
    assert_int_equal(evo_config_parse("x.ini", text, n, false, NULL, 0, two_tasks(), &config), EVO_OK);
    return config;
}

/* ---- tests -------------------------------------------------------------------------------- */

static void every_bad_file_gives_its_exact_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_BAD_FILES; i++) {
        char *path = NULL;
        assert_int_equal(evo_text_format(&path, "%s/%s.ini", folder, bad_files[i].file), EVO_OK);
        assert_file_refused(path, bad_files[i].message);
        free(path);
    }
}

static void every_file_of_the_folder_is_in_the_table(void **state)
{
    (void)state;
    size_t n_files = 0;
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        n_files += strstr(entry->d_name, ".ini") != NULL;
    }
    closedir(listing);
    assert_int_equal(n_files, N_BAD_FILES);
}

static void every_bad_override_gives_its_exact_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_BAD_OVERRIDES; i++) {
        struct evo_config *config = NULL;
        const char *set = bad_overrides[i].set;
        assert_int_equal(evo_config_parse("x.ini", "", 0, false, &set, 1, two_tasks(), &config),
                         EVO_ERR_USAGE);
        assert_null(config);
        /* A message is one line of text, so the control byte is shown as a question mark. */
        char shown[64];
        snprintf(shown, sizeof shown, "--set %s", set);
        for (char *c = shown; *c != '\0'; c++) { *c = *c == '\001' ? '?' : *c; }
        assert_message(shown, bad_overrides[i].message);
    }
}

static void a_line_of_10_MB_is_named_with_the_limit(void **state)
{
    (void)state;
    enum { N = 10000000 };
    static const char head[] = "[job]\n\n";
    char *text = malloc(sizeof head + N);
    assert_non_null(text);
    memcpy(text, head, sizeof head);
    memset(text + sizeof head - 1, 'x', N);
    assert_text_refused(text, sizeof head - 1 + N,
                        ":3: the line has 10000000 bytes, more than the 199 that are read; a long "
                        "value goes on in lines that begin with a blank");
    free(text);
}

static void the_longest_line_that_fits_is_read_whole_and_one_byte_more_is_refused(void **state)
{
    (void)state;
    enum { LIMIT = 199 };
    char text[512] = "[job]\noutput = ";
    size_t head = strlen(text), n_value = LIMIT - strlen("output = ");
    memset(text + head, 'x', n_value + 1);
    struct evo_config *config = parsed(text, head + n_value);
    assert_int_equal(strlen(config->job_output), n_value);
    evo_config_destroy(config);
    assert_text_refused(text, head + n_value + 1, ":2: the line has 200 bytes*");
}

static void another_program_s_file_is_no_configuration(void **state)
{
    (void)state;
    assert_text_refused("\x89HDF\r\n\x1a\n\0\0", 10,
                        ":1: '\x89HDF' has no '='; a line is key = value, [section], or a comment; "
                        "character 1 is the byte 0x89, which is not UTF-8");
    assert_text_refused("\x7f"
                        "ELF\x02",
                        5, ":1: byte 1 is 0x7f, which is no text; is this a configuration?");
}

static void what_is_no_readable_file_is_named(void **state)
{
    (void)state;
    assert_file_refused("no/such.ini", ": cannot be opened: No such file or directory");
    assert_file_refused(folder, ": is a folder, not a file");
    assert_file_refused("/dev/null", ": is not a regular file");
}

static void a_file_without_permission_is_named(void **state)
{
    (void)state;
    char path[] = "/tmp/evompi_secret_XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(fchmod(file, 0), 0);
    close(file);
    /* Root may read anything, so be nobody for a moment. */
    enum { NOBODY = 65534 };
    bool is_root = geteuid() == 0;
    if (is_root) { assert_int_equal(seteuid(NOBODY), 0); }
    struct evo_config *config = NULL;
    enum evo_status status = evo_config_read(path, NULL, 0, evo_run_scope(), &config);
    if (is_root) { assert_int_equal(seteuid(0), 0); }
    unlink(path);
    assert_int_equal(status, EVO_ERR_CONFIG);
    assert_message(path, ": cannot be opened: Permission denied");
}

static void a_file_above_16_MiB_is_refused_unread(void **state)
{
    (void)state;
    char path[] = "/tmp/evompi_huge_XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(ftruncate(file, 16 * 1024 * 1024 + 1), 0);
    close(file);
    assert_file_refused(path, ": has 16777217 bytes, more than the 16777216 that are read");
    unlink(path);
}

static void a_value_of_a_million_lines_is_read_and_printed_in_linear_time(void **state)
{
    (void)state;
    enum { N_LINES = 1000000 };
    static const char head[] = "[altitude]\nflights =\n";
    size_t n = sizeof head - 1 + 3 * (size_t)N_LINES;
    char *text = malloc(n), *printed = NULL;
    assert_non_null(text);
    memcpy(text, head, sizeof head - 1);
    for (size_t i = 0; i < N_LINES; i++) { memcpy(text + sizeof head - 1 + 3 * i, " 1\n", 3); }

    double start_s = evo_clock_s();
    struct evo_config *config = parsed(text, n);
    assert_int_equal(strlen(evo_altitude_keys(config)->flights), 2 * N_LINES - 1);
    assert_int_equal(evo_config_print(config, true, false, &printed), EVO_OK);
    assert_true(evo_clock_s() - start_s < 20.0); // quadratic time would be minutes

    struct evo_config *again = parsed(printed, strlen(printed));
    assert_string_equal(evo_altitude_keys(again)->flights, evo_altitude_keys(config)->flights);
    evo_config_destroy(again);
    evo_config_destroy(config);
    free(printed);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bad_file_gives_its_exact_message),
        cmocka_unit_test(every_file_of_the_folder_is_in_the_table),
        cmocka_unit_test(every_bad_override_gives_its_exact_message),
        cmocka_unit_test(a_line_of_10_MB_is_named_with_the_limit),
        cmocka_unit_test(the_longest_line_that_fits_is_read_whole_and_one_byte_more_is_refused),
        cmocka_unit_test(another_program_s_file_is_no_configuration),
        cmocka_unit_test(what_is_no_readable_file_is_named),
        cmocka_unit_test(a_file_without_permission_is_named),
        cmocka_unit_test(a_file_above_16_MiB_is_refused_unread),
        cmocka_unit_test(a_value_of_a_million_lines_is_read_and_printed_in_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
