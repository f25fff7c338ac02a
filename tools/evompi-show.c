/* SPDX-License-Identifier: MIT */
/* Shows what a run or a checkpoint holds: summary, history, creatures, ancestry; verifies it. */
#include <evompi/run.h>

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: evompi-show RUN|FILE.h5 [options]\n"
    "\n"
    "Shows what a run folder (its newest whole checkpoint and its ledgers) or one checkpoint holds.\n"
    "Without an option: a summary.\n"
    "\n"
    "  --generation     print the number of generations done, and nothing else\n"
    "  --history        a line per generation\n"
    "  --best           the best creature of the run\n"
    "  --creature ID    one creature, living or dead\n"
    "  --ancestry ID    a creature, its parent, and so on back to one without\n"
    "  --creatures      every creature that the run still knows\n"
    "  --config         the configuration that the run has now\n"
    "  --verify         evaluate every stored creature again and compare all results, bit for bit\n"
    "  --csv            comma-separated values for history and creatures\n"
    "  --help           print this\n"
    "\n"
    "exit codes: 0 shown; 1 no such creature, or --verify found a difference; 2 bad command line;\n"
    "3 no usable checkpoint.\n";

enum what { SUMMARY, GENERATION = EVO_WORD + 1, HISTORY, BEST, CREATURE, ANCESTRY, CREATURES, CONFIG, VERIFY, HELP };

struct command {
    enum what what;
    const char *path;
    uint64_t id;
    bool csv;
};

