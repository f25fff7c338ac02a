/* SPDX-License-Identifier: MIT */
/* Flies creatures of any source, and controllers by hand, on a configuration: scores and traces. */
#include <evompi/run.h>

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: evompi-fly CONFIG.ini [CREATURES] [options]\n"
    "\n"
    "Flies creatures on a configuration and prints a line for each: its id (from a checkpoint) or\n"
    "its place (from a CSV, counted from 0), a tab, and its fitness; smaller is better.\n"
    "CREATURES is one of\n"
    "  FILE.csv   a champion.csv, or a line per creature: its parameters, M row by row, then c\n"
    "  FILE.h5    a checkpoint: the living creatures; with --id any that it or its ledger holds\n"
    "  FOLDER     a run folder: its newest whole checkpoint\n"
    "\n"
    "  --reference NAME         also fly a controller by hand (altitude: p, pd); may be repeated,\n"
    "                           and needs no CREATURES\n"
    "  --id ID                  fly this creature alone\n"
    "  --flights                the score of each flight behind the fitness, tab by tab\n"
    "  --trace FILE             write one creature's flight step by step as CSV; - is stdout, and\n"
    "                           the fitness then goes to stderr\n"
    "  --generation G           the flights of generation G, where they change; default: that of\n"
    "                           the checkpoint, else those of the exams that choose champions\n"
    "  --hex                    hexadecimal numbers\n"
    "  --set SECTION.KEY=VALUE  override a key of the configuration; may be repeated\n"
    "  --help                   print this\n"
    "\n"
    "exit codes: 0 flown; 1 bad file of creatures, or output that cannot be written;\n"
    "2 bad command line or configuration; 3 no usable checkpoint.\n";

/* ---- the command line ---------------------------------------------------------------------- */

struct command {
    const char *config, *creatures, *trace;
    const char **sets, **references; // [n_sets], [n_references]
    size_t n_sets, n_references;
    bool help, hex, flights, has_id, has_generation;
    uint64_t id, generation;
};

static const struct option options[] = {
    {"reference", required_argument, NULL, 'r'},
    {"id", required_argument, NULL, 'i'},
    {"flights", no_argument, NULL, 'f'},
    {"trace", required_argument, NULL, 't'},
    {"generation", required_argument, NULL, 'g'},
    {"hex", no_argument, NULL, 'x'},
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

static enum evo_status take_option(struct command *command, int letter, const char *word)
{
    switch (letter) {
    case 'r': command->references[command->n_references++] = optarg; return EVO_OK;
    case 's': command->sets[command->n_sets++] = optarg; return EVO_OK;
    case 't': command->trace = optarg; return EVO_OK;
    case 'f': command->flights = true; return EVO_OK;
    case 'x': command->hex = true; return EVO_OK;
    case 'h': command->help = true; return EVO_OK;
    case 'i': return take_count("id", optarg, &command->id, &command->has_id);
    case 'g':
        return take_count("generation", optarg, &command->generation, &command->has_generation);
    case ':': return evo_status_fail(EVO_ERR_USAGE, "%s: needs a value", word);
    default:
        return evo_status_fail(EVO_ERR_USAGE, "%s: no such option; evompi-fly --help lists them",
                               word);
    }
}

static enum evo_status parse_command(int argc, char **argv, struct command *command)
{
    EVO_TRY(evo_alloc((size_t)argc, sizeof *command->sets, "command line", &command->sets));
    EVO_TRY(
        evo_alloc((size_t)argc, sizeof *command->references, "command line", &command->references));
    opterr = 0;
    int letter;
    while ((letter = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        EVO_TRY(take_option(command, letter, argv[optind - 1]));
    }
    if (command->help) { return EVO_OK; }
    int n_words = argc - optind;
    EVO_CHECK(n_words >= 1, EVO_ERR_USAGE, "no configuration; evompi-fly --help says more");
    EVO_CHECK(n_words <= 2, EVO_ERR_USAGE, "%s: one word too many on the command line",
              argv[optind + 2]);
    command->config = argv[optind];
    command->creatures = n_words == 2 ? argv[optind + 1] : NULL;
    EVO_CHECK(command->creatures != NULL || command->n_references > 0, EVO_ERR_USAGE,
              "nothing to fly: give a file of creatures, or --reference");
    EVO_CHECK(!command->has_id || command->creatures != NULL, EVO_ERR_USAGE,
              "--id chooses among creatures: give a file of them");
    return EVO_OK;
}

/* ---- creatures ------------------------------------------------------------------------------ */

/* What is to be flown, from whatever source. */
struct creatures {
    size_t n, genome;
    double *genomes; // [n][genome]
    uint64_t *ids;   // [n]
    uint64_t generation;
};

/* n creatures of zeros. */
static enum evo_status allocate(struct creatures *creatures, size_t n)
{
    EVO_TRY(evo_alloc(n, creatures->genome * sizeof(double), "creatures", &creatures->genomes));
    EVO_TRY(evo_alloc(n, sizeof *creatures->ids, "creatures", &creatures->ids));
    creatures->n = n;
    return EVO_OK;
}

static void creatures_fini(struct creatures *creatures)
{
    free(creatures->genomes);
    free(creatures->ids);
}

/* Leaves creature i alone. */
static void keep_one(struct creatures *creatures, size_t i)
{
    memmove(creatures->genomes, creatures->genomes + i * creatures->genome,
            creatures->genome * sizeof *creatures->genomes);
    creatures->ids[0] = creatures->ids[i];
    creatures->n = 1;
}

static enum evo_status read_csv(const struct command *command, struct evo_shape shape,
                                struct creatures *creatures)
{
    EVO_TRY(evo_champion_read(command->creatures, shape, &creatures->genomes, &creatures->n));
    EVO_TRY(evo_alloc(creatures->n, sizeof *creatures->ids, "creatures", &creatures->ids));
    for (size_t i = 0; i < creatures->n; i++) { creatures->ids[i] = i; }
    if (!command->has_id) { return EVO_OK; }
    EVO_CHECK(command->id < creatures->n, EVO_ERR_DATA,
              "%s: has no creature %" PRIu64 "; it has 0 to %zu", command->creatures, command->id,
              creatures->n - 1);
    keep_one(creatures, (size_t)command->id);
    return EVO_OK;
}

/* A field of a saved section; NULL where there is none of that name and type. */
static const struct evo_field *find_field(const struct evo_section *sections, size_t n,
                                          const char *section, const char *name, enum evo_type type)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(sections[i].name, section) != 0) { continue; }
        for (size_t k = 0; k < sections[i].n_fields; k++) {
            const struct evo_field *field = &sections[i].fields[k];
            if (strcmp(field->name, name) == 0 && field->type == type) { return field; }
        }
    }
    return NULL;
}

