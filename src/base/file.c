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

enum evo_status evo_file_look(const char *path, bool *there, bool *is_folder)
{
    struct stat info;
    *there = true;
    if (is_folder != NULL) { *is_folder = false; }
    if (lstat(path, &info) != 0) {
        /* ENOENT alone is an answer: a server that is away, a folder that may not be searched or a
         * file in place of a folder say nothing of what is there. */
        EVO_CHECK(errno == ENOENT, EVO_ERR_IO, "%s: cannot be looked for: %s", path,
                  strerror(errno));
        *there = false;
        return EVO_OK;
    }
    EVO_CHECK(!S_ISLNK(info.st_mode) || stat(path, &info) == 0, EVO_ERR_IO,
              "%s: is a link, and what it leads to cannot be reached: %s", path, strerror(errno));
    if (is_folder != NULL) { *is_folder = S_ISDIR(info.st_mode); }
    return EVO_OK;
}

enum evo_status evo_file_same(const char *a, const char *b, bool *same)
{
    struct stat info_a, info_b;
    bool there_a = false, there_b = false;
    EVO_TRY(evo_file_look(a, &there_a, NULL));
    EVO_TRY(evo_file_look(b, &there_b, NULL));
    *same = false;
    if (!there_a || !there_b) { return EVO_OK; }
    EVO_CHECK(stat(a, &info_a) == 0, EVO_ERR_IO, "%s: cannot be looked for: %s", a, strerror(errno));
    EVO_CHECK(stat(b, &info_b) == 0, EVO_ERR_IO, "%s: cannot be looked for: %s", b, strerror(errno));
    *same = info_a.st_dev == info_b.st_dev && info_a.st_ino == info_b.st_ino;
    return EVO_OK;
}

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

/* Opens a regular file; *info is what it is. */
static enum evo_status open_regular(const char *path, int *out, struct stat *info)
{
    enum evo_status status = EVO_OK;
    int file = open_to_read(path);
    EVO_CHECK(file >= 0, EVO_ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
    EVO_CHECK_GOTO(fstat(file, info) == 0, EVO_ERR_IO, "%s: cannot be read: %s", path,
                   strerror(errno));
    EVO_CHECK_GOTO(!S_ISDIR(info->st_mode), EVO_ERR_IO, "%s: is a folder, not a file", path);
    EVO_CHECK_GOTO(S_ISREG(info->st_mode), EVO_ERR_IO, "%s: is not a regular file", path);
    *out = file;
    return EVO_OK;
done:
    close(file);
    return status;
}

enum evo_status evo_file_peek(const char *path, char *bytes, size_t max, size_t *n)
{
    struct stat info;
    int file = -1;
    EVO_TRY(open_regular(path, &file, &info));
    ssize_t got = read_all(file, bytes, max);
    int reason = errno;
    close(file);
    EVO_CHECK(got >= 0, EVO_ERR_IO, "%s: cannot be read: %s", path, strerror(reason));
    *n = (size_t)got;
    return EVO_OK;
}

enum evo_status evo_file_read(const char *path, size_t max, char **out, size_t *n)
{
    enum evo_status status = EVO_OK;
    char *bytes = NULL;
    struct stat info;
    int file = -1;
    EVO_TRY(open_regular(path, &file, &info));
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

/* Moves what is at `path` to `previous`, and the temporary file to `path`, which stays empty in
 * between: for file systems, and for files of another owner, that take no second name. */
static enum evo_status rename_in_turn(const char *temporary, const char *path, const char *previous)
{
    bool moved = rename(path, previous) == 0;
    EVO_CHECK(moved || errno == ENOENT, EVO_ERR_IO, "%s: cannot be renamed to %s: %s", path,
              previous, strerror(errno));
    if (rename(temporary, path) == 0) { return EVO_OK; }
    int reason = errno;
    if (moved) { (void)rename(previous, path); } // else its place would stay empty
    return evo_status_fail(EVO_ERR_IO, "%s: cannot be renamed to %s: %s", temporary, path,
                           strerror(reason));
}

/* A second name for what is at `path`; false, with errno, where it cannot have one. A killed job
 * may have left that name. */
static bool link_again(const char *path, const char *second)
{
    if (link(path, second) == 0) { return true; }
    return errno == EEXIST && unlink(second) == 0 && link(path, second) == 0;
}

/* Puts the temporary file in the place of `path`, and what was there, under its second name so
 * far, in the place of `previous`. Something whole is at `path` all the time: who is killed
 * between the two renames leaves the new file there, and the second name. */
static enum evo_status rename_over(const char *temporary, const char *path, const char *second,
                                   const char *previous)
{
    if (rename(temporary, path) != 0) {
        int reason = errno;
        unlink(second);
        return evo_status_fail(EVO_ERR_IO, "%s: cannot be renamed to %s: %s", temporary, path,
                               strerror(reason));
    }
    if (rename(second, previous) == 0) { return EVO_OK; }
    int reason = errno;
    (void)rename(second, path); // what was there comes back
    return evo_status_fail(EVO_ERR_IO, "%s: cannot be renamed to %s: %s", path, previous,
                           strerror(reason));
}

/* Puts the temporary file in its place, and what was there in the place of `previous`. */
static enum evo_status put_in_place(const char *temporary, const char *path, const char *previous)
{
    enum evo_status status = EVO_OK;
    char *second = NULL;
    if (previous != NULL) {
        EVO_TRY(evo_text_format(&second, "%s.tmp", previous));
        bool linked = link_again(path, second);
        status = linked ? rename_over(temporary, path, second, previous)
                        : rename_in_turn(temporary, path, previous);
        free(second);
        return status;
    }
    EVO_CHECK(rename(temporary, path) == 0, EVO_ERR_IO, "%s: cannot be renamed to %s: %s",
              temporary, path, strerror(errno));
    return EVO_OK;
}

enum evo_status evo_file_replace(const char *path, const char *previous, const void *bytes,
                                 size_t n, bool durable)
{
    enum evo_status status = EVO_OK;
    char *temporary = NULL;
    EVO_TRY(evo_text_format(&temporary, "%s.tmp", path));
    EVO_GOTO(write_temporary(temporary, bytes, n, durable));
    EVO_GOTO(put_in_place(temporary, path, previous));
    if (durable) { EVO_GOTO(evo_file_sync(dirname(temporary))); }
done:
    if (status != EVO_OK) { unlink(temporary); }
    free(temporary);
    return status;
}
