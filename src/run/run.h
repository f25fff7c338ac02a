/* SPDX-License-Identifier: MIT */
/* What the files of the module run show each other. */
#ifndef EVO_RUN_PRIVATE_H
#define EVO_RUN_PRIVATE_H

#include <evompi/run.h>

/* ---- history: one row per generation ---- */

/// The seconds of one generation on rank 0.
struct evo_history_times {
    double ask_s, scatter_s, fly_s, gather_s, idle_s, tell_s, save_s;
    double all_work_s; ///< all ranks: evaluating
    double map_s;      ///< while ranks evaluate
    double wall_s;     ///< of the whole generation
    uint64_t n_ranks, n_pieces, n_again, n_messages;
};

/// The table of a task; *names is what it has of the task's own, NULL where that is nothing: released with
/// free() after the table.
enum evo_status evo_history_create(const struct evo_task *task, char **names, struct evo_table **out);
/// The champion's fitness; NaN before there is one.
double evo_history_best(const struct evo_state *state);
/// After loading: what can be known of the best so far where an older version wrote no such column.
/// The rest stays NaN, as do all rows that are sealed.
void evo_history_complete(const struct evo_state *state);
enum evo_status evo_history_append(struct evo_table *history, const struct evo_state *state,
                                   const struct evo_population_summary *summary,
                                   const struct evo_history_times *times, uint64_t n_failed,
                                   double steps_per_s);

/* ---- tasks from outside ---- */

/// Loads the plug-ins that [job] plugins of a configuration's text, or of the overrides, names, unless
/// this process has them already. Local, before MPI is started.
enum evo_status evo_run_load_plugins(const char *label, const char *text, size_t n,
                                     const char *const *sets, size_t n_sets);

/// The same for the configuration of a checkpoint, where its task is not there yet: its plug-in may
/// have been given under another path.
enum evo_status evo_run_load_saved_plugins(const char *label, const char *text);

/// EVO_ERR_CONFIG where the run of a checkpoint was made with other plug-ins than those that are loaded,
/// unless job.changed_plugins allows it.
enum evo_status evo_run_check_plugins(const struct evo_checkpoint *checkpoint, const char *path,
                                      const struct evo_config *config);

/// Names and digests of all that are loaded, "a 0123456789abcdef, b ..."; released with free().
enum evo_status evo_run_plugins_text(char **out);

/// What tasks use of this process; set for them by the first call. Borrowed.
struct evo_task_host *evo_run_host(void);

/* ---- the champion ---- */

/// The best of a generation on their way to the selection set. Rank 0.
struct evo_selection_set {
    size_t n;
    size_t *slots;            ///< [n], best first: where they stand in the population
    double *genomes, *records; ///< [n][genome], and [n][width] for what they are going to reach
};

/// Whether this generation's best are to be evaluated on the selection set: every `exam.every` where cases change.
bool evo_selection_set_is_due(const struct evo_state *state);
/// Collects the candidates; evo_selection_set_fini must follow, after a failure too.
enum evo_status evo_selection_set_begin(const struct evo_state *state, struct evo_selection_set *set);
void evo_selection_set_fini(struct evo_selection_set *set);
/// Makes the best of the candidates, whose records are in, the champion where it beats the one there is.
enum evo_status evo_selection_set_end(struct evo_state *state, const struct evo_selection_set *set);
/// Makes the creature in `slot` the champion of the run if it beats the one there is; a first one
/// must not score NaN. Its results are those of the population, or of `record` where that is not NULL;
/// they must come from the same cases for the whole run.
enum evo_status evo_selection_set_take_champion(struct evo_state *state, size_t slot, const double *record);

/// Says the champion's figures on the validation set, beside those of others. Rank 0.
enum evo_status evo_validation_say(const struct evo_state *state);

/// The tuned baseline of a task (evo_task_tuned), found by the configuration's search in about a third of a
/// second. `name` is NULL where the task has none. evo_tuned_fini must follow, after a failure too.
struct evo_tuned {
    const char *name;
    struct evo_config *config;
    struct evo_state *state; ///< its champion is the baseline
};
enum evo_status evo_tuned_find(const struct evo_config *config, const struct evo_task *task,
                               struct evo_tuned *tuned);
void evo_tuned_fini(struct evo_tuned *tuned);

/* ---- what a run will take ---- */

/// Estimates for rank 0, and for one core that evaluates.
struct evo_estimate {
    double memory_bytes;     ///< of rank 0 at its peak, beside what MPI and libraries take
    double checkpoint_bytes; ///< without its ledgers' tails
    double steps_per_s;      ///< by this core
    double flown, died;      ///< candidates of a generation; rows of the lineage ledger
    double own_s, fly_s;     ///< of a generation: the search's own, and all evaluation by one core
    double alone_s;          ///< a candidate that is evaluated alone; else many take fly_s / flown each
    bool is_measured;        ///< own_s: with all creatures and parameters; else extrapolated
    double n_generations;    ///< until a limit of the configuration; 0: there is none
};

/// Makes them from trials of the search with few candidates, and evaluations, which take about a second
/// together however large the run is. Local.
enum evo_status evo_estimate_make(const struct evo_config *config, struct evo_task *task,
                                  struct evo_estimate *out);

