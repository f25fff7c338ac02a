/* SPDX-License-Identifier: MIT */
/* The configuration made from a file, overrides and defaults, and the one form of its messages. */
#include "config_parts.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- messages ----------------------------------------------------------------------------- */

/* "x.ini:12: [population] size = 3: is below 4 ...", or the same for an override or a default. */
static enum evo_status refuse(const struct evo_config *config, const struct evo_key *key,
                              struct evo_config_place place, enum evo_status status,
                              const char *value, const char *reason)
{
    const char *section = key->section, *name = key->name;
    char clipped[EVO_CONFIG_CLIP_MAX];
    const char *shown = evo_config_clip(clipped, value);
    switch (place.source) {
    case EVO_CONFIG_OVERRIDE:
        return evo_status_fail(status, "--set %s.%s=%s: %s", section, name, shown, reason);
    case EVO_CONFIG_FILE:
        return evo_status_fail(status, "%s:%zu: [%s] %s%s%s: %s", config->ring->label, place.line, section, name, shown[0] != '\0' ? " = " : "", shown,
                               reason);
    case EVO_CONFIG_INCLUDED:
        return evo_status_fail(status, "[%s] %s = %s (of %s.file): %s", section, name, shown,
                               section, reason);
    case EVO_CONFIG_DEFAULT:
        return evo_status_fail(status, "[%s] %s = %s (default): %s", section, name, shown, reason);
    }
    return EVO_ERR_INTERNAL;
}

enum evo_status evo_config_refuse(const struct evo_config *config, const char *key,
                                  const char *reason, ...)
{
    const struct evo_key *found = evo_config_table_find_path(config, key);
    assert(found != NULL);
    char text[EVO_MESSAGE_MAX], buffer[EVO_CONFIG_VALUE_MAX];
    va_list arguments;
    va_start(arguments, reason);
    vsnprintf(text, sizeof text, reason, arguments);
    va_end(arguments);
    const char *value = evo_config_value_text(found, evo_config_table_field(config, found), buffer);
    return refuse(config, found, *evo_config_table_place(config, found), EVO_ERR_CONFIG, value, text);
}

/* ---- keys without an effect ---------------------------------------------------------------- */

static bool is_given(const struct evo_config *config, const struct evo_key *key)
{
    return evo_config_table_place(config, key)->source != EVO_CONFIG_DEFAULT;
}

static bool is_default(const struct evo_config *config, const struct evo_key *key)
{
    double initial = 0.0, value = 0.0;
    char buffer[EVO_CONFIG_VALUE_MAX];
    const char *text = evo_config_value_text(key, evo_config_table_field(config, key), buffer);
    if (strcmp(text, key->initial) == 0) { return true; }
    /* 1e4 and 10000 */
    return evo_text_to_number(key->initial, &initial) && evo_text_to_number(text, &value) &&
           initial == value;
}

bool evo_config_is_changed(const struct evo_config *config, const struct evo_key *key)
{
    return is_given(config, key) && !is_default(config, key);
}

enum evo_status evo_config_check_unused(const struct evo_config *config,
                                        const struct evo_config_unused *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct evo_key *key = evo_config_table_find_path(config, rows[i].key);
        assert(key != NULL);
        if (!rows[i].unused || !evo_config_is_changed(config, key)) { continue; }
        const struct evo_key *off_by =
            rows[i].off_by != NULL ? evo_config_table_find_path(config, rows[i].off_by) : NULL;
        if (off_by != NULL && is_given(config, off_by)) { continue; }
        return evo_config_refuse(config, rows[i].key, "has no effect: %s; leave it out",
                                 rows[i].because);
    }
    return EVO_OK;
}

/* ---- values into their fields ------------------------------------------------------------- */

/* The names that a NAME key may have; NULL where nobody gave any. */
static const struct evo_config_names *names_of(const struct evo_config_reading *reading,
                                               const struct evo_key *key)
{
    const struct evo_config_scope *scope = reading->scope;
    for (size_t i = 0; scope != NULL && i < scope->n_names && key->type == EVO_KEY_NAME; i++) {
        const struct evo_config_names *names = &scope->names[i];
        if (evo_config_table_find_path(reading->config, names->key) == key) { return names; }
    }
    return NULL;
}

