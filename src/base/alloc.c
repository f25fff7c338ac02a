/* SPDX-License-Identifier: MIT */
/* Checked allocation: zeroed, aligned to a cache line and to the widest vector. */
#include <evompi/base.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { ALIGNMENT = 64, HUGE_PAGE = 2 << 20 };

static _Thread_local size_t total; // bytes that this thread was given, ever

/* Passes over whole populations spend a twentieth of their time on looking pages of 4 KiB up. Where
 * the system has no larger ones to give, nothing is lost. */
static void ask_for_huge_pages(void *block, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    madvise(block, bytes, MADV_HUGEPAGE);
#else
    (void)block, (void)bytes;
#endif
}

enum evo_status evo_alloc(size_t n, size_t size, const char *what, void *out)
{
    EVO_CHECK(size == 0 || n <= (SIZE_MAX - HUGE_PAGE) / size, EVO_ERR_MEMORY,
              "%s: %zu items of %zu bytes are more than memory can hold", what, n, size);
    size_t needed = n * size > 0 ? n * size : 1;
    size_t unit = needed >= HUGE_PAGE ? HUGE_PAGE : ALIGNMENT;
    size_t bytes = (needed + unit - 1) / unit * unit;
    void *block = aligned_alloc(unit, bytes);
    EVO_CHECK(block != NULL, EVO_ERR_MEMORY, "%s: no memory for %zu bytes", what, bytes);
    if (unit == HUGE_PAGE) { ask_for_huge_pages(block, bytes); }
    memset(block, 0, needed);
    total += bytes;
    *(void **)out = block;
    return EVO_OK;
}

size_t evo_alloc_total(void) { return total; }

/* Of a group of processes with a limit of its own, as containers and batch systems make them. */
static double read_limit(const char *path)
{
    char text[64] = "";
    double limit = 0.0;
    FILE *file = fopen(path, "re");
    if (file == NULL) { return (double)INFINITY; }
    bool read = fgets(text, sizeof text, file) != NULL && evo_text_to_number(text, &limit);
    fclose(file);
    return read ? limit : (double)INFINITY; // "max" is no number
}

double evo_alloc_limit(void)
{
    double pages = (double)sysconf(_SC_PHYS_PAGES), page = (double)sysconf(_SC_PAGESIZE);
    double limit = pages > 0.0 && page > 0.0 ? pages * page : (double)INFINITY;
    struct rlimit most;
    if (getrlimit(RLIMIT_AS, &most) == 0 && most.rlim_cur != RLIM_INFINITY) {
        limit = fmin(limit, (double)most.rlim_cur);
    }
    limit = fmin(limit, read_limit("/sys/fs/cgroup/memory.max"));
    return fmin(limit, read_limit("/sys/fs/cgroup/memory/memory.limit_in_bytes"));
}
