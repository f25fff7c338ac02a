/* SPDX-License-Identifier: MIT */
/* Tasks from outside: made from their keys, their batches, and what becomes of a candidate that fails. */
#include "own.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- making a task ------------------------------------------------------------------------ */

static enum evo_status read_policy(const struct evo_config *config, struct evo_own_policy *out)
{
    const char *text = config->task_on_failure;
    char *end = NULL;
    *out = (struct evo_own_policy){.aborts = strcmp(text, "abort") == 0};
    if (out->aborts || strcmp(text, "worst") == 0) { return EVO_OK; }
    if (strncmp(text, "retry:", 6) == 0) {
        errno = 0;
        long long n = strtoll(text + 6, &end, 10);
        if (errno == 0 && end != text + 6 && *end == '\0' && n >= 1 && n <= 1000) {
            out->retries = n;
            return EVO_OK;
        }
    }
    return evo_config_refuse(config, "task.on_failure",
                             "must be worst, abort, or retry:N with N from 1 to 1000");
}

/* The configuration need not live as long as the task. */
static enum evo_status copy_values(struct evo_own *own, const struct evo_config *config)
{
    const struct evo_key_table *table = &own->kind->table;
    EVO_TRY(evo_alloc(1, table->bytes, own->head.class->name, &own->keys));
    memcpy(own->keys, evo_config_values(config, table), table->bytes);
    own->n_texts = 0;
    for (size_t i = 0; i < table->n_keys; i++) {
        enum evo_key_type type = table->keys[i].type;
        char **field = (char **)((char *)own->keys + table->keys[i].offset);
        if (type != EVO_KEY_TEXT && type != EVO_KEY_NAME) { continue; }
        const char *text = *field;
        *field = NULL;
        own->n_texts = i + 1;
        EVO_TRY(evo_text_format(field, "%s", text));
    }
    own->n_texts = table->n_keys;
    return EVO_OK;
}

static void free_values(struct evo_own *own)
{
    for (size_t i = 0; own->keys != NULL && i < own->n_texts; i++) {
        const struct evo_key *key = &own->kind->table.keys[i];
        if (key->type != EVO_KEY_TEXT && key->type != EVO_KEY_NAME) { continue; }
        free(*(char **)((char *)own->keys + key->offset));
    }
    free(own->keys);
}

static enum evo_status call_create(struct evo_own *own, const struct evo_config *config)
{
    const struct evo_task_class *class = own->kind->class;
    char message[EVO_OWN_MESSAGE] = "";
    const struct evo_task_setup setup = {.size = sizeof setup,
                                         .keys = own->keys,
                                         .seed = (uint64_t)config->job_seed,
                                         .isa = own->head.isa->name,
                                         .message = message,
                                         .message_bytes = sizeof message};
    evo_task_form_init(&own->form, class);
    own->task = own->keys;
    if (class->create == NULL) { return EVO_OK; }
    own->task = NULL;
    uint64_t modes = evo_own_enter(own, "create", NULL);
    int refused = class->create(&setup, &own->form, &own->task);
    evo_own_leave(modes);
    message[sizeof message - 1] = '\0';
    EVO_CHECK(refused == 0, EVO_ERR_CONFIG, "task %s: %s", class->name,
              message[0] != '\0' ? message : "it refuses its settings, and does not say why");
    own->made = true;
    return EVO_OK;
}

static enum evo_status take_blocks(struct evo_own *own)
{
    const char *name = own->head.class->name;
    char from[EVO_TASK_NAME_MAX + 8];
    snprintf(from, sizeof from, "task %s", name);
    EVO_TRY(evo_task_form_check(&own->form, from, &own->n_parameters));
    own->head.shape = (struct evo_shape){.n_blocks = own->form.n_blocks, .blocks = own->form.blocks};
    EVO_TRY(evo_alloc(own->n_parameters, sizeof(double), name, &own->lower));
    EVO_TRY(evo_alloc(own->n_parameters, sizeof(double), name, &own->upper));
    for (size_t i = 0; i < own->n_parameters; i++) {
        size_t place = 0;
        const struct evo_block *block = evo_shape_block(own->head.shape, i, &place);
        own->lower[i] = block->lower;
        own->upper[i] = block->upper;
    }
    return EVO_OK;
}

/* ---- keys without an effect ---------------------------------------------------------------- */

