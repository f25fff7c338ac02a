/* SPDX-License-Identifier: MIT */
/* One value: from text, to text that reads back to the same, and what a key allows. */
#include "config_parts.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char bool_words[] = "no|yes|false|true|off|on|0|1"; // the odd ones mean yes
static const char duration_forms[] = "90, 90s, 15m, 2h, 1d or 1:30:00";

static const struct {
    char letter;
    double seconds;
} duration_units[] = {{'d', 86400.0}, {'h', 3600.0}, {'m', 60.0}, {'s', 1.0}};
enum { N_DURATION_UNITS = sizeof duration_units / sizeof duration_units[0] };

/* ---- words -------------------------------------------------------------------------------- */

/* "a|b|c" taken apart. */
struct words {
    char text[256];
    const char *item[32];
    size_t n;
};

static void split_words(struct words *words, const char *text)
{
    assert(strlen(text) < sizeof words->text);
    words->n = 0;
    char *rest = strncpy(words->text, text, sizeof words->text - 1);
    words->text[sizeof words->text - 1] = '\0';
    for (char *word = strsep(&rest, "|"); word != NULL; word = strsep(&rest, "|")) {
        assert(words->n < sizeof words->item / sizeof words->item[0]);
        words->item[words->n++] = word;
    }
}

/* The index of `text` among the names; n where it is none of them. */
static size_t find_word(const char *const *names, size_t n, const char *text)
{
    size_t i = 0;
    while (i < n && strcmp(names[i], text) != 0) { i++; }
    return i;
}

static void add_list(struct evo_config_why *why, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) { evo_config_why_add(why, "%s%s", i > 0 ? ", " : "", names[i]); }
}

/* "is none of: a, b, c; did you mean 'a'?" */
static enum evo_status refuse_word(const char *const *names, size_t n, const char *text,
                                   struct evo_config_why *why)
{
    evo_config_why_set(why, "is none of: ");
    add_list(why, names, n);
    const char *nearest = evo_text_nearest(text, names, n);
    if (nearest != NULL) { evo_config_why_add(why, "; did you mean '%s'?", nearest); }
    return EVO_ERR_CONFIG;
}

static enum evo_status read_word(const char *choices, const char *text, size_t *i,
                                 struct evo_config_why *why)
{
    struct words words;
    split_words(&words, choices);
    *i = find_word(words.item, words.n, text);
    return *i < words.n ? EVO_OK : refuse_word(words.item, words.n, text, why);
}

/* ---- numbers ------------------------------------------------------------------------------ */

/* value * 10 + digit, or the largest number there is: beyond any key's range. */
static int64_t append_digit(int64_t value, int digit)
{
    return value > (INT64_MAX - digit) / 10 ? INT64_MAX : value * 10 + digit;
}

/* e6, e+6 or nothing; capped far beyond any range. */
static bool read_exponent(const char *text, int *out)
{
    enum { EXPONENT_MAX = 400 };
    *out = 0;
    if (*text == '\0') { return true; }
    if (*text != 'e' && *text != 'E') { return false; }
    text += text[1] == '+' ? 2 : 1;
    if (*text == '\0' || text[strspn(text, "0123456789")] != '\0') { return false; }
    for (; *text != '\0' && *out < EXPONENT_MAX; text++) { *out = *out * 10 + (*text - '0'); }
    return true;
}

/* Digits, or digits with an exponent that makes a whole number of them (1e6, 2.5e3). */
static bool read_whole(const char *text, int64_t *out)
{
    bool negative = *text == '-', point = false;
    if (*text == '-' || *text == '+') { text++; }

    int64_t value = 0;
    int n_digits = 0, n_fraction = 0, exponent = 0;
    for (; isdigit((unsigned char)*text) || (*text == '.' && !point); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        value = append_digit(value, *text - '0');
        n_digits++;
        n_fraction += point;
    }
    bool plain = *text == '\0';
    if (n_digits == 0 || (plain && point) || !read_exponent(text, &exponent)) { return false; }
    if (exponent < n_fraction) { return false; }
    for (; exponent > n_fraction; exponent--) { value = append_digit(value, 0); }
    *out = negative ? -value : value;
    return true;
}

/* M:S or H:M:S; all but the first part below 60, only the seconds with a fraction. */
static bool read_clock(const char *text, double *out)
{
    if (text[strspn(text, "0123456789.:")] != '\0') { return false; }
    double total = 0.0;
    for (int i_part = 0; i_part < 3; i_part++) {
        if (!isdigit((unsigned char)*text)) { return false; }
        char *end;
        double part = strtod(text, &end);
        if (i_part > 0 && part >= 60.0) { return false; }
        total = total * 60.0 + part;
        if (*end == '\0') {
            *out = total;
            return true;
        }
        if (*end != ':' || part != floor(part)) { return false; }
        text = end + 1;
    }
    return false;
}

