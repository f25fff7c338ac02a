/* SPDX-License-Identifier: MIT */
/* Searches: ask for candidates to evaluate, tell what came of them. They know no task, farm or store. */
#ifndef EVOMPI_SEARCH_H
#define EVOMPI_SEARCH_H

#include <evompi/config.h>
#include <evompi/creature.h>

struct evo_search; // opaque

/// No search asks for a parameter beyond plus or minus this, which is the range of the keys that say
/// where parameters begin and end.
#define EVO_PARAMETER_MOST 1e300

/// What a search is made of.
struct evo_search_setup {
    const struct evo_config *config; ///< borrowed, for the life of the search
    struct evo_shape shape;
    struct evo_lineage *lineage; ///< borrowed: the dead are recorded here
    const struct evo_basis *basis;   ///< borrowed; what all creatures keep to, or NULL
    size_t n_more;               ///< results of a creature besides its fitness
};

/// Makes the search that config->search_name names, before its first generation. Rank 0 only.
enum evo_status evo_search_create(const struct evo_search_setup *setup, struct evo_search **out);
void evo_search_destroy(struct evo_search *search);

/// Makes the creatures of `generation` (1, 2, ...: each once, in order). Those to be evaluated then
/// stand in slots *first .. *first + *n - 1 of evo_search_population, with fitness NaN and
/// `flown` = generation, all parameters finite, whatever the scores were; with `reevaluate` the survivors are among them. The caller puts their
/// fitness into the population and calls tell.
enum evo_status evo_search_ask(struct evo_search *search, uint64_t generation, bool reevaluate,
                               size_t *first, size_t *n);

/// Takes the scores of the creatures asked for. Between tell and the next ask the search's
/// state is complete: it can be saved.
enum evo_status evo_search_tell(struct evo_search *search, uint64_t generation);

/// The creatures of now; the arrays stay where they are for the life of the search.
struct evo_population *evo_search_population(struct evo_search *search);

/// The state beside the population, to save and load: pointers into the search, stable for its
/// life. Loading fills them; evo_search_restored then makes what follows from them.
const struct evo_field *evo_search_fields(struct evo_search *search, size_t *n);
enum evo_status evo_search_restored(struct evo_search *search);

/// NULL while there is something to search for; else why the search has ended by itself.
const char *evo_search_finished(const struct evo_search *search);

/// Fills `rows` with the keys that the search which config->search_name names does not use beside the
/// others of its section; `ranged`: the task's parameters have ranges and starts of their own. Returns
/// how many.
size_t evo_search_unused(const struct evo_config *config, bool ranged,
                         struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX / 2]);

/// The searches there are, for names and --list.
size_t evo_search_count(void);
const char *const *evo_search_names(void);
const char *evo_search_summary(size_t i);
/// The keys of search i.
const struct evo_key_table *evo_search_table(size_t i);

#endif
