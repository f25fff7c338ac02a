/* SPDX-License-Identifier: MIT */
/* The configuration: one table of keys (src/config/config.def), read from INI, checked, printed. */
#ifndef EVOMPI_CONFIG_H
#define EVOMPI_CONFIG_H

#include <evompi/base.h>

/// What a key holds; the C type of its field in struct evo_config.
enum evo_key_type {
    EVO_KEY_INT,      ///< int64_t
    EVO_KEY_REAL,     ///< double
    EVO_KEY_BOOL,     ///< bool: yes, no, true, false, on, off, 1, 0
    EVO_KEY_CHOICE,   ///< int: index into the words of `choices` ("a|b|c")
    EVO_KEY_DURATION, ///< double, seconds: a number, with s, m, h or d behind it, or [[H:]M:]S
    EVO_KEY_TEXT,     ///< char *: anything on one line (owners read lists out of it)
    EVO_KEY_NAME,     ///< char *: one name out of a table that a higher room holds
};

/// Whether a key may differ when a run is resumed.
enum evo_key_change {
    EVO_KEY_FIXED, ///< part of the result: a resumed run must have the same; in the hash
    EVO_KEY_FREE,  ///< limits, checkpoints, farm, log: may change
};

/// One line of the table.
struct evo_key {
    const char *section, *name;
    enum evo_key_type type;
    enum evo_key_change change;
    const char *initial; ///< the default, as text
    double min, max;     ///< INT, REAL, DURATION: the range, both ends allowed
    const char *choices; ///< CHOICE: the words, split by |
    const char *unit;    ///< "" where it has none
    const char *doc;     ///< one line
    size_t offset;       ///< of the field in struct evo_config
};

/* The C types of the fields, named as in config.def. */
#define EVO_CTYPE_INT      int64_t
#define EVO_CTYPE_REAL     double
#define EVO_CTYPE_BOOL     bool
#define EVO_CTYPE_CHOICE   int
#define EVO_CTYPE_DURATION double
#define EVO_CTYPE_TEXT     char *
#define EVO_CTYPE_NAME     char *

/// Every key's value, as field SECTION_NAME: config->ga_elite is `elite` of `[ga]`.
struct evo_config {
#define EVO_KEY(section, name, type, change, initial, min, max, choices, unit, doc) \
    EVO_CTYPE_##type section##_##name;
#include "config.def"
#undef EVO_KEY
    struct evo_config_origins *origins; ///< where each value was read: private to the room
};

/// The names that a NAME key may have: given by the room that knows them.
struct evo_config_names {
    const char *key;          ///< "task.name"
    const char *const *names; ///< [n_names]
    size_t n_names;
};

/// Reads `path`, then the overrides `sets` ("section.key=value"), checks every value, and
/// resolves defaults. Errors: EVO_ERR_CONFIG (or EVO_ERR_USAGE for an override), one line with
/// file, line, key, value, what is allowed and the nearest known name.
/// A line has at most 199 bytes (inih's); an indented line goes on with the value above, after
/// one blank, or directly where the one ends and the other begins with a backslash.
/// *out is released with evo_config_destroy.
enum evo_status evo_config_read(const char *path, const char *const *sets, size_t n_sets,
                                const struct evo_config_names *names, size_t n_name_lists,
                                struct evo_config **out);

/// The same from text in memory; `label` stands for the path in messages.
/// `lenient`: unknown keys are skipped (an older or newer checkpoint's configuration).
enum evo_status evo_config_parse(const char *label, const char *text, size_t n, bool lenient,
                                 const char *const *sets, size_t n_sets,
                                 const struct evo_config_names *names, size_t n_name_lists,
                                 struct evo_config **out);

void evo_config_destroy(struct evo_config *config);

/// The whole configuration, resolved, as INI that reads back to the same; with a comment line
/// (range, unit, doc) above each key where `comments`; only FIXED keys where `fixed_only`.
/// Released with free().
enum evo_status evo_config_print(const struct evo_config *config, bool comments, bool fixed_only,
                                 char **out);

/// The hash of all FIXED keys' values.
uint64_t evo_config_hash(const struct evo_config *config);

/// Goes through the keys whose values differ, in table order; `seen` gets the key and both
/// values as text. Returns how many differ.
size_t evo_config_differences(const struct evo_config *a, const struct evo_config *b,
                              void (*seen)(void *context, const struct evo_key *key,
                                           const char *value_a, const char *value_b),
                              void *context);

/// Makes the message of a value that its owner refuses: names file, line, key and value, then
/// the owner's reason. `key` is "section.name". Returns EVO_ERR_CONFIG.
enum evo_status evo_config_refuse(const struct evo_config *config, const char *key,
                                  const char *reason, ...) __attribute__((format(printf, 3, 4)));

/// A key that has no effect beside the others of a configuration, and why.
struct evo_config_unused {
    bool unused;         ///< the other keys make it so
    const char *key;     ///< "section.name"
    const char *because; ///< "task hover has validations of its own length"
    /// The key that turns the feature off, or NULL. Whoever sets it to that value knows that the
    /// others of the feature have no effect: they are refused only where it was left at its default.
    const char *off_by;
};
enum { EVO_CONFIG_UNUSED_MAX = 64 }; ///< rows that a task and a search may have together

/// Refuses the first of n rows whose key is unused and was set to another value than its default, by
/// file, line, key and value. The default passes: a printed configuration holds every key.
enum evo_status evo_config_check_unused(const struct evo_config *config,
                                        const struct evo_config_unused *rows, size_t n);

/// The word that a CHOICE key has now ("auto"). Borrowed until the next call on this thread.
const char *evo_config_word(const struct evo_config *config, const char *key);

/// The table itself, for --help and the reference; *n keys, in the order of the file.
const struct evo_key *evo_config_keys(size_t *n);

/// The reference of all keys as Markdown tables, one per section (for the README).
void evo_config_print_reference(FILE *out);

#endif
