/* SPDX-License-Identifier: MIT */
/* Keys of the configuration: a table that stands beside the code that owns them. C11 and C++17. */
#ifndef EVOMPI_KEY_H
#define EVOMPI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a key holds; the C type of its field.
enum evo_key_type {
    EVO_KEY_INT,      ///< int64_t
    EVO_KEY_REAL,     ///< double
    EVO_KEY_BOOL,     ///< bool: yes, no, true, false, on, off, 1, 0
    EVO_KEY_CHOICE,   ///< int: index into the words of `choices` ("a|b|c")
    EVO_KEY_DURATION, ///< double, seconds: a number, with s, m, h or d behind it, or [[H:]M:]S
    EVO_KEY_TEXT,     ///< char *: anything on one line (owners read lists out of it)
    EVO_KEY_NAME,     ///< char *: one name out of a list that another module holds
};

/// Whether a key may differ when a run is resumed.
enum evo_key_change {
    EVO_KEY_FIXED, ///< part of the result: a resumed run must have the same; in the hash
    EVO_KEY_FREE,  ///< limits, checkpoints, farm, log: may change
};

/// One key.
struct evo_key {
    const char *section; ///< NULL in a task's table: the section that has the task's name
    const char *name;
    enum evo_key_type type;
    enum evo_key_change change;
    const char *initial; ///< the default, as text
    double min, max;     ///< INT, REAL, DURATION: the range, both ends allowed
    const char *choices; ///< CHOICE: the words, split by |
    const char *unit;    ///< "" where it has none
    const char *doc;     ///< one line that stands by itself
    size_t offset;       ///< of the field in the owner's struct
};

/// The keys of one owner, and the size of the struct that holds their values.
struct evo_key_table {
    const struct evo_key *keys; ///< [n_keys]; the keys of a section stand together
    size_t n_keys;
    size_t bytes;
};

/* One row of a table, for a field of `type`; the key has the field's name and stands in the section
 * of the task. For example EVO_KEY_ROW_REAL(struct settings, mass, "1", 0.1, 10, "kg", "of the cart"). */
#define EVO_KEY_ROW_(type, field, kind, initial, min, max, choices, unit, doc)                       \
    {NULL, #field, kind, EVO_KEY_FIXED, initial, min, max, choices, unit, doc, offsetof(type, field)}
#define EVO_KEY_ROW_REAL(type, field, initial, min, max, unit, doc) \
    EVO_KEY_ROW_(type, field, EVO_KEY_REAL, initial, min, max, "", unit, doc)
#define EVO_KEY_ROW_INT(type, field, initial, min, max, unit, doc) \
    EVO_KEY_ROW_(type, field, EVO_KEY_INT, initial, min, max, "", unit, doc)
#define EVO_KEY_ROW_BOOL(type, field, initial, doc) \
    EVO_KEY_ROW_(type, field, EVO_KEY_BOOL, initial, 0, 0, "", "", doc)
#define EVO_KEY_ROW_CHOICE(type, field, initial, choices, doc) \
    EVO_KEY_ROW_(type, field, EVO_KEY_CHOICE, initial, 0, 0, choices, "", doc)
#define EVO_KEY_ROW_TEXT(type, field, initial, doc) \
    EVO_KEY_ROW_(type, field, EVO_KEY_TEXT, initial, 0, 0, "", "", doc)

#ifdef __cplusplus
}
#endif

#endif
