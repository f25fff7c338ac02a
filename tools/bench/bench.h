/* SPDX-License-Identifier: MIT */
/* What the parts of evompi-bench share: the results, and how long to measure. */
#ifndef EVO_BENCH_H
#define EVO_BENCH_H

#include <evompi/isa.h>
#include <evompi/run.h>

/// One measured thing: the values of all rounds, sorted by evo_bench_close.
struct evo_bench_result {
    const char *part;
    char name[64];
    const char *unit;
    double *values; ///< [n]
    size_t n;
};

enum { EVO_BENCH_ISAS = 8, EVO_BENCH_PYTHONS = 4, EVO_BENCH_TASKS_MAX = 16 };

/// What a core is asked for, one vector after another, none waiting for another.
enum evo_bench_mixture { EVO_BENCH_SUMS, EVO_BENCH_PRODUCTS, EVO_BENCH_MIXED, EVO_BENCH_N_MIXTURES };

struct evo_bench {
    struct evo_bench_result *results; ///< [n]
    size_t n;
    /// What is measured: plain C, then the sets that this machine has and EVOMPI_ISA allows, the best last.
    const struct evo_isa *isas[EVO_BENCH_ISAS]; ///< [n_isas], n_isas at least 1
    size_t n_isas;
    /// Vectors a cycle of each of isas but plain C, in this round.
    double core[EVO_BENCH_ISAS][EVO_N_PRECISIONS][EVO_BENCH_N_MIXTURES];
    bool quick;
    size_t rounds;
    double slice_s; ///< how long one measurement lasts
    const long *populations; ///< [n_populations], ascending
    size_t n_populations;
    long farm_ranks; ///< of the jobs that measure the farm
    const char *python_script; ///< the user's, in the place of the tasks' own; NULL: none
    /// Which Python runs here, for each task, by evo_bench_find_python.
    bool has_python[EVO_BENCH_TASKS_MAX][EVO_BENCH_PYTHONS];
    char *programs; ///< the folder where evompi is
    char *work; ///< the folder that jobs write to, by evo_bench_make_folder; removed by evo_bench_fini
};

/* ---- what a task brings ---- */

/// A job of a task, run whole under mpirun.
struct evo_bench_job {
    const char *name; ///< in the names of results
    const char *keys; ///< lines of an INI file: the task and its sections
    long generations; ///< so many are measured, of 50 000 candidates each
};

/// How a task measures itself: a source in src/tasks/NAME/bench, and a line of src/tasks/bench.def.
struct evo_bench_task {
    const char *const *parts; ///< those of its results, no other task's, as they are printed; ends with NULL
    const char *counted; ///< how it counts: lines of --help; "" for none
    enum evo_status (*measure)(struct evo_bench *bench); ///< one round: adds its results
    enum evo_status (*compare)(struct evo_bench *bench); ///< after all rounds: adds results to the part "ratio"
    /// A script that takes `unrolled` or `numpy` and a number of seconds, runs a step of the task so long, and
    /// prints steps/s; and the part where that goes. NULL: none.
    const char *python_script, *python_part;
    /// The first task of the list has at least one; generations are taken apart with that one.
    const struct evo_bench_job *jobs; ///< [n_jobs]
    size_t n_jobs;
    const char *brief; ///< the first task's: keys of a job whose candidates take next to no time
};

/// All of src/tasks/bench.def, in this order; at most EVO_BENCH_TASKS_MAX; ends with NULL.
extern const struct evo_bench_task *const evo_bench_tasks[];

/* ---- before anything is measured ---- */

/// Fills isas. EVO_ERR_CONFIG where EVOMPI_ISA names no set of this machine.
enum evo_status evo_bench_find_isas(struct evo_bench *bench);
/// Whether this machine has the fused multiply-add that evompi-bench's own scalar C is built with.
bool evo_bench_has_scalar(void);
/// The best set that is measured.
const struct evo_isa *evo_bench_best(const struct evo_bench *bench);
/// Fills has_python, and says on stderr what is left out. EVO_ERR_USAGE where the user's script is missing.
enum evo_status evo_bench_find_python(struct evo_bench *bench);
/// Makes the folder `work` in the current one. EVO_ERR_USAGE where nothing can be made.
enum evo_status evo_bench_make_folder(struct evo_bench *bench);
/// Runs the smallest job as the others will be run. EVO_ERR_USAGE, with the remedy, where it fails.
enum evo_status evo_bench_try_job(struct evo_bench *bench);

/* ---- programs, files and signals ---- */

