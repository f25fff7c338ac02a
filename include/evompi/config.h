/* SPDX-License-Identifier: MIT */
/* The configuration: keys in tables that their owners hold, read from INI, checked, printed. */
#ifndef EVOMPI_CONFIG_H
#define EVOMPI_CONFIG_H

#include <evompi/base.h>
#include <evompi/choice.h>
#include <evompi/key.h>

/* The C types of the fields, named as in config.def. */
#define EVO_CTYPE_INT      int64_t
#define EVO_CTYPE_REAL     double
#define EVO_CTYPE_BOOL     bool
#define EVO_CTYPE_CHOICE   int
#define EVO_CTYPE_DURATION double
#define EVO_CTYPE_TEXT     char *
#define EVO_CTYPE_NAME     char *

enum evo_durable { EVO_DURABLES(EVO_CHOICE_NAME) };
enum evo_isa_limit { EVO_ISA_LIMITS(EVO_CHOICE_NAME) };
enum evo_on_save_error { EVO_ON_SAVE_ERRORS(EVO_CHOICE_NAME) };

enum { EVO_EXAM_FLIGHTS_MAX = 1024 }; ///< of exam.flights: tasks have room for so many

/// The keys that belong to no single owner, as fields SECTION_NAME: config->job_seed is `seed` of
/// `[job]`. Those of an owner: evo_config_values.
struct evo_config {
#define EVO_KEY(section, name, type, change, initial, min, max, choices, unit, doc) \
    EVO_CTYPE_##type section##_##name;
#include "config.def"
#undef EVO_KEY
    struct evo_config_ring *ring; ///< all keys, and where each value was read: private to the module
};

/// The values of the keys of `table`, which was in the scope: the owner's struct. Borrowed.
const void *evo_config_values(const struct evo_config *config, const struct evo_key_table *table);

/* An owner's keys are a list, LIST(KEY), of rows KEY(section, name, type, change, initial, min, max,
 * choices, unit, doc), as in config.def. EVO_KEYS_DECLARE(section, LIST) makes the struct of their values,
 * whose fields are named as the keys, and evo_SECTION_keys(config); EVO_KEYS_DEFINE, in one file, the
 * table. */
#define EVO_KEYS_FIELD(section, name, type, change, initial, min, max, choices, unit, doc) \
    EVO_CTYPE_##type name;
