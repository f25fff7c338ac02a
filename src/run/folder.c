/* SPDX-License-Identifier: MIT */
/* The run folder at the start of a job: new, fresh, or gone on from a checkpoint. */
#include "run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- may the configuration go on from the saved one? ---- */

struct changes {
    const struct evo_config *config; ///< the one that is wanted
    char refused[512], taken[512];
};

static void note_change(void *context, const struct evo_key *key, const char *saved,
                        const char *wanted)
{
    struct changes *changes = context;
    bool fixed = key->change == EVO_KEY_FIXED;
    /* What has no effect may change: an older version let it be set. */
    if (fixed && evo_run_is_unused(changes->config, key)) { return; }
    char *list = fixed ? changes->refused : changes->taken;
    size_t size = sizeof changes->refused, used = strlen(list);
    snprintf(list + used, size - used, "%s%s.%s = %.60s (was %.60s)", used > 0 ? ", " : "",
             key->section, key->name, wanted, saved);
}

static enum evo_status compare_configs(const struct evo_checkpoint *checkpoint, const char *path,
                                       const struct evo_config *config)
{
    struct evo_config *saved = NULL;
    EVO_TRY(evo_state_saved_config(checkpoint, path, &saved));
    struct changes changes = {config, "", ""};
    evo_config_differences(saved, config, note_change, &changes);
    evo_config_destroy(saved);
    EVO_CHECK(changes.refused[0] == '\0', EVO_ERR_CONFIG,
              "%s: the run cannot go on with another %s; set it back, or begin a new run in another "
              "job.output", path, changes.refused);
    if (changes.taken[0] != '\0') { evo_log(EVO_LOG_INFO, "changed: %s", changes.taken); }
    return EVO_OK;
}

/* ---- going on ---- */

/* The checkpoint that the options mean; *out NULL where there is none and `auto` may begin. */
static enum evo_status find_checkpoint(const struct evo_run_options *options, const char *folder,
                                       struct evo_checkpoint **out, char **path)
{
    if (options->resume == EVO_RESUME_FILE) {
        EVO_TRY(evo_text_format(path, "%s", options->resume_file));
        return evo_checkpoint_open(options->resume_file, out);
    }
    struct evo_store_contents held;
    bool found = false;
    EVO_TRY(evo_store_look(folder, &held));
    if (held.checkpoint) { return evo_checkpoint_find(folder, out, path, &found); }
    EVO_CHECK(!held.ledgers || held.only_beginning, EVO_ERR_CHECKPOINT,
              "%s: holds ledgers of a run, but neither checkpoint.h5 nor checkpoint.prev.h5; put one "
              "back to go on, or begin anew: elsewhere with --set job.output=..., or here with "
              "--fresh, which removes the ledgers", folder);
    EVO_CHECK(options->resume == EVO_RESUME_AUTO, EVO_ERR_CHECKPOINT,
              "%s: holds no checkpoint to go on from; leave out --resume to begin, or name the run "
              "folder with --set job.output=...", folder);
    return EVO_OK;
}

enum evo_status evo_folder_of(const char *path, char **out)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) { return evo_text_format(out, "."); }
    int length = slash == path ? 1 : (int)(slash - path);
    return evo_text_format(out, "%.*s", length, path);
}

/* Ledgers of a checkpoint that stood elsewhere. */
static enum evo_status bring_ledgers(const struct evo_checkpoint *checkpoint, const char *path,
                                     const char *folder, const struct evo_state *state)
{
    enum evo_status status = EVO_OK;
    char *from = NULL;
    EVO_TRY(evo_folder_of(path, &from));
    EVO_GOTO(evo_ledger_copy(checkpoint, from, folder, state->history));
    EVO_GOTO(evo_ledger_copy(checkpoint, from, folder, state->lineage->table));
done:
    free(from);
    return status;
}

/* Loads the checkpoint that the options mean, and goes on with its run in the store; leaves the
 * state at generation 0 where `auto` finds none. */
