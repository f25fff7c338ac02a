/* SPDX-License-Identifier: MIT */
/* Tasks from outside that are evaluated in children: isolated plug-ins, and programs. */
#include "own.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the process of this program gives to all of its tasks. */
static struct evo_task_host *host;

void evo_task_set_host(struct evo_task_host *given) { host = given; }

static enum evo_status find_spawner(const char *name, struct evo_spawner **out)
{
    EVO_CHECK(host != NULL && (host->spawner != NULL || !host->closed), EVO_ERR_CONFIG,
              "task %s: this rank could not read the configuration before MPI was started, and can "
              "start no children any more; put the configuration where every host can read it", name);
    if (host->spawner == NULL) {
        EVO_TRY(evo_spawner_create(host->works, host->n_works, &host->spawner));
    }
    *out = host->spawner;
    return EVO_OK;
}

/* ---- an isolated plug-in -------------------------------------------------------------------- */

static enum evo_status run_isolated(struct evo_own *own, struct evo_batch *batch)
{
    return evo_isolate_evaluate(own->runner, batch);
}

/* A candidate that took its child with it, for the log: it may never be seen again. */
static void say_lost(void *context, const struct evo_batch *batch, size_t i, const char *why)
{
    const struct evo_own *own = context;
    char parameters[512];
    evo_own_print_genome(parameters, sizeof parameters, batch->parameters + i * batch->n_parameters,
                         batch->n_parameters);
    evo_log(EVO_LOG_WARNING, "task %s: generation %llu: a candidate ended its process: %s; its "
            "parameters: %s", own->head.class->name, (unsigned long long)batch->generation, why, parameters);
}

enum evo_status evo_own_isolate(struct evo_own *own, const struct evo_config *config)
{
    struct evo_isolate *isolate = NULL;
    struct evo_spawner *spawner = NULL;
    char *text = NULL;
    enum evo_status status = EVO_OK;
    EVO_TRY(find_spawner(own->head.class->name, &spawner));
    EVO_TRY(evo_config_print(config, false, false, &text));
    const struct evo_isolate_setup setup = {.spawner = spawner,
                                            .work = host->isolate_work,
                                            .payload = text,
                                            .n_payload = strlen(text),
                                            .name = own->head.class->name,
                                            .n_parameters = own->n_parameters,
                                            .n_results = own->head.n_results,
                                            .slice = 1,
                                            .timeout_s = config->task_timeout_s,
                                            .memory_bytes = (uint64_t)config->task_memory_mb * 1000000u,
                                            .output = -1,
                                            .lost = say_lost,
                                            .context = own};
    EVO_GOTO(evo_isolate_create(&setup, &isolate));
    own->run = run_isolated;
    own->runner = isolate;
    snprintf(own->head.step_name, sizeof own->head.step_name, "evaluate, in a child");
done:
    free(text);
    return status;
}

void evo_own_isolate_fini(struct evo_own *own)
{
    if (own->run == run_isolated) { evo_isolate_destroy(own->runner); }
}

size_t evo_own_rank(void) { return host != NULL ? host->rank : 0; }

bool evo_own_is_inside(void) { return host != NULL && host->inside; }

enum evo_status evo_task_create_inside(const struct evo_config *config, struct evo_task **task,
                                       struct evo_isolate_made *made)
{
    host->inside = true;
    EVO_TRY(evo_task_create(config, task));
    EVO_CHECK(evo_own_is(*task), EVO_ERR_INTERNAL, "task %s: is none of a plug-in", config->task_name);
    const struct evo_own *own = (const struct evo_own *)*task;
    made->task_class = own->kind->class;
    made->task = own->task;
    return EVO_OK;
}

bool evo_task_needs_children(const struct evo_config *config)
{
    return strcmp(config->task_name, "program") == 0 || config->task_isolate;
}

/* ---- a program ------------------------------------------------------------------------------ */

