/* SPDX-License-Identifier: MIT */
/* What the tests of the module flight share: tasks from a few lines of configuration. */
#ifndef TEST_FLIGHT_H
#define TEST_FLIGHT_H

#include <evompi/run.h>

#include <string.h>

/// The configuration that `text` gives, as "test.ini".
static inline enum evo_status test_config(const char *text, struct evo_config **out)
{
    return evo_config_parse("test.ini", text, strlen(text), false, NULL, 0, evo_run_scope(), out);
}

/// The task that `text` configures; released with evo_task_destroy.
static inline enum evo_status test_task(const char *text, struct evo_task **out)
{
    struct evo_config *config = NULL;
    EVO_TRY(test_config(text, &config));
    enum evo_status status = evo_task_create(config, out);
    evo_config_destroy(config);
    return status;
}

/// Whether two doubles have the same bits.
static inline bool same_bits(double a, double b) { return memcmp(&a, &b, sizeof a) == 0; }

#endif
