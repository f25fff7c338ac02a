/* SPDX-License-Identifier: MIT */
/* One generation's work: scatter, work on every rank, gather. */
#include "farm.h"

#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum command { COMMAND_MAP, COMMAND_DISMISS };

/* What rank 0 tells all before each step. */
struct order {
    int32_t command, status, code;
    uint64_t n;
    struct evo_farm_label label;
    double root_weight;
};

/* Waits without keeping the core from others: rank 0's writer thread may want it. */
static void wait_politely(const struct evo_farm *farm, MPI_Request *request)
{
    int done = 0;
    while (true) {
        evo_farm_require(farm, MPI_Test(request, &done, MPI_STATUS_IGNORE), "MPI_Test");
        if (done) { return; }
        sched_yield();
    }
}

static void share_order(const struct evo_farm *farm, struct order *order)
{
    MPI_Request request;
    evo_farm_require(farm, MPI_Ibcast(order, sizeof *order, MPI_BYTE, 0, farm->comm, &request),
                     "MPI_Ibcast");
    wait_politely(farm, &request);
}

/* Every rank computes the same shares. */
static void compute_shares(struct evo_farm *farm, const struct order *order, size_t batch)
{
    evo_farm_shares((size_t)order->n, farm->size, order->root_weight, batch, farm->counts);
    int start = 0;
    for (int rank = 0; rank < farm->size; rank++) {
        farm->mpi_counts[rank] = (int)farm->counts[rank];
        farm->starts[rank] = start;
        start += farm->mpi_counts[rank];
    }
}

static MPI_Datatype bytes_type(const struct evo_farm *farm, size_t bytes)
{
    MPI_Datatype type;
    evo_farm_require(farm, MPI_Type_contiguous((int)bytes, MPI_BYTE, &type), "MPI_Type_contiguous");
    evo_farm_require(farm, MPI_Type_commit(&type), "MPI_Type_commit");
    return type;
}

/* ---- a share's way there and back ---- */

enum { TAG_ITEMS = 2, TAG_RESULTS, TAG_REPORT };

/* Ends the job, naming the first of the ranks that `requests` still wait for. Orders reach a rank
 * through one below it, so the others may only be held up by the first. */
static void report_stall(const struct evo_farm *farm, const MPI_Request *requests, double waited_s)
{
    int first = -1, n_others = 0;
    for (int rank = 0; rank < farm->size; rank++) {
        if (requests[rank] == MPI_REQUEST_NULL && requests[farm->size + rank] == MPI_REQUEST_NULL) {
            continue;
        }
        if (first < 0) { first = rank; } else { n_others++; }
    }
    evo_status_fail(EVO_ERR_FARM,
                    "rank %d has not answered for %.3g s (farm.stall_timeout_s), and %d other%s "
                    "wait%s; --resume goes on from the last checkpoint",
                    first, waited_s, n_others, n_others == 1 ? "" : "s", n_others == 1 ? "s" : "");
    evo_farm_abort(farm, evo_status_message());
}

/* Waits for farm->requests. A job that was stopped as a whole and goes on must not blame anyone:
 * of a long time between two looks only a part counts. */
static void await_ranks(const struct evo_farm *farm, double timeout_s)
{
    const double most_s = 0.1;
    double waited_s = 0.0, looked_s = evo_clock_s();
    while (true) {
        int n_done = 0;
        evo_farm_require(farm, MPI_Testsome(2 * farm->size, farm->requests, &n_done, farm->done,
                                            MPI_STATUSES_IGNORE), "MPI_Testsome");
        if (n_done == MPI_UNDEFINED) { return; }
        double now_s = evo_clock_s(), step_s = now_s - looked_s;
        looked_s = now_s;
        waited_s = n_done > 0 ? 0.0 : waited_s + (step_s < most_s ? step_s : most_s);
        if (timeout_s > 0.0 && waited_s > timeout_s) {
            report_stall(farm, farm->requests, waited_s);
        }
        sched_yield();
    }
}

/* Rank 0 hands out the shares. Single messages, as MPI_Scatterv sends them too, so that it is known
 * who does not take his. */