static bool read_duration(const char *text, double *out)
{
    if (strchr(text, ':') != NULL) { return read_clock(text, out); }
    char digits[EVO_CONFIG_VALUE_MAX];
    size_t n = strlen(text);
    if (n == 0 || n >= sizeof digits) { return false; }
    memcpy(digits, text, n + 1);

    double scale = 1.0;
    for (size_t i = 0; i < N_DURATION_UNITS; i++) {
        if (text[n - 1] != duration_units[i].letter) { continue; }
        scale = duration_units[i].seconds;
        digits[n - 1] = '\0';
    }
    /* Not hexadecimal, where the d would be a digit; not inf or nan. */
    if (digits[strspn(digits, "0123456789.eE+- ")] != '\0') { return false; }
    if (!evo_text_to_number(digits, out)) { return false; }
    *out *= scale;
    return true;
}

/* ---- refusals ----------------------------------------------------------------------------- */

bool evo_config_value_add_allowed(const struct evo_key *key, const struct evo_config_names *names,
                                  struct evo_config_why *why)
{
    char min[EVO_CONFIG_VALUE_MAX], max[EVO_CONFIG_VALUE_MAX];
    struct words words;
    switch (key->type) {
    case EVO_KEY_INT:
    case EVO_KEY_REAL:
    case EVO_KEY_DURATION:
        evo_config_why_add(why, "%s to %s%s%s", evo_text_number(min, key->min),
                           evo_text_number(max, key->max), key->unit[0] != '\0' ? " " : "",
                           key->unit);
        return true;
    case EVO_KEY_BOOL: evo_config_why_add(why, "yes or no"); return true;
    case EVO_KEY_CHOICE:
        split_words(&words, key->choices);
        add_list(why, words.item, words.n);
        return true;
    case EVO_KEY_NAME:
        if (names == NULL) { return false; }
        add_list(why, names->names, names->n_names);
        return true;
    case EVO_KEY_TEXT: evo_config_why_add(why, "%s", key->unit); return key->unit[0] != '\0';
    }
    return false;
}

static enum evo_status refuse_number(const struct evo_key *key, struct evo_config_why *why)
{
    evo_config_why_add(why, " (");
    evo_config_value_add_allowed(key, NULL, why);
    if (key->type == EVO_KEY_DURATION) {
        evo_config_why_add(why, "; written as %s", duration_forms);
    }
    evo_config_why_add(why, ")");
    return EVO_ERR_CONFIG;
}

static enum evo_status check_range(const struct evo_key *key, bool below, bool above,
                                   struct evo_config_why *why)
{
    if (!below && !above) { return EVO_OK; }
    char end[EVO_CONFIG_VALUE_MAX];
    evo_config_why_set(why, "is %s %s", below ? "below" : "above",
                       evo_text_number(end, below ? key->min : key->max));
    return refuse_number(key, why);
}

/* What a shell would take away or fill in is no part of a value here. */
static enum evo_status check_shell(const char *text, struct evo_config_why *why)
{
    size_t n = strlen(text);
    const char *dollar = strchr(text, '$');
    if (n > 1 && (text[0] == '"' || text[0] == '\'') && text[n - 1] == text[0]) {
        evo_config_why_set(why, "quotes would be part of the value; leave them out");
    } else if (text[0] == '~') {
        evo_config_why_set(why, "'~' is no folder here; write the whole path");
    } else if (dollar != NULL && (isalpha((unsigned char)dollar[1]) || dollar[1] == '{')) {
        evo_config_why_set(why, "variables are not filled in here; write the whole text, or give it "
                                "by --set, where the shell fills them in");
    } else {
        return EVO_OK;
    }
    return EVO_ERR_CONFIG;
}

/* Text is kept as it is, so it must be such that a file can hold it. */
static enum evo_status check_text(const char *text, struct evo_config_why *why)
{
    EVO_TRY(check_shell(text, why));
    for (const char *c = text; *c != '\0'; c++) {
        if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f) {
            evo_config_why_set(why, "holds the byte 0x%02x, which is no text", (unsigned char)*c);
            return EVO_ERR_CONFIG;
        }
        bool first = c == text || c[-1] == ' ' || c[-1] == '\t';
        if (first && (*c == '#' || *c == ';')) {
            evo_config_why_set(why, "a word cannot begin with '%c', as a comment does", *c);
            return EVO_ERR_CONFIG;
        }
    }
    return EVO_OK;
}

/* ---- reading, by type --------------------------------------------------------------------- */

static enum evo_status read_int(const struct evo_key *key, const char *text, int64_t *out,
                                struct evo_config_why *why)
{
    int64_t value;
    if (!read_whole(text, &value)) {
        evo_config_why_set(why, "is not a whole number");
        return refuse_number(key, why);
    }
    EVO_TRY(check_range(key, value<(int64_t)key->min, value>(int64_t) key->max, why));
    *out = value;
    return EVO_OK;
}

