/* SPDX-License-Identifier: MIT */
/* One map, on rank 0: hands out pieces, works on some itself, places results, has stragglers' work done. */
#include "hear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A map under way. */
struct lead {
    struct evo_farm *farm;
    const struct evo_farm_job *job;
    struct evo_farm_label label;
    const struct evo_farm_load *load;
    struct evo_farm_times *times;
    struct evo_cut cut;
    bool dynamic, root_works;
    unsigned char *done;           ///< [n_units]
    struct evo_farm_block *blocks; ///< [n_blocks], where parts are apart
    size_t n_done, next, end;      ///< units: done; to be handed out, or rank 0's own share
    size_t note_at;                ///< the first unit of the piece that times->note is of
    double busy_s, work_units_s, longest_unit_s; ///< rank 0's work; all ranks' sum, and the longest a unit
    size_t n_units;                ///< rank 0's own
    enum evo_status status;
};

/* ---- results ------------------------------------------------------------------------------------- */

static void mark(struct lead *lead, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++) {
        if (lead->done[i]) { continue; }
        lead->done[i] = 1;
        lead->n_done++;
        if (lead->blocks != NULL) { lead->blocks[i / lead->cut.n_ranges].n_done++; }
    }
}

static size_t block_items(const struct lead *lead, size_t block)
{
    size_t first = block * lead->cut.block, left = lead->cut.n - first;
    return left < lead->cut.block ? left : lead->cut.block;
}

/* Where results of a range of parts of one block belong; NULL where there is no memory. */
static char *parts_of(struct lead *lead, const struct evo_farm_piece *piece)
{
    size_t i = piece->first / lead->cut.block, row = block_items(lead, i) * lead->job->result_bytes;
    struct evo_farm_block *block = &lead->blocks[i];
    if (block->parts == NULL) {
        lead->status = evo_alloc((size_t)lead->cut.n_parts * row, 1, "results of parts", &block->parts);
        if (lead->status != EVO_OK) { return NULL; }
    }
    return block->parts + (size_t)piece->first_part * row;
}

static const char *items_of(const struct lead *lead, size_t first)
{
    return (const char *)lead->load->items + first * lead->job->item_bytes;
}

static char *results_of(const struct lead *lead, size_t first)
{
    return (char *)lead->load->results + first * lead->job->result_bytes;
}

/* Once all parts of a block are there, they become results. */
static void join(struct lead *lead, size_t i)
{
    struct evo_farm_block *block = &lead->blocks[i];
    if (block->n_done < lead->cut.n_ranges || block->parts == NULL) { return; }
    size_t first = i * lead->cut.block;
    lead->job->join(lead->job->context, lead->label, block_items(lead, i), items_of(lead, first), block->parts,
                    results_of(lead, first));
    free(block->parts);
    block->parts = NULL;
}

/* A block of which everything came twice, in parts and whole, was joined already: the same bits. */
static void place(struct lead *lead, const struct evo_farm_piece *piece, size_t first, size_t n, const char *results)
{
    size_t bytes = piece->n * lead->job->result_bytes, block = piece->first / lead->cut.block;
    if (evo_cut_is_whole(&lead->cut, piece)) {
        memcpy(results_of(lead, piece->first), results, bytes);
        mark(lead, first, n);
        return;
    }
    if (lead->blocks[block].n_done == lead->cut.n_ranges) { return; }
    char *parts = parts_of(lead, piece);
    if (parts == NULL) { return; }
    memcpy(parts, results, bytes * (size_t)piece->n_parts);
    mark(lead, first, n);
    join(lead, block);
}

/* The note of the first items is kept, whoever worked on them. */
static void keep_note(struct lead *lead, size_t first, const char *note)
{
    if (note[0] == '\0' || (lead->times->note[0] != '\0' && lead->note_at <= first)) { return; }
    memcpy(lead->times->note, note, sizeof lead->times->note);
    lead->note_at = first;
}

static void count_work(struct lead *lead, double work_s, size_t n)
{
    double unit_s = work_s / (double)n;
    lead->work_units_s += work_s;
    if (unit_s > lead->longest_unit_s) { lead->longest_unit_s = unit_s; }
}

