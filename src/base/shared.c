/* SPDX-License-Identifier: MIT */
/* Memory that processes share, and the watch of a process that is no child of ours. */
#include <evompi/base.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#ifndef __linux__
/* A name for a moment: nobody else can open what has none. */
static int open_nameless(const char *name)
{
    char path[64];
    (void)name;
    snprintf(path, sizeof path, "/evompi-%ld-%.0f", (long)getpid(), evo_clock_s() * 1e6);
    int file = shm_open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (file >= 0) { shm_unlink(path); }
    return file;
}
#else
static int open_nameless(const char *name) { return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); }
#endif

enum evo_status evo_shared_create(const char *name, size_t bytes, int *out)
{
    enum evo_status status = EVO_OK;
    int file = open_nameless(name);
    EVO_CHECK(file >= 0, EVO_ERR_MEMORY, "%s: no shared memory can be made: %s", name, strerror(errno));
    EVO_CHECK_GOTO(ftruncate(file, (off_t)bytes) == 0, EVO_ERR_MEMORY,
                   "%s: no shared memory of %zu bytes can be made: %s", name, bytes, strerror(errno));
#ifdef __linux__
    /* Cut short by one process it would end the other with SIGBUS. */
    EVO_CHECK_GOTO(fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0, EVO_ERR_MEMORY,
                   "%s: shared memory cannot be sealed: %s", name, strerror(errno));
#endif
    *out = file;
    return EVO_OK;
done:
    close(file);
    return status;
}

int evo_shared_watch(pid_t pid)
{
#if defined(__linux__) && defined(SYS_pidfd_open)
    return (int)syscall(SYS_pidfd_open, pid, 0U);
#else
    (void)pid;
    return -1;
#endif
}
