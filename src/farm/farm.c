/* SPDX-License-Identifier: MIT */
/* Starting and ending MPI, and what all ranks have to agree on. */
#include "farm.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void evo_farm_abort(const struct evo_farm *farm, const char *message)
{
    evo_log(EVO_LOG_ERROR, "rank %d of %d: %s", farm->rank, farm->size, message);
    MPI_Abort(MPI_COMM_WORLD, evo_status_exit_code(EVO_ERR_FARM));
    abort(); // MPI_Abort does not come back; the compiler does not know
}

void evo_farm_require(const struct evo_farm *farm, int mpi_result, const char *call)
{
    if (mpi_result == MPI_SUCCESS) { return; }
    char reason[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    MPI_Error_string(mpi_result, reason, &length);
    evo_status_fail(EVO_ERR_FARM, "%s failed: %s", call, reason);
    evo_farm_abort(farm, evo_status_message());
}

int evo_farm_rank_hint(void)
{
    /* Open MPI, PMIx (srun), SLURM without PMI, MPICH and Intel MPI. */
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK",
                                        "SLURM_PROCID"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL) { return (int)strtol(value, NULL, 10); }
    }
    return 0;
}

bool evo_farm_is_terminal(void)
{
    if (getenv("OMPI_COMM_WORLD_RANK") == NULL) { return isatty(STDOUT_FILENO) == 1; }
    /* Our parent is mpirun, or on another node its daemon, whose output is no terminal. */
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/fd/1", (long)getppid());
    int file = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) { return false; }
    bool is_terminal = isatty(file) == 1;
    close(file);
    return is_terminal;
}

void evo_farm_library(char *text, size_t size)
{
    /* Allowed before MPI_Init. The first line, or the first part of a long one. */
    char version[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    MPI_Get_library_version(version, &length);
    version[strcspn(version, ",\n")] = '\0';
    snprintf(text, size, "%s", version);
}

enum evo_status evo_farm_begin(int *argc, char ***argv, struct evo_farm **out)
{
    enum evo_status status = EVO_OK;
    struct evo_farm *farm = NULL;
    /* The store's writer thread never calls MPI. */
    int given = MPI_THREAD_SINGLE;
    EVO_CHECK(MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &given) == MPI_SUCCESS,
              EVO_ERR_FARM, "MPI could not be started");
    EVO_GOTO(evo_alloc(1, sizeof *farm, "farm", &farm));
    MPI_Comm_rank(MPI_COMM_WORLD, &farm->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &farm->size);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    EVO_CHECK_GOTO(given >= MPI_THREAD_FUNNELED, EVO_ERR_FARM,
                   "this MPI library has no thread support (MPI_THREAD_FUNNELED); use one that has");
    evo_farm_require(farm, MPI_Comm_dup(MPI_COMM_WORLD, &farm->comm), "MPI_Comm_dup");

    size_t size = (size_t)farm->size;
    farm->root_weight = 1.0;
    EVO_GOTO(evo_alloc(size, sizeof *farm->counts, "farm", &farm->counts));
    EVO_GOTO(evo_alloc(size, sizeof *farm->mpi_counts, "farm", &farm->mpi_counts));
    EVO_GOTO(evo_alloc(size, sizeof *farm->starts, "farm", &farm->starts));
    EVO_GOTO(evo_alloc(size, sizeof *farm->reports, "farm", &farm->reports));
    EVO_GOTO(evo_alloc(2 * size, sizeof *farm->done, "farm", &farm->done));
    EVO_GOTO(evo_alloc(2 * size, sizeof(MPI_Request), "farm", &farm->requests));
    for (size_t i = 0; i < 2 * size; i++) { farm->requests[i] = MPI_REQUEST_NULL; }
    *out = farm;
    farm = NULL;
done:
    if (status != EVO_OK) { /* The other ranks may be waiting already. */
        struct evo_farm nobody = {.rank = 0, .size = 0};
        MPI_Comm_rank(MPI_COMM_WORLD, &nobody.rank);
        MPI_Comm_size(MPI_COMM_WORLD, &nobody.size);
        evo_farm_abort(farm != NULL ? farm : &nobody, evo_status_message());
    }
    return status;
}

void evo_farm_end(struct evo_farm *farm)
{
    if (farm == NULL) { return; }
    MPI_Comm_free(&farm->comm);
    MPI_Finalize();
    free(farm->counts);
    free(farm->mpi_counts);
    free(farm->starts);
    free(farm->reports);
    free(farm->done);
    free(farm->requests);
    free(farm->items);
    free(farm->results);
    free(farm);
}

int evo_farm_rank(const struct evo_farm *farm) { return farm->rank; }
int evo_farm_size(const struct evo_farm *farm) { return farm->size; }
void evo_farm_watch(struct evo_farm *farm, const volatile int *raised) { farm->raised = raised; }

enum evo_status evo_farm_agree(struct evo_farm *farm, enum evo_status status)
{
    enum { TAG = 1 };
    struct {
        int status, rank;
    } mine = {(int)status, farm->rank}, worst = {0, 0};
    evo_farm_require(farm, MPI_Allreduce(&mine, &worst, 1, MPI_2INT, MPI_MAXLOC, farm->comm),
                     "MPI_Allreduce");
    if (worst.status == EVO_OK || worst.rank == 0) { return (enum evo_status)worst.status; }

    /* The message goes to rank 0, which alone speaks. */
    char message[EVO_MESSAGE_MAX] = "";
    if (farm->rank == worst.rank) {
        snprintf(message, sizeof message, "%s", evo_status_message());
        evo_farm_require(farm, MPI_Send(message, sizeof message, MPI_CHAR, 0, TAG, farm->comm),
                         "MPI_Send");
    } else if (farm->rank == 0) {
        evo_farm_require(farm, MPI_Recv(message, sizeof message, MPI_CHAR, worst.rank, TAG,
                                        farm->comm, MPI_STATUS_IGNORE), "MPI_Recv");
        return evo_status_fail((enum evo_status)worst.status, "rank %d: %s", worst.rank, message);
    }
    return (enum evo_status)worst.status;
}

enum evo_status evo_farm_compare(struct evo_farm *farm, const char *what, const char *text)
{
    char mine[256], root[256], host[128] = "";
    memset(root, 0, sizeof root);
    snprintf(mine, sizeof mine, "%s", text);
    if (farm->rank == 0) { memcpy(root, mine, strlen(mine)); }
    evo_farm_require(farm, MPI_Bcast(root, sizeof root, MPI_CHAR, 0, farm->comm), "MPI_Bcast");
    enum evo_status status = EVO_OK;
    if (strcmp(mine, root) != 0) {
        if (gethostname(host, sizeof host - 1) != 0) { host[0] = '\0'; }
        status = evo_status_fail(EVO_ERR_FARM,
                                 "%s on host %s is %s, and on rank 0 it is %s; all ranks need the "
                                 "same", what, host, mine, root);
    }
    return evo_farm_agree(farm, status);
}

enum evo_status evo_farm_share_text(struct evo_farm *farm, char **text)
{
    uint64_t n = farm->rank == 0 ? strlen(*text) + 1 : 0;
    evo_farm_require(farm, MPI_Bcast(&n, 1, MPI_UINT64_T, 0, farm->comm), "MPI_Bcast");
    enum evo_status status = EVO_OK;
    if (farm->rank != 0) { status = evo_alloc(n, 1, "text from rank 0", text); }
    EVO_TRY(evo_farm_agree(farm, status));
    evo_farm_require(farm, MPI_Bcast(*text, (int)n, MPI_CHAR, 0, farm->comm), "MPI_Bcast");
    return EVO_OK;
}
