/* SPDX-License-Identifier: MIT */
/* The rank's side of its spawner: one request, one answer, and what to do when none comes. */
#include "spawner_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A spawner answers at once; what was killed ends at once, but for one that waits for a dead disk.
 */
enum { ANSWER_S = 30, LAST_WAIT_S = 5 };

struct evo_spawner {
    int socket;
    pid_t pid;
    uint64_t number; // of the latest request
    bool lost;
    pid_t children[EVO_SPAWNER_CHILDREN]; // 0: free
    evo_spawner_work **works;             // [n_works]
};

bool evo_spawner_read_all(int file, void *bytes, size_t n)
{
    char *to = bytes;
    while (n > 0) {
        ssize_t got = read(file, to, n);
        if (got < 0 && errno == EINTR) { continue; }
        if (got <= 0) { return false; }
        to += got;
        n -= (size_t)got;
    }
    return true;
}

/* ---- the process ---------------------------------------------------------------------------- */

static enum evo_status fork_server(struct evo_spawner *spawner, size_t n_works)
{
    int ends[2];
    EVO_CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, EVO_ERR_MEMORY,
              "the spawner of child processes cannot be started: %s", strerror(errno));
    fflush(NULL); // else the child prints it again
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t rank = getpid(), pid = fork();
    int reason = errno;
    if (pid == 0) {
        close(ends[0]);
        evo_spawner_serve(ends[1], rank, spawner->works, n_works);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    spawner->socket = ends[0];
    spawner->pid = pid;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[0], F_SETFL, O_NONBLOCK); // a spawner that is stopped must not hold the rank
    EVO_CHECK(pid > 0, EVO_ERR_MEMORY, "the spawner of child processes cannot be started: %s",
              strerror(reason));
    return EVO_OK;
}

enum evo_status evo_spawner_create(evo_spawner_work *const *works, size_t n_works,
                                   struct evo_spawner **out)
{
    enum evo_status status = EVO_OK;
    struct evo_spawner *spawner = NULL;
    EVO_TRY(evo_alloc(1, sizeof *spawner, "spawner", &spawner));
    spawner->socket = -1;
    EVO_GOTO(evo_alloc(n_works, sizeof *works, "spawner", &spawner->works));
    memcpy(spawner->works, works, n_works * sizeof *works);
    EVO_GOTO(fork_server(spawner, n_works));
    *out = spawner;
    spawner = NULL;
done:
    evo_spawner_destroy(spawner);
    return status;
}

/* Waits for the end of the spawner, which has been told; false where it goes on. */
static bool has_ended(pid_t pid, double limit_s)
{
    double end_s = evo_clock_s() + limit_s;
    do {
        pid_t got = waitpid(pid, NULL, WNOHANG);
        if (got == pid || (got < 0 && errno != EINTR)) { return true; }
        usleep(500);
    } while (evo_clock_s() < end_s);
    return false;
}

/* Without its spawner a child has nobody else to end it. */
static void lose(struct evo_spawner *spawner)
{
    spawner->lost = true;
    for (size_t i = 0; i < EVO_SPAWNER_CHILDREN; i++) {
        if (spawner->children[i] != 0) { kill(-spawner->children[i], SIGKILL); }
        spawner->children[i] = 0;
    }
}

void evo_spawner_destroy(struct evo_spawner *spawner)
{
    if (spawner == NULL) { return; }
    if (spawner->socket >= 0) { close(spawner->socket); }
    if (spawner->pid > 0 && !has_ended(spawner->pid, LAST_WAIT_S)) {
        kill(spawner->pid, SIGKILL);
        lose(spawner);
        has_ended(spawner->pid, LAST_WAIT_S);
    }
    free(spawner->works);
    free(spawner);
}

/* ---- requests ------------------------------------------------------------------------------- */

static bool is_ready(int file, short events, double end_s)
{
    for (;;) {
        double left_s = end_s - evo_clock_s();
        struct pollfd ready = {.fd = file, .events = events};
        int n = poll(&ready, 1, left_s > 0.0 ? (int)(left_s * 1e3) + 1 : 0);
        if (n > 0) { return true; }
        if (n == 0 && left_s <= 0.0) { return false; }
        if (n < 0 && errno != EINTR) { return false; }
    }
}

/* Sends one part, the file descriptors with its first byte. */
static bool send_part(struct evo_spawner *spawner, const void *bytes, size_t n, const int *fds,
                      size_t n_fds, double end_s)
{
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(EVO_SPAWNER_FDS * sizeof(int))];
    } control = {.bytes = {0}};
    const char *from = bytes;
    while (n > 0) {
        struct iovec part = {.iov_base = (void *)(uintptr_t)from, .iov_len = n};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        if (n_fds > 0) {
            message.msg_control = control.bytes;
            message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
            struct cmsghdr *head = CMSG_FIRSTHDR(&message);
            head->cmsg_level = SOL_SOCKET;
            head->cmsg_type = SCM_RIGHTS;
            head->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
            memcpy(CMSG_DATA(head), fds, n_fds * sizeof(int));
        }
        ssize_t put = sendmsg(spawner->socket, &message, 0);
        bool later = put < 0 && (errno == EAGAIN || errno == EINTR);
        if (put < 0 && (!later || !is_ready(spawner->socket, POLLOUT, end_s))) { return false; }
        if (put > 0) {
            from += put;
            n -= (size_t)put;
            n_fds = 0;
        }
    }
    return true;
}

