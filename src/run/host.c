/* SPDX-License-Identifier: MIT */
/* What tasks from outside need of this process: the children that it can start, made ready before MPI. */
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ISOLATED, PROGRAM, N_WORKS };

/* The child of an isolated task makes it from the resolved configuration. */
static int make(const void *payload, size_t n, struct evo_isolate_made *made, char *message,
                size_t message_bytes)
{
    struct evo_config *config = NULL;
    struct evo_task *task = NULL;
    enum evo_status status =
        evo_config_parse("child", payload, n, false, NULL, 0, evo_run_scope(), &config);
    if (status == EVO_OK) { status = evo_task_create_inside(config, &task, made); }
    if (status != EVO_OK) { snprintf(message, message_bytes, "%s", evo_status_message()); }
    return status == EVO_OK ? 0 : 1;
}

static int serve_isolated(const void *payload, size_t n, const int *fds, size_t n_fds)
{
    return evo_isolate_serve(make, payload, n, fds, n_fds);
}

static evo_spawner_work *const works[N_WORKS] = {serve_isolated, evo_program_child};

/* The folder of the adapters for programs: share/evompi beside this program, as in a build, or beside its
 * folder, as where it is installed; NULL where there is none. */
static const char *find_adapters(void)
{
    static char found[4096];
    static const char *const places[] = {"share/evompi", "../share/evompi"};
    char self[3072];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0) { return NULL; }
    self[n] = '\0';
    *strrchr(self, '/') = '\0';
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(found, sizeof found, "%s/%s/evompi_program.py", self, places[i]);
        if (access(found, R_OK) == 0) {
            *strrchr(found, '/') = '\0';
            return found;
        }
    }
    return NULL;
}

struct evo_task_host *evo_run_host(void)
{
    static struct evo_task_host host = {.works = works,
                                        .n_works = N_WORKS,
                                        .isolate_work = ISOLATED,
                                        .program_work = PROGRAM,
                                        .n_ranks = 1};
    host.version = evo_run_version();
    if (host.adapters == NULL) { host.adapters = find_adapters(); }
    evo_task_set_host(&host);
    return &host;
}

/* A rank that cannot read the configuration has it from rank 0 later: then no task may need children. */
enum evo_status evo_run_prepare(const struct evo_run_options *options)
{
    struct evo_task_host *host = evo_run_host();
    struct evo_config *config = NULL;
    enum evo_status status =
        evo_run_read_config(options->config_path, options->sets, options->n_sets, &config);
    if (status == EVO_OK && evo_task_needs_children(config)) {
        status = evo_spawner_create(works, N_WORKS, &host->spawner);
    } else if (status != EVO_ERR_MEMORY) {
        status = EVO_OK; // what is wrong with the configuration is said by the job, once
    }
    evo_config_destroy(config);
    host->closed = true;
    return status;
}