static enum evo_status check_genome(const char *path, size_t found, size_t wanted)
{
    EVO_CHECK(found == wanted, EVO_ERR_DATA,
              "%s: its creatures have %zu parameters, the configuration's %zu", path, found,
              wanted);
    return EVO_OK;
}

/* The living, and behind them the champion of the run, which may be dead. */
static enum evo_status copy_saved(struct evo_checkpoint *checkpoint, const char *path,
                                  struct creatures *creatures)
{
    const struct evo_section *sections = NULL;
    size_t n_sections = 0;
    EVO_TRY(evo_checkpoint_sections(checkpoint, &sections, &n_sections));
#define FIND(section, name, type) find_field(sections, n_sections, section, name, type)
    const struct evo_field *genome = FIND("population", "genome", EVO_TYPE_F64);
    const struct evo_field *id = FIND("population", "id", EVO_TYPE_U64);
    const struct evo_field *best_genome = FIND("run", "champion_genome", EVO_TYPE_F64);
    const struct evo_field *best_id = FIND("run", "champion_id", EVO_TYPE_U64);
#undef FIND
    EVO_CHECK(genome != NULL && id != NULL && id->n_rows == genome->n_rows && best_genome != NULL &&
                  best_genome->n_rows == genome->n_cols && best_id != NULL,
              EVO_ERR_CHECKPOINT, "%s: holds no population", path);
    EVO_TRY(check_genome(path, genome->n_cols, creatures->genome));

    size_t n = genome->n_rows, bytes = creatures->genome * sizeof(double);
    EVO_TRY(allocate(creatures, n + 1));
    if (n > 0) {
        memcpy(creatures->genomes, genome->data, n * bytes);
        memcpy(creatures->ids, id->data, n * sizeof *creatures->ids);
    }
    memcpy(creatures->genomes + n * creatures->genome, best_genome->data, bytes);
    memcpy(&creatures->ids[n], best_id->data, sizeof *creatures->ids);
    return EVO_OK;
}

/* One creature wanted from the ledger of the dead. */
struct wanted {
    uint64_t id;
    struct creatures *creatures;
    bool found;
};

/* The values of a column of that name, type and width; NULL where there is none. */
static const void *find_column(const struct evo_table *table, const char *name, enum evo_type type,
                               size_t width)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct evo_column *column = &table->columns[i];
        bool fits = column->type == type && evo_table_width(column) == width;
        if (fits && strcmp(column->name, name) == 0) { return table->data[i]; }
    }
    return NULL;
}