static void hand_out(const struct evo_farm *farm, const struct evo_farm_job *job, const void *items,
                     MPI_Datatype item)
{
    const char *bytes = items;
    for (int rank = 1; rank < farm->size; rank++) {
        if (farm->mpi_counts[rank] == 0) { continue; }
        evo_farm_require(farm, MPI_Isend(bytes + (size_t)farm->starts[rank] * job->item_bytes,
                                         farm->mpi_counts[rank], item, rank, TAG_ITEMS, farm->comm,
                                         &farm->requests[rank]), "MPI_Isend");
    }
    await_ranks(farm, job->stall_timeout_s);
}

/* Rank 0 collects scores, and what each rank says of its work. */
static void collect(const struct evo_farm *farm, const struct evo_farm_job *job, void *results,
                    MPI_Datatype result)
{
    char *bytes = results;
    for (int rank = 1; rank < farm->size; rank++) {
        if (farm->mpi_counts[rank] > 0) {
            evo_farm_require(farm, MPI_Irecv(bytes + (size_t)farm->starts[rank] * job->result_bytes,
                                             farm->mpi_counts[rank], result, rank, TAG_RESULTS,
                                             farm->comm, &farm->requests[rank]), "MPI_Irecv");
        }
        evo_farm_require(farm, MPI_Irecv(&farm->reports[rank], sizeof *farm->reports, MPI_BYTE,
                                         rank, TAG_REPORT, farm->comm,
                                         &farm->requests[farm->size + rank]), "MPI_Irecv");
    }
    await_ranks(farm, job->stall_timeout_s);
}

static void take_share(const struct evo_farm *farm, int n, void *items, MPI_Datatype item)
{
    if (n == 0) { return; }
    evo_farm_require(farm, MPI_Recv(items, n, item, 0, TAG_ITEMS, farm->comm, MPI_STATUS_IGNORE),
                     "MPI_Recv");
}

static void hand_in(const struct evo_farm *farm, int n, const void *results, MPI_Datatype result,
                    const struct evo_farm_report *report)
{
    if (n > 0) {
        evo_farm_require(farm, MPI_Send(results, n, result, 0, TAG_RESULTS, farm->comm),
                         "MPI_Send");
    }
    evo_farm_require(farm, MPI_Send(report, sizeof *report, MPI_BYTE, 0, TAG_REPORT, farm->comm),
                     "MPI_Send");
}

/* The three steps, on any rank: `items` and `results` are whole on rank 0 and this rank's block
 * elsewhere. Times go to `times` where it is not NULL. */
static enum evo_status fly_shares(struct evo_farm *farm, const struct evo_farm_job *job,
                                  struct evo_farm_label label, const void *items, void *results,
                                  struct evo_farm_times *times)
{
    int n = farm->mpi_counts[farm->rank];
    MPI_Datatype item = bytes_type(farm, job->item_bytes);
    MPI_Datatype result = bytes_type(farm, job->result_bytes);
    bool is_root = farm->rank == 0;

    double began = evo_clock_s();
    if (is_root) {
        hand_out(farm, job, items, item);
    } else {
        take_share(farm, n, (void *)(uintptr_t)items, item);
    }
    double scattered = evo_clock_s();
    struct evo_farm_report *report = &farm->reports[farm->rank];
    *report = (struct evo_farm_report){.status = EVO_OK};
    if (n > 0) {
        report->status = (int)job->work(job->context, label, (size_t)n, items, results);
    }
    if (n > 0 && job->note != NULL) { job->note(job->context, report->note, sizeof report->note); }
    double worked = evo_clock_s();
    report->work_s = worked - scattered;
    report->raised = farm->raised != NULL && *farm->raised != 0;

    if (is_root) {
        collect(farm, job, results, result);
    } else {
        hand_in(farm, n, results, result, report);
    }
    if (times != NULL) {
        *times = (struct evo_farm_times){.scatter_s = scattered - began,
                                         .work_s = worked - scattered,
                                         .gather_s = evo_clock_s() - worked};
    }
    MPI_Type_free(&item);
    MPI_Type_free(&result);
    return (enum evo_status)report->status;
}

/* Rank 0's speed against the others': what its writer thread and its neighbours leave it. */
static void measure_root(struct evo_farm *farm)
{
    const double smoothing = 0.2, least = 0.05, shortest_s = 20e-6;
    double items = 0.0, seconds = 0.0;
    for (int rank = 1; rank < farm->size; rank++) {
        items += (double)farm->counts[rank];
        seconds += farm->reports[rank].work_s;
    }
    double root_items = (double)farm->counts[0], root_seconds = farm->reports[0].work_s;
    /* Without a share of its own nothing is measured: it comes back little by little. */
    double ratio = 1.0, trust = smoothing / 10.0;
    if (root_items > 0.0) {
        if (root_seconds < shortest_s || seconds < shortest_s) { return; }
        ratio = (root_items / root_seconds) / (items / seconds);
        trust = smoothing;
    }
    farm->root_weight += trust * (ratio - farm->root_weight);
    if (farm->root_weight > 1.0) { farm->root_weight = 1.0; }
    if (farm->root_weight < least) { farm->root_weight = least; }
}

