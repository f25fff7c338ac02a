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
    bool found = false;
    enum evo_status status = evo_checkpoint_find(folder, out, path, &found);
    /* Only where there is none may `auto` begin: not where it could not be looked for. */
    bool none = status == EVO_ERR_CHECKPOINT && !found;
    if (options->resume == EVO_RESUME_AUTO && none) { return EVO_OK; }
    EVO_CHECK(!none, EVO_ERR_CHECKPOINT,
              "%s: holds no checkpoint to go on from; leave out --resume to begin, or name the run "
              "folder with --set job.output=...", folder);
    return status;
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

enum { CONFIG_BYTES_MAX = 16 * 1024 * 1024 };

/* A job that began by replacing the user's own configuration would lose its comments for ever. */
static enum evo_status check_config(const char *folder)
{
    enum evo_status status = EVO_OK;
    char *path = NULL, *text = NULL;
    size_t n = 0;
    EVO_GOTO(evo_file_join(&path, folder, CONFIG_NAME));
    if (!evo_file_exists(path, NULL)) { goto done; }
    EVO_GOTO(evo_file_read(path, CONFIG_BYTES_MAX, &text, &n));
    EVO_CHECK_GOTO(strncmp(text, CONFIG_MARK, strlen(CONFIG_MARK)) == 0, EVO_ERR_CONFIG,
                   "%s: is not of a run, and a run in this folder would write over it; rename it, "
                   "or choose another job.output", path);
done:
    free(path);
    free(text);
    return status;
}

/* Refuses, before anything is touched, what cannot work. */
static enum evo_status check_folder(const struct evo_run_options *options, const char *folder)
{
    bool is_folder = false;
    if (!evo_file_exists(folder, &is_folder)) { return EVO_OK; }
    EVO_CHECK(is_folder, EVO_ERR_CONFIG, "%s: is a file, but job.output must name a folder", folder);
    if (!evo_store_holds_run(folder)) { return check_config(folder); }
    EVO_CHECK(options->resume != EVO_RESUME_NO, EVO_ERR_CONFIG,
              "%s: holds a run already; --resume goes on with it, --fresh removes it, and --set "
              "job.output=... puts this one elsewhere", folder);
    return EVO_OK;
}

static enum evo_status write_config(const struct evo_config *config)
{
    enum evo_status status = EVO_OK;
    char *path = NULL, *keys = NULL, *text = NULL;
    EVO_GOTO(evo_file_join(&path, config->job_output, CONFIG_NAME));
    EVO_GOTO(evo_config_print(config, true, false, &keys));
    EVO_GOTO(evo_text_format(&text, "%s\n\n%s", CONFIG_MARK, keys));
    EVO_GOTO(evo_file_replace(path, NULL, text, strlen(text), false));
done:
    free(path);
    free(keys);
    free(text);
    return status;
}

static enum evo_status open_log(const char *folder)
{
    char *path = NULL;
    EVO_TRY(evo_file_join(&path, folder, "log.txt"));
    enum evo_status status = evo_log_open(path);
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

/* Whether the folder holds a run of other fixed keys, which going on from a file would end. What
 * is damaged there is no loss. */
static enum evo_status check_other_run(const char *folder, const char *file,
                                       const struct evo_config *config)
{
    enum evo_status status = EVO_OK;
    struct evo_checkpoint *checkpoint = NULL;
    struct evo_config *saved = NULL;
    char *path = NULL;
    bool found = false;
    if (!evo_store_holds_run(folder)) { return EVO_OK; }
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
    char *path = NULL;
    if (options->resume == EVO_RESUME_NO) { return EVO_OK; }
    EVO_TRY(check_folder(options, config->job_output));
    if (!resumes(options)) { return EVO_OK; }
    EVO_GOTO(find_checkpoint(options, config->job_output, &checkpoint, &path));
    if (checkpoint != NULL) { EVO_GOTO(compare_configs(checkpoint, path, config)); }
    if (options->resume == EVO_RESUME_FILE) {
        EVO_GOTO(check_other_run(config->job_output, path, config));
    }
done:
    evo_checkpoint_close(checkpoint);
    free(path);
    return status;
}

enum evo_status evo_folder_open(const struct evo_run_options *options,
                                const struct evo_config *config, struct evo_state *state,
                                struct evo_store **store)
{
    enum evo_status status = EVO_OK;
    const char *folder = config->job_output;
    char *path = NULL;
    EVO_TRY(check_folder(options, folder));

    /* A resume that cannot work must leave the folder as it was, lock and log included. So it is
     * tried before the lock; what another job wrote since is seen below, under the lock. */
    evo_log_set_level(EVO_LOG_ERROR); // what is worth a word is said below, once
    status = evo_folder_check(options, config);
    evo_log_set_level(EVO_LOG_INFO);
    EVO_TRY(status);
    EVO_GOTO(evo_store_open(folder, config->checkpoint_durable == 0, store));
    if (options->resume == EVO_RESUME_FRESH) { EVO_GOTO(evo_store_clear(*store)); }
    if (resumes(options)) { EVO_GOTO(load_state(options, config, state, *store, &path)); }
    EVO_GOTO(open_log(folder));
    EVO_GOTO(forget_stopped(folder));
    if (path != NULL && state->generation > 0) {
        evo_log(EVO_LOG_INFO, "goes on from %s, generation %" PRIu64, path, state->generation);
    }
    EVO_GOTO(write_config(config));
done:
    free(path);
    return status;
}
