/* SPDX-License-Identifier: MIT */
/* The command line of evompi: what is asked for, and the exit code. */
#include <evompi/run.h>

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: mpirun -np RANKS evompi CONFIG.ini [options]\n"
    "\n"
    "Searches for the parameters of what can be simulated: of controllers for a quadcopter, or of\n"
    "a task of your own. CONFIG.ini says what and how; the results go to the run folder that its\n"
    "[job] output names.\n"
    "\n"
    "  --resume[=FILE]          go on from the newest whole checkpoint of the run folder, or from FILE\n"
    "  --resume=auto            go on if there is a run, else begin (for batch scripts)\n"
    "  --fresh                  begin anew; removes the run that the folder holds\n"
    "  --set SECTION.KEY=VALUE  override a key of the configuration; may be given many times\n"
    "  --check                  read and check everything, print the resolved configuration with\n"
    "                           estimates of memory and time, and run nothing; with --resume\n"
    "                           also whether the run can go on with this configuration\n"
    "  --ranks N                with --check: what the job would take on N ranks (default 64)\n"
    "  --print=SECTION.KEY      check the same, and print that key's value alone, on one line, for\n"
    "                           scripts; may be given many times\n"
    "  --list                   print the tasks, searches and instruction sets there are; as for\n"
    "                           --help=keys: with the plug-ins of CONFIG.ini, of --set\n"
    "                           job.plugins=..., and of the folders of EVOMPI_PLUGIN_PATH\n"
    "  --help[=keys|markdown]   print this; all keys of a configuration; the same as Markdown\n"
    "  --version                print version, revision, compiler, MPI, HDF5, LAPACK,\n"
    "                           instruction sets\n"
    "\n"
    "exit codes: 0 finished; 2 bad command line or configuration; 3 no usable checkpoint;\n"
    "85 stopped on request with its checkpoint on disk; anything else is an error.\n";

enum action { ACTION_RUN, ACTION_CHECK, ACTION_LIST, ACTION_HELP, ACTION_VERSION };

struct command {
    enum action action;
    const char *help_topic; ///< ACTION_HELP; NULL: the usage
    struct evo_run_options run;
    const char **sets; ///< run.sets, as this file fills it
    const char **prints; ///< run.prints, the same
    int n_words;       ///< that stand alone; the first is run.config_path
    const char *extra; ///< the first word that has no place, or NULL
};

static const struct option options[] = {
    {"resume", optional_argument, NULL, 'r'}, {"fresh", no_argument, NULL, 'f'},
    {"set", required_argument, NULL, 's'},    {"check", no_argument, NULL, 'c'},
    {"list", no_argument, NULL, 'l'},         {"help", optional_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},      {"print", required_argument, NULL, 'p'},
    {"ranks", required_argument, NULL, 'n'},
    {NULL, 0, NULL, 0},
};

/* What stands in front of the program, and is often written behind it. */
static const char *const mpirun_options[] = {
    "np", "n", "N", "H", "host", "hostfile", "machinefile", "npernode", "oversubscribe", "bind-to",
    "map-by", "rank-by", "mca", "x", "use-hwthread-cpus", "allow-run-as-root", "report-bindings"};

/* For "evompi base.ini -np 4": "-np belongs to mpirun, ...: mpirun -np 4 evompi base.ini". */
static enum evo_status unknown_option(const struct command *command, const struct evo_words *words,
                                      int letter)
{
    const char *bare = words->word + strspn(words->word, "-");
    size_t i = 0, n = sizeof mpirun_options / sizeof mpirun_options[0];
    while (i < n && strcmp(mpirun_options[i], bare) != 0) { i++; }
    if (letter == ':' || i == n) { return evo_words_refuse(words, letter, "evompi"); }
    const char *config = command->n_words > 0 ? command->run.config_path : "CONFIG.ini";
    bool counts = strspn(words->behind, "0123456789") > 0;
    return evo_status_fail(EVO_ERR_USAGE,
                           "%s: belongs to mpirun, in front of the program: mpirun %s%s%s evompi %s",
                           words->word, words->word, counts ? " " : "", counts ? words->behind : "",
                           config);
}

static bool is_checkpoint(const char *word)
{
    size_t n = strlen(word);
    return n > 3 && strcmp(word + n - 3, ".h5") == 0;
}

/* The words that stand alone most often by mistake belong to an option. */
static enum evo_status refuse_word(const char *word)
{
    static const char many[] = "one word too many on the command line";
    if (strcmp(word, "auto") == 0 || is_checkpoint(word)) {
        return evo_status_fail(EVO_ERR_USAGE, "%s: %s; --resume has its value behind a '=': --resume=%s",
                               word, many, word);
    }
    return evo_status_fail(EVO_ERR_USAGE, "%s: %s%s", word, many,
                           strchr(word, '=') != NULL ? "; a key is set by --set SECTION.KEY=VALUE" : "");
}

