/* SPDX-License-Identifier: MIT */
/* Flies creatures of any source, and baselines, on a configuration: scores and traces. */
#include "fly/fly.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: evompi-fly CONFIG.ini [CREATURES] [options]\n"
    "\n"
    "Flies creatures on a configuration and prints a line for each: its id (from a checkpoint) or\n"
    "its place (from a CSV, counted from 0), a tab, and its fitness; smaller is better. Other\n"
    "results that the task has follow, tab by tab.\n"
    "CREATURES is one of\n"
    "  FILE.csv   a champion.csv, or a line per creature: its parameters, M row by row, then c\n"
    "  FILE.h5    a checkpoint: the living creatures; with --id any that it or its ledger holds\n"
    "  FOLDER     a run folder: its newest whole checkpoint\n"
    "\n"
    "  --baseline NAME          also fly a baseline by hand, one that --baselines names; may be\n"
    "                           repeated, and needs no CREATURES (--reference means the same)\n"
    "  --baselines              instead, print the names of the task's baselines by hand\n"
    "  --id ID                  fly this creature alone\n"
    "  --flights                the score of each flight behind the fitness, tab by tab\n"
    "  --trace FILE             write one creature's flight step by step as CSV; - is stdout, and\n"
    "                           the fitness then goes to stderr\n"
    "  --generation G           the flights of generation G, where they change; default: that of\n"
    "                           the checkpoint, else the selection set that decides who is champion\n"
    "  --validate               instead, fly them on the validation set ([validate]):\n"
    "                           control engineering's figures, a column for each creature, beside\n"
    "                           the baselines: controllers by hand, and the one that the search tunes\n"
    "  --csv                    these as comma-separated values\n"
    "  --plot[=FLIGHT]          draw a flight, counted from 0, into the terminal: its height, or what\n"
    "                           comes first in the task's trace\n"
    "  --hex                    hexadecimal numbers\n"
    "  --set SECTION.KEY=VALUE  override a key of the configuration; may be repeated\n"
    "  --help                   print this\n"
    "\n"
    "exit codes: 0 flown; 1 bad file of creatures, or output that cannot be written;\n"
    "2 bad command line or configuration; 3 no usable checkpoint.\n";

/* ---- the command line ---------------------------------------------------------------------- */

