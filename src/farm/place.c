/* SPDX-License-Identifier: MIT */
/* Results come to their places, and tell how long work takes. */
#include "lead.h"

#include <stdlib.h>
#include <string.h>

void evo_place_mark(struct evo_lead *lead, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++) {
        if (lead->done[i]) { continue; }
        lead->done[i] = 1;
        lead->n_done++;
        if (lead->blocks != NULL) { lead->blocks[i / lead->cut.n_ranges].n_done++; }
    }
}

static size_t block_items(const struct evo_lead *lead, size_t block)
{
    size_t first = block * lead->cut.block, left = lead->cut.n - first;
    return left < lead->cut.block ? left : lead->cut.block;
}

/* Where results of a range of parts of one block belong; NULL where there is no memory. */
char *evo_place_parts(struct evo_lead *lead, const struct evo_farm_piece *piece)
{
    size_t i = piece->first / lead->cut.block, row = block_items(lead, i) * lead->job->result_bytes;
    struct evo_farm_block *block = &lead->blocks[i];
    if (block->parts == NULL) {
        lead->status = evo_alloc((size_t)lead->cut.n_parts * row, 1, "results of parts", &block->parts);
        if (lead->status != EVO_OK) { return NULL; }
    }
    return block->parts + (size_t)piece->first_part * row;
}

const char *evo_place_items(const struct evo_lead *lead, size_t first)
{
    return (const char *)lead->load->items + first * lead->job->item_bytes;
}

char *evo_place_results(const struct evo_lead *lead, size_t first)
{
    return (char *)lead->load->results + first * lead->job->result_bytes;
}

/* Once all parts of a block are there, they become results. */
void evo_place_join(struct evo_lead *lead, size_t i)
{
    struct evo_farm_block *block = &lead->blocks[i];
    if (block->n_done < lead->cut.n_ranges || block->parts == NULL) { return; }
    size_t first = i * lead->cut.block;
    lead->job->join(lead->job->context, lead->label, block_items(lead, i), evo_place_items(lead, first), block->parts,
                    evo_place_results(lead, first));
    free(block->parts);
    block->parts = NULL;
}

/* A block of which everything came twice, in parts and whole, was joined already: the same bits. */
static void place(struct evo_lead *lead, const struct evo_farm_piece *piece, size_t first, size_t n, const char *results)
{
    size_t bytes = piece->n * lead->job->result_bytes, block = piece->first / lead->cut.block;
    if (evo_cut_is_whole(&lead->cut, piece)) {
        memcpy(evo_place_results(lead, piece->first), results, bytes);
        evo_place_mark(lead, first, n);
        return;
    }
    if (lead->blocks[block].n_done == lead->cut.n_ranges) { return; }
    char *parts = evo_place_parts(lead, piece);
    if (parts == NULL) { return; }
    memcpy(parts, results, bytes * (size_t)piece->n_parts);
    evo_place_mark(lead, first, n);
    evo_place_join(lead, block);
}

/* The note of the first items is kept, whoever worked on them. */
void evo_place_note(struct evo_lead *lead, size_t first, const char *note)
{
    if (note[0] == '\0' || (lead->times->note[0] != '\0' && lead->note_at <= first)) { return; }
    memcpy(lead->times->note, note, sizeof lead->times->note);
    lead->note_at = first;
}

void evo_place_count(struct evo_lead *lead, double work_s, size_t n)
{
    double unit_s = work_s / (double)n;
    lead->work_units_s += work_s;
    if (unit_s > lead->longest_unit_s) { lead->longest_unit_s = unit_s; }
}

double evo_place_unit_s(const struct evo_lead *lead)
{
    if (lead->n_done > 0) { return lead->work_units_s / (double)lead->n_done; }
    return lead->farm->part_s * (double)lead->cut.block * (double)lead->cut.grain;
}

/* How slow a rank is, from late answers too. */
static void learn_pace(const struct evo_lead *lead, struct evo_farm_peer *peer, double own_s)
{
    const double smoothing = 0.2, most = 100.0;
    double usual_s = evo_place_unit_s(lead);
    if (!(usual_s > 0.0)) { return; }
    double ratio = own_s / usual_s < most ? own_s / usual_s : most;
    if (peer->slowness <= 0.0) { peer->slowness = 1.0; }
    peer->slowness += smoothing * (ratio - peer->slowness);
}

void evo_place_heard(void *context, int rank, const struct evo_farm_answer *answer, const char *results)
{
    struct evo_lead *lead = context;
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
    evo_place_count(lead, answer->work_s, slot->n);
    evo_place_note(lead, slot->first, answer->note);
    place(lead, &slot->order.piece, slot->first, slot->n, results);
}
