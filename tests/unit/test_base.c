/* SPDX-License-Identifier: MIT */
/* The ground floor in memory: status, allocation, clock, text, exact functions, tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/base.h>
#include <evompi/rng.h>

#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- status ------------------------------------------------------------------------------- */

static void a_message_is_one_line_even_where_a_value_holds_more(void **state)
{
    (void)state;
    assert_int_equal(evo_status_fail(EVO_ERR_DATA, "%s: %d", "a\nb\x1b[2J\x7f", 3), EVO_ERR_DATA);
    assert_string_equal(evo_status_message(), "a?b?[2J?: 3");
}

static void a_message_may_be_made_of_the_one_before(void **state)
{
    (void)state;
    evo_status_fail(EVO_ERR_IO, "inner");
    evo_status_fail(EVO_ERR_CONFIG, "outer: %s", evo_status_message());
    assert_string_equal(evo_status_message(), "outer: inner");
}

static void a_message_too_long_is_cut(void **state)
{
    (void)state;
    char text[2 * EVO_MESSAGE_MAX];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    evo_status_fail(EVO_ERR_IO, "%s", text);
    assert_int_equal(strlen(evo_status_message()), EVO_MESSAGE_MAX - 1);
}

static void *fail_elsewhere(void *unused)
{
    (void)unused;
    evo_status_fail(EVO_ERR_IO, "elsewhere");
    return NULL;
}

static void each_thread_has_a_message_of_its_own(void **state)
{
    (void)state;
    pthread_t thread;
    evo_status_fail(EVO_ERR_IO, "here");
    assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_string_equal(evo_status_message(), "here");
}

static void each_status_has_its_exit_code(void **state)
{
    (void)state;
    static const struct {
        enum evo_status status;
        int code;
    } codes[] = {
        {EVO_OK, 0},           {EVO_ERR_USAGE, 2}, {EVO_ERR_CONFIG, 2}, {EVO_ERR_CHECKPOINT, 3},
        {EVO_ERR_DATA, 1},     {EVO_ERR_IO, 1},    {EVO_ERR_MEMORY, 1}, {EVO_ERR_FARM, 1},
        {EVO_ERR_INTERNAL, 1},
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        assert_int_equal(evo_status_exit_code(codes[i].status), codes[i].code);
    }
}

/* ---- memory and clock --------------------------------------------------------------------- */

static void memory_is_zeroed_and_aligned_for_any_vector(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 63, 64, 65, 4097};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned char *block = NULL;
        assert_int_equal(evo_alloc(sizes[i], 1, "test", &block), EVO_OK);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 64, 0);
        for (size_t j = 0; j < sizes[i]; j++) { assert_int_equal(block[j], 0); }
        free(block);
    }
}

static void more_memory_than_there_is_is_an_error_that_names_its_use(void **state)
{
    (void)state;
    void *block = NULL;
    assert_int_equal(evo_alloc(SIZE_MAX / 4, 8, "population", &block), EVO_ERR_MEMORY);
    assert_null(block);
    assert_non_null(strstr(evo_status_message(), "population: "));
    assert_int_equal(evo_alloc(SIZE_MAX, 1, "population", &block), EVO_ERR_MEMORY);
    assert_null(block);
}

static void the_clock_never_goes_back_and_the_stamp_is_iso_8601(void **state)
{
    (void)state;
    double last_s = evo_clock_s();
    for (int i = 0; i < 1000; i++) {
        double now_s = evo_clock_s();
        assert_true(now_s >= last_s);
        last_s = now_s;
    }
    char stamp[32], sign = 0;
    int year, month, day, hour, minute, second, zone_hour, zone_minute;
    evo_clock_stamp(stamp, sizeof stamp);
    assert_int_equal(sscanf(stamp, "%4d-%2d-%2dT%2d:%2d:%2d%c%2d:%2d", &year, &month, &day, &hour,
                            &minute, &second, &sign, &zone_hour, &zone_minute),
                     9);
    assert_true(year > 2000 && (sign == '+' || sign == '-'));
    assert_int_equal(strlen(stamp), strlen("2026-11-23T08:55:01+00:00"));
}

/* ---- text --------------------------------------------------------------------------------- */

