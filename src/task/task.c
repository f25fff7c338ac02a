/* SPDX-License-Identifier: MIT */
/* Tasks from outside: makes the one that the configuration names and hands every call to it. */
#include <evompi/contract.h>

#include "own.h"
#include "rollout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_KINDS = 64 };

extern const struct evo_task_kind evo_task_program;

/* The tasks there are: those of this program, and those that were added when it began. */
static const struct evo_task_kind *kinds[MOST_KINDS];
static const char *names[MOST_KINDS];
static size_t n_kinds;

/* The program's own is the last one always, so that it does not matter who brings the others. */
static void add_kind(const struct evo_task_kind *kind)
{
    size_t at = n_kinds > 0 ? n_kinds - 1 : 0;
    names[n_kinds] = names[at];
    kinds[n_kinds++] = kinds[at];
    names[at] = kind->name;
    kinds[at] = kind;
}

/* How many there are; the first question finds those of this program. */
static size_t count_kinds(void)
{
    if (n_kinds > 0) { return n_kinds; }
    add_kind(&evo_task_program);
    for (size_t i = 0; evo_tasks_builtin[i] != NULL; i++) { add_kind(evo_tasks_builtin[i]); }
    return n_kinds;
}

size_t evo_task_count(void) { return count_kinds(); }
const char *const *evo_task_names(void) { return names; }
const char *evo_task_summary(size_t i) { return kinds[i]->summary; }

const struct evo_key_table *evo_task_table(size_t i, size_t j) { return kinds[i]->keys[j]; }

enum evo_status evo_task_include(struct evo_config *config)
{
    for (size_t i = 0; i < count_kinds(); i++) {
        if (kinds[i]->include != NULL) { EVO_TRY(kinds[i]->include(config)); }
    }
    return EVO_OK;
}

const struct evo_task_kind *evo_task_kind_find(const char *name)
{
    for (size_t i = 0; i < count_kinds(); i++) {
        if (strcmp(names[i], name) == 0) { return kinds[i]; }
    }
    return NULL;
}

/* Whether there is room for a task of this name. */
static enum evo_status check_room(const char *name)
{
    EVO_CHECK(evo_task_kind_find(name) == NULL, EVO_ERR_CONFIG,
              "task %s: there is a task of this name already; give yours another", name);
    EVO_CHECK(count_kinds() < MOST_KINDS, EVO_ERR_CONFIG, "task %s: is one more than the %d that there can be", name,
              MOST_KINDS);
    return EVO_OK;
}

enum evo_status evo_task_add(const struct evo_task_class *class)
{
    const struct evo_task_kind *kind = NULL;
    EVO_TRY(check_room(class->name));
    EVO_TRY(evo_own_kind_create(class, &kind));
    add_kind(kind);
    return EVO_OK;
}

enum evo_status evo_task_add_rollout(const struct evo_rollout_class *class)
{
    const struct evo_task_kind *kind = NULL;
    EVO_TRY(check_room(class->name));
    EVO_TRY(evo_rollout_kind_create(class, &kind));
    add_kind(kind);
    return EVO_OK;
}

enum evo_status evo_task_add_kinds(const struct evo_task_kind *const *added)
{
    for (size_t i = 0; added[i] != NULL; i++) {
        EVO_TRY(check_room(added[i]->name));
        add_kind(added[i]);
    }
    return EVO_OK;
}

static const struct evo_result fitness_alone = {"fitness", "", "smaller is better"};

enum evo_status evo_task_create(const struct evo_config *config, struct evo_task **out)
{
    enum evo_status status = EVO_OK;
    struct evo_task *task = NULL;
    const struct evo_task_kind *class = evo_task_kind_find(config->task_name);
    if (class == NULL) { return evo_config_refuse(config, "task.name", "there is no such task"); }

    EVO_TRY(evo_alloc(1, class->bytes, class->name, &task));
    task->class = class;
    task->precision = (enum evo_precision)config->task_precision;
    EVO_GOTO(evo_isa_select(evo_config_word(config, "farm.isa"), &task->isa));
    task->results = &fitness_alone;
    task->n_results = 1;
    EVO_GOTO(class->init(task, config));
    *out = task;
    task = NULL;
done:
    evo_task_destroy(task);
    return status;
}

