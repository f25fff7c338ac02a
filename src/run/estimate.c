/* SPDX-License-Identifier: MIT */
/* What a run takes of memory and time, from short trials of its own search with fewer creatures. */
#include "run.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A search as the configuration has it, but of its own size, told scores that no evaluation gave. */
struct trial {
    struct evo_config config; ///< the run's but for the population; borrows its texts
    struct evo_lineage *lineage;
    struct evo_search *search;
    struct evo_population *population;
    size_t bytes; ///< that search and lineage took
};

static void trial_fini(struct trial *trial)
{
    evo_search_destroy(trial->search);
    evo_lineage_destroy(trial->lineage);
    *trial = (struct trial){0};
}

/* A shape of so many parameters; the task's own where that is its number. */
static struct evo_shape shape_of(const struct evo_task *task, size_t genome)
{
    struct evo_shape shape = evo_task_shape(task);
    return genome == evo_shape_genome(shape) ? shape : (struct evo_shape){.n_inputs = genome - 1, .n_outputs = 1};
}

/* trial_fini must follow, after a failure too. */
static enum evo_status trial_init(struct trial *trial, const struct evo_config *config,
                                  const struct evo_task *task, size_t genome, size_t population)
{
    *trial = (struct trial){.config = *config};
    trial->config.population_size = (int64_t)population;
    size_t before = evo_alloc_total(), n_more = evo_task_record(task).n_results - 1;
    EVO_TRY(evo_lineage_create((enum evo_lineage_keep)config->lineage_keep, genome, n_more,
                               &trial->lineage));
    const struct evo_search_setup setup = {.config = &trial->config,
                                           .shape = shape_of(task, genome),
                                           .lineage = trial->lineage,
                                           .basis = evo_task_basis(task),
                                           .n_more = n_more};
    EVO_TRY(evo_search_create(&setup, &trial->search));
    trial->bytes = evo_alloc_total() - before;
    trial->population = evo_search_population(trial->search);
    return EVO_OK;
}

/* The smallest trial with this genome whose configuration is allowed: a search may need more creatures
 * than a few. *population: the least to try, then what it has. */
static enum evo_status trial_find(struct trial *trial, const struct evo_config *config,
                                  const struct evo_task *task, size_t genome, size_t *population)
{
    size_t all = (size_t)config->population_size;
    double most = 0.25 * evo_alloc_limit() / (double)(genome * sizeof(double));
    enum evo_status status = EVO_OK;
    for (size_t n = *population;; n *= 2) {
        if (n > all) { n = all; }
        *population = n;
        status = trial_init(trial, config, task, genome, n);
        if (status != EVO_ERR_CONFIG || n == all || 2.0 * (double)n > most) { return status; }
        trial_fini(trial);
    }
}

/* ---- the search's own time ---------------------------------------------------------------- */

/* What a generation takes of a search without its evaluation. */
struct pace {
    double own_s; ///< ask and tell
    double flown; ///< candidates asked for
};

/* One generation on its way: who evaluates it, and how much the processor had done before and after. */
struct flying {
    struct evo_task *task; // NULL: nobody does
    uint64_t generation;
    double asked_s, flown_s;
};

/* A bowl beside the start: what matters is that scores differ, and get better as the search learns. */
static void score(struct evo_population *population, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++) {
        const double *x = population->genomes + i * population->genome;
        double sum = 0.0;
        for (size_t k = 0; k < population->genome; k++) {
            double gap = x[k] - 0.1 * (double)(k % 7);
            sum += (double)(1 + k % 5) * gap * gap;
        }
        population->fitness[i] = sum;
    }
}

static enum evo_status fly(void *context, struct evo_population *population, size_t first, size_t n)
{
    struct flying *flying = context;
    flying->asked_s = evo_clock_cpu_s();
    if (flying->task != NULL) {
        EVO_TRY(evo_task_fitness(flying->task, evo_cases_of(flying->generation), n,
                                 population->genomes + first * population->genome,
                                 population->fitness + first));
    } else {
        score(population, first, n);
    }
    flying->flown_s = evo_clock_cpu_s();
    return EVO_OK;
}

/* One generation; *own_s is what the search took, *n how many it asked for. `task` evaluates them, or NULL. */
static enum evo_status step(struct trial *trial, struct evo_task *task, bool reevaluate,
                            uint64_t generation, double *own_s, size_t *n)
{
    struct flying flying = {.task = task, .generation = generation};
    struct evo_generation done = {0};
    double began_s = evo_clock_cpu_s();
    EVO_TRY(evo_generation_step(trial->search, generation, reevaluate, fly, &flying, &done));
    *own_s = flying.asked_s - began_s + evo_clock_cpu_s() - flying.flown_s;
    *n = done.n;
    return EVO_OK;
}