/* What a person has written must be what it looks like; what a program has saved is taken as it is. */
static enum evo_status check_spelling(const struct evo_config_reading *reading,
                                      const struct evo_key *key, const char *text,
                                      struct evo_config_why *why)
{
    char spelling[EVO_SPELLING_MAX];
    if (reading->lenient) { return EVO_OK; }
    bool unseen = evo_spelling_find(text, strlen(text), EVO_SPELLING_UNSEEN, spelling);
    bool quoted = key->type == EVO_KEY_TEXT && evo_spelling_quoted(text);
    if (unseen) {
        evo_config_why_set(why, "%s", spelling);
    } else if (quoted) {
        evo_config_why_set(why, "quotes would be part of the value; leave them out");
        evo_config_why_add_spelling(why, text, EVO_SPELLING_ASCII);
    }
    return unseen || quoted ? EVO_ERR_CONFIG : EVO_OK;
}

enum evo_status evo_config_assign(const struct evo_config_reading *reading,
                                  const struct evo_key *key, struct evo_config_place place,
                                  const char *text, const char *hint)
{
    struct evo_config *config = reading->config;
    struct evo_config_why why = {""};
    enum evo_status status = check_spelling(reading, key, text, &why);
    if (status == EVO_OK) {
        status = evo_config_value_read(key, names_of(reading, key), text,
                                       evo_config_table_field(config, key), &why);
    }
    if (status == EVO_OK) { *evo_config_table_place(config, key) = place; }
    if (status != EVO_ERR_CONFIG) { return status; }
    if (hint != NULL) { evo_config_why_add(&why, "; %s", hint); }
    status = place.source == EVO_CONFIG_OVERRIDE ? EVO_ERR_USAGE : EVO_ERR_CONFIG;
    return refuse(config, key, place, status, text, why.text);
}

/* What the file and the overrides leave open. */
static enum evo_status assign_defaults(const struct evo_config_reading *reading)
{
    size_t n;
    const struct evo_key *keys = evo_config_keys(reading->config, &n);
    for (size_t i = 0; i < n; i++) {
        struct evo_config_place place = reading->config->ring->places[i];
        if (place.source != EVO_CONFIG_DEFAULT) { continue; }
        EVO_TRY(evo_config_assign(reading, &keys[i], place, keys[i].initial, NULL));
    }
    return EVO_OK;
}

/* ---- overrides ---------------------------------------------------------------------------- */

char *evo_config_trim(char *text)
{
    while (isspace((unsigned char)*text)) { text++; }
    size_t n = strlen(text);
    while (n > 0 && isspace((unsigned char)text[n - 1])) { n--; }
    text[n] = '\0';
    return text;
}

/* One "section.key=value"; `copy` is the same, to be taken apart. */
static enum evo_status apply_override(const struct evo_config_reading *reading, const char *set,
                                      char *copy)
{
    struct evo_config_why why = {""};
    char clipped[EVO_CONFIG_CLIP_MAX];
    char *value = copy, *name = strsep(&value, "=");
    char *section = strchr(name, '.') != NULL ? strsep(&name, ".") : NULL;
    EVO_CHECK(value != NULL && copy[0] != '\0', EVO_ERR_USAGE,
              "--set %s: wants the form section.key=value", evo_config_clip(clipped, set));
    section = section != NULL ? evo_config_trim(section) : NULL;
    name = evo_config_trim(name);
    const struct evo_key *key = NULL;
    if (section != NULL) { key = evo_config_table_find(reading->config, section, name); }
    if (key == NULL) {
        evo_config_table_unknown_path(reading->config, section, name, "section.key=value", &why);
        return evo_status_fail(EVO_ERR_USAGE, "--set %s: %s", evo_config_clip(clipped, set),
                               why.text);
    }
    struct evo_config_place place = {.source = EVO_CONFIG_OVERRIDE};
    return evo_config_assign(reading, key, place, evo_config_trim(value), NULL);
}

