/* SPDX-License-Identifier: MIT */
/* Who started this process: what the environment says of it, and what the process tree shows. */
#include "farm.h"

#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* ---- the environment ---------------------------------------------------------------------- */

/* The variables in which launchers tell a process its rank, and how many there are. */
struct claim {
    const char *rank_name, *size_name;
};
static const struct claim open_mpi_claim = {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"};
static const struct claim pmi_claim = {"PMI_RANK", "PMI_SIZE"}; // MPICH, Intel MPI, Cray, Flux
static const struct claim pmix_claim = {"PMIX_RANK", "SLURM_STEP_NUM_TASKS"}; // srun --mpi=pmix
/* SLURM_NTASKS is also set in a batch script, which is one process. */
static const struct claim slurm_claim = {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS"};
static const struct claim mvapich_claim = {"MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"};
static const struct claim jsrun_claim = {"JSM_NAMESPACE_RANK", "JSM_NAMESPACE_SIZE"};
static const struct claim *const claims[] = {&open_mpi_claim, &pmi_claim,   &mvapich_claim,
                                             &jsrun_claim,    &pmix_claim, &slurm_claim};

static bool read_number(const char *name, int *number)
{
    const char *text = getenv(name);
    if (text == NULL || !isdigit((unsigned char)text[0])) { return false; }
    char *end = NULL;
    long value = strtol(text, &end, 10);
    if (*end != '\0' || value > 1 << 30) { return false; }
    *number = (int)value;
    return true;
}

/* Whether a claim is made, and of what. */
static bool read_claim(const struct claim *claim, int *rank, int *size)
{
    return read_number(claim->rank_name, rank) && read_number(claim->size_name, size) &&
           *rank < *size;
}

static bool has_variable(const char *prefix)
{
    for (char **entry = environ; *entry != NULL; entry++) {
        if (strncmp(*entry, prefix, strlen(prefix)) == 0) { return true; }
    }
    return false;
}

static bool is_open_mpi(void)
{
    char library[64];
    evo_farm_library(library, sizeof library);
    return strncmp(library, "Open MPI", strlen("Open MPI")) == 0;
}

/* The claim that this program's own MPI will believe: its launcher's address stands beside it. */
static const struct claim *own_claim(void)
{
    int rank, size;
    if (!is_open_mpi()) {
        bool reachable = has_variable("PMI_FD=") || has_variable("PMI_PORT=") ||
                         has_variable("PMIX_SERVER_URI");
        return reachable && read_claim(&pmi_claim, &rank, &size) ? &pmi_claim : NULL;
    }
    if (!has_variable("PMIX_SERVER_URI") && !has_variable("OMPI_MCA_orte_hnp_uri=")) { return NULL; }
    if (read_claim(&open_mpi_claim, &rank, &size)) { return &open_mpi_claim; }
    return read_claim(&pmix_claim, &rank, &size) ? &pmix_claim : NULL;
}

/* ---- the process tree --------------------------------------------------------------------- */

enum kind {
    KIND_NONE,
    KIND_MPIRUN,     ///< hands signals on to its ranks
    KIND_DAEMON,     ///< mpirun's helper; mpirun itself may be on another host
    KIND_SLURM_STEP, ///< srun's tasks
    KIND_SLURM_SHELL ///< a batch script, or the shell of salloc: one process
};

struct launcher {
    enum kind kind;
    long pid;
    bool passes_on; ///< a signal USR1 to it harms no process between it and this one
    char step[32];  ///< KIND_SLURM_STEP: "JOB.STEP"
};

/* Reads a small file of /proc; false where there is none. */
static bool read_proc(long pid, const char *name, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", pid, name);
    FILE *file = fopen(path, "re");
    if (file == NULL) { return false; }
    size_t n = fread(text, 1, size - 1, file);
    fclose(file);
    text[n] = '\0';
    return n > 0;
}

/* The name of a process, and its parent: "pid (name) S parent ...". */
static bool read_process(long pid, char name[32], long *parent)
{
    char text[512];
    if (!read_proc(pid, "stat", text, sizeof text)) { return false; }
    const char *open = strchr(text, '('), *close = strrchr(text, ')');
    if (open == NULL || close == NULL || close < open) { return false; }
    snprintf(name, 32, "%.*s", (int)(close - open - 1), open + 1);
    const char *number = strlen(close) > 4 ? close + 4 : "";
    char *end = NULL;
    *parent = strtol(number, &end, 10);
    return end != number;
}

/* Whether a process lives on when USR1 comes: it ignores or catches it. */
static bool survives_usr1(long pid)
{
    char text[4096];
    if (!read_proc(pid, "status", text, sizeof text)) { return false; }
    static const char *const masks[] = {"\nSigIgn:", "\nSigCgt:"};
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        const char *mask = strstr(text, masks[i]);
        if (mask == NULL) { continue; }
        if ((strtoull(mask + strlen(masks[i]), NULL, 16) >> (SIGUSR1 - 1) & 1) != 0) { return true; }
    }
    return false;
}

/* slurmstepd calls itself "slurmstepd: [JOB.STEP]"; a batch script's step is called "batch". */
static enum kind kind_of_step(long pid, char step[32])
{
    char title[256];
    const char *open =
        read_proc(pid, "cmdline", title, sizeof title) ? strchr(title, '[') : NULL;
    size_t n = open != NULL ? strspn(open + 1, "0123456789.+") : 0;
    if (n == 0 || open[n + 1] != ']') { return KIND_SLURM_SHELL; }
    snprintf(step, 32, "%.*s", (int)n, open + 1);
    return KIND_SLURM_STEP;
}

static enum kind kind_of(long pid, const char *name, char step[32])
{
    static const struct {
        const char *stem; ///< alone, or before a dot or an underscore: mpiexec.hydra
        enum kind kind;
    } names[] = {{"mpirun", KIND_MPIRUN},     {"mpiexec", KIND_MPIRUN},
                 {"orterun", KIND_MPIRUN},    {"prterun", KIND_MPIRUN},
                 {"prun", KIND_MPIRUN},       {"orted", KIND_DAEMON},
                 {"prted", KIND_DAEMON},      {"prte", KIND_DAEMON},
                 {"hydra", KIND_DAEMON},      {"pmi_proxy", KIND_DAEMON},
                 {"flux-shell", KIND_DAEMON}, {"jsmd", KIND_DAEMON}};
    if (strcmp(name, "slurmstepd") == 0) { return kind_of_step(pid, step); }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t n = strlen(names[i].stem);
        bool is_whole = strncmp(name, names[i].stem, n) == 0 &&
                        (name[n] == '\0' || name[n] == '.' || name[n] == '_');
        if (is_whole) { return names[i].kind; }
    }
    return KIND_NONE;
}