void evo_task_destroy(struct evo_task *task)
{
    if (task == NULL) { return; }
    task->class->fini(task);
    free(task->description);
    free(task->basis.rows);
    free(task);
}

enum evo_status evo_task_choose_step(struct evo_task *task, const struct evo_config *config,
                                     bool has_kernel, const char *shapes)
{
    if (config->task_step == EVO_STEP_UNROLLED && !has_kernel) {
        return evo_config_refuse(config, "task.step",
                                 "the unrolled step (%s) is built for %s; use auto or plain",
                                 task->isa->name, shapes);
    }
    task->unrolled = has_kernel && config->task_step != EVO_STEP_PLAIN;
    snprintf(task->step_name, sizeof task->step_name, task->unrolled ? "unrolled (%s)" : "plain",
             task->isa->name);
    return EVO_OK;
}

enum evo_status evo_task_keys_in(const char *section, const struct evo_key_table *table, struct evo_key_table *out)
{
    struct evo_key *keys = NULL;
    EVO_TRY(evo_alloc(table->n_keys, sizeof *keys, section, &keys));
    for (size_t i = 0; i < table->n_keys; i++) {
        keys[i] = table->keys[i];
        keys[i].section = section;
    }
    *out = (struct evo_key_table){keys, table->n_keys, table->bytes};
    return EVO_OK;
}

enum evo_status evo_task_describe(struct evo_task *task, const struct evo_config *config, const char *head)
{
    size_t n_keys = 0, n = 0;
    const struct evo_key *keys = evo_config_keys(config, &n_keys);
    FILE *out = open_memstream(&task->description, &n);
    EVO_CHECK(out != NULL, EVO_ERR_MEMORY, "task %s: no memory for its description", task->class->name);
    fputs(head, out);
    for (size_t i = 0; i < n_keys; i++) {
        char value[EVO_CONFIG_VALUE_MAX];
        if (strcmp(keys[i].section, task->class->name) != 0) { continue; }
        fprintf(out, "%s,%s,%s\n", keys[i].name, evo_config_text(config, &keys[i], value), keys[i].unit);
    }
    EVO_CHECK(fclose(out) == 0, EVO_ERR_MEMORY, "task %s: no memory for its description", task->class->name);
    return EVO_OK;
}

/* What is for tasks from outside. */
static size_t unused_by_ours(struct evo_config_unused *rows)
{
    static const char *const keys[] = {"task.on_failure", "task.isolate", "task.timeout_s", "task.memory_mb"};
    enum { N = sizeof keys / sizeof keys[0] };
    for (size_t i = 0; i < N; i++) {
        rows[i] = (struct evo_config_unused){
            true, keys[i], "it is for tasks from outside, plug-ins and programs: no candidate of this one fails", NULL};
    }
    return N;
}

bool evo_task_is_ranged(const struct evo_config *config)
{
    const struct evo_task_kind *kind = evo_task_kind_find(config->task_name);
    return kind != NULL && kind->evaluate == evo_own_evaluate;
}

size_t evo_task_unused(const struct evo_config *config,
                       struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX / 2])
{
    const struct evo_task_kind *kind = evo_task_kind_find(config->task_name);
    if (kind == NULL) { return 0; }
    if (kind->evaluate == evo_own_evaluate) { return evo_own_unused(config, rows); }
    size_t n = kind->unused != NULL ? kind->unused(config, rows) : 0;
    return n + unused_by_ours(rows + n);
}

/* ---- what a task is --------------------------------------------------------------------- */

const char *evo_task_warning(const struct evo_task *task) { return task->warning; }
const char *evo_task_name(const struct evo_task *task) { return task->class->name; }
struct evo_shape evo_task_shape(const struct evo_task *task) { return task->shape; }
const struct evo_signal *evo_task_inputs(const struct evo_task *task) { return task->inputs; }
const struct evo_signal *evo_task_outputs(const struct evo_task *task) { return task->outputs; }
const struct evo_basis *evo_task_basis(const struct evo_task *task)
{
    return task->basis.rows != NULL ? &task->basis : NULL;
}

const char *evo_task_description(const struct evo_task *task) { return task->description; }
const char *evo_task_step_name(const struct evo_task *task) { return task->step_name; }
bool evo_task_changes(const struct evo_task *task) { return task->changes; }

