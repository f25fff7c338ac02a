/* SPDX-License-Identifier: MIT */
/* A population: one array per property, all of cells of 8 bytes, and what a line says of it. */
#include <evompi/creature.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Every array of a population, once: made, released, moved and saved by this list. */
static const struct array {
    const char *name, *doc;
    enum evo_type type;
    enum { ONE, GENOME, MORE } width; // cells of a creature
    size_t offset;
} arrays[EVO_POPULATION_FIELDS] = {
    {"id", "creatures are counted from 0 over the whole run", EVO_TYPE_U64, ONE,
     offsetof(struct evo_population, id)},
    {"parent", "id of the parent; 2^64 - 1: none", EVO_TYPE_U64, ONE,
     offsetof(struct evo_population, parent)},
    {"born", "generation of birth", EVO_TYPE_U64, ONE, offsetof(struct evo_population, born)},
    {"flown", "generation whose cases gave the fitness", EVO_TYPE_U64, ONE,
     offsetof(struct evo_population, flown)},
    {"fitness", "smaller is better; NaN: as bad as can be", EVO_TYPE_F64, ONE,
     offsetof(struct evo_population, fitness)},
    {"genome", "parameters: matrix row by row, then constants", EVO_TYPE_F64, GENOME,
     offsetof(struct evo_population, genomes)},
    {"results", "further results of the task, behind the fitness", EVO_TYPE_F64, MORE,
     offsetof(struct evo_population, more)},
};

static size_t width_of(const struct evo_population *population, const struct array *array)
{
    return array->width == GENOME ? population->genome : array->width == MORE ? population->n_more : 1;
}

static void *data_of(const struct evo_population *population, const struct array *array)
{
    void *data;
    memcpy(&data, (const char *)population + array->offset, sizeof data);
    return data;
}

enum evo_status evo_population_create(size_t n, size_t genome, size_t n_more,
                                      struct evo_population **out)
{
    enum evo_status status = EVO_OK;
    struct evo_population *population = NULL;
    EVO_TRY(evo_alloc(1, sizeof *population, "population", &population));
    population->n = n;
    population->genome = genome;
    population->n_more = n_more;
    for (size_t i = 0; i < EVO_POPULATION_FIELDS; i++) {
        size_t width = width_of(population, &arrays[i]);
        EVO_GOTO(evo_alloc(n, width * EVO_CELL_BYTES, "population",
                           (char *)population + arrays[i].offset));
    }
    *out = population;
    population = NULL;
done:
    evo_population_destroy(population);
    return status;
}

void evo_population_destroy(struct evo_population *population)
{
    if (population == NULL) { return; }
    for (size_t i = 0; i < EVO_POPULATION_FIELDS; i++) { free(data_of(population, &arrays[i])); }
    free(population);
}

static void keep_cells(char *cells, const size_t *slots, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        memcpy(cells + i * EVO_CELL_BYTES, cells + slots[i] * EVO_CELL_BYTES, EVO_CELL_BYTES);
    }
}

/* Whoever lives stands anywhere: its line of memory is called for ahead of its turn. */
static void keep_genomes(char *genomes, size_t bytes, const size_t *slots, size_t n)
{
    const size_t ahead = 16;
    for (size_t i = 0; i < n; i++) {
        if (i + ahead < n) { __builtin_prefetch(genomes + slots[i + ahead] * bytes); }
        if (slots[i] != i) { memcpy(genomes + i * bytes, genomes + slots[i] * bytes, bytes); }
    }
}

void evo_population_keep(struct evo_population *population, const size_t *slots, size_t n)
{
    for (size_t i = 0; i < EVO_POPULATION_FIELDS; i++) {
        char *data = data_of(population, &arrays[i]);
        if (arrays[i].width == ONE) {
            keep_cells(data, slots, n);
        } else if (width_of(population, &arrays[i]) > 0) {
            keep_genomes(data, width_of(population, &arrays[i]) * EVO_CELL_BYTES, slots, n);
        }
    }
}

void evo_population_swap(struct evo_population *population, size_t a, size_t b)
{
    for (size_t i = 0; a != b && i < EVO_POPULATION_FIELDS; i++) {
        size_t width = width_of(population, &arrays[i]);
        uint64_t *cells = data_of(population, &arrays[i]), *x = cells + a * width, *y = cells + b * width;
        for (size_t k = 0; k < width; k++) {
            uint64_t cell = x[k];
            x[k] = y[k];
            y[k] = cell;
        }
    }
}

size_t evo_population_fields(const struct evo_population *population,
                             struct evo_field fields[EVO_POPULATION_FIELDS])
{
    size_t n = population->n_more > 0 ? EVO_POPULATION_FIELDS : EVO_POPULATION_FIELDS - 1;
    for (size_t i = 0; i < n; i++) {
        fields[i] = (struct evo_field){.name = arrays[i].name,
                                       .unit = "1",
                                       .doc = arrays[i].doc,
                                       .type = arrays[i].type,
                                       .n_rows = population->n,
                                       .n_cols = arrays[i].width == ONE ? 0 : width_of(population, &arrays[i]),
                                       .data = data_of(population, &arrays[i])};
    }
    return n;
}

/* Best and worst of the finite, how many are not, and who is first in order. */
static void find_extremes(const struct evo_population *population,
                          struct evo_population_summary *out)
{
    const double *fitness = population->fitness;
    const uint64_t *id = population->id;
    double best = INFINITY, worst = -INFINITY;
    size_t n_bad = 0, first = 0;
    for (size_t i = 0; i < population->n; i++) {
        double x = fitness[i];
        bool finite = isfinite(x);
        n_bad += finite ? 0 : 1;
        if (finite && x > worst) { worst = x; }
        /* Nearly everyone is worse than the best so far: the order need not be asked. */
        if (x > best) { continue; }
        if (evo_fitness_before(x, id[i], fitness[first], id[first])) { first = i; }
        if (finite) { best = x; }
    }
    bool any = n_bad < population->n;
    out->best = any ? best : NAN;
    out->worst = any ? worst : NAN;
    out->n_bad = n_bad;
    out->i_best = first;
}

/* Each fitness as its place between best and worst, 0 to 1, so that no sum and no square
 * overflows; of halves, because the distance of two doubles may overflow too. */
static void find_moments(const struct evo_population *population,
                         struct evo_population_summary *out)
{
    double best = 0.5 * out->best, range = 0.5 * out->worst - best;
    double sum = 0.0, squares = 0.0, n = (double)(population->n - out->n_bad);
    for (size_t i = 0; i < population->n; i++) {
        double x = population->fitness[i];
        double place = isfinite(x) ? (0.5 * x - best) / range : 0.0;
        sum += place;
        squares += place * place;
    }
    double mean = sum / n, variance = squares / n - mean * mean;
    out->mean = fmin(2.0 * (best + range * mean), out->worst);
    out->spread = 2.0 * (range * sqrt(variance > 0.0 ? variance : 0.0));
}

enum evo_status evo_population_summarize(const struct evo_population *population,
                                         struct evo_population_summary *out)
{
    EVO_CHECK(population->n > 0, EVO_ERR_INTERNAL, "population: nobody is there to summarize");
    find_extremes(population, out);
    out->mean = out->best;
    out->spread = out->best - out->best;
    if (0.5 * out->worst > 0.5 * out->best) { find_moments(population, out); }
    return EVO_OK;
}
