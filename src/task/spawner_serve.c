/* SPDX-License-Identifier: MIT */
/* The spawner's own process: starts children, reaps them, and leaves none behind. */
#include "spawner_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The socket's place, and how long the end of what was killed is waited for. */
enum { SOCKET = 3, LAST_WAIT_S = 2 };

struct child {
    pid_t pid; // 0: the place is free
    bool ended;
    int how;
    uint64_t asked; // number of the request that waits for its end; 0: none
    bool forget;    // its end is asked for the last time
};

struct server {
    pid_t rank;
    evo_spawner_work *const *works;
    size_t n_works;
    char *payload; // [EVO_SPAWNER_PAYLOAD]
    struct child children[EVO_SPAWNER_CHILDREN];
};

/* ---- children ------------------------------------------------------------------------------- */

static struct child *find(struct server *server, pid_t pid)
{
    for (size_t i = 0; i < EVO_SPAWNER_CHILDREN; i++) {
        if (server->children[i].pid == pid) { return &server->children[i]; }
    }
    return NULL;
}

static bool is_idle(const struct server *server)
{
    for (size_t i = 0; i < EVO_SPAWNER_CHILDREN; i++) {
        if (server->children[i].pid != 0 && !server->children[i].ended) { return false; }
    }
    return true;
}

static void kill_group(pid_t pid)
{
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL); // it may not have its group yet
}

/* What left its group and lost its parent is a child of ours now, and nobody's. Only when no child
 * of the table runs: else it may belong to that one. */
static void kill_strays(void)
{
    enum { MAX = 256 };
    pid_t pids[MAX];
    size_t n = evo_process_children(pids, MAX);
    for (size_t i = 0; i < n; i++) { kill(pids[i], SIGKILL); }
}

static void say(uint64_t number, pid_t pid, int how)
{
    struct evo_spawner_reply reply = {.number = number, .pid = pid, .how = how};
    ssize_t put =
        write(SOCKET, &reply, sizeof reply); // a rank that is gone is seen by the next read
    (void)put;
}

static void tell_end(struct child *child)
{
    say(child->asked, child->pid, child->how);
    child->asked = 0;
    if (child->forget) { *child = (struct child){0}; }
}

static void note_end(struct server *server, pid_t pid, int how)
{
    struct child *child = find(server, pid);
    if (child == NULL) { return; } // an orphan that was adopted
    child->ended = true;
    child->how = how;
    if (child->asked != 0) { tell_end(child); }
}

/* Takes in whoever has ended. What a child leaves in its group is killed before the child's number
 * can be another's: while it is not waited for. */
static void reap(struct server *server)
{
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
            break;
        }
        struct child *child = find(server, info.si_pid);
        if (child != NULL && !child->ended) { kill(-info.si_pid, SIGKILL); }
        int how = 0;
        if (waitpid(info.si_pid, &how, 0) == info.si_pid) { note_end(server, info.si_pid, how); }
    }
    if (is_idle(server)) { kill_strays(); }
}

/* ---- the end -------------------------------------------------------------------------------- */

static _Noreturn void finish(struct server *server)
{
    for (size_t i = 0; i < EVO_SPAWNER_CHILDREN; i++) {
        struct child *child = &server->children[i];
        if (child->pid != 0 && !child->ended) { kill_group(child->pid); }
    }
    double end_s = evo_clock_s() + LAST_WAIT_S;
    while (evo_clock_s() < end_s) {
        kill_strays(); // of the table's children too, which are dead
        if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD) { break; }
        usleep(1000);
    }
    _exit(0);
}

/* ---- requests ------------------------------------------------------------------------------- */

static void default_signals(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int i = 1; i < NSIG; i++) { sigaction(i, &action, NULL); } // SIGKILL and SIGSTOP refuse
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void be_child(struct server *server, const struct evo_spawner_request *request,
                               const int *fds, pid_t spawner)
{
    setpgid(0, 0);
    if (!evo_process_tie(spawner, SIGKILL)) { _exit(1); }
    close(SOCKET);
    evo_process_yield_memory();
    default_signals();
    evo_spawner_work *work = server->works[request->work];
    int code = work(server->payload, (size_t)request->payload, fds, (size_t)request->n_fds);
    fflush(NULL);
    _exit(code);
}

