/* SPDX-License-Identifier: MIT */
/* The rules for what a task says of itself: nothing here trusts a pointer, a number or a text. */
#include <evompi/child.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- names and texts ---------------------------------------------------------------------- */

static const char lower_letters[] = "abcdefghijklmnopqrstuvwxyz";
static const char lower_rest[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char rest[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/* A thing in messages: "key 3", "block 1"; counted from 1. */
struct thing {
    const char *from, *kind;
    size_t i;
};

static enum evo_status check_name(struct thing thing, const char *name, bool is_lower)
{
    const char *first = is_lower ? lower_letters : letters, *others = is_lower ? lower_rest : rest;
    EVO_CHECK(name != NULL && name[0] != '\0', EVO_ERR_CONFIG, "%s: %s %zu has no name: give it one",
              thing.from, thing.kind, thing.i + 1);
    size_t length = strnlen(name, EVO_TASK_NAME_MAX + 1);
    EVO_CHECK(length <= EVO_TASK_NAME_MAX, EVO_ERR_CONFIG,
              "%s: the name of %s %zu, '%.20s...', is longer than %d characters", thing.from, thing.kind,
              thing.i + 1, name, EVO_TASK_NAME_MAX);
    EVO_CHECK(strchr(first, name[0]) != NULL && name[strspn(name, others)] == '\0', EVO_ERR_CONFIG,
              "%s: the name of %s %zu, '%s', is not a%s letter, then%s letters, digits and _", thing.from,
              thing.kind, thing.i + 1, name, is_lower ? " small" : "", is_lower ? " small" : "");
    return EVO_OK;
}

/* One line for people. `forbidden`: what would break the file it is written into. */
static enum evo_status check_line(struct thing thing, const char *name, const char *what, const char *text,
                                  size_t max, const char *forbidden)
{
    size_t length = strnlen(text, max + 1);
    EVO_CHECK(length <= max, EVO_ERR_CONFIG, "%s: %s '%s': its %s is longer than %zu characters",
              thing.from, thing.kind, name, what, max);
    for (const char *c = text; *c != '\0'; c++) {
        EVO_CHECK((unsigned char)*c >= 0x20 && *c != 0x7f && strchr(forbidden, *c) == NULL, EVO_ERR_CONFIG,
                  "%s: %s '%s': its %s holds the character 0x%02x: it must be one line without any of "
                  "these: %s", thing.from, thing.kind, name, what, (unsigned)(unsigned char)*c,
                  forbidden[0] != '\0' ? forbidden : "control characters");
    }
    return EVO_OK;
}

/* The unit and the doc of a block or result, both of which may be NULL. */
static enum evo_status check_words(struct thing thing, const char *name, const char *unit, const char *doc)
{
    if (unit != NULL) { EVO_TRY(check_line(thing, name, "unit", unit, EVO_TASK_UNIT_MAX, ",;\"'")); }
    if (doc != NULL) { EVO_TRY(check_line(thing, name, "doc", doc, EVO_TASK_DOC_MAX, "")); }
    return EVO_OK;
}

/* ---- keys --------------------------------------------------------------------------------- */

/* What the field of a key takes up; 0: a plug-in cannot have such a key. */
static size_t key_bytes(enum evo_key_type type)
{
    switch (type) {
    case EVO_KEY_INT: return sizeof(int64_t);
    case EVO_KEY_REAL:
    case EVO_KEY_DURATION: return sizeof(double);
    case EVO_KEY_BOOL: return sizeof(bool);
    case EVO_KEY_CHOICE: return sizeof(int);
    case EVO_KEY_TEXT: return sizeof(char *);
    case EVO_KEY_NAME: return 0;
    }
    return 0;
}

static bool is_number(const struct evo_key *key)
{
    return key->type == EVO_KEY_INT || key->type == EVO_KEY_REAL || key->type == EVO_KEY_DURATION;
}

/* "a|b|c": words of small letters, digits and _ -, none twice. */
static enum evo_status check_choices(const char *from, const struct evo_key *key)
{
    char text[EVO_TASK_CHOICES_BYTES_MAX + 1];
    const char *words[EVO_TASK_CHOICES_MAX];
    size_t n = 0;
    EVO_CHECK(key->choices != NULL && key->choices[0] != '\0', EVO_ERR_CONFIG,
              "%s: key '%s' is a choice without words: write them as \"a|b|c\"", from, key->name);
    size_t length = strnlen(key->choices, sizeof text);
    EVO_CHECK(length < sizeof text, EVO_ERR_CONFIG, "%s: key '%s': its choices are longer than %d characters",
              from, key->name, EVO_TASK_CHOICES_BYTES_MAX);
    memcpy(text, key->choices, length + 1);

    char *left = text;
    for (char *word = strsep(&left, "|"); word != NULL; word = strsep(&left, "|")) {
        EVO_CHECK(word[0] != '\0' && word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0',
                  EVO_ERR_CONFIG, "%s: key '%s': '%s' in its choices '%s' is not a word of small letters, "
                  "digits, _ and -", from, key->name, word, key->choices);
        EVO_CHECK(n < EVO_TASK_CHOICES_MAX, EVO_ERR_CONFIG, "%s: key '%s' has more than %d choices", from,
                  key->name, EVO_TASK_CHOICES_MAX);
        for (size_t i = 0; i < n; i++) {
            EVO_CHECK(strcmp(words[i], word) != 0, EVO_ERR_CONFIG,
                      "%s: key '%s' has the choice '%s' twice", from, key->name, word);
        }
        words[n++] = word;
    }
    return EVO_OK;
}

static enum evo_status check_range(const char *from, const struct evo_key *key)
{
    char min[32], max[32];
    EVO_CHECK(key->min <= key->max, EVO_ERR_CONFIG,
              "%s: key '%s': its range %s to %s holds no number: give a min that is not above max", from,
              key->name, evo_text_number(min, key->min), evo_text_number(max, key->max));
    EVO_CHECK(key->type != EVO_KEY_INT || (key->min >= -0x1p63 && key->max < 0x1p63), EVO_ERR_CONFIG,
              "%s: key '%s': its range %s to %s is more than a whole number of 64 bits holds", from,
              key->name, evo_text_number(min, key->min), evo_text_number(max, key->max));
    return EVO_OK;
}

/* Where the value goes. */
static enum evo_status check_field(const char *from, const struct evo_key_table *table,
                                   const struct evo_key *key)
{
    size_t bytes = key_bytes(key->type);
    EVO_CHECK(key->offset <= table->bytes && bytes <= table->bytes - key->offset, EVO_ERR_CONFIG,
              "%s: key '%s': its field ends at byte %zu of a struct of %zu bytes: keys.bytes must be sizeof "
              "of the struct that the table's rows name", from, key->name, key->offset + bytes, table->bytes);
    EVO_CHECK(key->offset % bytes == 0, EVO_ERR_CONFIG,
              "%s: key '%s': its field at byte %zu is not one of %zu bytes: use the row for the field's type",
              from, key->name, key->offset, bytes);
    return EVO_OK;
}

/* Neither name nor field is another key's. */
static enum evo_status check_others(const char *from, const struct evo_key *key, const struct evo_key *others,
                                    size_t n_others)
{
    for (size_t i = 0; i < n_others; i++) {
        const struct evo_key *other = &others[i];
        EVO_CHECK(strcmp(key->name, other->name) != 0, EVO_ERR_CONFIG, "%s: two keys have the name '%s'",
                  from, key->name);
        EVO_CHECK(key->offset + key_bytes(key->type) <= other->offset ||
                      other->offset + key_bytes(other->type) <= key->offset,
                  EVO_ERR_CONFIG, "%s: the keys '%s' and '%s' have the same field, or overlap: use the row for "
                  "each field's type", from, other->name, key->name);
    }
    return EVO_OK;
}

static enum evo_status check_key_texts(struct thing thing, const struct evo_task_class *task,
                                       const struct evo_key *key)
{
    EVO_CHECK(key->section == NULL || strcmp(key->section, task->name) == 0, EVO_ERR_CONFIG,
              "%s: key '%s' is in section [%.40s]: a task's keys are in [%s]; leave section NULL", thing.from,
              key->name, key->section, task->name);
    EVO_CHECK(key->initial != NULL && key->unit != NULL && key->doc != NULL, EVO_ERR_CONFIG,
              "%s: key '%s' has NULL as %s: write \"\" where there is nothing to say", thing.from, key->name,
              key->initial == NULL ? "default" : key->unit == NULL ? "unit" : "doc");
    EVO_TRY(check_line(thing, key->name, "default", key->initial, EVO_TASK_DOC_MAX, ""));
    EVO_TRY(check_line(thing, key->name, "unit", key->unit, EVO_TASK_UNIT_MAX, ""));
    return check_line(thing, key->name, "doc", key->doc, EVO_TASK_DOC_MAX, "");
}

static enum evo_status check_key(struct thing thing, const struct evo_task_class *task,
                                 const struct evo_task_rules *rules)
{
    const struct evo_key *key = &task->keys.keys[thing.i];
    EVO_TRY(check_name(thing, key->name, true));
    unsigned type = (unsigned)key->type, change = (unsigned)key->change;
    EVO_CHECK(type < EVO_KEY_NAME, EVO_ERR_CONFIG,
              "%s: key '%s' is of type %u: a task's keys are of the types 0 to %d (evo_key_type)", thing.from,
              key->name, type, EVO_KEY_NAME - 1);
    EVO_CHECK(change <= EVO_KEY_FREE, EVO_ERR_CONFIG,
              "%s: key '%s' has %u in the place of EVO_KEY_FIXED or EVO_KEY_FREE", thing.from, key->name,
              change);
    EVO_TRY(check_key_texts(thing, task, key));
    if (is_number(key)) { EVO_TRY(check_range(thing.from, key)); }
    if (key->type == EVO_KEY_CHOICE) { EVO_TRY(check_choices(thing.from, key)); }
    EVO_TRY(check_field(thing.from, &task->keys, key));
    EVO_TRY(check_others(thing.from, key, task->keys.keys, thing.i));

    char why[1024] = "cannot be read";
    EVO_CHECK(rules->read == NULL || rules->read(rules->context, key, key->initial, why, sizeof why),
              EVO_ERR_CONFIG, "%s: key '%s': its default '%s' %s", thing.from, key->name, key->initial, why);
    return EVO_OK;
}

static enum evo_status check_keys(const struct evo_task_class *task, const char *from,
                                  const struct evo_task_rules *rules)
{
    const struct evo_key_table *table = &task->keys;
    EVO_CHECK(table->n_keys <= EVO_TASK_KEYS_MAX, EVO_ERR_CONFIG, "%s: has %zu keys, more than %d", from,
              table->n_keys, EVO_TASK_KEYS_MAX);
    EVO_CHECK(table->bytes <= EVO_TASK_KEYS_BYTES_MAX, EVO_ERR_CONFIG,
              "%s: the struct of its keys has %zu bytes, more than %d", from, table->bytes,
              EVO_TASK_KEYS_BYTES_MAX);
    EVO_CHECK(table->n_keys == 0 || table->keys != NULL, EVO_ERR_CONFIG,
              "%s: says that it has %zu keys, but keys.keys is NULL", from, table->n_keys);
    for (size_t i = 0; i < table->n_keys; i++) {
        EVO_TRY(check_key((struct thing){from, "key", i}, task, rules));
    }
    return EVO_OK;
}

/* ---- blocks and results ------------------------------------------------------------------- */

static enum evo_status check_bounds(const char *from, const struct evo_block *block)
{
    char a[32], b[32], c[32];
    evo_text_number(a, block->lower);
    evo_text_number(b, block->upper);
    EVO_CHECK(block->lower < block->upper, EVO_ERR_CONFIG,
              "%s: block '%s': its lower bound %s is not below its upper bound %s: give both, or -INFINITY and "
              "INFINITY where there are none; a parameter that cannot change is a key", from, block->name, a, b);
    EVO_CHECK(isfinite(block->start) && block->start >= block->lower && block->start <= block->upper,
              EVO_ERR_CONFIG, "%s: block '%s': its start %s is not within its bounds %s to %s", from,
              block->name, evo_text_number(c, block->start), a, b);
    EVO_CHECK(isfinite(block->spread) && block->spread > 0.0, EVO_ERR_CONFIG,
              "%s: block '%s': its spread %s is not a number above 0: about a third of the range to search is "
              "usual", from, block->name, evo_text_number(c, block->spread));
    return EVO_OK;
}

static enum evo_status check_block(struct thing thing, const struct evo_block *blocks, size_t *total)
{
    const struct evo_block *block = &blocks[thing.i];
    EVO_TRY(check_name(thing, block->name, false));
    for (size_t i = 0; i < thing.i; i++) {
        EVO_CHECK(strcmp(block->name, blocks[i].name) != 0, EVO_ERR_CONFIG,
                  "%s: two blocks have the name '%s'", thing.from, block->name);
    }
    EVO_CHECK(block->n > 0, EVO_ERR_CONFIG, "%s: block '%s' has no parameters: n must be 1 or more",
              thing.from, block->name);
    EVO_CHECK(block->n <= EVO_TASK_PARAMETERS_MAX - *total, EVO_ERR_CONFIG,
              "%s: block '%s' has %zu parameters: a task may have %d in all", thing.from, block->name,
              block->n, EVO_TASK_PARAMETERS_MAX);
    *total += block->n;
    EVO_TRY(check_bounds(thing.from, block));
    return check_words(thing, block->name, block->unit, block->doc);
}

static enum evo_status check_blocks(const struct evo_block *blocks, size_t n, const char *from, size_t *total)
{
    EVO_CHECK(n == 0 || blocks != NULL, EVO_ERR_CONFIG, "%s: says that it has %zu blocks, but blocks is NULL",
              from, n);
    EVO_CHECK(n <= EVO_TASK_BLOCKS_MAX, EVO_ERR_CONFIG,
              "%s: has %zu blocks, more than %d: parameters with the same bounds are one block", from, n,
              EVO_TASK_BLOCKS_MAX);
    *total = 0;
    for (size_t i = 0; i < n; i++) { EVO_TRY(check_block((struct thing){from, "block", i}, blocks, total)); }
    return EVO_OK;
}

static enum evo_status check_results(const struct evo_result *results, size_t n, const char *from)
{
    EVO_CHECK(n == 0 || results != NULL, EVO_ERR_CONFIG,
              "%s: says that it has %zu results, but results is NULL", from, n);
    EVO_CHECK(n <= EVO_TASK_RESULTS_MAX, EVO_ERR_CONFIG, "%s: has %zu results, more than %d", from, n,
              EVO_TASK_RESULTS_MAX);
    for (size_t i = 0; i < n; i++) {
        struct thing thing = {from, "result", i};
        EVO_TRY(check_name(thing, results[i].name, false));
        for (size_t j = 0; j < i; j++) {
            EVO_CHECK(strcmp(results[i].name, results[j].name) != 0, EVO_ERR_CONFIG,
                      "%s: two results have the name '%s'", from, results[i].name);
        }
        EVO_TRY(check_words(thing, results[i].name, results[i].unit, results[i].doc));
    }
    return EVO_OK;
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* No message shows a name before it is known to be one. */
static enum evo_status check_task_name(const char *name, const char *from, const struct evo_task_rules *rules)
{
    EVO_CHECK(name != NULL && name[0] != '\0', EVO_ERR_CONFIG,
              "%s: the task has no name: give the descriptor's member `name`", from);
    size_t length = strnlen(name, EVO_TASK_NAME_MAX + 1);
    EVO_CHECK(length <= EVO_TASK_NAME_MAX, EVO_ERR_CONFIG,
              "%s: the task's name, '%.20s...', is longer than %d characters", from, name, EVO_TASK_NAME_MAX);
    EVO_CHECK(strchr(lower_letters, name[0]) != NULL && name[strspn(name, lower_rest)] == '\0',
              EVO_ERR_CONFIG, "%s: the task's name, '%s', is not a small letter, then small letters, digits "
              "and _", from, name);
    for (size_t i = 0; i < rules->n_taken; i++) {
        EVO_CHECK(strcmp(name, rules->taken[i].name) != 0, EVO_ERR_CONFIG,
                  "%s: the task's name, '%s', is in use by %s: give it another", from, name,
                  rules->taken[i].owner);
    }
    return EVO_OK;
}

enum evo_status evo_task_class_check(const struct evo_task_class *task, const char *from,
                                     const struct evo_task_rules *rules)
{
    size_t total = 0;
    EVO_TRY(check_task_name(task->name, from, rules));
    EVO_CHECK(task->summary != NULL && task->summary[0] != '\0', EVO_ERR_CONFIG,
              "%s: task '%s' has no summary: say in one line what it is", from, task->name);
    EVO_TRY(check_line((struct thing){from, "task", 0}, task->name, "summary", task->summary,
                       EVO_TASK_DOC_MAX, ""));
    EVO_CHECK(task->evaluate != NULL, EVO_ERR_CONFIG,
              "%s: task '%s' has no `evaluate`: name the function that evaluates candidates", from, task->name);
    EVO_TRY(check_keys(task, from, rules));
    EVO_TRY(check_blocks(task->blocks, task->n_blocks, from, &total));
    EVO_CHECK(task->n_blocks > 0 || task->create != NULL, EVO_ERR_CONFIG,
              "%s: task '%s' has no parameters: name its blocks, or give them in `create`", from, task->name);
    return check_results(task->results, task->n_results, from);
}

void evo_task_form_init(struct evo_task_form *form, const struct evo_task_class *task)
{
    static const struct evo_result fitness = {"fitness", "", "the smaller the better"};
    *form = (struct evo_task_form){.size = sizeof *form, .n_parts = 1};
    form->blocks = task->blocks;
    form->n_blocks = task->n_blocks;
    form->results = task->n_results > 0 ? task->results : &fitness;
    form->n_results = task->n_results > 0 ? task->n_results : 1;
}

enum evo_status evo_task_form_check(const struct evo_task_form *form, const char *from, size_t *n_parameters)
{
    size_t total = 0;
    EVO_TRY(check_blocks(form->blocks, form->n_blocks, from, &total));
    EVO_CHECK(total > 0, EVO_ERR_CONFIG, "%s: the task has no parameters after its `create`: set form->blocks "
              "and form->n_blocks", from);
    EVO_TRY(check_results(form->results, form->n_results, from));
    EVO_CHECK(form->n_results > 0, EVO_ERR_CONFIG,
              "%s: the task has no results after its `create`: leave form->n_results as it was, or name them",
              from);
    EVO_CHECK(form->n_parts >= 1 && form->n_parts <= EVO_TASK_PARTS_MAX, EVO_ERR_CONFIG,
              "%s: the task has %zu parts after its `create`: 1 to %d are allowed", from, form->n_parts,
              EVO_TASK_PARTS_MAX);
    if (n_parameters != NULL) { *n_parameters = total; }
    return EVO_OK;
}

/* ---- rollouts ----------------------------------------------------------------------------- */

/* A list of signals: each name once, and not one of `columns`, which a trace has besides. */
static enum evo_status check_signals(const char *from, const char *kind, const struct evo_rollout_signal *signals,
                                     size_t n, size_t most)
{
    EVO_CHECK(signals != NULL && n >= 1 && n <= most, EVO_ERR_CONFIG,
              "%s: has %zu %ss: there must be 1 to %zu; begin the descriptor with EVO_ROLLOUT_HEAD", from, n, kind,
              most);
    for (size_t i = 0; i < n; i++) {
        struct thing thing = {from, kind, i};
        EVO_TRY(check_name(thing, signals[i].name, false));
        for (size_t j = 0; j < i; j++) {
            EVO_CHECK(strcmp(signals[i].name, signals[j].name) != 0, EVO_ERR_CONFIG,
                      "%s: two %ss have the name '%s'", from, kind, signals[i].name);
        }
        EVO_TRY(check_words(thing, signals[i].name, signals[i].unit, signals[i].doc));
    }
    return EVO_OK;
}

static bool is_named(const struct evo_rollout_signal *signals, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(signals[i].name, name) == 0) { return true; }
    }
    return false;
}

static enum evo_status check_outputs(const struct evo_rollout_class *rollout, const char *from)
{
    static const char *const columns[] = {"case", "t", "cost"};
    EVO_TRY(check_signals(from, "output", rollout->outputs, rollout->n_outputs, EVO_ROLLOUT_OUTPUTS_MAX));
    for (size_t i = 0; i < rollout->n_outputs; i++) {
        const struct evo_rollout_signal *output = &rollout->outputs[i];
        char lower[32], upper[32];
        EVO_CHECK(output->lower < output->upper, EVO_ERR_CONFIG,
                  "%s: output '%s': its lower bound %s is not below its upper bound %s: name both behind its doc",
                  from, output->name, evo_text_number(lower, output->lower), evo_text_number(upper, output->upper));
        EVO_CHECK(!is_named(rollout->trace, rollout->n_trace, output->name), EVO_ERR_CONFIG,
                  "%s: a value of the trace has the name of output '%s', which the trace has besides: leave it out",
                  from, output->name);
    }
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        EVO_CHECK(!is_named(rollout->trace, rollout->n_trace, columns[i]) &&
                      !is_named(rollout->outputs, rollout->n_outputs, columns[i]),
                  EVO_ERR_CONFIG, "%s: a value of the trace or an output has the name '%s', which every trace has: "
                  "give it another", from, columns[i]);
    }
    return EVO_OK;
}

