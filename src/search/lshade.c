/* SPDX-License-Identifier: MIT */
/* L-SHADE [Tanabe, Fukunaga 2014]: differential evolution that learns its own rates and shrinks.
 *
 * The lower half of the slots holds the members of independent instances, a stretch of slots each;
 * the upper half takes their trials, packed from its beginning. Who is beaten or sent away stays
 * in its slot, idle, until another is born there. An instance whose schedule has ended starts
 * again from chance. First schedules have different lengths, so that later not all instances are
 * small at the same time and the ranks have about the same to do in each generation. */
#include "birth.h"
#include "success.h"
#include "lshade_keys.h"

#include <evompi/rng.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_MEMBERS = 4 };

/* A member in the order of fitness. */
struct place {
    uint64_t key, id;
    size_t slot;
};

struct lshade {
    size_t n_instances, n_parents; // slots below n_parents are members'
    uint64_t usual;                // evaluations of a schedule where no limit of the run is nearer
    double low, high;              // no parameter goes beyond
    size_t archive_room; // of each instance, in genomes
    struct evo_success success;
    /* State, one entry an instance. */
    uint64_t budget;   // evaluations of a schedule, of all instances
    uint64_t *members; // now; 0: starts again with the next generation
    uint64_t *used;    // evaluations of its schedule so far
    uint64_t *starts;  // schedules begun
    uint64_t *n_archived;
    double *archive; // [n_instances * archive_room][genome]
    /* Scratch. */
    struct place *places; // [n_parents]
    double *keys_f;       // [n_parents] scale factor of each trial
    double *keys_cr;      // [n_parents] crossover rate of each trial
    size_t *slots;        // [n]
};

/* ---- layout ----------------------------------------------------------------------------- */

/* The first slot of instance k; that of instance n_instances is the end of the last. */
static size_t begin_of(const struct lshade *lshade, size_t k)
{
    return (size_t)((unsigned __int128)k * lshade->n_parents / lshade->n_instances);
}

static size_t most_members(const struct lshade *lshade, size_t k)
{
    return begin_of(lshade, k + 1) - begin_of(lshade, k);
}

/* Trials of instance k in a generation: one a member, or a whole stretch of newcomers. */
static size_t n_trials(const struct lshade *lshade, size_t k)
{
    return lshade->members[k] > 0 ? (size_t)lshade->members[k] : most_members(lshade, k);
}

/* First schedules are a k-th part, the later ones whole. Where the run has room for one alone it is
 * whole. */
static double budget_of(const struct lshade *lshade, size_t k)
{
    double part = (double)(k + 1) / (double)lshade->n_instances;
    bool whole = lshade->starts[k] > 1 || lshade->budget < lshade->usual;
    return (double)lshade->budget * (whole ? 1.0 : part);
}

/* How far instance k is in its schedule, 0 to 1. */
static double progress_of(const struct lshade *lshade, size_t k)
{
    double done = (double)lshade->used[k] / budget_of(lshade, k);
    return done < 1.0 ? done : 1.0;
}

static size_t archive_size(const struct evo_search *search, size_t n_members)
{
    return (size_t)(evo_lshade_keys(search->setup.config)->archive * (double)n_members);
}

static struct evo_birth_range range_of(const struct evo_search *search)
{
    const struct evo_config *config = search->setup.config;
    return (struct evo_birth_range){evo_lshade_keys(config)->initial_min, evo_lshade_keys(config)->initial_max};
}

/* The members that a schedule leaves when `done` of it, 0 to 1, is behind it. */
static double members_at(double most, double done)
{
    double least = most < LEAST_MEMBERS ? most : LEAST_MEMBERS;
    return rint(most - (most - least) * done);
}

/* Whether a schedule of so many evaluations is over within so many generations. */
static bool is_over_within(double budget, double most, uint64_t generations)
{
    double used = most, members = most;
    for (uint64_t g = 1; g < generations && used < budget; g++) {
        used += members;
        members = members_at(most, used < budget ? used / budget : 1.0);
    }
    return used >= budget;
}