static double unit_s(const struct lead *lead)
{
    if (lead->n_done > 0) { return lead->work_units_s / (double)lead->n_done; }
    return lead->farm->part_s * (double)lead->cut.block * (double)lead->cut.grain;
}

/* How slow a rank is, from late answers too. */
static void learn_pace(const struct lead *lead, struct evo_farm_peer *peer, double own_s)
{
    const double smoothing = 0.2, most = 100.0;
    double usual_s = unit_s(lead);
    if (!(usual_s > 0.0)) { return; }
    double ratio = own_s / usual_s < most ? own_s / usual_s : most;
    if (peer->slowness <= 0.0) { peer->slowness = 1.0; }
    peer->slowness += smoothing * (ratio - peer->slowness);
}

static void heard(void *context, int rank, const struct evo_farm_answer *answer, const char *results)
{
    struct lead *lead = context;
    struct evo_farm_peer *peer = &lead->farm->peers[rank];
    const struct evo_farm_slot *slot = &peer->slots[answer->slot];
    if (!answer->skipped) { learn_pace(lead, peer, answer->work_s / (double)slot->n); }
    if (answer->map != lead->farm->map) { return; } // of a map that ended without it
    lead->times->n_messages++;
    if (answer->status != EVO_OK) {
        if (lead->status == EVO_OK) {
            lead->status = (enum evo_status)answer->status;
            lead->farm->others_failed = true;
        }
        return;
    }
    if (answer->skipped) { return; }
    peer->busy_s += answer->work_s;
    peer->n_units += slot->n;
    count_work(lead, answer->work_s, slot->n);
    keep_note(lead, slot->first, answer->note);
    place(lead, &slot->order.piece, slot->first, slot->n, results);
}

/* ---- handing out ------------------------------------------------------------------------------------ */

/* So many units that their messages cost little. */
static size_t least_units(const struct lead *lead)
{
    const double least_s = 250e-6;
    double one_s = unit_s(lead);
    if (!(one_s > 0.0) || one_s >= least_s) { return 1; }
    double wanted = ceil(least_s / one_s), most = (double)lead->cut.n_units;
    return (size_t)(wanted < most ? wanted : most);
}

/* Pieces get smaller towards the end: a fixed part of what is left, shared by all; slow ranks get less. */
static size_t next_size(const struct lead *lead, const struct evo_farm_peer *peer)
{
    size_t left = lead->cut.n_units - lead->next, n = left / (4 * (size_t)lead->farm->size);
    if (peer->slowness > 1.5) { n = (size_t)((double)n / peer->slowness); }
    size_t least = least_units(lead), most = (left + (size_t)lead->farm->size - 1) / (size_t)lead->farm->size;
    if (n < least) { n = least; }
    if (n > most) { n = most; }
    return n > 0 ? n : 1;
}

static struct evo_farm_slot *free_slot(struct evo_farm_peer *peer, uint32_t *i)
{
    for (*i = 0; *i < EVO_FARM_SLOTS; ++*i) {
        if (!peer->slots[*i].used) { return &peer->slots[*i]; }
    }
    return NULL;
}

/* The items of a map that may end before they are sent are copied. */
static const char *items_to_send(struct lead *lead, struct evo_farm_slot *slot)
{
    const struct evo_farm_piece *piece = &slot->order.piece;
    size_t bytes = piece->n * lead->job->item_bytes;
    const char *items = items_of(lead, piece->first);
    if (!lead->dynamic) { return items; }
    lead->status = evo_farm_make_room(&slot->items, bytes, "a share of creatures");
    if (lead->status != EVO_OK) { return NULL; }
    memcpy(slot->items.data, items, bytes);
    return slot->items.data;
}

static void send_order(struct lead *lead, int rank, struct evo_farm_slot *slot)
{
    struct evo_farm *farm = lead->farm;
    struct evo_farm_order *order = &slot->order;
    const char *items = NULL;
    if (order->has_items) {
        items = items_to_send(lead, slot);
        if (items == NULL) { return; }
    }
    slot->used = true;
    evo_farm_require(farm, MPI_Isend(order, sizeof *order, MPI_BYTE, rank, EVO_TAG_ORDER, farm->comm, &slot->sent[0]),
                     "MPI_Isend");
    if (items != NULL) {
        evo_farm_require(farm, MPI_Isend(items, (int)(order->piece.n * lead->job->item_bytes), MPI_BYTE, rank,
                                         EVO_TAG_ITEMS, farm->comm, &slot->sent[1]), "MPI_Isend");
    }
    lead->times->n_messages += items != NULL ? 2 : 1;
}

