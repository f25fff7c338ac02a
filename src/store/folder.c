/* SPDX-License-Identifier: MIT */
/* A run folder: the names in it, its lock, and how a run is removed from it. */
#include "parts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char evo_folder_checkpoint[] = "checkpoint.h5";
const char evo_folder_previous[] = "checkpoint.prev.h5";
const char evo_folder_damaged[] = "checkpoint.damaged.h5";

/* What a run leaves beside its ledgers, in the order in which it is removed: whoever is
 * interrupted here leaves the newest checkpoint, or none. */
static const char *const run_files[] = {
    "checkpoint.damaged.h5",
    "checkpoint.prev.h5",
    "checkpoint.h5.tmp",
    "checkpoint.h5",
    "champion.csv",
    "champion.csv.tmp",
    "stop",
    "log.txt",
};

/* ---- the lock ---- */

/* Who holds the lock, by the text in its file. */
static enum evo_status refuse_second(const char *folder, int file)
{
    char holder[256] = "";
    ssize_t n = pread(file, holder, sizeof holder - 1, 0);
    if (n > 0 && holder[n - 1] == '\n') { holder[n - 1] = '\0'; }
    return evo_status_fail(EVO_ERR_CONFIG,
                           "%s: another job is running in this folder (%s); wait until it has "
                           "ended, or choose another [job] output",
                           folder, n > 0 ? holder : "it does not say where");
}

/* Says who holds the lock, for the message of the next one. */
static enum evo_status sign_lock(const char *path, int file)
{
    char host[128] = "", stamp[32], text[256];
    if (gethostname(host, sizeof host - 1) != 0) { snprintf(host, sizeof host, "unknown"); }
    evo_clock_stamp(stamp, sizeof stamp);
    int n = snprintf(text, sizeof text, "host %s, process %ld, since %s\n", host, (long)getpid(),
                     stamp);
    EVO_CHECK(ftruncate(file, 0) == 0 && pwrite(file, text, (size_t)n, 0) == n, EVO_ERR_IO,
              "%s: cannot be written: %s", path, strerror(errno));
    return EVO_OK;
}

/* A record lock, which NFS and the parallel file systems carry from host to host as flock() often
 * is not, and which the kernel drops with the last descriptor, however the process ends. It
 * belongs to the descriptor (OFD), so that a second open in the same process meets it as well.
 * The file stays: removing it would let two jobs lock two files of one name. */
enum evo_status evo_folder_lock(const char *folder, int *out)
{
    enum evo_status status = EVO_OK;
    char *path = NULL;
    EVO_TRY(evo_file_join(&path, folder, "lock"));
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    EVO_CHECK_GOTO(file >= 0, EVO_ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));

    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    bool locked = fcntl(file, F_OFD_SETLK, &lock) == 0;
    if (!locked && (errno == EAGAIN || errno == EACCES)) {
        status = refuse_second(folder, file);
        goto done;
    }
    /* A file system without locks (Lustre mounted so, NFS without its daemon) still runs jobs. */
    bool unsupported = errno == ENOLCK || errno == ENOSYS || errno == EOPNOTSUPP;
    EVO_CHECK_GOTO(locked || unsupported, EVO_ERR_IO, "%s: cannot be locked: %s", path,
                   strerror(errno));
    if (!locked) {
        evo_log(EVO_LOG_WARNING,
                "%s: this file system has no locks (%s): nothing would stop a "
                "second job in this folder",
                path, strerror(errno));
    }
    EVO_GOTO(sign_lock(path, file));
    *out = file;
    file = -1;
done:
    if (file >= 0) { close(file); }
    free(path);
    return status;
}

enum evo_status evo_folder_check_lock(const char *folder, int lock)
{
    enum evo_status status = EVO_OK;
    char *path = NULL;
    struct stat ours, there;
    EVO_TRY(evo_file_join(&path, folder, "lock"));
    EVO_CHECK_GOTO(fstat(lock, &ours) == 0 && stat(path, &there) == 0, EVO_ERR_IO,
                   "%s: the run folder was removed, or cannot be reached: %s", path,
                   strerror(errno));
    EVO_CHECK_GOTO(ours.st_ino == there.st_ino && ours.st_dev == there.st_dev, EVO_ERR_IO,
                   "%s: another run folder stands in the place of this run's", path);
done:
    free(path);
    return status;
}

