/* SPDX-License-Identifier: MIT */
/* One golden altitude flight through the real task: the plain step and every unrolled one. */
#ifndef GOLDEN_ALTITUDE_H
#define GOLDEN_ALTITUDE_H

#include "../unit/test_flight.h"
#include "golden.h"

#include "../../src/tasks/altitude/altitude_kernel.h"

/// A flight and a creature as a row gives them.
struct golden_flight {
    double start, setpoint, duration, fitness;
    size_t n_states;
    const double *genome;
};

/// Flies enough copies of the creature to fill a batch and begin another, and compares each.
static inline enum evo_status golden_fly_copies(const struct golden_row *row,
                                                const struct golden_flight *flight,
                                                const struct evo_task *task,
                                                struct golden_count *count)
{
    enum evo_status status = EVO_OK;
    size_t batch = evo_task_batch(task), n = batch > 1 ? batch + 1 : 1;
    size_t genome = evo_shape_genome(evo_task_shape(task)), i_bad = 0;
    double *genomes = NULL, *fitness = NULL;
    EVO_GOTO(evo_alloc(n * genome, sizeof *genomes, "genomes", &genomes));
    EVO_GOTO(evo_alloc(n, sizeof *fitness, "fitness", &fitness));
    for (size_t i = 0; i < n; i++) {
        memcpy(genomes + i * genome, flight->genome, genome * sizeof *genomes);
    }
    evo_task_fly(task, evo_cases_of(1), n, genomes, fitness);
    while (i_bad < n && same_bits(fitness[i_bad], flight->fitness)) { i_bad++; }
    bool passed = i_bad == n;
    golden_compare(row, evo_task_step_name(task), passed, flight->fitness,
                   fitness[passed ? 0 : i_bad], count);
done:
    free(fitness);
    free(genomes);
    return status;
}

static inline enum evo_status golden_fly_step(const struct golden_row *row,
                                              const struct golden_flight *flight, const char *step,
                                              const char *isa, struct golden_count *count)
{
    enum evo_status status = EVO_OK;
    struct evo_task *task = NULL;
    char text[512];
    snprintf(text, sizeof text,
             "[task]\nname = altitude\nstep = %s\nprecision = double\n[farm]\nisa = %s\n"
             "[altitude]\nflights = %a:%a:%a\nstates = %zu\ndt = 0.01\nmass = 1\nmotor_thrust = 1\n"
             "gravity = 9.81\novershoot = 3\n",
             step, isa, flight->start, flight->setpoint, flight->duration, flight->n_states);
    EVO_GOTO(test_task(text, &task));
    EVO_GOTO(golden_fly_copies(row, flight, task, count));
done:
    evo_task_destroy(task);
    return status;
}

/// The plain step, then the unrolled one of each instruction set that has this shape here.
static inline enum evo_status golden_fly(const struct golden_row *row,
                                         const struct golden_flight *flight,
                                         struct golden_count *count)
{
    size_t n = 0;
    const struct evo_isa *const *all = evo_isa_all(&n);
    EVO_TRY(golden_fly_step(row, flight, "plain", "auto", count));
    for (size_t i = 0; i < n && flight->n_states < EVO_ALTITUDE_UNROLLED; i++) {
        if (!evo_isa_runs(all[i])) { continue; }
        EVO_TRY(golden_fly_step(row, flight, "unrolled", all[i]->name, count));
    }
    return EVO_OK;
}

/// Numbers of `n` cells from `first` on.
static inline enum evo_status golden_numbers(const struct golden_row *row, size_t first, size_t n,
                                             double *x)
{
    EVO_CHECK(row->n_cells == first + n, EVO_ERR_DATA, "%s:%zu: has %zu cells, not %zu", row->path,
              row->line, row->n_cells, first + n);
    for (size_t i = 0; i < n; i++) { EVO_TRY(golden_number(row, first + i, &x[i])); }
    return EVO_OK;
}

#endif