static enum evo_status load_state(const struct evo_run_options *options,
                                  const struct evo_config *config, struct evo_state *state,
                                  struct evo_store *store, char **path)
{
    enum evo_status status = EVO_OK;
    struct evo_checkpoint *checkpoint = NULL;
    EVO_GOTO(find_checkpoint(options, config->job_output, &checkpoint, path));
    if (checkpoint == NULL) { return EVO_OK; }
    EVO_GOTO(compare_configs(checkpoint, *path, config));
    EVO_GOTO(evo_run_check_plugins(checkpoint, *path, config));
    EVO_GOTO(evo_state_load(state, checkpoint));
    EVO_GOTO(bring_ledgers(checkpoint, *path, config->job_output, state));
    evo_store_adopt(store, checkpoint);
done:
    evo_checkpoint_close(checkpoint);
    return status;
}

/* ---- the folder ---- */

#define CONFIG_NAME "config.ini"
/* How the configuration that a run leaves begins: a file that begins otherwise is the user's own. */
#define CONFIG_MARK "# evompi: the configuration as it was resolved; each job of the run writes it anew."

/* Whether the configuration at `path` is one that a run has left; *there. One that is empty, or zeros,
 * is what a power loss has made of one. */
static enum evo_status is_of_a_run(const char *path, bool *there, bool *marked)
{
    static const char blank[sizeof CONFIG_MARK];
    char text[sizeof CONFIG_MARK];
    size_t n = 0;
    *marked = false;
    EVO_TRY(evo_file_look(path, there, NULL));
    if (!*there) { return EVO_OK; }
    EVO_TRY(evo_file_peek(path, text, sizeof text - 1, &n));
    bool whole = n == sizeof text - 1 && memcmp(text, CONFIG_MARK, n) == 0;
    *marked = whole || memcmp(text, blank, n) == 0;
    return EVO_OK;
}

/* A job that began by replacing the user's own configuration would lose its comments for ever. */
static enum evo_status check_config(const char *folder)
{
    enum evo_status status = EVO_OK;
    char *path = NULL;
    bool there = false, marked = false;
    EVO_GOTO(evo_file_join(&path, folder, CONFIG_NAME));
    EVO_GOTO(is_of_a_run(path, &there, &marked));
    EVO_CHECK_GOTO(!there || marked, EVO_ERR_CONFIG,
                   "%s: is not of a run, and a run in this folder would write over it; rename it, "
                   "or choose another job.output", path);
done:
    free(path);
    return status;
}

static bool sets_output(const struct evo_run_options *options)
{
    static const char key[] = "job.output";
    for (size_t i = 0; i < options->n_sets; i++) {
        const char *set = options->sets[i] + strspn(options->sets[i], " \t");
        if (strncmp(set, key, sizeof key - 1) == 0) { return true; }
    }
    return false;
}

/* The configuration that a run left in its folder names another folder: the run was moved, or
 * copied. Where the job belongs is then the user's to say. */
static enum evo_status check_moved(const struct evo_run_options *options, const char *output)
{
    enum evo_status status = EVO_OK;
    const char *path = options->config_path, *slash = strrchr(path, '/');
    char *folder = NULL;
    bool there = false, marked = false, same = false;
    struct evo_store_contents held;
    if (sets_output(options) || strcmp(slash != NULL ? slash + 1 : path, CONFIG_NAME) != 0) {
        return EVO_OK;
    }
    EVO_GOTO(evo_folder_of(path, &folder));
    EVO_GOTO(is_of_a_run(path, &there, &marked));
    if (!marked) { goto done; }
    EVO_GOTO(evo_file_same(folder, output, &same));
    if (same) { goto done; }
    EVO_GOTO(evo_store_look(folder, &held));
    EVO_CHECK_GOTO(!held.checkpoint && !held.ledgers, EVO_ERR_CONFIG,
                   "%s: a run left it in its folder, %s, but its job.output is %s: if the folder was "
                   "moved or copied, add --set job.output=%s; if the other is meant, --set "
                   "job.output=%s", path, folder, output, folder, output);
done:
    free(folder);
    return status;
}

