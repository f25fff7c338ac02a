/* SPDX-License-Identifier: MIT */
/* A library to preload: fails, or kills, at the n-th call of one kind; the program knows nothing of it.
 *
 * EVO_FAULT=CALL:WHERE:N:WHAT
 *   CALL   open, write, fsync, rename, link, mkdir, stat (of any kind), opendir: WHERE is a part of the
 *          file's path (the new one's);
 *          alloc: WHERE is a part of the path of the library that asks, empty for the program itself
 *   N      the n-th such call; "N+" also all after it, "N-" also all before it; "0" none, and their number
 *          goes to stderr
 *   WHAT   kill: SIGKILL, of a write after half of its bytes; or the name of an error, of those below
 * EVO_FAULT_RANK=R    only on rank R (default 0)
 * EVO_FAULT_CLOCK=1   the program's monotonic clock leaps forth and back by up to an hour
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum call {
    CALL_NONE, CALL_OPEN, CALL_WRITE, CALL_FSYNC, CALL_RENAME, CALL_LINK, CALL_MKDIR, CALL_STAT,
    CALL_OPENDIR, CALL_ALLOC
};

static struct {
    enum call call;
    char where[256];
    long n;
    bool onwards, until, kills, clock;
    int error;
    uintptr_t from, to; // the code that asks for memory, or for the time
    atomic_long count;
} fault;

/* glibc's own, which need no search and so no memory. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

/* ---- what is asked for ---- */

static enum call parse_call(const char *name)
{
    static const char *const names[] = {"", "open", "write", "fsync", "rename", "link", "mkdir", "stat",
                                        "opendir", "alloc"};
    for (size_t i = 1; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) { return (enum call)i; }
    }
    return CALL_NONE;
}

static int parse_error(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } errors[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO}, {"EROFS", EROFS}, {"EDQUOT", EDQUOT},
                  {"EPERM", EPERM}, {"ESTALE", ESTALE}, {"EACCES", EACCES}, {"ESHUTDOWN", ESHUTDOWN},
                  {"ENOMEM", ENOMEM}};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (strcmp(name, errors[i].name) == 0) { return errors[i].number; }
    }
    return ENOMEM;
}

/* Whether `object` is the one whose allocations are meant, and where its code lies. */
static int find_object(struct dl_phdr_info *object, size_t size, void *context)
{
    (void)size;
    (void)context;
    bool is_program = object->dlpi_name[0] == '\0';
    bool is_wanted = fault.where[0] == '\0' ? is_program
                                            : strstr(object->dlpi_name, fault.where) != NULL;
    for (int i = 0; is_wanted && i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0) { continue; }
        fault.from = object->dlpi_addr + part->p_vaddr;
        fault.to = fault.from + part->p_memsz;
    }
    return is_wanted ? 1 : 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("EVO_FAULT"), *wanted = getenv("EVO_FAULT_RANK");
    const char *rank = getenv("OMPI_COMM_WORLD_RANK");
    if (atoi(rank != NULL ? rank : "0") != atoi(wanted != NULL ? wanted : "0")) { return; }
    fault.clock = getenv("EVO_FAULT_CLOCK") != NULL;
    char name[16] = "", where[256] = "", what[16] = "", n[24] = "";
    if (text == NULL) {
        dl_iterate_phdr(find_object, NULL);
        return;
    }
    if (sscanf(text, "%15[a-z]:%255[^:]:%23[0-9+-]:%15[A-Za-z]", name, where, n, what) != 4 &&
        sscanf(text, "%15[a-z]::%23[0-9+-]:%15[A-Za-z]", name, n, what) != 3) {
        fprintf(stderr, "EVO_FAULT=%s: not understood\n", text);
        _exit(99);
    }
    memcpy(fault.where, where, sizeof where);
    fault.n = strtol(n, NULL, 10);
    fault.onwards = strchr(n, '+') != NULL;
    fault.until = strchr(n, '-') != NULL;
    fault.kills = strcmp(what, "kill") == 0;
    fault.error = parse_error(what);
    dl_iterate_phdr(find_object, NULL);
    fault.call = parse_call(name);
}

__attribute__((destructor)) static void end(void)
{
    if (fault.call != CALL_NONE && fault.n == 0) {
        dprintf(STDERR_FILENO, "EVO_FAULT: %ld calls\n", atomic_load(&fault.count)); // stdio may be closed
    }
}

/* ---- when it strikes ---- */

static bool strikes(enum call call, const char *path)
{
    if (fault.call != call || strstr(path, fault.where) == NULL) { return false; }
    long i = atomic_fetch_add(&fault.count, 1) + 1;
    if (fault.onwards) { return fault.n > 0 && i >= fault.n; }
    return fault.until ? i <= fault.n : fault.n > 0 && i == fault.n;
}

