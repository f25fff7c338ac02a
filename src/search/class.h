/* SPDX-License-Identifier: MIT */
/* What the searches share within the module: the class that each of them is, and its instance. */
#ifndef EVO_SEARCH_CLASS_H
#define EVO_SEARCH_CLASS_H

#include <evompi/search.h>

#include "ranges.h"

enum { EVO_SEARCH_FIELDS = 64 }; ///< rows of a search's field table, at most

/// A search before, while and after it runs. Its class reads all and writes what is marked.
struct evo_search {
    const struct evo_search_class *class;
    struct evo_search_setup setup;
    size_t n_matrix, n_genome;         ///< doubles of the matrix, of the whole genome
    struct evo_ranges ranges;          ///< of parameters that are no controller
    struct evo_population *population; ///< written by the class
    uint64_t next_id;                  ///< id of the next creature born; written by the class
    uint64_t generation;               ///< the last that was told, 0 at first
    bool asked;                        ///< between ask and tell
    size_t first, n;                   ///< the slots asked for last
    void *state;                       ///< the class's own
    struct evo_field fields[EVO_SEARCH_FIELDS];
    size_t n_fields;
};

/// A search is one of these. Entries marked optional may be NULL.
struct evo_search_class {
    const struct evo_key_table *keys; ///< the search's own
    const char *summary;              ///< one line for --list
    size_t state_bytes;  ///< of search->state, zeroed before init
    bool keeps_basis;     ///< it minds search->setup.basis
    /// Checks the class's keys and allocates: all that it will ever need.
    enum evo_status (*init)(struct evo_search *search);
    /// Releases what init allocated, also after an init that failed half-way. Optional.
    void (*fini)(struct evo_search *search);
    /// Makes the creatures of `generation` in the population (genome, id, parent, born), and says
    /// which are to be evaluated; fitness and `flown` of those are set by the dispatch.
    enum evo_status (*ask)(struct evo_search *search, uint64_t generation, bool reevaluate,
                           size_t *first, size_t *n);
    /// Learns from the fitness in slots search->first .. first + n - 1. Optional.
    enum evo_status (*tell)(struct evo_search *search, uint64_t generation);
    /// Fills rows with the state that the next ask needs beside population and next_id; returns
    /// how many. `data` must stay where it is for the life of the search. Optional.
    size_t (*fields)(struct evo_search *search, struct evo_field *fields);
    /// Checks loaded state and rebuilds what follows from it. Optional.
    enum evo_status (*restored)(struct evo_search *search);
    /// As evo_search_unused. Optional.
    size_t (*unused)(const struct evo_config *config,
                     struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX / 2]);
    /// Keys that parameters with ranges and starts of their own leave without effect; ends with NULL.
    const char *const *start_keys;
    /// As evo_search_finished. Optional.
    const char *(*finished)(const struct evo_search *search);
};

#define EVO_SEARCH(name) extern const struct evo_search_class evo_search_##name;
#include "searches.def"
#undef EVO_SEARCH

#endif