static void start(struct server *server, const struct evo_spawner_request *request, const int *fds)
{
    struct child *place = find(server, 0);
    if (place == NULL || request->work >= server->n_works) {
        say(request->number, -1, place == NULL ? EAGAIN : EINVAL);
        return;
    }
    pid_t spawner = getpid(), pid = fork();
    if (pid == 0) { be_child(server, request, fds, spawner); }
    int reason = errno;
    if (pid > 0) {
        setpgid(pid, pid); // whoever is first
        *place = (struct child){.pid = pid};
    }
    say(request->number, pid, pid < 0 ? reason : 0);
}

static void await(struct server *server, const struct evo_spawner_request *request)
{
    struct child *child = request->pid > 0 ? find(server, (pid_t)request->pid) : NULL;
    if (child == NULL) {
        say(request->number, -1, ESRCH);
        return;
    }
    child->asked = request->number;
    child->forget = request->verb == EVO_SPAWNER_END;
    if (child->ended) {
        tell_end(child);
    } else if (child->forget) {
        kill_group(child->pid);
    }
}

/* The head of a request and the descriptors with it; false at the end of the rank. */
static bool receive(struct evo_spawner_request *request, int *fds, size_t *n_fds)
{
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(EVO_SPAWNER_FDS * sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec part = {.iov_base = request, .iov_len = sizeof *request};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(SOCKET, &message, 0);
    if (got <= 0) { return false; }
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head != NULL && head->cmsg_type == SCM_RIGHTS) {
        *n_fds = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(fds, CMSG_DATA(head), *n_fds * sizeof(int));
    }
    size_t rest = sizeof *request - (size_t)got;
    return rest == 0 || evo_spawner_read_all(SOCKET, (char *)request + got, rest);
}

static void serve_one(struct server *server)
{
    struct evo_spawner_request request = {0};
    int fds[EVO_SPAWNER_FDS] = {-1, -1, -1, -1};
    size_t n_fds = 0;
    bool whole = receive(&request, fds, &n_fds) && request.payload <= EVO_SPAWNER_PAYLOAD &&
                 evo_spawner_read_all(SOCKET, server->payload, (size_t)request.payload);
    if (!whole) { finish(server); }
    if (request.verb == EVO_SPAWNER_START) {
        start(server, &request, fds);
    } else {
        await(server, &request);
    }
    for (size_t i = 0; i < n_fds; i++) { close(fds[i]); }
}

/* ---- the loop ------------------------------------------------------------------------------- */

static void wake(int signal) { (void)signal; }

/* It began with everything held back; SIGCHLD and SIGTERM come through while it waits. Who stops a
 * job by a signal to all its processes means the rank, not the spawner, which ends with the rank.
 */
static void set_signals(sigset_t *waiting)
{
    struct sigaction action = {.sa_handler = wake};
    sigaction(SIGCHLD, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigfillset(waiting);
    sigdelset(waiting, SIGCHLD);
    sigdelset(waiting, SIGTERM);
}

/* Only 0 to 2, and the socket at its place. */
static void take_descriptors(int file)
{
    if (file != SOCKET) { dup2(file, SOCKET); }
    evo_process_close_from(SOCKET + 1);
    for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
        if (i != STDIN_FILENO && i != file && fcntl(i, F_GETFD) >= 0) { continue; }
        int empty = open("/dev/null", O_RDWR);
        if (empty >= 0 && empty != i) {
            dup2(empty, i);
            close(empty);
        }
    }
}

_Noreturn void evo_spawner_serve(int file, pid_t rank, evo_spawner_work *const *works,
                                 size_t n_works)
{
    setpgid(0, 0);
    evo_process_rename("evo-spawner"); // "killall -9 evompi" must leave it time to clean up
    evo_process_adopt();
    struct server server = {.rank = rank, .works = works, .n_works = n_works};
    if (evo_alloc(EVO_SPAWNER_PAYLOAD, 1, "spawner", &server.payload) != EVO_OK) { _exit(1); }
    sigset_t waiting;
    set_signals(&waiting);
    take_descriptors(file);
    bool there = evo_process_tie(rank, SIGTERM);
    while (there) {
        fd_set files;
        FD_ZERO(&files);
        FD_SET(SOCKET, &files);
        int n = pselect(SOCKET + 1, &files, NULL, NULL, NULL, &waiting);
        there = getppid() == rank;
        reap(&server);
        if (n > 0) { serve_one(&server); }
    }
    finish(&server);
}