/* Gives a rank the piece that begins with unit `first`. Returns how many units it has. */
static size_t give(struct lead *lead, int rank, size_t first, size_t n)
{
    struct evo_farm_peer *peer = &lead->farm->peers[rank];
    uint32_t i = 0;
    struct evo_farm_slot *slot = free_slot(peer, &i);
    struct evo_farm_piece piece;
    size_t taken = evo_cut_piece(&lead->cut, first, n, &piece);
    bool held = peer->held_map == lead->farm->map && peer->held_first == piece.first && peer->held_n == piece.n;
    slot->order = (struct evo_farm_order){.has_items = !held, .map = lead->farm->map, .slot = i,
                                          .label = lead->label, .piece = piece, .n_parts = lead->cut.n_parts};
    slot->first = first;
    slot->n = taken;
    slot->number = peer->n_given++;
    slot->again = first + taken;
    peer->held_map = lead->farm->map;
    peer->held_first = piece.first;
    peer->held_n = piece.n;
    if (peer->n_out == 0) { peer->since_s = evo_clock_s(); }
    send_order(lead, rank, slot);
    peer->n_out += slot->used ? 1 : 0;
    lead->times->n_pieces++;
    return taken;
}

/* A rank gets its share at once, as far as there are slots. */
static void feed_static(struct lead *lead, int rank)
{
    struct evo_farm_peer *peer = &lead->farm->peers[rank];
    while (lead->status == EVO_OK && peer->next < peer->end && peer->n_out < EVO_FARM_SLOTS) {
        peer->next += give(lead, rank, peer->next, peer->end - peer->next);
    }
}

/* Near the end a piece ahead would only be kept from others. */
static bool is_near_end(const struct lead *lead)
{
    return lead->cut.n_units - lead->next <= 2 * (size_t)lead->farm->size * least_units(lead);
}

/* A rank gets one piece ahead, so that it waits for no message. Whoever is late with a map before this one
 * gets none. */
static void feed_dynamic(struct lead *lead, int rank)
{
    struct evo_farm_peer *peer = &lead->farm->peers[rank];
    while (lead->status == EVO_OK && lead->next < lead->cut.n_units) {
        size_t most = is_near_end(lead) ? 1 : 2;
        if (peer->n_out >= most || (peer->n_out > 0 && peer->held_map != lead->farm->map)) { return; }
        lead->next += give(lead, rank, lead->next, next_size(lead, peer));
    }
}

static void feed(struct lead *lead)
{
    for (int rank = 1; rank < lead->farm->size; rank++) {
        if (lead->dynamic) {
            feed_dynamic(lead, rank);
        } else {
            feed_static(lead, rank);
        }
    }
}

/* Whether a rank takes far longer for what it has than others would: then it is slow, and not its work uneven. */
static bool is_late(const struct lead *lead, const struct evo_farm_peer *peer, double now_s)
{
    const double times = 1.5, least_s = 1e-3;
    size_t n = 0;
    for (size_t i = 0; i < EVO_FARM_SLOTS; i++) {
        const struct evo_farm_slot *slot = &peer->slots[i];
        if (slot->used && slot->order.map == lead->farm->map) { n += slot->n; }
    }
    return now_s - peer->since_s > times * unit_s(lead) * (double)n + 2.0 * lead->longest_unit_s + least_s;
}

/* ---- stragglers -------------------------------------------------------------------------------------- */

static struct evo_farm_slot *find_late(struct lead *lead)
{
    double now_s = evo_clock_s();
    if (!(lead->longest_unit_s > 0.0)) { return NULL; }
    for (int rank = 1; rank < lead->farm->size; rank++) {
        struct evo_farm_peer *peer = &lead->farm->peers[rank];
        if (peer->n_out == 0 || !is_late(lead, peer, now_s)) { continue; }
        for (size_t i = 0; i < EVO_FARM_SLOTS; i++) {
            struct evo_farm_slot *slot = &peer->slots[i];
            bool has_some = slot->used && slot->order.map == lead->farm->map && slot->again > slot->first;
            if (has_some) { return slot; }
        }
    }
    return NULL;
}