static enum evo_status check_rollout_number(const char *from, const char *name, double x, double min, double max)
{
    char value[32], least[32], most[32];
    EVO_CHECK(x >= min && x <= max, EVO_ERR_CONFIG, "%s: its %s = %s is not within %s to %s: set it in the "
              "descriptor", from, name, evo_text_number(value, x), evo_text_number(least, min),
              evo_text_number(most, max));
    return EVO_OK;
}

static enum evo_status check_sets(const struct evo_rollout_class *rollout, const char *from)
{
    EVO_CHECK(rollout->sets != NULL && rollout->n_sets > 0 && rollout->sets[0].kernels[0] != NULL, EVO_ERR_CONFIG,
              "%s: has no kernels in plain C: build it with evompi-build", from);
    for (size_t i = 0; i < rollout->n_sets; i++) {
        for (size_t k = 0; k < 2; k++) {
            const struct evo_rollout_kernels *kernels = rollout->sets[i].kernels[k];
            if (kernels == NULL) { continue; }
            EVO_CHECK(kernels->fly != NULL && kernels->batch > 0 && (i > 0 || kernels->run != NULL) &&
                          kernels->keys.n_keys == rollout->keys.n_keys,
                      EVO_ERR_CONFIG, "%s: its kernels for %s are not of this file: build it again with "
                      "evompi-build", from, rollout->sets[i].isa);
        }
    }
    return EVO_OK;
}