/* The answer to the latest request; older ones, which were not waited for, are dropped. 1: here;
 * 0: not in time; -1: the spawner is gone. */
static int receive(struct evo_spawner *spawner, struct evo_spawner_reply *reply, double end_s)
{
    size_t have = 0;
    for (;;) {
        if (!is_ready(spawner->socket, POLLIN, end_s)) { return 0; }
        ssize_t got = read(spawner->socket, (char *)reply + have, sizeof *reply - have);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) { continue; }
        if (got <= 0) { return -1; }
        have += (size_t)got;
        if (have < sizeof *reply) { continue; }
        if (reply->number == spawner->number) { return 1; }
        have = 0;
    }
}

static enum evo_status say_lost(struct evo_spawner *spawner, const char *what)
{
    int pid = (int)spawner->pid;
    lose(spawner);
    return evo_status_fail(EVO_ERR_INTERNAL,
                           "the process %d that starts child processes for this "
                           "rank %s: was it killed or stopped?",
                           pid, what);
}

/* Sends a request. */
static enum evo_status ask(struct evo_spawner *spawner, struct evo_spawner_request *request,
                           const void *payload, const int *fds)
{
    EVO_CHECK(!spawner->lost, EVO_ERR_INTERNAL,
              "the process %d that starts child processes for this rank is gone",
              (int)spawner->pid);
    request->number = ++spawner->number;
    double end_s = evo_clock_s() + ANSWER_S;
    sigset_t before;
    evo_process_mute(&before);
    bool sent = send_part(spawner, request, sizeof *request, fds, (size_t)request->n_fds, end_s) &&
                send_part(spawner, payload, (size_t)request->payload, NULL, 0, end_s);
    evo_process_unmute(&before);
    return sent ? EVO_OK : say_lost(spawner, "is gone");
}

/* Sends a request and waits for its answer. */
static enum evo_status call(struct evo_spawner *spawner, struct evo_spawner_request *request,
                            const void *payload, const int *fds, struct evo_spawner_reply *reply)
{
    EVO_TRY(ask(spawner, request, payload, fds));
    int got = receive(spawner, reply, evo_clock_s() + ANSWER_S);
    if (got == 1) { return EVO_OK; }
    return say_lost(spawner, got < 0 ? "is gone" : "does not answer");
}

static void replace(struct evo_spawner *spawner, pid_t old, pid_t new)
{
    for (size_t i = 0; i < EVO_SPAWNER_CHILDREN; i++) {
        if (spawner->children[i] == old) {
            spawner->children[i] = new;
            return;
        }
    }
}

enum evo_status evo_spawner_start(struct evo_spawner *spawner, size_t work, const void *payload,
                                  size_t n, const int *fds, size_t n_fds, pid_t *pid)
{
    EVO_CHECK(n <= EVO_SPAWNER_PAYLOAD && n_fds <= EVO_SPAWNER_FDS, EVO_ERR_INTERNAL,
              "a child process gets at most %d bytes and %d files", (int)EVO_SPAWNER_PAYLOAD,
              (int)EVO_SPAWNER_FDS);
    struct evo_spawner_request request = {
        .verb = EVO_SPAWNER_START, .work = work, .payload = n, .n_fds = n_fds};
    struct evo_spawner_reply reply = {0};
    EVO_TRY(call(spawner, &request, payload, fds, &reply));
    EVO_CHECK(reply.pid > 0, EVO_ERR_MEMORY, "a child process cannot be started: %s",
              strerror((int)reply.how));
    *pid = (pid_t)reply.pid;
    replace(spawner, 0, *pid);
    return EVO_OK;
}

enum evo_status evo_spawner_wait(struct evo_spawner *spawner, pid_t pid, double limit_s,
                                 bool *ended)
{
    struct evo_spawner_request request = {.verb = EVO_SPAWNER_WAIT, .pid = pid};
    struct evo_spawner_reply reply = {0};
    EVO_TRY(ask(spawner, &request, NULL, NULL));
    int got = receive(spawner, &reply, evo_clock_s() + limit_s);
    if (got < 0) { return say_lost(spawner, "is gone"); }
    *ended = got == 1;
    return EVO_OK;
}

enum evo_status evo_spawner_end(struct evo_spawner *spawner, pid_t pid, int *how)
{
    struct evo_spawner_request request = {.verb = EVO_SPAWNER_END, .pid = pid};
    struct evo_spawner_reply reply = {0};
    EVO_TRY(call(spawner, &request, NULL, NULL, &reply));
    EVO_CHECK(reply.pid == pid, EVO_ERR_INTERNAL, "process %d is no child of this rank", (int)pid);
    *how = (int)reply.how;
    replace(spawner, pid, 0);
    return EVO_OK;
}

const char *evo_spawner_how(int how, char *text, size_t size)
{
    if (WIFSIGNALED(how)) {
        snprintf(text, size, "signal %d (%s)", WTERMSIG(how), strsignal(WTERMSIG(how)));
        return text;
    }
    /* A shell reports the signal that ended what it ran so. */
    int code = WEXITSTATUS(how), by = code - 128;
    if (by > 0 && by < SIGSYS) {
        snprintf(text, size, "exit code %d: signal %d (%s)", code, by, strsignal(by));
    } else {
        snprintf(text, size, "exit code %d", code);
    }
    return text;
}
