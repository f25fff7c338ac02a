/* SPDX-License-Identifier: MIT */
/* A run folder: what a run leaves there, how it is known to be a run's, and how it is removed. */
#include "parts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char evo_folder_checkpoint[] = "checkpoint.h5";
const char evo_folder_previous[] = "checkpoint.prev.h5";
const char evo_folder_damaged[] = "checkpoint.damaged.h5";
const char evo_folder_beginning[] = "beginning";

/* How files begin that are a run's; '0' stands for any digit, '+' for a sign. */
static const char checkpoint_begins[] = "evompi checkpoint\n", segment_begins[] = "evompi segment\n";
static const char champion_begins[] = "# evompi champion";
static const char log_begins[] = "0000-00-00T00:00:00+00:00 evompi";
static const char lock_begins[] = "host ", beginning_begins[] = "evompi ";

struct run_file {
    const char *name, *begins; ///< begins NULL: a name that nobody else uses, and any contents
};

/* What a run leaves beside its ledgers, in the order in which it is removed: whoever is
 * interrupted here leaves the newest checkpoint, or none. */
static const struct run_file run_files[] = {
    {"checkpoint.damaged.h5.tmp", NULL},
    {"checkpoint.damaged.h5", checkpoint_begins},
    {"checkpoint.prev.h5.tmp", NULL},
    {"checkpoint.prev.h5", checkpoint_begins},
    {"checkpoint.h5.tmp", NULL},
    {"checkpoint.h5", checkpoint_begins},
    {"champion.csv", champion_begins},
    {"champion.csv.tmp", NULL},
    {"beginning", beginning_begins},
    {"beginning.tmp", NULL},
    {"stop", NULL},
    {"log.txt", log_begins},
};
enum { N_RUN_FILES = sizeof run_files / sizeof *run_files };

/* The ledgers of a run. A folder of another name may hold one as well, and is looked into, but only
 * what goes wrong in one of these is held to concern a run. */
static bool is_ledger(const char *name)
{
    return strcmp(name, "history") == 0 || strcmp(name, "lineage") == 0;
}

/* ---- what is a run's ---- */

/* A power loss may leave what was not synced empty, or as zeros: nothing is there to be lost. */
static bool is_blank(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != '\0') { return false; }
    }
    return true;
}

static bool matches(const char *bytes, size_t n, const char *pattern)
{
    size_t length = strlen(pattern);
    for (size_t i = 0; i < length && i < n; i++) {
        bool digit = pattern[i] == '0' && isdigit((unsigned char)bytes[i]);
        bool sign = pattern[i] == '+' && bytes[i] == '-';
        if (bytes[i] != pattern[i] && !digit && !sign) { return false; }
    }
    return n >= length;
}

static enum evo_status begins_with(const char *path, const char *pattern, bool *out)
{
    char begin[64];
    size_t n = 0;
    EVO_TRY(evo_file_peek(path, begin, sizeof begin, &n));
    *out = pattern == NULL || is_blank(begin, n) || matches(begin, n, pattern);
    return EVO_OK;
}

/* *there, and *ours: whether it is known to be a run's. */
static enum evo_status look_at(const char *folder, const struct run_file *file, char **path,
                               bool *there, bool *ours)
{
    bool is_folder = false;
    *ours = false;
    EVO_TRY(evo_file_join(path, folder, file->name));
    EVO_TRY(evo_file_look(*path, there, &is_folder));
    return *there && !is_folder ? begins_with(*path, file->begins, ours) : EVO_OK;
}

static enum evo_status check_ours(const char *folder, const struct run_file *file)
{
    enum evo_status status = EVO_OK;
    char *path = NULL;
    bool there = false, ours = false;
    EVO_GOTO(look_at(folder, file, &path, &there, &ours));
    EVO_CHECK_GOTO(!there || ours, EVO_ERR_CONFIG,
                   "%s: does not begin as a file of evompi does, and --fresh removes nothing else; "
                   "nothing was removed: move it away, or choose another job.output", path);
done:
    free(path);
    return status;
}

static enum evo_status remove_file(const char *path)
{
    EVO_CHECK(unlink(path) == 0 || errno == ENOENT, EVO_ERR_IO, "%s: cannot be removed: %s", path,
              strerror(errno));
    return EVO_OK;
}

/* ---- ledgers ---- */

/* NNNNNNNN.h5, or the temporary file of one; more digits where there are so many. */
static bool is_segment_name(const char *name, bool *is_temporary)
{
    size_t n = 0;
    while (isdigit((unsigned char)name[n])) { n++; }
    *is_temporary = strcmp(name + n, ".h5.tmp") == 0;
    return n >= 8 && (*is_temporary || strcmp(name + n, ".h5") == 0);
}

/* What a walk over the ledgers of a run folder does, and has found. */
struct walk {
    enum { WALK_LOOK, WALK_CHECK, WALK_REMOVE } what;
    size_t n_segments, n_removed;
    enum evo_status (*seen)(void *context, const char *path); ///< each segment; NULL: none to tell
    void *context;
};