static enum evo_status read_real(const struct evo_key *key, const char *text, double *out,
                                 struct evo_config_why *why)
{
    double value;
    bool is_duration = key->type == EVO_KEY_DURATION;
    bool read = is_duration ? read_duration(text, &value) : evo_text_to_number(text, &value);
    if (!read || isnan(value)) {
        evo_config_why_set(why, "is not a %s", is_duration ? "duration" : "number");
        return refuse_number(key, why);
    }
    EVO_TRY(check_range(key, value<key->min, value> key->max, why));
    /* An infinity that is allowed must be meant: 1e999 is not. */
    if (isinf(value) && strpbrk(text, "0123456789") != NULL) {
        evo_config_why_set(why, "is more than a double holds");
        return refuse_number(key, why);
    }
    *out = value;
    return EVO_OK;
}

static enum evo_status read_text(const char *text, char **out, struct evo_config_why *why)
{
    EVO_TRY(check_text(text, why));
    char *copy = NULL;
    EVO_TRY(evo_text_format(&copy, "%s", text));
    free(*out);
    *out = copy;
    return EVO_OK;
}

static enum evo_status read_name(const struct evo_config_names *names, const char *text, char **out,
                                 struct evo_config_why *why)
{
    if (names != NULL && find_word(names->names, names->n_names, text) == names->n_names) {
        return refuse_word(names->names, names->n_names, text, why);
    }
    if (text[strcspn(text, " \t")] != '\0') {
        evo_config_why_set(why, "is not one word");
        return EVO_ERR_CONFIG;
    }
    return read_text(text, out, why);
}

/* What may have gone wrong in writing a number or a word: a comma in it, a character that looks like
 * another. */
static void add_spelling(const struct evo_key *key, const char *text, struct evo_config_why *why)
{
    char spelling[EVO_SPELLING_MAX];
    bool is_number = key->type == EVO_KEY_INT || key->type == EVO_KEY_REAL ||
                     key->type == EVO_KEY_DURATION;
    if (key->type == EVO_KEY_TEXT) { return; }
    if (is_number && evo_spelling_comma(text, strcspn(text, ","), spelling)) {
        evo_config_why_add(why, "; %s", spelling);
    }
    evo_config_why_add_spelling(why, text, EVO_SPELLING_ASCII);
}

static enum evo_status read_by_type(const struct evo_key *key, const struct evo_config_names *names,
                                    const char *text, void *field, struct evo_config_why *why)
{
    size_t i_word = 0;
    switch (key->type) {
    case EVO_KEY_INT: return read_int(key, text, field, why);
    case EVO_KEY_REAL:
    case EVO_KEY_DURATION: return read_real(key, text, field, why);
    case EVO_KEY_BOOL:
        EVO_TRY(read_word(bool_words, text, &i_word, why));
        *(bool *)field = i_word % 2 == 1;
        return EVO_OK;
    case EVO_KEY_CHOICE:
        EVO_TRY(read_word(key->choices, text, &i_word, why));
        *(int *)field = (int)i_word;
        return EVO_OK;
    case EVO_KEY_TEXT: return read_text(text, field, why);
    case EVO_KEY_NAME: return read_name(names, text, field, why);
    }
    return EVO_ERR_INTERNAL;
}

enum evo_status evo_config_value_read(const struct evo_key *key,
                                      const struct evo_config_names *names, const char *text,
                                      void *field, struct evo_config_why *why)
{
    if (text[0] == '\0') {
        evo_config_why_set(why, "has no value (");
        bool any = evo_config_value_add_allowed(key, names, why);
        evo_config_why_add(why, "%s)", any ? "" : "any text");
        return EVO_ERR_CONFIG;
    }
    enum evo_status status = read_by_type(key, names, text, field, why);
    if (status == EVO_ERR_CONFIG) { add_spelling(key, text, why); }
    return status;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* In the largest unit that gives a whole number. */
static const char *write_duration(double seconds, char *buffer)
{
    char number[EVO_CONFIG_VALUE_MAX / 2];
    size_t i = 0;
    while (i < N_DURATION_UNITS - 1 && fmod(seconds, duration_units[i].seconds) != 0.0) { i++; }
    if (seconds == 0.0) { i = N_DURATION_UNITS - 1; }
    evo_text_number(number, seconds / duration_units[i].seconds);
    snprintf(buffer, EVO_CONFIG_VALUE_MAX, "%s%c", number, duration_units[i].letter);
    return buffer;
}

const char *evo_config_value_text(const struct evo_key *key, const void *field, char *buffer)
{
    struct words words;
    switch (key->type) {
    case EVO_KEY_INT:
        snprintf(buffer, EVO_CONFIG_VALUE_MAX, "%lld", (long long)*(const int64_t *)field);
        return buffer;
    case EVO_KEY_REAL: return evo_text_number(buffer, *(const double *)field);
    case EVO_KEY_DURATION: return write_duration(*(const double *)field, buffer);
    case EVO_KEY_BOOL: return *(const bool *)field ? "yes" : "no";
    case EVO_KEY_CHOICE:
        split_words(&words, key->choices);
        snprintf(buffer, EVO_CONFIG_VALUE_MAX, "%s", words.item[*(const int *)field]);
        return buffer;
    case EVO_KEY_TEXT:
    case EVO_KEY_NAME: return *(char *const *)field;
    }
    return "";
}
