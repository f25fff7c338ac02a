/* SPDX-License-Identifier: MIT */
/* A section in a file of its own: its values become the configuration's, which then needs no file.
 */
#include "config_room.h"

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
        if (evo_config_table_place(given, &keys[i])->source == EVO_CONFIG_DEFAULT) { continue; }
        bool fits = strcmp(keys[i].section, SECTION) == 0 && strcmp(keys[i].name, "file") != 0;
        EVO_CHECK(fits, EVO_ERR_CONFIG,
                  "%s:%zu: [%s] %s does not belong into a vehicle's file, which has [" SECTION
                  "] alone, without a file of its own",
                  given->ring->label, evo_config_table_place(given, &keys[i])->line, keys[i].section,
                  keys[i].name);
    }
    return EVO_OK;
}

/* Both have the same keys in the same order. */
static void take_values(struct evo_config *config, const struct evo_config *given)
{
    size_t n;
    const struct evo_key *keys = evo_config_keys(given, &n);
    for (size_t i = 0; i < n; i++) {
        struct evo_config_place *place = &config->ring->places[i];
        if (given->ring->places[i].source == EVO_CONFIG_DEFAULT) { continue; }
        if (place->source != EVO_CONFIG_DEFAULT) { continue; }
        /* The section's keys are numbers and words of a list: there is no text to own. */
        size_t size = keys[i].type == EVO_KEY_CHOICE ? sizeof(int) : sizeof(double);
        memcpy(config->ring->fields[i], given->ring->fields[i], size);
        place->source = EVO_CONFIG_INCLUDED;
    }
}

enum evo_status evo_config_include(struct evo_config *config, const struct evo_config_scope *scope)
{
    const struct evo_key *key = evo_config_table_find_path(config, KEY);
    if (strcmp(config->vehicle_file, key->initial) == 0) { return EVO_OK; }
    enum evo_status status = EVO_OK;
    struct evo_config *given = NULL;
    char *text = NULL, *none = NULL;
    size_t n = 0;
    status = evo_file_read(config->vehicle_file, EVO_CONFIG_FILE_MAX, &text, &n);
    if (status == EVO_ERR_IO) { return evo_config_refuse(config, KEY, "%s", evo_status_message()); }
    EVO_TRY(status);
    EVO_GOTO(evo_config_parse(config->vehicle_file, text, n, false, NULL, 0, scope, &given));
    EVO_GOTO(check_section(given));
    take_values(config, given);
    EVO_GOTO(evo_text_format(&none, "%s", key->initial));
    free(config->vehicle_file);
    config->vehicle_file = none;
done:
    evo_config_destroy(given);
    free(text);
    return status;
}
