/* SPDX-License-Identifier: MIT */
/* Text that is not what it seems: characters that cannot be seen or look like others, decimal commas. */
#include <evompi/base.h>

#include <ctype.h>
#include <string.h>

#define NO_CHARACTER UINT32_MAX // a byte that is not UTF-8

/* What is named; the first row that fits counts. `instead` NULL: to be removed. */
struct row {
    uint32_t first, last;
    bool unseen; ///< else it can be seen, and is taken for another
    const char *name, *instead;
};

static const struct row rows[] = {
    {0x0000, 0x0008, true, "control character", NULL},
    {0x000a, 0x001f, true, "control character", NULL},
    {0x007f, 0x009f, true, "control character", NULL},
    {0x00a0, 0x00a0, true, "no-break space", "a plain blank"},
    {0x00ad, 0x00ad, true, "soft hyphen", NULL},
    {0x034f, 0x034f, true, "combining grapheme joiner", NULL},
    {0x061c, 0x061c, true, "direction mark", NULL},
    {0x115f, 0x1160, true, "Hangul filler", NULL},
    {0x1680, 0x1680, true, "Ogham space", "a plain blank"},
    {0x180b, 0x180f, true, "Mongolian separator", NULL},
    {0x2000, 0x200a, true, "space of another width", "a plain blank"},
    {0x200b, 0x200b, true, "zero width space", NULL},
    {0x200c, 0x200c, true, "zero width non-joiner", NULL},
    {0x200d, 0x200d, true, "zero width joiner", NULL},
    {0x200e, 0x200f, true, "direction mark", NULL},
    {0x2010, 0x2011, false, "hyphen", "'-'"},
    {0x2012, 0x2012, false, "figure dash", "'-'"},
    {0x2013, 0x2013, false, "en dash", "'-'"},
    {0x2014, 0x2015, false, "em dash", "'-'"},
    {0x2018, 0x201b, false, "single quotation mark", NULL},
    {0x201c, 0x201f, false, "double quotation mark", NULL},
    {0x2028, 0x2028, true, "line separator", "a new line"},
    {0x2029, 0x2029, true, "paragraph separator", "a new line"},
    {0x202a, 0x202e, true, "direction mark", NULL},
    {0x202f, 0x202f, true, "narrow no-break space", "a plain blank"},
    {0x2032, 0x2036, false, "prime", NULL},
    {0x2039, 0x203a, false, "angle quotation mark", NULL},
    {0x205f, 0x205f, true, "mathematical space", "a plain blank"},
    {0x2060, 0x2060, true, "word joiner", NULL},
    {0x2061, 0x2064, true, "invisible operator", NULL},
    {0x2065, 0x206f, true, "direction mark", NULL},
    {0x2212, 0x2212, false, "minus sign", "'-'"},
    {0x00ab, 0x00ab, false, "angle quotation mark", NULL},
    {0x00bb, 0x00bb, false, "angle quotation mark", NULL},
    {0x066b, 0x066b, false, "Arabic decimal separator", "'.'"},
    {0x0660, 0x0669, false, "Arabic digit", "a digit of 0 to 9"},
    {0x06f0, 0x06f9, false, "Arabic digit", "a digit of 0 to 9"},
    {0x3000, 0x3000, true, "ideographic space", "a plain blank"},
    {0x3164, 0x3164, true, "Hangul filler", NULL},
    {0xfe00, 0xfe0f, true, "variation selector", NULL},
    {0xfe63, 0xfe63, false, "small hyphen", "'-'"},
    {0xfeff, 0xfeff, true, "byte-order mark", NULL},
    {0xff01, 0xff5e, false, "full-width character", "the plain one"},
    {0xffa0, 0xffa0, true, "Hangul filler", NULL},
    {0xfff0, 0xfffb, true, "format character", NULL},
    {0xe0000, 0xe0fff, true, "tag character", NULL},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static const struct row *find_row(uint32_t code)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        if (rows[i].first <= code && code <= rows[i].last) { return &rows[i]; }
    }
    return NULL;
}

