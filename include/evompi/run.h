/* SPDX-License-Identifier: MIT */
/* A run: the generation loop, its folder, resume, stop requests and progress. */
#ifndef EVOMPI_RUN_H
#define EVOMPI_RUN_H

#include <evompi/config.h>
#include <evompi/farm.h>
#include <evompi/flight.h>
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
};

/// Reads the configuration with the tables of tasks and searches that this program has. Local.
enum evo_status evo_run_read_config(const char *path, const char *const *sets, size_t n_sets,
                                    struct evo_config **out);

/// Prints the resolved configuration with estimates of memory and time for `n_ranks`. Local.
enum evo_status evo_run_check(const struct evo_run_options *options, FILE *out);

/// Sets the handlers of USR1, INT, TERM and HUP: the first asks the run to stop after its
/// generation, the second of INT or TERM ends the process. Before MPI is started. Local.
void evo_run_catch_signals(void);

/// Runs the job to its end or to a stop. Collective. *exit_code is 0, 85, or that of the
/// status, the same on all ranks.
enum evo_status evo_run_job(struct evo_farm *farm, const struct evo_run_options *options,
                            int *exit_code);

/// Program version, git revision, compiler, MPI, HDF5 and instruction set, a line each.
void evo_run_print_version(FILE *out);

/* ---- what a run keeps in a checkpoint, for the tools ---------------------------------------- */

/// Rebuilds what was saved: configuration, task, search with its population, ledgers' tails.
struct evo_saved_run {
    struct evo_config *config;
    struct evo_task *task;
    struct evo_search *search;
    struct evo_lineage *lineage;
    struct evo_table *history;
    uint64_t generation, evaluations;
    /// The best of the whole run.
    struct evo_champion champion;
    double *champion_genome;
};
enum evo_status evo_saved_run_load(const struct evo_checkpoint *checkpoint,
                                   struct evo_saved_run *out);
void evo_saved_run_fini(struct evo_saved_run *run);

#endif
