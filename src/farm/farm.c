/* SPDX-License-Identifier: MIT */
/* Starting and ending MPI, and what all ranks have to agree on. */
#include "farm.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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

void evo_farm_library(char *text, size_t size)
{
    /* Allowed before MPI_Init. The first line, or the first part of a long one. */
    char version[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    MPI_Get_library_version(version, &length);
    version[strcspn(version, ",\n")] = '\0';
    snprintf(text, size, "%s", version);
}

enum evo_status evo_farm_make_room(struct evo_farm_room *room, size_t bytes, const char *what)
{
    if (bytes <= room->bytes && room->data != NULL) { return EVO_OK; }
    free(room->data);
    *room = (struct evo_farm_room){0};
    EVO_TRY(evo_alloc(bytes > 0 ? bytes : 1, 1, what, &room->data));
    room->bytes = bytes;
    return EVO_OK;
}

void evo_farm_pause(const struct evo_farm *farm, double event_s)
{
    /* Where each rank has a core, it is given away for a moment only: for rank 0's writer thread. Where ranks
     * outnumber cores, those that wait must not keep others from work: so many that look often would do so. */
    bool crowded = farm->crowding > 1.0;
    double patience_s = crowded ? 200e-6 : 20e-3, nap_s = 50e-6;
    if (evo_clock_s() - event_s < patience_s) {
        sched_yield();
        return;
    }
    if (farm->rank > 0 && crowded) { nap_s = 25e-6 * farm->crowding; }
    if (nap_s > 5e-3) { nap_s = 5e-3; }
    const struct timespec nap = {.tv_nsec = (long)(1e9 * nap_s)};
    nanosleep(&nap, NULL);
}

/* Ranks of this host over its cores. */
static double measure_crowding(const struct evo_farm *farm)
{
    MPI_Comm here;
    int n_ranks = 1;
    long n_cores = sysconf(_SC_NPROCESSORS_ONLN);
    evo_farm_require(farm, MPI_Comm_split_type(farm->comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here),
                     "MPI_Comm_split_type");
    MPI_Comm_size(here, &n_ranks);
    MPI_Comm_free(&here);
    return (double)n_ranks / (double)(n_cores > 0 ? n_cores : 1);
}

static void release(struct evo_farm *farm)
{
    for (int rank = 0; farm->peers != NULL && rank < farm->size; rank++) {
        for (size_t i = 0; i < EVO_FARM_SLOTS; i++) { free(farm->peers[rank].slots[i].items.data); }
    }
    for (size_t i = 0; farm->arrivals != NULL && i < farm->n_arrivals; i++) { free(farm->arrivals[i].room.data); }
    free(farm->ends);
    free(farm->peers);
    free(farm->arrivals);
    free(farm->done.data);
    free(farm->blocks.data);
    free(farm->items.data);
    free(farm->answers[0].data);
    free(farm->answers[1].data);
    free(farm);
}

/* What rank 0 keeps of the others, and they of their messages. */
static enum evo_status make_memory(struct evo_farm *farm)
{
    size_t size = (size_t)farm->size;
    farm->answered[0] = farm->answered[1] = MPI_REQUEST_NULL;
    if (farm->rank > 0) { return EVO_OK; }
    farm->root_weight = 1.0;
    farm->n_arrivals = size * EVO_FARM_SLOTS;
    EVO_TRY(evo_alloc(size, sizeof *farm->ends, "farm", &farm->ends));
    EVO_TRY(evo_alloc(farm->n_arrivals, sizeof *farm->arrivals, "farm", &farm->arrivals));
    EVO_TRY(evo_alloc(size, sizeof *farm->peers, "farm", &farm->peers));
    for (size_t rank = 0; rank < size; rank++) {
        struct evo_farm_peer *peer = &farm->peers[rank];
        peer->cancel = peer->farewell = MPI_REQUEST_NULL;
        for (size_t i = 0; i < EVO_FARM_SLOTS; i++) {
            peer->slots[i].sent[0] = peer->slots[i].sent[1] = MPI_REQUEST_NULL;
        }
    }
    return EVO_OK;
}

enum evo_status evo_farm_begin(int *argc, char ***argv, struct evo_farm **out)
{
    enum evo_status status = EVO_OK;
    struct evo_farm *farm = NULL;
    evo_farm_warn_of_srun();
    /* The store's writer thread never calls MPI. */
    int given = MPI_THREAD_SINGLE;
    EVO_CHECK(MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &given) == MPI_SUCCESS,
              EVO_ERR_FARM, "MPI could not be started");
    EVO_GOTO(evo_alloc(1, sizeof *farm, "farm", &farm));
    MPI_Comm_rank(MPI_COMM_WORLD, &farm->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &farm->size);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    if (farm->size == 1) { EVO_GOTO(evo_farm_check_alone()); }
    EVO_CHECK_GOTO(given >= MPI_THREAD_FUNNELED, EVO_ERR_FARM,
                   "this MPI library has no thread support (MPI_THREAD_FUNNELED); use one that has");
    evo_farm_require(farm, MPI_Comm_dup(MPI_COMM_WORLD, &farm->comm), "MPI_Comm_dup");
    farm->crowding = measure_crowding(farm);
    EVO_GOTO(make_memory(farm));
    *out = farm;
    farm = NULL;
done:
    if (status != EVO_OK && farm != NULL && farm->size == 1) {
        MPI_Finalize();
        release(farm);
    } else if (status != EVO_OK) { /* The other ranks may be waiting already. */
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
    release(farm);
}

int evo_farm_rank(const struct evo_farm *farm) { return farm->rank; }
int evo_farm_size(const struct evo_farm *farm) { return farm->size; }
void evo_farm_watch(struct evo_farm *farm, const volatile int *raised) { farm->raised = raised; }

enum evo_status evo_farm_agree(struct evo_farm *farm, enum evo_status status)
{
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
        evo_farm_require(farm, MPI_Send(message, sizeof message, MPI_CHAR, 0, EVO_TAG_MESSAGE, farm->comm),
                         "MPI_Send");
    } else if (farm->rank == 0) {
        evo_farm_require(farm, MPI_Recv(message, sizeof message, MPI_CHAR, worst.rank, EVO_TAG_MESSAGE,
                                        farm->comm, MPI_STATUS_IGNORE), "MPI_Recv");
        return evo_status_fail((enum evo_status)worst.status, "rank %d: %s", worst.rank, message);
    }
    return (enum evo_status)worst.status;
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

/* A long text from a little before the place where it differs. */
static const char *show_difference(char *shown, size_t size, const char *text, size_t place)
{
    const size_t before = 40;
    bool is_cut = strlen(text) >= size / 2 && place > before;
    snprintf(shown, size, "%s%s", is_cut ? "..." : "", is_cut ? text + place - before : text);
    return shown;
}

enum evo_status evo_farm_compare(struct evo_farm *farm, const char *what, const char *text,
                                 enum evo_status unlike)
{
    char *root = farm->rank == 0 ? (char *)(uintptr_t)text : NULL;
    EVO_TRY(evo_farm_share_text(farm, &root));
    enum evo_status status = EVO_OK;
    if (strcmp(text, root) != 0) {
        char host[128] = "", shown[256], shown_root[256];
        size_t place = 0;
        while (text[place] == root[place]) { place++; }
        if (gethostname(host, sizeof host - 1) != 0) { host[0] = '\0'; }
        status = evo_status_fail(unlike, "%s on host %s is %s, and on rank 0 it is %s; all ranks "
                                 "need the same", what, host,
                                 show_difference(shown, sizeof shown, text, place),
                                 show_difference(shown_root, sizeof shown_root, root, place));
    }
    if (farm->rank != 0) { free(root); }
    return evo_farm_agree(farm, status);
}