static const struct option options[] = {
    {"generation", no_argument, NULL, GENERATION}, {"history", no_argument, NULL, HISTORY},
    {"best", no_argument, NULL, BEST},             {"creature", required_argument, NULL, CREATURE},
    {"ancestry", required_argument, NULL, ANCESTRY}, {"creatures", no_argument, NULL, CREATURES},
    {"config", no_argument, NULL, CONFIG},         {"verify", no_argument, NULL, VERIFY},
    {"csv", no_argument, NULL, 'c'},               {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

static enum evo_status parse_id(const char *text, uint64_t *id)
{
    char *end = NULL;
    errno = 0;
    *id = strtoull(text, &end, 10);
    EVO_CHECK(errno == 0 && end != text && *end == '\0' && text[0] != '-', EVO_ERR_USAGE,
              "%s: is not the id of a creature, a whole number from 0 on", text);
    return EVO_OK;
}

static enum evo_status parse_command(int argc, char **argv, struct command *command)
{
    struct evo_words words = {.argc = argc, .argv = argv, .options = options};
    const char *value = NULL, *extra = NULL;
    int letter;
    while ((letter = evo_words_next(&words, &value)) != -1) {
        switch (letter) {
        case EVO_WORD:
            if (command->path != NULL) { extra = value; }
            if (command->path == NULL) { command->path = value; }
            continue;
        case 'c': command->csv = true; continue;
        case ':':
        case '?': return evo_words_refuse(&words, letter, "evompi-show");
        default: break;
        }
        EVO_CHECK(command->what == SUMMARY, EVO_ERR_USAGE, "%s: one thing at a time", words.word);
        command->what = (enum what)letter;
        if (value != NULL) { EVO_TRY(parse_id(value, &command->id)); }
    }
    if (command->what == HELP) { return EVO_OK; }
    EVO_CHECK(extra == NULL, EVO_ERR_USAGE,
              "%s: one word too many on the command line; evompi-show --help says more", extra);
    EVO_CHECK(command->path != NULL, EVO_ERR_USAGE,
              "no run folder or checkpoint; evompi-show --help says more");
    return EVO_OK;
}

/* ---- tables ---- */

static void print_cell(const struct evo_column *column, const void *data, size_t i)
{
    char text[32];
    switch (column->type) {
    case EVO_TYPE_F64: fputs(evo_text_number(text, ((const double *)data)[i]), stdout); break;
    case EVO_TYPE_I64: printf("%" PRId64, ((const int64_t *)data)[i]); break;
    case EVO_TYPE_U64: printf("%" PRIu64, ((const uint64_t *)data)[i]); break;
    case EVO_TYPE_TEXT: break;
    }
}

static enum evo_status print_history_block(void *context, const struct evo_table *block)
{
    const struct command *command = context;
    for (size_t row = 0; row < block->n_rows; row++) {
        for (size_t i = 0; i < block->n_columns; i++) {
            if (i > 0) { fputs(command->csv ? "," : "  ", stdout); }
            print_cell(&block->columns[i], block->data[i], row);
        }
        putchar('\n');
    }
    return EVO_OK;
}

static enum evo_status show_history(const struct evo_saved *saved, struct command *command)
{
    const struct evo_table *history = saved->state->history;
    for (size_t i = 0; i < history->n_columns; i++) {
        const struct evo_column *column = &history->columns[i];
        bool has_unit = !command->csv && strncmp(column->name, "result_", 7) == 0 && strcmp(column->unit, "1") != 0;
        printf("%s%s", i == 0 ? "" : command->csv ? "," : "  ", column->name);
        if (has_unit) { printf("[%s]", column->unit); }
    }
    putchar('\n');
    return evo_ledger_read(saved->checkpoint, saved->folder, history, print_history_block, command);
}

/* ---- creatures ---- */

static void print_id(const char *name, uint64_t id, const char *nobody)
{
    if (id == EVO_NOBODY) {
        printf("%s%s", name, nobody);
    } else {
        printf("%s%" PRIu64, name, id);
    }
}

/* What the walks over all creatures need. */
struct walk {
    const struct command *command;
    const struct evo_saved *saved;
    size_t genome;
    uint64_t wanted;
    bool found;
    size_t n;           ///< seen so far
    size_t n_different; ///< --verify: whose fitness, or another result, is another today
    double *record;     ///< --verify: room for the results of one
};

/* The results behind the fitness have names of the task's own. */
static size_t count_more(const struct walk *walk)
{
    return evo_task_record(walk->saved->state->task).n_results - 1;
}

static void print_creature_header(const struct walk *walk)
{
    if (!walk->command->csv) { return; }
    const struct evo_result *results = evo_task_results(walk->saved->state->task);
    fputs("id,parent,born,died,flown,fitness", stdout);
    for (size_t i = 0; i < count_more(walk); i++) { printf(",%s", results[i + 1].name); }
    for (size_t i = 0; i < walk->genome; i++) { printf(",g%zu", i); }
    putchar('\n');
}

static void print_results(const struct walk *walk, const double *more)
{
    const struct evo_result *results = evo_task_results(walk->saved->state->task);
    char text[32];
    for (size_t i = 0; i < count_more(walk); i++) {
        const struct evo_result *result = &results[i + 1];
        evo_text_number(text, more[i]);
        if (walk->command->csv) { printf(",%s", text); }
        if (walk->command->csv) { continue; }
        bool has_unit = result->unit != NULL && result->unit[0] != '\0' && strcmp(result->unit, "1") != 0;
        printf("  %s %s%s%s", result->name, text, has_unit ? " " : "", has_unit ? result->unit : "");
    }
}

static void print_creature(const struct walk *walk, const struct evo_saved_creature *creature)
{
    char text[32];
    bool csv = walk->command->csv;
    print_id(csv ? "" : "creature ", creature->id, "");
    print_id(csv ? "," : "  parent ", creature->parent, csv ? "" : "none");
    print_id(csv ? "," : "  born ", creature->born, "");
    print_id(csv ? "," : "  died ", creature->died, csv ? "" : "not yet");
    print_id(csv ? "," : "  flown ", creature->flown, "");
    printf("%s%s", csv ? "," : "  fitness ", evo_text_number(text, creature->fitness));
    print_results(walk, creature->more);
    for (size_t i = 0; i < walk->genome; i++) {
        printf("%s%s", csv ? "," : i == 0 ? "\n    " : "  ",
               evo_text_number(text, creature->genome[i]));
    }
    putchar('\n');
}

static enum evo_status print_each(void *context, const struct evo_saved_creature *creature)
{
    const struct walk *walk = context;
    print_creature(walk, creature);
    return EVO_OK;
}

static enum evo_status print_wanted(void *context, const struct evo_saved_creature *creature)
{
    struct walk *walk = context;
    if (creature->id != walk->wanted || walk->found) { return EVO_OK; }
    walk->found = true;
    print_creature(walk, creature);
    return EVO_OK;
}

/* The champion may have died uncounted (lineage.keep): the run keeps it for itself. */
static void print_champion(const struct walk *walk)
{
    const struct evo_champion *champion = &walk->saved->state->champion;
    const struct evo_saved_creature creature = {
        .id = champion->id,
        .parent = champion->parent,
        .born = champion->born,
        .died = EVO_NOBODY,
        .flown = champion->generation,
        .fitness = champion->fitness,
        .genome = champion->genome,
        .more = champion->more,
    };
    print_creature(walk, &creature);
}

static enum evo_status show_creature(struct walk *walk, uint64_t id)
{
    walk->wanted = id;
    EVO_TRY(evo_saved_creatures(walk->saved, print_wanted, walk));
    if (!walk->found && id == walk->saved->state->champion.id) {
        print_champion(walk);
        return EVO_OK;
    }
    EVO_CHECK(walk->found, EVO_ERR_DATA,
              "%s: knows no creature %" PRIu64 "; the configuration's lineage.keep = %s says whom "
              "the run remembers", walk->saved->path, id,
              evo_config_word(walk->saved->config, "lineage.keep"));
    return EVO_OK;
}

static enum evo_status show_best(struct walk *walk)
{
    EVO_CHECK(walk->saved->state->champion.id != EVO_NOBODY, EVO_ERR_DATA,
              "%s: no creature has a finite fitness yet", walk->saved->path);
    print_creature_header(walk);
    print_champion(walk);
    return EVO_OK;
}

/* ---- ancestry: a parent is always older than its child, so one walk a link would do; the ids
 * and parents of all are read once instead ---- */

struct link {
    uint64_t id, parent;
};

struct family {
    struct link *links;
    size_t n, capacity;
};

static enum evo_status add_link(void *context, const struct evo_saved_creature *creature)
{
    struct family *family = context;
    if (family->n == family->capacity) {
        size_t capacity = family->capacity > 0 ? 2 * family->capacity : 1024;
        struct link *wider = realloc(family->links, capacity * sizeof *wider);
        EVO_CHECK(wider != NULL, EVO_ERR_MEMORY, "no memory for %zu ancestors", capacity);
        family->links = wider;
        family->capacity = capacity;
    }
    family->links[family->n++] = (struct link){creature->id, creature->parent};
    return EVO_OK;
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = ((const struct link *)a)->id, y = ((const struct link *)b)->id;
    return x < y ? -1 : x > y;
}

static enum evo_status show_ancestry(struct walk *walk, uint64_t id)
{
    enum evo_status status = EVO_OK;
    struct family family = {0};
    EVO_GOTO(evo_saved_creatures(walk->saved, add_link, &family));
    qsort(family.links, family.n, sizeof *family.links, by_id);
    print_creature_header(walk);
    while (id != EVO_NOBODY) {
        walk->found = false;
        EVO_GOTO(show_creature(walk, id));
        const struct link key = {.id = id};
        const struct link *found =
            family.n > 0 ? bsearch(&key, family.links, family.n, sizeof key, by_id) : NULL;
        id = found != NULL ? found->parent : EVO_NOBODY;
    }
done:
    free(family.links);
    return status;
}

/* ---- verify ---- */

/* Of the bits: a NaN is equal to itself. */
static bool is_same(double a, double b)
{
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c)
    return memcmp(&a, &b, sizeof a) == 0;
}

static enum evo_status evaluate_again(struct walk *walk, struct evo_cases cases,
                                      const struct evo_saved_creature *creature)
{
    struct evo_task *task = walk->saved->state->task;
    EVO_TRY(evo_task_evaluate(task, cases, 1, creature->genome, walk->record));
    walk->n++;
    size_t n_same = 0, n_more = count_more(walk);
    bool same = is_same(walk->record[0], creature->fitness);
    while (n_same < n_more && is_same(walk->record[1 + n_same], creature->more[n_same])) { n_same++; }
    if (same && n_same == n_more) { return EVO_OK; }
    if (walk->n_different++ > 0) { return EVO_OK; }
    const char *what = same ? evo_task_results(task)[1 + n_same].name : "";
    printf("creature %" PRIu64 ": %s%sstored %a, evaluated again %a\n", creature->id, what, same ? " " : "",
           same ? creature->more[n_same] : creature->fitness, walk->record[same ? 1 + n_same : 0]);
    return EVO_OK;
}

static enum evo_status fly_again(void *context, const struct evo_saved_creature *creature)
{
    return evaluate_again(context, evo_cases_of(creature->flown), creature);
}

static enum evo_status verify_all(struct walk *walk)
{
    EVO_TRY(evo_saved_creatures(walk->saved, fly_again, walk));
    const struct evo_champion *champion = &walk->saved->state->champion;
    if (champion->id != EVO_NOBODY) {
        const struct evo_saved_creature best = {.id = champion->id,
                                                .fitness = champion->fitness,
                                                .genome = champion->genome,
                                                .more = champion->more};
        EVO_TRY(evaluate_again(walk, evo_state_champion_flown(walk->saved->state), &best));
    }
    printf("%zu creatures evaluated again: %zu differ\n", walk->n, walk->n_different);
    EVO_CHECK(walk->n_different == 0, EVO_ERR_DATA,
              "%s: %zu of %zu creatures score differently now; was it made by another version?",
              walk->saved->path, walk->n_different, walk->n);
    return EVO_OK;
}

static enum evo_status verify(struct walk *walk)
{
    size_t width = evo_record_width(evo_task_record(walk->saved->state->task));
    EVO_TRY(evo_alloc(width, sizeof *walk->record, "results", &walk->record));
    enum evo_status status = verify_all(walk);
    free(walk->record);
    return status;
}

/* ---- summary ---- */

static void print_about(const struct evo_saved *saved, const char *name, const char *title)
{
    char *text = NULL;
    if (evo_checkpoint_text(saved->checkpoint, "about", name, &text) != EVO_OK) { return; }
    printf("%-12s %s\n", title, text);
    free(text);
}

static enum evo_status show_summary(const struct walk *walk)
{
    const struct evo_saved *saved = walk->saved;
    const struct evo_state *state = saved->state;
    const struct evo_population *living = evo_search_population(state->search);
    struct evo_population_summary summary;
    char text[32], dimensions[256];
    evo_population_summarize(living, &summary);
    printf("%-12s %s\n", "file", saved->path);
    print_about(saved, "program", "written by");
    print_about(saved, "date", "saved");
    printf("%-12s %s: %s; seed %" PRId64 "\n", "task", evo_task_name(state->task),
           evo_task_dimensions(state->task, dimensions, sizeof dimensions), saved->config->job_seed);
    printf("%-12s %s, population %zu\n", "search", saved->config->search_name, living->n);
    printf("%-12s %" PRIu64 ", %" PRIu64 " candidates evaluated in %.3f s\n", "generations",
           state->generation, state->evaluations, state->elapsed_s);
    printf("%-12s best %.10g, mean %.6g, worst %.6g, spread %.4g, %zu without a finite score\n",
           "living", summary.best, summary.mean, summary.worst, summary.spread, summary.n_bad);
    if (state->failed > 0) { printf("%-12s %" PRIu64 " evaluations\n", "failed", state->failed); }
    printf("%-12s %" PRIu64 " creatures in the lineage ledger (keep = %s)\n", "dead",
           state->lineage->table->first_row + state->lineage->table->n_rows,
           evo_config_word(saved->config, "lineage.keep"));
    if (state->champion.id == EVO_NOBODY) { return EVO_OK; }
    printf("%-12s fitness %s, creature %" PRIu64 ", found in generation %" PRIu64 " after %" PRIu64
           " evaluations\n", "best", evo_text_number(text, state->champion.fitness),
           state->champion.id, state->champion.generation, state->champion.evaluations);
    if (count_more(walk) > 0) {
        printf("%-12s", "its results");
        print_results(walk, state->champion.more);
        putchar('\n');
    }
    for (size_t i = 0; i < walk->genome; i++) {
        printf("%s%s", i == 0 ? "             " : "  ",
               evo_text_number(text, state->champion.genome[i]));
    }
    putchar('\n');
    return EVO_OK;
}

static enum evo_status show_config(const struct evo_saved *saved)
{
    char *text = NULL;
    EVO_TRY(evo_config_print(saved->config, false, false, &text));
    fputs(text, stdout);
    free(text);
    return EVO_OK;
}

static enum evo_status show(struct command *command, const struct evo_saved *saved)
{
    struct walk walk = {.command = command,
                        .saved = saved,
                        .genome = evo_shape_genome(evo_task_shape(saved->state->task))};
    switch (command->what) {
    case SUMMARY: return show_summary(&walk);
    case GENERATION: printf("%" PRIu64 "\n", saved->state->generation); return EVO_OK;
    case HISTORY: return show_history(saved, command);
    case BEST: return show_best(&walk);
    case CREATURE: print_creature_header(&walk); return show_creature(&walk, command->id);
    case ANCESTRY: return show_ancestry(&walk, command->id);
    case CREATURES: print_creature_header(&walk); return evo_saved_creatures(saved, print_each, &walk);
    case CONFIG: return show_config(saved);
    case VERIFY: return verify(&walk);
    case HELP: break;
    }
    return EVO_OK;
}

/* In a child process: a forged file can crash the HDF5 library. */
static int read_and_show(void *context)
{
    struct command *command = context;
    struct evo_saved saved = {0};
    enum evo_status status = evo_saved_open(command->path, &saved);
    if (status == EVO_OK) { status = show(command, &saved); }
    evo_saved_fini(&saved);
    if (fflush(stdout) != 0 && status == EVO_OK) {
        status = evo_status_fail(EVO_ERR_IO, "standard output cannot be written: %s", strerror(errno));
    }
    if (status != EVO_OK) { fprintf(stderr, "evompi-show: %s\n", evo_status_message()); }
    return evo_status_exit_code(status);
}

int main(int argc, char **argv)
{
    struct command command = {0};
    int code = 0;
    enum evo_status status = parse_command(argc, argv, &command);
    if (status == EVO_OK && command.what == HELP) {
        fputs(usage, stdout);
    } else if (status == EVO_OK) {
        status = evo_guard_call(command.path, read_and_show, &command, &code);
    }
    if (status == EVO_OK) { return code; }
    fprintf(stderr, "evompi-show: %s\n", evo_status_message());
    return evo_status_exit_code(status);
}
