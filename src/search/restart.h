/* SPDX-License-Identifier: MIT */
/* With how many samples, and how wide, an instance of CMA-ES begins again: IPOP and BIPOP. */
#ifndef EVO_SEARCH_RESTART_H
#define EVO_SEARCH_RESTART_H

#include "class.h"

#include <evompi/rng.h>

/// cmaes.restart: as before; twice the samples each time [Auger, Hansen 2005]; that in turn with few
/// samples and a small step [Hansen 2009].
#define EVO_RESTARTS(CHOICE)        \
    CHOICE(EVO_RESTART_SAME, same)  \
    CHOICE(EVO_RESTART_IPOP, ipop)  \
    CHOICE(EVO_RESTART_BIPOP, bipop)
enum evo_restart_kind { EVO_RESTARTS(EVO_CHOICE_NAME) };

/// What all instances have come to. An iteration has `1 << doublings` times the samples that a
/// generation has room for, and takes as many generations.
struct evo_restart {
    enum evo_restart_kind kind;
    size_t n_instances, most; ///< doublings at most
    uint64_t *doublings;      ///< [n_instances] of the run that is under way
    uint64_t *large;          ///< doublings of the latest large run
    uint64_t *small;          ///< whether the run under way is a small one
    uint64_t *spent;          ///< [n_instances][2] samples of large and of small runs
};

enum evo_status evo_restart_init(struct evo_restart *restart, const struct evo_config *config,
                                 size_t n_instances);
void evo_restart_fini(struct evo_restart *restart);

/// Counts the samples of an iteration of instance k.
void evo_restart_spend(struct evo_restart *restart, size_t k, size_t n_samples);

/// Plans the next run of instance k; returns the factor on its first step size.
double evo_restart_plan(struct evo_restart *restart, size_t k, struct evo_rng *rng);

/// The state as fields; returns how many. restored checks them.
size_t evo_restart_fields(struct evo_restart *restart, struct evo_field *fields);
enum evo_status evo_restart_restored(const struct evo_restart *restart);

#endif
