/* SPDX-License-Identifier: MIT */
/* INI text through inih, and what inih lets pass: cut lines, junk, lost text, duplicates. */
#include "config_parts.h"

#include <ctype.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* inih asks for a line, then hands over what stands in it; so both its callbacks work on this.
 * A value is complete only when the next key begins: further lines may continue it. */
struct ini {
    const struct evo_config_reading *reading;
    const char *label;
    const char *rest, *end; ///< the text that inih has not had
    size_t line;            ///< the one that inih works on
    bool indented;          ///< it begins with a blank
    bool has_key;           ///< a key stands above it in its section: an indented line continues

    const struct evo_key *key; ///< the key whose value is being collected, or NULL
    size_t key_line;
    char *value; ///< [n_value], and a NUL; has room for the whole file
    size_t n_value;
    bool continued;

    enum evo_status status; ///< of the first fault
    size_t fault_line;
};

/* ---- faults ------------------------------------------------------------------------------- */

static const char *hint_for(const struct ini *ini)
{
    if (strstr(ini->value, " #") != NULL) { return "a comment behind a value begins with ' ;'"; }
    if (ini->continued) { return "a line that begins with a blank continues the one above"; }
    return NULL;
}

/* The value that was collected goes to its field. */
static void finish_value(struct ini *ini)
{
    if (ini->key == NULL || ini->status != EVO_OK) { return; }
    struct evo_config_place place = {EVO_CONFIG_FILE, ini->key_line};
    const char *value = evo_config_trim(ini->value);
    ini->status = evo_config_assign(ini->reading, ini->key, place, value, hint_for(ini));
    ini->fault_line = ini->key_line;
    ini->key = NULL;
}

/* A fault of the current line, unless one of a line above comes first. */
__attribute__((format(printf, 2, 3))) static void fault(struct ini *ini, const char *format, ...)
{
    finish_value(ini);
    if (ini->status != EVO_OK) { return; }
    char text[EVO_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ini->status = evo_status_fail(EVO_ERR_CONFIG, "%s:%zu: %s", ini->label, ini->line, text);
    ini->fault_line = ini->line;
}

/* ---- lines -------------------------------------------------------------------------------- */

/* Text, tabs and nothing else. */
static bool check_bytes(struct ini *ini, const char *line, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)line[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
            fault(ini, "byte %zu is 0x%02x, which is no text; is this a configuration?", i + 1,
                  byte);
            return false;
        }
    }
    return true;
}

/* Where the comment of a line begins, or the line ends: whatever stands there is the user's own. */
static size_t find_comment(const char *line, size_t n)
{
    size_t i = strspn(line, " \t");
    if (i < n && (line[i] == ';' || line[i] == '#')) { return i; }
    for (i = 1; i < n; i++) {
        if (line[i] == ';' && isspace((unsigned char)line[i - 1])) { return i; }
    }
    return n;
}

/* Nothing that cannot be seen, but in comments; what a program has saved is taken as it is. */
static bool check_unseen(struct ini *ini, const char *line, size_t n)
{
    char why[EVO_SPELLING_MAX];
    bool unseen = !ini->reading->lenient &&
                  evo_spelling_find(line, find_comment(line, n), EVO_SPELLING_UNSEEN, why);
    if (unseen) { fault(ini, "%s", why); }
    return !unseen;
}

/* inih takes any section, and drops what stands behind its name. */
static bool check_section(struct ini *ini, const char *line)
{
    const char *close = strchr(line, ']');
    if (close == NULL) { return true; } // inih's own fault
    char name[256], clipped[EVO_CONFIG_CLIP_MAX];
    snprintf(name, sizeof name, "%.*s", (int)(close - line - 1), line + 1);
    ini->has_key = false;

    const char *behind = close + 1 + strspn(close + 1, " \t");
    if (*behind != '\0' && *behind != ';') {
        fault(ini, "'%s' stands behind [%s]; put it on a line of its own",
              evo_config_clip(clipped, behind), name);
        return false;
    }
    if (!ini->reading->lenient && !evo_config_table_has_section(ini->reading->config, name)) {
        struct evo_config_why why;
        evo_config_table_unknown_section(ini->reading->config, name, &why);
        fault(ini, "%s", why.text);
        return false;
    }
    return true;
}

/* The next line without its end (LF or CRLF). */
static const char *take_line(struct ini *ini, size_t *n)
{
    const char *line = ini->rest;
    const char *newline = memchr(line, '\n', (size_t)(ini->end - line));
    const char *end = newline != NULL ? newline : ini->end;
    ini->rest = newline != NULL ? newline + 1 : ini->end;
    *n = (size_t)(end - line);
    if (*n > 0 && line[*n - 1] == '\r') { (*n)--; }
    ini->line++;
    return line;
}

/* inih's ini_reader: one line into its buffer of `size` bytes; NULL ends the reading. */
static char *read_line(char *buffer, int size, void *stream)
{
    struct ini *ini = stream;
    if (ini->status != EVO_OK || ini->rest == ini->end) { return NULL; }
    size_t n, limit = (size_t)size - 1;
    const char *line = take_line(ini, &n);
    if (!check_bytes(ini, line, n)) { return NULL; }

    /* A comment may be cut; anything else must fit, or inih would take its tail for a line. */
    size_t n_blanks = 0;
    while (n_blanks < n && isspace((unsigned char)line[n_blanks])) { n_blanks++; }
    bool is_comment = n_blanks < n && (line[n_blanks] == ';' || line[n_blanks] == '#');
    if (n > limit && is_comment) { n = n_blanks = 0; }
    if (n > limit) {
        fault(ini,
              "the line has %zu bytes, more than the %zu that are read; a long value goes on in "
              "lines that begin with a blank",
              n, limit);
        return NULL;
    }
    memcpy(buffer, line, n);
    buffer[n] = '\0';
    if (!check_unseen(ini, buffer, n)) { return NULL; }
    ini->indented = n_blanks > 0;
    bool continues = ini->indented && ini->has_key;
    if (buffer[n_blanks] == '[' && !continues && !check_section(ini, buffer + n_blanks)) {
        return NULL;
    }
    return buffer;
}

