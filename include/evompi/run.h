/* SPDX-License-Identifier: MIT */
/* A run: the generation loop, its folder, resume, stop requests and progress. */
#ifndef EVOMPI_RUN_H
#define EVOMPI_RUN_H

#include <evompi/config.h>
#include <evompi/farm.h>
#include <evompi/task.h>
#include <evompi/search.h>
#include <evompi/store.h>

/// How a job begins.
enum evo_resume {
    EVO_RESUME_NO,    ///< a new run; a folder that holds one is an error
    EVO_RESUME_FRESH, ///< a new run; what the folder holds is removed
    EVO_RESUME_YES,   ///< go on from the newest whole checkpoint
    EVO_RESUME_AUTO,  ///< go on if there is a run, else begin
    EVO_RESUME_FILE,  ///< go on from a file
};

struct evo_run_options {
    const char *config_path;
    const char *const *sets; ///< [n_sets] overrides
    size_t n_sets;
    enum evo_resume resume;
    const char *resume_file; ///< EVO_RESUME_FILE
    const char *const *prints; ///< [n_prints] keys whose values evo_run_check prints, and nothing else
    size_t n_prints;
    int n_ranks; ///< for evo_run_check: what a job of so many would take; 0: 64
};

/// The keys and names of all tasks and searches that this program has, for struct evo_config. Borrowed.
const struct evo_config_scope *evo_run_scope(void);

/// How many keys are set that belong to other tasks and searches than those that the configuration
/// names, and a warning of them in one line; "" where there are none. They are no mistake: a file may
/// serve several tasks and searches.
size_t evo_run_others(const struct evo_config *config, char *text, size_t size);

/// Loads the plug-ins that the options' configuration (where one is named) and overrides name, and all that
/// stand in the folders of EVOMPI_PLUGIN_PATH; what is wrong with one of these is a warning. Local.
enum evo_status evo_run_know_plugins(const struct evo_run_options *options);

/// Reads a configuration of this scope. Local.
enum evo_status evo_run_read_config(const char *path, const char *const *sets, size_t n_sets,
                                    struct evo_config **out);

/// Prints the resolved configuration with estimates of memory and time, or, where the options
/// name keys, their values alone; a resume (or --fresh) is tried on the run folder as well, which
/// is only read. Local.
enum evo_status evo_run_check(const struct evo_run_options *options, FILE *out);

/// Sets the handlers of USR1, USR2, XCPU, INT, TERM and HUP: the first asks the run to stop after
/// its generation, the second of INT or TERM ends the process. INT and HUP stay ignored where the
/// parent ignored them. Before MPI is started. Local.
void evo_run_catch_signals(void);

/// EVO_ERR_CHECKPOINT where what a resume would read crashes the HDF5 library: a child process
/// reads it first. Any other fault is left to the job. Local, on rank 0, before MPI is started.
enum evo_status evo_run_probe(const struct evo_run_options *options);

/// Before MPI is started, on every rank: loads plug-ins, and makes ready what tasks from outside need.
enum evo_status evo_run_prepare(const struct evo_run_options *options);

/// Runs the job to its end or to a stop. Collective. *exit_code is 0, 85, or that of the
/// status, the same on all ranks.
enum evo_status evo_run_job(struct evo_farm *farm, const struct evo_run_options *options,
                            int *exit_code);

/// Program version, git revision, compiler, MPI, HDF5 and instruction set, a line each.
void evo_run_print_version(FILE *out);

/* ---- on cases that no generation has ---------------------------------------------------- */

/// Who is compared: a creature of `task`, or (genome NULL) a controller by hand for it.
struct evo_contender {
    const char *name;
    const struct evo_task *task;
    const double *genome;
    const struct evo_controller *controller;
};

enum evo_validation_form {
    EVO_VALIDATION_BRIEF, ///< the figures that matter most
    EVO_VALIDATION_WHOLE, ///< all, with what they mean below them
    EVO_VALIDATION_CSV,   ///< all, as comma-separated values
};

/// Prints the figures of evo_task_validate, a row each, a column for each of n contenders, which
/// all have the same cases. Local.
enum evo_status evo_validation_print(const struct evo_contender *contenders, size_t n,
                                     enum evo_validation_form form, FILE *out);

/// The same of some creatures, and all that `task` has to compare them with: its controllers by
/// hand, and the tuned one, which is searched for here and now. Local.
enum evo_status evo_validation_compare(const struct evo_config *config, const struct evo_task *task,
                                       const struct evo_contender *creatures, size_t n_creatures,
                                       enum evo_validation_form form, FILE *out);

/* ---- what a run keeps in a checkpoint ----------------------------------------------------- */