static enum evo_status look_for(void *context, const struct evo_table *block)
{
    struct wanted *wanted = context;
    size_t genome = wanted->creatures->genome;
    const uint64_t *ids = find_column(block, "id", EVO_TYPE_U64, 1);
    const double *genomes = find_column(block, "genome", EVO_TYPE_F64, genome);
    EVO_CHECK(ids != NULL && genomes != NULL, EVO_ERR_CHECKPOINT,
              "lineage: holds no creatures of %zu parameters", genome);
    for (size_t i = 0; i < block->n_rows && !wanted->found; i++) {
        if (ids[i] != wanted->id) { continue; }
        memcpy(wanted->creatures->genomes, genomes + i * genome, genome * sizeof *genomes);
        wanted->creatures->ids[0] = ids[i];
        wanted->creatures->n = 1;
        wanted->found = true;
    }
    return EVO_OK;
}

static enum evo_status read_dead(struct evo_checkpoint *checkpoint, const char *path, uint64_t id,
                                 struct creatures *creatures)
{
    struct wanted wanted = {.id = id, .creatures = creatures};
    const struct evo_table *ledgers = NULL;
    size_t n_ledgers = 0;
    EVO_TRY(evo_checkpoint_ledgers(checkpoint, &ledgers, &n_ledgers));
    for (size_t i = 0; i < n_ledgers; i++) {
        if (strcmp(ledgers[i].name, "lineage") != 0) { continue; }
        char *copy = NULL;
        EVO_TRY(evo_text_format(&copy, "%s", path));
        enum evo_status status =
            evo_ledger_read(checkpoint, dirname(copy), &ledgers[i], look_for, &wanted);
        free(copy);
        EVO_TRY(status);
    }
    EVO_CHECK(wanted.found, EVO_ERR_DATA,
              "%s: has no creature %" PRIu64 ", neither alive nor in the lineage ledger", path, id);
    return EVO_OK;
}

/* The creature of that id: among the living, the champion, or the dead. */
static enum evo_status choose_saved(struct evo_checkpoint *checkpoint, const char *path,
                                    uint64_t id, struct creatures *creatures)
{
    for (size_t i = 0; i < creatures->n; i++) {
        if (creatures->ids[i] != id) { continue; }
        keep_one(creatures, i);
        return EVO_OK;
    }
    return read_dead(checkpoint, path, id, creatures);
}

static enum evo_status read_checkpoint(const struct command *command, bool is_folder,
                                       struct creatures *creatures)
{
    enum evo_status status = EVO_OK;
    struct evo_checkpoint *checkpoint = NULL;
    char *path = NULL;
    bool found = false;
    if (is_folder) {
        EVO_GOTO(evo_checkpoint_find(command->creatures, &checkpoint, &path, &found));
    } else {
        EVO_GOTO(evo_text_format(&path, "%s", command->creatures));
        EVO_GOTO(evo_checkpoint_open(path, &checkpoint));
    }
    EVO_GOTO(copy_saved(checkpoint, path, creatures));
    creatures->generation = evo_checkpoint_generation(checkpoint);
    if (command->has_id) {
        EVO_GOTO(choose_saved(checkpoint, path, command->id, creatures));
    } else {
        creatures->n--; // without the champion, which stands there once more or is dead
    }
done:
    evo_checkpoint_close(checkpoint);
    free(path);
    return status;
}

static enum evo_status read_creatures(const struct command *command, const struct evo_task *task,
                                      struct creatures *creatures)
{
    creatures->genome = evo_shape_genome(evo_task_shape(task));
    creatures->generation = evo_task_changes(task) ? EVO_GENERATION_EXAM : 1;
    if (command->creatures == NULL) { return EVO_OK; }
    bool is_folder = false;
    evo_file_exists(command->creatures, &is_folder);
    size_t length = strlen(command->creatures);
    bool is_hdf5 = length > 3 && strcmp(command->creatures + length - 3, ".h5") == 0;
    return is_folder || is_hdf5 ? read_checkpoint(command, is_folder, creatures)
                                : read_csv(command, evo_task_shape(task), creatures);
}

/* ---- flying ---------------------------------------------------------------------------------- */

/* Where a flight's steps go, and the score of each flight as it ends. */
struct recorder {
    const struct command *command;
    FILE *trace;              // NULL: no trace
    FILE *scores;             // of flights; NULL: none
    size_t i_flight, i_score; // columns of the trace
    double flight, score;     // of the row before
    size_t n_rows;
};