static const struct option options[] = {
    {"baseline", required_argument, NULL, 'r'},
    {"reference", required_argument, NULL, 'r'},
    {"baselines", no_argument, NULL, 'b'},
    {"id", required_argument, NULL, 'i'},
    {"flights", no_argument, NULL, 'f'},
    {"trace", required_argument, NULL, 't'},
    {"generation", required_argument, NULL, 'g'},
    {"hex", no_argument, NULL, 'x'},
    {"validate", no_argument, NULL, 'v'},
    {"csv", no_argument, NULL, 'c'},
    {"plot", optional_argument, NULL, 'p'},
    {"set", required_argument, NULL, 's'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static enum evo_status take_count(const char *option, const char *text, uint64_t *out, bool *given)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    bool digits = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
    EVO_CHECK(digits, EVO_ERR_USAGE, "--%s %s: is not a whole number of 0 or more", option, text);
    *out = value;
    *given = true;
    return EVO_OK;
}

/* A word that stands alone: the configuration, the creatures, or one too many. */
static enum evo_status take_word(struct fly_command *command, const struct evo_words *words)
{
    const char *word = words->word;
    bool is_number = word[strspn(word, "0123456789")] == '\0';
    EVO_CHECK(!is_number || strcmp(words->before, "--plot") != 0, EVO_ERR_USAGE,
              "%s: --plot has its flight behind a '=': --plot=%s", word, word);
    EVO_CHECK(command->creatures == NULL || command->help, EVO_ERR_USAGE,
              "%s: one word too many on the command line", word);
    if (command->config == NULL) {
        command->config = word;
    } else {
        command->creatures = word;
    }
    return EVO_OK;
}

static enum evo_status take_option(struct fly_command *command, int letter, const char *value,
                                   const struct evo_words *words)
{
    switch (letter) {
    case EVO_WORD: return take_word(command, words);
    case 'r': command->baselines[command->n_baselines++] = value; return EVO_OK;
    case 's': command->sets[command->n_sets++] = value; return EVO_OK;
    case 't': command->trace = value; return EVO_OK;
    case 'f': command->flights = true; return EVO_OK;
    case 'x': command->hex = true; return EVO_OK;
    case 'h': command->help = true; return EVO_OK;
    case 'b': command->names_baselines = true; return EVO_OK;
    case 'v': command->validate = true; return EVO_OK;
    case 'c': command->csv = true; return EVO_OK;
    case 'p':
        command->plot = true;
        return value == NULL ? EVO_OK
                             : take_count("plot", value, &command->plot_flight, &command->plot);
    case 'i': return take_count("id", value, &command->id, &command->has_id);
    case 'g': return take_count("generation", value, &command->generation, &command->has_generation);
    default: return evo_words_refuse(words, letter, "evompi-fly");
    }
}

static enum evo_status parse_command(int argc, char **argv, struct fly_command *command)
{
    EVO_TRY(evo_alloc((size_t)argc, sizeof *command->sets, "command line", &command->sets));
    EVO_TRY(
        evo_alloc((size_t)argc, sizeof *command->baselines, "command line", &command->baselines));
    struct evo_words words = {.argc = argc, .argv = argv, .options = options};
    const char *value = NULL;
    int letter;
    while ((letter = evo_words_next(&words, &value)) != -1) {
        EVO_TRY(take_option(command, letter, value, &words));
    }
    if (command->help) { return EVO_OK; }
    EVO_CHECK(command->config != NULL, EVO_ERR_USAGE,
              "no configuration; evompi-fly --help says more");
    if (command->names_baselines) { return EVO_OK; }
    EVO_CHECK(command->creatures != NULL || command->n_baselines > 0, EVO_ERR_USAGE,
              "nothing to fly: give a file of creatures, or --baseline");
    EVO_CHECK(!command->csv || command->validate, EVO_ERR_USAGE, "--csv is for --validate");
    EVO_CHECK(!command->validate || !command->plot, EVO_ERR_USAGE,
              "--validate and --plot: one at a time");
    EVO_CHECK(!command->has_id || command->creatures != NULL, EVO_ERR_USAGE,
              "--id chooses among creatures: give a file of them");
    return EVO_OK;
}

/* ---- flying ---------------------------------------------------------------------------------- */

/* Where a flight's steps go, and the score of each flight as it ends. */
struct recorder {
    const struct fly_command *command;
    FILE *trace;              // NULL: no trace
    FILE *scores;             // of flights; NULL: none
    size_t i_flight, i_score; // columns of the trace
    double flight, score;     // of the row before
    size_t n_rows;
};

static const char *print_number(const struct fly_command *command, char text[32], double x)
{
    if (!command->hex) { return evo_text_number(text, x); }
    snprintf(text, 32, "%a", x);
    return text;
}

static void print_score(struct recorder *recorder)
{
    char text[32];
    if (recorder->scores == NULL || recorder->n_rows == 0) { return; }
    fprintf(recorder->scores, "\t%s", print_number(recorder->command, text, recorder->score));
}

static enum evo_status record(void *context, const double *values, size_t n_values)
{
    struct recorder *recorder = context;
    if (values[recorder->i_flight] != recorder->flight) { print_score(recorder); }
    recorder->flight = values[recorder->i_flight];
    recorder->score = values[recorder->i_score];
    recorder->n_rows++;
    for (size_t i = 0; recorder->trace != NULL && i < n_values; i++) {
        char text[32];
        fprintf(recorder->trace, "%s%s", print_number(recorder->command, text, values[i]),
                i + 1 < n_values ? "," : "\n");
    }
    return EVO_OK;
}

static enum evo_status begin_record(const struct evo_task *task, struct recorder *recorder)
{
    size_t n = 0;
    const struct evo_signal *signals = evo_task_trace_signals(task, &n);
    recorder->i_flight = recorder->i_score = n;
    for (size_t i = 0; i < n; i++) {
        /* A rollout has cases and their costs. */
        bool is_case = strcmp(signals[i].name, "case") == 0, is_cost = strcmp(signals[i].name, "cost") == 0;
        if (is_case || strcmp(signals[i].name, "flight") == 0) { recorder->i_flight = i; }
        if (is_cost || strcmp(signals[i].name, "flight_fitness") == 0) { recorder->i_score = i; }
        if (recorder->trace == NULL) { continue; }
        fprintf(recorder->trace, "# %s,%s,%s\n", signals[i].name, signals[i].unit, signals[i].doc);
    }
    EVO_CHECK(recorder->i_flight < n && recorder->i_score < n, EVO_ERR_INTERNAL,
              "task %s: its trace names no flight and flight_fitness", evo_task_name(task));
    for (size_t i = 0; recorder->trace != NULL && i < n; i++) {
        fprintf(recorder->trace, "%s%s", signals[i].name, i + 1 < n ? "," : "\n");
    }
    return EVO_OK;
}

/* What all flights of this call share. */
struct flights {
    const struct fly_command *command;
    struct evo_task *task;
    struct evo_cases cases;
    FILE *out, *trace; // lines of fitness; steps, or NULL
};

static void print_fitness(const struct flights *flights, const char *name, double fitness)
{
    char text[32];
    fprintf(flights->out, "%s\t%s", name, print_number(flights->command, text, fitness));
}

/* One by the plain step, recorded: a creature, or (genome NULL) a controller by hand. The scores
 * of flights come before the fitness is known, so they wait in memory. */
static enum evo_status fly_recorded(const struct flights *flights, const char *name,
                                    const double *genome, const struct evo_controller *controller)
{
    enum evo_status status = EVO_OK;
    char *scores = NULL;
    size_t n_scores = 0;
    double fitness = 0.0;
    struct recorder recorder = {.command = flights->command, .trace = flights->trace};
    recorder.scores = open_memstream(&scores, &n_scores);
    EVO_CHECK(recorder.scores != NULL, EVO_ERR_MEMORY, "%s: no memory for its scores", name);
    EVO_GOTO(begin_record(flights->task, &recorder));
    if (genome != NULL) {
        EVO_GOTO(evo_task_trace(flights->task, flights->cases, genome, record, &recorder,
                                &fitness));
    } else {
        EVO_GOTO(evo_task_trace_controller(flights->task, flights->cases, controller, record,
                                           &recorder, &fitness));
    }
    print_score(&recorder);
done:
    if (fclose(recorder.scores) != 0 && status == EVO_OK) {
        status = evo_status_fail(EVO_ERR_MEMORY, "%s: no memory for its scores", name);
    }
    if (status == EVO_OK) {
        print_fitness(flights, name, fitness);
        fprintf(flights->out, "%s\n", flights->command->flights ? scores : "");
    }
    free(scores);
    return status;
}

/* All at once: a line for each, with what else the task says of it behind the fitness. */
static enum evo_status fly_plainly(const struct flights *flights, const struct fly_creatures *creatures)
{
    enum evo_status status = EVO_OK;
    struct evo_record record = evo_task_record(flights->task);
    size_t width = evo_record_width(record);
    double *records = NULL;
    char name[32], text[32], note[256];
    EVO_GOTO(evo_alloc(creatures->n * width, sizeof *records, "results", &records));
    EVO_GOTO(evo_task_evaluate(flights->task, flights->cases, creatures->n, creatures->genomes, records));
    for (size_t i = 0; i < creatures->n; i++) {
        snprintf(name, sizeof name, "%" PRIu64, creatures->ids[i]);
        print_fitness(flights, name, records[i * width]);
        for (size_t k = 1; k < record.n_results; k++) {
            fprintf(flights->out, "\t%s", print_number(flights->command, text, records[i * width + k]));
        }
        fputc('\n', flights->out);
    }
    evo_task_take_note(flights->task, note, sizeof note);
    if (note[0] != '\0') { fprintf(stderr, "evompi-fly: warning: the first candidate that failed: %s\n", note); }
done:
    free(records);
    return status;
}

static enum evo_status fly_creatures(const struct flights *flights,
                                     const struct fly_creatures *creatures)
{
    char name[32];
    if (flights->trace == NULL && !flights->command->flights) { return fly_plainly(flights, creatures); }
    for (size_t i = 0; i < creatures->n; i++) {
        snprintf(name, sizeof name, "%" PRIu64, creatures->ids[i]);
        EVO_TRY(fly_recorded(flights, name, creatures->genomes + i * creatures->genome, NULL));
    }
    return EVO_OK;
}

static enum evo_status fly_baselines(const struct flights *flights)
{
    for (size_t i = 0; i < flights->command->n_baselines; i++) {
        const char *name = flights->command->baselines[i];
        struct evo_controller controller;
        EVO_TRY(evo_baseline_create(flights->task, name, &controller));
        enum evo_status status = fly_recorded(flights, name, NULL, &controller);
        evo_baseline_destroy(&controller);
        EVO_TRY(status);
    }
    return EVO_OK;
}

/* Flushes, and says whether everything written has arrived. */
static enum evo_status finish(FILE *file, const char *name)
{
    bool failed = fflush(file) != 0 || ferror(file) != 0;
    EVO_CHECK(!failed, EVO_ERR_IO, "%s: cannot be written: %s", name, strerror(errno));
    return EVO_OK;
}

/* ---- side by side --------------------------------------------------------------------------- */

enum { MOST_COLUMNS = 8 };

/* Creatures and the baselines asked for, as contenders; `names` and `controllers` are theirs. */
struct contenders {
    size_t n, n_baselines;
    struct evo_contender all[2 * MOST_COLUMNS];
    char names[MOST_COLUMNS][32];
    struct evo_controller controllers[MOST_COLUMNS];
};

static enum evo_status line_up(const struct fly_command *command, const struct evo_task *task,
                               const struct fly_creatures *creatures, struct contenders *contenders)
{
    EVO_CHECK(creatures->n <= MOST_COLUMNS && command->n_baselines <= MOST_COLUMNS, EVO_ERR_USAGE,
              "%zu creatures and %zu baselines are more columns than %d each: choose with --id",
              creatures->n, command->n_baselines, MOST_COLUMNS);
    for (size_t i = 0; i < creatures->n; i++) {
        snprintf(contenders->names[i], sizeof contenders->names[i], "creature %" PRIu64,
                 creatures->ids[i]);
        contenders->all[contenders->n++] = (struct evo_contender){
            contenders->names[i], task, creatures->genomes + i * creatures->genome, NULL};
    }
    for (size_t i = 0; i < command->n_baselines; i++) {
        const char *name = command->baselines[i];
        struct evo_controller *controller = &contenders->controllers[i];
        EVO_TRY(evo_baseline_create(task, name, controller));
        contenders->n_baselines++;
        contenders->all[contenders->n++] = (struct evo_contender){name, task, NULL, controller};
    }
    return EVO_OK;
}

/* --validate beside all that the task has, or beside those asked for alone; --plot. */
static enum evo_status fly_beside(const struct fly_command *command, const struct evo_config *config,
                                  const struct evo_task *task, const struct fly_creatures *creatures)
{
    enum evo_status status = EVO_OK;
    struct contenders contenders = {0};
    enum evo_validation_form form = command->csv ? EVO_VALIDATION_CSV : EVO_VALIDATION_WHOLE;
    EVO_GOTO(line_up(command, task, creatures, &contenders));
    if (command->plot) {
        EVO_GOTO(fly_plot(contenders.all, contenders.n,
                          command->has_generation ? evo_cases_of(command->generation) : creatures->cases,
                          command->plot_flight, stdout));
    } else if (command->n_baselines > 0) {
        EVO_GOTO(evo_validation_print(contenders.all, contenders.n, form, stdout));
    } else {
        EVO_GOTO(evo_validation_compare(config, task, contenders.all, contenders.n, form, stdout));
    }
    EVO_GOTO(finish(stdout, "standard output"));
done:
    for (size_t i = 0; i < contenders.n_baselines; i++) {
        evo_baseline_destroy(&contenders.controllers[i]);
    }
    return status;
}

/* ---- the whole ------------------------------------------------------------------------- */

static enum evo_status fly_all(const struct fly_command *command, struct evo_task *task,
                               const struct fly_creatures *creatures)
{
    enum evo_status status = EVO_OK;
    bool to_stdout = command->trace != NULL && strcmp(command->trace, "-") == 0;
    bool to_file = command->trace != NULL && !to_stdout;
    struct flights flights = {
        .command = command,
        .task = task,
        .cases = command->has_generation ? evo_cases_of(command->generation) : creatures->cases,
        .out = to_stdout ? stderr : stdout,
        .trace = to_stdout ? stdout : NULL,
    };
    size_t n = creatures->n + command->n_baselines;
    EVO_CHECK(command->trace == NULL || n == 1, EVO_ERR_USAGE,
              "--trace writes one flight, and here are %zu: choose with --id or --baseline", n);
    if (to_file) {
        flights.trace = fopen(command->trace, "we");
        EVO_CHECK(flights.trace != NULL, EVO_ERR_IO, "%s: cannot be opened: %s", command->trace,
                  strerror(errno));
    }
    EVO_GOTO(fly_baselines(&flights));
    EVO_GOTO(fly_creatures(&flights, creatures));
    if (to_file) { EVO_GOTO(finish(flights.trace, command->trace)); }
    EVO_GOTO(finish(stdout, "standard output"));
done:
    if (to_file && fclose(flights.trace) != 0 && status == EVO_OK) {
        status = evo_status_fail(EVO_ERR_IO, "%s: cannot be closed: %s", command->trace,
                                 strerror(errno));
    }
    return status;
}

static enum evo_status print_baselines(const struct evo_task *task)
{
    const char *const *names = evo_task_baselines(task);
    for (size_t i = 0; names[i] != NULL; i++) { puts(names[i]); }
    return finish(stdout, "standard output");
}

/* What a task that only gives results has nothing for. */
static enum evo_status check_possible(const struct fly_command *command, const struct evo_task *task)
{
    const char *option = command->trace != NULL ? "--trace" : command->flights ? "--flights" :
                         command->plot ? "--plot" : NULL;
    EVO_CHECK(option == NULL || evo_task_traces(task), EVO_ERR_USAGE,
              "%s: task %s has no trace: it gives the results of a candidate, and not the way there; without "
              "%s they are printed", option, evo_task_name(task), option);
    EVO_CHECK(!command->validate || evo_task_validates(task), EVO_ERR_USAGE,
              "--validate: task %s has no validation", evo_task_name(task));
    return EVO_OK;
}

static enum evo_status run(const struct fly_command *command)
{
    enum evo_status status = EVO_OK;
    struct evo_config *config = NULL;
    struct evo_task *task = NULL;
    struct fly_creatures creatures = {0};
    EVO_GOTO(evo_run_read_config(command->config, command->sets, command->n_sets, &config));
    EVO_GOTO(evo_task_create(config, &task));
    if (command->names_baselines) {
        EVO_GOTO(print_baselines(task));
        goto done;
    }
    if (evo_task_warning(task)[0] != '\0') {
        fprintf(stderr, "evompi-fly: warning: %s\n", evo_task_warning(task));
    }
    EVO_GOTO(check_possible(command, task));
    EVO_GOTO(fly_creatures_read(command, task, &creatures));
    if (command->validate || command->plot) {
        EVO_GOTO(fly_beside(command, config, task, &creatures));
    } else {
        EVO_GOTO(fly_all(command, task, &creatures));
    }
done:
    fly_creatures_fini(&creatures);
    evo_task_destroy(task);
    evo_config_destroy(config);
    return status;
}

/* In a child process: a forged file can crash the HDF5 library. */
static int read_and_run(void *context)
{
    const struct fly_command *command = context;
    enum evo_status status = run(command);
    if (status != EVO_OK) { fprintf(stderr, "evompi-fly: error: %s\n", evo_status_message()); }
    return evo_status_exit_code(status);
}

int main(int argc, char **argv)
{
    struct fly_command command = {0};
    int code = 0;
    enum evo_status status = parse_command(argc, argv, &command);
    if (status == EVO_OK && command.help) {
        fputs(usage, stdout);
    } else if (status == EVO_OK) {
        const char *what = command.creatures != NULL ? command.creatures : command.config;
        status = evo_guard_call(what, read_and_run, &command, &code);
    }
    if (status != EVO_OK) { fprintf(stderr, "evompi-fly: error: %s\n", evo_status_message()); }
    free(command.sets);
    free(command.baselines);
    return status == EVO_OK ? code : evo_status_exit_code(status);
}