/* Whether the cases of a plug-in change is known once it was made. */
static void warn_of_exams(struct evo_task *task, const struct evo_config *config)
{
    static const char *const keys[] = {"exam.every", "exam.candidates"};
    for (size_t i = 0; i < 2 && !task->changes; i++) {
        if (!evo_config_is_changed(config, evo_config_find(config, keys[i]))) { continue; }
        snprintf(task->warning, sizeof task->warning,
                 "%s has no effect: the cases of task %s are the same in all generations", keys[i],
                 task->class->name);
    }
}

/* ---- the task itself ------------------------------------------------------------------------ */

static enum evo_status run_here(struct evo_own *own, struct evo_batch *batch)
{
    uint64_t modes = evo_own_enter(own, "evaluate", batch);
    own->kind->class->evaluate(own->task, batch);
    evo_own_leave(modes);
    return EVO_OK;
}

enum evo_status evo_own_take_form(struct evo_own *own, const struct evo_config *config)
{
    struct evo_task *task = &own->head;
    EVO_TRY(read_policy(config, &own->policy));
    EVO_TRY(take_blocks(own));
    EVO_TRY(evo_task_describe(task, config, ""));
    task->results = own->form.results;
    task->n_results = own->form.n_results;
    task->fails = true;
    task->changes = own->form.changes;
    return evo_alloc(EVO_OWN_BLOCK * task->n_results, sizeof(double), task->class->name, &own->results);
}

static enum evo_status init(struct evo_task *task, const struct evo_config *config)
{
    struct evo_own *own = (struct evo_own *)task;
    own->kind = (const struct evo_own_kind *)task->class;
    EVO_TRY(copy_values(own, config));
    if (!evo_own_is_inside()) { evo_own_guard(); }
    EVO_TRY(call_create(own, config));
    EVO_TRY(evo_own_take_form(own, config));
    own->run = run_here;
    warn_of_exams(task, config);
    snprintf(task->step_name, sizeof task->step_name, "evaluate");
    return config->task_isolate && !evo_own_is_inside() ? evo_own_isolate(own, config) : EVO_OK;
}

void evo_own_fini(struct evo_own *own)
{
    free(own->lower);
    free(own->upper);
    free(own->results);
}

static void call_destroy(struct evo_own *own)
{
    if (!own->made || own->kind->class->destroy == NULL) { return; }
    uint64_t modes = evo_own_enter(own, "destroy", NULL);
    own->kind->class->destroy(own->task);
    evo_own_leave(modes);
}

static void fini(struct evo_task *task)
{
    struct evo_own *own = (struct evo_own *)task;
    evo_own_isolate_fini(own);
    call_destroy(own);
    free_values(own);
    evo_own_fini(own);
}

uint64_t evo_own_steps(const struct evo_task *task, struct evo_cases cases)
{
    (void)task;
    (void)cases;
    return 1;
}

/* ---- evaluating --------------------------------------------------------------------------- */

static enum evo_status check_bounds(const struct evo_own *own, const double *genome)
{
    for (size_t k = 0; k < own->n_parameters; k++) {
        if (genome[k] >= own->lower[k] && genome[k] <= own->upper[k]) { continue; }
        size_t place = 0;
        const struct evo_block *block = evo_shape_block(own->head.shape, k, &place);
        return evo_status_fail(EVO_ERR_DATA, "task %s: %s[%zu] = %g is out of its bounds, %g to %g",
                               own->head.class->name, block->name, place, genome[k], block->lower,
                               block->upper);
    }
    return EVO_OK;
}

uint64_t evo_own_parts(const struct evo_task *task, struct evo_cases cases)
{
    (void)cases;
    return ((const struct evo_own *)task)->form.n_parts;
}

/* What is evaluated at once: one part of some cases. */
struct slice {
    struct evo_cases cases;
    uint64_t part;
};

/* One batch of n candidates, as it is. */
static enum evo_status evaluate_batch(struct evo_own *own, const struct slice *slice, size_t n,
                                      const double *genomes, double *results, int32_t *status)
{
    char message[EVO_OWN_MESSAGE] = "";
    for (size_t i = 0; i < n * own->head.n_results; i++) { results[i] = NAN; }
    memset(status, 0, n * sizeof *status);
    struct evo_batch batch = {.size = sizeof batch,
                              .generation = slice->cases.generation,
                              .purpose = slice->cases.purpose,
                              .n = n,
                              .n_parameters = own->n_parameters,
                              .n_results = own->head.n_results,
                              .first_part = slice->part,
                              .n_parts = 1,
                              .parameters = genomes,
                              .results = results,
                              .status = status,
                              .message = message,
                              .message_bytes = sizeof message};
    EVO_TRY(own->run(own, &batch));
    message[sizeof message - 1] = '\0';
    if (own->note[0] == '\0') { memcpy(own->note, message, sizeof own->note); }
    return EVO_OK;
}

