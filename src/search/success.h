/* SPDX-License-Identifier: MIT */
/* The memory of L-SHADE: which scale factors and crossover rates have made better creatures. */
#ifndef EVO_SEARCH_SUCCESS_H
#define EVO_SEARCH_SUCCESS_H

#include <evompi/config.h>
#include <evompi/rng.h>

/// lshade.schedule
#define EVO_SCHEDULES(CHOICE) CHOICE(EVO_SCHEDULE_LSHADE, lshade) CHOICE(EVO_SCHEDULE_JSO, jso)
enum evo_schedule { EVO_SCHEDULES(EVO_CHOICE_NAME) };

/// Memories of all instances, and the successes of the one that is being looked at.
struct evo_success {
    const struct evo_config *config; ///< borrowed
    size_t n_instances, length;      ///< instances; entries of each memory
    bool jso;
    double *f, *cr;  ///< [n_instances][length]; a rate below 0 means 0 for ever
    uint64_t *next;  ///< [n_instances] the entry to be replaced
    double sums[5];  ///< of w, w F, w F^2, w CR, w CR^2
    double greatest; ///< improvement of this generation: weights are parts of it
};

enum evo_status evo_success_init(struct evo_success *success, const struct evo_config *config,
                                 size_t n_instances);
void evo_success_fini(struct evo_success *success);

/// What instance k believes at the beginning of a schedule.
void evo_success_reset(struct evo_success *success, size_t k);

/// Draws a scale factor, (0, 1], and a crossover rate, [0, 1]; `done` is the part of the schedule
/// behind it.
void evo_success_draw(const struct evo_success *success, struct evo_rng *rng, size_t k, double done,
                      double *f, double *cr);

/// The factor towards the best that goes with scale factor f.
double evo_success_pull(const struct evo_success *success, double f, double done);

/// The part of the members that count as the best.
double evo_success_best(const struct evo_success *success, double done);

/// A generation of one instance: begin, add each success, learn. An improvement that is no finite
/// number counts like the greatest so far.
void evo_success_begin(struct evo_success *success);
void evo_success_add(struct evo_success *success, double f, double cr, double improvement);
void evo_success_learn(struct evo_success *success, size_t k);

/// The memories as fields; returns how many. restored checks them.
size_t evo_success_fields(struct evo_success *success, struct evo_field *fields);
enum evo_status evo_success_restored(const struct evo_success *success);

#endif
