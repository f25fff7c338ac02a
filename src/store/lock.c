/* SPDX-License-Identifier: MIT */
/* The lock of a run folder: one job at a time writes there. */
#include "parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who holds the lock, by the text in its file. */
static enum evo_status refuse_second(const char *folder, int file)
{
    char holder[256] = "";
    ssize_t n = pread(file, holder, sizeof holder - 1, 0);
    if (n > 0 && holder[n - 1] == '\n') { holder[n - 1] = '\0'; }
    return evo_status_fail(EVO_ERR_BUSY,
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
enum evo_status evo_lock_take(const char *folder, int *out)
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

enum evo_status evo_lock_check(const char *folder, int lock)
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
