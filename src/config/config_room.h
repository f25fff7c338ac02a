/* SPDX-License-Identifier: MIT */
/* What the files of the config room share: where a value stands, and why it is refused. */
#ifndef EVOMPI_CONFIG_ROOM_H
#define EVOMPI_CONFIG_ROOM_H

#include <evompi/config.h>

enum {
    EVO_CONFIG_VALUE_MAX = 64,              ///< bytes of any value as text, but for TEXT and NAME
    EVO_CONFIG_CLIP_MAX = 80,               ///< bytes of a user's text in a message
    EVO_CONFIG_FILE_MAX = 16 * 1024 * 1024, ///< bytes of a file
};

/// Where a value comes from.
struct evo_config_place {
    enum {
        EVO_CONFIG_DEFAULT,
        EVO_CONFIG_FILE,
        EVO_CONFIG_OVERRIDE,
        EVO_CONFIG_INCLUDED ///< in the file that the section's key `file` names
    } source;
    size_t line; ///< FILE: counts from 1
};

/// Beside the values: where each was read, in the order of the table.
struct evo_config_origins {
    char *label; ///< the path, in messages
    struct evo_config_place places[];
};

/// What is filled, and what it takes.
struct evo_config_reading {
    struct evo_config *config;
    const struct evo_config_names *names; ///< [n_name_lists]
    size_t n_name_lists;
    bool lenient;
};

/* ---- why.c: reasons ----------------------------------------------------------------------- */

/// A reason on its way into a message; it is cut where it would be longer.
struct evo_config_why {
    char text[1024];
};
void evo_config_why_set(struct evo_config_why *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void evo_config_why_add(struct evo_config_why *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// Adds "; character 3 is U+2013 (en dash); write '-'" where the text holds such a character.
void evo_config_why_add_spelling(struct evo_config_why *why, const char *text,
                                 enum evo_spelling what);

/// The user's text as a message can bear it: cut with "..." where it is longer than `clipped`.
const char *evo_config_clip(char clipped[EVO_CONFIG_CLIP_MAX], const char *text);

/* ---- table.c: keys by name ---------------------------------------------------------------- */

const struct evo_key *evo_config_table_find(const char *section, const char *name); // or NULL
/// `key` is "section.name"; NULL where there is none.
const struct evo_key *evo_config_table_find_path(const char *key);
size_t evo_config_table_index(const struct evo_key *key);
bool evo_config_table_has_section(const char *section);
void *evo_config_table_field(const struct evo_config *config, const struct evo_key *key);

/// Why a name is wrong, with the nearest that is right.
void evo_config_table_unknown_section(const char *section, struct evo_config_why *why);
void evo_config_table_unknown_key(const char *section, const char *name,
                                  struct evo_config_why *why);
/// Adds "; there are [job] ...".
void evo_config_table_add_sections(struct evo_config_why *why);
/// Adds "; 'size' belongs to [population]", or the nearest key there is; false if none is near.
bool evo_config_table_add_home(const char *name, struct evo_config_why *why);

/* ---- value.c: one value ------------------------------------------------------------------- */

/// Reads `text`, without blanks around it, into the field of `key`. EVO_ERR_CONFIG where it is
/// refused: then `why` says why, and no message is made yet. `names`: of a NAME key, or NULL.
enum evo_status evo_config_value_read(const struct evo_key *key,
                                      const struct evo_config_names *names, const char *text,
                                      void *field, struct evo_config_why *why);

/// The value as text that reads back to the same: in `buffer` (EVO_CONFIG_VALUE_MAX bytes), or
/// the field's own text.
const char *evo_config_value_text(const struct evo_key *key, const void *field, char *buffer);

/// Adds what is allowed ("4 to 100000000 creatures"); `names` as above. False if there is
/// nothing to say.
bool evo_config_value_add_allowed(const struct evo_key *key, const struct evo_config_names *names,
                                  struct evo_config_why *why);

/* ---- ini.c: a file ------------------------------------------------------------------------ */

/// Reads INI text of n bytes into the configuration; the first fault of the text is returned.
enum evo_status evo_config_ini_read(const struct evo_config_reading *reading, const char *text,
                                    size_t n);

/* ---- include.c: a section in a file of its own -------------------------------------------- */

/// Where `file` of [vehicle] names a file, takes that section's values from there, but for those
/// that the configuration gives; then there is no file any more.
enum evo_status evo_config_include(struct evo_config *config);

/* ---- waypoints.c: a list in a CSV file ----------------------------------------------------- */

/// Where `file` of [track] names a file, takes the waypoints from there; then there is no file any
/// more.
enum evo_status evo_config_include_waypoints(struct evo_config *config);

/* ---- config.c ----------------------------------------------------------------------------- */

/// Cuts the blanks off both ends, in place.
char *evo_config_trim(char *text);

/// Puts one value in its field, or makes the message: place, key, value, why. `hint`, or NULL,
/// follows the reason.
enum evo_status evo_config_assign(const struct evo_config_reading *reading,
                                  const struct evo_key *key, struct evo_config_place place,
                                  const char *text, const char *hint);

#endif