/* A word that stands alone: the configuration, or one too many, of which the first is kept. */
static void take_word(struct command *command, const struct evo_words *words)
{
    const char *word = words->word;
    bool is_topic = strcmp(word, "keys") == 0 || strcmp(word, "markdown") == 0;
    bool is_source = strcmp(word, "auto") == 0 || is_checkpoint(word);
    bool is_misplaced = is_source && strcmp(words->before, "--resume") == 0;
    if (is_topic && strcmp(words->before, "--help") == 0) {
        command->help_topic = word;
    } else if (!is_misplaced && command->n_words++ == 0) {
        command->run.config_path = word;
    } else if (is_misplaced || command->extra == NULL) {
        command->extra = word;
    }
}

static enum evo_status set_resume(struct command *command, enum evo_resume resume)
{
    EVO_CHECK(command->run.resume == EVO_RESUME_NO, EVO_ERR_USAGE,
              "only one of --resume and --fresh can be given, once");
    command->run.resume = resume;
    return EVO_OK;
}

static enum evo_status set_ranks(struct command *command, const char *value)
{
    const double most = 1e6;
    double x = 0.0;
    EVO_CHECK(evo_text_to_number(value, &x) && x >= 1.0 && x <= most && x == (double)(int)x, EVO_ERR_USAGE,
              "--ranks %s: is not a whole number of 1 to %.0f", value, most);
    command->run.n_ranks = (int)x;
    return EVO_OK;
}

static enum evo_status take_option(struct command *command, int letter, const char *value,
                                   const struct evo_words *words)
{
    switch (letter) {
    case 'r':
        if (value == NULL) { return set_resume(command, EVO_RESUME_YES); }
        if (strcmp(value, "auto") == 0) { return set_resume(command, EVO_RESUME_AUTO); }
        EVO_CHECK(value[0] != '\0', EVO_ERR_USAGE, "--resume= needs a file name or auto behind it");
        command->run.resume_file = value;
        return set_resume(command, EVO_RESUME_FILE);
    case 'f': return set_resume(command, EVO_RESUME_FRESH);
    case 's': command->sets[command->run.n_sets++] = value; return EVO_OK;
    case 'c': command->action = ACTION_CHECK; return EVO_OK;
    case 'p':
        command->prints[command->run.n_prints++] = value;
        command->action = ACTION_CHECK;
        return EVO_OK;
    case 'n': return set_ranks(command, value);
    case 'l': command->action = ACTION_LIST; return EVO_OK;
    case 'v': command->action = ACTION_VERSION; return EVO_OK;
    case 'h':
        command->action = ACTION_HELP;
        command->help_topic = value;
        EVO_CHECK(value == NULL || strcmp(value, "keys") == 0 || strcmp(value, "markdown") == 0,
                  EVO_ERR_USAGE, "--help=%s: there is --help, --help=keys and --help=markdown",
                  value);
        return EVO_OK;
    case EVO_WORD: take_word(command, words); return EVO_OK;
    default: return unknown_option(command, words, letter);
    }
}

static enum evo_status parse_command(int argc, char **argv, struct command *command)
{
    EVO_TRY(evo_alloc((size_t)argc, sizeof *command->sets, "command line", &command->sets));
    EVO_TRY(evo_alloc((size_t)argc, sizeof *command->prints, "command line", &command->prints));
    command->run.sets = command->sets;
    command->run.prints = command->prints;
    struct evo_words words = {.argc = argc, .argv = argv, .options = options};
    const char *value = NULL;
    int letter;
    while ((letter = evo_words_next(&words, &value)) != -1) {
        EVO_TRY(take_option(command, letter, value, &words));
    }
    /* Whoever asks for help may have written anything before it. */
    if (command->action != ACTION_RUN && command->action != ACTION_CHECK) { return EVO_OK; }
    if (command->extra != NULL) { return refuse_word(command->extra); }
    EVO_CHECK(command->run.n_ranks == 0 || command->action == ACTION_CHECK, EVO_ERR_USAGE,
              "--ranks %d: is for --check; how many ranks a job has is said to the launcher, in front of the "
              "program: mpirun -np %d evompi ...", command->run.n_ranks, command->run.n_ranks);
    EVO_CHECK(command->n_words > 0, EVO_ERR_USAGE,
              "no configuration: evompi CONFIG.ini; evompi --help says more");
    return EVO_OK;
}

static void print_names(const char *title, size_t n, const char *const *names,
                        const char *(*summary)(size_t))
{
    printf("%s:\n", title);
    for (size_t i = 0; i < n; i++) { printf("  %-12s %s\n", names[i], summary(i)); }
}

static void print_list(void)
{
    print_names("tasks", evo_task_count(), evo_task_names(), evo_task_summary);
    print_names("searches", evo_search_count(), evo_search_names(), evo_search_summary);
    evo_task_print_lists(stdout);
    puts("instruction sets:");
    evo_task_print_isas(stdout);
}

