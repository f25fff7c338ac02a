/* SPDX-License-Identifier: MIT */
/* Clocks: seconds that only grow, and the date for people. */
#include <evompi/base.h>

#include <string.h>
#include <time.h>

double evo_clock_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double evo_clock_cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void evo_clock_stamp(char *text, size_t size)
{
    time_t now = time(NULL);
    struct tm local;
    char digits[32] = "", zone[8] = "";
    if (localtime_r(&now, &local) != NULL) {
        strftime(digits, sizeof digits, "%Y-%m-%dT%H:%M:%S", &local);
        strftime(zone, sizeof zone, "%z", &local);
    }
    /* ISO 8601 wants a colon in the zone: +0100 -> +01:00. */
    if (strlen(zone) == 5) {
        snprintf(text, size, "%s%.3s:%s", digits, zone, zone + 3);
    } else {
        snprintf(text, size, "%s", digits);
    }
}