#define EVO_KEYS_DECLARE(owner, LIST)                                                        \
    struct evo_##owner##_keys {                                                              \
        LIST(EVO_KEYS_FIELD)                                                                 \
    };                                                                                       \
    extern const struct evo_key_table evo_##owner##_key_table;                                   \
    static inline const struct evo_##owner##_keys *evo_##owner##_keys(                       \
        const struct evo_config *config)                                                     \
    {                                                                                        \
        return (const struct evo_##owner##_keys *)evo_config_values(config, &evo_##owner##_key_table); \
    }
#define EVO_KEYS_ROW(section_, name_, type_, change_, initial_, min_, max_, choices_, unit_, doc_) \
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
     .offset = offsetof(struct evo_##section_##_keys, name_)},
#define EVO_KEYS_DEFINE(owner, LIST)                                                 \
    static const struct evo_key owner##_key_rows[] = {LIST(EVO_KEYS_ROW)};           \
    const struct evo_key_table evo_##owner##_key_table = {                               \
        owner##_key_rows, sizeof owner##_key_rows / sizeof owner##_key_rows[0],      \
        sizeof(struct evo_##owner##_keys)};

/// The names that a NAME key may have: given by the module that knows them.
struct evo_config_names {
    const char *key;          ///< "task.name"
    const char *const *names; ///< [n_names]; the first is the default where the key has "first" for it
    size_t n_names;
};

/// What a configuration may hold beside the keys of struct evo_config. Borrowed while it is read.
struct evo_config_scope {
    const struct evo_key_table *const *tables; ///< [n_tables]; they outlive the configuration
    size_t n_tables;
    const struct evo_config_names *names; ///< [n_names]
    size_t n_names;
    /// Takes values out of the files that the configuration names, so that it needs them no more: after
    /// evo_config_read. May be NULL.
    enum evo_status (*include)(struct evo_config *config);
};

enum {
    EVO_CONFIG_FILE_MAX = 16 * 1024 * 1024, ///< bytes of a file
    EVO_CONFIG_VALUE_MAX = 64,              ///< bytes of any value as text, but for TEXT and NAME
    EVO_CONFIG_CLIP_MAX = 80,               ///< bytes of a user's text in a message
};

/// Reads `path`, then the overrides `sets` ("section.key=value"), checks every value, and
/// resolves defaults. Errors: EVO_ERR_CONFIG (or EVO_ERR_USAGE for an override), one line with
/// file, line, key, value, what is allowed and the nearest known name.
/// A line has at most 199 bytes (inih's); an indented line goes on with the value above, after
/// one blank, or directly where the one ends and the other begins with a backslash.
/// `scope` may be NULL: then there are the keys of struct evo_config alone, and any name is taken.
/// *out is released with evo_config_destroy.
enum evo_status evo_config_read(const char *path, const char *const *sets, size_t n_sets,
                                const struct evo_config_scope *scope, struct evo_config **out);

/// The same from text in memory; `label` stands for the path in messages.
/// `lenient`: unknown keys are skipped (an older or newer checkpoint's configuration).
enum evo_status evo_config_parse(const char *label, const char *text, size_t n, bool lenient,
                                 const char *const *sets, size_t n_sets,
                                 const struct evo_config_scope *scope, struct evo_config **out);

void evo_config_destroy(struct evo_config *config);

/// The user's text as a message can bear it: cut with "..." where it is longer than `clipped`.
const char *evo_config_clip(char clipped[EVO_CONFIG_CLIP_MAX], const char *text);

/// Cuts the blanks off both ends, in place.
char *evo_config_trim(char *text);

/// Whether `text` is a value of `key`; else the reason goes into `why`. `context` is not used.
bool evo_config_key_reads(void *context, const struct evo_key *key, const char *text, char *why,
                          size_t size);

/// The value of a key as text that reads back to the same: in `buffer`, or the configuration's own.
const char *evo_config_text(const struct evo_config *config, const struct evo_key *key,
                            char buffer[EVO_CONFIG_VALUE_MAX]);

/* ---- for scope->include ------------------------------------------------------------------- */

/// Reads another text with the scope of `config`, which must outlive *out.
enum evo_status evo_config_parse_like(const struct evo_config *config, const char *label,
                                      const char *text, size_t n, struct evo_config **out);
/// The key "section.name", or NULL.
const struct evo_key *evo_config_find(const struct evo_config *config, const char *path);
/// Whether somebody gave the key a value: it does not have its default for want of one.
bool evo_config_is_set(const struct evo_config *config, const struct evo_key *key);
/// Gives a key the value that `text` says, as from an included file.
enum evo_status evo_config_set(struct evo_config *config, const char *path, const char *text);
/// Gives a key of `from` its value there, unless somebody has set it here.
enum evo_status evo_config_include(struct evo_config *config, const struct evo_config *from,
                                   const struct evo_key *key);

/// The whole configuration, resolved, as INI that reads back to the same; with a comment line
/// (range, unit, doc) above each key where `comments`; only FIXED keys where `fixed_only`.
/// Released with free().
enum evo_status evo_config_print(const struct evo_config *config, bool comments, bool fixed_only,
                                 char **out);

/// The value of "section.key" as it was resolved, for scripts: raw, on one line of any length, and
/// a newline. EVO_ERR_USAGE where there is no such key. Write errors are left to the caller.
enum evo_status evo_config_print_value(const struct evo_config *config, const char *key, FILE *out);

/// The hash of all FIXED keys' values.
uint64_t evo_config_hash(const struct evo_config *config);

/// Goes through the keys whose values differ (of configurations of the same scope), in table order; `seen` gets the key and both
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
    const char *because; ///< "cases are drawn by chance"
    /// The key that turns the feature off, or NULL. Whoever sets it to that value knows that the
    /// others of the feature have no effect: they are refused only where it was left at its default.
    const char *off_by;
};
/// Whether somebody gave the key another value than its default.
bool evo_config_is_changed(const struct evo_config *config, const struct evo_key *key);
enum { EVO_CONFIG_UNUSED_MAX = 64 }; ///< rows that a task and a search may have together

/// Refuses the first of n rows whose key is unused and was set to another value than its default, by
/// file, line, key and value. The default passes: a printed configuration holds every key.
enum evo_status evo_config_check_unused(const struct evo_config *config,
                                        const struct evo_config_unused *rows, size_t n);

/// The word that a CHOICE key has now ("auto"). Borrowed until the next call on this thread.
const char *evo_config_word(const struct evo_config *config, const char *key);

/// All keys: those of struct evo_config, then table by table; *n of them. Borrowed.
const struct evo_key *evo_config_keys(const struct evo_config *config, size_t *n);

/// The reference of all keys as Markdown tables, one per section.
void evo_config_print_reference(const struct evo_config *config, FILE *out);

#endif