/* The longest schedule, of at most `budget` evaluations, that is over within so many generations. */
static uint64_t longest_within(uint64_t budget, double most, uint64_t generations)
{
    uint64_t fits = 1, not_sure = budget;
    while (fits < not_sure) {
        uint64_t middle = not_sure - (not_sure - fits) / 2;
        bool over = is_over_within((double)middle, most, generations);
        fits = over ? middle : fits;
        not_sure = over ? not_sure : middle - 1;
    }
    return fits;
}

/* A schedule that the run cannot finish is the wrong one: most of what it finds comes at its end. The
 * limit is the one that the run begins with. A limit of generations is left alone: people cut runs short
 * by it, and go on with another. */
static void fit_schedule(struct evo_search *search, bool reevaluate)
{
    const struct evo_config *config = search->setup.config;
    struct lshade *lshade = search->state;
    uint64_t n = search->population->n, most = most_members(lshade, 0), budget = lshade->usual;
    uint64_t evaluations = (uint64_t)config->stop_max_evaluations;
    if (evo_lshade_keys(config)->evaluations > 0 || evaluations == 0) { return; }
    /* Where cases change all are evaluated in every generation, else the first time only. */
    if (reevaluate) {
        uint64_t generations = evaluations / n + (evaluations % n > 0 ? 1 : 0);
        budget = longest_within(budget, (double)most, generations);
    } else {
        uint64_t room = evaluations > n ? (evaluations - n) / lshade->n_instances : 0;
        budget = room + most < budget ? room + most : budget;
    }
    lshade->budget = budget;
}

static double clip(double x, double low, double high)
{
    if (x < low) { return low; }
    return x > high ? high : x;
}

static void set_reach(struct lshade *lshade, const struct evo_config *config)
{
    double low = evo_lshade_keys(config)->initial_min, high = evo_lshade_keys(config)->initial_max;
    double middle = 0.5 * low + 0.5 * high, half = 0.5 * high - 0.5 * low;
    double reach = half > 0.0 ? half * evo_lshade_keys(config)->max_growth : 0.0;
    lshade->low = clip(middle - reach, -EVO_PARAMETER_MOST, EVO_PARAMETER_MOST);
    lshade->high = clip(middle + reach, -EVO_PARAMETER_MOST, EVO_PARAMETER_MOST);
}

static void lay_out(struct evo_search *search)
{
    const struct evo_config *config = search->setup.config;
    struct lshade *lshade = search->state;
    size_t wanted = (size_t)evo_lshade_keys(config)->members;
    if (wanted == 0) { wanted = 18 * search->n_genome; }
    lshade->n_parents = search->population->n / 2;
    lshade->n_instances = lshade->n_parents / wanted;
    if (lshade->n_instances == 0) { lshade->n_instances = 1; }
    lshade->usual = (uint64_t)evo_lshade_keys(config)->evaluations;
    if (lshade->usual == 0) { lshade->usual = UINT64_C(10000) * search->n_genome; }
    lshade->budget = lshade->usual;
    set_reach(lshade, config);
    for (size_t k = 0; k < lshade->n_instances; k++) {
        size_t room = archive_size(search, most_members(lshade, k));
        lshade->archive_room = room > lshade->archive_room ? room : lshade->archive_room;
    }
}