/* The rows that came to the ledger, which they leave, as with a save. */
static double take_rows(struct trial *trial)
{
    double n = (double)trial->lineage->table->n_rows;
    evo_table_drop(trial->lineage->table, trial->lineage->table->n_rows);
    return n;
}

/* Generations until they have taken `enough_s`, a few at least, without the first, which is another. */
static enum evo_status measure_pace(struct trial *trial, bool reevaluate, double enough_s,
                                    struct pace *pace)
{
    enum { LEAST = 3, WISHED = 32, MOST = 4000 };
    double seconds = 0.0, flown = 0.0, own_s = 0.0;
    size_t n_measured = 0, n = 0;
    for (uint64_t generation = 1; generation <= MOST; generation++) {
        if (evo_search_finished(trial->search) != NULL) { break; }
        EVO_TRY(step(trial, NULL, reevaluate, generation, &own_s, &n));
        take_rows(trial);
        if (generation == 1) { continue; }
        n_measured++;
        seconds += own_s;
        flown += (double)n;
        /* What is done once in some generations needs many of them. */
        bool enough = n_measured >= WISHED || seconds > 3.0 * enough_s;
        if (seconds > enough_s && enough && n_measured >= LEAST) { break; }
    }
    double count = n_measured > 0 ? (double)n_measured : 1.0;
    *pace = (struct pace){seconds / count, flown / count};
    return EVO_OK;
}

/* A trial of this size, measured. */
static enum evo_status try_size(const struct evo_config *config, const struct evo_task *task,
                                size_t genome, size_t *population, struct pace *pace)
{
    const double enough_s = 0.05;
    enum evo_status status = EVO_OK;
    struct trial trial;
    EVO_GOTO(trial_find(&trial, config, task, genome, population));
    EVO_GOTO(measure_pace(&trial, evo_task_changes(task), enough_s, pace));
done:
    trial_fini(&trial);
    return status;
}

/* How many generations of the next larger trial would take too long to be tried. */
enum { FEW = 4 };
static const double most_s = 0.12;

/* From few parameters to all that there are, doubling, as long as that takes moments: *tried; *factor is
 * what is left to be multiplied by, by the power that the last doubling showed. */
static enum evo_status grow_genome(const struct evo_config *config, const struct evo_task *task,
                                   size_t *population, struct pace *pace, size_t *tried,
                                   double *factor)
{
    enum { BEGIN = 32 };
    size_t all = evo_shape_genome(evo_task_shape(task));
    size_t genome = evo_task_basis(task) != NULL || all < BEGIN ? all : BEGIN;
    double power = 3.0;
    EVO_TRY(try_size(config, task, genome, population, pace));
    while (genome < all) {
        size_t next = 2 * genome < all ? 2 * genome : all;
        double ratio = (double)next / (double)genome;
        if (FEW * pace->own_s * pow(ratio, power) > most_s) { break; }
        double before_s = pace->own_s;
        EVO_TRY(try_size(config, task, next, population, pace));
        if (next == 2 * genome) { power = fmin(fmax(log2(pace->own_s / before_s), 1.0), 3.0); }
        genome = next;
    }
    *tried = genome;
    *factor = pow((double)all / (double)genome, power);
    return EVO_OK;
}

/* Then from few creatures to all, as long as that takes moments, and from there on evenly. */
static enum evo_status measure_search(const struct evo_config *config, const struct evo_task *task,
                                      size_t *tried, struct evo_estimate *out)
{
    enum { BEGIN = 256 };
    size_t all = (size_t)config->population_size, genome = evo_shape_genome(evo_task_shape(task));
    size_t n = BEGIN < all ? BEGIN : all, n_before = 0;
    struct pace pace, before = {0};
    double factor = 1.0;
    EVO_TRY(grow_genome(config, task, &n, &pace, tried, &factor));
    while (n < all && factor == 1.0) {
        size_t next = 4 * n < all ? 4 * n : all;
        double ratio = (double)next / (double)n;
        if (FEW * pace.own_s * ratio > most_s || (double)(next * genome) > 4e6) { break; }
        before = pace;
        n_before = n;
        n = next;
        EVO_TRY(try_size(config, task, genome, &n, &pace));
    }
    double more = (double)(all - n), share = (double)all / (double)n;
    double slope_s = pace.own_s / (double)n;
    if (n_before > 0 && n_before < n && pace.own_s > before.own_s) {
        slope_s = (pace.own_s - before.own_s) / (double)(n - n_before);
    }
    out->is_measured = n == all && factor == 1.0;
    out->own_s = factor > 1.0 ? pace.own_s * share * factor : pace.own_s + slope_s * more;
    out->flown = pace.flown * share;
    return EVO_OK;
}