static void every_double_reads_back_from_its_text(void **state)
{
    (void)state;
    static const double special[] = {0.0,          -0.0,     DBL_MAX,   -DBL_MAX, DBL_MIN,
                                     DBL_TRUE_MIN, INFINITY, -INFINITY, 1.0 / 3,  0x1p53,
                                     0x1p53 + 2,   1e23,     5e-324,    9.5e-3};
    struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, 0, 0);
    for (size_t i = 0; i < 100000; i++) {
        uint64_t bits = evo_rng_bits(&rng);
        double x, y = 0.0;
        memcpy(&x, &bits, sizeof x);
        if (i < sizeof special / sizeof special[0]) { x = special[i]; }
        if (isnan(x)) { continue; }
        char text[32], hexadecimal[64];
        assert_ptr_equal(evo_text_number(text, x), text);
        assert_true(strlen(text) < sizeof text);
        assert_true(evo_text_to_number(text, &y) && memcmp(&x, &y, sizeof x) == 0);
        snprintf(hexadecimal, sizeof hexadecimal, "%a", x);
        assert_true(evo_text_to_number(hexadecimal, &y) && memcmp(&x, &y, sizeof x) == 0);
    }
}

static void numbers_are_printed_as_short_as_they_were_written(void **state)
{
    (void)state;
    static const char *const texts[] = {"0",
                                        "-0",
                                        "0.1",
                                        "0.01",
                                        "9.81",
                                        "100000000",
                                        "1e+15",
                                        "0.3333333333333333",
                                        "1.7976931348623157e+308",
                                        "inf",
                                        "-inf",
                                        "nan",
                                        "1e-06",
                                        "9007199254740992",
                                        "5000"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[32];
        double x = 1.0;
        assert_true(evo_text_to_number(texts[i], &x));
        assert_string_equal(evo_text_number(text, x), texts[i]);
    }
}

static void what_is_no_number_is_not_read_as_one(void **state)
{
    (void)state;
    static const char *const texts[] = {"",    " ",  "x",  "1x", "1 2",   "1,5",
                                        "--1", "0x", "e5", "1e", "1.2.3", "+"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        double x = 42.0;
        assert_false(evo_text_to_number(texts[i], &x));
        assert_true(x == 42.0);
    }
    double x = 0.0;
    assert_true(evo_text_to_number(" 1.5\t", &x) && x == 1.5);
}

static void the_nearest_name_is_found_and_nothing_where_none_is_near(void **state)
{
    (void)state;
    static const char *const names[] = {"size", "seed", "max_walltime", "max_generations", "ga"};
    static const struct {
        const char *word, *nearest;
    } words[] = {
        {"sise", "size"},
        {"SIZE", "size"},
        {"sed", "seed"},
        {"walltime", NULL},
        {"ax_waltime", "max_walltime"},
        {"max_generation", "max_generations"},
        {"gaa", "ga"},
        {"", NULL},
        {"xyzzy", NULL},
        {"size", "size"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *nearest = evo_text_nearest(words[i].word, names, 5);
        if (words[i].nearest == NULL) {
            assert_null(nearest);
        } else {
            assert_non_null(nearest);
            assert_string_equal(nearest, words[i].nearest);
        }
    }
    char long_word[1000];
    memset(long_word, 's', sizeof long_word - 1);
    long_word[sizeof long_word - 1] = '\0';
    assert_null(evo_text_nearest(long_word, names, 5));
    assert_null(evo_text_nearest("size", names, 0));
}

static void the_hash_is_xxh3(void **state)
{
    (void)state;
    assert_true(evo_text_hash("", 0) == 0x2d06800538d394c2); // XXH3_64bits of nothing, seed 0
    assert_true(evo_text_hash("a", 1) != evo_text_hash("b", 1));
}

/* ---- exact functions ---------------------------------------------------------------------- */

static void the_logarithm_is_within_one_unit_of_the_last_place(void **state)
{
    (void)state;
    struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, 0, 1);
    double worst = 0.0;
    for (int i = 0; i < 300000; i++) {
        uint64_t bits = evo_rng_bits(&rng) >> 1;
        double x;
        memcpy(&x, &bits, sizeof x);
        if (i % 3 == 0) { x = evo_rng_between(&rng, 0.0, 1.0); }
        if (i % 3 == 1) { x = evo_rng_between(&rng, 0.9, 1.1); }
        if (i % 100 == 0) { x = ldexp(evo_rng_uniform(&rng), -1030); }
        if (!(x > 0.0) || isinf(x) || x == 1.0) { continue; }
        long double exact = logl(x);
        double unit = nextafter(fabs((double)exact), INFINITY) - fabs((double)exact);
        double error = (double)(fabsl(evo_math_log(x) - exact) / (long double)unit);
        worst = error > worst ? error : worst;
    }
    assert_true(worst < 1.0);
    assert_true(evo_math_log(1.0) == 0.0);
    assert_true(evo_math_log(DBL_TRUE_MIN) == log(DBL_TRUE_MIN));
}

