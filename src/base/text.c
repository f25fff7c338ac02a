/* SPDX-License-Identifier: MIT */
/* Text: numbers that read back exactly, the nearest name, hashing. */
#include <evompi/base.h>

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum evo_status evo_text_format(char **out, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    char probe[1]; // gcc warns of a NULL here once sanitizers are on
    int length = vsnprintf(probe, sizeof probe, format, arguments);
    va_end(arguments);

    enum evo_status status = EVO_OK;
    char *text = NULL;
    EVO_CHECK_GOTO(length >= 0, EVO_ERR_INTERNAL, "text for \"%s\" cannot be made", format);
    EVO_GOTO(evo_alloc((size_t)length + 1, 1, "text", &text));
    vsnprintf(text, (size_t)length + 1, format, again);
    *out = text;
done:
    va_end(again);
    return status;
}

char *evo_text_number(char *text, double x)
{
    enum { SIZE = 32 };
    if (isnan(x)) {
        snprintf(text, SIZE, "nan");
        return text;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, SIZE, "%.*g", digits, x);
        if (strtod(text, NULL) == x) { break; }
    }
    return text;
}

bool evo_text_to_number(const char *text, double *x)
{
    /* strtod follows the locale that the process has chosen; this program chooses none. */
    char *end = NULL;
    double value = strtod(text, &end);
    if (end == text) { return false; }
    while (isspace((unsigned char)*end)) { end++; }
    if (*end != '\0') { return false; }
    *x = value;
    return true;
}

/* Levenshtein distance, by one row of the table; words beyond MAX are never near. */
static size_t edit_distance(const char *a, const char *b)
{
    enum { MAX = 64 };
    size_t n = strlen(b), row[MAX + 1];
    if (n > MAX || strlen(a) > MAX) { return SIZE_MAX; }
    for (size_t j = 0; j <= n; j++) { row[j] = j; }
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            size_t change = diagonal + (same ? 0 : 1);
            size_t shorter = row[j] + 1, longer = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = change < shorter ? change : shorter;
            if (longer < row[j]) { row[j] = longer; }
        }
    }
    return row[n];
}

const char *evo_text_nearest(const char *word, const char *const *names, size_t n_names)
{
    const char *nearest = NULL;
    size_t least = 2 + strlen(word) / 3;
    for (size_t i = 0; i < n_names; i++) {
        size_t distance = edit_distance(word, names[i]);
        if (distance < least) {
            least = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

uint64_t evo_text_hash(const void *bytes, size_t n) { return XXH3_64bits(bytes, n); }

enum evo_status evo_text_read(const char *path, size_t max, char **out, size_t *n)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    enum { N_MARK = sizeof byte_order_mark - 1 };
    char *text = NULL;
    EVO_TRY(evo_file_read(path, max, &text, n));
    const char *nul = memchr(text, '\0', *n);
    if (nul != NULL) { // evo_file_read puts one more NUL behind the text, so 2 bytes can be read
        size_t line = 1;
        for (const char *c = text; c < nul; c++) { line += *c == '\n'; }
        bool is_utf16 = memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0;
        free(text);
        return evo_status_fail(EVO_ERR_DATA, "%s:%zu: holds a NUL byte: this is no text%s", path,
                               line, is_utf16 ? " of UTF-8, but UTF-16; save it as UTF-8" : "");
    }
    if (strncmp(text, byte_order_mark, N_MARK) == 0) {
        *n -= N_MARK;
        memmove(text, text + N_MARK, *n + 1);
    }
    *out = text;
    return EVO_OK;
}
