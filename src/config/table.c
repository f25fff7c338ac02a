/* SPDX-License-Identifier: MIT */
/* The one table of keys, made from config.def: keys by name, and the nearest to a wrong name. */
#include "config_room.h"

#include <math.h>
#include <string.h>

static const struct evo_key table[] = {
#define EVO_KEY(section_, name_, type_, change_, initial_, min_, max_, choices_, unit_, doc_)      \
    {.section = #section_,                                                                         \
     .name = #name_,                                                                               \
     .type = EVO_KEY_##type_,                                                                      \
     .change = EVO_KEY_##change_,                                                                  \
     .initial = (initial_),                                                                        \
     .min = (min_),                                                                                \
     .max = (max_),                                                                                \
     .choices = (choices_),                                                                        \
     .unit = (unit_),                                                                              \
     .doc = (doc_),                                                                                \
     .offset = offsetof(struct evo_config, section_##_##name_)},
#include "config.def"
#undef EVO_KEY
};
enum { N_KEYS = sizeof table / sizeof table[0] };

const struct evo_key *evo_config_keys(size_t *n)
{
    *n = N_KEYS;
    return table;
}

size_t evo_config_table_index(const struct evo_key *key) { return (size_t)(key - table); }

void *evo_config_table_field(const struct evo_config *config, const struct evo_key *key)
{
    return (char *)config + key->offset;
}

const struct evo_key *evo_config_table_find(const char *section, const char *name)
{
    for (size_t i = 0; i < N_KEYS; i++) {
        if (strcmp(table[i].name, name) == 0 && strcmp(table[i].section, section) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

const struct evo_key *evo_config_table_find_path(const char *key)
{
    const char *dot = strchr(key, '.');
    if (dot == NULL) { return NULL; }
    for (size_t i = 0; i < N_KEYS; i++) {
        size_t n = strlen(table[i].section);
        if ((size_t)(dot - key) == n && strncmp(table[i].section, key, n) == 0 &&
            strcmp(table[i].name, dot + 1) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

/* Whether a section's first key stands here: the table keeps a section's keys together. */
static bool begins_section(size_t i)
{
    return i == 0 || strcmp(table[i].section, table[i - 1].section) != 0;
}

static size_t list_sections(const char *names[N_KEYS])
{
    size_t n = 0;
    for (size_t i = 0; i < N_KEYS; i++) {
        if (begins_section(i)) { names[n++] = table[i].section; }
    }
    return n;
}

/* The names of a section's keys, or of all keys where `section` is NULL. */
static size_t list_keys(const char *section, const char *names[N_KEYS])
{
    size_t n = 0;
    for (size_t i = 0; i < N_KEYS; i++) {
        if (section == NULL || strcmp(table[i].section, section) == 0) {
            names[n++] = table[i].name;
        }
    }
    return n;
}

bool evo_config_table_has_section(const char *section)
{
    const char *names[N_KEYS];
    return list_keys(section, names) > 0;
}

void evo_config_table_add_sections(struct evo_config_why *why)
{
    const char *names[N_KEYS];
    size_t n = list_sections(names);
    for (size_t i = 0; i < n; i++) {
        evo_config_why_add(why, "%s [%s]", i > 0 ? "" : "; there are", names[i]);
    }
}

void evo_config_table_unknown_section(const char *section, struct evo_config_why *why)
{
    const char *names[N_KEYS];
    char clipped[EVO_CONFIG_CLIP_MAX];
    const char *nearest = evo_text_nearest(section, names, list_sections(names));
    evo_config_why_set(why, "unknown section [%s]", evo_config_clip(clipped, section));
    evo_config_why_add_spelling(why, section, EVO_SPELLING_ASCII);
    if (nearest != NULL) {
        evo_config_why_add(why, "; did you mean [%s]?", nearest);
    } else {
        evo_config_table_add_sections(why);
    }
}

/* "; 'size' belongs to [population]"; false where no section has such a key. */
static bool add_owners(const char *name, struct evo_config_why *why)
{
    bool found = false;
    for (size_t i = 0; i < N_KEYS; i++) {
        if (strcmp(table[i].name, name) != 0) { continue; }
        if (!found) { evo_config_why_add(why, "; '%s' belongs to", name); }
        evo_config_why_add(why, "%s [%s]", found ? " or" : "", table[i].section);
        found = true;
    }
    return found;
}

bool evo_config_table_add_home(const char *name, struct evo_config_why *why)
{
    const char *names[N_KEYS];
    if (add_owners(name, why)) { return true; }
    const char *nearest = evo_text_nearest(name, names, list_keys(NULL, names));
    for (size_t i = 0; i < N_KEYS && nearest != NULL; i++) {
        if (table[i].name != nearest) { continue; }
        evo_config_why_add(why, "; did you mean '%s' of [%s]?", nearest, table[i].section);
        return true;
    }
    return false;
}

void evo_config_table_unknown_key(const char *section, const char *name, struct evo_config_why *why)
{
    const char *names[N_KEYS];
    size_t n = list_keys(section, names);
    char clipped[EVO_CONFIG_CLIP_MAX];
    evo_config_why_set(why, "unknown key '%s' in [%s]", evo_config_clip(clipped, name), section);
    evo_config_why_add_spelling(why, name, EVO_SPELLING_ASCII);

    /* The very key elsewhere is a better guess than a like one here. */
    if (add_owners(name, why)) { return; }
    const char *nearest = evo_text_nearest(name, names, n);
    if (nearest != NULL) {
        evo_config_why_add(why, "; did you mean '%s'?", nearest);
        return;
    }
    if (evo_config_table_add_home(name, why)) { return; }
    for (size_t i = 0; i < n; i++) {
        if (i == 0) { evo_config_why_add(why, "; [%s] has", section); }
        evo_config_why_add(why, "%s %s", i > 0 ? "," : "", names[i]);
    }
}
