/* SPDX-License-Identifier: MIT */
/* Text that is not what it seems: which characters are named, and how; quotes; decimal commas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/base.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *text, *why;
    bool unseen;
} odd[] = {
    {"size\xc2\xa0", "character 5 is U+00A0 (no-break space), which cannot be seen; write a plain blank",
     true},
    {"si\xe2\x80\x8bze", "character 3 is U+200B (zero width space), which cannot be seen; leave it out",
     true},
    {"\xef\xbb\xbf" "1", "character 1 is U+FEFF (byte-order mark), which cannot be seen; leave it out",
     true},
    {"a\xe2\x80\xae" "b", "character 2 is U+202E (direction mark), which cannot be seen; leave it out",
     true},
    {"a\xc2\x85", "character 2 is U+0085 (control character), which cannot be seen; leave it out", true},
    {"a\x07", "character 2 is U+0007 (control character), which cannot be seen; leave it out", true},
    {"1\xe2\x80\xaf" "1", "character 2 is U+202F (narrow no-break space), which cannot be seen; "
                                 "write a plain blank", true},
    {"\xf3\xa0\x80\xa0", "character 1 is U+E0020 (tag character), which cannot be seen; leave it out",
     true},
    {"\xe2\x88\x92" "5", "character 1 is U+2212 (minus sign); write '-'", false},
    {"\xe2\x80\x9cx\xe2\x80\x9d", "character 1 is U+201C (double quotation mark); leave it out", false},
    {"x\xe2\x80\x99", "character 2 is U+2019 (single quotation mark); leave it out", false},
    {"1\xef\xbc\x8c" "5", "character 2 is U+FF0C (full-width character); write the plain one", false},
    {"gr\xc3\xb6\xc3\x9f" "e", "character 3 is U+00F6, which is not ASCII", false},
    {"5\xb5", "character 2 is the byte 0xb5, which is not UTF-8", false},
    {"5\xc3", "character 2 is the byte 0xc3, which is not UTF-8", false},
    {"\xc0\xa0", "character 1 is the byte 0xc0, which is not UTF-8", false},
    {"\xe0\x82\xa0", "character 1 is the byte 0xe0, which is not UTF-8", false}, // overlong U+00A0
};

static void every_odd_character_is_named_by_place_and_code_point(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        char why[EVO_SPELLING_MAX];
        size_t n = strlen(odd[i].text);
        assert_true(evo_spelling_find(odd[i].text, n, EVO_SPELLING_ASCII, why));
        assert_string_equal(why, odd[i].why);
        assert_true(evo_spelling_find(odd[i].text, n, EVO_SPELLING_UNSEEN, why) == odd[i].unseen);
        if (odd[i].unseen) { assert_string_equal(why, odd[i].why); }
    }
}

static void names_in_other_languages_have_nothing_that_cannot_be_seen(void **state)
{
    (void)state;
    /* Composed and decomposed umlauts, Greek, Chinese, an emoji, a name in Latin-1. */
    static const char *const names[] = {"L\xc3\xa4ufe/gr\xc3\xb6\xc3\x9f" "er", "u\xcc\x88" "ber",
                                        "\xce\xb1\xce\xb2", "\xe8\xbf\x90\xe8\xa1\x8c",
                                        "\xf0\x9f\x9a\x81", "L\xe4ufe", "", "a\tb c"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char why[EVO_SPELLING_MAX];
        assert_false(evo_spelling_find(names[i], strlen(names[i]), EVO_SPELLING_UNSEEN, why));
    }
}

static void quotes_are_seen_at_both_ends_and_typographic_ones_at_one(void **state)
{
    (void)state;
    static const char *const quoted[] = {"\"x\"", "'x'", "\xe2\x80\x9cx\xe2\x80\x9d",
                                         "\xe2\x80\x9ex\xe2\x80\x9c", "\xe2\x80\x98x\xe2\x80\x99",
                                         "\xc2\xabx\xc2\xbb", "\xe2\x80\x9cx", "x\xe2\x80\x9d",
                                         "\"x\xe2\x80\x9d"};
    static const char *const plain[] = {"x", "", "\"", "\"x", "Anna\xe2\x80\x99s runs", "a\"b\"c",
                                        "\xc3\xa4x\xc3\xa4"};
    for (size_t i = 0; i < sizeof quoted / sizeof quoted[0]; i++) {
        if (!evo_spelling_quoted(quoted[i])) { fail_msg("%s", quoted[i]); }
    }
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (evo_spelling_quoted(plain[i])) { fail_msg("%s", plain[i]); }
    }
}

static void a_comma_between_digits_is_a_decimal_comma(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"0,5", "0,5: a decimal comma; write 0.5"},
        {"-12,25", "-12,25: a decimal comma; write -12.25"},
        {"3:5:2,5", "2,5: a decimal comma; write 2.5"},
        {"1.234,5", "1.234,5: a decimal comma; write 1234.5"},
        {"0,5e3", "0,5: a decimal comma; write 0.5"},
        {"1, 2", NULL}, {",5", NULL}, {"5,", NULL}, {"a,5", NULL}, {"0.5", NULL}, {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char why[EVO_SPELLING_MAX];
        bool found = evo_spelling_comma(rows[i].text, strcspn(rows[i].text, ","), why);
        assert_true(found == (rows[i].why != NULL));
        if (found) { assert_string_equal(why, rows[i].why); }
    }
}

/* Digits without end are cut, not written behind the room there is. */
static void a_decimal_comma_between_many_digits_fits(void **state)
{
    (void)state;
    char text[2001], why[EVO_SPELLING_MAX];
    memset(text, '7', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    text[1000] = ',';
    assert_true(evo_spelling_comma(text, 1000, why));
    assert_non_null(strstr(why, ": a decimal comma; write 777"));
}

static enum evo_status read_bytes(const char *bytes, size_t n, char **text, size_t *length)
{
    char path[] = "/tmp/evompi_text_XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, bytes, n) == (ssize_t)n);
    close(file);
    enum evo_status status = evo_text_read(path, 1000, text, length);
    unlink(path);
    return status;
}

static void a_text_is_read_without_its_byte_order_mark_and_a_nul_is_named_by_its_line(void **state)
{
    (void)state;
    char *text = NULL;
    size_t n = 0;
    assert_int_equal(read_bytes("\xef\xbb\xbf" "a\n", 5, &text, &n), EVO_OK);
    assert_int_equal(n, 2);
    assert_string_equal(text, "a\n");
    free(text);
    assert_int_equal(read_bytes("", 0, &text, &n), EVO_OK);
    assert_int_equal(n, 0);
    free(text);
    assert_int_equal(read_bytes("a\nb\n\0c\n", 7, &text, &n), EVO_ERR_DATA);
    assert_non_null(strstr(evo_status_message(), ":3: holds a NUL byte: this is no text"));
    assert_int_equal(read_bytes("\xff\xfe" "1\0,\0", 6, &text, &n), EVO_ERR_DATA);
    assert_non_null(strstr(evo_status_message(), "but UTF-16; save it as UTF-8"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_odd_character_is_named_by_place_and_code_point),
        cmocka_unit_test(names_in_other_languages_have_nothing_that_cannot_be_seen),
        cmocka_unit_test(quotes_are_seen_at_both_ends_and_typographic_ones_at_one),
        cmocka_unit_test(a_comma_between_digits_is_a_decimal_comma),
        cmocka_unit_test(a_decimal_comma_between_many_digits_fits),
        cmocka_unit_test(a_text_is_read_without_its_byte_order_mark_and_a_nul_is_named_by_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