static enum evo_status lshade_init(struct evo_search *search)
{
    const struct evo_config *config = search->setup.config;
    struct lshade *lshade = search->state;
    if (evo_lshade_keys(config)->initial_min > evo_lshade_keys(config)->initial_max) {
        return evo_config_refuse(config, "lshade.initial_min",
                                 "must not be above lshade.initial_max, %g",
                                 evo_lshade_keys(config)->initial_max);
    }
    if ((size_t)evo_lshade_keys(config)->members > search->population->n / 2) {
        return evo_config_refuse(config, "lshade.members",
                                 "is more than half of population.size = %zu, which an instance has "
                                 "for its members; use a population of %" PRId64 ", or at most %zu "
                                 "members",
                                 search->population->n, 2 * evo_lshade_keys(config)->members,
                                 search->population->n / 2);
    }
    lay_out(search);
    size_t n = lshade->n_instances, width = search->n_genome * sizeof(double);
    EVO_TRY(evo_success_init(&lshade->success, config, n));
    EVO_TRY(evo_alloc(n, sizeof(uint64_t), "instances", &lshade->members));
    EVO_TRY(evo_alloc(n, sizeof(uint64_t), "instances", &lshade->used));
    EVO_TRY(evo_alloc(n, sizeof(uint64_t), "instances", &lshade->starts));
    EVO_TRY(evo_alloc(n, sizeof(uint64_t), "instances", &lshade->n_archived));
    EVO_TRY(evo_alloc(n * lshade->archive_room + 1, width, "archive", &lshade->archive));
    EVO_TRY(evo_alloc(lshade->n_parents, sizeof *lshade->places, "places", &lshade->places));
    EVO_TRY(evo_alloc(lshade->n_parents, sizeof(double), "trials", &lshade->keys_f));
    EVO_TRY(evo_alloc(lshade->n_parents, sizeof(double), "trials", &lshade->keys_cr));
    return evo_alloc(search->population->n, sizeof *lshade->slots, "slots", &lshade->slots);
}

static void lshade_fini(struct evo_search *search)
{
    struct lshade *lshade = search->state;
    evo_success_fini(&lshade->success);
    free(lshade->members);
    free(lshade->used);
    free(lshade->starts);
    free(lshade->n_archived);
    free(lshade->archive);
    free(lshade->places);
    free(lshade->keys_f);
    free(lshade->keys_cr);
    free(lshade->slots);
}

/* ---- trials ------------------------------------------------------------------------------ */

static int by_fitness(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->key != y->key) { return x->key < y->key ? -1 : 1; }
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Sorts the members of instance k, best first, into its stretch of `places`. */
static struct place *sort_members(struct evo_search *search, size_t k)
{
    struct lshade *lshade = search->state;
    const struct evo_population *population = search->population;
    size_t begin = begin_of(lshade, k), n = (size_t)lshade->members[k];
    struct place *places = lshade->places + begin;
    for (size_t i = 0; i < n; i++) {
        places[i].slot = begin + i;
        places[i].id = population->id[begin + i];
        evo_fitness_keys(&population->fitness[begin + i], 1, &places[i].key);
    }
    qsort(places, n, sizeof *places, by_fitness);
    return places;
}

/* A number of 0 .. n-1 other than a and b; where there is none, one that is not a; else a. */
static size_t draw_other(struct evo_rng *rng, size_t n, size_t a, size_t b)
{
    if (n < 2) { return a; }
    size_t x;
    do {
        x = (size_t)evo_rng_below(rng, n);
    } while (x == a || (x == b && n > 2));
    return x;
}

/* A parameter beyond the reach comes half-way back to its parent's, as in JADE [Zhang, Sanderson 2009].
 */
static double within_reach(double low, double high, double y, double x)
{
    if (y >= low && y <= high) { return y; }
    double bound = y < low ? low : high;
    return clip(isnan(y) || isnan(x) ? bound : 0.5 * x + 0.5 * bound, low, high);
}

/* The same for parameter m: within its own bounds, where it is no controller's. */
static double keep_within(const struct evo_search *search, size_t m, double y, double x)
{
    const struct lshade *lshade = search->state;
    const struct evo_ranges *ranges = &search->ranges;
    if (ranges->n == 0) { return within_reach(lshade->low, lshade->high, y, x); }
    double growth = evo_lshade_keys(search->setup.config)->max_growth;
    double reach = growth * ranges->spread[m], start = ranges->start[m];
    return within_reach(fmax(ranges->lower[m], fmax(start - reach, -EVO_PARAMETER_MOST)),
                        fmin(ranges->upper[m], fmin(start + reach, EVO_PARAMETER_MOST)), y, x);
}