static enum evo_status walk_segment(const char *path, bool ours, struct walk *walk)
{
    EVO_CHECK(ours || walk->what != WALK_CHECK, EVO_ERR_CONFIG,
              "%s: does not begin as a segment of a ledger does, and --fresh removes nothing else; "
              "nothing was removed: move it away, or choose another job.output", path);
    walk->n_segments++;
    if (walk->seen != NULL) { EVO_TRY(walk->seen(walk->context, path)); }
    if (!ours || walk->what != WALK_REMOVE) { return EVO_OK; }
    walk->n_removed++;
    return remove_file(path);
}

/* One entry of a folder. In a ledger's a temporary file may hold anything: its name and its folder
 * are all there is to go by. */
static enum evo_status walk_file(const char *folder, const char *name, bool is_known,
                                 struct walk *walk)
{
    enum evo_status status = EVO_OK;
    char *path = NULL;
    bool is_temporary = false, ours = false;
    if (!is_segment_name(name, &is_temporary) || (is_temporary && !is_known)) { return EVO_OK; }
    EVO_TRY(evo_file_join(&path, folder, name));
    if (is_temporary) {
        if (walk->what == WALK_REMOVE) { status = remove_file(path); }
        goto done;
    }
    status = begins_with(path, segment_begins, &ours);
    if (!is_known && (status != EVO_OK || !ours)) { status = EVO_OK; goto done; }
    if (status == EVO_OK) { status = walk_segment(path, ours, walk); }
done:
    free(path);
    return status;
}

/* The next entry; NULL at the end, and where the folder cannot be read on: errno is then not 0. */
static struct dirent *next_entry(DIR *folder)
{
    errno = 0;
    return readdir(folder);
}

static enum evo_status cannot_be_read(const char *folder, int reason)
{
    return evo_status_fail(EVO_ERR_IO, "%s: what it holds cannot be read: %s", folder,
                           strerror(reason));
}

/* One entry of the run folder, a ledger's folder or not; it goes too when only segments were there. */
static enum evo_status walk_folder(const char *path, bool is_known, struct walk *walk)
{
    bool there = false, is_folder = false;
    if (is_known) {
        EVO_TRY(evo_file_look(path, &there, &is_folder));
        if (!is_folder) { return EVO_OK; }
    }
    DIR *folder = opendir(path);
    if (folder == NULL) { return is_known ? cannot_be_read(path, errno) : EVO_OK; }
    enum evo_status status = EVO_OK;
    size_t before = walk->n_removed;
    const struct dirent *entry;
    while ((entry = next_entry(folder)) != NULL && status == EVO_OK) {
        status = walk_file(path, entry->d_name, is_known, walk);
    }
    if (status == EVO_OK && errno != 0 && is_known) { status = cannot_be_read(path, errno); }
    closedir(folder);
    if (status == EVO_OK && walk->n_removed > before) { (void)rmdir(path); }
    return status;
}

/* All segments of all ledgers of a run folder, which is there. */
static enum evo_status walk_ledgers(const char *run, struct walk *walk)
{
    enum evo_status status = EVO_OK;
    DIR *folder = opendir(run);
    if (folder == NULL) { return cannot_be_read(run, errno); }
    const struct dirent *entry;
    while ((entry = next_entry(folder)) != NULL) {
        char *path = NULL;
        if (entry->d_name[0] == '.') { continue; }
        EVO_GOTO(evo_file_join(&path, run, entry->d_name));
        status = walk_folder(path, is_ledger(entry->d_name), walk);
        free(path);
        if (status != EVO_OK) { goto done; }
    }
    if (errno != 0) { status = cannot_be_read(run, errno); }
done:
    closedir(folder);
    return status;
}

/* ---- what a folder holds ---- */

static enum evo_status holds(const char *folder, const char *name, bool *there)
{
    char *path = NULL;
    EVO_TRY(evo_file_join(&path, folder, name));
    enum evo_status status = evo_file_look(path, there, NULL);
    free(path);
    return status;
}

enum evo_status evo_store_look(const char *folder, struct evo_store_contents *out)
{
    bool there = false, newest = false, previous = false, beginning = false;
    *out = (struct evo_store_contents){.checkpoint = false};
    EVO_TRY(evo_file_look(folder, &there, NULL));
    if (!there) { return EVO_OK; }
    EVO_TRY(holds(folder, evo_folder_checkpoint, &newest));
    EVO_TRY(holds(folder, evo_folder_previous, &previous));
    EVO_TRY(holds(folder, evo_folder_beginning, &beginning));
    struct walk walk = {.what = WALK_LOOK};
    EVO_TRY(walk_ledgers(folder, &walk));
    out->checkpoint = newest || previous;
    out->ledgers = walk.n_segments > 0;
    out->only_beginning = beginning && !out->checkpoint;
    return EVO_OK;
}

