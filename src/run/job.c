/* SPDX-License-Identifier: MIT */
/* The job: every rank gets ready, rank 0 runs the generations, the others evaluate for it. */
#include "run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What one rank holds during a job; the fields from `store` on are rank 0's. */
struct job {
    struct evo_farm *farm;
    const struct evo_run_options *options;
    struct evo_config *config;
    struct evo_task *task; ///< ranks other than 0; rank 0 has state->task
    struct evo_farm_job work;

    struct evo_state *state;
    struct evo_store *store;
    struct evo_saver saver;
    struct evo_progress progress;
    struct evo_stop_watch watch;
    struct evo_history_times times;
    struct evo_efficiency efficiency;
    struct evo_population_summary summary;
    struct evo_generation generation;      ///< what the newest took
    char note[EVO_FARM_NOTE];              ///< why the first candidate of this job failed
    char newest_note[EVO_FARM_NOTE];       ///< why the first of the newest that failed did
    double steps_per_s, longest_s, mark_s; ///< of the generation; a recent longest; where it began
    double save_began_s;                   ///< when the newest checkpoint was handed over
    bool heard;
};

/* ---- one generation, on rank 0 ---- */

static struct evo_cases cases_of(struct evo_farm_label label)
{
    return (struct evo_cases){(enum evo_purpose)label.purpose, label.generation};
}

static enum evo_status evaluate_piece(void *context, struct evo_farm_label label,
                                      const struct evo_farm_piece *piece, bool whole, const void *items,
                                      void *results)
{
    const struct evo_parts parts = {piece->first_part, piece->n_parts};
    if (whole) { return evo_task_evaluate(context, cases_of(label), piece->n, items, results); }
    return evo_task_evaluate_parts(context, cases_of(label), parts, piece->n, items, results);
}

static void join_parts(void *context, struct evo_farm_label label, size_t n, const void *items, const void *parts,
                       void *results)
{
    evo_task_join(context, cases_of(label), n, items, parts, results);
}

static void take_note(void *context, char *text, size_t size)
{
    evo_task_take_note(context, text, size);
}

static double lap(double *mark_s)
{
    double now_s = evo_clock_s(), seconds = now_s - *mark_s;
    *mark_s = now_s;
    return seconds;
}

/* What all maps of a generation took together. */
static void add_times(struct evo_history_times *sum, const struct evo_farm_times *times)
{
    sum->all_work_s += times->all_work_s;
    sum->map_s += times->scatter_s + times->work_s + times->gather_s;
    sum->n_pieces += times->n_pieces;
    sum->n_again += times->n_again;
    sum->n_messages += times->n_messages;
}

/* All ranks evaluate; rank 0 always takes a share of the few of a selection set. */
static enum evo_status evaluate_on_ranks(void *context, struct evo_cases cases, size_t n,
                                         const double *genomes, double *records)
{
    struct job *job = context;
    bool selects = cases.purpose == EVO_PURPOSE_SELECTION;
    const struct evo_farm_label label = {cases.generation, (uint32_t)cases.purpose};
    struct evo_farm_times times = {0};
    enum evo_farm_root root = selects ? EVO_ROOT_FLIES : (enum evo_farm_root)job->config->farm_root_flies;
    const struct evo_farm_load load = {n, evo_task_parts(job->state->task, cases), genomes, records};
    EVO_TRY(evo_farm_map(job->farm, &job->work, root, label, &load, &times));
    add_times(&job->times, &times);
    if (!selects) {
        job->times.scatter_s = times.scatter_s;
        job->times.fly_s = times.work_s;
        job->times.gather_s = times.gather_s;
        job->times.idle_s = times.idle_s;
    }
    job->heard = job->heard || times.stop_heard;
    if (times.note[0] != '\0') { snprintf(job->newest_note, sizeof job->newest_note, "%s", times.note); }
    if (job->note[0] == '\0' && times.note[0] != '\0') {
        snprintf(job->note, sizeof job->note, "%s", times.note);
        evo_log(EVO_LOG_WARNING, "the first candidate that failed: %s", job->note);
    }
    return EVO_OK;
}

