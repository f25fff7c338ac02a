/* SPDX-License-Identifier: MIT */
/* The configuration with the names of the tasks and searches that this program has. */
#include "run.h"

#include <string.h>

const struct evo_config_names *evo_run_names(size_t *n)
{
    static struct evo_config_names names[2];
    names[0] = (struct evo_config_names){"task.name", evo_task_names(), evo_task_count()};
    names[1] = (struct evo_config_names){"search.name", evo_search_names(), evo_search_count()};
    *n = sizeof names / sizeof names[0];
    return names;
}

/* Keys that neither the task nor the search uses as they are set. */
static size_t list_unused(const struct evo_config *config,
                          struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX])
{
    size_t n = evo_task_unused(config, rows);
    return n + evo_search_unused(config, rows + n);
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
    size_t n_names = 0;
    const struct evo_config_names *names = evo_run_names(&n_names);
    struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX];
    struct evo_config *config = NULL;
    enum evo_status status = EVO_OK;
    EVO_TRY(evo_config_read(path, sets, n_sets, names, n_names, &config));
    EVO_GOTO(evo_config_check_unused(config, rows, list_unused(config, rows)));
    *out = config;
    config = NULL;
done:
    evo_config_destroy(config);
    return status;
}
