/* SPDX-License-Identifier: MIT */
/* The job: every rank gets ready, rank 0 runs the generations, the others fly for it. */
#include "run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    struct evo_population_summary summary;
    uint64_t steps;                        ///< flown in the generation
    double steps_per_s, longest_s, mark_s; ///< of the generation; a recent longest; where it began
    double save_began_s;                   ///< when the newest checkpoint was handed over
    bool heard;
};

/* ---- one generation, on rank 0 ---- */

static enum evo_status fly_block(void *context, uint64_t generation, size_t n, const void *items,
                                 void *results)
{
    evo_task_fly(context, generation, n, items, results);
    return EVO_OK;
}

/* The best of a generation of changing flights fly once more, all of them the same flights. */
static enum evo_status hold_exam(struct job *job)
{
    enum evo_status status = EVO_OK;
    struct evo_state *state = job->state;
    struct evo_farm_times times = {0};
    struct evo_exam exam;
    EVO_GOTO(evo_exam_begin(state, &exam));
    EVO_GOTO(evo_farm_map(job->farm, &job->work, EVO_ROOT_FLIES, EVO_GENERATION_EXAM, exam.n,
                          exam.genomes, exam.scores, &times));
    state->evaluations += exam.n;
    job->steps += exam.n * evo_task_steps(state->task, EVO_GENERATION_EXAM);
    job->heard = job->heard || times.stop_heard;
    EVO_GOTO(evo_exam_end(state, &exam));
done:
    evo_exam_fini(&exam);
    return status;
}

/* Scores of changing flights are luck to a part: only exams tell who is better. */
static enum evo_status update_champion(struct job *job)
{
    if (evo_exam_is_due(job->state)) { return hold_exam(job); }
    if (evo_task_changes(job->state->task)) { return EVO_OK; }
    size_t i = job->summary.i_best;
    return evo_exam_crown(job->state, i, evo_search_population(job->state->search)->fitness[i]);
}

static double lap(double *mark_s)
{
    double now_s = evo_clock_s(), seconds = now_s - *mark_s;
    *mark_s = now_s;
    return seconds;
}

/* Ask, map, tell. */
static enum evo_status fly_generation(struct job *job)
{
    struct evo_state *state = job->state;
    uint64_t generation = state->generation + 1;
    struct evo_population *population = evo_search_population(state->search);
    enum evo_farm_root root = (enum evo_farm_root)job->config->farm_root_flies;
    struct evo_farm_times farm_times = {0};
    double mark_s = evo_clock_s();
    size_t first = 0, n = 0;

    EVO_TRY(evo_search_ask(state->search, generation, evo_task_changes(state->task), &first, &n));
    job->times.ask_s = lap(&mark_s);
    EVO_TRY(evo_farm_map(job->farm, &job->work, root, generation, n,
                         population->genomes + first * population->genome,
                         population->fitness + first, &farm_times));
    lap(&mark_s);
    EVO_TRY(evo_search_tell(state->search, generation));
    job->times.tell_s = lap(&mark_s);

    job->times.scatter_s = farm_times.scatter_s;
    job->times.fly_s = farm_times.work_s;
    job->times.gather_s = farm_times.gather_s;
    job->times.idle_s = farm_times.idle_s;
    job->heard = job->heard || farm_times.stop_heard;
    state->generation = generation;
    state->evaluations += n;
    job->steps = n * evo_task_steps(state->task, generation);
    return EVO_OK;
}

/* The generation's row of history, its champion, its speed. */
static enum evo_status record_generation(struct job *job)
{
    const double forget = 0.9;
    struct evo_state *state = job->state;
    evo_population_summarize(evo_search_population(state->search), &job->summary);
    EVO_TRY(update_champion(job));

    double seconds = lap(&job->mark_s);
    state->elapsed_s += seconds;
    job->longest_s = seconds > forget * job->longest_s ? seconds : forget * job->longest_s;
    job->steps_per_s = (double)job->steps / seconds;
    return evo_history_append(state->history, state, &job->summary, &job->times, job->steps_per_s);
}

static bool save_is_due(const struct job *job)
{
    const struct evo_config *config = job->config;
    return config->checkpoint_every > 0 &&
           job->state->generation % (uint64_t)config->checkpoint_every == 0 &&
           evo_clock_s() - job->save_began_s >= config->checkpoint_min_interval_s;
}

/* Hands the generation over to the store, whose thread writes it beside the next flight. */
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
        EVO_TRY(fly_generation(job));
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
    struct evo_shape shape = evo_task_shape(task);
    char hidden[64] = "";
    int n_ranks = evo_farm_size(job->farm);
    if (shape.n_hidden > 0) { snprintf(hidden, sizeof hidden, "%zu hidden units, ", shape.n_hidden); }
    evo_log(EVO_LOG_INFO, "%s: %s -> %s", evo_run_version(), job->options->config_path,
            config->job_output);
    evo_log(EVO_LOG_INFO,
            "task %s: %zu inputs, %zu outputs, %zu state variables, %s%" PRIu64
            " steps per creature; step: %s",
            evo_task_name(task), shape.n_inputs, shape.n_outputs, shape.n_states, hidden,
            evo_task_steps(task, job->state->generation + 1), evo_task_step_name(task));
    if (evo_task_warning(task)[0] != '\0') { evo_log(EVO_LOG_WARNING, "%s", evo_task_warning(task)); }
    evo_log(EVO_LOG_INFO, "search %s: population %" PRId64 ", seed %" PRId64 "; %d rank%s",
            config->search_name, config->population_size, config->job_seed, n_ranks,
            n_ranks == 1 ? "" : "s");
    bool launched = getenv("OMPI_COMM_WORLD_SIZE") != NULL;
    evo_log(EVO_LOG_INFO, "to stop after a generation and keep everything: touch %s/stop, or kill "
            "-USR1 %d; Ctrl-C keeps the last finished generation", config->job_output,
            launched ? (int)getppid() : (int)getpid());
}

static void say_end(const struct job *job, const struct evo_stop *stop)
{
    const struct evo_state *state = job->state;
    char best[32];
    evo_log(EVO_LOG_INFO, "%s after generation %" PRIu64 ", %" PRIu64 " creatures flown: %s",
            stop->kind == EVO_STOP_FINISHED ? "finished" : "stopped", state->generation,
            state->evaluations, stop->reason);
    if (state->champion.id != EVO_NOBODY) {
        evo_log(EVO_LOG_INFO, "best: %s, creature %" PRIu64 " of generation %" PRIu64 " (%s/champion.csv)",
                evo_text_number(best, state->champion.fitness), state->champion.id,
                state->champion.born, job->config->job_output);
    }
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
        status = evo_config_parse(options->config_path, text, strlen(text), false, NULL, 0, NULL, 0,
                                  &job->config);
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
    return evo_farm_compare(job->farm, "the configuration's digest", digest);
}

static enum evo_status prepare(struct job *job)
{
    /* First of all: ranks of another version may understand nothing that follows. */
    EVO_TRY(evo_farm_compare(job->farm, "the program", evo_run_version()));
    EVO_TRY(share_config(job));
    EVO_TRY(compare_ranks(job));
    enum evo_status status;
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

    const struct evo_task *task = job->state != NULL ? job->state->task : job->task;
    job->work = (struct evo_farm_job){
        .item_bytes = evo_shape_genome(evo_task_shape(task)) * sizeof(double),
        .result_bytes = sizeof(double),
        .batch = evo_task_batch(task),
        .stall_timeout_s = job->config->farm_stall_timeout_s,
        .work = fly_block,
        .context = (void *)(uintptr_t)task,
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