/* x + F (best - x) + F (r1 - r2), crossed with x: `current to pbest/1/bin` with an archive. */
static void make_trial(struct evo_search *search, struct evo_rng *rng, size_t k, size_t i,
                       size_t trial, size_t best)
{
    struct lshade *lshade = search->state;
    struct evo_population *population = search->population;
    size_t width = search->n_genome, begin = begin_of(lshade, k), n = (size_t)lshade->members[k];
    size_t j = trial - lshade->n_parents;
    double done = progress_of(lshade, k), f, cr;
    evo_success_draw(&lshade->success, rng, k, done, &f, &cr);
    lshade->keys_f[j] = f;
    lshade->keys_cr[j] = cr;

    size_t r1 = draw_other(rng, n, i, i);
    size_t r2 = draw_other(rng, n + (size_t)lshade->n_archived[k], i, r1);
    const double *x = population->genomes + (begin + i) * width;
    const double *top = population->genomes + best * width;
    const double *a = population->genomes + (begin + r1) * width;
    const double *b = r2 < n ? population->genomes + (begin + r2) * width
                             : lshade->archive + (k * lshade->archive_room + r2 - n) * width;
    double pull = evo_success_pull(&lshade->success, f, done);
    double *y = population->genomes + trial * width;
    size_t always = (size_t)evo_rng_below(rng, width);
    for (size_t m = 0; m < width; m++) {
        bool crossed = evo_rng_uniform(rng) < cr || m == always;
        double moved = x[m] + pull * (top[m] - x[m]) + f * (a[m] - b[m]);
        y[m] = crossed ? keep_within(search, m, moved, x[m]) : x[m];
    }
}

/* The trials of instance k in slots `trial` and behind. */
static void ask_instance(struct evo_search *search, uint64_t generation, size_t k, size_t trial)
{
    struct lshade *lshade = search->state;
    struct evo_population *population = search->population;
    size_t n = (size_t)lshade->members[k], begin = begin_of(lshade, k);
    if (n == 0) {
        evo_birth_scatter(search, generation, trial, most_members(lshade, k), range_of(search));
        return;
    }
    const struct place *places = sort_members(search, k);
    double share = evo_success_best(&lshade->success, progress_of(lshade, k));
    size_t n_best = (size_t)rint(share * (double)n);
    if (n_best < 2) { n_best = n < 2 ? 1 : 2; }
    for (size_t i = 0; i < n; i++) {
        evo_birth_register(search, trial + i, population->id[begin + i], generation);
        struct evo_rng rng =
            evo_rng_begin((uint64_t)search->setup.config->job_seed, EVO_STREAM_VARIATION,
                          generation, population->id[trial + i]);
        size_t best = places[evo_rng_below(&rng, n_best)].slot;
        make_trial(search, &rng, k, i, trial + i, best);
    }
}

static enum evo_status lshade_ask(struct evo_search *search, uint64_t generation, bool reevaluate,
                                  size_t *first, size_t *n)
{
    struct lshade *lshade = search->state;
    struct evo_population *population = search->population;
    *first = 0;
    *n = population->n;
    if (generation == 1) {
        fit_schedule(search, reevaluate);
        evo_birth_scatter(search, generation, 0, population->n, range_of(search));
        return EVO_OK;
    }
    size_t total = 0;
    for (size_t k = 0; k < lshade->n_instances; k++) { total += n_trials(lshade, k); }
    for (size_t i = 0; i < total; i++) { lshade->slots[i] = lshade->n_parents + i; }
    EVO_TRY(
        evo_lineage_bury(search->setup.lineage, population, lshade->slots, total, generation - 1));
    for (size_t k = 0, trial = lshade->n_parents; k < lshade->n_instances; k++) {
        ask_instance(search, generation, k, trial);
        trial += n_trials(lshade, k);
    }
    if (!reevaluate) {
        *first = lshade->n_parents;
        *n = total;
    }
    return EVO_OK;
}

/* ---- selection --------------------------------------------------------------------------- */

/* Keeps a beaten member's genome; in a full archive in the place of one by chance. */
static void archive(struct evo_search *search, struct evo_rng *rng, size_t k, size_t slot)
{
    struct lshade *lshade = search->state;
    size_t room = archive_size(search, (size_t)lshade->members[k]);
    if (room == 0) { return; }
    size_t at = (size_t)lshade->n_archived[k];
    if (at >= room) {
        at = (size_t)evo_rng_below(rng, room);
    } else {
        lshade->n_archived[k]++;
    }
    memcpy(lshade->archive + (k * lshade->archive_room + at) * search->n_genome,
           search->population->genomes + slot * search->n_genome,
           search->n_genome * sizeof(double));
}

