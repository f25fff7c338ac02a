/* SPDX-License-Identifier: MIT */
/* The configuration with the names of the tasks and searches that this program has. */
#include "run.h"

const struct evo_config_names *evo_run_names(size_t *n)
{
    static struct evo_config_names names[2];
    names[0] = (struct evo_config_names){"task.name", evo_task_names(), evo_task_count()};
    names[1] = (struct evo_config_names){"search.name", evo_search_names(), evo_search_count()};
    *n = sizeof names / sizeof names[0];
    return names;
}

enum evo_status evo_run_read_config(const char *path, const char *const *sets, size_t n_sets,
                                    struct evo_config **out)
{
    size_t n_names = 0;
    const struct evo_config_names *names = evo_run_names(&n_names);
    return evo_config_read(path, sets, n_sets, names, n_names, out);
}
