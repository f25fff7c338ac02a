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
    "Evolves controllers for a simulated quadcopter. CONFIG.ini says what and how; the results\n"
    "go to the run folder that its [job] output names.\n"
    "\n"
    "  --resume[=FILE]          go on from the newest whole checkpoint of the run folder, or from FILE\n"
    "  --resume=auto            go on if there is a run, else begin (for batch scripts)\n"
    "  --fresh                  begin anew; removes the run that the folder holds\n"
    "  --set SECTION.KEY=VALUE  override a key of the configuration; may be given many times\n"
    "  --check                  read and check everything, print the resolved configuration with\n"
    "                           estimates of memory and time, and run nothing; with --resume\n"
    "                           also whether the run can go on with this configuration\n"
    "  --print=SECTION.KEY      check the same, and print that key's value alone, on one line, for\n"
    "                           scripts; may be given many times\n"
    "  --list                   print the tasks, searches and instruction sets there are\n"
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
};

static const struct option options[] = {
    {"resume", optional_argument, NULL, 'r'}, {"fresh", no_argument, NULL, 'f'},
    {"set", required_argument, NULL, 's'},    {"check", no_argument, NULL, 'c'},
    {"list", no_argument, NULL, 'l'},         {"help", optional_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},      {"print", required_argument, NULL, 'p'},
    {NULL, 0, NULL, 0},
};

static enum evo_status unknown_option(const char *word)
{
    const char *names[sizeof options / sizeof options[0]];
    size_t n = 0;
    for (; options[n].name != NULL; n++) { names[n] = options[n].name; }
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + strspn(word, "-"), "="),
             word + strspn(word, "-"));
    const char *nearest = evo_text_nearest(name, names, n);
    return evo_status_fail(EVO_ERR_USAGE, "%s: no such option%s%s%s; evompi --help lists them", word,
                           nearest != NULL ? "; did you mean --" : "",
                           nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

/* The words that stand alone most often by mistake belong to an option. */
static enum evo_status refuse_word(const char *word)
{
    size_t n = strlen(word);
    const char *hint = "";
    if (strchr(word, '=') != NULL) { hint = "; a key is set by --set SECTION.KEY=VALUE"; }
    if (n > 3 && strcmp(word + n - 3, ".h5") == 0) { hint = "; a checkpoint is named by --resume=FILE"; }
    return evo_status_fail(EVO_ERR_USAGE, "%s: one word too many on the command line%s", word, hint);
}

static enum evo_status set_resume(struct command *command, enum evo_resume resume)
{
    EVO_CHECK(command->run.resume == EVO_RESUME_NO, EVO_ERR_USAGE,
              "only one of --resume and --fresh can be given, once");
    command->run.resume = resume;
    return EVO_OK;
}

static enum evo_status take_option(struct command *command, int letter, const char *value,
                                   const char *word)
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
    case 'l': command->action = ACTION_LIST; return EVO_OK;
    case 'v': command->action = ACTION_VERSION; return EVO_OK;
    case 'h':
        command->action = ACTION_HELP;
        command->help_topic = value;
        EVO_CHECK(value == NULL || strcmp(value, "keys") == 0 || strcmp(value, "markdown") == 0,
                  EVO_ERR_USAGE, "--help=%s: there is --help, --help=keys and --help=markdown",
                  value);
        return EVO_OK;
    case ':': return evo_status_fail(EVO_ERR_USAGE, "%s: needs a value", word);
    default: return unknown_option(word);
    }
}

static enum evo_status parse_command(int argc, char **argv, struct command *command)
{
    EVO_TRY(evo_alloc((size_t)argc, sizeof *command->sets, "command line", &command->sets));
    EVO_TRY(evo_alloc((size_t)argc, sizeof *command->prints, "command line", &command->prints));
    command->run.sets = command->sets;
    command->run.prints = command->prints;
    opterr = 0;
    int letter;
    while ((letter = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        EVO_TRY(take_option(command, letter, optarg, argv[optind - 1]));
    }
    bool needs_config = command->action == ACTION_RUN || command->action == ACTION_CHECK;
    int n_words = argc - optind;
    /* Whoever asks for help may have written anything before it. */
    if (!needs_config) { return EVO_OK; }
    EVO_CHECK(n_words > 0, EVO_ERR_USAGE,
              "no configuration: evompi CONFIG.ini; evompi --help says more");
    if (n_words > 1) { return refuse_word(argv[optind + 1]); }
    command->run.config_path = argv[optind];
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
    puts("vehicles:");
    evo_task_print_vehicles(stdout);
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

static enum evo_status run(int argc, char **argv, const struct command *command, int *exit_code)
{
    struct evo_farm *farm = NULL;
    EVO_TRY(evo_run_prepare(&command->run));
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