/* A trial that is not worse takes its parent's slot; one that is better teaches. Without a finite
 * score it has shown nothing: chance alone would carry such members ever further apart. */
static void select_members(struct evo_search *search, struct evo_rng *rng, size_t k, size_t trial)
{
    struct lshade *lshade = search->state;
    struct evo_population *population = search->population;
    size_t begin = begin_of(lshade, k), n = (size_t)lshade->members[k];
    evo_success_begin(&lshade->success);
    for (size_t i = 0; i < n; i++) {
        size_t j = trial + i - lshade->n_parents;
        double fitness[2] = {population->fitness[begin + i], population->fitness[trial + i]};
        uint64_t keys[2];
        evo_fitness_keys(fitness, 2, keys);
        if (keys[1] > keys[0] || !isfinite(fitness[1])) { continue; }
        if (keys[1] < keys[0]) {
            evo_success_add(&lshade->success, lshade->keys_f[j], lshade->keys_cr[j],
                            fitness[0] - fitness[1]);
            archive(search, rng, k, begin + i);
        }
        evo_population_swap(population, begin + i, trial + i);
    }
    evo_success_learn(&lshade->success, k);
}

/* All but the n best of instance k leave their slots to those of the n that stand behind. */
static void shed(struct evo_search *search, size_t k, size_t n)
{
    struct lshade *lshade = search->state;
    struct evo_population *population = search->population;
    const struct place *places = sort_members(search, k);
    size_t end = begin_of(lshade, k) + n, behind = end;
    double fitness = population->fitness[places[n].slot]; // of the best that leaves
    for (size_t i = n; i < lshade->members[k]; i++) {
        if (places[i].slot >= end) { continue; }
        while (!evo_fitness_before(population->fitness[behind], population->id[behind], fitness,
                                   places[n].id)) {
            behind++;
        }
        evo_population_swap(population, places[i].slot, behind++);
    }
    lshade->members[k] = n;
}

/* Fewer members as the schedule goes on: the worst give up their place, the archive follows. */
static void shrink(struct evo_search *search, struct evo_rng *rng, size_t k)
{
    struct lshade *lshade = search->state;
    size_t n = (size_t)lshade->members[k];
    size_t wanted = (size_t)members_at((double)most_members(lshade, k), progress_of(lshade, k));
    if (n > wanted) { shed(search, k, wanted); }
    size_t width = search->n_genome, room = archive_size(search, (size_t)lshade->members[k]);
    double *genomes = lshade->archive + k * lshade->archive_room * width;
    while (lshade->n_archived[k] > room) {
        size_t at = (size_t)evo_rng_below(rng, lshade->n_archived[k]);
        lshade->n_archived[k]--;
        memmove(genomes + at * width, genomes + lshade->n_archived[k] * width,
                width * sizeof *genomes);
    }
}

/* Members whose fitness no longer differs have nothing to tell each other (tolfun), nor have those of
 * whom none has a finite one. */
static bool is_spent(const struct evo_search *search, size_t k)
{
    const struct lshade *lshade = search->state;
    const double *fitness = search->population->fitness + begin_of(lshade, k);
    double low = INFINITY, high = -INFINITY;
    size_t n_finite = 0;
    for (size_t i = 0; i < lshade->members[k]; i++) {
        if (!isfinite(fitness[i])) { continue; }
        n_finite++;
        low = fitness[i] < low ? fitness[i] : low;
        high = fitness[i] > high ? fitness[i] : high;
    }
    if (n_finite == 0) { return true; }
    return n_finite == lshade->members[k] && high - low <= 1e-11 * (1.0 + fabs(low));
}

static void begin_schedule(struct evo_search *search, size_t k)
{
    struct lshade *lshade = search->state;
    lshade->members[k] = most_members(lshade, k);
    lshade->used[k] = lshade->members[k];
    lshade->starts[k]++;
    lshade->n_archived[k] = 0;
    evo_success_reset(&lshade->success, k);
}

