/* SPDX-License-Identifier: MIT */
/* The farm, measured with work that sleeps: how near the distribution of work comes to one without messages. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

static const char *const ways[] = {"static", "dynamic"};

/* What one map took, as a rank 0 has printed it: numbers in this order. */
enum { CASE, WALL_S, IDEAL_S, N_MESSAGES, N_PIECES, N_AGAIN, N_NUMBERS };

static enum evo_status add_line(struct evo_bench *bench, long n_ranks, size_t i, const char *way,
                                const double numbers[N_NUMBERS])
{
    const struct evo_bench_farm_case *one = &evo_bench_farm_cases[i];
    if (numbers[IDEAL_S] > 0.0) {
        return evo_bench_add(bench, "farm", "%", 100.0 * numbers[IDEAL_S] / numbers[WALL_S], "%ld ranks, %s: %s",
                             n_ranks, one->name, way);
    }
    EVO_TRY(evo_bench_add(bench, "farm", "1/s", numbers[N_MESSAGES] / numbers[WALL_S],
                          "%ld ranks, %s: %s, messages", n_ranks, one->name, way));
    return evo_bench_add(bench, "farm", "us", 1e6 * numbers[WALL_S] / numbers[N_PIECES],
                         "%ld ranks, %s: %s, a piece", n_ranks, one->name, way);
}

/* The first map is not counted: connections are made in it, and nothing is known of the work. */
static enum evo_status read_lines(struct evo_bench *bench, long n_ranks, size_t i, const char *way, char *output)
{
    char *rest = NULL;
    size_t n = 0;
    double numbers[N_NUMBERS];
    for (char *text = strtok_r(output, "\n", &rest); text != NULL; text = strtok_r(NULL, "\n", &rest)) {
        bool is_line = strncmp(text, EVO_BENCH_FARM_LINE, strlen(EVO_BENCH_FARM_LINE)) == 0;
        if (!is_line || !evo_bench_farm_numbers(text + strlen(EVO_BENCH_FARM_LINE), numbers, N_NUMBERS)) { continue; }
        if (numbers[CASE] == (double)i && n++ > 0) { EVO_TRY(add_line(bench, n_ranks, i, way, numbers)); }
    }
    EVO_CHECK(n > 1, EVO_ERR_FARM, "a job of %ld ranks that measures the farm has printed %zu results", n_ranks, n);
    return EVO_OK;
}

static enum evo_status measure_case(struct evo_bench *bench, long n_ranks, size_t i, const char *way)
{
    enum evo_status status = EVO_OK;
    char *program = NULL, *said = NULL, ranks[32], what[64];
    int how = 0;
    snprintf(ranks, sizeof ranks, "%ld", n_ranks);
    snprintf(what, sizeof what, "%zu,%zu,%d", i, bench->rounds + 1, strcmp(way, "dynamic") == 0);
    EVO_GOTO(evo_file_join(&program, bench->programs, "evompi-bench"));
    char mpirun[] = "mpirun", more[] = "--oversubscribe", np[] = "-np", option[] = "--farm-rank";
    char *const words[] = {mpirun, more, np, ranks, program, option, what, NULL};
    EVO_GOTO(evo_bench_run(words, &said, &how));
    if (how != 0) {
        status = evo_bench_explain(how, said, n_ranks);
    } else {
        status = read_lines(bench, n_ranks, i, way, said);
    }
done:
    free(program);
    free(said);
    return status;
}

enum evo_status evo_bench_farm(struct evo_bench *bench)
{
    for (size_t i = 0; i < evo_bench_farm_n_cases; i++) {
        for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
            EVO_TRY(measure_case(bench, bench->farm_ranks, i, ways[way]));
        }
    }
    return EVO_OK;
}