/* How many rows a generation brings to the lineage ledger depends on who gets better: so these creatures
 * evaluate, where all parameters could be `tried` and evaluation takes moments. */
static enum evo_status measure_deaths(const struct evo_config *config, struct evo_task *task,
                                      size_t tried, struct evo_estimate *out)
{
    enum { BEGIN = 256, LEAST = 3, MOST = 12 };
    const double enough_s = 0.2;
    enum evo_status status = EVO_OK;
    struct trial trial = {0};
    size_t all = (size_t)config->population_size, n_trial = BEGIN < all ? BEGIN : all, n = 0;
    double rows = 0.0, own_s = 0.0, began_s = evo_clock_cpu_s();
    uint64_t generation = 0;
    bool keeps = config->lineage_keep == EVO_KEEP_ALL || config->lineage_keep == EVO_KEEP_SURVIVORS;
    if (!keeps) { return EVO_OK; }
    EVO_GOTO(trial_find(&trial, config, task, tried, &n_trial));
    double fly_s = (double)(LEAST * n_trial * evo_task_steps(task, evo_cases_of(1))) / out->steps_per_s;
    bool evaluates = tried == evo_shape_genome(evo_task_shape(task)) && fly_s < 2.0 * enough_s;
    while (generation < MOST && evo_search_finished(trial.search) == NULL &&
           (generation < LEAST || evo_clock_cpu_s() - began_s < enough_s)) {
        generation++;
        EVO_GOTO(step(&trial, evaluates ? task : NULL, evo_task_changes(task), generation, &own_s, &n));
        double died = take_rows(&trial) * (double)all / (double)n_trial;
        if (generation > 1) { rows += died; }
    }
    out->died = generation > 1 ? rows / (double)(generation - 1) : 0.0;
done:
    trial_fini(&trial);
    return status;
}

/* ---- memory --------------------------------------------------------------------------------- */

/* Two trials with all parameters, from which all else follows evenly. */
struct pair {
    struct trial small, large;
    double share; ///< how many steps from the small one to the large one lead to the whole
};

static double extend(double small, double large, double share)
{
    return small + (large - small) * share;
}

static double field_bytes(const struct evo_field *field)
{
    double width = field->n_cols > 0 ? (double)field->n_cols : 1.0;
    return (double)field->n_rows * width * (field->type == EVO_TYPE_TEXT ? 1.0 : EVO_CELL_BYTES);
}

/* Trials of some MiB; the whole itself where it is not much more. */
static enum evo_status pair_init(struct pair *pair, const struct evo_config *config,
                                 const struct evo_task *task)
{
    enum { BEGIN = 256 };
    const double some_bytes = 96.0 * 1048576.0;
    size_t genome = evo_shape_genome(evo_task_shape(task)), all = (size_t)config->population_size;
    size_t n = BEGIN < all ? BEGIN : all;
    *pair = (struct pair){.share = 0.0};
    EVO_TRY(trial_find(&pair->small, config, task, genome, &n));
    double each = (double)pair->small.bytes / (double)n;
    trial_fini(&pair->small);
    if (each * (double)all < 2.0 * some_bytes) { n = all; }
    while (n < all / 4 && each * (double)n < some_bytes) { n *= 2; }
    EVO_TRY(trial_find(&pair->small, config, task, genome, &n));
    if (n == all) { return EVO_OK; }
    size_t twice = 2 * n < all ? 2 * n : all;
    EVO_TRY(trial_init(&pair->large, config, task, genome, twice));
    pair->share = (double)(all - n) / (double)(twice - n);
    return EVO_OK;
}

/* Adds a table's columns with so many rows. */
static void add_ledger(const struct evo_table *table, double rows, struct evo_store_size *sizes,
                       size_t *n)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        double cell = EVO_CELL_BYTES * (double)evo_table_width(&table->columns[i]);
        sizes[(*n)++] = (struct evo_store_size){(size_t)(rows * cell), true};
    }
}

/* The most rows that a ledger has before a save, where so many come in a generation and whole segments
 * leave with each save. *room: those that its table has memory for, which doubles. */