static const char *print_number(const struct command *command, char text[32], double x)
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
        if (strcmp(signals[i].name, "flight") == 0) { recorder->i_flight = i; }
        if (strcmp(signals[i].name, "flight_fitness") == 0) { recorder->i_score = i; }
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
    const struct command *command;
    const struct evo_task *task;
    uint64_t generation;
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
        EVO_GOTO(evo_task_trace(flights->task, flights->generation, genome, record, &recorder,
                                &fitness));
    } else {
        EVO_GOTO(evo_task_trace_controller(flights->task, flights->generation, controller, record,
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

static enum evo_status fly_creatures(const struct flights *flights,
                                     const struct creatures *creatures)
{
    enum evo_status status = EVO_OK;
    double *fitness = NULL;
    char name[32];
    bool recorded = flights->trace != NULL || flights->command->flights;
    EVO_GOTO(evo_alloc(creatures->n, sizeof *fitness, "fitness", &fitness));
    if (!recorded) {
        evo_task_fly(flights->task, flights->generation, creatures->n, creatures->genomes, fitness);
    }
    for (size_t i = 0; i < creatures->n; i++) {
        snprintf(name, sizeof name, "%" PRIu64, creatures->ids[i]);
        if (recorded) {
            EVO_GOTO(fly_recorded(flights, name, creatures->genomes + i * creatures->genome, NULL));
        } else {
            print_fitness(flights, name, fitness[i]);
            fputc('\n', flights->out);
        }
    }
done:
    free(fitness);
    return status;
}

static enum evo_status fly_references(const struct flights *flights)
{
    for (size_t i = 0; i < flights->command->n_references; i++) {
        const char *name = flights->command->references[i];
        struct evo_controller controller;
        EVO_TRY(evo_reference_create(flights->task, name, &controller));
        enum evo_status status = fly_recorded(flights, name, NULL, &controller);
        evo_reference_destroy(&controller);
        EVO_TRY(status);
    }
    return EVO_OK;
}

/* ---- the whole ------------------------------------------------------------------------- */

/* Flushes, and says whether everything written has arrived. */
static enum evo_status finish(FILE *file, const char *name)
{
    bool failed = fflush(file) != 0 || ferror(file) != 0;
    EVO_CHECK(!failed, EVO_ERR_IO, "%s: cannot be written: %s", name, strerror(errno));
    return EVO_OK;
}

static enum evo_status fly_all(const struct command *command, const struct evo_task *task,
                               const struct creatures *creatures)
{
    enum evo_status status = EVO_OK;
    bool to_stdout = command->trace != NULL && strcmp(command->trace, "-") == 0;
    bool to_file = command->trace != NULL && !to_stdout;
    struct flights flights = {
        .command = command,
        .task = task,
        .generation = command->has_generation ? command->generation : creatures->generation,
        .out = to_stdout ? stderr : stdout,
        .trace = to_stdout ? stdout : NULL,
    };
    size_t n = creatures->n + command->n_references;
    EVO_CHECK(command->trace == NULL || n == 1, EVO_ERR_USAGE,
              "--trace writes one flight, and here are %zu: choose with --id or --reference", n);
    if (to_file) {
        flights.trace = fopen(command->trace, "we");
        EVO_CHECK(flights.trace != NULL, EVO_ERR_IO, "%s: cannot be opened: %s", command->trace,
                  strerror(errno));
    }
    EVO_GOTO(fly_references(&flights));
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

static enum evo_status run(const struct command *command)
{
    enum evo_status status = EVO_OK;
    struct evo_config *config = NULL;
    struct evo_task *task = NULL;
    struct creatures creatures = {0};
    EVO_GOTO(evo_run_read_config(command->config, command->sets, command->n_sets, &config));
    EVO_GOTO(evo_task_create(config, &task));
    EVO_GOTO(read_creatures(command, task, &creatures));
    EVO_GOTO(fly_all(command, task, &creatures));
done:
    creatures_fini(&creatures);
    evo_task_destroy(task);
    evo_config_destroy(config);
    return status;
}

int main(int argc, char **argv)
{
    struct command command = {0};
    enum evo_status status = parse_command(argc, argv, &command);
    if (status == EVO_OK && command.help) {
        fputs(usage, stdout);
    } else if (status == EVO_OK) {
        status = run(&command);
    }
    if (status != EVO_OK) { fprintf(stderr, "evompi-fly: error: %s\n", evo_status_message()); }
    free(command.sets);
    free(command.references);
    return evo_status_exit_code(status);
}