/* A search learns nothing from failures alone, and a run that goes on with them is lost: what fails may be
 * the machine. A few in a row are chance where candidates are few. */
static enum evo_status check_failures(const struct job *job)
{
    enum { MOST_IN_VAIN = 100 };
    const struct evo_state *state = job->state;
    bool ends = state->in_vain > 0 && (state->generation == 1 || state->in_vain >= MOST_IN_VAIN);
    EVO_CHECK(!ends, EVO_ERR_DATA,
              "task %s: every candidate of generation %" PRIu64 " failed%s: %s; see that the task works here, or "
              "let the search begin where candidates do not fail; one that is only bad should have a large "
              "fitness, and not fail", evo_task_name(state->task), state->generation,
              state->generation > 1 ? ", as those of others before it" : "",
              job->newest_note[0] != '\0' ? job->newest_note : "no reason is given");
    return EVO_OK;
}

static enum evo_status run_generation(struct job *job)
{
    const struct evo_evaluator ranks = {evaluate_on_ranks, job};
    job->times = (struct evo_history_times){.save_s = job->times.save_s,
                                            .n_ranks = (uint64_t)evo_farm_size(job->farm)};
    EVO_TRY(evo_generation_run(job->state, &ranks, &job->generation));
    EVO_TRY(check_failures(job));
    job->times.ask_s = job->generation.ask_s;
    job->times.tell_s = job->generation.tell_s;
    return EVO_OK;
}

/* The generation's row of history, its champion, its speed. */
static enum evo_status record_generation(struct job *job)
{
    const double forget = 0.9;
    struct evo_state *state = job->state;
    const struct evo_evaluator ranks = {evaluate_on_ranks, job};
    evo_population_summarize(evo_search_population(state->search), &job->summary);
    EVO_TRY(evo_generation_select(state, &ranks, false, job->summary.i_best, &job->generation));

    double seconds = lap(&job->mark_s);
    state->elapsed_s += seconds;
    job->longest_s = seconds > forget * job->longest_s ? seconds : forget * job->longest_s;
    job->steps_per_s = (double)job->generation.steps / seconds;
    job->times.wall_s = seconds;
    evo_efficiency_add(&job->efficiency, &job->times, job->generation.n);
    return evo_history_append(state->history, state, &job->summary, &job->times, job->generation.n_failed,
                              job->steps_per_s);
}

static bool save_is_due(const struct job *job)
{
    const struct evo_config *config = job->config;
    return config->checkpoint_every > 0 &&
           job->state->generation % (uint64_t)config->checkpoint_every == 0 &&
           evo_clock_s() - job->save_began_s >= config->checkpoint_min_interval_s;
}

/* Hands the generation over to the store, whose thread writes it beside the next evaluation. */
static enum evo_status save_generation(struct job *job)
{
    double mark_s = evo_clock_s();
    bool ready = false;
    EVO_TRY(evo_saver_ready(&job->saver, &ready));
    if (!ready) { return EVO_OK; }
    EVO_TRY(evo_state_save(job->state, job->store, evo_farm_size(job->farm)));
    job->save_began_s = evo_clock_s();
    job->times.save_s = job->save_began_s - mark_s;
    /* What waited was older, and is on disk now that the store took another. */
    evo_progress_saved(&job->progress, job->state->generation - 1, false);
    evo_progress_submitted(&job->progress, &job->summary, job->steps_per_s);
    return EVO_OK;
}

static enum evo_status report_progress(struct job *job)
{
    uint64_t saved = 0;
    bool ready = false;
    if (evo_store_saved(job->store, &saved, NULL, NULL) != EVO_OK) {
        EVO_TRY(evo_saver_ready(&job->saver, &ready));
    }
    evo_progress_saved(&job->progress, saved, false);
    evo_progress_live(&job->progress, &job->summary, job->steps_per_s, saved);
    return EVO_OK;
}