/* The character at the beginning of n > 0 bytes, and how many of them are its own. */
static uint32_t decode(const char *text, size_t n, size_t *n_own)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    *n_own = 1;
    if (size == 1) { return first; }
    if (size == 0 || size > n || first > 0xf4) { return NO_CHARACTER; }
    uint32_t code = first & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if ((byte & 0xc0) != 0x80) { return NO_CHARACTER; }
        code = code << 6 | (byte & 0x3fU);
    }
    if (code < least[size]) { return NO_CHARACTER; }
    *n_own = size;
    return code;
}

/* "character 5 is U+00A0 (no-break space), which cannot be seen; write a plain blank" */
static void explain(char why[EVO_SPELLING_MAX], size_t number, uint32_t code, unsigned char byte)
{
    const struct row *row = code != NO_CHARACTER ? find_row(code) : NULL;
    if (code == NO_CHARACTER) {
        snprintf(why, EVO_SPELLING_MAX, "character %zu is the byte 0x%02x, which is not UTF-8",
                 number, byte);
    } else if (row == NULL) {
        snprintf(why, EVO_SPELLING_MAX, "character %zu is U+%04X, which is not ASCII", number,
                 (unsigned)code);
    } else {
        snprintf(why, EVO_SPELLING_MAX, "character %zu is U+%04X (%s)%s; %s%s", number,
                 (unsigned)code, row->name, row->unseen ? ", which cannot be seen" : "",
                 row->instead != NULL ? "write " : "leave it out",
                 row->instead != NULL ? row->instead : "");
    }
}

bool evo_spelling_find(const char *text, size_t n, enum evo_spelling what,
                       char why[EVO_SPELLING_MAX])
{
    size_t n_own = 1, number = 1;
    for (size_t i = 0; i < n; i += n_own, number++) {
        uint32_t code = decode(text + i, n - i, &n_own);
        if (code == '\t' || (code >= 0x20 && code < 0x7f)) { continue; }
        const struct row *row = code != NO_CHARACTER ? find_row(code) : NULL;
        if (what == EVO_SPELLING_UNSEEN && (row == NULL || !row->unseen)) { continue; }
        explain(why, number, code, (unsigned char)text[i]);
        return true;
    }
    return false;
}

/* ---- quotes ------------------------------------------------------------------------------- */

static bool is_quote(uint32_t code)
{
    return code == '"' || code == '\'' || (code >= 0x2018 && code <= 0x201f) ||
           code == 0x2039 || code == 0x203a || code == 0xab || code == 0xbb;
}

bool evo_spelling_quoted(const char *text)
{
    size_t n = strlen(text), n_own = 1, last = n;
    if (n < 2) { return false; }
    do { last--; } while (last > 0 && ((unsigned char)text[last] & 0xc0) == 0x80);
    uint32_t begin = decode(text, n, &n_own), end = decode(text + last, n - last, &n_own);
    bool both = last > 0 && is_quote(begin) && is_quote(end);
    return both || (begin > 0x7f && is_quote(begin)) || (end > 0x7f && is_quote(end));
}

/* ---- decimal commas ----------------------------------------------------------------------- */

bool evo_spelling_comma(const char *text, size_t at, char why[EVO_SPELLING_MAX])
{
    static const char digits[] = "0123456789";
    char whole[24] = "", part[24] = "";
    size_t from = at, n_whole = 0;
    if (text[at] != ',') { return false; }
    while (from > 0 && at - from < sizeof whole - 2 &&
           (isdigit((unsigned char)text[from - 1]) || strchr("+-.", text[from - 1]) != NULL)) {
        from--;
    }
    size_t n_part = strspn(text + at + 1, digits);
    if (at == from || !isdigit((unsigned char)text[at - 1]) || n_part == 0) { return false; }
    /* 1.234,5: points between thousands. */
    for (size_t i = from; i < at; i++) {
        if (text[i] != '.') { whole[n_whole++] = text[i]; }
    }
    if (n_part >= sizeof part) { n_part = sizeof part - 1; }
    memcpy(part, text + at + 1, n_part);
    snprintf(why, EVO_SPELLING_MAX, "%.*s,%s: a decimal comma; write %s.%s", (int)(at - from),
             text + from, part, whole, part);
    return true;
}