const struct evo_signal *evo_task_trace_signals(const struct evo_task *task, size_t *n)
{
    *n = task->n_trace;
    return task->trace;
}

size_t evo_task_batch(const struct evo_task *task) { return task->unrolled ? task->batch : 1; }

/* ---- flying ----------------------------------------------------------------------------- */

/* Which NaN an operation gives depends on the machine; of those there is to be one. */
static double canonical(double fitness) { return isnan(fitness) ? (double)NAN : fitness; }

/* The price of a genome's size. Without one nothing is added: 0 times an infinite norm is NaN. */
static double priced(const struct evo_task *task, double fitness, const double *genome)
{
    if (task->weight_size == 0.0) { return fitness; }
    double square = 0.0;
    size_t n = evo_shape_genome(task->shape);
    for (size_t i = 0; i < n; i++) { square += genome[i] * genome[i]; }
    return fitness + task->weight_size * square;
}

struct evo_controller evo_task_controller(const struct evo_task *task, struct evo_linear *linear,
                                          const double *genome)
{
    if (task->class->controller != NULL) { return task->class->controller(task, linear, genome); }
    return task->fused ? evo_controller_fused(linear, task->shape, task->precision, genome,
                                              task->state_limit)
                       : evo_controller_linear(linear, task->shape, task->precision, genome);
}

uint64_t evo_task_steps(const struct evo_task *task, struct evo_cases cases)
{
    return task->class->steps(task, cases);
}

uint64_t evo_task_parts(const struct evo_task *task, struct evo_cases cases)
{
    return task->class->parts != NULL ? task->class->parts(task, cases) : 1;
}

/* The fitness of n candidates of the sums of their costs. */
static void finish(const struct evo_task *task, struct evo_cases cases, size_t n, const double *genomes,
                   double *sums)
{
    size_t genome = evo_shape_genome(task->shape);
    double divisor = task->class->mean ? (double)evo_task_parts(task, cases) : 1.0;
    for (size_t i = 0; i < n; i++) {
        sums[i] = canonical(priced(task, sums[i] / divisor, genomes + i * genome));
    }
}

void evo_task_fly(const struct evo_task *task, struct evo_cases cases, size_t n, const double *genomes,
                  double *fitness)
{
    const struct evo_parts all = {0, evo_task_parts(task, cases)};
    task->class->fly(task, cases, all, n, genomes, fitness);
    finish(task, cases, n, genomes, fitness);
}

static void count_parameters(const struct evo_task *task, char *text, size_t size)
{
    struct evo_shape shape = task->shape;
    size_t n = evo_shape_genome(shape), used = 0;
    used = (size_t)snprintf(text, size, "%zu parameter%s (", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < shape.n_blocks && used < size; i++) {
        if (i == 6) {
            used += (size_t)snprintf(text + used, size - used, ", ...");
            break;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%s: %zu", i > 0 ? ", " : "",
                                 shape.blocks[i].name, shape.blocks[i].n);
    }
    if (used < size) {
        snprintf(text + used, size - used, "), %zu result%s", task->n_results,
                 task->n_results == 1 ? "" : "s");
    }
}

const char *evo_task_dimensions(const struct evo_task *task, char *text, size_t size)
{
    struct evo_shape shape = task->shape;
    char hidden[64] = "";
    if (shape.n_blocks > 0) {
        count_parameters(task, text, size);
        return text;
    }
    if (shape.n_hidden > 0) { snprintf(hidden, sizeof hidden, ", %zu hidden units", shape.n_hidden); }
    snprintf(text, size, "%zu inputs, %zu outputs, %zu state variables%s", shape.n_inputs,
             shape.n_outputs, shape.n_states, hidden);
    return text;
}

struct evo_record evo_task_record(const struct evo_task *task)
{
    return (struct evo_record){task->n_results, task->fails};
}

const struct evo_result *evo_task_results(const struct evo_task *task) { return task->results; }

enum evo_status evo_task_begin(struct evo_task *task)
{
    return task->class->begin != NULL ? task->class->begin(task) : EVO_OK;
}