static struct evo_stop find_stop(struct job *job)
{
    struct evo_stop stop = evo_stop_limits(job->state);
    if (stop.kind != EVO_STOP_NOT) { return stop; }
    double save_s = 0.0;
    evo_store_saved(job->store, NULL, NULL, &save_s);
    return evo_stop_requests(&job->watch, job->heard, job->longest_s + 2.0 * save_s);
}

/* At the end the last state must be on disk. What failed before has one more chance, then it. */
static enum evo_status settle(struct job *job)
{
    uint64_t saved = 0;
    bool ready = false;
    EVO_TRY(evo_saver_ready(&job->saver, &ready));
    if (!ready) {
        EVO_TRY(evo_store_drain(job->store));
        EVO_TRY(evo_saver_ready(&job->saver, &ready));
    }
    EVO_TRY(evo_store_saved(job->store, &saved, NULL, NULL));
    if (saved < job->state->generation) { EVO_TRY(save_generation(job)); }
    return evo_store_drain(job->store);
}

/* ---- all generations, on rank 0 ---- */

static enum evo_status run_generations(struct job *job, struct evo_stop *stop)
{
    job->mark_s = evo_clock_s();
    evo_saver_init(&job->saver, job->config, job->store);
    job->progress = (struct evo_progress){.state = job->state,
                                          .interval_s = job->config->log_interval_s,
                                          .began_s = job->mark_s,
                                          .began_generation = job->state->generation};
    job->save_began_s = job->mark_s - job->config->checkpoint_min_interval_s;
    do {
        EVO_TRY(run_generation(job));
        EVO_TRY(record_generation(job));
        *stop = find_stop(job);
        job->times.save_s = 0.0;
        if (stop->kind != EVO_STOP_NOT || save_is_due(job)) { EVO_TRY(save_generation(job)); }
        EVO_TRY(report_progress(job));
    } while (stop->kind == EVO_STOP_NOT);

    evo_log_live("%s", "");
    EVO_TRY(settle(job));
    evo_progress_saved(&job->progress, job->state->generation, true);
    return EVO_OK;
}

static void say_beginning(const struct job *job)
{
    const struct evo_config *config = job->config;
    const struct evo_task *task = job->state->task;
    char dimensions[256], others[256];
    int n_ranks = evo_farm_size(job->farm);
    evo_log(EVO_LOG_INFO, "%s: %s -> %s", evo_run_version(), job->options->config_path,
            config->job_output);
    evo_log(EVO_LOG_INFO,
            "task %s: %s, %" PRIu64 " steps per creature; step: %s", evo_task_name(task),
            evo_task_dimensions(task, dimensions, sizeof dimensions),
            evo_task_steps(task, evo_cases_of(job->state->generation + 1)), evo_task_step_name(task));
    if (evo_task_warning(task)[0] != '\0') { evo_log(EVO_LOG_WARNING, "%s", evo_task_warning(task)); }
    if (evo_run_others(config, others, sizeof others) > 0) { evo_log(EVO_LOG_WARNING, "%s", others); }
    evo_log(EVO_LOG_INFO, "search %s: population %" PRId64 ", seed %" PRId64 "; %d rank%s",
            config->search_name, config->population_size, config->job_seed, n_ranks,
            n_ranks == 1 ? "" : "s");
    if (evo_stop_is_endless(config)) {
        evo_log(EVO_LOG_INFO, "no key of [stop] is set: the run goes on until you stop it, as the next "
                "line says; stop.max_generations, max_evaluations, stagnation or target_fitness ends it");
    }
    char command[192];
    evo_farm_stop_command(job->farm, command, sizeof command);
    evo_log(EVO_LOG_INFO, "to stop after a generation and keep everything: touch %s/stop, or %s; "
            "Ctrl-C keeps the last finished generation", config->job_output, command);
}

