/* SPDX-License-Identifier: MIT */
/* The configuration as text: INI that reads back to the same, hash, differences, reference. */
#include "config_parts.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *value_of(const struct evo_config *config, const struct evo_key *key,
                            char buffer[EVO_CONFIG_VALUE_MAX])
{
    return evo_config_value_text(key, evo_config_table_field(config, key), buffer);
}

const char *evo_config_text(const struct evo_config *config, const struct evo_key *key,
                            char buffer[EVO_CONFIG_VALUE_MAX])
{
    return value_of(config, key, buffer);
}

const char *evo_config_word(const struct evo_config *config, const char *key)
{
    static _Thread_local char word[EVO_CONFIG_VALUE_MAX];
    const struct evo_key *found = evo_config_table_find_path(config, key);
    assert(found != NULL && found->type == EVO_KEY_CHOICE);
    return value_of(config, found, word);
}

/* ---- INI ---------------------------------------------------------------------------------- */

enum {
    WIDTH_GOOD = 96, ///< a line that a person likes to read
    WIDTH_MAX = 180, ///< what any build of inih reads, with some to spare
    WIDTH_INDENT = 4,
};

/* The last blank before `good`, else the first before `max`, that alone makes the join when the
 * lines are read; 0 where there is none. */
static size_t find_break(const char *text, size_t good, size_t max)
{
    size_t at = 0;
    for (size_t i = 1; i < max && (i < good || at == 0); i++) {
        if (text[i] != ' ' || strchr(" \t\\", text[i - 1]) != NULL) { continue; }
        if (text[i + 1] != ' ' && text[i + 1] != '\t') { at = i; }
    }
    return at;
}

/* Long text goes on in further lines, broken at blanks; a word that is too long for any line is
 * broken with a backslash on both sides. */
static void print_text(FILE *out, size_t column, const char *text)
{
    size_t n = strlen(text);
    while (column + n > WIDTH_GOOD) {
        size_t room = WIDTH_MAX - column, max = n < room ? n : room;
        size_t at = find_break(text, WIDTH_GOOD - column, max);
        if (at == 0 && n <= room) { break; }
        size_t end = at > 0 ? at : room, skip = at > 0 ? 1 : 0;
        const char *join = at > 0 ? "" : "\\";
        fprintf(out, "%.*s%s\n%*s%s", (int)end, text, join, WIDTH_INDENT, "", join);
        text += end + skip;
        n -= end + skip;
        column = WIDTH_INDENT + strlen(join);
    }
    fputs(text, out);
}

static void print_comment(FILE *out, const struct evo_key *key)
{
    struct evo_config_why allowed = {""};
    bool any = evo_config_value_add_allowed(key, NULL, &allowed);
    fprintf(out, "\n# %s (%s%sdefault %s%s)\n", key->doc, allowed.text, any ? "; " : "",
            key->initial, key->change == EVO_KEY_FREE ? "; may change at resume" : "");
}

static void print_keys(FILE *out, const struct evo_config *config, bool comments, bool fixed_only)
{
    size_t n;
    const struct evo_key *keys = evo_config_keys(config, &n);
    const char *section = "";
    char buffer[EVO_CONFIG_VALUE_MAX];
    for (size_t i = 0; i < n; i++) {
        if (fixed_only && keys[i].change != EVO_KEY_FIXED) { continue; }
        if (strcmp(section, keys[i].section) != 0) {
            fprintf(out, "%s[%s]\n", section[0] != '\0' ? "\n" : "", keys[i].section);
            section = keys[i].section;
        }
        if (comments) { print_comment(out, &keys[i]); }
        int column = fprintf(out, "%s = ", keys[i].name);
        print_text(out, column > 0 ? (size_t)column : 0, value_of(config, &keys[i], buffer));
        fputc('\n', out);
    }
}

