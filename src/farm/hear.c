/* SPDX-License-Identifier: MIT */
/* Rank 0's ear: takes the other ranks' messages while it does other things, and blames who is silent. */
#include "hear.h"

#include <string.h>

/* ---- messages that come ---------------------------------------------------------------------------- */

static struct evo_farm_arrival *free_arrival(struct evo_farm *farm)
{
    for (size_t i = 0; i < farm->n_arrivals; i++) {
        if (!farm->arrivals[i].used) { return &farm->arrivals[i]; }
    }
    return NULL;
}

/* Begins to receive all that is there. */
static void receive(struct evo_farm *farm)
{
    struct evo_farm_arrival *arrival;
    while ((arrival = free_arrival(farm)) != NULL) {
        MPI_Message message;
        MPI_Status status;
        int here = 0, n = 0;
        evo_farm_require(farm, MPI_Improbe(MPI_ANY_SOURCE, EVO_TAG_ANSWER, farm->comm, &here, &message, &status),
                         "MPI_Improbe");
        if (!here) { return; }
        evo_farm_require(farm, MPI_Get_count(&status, MPI_BYTE, &n), "MPI_Get_count");
        if (evo_farm_make_room(&arrival->room, (size_t)n, "results of a rank") != EVO_OK) {
            evo_farm_abort(farm, evo_status_message());
        }
        arrival->used = true;
        arrival->rank = status.MPI_SOURCE;
        evo_farm_require(farm, MPI_Imrecv(arrival->room.data, n, MPI_BYTE, &message, &arrival->request),
                         "MPI_Imrecv");
    }
}

/* What any answer tells of its rank. */
static void note_answer(struct evo_farm *farm, int rank, const struct evo_farm_answer *answer)
{
    struct evo_farm_peer *peer = &farm->peers[rank];
    farm->event_s = peer->since_s = evo_clock_s();
    peer->waited_s = 0.0;
    farm->heard = farm->heard || answer->raised != 0;
    if (answer->kind == EVO_ANSWER_BYE) { peer->gone = true; }
    if (answer->kind != EVO_ANSWER_PIECE) { return; }
    struct evo_farm_slot *slot = &peer->slots[answer->slot];
    evo_farm_require(farm, MPI_Waitall(2, slot->sent, MPI_STATUSES_IGNORE), "MPI_Waitall");
    slot->used = false;
    peer->n_out--;
}

size_t evo_farm_hear(struct evo_farm *farm, evo_farm_heard *heard, void *context)
{
    size_t n = 0;
    receive(farm);
    for (size_t i = 0; i < farm->n_arrivals; i++) {
        struct evo_farm_arrival *arrival = &farm->arrivals[i];
        int whole = 0;
        if (!arrival->used) { continue; }
        evo_farm_require(farm, MPI_Test(&arrival->request, &whole, MPI_STATUS_IGNORE), "MPI_Test");
        if (!whole) { continue; }
        const struct evo_farm_answer *answer = (const struct evo_farm_answer *)(const void *)arrival->room.data;
        note_answer(farm, arrival->rank, answer);
        if (heard != NULL && answer->kind == EVO_ANSWER_PIECE) {
            heard(context, arrival->rank, answer, arrival->room.data + EVO_ANSWER_HEAD);
        }
        arrival->used = false;
        n++;
    }
    return n;
}

/* ---- silence ----------------------------------------------------------------------------------------- */

static bool is_awaited(const struct evo_farm_peer *peer, bool for_goodbye)
{
    return peer->n_out > 0 || (for_goodbye && !peer->gone);
}

/* Ends the job, naming the first of the ranks that have not answered for so long. */
static void report_stall(const struct evo_farm *farm, bool for_goodbye)
{
    int first = -1, n_others = 0;
    double waited_s = 0.0;
    for (int rank = 1; rank < farm->size; rank++) {
        const struct evo_farm_peer *peer = &farm->peers[rank];
        if (!is_awaited(peer, for_goodbye) || peer->waited_s <= farm->stall_timeout_s) { continue; }
        if (first < 0) {
            first = rank;
            waited_s = peer->waited_s;
        } else {
            n_others++;
        }
    }
    if (first < 0) { return; }
    char others[48] = "";
    if (n_others > 0) {
        snprintf(others, sizeof others, ", nor %s %d other%s", n_others == 1 ? "has" : "have", n_others,
                 n_others == 1 ? "" : "s");
    }
    evo_status_fail(EVO_ERR_FARM, "rank %d has not answered for %.3g s (farm.stall_timeout_s)%s; --resume goes on "
                    "from the last checkpoint", first, waited_s, others);
    evo_farm_abort(farm, evo_status_message());
}

void evo_farm_look(struct evo_farm *farm, bool for_goodbye)
{
    /* A job that was stopped as a whole and goes on must not blame anyone: of a long time between two
     * looks only a part counts. */
    const double most_s = 0.1;
    double now_s = evo_clock_s(), step_s = now_s - farm->looked_s;
    farm->looked_s = now_s;
    if (step_s > most_s) { step_s = most_s; }
    bool too_long = false;
    for (int rank = 1; rank < farm->size; rank++) {
        struct evo_farm_peer *peer = &farm->peers[rank];
        peer->waited_s = is_awaited(peer, for_goodbye) ? peer->waited_s + step_s : 0.0;
        too_long = too_long || peer->waited_s > farm->stall_timeout_s;
    }
    if (farm->stall_timeout_s > 0.0 && too_long) { report_stall(farm, for_goodbye); }
}