static void the_exponential_is_right_to_one_unit_in_the_last_place(void **state)
{
    (void)state;
    struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, 0, 2);
    double worst = 0.0;
    for (int i = 0; i < 300000; i++) {
        double reach = i % 2 == 0 ? 1.0 : 700.0;
        double x = evo_rng_between(&rng, -reach, reach);
        long double exact = expl(x);
        double unit = nextafter((double)exact, INFINITY) - (double)exact;
        double error = (double)(fabsl(evo_math_exp(x) - exact) / (long double)unit);
        worst = error > worst ? error : worst;
    }
    assert_true(worst < 1.0);
    assert_true(evo_math_exp(0.0) == 1.0);
    assert_true(evo_math_exp(-0.0) == 1.0);
    assert_true(isinf(evo_math_exp(710.0)) && isinf(evo_math_exp(INFINITY)));
    assert_true(evo_math_exp(-746.0) == 0.0 && evo_math_exp(-INFINITY) == 0.0);
    assert_true(evo_math_exp(-745.0) == DBL_TRUE_MIN);
    assert_true(isnan(evo_math_exp(NAN)));
}

static void the_normal_quantile_gives_the_known_values(void **state)
{
    (void)state;
    static const double known[][2] = {
        {0.5, 0.0},
        {0.25, -0.67448975019608174},
        {0.975, 1.9599639845400542},
        {0.001, -3.0902323061678135},
        {1e-10, -6.3613409024040561},
        {1e-20, -9.2623400897984080},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        double x = evo_math_normal_quantile(known[i][0]);
        assert_true(fabs(x - known[i][1]) <= 1e-15 * fabs(known[i][1]));
    }
}

/* How far x is from the exact quantile, relative: (Phi(x) - p) / (density(x) * x). Near the middle
 * both are taken from 1/2, which cancels nothing. */
static double quantile_error(double p, double x)
{
    const long double root_2 = 1.41421356237309504880L, pi = 3.14159265358979323846L;
    long double density = expl(-0.5L * x * x) / sqrtl(2.0L * pi), more;
    if (fabs(p - 0.5) < 0.4) {
        more = 0.5L * erfl(x / root_2) - ((long double)p - 0.5L);
    } else if (p < 0.5) {
        more = 0.5L * erfcl(-x / root_2) - p;
    } else {
        more = (1.0L - p) - 0.5L * erfcl(x / root_2);
    }
    return (double)fabsl(more / (density * x));
}

static void the_normal_quantile_inverts_the_distribution_to_1e_15(void **state)
{
    (void)state;
    struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, 0, 2);
    double worst = 0.0;
    for (int i = 0; i < 100000; i++) {
        double p = evo_rng_uniform(&rng);
        if (i % 2 == 0) { p = ldexp(p, -(int)evo_rng_below(&rng, 1000)); }
        if (!(p > 0.0) || p == 0.5) { continue; }
        double error = quantile_error(p, evo_math_normal_quantile(p));
        worst = error > worst ? error : worst;
    }
    assert_true(worst < 1e-15);
}

static void normal_quantiles_in_bulk_are_those_one_by_one(void **state)
{
    (void)state;
    enum { N = 1003 };
    double p[N], bulk[N], single[N];
    for (size_t i = 0; i < N; i++) {
        double x = (double)(i + 1) / (N + 1);
        p[i] = i % 3 == 0 ? x * x * x * x * x * x : x;
        single[i] = evo_math_normal_quantile(p[i]);
    }
    static const size_t sizes[] = {0, 1, 2, 3, 7, N};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        memset(bulk, 0, sizeof bulk);
        evo_math_normal_quantiles(p, sizes[k], bulk);
        assert_memory_equal(bulk, single, sizes[k] * sizeof bulk[0]);
        assert_true(sizes[k] == N || bulk[sizes[k]] == 0.0);
    }
}

static void the_normal_quantile_is_odd_about_the_middle(void **state)
{
    (void)state;
    for (int i = 1; i < 512; i++) { // exact in binary, so 1 - p is too
        double p = i / 1024.0;
        assert_true(evo_math_normal_quantile(p) == -evo_math_normal_quantile(1.0 - p));
    }
}

/* ---- tables ------------------------------------------------------------------------------- */

static const struct evo_column columns[] = {
    {.name = "generation", .unit = "1", .doc = "generation", .type = EVO_TYPE_U64},
    {.name = "genome", .unit = "1", .doc = "genome", .type = EVO_TYPE_F64, .n_cols = 3},
};

