/* SPDX-License-Identifier: MIT */
/* The original's selection in linear time: places by fitness, and lots for those that swap. */
#include "selection.h"
#include "rank.h"
#include "ga_keys.h"

#include <evompi/creature.h>

#include <math.h>
#include <stdlib.h>

/* Where selection puts a creature. */
enum place { ELITE, UPPER, LOWER };

/* ---- how many --------------------------------------------------------------------------- */

/* Python's round(): half to even, as the default rounding mode has it. */
static size_t share(double fraction, size_t n) { return (size_t)rint(fraction * (double)n); }

static size_t at_most(size_t n, size_t limit) { return n < limit ? n : limit; }

struct evo_selection_counts evo_selection_count(const struct evo_config *config, size_t n)
{
    struct evo_selection_counts counts;
    size_t survivors = at_most(share(evo_ga_keys(config)->survivors, n), n - 1);
    counts.n_survivors = survivors > 0 ? survivors : 1;
    counts.n_elite = at_most(share(evo_ga_keys(config)->elite, n), counts.n_survivors);
    size_t swappable = at_most(counts.n_survivors - counts.n_elite, n - counts.n_survivors);
    counts.n_swap = at_most(share(evo_ga_keys(config)->swap, n), swappable);
    return counts;
}

enum evo_status evo_selection_init(struct evo_selection *selection, size_t n)
{
    EVO_TRY(evo_alloc(n, sizeof *selection->keys, "selection", &selection->keys));
    EVO_TRY(evo_alloc(n, sizeof *selection->lots, "selection", &selection->lots));
    EVO_TRY(evo_alloc(n, sizeof *selection->pool, "selection", &selection->pool));
    EVO_TRY(evo_alloc(n, sizeof *selection->places, "selection", &selection->places));
    EVO_TRY(evo_alloc(n + 1, sizeof *selection->living, "selection", &selection->living));
    return evo_alloc(n + 1, sizeof *selection->dead, "selection", &selection->dead);
}

void evo_selection_fini(struct evo_selection *selection)
{
    free(selection->keys);
    free(selection->lots);
    free(selection->pool);
    free(selection->places);
    free(selection->living);
    free(selection->dead);
}

/* ---- who -------------------------------------------------------------------------------- */

/* What creature `id` draws in a generation: SplitMix64 [Steele 2014], the id-th output from
 * `salt` on. A function of (seed, generation, id), and no two draw the same. */
static uint64_t lot_of(uint64_t salt, uint64_t id)
{
    uint64_t z = salt + (id + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Everybody's place by fitness, and lot. The lots of the upper part are gathered in `pool`, those
 * of the lower in `keys`, which are read no more. No branches: chance has no pattern to predict. */
static void place_creatures(struct evo_selection *s, struct evo_selection_counts counts,
                            const double *fitness, const uint64_t *id, size_t n, uint64_t salt)
{
    size_t n_upper = 0, n_lower = 0;
    evo_fitness_keys(fitness, n, s->keys);
    struct evo_rank ranks[2];
    evo_rank_find(s->keys, n, (size_t[]){counts.n_elite, counts.n_survivors}, 2, s->pool, ranks);
    struct evo_rank elite = ranks[0], upper = ranks[1];
    for (size_t i = 0; i < n; i++) {
        uint64_t key = s->keys[i], lot = lot_of(salt, id[i]);
        int place = ELITE + !evo_rank_passes(&elite, key) + !evo_rank_passes(&upper, key);
        s->places[i] = (uint8_t)place;
        s->lots[i] = lot;
        s->pool[n_upper] = lot;
        n_upper += place == UPPER;
        s->keys[n_lower] = lot;
        n_lower += place == LOWER;
    }
}

/* Who lives: the elite, the upper but for n_swap with the lowest lots, and of the lower the
 * n_swap with the lowest lots. Lists the slots of the living and of the dead, in order. */
static void draw_survivors(struct evo_selection *s, struct evo_selection_counts counts, size_t n)
{
    struct evo_rank dies, lives;
    size_t n_upper = counts.n_survivors - counts.n_elite, n_lower = n - counts.n_survivors;
    evo_rank_find(s->pool, n_upper, &counts.n_swap, 1, s->pool, &dies);
    evo_rank_find(s->keys, n_lower, &counts.n_swap, 1, s->keys, &lives);
    size_t n_living = 0, n_dead = 0;
    for (size_t i = 0; i < n; i++) {
        bool low_upper = evo_rank_passes(&dies, s->lots[i]);
        bool low_lower = evo_rank_passes(&lives, s->lots[i]);
        int place = s->places[i];
        bool dead = ((place == UPPER) & low_upper) | ((place == LOWER) & !low_lower);
        s->living[n_living] = i;
        n_living += !dead;
        s->dead[n_dead] = i;
        n_dead += dead;
    }
}

void evo_selection_draw(struct evo_selection *selection, struct evo_selection_counts counts,
                        const double *fitness, const uint64_t *id, size_t n, uint64_t salt)
{
    place_creatures(selection, counts, fitness, id, n, salt);
    draw_survivors(selection, counts, n);
}