enum evo_status evo_config_print(const struct evo_config *config, bool comments, bool fixed_only,
                                 char **out)
{
    char *text = NULL;
    size_t n = 0;
    FILE *stream = open_memstream(&text, &n);
    EVO_CHECK(stream != NULL, EVO_ERR_MEMORY, "configuration: no memory for its text: %s",
              strerror(errno));
    print_keys(stream, config, comments, fixed_only);
    bool failed = ferror(stream) != 0;
    failed = fclose(stream) != 0 || failed;
    if (failed) {
        free(text);
        return evo_status_fail(EVO_ERR_MEMORY, "configuration: no memory for its text");
    }
    *out = text;
    return EVO_OK;
}

enum evo_status evo_config_print_value(const struct evo_config *config, const char *key, FILE *out)
{
    const struct evo_key *found = evo_config_table_find_path(config, key);
    if (found == NULL) {
        char clipped[EVO_CONFIG_CLIP_MAX];
        struct evo_config_why why = {""};
        const char *dot = strchr(key, '.');
        char section[EVO_CONFIG_CLIP_MAX] = "";
        if (dot != NULL) { snprintf(section, sizeof section, "%.*s", (int)(dot - key), key); }
        evo_config_table_unknown_path(config, dot != NULL ? section : NULL, dot != NULL ? dot + 1 : key,
                                      "section.key", &why);
        return evo_status_fail(EVO_ERR_USAGE, "--print=%s: %s", evo_config_clip(clipped, key),
                               why.text);
    }
    char buffer[EVO_CONFIG_VALUE_MAX];
    fprintf(out, "%s\n", value_of(config, found, buffer));
    return EVO_OK;
}

/* ---- comparing ---------------------------------------------------------------------------- */

uint64_t evo_config_hash(const struct evo_config *config)
{
    /* Line by line, each with the hash so far: no memory is needed, so nothing can fail. */
    uint64_t hash = 0;
    size_t n;
    const struct evo_key *keys = evo_config_keys(config, &n);
    char buffer[EVO_CONFIG_VALUE_MAX], line[256];
    for (size_t i = 0; i < n; i++) {
        if (keys[i].change != EVO_KEY_FIXED) { continue; }
        const char *value = value_of(config, &keys[i], buffer);
        uint64_t value_hash = evo_text_hash(value, strlen(value));
        int length =
            snprintf(line, sizeof line, "%016llx %s.%s=%016llx\n", (unsigned long long)hash,
                     keys[i].section, keys[i].name, (unsigned long long)value_hash);
        hash = evo_text_hash(line, (size_t)length);
    }
    return hash;
}

size_t evo_config_differences(const struct evo_config *a, const struct evo_config *b,
                              void (*seen)(void *context, const struct evo_key *key,
                                           const char *value_a, const char *value_b),
                              void *context)
{
    size_t n, n_different = 0;
    const struct evo_key *keys = evo_config_keys(a, &n);
    char buffer_a[EVO_CONFIG_VALUE_MAX], buffer_b[EVO_CONFIG_VALUE_MAX];
    for (size_t i = 0; i < n; i++) {
        const char *value_a = value_of(a, &keys[i], buffer_a);
        const char *value_b = evo_config_value_text(&keys[i], b->ring->fields[i], buffer_b);
        if (strcmp(value_a, value_b) == 0) { continue; }
        seen(context, &keys[i], value_a, value_b);
        n_different++;
    }
    return n_different;
}

/* ---- the reference ------------------------------------------------------------------------ */

void evo_config_print_reference(const struct evo_config *config, FILE *out)
{
    size_t n;
    const struct evo_key *keys = evo_config_keys(config, &n);
    const char *section = "";
    for (size_t i = 0; i < n; i++) {
        if (strcmp(section, keys[i].section) != 0) {
            fprintf(out,
                    "%s### [%s]\n\n| key | default | allowed | at resume | meaning |\n"
                    "|---|---|---|---|---|\n",
                    section[0] != '\0' ? "\n" : "", keys[i].section);
            section = keys[i].section;
        }
        struct evo_config_why allowed = {""};
        evo_config_value_add_allowed(&keys[i], NULL, &allowed);
        fprintf(out, "| `%s` | `%s` | %s | %s | %s |\n", keys[i].name, keys[i].initial,
                allowed.text, keys[i].change == EVO_KEY_FREE ? "may change" : "the same",
                keys[i].doc);
    }
}