#define EVO_PROGRAM_KEYS(KEY) \
    KEY(program, command, TEXT, FIXED, "none", 0, 0, "", "", "the program that evaluates candidates, run by /bin/sh; relative names count from where the job is started") \
    KEY(program, format, CHOICE, FIXED, "json", 0, 0, EVO_CHOICE_WORDS(EVO_PROGRAM_FORMATS), "", "how batches go to the program: lines of JSON, or raw doubles") \
    KEY(program, parameters, INT, FIXED, "1", 1, EVO_TASK_PARAMETERS_MAX, "", "", "number of parameters") \
    KEY(program, names, TEXT, FIXED, "x", 0, 0, "", "", "one name for all parameters, or one for each with blanks between them") \
    KEY(program, lower, TEXT, FIXED, "-inf", 0, 0, "", "", "lowest value of a parameter: one for all, or one for each with blanks between them") \
    KEY(program, upper, TEXT, FIXED, "inf", 0, 0, "", "", "largest value of a parameter, as for program.lower") \
    KEY(program, start, TEXT, FIXED, "0", 0, 0, "", "", "where a search begins, as for program.lower") \
    KEY(program, spread, TEXT, FIXED, "1", 0, 0, "", "", "standard deviation of the first candidates, as for program.lower") \
    KEY(program, results, TEXT, FIXED, "fitness", 0, 0, "", "", "names of the results with blanks between them; the first one is the fitness") \
    KEY(program, start_timeout_s, REAL, FREE, "120", 0, 1e9, "", "s", "the job ends where the program does not say within this time that it is ready") \
    KEY(program, changes, BOOL, FIXED, "no", 0, 0, "", "", "the results of a candidate change from generation to generation")

EVO_KEYS_DECLARE(program, EVO_PROGRAM_KEYS)
EVO_KEYS_DEFINE(program, EVO_PROGRAM_KEYS)

/* The task: its blocks and results point into `words`. */
struct program {
    struct evo_own own;
    struct evo_block *blocks;     // [n_blocks]
    struct evo_result *results;   // [n_results]
    const char **names;           // [n_parameters], of the program's first line
    const char **result_names;    // [n_results]
    char *words, *result_words;   // taken apart
    char **made_names;            // [n_parameters], names such as x[3]; or NULL
    char *command, *error_path;
    size_t n_results;
    struct evo_program_setup setup; // without what only a start knows
};

/* Takes a list of words apart, in place; returns how many, at most `most`. */
static size_t split(char *text, const char **out, size_t most)
{
    size_t n = 0;
    for (char *word; (word = strsep(&text, " \t,")) != NULL;) {
        if (word[0] == '\0') { continue; }
        if (n < most) { out[n] = word; }
        n++;
    }
    return n;
}

static size_t count_words(const char *text)
{
    size_t n = 0;
    for (text += strspn(text, " \t,"); *text != '\0'; text += strspn(text, " \t,")) {
        text += strcspn(text, " \t,");
        n++;
    }
    return n;
}

/* Number k of a list that has one for all or one for each. */
static enum evo_status take_number(const struct evo_config *config, const char *key, const char *list,
                                   size_t n_parameters, size_t k, double *out)
{
    size_t n = count_words(list);
    if (n != 1 && n != n_parameters) {
        return evo_config_refuse(config, key, "has %zu numbers for %zu parameters (program.parameters): give "
                                 "one, or one for each", n, n_parameters);
    }
    const char *word = list + strspn(list, " \t,");
    for (size_t i = 0; n > 1 && i < k; i++) {
        word += strcspn(word, " \t,");
        word += strspn(word, " \t,");
    }
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)(strcspn(word, " \t,") < 63 ? strcspn(word, " \t,") : 63), word);
    if (strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0) {
        *out = text[0] == '-' ? -(double)INFINITY : (double)INFINITY;
        return EVO_OK;
    }
    return evo_text_to_number(text, out) ? EVO_OK : evo_config_refuse(config, key, "\"%s\" is not a number", text);
}

static bool one_for_all(const struct evo_program_keys *keys)
{
    return count_words(keys->names) == 1 && count_words(keys->lower) == 1 &&
           count_words(keys->upper) == 1 && count_words(keys->start) == 1 &&
           count_words(keys->spread) == 1;
}

