/* SPDX-License-Identifier: MIT */
/* What a task says of itself, checked before anything uses it: descriptor, keys, blocks, results. */
#ifndef EVO_TASK_FORM_H
#define EVO_TASK_FORM_H

#include <evompi/base.h>
#include <evompi/plugin.h>

/// How large the parts of a task may be.
enum {
    EVO_TASK_NAME_MAX = 31, ///< characters of any name
    EVO_TASK_UNIT_MAX = 31,
    EVO_TASK_DOC_MAX = 240, ///< characters of a summary or a doc, one line
    EVO_TASK_KEYS_MAX = 1000,
    EVO_TASK_KEYS_BYTES_MAX = 1 << 20,
    EVO_TASK_CHOICES_MAX = 32, ///< words of a choice
    EVO_TASK_CHOICES_BYTES_MAX = 255,
    EVO_TASK_BLOCKS_MAX = 1000,
    EVO_TASK_PARAMETERS_MAX = 1000000,
    EVO_TASK_RESULTS_MAX = 64,
    EVO_TASK_PARTS_MAX = 1000000,
};

/// A name that is in use, and by whom: "evompi itself", "a section of the configuration", a path.
struct evo_task_taken {
    const char *name, *owner;
};

/// Reads `text` as a value of `key`, its range and words included; false with the reason in `why`.
typedef bool evo_task_read(void *context, const struct evo_key *key, const char *text, char *why,
                           size_t size);

/// What a descriptor is checked against.
struct evo_task_rules {
    const struct evo_task_taken *taken; ///< [n_taken]
    size_t n_taken;
    evo_task_read *read; ///< for the defaults of keys; NULL: they are not read
    void *context;       ///< of read
};

/// Checks all that is known before `create`. `from` names the task's file in messages. Each failure is
/// EVO_ERR_CONFIG with file, thing, value and remedy in one line. Local.
enum evo_status evo_task_class_check(const struct evo_task_class *task, const char *from,
                                     const struct evo_task_rules *rules);

/// What a task says of itself before `create`: its class's blocks and results; where the class has no
/// results, one, the fitness.
void evo_task_form_init(struct evo_task_form *form, const struct evo_task_class *task);

/// The same checks of blocks, results and parts after `create`; *n_parameters, unless NULL, is the sum
/// over the blocks.
enum evo_status evo_task_form_check(const struct evo_task_form *form, const char *from,
                                    size_t *n_parameters);

#endif