/* Adds the records of one part: their results, and whether the candidate failed in any. */
static void add_part(const struct evo_task *task, size_t n, const double *part, double *sums)
{
    struct evo_record record = evo_task_record(task);
    size_t width = evo_record_width(record);
    for (size_t i = 0; i < n; i++, part += width, sums += width) {
        for (size_t k = 0; k < record.n_results; k++) { sums[k] += part[k]; }
        if (record.fails && part[record.n_results] != 0.0) { sums[record.n_results] = 1.0; }
    }
}

/* Of all parts: a candidate that failed in one has no results. */
static void settle_sums(const struct evo_task *task, size_t n, double *records)
{
    struct evo_record record = evo_task_record(task);
    size_t width = evo_record_width(record);
    for (size_t i = 0; i < n; i++, records += width) {
        bool failed = record.fails && records[record.n_results] != 0.0;
        for (size_t k = 0; k < record.n_results; k++) {
            records[k] = failed ? (double)NAN : canonical(records[k]);
        }
    }
}

/* All parts of an evaluation, one after the other. */
static enum evo_status evaluate_in_turn(struct evo_task *task, struct evo_cases cases, uint64_t n_parts, size_t n,
                                        const double *genomes, double *records)
{
    enum evo_status status = EVO_OK;
    size_t width = evo_record_width(evo_task_record(task));
    double *part = NULL;
    EVO_TRY(evo_alloc(n * width, sizeof *part, "results", &part));
    for (size_t i = 0; i < n * width; i++) { records[i] = 0.0; }
    for (uint64_t k = 0; k < n_parts; k++) {
        EVO_GOTO(task->class->evaluate(task, cases, k, n, genomes, part));
        add_part(task, n, part, records);
    }
    settle_sums(task, n, records);
done:
    free(part);
    return status;
}

enum evo_status evo_task_evaluate(struct evo_task *task, struct evo_cases cases, size_t n,
                                  const double *genomes, double *records)
{
    uint64_t n_parts = evo_task_parts(task, cases);
    if (task->class->evaluate == NULL) {
        evo_task_fly(task, cases, n, genomes, records);
        return EVO_OK;
    }
    if (n_parts == 1) { return task->class->evaluate(task, cases, 0, n, genomes, records); }
    return evaluate_in_turn(task, cases, n_parts, n, genomes, records);
}

enum evo_status evo_task_evaluate_parts(struct evo_task *task, struct evo_cases cases, struct evo_parts parts,
                                        size_t n, const double *genomes, double *records)
{
    size_t width = evo_record_width(evo_task_record(task));
    for (uint64_t k = 0; k < parts.n; k++, records += n * width) {
        const struct evo_parts one = {parts.first + k, 1};
        if (task->class->evaluate == NULL) {
            task->class->fly(task, cases, one, n, genomes, records);
        } else {
            EVO_TRY(task->class->evaluate(task, cases, one.first, n, genomes, records));
        }
    }
    return EVO_OK;
}

void evo_task_join(const struct evo_task *task, struct evo_cases cases, size_t n, const double *genomes,
                   const double *parts, double *records)
{
    size_t width = evo_record_width(evo_task_record(task));
    uint64_t n_parts = evo_task_parts(task, cases);
    bool flies = task->class->evaluate == NULL;
    if (n_parts == 1) {
        memcpy(records, parts, n * width * sizeof *records);
    } else {
        for (size_t i = 0; i < n * width; i++) { records[i] = 0.0; }
        for (uint64_t k = 0; k < n_parts; k++) { add_part(task, n, parts + k * n * width, records); }
    }
    if (flies) {
        finish(task, cases, n, genomes, records);
    } else if (n_parts > 1) {
        settle_sums(task, n, records);
    }
}

enum evo_status evo_task_fitness(struct evo_task *task, struct evo_cases cases, size_t n,
                                 const double *genomes, double *fitness)
{
    size_t width = evo_record_width(evo_task_record(task));
    double *records = NULL;
    if (width == 1) { return evo_task_evaluate(task, cases, n, genomes, fitness); }
    EVO_TRY(evo_alloc(n * width, sizeof *records, "results", &records));
    enum evo_status status = evo_task_evaluate(task, cases, n, genomes, records);
    for (size_t i = 0; status == EVO_OK && i < n; i++) { fitness[i] = records[i * width]; }
    free(records);
    return status;
}

void evo_task_take_note(struct evo_task *task, char *text, size_t size)
{
    text[0] = '\0';
    if (task->class->take_note != NULL) { task->class->take_note(task, text, size); }
}

