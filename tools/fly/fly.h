/* SPDX-License-Identifier: MIT */
/* What the parts of evompi-fly show each other. */
#ifndef FLY_H
#define FLY_H

#include <evompi/run.h>

/// The command line.
struct fly_command {
    const char *config, *creatures, *trace;
    const char **sets, **baselines; // [n_sets], [n_baselines]
    size_t n_sets, n_baselines;
    bool help, names_baselines, hex, flights, has_id, has_generation, validate, csv, plot;
    uint64_t id, generation, plot_flight;
};

/// What is to be flown, from whatever source.
struct fly_creatures {
    size_t n, genome;
    double *genomes; // [n][genome]
    uint64_t *ids;   // [n]
    struct evo_cases cases;
};

/// Reads command->creatures, all or the one of command->id, and the generation whose flights they
/// are to fly; without creatures n is 0. fly_creatures_fini must follow, after a failure too.
enum evo_status fly_creatures_read(const struct fly_command *command, const struct evo_task *task,
                                   struct fly_creatures *creatures);
void fly_creatures_fini(struct fly_creatures *creatures);

/// Draws flight `i_flight` of the contenders as panels side by side: height over time in braille
/// dots, the setpoint dotted. EVO_ERR_USAGE where the task's trace has no height, or there is no
/// such flight.
enum evo_status fly_plot(const struct evo_contender *contenders, size_t n, struct evo_cases cases,
                         uint64_t i_flight, FILE *out);

#endif
