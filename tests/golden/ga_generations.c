/* SPDX-License-Identifier: MIT */
/* The original's evolution, as a distribution: smallest and mean fitness over many seeds. */
#include "golden.h"

#include <evompi/run.h>
#include <evompi/search.h>

#include <math.h>

enum { LEAST_SEEDS = 100, MOST_SEEDS = 100000 };
static const double least_p = 0.001;

static const uint64_t generations[] = {1, 10, 50, 100};
static const char *const figures[] = {"smallest", "mean"};
enum { N_GENERATIONS = 4, N_FIGURES = 2 };

/* One value a seed, of each figure at each generation. */
struct sample {
    size_t n;
    double *values;
};
struct samples {
    struct sample of[N_GENERATIONS][N_FIGURES];
};

static enum evo_status add(struct sample *sample, double value)
{
    EVO_CHECK(sample->n < MOST_SEEDS, EVO_ERR_DATA, "more than %d seeds", MOST_SEEDS);
    if (sample->values == NULL) {
        EVO_TRY(evo_alloc(MOST_SEEDS, sizeof value, "seeds", &sample->values));
    }
    sample->values[sample->n++] = value;
    return EVO_OK;
}

static enum evo_status add_generation(struct samples *samples, uint64_t generation,
                                      const double values[N_FIGURES])
{
    for (size_t g = 0; g < N_GENERATIONS; g++) {
        if (generations[g] != generation) { continue; }
        for (size_t f = 0; f < N_FIGURES; f++) { EVO_TRY(add(&samples->of[g][f], values[f])); }
    }
    return EVO_OK;
}

static void samples_fini(struct samples *samples)
{
    for (size_t g = 0; g < N_GENERATIONS; g++) {
        for (size_t f = 0; f < N_FIGURES; f++) { free(samples->of[g][f].values); }
    }
}

/* ---- the original --------------------------------------------------------------------------- */

/* seed, generation, min, avg, max */
static enum evo_status read_row(void *context, const struct golden_row *row,
                                struct golden_count *count)
{
    (void)count;
    double generation, values[N_FIGURES];
    EVO_TRY(golden_number(row, 1, &generation));
    EVO_TRY(golden_number(row, 2, &values[0]));
    EVO_TRY(golden_number(row, 3, &values[1]));
    return add_generation(context, (uint64_t)generation, values);
}

static enum evo_status read_original(const char *path, struct samples *samples)
{
    struct golden_count count = {0};
    EVO_TRY(golden_read(path, read_row, samples, &count));
    for (size_t g = 0; g < N_GENERATIONS; g++) {
        EVO_CHECK(samples->of[g][0].n > 0, EVO_ERR_DATA, "%s: has no generation %llu", path,
                  (unsigned long long)generations[g]);
    }
    return EVO_OK;
}

/* ---- ours ----------------------------------------------------------------------------------- */

static enum evo_status evolve(const struct evo_config *config, const struct evo_task *task,
                              struct samples *samples)
{
    enum evo_status status = EVO_OK;
    struct evo_search *search = NULL;
    struct evo_lineage *lineage = NULL;
    struct evo_shape shape = evo_task_shape(task);
    EVO_GOTO(evo_lineage_create(EVO_KEEP_NONE, evo_shape_genome(shape), 0, &lineage));
    const struct evo_search_setup setup = {.config = config, .shape = shape, .lineage = lineage};
    EVO_GOTO(evo_search_create(&setup, &search));

    struct evo_population *population = evo_search_population(search);
    for (uint64_t g = 1; g <= generations[N_GENERATIONS - 1]; g++) {
        size_t first, n;
        EVO_GOTO(evo_search_ask(search, g, false, &first, &n));
        evo_task_fly(task, evo_cases_of(g), n, population->genomes + first * population->genome,
                     population->fitness + first);
        EVO_GOTO(evo_search_tell(search, g));
        struct evo_population_summary summary;
        EVO_GOTO(evo_population_summarize(population, &summary));
        EVO_GOTO(add_generation(samples, g, (const double[]){summary.best, summary.mean}));
    }
done:
    evo_search_destroy(search);
    evo_lineage_destroy(lineage);
    return status;
}