/// From here on INT, TERM and HUP end the program that evo_bench_run runs, and are seen by
/// evo_bench_go_on.
void evo_bench_catch_signals(void);
/// EVO_ERR_INTERNAL where such a signal came.
enum evo_status evo_bench_go_on(void);
/// Ends this process by that signal, as if it had not been caught; returns where none came.
void evo_bench_die_of_signal(void);

enum { EVO_BENCH_NOT_STARTED = 127, EVO_BENCH_HOW = 64 };
/// Runs words[0] and waits: *output (release with free()) is all that it printed, *how is how it ended, as
/// of waitpid. A program that cannot be started ends with exit code EVO_BENCH_NOT_STARTED.
enum evo_status evo_bench_run(char *const words[], char **output, int *how);
/// "exit code 1" or "signal 9 (Killed)".
const char *evo_bench_how(char text[EVO_BENCH_HOW], int how);
/// The last line with a letter or a digit, inside `output`, which is cut into lines; NULL where there is none.
char *evo_bench_last_line(char *output);
/// Removes a file, or a folder with all that is in it; no error where nothing is there.
enum evo_status evo_bench_remove(const char *path);

/* ---- results ---- */

/// Adds one round's value to the result `name` of `part`; `part` and `unit` are borrowed. Fails where a
/// signal asks for the end.
enum evo_status evo_bench_add(struct evo_bench *bench, const char *part, const char *unit,
                              double value, const char *name, ...)
    __attribute__((format(printf, 5, 6)));
/// The median of a result; NaN where there is none.
double evo_bench_median(const struct evo_bench *bench, const char *part, const char *name);

/// Seconds that this process had a core: what else runs here takes nothing from the count.
double evo_bench_core_s(void);

void evo_bench_print(struct evo_bench *bench, bool json);
/// Removes `work`, and says so on stderr where it cannot; releases all.
void evo_bench_fini(struct evo_bench *bench);

/* ---- the farm ---- */

/// Maps of items that sleep.
struct evo_bench_farm_case {
    const char *name;
    size_t each;      ///< items a rank
    double typical_s; ///< what an item takes: this, or a log-normal draw with this median
    double sigma;     ///< of its logarithm; 0: all take the same
    double slower;    ///< the last rank takes so many times longer; 0: it does not
    double stops_s;   ///< the last rank stands still for so long in each map
};
extern const struct evo_bench_farm_case evo_bench_farm_cases[];
extern const size_t evo_bench_farm_n_cases;

/// What rank 0 of such a job prints of each map begins so; numbers follow.
#define EVO_BENCH_FARM_LINE "evompi-bench-farm"
/// Reads n numbers of 0 or more, with spaces or commas between them.
bool evo_bench_farm_numbers(const char *text, double *numbers, size_t n);
/// A rank of such a job under mpirun: `what` is "case,maps,0" or "case,maps,1", with static shares or late
/// hand-outs. Returns the exit code.
int evo_bench_farm_rank(int argc, char **argv, const char *what);
/// All cases on bench->farm_ranks ranks, with static shares and with late hand-outs.
enum evo_status evo_bench_farm(struct evo_bench *bench);
/// Why a job under mpirun failed, and the remedy, in one line. EVO_ERR_FARM.
enum evo_status evo_bench_explain(int how, char *output, long n_ranks);

/* ---- for tasks ---- */

/// The words of task.precision.
extern const char *const evo_bench_precisions[EVO_N_PRECISIONS];
/// The core's clock, Hz, measured for slice_s.
double evo_bench_clock(double slice_s);
/// Makes a task from lines of an INI file; destroy it with evo_task_destroy.
enum evo_status evo_bench_make_task(const char *keys, struct evo_task **task);
/// Fills x [n], uniform in -width/2 .. width/2, the same each time.
void evo_bench_draw(double *x, size_t n, double width);

/* ---- what is measured ---- */

/// The core and the steps of all tasks, in rounds.
enum evo_status evo_bench_steps(struct evo_bench *bench);
/// The core's clock and what its ports do, one round: fills `core`.
enum evo_status evo_bench_core(struct evo_bench *bench);
/// Task i's step in Python, one round.
enum evo_status evo_bench_python(struct evo_bench *bench, size_t i);
/// Rank 0's own work and the writer's, in this process, for every population, in rounds.
enum evo_status evo_bench_serial(struct evo_bench *bench);
/// Whole generations under mpirun: taken apart, with and without checkpoints, on 1 .. n ranks.
enum evo_status evo_bench_jobs(struct evo_bench *bench);

#endif