/* One block for all parameters where they are alike, else one for each. */
static enum evo_status make_blocks(struct program *program, const struct evo_config *config)
{
    const struct evo_program_keys *keys = evo_program_keys(config);
    size_t n = (size_t)keys->parameters, n_blocks = one_for_all(keys) ? 1 : n, n_names = count_words(keys->names);
    if (n_names != 1 && n_names != n) {
        return evo_config_refuse(config, "program.names", "has %zu names for %zu parameters "
                                 "(program.parameters): give one, or one for each", n_names, n);
    }
    EVO_TRY(evo_text_format(&program->words, "%s", keys->names));
    EVO_TRY(evo_alloc(n, sizeof *program->names, "program", &program->names));
    EVO_TRY(evo_alloc(n, sizeof *program->made_names, "program", &program->made_names));
    EVO_TRY(evo_alloc(n_blocks, sizeof *program->blocks, "program", &program->blocks));
    split(program->words, program->names, n);
    for (size_t k = 0; k < n && n_names == 1 && n > 1; k++) {
        EVO_TRY(evo_text_format(&program->made_names[k], "%s%s%zu%s", program->names[0],
                                n_blocks == 1 ? "[" : "", k, n_blocks == 1 ? "]" : ""));
    }
    for (size_t k = 0; k < n_blocks; k++) {
        struct evo_block *block = &program->blocks[k];
        *block = (struct evo_block){.n = n_blocks == 1 ? n : 1, .unit = "", .doc = ""};
        bool named = n_blocks == 1 || n_names > 1;
        block->name = named ? program->names[k] : program->made_names[k];
        EVO_TRY(take_number(config, "program.lower", keys->lower, n, k, &block->lower));
        EVO_TRY(take_number(config, "program.upper", keys->upper, n, k, &block->upper));
        EVO_TRY(take_number(config, "program.start", keys->start, n, k, &block->start));
        EVO_TRY(take_number(config, "program.spread", keys->spread, n, k, &block->spread));
    }
    for (size_t k = 0; k < n && program->made_names[k] != NULL; k++) {
        if (k > 0 || n_blocks != 1) { program->names[k] = program->made_names[k]; }
    }
    program->own.form.blocks = program->blocks;
    program->own.form.n_blocks = n_blocks;
    return EVO_OK;
}

static enum evo_status make_results(struct program *program, const struct evo_config *config)
{
    const char *list = evo_program_keys(config)->results;
    size_t n = count_words(list);
    if (n == 0 || n > EVO_TASK_RESULTS_MAX) {
        return evo_config_refuse(config, "program.results", "has %zu names; give 1 to %d", n,
                                 EVO_TASK_RESULTS_MAX);
    }
    EVO_TRY(evo_text_format(&program->result_words, "%s", list));
    EVO_TRY(evo_alloc(n, sizeof *program->results, "program", &program->results));
    EVO_TRY(evo_alloc(n, sizeof *program->result_names, "program", &program->result_names));
    program->n_results = split(program->result_words, program->result_names, n);
    for (size_t i = 0; i < n; i++) {
        program->results[i] = (struct evo_result){program->result_names[i], "", i == 0 ? "smaller is better" : ""};
    }
    program->own.form.results = program->results;
    program->own.form.n_results = n;
    return EVO_OK;
}

/* The run folder is there by now, for what the program prints on its standard error. */
static enum evo_status start_program(struct program *program)
{
    struct evo_program_setup setup = program->setup;
    struct evo_program *child = NULL;
    if (program->own.runner != NULL) { return EVO_OK; }
    EVO_TRY(find_spawner("program", &setup.spawner));
    if (host->folder != NULL) {
        EVO_TRY(evo_text_format(&program->error_path, "%s/program.%zu.txt", host->folder, host->rank));
    }
    setup.work = host->program_work;
    setup.version = host->version;
    setup.rank = host->rank;
    setup.n_ranks = host->n_ranks;
    setup.error_path = program->error_path;
    setup.adapter_folder = host->adapters;
    EVO_TRY(evo_program_create(&setup, &child));
    program->own.runner = child;
    return EVO_OK;
}

static enum evo_status program_begin(struct evo_task *task)
{
    return start_program((struct program *)task);
}

static enum evo_status run_program(struct evo_own *own, struct evo_batch *batch)
{
    EVO_TRY(start_program((struct program *)own));
    return evo_program_evaluate(own->runner, batch);
}