/* What the reports say beside failures. */
static void summarize_reports(const struct evo_farm *farm, struct evo_farm_times *times)
{
    double longest = 0.0, sum = 0.0;
    for (int rank = 0; rank < farm->size; rank++) {
        const struct evo_farm_report *report = &farm->reports[rank];
        if (report->work_s > longest) { longest = report->work_s; }
        sum += report->work_s;
        times->stop_heard = times->stop_heard || report->raised != 0;
        if (times->note[0] == '\0') { memcpy(times->note, report->note, sizeof times->note); }
    }
    times->idle_s = longest - sum / (double)farm->size;
}

static double root_weight(const struct evo_farm *farm, enum evo_farm_root root)
{
    switch (root) {
    case EVO_ROOT_AUTO: return farm->root_weight;
    case EVO_ROOT_FLIES: return 1.0;
    case EVO_ROOT_RESTS: return 0.0;
    }
    return 1.0;
}

enum evo_status evo_farm_map(struct evo_farm *farm, const struct evo_farm_job *job,
                             enum evo_farm_root root, struct evo_farm_label label, size_t n,
                             const void *items, void *results, struct evo_farm_times *times)
{
    EVO_CHECK(n <= INT_MAX, EVO_ERR_FARM, "%zu creatures are more than MPI can scatter at once (%d)",
              n, INT_MAX);
    struct order order = {.command = COMMAND_MAP, .label = label, .n = n,
                          .root_weight = root_weight(farm, root)};
    share_order(farm, &order);
    compute_shares(farm, &order, job->batch);
    enum evo_status status = fly_shares(farm, job, label, items, results, times);
    summarize_reports(farm, times);
    measure_root(farm);

    /* The message stays where it was made until dismissal. */
    for (int rank = 1; rank < farm->size && status == EVO_OK; rank++) {
        status = (enum evo_status)farm->reports[rank].status;
        farm->others_failed = status != EVO_OK;
    }
    return status;
}

static enum evo_status ensure_block(void **block, size_t *bytes, size_t needed, const char *what)
{
    if (needed <= *bytes && *block != NULL) { return EVO_OK; }
    free(*block);
    *block = NULL;
    *bytes = 0;
    EVO_TRY(evo_alloc(needed, 1, what, block));
    *bytes = needed;
    return EVO_OK;
}

/* One map on a rank other than 0. */
static enum evo_status serve_once(struct evo_farm *farm, const struct evo_farm_job *job,
                                  const struct order *order)
{
    compute_shares(farm, order, job->batch);
    size_t n = farm->counts[farm->rank];
    /* Rank 0 is scattering already: a rank without memory cannot answer but by ending the job. */
    if (ensure_block(&farm->items, &farm->items_bytes, n * job->item_bytes, "a share of creatures") !=
            EVO_OK ||
        ensure_block(&farm->results, &farm->results_bytes, n * job->result_bytes, "their scores") !=
            EVO_OK) {
        evo_farm_abort(farm, evo_status_message());
    }
    return fly_shares(farm, job, order->label, farm->items, farm->results, NULL);
}

enum evo_status evo_farm_serve(struct evo_farm *farm, const struct evo_farm_job *job, int *code)
{
    enum evo_status mine = EVO_OK;
    while (true) {
        struct order order;
        share_order(farm, &order);
        if (order.command == COMMAND_DISMISS) {
            *code = order.code;
            return order.status == EVO_OK ? EVO_OK : evo_farm_agree(farm, mine);
        }
        mine = serve_once(farm, job, &order);
    }
}

enum evo_status evo_farm_dismiss(struct evo_farm *farm, enum evo_status status, int code)
{
    struct order order = {.command = COMMAND_DISMISS, .status = (int32_t)status, .code = code};
    share_order(farm, &order);
    if (status == EVO_OK) { return EVO_OK; }
    return evo_farm_agree(farm, farm->others_failed ? EVO_OK : status);
}