static void say_end(const struct job *job, const struct evo_stop *stop)
{
    const struct evo_state *state = job->state;
    char best[32];
    evo_log(EVO_LOG_INFO, "%s after generation %" PRIu64 ", %" PRIu64 " candidates evaluated: %s",
            stop->kind == EVO_STOP_FINISHED ? "finished" : "stopped", state->generation,
            state->evaluations, stop->reason);
    if (state->champion.id != EVO_NOBODY) {
        evo_log(EVO_LOG_INFO, "best: %s, creature %" PRIu64 " of generation %" PRIu64 " (%s/champion.csv)",
                evo_text_number(best, state->champion.fitness), state->champion.id,
                state->champion.born, job->config->job_output);
    }
    if (state->failed > 0) {
        evo_log(EVO_LOG_WARNING, "%" PRIu64 " evaluation%s failed in all%s%s", state->failed,
                state->failed == 1 ? "" : "s",
                job->note[0] != '\0' ? "; the first of this job: " : "", job->note);
    }
    evo_efficiency_say(&job->efficiency, job->config, state->task);
    if (stop->kind == EVO_STOP_ASKED) {
        evo_log(EVO_LOG_INFO, "go on with --resume");
    }
}

/* Rank 0's part of the job, between getting ready and dismissing the others. */
static enum evo_status lead(struct job *job, int *exit_code)
{
    struct evo_stop stop = evo_stop_limits(job->state);
    say_beginning(job);
    if (stop.kind == EVO_STOP_NOT) {
        EVO_TRY(run_generations(job, &stop));
        say_end(job, &stop);
        if (stop.kind == EVO_STOP_FINISHED) { EVO_TRY(evo_validation_say(job->state)); }
    } else {
        evo_log(EVO_LOG_INFO, "nothing to do after generation %" PRIu64 ": %s; a higher limit goes on",
                job->state->generation, stop.reason);
        EVO_TRY(evo_state_complete(job->state, job->store));
    }
    *exit_code = stop.kind == EVO_STOP_ASKED ? EVO_EXIT_STOPPED : 0;
    return EVO_OK;
}

/* ---- getting ready, on every rank ---- */

/* Rank 0 reads the file, so it need not be visible anywhere else; all get its resolved text. */
static enum evo_status share_config(struct job *job)
{
    enum evo_status status = EVO_OK;
    char *text = NULL;
    const struct evo_run_options *options = job->options;
    bool is_root = evo_farm_rank(job->farm) == 0;
    if (is_root) {
        status = evo_run_read_config(options->config_path, options->sets, options->n_sets,
                                     &job->config);
        if (status == EVO_OK) { status = evo_config_print(job->config, false, false, &text); }
    }
    EVO_GOTO(evo_farm_agree(job->farm, status));
    EVO_GOTO(evo_farm_share_text(job->farm, &text));
    if (!is_root) {
        status = evo_config_parse(options->config_path, text, strlen(text), false, NULL, 0, evo_run_scope(), &job->config);
    }
    EVO_GOTO(evo_farm_agree(job->farm, status));
done:
    free(text);
    return status;
}

/* What a rank computes depends on its program and its configuration. */
static enum evo_status compare_ranks(struct job *job)
{
    char *text = NULL, digest[32] = "";
    enum evo_status status = evo_config_print(job->config, false, false, &text);
    if (status == EVO_OK) {
        snprintf(digest, sizeof digest, "%016" PRIx64, evo_text_hash(text, strlen(text)));
    }
    free(text);
    EVO_TRY(evo_farm_agree(job->farm, status));
    return evo_farm_compare(job->farm, "the configuration's digest", digest, EVO_ERR_FARM);
}

/* All that a rank was asked for: ranks of several command lines would be several jobs to their user,
 * of which only rank 0's would be done. */
static enum evo_status compare_command_lines(struct job *job)
{
    static const char *const begin[] = {[EVO_RESUME_NO] = "", [EVO_RESUME_FRESH] = " --fresh",
                                        [EVO_RESUME_YES] = " --resume",
                                        [EVO_RESUME_AUTO] = " --resume=auto",
                                        [EVO_RESUME_FILE] = " --resume="};
    const struct evo_run_options *options = job->options;
    enum evo_status status = EVO_OK;
    char *text = NULL;
    const char *file = options->resume == EVO_RESUME_FILE ? options->resume_file : "";
    EVO_GOTO(evo_text_format(&text, "%s%s%s", options->config_path, begin[options->resume], file));
    for (size_t i = 0; i < options->n_sets; i++) {
        char *shorter = text;
        status = evo_text_format(&text, "%s --set %s", shorter, options->sets[i]);
        free(shorter);
        if (status != EVO_OK) { text = NULL; goto done; }
    }
done:
    status = evo_farm_agree(job->farm, status);
    if (status == EVO_OK) {
        status = evo_farm_compare(job->farm, "the command line", text, EVO_ERR_USAGE);
    }
    free(text);
    return status;
}