static enum evo_status prepare_program(struct program *program, const struct evo_config *config)
{
    const struct evo_program_keys *keys = evo_program_keys(config);
    EVO_TRY(evo_text_format(&program->command, "%s", keys->command));
    program->setup = (struct evo_program_setup){.command = program->command,
                                                .format = (enum evo_program_format)keys->format,
                                                .timeout_s = config->task_timeout_s,
                                                .start_timeout_s = keys->start_timeout_s,
                                                .memory_bytes = (size_t)config->task_memory_mb * 1000000u,
                                                .n_parameters = program->own.n_parameters,
                                                .n_results = program->n_results,
                                                .parameters = program->names,
                                                .results = program->result_names,
                                                .seed = (uint64_t)config->job_seed};
    program->own.run = run_program;
    snprintf(program->own.head.step_name, sizeof program->own.head.step_name, "program (%s)",
             keys->format == EVO_PROGRAM_JSON ? "json" : "binary");
    return EVO_OK;
}

static enum evo_status program_init(struct evo_task *task, const struct evo_config *config)
{
    struct program *program = (struct program *)task;
    const struct evo_program_keys *keys = evo_program_keys(config);
    if (strcmp(keys->command, "none") == 0) {
        return evo_config_refuse(config, "program.command", "names no program; for example: python3 fitness.py");
    }
    program->own.form = (struct evo_task_form){.size = sizeof program->own.form,
                                               .n_parts = 1,
                                               .changes = keys->changes};
    EVO_TRY(make_blocks(program, config));
    EVO_TRY(make_results(program, config));
    EVO_TRY(evo_own_take_form(&program->own, config));
    return prepare_program(program, config);
}

static void program_fini(struct evo_task *task)
{
    struct program *program = (struct program *)task;
    evo_program_destroy(program->own.runner);
    for (size_t k = 0; program->made_names != NULL && k < program->own.n_parameters; k++) {
        free(program->made_names[k]);
    }
    free(program->made_names);
    free(program->names);
    free(program->result_names);
    free(program->blocks);
    free(program->results);
    free(program->words);
    free(program->result_words);
    free(program->command);
    free(program->error_path);
    evo_own_fini(&program->own);
}

/* ---- keys without an effect ------------------------------------------------------------------ */

static size_t add_program(const struct evo_config *config, struct evo_config_unused *rows)
{
    static const char off_by[] = "program.changes", same[] = "program.changes is no";
    bool fixed = !evo_program_keys(config)->changes;
    const struct evo_config_unused all[] = {
        {true, "task.isolate", "a program runs in a child of its own in any case", NULL},
        {fixed, "exam.every", same, off_by},
        {fixed, "exam.candidates", same, off_by},
    };
    memcpy(rows, all, sizeof all);
    return sizeof all / sizeof all[0];
}

size_t evo_own_unused(const struct evo_config *config, struct evo_config_unused *rows)
{
    static const char ours[] = "it is for the tasks of this program, which have more than one; a task from outside has its own";
    static const char no_child[] = "task.isolate is no: the plug-in runs in the rank itself";
    static const char validates[] = "a task from outside has no validation";
    bool is_program = strcmp(config->task_name, "program") == 0, has_child = is_program || config->task_isolate;
    bool unvalidated = config->validate_flights > 0;
    const struct evo_config_unused all[] = {
        {true, "task.step", ours, NULL},
        {true, "task.precision", ours, NULL},
        {!has_child, "task.timeout_s", no_child, NULL},
        {!has_child, "task.memory_mb", no_child, NULL},
        {true, "exam.flights", "a task from outside decides itself how many cases it has", NULL},
        {unvalidated, "validate.flights", validates, NULL},
        {unvalidated, "validate.duration", validates, NULL},
        {unvalidated, "validate.seed", validates, NULL},
    };
    enum { N = sizeof all / sizeof all[0] };
    memcpy(rows, all, sizeof all);
    return N + (is_program ? add_program(config, rows + N) : 0);
}

/* ---- the kind of a program ------------------------------------------------------------------- */

static const struct evo_key_table *const program_tables[] = {&evo_program_key_table, NULL};

const struct evo_task_kind evo_task_program = {
    .name = "program",
    .summary = "whatever a program of yours, in any language, evaluates ([program])",
    .manual = "",
    .bytes = sizeof(struct program),
    .keys = program_tables,
    .init = program_init,
    .fini = program_fini,
    .begin = program_begin,
    .steps = evo_own_steps,
    .parts = evo_own_parts,
    .evaluate = evo_own_evaluate,
    .take_note = evo_own_take_note,
};
