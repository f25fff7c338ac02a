/* SPDX-License-Identifier: MIT */
/* The ranks other than 0: they work on pieces until they are dismissed. */
#include "farm.h"

#include <limits.h>
#include <string.h>

/* A rank without memory cannot answer but by ending the job. */
static void need_room(const struct evo_farm *farm, struct evo_farm_room *room, size_t bytes, const char *what)
{
    if (evo_farm_make_room(room, bytes, what) != EVO_OK) { evo_farm_abort(farm, evo_status_message()); }
}

/* ---- to rank 0 ---- */

/* Where the next answer is written: the one before the last must have left. */
static struct evo_farm_answer *begin_answer(struct evo_farm *farm, int which, size_t result_bytes)
{
    int left = 0;
    double began_s = evo_clock_s();
    while (true) {
        evo_farm_require(farm, MPI_Test(&farm->answered[which], &left, MPI_STATUS_IGNORE), "MPI_Test");
        if (left) { break; }
        evo_farm_pause(farm, began_s);
    }
    need_room(farm, &farm->answers[which], EVO_ANSWER_HEAD + result_bytes, "results of a piece");
    struct evo_farm_answer *answer = (struct evo_farm_answer *)(void *)farm->answers[which].data;
    memset(answer, 0, sizeof *answer);
    return answer;
}

static void send_answer(struct evo_farm *farm, int which, size_t result_bytes)
{
    struct evo_farm_answer *answer = (struct evo_farm_answer *)(void *)farm->answers[which].data;
    answer->raised = farm->raised != NULL && *farm->raised != 0;
    farm->told = farm->told || answer->raised != 0;
    evo_farm_require(farm, MPI_Isend(answer, (int)(EVO_ANSWER_HEAD + result_bytes), MPI_BYTE, 0, EVO_TAG_ANSWER,
                                     farm->comm, &farm->answered[which]), "MPI_Isend");
}

/* A rank that gets no work would else be the only one to know of a signal. */
static void tell_of_signal(struct evo_farm *farm, int which)
{
    if (farm->told || farm->raised == NULL || *farm->raised == 0) { return; }
    begin_answer(farm, which, 0)->kind = EVO_ANSWER_RAISED;
    send_answer(farm, which, 0);
}

/* ---- from rank 0 ---- */

static void await_order(struct evo_farm *farm, int which, struct evo_farm_order *order)
{
    MPI_Request request;
    int here = 0;
    double began_s = evo_clock_s();
    evo_farm_require(farm, MPI_Irecv(order, sizeof *order, MPI_BYTE, 0, EVO_TAG_ORDER, farm->comm, &request),
                     "MPI_Irecv");
    while (true) {
        evo_farm_require(farm, MPI_Test(&request, &here, MPI_STATUS_IGNORE), "MPI_Test");
        if (here) { return; }
        tell_of_signal(farm, which);
        evo_farm_pause(farm, began_s);
    }
}

static void take_items(struct evo_farm *farm, const struct evo_farm_job *job, const struct evo_farm_order *order)
{
    if (!order->has_items) { return; }
    size_t bytes = order->piece.n * job->item_bytes;
    need_room(farm, &farm->items, bytes, "a share of creatures");
    evo_farm_require(farm, MPI_Recv(farm->items.data, (int)bytes, MPI_BYTE, 0, EVO_TAG_ITEMS, farm->comm,
                                    MPI_STATUS_IGNORE), "MPI_Recv");
}

/* Whether others did the piece's work meanwhile. */
static bool is_cancelled(struct evo_farm *farm, const struct evo_farm_order *order)
{
    int here = 1;
    while (true) {
        evo_farm_require(farm, MPI_Iprobe(0, EVO_TAG_CANCEL, farm->comm, &here, MPI_STATUS_IGNORE), "MPI_Iprobe");
        if (!here) { break; }
        evo_farm_require(farm, MPI_Recv(&farm->cancelled, sizeof farm->cancelled, MPI_BYTE, 0, EVO_TAG_CANCEL,
                                        farm->comm, MPI_STATUS_IGNORE), "MPI_Recv");
    }
    return order->map <= farm->cancelled;
}

static enum evo_status work(struct evo_farm *farm, const struct evo_farm_job *job,
                            const struct evo_farm_order *order, bool whole, struct evo_farm_answer *answer)
{
    double began_s = evo_clock_s();
    char *results = (char *)answer + EVO_ANSWER_HEAD;
    enum evo_status status = job->work(job->context, order->label, &order->piece, whole, farm->items.data,
                                       results);
    if (job->note != NULL) { job->note(job->context, answer->note, sizeof answer->note); }
    answer->work_s = evo_clock_s() - began_s;
    return status;
}

/* After a failure nothing is worked on any more: the status and its message stay what they are. */
static void serve_piece(struct evo_farm *farm, const struct evo_farm_job *job, const struct evo_farm_order *order,
                        int which, enum evo_status *mine)
{
    bool whole = order->piece.n_parts == order->n_parts;
    size_t bytes = order->piece.n * job->result_bytes * (whole ? 1 : (size_t)order->piece.n_parts);
    take_items(farm, job, order);
    bool skips = *mine != EVO_OK || is_cancelled(farm, order);
    if (skips) { bytes = 0; }
    struct evo_farm_answer *answer = begin_answer(farm, which, bytes);
    answer->kind = EVO_ANSWER_PIECE;
    answer->map = order->map;
    answer->slot = order->slot;
    answer->skipped = skips;
    if (!skips) { *mine = work(farm, job, order, whole, answer); }
    answer->status = (int32_t)*mine;
    send_answer(farm, which, bytes);
}

/* Nothing may be on its way when MPI ends. */
static void say_goodbye(struct evo_farm *farm, int which)
{
    struct evo_farm_order none = {.map = 0};
    begin_answer(farm, which, 0)->kind = EVO_ANSWER_BYE;
    send_answer(farm, which, 0);
    (void)is_cancelled(farm, &none);
    evo_farm_require(farm, MPI_Waitall(2, farm->answered, MPI_STATUSES_IGNORE), "MPI_Waitall");
}

enum evo_status evo_farm_serve(struct evo_farm *farm, const struct evo_farm_job *job, int *code)
{
    enum evo_status mine = EVO_OK;
    for (int which = 0;; which = 1 - which) {
        struct evo_farm_order order;
        await_order(farm, which, &order);
        if (order.dismisses) {
            *code = order.code;
            say_goodbye(farm, which);
            return order.status == EVO_OK ? EVO_OK : evo_farm_agree(farm, mine);
        }
        serve_piece(farm, job, &order, which, &mine);
    }
}