/* Refuses, before anything is touched, what cannot work. */
static enum evo_status check_folder(const struct evo_run_options *options, const char *folder)
{
    bool there = false, is_folder = false;
    struct evo_store_contents held;
    EVO_TRY(evo_file_look(folder, &there, &is_folder));
    if (!there) { return EVO_OK; }
    EVO_CHECK(is_folder, EVO_ERR_CONFIG, "%s: is a file, but job.output must name a folder", folder);
    EVO_TRY(evo_store_look(folder, &held));
    bool holds_run = held.checkpoint || held.ledgers;
    EVO_CHECK(!holds_run || options->resume != EVO_RESUME_NO, EVO_ERR_CONFIG,
              "%s: holds a run already; --resume goes on with it, --fresh removes it, and --set "
              "job.output=... puts this one elsewhere", folder);
    EVO_TRY(check_config(folder));
    if (options->resume == EVO_RESUME_FRESH) { return evo_store_check_clear(folder); }
    bool begins = !holds_run && options->resume != EVO_RESUME_YES;
    return begins ? evo_store_check_new(folder) : EVO_OK;
}

static enum evo_status write_config(const struct evo_config *config)
{
    enum evo_status status = EVO_OK;
    char *path = NULL, *keys = NULL, *text = NULL;
    EVO_GOTO(evo_file_join(&path, config->job_output, CONFIG_NAME));
    EVO_GOTO(evo_config_print(config, true, false, &keys));
    EVO_GOTO(evo_text_format(&text, "%s\n\n%s", CONFIG_MARK, keys));
    EVO_GOTO(evo_file_replace(path, NULL, text, strlen(text), config->checkpoint_durable == EVO_DURABLE_POWER));
done:
    free(path);
    free(keys);
    free(text);
    return status;
}

/* A new log begins with a line by which --fresh knows it. */
static enum evo_status open_log(const char *folder)
{
    enum evo_status status = EVO_OK;
    char *path = NULL;
    bool there = false;
    EVO_TRY(evo_file_join(&path, folder, "log.txt"));
    EVO_GOTO(evo_file_look(path, &there, NULL));
    EVO_GOTO(evo_log_open(path));
    if (!there) { evo_log_to_file("evompi: what the jobs in this folder printed"); }
done:
    free(path);
    return status;
}

/* An obeyed stop request of an earlier job is history. */
static enum evo_status forget_stopped(const char *folder)
{
    char *path = NULL;
    EVO_TRY(evo_file_join(&path, folder, "stopped"));
    unlink(path);
    free(path);
    return EVO_OK;
}

static bool resumes(const struct evo_run_options *options)
{
    return options->resume != EVO_RESUME_NO && options->resume != EVO_RESUME_FRESH;
}

/* Whether the folder holds a run of other fixed keys, or ledgers alone of another run, which going
 * on from a file would end. What is damaged there is no loss. */
static enum evo_status check_other_run(const char *folder, const char *file,
                                       const struct evo_checkpoint *from,
                                       const struct evo_config *config)
{
    enum evo_status status = EVO_OK;
    struct evo_checkpoint *checkpoint = NULL;
    struct evo_config *saved = NULL;
    struct evo_store_contents held;
    char *path = NULL;
    bool found = false;
    EVO_TRY(evo_store_look(folder, &held));
    if (!held.checkpoint) { return held.ledgers ? evo_store_check_ledgers(folder, from) : EVO_OK; }
    status = evo_checkpoint_find(folder, &checkpoint, &path, &found);
    if (status != EVO_OK) {
        if (status == EVO_ERR_CHECKPOINT) { status = EVO_OK; }
        goto done;
    }
    EVO_GOTO(evo_state_saved_config(checkpoint, path, &saved));
    EVO_CHECK_GOTO(evo_config_hash(saved) == evo_config_hash(config), EVO_ERR_CONFIG,
                   "%s: holds another run than %s; --set job.output=... goes on elsewhere", folder,
                   file);
done:
    evo_config_destroy(saved);
    evo_checkpoint_close(checkpoint);
    free(path);
    return status;
}

enum evo_status evo_folder_check(const struct evo_run_options *options,
                                 const struct evo_config *config)
{
    enum evo_status status = EVO_OK;
    struct evo_checkpoint *checkpoint = NULL;
    char *path = NULL, *from = NULL;
    EVO_TRY(check_moved(options, config->job_output));
    if (options->resume == EVO_RESUME_NO) { return EVO_OK; }
    EVO_TRY(check_folder(options, config->job_output));
    if (!resumes(options)) { return EVO_OK; }
    EVO_GOTO(find_checkpoint(options, config->job_output, &checkpoint, &path));
    if (checkpoint == NULL) { goto done; }
    EVO_GOTO(compare_configs(checkpoint, path, config));
    EVO_GOTO(evo_run_check_plugins(checkpoint, path, config));
    EVO_GOTO(evo_folder_of(path, &from));
    EVO_GOTO(evo_ledger_check(checkpoint, from, config->job_output));
    if (options->resume == EVO_RESUME_FILE) {
        EVO_GOTO(check_other_run(config->job_output, path, checkpoint, config));
    }
done:
    evo_checkpoint_close(checkpoint);
    free(from);
    free(path);
    return status;
}