/* The defaults are the original's experiment; only the seed differs from run to run. */
static enum evo_status evolve_seeds(size_t n_seeds, struct samples *samples)
{
    enum evo_status status = EVO_OK;
    struct evo_config *config = NULL;
    struct evo_task *task = NULL;
    static const char text[] = "[search]\nname = ga\n[task]\nname = altitude\n";
    EVO_GOTO(evo_config_parse("golden.ini", text, strlen(text), false, NULL, 0, evo_run_scope(), &config));
    EVO_GOTO(evo_task_create(config, &task));
    for (size_t seed = 0; seed < n_seeds; seed++) {
        config->job_seed = (int64_t)seed;
        EVO_GOTO(evolve(config, task, samples));
    }
done:
    evo_task_destroy(task);
    evo_config_destroy(config);
    return status;
}

/* ---- Kolmogorov and Smirnov ----------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The largest distance of the two cumulative distributions; sorts both. */
static double largest_distance(struct sample *a, struct sample *b)
{
    qsort(a->values, a->n, sizeof *a->values, by_value);
    qsort(b->values, b->n, sizeof *b->values, by_value);
    double largest = 0.0;
    for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
        double x = fmin(a->values[i], b->values[j]);
        while (i < a->n && a->values[i] == x) { i++; }
        while (j < b->n && b->values[j] == x) { j++; }
        double distance = (double)i / (double)a->n - (double)j / (double)b->n;
        largest = fmax(largest, fabs(distance));
    }
    return largest;
}

/* How likely a distance of d or more is between samples of one distribution [Stephens 1970]. */
static double chance_of(double d, size_t n_a, size_t n_b)
{
    double root = sqrt((double)n_a * (double)n_b / (double)(n_a + n_b));
    double lambda = (root + 0.12 + 0.11 / root) * d, sum = 0.0;
    if (lambda < 0.2) { return 1.0; } // the series is 1 to ten digits, and slow
    for (int k = 1; k <= 100; k++) {
        sum += (k % 2 == 1 ? 2.0 : -2.0) * exp(-2.0 * k * k * lambda * lambda);
    }
    return fmin(fmax(sum, 0.0), 1.0);
}

static double median(const struct sample *sorted) { return sorted->values[sorted->n / 2]; }

/* A line for each comparison; how many fail. */
static size_t compare(struct samples *original, struct samples *ours)
{
    size_t n_failed = 0;
    printf("generation  figure     original (median)  evompi (median)       D         p\n");
    for (size_t g = 0; g < N_GENERATIONS; g++) {
        for (size_t f = 0; f < N_FIGURES; f++) {
            struct sample *a = &original->of[g][f], *b = &ours->of[g][f];
            double d = largest_distance(a, b), p = chance_of(d, a->n, b->n);
            n_failed += p > least_p ? 0 : 1;
            printf("%10llu  %-9s  %17.0f  %15.0f  %6.3f  %8.2g%s\n",
                   (unsigned long long)generations[g], figures[f], median(a), median(b), d, p,
                   p > least_p ? "" : "  FAILED");
        }
    }
    return n_failed;
}

int main(int argc, char **argv)
{
    enum evo_status status = EVO_OK;
    struct samples original = {0}, ours = {0};
    size_t n_failed = 0;
    if (argc > 2) {
        fprintf(stderr, "usage: %s [FILE]\n", argv[0]);
        return GOLDEN_UNREADABLE;
    }
    EVO_GOTO(read_original(argc == 2 ? argv[1] : EVO_TEST_DATA "/ga_generations.csv", &original));
    size_t n = original.of[0][0].n;
    EVO_GOTO(evolve_seeds(n > LEAST_SEEDS ? n : LEAST_SEEDS, &ours));
    n_failed = compare(&original, &ours);
    printf("%d comparisons of %zu seeds with %zu: %zu failed (p <= %g)\n",
           N_GENERATIONS * N_FIGURES, n, ours.of[0][0].n, n_failed, least_p);
done:
    samples_fini(&original);
    samples_fini(&ours);
    if (status != EVO_OK) {
        fprintf(stderr, "%s: %s\n", argv[0], evo_status_message());
        return GOLDEN_UNREADABLE;
    }
    return n_failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