/* A candidate that failed is tried again, alone. */
static enum evo_status retry(struct evo_own *own, const struct slice *slice, const double *genome, size_t i)
{
    double *results = own->results + i * own->head.n_results;
    for (int64_t k = 0; own->status[i] != EVO_CANDIDATE_OK && k < own->policy.retries; k++) {
        EVO_TRY(evaluate_batch(own, slice, 1, genome, results, &own->status[i]));
    }
    return EVO_OK;
}

void evo_own_print_genome(char *text, size_t size, const double *genome, size_t n)
{
    size_t used = 0, shown = n < 8 ? n : 8;
    for (size_t k = 0; k < shown && used < size; k++) {
        used += (size_t)snprintf(text + used, size - used, "%s%.17g", k > 0 ? " " : "", genome[k]);
    }
    if (shown < n && used < size) { snprintf(text + used, size - used, " ..."); }
}

static enum evo_status settle(struct evo_own *own, const double *genome, size_t i, double *record)
{
    size_t n_results = own->head.n_results;
    bool failed = own->status[i] != EVO_CANDIDATE_OK;
    char parameters[240] = "";
    if (failed && own->policy.aborts) {
        evo_own_print_genome(parameters, sizeof parameters, genome, own->n_parameters);
        return evo_status_fail(EVO_ERR_DATA, "task %s: a candidate failed (%s), and [task] on_failure = "
                               "abort; its parameters: %s", own->head.class->name,
                               own->note[0] != '\0' ? own->note : "it does not say why", parameters);
    }
    if (failed && own->note[0] == '\0') { snprintf(own->note, sizeof own->note, "it does not say why"); }
    for (size_t k = 0; k < n_results; k++) {
        double x = own->results[i * n_results + k];
        record[k] = failed || isnan(x) ? (double)NAN : x;
    }
    record[n_results] = failed ? 1.0 : 0.0;
    return EVO_OK;
}

enum evo_status evo_own_evaluate(struct evo_task *task, struct evo_cases cases, uint64_t part, size_t n,
                                 const double *genomes, double *records)
{
    const struct slice slice = {cases, part};
    struct evo_own *own = (struct evo_own *)task;
    size_t width = evo_record_width(evo_task_record(task));
    for (size_t i = 0; i < n; i++) { EVO_TRY(check_bounds(own, genomes + i * own->n_parameters)); }
    for (size_t begin = 0; begin < n; begin += EVO_OWN_BLOCK) {
        size_t n_block = n - begin < EVO_OWN_BLOCK ? n - begin : EVO_OWN_BLOCK;
        const double *genome = genomes + begin * own->n_parameters;
        EVO_TRY(evaluate_batch(own, &slice, n_block, genome, own->results, own->status));
        for (size_t i = 0; i < n_block; i++, genome += own->n_parameters) {
            EVO_TRY(retry(own, &slice, genome, i));
            EVO_TRY(settle(own, genome, i, records + (begin + i) * width));
        }
    }
    return EVO_OK;
}

void evo_own_take_note(struct evo_task *task, char *text, size_t size)
{
    struct evo_own *own = (struct evo_own *)task;
    snprintf(text, size, "%s", own->note);
    own->note[0] = '\0';
}

bool evo_own_is(const struct evo_task *task) { return task->class->init == init; }

/* ---- the contract ------------------------------------------------------------------------- */

enum evo_status evo_own_kind_create(const struct evo_task_class *class,
                                    const struct evo_task_kind **out)
{
    struct evo_own_kind *kind = NULL;
    EVO_TRY(evo_alloc(1, sizeof *kind, class->name, &kind));
    kind->class = class;
    kind->kind = (struct evo_task_kind){.name = class->name,
                                        .summary = class->summary,
                                        .manual = "",
                                        .bytes = sizeof(struct evo_own),
                                        .keys = kind->tables,
                                        .init = init,
                                        .fini = fini,
                                        .steps = evo_own_steps,
                                        .parts = evo_own_parts,
                                        .evaluate = evo_own_evaluate,
                                        .take_note = evo_own_take_note};
    kind->tables[0] = &kind->table;
    enum evo_status status = evo_task_keys_in(class->name, &class->keys, &kind->table);
    if (status != EVO_OK) {
        free(kind);
        return status;
    }
    *out = &kind->kind;
    return EVO_OK;
}