/* The last of a late piece's units that nobody else has, a piece of a few of them, which are not left to it
 * any more; 0 where there are none. */
static size_t take_late(struct lead *lead, struct evo_farm_slot *slot, size_t *first)
{
    struct evo_farm_piece piece;
    while (slot->again > slot->first && lead->done[slot->again - 1]) { slot->again--; }
    size_t n_left = slot->again - slot->first, n = n_left / (size_t)lead->farm->size, least = least_units(lead);
    if (n < least) { n = least; }
    if (n > n_left) { n = n_left; }
    *first = slot->again - n;
    while (n > 0 && (n = evo_cut_piece(&lead->cut, *first, slot->again - *first, &piece)) < slot->again - *first) {
        *first += n;
    }
    slot->again = *first;
    return n;
}

/* What a rank, or this one, is to do in a late one's place. */
static bool find_again(struct lead *lead, size_t *first, size_t *n)
{
    struct evo_farm_slot *slot;
    while ((slot = find_late(lead)) != NULL) {
        *n = take_late(lead, slot, first);
        if (*n > 0) { return true; }
    }
    return false;
}

static void rescue(struct lead *lead)
{
    size_t first = 0, n = 0;
    for (int rank = 1; rank < lead->farm->size; rank++) {
        if (lead->farm->peers[rank].n_out > 0) { continue; }
        if (!find_again(lead, &first, &n)) { return; }
        give(lead, rank, first, n);
        lead->times->n_again++;
    }
}

/* ---- rank 0's own work ------------------------------------------------------------------------------- */

/* Results go where they belong at once. */
static char *own_results(struct lead *lead, const struct evo_farm_piece *piece)
{
    return evo_cut_is_whole(&lead->cut, piece) ? results_of(lead, piece->first) : parts_of(lead, piece);
}

static size_t work_here(struct lead *lead, size_t first, size_t n)
{
    struct evo_farm_piece piece;
    char note[EVO_FARM_NOTE] = "";
    size_t taken = evo_cut_piece(&lead->cut, first, n, &piece);
    char *results = own_results(lead, &piece);
    if (results == NULL) { return taken; }
    double began_s = evo_clock_s();
    bool whole = evo_cut_is_whole(&lead->cut, &piece);
    enum evo_status status = lead->job->work(lead->job->context, lead->label, &piece, whole,
                                             items_of(lead, piece.first), results);
    if (lead->job->note != NULL) { lead->job->note(lead->job->context, note, sizeof note); }
    double work_s = evo_clock_s() - began_s;
    if (status != EVO_OK) {
        if (lead->status == EVO_OK) { lead->status = status; }
        return taken;
    }
    lead->busy_s += work_s;
    lead->n_units += taken;
    count_work(lead, work_s, taken);
    keep_note(lead, first, note);
    mark(lead, first, taken);
    if (!whole) { join(lead, piece.first / lead->cut.block); }
    lead->times->n_pieces++;
    return taken;
}

/* So many units that others do not wait long. */
static size_t own_size(const struct lead *lead)
{
    const double long_s = 1e-3;
    size_t left = lead->end - lead->next;
    double one_s = unit_s(lead);
    if (lead->dynamic) { return least_units(lead); }
    if (!(one_s > 0.0) || one_s * (double)left <= 2.0 * long_s) { return left; }
    return one_s >= long_s ? 1 : (size_t)(long_s / one_s);
}

/* Where nobody else can, rank 0 does a late piece's work. */
static bool rescue_here(struct lead *lead)
{
    size_t first = 0, n = 0;
    if (!lead->dynamic || !find_again(lead, &first, &n)) { return false; }
    work_here(lead, first, n);
    lead->times->n_again++;
    return true;
}

/* When a rank will have nothing to do, as far as can be foreseen: after the rest of its oldest piece, and those
 * that wait behind it. */
