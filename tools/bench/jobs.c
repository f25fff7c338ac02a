/* SPDX-License-Identifier: MIT */
/* Whole generations under mpirun, read from the history that a run keeps of itself. */
#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* One run of evompi. */
struct run {
    long n_ranks, population, generations;
    const char *durable; ///< a checkpoint each generation, against that; NULL: only at the end
    const struct evo_bench_job *job;
};

/* What its generations took: the mean over all but the first, s. */
struct taken {
    double wall, ask, scatter, fly, gather, idle, tell, save;
    double first_s, last_s;
    uint64_t n;
};

static enum evo_status add_block(void *context, const struct evo_table *block)
{
    static const char *const names[] = {"ask_s", "scatter_s", "fly_s", "gather_s",
                                        "idle_s", "tell_s", "save_s"};
    struct taken *taken = context;
    double *const sums[] = {&taken->ask, &taken->scatter, &taken->fly, &taken->gather,
                            &taken->idle, &taken->tell, &taken->save};
    for (size_t c = 0; c < block->n_columns; c++) {
        const double *data = block->data[c];
        const char *name = block->columns[c].name;
        for (size_t row = 0; row < block->n_rows; row++) {
            bool begins = block->first_row + row == 0;
            if (strcmp(name, "elapsed_s") == 0) {
                if (begins) { taken->first_s = data[row]; }
                taken->last_s = data[row];
                taken->n += begins ? 0 : 1;
            }
            for (size_t k = 0; !begins && k < sizeof names / sizeof names[0]; k++) {
                if (strcmp(name, names[k]) == 0) { *sums[k] += data[row]; }
            }
        }
    }
    return EVO_OK;
}

static enum evo_status read_taken(const char *folder, struct taken *taken)
{
    struct evo_saved saved = {0};
    EVO_TRY(evo_saved_open(folder, &saved));
    enum evo_status status = evo_ledger_read(saved.checkpoint, saved.folder, saved.state->history,
                                             add_block, taken);
    evo_saved_fini(&saved);
    EVO_TRY(status);
    EVO_CHECK(taken->n > 0, EVO_ERR_DATA, "%s: has too few generations to measure", folder);
    double n = (double)taken->n;
    double *const sums[] = {&taken->ask, &taken->scatter, &taken->fly, &taken->gather,
                            &taken->idle, &taken->tell, &taken->save};
    for (size_t k = 0; k < sizeof sums / sizeof sums[0]; k++) { *sums[k] /= n; }
    taken->wall = (taken->last_s - taken->first_s) / n;
    return EVO_OK;
}

static enum evo_status write_config(const struct run *run, const char *folder, const char *path)
{
    FILE *file = fopen(path, "w");
    EVO_CHECK(file != NULL, EVO_ERR_IO, "%s: cannot be written", path);
    fprintf(file,
            "[job]\noutput = %s/run\n[population]\nsize = %ld\n[lineage]\nkeep = none\n"
            "[stop]\nmax_generations = %ld\n[checkpoint]\nevery = %d\n"
            "durable = %s\n%s",
            folder, run->population, run->generations, run->durable != NULL ? 1 : 0,
            run->durable != NULL ? run->durable : "power", run->job->keys);
    EVO_CHECK(fclose(file) == 0, EVO_ERR_IO, "%s: cannot be written", path);
    return EVO_OK;
}

/* What is wrong, and the remedy, in one line; the job's own last line where nothing else is known. */
enum evo_status evo_bench_explain(int how, char *output, long n_ranks)
{
    char text[EVO_BENCH_HOW];
    if (WIFEXITED(how) && WEXITSTATUS(how) == EVO_BENCH_NOT_STARTED) {
        return evo_status_fail(EVO_ERR_FARM, "mpirun cannot be started: put it on the PATH (module load, or "
                               "install Open MPI), or measure the steps alone with --steps");
    }
    if (strstr(output, "allow-run-as-root") != NULL) {
        return evo_status_fail(EVO_ERR_FARM, "mpirun refuses to start as root: set "
                               "OMPI_ALLOW_RUN_AS_ROOT=1 and OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1, start as "
                               "another user, or measure the steps alone with --steps");
    }
    const char *last = evo_bench_last_line(output);
    return evo_status_fail(EVO_ERR_FARM, "a job of %ld ranks under mpirun ended with %s; the last line of its "
                           "output: %s", n_ranks, evo_bench_how(text, how), last != NULL ? last : "(none)");
}

