/* SPDX-License-Identifier: MIT */
/* What a configuration may hold here: the keys and names of all tasks and searches. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_TABLES = 64 };

/* Tasks may share a table: each comes once. */
static size_t add_table(const struct evo_key_table **tables, size_t n, const struct evo_key_table *table)
{
    for (size_t i = 0; i < n; i++) {
        if (tables[i] == table) { return n; }
    }
    if (n < MOST_TABLES) { tables[n++] = table; }
    return n;
}

static size_t list_tables(const struct evo_key_table **tables)
{
    size_t n = 0;
    for (size_t i = 0; i < evo_search_count(); i++) { n = add_table(tables, n, evo_search_table(i)); }
    for (size_t i = 0; i < evo_task_count(); i++) {
        const struct evo_key_table *table = NULL;
        for (size_t j = 0; (table = evo_task_table(i, j)) != NULL; j++) { n = add_table(tables, n, table); }
    }
    return n;
}

const struct evo_config_scope *evo_run_scope(void)
{
    static const struct evo_key_table *tables[MOST_TABLES];
    static struct evo_config_names names[2];
    static struct evo_config_scope scope;
    names[0] = (struct evo_config_names){"task.name", evo_task_names(), evo_task_count()};
    names[1] = (struct evo_config_names){"search.name", evo_search_names(), evo_search_count()};
    scope = (struct evo_config_scope){tables, list_tables(tables), names, 2, evo_task_include};
    return &scope;
}

/* Keys that neither the task nor the search uses as they are set. */
static size_t list_unused(const struct evo_config *config,
                          struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX])
{
    size_t n = evo_task_unused(config, rows);
    return n + evo_search_unused(config, evo_task_is_ranged(config), rows + n);
}

static bool has_key(const struct evo_key_table *table, const struct evo_key *key)
{
    for (size_t i = 0; i < table->n_keys; i++) {
        const struct evo_key *own = &table->keys[i];
        if (strcmp(own->name, key->name) == 0 && strcmp(own->section, key->section) == 0) { return true; }
    }
    return false;
}

/* Whether a key belongs to tasks or to searches, and to none that this configuration names. */
static bool is_of_others(const struct evo_config *config, const struct evo_key *key)
{
    bool is_owned = false;
    for (size_t i = 0; i < evo_search_count(); i++) {
        bool has = has_key(evo_search_table(i), key);
        if (has && strcmp(evo_search_names()[i], config->search_name) == 0) { return false; }
        is_owned = is_owned || has;
    }
    for (size_t i = 0; i < evo_task_count(); i++) {
        const struct evo_key_table *table = NULL;
        for (size_t j = 0; (table = evo_task_table(i, j)) != NULL; j++) {
            if (!has_key(table, key)) { continue; }
            if (strcmp(evo_task_names()[i], config->task_name) == 0) { return false; }
            is_owned = true;
        }
    }
    return is_owned;
}

size_t evo_run_others(const struct evo_config *config, char *text, size_t size)
{
    size_t n_keys = 0, n = 0;
    const struct evo_key *keys = evo_config_keys(config, &n_keys), *first = NULL;
    for (size_t i = 0; i < n_keys; i++) {
        if (!evo_config_is_changed(config, &keys[i]) || !is_of_others(config, &keys[i])) { continue; }
        first = first != NULL ? first : &keys[i];
        n++;
    }
    text[0] = '\0';
    if (n == 0) { return 0; }
    snprintf(text, size, "[%s] %s%s: set, but neither task %s nor search %s uses %s", first->section,
             first->name, n > 1 ? " and others" : "", config->task_name, config->search_name,
             n > 1 ? "them" : "it");
    return n;
}

bool evo_run_is_unused(const struct evo_config *config, const struct evo_key *key)
{
    struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX];
    char path[128];
    snprintf(path, sizeof path, "%s.%s", key->section, key->name);
    size_t n = list_unused(config, rows);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].unused && strcmp(rows[i].key, path) == 0) { return true; }
    }
    return false;
}

enum evo_status evo_run_read_config(const char *path, const char *const *sets, size_t n_sets,
                                    struct evo_config **out)
{
    struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX];
    struct evo_config *config = NULL;
    enum evo_status status = EVO_OK;
    char *text = NULL;
    size_t n = 0;
    evo_run_host();
    /* What is wrong with the file is said when it is read as a whole. */
    status = evo_file_read(path, EVO_CONFIG_FILE_MAX, &text, &n);
    if (status == EVO_OK) { status = evo_run_load_plugins(path, text, n, sets, n_sets); }
    if (status != EVO_OK && (text != NULL || status == EVO_ERR_MEMORY)) { goto done; }
    EVO_GOTO(evo_config_read(path, sets, n_sets, evo_run_scope(), &config));
    EVO_GOTO(evo_config_check_unused(config, rows, list_unused(config, rows)));
    *out = config;
    config = NULL;
done:
    free(text);
    evo_config_destroy(config);
    return status;
}
