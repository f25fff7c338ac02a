/* SPDX-License-Identifier: MIT */
/* Waiting for a child: a short spin, then sleep until it writes, ends, or its time is over. */
#include "isolate_wait.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

/* Child and rank often share one core, where a spin only keeps the other from running. */
static const double spin_s = 10e-6;
static const double look_s = 1.0; // a sleeping rank looks at least this often

typedef enum evo_isolate_news look_at(struct evo_isolate_child *child);

/* ---- looking ------------------------------------------------------------------------------ */

static enum evo_isolate_news look_ready(struct evo_isolate_child *child)
{
    switch (atomic_load(&child->answer->state)) {
    case EVO_ISOLATE_BEGINS: return EVO_ISOLATE_NOTHING_NEW;
    case EVO_ISOLATE_READY: return EVO_ISOLATE_DONE;
    case EVO_ISOLATE_REFUSES: return EVO_ISOLATE_REFUSED;
    default: return EVO_ISOLATE_DAMAGED;
    }
}

/* Nothing that stands there is believed: candidates are done in order, none twice. */
static enum evo_isolate_news look_answer(struct evo_isolate_child *child)
{
    uint64_t progress = atomic_load(&child->answer->progress);
    uint32_t number = (uint32_t)(progress >> 32), candidate = (uint32_t)progress;
    if (number == child->number - 1 && !child->begun) { return EVO_ISOLATE_NOTHING_NEW; }
    if (number != child->number || candidate < child->reached || candidate > child->n) {
        return EVO_ISOLATE_DAMAGED;
    }
    child->begun = true;
    child->reached = candidate;
    return candidate == child->n ? EVO_ISOLATE_DONE : EVO_ISOLATE_NOTHING_NEW;
}

/* ---- sleeping ----------------------------------------------------------------------------- */

void evo_isolate_wait_wake(const struct evo_isolate_child *child)
{
    char byte = 0;
    ssize_t sent = send(child->socket, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent; // a child that is gone is seen when we wait for it
}

/* Takes the child's bytes off the socket; false where it is closed. */
static bool drain(int socket)
{
    char bytes[64];
    ssize_t got = recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
}

/* Sleeps until the child writes or ends, or `limit_s` seconds; false where it has ended. One that has
 * closed its socket goes on evaluating: its end is what counts, where the system lets us watch that. */
static bool sleep_on(struct evo_isolate_child *child, double limit_s)
{
    struct pollfd files[2] = {{.fd = child->is_deaf ? -1 : child->socket, .events = POLLIN},
                              {.fd = child->watch, .events = POLLIN}};
    if (poll(files, 2, (int)(limit_s * 1000.0) + 1) <= 0) { return true; }
    if (files[1].revents != 0) { return false; }
    if (files[0].revents != 0 && !drain(child->socket)) { child->is_deaf = true; }
    return !child->is_deaf || child->watch >= 0;
}

static enum evo_isolate_news spin(struct evo_isolate_child *child, look_at *look)
{
    enum { LOOKS = 32 };
    enum evo_isolate_news news = EVO_ISOLATE_NOTHING_NEW;
    double end = evo_clock_s() + spin_s;
    for (;;) {
        for (int i = 0; i < LOOKS && news == EVO_ISOLATE_NOTHING_NEW; i++) { news = look(child); }
        if (news != EVO_ISOLATE_NOTHING_NEW || evo_clock_s() >= end) { return news; }
    }
}

static double smaller(double a, double b) { return a < b ? a : b; }

static enum evo_isolate_news sleep_until(struct evo_isolate_child *child, look_at *look, double limit_s)
{
    const double step_s = limit_s > 0.0 ? smaller(limit_s / 8.0, look_s) : look_s;
    double silent_s = 0.0, before_s = evo_clock_s();
    for (;;) {
        size_t reached = child->reached;
        bool is_there = sleep_on(child, step_s);
        enum evo_isolate_news news = look(child);
        if (news != EVO_ISOLATE_NOTHING_NEW) { return news; }
        if (!is_there) { return EVO_ISOLATE_ENDED; }

        /* A sleep that took much longer was ours: the job was suspended, or the machine is overloaded. */
        double now_s = evo_clock_s();
        silent_s = child->reached != reached ? 0.0 : silent_s + smaller(now_s - before_s, 2.0 * step_s);
        before_s = now_s;
        if (limit_s > 0.0 && silent_s >= limit_s) { return EVO_ISOLATE_LATE; }
        if (!child->begun && silent_s >= step_s) { evo_isolate_wait_wake(child); } // it may sleep unsaid
    }
}

static enum evo_isolate_news wait_for(struct evo_isolate_child *child, look_at *look, double limit_s)
{
    enum evo_isolate_news news = spin(child, look);
    if (news != EVO_ISOLATE_NOTHING_NEW) { return news; }
    atomic_store(&child->ask->rank_waits, 1);
    news = look(child); // it may have answered before it could see that we wait
    if (news == EVO_ISOLATE_NOTHING_NEW) { news = sleep_until(child, look, limit_s); }
    atomic_store(&child->ask->rank_waits, 0);
    return news;
}

enum evo_isolate_news evo_isolate_wait_ready(struct evo_isolate_child *child, double limit_s)
{
    child->reached = 0;
    child->begun = true;
    return wait_for(child, look_ready, limit_s);
}

enum evo_isolate_news evo_isolate_wait_answer(struct evo_isolate_child *child, double limit_s)
{
    child->reached = 0;
    child->begun = false;
    return wait_for(child, look_answer, limit_s);
}
