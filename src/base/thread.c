/* SPDX-License-Identifier: MIT */
/* Where a thread may run. */
#include <evompi/base.h>

#ifdef __linux__
#include <sched.h>
#include <string.h>
#endif

void evo_thread_unbind(void)
{
#ifdef __linux__
    /* The kernel keeps to those that the job was given (its cpuset). */
    cpu_set_t all;
    memset(&all, 0xff, sizeof all);
    (void)sched_setaffinity(0, sizeof all, &all); // of this thread; a matter of speed alone
#endif
}
