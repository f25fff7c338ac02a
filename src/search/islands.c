/* SPDX-License-Identifier: MIT */
/* Islands: labels that follow creatures, and when an island has nothing more to find. */
#include "islands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Nearer than a millionth a converging island gets better for ever, and nobody gains. */
static const double notable = 1e-6;

enum evo_status evo_islands_init(struct evo_islands *islands, size_t n, size_t n_islands,
                                 uint64_t patience)
{
    islands->n = n;
    islands->n_islands = n_islands;
    islands->patience = patience;
    EVO_TRY(evo_alloc(n, sizeof(uint64_t), "islands", &islands->label));
    EVO_TRY(evo_alloc(n_islands, sizeof(double), "islands", &islands->best));
    EVO_TRY(evo_alloc(n_islands, sizeof(uint64_t), "islands", &islands->since));
    EVO_TRY(evo_alloc(n_islands, sizeof(uint64_t), "islands", &islands->start));
    EVO_TRY(evo_alloc(n, sizeof(size_t), "islands", &islands->slots));
    EVO_TRY(evo_alloc(n_islands + 1, sizeof(size_t), "islands", &islands->begin));
    EVO_TRY(evo_alloc(n, sizeof(double), "islands", &islands->fitness));
    EVO_TRY(evo_alloc(n, sizeof(uint64_t), "islands", &islands->id));
    return evo_alloc(n, sizeof(uint8_t), "islands", &islands->lives);
}

void evo_islands_fini(struct evo_islands *islands)
{
    free(islands->label);
    free(islands->best);
    free(islands->since);
    free(islands->start);
    free(islands->slots);
    free(islands->begin);
    free(islands->fitness);
    free(islands->id);
    free(islands->lives);
}

size_t evo_islands_size(const struct evo_islands *islands, size_t k)
{
    return islands->n / islands->n_islands + (k < islands->n % islands->n_islands ? 1 : 0);
}

void evo_islands_settle(struct evo_islands *islands, size_t k, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++) { islands->label[i] = k; }
}

void evo_islands_keep(struct evo_islands *islands, const size_t *slots, size_t n)
{
    for (size_t i = 0; i < n; i++) { islands->label[i] = islands->label[slots[i]]; }
}

/* A counting sort: begin[k + 1] first counts island k, then is where its next slot goes. */
void evo_islands_group(struct evo_islands *islands, size_t n)
{
    size_t *begin = islands->begin, sum = 0;
    memset(begin, 0, (islands->n_islands + 1) * sizeof *begin);
    for (size_t i = 0; i < n; i++) { begin[islands->label[i] + 1]++; }
    for (size_t k = 1; k <= islands->n_islands; k++) {
        size_t count = begin[k];
        begin[k] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++) { islands->slots[begin[islands->label[i] + 1]++] = i; }
}

void evo_islands_start(struct evo_islands *islands, size_t k, uint64_t generation)
{
    islands->best[k] = INFINITY;
    islands->since[k] = generation;
    islands->start[k] = generation;
}

bool evo_islands_is_spent(struct evo_islands *islands, size_t k, const double *fitness, size_t n,
                          uint64_t generation)
{
    double best = INFINITY, before = islands->best[k];
    for (size_t i = 0; i < n; i++) {
        if (isfinite(fitness[i]) && fitness[i] < best) { best = fitness[i]; }
    }
    /* Before the first finite score anything finite is better. */
    if (best < (isfinite(before) ? before - notable * fabs(before) : INFINITY)) {
        islands->best[k] = best;
        islands->since[k] = generation;
    }
    return islands->patience > 0 && generation - islands->since[k] >= islands->patience;
}

size_t evo_islands_fields(struct evo_islands *islands, struct evo_field *fields)
{
    const struct evo_field own[] = {
        {"island", "1", "island of each creature", EVO_TYPE_U64, false, islands->n, 0,
         islands->label, NULL},
        {"island_best", "1", "best score of each island since it started", EVO_TYPE_F64, false,
         islands->n_islands, 0, islands->best, NULL},
        {"island_since", "1", "generation of that best, or of the island's start", EVO_TYPE_U64,
         false, islands->n_islands, 0, islands->since, NULL},
        {"island_start", "1", "generation in which each island started", EVO_TYPE_U64, false,
         islands->n_islands, 0, islands->start, NULL},
    };
    memcpy(fields, own, sizeof own);
    return sizeof own / sizeof own[0];
}

enum evo_status evo_islands_restored(const struct evo_islands *islands)
{
    for (size_t i = 0; i < islands->n; i++) {
        EVO_CHECK(islands->label[i] < islands->n_islands, EVO_ERR_CHECKPOINT,
                  "the saved population has a creature on island %llu of %zu",
                  (unsigned long long)islands->label[i], islands->n_islands);
    }
    return EVO_OK;
}