/* Texts would have to be copied for each precision; nobody needs one in a step. */
static enum evo_status check_rollout_keys(const struct evo_rollout_class *rollout, const char *from)
{
    for (size_t i = 0; i < rollout->keys.n_keys; i++) {
        EVO_CHECK(rollout->keys.keys[i].type != EVO_KEY_TEXT, EVO_ERR_CONFIG,
                  "%s: key '%s' is a text: a rollout has numbers, yes or no, and choices", from,
                  rollout->keys.keys[i].name);
    }
    return EVO_OK;
}

static void evaluate_nothing(void *task, struct evo_batch *batch)
{
    (void)task;
    (void)batch;
}

enum evo_status evo_rollout_class_check(const struct evo_rollout_class *rollout, const char *from,
                                        const struct evo_task_rules *rules)
{
    /* What a rollout has in common with a task of its own evaluation. */
    static const struct evo_block block = {"M", 1, -1, 1, 0, 1, "", ""};
    const struct evo_task_class task = {.name = rollout->name, .summary = rollout->summary, .keys = rollout->keys,
                                        .blocks = &block, .n_blocks = 1, .evaluate = evaluate_nothing};
    EVO_TRY(evo_task_class_check(&task, from, rules));
    EVO_TRY(check_rollout_keys(rollout, from));
    EVO_TRY(check_signals(from, "input", rollout->inputs, rollout->n_inputs, EVO_ROLLOUT_INPUTS_MAX));
    EVO_TRY(check_signals(from, "trace value", rollout->trace, rollout->n_trace, EVO_ROLLOUT_TRACE_MAX));
    EVO_TRY(check_outputs(rollout, from));
    EVO_TRY(check_rollout_number(from, "dt_s", rollout->dt_s, 1e-9, 1e3));
    EVO_TRY(check_rollout_number(from, "duration_s", rollout->duration_s, 1e-6, 1e6));
    EVO_TRY(check_rollout_number(from, "crash_cost", rollout->crash_cost, 0, 1e300));
    EVO_TRY(check_rollout_number(from, "cases", (double)rollout->cases, 1, 100000));
    return check_sets(rollout, from);
}
