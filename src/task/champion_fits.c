/* SPDX-License-Identifier: MIT */
/* Whether creatures of one controller can be used as another: the same shape, the same inputs by name. */
#include "champion.h"

#include <evompi/contract.h>

#include <stdlib.h>
#include <string.h>

/* One thing that is said of a controller, such as input_0, and what the task has in its place. */
struct fact {
    char key[32], text[64];
};

/* Fact i of a task, as champion.csv names it; false behind the last. */
static bool find_block_fact(struct evo_shape shape, size_t i, struct fact *out)
{
    if (i > shape.n_blocks) { return false; }
    if (i == 0) {
        snprintf(out->key, sizeof out->key, "parameters");
        snprintf(out->text, sizeof out->text, "%zu", evo_shape_genome(shape));
    } else {
        snprintf(out->key, sizeof out->key, "block_%zu", i - 1);
        snprintf(out->text, sizeof out->text, "%s", shape.blocks[i - 1].name);
    }
    return true;
}

static bool find_fact(const struct evo_task *task, size_t i, struct fact *out)
{
    const struct evo_shape s = task->shape;
    if (s.n_blocks > 0) { return find_block_fact(s, i, out); }
    const struct {
        const char *key;
        size_t n;
    } counts[] = {{"states", s.n_states}, {"inputs", s.n_inputs}, {"outputs", s.n_outputs}};
    const size_t n_counts = sizeof counts / sizeof counts[0];
    if (i < n_counts) {
        snprintf(out->key, sizeof out->key, "%s", counts[i].key);
        snprintf(out->text, sizeof out->text, "%zu", counts[i].n);
        return true;
    }
    i -= n_counts;
    if (i < s.n_inputs + s.n_outputs) {
        bool is_input = i < s.n_inputs;
        size_t k = is_input ? i : i - s.n_inputs;
        snprintf(out->key, sizeof out->key, "%s_%zu", is_input ? "input" : "output", k);
        snprintf(out->text, sizeof out->text, "%s",
                 is_input ? task->inputs[k].name : task->outputs[k].name);
        return true;
    }
    i -= s.n_inputs + s.n_outputs;
    if (i > 0) { return false; }
    snprintf(out->key, sizeof out->key, "hidden");
    snprintf(out->text, sizeof out->text, "%zu", s.n_hidden);
    return true;
}

/* The task's own text for a key; NULL where it has no such key. */
static const char *look_up(const struct evo_task *task, const char *key, struct fact *fact)
{
    for (size_t i = 0; find_fact(task, i, fact); i++) {
        if (strcmp(fact->key, key) == 0) { return fact->text; }
    }
    return NULL;
}

static enum evo_status refuse(const char *place, const char *key, const char *found,
                              const char *wanted, const char *task)
{
    return evo_status_fail(EVO_ERR_DATA,
                           "%s: %s is %s, but %s in the configuration; creatures of task %s fly "
                           "with the configuration of their own run",
                           place, key, evo_champion_excerpt(found).text, wanted,
                           evo_champion_excerpt(task).text);
}

enum evo_status evo_task_fits(const char *path, const struct evo_task *made_by,
                              const struct evo_task *task)
{
    struct fact made, here;
    for (size_t i = 0; find_fact(made_by, i, &made); i++) {
        const char *wanted = look_up(task, made.key, &here);
        if (wanted == NULL || strcmp(wanted, made.text) == 0) { continue; }
        return refuse(path, made.key, made.text, wanted, made_by->class->name);
    }
    return EVO_OK;
}

/* "# key,value,...": cuts key and value out of a line; false where it is another kind of line. */
static bool split(char *line, char **key, char **value)
{
    if (strncmp(line, "# ", 2) != 0) { return false; }
    char *rest = line + 2;
    *key = strsep(&rest, ",");
    if (rest == NULL) { return false; }
    *value = strsep(&rest, ",\r");
    return true;
}

enum evo_status evo_champion_fits(const char *path, const struct evo_task *task)
{
    enum evo_status status = EVO_OK;
    char *bytes = NULL, *key = NULL, *value = NULL, *place = NULL;
    const char *made_by = "unknown";
    bool has_shape = false, has_hidden = false;
    size_t n = 0;
    EVO_TRY(evo_text_read(path, EVO_CHAMPION_BYTES_MAX, &bytes, &n));
    char *rest = bytes;
    for (size_t i_line = 1; rest != NULL; i_line++) {
        if (!split(strsep(&rest, "\n"), &key, &value)) { continue; }
        struct fact fact;
        if (strcmp(key, "task") == 0) { made_by = value; }
        has_shape |= strcmp(key, "states") == 0;
        has_hidden |= strcmp(key, "hidden") == 0;
        const char *wanted = look_up(task, key, &fact);
        if (wanted == NULL || strcmp(wanted, value) == 0) { continue; }
        EVO_GOTO(evo_text_format(&place, "%s:%zu", path, i_line));
        status = refuse(place, key, value, wanted, made_by);
        goto done;
    }
    if (has_shape && !has_hidden && task->shape.n_hidden > 0) {
        struct fact fact;
        status = refuse(path, "hidden", "0", look_up(task, "hidden", &fact), made_by);
    }
done:
    free(place);
    free(bytes);
    return status;
}
