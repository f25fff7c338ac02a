/* SPDX-License-Identifier: MIT */
/* Files: read whole, replaced whole. The order of the system calls is what outlives a power loss. */
#include <evompi/base.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool evo_file_exists(const char *path, bool *is_folder)
{
    struct stat info;
    bool there = stat(path, &info) == 0;
    if (is_folder != NULL) { *is_folder = there && S_ISDIR(info.st_mode); }
    return there;
}

enum evo_status evo_file_join(char **out, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    return evo_text_format(out, "%s%s%s", folder, slash, name);
}

enum evo_status evo_file_make_folder(const char *path)
{
    enum evo_status status = EVO_OK;
    char *copy = NULL;
    EVO_TRY(evo_text_format(&copy, "%s", path));

    /* Each ancestor in turn, then the folder itself. */
    for (char *c = copy + 1; copy[0] != '\0'; c++) {
        char here = *c;
        if (here != '/' && here != '\0') { continue; }
        *c = '\0';
        bool is_folder = false;
        bool made = mkdir(copy, 0777) == 0;
        int reason = errno;
        EVO_CHECK_GOTO(made || (evo_file_exists(copy, &is_folder) && is_folder), EVO_ERR_IO,
                       "%s: the folder cannot be made: %s", copy, strerror(reason));
        *c = here;
        if (here == '\0') { break; }
    }
done:
    free(copy);
    return status;
}

/* O_NONBLOCK: a pipe without a writer must not hang the job. */
static int open_to_read(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* Reads until `n` bytes are there or the file ends; returns how many, or -1. */
static ssize_t read_all(int file, char *bytes, size_t n)
{
    size_t done = 0;
    while (done < n) {
        ssize_t got = read(file, bytes + done, n - done);
        if (got < 0 && errno == EINTR) { continue; }
        if (got < 0) { return -1; }
        if (got == 0) { break; }
        done += (size_t)got;
    }
    return (ssize_t)done;
}

enum evo_status evo_file_read(const char *path, size_t max, char **out, size_t *n)
{
    enum evo_status status = EVO_OK;
    char *bytes = NULL;
    int file = open_to_read(path);
    EVO_CHECK(file >= 0, EVO_ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));

    struct stat info;
    EVO_CHECK_GOTO(fstat(file, &info) == 0, EVO_ERR_IO, "%s: cannot be read: %s", path,
                   strerror(errno));
    EVO_CHECK_GOTO(!S_ISDIR(info.st_mode), EVO_ERR_IO, "%s: is a folder, not a file", path);
    EVO_CHECK_GOTO(S_ISREG(info.st_mode), EVO_ERR_IO, "%s: is not a regular file", path);
    EVO_CHECK_GOTO((uint64_t)info.st_size <= max, EVO_ERR_IO,
                   "%s: has %lld bytes, more than the %zu that are read", path,
                   (long long)info.st_size, max);

    size_t size = (size_t)info.st_size;
    EVO_GOTO(evo_alloc(size + 1, 1, path, &bytes));
    ssize_t got = read_all(file, bytes, size);
    EVO_CHECK_GOTO(got >= 0, EVO_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    bytes[got] = '\0';
    *out = bytes;
    *n = (size_t)got;
    bytes = NULL;
done:
    free(bytes);
    close(file);
    return status;
}

static bool write_all(int file, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t put = write(file, bytes, n);
        if (put < 0 && errno == EINTR) { continue; }
        if (put < 0) { return false; }
        bytes += put;
        n -= (size_t)put;
    }
    return true;
}

/* The new contents under the temporary name; closed, and synced where asked. */
static enum evo_status write_temporary(const char *path, const void *bytes, size_t n, bool durable)
{
    enum evo_status status = EVO_OK;
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    EVO_CHECK(file >= 0, EVO_ERR_IO, "%s: cannot be made: %s", path, strerror(errno));
    EVO_CHECK_GOTO(write_all(file, bytes, n), EVO_ERR_IO, "%s: %zu bytes cannot be written: %s",
                   path, n, strerror(errno));
    EVO_CHECK_GOTO(!durable || fsync(file) == 0, EVO_ERR_IO, "%s: cannot be synced: %s", path,
                   strerror(errno));
done:
    /* NFS and quotas report a failed write here. */
    if (close(file) != 0 && status == EVO_OK) {
        status = evo_status_fail(EVO_ERR_IO, "%s: cannot be closed: %s", path, strerror(errno));
    }
    return status;
}

enum evo_status evo_file_sync(const char *path)
{
    int file = open_to_read(path);
    EVO_CHECK(file >= 0, EVO_ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
    int failed = fsync(file);
    int reason = errno;
    close(file);
    EVO_CHECK(failed == 0, EVO_ERR_IO, "%s: cannot be synced: %s", path, strerror(reason));

    /* XFS syncs a folder "successfully" after it has shut down (seen on Linux 6.18), and then what
     * was renamed is lost. It opens nothing any more, so who still can was not deceived. */
    file = open_to_read(path);
    EVO_CHECK(file >= 0, EVO_ERR_IO, "%s: cannot be opened after it was synced: %s", path,
              strerror(errno));
    close(file);
    return EVO_OK;
}

/* Puts the temporary file in its place, and what was there in the place of `previous`. Between
 * the two renames the newest whole file is `previous`. */
static enum evo_status rename_both(const char *temporary, const char *path, const char *previous)
{
    bool moved = previous != NULL && rename(path, previous) == 0;
    EVO_CHECK(previous == NULL || moved || errno == ENOENT, EVO_ERR_IO,
              "%s: cannot be renamed to %s: %s", path, previous, strerror(errno));
    if (rename(temporary, path) == 0) { return EVO_OK; }
    int reason = errno;
    if (moved) { (void)rename(previous, path); } // else its place would stay empty
    return evo_status_fail(EVO_ERR_IO, "%s: cannot be renamed to %s: %s", temporary, path,
                           strerror(reason));
}

enum evo_status evo_file_replace(const char *path, const char *previous, const void *bytes,
                                 size_t n, bool durable)
{
    enum evo_status status = EVO_OK;
    char *temporary = NULL;
    EVO_TRY(evo_text_format(&temporary, "%s.tmp", path));
    EVO_GOTO(write_temporary(temporary, bytes, n, durable));
    EVO_GOTO(rename_both(temporary, path, previous));
    if (durable) { EVO_GOTO(evo_file_sync(dirname(temporary))); }
done:
    if (status != EVO_OK) { unlink(temporary); }
    free(temporary);
    return status;
}