/// The state of a run on rank 0, or of a saved one in a tool: all that a checkpoint restores.
struct evo_state {
    const struct evo_config *config; ///< borrowed
    struct evo_task *task;
    struct evo_lineage *lineage;
    struct evo_search *search;
    struct evo_table *history;        ///< one row per generation
    uint64_t generation, evaluations; ///< done so far
    uint64_t improved;                ///< the generation of the last better best
    double elapsed_s;                 ///< seconds of generations so far, over all jobs
    struct evo_champion champion;     ///< the best of the whole run; id EVO_NOBODY: none yet
    double *champion_genome;          ///< [genome], what champion.genome points to
    double *champion_more;            ///< [n_results - 1], its results besides the fitness
    uint64_t failed;                  ///< evaluations that failed so far
    uint64_t in_vain;                 ///< of the newest generations, where every one failed in them
    char *history_names;              ///< what history's columns have of the task's own
    double *records;                  ///< room for those of a generation, where they have several values
    struct evo_about *about;          ///< private: what checkpoints say of the whole run; NULL: none yet
};

/// Makes the state before the first generation. `config` must outlive it. Local.
enum evo_status evo_state_create(const struct evo_config *config, struct evo_state **out);
void evo_state_destroy(struct evo_state *state);

/// Fills a state made from the same configuration with what a checkpoint holds.
enum evo_status evo_state_load(struct evo_state *state, const struct evo_checkpoint *checkpoint);

/// The cases that gave the champion's fitness: those of its generation, or the selection set where they
/// change.
struct evo_cases evo_state_champion_flown(const struct evo_state *state);

/// The configuration that a checkpoint carries.
enum evo_status evo_state_saved_config(const struct evo_checkpoint *checkpoint, const char *label,
                                       struct evo_config **out);

/* ---- one generation ----------------------------------------------------------------------- */

/// What a generation took, on rank 0.
struct evo_generation {
    size_t n;       ///< candidates that were evaluated
    uint64_t steps; ///< of them, and of a selection set
    size_t n_failed; ///< evaluations that failed, those of a selection set too
    double ask_s, evaluate_s, tell_s;
};

/// Evaluates the candidates in slots first .. first + n - 1 of the population: fills their results in.
typedef enum evo_status evo_generation_evaluate(void *context, struct evo_population *population,
                                                size_t first, size_t n);

/// A generation of a search: asks it, evaluates, and tells it. `again`: survivors are among the
/// candidates, as their cases change. `out` has n and the seconds. Local.
enum evo_status evo_generation_step(struct evo_search *search, uint64_t generation, bool again,
                                    evo_generation_evaluate *evaluate, void *context,
                                    struct evo_generation *out);

/// How candidates of a state are evaluated: records [n][width of evo_task_record]. By all ranks, or here.
struct evo_evaluator {
    enum evo_status (*evaluate)(void *context, struct evo_cases cases, size_t n, const double *genomes,
                                double *records);
    void *context;
};

/// By the state's own task, in this process.
struct evo_evaluator evo_generation_here(struct evo_state *state);

/// The next generation of a state, which then counts it.
enum evo_status evo_generation_run(struct evo_state *state, const struct evo_evaluator *evaluator,
                                   struct evo_generation *out);

/// After it, the champion: the candidate in slot i_best, or, where cases change and a selection is due
/// or it is the `last` one, the best on the selection set.
enum evo_status evo_generation_select(struct evo_state *state, const struct evo_evaluator *evaluator,
                                      bool last, size_t i_best, struct evo_generation *out);

/* ---- a saved run --------------------------------------------------------------------------- */

/// A saved run in memory, for tools: read only.
struct evo_saved {
    char *path, *folder; ///< the checkpoint's file; where its ledgers stand
    struct evo_checkpoint *checkpoint;
    struct evo_config *config;
    struct evo_state *state;
};

/// Opens a checkpoint's file, or the newest whole one of a run folder.
enum evo_status evo_saved_open(const char *path, struct evo_saved *out);
void evo_saved_fini(struct evo_saved *saved);

/// A creature of a saved run, living or dead.
struct evo_saved_creature {
    uint64_t id, parent, born, died, flown; ///< died: EVO_NOBODY while it lives
    double fitness;
    const double *genome; ///< [genome], borrowed for the time of the call it is handed to
    const double *more;   ///< [n_results - 1], its results behind the fitness; the same
};

/// Hands every creature that the run still knows to `seen`: the dead as the lineage ledger has
/// them, then the living.
typedef enum evo_status evo_saved_seen(void *context, const struct evo_saved_creature *creature);
enum evo_status evo_saved_creatures(const struct evo_saved *saved, evo_saved_seen *seen,
                                    void *context);

/// Hands the state to the store as the checkpoint of its generation, and the tails of its
/// ledgers with it; `n_ranks` is written beside it.
enum evo_status evo_state_save(struct evo_state *state, struct evo_store *store, int n_ranks);

/// Of a loaded state that nothing follows: puts champion.csv in its place where a kill came before that.
enum evo_status evo_state_complete(struct evo_state *state, struct evo_store *store);

#endif
