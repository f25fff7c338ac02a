/* SPDX-License-Identifier: MIT */
/* One map, on rank 0, and the end of all maps. */
#include "lead.h"

#include <stdlib.h>
#include <string.h>

static bool all_answered(const struct evo_lead *lead)
{
    for (int rank = 1; rank < lead->farm->size; rank++) {
        const struct evo_farm_peer *peer = &lead->farm->peers[rank];
        if (peer->n_out > 0) { return false; }
    }
    return true;
}

/* With static shares, and after a failure, all that were asked have to answer. */
static bool is_over(const struct evo_lead *lead)
{
    if (lead->status != EVO_OK) { return all_answered(lead); }
    return lead->n_done == lead->cut.n_units && (lead->dynamic || all_answered(lead));
}

static void set_shares(struct evo_lead *lead, enum evo_farm_root root)
{
    struct evo_farm *farm = lead->farm;
    double weight = root == EVO_ROOT_AUTO ? farm->root_weight : root == EVO_ROOT_FLIES ? 1.0 : 0.0;
    lead->root_works = weight > 0.0;
    lead->end = lead->cut.n_units;
    for (int rank = 1; rank < farm->size; rank++) {
        farm->peers[rank].busy_s = 0.0;
        farm->peers[rank].n_units = 0;
    }
    if (lead->dynamic) { return; }
    evo_cut_shares(&lead->cut, farm->size, weight, farm->ends);
    lead->end = farm->ends[0];
    for (int rank = 1; rank < farm->size; rank++) {
        farm->peers[rank].next = farm->ends[rank - 1];
        farm->peers[rank].end = farm->ends[rank];
    }
}

static enum evo_status make_rooms(struct evo_lead *lead)
{
    struct evo_farm *farm = lead->farm;
    size_t n_blocks = lead->cut.n_ranges > 1 ? lead->cut.n_blocks : 0;
    EVO_TRY(evo_farm_make_room(&farm->done, lead->cut.n_units, "what is done"));
    EVO_TRY(evo_farm_make_room(&farm->blocks, n_blocks * sizeof *lead->blocks, "what is done"));
    lead->done = (unsigned char *)farm->done.data;
    memset(lead->done, 0, lead->cut.n_units);
    if (n_blocks == 0) { return EVO_OK; }
    lead->blocks = (struct evo_farm_block *)(void *)farm->blocks.data;
    memset(lead->blocks, 0, n_blocks * sizeof *lead->blocks);
    return EVO_OK;
}

static void release_blocks(struct evo_lead *lead)
{
    for (size_t i = 0; lead->blocks != NULL && i < lead->cut.n_blocks; i++) { free(lead->blocks[i].parts); }
}

/* Whoever is late need not begin what is done. */
static void cancel(struct evo_farm *farm)
{
    for (int rank = 1; rank < farm->size; rank++) {
        struct evo_farm_peer *peer = &farm->peers[rank];
        int sent = 0;
        if (peer->n_out == 0) { continue; }
        evo_farm_require(farm, MPI_Test(&peer->cancel, &sent, MPI_STATUS_IGNORE), "MPI_Test");
        if (!sent) { continue; }
        peer->cancelled = farm->map;
        evo_farm_require(farm, MPI_Isend(&peer->cancelled, sizeof peer->cancelled, MPI_BYTE, rank, EVO_TAG_CANCEL,
                                         farm->comm, &peer->cancel), "MPI_Isend");
    }
}

/* Rank 0's speed against the others': what its writer thread and its neighbours leave it. */
static void measure_root(const struct evo_lead *lead)
{
    const double smoothing = 0.2, least = 0.05, shortest_s = 20e-6;
    struct evo_farm *farm = lead->farm;
    double units = 0.0, seconds = 0.0;
    for (int rank = 1; rank < farm->size; rank++) {
        units += (double)farm->peers[rank].n_units;
        seconds += farm->peers[rank].busy_s;
    }
    /* Without a share of its own nothing is measured: it comes back little by little. */
    double ratio = 1.0, trust = smoothing / 10.0;
    if (lead->n_units > 0) {
        if (lead->busy_s < shortest_s || seconds < shortest_s) { return; }
        ratio = ((double)lead->n_units / lead->busy_s) / (units / seconds);
        trust = smoothing;
    }
    farm->root_weight += trust * (ratio - farm->root_weight);
    farm->root_weight = farm->root_weight > 1.0 ? 1.0 : farm->root_weight < least ? least : farm->root_weight;
}