static struct evo_table *table_of(size_t n_rows)
{
    struct evo_table *table = NULL;
    assert_int_equal(evo_table_create("test", "a table", columns, 2, &table), EVO_OK);
    for (uint64_t i = 0; i < n_rows; i++) {
        const double genome[3] = {(double)i, (double)i + 0.25, (double)i + 0.5};
        const void *values[2] = {&i, genome};
        assert_int_equal(evo_table_append(table, values), EVO_OK);
    }
    return table;
}

static void assert_rows(const struct evo_table *table, uint64_t first, size_t n)
{
    assert_int_equal(table->n_rows, n);
    assert_int_equal(table->first_row, first);
    const uint64_t *generations = table->data[0];
    const double *genomes = table->data[1];
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(generations[i], first + i);
        assert_true(genomes[3 * i] == (double)(first + i));
        assert_true(genomes[3 * i + 2] == (double)(first + i) + 0.5);
    }
}

static void a_table_keeps_its_rows_while_it_grows(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 63, 64, 65, 1000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct evo_table *table = table_of(sizes[i]);
        assert_rows(table, 0, sizes[i]);
        evo_table_destroy(table);
    }
    evo_table_destroy(NULL);
}

static void dropped_rows_are_counted(void **state)
{
    (void)state;
    struct evo_table *table = table_of(100);
    evo_table_drop(table, 0);
    assert_rows(table, 0, 100);
    evo_table_drop(table, 30);
    assert_rows(table, 30, 70);
    evo_table_drop(table, 1000);
    assert_rows(table, 100, 0);
    evo_table_destroy(table);
}

static void rows_that_a_resize_adds_hold_zeros_even_where_others_stood(void **state)
{
    (void)state;
    struct evo_table *table = table_of(10);
    assert_int_equal(evo_table_resize(table, 4), EVO_OK);
    assert_int_equal(evo_table_resize(table, 200), EVO_OK);
    assert_int_equal(table->n_rows, 200);
    for (size_t i = 4; i < 200; i++) {
        assert_int_equal(((uint64_t *)table->data[0])[i], 0);
        assert_true(((double *)table->data[1])[3 * i + 2] == 0.0);
    }
    assert_int_equal(evo_table_resize(table, 4), EVO_OK);
    assert_rows(table, 0, 4);
    evo_table_destroy(table);
}

static void a_row_has_the_bytes_of_its_columns(void **state)
{
    (void)state;
    struct evo_table *table = table_of(0);
    assert_int_equal(evo_table_row_bytes(table), 4 * EVO_CELL_BYTES);
    assert_int_equal(evo_table_width(&columns[0]), 1);
    assert_int_equal(evo_table_width(&columns[1]), 3);
    evo_table_destroy(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_one_line_even_where_a_value_holds_more),
        cmocka_unit_test(a_message_may_be_made_of_the_one_before),
        cmocka_unit_test(a_message_too_long_is_cut),
        cmocka_unit_test(each_thread_has_a_message_of_its_own),
        cmocka_unit_test(each_status_has_its_exit_code),
        cmocka_unit_test(memory_is_zeroed_and_aligned_for_any_vector),
        cmocka_unit_test(more_memory_than_there_is_is_an_error_that_names_its_use),
        cmocka_unit_test(the_clock_never_goes_back_and_the_stamp_is_iso_8601),
        cmocka_unit_test(every_double_reads_back_from_its_text),
        cmocka_unit_test(numbers_are_printed_as_short_as_they_were_written),
        cmocka_unit_test(what_is_no_number_is_not_read_as_one),
        cmocka_unit_test(the_nearest_name_is_found_and_nothing_where_none_is_near),
        cmocka_unit_test(the_hash_is_xxh3),
        cmocka_unit_test(the_logarithm_is_within_one_unit_of_the_last_place),
        cmocka_unit_test(the_exponential_is_right_to_one_unit_in_the_last_place),
        cmocka_unit_test(the_normal_quantile_gives_the_known_values),
        cmocka_unit_test(the_normal_quantile_inverts_the_distribution_to_1e_15),
        cmocka_unit_test(normal_quantiles_in_bulk_are_those_one_by_one),
        cmocka_unit_test(the_normal_quantile_is_odd_about_the_middle),
        cmocka_unit_test(a_table_keeps_its_rows_while_it_grows),
        cmocka_unit_test(dropped_rows_are_counted),
        cmocka_unit_test(rows_that_a_resize_adds_hold_zeros_even_where_others_stood),
        cmocka_unit_test(a_row_has_the_bytes_of_its_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
