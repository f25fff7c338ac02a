/* SPDX-License-Identifier: MIT */
/* What rank 0 does alone: selection, variation, summary; and what the writer does beside it. */
#include "bench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A run of ga in this process, of short flights: only what is done between flights is measured. */
struct run {
    struct evo_config *config;
    struct evo_state *state;
};

static enum evo_status begin(struct run *run, size_t population)
{
    enum evo_status status = EVO_OK;
    char *text = NULL;
    *run = (struct run){0};
    EVO_GOTO(evo_text_format(&text, "[population]\nsize = %zu\n[lineage]\nkeep = none\n%s", population,
                             evo_bench_tasks[0]->brief));
    EVO_GOTO(evo_config_parse("evompi-bench", text, strlen(text), false, NULL, 0, evo_run_scope(), &run->config));
    EVO_GOTO(evo_state_create(run->config, &run->state));
done:
    free(text);
    return status;
}

static void end(struct run *run)
{
    evo_state_destroy(run->state);
    evo_config_destroy(run->config);
}

/* ---- between flights ---- */

enum phase { ASK, TELL, SUMMARY, N_PHASES };

/* The parts of a generation: what the core has taken until its candidates are handed out, and after. */
struct marks {
    struct evo_state *state;
    double asked_s, evaluated_s;
};

static enum evo_status evaluate(void *context, struct evo_cases cases, size_t n, const double *genomes,
                                double *records)
{
    struct marks *marks = context;
    marks->asked_s = evo_bench_core_s();
    EVO_TRY(evo_task_evaluate(marks->state->task, cases, n, genomes, records));
    marks->evaluated_s = evo_bench_core_s();
    return EVO_OK;
}

/* One generation; adds to `seconds` what its parts took of the core. */
static enum evo_status advance(struct evo_state *state, double seconds[N_PHASES])
{
    struct evo_population_summary summary;
    struct marks marks = {.state = state};
    struct evo_generation generation = {0};
    const struct evo_evaluator evaluator = {evaluate, &marks};
    double began = evo_bench_core_s();
    EVO_TRY(evo_generation_run(state, &evaluator, &generation));
    double told = evo_bench_core_s();
    EVO_TRY(evo_population_summarize(evo_search_population(state->search), &summary));
    seconds[ASK] += marks.asked_s - began;
    seconds[TELL] += told - marks.evaluated_s;
    seconds[SUMMARY] += evo_bench_core_s() - told;
    return EVO_OK;
}

static enum evo_status measure_serial(struct evo_bench *bench, struct evo_state *state, size_t n)
{
    static const char *const names[N_PHASES] = {"ask", "tell", "summary"};
    double seconds[N_PHASES] = {0}, all = 0.0;
    /* The first generation is made of chance alone. */
    EVO_TRY(advance(state, seconds));
    memset(seconds, 0, sizeof seconds);
    size_t generations = 0;
    for (; generations < 3 || all < bench->slice_s; generations++) {
        EVO_TRY(advance(state, seconds));
        all = seconds[ASK] + seconds[TELL] + seconds[SUMMARY];
    }
    double scale = 1e9 / (double)generations / (double)n;
    for (int i = 0; i < N_PHASES; i++) {
        EVO_TRY(evo_bench_add(bench, "rank 0", "ns/creature", scale * seconds[i], "%zu: %s", n,
                              names[i]));
    }
    return evo_bench_add(bench, "rank 0", "ns/creature", scale * all, "%zu: ask, tell and summary",
                         n);
}

/* What a creature of default keys takes of the memory in a generation, if each array is gone through
 * as seldom as can be: half of the genomes move, and are copied for the children; five columns are
 * read, half of them written, and six values of each child. Over what the core copies. */
static enum evo_status measure_memory(struct evo_bench *bench, const struct evo_population *population)
{
    const size_t bytes = bench->quick ? 1 << 20 : 64 << 20;
    enum evo_status status = EVO_OK;
    char *from = NULL, *to = NULL;
    EVO_GOTO(evo_alloc(bytes, 1, "memory to copy", &from));
    EVO_GOTO(evo_alloc(bytes, 1, "memory to copy", &to));
    double copied = 0.0, began = evo_bench_core_s(), seconds = 0.0;
    while (seconds < bench->slice_s) {
        memcpy(to, from, bytes);
        __asm__ volatile("" : : "r"(to) : "memory");
        copied += 2.0 * (double)bytes;
        seconds = evo_bench_core_s() - began;
    }
    double moved = 2.0 * EVO_CELL_BYTES * (double)population->genome + 10.5 * EVO_CELL_BYTES;
    EVO_GOTO(evo_bench_add(bench, "rank 0", "bytes/s", copied / seconds,
                           "memory, read and written by copying"));
    EVO_GOTO(evo_bench_add(bench, "rank 0", "ns/creature", 1e9 * moved * seconds / copied,
                           "bound by memory, %zu bytes a creature", (size_t)moved));
done:
    free(from);
    free(to);
    return status;
}

/* ---- checkpoints ---- */