static void tell_instance(struct evo_search *search, uint64_t generation, size_t k, size_t trial)
{
    struct lshade *lshade = search->state;
    if (lshade->members[k] == 0) {
        begin_schedule(search, k);
        for (size_t i = 0; i < lshade->members[k]; i++) {
            evo_population_swap(search->population, begin_of(lshade, k) + i, trial + i);
        }
        return;
    }
    struct evo_rng rng = evo_rng_begin((uint64_t)search->setup.config->job_seed,
                                       EVO_STREAM_SELECTION, generation, k);
    select_members(search, &rng, k, trial);
    lshade->used[k] += lshade->members[k];
    shrink(search, &rng, k);
    if (progress_of(lshade, k) >= 1.0 || is_spent(search, k)) { lshade->members[k] = 0; }
}

static enum evo_status lshade_tell(struct evo_search *search, uint64_t generation)
{
    struct lshade *lshade = search->state;
    for (size_t k = 0, trial = lshade->n_parents; k < lshade->n_instances; k++) {
        size_t n = n_trials(lshade, k);
        if (generation == 1) {
            begin_schedule(search, k);
        } else {
            tell_instance(search, generation, k, trial);
        }
        trial += n;
    }
    return EVO_OK;
}

/* ---- state ------------------------------------------------------------------------------- */

static size_t lshade_fields(struct evo_search *search, struct evo_field *fields)
{
    struct lshade *lshade = search->state;
    size_t n = lshade->n_instances;
    const struct evo_field own[] = {
        {"members", "creatures", "members of each instance; 0: it starts again", EVO_TYPE_U64,
         false, n, 0, lshade->members, NULL},
        {"used", "creatures", "evaluated in each instance's schedule", EVO_TYPE_U64, false, n, 0,
         lshade->used, NULL},
        {"starts", "1", "schedules that each instance began", EVO_TYPE_U64, false, n, 0,
         lshade->starts, NULL},
        {"n_archived", "1", "genomes in each instance's archive", EVO_TYPE_U64, false, n, 0,
         lshade->n_archived, NULL},
        {"archive", "1", "genomes that were beaten, instance by instance", EVO_TYPE_F64, false,
         n * lshade->archive_room + 1, search->n_genome, lshade->archive, NULL},
        {"budget", "creatures", "length of a schedule, as the run began", EVO_TYPE_U64, false, 1, 0,
         &lshade->budget, &lshade->usual},
    };
    memcpy(fields, own, sizeof own);
    size_t n_own = sizeof own / sizeof own[0];
    return n_own + evo_success_fields(&lshade->success, fields + n_own);
}

static enum evo_status lshade_restored(struct evo_search *search)
{
    const struct lshade *lshade = search->state;
    for (size_t k = 0; k < lshade->n_instances; k++) {
        EVO_CHECK(lshade->members[k] <= most_members(lshade, k) &&
                      lshade->n_archived[k] <= lshade->archive_room && lshade->starts[k] > 0,
                  EVO_ERR_CHECKPOINT,
                  "the saved search has %llu members and %llu archived in instance %zu, which has "
                  "room for %zu and %zu",
                  (unsigned long long)lshade->members[k], (unsigned long long)lshade->n_archived[k],
                  k, most_members(lshade, k), lshade->archive_room);
    }
    EVO_CHECK(lshade->budget > 0 && lshade->budget <= lshade->usual, EVO_ERR_CHECKPOINT,
              "the saved search has a schedule of %" PRIu64 " evaluations, where %" PRIu64
              " are the most", lshade->budget, lshade->usual);
    return evo_success_restored(&lshade->success);
}

EVO_KEYS_DEFINE(lshade, EVO_LSHADE_KEYS)

static const char *const start_keys[] = {"lshade.initial_min", "lshade.initial_max", NULL};

const struct evo_search_class evo_search_lshade = {
    .start_keys = start_keys,
    .keys = &evo_lshade_key_table,
    .summary = "differential evolution that learns its rates and shrinks: many instances at once",
    .state_bytes = sizeof(struct lshade),
    .init = lshade_init,
    .fini = lshade_fini,
    .ask = lshade_ask,
    .tell = lshade_tell,
    .fields = lshade_fields,
    .restored = lshade_restored,
};
