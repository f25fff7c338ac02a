/* SPDX-License-Identifier: MIT */
/* Ranges of parameters: drawing within them, and mirroring into them. */
#include "ranges.h"

#include <math.h>
#include <stdlib.h>

enum evo_status evo_ranges_init(struct evo_ranges *ranges, struct evo_shape shape)
{
    const char *what = "ranges of parameters";
    *ranges = (struct evo_ranges){0};
    if (shape.n_blocks == 0) { return EVO_OK; }
    size_t n = evo_shape_genome(shape);
    EVO_TRY(evo_alloc(n, sizeof(double), what, &ranges->lower));
    EVO_TRY(evo_alloc(n, sizeof(double), what, &ranges->upper));
    EVO_TRY(evo_alloc(n, sizeof(double), what, &ranges->start));
    EVO_TRY(evo_alloc(n, sizeof(double), what, &ranges->spread));
    ranges->n = n;
    for (size_t k = 0; k < n; k++) {
        size_t place = 0;
        const struct evo_block *block = evo_shape_block(shape, k, &place);
        ranges->lower[k] = block->lower;
        ranges->upper[k] = block->upper;
        ranges->start[k] = block->start;
        ranges->spread[k] = block->spread;
    }
    return EVO_OK;
}

void evo_ranges_fini(struct evo_ranges *ranges)
{
    free(ranges->lower);
    free(ranges->upper);
    free(ranges->start);
    free(ranges->spread);
    *ranges = (struct evo_ranges){0};
}

double evo_ranges_draw(const struct evo_ranges *ranges, struct evo_rng *rng, size_t k)
{
    double lower = ranges->lower[k], upper = ranges->upper[k];
    if (isfinite(lower) && isfinite(upper)) { return evo_rng_between(rng, lower, upper); }
    return evo_ranges_reflect(ranges, k, ranges->start[k] + ranges->spread[k] * evo_rng_normal(rng));
}

/* Halves, because the distance of two doubles may overflow. Beyond what doubles resolve any place is
 * as good. */
static double fold(double x, double lower, double upper)
{
    double width = 0.5 * upper - 0.5 * lower, t = 0.5 * x - 0.5 * lower;
    t -= 2.0 * width * floor(t / (2.0 * width));
    t = t > width ? 2.0 * width - t : t;
    return t > 0.0 && t < width ? lower + 2.0 * t : lower;
}

static double clip(double x, double lower, double upper)
{
    if (x < lower) { return lower; }
    return x > upper ? upper : x;
}

double evo_ranges_reflect(const struct evo_ranges *ranges, size_t k, double x)
{
    double lower = ranges->lower[k], upper = ranges->upper[k];
    if (isnan(x)) { return ranges->start[k]; }
    if (x >= lower && x <= upper) { return x; }
    if (isfinite(lower) && isfinite(upper)) { return clip(fold(x, lower, upper), lower, upper); }
    return isfinite(lower) ? lower + (lower - x) : upper - (x - upper);
}

void evo_ranges_reflect_all(const struct evo_ranges *ranges, size_t n_genomes, double *genomes)
{
    for (size_t i = 0; i < n_genomes && ranges->n > 0; i++, genomes += ranges->n) {
        for (size_t k = 0; k < ranges->n; k++) {
            genomes[k] = evo_ranges_reflect(ranges, k, genomes[k]);
        }
    }
}