/* ---- what is a run's ---- */

/* NNNNNNNN.h5, or the temporary file of one; more digits where there are so many. */
static bool is_segment_name(const char *name)
{
    size_t n = 0;
    while (isdigit((unsigned char)name[n])) { n++; }
    return n >= 8 && (strcmp(name + n, ".h5") == 0 || strcmp(name + n, ".h5.tmp") == 0);
}

/* Whether the file begins as a segment does. A temporary file may hold anything: its name and its
 * folder are all there is to go by. */
static bool is_segment(const char *path)
{
    static const char mark[] = "evompi segment\n";
    char begin[sizeof mark] = "";
    size_t length = strlen(path);
    if (length > 4 && strcmp(path + length - 4, ".tmp") == 0) { return true; }
    FILE *file = fopen(path, "re");
    if (file == NULL) { return false; }
    size_t n = fread(begin, 1, sizeof mark - 1, file);
    fclose(file);
    return n == sizeof mark - 1 && strcmp(begin, mark) == 0;
}

/* What a walk over the segments of a run folder does, and has found. */
struct walk {
    bool remove;
    size_t n_segments;
};

static enum evo_status remove_file(const char *path)
{
    EVO_CHECK(unlink(path) == 0 || errno == ENOENT, EVO_ERR_IO, "%s: cannot be removed: %s", path,
              strerror(errno));
    return EVO_OK;
}

/* One entry of a ledger's folder. */
static enum evo_status walk_file(const char *folder, const char *name, struct walk *walk)
{
    enum evo_status status = EVO_OK;
    char *path = NULL;
    if (!is_segment_name(name)) { return EVO_OK; }
    EVO_TRY(evo_file_join(&path, folder, name));
    if (is_segment(path)) {
        walk->n_segments++;
        if (walk->remove) { status = remove_file(path); }
    }
    free(path);
    return status;
}

/* One folder in the run folder; it goes too when nothing but segments was in it. */
static enum evo_status walk_folder(const char *path, struct walk *walk)
{
    enum evo_status status = EVO_OK;
    DIR *folder = opendir(path);
    if (folder == NULL) { return EVO_OK; }
    size_t before = walk->n_segments;
    for (struct dirent *entry = readdir(folder); entry != NULL && status == EVO_OK;
         entry = readdir(folder)) {
        status = walk_file(path, entry->d_name, walk);
    }
    closedir(folder);
    if (walk->remove && walk->n_segments > before) { (void)rmdir(path); }
    return status;
}

/* All segments of all ledgers of a run folder. */
static enum evo_status walk_segments(const char *run, struct walk *walk)
{
    enum evo_status status = EVO_OK;
    DIR *folder = opendir(run);
    if (folder == NULL) { return EVO_OK; }
    for (struct dirent *entry = readdir(folder); entry != NULL && status == EVO_OK;
         entry = readdir(folder)) {
        char *path = NULL;
        if (entry->d_name[0] == '.') { continue; }
        EVO_GOTO(evo_file_join(&path, run, entry->d_name));
        status = walk_folder(path, walk);
        free(path);
    }
done:
    closedir(folder);
    return status;
}

bool evo_store_holds_run(const char *folder)
{
    const char *const names[] = {evo_folder_checkpoint, evo_folder_previous};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = NULL;
        if (evo_file_join(&path, folder, names[i]) != EVO_OK) { return true; }
        bool there = evo_file_exists(path, NULL);
        free(path);
        if (there) { return true; }
    }
    struct walk walk = {.remove = false};
    return walk_segments(folder, &walk) != EVO_OK || walk.n_segments > 0;
}

enum evo_status evo_folder_clear(const char *folder)
{
    for (size_t i = 0; i < sizeof run_files / sizeof *run_files; i++) {
        char *path = NULL;
        EVO_TRY(evo_file_join(&path, folder, run_files[i]));
        enum evo_status status = remove_file(path);
        free(path);
        EVO_TRY(status);
    }
    struct walk walk = {.remove = true};
    return walk_segments(folder, &walk);
}