/* The nearest launcher above this process. Of mpirun's helpers the search goes on to mpirun itself,
 * which may be on this host. False where the process tree cannot be read. */
static bool find_launcher(struct launcher *launcher)
{
    enum { DEEPEST = 64 };
    *launcher = (struct launcher){.kind = KIND_NONE};
    bool passes_on = true;
    long pid = (long)getppid();
    for (int depth = 0; depth < DEEPEST && pid > 0; depth++) {
        char name[32], step[32] = "";
        long parent = 0;
        if (!read_process(pid, name, &parent)) { return depth > 0; }
        enum kind kind = kind_of(pid, name, step);
        bool is_better = kind == KIND_MPIRUN || launcher->kind == KIND_NONE;
        if (kind != KIND_NONE && is_better) {
            *launcher = (struct launcher){.kind = kind, .pid = pid, .passes_on = passes_on};
            memcpy(launcher->step, step, sizeof step);
        }
        if (kind != KIND_NONE && kind != KIND_DAEMON) { return true; }
        if (launcher->kind == KIND_NONE) { passes_on = passes_on && survives_usr1(pid); }
        pid = parent;
    }
    return true;
}

/* ---- what follows from both --------------------------------------------------------------- */

int evo_farm_rank_hint(void)
{
    int rank = 0, size = 1;
    struct launcher launcher;
    const struct claim *claim = own_claim();
    if (claim == NULL || !read_claim(claim, &rank, &size)) { return 0; }
    /* Variables outlive their launcher, in a shell that it started or in a file. */
    bool is_readable = find_launcher(&launcher);
    bool is_there = launcher.kind != KIND_NONE && launcher.kind != KIND_SLURM_SHELL;
    return is_there || !is_readable ? rank : 0;
}

