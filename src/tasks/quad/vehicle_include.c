/* SPDX-License-Identifier: MIT */
/* A section in a file of its own: its values become the configuration's, which then needs no file.
 */
#include "vehicle.h"
#include "vehicle_keys.h"

#include <stdlib.h>
#include <string.h>

#define SECTION "vehicle"
#define KEY     "vehicle.file"

/* Every value of `given` that its file holds must be one of the section's. */
static enum evo_status check_section(const struct evo_config *given)
{
    size_t n;
    const struct evo_key *keys = evo_config_keys(given, &n);
    for (size_t i = 0; i < n; i++) {
        if (!evo_config_is_set(given, &keys[i])) { continue; }
        bool fits = strcmp(keys[i].section, SECTION) == 0 && strcmp(keys[i].name, "file") != 0;
        if (fits) { continue; }
        char key[128];
        snprintf(key, sizeof key, "%s.%s", keys[i].section, keys[i].name);
        return evo_config_refuse(given, key, "does not belong into a vehicle's file, which has [" SECTION
                                 "] alone, without a file of its own");
    }
    return EVO_OK;
}

/* What the configuration itself sets stays. */
static enum evo_status take_values(struct evo_config *config, const struct evo_config *given)
{
    size_t n;
    const struct evo_key *keys = evo_config_keys(given, &n);
    for (size_t i = 0; i < n; i++) {
        if (evo_config_is_set(given, &keys[i])) { EVO_TRY(evo_config_include(config, given, &keys[i])); }
    }
    return EVO_OK;
}

enum evo_status evo_vehicle_include(struct evo_config *config)
{
    const char *file = evo_vehicle_keys(config)->file;
    enum evo_status status = EVO_OK;
    struct evo_config *given = NULL;
    char *text = NULL;
    size_t n = 0;
    if (strcmp(file, "none") == 0) { return EVO_OK; }
    status = evo_file_read(file, EVO_CONFIG_FILE_MAX, &text, &n);
    if (status == EVO_ERR_IO) { return evo_config_refuse(config, KEY, "%s", evo_status_message()); }
    EVO_TRY(status);
    EVO_GOTO(evo_config_parse_like(config, file, text, n, &given));
    EVO_GOTO(check_section(given));
    EVO_GOTO(take_values(config, given));
    EVO_GOTO(evo_config_set(config, KEY, "none"));
done:
    evo_config_destroy(given);
    free(text);
    return status;
}