/* As many bytes as a checkpoint has, written and synced: what the file system takes for itself. */
static enum evo_status write_plainly(const char *folder, size_t bytes, double *seconds)
{
    enum evo_status status = EVO_OK;
    char *path = NULL, *block = NULL;
    int file = -1;
    EVO_GOTO(evo_file_join(&path, folder, "plain"));
    EVO_GOTO(evo_alloc(bytes, 1, "bytes to write", &block));
    double began = evo_clock_s();
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    EVO_CHECK_GOTO(file >= 0, EVO_ERR_IO, "%s: cannot be written", path);
    for (size_t done_bytes = 0; done_bytes < bytes;) {
        ssize_t n = write(file, block + done_bytes, bytes - done_bytes);
        EVO_CHECK_GOTO(n > 0, EVO_ERR_IO, "%s: cannot be written", path);
        done_bytes += (size_t)n;
    }
    EVO_CHECK_GOTO(fsync(file) == 0, EVO_ERR_IO, "%s: cannot be synced", path);
    *seconds = evo_clock_s() - began;
done:
    if (file >= 0) { close(file); }
    free(path);
    free(block);
    return status;
}

/* Seconds that this thread had a core: without the writer's. */
static double thread_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Generations, each with a checkpoint that is waited for. The first two make their files anew. */
static enum evo_status write_checkpoints(struct evo_bench *bench, struct evo_state *state,
                                         const char *folder, bool power)
{
    enum { N_SKIPPED = 2, N_WRITES = 6 };
    enum evo_status status = EVO_OK;
    struct evo_store *store = NULL;
    size_t n = evo_search_population(state->search)->n;
    double between[N_PHASES] = {0}, handed = 0.0, written = 0.0, writer = 0.0, seconds = 0.0;
    EVO_TRY(evo_store_open(folder, power, &store));
    EVO_GOTO(evo_store_clear(store));
    for (int i = 0; i < N_SKIPPED + N_WRITES; i++) {
        if (i == N_SKIPPED) {
            memset(between, 0, sizeof between);
            handed = written = writer = 0.0;
        }
        EVO_GOTO(advance(state, between));
        double mine = thread_s(), all = evo_bench_core_s();
        EVO_GOTO(evo_state_save(state, store, 1));
        handed += thread_s() - mine;
        EVO_GOTO(evo_store_drain(store));
        writer += evo_bench_core_s() - all - (thread_s() - mine);
        EVO_GOTO(evo_store_saved(store, NULL, NULL, &seconds));
        written += seconds;
    }
    const struct {
        const char *name;
        double seconds;
    } parts[] = {{"rank 0, generation", between[ASK] + between[TELL] + between[SUMMARY] + handed},
                 {"rank 0, handing over", handed},
                 {"writer, core time", writer},
                 {"write, wall", written}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        EVO_GOTO(evo_bench_add(bench, "checkpoint", "ms", 1e3 * parts[i].seconds / N_WRITES,
                               "%zu, %s: %s", n, power ? "power" : "process", parts[i].name));
    }
done:
    evo_store_close(store);
    return status;
}

static enum evo_status measure_checkpoints(struct evo_bench *bench, struct evo_state *state)
{
    enum evo_status status = EVO_OK;
    char *folder = NULL, *path = NULL;
    size_t n = evo_search_population(state->search)->n;
    struct stat about;
    double seconds = 0.0;
    EVO_GOTO(evo_file_join(&folder, bench->work, "store"));
    EVO_GOTO(evo_file_make_folder(folder));
    EVO_GOTO(write_checkpoints(bench, state, folder, true));
    EVO_GOTO(write_checkpoints(bench, state, folder, false));
    EVO_GOTO(evo_file_join(&path, folder, "checkpoint.h5"));
    EVO_CHECK_GOTO(stat(path, &about) == 0, EVO_ERR_IO, "%s: cannot be found", path);
    EVO_GOTO(write_plainly(folder, (size_t)about.st_size, &seconds));
    EVO_GOTO(evo_bench_add(bench, "checkpoint", "ms", 1e3 * seconds,
                           "%zu: write and fsync of as many bytes", n));
    EVO_GOTO(evo_bench_add(bench, "checkpoint", "MB", 1e-6 * (double)about.st_size, "%zu: size", n));
    EVO_GOTO(evo_bench_remove(folder));
done:
    free(path);
    free(folder);
    return status;
}

/* ---- all ---- */

static enum evo_status measure_population(struct evo_bench *bench, size_t n, bool largest)
{
    enum evo_status status = EVO_OK;
    struct run run;
    EVO_GOTO(begin(&run, n));
    EVO_GOTO(measure_serial(bench, run.state, n));
    EVO_GOTO(measure_checkpoints(bench, run.state));
    if (largest) { EVO_GOTO(measure_memory(bench, evo_search_population(run.state->search))); }
done:
    end(&run);
    return status;
}

enum evo_status evo_bench_serial(struct evo_bench *bench)
{
    for (size_t round = 0; round < bench->rounds; round++) {
        for (size_t i = 0; i < bench->n_populations; i++) {
            EVO_TRY(measure_population(bench, (size_t)bench->populations[i],
                                       i + 1 == bench->n_populations));
        }
    }
    return EVO_OK;
}