bool evo_farm_is_terminal(void)
{
    if (isatty(STDOUT_FILENO) != 1) { return false; }
    if (getenv(open_mpi_claim.rank_name) == NULL) { return true; }
    /* mpirun gives its ranks a pseudo-terminal; on another host its daemon has no terminal. */
    struct launcher launcher;
    if (!find_launcher(&launcher) || launcher.kind != KIND_MPIRUN) { return false; }
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/fd/1", launcher.pid);
    int file = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) { return false; }
    bool is_terminal = isatty(file) == 1;
    close(file);
    return is_terminal;
}

void evo_farm_stop_command(const struct evo_farm *farm, char *text, size_t size)
{
    struct launcher launcher;
    char host[128] = "";
    bool is_found = own_claim() != NULL && find_launcher(&launcher) && launcher.kind != KIND_NONE;
    if (is_found && launcher.passes_on && launcher.kind == KIND_MPIRUN) {
        snprintf(text, size, "kill -USR1 %ld", launcher.pid);
        return;
    }
    if (is_found && launcher.passes_on && launcher.kind == KIND_SLURM_STEP) {
        snprintf(text, size, "scancel --signal=USR1 %s", launcher.step);
        return;
    }
    /* One rank that hears it is enough. Where the launcher is not on this host, nor may whoever
     * reads this be. */
    bool is_local = farm->size == 1 || (is_found && launcher.kind == KIND_MPIRUN);
    if (is_local || gethostname(host, sizeof host - 1) != 0) { host[0] = '\0'; }
    snprintf(text, size, "kill -USR1 %ld%s%s", (long)getpid(), host[0] != '\0' ? " on host " : "",
             host);
}

void evo_farm_warn_of_srun(void)
{
    int rank, size;
    if (!is_open_mpi() || own_claim() != NULL || !read_claim(&slurm_claim, &rank, &size)) { return; }
    struct launcher launcher;
    find_launcher(&launcher);
    if (size < 2 || launcher.kind != KIND_SLURM_STEP) { return; }
    evo_log(EVO_LOG_WARNING,
            "srun started %d processes without PMIx, by which Open MPI would know of them: start "
            "them by srun --mpi=pmix (srun --mpi=list says whether it is there), or by mpirun",
            size);
}

/* A claim of SLURM's counts only where nothing else stands between its step and this process. */
static bool is_believable(const struct claim *claim)
{
    struct launcher launcher;
    if (claim != &slurm_claim && claim != &pmix_claim) { return true; }
    find_launcher(&launcher);
    return launcher.kind == KIND_NONE || launcher.kind == KIND_SLURM_STEP;
}

enum evo_status evo_farm_check_alone(void)
{
    int rank = 0, size = 1;
    const struct claim *own = own_claim();
    if (own != NULL && read_claim(own, &rank, &size) && size == 1) { return EVO_OK; }
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        const struct claim *claim = claims[i];
        if (!read_claim(claim, &rank, &size) || size < 2 || !is_believable(claim)) { continue; }
        char library[64];
        evo_farm_library(library, sizeof library);
        return evo_status_fail(
            EVO_ERR_FARM,
            "%s = %d says that %d processes were started, but this program's MPI (%s) knows of this "
            "one alone (%s = %d), so each would be a run of its own; start them by the mpirun of "
            "that MPI%s. Where a run of one rank is meant: env -u %s evompi ...",
            claim->size_name, size, size, library, claim->rank_name, rank,
            is_open_mpi() ? ", or by srun --mpi=pmix" : "", claim->size_name);
    }
    return EVO_OK;
}