bool evo_task_traces(const struct evo_task *task) { return task->class->trace != NULL; }

enum evo_status evo_task_trace_controller(const struct evo_task *task, struct evo_cases cases,
                                          const struct evo_controller *controller,
                                          evo_trace_sink *sink, void *context, double *fitness)
{
    EVO_TRY(task->class->trace(task, cases, controller, sink, context, fitness));
    *fitness = canonical(*fitness);
    return EVO_OK;
}

enum evo_status evo_task_trace(const struct evo_task *task, struct evo_cases cases,
                               const double *genome, evo_trace_sink *sink, void *context,
                               double *fitness)
{
    struct evo_linear linear;
    struct evo_controller controller = evo_task_controller(task, &linear, genome);
    EVO_TRY(evo_task_trace_controller(task, cases, &controller, sink, context, fitness));
    *fitness = canonical(priced(task, *fitness, genome));
    return EVO_OK;
}

/* ---- on the validation set --------------------------------------------------- */

bool evo_task_validates(const struct evo_task *task) { return task->class->validate != NULL; }

enum evo_status evo_task_validate(const struct evo_task *task,
                                  const struct evo_controller *controller, bool brief,
                                  evo_figure_sink *sink, void *context)
{
    EVO_CHECK(evo_task_validates(task), EVO_ERR_USAGE, "task %s has no validation",
              task->class->name);
    return task->class->validate(task, controller, brief, sink, context);
}

enum evo_status evo_task_validate_creature(const struct evo_task *task, const double *genome,
                                           bool brief, evo_figure_sink *sink, void *context)
{
    struct evo_linear linear;
    struct evo_controller controller = evo_task_controller(task, &linear, genome);
    return evo_task_validate(task, &controller, brief, sink, context);
}

const char *evo_task_tuned(const struct evo_task *task, const char *const **sets)
{
    *sets = task->class->tuned_sets;
    return task->class->tuned;
}

const char *const *evo_task_baselines(const struct evo_task *task)
{
    static const char *const none[] = {NULL};
    return task->class->baselines != NULL ? task->class->baselines : none;
}

/* ---- baselines by hand ---------------------------------------------------------------- */

enum evo_status evo_baseline_create(const struct evo_task *task, const char *name,
                                     struct evo_controller *out)
{
    const char *const *known = evo_task_baselines(task);
    char list[256] = "none";
    for (size_t i = 0, used = 0; known[i] != NULL; i++) {
        if (strcmp(known[i], name) == 0) { return task->class->baseline(task, i, out); }
        int n = snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", known[i]);
        if (n > 0 && used + (size_t)n < sizeof list) { used += (size_t)n; }
    }
    return evo_status_fail(EVO_ERR_USAGE, "task %s has no baseline \"%s\"; it has: %s",
                           task->class->name, name, list);
}

void evo_baseline_destroy(struct evo_controller *controller)
{
    if (controller == NULL) { return; }
    free(controller->context);
    *controller = (struct evo_controller){0};
}

/* ---- instruction sets ------------------------------------------------------------------- */

void evo_task_print_isas(FILE *out)
{
    size_t n = 0;
    const struct evo_isa *best = NULL, *const *all = evo_isa_all(&n);
    /* An EVOMPI_ISA that names no set is an error of a job; here it keeps nothing out. */
    const char *limit = evo_isa_select("auto", &best) == EVO_OK ? getenv("EVOMPI_ISA") : NULL;
    bool above = false;
    for (size_t i = 0; i < n; i++) {
        bool runs = evo_isa_runs(all[i]), barred = runs && above;
        fprintf(out, "  %-8s %s%s%s; %zu candidates side by side, %zu in single precision\n",
                all[i]->name, runs ? "here" : "not on this machine",
                barred ? ", not used: EVOMPI_ISA = " : "", barred ? limit : "",
                all[i]->ports[EVO_PRECISION_DOUBLE]->lanes, all[i]->ports[EVO_PRECISION_SINGLE]->lanes);
        above = above || (limit != NULL && all[i] == best);
    }
}

void evo_task_print_lists(FILE *out)
{
    for (size_t i = 0; i < count_kinds(); i++) {
        if (kinds[i]->print_lists != NULL) { kinds[i]->print_lists(out); }
    }
}