/// Evaluates a few candidates alone, in a batch, in another order and again, and says what one takes.
/// EVO_ERR_CONFIG where results differ: the task is not a function of its parameters. Local.
enum evo_status evo_trust_check(struct evo_task *task, FILE *out);

/* ---- how well ranks were used ---- */

/// Sums over the generations of a job, on rank 0.
struct evo_efficiency {
    double n_ranks, wall_s, work_s, map_s, save_s;
    uint64_t n_generations, n_pieces, n_again, n_messages;
    size_t n_candidates; ///< of the newest generation
};
void evo_efficiency_add(struct evo_efficiency *sum, const struct evo_history_times *times, size_t n_candidates);

/// Says the shares of the ranks' time, and, where little of it was work, what would help. Nothing for one rank.
void evo_efficiency_say(const struct evo_efficiency *sum, const struct evo_config *config,
                        const struct evo_task *task);

/* ---- why a run ends ---- */

enum evo_stop_kind { EVO_STOP_NOT, EVO_STOP_FINISHED, EVO_STOP_ASKED };

struct evo_stop {
    enum evo_stop_kind kind;
    char reason[160];
};

/// The signal flag, set by handlers: zero until the first request.
const volatile int *evo_stop_flag(void);

/// Whether no key of [stop] ever ends the run or the job. A search ends none by itself: it restarts.
bool evo_stop_is_endless(const struct evo_config *config);

/// What the limits of the configuration say of a state: finished, or not.
struct evo_stop evo_stop_limits(const struct evo_state *state);

/// What was asked from outside: a signal (`heard`), the file `stop` in the folder (looked for a
/// few times a second, and renamed to `stopped`), or the wall clock. `next_s` is how long the
/// next generation and its checkpoint may take.
struct evo_stop_watch {
    const char *folder;
    double began_s, max_walltime_s, looked_s;
};
struct evo_stop evo_stop_requests(struct evo_stop_watch *watch, bool heard, double next_s);

/* ---- where a checkpoint comes from ---- */

enum { EVO_ABOUT_FIELDS = 9 }; ///< of section "about", at most

/// Texts and counts about the run that no resume reads. What stays the same is made by the first update.
struct evo_about;
enum evo_status evo_about_create(struct evo_about **out);
void evo_about_destroy(struct evo_about *about);

/// Makes what the state's next checkpoint says. After a failure it may be called again.
enum evo_status evo_about_update(struct evo_about *about, const struct evo_state *state, int n_ranks);

/// Returns how many there are; what they point to is the same until the next update.
size_t evo_about_fields(struct evo_about *about, struct evo_field fields[EVO_ABOUT_FIELDS]);

/// The text of champion.csv; NULL where there is no champion. Borrowed until the next update.
const char *evo_about_champion(const struct evo_about *about);

/* ---- saving ---- */

/// The store, and what becomes of a write that fails.
struct evo_saver {
    struct evo_store *store;
    bool retries; ///< checkpoint.on_save_error = retry
    bool failing; ///< a write failed, and none has succeeded since
};
void evo_saver_init(struct evo_saver *saver, const struct evo_config *config,
                    struct evo_store *store);

/// Waits for the writer; *ready says whether the store takes another state. The failure of a write
/// is returned, or, where the run is to go on, said once and tried again.
enum evo_status evo_saver_ready(struct evo_saver *saver, bool *ready);

/* ---- progress ---- */

/// What has been said and is still to say of the generations.
struct evo_progress {
    const struct evo_state *state;
    double interval_s, said_s, live_s, began_s;
    uint64_t began_generation;
    uint64_t waiting; ///< generation that `line` is about; 0: none
    char line[256];   ///< to be said once its checkpoint is on disk
};

/// Notes a generation whose checkpoint is being written.
void evo_progress_submitted(struct evo_progress *progress,
                            const struct evo_population_summary *summary, double steps_per_s);
/// Says what is on disk by now; `last`: whatever the interval.
void evo_progress_saved(struct evo_progress *progress, uint64_t saved, bool last);
/// Refreshes the live line of a terminal.
void evo_progress_live(struct evo_progress *progress, const struct evo_population_summary *summary,
                       double steps_per_s, uint64_t saved);

/* ---- the folder ---- */

/// Whether a job that begins as the options want it (EVO_RESUME_NO: anything) would be refused its
/// run folder, or its configuration there. Reads only. Local.
enum evo_status evo_folder_check(const struct evo_run_options *options,
                                 const struct evo_config *config);

/// Opens the run folder as the options want it and brings `state` to where the run stands.
/// On rank 0. *store is open and locked afterwards; the log goes to its log.txt.
enum evo_status evo_folder_open(const struct evo_run_options *options,
                                const struct evo_config *config, struct evo_state *state,
                                struct evo_store **store);

/// The folder that a file stands in, released with free().
enum evo_status evo_folder_of(const char *path, char **out);

/// Whether neither the task nor the search of this configuration uses a key, as others are set.
bool evo_run_is_unused(const struct evo_config *config, const struct evo_key *key);

/// "evompi 0.1.0 (revision)"
const char *evo_run_version(void);

#endif
