/* SPDX-License-Identifier: MIT */
/* What the files of the module config share: where a value stands, and why it is refused. */
#ifndef EVOMPI_CONFIG_ROOM_H
#define EVOMPI_CONFIG_ROOM_H

#include <evompi/config.h>

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

/// The values of one table.
struct evo_config_block {
    const struct evo_key_table *table;
    void *values; ///< owned
};

/// All keys of a configuration: those of struct evo_config, then table by table.
struct evo_config_ring {
    char *label; ///< the path, in messages
    const struct evo_config_scope *scope; ///< what it was made of
    struct evo_config_block *blocks; ///< [n_blocks], owned
    size_t n_blocks, n_keys;
    struct evo_key *keys;            ///< [n_keys], each with its section
    void **fields;                   ///< [n_keys], where their values stand
    struct evo_config_place *places; ///< [n_keys], where these were read
    const char **names;              ///< [n_keys], room for a list while a message is made
};

/// What is filled, and what it takes.
struct evo_config_reading {
    struct evo_config *config;
    const struct evo_config_scope *scope; ///< or NULL
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

/* ---- table.c: keys by name ---------------------------------------------------------------- */

/// Makes the ring of a configuration, and room for all values. `scope` may be NULL.
enum evo_status evo_config_table_create(struct evo_config *config, const char *label,
                                        const struct evo_config_scope *scope);
void evo_config_table_destroy(struct evo_config *config);

const struct evo_key *evo_config_table_find(const struct evo_config *config, const char *section,
                                            const char *name); // or NULL
/// `key` is "section.name"; NULL where there is none.
const struct evo_key *evo_config_table_find_path(const struct evo_config *config, const char *key);
bool evo_config_table_has_section(const struct evo_config *config, const char *section);
void *evo_config_table_field(const struct evo_config *config, const struct evo_key *key);
struct evo_config_place *evo_config_table_place(const struct evo_config *config,
                                                const struct evo_key *key);

/// Why a name is wrong, with the nearest that is right.
void evo_config_table_unknown_section(const struct evo_config *config, const char *section,
                                      struct evo_config_why *why);
void evo_config_table_unknown_key(const struct evo_config *config, const char *section,
                                  const char *name, struct evo_config_why *why);
/// The same of both; `section` is NULL where it was not given, as `form` wants it.
void evo_config_table_unknown_path(const struct evo_config *config, const char *section,
                                   const char *name, const char *form, struct evo_config_why *why);
/// Adds "; there are [job] ...".
void evo_config_table_add_sections(const struct evo_config *config, struct evo_config_why *why);
/// Adds "; 'size' belongs to [population]", or the nearest key there is; false if none is near.
bool evo_config_table_add_home(const struct evo_config *config, const char *name,
                               struct evo_config_why *why);

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

/* ---- config.c ----------------------------------------------------------------------------- */

/// Puts one value in its field, or makes the message: place, key, value, why. `hint`, or NULL,
/// follows the reason.
enum evo_status evo_config_assign(const struct evo_config_reading *reading,
                                  const struct evo_key *key, struct evo_config_place place,
                                  const char *text, const char *hint);

#endif