static enum evo_status apply_overrides(const struct evo_config_reading *reading,
                                       const char *const *sets, size_t n_sets)
{
    for (size_t i = 0; i < n_sets; i++) {
        char *copy = NULL;
        EVO_TRY(evo_text_format(&copy, "%s", sets[i]));
        enum evo_status status = apply_override(reading, sets[i], copy);
        free(copy);
        EVO_TRY(status);
    }
    return EVO_OK;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static enum evo_status create(const char *label, const struct evo_config_scope *scope,
                              struct evo_config **out)
{
    enum evo_status status = EVO_OK;
    struct evo_config *config = NULL;
    EVO_TRY(evo_alloc(1, sizeof *config, "configuration", &config));
    EVO_GOTO(evo_config_table_create(config, label, scope));
    *out = config;
    config = NULL;
done:
    evo_config_destroy(config);
    return status;
}

void evo_config_destroy(struct evo_config *config)
{
    if (config == NULL) { return; }
    evo_config_table_destroy(config);
    free(config);
}

enum evo_status evo_config_parse(const char *label, const char *text, size_t n, bool lenient,
                                 const char *const *sets, size_t n_sets,
                                 const struct evo_config_scope *scope, struct evo_config **out)
{
    enum evo_status status = EVO_OK;
    struct evo_config *config = NULL;
    EVO_TRY(create(label, scope, &config));
    struct evo_config_reading reading = {config, scope, lenient};
    EVO_GOTO(evo_config_ini_read(&reading, text, n));
    EVO_GOTO(apply_overrides(&reading, sets, n_sets));
    EVO_GOTO(assign_defaults(&reading));
    *out = config;
    config = NULL;
done:
    evo_config_destroy(config);
    return status;
}

bool evo_config_key_reads(void *context, const struct evo_key *key, const char *text, char *why,
                          size_t size)
{
    (void)context;
    union {
        int64_t whole;
        double real;
        bool yes;
        int choice;
        char *words;
    } value = {0};
    struct evo_config_why reason = {""};
    bool reads = evo_config_value_read(key, NULL, text, &value, &reason) == EVO_OK;
    if (reads && (key->type == EVO_KEY_TEXT || key->type == EVO_KEY_NAME)) { free(value.words); }
    snprintf(why, size, "%s", reason.text);
    return reads;
}

/* ---- values from other files ---------------------------------------------------------------- */

enum evo_status evo_config_parse_like(const struct evo_config *config, const char *label,
                                      const char *text, size_t n, struct evo_config **out)
{
    return evo_config_parse(label, text, n, false, NULL, 0, config->ring->scope, out);
}

const struct evo_key *evo_config_find(const struct evo_config *config, const char *path)
{
    return evo_config_table_find_path(config, path);
}

bool evo_config_is_set(const struct evo_config *config, const struct evo_key *key)
{
    return evo_config_table_place(config, key)->source != EVO_CONFIG_DEFAULT;
}

enum evo_status evo_config_set(struct evo_config *config, const char *path, const char *text)
{
    const struct evo_config_reading reading = {config, config->ring->scope, false};
    const struct evo_key *key = evo_config_table_find_path(config, path);
    assert(key != NULL);
    return evo_config_assign(&reading, key, (struct evo_config_place){EVO_CONFIG_INCLUDED, 0}, text,
                             NULL);
}

enum evo_status evo_config_include(struct evo_config *config, const struct evo_config *from,
                                   const struct evo_key *key)
{
    char path[2 * EVO_CONFIG_CLIP_MAX], buffer[EVO_CONFIG_VALUE_MAX];
    snprintf(path, sizeof path, "%s.%s", key->section, key->name);
    const struct evo_key *here = evo_config_table_find_path(config, path);
    if (here == NULL || evo_config_is_set(config, here)) { return EVO_OK; }
    return evo_config_set(config, path,
                          evo_config_value_text(key, evo_config_table_field(from, key), buffer));
}

enum evo_status evo_config_read(const char *path, const char *const *sets, size_t n_sets,
                                const struct evo_config_scope *scope, struct evo_config **out)
{
    char *text = NULL;
    size_t n = 0;
    enum evo_status status = evo_file_read(path, EVO_CONFIG_FILE_MAX, &text, &n);
    if (status == EVO_ERR_IO) {
        /* What cannot be read is the user's to mend, like any other fault of a configuration. */
        return evo_status_fail(EVO_ERR_CONFIG, "%s", evo_status_message());
    }
    EVO_TRY(status);
    struct evo_config *config = NULL;
    EVO_GOTO(evo_config_parse(path, text, n, false, sets, n_sets, scope, &config));
    if (scope != NULL && scope->include != NULL) { EVO_GOTO(scope->include(config)); }
    *out = config;
    config = NULL;
done:
    evo_config_destroy(config);
    free(text);
    return status;
}