enum evo_status evo_store_stamp(const char *folder, uint64_t *stamp)
{
    enum evo_status status = EVO_OK;
    char *path = NULL;
    bool there = false;
    struct stat info;
    *stamp = 0;
    EVO_TRY(evo_file_join(&path, folder, evo_folder_checkpoint));
    EVO_GOTO(evo_file_look(path, &there, NULL));
    if (there && stat(path, &info) == 0) {
        const uint64_t parts[] = {(uint64_t)info.st_ino, (uint64_t)info.st_mtim.tv_sec,
                                  (uint64_t)info.st_mtim.tv_nsec};
        *stamp = evo_text_hash(parts, sizeof parts);
    }
done:
    free(path);
    return status;
}

enum evo_status evo_store_check_new(const char *folder)
{
    static const struct run_file written[] = {{"log.txt", log_begins}, {"lock", lock_begins}};
    enum evo_status status = EVO_OK;
    char *path = NULL;
    bool there = false, ours = false;
    EVO_TRY(evo_file_look(folder, &there, NULL));
    if (!there) { return EVO_OK; }
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        EVO_GOTO(look_at(folder, &written[i], &path, &there, &ours));
        EVO_CHECK_GOTO(!there || ours, EVO_ERR_CONFIG,
                       "%s: is not of a run, and a run in this folder would write to it; rename it, or "
                       "choose another job.output", path);
        free(path);
        path = NULL;
    }
    EVO_GOTO(evo_file_join(&path, folder, "champion.csv"));
    EVO_GOTO(evo_file_look(path, &there, NULL));
    EVO_CHECK_GOTO(!there, EVO_ERR_CONFIG,
                   "%s: is there, but no run that it belongs to, and a run in this folder would write "
                   "over it; rename it, or choose another job.output (--fresh removes a champion of "
                   "evompi's)", path);
done:
    free(path);
    return status;
}

enum evo_status evo_store_check_clear(const char *folder)
{
    bool there = false;
    EVO_TRY(evo_file_look(folder, &there, NULL));
    if (!there) { return EVO_OK; }
    for (size_t i = 0; i < N_RUN_FILES; i++) { EVO_TRY(check_ours(folder, &run_files[i])); }
    struct walk walk = {.what = WALK_CHECK};
    return walk_ledgers(folder, &walk);
}

/* One segment of the run that goes on elsewhere with this number. */
static enum evo_status compare_run(void *context, const char *path)
{
    const struct evo_checkpoint *checkpoint = context;
    struct evo_source source = {0};
    uint64_t run = 0;
    EVO_TRY(evo_get_open(&source, path, EVO_HEAD_SEGMENT));
    enum evo_status status = evo_get_number(&source, "/", "run", &run);
    evo_get_close(&source);
    EVO_TRY(status);
    EVO_CHECK(run == evo_checkpoint_run(checkpoint), EVO_ERR_CONFIG,
              "%s: belongs to another run than the checkpoint, which would write over it; "
              "--set job.output=... goes on elsewhere", path);
    return EVO_OK;
}

enum evo_status evo_store_check_ledgers(const char *folder, const struct evo_checkpoint *checkpoint)
{
    struct walk walk = {.what = WALK_LOOK, .seen = compare_run,
                        .context = (void *)(uintptr_t)checkpoint};
    return walk_ledgers(folder, &walk);
}

enum evo_status evo_folder_clear(const char *folder)
{
    EVO_TRY(evo_store_check_clear(folder));
    for (size_t i = 0; i < N_RUN_FILES; i++) {
        char *path = NULL;
        EVO_TRY(evo_file_join(&path, folder, run_files[i].name));
        enum evo_status status = remove_file(path);
        free(path);
        EVO_TRY(status);
    }
    struct walk walk = {.what = WALK_REMOVE};
    return walk_ledgers(folder, &walk);
}

enum evo_status evo_folder_tidy(const char *folder)
{
    static const char *const left[] = {"checkpoint.prev.h5.tmp", "checkpoint.damaged.h5.tmp"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        char *path = NULL;
        EVO_TRY(evo_file_join(&path, folder, left[i]));
        (void)unlink(path); // most often it is not there; a folder in its place is seen when it matters
        free(path);
    }
    return EVO_OK;
}

/* ---- a run that has no checkpoint yet ---- */

enum evo_status evo_folder_mark_beginning(const char *folder, bool durable)
{
    static const char text[] = "evompi began to write ledgers here; no checkpoint counts on them yet\n";
    char *path = NULL;
    EVO_TRY(evo_file_join(&path, folder, evo_folder_beginning));
    enum evo_status status = evo_file_replace(path, NULL, text, sizeof text - 1, durable);
    free(path);
    return status;
}

enum evo_status evo_folder_unmark_beginning(const char *folder)
{
    char *path = NULL;
    EVO_TRY(evo_file_join(&path, folder, evo_folder_beginning));
    enum evo_status status = remove_file(path);
    free(path);
    return status;
}