/* ---- keys and values ---------------------------------------------------------------------- */

/* A further line of a value follows after one blank; or directly, where the line above ends
 * with a backslash and this one begins with one (a word too long for a line). */
static void continue_value(struct ini *ini, const char *text)
{
    if (ini->key == NULL) { return; }
    size_t n = strlen(text);

    /* inih 55 leaves the comment behind such a line where it is. */
    for (size_t i = 1; i < n; i++) {
        if (text[i] == ';' && isspace((unsigned char)text[i - 1])) { n = i; }
    }
    while (n > 0 && isspace((unsigned char)text[n - 1])) { n--; }

    if (ini->n_value > 0 && ini->value[ini->n_value - 1] == '\\' && text[0] == '\\') {
        ini->n_value--;
        text++;
        n--;
    } else if (ini->n_value > 0) {
        ini->value[ini->n_value++] = ' ';
    }
    memcpy(ini->value + ini->n_value, text, n);
    ini->n_value += n;
    ini->value[ini->n_value] = '\0';
    ini->continued = true;
}

/* The key of a name, or NULL: then with a fault, unless it is to be skipped. */
static const struct evo_key *find_key(struct ini *ini, const char *section, const char *name)
{
    const struct evo_config *config = ini->reading->config;
    struct evo_config_why why = {""};
    char clipped[EVO_CONFIG_CLIP_MAX];
    const struct evo_key *key = evo_config_table_find(config, section, name);
    if (key == NULL && name[0] == '\0') {
        fault(ini, "no key stands before the '='");
    } else if (key == NULL && section[0] == '\0') {
        bool near = evo_config_table_add_home(config, name, &why);
        if (!near) { evo_config_table_add_sections(config, &why); }
        fault(ini, "key '%s' stands before the first [section]%s", evo_config_clip(clipped, name),
              why.text);
    } else if (key == NULL && !ini->reading->lenient) {
        evo_config_table_unknown_key(config, section, name, &why);
        fault(ini, "%s", why.text);
    }
    return key;
}

/* inih's ini_handler: a name and its value, or the name above and a further line of its value. */
static int take_value(void *user, const char *section, const char *name, const char *text)
{
    struct ini *ini = user;
    if (ini->indented && ini->has_key) {
        continue_value(ini, text);
        return ini->status == EVO_OK;
    }
    finish_value(ini);
    ini->has_key = name[0] != '\0';
    ini->key = find_key(ini, section, name);
    if (ini->key == NULL) { return ini->status == EVO_OK; }

    const struct evo_config_place *place = evo_config_table_place(ini->reading->config, ini->key);
    if (place->source == EVO_CONFIG_FILE) {
        char clipped[EVO_CONFIG_CLIP_MAX];
        ini->key = NULL;
        fault(ini, "[%s] %s = %s: is set in line %zu already", section, name,
              evo_config_clip(clipped, text), place->line);
        return 0;
    }
    ini->key_line = ini->line;
    ini->continued = false;
    ini->n_value = strlen(text);
    memcpy(ini->value, text, ini->n_value + 1);
    return 1;
}

/* ---- the file ----------------------------------------------------------------------------- */

/* inih tells no more than the line of its own fault. */
static void name_syntax_fault(struct ini *ini, const char *text, size_t i_line)
{
    size_t n = 0;
    const char *line = text;
    ini->rest = text;
    ini->line = 0;
    while (ini->line < i_line) { line = take_line(ini, &n); }
    char copy[EVO_CONFIG_CLIP_MAX * 2], clipped[EVO_CONFIG_CLIP_MAX];
    while (n > 0 && isspace((unsigned char)*line)) {
        line++;
        n--;
    }
    snprintf(copy, sizeof copy, "%.*s", (int)n, line);
    ini->status = EVO_OK;
    if (copy[0] == '[') {
        fault(ini, "'%s' has no closing ]", evo_config_clip(clipped, copy));
    } else {
        struct evo_config_why why = {""};
        evo_config_why_add_spelling(&why, copy, EVO_SPELLING_ASCII);
        fault(ini, "'%s' has no '='; a line is key = value, [section], or a comment%s",
              evo_config_clip(clipped, copy), why.text);
    }
}

enum evo_status evo_config_ini_read(const struct evo_config_reading *reading, const char *text,
                                    size_t n)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    size_t n_mark = n >= 3 && memcmp(text, byte_order_mark, 3) == 0 ? 3 : 0;
    struct ini ini = {.reading = reading,
                      .label = reading->config->ring->label,
                      .rest = text + n_mark,
                      .end = text + n};
    EVO_TRY(evo_alloc(n + 2, 1, "configuration", &ini.value));
    int line = ini_parse_stream(read_line, &ini, take_value, &ini);
    finish_value(&ini);
    if (line < 0) {
        ini.status = evo_status_fail(EVO_ERR_MEMORY, "%s: no memory to read it", ini.label);
    } else if (line > 0 && (ini.status == EVO_OK || (size_t)line < ini.fault_line)) {
        name_syntax_fault(&ini, text + n_mark, (size_t)line);
    }
    free(ini.value);
    return ini.status;
}
