/* SPDX-License-Identifier: MIT */
/* Creatures in CSV: a champion reads back exactly, and a bad file is named by line and value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_flight.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define PATH   "test_flight_champion.csv"
#define HEADER "name,hexadecimal,decimal,meaning\n"

static const struct evo_shape shape = {0, 2, 1, 0};

static void write_file(const char *text, size_t n)
{
    if (evo_file_replace(PATH, NULL, text, n, false) != EVO_OK) {
        fail_msg("%s", evo_status_message());
    }
}

static char *print(const double *genome, size_t n_states)
{
    char config[64], *text = NULL;
    struct evo_task *task = NULL;
    snprintf(config, sizeof config, "[altitude]\nstates = %zu\n", n_states);
    const struct evo_champion champion = {
        .genome = genome,
        .fitness = 1141.03125,
        .id = 77,
        .parent = EVO_NOBODY,
        .born = 3,
        .generation = 9,
        .evaluations = 4321,
        .seed = 5,
    };
    assert_int_equal(test_task(config, &task), EVO_OK);
    assert_int_equal(evo_champion_print(task, &champion, &text), EVO_OK);
    evo_task_destroy(task);
    return text;
}

static void a_champion_reads_back_exactly(void **state)
{
    (void)state;
    static const double values[] = {0.1,       -0.0, 5e-324,           -1.7976931348623157e308,
                                    1.0 / 3.0, 28.4, (double)INFINITY, -(double)INFINITY};
    for (size_t n_states = 0; n_states <= 8; n_states++) {
        struct evo_shape s = {n_states, 2, 1, 0};
        double genome[128], *read = NULL;
        size_t n = 0, n_genome = evo_shape_genome(s);
        for (size_t i = 0; i < n_genome; i++) { genome[i] = values[i % 8]; }
        char *text = print(genome, n_states);
        write_file(text, strlen(text));
        assert_int_equal(evo_champion_read(PATH, s, &read, &n), EVO_OK);
        assert_int_equal(n, 1);
        assert_memory_equal(read, genome, n_genome * sizeof *genome);
        free(read);
        free(text);
    }
}

static void a_champion_says_all_that_its_flight_needs(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "# fitness,1141.03125,",
        "# fitness_hexadecimal,0x1.1d42p+10,",
        "# id,77,",
        "# parent,none,",
        "# seed,5,",
        "# task,altitude,",
        "# precision,double,1",
        "# controller,linear,",
        "# dt,0.01,s",
        "# mass,1,kg",
        "# motor_thrust,1,kg",
        "# gravity,9.81,m/s^2",
        "# overshoot,3,1",
        "# flights,\"3:5:2, 5:3:2, 100:102:2, 302:300:2, 50:60:4\",m:m:s",
        "# states,1,",
        "# input_0,setpoint,m,",
        "# input_1,z,m,",
        "# output_0,command,1,",
        "\nM[1][2],0x1.4p+2,5,weight of z in command\n",
        "\nM[0][0],0x0p+0,0,weight of state 0 in state 0\n",
        "\nc[0],0x1.8p+2,6,constant in state 0",
    };
    const double genome[] = {0, 1, 2, 3, 4, 5, 6, 7};
    char *text = print(genome, 1);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (strstr(text, wanted[i]) == NULL) { fail_msg("no \"%s\" in:\n%s", wanted[i], text); }
    }
    free(text);
}

static void a_champion_cut_anywhere_is_refused_or_reads_the_same(void **state)
{
    (void)state;
    const double genome[] = {0.1, -28.4, 1.0 / 3.0};
    char *text = print(genome, 0);
    size_t n_refused = 0, length = strlen(text);
    for (size_t cut = 0; cut < length; cut++) {
        double *read = NULL;
        size_t n = 0;
        write_file(text, cut);
        if (evo_champion_read(PATH, shape, &read, &n) != EVO_OK) {
            n_refused++;
            continue;
        }
        assert_int_equal(n, 1);
        assert_memory_equal(read, genome, sizeof genome);
        free(read);
    }
    assert_true(n_refused > length / 2);
    free(text);
}

static void creatures_are_read_a_line_each(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
    } rows[] = {
        {"1,2,3\n", 1},
        {"1,2,3", 1},
        {"\xef\xbb\xbf"
         "1,2,3\r\n1,2,3\r\n",
         2},
        {"# by hand\n\n k0, k1, c0\n0x1p+0 , 0x1p1,3.0\n  # more\n1e0,2,3\n\n1,2,3\n", 3},
    };
    const double expected[] = {1.0, 2.0, 3.0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double *read = NULL;
        size_t n = 0;
        write_file(rows[i].text, strlen(rows[i].text));
        assert_int_equal(evo_champion_read(PATH, shape, &read, &n), EVO_OK);
        assert_int_equal(n, rows[i].n);
        for (size_t k = 0; k < n; k++) {
            assert_memory_equal(read + 3 * k, expected, sizeof expected);
        }
        free(read);
    }
}

static void a_bad_file_is_named_by_line_and_value(void **state)
{
    (void)state;
#define COUNT                                                                                      \
    " where the configuration's creatures have 3: "                                                \
    "(0 states + 1 outputs) * (0 states + 2 inputs) in M, and 0 + 1 in c"
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", ": holds no creature"},
        {"# nothing\n\n", ": holds no creature"},
        {"k0,k1,c0\n", ": holds no creature"},
        {"1,2\n", ":1: 2 values" COUNT},
        {"1,2,3\n1,2,3,4\n", ":2: 4 values" COUNT},
        {"a,b\n1,2,3\n", ":1: 2 names" COUNT},
        {"a,b,c\na,b,c\n", ":2: M[0][0]: \"a\" is not a number"},
        {"1,2,3\n1,,3\n", ":2: M[0][1]: \"\" is not a number"},
        {"1,2,3x\n", ":1: c[0]: \"3x\" is not a number"},
        {"1,2,nan\n", ":1: c[0]: \"nan\" is no value for a parameter"},
        {"1,1e999,3\n", ":1: M[0][1]: \"1e999\" is too large for a double"},
        {"1,2,\x01\xff"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
         ":1: c[0]: \"??aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" is not a number; character 1 "
         "is U+0001 (control character), which cannot be seen; leave it out"},
        {"1;2;3\n", ":1: a ';' stands between numbers, where a comma belongs; in a number stands a point, "
         "as in 0.5"},
        {"0,5;2;3\n", ":1: a ';' stands between numbers, where a comma belongs; in a number stands a point, "
         "as in 0.5; 0,5: a decimal comma; write 0.5"},
        {"1\t2\t3\n", ":1: a tab stands between numbers, where a comma belongs; in a number stands a "
                     "point, as in 0.5"},
        {"1,2,3\n1,2;5,3\n", ":2: a ';' stands between numbers, where a comma belongs; in a number stands a "
                             "point, as in 0.5"},
        {"0,5,1,5,2,5\n", ":1: 6 values (in a number stands a point, as in 0.5)" COUNT},
        {"1,2,\xe2\x88\x92" "3\n", ":1: c[0]: \"???3\" is not a number; character 1 is U+2212 (minus sign); "
                                   "write '-'"},
        {"1,2,3\n1,\xc2\xa0" "2,3\n", ":2: M[0][1]: \"??2\" is not a number; character 1 is U+00A0 "
                                      "(no-break space), which cannot be seen; write a plain blank"},
        {HEADER, ":1: 0 parameters" COUNT},
        {HEADER "M[0][0],,1,\nM[0][1],,2,\n", ":3: 2 parameters" COUNT},
        {HEADER "M[0][0],,1,\nM[0][1],,2,\nc[0],,3,\nc[1],,4,\nc[2],,5,\n",
         ":6: 5 parameters" COUNT},
        {HEADER "M[0][1],,1,\n", ":2: \"M[0][1]\" where M[0][0] belongs"},
        {HEADER "M[0][0],1\n", ":2: a line of a champion is name,hexadecimal,decimal,meaning"},
        {HEADER "M[0][0],,,\n", ":2: M[0][0]: \"\" is not a number"},
        {HEADER "M[0][0],0x1p+0,1.5,\n",
         ":2: M[0][0]: \"0x1p+0\" and \"1.5\" differ; leave one of them empty"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char expected[512];
        double *read = NULL;
        size_t n = 0;
        write_file(rows[i].text, strlen(rows[i].text));
        snprintf(expected, sizeof expected, PATH "%s", rows[i].message);
        assert_int_equal(evo_champion_read(PATH, shape, &read, &n), EVO_ERR_DATA);
        assert_string_equal(evo_status_message(), expected);
        assert_null(read);
    }
}

static void what_is_no_text_file_is_refused(void **state)
{
    (void)state;
    static const char junk[] = "1,2,3\n1,2\0,3\n";
    double *read = NULL;
    size_t n = 0;
    write_file(junk, sizeof junk - 1);
    assert_int_equal(evo_champion_read(PATH, shape, &read, &n), EVO_ERR_DATA);
    assert_string_equal(evo_status_message(), PATH ":2: holds a NUL byte: this is no text");
    assert_int_equal(evo_champion_read(".", shape, &read, &n), EVO_ERR_IO);
    assert_string_equal(evo_status_message(), ".: is a folder, not a file");
    unlink(PATH);
    assert_int_equal(evo_champion_read(PATH, shape, &read, &n), EVO_ERR_IO);
}

static void a_line_of_10_megabytes_is_refused_in_one_line(void **state)
{
    (void)state;
    enum { LENGTH = 10 * 1000 * 1000 };
    static const char fill[] = {'x', ',', '1'};
    char *text = malloc(LENGTH);
    assert_non_null(text);
    for (size_t k = 0; k < sizeof fill; k++) {
        double *read = NULL;
        size_t n = 0;
        memset(text, fill[k], LENGTH);
        write_file(text, LENGTH);
        assert_int_equal(evo_champion_read(PATH, shape, &read, &n), EVO_ERR_DATA);
        assert_true(strlen(evo_status_message()) < 300);
    }
    free(text);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(PATH) == 0 || errno == ENOENT ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_champion_reads_back_exactly),
        cmocka_unit_test(a_champion_says_all_that_its_flight_needs),
        cmocka_unit_test(a_champion_cut_anywhere_is_refused_or_reads_the_same),
        cmocka_unit_test(creatures_are_read_a_line_each),
        cmocka_unit_test(a_bad_file_is_named_by_line_and_value),
        cmocka_unit_test(what_is_no_text_file_is_refused),
        cmocka_unit_test(a_line_of_10_megabytes_is_refused_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, remove_file);
}