/* Runs what `config` says, into the folder `output`, which is removed first. */
static enum evo_status launch(const struct evo_bench *bench, long n_ranks, char *config, const char *output)
{
    enum evo_status status = EVO_OK;
    char *program = NULL, *said = NULL, ranks[32];
    int how = 0;
    snprintf(ranks, sizeof ranks, "%ld", n_ranks);
    EVO_GOTO(evo_bench_remove(output));
    EVO_GOTO(evo_file_join(&program, bench->programs, "evompi"));
    char mpirun[] = "mpirun", more[] = "--oversubscribe", np[] = "-np";
    char *const words[] = {mpirun, more, np, ranks, program, config, NULL};
    EVO_GOTO(evo_bench_run(words, &said, &how));
    if (how != 0) { status = evo_bench_explain(how, said, n_ranks); }
done:
    free(program);
    free(said);
    return status;
}

static enum evo_status execute(const struct evo_bench *bench, const struct run *run,
                               struct taken *taken)
{
    enum evo_status status = EVO_OK;
    char *config = NULL, *output = NULL;
    EVO_GOTO(evo_file_join(&config, bench->work, "config.ini"));
    EVO_GOTO(evo_file_join(&output, bench->work, "run"));
    EVO_GOTO(write_config(run, bench->work, config));
    EVO_GOTO(launch(bench, run->n_ranks, config, output));
    *taken = (struct taken){0};
    EVO_GOTO(read_taken(output, taken));
    EVO_GOTO(evo_bench_remove(output));
done:
    free(config);
    free(output);
    return status;
}

enum evo_status evo_bench_try_job(struct evo_bench *bench)
{
    enum evo_status status = EVO_OK;
    char *program = NULL;
    EVO_TRY(evo_file_join(&program, bench->programs, "evompi"));
    EVO_CHECK_GOTO(access(program, X_OK) == 0, EVO_ERR_USAGE,
                   "%s: there is no such program: evompi must stand beside evompi-bench", program);
    const struct run smallest = {.n_ranks = sysconf(_SC_NPROCESSORS_ONLN), .population = 4,
                                 .generations = 2, .durable = "power", .job = &evo_bench_tasks[0]->jobs[0]};
    struct taken taken;
    status = execute(bench, &smallest, &taken);
    if (status == EVO_ERR_FARM) { status = EVO_ERR_USAGE; }
done:
    free(program);
    return status;
}

/* Rank 0 alone, while the others wait: all of a generation but flying and messages. */
static double serial_s(const struct taken *taken)
{
    return taken->wall - taken->scatter - taken->fly - taken->gather - taken->save;
}

/* The same with checkpoints: what is waited for them, and what they add in all. */
static enum evo_status measure_saving(struct evo_bench *bench, const struct run *run, double bare_s)
{
    struct taken saved;
    EVO_TRY(execute(bench, run, &saved));
    const struct {
        const char *name, *unit;
        double value;
    } parts[] = {{"save", "us", 1e6 * saved.save},
                 {"wall added", "us", 1e6 * (saved.wall - bare_s)},
                 {"wall added", "%", 100.0 * (saved.wall / bare_s - 1.0)}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        EVO_TRY(evo_bench_add(bench, "generation", parts[i].unit, parts[i].value,
                              "%ld, np %ld, %s: %s, %s", run->population, run->n_ranks,
                              run->durable, parts[i].name, parts[i].unit));
    }
    return EVO_OK;
}

