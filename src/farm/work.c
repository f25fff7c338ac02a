/* SPDX-License-Identifier: MIT */
/* Rank 0's own work, between messages. */
#include "lead.h"

/* Results go where they belong at once. */
static char *own_results(struct evo_lead *lead, const struct evo_farm_piece *piece)
{
    return evo_cut_is_whole(&lead->cut, piece) ? evo_place_results(lead, piece->first) : evo_place_parts(lead, piece);
}

static size_t work_here(struct evo_lead *lead, size_t first, size_t n)
{
    struct evo_farm_piece piece;
    char note[EVO_FARM_NOTE] = "";
    size_t taken = evo_cut_piece(&lead->cut, first, n, &piece);
    char *results = own_results(lead, &piece);
    if (results == NULL) { return taken; }
    double began_s = evo_clock_s();
    bool whole = evo_cut_is_whole(&lead->cut, &piece);
    enum evo_status status = lead->job->work(lead->job->context, lead->label, &piece, whole,
                                             evo_place_items(lead, piece.first), results);
    if (lead->job->note != NULL) { lead->job->note(lead->job->context, note, sizeof note); }
    double work_s = evo_clock_s() - began_s;
    if (status != EVO_OK) {
        if (lead->status == EVO_OK) { lead->status = status; }
        return taken;
    }
    lead->busy_s += work_s;
    lead->n_units += taken;
    evo_place_count(lead, work_s, taken);
    evo_place_note(lead, first, note);
    evo_place_mark(lead, first, taken);
    if (!whole) { evo_place_join(lead, piece.first / lead->cut.block); }
    lead->times->n_pieces++;
    return taken;
}

/* So many units that others do not wait long. */
static size_t own_size(const struct evo_lead *lead)
{
    const double long_s = 1e-3;
    size_t left = lead->end - lead->next;
    double one_s = evo_place_unit_s(lead);
    if (lead->dynamic) { return evo_give_least(lead); }
    if (!(one_s > 0.0) || one_s * (double)left <= 2.0 * long_s) { return left; }
    return one_s >= long_s ? 1 : (size_t)(long_s / one_s);
}

/* Where nobody else can, rank 0 does a late piece's work. */
static bool rescue_here(struct evo_lead *lead)
{
    size_t first = 0, n = 0;
    if (!lead->dynamic || !evo_give_again(lead, &first, &n)) { return false; }
    work_here(lead, first, n);
    lead->times->n_again++;
    return true;
}

/* When a rank will have nothing to do, as far as can be foreseen: after the rest of its oldest piece, and those
 * that wait behind it. */
static double foreseen_s(const struct evo_lead *lead, const struct evo_farm_peer *peer, double now_s)
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
    double rest_s = peer->since_s + evo_place_unit_s(lead) * (double)oldest->n - now_s;
    return (rest_s > 0.0 ? rest_s : 0.0) + evo_place_unit_s(lead) * (ahead - (double)oldest->n);
}

/* Whether a rank has work for so long, or is not waited for. */
static bool has_enough(const struct evo_lead *lead, const struct evo_farm_peer *peer, double seconds, double now_s)
{
    if (peer->n_out > 0 && (peer->held_map != lead->farm->map || evo_give_is_late(lead, peer, now_s))) { return true; }
    return foreseen_s(lead, peer, now_s) >= 0.8 * seconds;
}

/* While rank 0 works it answers nobody: so it does where all others have enough ahead meanwhile. */
static bool others_have_enough(const struct evo_lead *lead)
{
    double now_s = evo_clock_s(), own_s = evo_place_unit_s(lead) * (double)own_size(lead);
    for (int rank = 1; rank < lead->farm->size; rank++) {
        if (!has_enough(lead, &lead->farm->peers[rank], own_s, now_s)) { return false; }
    }
    return true;
}

bool evo_work_a_little(struct evo_lead *lead)
{
    if (lead->status != EVO_OK || !lead->root_works) { return false; }
    if (lead->next < lead->end) {
        if (lead->dynamic && !others_have_enough(lead)) { return false; }
        lead->next += work_here(lead, lead->next, own_size(lead));
    } else if (!rescue_here(lead)) {
        return false;
    }
    lead->farm->looked_s = evo_clock_s(); // nobody was waited for meanwhile
    return true;
}