/* Takes the folder. Where a batch system starts the job again at once, a file server may still hold
 * the lock of a host that has died: --resume=auto waits until it lets go, but not for a job that
 * lives, and so saves. */
static enum evo_status take_folder(const struct evo_run_options *options,
                                   const struct evo_config *config, struct evo_store **store)
{
    const useconds_t look_every_us = 200000;
    const char *folder = config->job_output;
    double wait_s = options->resume == EVO_RESUME_AUTO ? config->job_lock_wait : 0.0;
    double began_s = evo_clock_s();
    uint64_t before = 0, now = 0;
    EVO_TRY(evo_store_stamp(folder, &before));
    for (bool said = false;; said = true) {
        enum evo_status status = evo_store_open(folder, config->checkpoint_durable == EVO_DURABLE_POWER, store);
        if (status != EVO_ERR_BUSY || wait_s <= 0.0) { return status; }
        char reason[EVO_MESSAGE_MAX];
        snprintf(reason, sizeof reason, "%s", evo_status_message());
        EVO_TRY(evo_store_stamp(folder, &now));
        if (now != before) { return evo_status_fail(EVO_ERR_BUSY, "%s", reason); }
        EVO_CHECK(evo_clock_s() - began_s < wait_s && *evo_stop_flag() == 0, EVO_ERR_IO,
                  "%s; waited %.3g s for it (job.lock_wait), and it saved nothing", reason,
                  evo_clock_s() - began_s);
        if (!said) {
            evo_log(EVO_LOG_WARNING, "%s; it may have died: waits up to %.6g s for its lock "
                    "(job.lock_wait)", reason, wait_s);
        }
        usleep(look_every_us);
    }
}

/* What begins where something could have been gone on with says so. */
static void say_begun(const struct evo_run_options *options, const char *folder,
                      const struct evo_store_contents *held)
{
    if (options->resume == EVO_RESUME_AUTO) {
        evo_log(EVO_LOG_INFO, "%s: %s: begins a new one", folder,
                held->only_beginning ? "a run that had saved no checkpoint yet" : "holds no run");
    } else if (options->resume == EVO_RESUME_FRESH && (held->checkpoint || held->ledgers)) {
        evo_log(EVO_LOG_INFO, "%s: removed the run that it held, for --fresh: begins a new one", folder);
    }
}

enum evo_status evo_folder_open(const struct evo_run_options *options,
                                const struct evo_config *config, struct evo_state *state,
                                struct evo_store **store)
{
    enum evo_status status = EVO_OK;
    const char *folder = config->job_output;
    struct evo_store_contents held;
    char *path = NULL;
    EVO_TRY(check_folder(options, folder));

    /* A resume that cannot work must leave the folder as it was, lock and log included. So it is
     * tried before the lock; what another job wrote since is seen below, under the lock. */
    evo_log_set_level(EVO_LOG_ERROR); // what is worth a word is said below, once
    status = evo_folder_check(options, config);
    evo_log_set_level(EVO_LOG_INFO);
    EVO_TRY(status);
    EVO_TRY(take_folder(options, config, store));
    EVO_GOTO(check_folder(options, folder));
    EVO_GOTO(evo_store_look(folder, &held));
    if (options->resume == EVO_RESUME_FRESH) { EVO_GOTO(evo_store_clear(*store)); }
    if (resumes(options)) { EVO_GOTO(load_state(options, config, state, *store, &path)); }
    EVO_GOTO(open_log(folder));
    EVO_GOTO(forget_stopped(folder));
    if (path != NULL && state->generation > 0) {
        evo_log(EVO_LOG_INFO, "goes on from %s, generation %" PRIu64, path, state->generation);
    } else {
        say_begun(options, folder, &held);
    }
    EVO_GOTO(write_config(config));
done:
    free(path);
    return status;
}