static double foreseen_s(const struct lead *lead, const struct evo_farm_peer *peer, double now_s)
{
    const struct evo_farm_slot *oldest = NULL;
    double ahead = 0.0;
    for (size_t i = 0; i < EVO_FARM_SLOTS; i++) {
        const struct evo_farm_slot *slot = &peer->slots[i];
        if (!slot->used) { continue; }
        ahead += (double)slot->n;
        if (oldest == NULL || slot->number < oldest->number) { oldest = slot; }
    }
    if (oldest == NULL) { return 0.0; }
    double rest_s = peer->since_s + unit_s(lead) * (double)oldest->n - now_s;
    return (rest_s > 0.0 ? rest_s : 0.0) + unit_s(lead) * (ahead - (double)oldest->n);
}

/* Whether a rank has work for so long, or is not waited for. */
static bool has_enough(const struct lead *lead, const struct evo_farm_peer *peer, double seconds, double now_s)
{
    if (peer->n_out > 0 && (peer->held_map != lead->farm->map || is_late(lead, peer, now_s))) { return true; }
    return foreseen_s(lead, peer, now_s) >= 0.8 * seconds;
}

/* While rank 0 works it answers nobody: so it does where all others have enough ahead meanwhile. */
static bool others_have_enough(const struct lead *lead)
{
    double now_s = evo_clock_s(), own_s = unit_s(lead) * (double)own_size(lead);
    for (int rank = 1; rank < lead->farm->size; rank++) {
        if (!has_enough(lead, &lead->farm->peers[rank], own_s, now_s)) { return false; }
    }
    return true;
}

static bool work_a_little(struct lead *lead)
{
    if (lead->status != EVO_OK) { return false; }
    if (lead->dynamic && lead->next < lead->end && !others_have_enough(lead)) { return false; }
    if (!lead->root_works || lead->next >= lead->end) { return rescue_here(lead); }
    lead->next += work_here(lead, lead->next, own_size(lead));
    return true;
}

/* ---- the map ------------------------------------------------------------------------------------------ */

static bool all_answered(const struct lead *lead)
{
    for (int rank = 1; rank < lead->farm->size; rank++) {
        const struct evo_farm_peer *peer = &lead->farm->peers[rank];
        if (peer->n_out > 0) { return false; }
    }
    return true;
}

/* With static shares, and after a failure, all that were asked have to answer. */
static bool is_over(const struct lead *lead)
{
    if (lead->status != EVO_OK) { return all_answered(lead); }
    return lead->n_done == lead->cut.n_units && (lead->dynamic || all_answered(lead));
}

static void set_shares(struct lead *lead, enum evo_farm_root root)
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

static enum evo_status make_rooms(struct lead *lead)
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

static void release_blocks(struct lead *lead)
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
static void measure_root(const struct lead *lead)
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

static void summarize(struct lead *lead, double began_s)
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
    times->dynamic = lead->dynamic;
    farm->heard = false;
    farm->part_s = unit_s(lead) / ((double)lead->cut.block * (double)lead->cut.grain);
    if (lead->status != EVO_OK) { return; }
    if (!lead->dynamic) { measure_root(lead); }
    /* Of few pieces nothing is learnt. */
    if (lead->cut.n_units >= 2 * (size_t)farm->size) {
        evo_balance_learn(&farm->balance, (double)lead->cut.n * (double)lead->cut.n_parts, wall_s, times->idle_s);
    }
}

static void run(struct lead *lead)
{
    struct evo_farm *farm = lead->farm;
    double began_s = evo_clock_s();
    farm->looked_s = farm->event_s = began_s;
    feed(lead);
    lead->times->scatter_s = evo_clock_s() - began_s;
    while (!is_over(lead)) {
        if (evo_farm_hear(farm, heard, lead) > 0) {
            feed(lead);
        } else if (!work_a_little(lead)) {
            evo_farm_pause(farm->event_s);
        }
        if (lead->dynamic && lead->status == EVO_OK && lead->next >= lead->cut.n_units) { rescue(lead); }
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
    struct lead lead = {.farm = farm, .job = job, .label = label, .load = load, .times = times,
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
        if (evo_farm_hear(farm, NULL, NULL) == 0) { evo_farm_pause(farm->event_s); }
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