/* A rank without rank 0's plug-ins could not read what follows. */
static enum evo_status compare_plugins(struct job *job)
{
    char *text = NULL;
    enum evo_status status = evo_run_plugins_text(&text);
    status = evo_farm_agree(job->farm, status);
    if (status == EVO_OK) {
        status = evo_farm_compare(job->farm, "the list of plug-ins and their digests", text[0] != '\0' ? text : "none", EVO_ERR_CONFIG);
    }
    free(text);
    return status;
}

/* What children of the task are told, and where their messages go. */
static void set_host(struct job *job)
{
    struct evo_task_host *host = evo_run_host();
    host->rank = (size_t)evo_farm_rank(job->farm);
    host->n_ranks = (size_t)evo_farm_size(job->farm);
    host->folder = job->config->job_output;
}

static enum evo_status prepare(struct job *job)
{
    /* First of all: ranks of another version may understand nothing that follows. */
    EVO_TRY(evo_farm_compare(job->farm, "the program", evo_run_version(), EVO_ERR_FARM));
    EVO_TRY(compare_command_lines(job));
    EVO_TRY(compare_plugins(job));
    EVO_TRY(share_config(job));
    EVO_TRY(compare_ranks(job));
    enum evo_status status;
    set_host(job);
    if (evo_farm_rank(job->farm) == 0) {
        job->watch = (struct evo_stop_watch){.folder = job->config->job_output,
                                             .began_s = evo_clock_s(),
                                             .max_walltime_s = job->config->stop_max_walltime};
        status = evo_state_create(job->config, &job->state);
        if (status == EVO_OK) {
            status = evo_folder_open(job->options, job->config, job->state, &job->store);
        }
    } else {
        status = evo_task_create(job->config, &job->task);
    }
    EVO_TRY(evo_farm_agree(job->farm, status));

    struct evo_task *task = job->state != NULL ? job->state->task : job->task;
    EVO_TRY(evo_farm_agree(job->farm, evo_task_begin(task)));
    job->work = (struct evo_farm_job){
        .item_bytes = evo_shape_genome(evo_task_shape(task)) * sizeof(double),
        .result_bytes = evo_record_width(evo_task_record(task)) * sizeof(double),
        .batch = evo_task_batch(task),
        .stall_timeout_s = job->config->farm_stall_timeout_s,
        .balance = (enum evo_farm_balance)job->config->farm_balance,
        .work = evaluate_piece,
        .join = join_parts,
        .note = take_note,
        .context = task,
    };
    return EVO_OK;
}

enum evo_status evo_run_job(struct evo_farm *farm, const struct evo_run_options *options,
                            int *exit_code)
{
    struct job job = {.farm = farm, .options = options};
    evo_farm_watch(farm, evo_stop_flag());
    enum evo_status status = prepare(&job);
    if (status == EVO_OK && job.state != NULL) {
        status = lead(&job, exit_code);
        /* Everything durable is done before any rank may leave. */
        enum evo_status closed = evo_store_close(job.store);
        job.store = NULL;
        if (status == EVO_OK) { status = closed; }
        status = evo_farm_dismiss(farm, status, *exit_code);
    } else if (status == EVO_OK) {
        status = evo_farm_serve(farm, &job.work, exit_code);
    }
    if (status != EVO_OK) { *exit_code = evo_status_exit_code(status); }

    evo_store_close(job.store);
    evo_state_destroy(job.state);
    evo_task_destroy(job.task);
    evo_config_destroy(job.config);
    return status;
}