static bool strikes_file(enum call call, int file)
{
    char link[64], path[4096] = "";
    if (fault.call != call) { return false; }
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    return readlink(link, path, sizeof path - 1) > 0 && strikes(call, path);
}

static bool strikes_alloc(const void *caller)
{
    uintptr_t at = (uintptr_t)caller;
    if (fault.call != CALL_ALLOC || at < fault.from || at >= fault.to) { return false; }
    return strikes(CALL_ALLOC, fault.where);
}

/* The result of a failed call; of a killed process there is none. */
static int fail(void)
{
    if (fault.kills) { raise(SIGKILL); }
    errno = fault.error;
    return -1;
}

static void *next(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (function == NULL) { abort(); }
    return function;
}

/* A function from an object pointer, as POSIX has it. */
#define NEXT(type, name, variable)              \
    static type variable;                       \
    if (variable == NULL) {                     \
        void *found = next(name);               \
        memcpy(&variable, &found, sizeof found); \
    }

/* ---- files ---- */

typedef int open_function(const char *path, int flags, ...);
int open(const char *path, int flags, ...)
{
    NEXT(open_function *, "open", real)
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (strikes(CALL_OPEN, path)) { return fail(); }
    return real(path, flags, mode);
}

typedef ssize_t write_function(int file, const void *bytes, size_t n);
ssize_t write(int file, const void *bytes, size_t n)
{
    NEXT(write_function *, "write", real)
    if (strikes_file(CALL_WRITE, file)) {
        if (fault.kills && real(file, bytes, n / 2) < 0) { abort(); }
        return fail();
    }
    return real(file, bytes, n);
}

typedef int fsync_function(int file);
int fsync(int file)
{
    NEXT(fsync_function *, "fsync", real)
    return strikes_file(CALL_FSYNC, file) ? fail() : real(file);
}

typedef int rename_function(const char *from, const char *to);
int rename(const char *from, const char *to)
{
    NEXT(rename_function *, "rename", real)
    return strikes(CALL_RENAME, to) ? fail() : real(from, to);
}

typedef int mkdir_function(const char *path, mode_t mode);
int mkdir(const char *path, mode_t mode)
{
    NEXT(mkdir_function *, "mkdir", real)
    return strikes(CALL_MKDIR, path) ? fail() : real(path, mode);
}

typedef int link_function(const char *from, const char *to);
int link(const char *from, const char *to)
{
    NEXT(link_function *, "link", real)
    return strikes(CALL_LINK, to) ? fail() : real(from, to);
}

typedef int stat_function(const char *path, struct stat *out);
int stat(const char *path, struct stat *out)
{
    NEXT(stat_function *, "stat", real)
    return strikes(CALL_STAT, path) ? fail() : real(path, out);
}

int lstat(const char *path, struct stat *out)
{
    NEXT(stat_function *, "lstat", real)
    return strikes(CALL_STAT, path) ? fail() : real(path, out);
}

typedef int fstatat_function(int folder, const char *path, struct stat *out, int flags);
int fstatat(int folder, const char *path, struct stat *out, int flags)
{
    NEXT(fstatat_function *, "fstatat", real)
    return strikes(CALL_STAT, path) ? fail() : real(folder, path, out, flags);
}

typedef int access_function(const char *path, int mode);
int access(const char *path, int mode)
{
    NEXT(access_function *, "access", real)
    return strikes(CALL_STAT, path) ? fail() : real(path, mode);
}

typedef DIR *opendir_function(const char *path);
DIR *opendir(const char *path)
{
    NEXT(opendir_function *, "opendir", real)
    if (!strikes(CALL_OPENDIR, path)) { return real(path); }
    (void)fail();
    return NULL;
}

/* ---- memory ---- */

static void *no_memory(void)
{
    (void)fail();
    return NULL;
}

void *malloc(size_t n)
{
    return strikes_alloc(__builtin_return_address(0)) ? no_memory() : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    return strikes_alloc(__builtin_return_address(0)) ? no_memory() : __libc_calloc(n, size);
}

void *realloc(void *block, size_t n)
{
    return strikes_alloc(__builtin_return_address(0)) ? no_memory() : __libc_realloc(block, n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
    return strikes_alloc(__builtin_return_address(0)) ? no_memory() : __libc_memalign(alignment, n);
}

/* ---- clocks ---- */

typedef int clock_function(clockid_t clock, struct timespec *time);
int clock_gettime(clockid_t clock, struct timespec *time)
{
    NEXT(clock_function *, "clock_gettime", real)
    static _Atomic uint32_t state = 1;
    int result = real(clock, time);
    if (!fault.clock || clock != CLOCK_MONOTONIC) { return result; }
    /* The program itself alone: MPI waits by its own clock. */
    uintptr_t at = (uintptr_t)__builtin_return_address(0);
    if (at < fault.from || at >= fault.to) { return result; }
    state = state * 1664525u + 1013904223u;
    time->tv_sec += (time_t)(state >> 20);
    return result;
}