static enum evo_status measure_generation(struct evo_bench *bench, long n_ranks, long population)
{
    long generations = bench->quick ? 4 : 2000000 / population;
    generations = generations > 300 ? 300 : generations < 12 && !bench->quick ? 12 : generations;
    struct run run = {.n_ranks = n_ranks, .population = population, .generations = generations,
                      .job = &evo_bench_tasks[0]->jobs[0]};
    struct taken bare;
    EVO_TRY(execute(bench, &run, &bare));
    const struct {
        const char *name;
        double seconds;
    } parts[] = {{"wall", bare.wall}, {"ask", bare.ask},       {"scatter", bare.scatter},
                 {"fly", bare.fly},   {"gather", bare.gather}, {"idle", bare.idle},
                 {"tell", bare.tell}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        EVO_TRY(evo_bench_add(bench, "generation", "us", 1e6 * parts[i].seconds, "%ld, np %ld: %s",
                              population, n_ranks, parts[i].name));
    }
    EVO_TRY(evo_bench_add(bench, "generation", "ns/creature",
                          1e9 * serial_s(&bare) / (double)population, "%ld, np %ld: rank 0 alone",
                          population, n_ranks));
    static const char *const durables[] = {"power", "process"};
    for (size_t i = 0; i < sizeof durables / sizeof durables[0]; i++) {
        run.durable = durables[i];
        EVO_TRY(measure_saving(bench, &run, bare.wall));
    }
    return EVO_OK;
}

/* T(N) = S + F / N: F is what one rank flies alone, S the rest of a generation on all ranks here. */
static enum evo_status measure_scaling(struct evo_bench *bench, long n_cores, const struct evo_bench_job *job)
{
    long population = bench->quick ? 500 : 50000;
    long generations = bench->quick ? 4 : job->generations;
    struct taken one = {0}, taken = {0};
    for (long n = 1; n <= n_cores; n = n < n_cores && 2 * n > n_cores ? n_cores : 2 * n) {
        struct run run = {.n_ranks = n, .population = population, .generations = generations,
                          .durable = "power", .job = job};
        EVO_TRY(execute(bench, &run, &taken));
        if (n == 1) { one = taken; }
        EVO_TRY(evo_bench_add(bench, "scaling", "x", one.wall / taken.wall,
                              "%s, population %ld: np %ld against np 1", job->name, population, n));
    }
    double others = taken.wall - taken.fly - taken.idle;
    double rest = others > 0.0 ? others : 0.0;
    EVO_TRY(evo_bench_add(bench, "prediction", "us", 1e6 * one.fly, "F, %s", job->name));
    EVO_TRY(evo_bench_add(bench, "prediction", "us", 1e6 * rest, "S, %s", job->name));
    for (long n = 64; n <= 1024; n *= 4) {
        double time = rest + one.fly / (double)n;
        EVO_TRY(evo_bench_add(bench, "prediction", "x", (rest + one.fly) / time,
                              "(S + F) / (S + F/N), %s, N = %ld", job->name, n));
    }
    return EVO_OK;
}

enum evo_status evo_bench_jobs(struct evo_bench *bench)
{
    long n_cores = sysconf(_SC_NPROCESSORS_ONLN);
    for (size_t round = 0; round < bench->rounds; round++) {
        for (size_t i = 0; i < bench->n_populations; i++) {
            EVO_TRY(measure_generation(bench, n_cores, bench->populations[i]));
        }
        /* The largest once more with a core left to the writer. */
        long largest = bench->populations[bench->n_populations - 1];
        if (n_cores > 1) { EVO_TRY(measure_generation(bench, n_cores - 1, largest)); }
        for (size_t i = 0; evo_bench_tasks[i] != NULL; i++) {
            const struct evo_bench_task *task = evo_bench_tasks[i];
            for (size_t k = 0; k < task->n_jobs; k++) { EVO_TRY(measure_scaling(bench, n_cores, &task->jobs[k])); }
        }
    }
    return EVO_OK;
}