static void summarize(struct evo_lead *lead, double began_s)
{
    struct evo_farm *farm = lead->farm;
    struct evo_farm_times *times = lead->times;
    if (lead->cut.n_units == 0) { return; }
    double wall_s = evo_clock_s() - began_s;
    times->work_s = lead->busy_s;
    times->all_work_s = lead->busy_s;
    for (int rank = 1; rank < farm->size; rank++) { times->all_work_s += farm->peers[rank].busy_s; }
    times->gather_s = wall_s - times->scatter_s - times->work_s;
    times->idle_s = wall_s - times->all_work_s / (double)farm->size;
    times->stop_heard = farm->heard || (farm->raised != NULL && *farm->raised != 0);
    farm->heard = false;
    farm->part_s = evo_place_unit_s(lead) / ((double)lead->cut.block * (double)lead->cut.grain);
    if (lead->status != EVO_OK) { return; }
    if (!lead->dynamic) { measure_root(lead); }
    /* Of few pieces nothing is learnt. */
    if (lead->cut.n_units >= 2 * (size_t)farm->size) {
        evo_balance_learn(&farm->balance, (double)lead->cut.n * (double)lead->cut.n_parts, wall_s, times->idle_s);
    }
}

static void run(struct evo_lead *lead)
{
    struct evo_farm *farm = lead->farm;
    double began_s = evo_clock_s();
    farm->looked_s = farm->event_s = began_s;
    evo_give_feed(lead);
    lead->times->scatter_s = evo_clock_s() - began_s;
    while (!is_over(lead)) {
        if (evo_farm_hear(farm, evo_place_heard, lead) > 0) {
            evo_give_feed(lead);
        } else if (!evo_work_a_little(lead)) {
            evo_farm_pause(farm, farm->event_s);
        }
        if (lead->dynamic && lead->status == EVO_OK && lead->next >= lead->cut.n_units) { evo_give_rescue(lead); }
        evo_farm_look(farm, false);
    }
    if (lead->dynamic) { cancel(farm); }
    summarize(lead, began_s);
}

/* A rank alone does all at once. */
static enum evo_status run_alone(const struct evo_farm *farm, const struct evo_farm_job *job,
                                 struct evo_farm_label label, const struct evo_farm_load *load,
                                 struct evo_farm_times *times)
{
    const struct evo_farm_piece all = {0, load->n, 0, load->n_parts};
    double began_s = evo_clock_s();
    enum evo_status status = EVO_OK;
    if (load->n > 0) { status = job->work(job->context, label, &all, true, load->items, load->results); }
    if (load->n > 0 && job->note != NULL) { job->note(job->context, times->note, sizeof times->note); }
    times->work_s = times->all_work_s = evo_clock_s() - began_s;
    times->n_pieces = 1;
    times->stop_heard = farm->raised != NULL && *farm->raised != 0;
    return status;
}

enum evo_status evo_farm_map(struct evo_farm *farm, const struct evo_farm_job *job, enum evo_farm_root root,
                             struct evo_farm_label label, const struct evo_farm_load *load,
                             struct evo_farm_times *times)
{
    *times = (struct evo_farm_times){0};
    if (farm->size == 1) { return run_alone(farm, job, label, load, times); }
    const struct evo_cut_wish wish = {
        .n = load->n, .n_parts = load->n_parts, .batch = job->batch, .size = farm->size,
        .bytes = job->item_bytes > job->result_bytes ? job->item_bytes : job->result_bytes};
    struct evo_lead lead = {.farm = farm, .job = job, .label = label, .load = load, .times = times,
                        .cut = evo_cut_make(wish),
                        .dynamic = evo_balance_is_dynamic(&farm->balance, job->balance)};
    farm->map++;
    farm->stall_timeout_s = job->stall_timeout_s;
    EVO_TRY(make_rooms(&lead));
    set_shares(&lead, root);
    run(&lead);
    release_blocks(&lead);
    return lead.status;
}

/* ---- the end --------------------------------------------------------------------------------------- */

static bool all_gone(const struct evo_farm *farm)
{
    for (int rank = 1; rank < farm->size; rank++) {
        if (!farm->peers[rank].gone) { return false; }
    }
    return true;
}

/* All answers are taken, late ones too, so that nothing is on its way when MPI ends. */
static void say_goodbye(struct evo_farm *farm)
{
    cancel(farm);
    for (int rank = 1; rank < farm->size; rank++) {
        evo_farm_require(farm, MPI_Isend(&farm->farewell, sizeof farm->farewell, MPI_BYTE, rank, EVO_TAG_ORDER,
                                         farm->comm, &farm->peers[rank].farewell), "MPI_Isend");
    }
    farm->looked_s = farm->event_s = evo_clock_s();
    while (!all_gone(farm)) {
        if (evo_farm_hear(farm, NULL, NULL) == 0) { evo_farm_pause(farm, farm->event_s); }
        evo_farm_look(farm, true);
    }
    for (int rank = 1; rank < farm->size; rank++) {
        evo_farm_require(farm, MPI_Wait(&farm->peers[rank].farewell, MPI_STATUS_IGNORE), "MPI_Wait");
        evo_farm_require(farm, MPI_Wait(&farm->peers[rank].cancel, MPI_STATUS_IGNORE), "MPI_Wait");
    }
}

enum evo_status evo_farm_dismiss(struct evo_farm *farm, enum evo_status status, int code)
{
    farm->farewell = (struct evo_farm_order){.dismisses = 1, .status = (int32_t)status, .code = code};
    say_goodbye(farm);
    if (status == EVO_OK) { return EVO_OK; }
    return evo_farm_agree(farm, farm->others_failed ? EVO_OK : status);
}
