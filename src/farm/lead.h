/* SPDX-License-Identifier: MIT */
/* A map under way, on rank 0, shared by the files that hand out, work and place. */
#ifndef EVO_FARM_LEAD_H
#define EVO_FARM_LEAD_H

#include "hear.h"

struct evo_lead {
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

/* ---- place.c: results, and what they tell of the work ---- */

/// Counts units as done; those that were done already are not counted again.
void evo_place_mark(struct evo_lead *lead, size_t first, size_t n);
/// Where items begin, and where their results belong.
const char *evo_place_items(const struct evo_lead *lead, size_t first);
char *evo_place_results(const struct evo_lead *lead, size_t first);
/// Where results of a range of parts of one block belong; NULL where there is no memory: lead->status says so.
char *evo_place_parts(struct evo_lead *lead, const struct evo_farm_piece *piece);
/// Makes results of a block's parts, once all are there.
void evo_place_join(struct evo_lead *lead, size_t block);
/// Keeps a note of a piece, that of the first units of all.
void evo_place_note(struct evo_lead *lead, size_t first, const char *note);
/// Counts what n units took.
void evo_place_count(struct evo_lead *lead, double work_s, size_t n);
/// What a unit takes on the mean: of this map, or before there is any, of the map before; 0: not known.
double evo_place_unit_s(const struct evo_lead *lead);
/// For evo_farm_hear; the context is the lead.
void evo_place_heard(void *context, int rank, const struct evo_farm_answer *answer, const char *results);

/* ---- give.c: handing out ---- */

/// So many units that their messages cost little.
size_t evo_give_least(const struct evo_lead *lead);
/// Gives ranks what they may have.
void evo_give_feed(struct evo_lead *lead);
/// Whether a rank takes far longer for what it has than others would: then it is slow, and not its work uneven.
bool evo_give_is_late(const struct evo_lead *lead, const struct evo_farm_peer *peer, double now_s);
/// A piece of a late rank's work that nobody else has, not left to it any more; false: there is none.
bool evo_give_again(struct evo_lead *lead, size_t *first, size_t *n);
/// Gives idle ranks work of late ones.
void evo_give_rescue(struct evo_lead *lead);

/* ---- work.c: rank 0's own ---- */

/// Works on a piece, where rank 0 may; false: it may not, or there is none.
bool evo_work_a_little(struct evo_lead *lead);

#endif