/* All keys as the configuration that an empty file means, each with its comment. */
static enum evo_status print_keys(bool markdown)
{
    struct evo_config *config = NULL;
    char *text = NULL;
    enum evo_status status = EVO_OK;
    EVO_GOTO(evo_config_parse("defaults", "", 0, false, NULL, 0, evo_run_scope(), &config));
    if (markdown) {
        evo_config_print_reference(config, stdout);
        goto done;
    }
    EVO_GOTO(evo_config_print(config, true, false, &text));
    fputs(text, stdout);
done:
    free(text);
    evo_config_destroy(config);
    return status;
}

static enum evo_status print_help(const char *topic)
{
    if (topic != NULL) { return print_keys(strcmp(topic, "markdown") == 0); }
    fputs(usage, stdout);
    return EVO_OK;
}

/* What needs no MPI: every rank that a launcher started comes here and does the same, so that each
 * one's exit code is right, and the first one speaks. */
static enum evo_status answer(const struct command *command)
{
    if (evo_farm_rank_hint() != 0) {
        EVO_CHECK(freopen("/dev/null", "w", stdout) != NULL, EVO_ERR_IO,
                  "/dev/null: cannot be opened: %s", strerror(errno));
        evo_log_set_level(EVO_LOG_ERROR);
    }
    bool lists = command->action == ACTION_LIST || (command->action == ACTION_HELP && command->help_topic != NULL);
    if (lists) { EVO_TRY(evo_run_know_plugins(&command->run)); }
    switch (command->action) {
    case ACTION_CHECK: EVO_TRY(evo_run_check(&command->run, stdout)); break;
    case ACTION_LIST: print_list(); break;
    case ACTION_HELP: EVO_TRY(print_help(command->help_topic)); break;
    case ACTION_VERSION: evo_run_print_version(stdout); break;
    case ACTION_RUN: break;
    }
    EVO_CHECK(fflush(stdout) == 0 && ferror(stdout) == 0, EVO_ERR_IO,
              "standard output cannot be written: %s", strerror(errno));
    return EVO_OK;
}

/* Before MPI a rank has its own memory and its own children: what it lacks is its own to say. */
static enum evo_status prepare(const struct command *command, int *exit_code)
{
    enum evo_status status = evo_run_prepare(&command->run);
    if (status == EVO_OK) { return EVO_OK; }
    evo_log(EVO_LOG_ERROR, "rank %d: %s", evo_farm_rank_hint(), evo_status_message());
    *exit_code = evo_status_exit_code(status);
    return status;
}

static enum evo_status run(int argc, char **argv, const struct command *command, int *exit_code)
{
    struct evo_farm *farm = NULL;
    EVO_TRY(prepare(command, exit_code));
    if (evo_farm_rank_hint() == 0) {
        enum evo_status probed = evo_run_probe(&command->run);
        *exit_code = evo_status_exit_code(probed);
        if (probed != EVO_OK) { evo_log(EVO_LOG_ERROR, "%s", evo_status_message()); }
        EVO_TRY(probed);
    }
    evo_run_catch_signals();
    enum evo_status status = evo_farm_begin(&argc, &argv, &farm);
    if (status != EVO_OK) {
        evo_log(EVO_LOG_ERROR, "%s", evo_status_message());
        *exit_code = evo_status_exit_code(status);
        return status;
    }
    bool is_root = evo_farm_rank(farm) == 0;
    if (is_root) {
        evo_log_set_level(EVO_LOG_INFO);
        evo_log_set_terminal(evo_farm_is_terminal());
    }
    status = evo_run_job(farm, &command->run, exit_code);
    if (status != EVO_OK && is_root) { evo_log(EVO_LOG_ERROR, "%s", evo_status_message()); }
    evo_farm_end(farm);
    evo_log_close();
    return status;
}

int main(int argc, char **argv)
{
    struct command command = {0};
    int exit_code = 0;
    enum evo_status status = parse_command(argc, argv, &command);
    if (status == EVO_OK && command.action == ACTION_RUN) {
        run(argc, argv, &command, &exit_code); // has said what went wrong
    } else {
        if (status == EVO_OK) { status = answer(&command); }
        int rank = evo_farm_rank_hint();
        if (status != EVO_OK && rank == 0) { evo_log(EVO_LOG_ERROR, "%s", evo_status_message()); }
        /* All ranks see the same mistakes, but each has its own memory. */
        if (status == EVO_ERR_MEMORY && rank != 0) {
            evo_log(EVO_LOG_ERROR, "rank %d: %s", rank, evo_status_message());
        }
        exit_code = evo_status_exit_code(status);
    }
    free(command.sets);
    free(command.prints);
    return exit_code;
}