static double most_rows(double died, double every, double n_generations, const struct evo_table *table,
                        double *room)
{
    enum { SAVES = 100, STEPS = 100 };
    double segment = (double)evo_store_tail(table) + 1.0, rows = 0.0, most = 0.0;
    int n_saves = n_generations > 0.0 ? (int)fmin(ceil(n_generations / every), SAVES) : SAVES;
    int n_steps = (int)fmin(ceil(every), STEPS);
    *room = 0.0;
    for (int save = 0; save < n_saves && died > 0.0; save++) {
        for (int step = 0; step < n_steps; step++) {
            rows += died * every / n_steps;
            if (rows > *room) { *room = fmax(2.0 * *room, rows); }
        }
        most = fmax(most, rows);
        rows = fmod(floor(rows), segment);
    }
    return most;
}

/* The arrays of a checkpoint, in its order. */
static size_t list_sizes(const struct pair *pair, const struct evo_table *history, double n_dead,
                         struct evo_store_size *sizes)
{
    enum { TEXTS = 1 << 15 };
    struct evo_field small[EVO_POPULATION_FIELDS], large[EVO_POPULATION_FIELDS];
    const struct trial *other = pair->share > 0.0 ? &pair->large : &pair->small;
    size_t n = 0, n_search = 0;
    size_t n_fields = evo_population_fields(pair->small.population, small);
    evo_population_fields(other->population, large);
    sizes[n++] = (struct evo_store_size){TEXTS, false};
    for (size_t i = 0; i < n_fields; i++) {
        double bytes = extend(field_bytes(&small[i]), field_bytes(&large[i]), pair->share);
        sizes[n++] = (struct evo_store_size){(size_t)bytes, false};
    }
    const struct evo_field *a = evo_search_fields(pair->small.search, &n_search);
    const struct evo_field *b = evo_search_fields(other->search, &n_search);
    for (size_t i = 0; i < n_search; i++) {
        double bytes = extend(field_bytes(&a[i]), field_bytes(&b[i]), pair->share);
        sizes[n++] = (struct evo_store_size){(size_t)bytes, false};
    }
    add_ledger(history, (double)evo_store_tail(history) / 2.0, sizes, &n);
    add_ledger(pair->small.lineage->table, n_dead, sizes, &n);
    return n;
}

/* Generations from one checkpoint to the next. */
static double saved_every(const struct evo_config *config, double generation_s, double n_generations)
{
    double every = config->checkpoint_every > 0 ? (double)config->checkpoint_every : n_generations;
    double put_off = generation_s > 0.0 ? config->checkpoint_min_interval_s / generation_s : 0.0;
    every = fmax(every, ceil(put_off));
    return n_generations > 0.0 ? fmin(every, n_generations) : fmax(every, 1.0);
}

/* What is lost to pages, gaps and HDF5's own tables: measured with runs of ga, cmaes and lshade, 4096 to
 * 1e6 creatures. */
static const double lost_share = 1.05, lost_bytes = 1048576.0;

/* `every`: generations from one checkpoint to the next. */
static enum evo_status measure_memory(const struct evo_config *config, const struct evo_task *task,
                                      double every, struct evo_estimate *out)
{
    enum { MOST_SIZES = 256 };
    enum evo_status status = EVO_OK;
    struct evo_store_size sizes[MOST_SIZES];
    struct evo_table *history = NULL;
    char *names = NULL;
    struct pair pair = {0};
    EVO_GOTO(evo_history_create(task, &names, &history));
    EVO_GOTO(pair_init(&pair, config, task));
    const struct evo_table *ledger = pair.small.lineage->table;
    double room = 0.0, rows = most_rows(out->died, every, out->n_generations, ledger, &room);
    double row_bytes = (double)evo_table_row_bytes(ledger);
    size_t n = list_sizes(&pair, history, rows, sizes);
    double own = extend((double)pair.small.bytes, (double)pair.large.bytes, pair.share);
    const struct evo_store_memory saves = evo_store_memory(sizes, n);
    double all = own + room * row_bytes + saves.copy_bytes + saves.image_bytes;
    out->checkpoint_bytes = saves.file_bytes;
    out->memory_bytes = lost_share * all + lost_bytes;
done:
    trial_fini(&pair.small);
    trial_fini(&pair.large);
    evo_table_destroy(history);
    free(names);
    return status;
}

/* ---- flying --------------------------------------------------------------------------------- */

/* Of a task from outside children may do the work, and one candidate may take a minute. */
static double clock_of(const struct evo_task *task)
{
    return evo_task_record(task).fails ? evo_clock_s() : evo_clock_cpu_s();
}

