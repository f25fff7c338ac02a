/* SPDX-License-Identifier: MIT */
/* All keys of a configuration: by name, and the nearest to a wrong name. */
#include "config_parts.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The keys of struct evo_config itself. */
static const struct evo_key common[] = {
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
enum { N_COMMON = sizeof common / sizeof common[0] };

/* ---- the ring ----------------------------------------------------------------------------- */

static void add_keys(struct evo_config_ring *ring, const struct evo_key *keys, size_t n, void *values)
{
    for (size_t i = 0; i < n; i++) {
        ring->keys[ring->n_keys] = keys[i];
        ring->fields[ring->n_keys++] = (char *)values + keys[i].offset;
    }
}

static enum evo_status add_blocks(struct evo_config_ring *ring, const struct evo_config_scope *scope)
{
    for (size_t i = 0; i < scope->n_tables; i++) {
        struct evo_config_block *block = &ring->blocks[i];
        block->table = scope->tables[i];
        EVO_TRY(evo_alloc(1, block->table->bytes, "configuration", &block->values));
        ring->n_blocks++;
        add_keys(ring, block->table->keys, block->table->n_keys, block->values);
    }
    return EVO_OK;
}

/* A NAME key whose default is "first" has the first of its names. */
static void set_first_names(struct evo_config_ring *ring, const struct evo_config_scope *scope)
{
    for (size_t i = 0; i < ring->n_keys; i++) {
        struct evo_key *key = &ring->keys[i];
        for (size_t j = 0; j < scope->n_names && strcmp(key->initial, "first") == 0; j++) {
            size_t n = strlen(key->section);
            const char *path = scope->names[j].key;
            bool same = strncmp(path, key->section, n) == 0 && path[n] == '.' && strcmp(path + n + 1, key->name) == 0;
            if (same && scope->names[j].n_names > 0) { key->initial = scope->names[j].names[0]; }
        }
    }
}

enum evo_status evo_config_table_create(struct evo_config *config, const char *label,
                                        const struct evo_config_scope *scope)
{
    static const struct evo_config_scope none;
    const char *what = "configuration";
    struct evo_config_ring *ring = NULL;
    size_t n = N_COMMON;
    scope = scope != NULL ? scope : &none;
    for (size_t i = 0; i < scope->n_tables; i++) { n += scope->tables[i]->n_keys; }
    EVO_TRY(evo_alloc(1, sizeof *ring, what, &ring));
    config->ring = ring;
    ring->scope = scope;
    EVO_TRY(evo_text_format(&ring->label, "%s", label));
    EVO_TRY(evo_alloc(scope->n_tables, sizeof *ring->blocks, what, &ring->blocks));
    EVO_TRY(evo_alloc(n, sizeof *ring->keys, what, &ring->keys));
    EVO_TRY(evo_alloc(n, sizeof *ring->fields, what, &ring->fields));
    EVO_TRY(evo_alloc(n, sizeof *ring->places, what, &ring->places));
    EVO_TRY(evo_alloc(n, sizeof *ring->names, what, &ring->names));
    add_keys(ring, common, N_COMMON, config);
    EVO_TRY(add_blocks(ring, scope));
    set_first_names(ring, scope);
    return EVO_OK;
}

void evo_config_table_destroy(struct evo_config *config)
{
    struct evo_config_ring *ring = config->ring;
    if (ring == NULL) { return; }
    for (size_t i = 0; i < ring->n_keys; i++) {
        enum evo_key_type type = ring->keys[i].type;
        if (type == EVO_KEY_TEXT || type == EVO_KEY_NAME) { free(*(char **)ring->fields[i]); }
    }
    for (size_t i = 0; i < ring->n_blocks; i++) { free(ring->blocks[i].values); }
    free(ring->blocks);
    free(ring->keys);
    free(ring->fields);
    free(ring->places);
    free(ring->names);
    free(ring->label);
    free(ring);
}

const struct evo_key *evo_config_keys(const struct evo_config *config, size_t *n)
{
    *n = config->ring->n_keys;
    return config->ring->keys;
}

const void *evo_config_values(const struct evo_config *config, const struct evo_key_table *table)
{
    const struct evo_config_ring *ring = config->ring;
    for (size_t i = 0; i < ring->n_blocks; i++) {
        if (ring->blocks[i].table == table) { return ring->blocks[i].values; }
    }
    assert(!"the table was not in the scope");
    return NULL;
}

/* ---- by key, by name ------------------------------------------------------------------------ */

void *evo_config_table_field(const struct evo_config *config, const struct evo_key *key)
{
    return config->ring->fields[key - config->ring->keys];
}

struct evo_config_place *evo_config_table_place(const struct evo_config *config,
                                                const struct evo_key *key)
{
    return &config->ring->places[key - config->ring->keys];
}

const struct evo_key *evo_config_table_find(const struct evo_config *config, const char *section,
                                            const char *name)
{
    const struct evo_config_ring *ring = config->ring;
    for (size_t i = 0; i < ring->n_keys; i++) {
        const struct evo_key *key = &ring->keys[i];
        if (strcmp(key->name, name) == 0 && strcmp(key->section, section) == 0) { return key; }
    }
    return NULL;
}

const struct evo_key *evo_config_table_find_path(const struct evo_config *config, const char *path)
{
    const struct evo_config_ring *ring = config->ring;
    const char *dot = strchr(path, '.');
    if (dot == NULL) { return NULL; }
    for (size_t i = 0; i < ring->n_keys; i++) {
        const struct evo_key *key = &ring->keys[i];
        size_t n = strlen(key->section);
        if ((size_t)(dot - path) == n && strncmp(key->section, path, n) == 0 &&
            strcmp(key->name, dot + 1) == 0) {
            return key;
        }
    }
    return NULL;
}

/* Whether a section's first key stands here: a table keeps a section's keys together. */
static bool begins_section(const struct evo_config_ring *ring, size_t i)
{
    return i == 0 || strcmp(ring->keys[i].section, ring->keys[i - 1].section) != 0;
}

/* The names of all sections into ring->names. */
static size_t list_sections(struct evo_config_ring *ring)
{
    size_t n = 0;
    for (size_t i = 0; i < ring->n_keys; i++) {
        if (begins_section(ring, i)) { ring->names[n++] = ring->keys[i].section; }
    }
    return n;
}

/* The names of a section's keys, or of all keys where `section` is NULL, into ring->names. */
static size_t list_keys(struct evo_config_ring *ring, const char *section)
{
    size_t n = 0;
    for (size_t i = 0; i < ring->n_keys; i++) {
        if (section == NULL || strcmp(ring->keys[i].section, section) == 0) {
            ring->names[n++] = ring->keys[i].name;
        }
    }
    return n;
}

bool evo_config_table_has_section(const struct evo_config *config, const char *section)
{
    return list_keys(config->ring, section) > 0;
}

void evo_config_table_add_sections(const struct evo_config *config, struct evo_config_why *why)
{
    size_t n = list_sections(config->ring);
    for (size_t i = 0; i < n; i++) {
        evo_config_why_add(why, "%s [%s]", i > 0 ? "" : "; there are", config->ring->names[i]);
    }
}

void evo_config_table_unknown_section(const struct evo_config *config, const char *section,
                                      struct evo_config_why *why)
{
    char clipped[EVO_CONFIG_CLIP_MAX];
    size_t n = list_sections(config->ring);
    const char *nearest = evo_text_nearest(section, config->ring->names, n);
    evo_config_why_set(why, "unknown section [%s]", evo_config_clip(clipped, section));
    evo_config_why_add_spelling(why, section, EVO_SPELLING_ASCII);
    if (nearest != NULL) {
        evo_config_why_add(why, "; did you mean [%s]?", nearest);
    } else {
        evo_config_table_add_sections(config, why);
    }
}

/* "; 'size' belongs to [population]"; false where no section has such a key. */
static bool add_owners(const struct evo_config_ring *ring, const char *name,
                       struct evo_config_why *why)
{
    bool found = false;
    for (size_t i = 0; i < ring->n_keys; i++) {
        if (strcmp(ring->keys[i].name, name) != 0) { continue; }
        if (!found) { evo_config_why_add(why, "; '%s' belongs to", name); }
        evo_config_why_add(why, "%s [%s]", found ? " or" : "", ring->keys[i].section);
        found = true;
    }
    return found;
}

bool evo_config_table_add_home(const struct evo_config *config, const char *name,
                               struct evo_config_why *why)
{
    struct evo_config_ring *ring = config->ring;
    if (add_owners(ring, name, why)) { return true; }
    size_t n = list_keys(ring, NULL);
    const char *nearest = evo_text_nearest(name, ring->names, n);
    for (size_t i = 0; i < n && nearest != NULL; i++) {
        if (ring->keys[i].name != nearest) { continue; }
        evo_config_why_add(why, "; did you mean '%s' of [%s]?", nearest, ring->keys[i].section);
        return true;
    }
    return false;
}

void evo_config_table_unknown_key(const struct evo_config *config, const char *section,
                                  const char *name, struct evo_config_why *why)
{
    struct evo_config_ring *ring = config->ring;
    char clipped[EVO_CONFIG_CLIP_MAX];
    evo_config_why_set(why, "unknown key '%s' in [%s]", evo_config_clip(clipped, name), section);
    evo_config_why_add_spelling(why, name, EVO_SPELLING_ASCII);

    /* The very key elsewhere is a better guess than a like one here. */
    if (add_owners(ring, name, why)) { return; }
    const char *nearest = evo_text_nearest(name, ring->names, list_keys(ring, section));
    if (nearest != NULL) {
        evo_config_why_add(why, "; did you mean '%s'?", nearest);
        return;
    }
    if (evo_config_table_add_home(config, name, why)) { return; }
    size_t n = list_keys(ring, section);
    for (size_t i = 0; i < n; i++) {
        if (i == 0) { evo_config_why_add(why, "; [%s] has", section); }
        evo_config_why_add(why, "%s %s", i > 0 ? "," : "", ring->names[i]);
    }
}

void evo_config_table_unknown_path(const struct evo_config *config, const char *section,
                                   const char *name, const char *form, struct evo_config_why *why)
{
    if (section == NULL) {
        evo_config_why_set(why, "wants the form %s", form);
        evo_config_table_add_home(config, name, why);
    } else if (!evo_config_table_has_section(config, section)) {
        evo_config_table_unknown_section(config, section, why);
    } else {
        evo_config_table_unknown_key(config, section, name, why);
    }
}
