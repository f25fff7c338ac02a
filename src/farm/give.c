/* SPDX-License-Identifier: MIT */
/* Handing out: shares, pieces for whoever is free, a late rank's work for others. */
#include "lead.h"

#include <math.h>
#include <string.h>

/* So many units that their messages cost little. */
size_t evo_give_least(const struct evo_lead *lead)
{
    const double least_s = 250e-6;
    double one_s = evo_place_unit_s(lead);
    if (!(one_s > 0.0) || one_s >= least_s) { return 1; }
    double wanted = ceil(least_s / one_s), most = (double)lead->cut.n_units;
    return (size_t)(wanted < most ? wanted : most);
}

/* Pieces get smaller towards the end: a fixed part of what is left, shared by all; slow ranks get less. */
static size_t next_size(const struct evo_lead *lead, const struct evo_farm_peer *peer)
{
    size_t left = lead->cut.n_units - lead->next, n = left / (4 * (size_t)lead->farm->size);
    if (peer->slowness > 1.5) { n = (size_t)((double)n / peer->slowness); }
    size_t least = evo_give_least(lead), most = (left + (size_t)lead->farm->size - 1) / (size_t)lead->farm->size;
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
static const char *items_to_send(struct evo_lead *lead, struct evo_farm_slot *slot)
{
    const struct evo_farm_piece *piece = &slot->order.piece;
    size_t bytes = piece->n * lead->job->item_bytes;
    const char *items = evo_place_items(lead, piece->first);
    if (!lead->dynamic) { return items; }
    lead->status = evo_farm_make_room(&slot->items, bytes, "a share of creatures");
    if (lead->status != EVO_OK) { return NULL; }
    memcpy(slot->items.data, items, bytes);
    return slot->items.data;
}

static void send_order(struct evo_lead *lead, int rank, struct evo_farm_slot *slot)
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
static size_t give(struct evo_lead *lead, int rank, size_t first, size_t n)
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
static void feed_static(struct evo_lead *lead, int rank)
{
    struct evo_farm_peer *peer = &lead->farm->peers[rank];
    while (lead->status == EVO_OK && peer->next < peer->end && peer->n_out < EVO_FARM_SLOTS) {
        peer->next += give(lead, rank, peer->next, peer->end - peer->next);
    }
}

/* Near the end a piece ahead would only be kept from others. */
static bool is_near_end(const struct evo_lead *lead)
{
    return lead->cut.n_units - lead->next <= 2 * (size_t)lead->farm->size * evo_give_least(lead);
}

/* A rank gets one piece ahead, so that it waits for no message. Whoever is late with a map before this one
 * gets none. */
static void feed_dynamic(struct evo_lead *lead, int rank)
{
    struct evo_farm_peer *peer = &lead->farm->peers[rank];
    while (lead->status == EVO_OK && lead->next < lead->cut.n_units) {
        size_t most = is_near_end(lead) ? 1 : 2;
        if (peer->n_out >= most || (peer->n_out > 0 && peer->held_map != lead->farm->map)) { return; }
        lead->next += give(lead, rank, lead->next, next_size(lead, peer));
    }
}

void evo_give_feed(struct evo_lead *lead)
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
bool evo_give_is_late(const struct evo_lead *lead, const struct evo_farm_peer *peer, double now_s)
{
    const double times = 1.5, least_s = 1e-3;
    size_t n = 0;
    for (size_t i = 0; i < EVO_FARM_SLOTS; i++) {
        const struct evo_farm_slot *slot = &peer->slots[i];
        if (slot->used && slot->order.map == lead->farm->map) { n += slot->n; }
    }
    return now_s - peer->since_s > times * evo_place_unit_s(lead) * (double)n + 2.0 * lead->longest_unit_s + least_s;
}

/* ---- stragglers -------------------------------------------------------------------------------------- */

static struct evo_farm_slot *find_late(struct evo_lead *lead)
{
    double now_s = evo_clock_s();
    if (!(lead->longest_unit_s > 0.0)) { return NULL; }
    for (int rank = 1; rank < lead->farm->size; rank++) {
        struct evo_farm_peer *peer = &lead->farm->peers[rank];
        if (peer->n_out == 0 || !evo_give_is_late(lead, peer, now_s)) { continue; }
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
static size_t take_late(struct evo_lead *lead, struct evo_farm_slot *slot, size_t *first)
{
    struct evo_farm_piece piece;
    while (slot->again > slot->first && lead->done[slot->again - 1]) { slot->again--; }
    size_t n_left = slot->again - slot->first, n = n_left / (size_t)lead->farm->size, least = evo_give_least(lead);
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
bool evo_give_again(struct evo_lead *lead, size_t *first, size_t *n)
{
    struct evo_farm_slot *slot;
    while ((slot = find_late(lead)) != NULL) {
        *n = take_late(lead, slot, first);
        if (*n > 0) { return true; }
    }
    return false;
}

void evo_give_rescue(struct evo_lead *lead)
{
    size_t first = 0, n = 0;
    for (int rank = 1; rank < lead->farm->size; rank++) {
        if (lead->farm->peers[rank].n_out > 0) { continue; }
        if (!evo_give_again(lead, &first, &n)) { return; }
        give(lead, rank, first, n);
        lead->times->n_again++;
    }
}