/* Flies the first genomes of the search on this core for a moment: steps per second. */
static enum evo_status measure_flying(const struct evo_config *config, struct evo_task *task,
                                      double *steps_per_s)
{
    const double long_enough_s = 0.05;
    enum { MOST = 4096 };
    enum evo_status status = EVO_OK;
    struct trial trial;
    size_t first = 0, n = 0, n_trial = MOST, genome = evo_shape_genome(evo_task_shape(task));
    double flown = 0.0, seconds = 0.0;
    EVO_GOTO(trial_find(&trial, config, task, genome, &n_trial));
    EVO_GOTO(evo_search_ask(trial.search, 1, false, &first, &n));
    struct evo_population *population = trial.population;
    bool doubles = evo_task_record(task).fails;
    size_t some = doubles ? 1 : 4 * evo_task_batch(task), at = 0;
    if (n > MOST) { n = MOST; }
    double began_s = clock_of(task);
    do {
        size_t now = n - at < some ? n - at : some;
        EVO_GOTO(evo_task_fitness(task, evo_cases_of(1), now, population->genomes + (first + at) * genome,
                                  population->fitness + first + at));
        at = at + now < n ? at + now : 0;
        flown += (double)now;
        seconds = clock_of(task) - began_s;
        some = doubles && some < n ? 2 * some : some;
    } while (seconds < long_enough_s);
    *steps_per_s = flown * (double)evo_task_steps(task, evo_cases_of(1)) / seconds;
done:
    trial_fini(&trial);
    return status;
}

/* What a candidate takes that has no others beside it. */
static enum evo_status measure_alone(const struct evo_config *config, struct evo_task *task, double *alone_s)
{
    const double long_enough_s = 0.02;
    enum evo_status status = EVO_OK;
    struct trial trial;
    size_t first = 0, n = 0, n_trial = 1, genome = evo_shape_genome(evo_task_shape(task)), n_runs = 0;
    if (evo_task_batch(task) == 1) { return EVO_OK; }
    EVO_GOTO(trial_find(&trial, config, task, genome, &n_trial));
    EVO_GOTO(evo_search_ask(trial.search, 1, false, &first, &n));
    double began_s = clock_of(task), seconds = 0.0;
    do {
        EVO_GOTO(evo_task_fitness(task, evo_cases_of(1), 1, trial.population->genomes + first * genome,
                                  trial.population->fitness + first));
        seconds = clock_of(task) - began_s;
        n_runs++;
    } while (seconds < long_enough_s);
    *alone_s = seconds / (double)n_runs;
done:
    trial_fini(&trial);
    return status;
}

/* Steps of a candidate in a generation of the first n, in the mean. */
static double mean_steps(const struct evo_task *task, double n)
{
    enum { SAMPLES = 64 };
    double sum = 0.0;
    if (n < 1.0) { return (double)evo_task_steps(task, evo_cases_of(1)); }
    for (int i = 0; i < SAMPLES; i++) {
        uint64_t generation = 1 + (uint64_t)((double)i / SAMPLES * n);
        sum += (double)evo_task_steps(task, evo_cases_of(generation));
    }
    return sum / SAMPLES;
}

/* Generations until a limit of the configuration; 0: it sets none. */
static double count_generations(const struct evo_config *config, double flown)
{
    double n = (double)config->stop_max_generations;
    double by_flown = flown > 0.0 ? ceil((double)config->stop_max_evaluations / flown) : 0.0;
    if (by_flown > 0.0 && (n == 0.0 || by_flown < n)) { n = by_flown; }
    return n;
}

enum evo_status evo_estimate_make(const struct evo_config *config, struct evo_task *task,
                                  struct evo_estimate *out)
{
    size_t tried = 0;
    *out = (struct evo_estimate){0};
    EVO_TRY(measure_flying(config, task, &out->steps_per_s));
    EVO_TRY(measure_alone(config, task, &out->alone_s));
    EVO_TRY(measure_search(config, task, &tried, out));
    out->n_generations = count_generations(config, out->flown);
    double steps = out->flown * mean_steps(task, out->n_generations);
    if (evo_task_changes(task)) {
        steps += (double)config->exam_candidates *
                 (double)evo_task_steps(task, evo_cases_selection()) / (double)config->exam_every;
    }
    out->fly_s = steps / out->steps_per_s;
    EVO_TRY(measure_deaths(config, task, tried, out));
    double every = saved_every(config, out->own_s + out->fly_s, out->n_generations);
    return measure_memory(config, task, every, out);
}
