/* SPDX-License-Identifier: MIT */
/* What evompi-bench --farm runs under mpirun: maps whose work is to sleep, so that many ranks need few cores. */
#include "bench.h"

#include <evompi/farm.h>
#include <evompi/rng.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct evo_bench_farm_case evo_bench_farm_cases[] = {
    {.name = "5 ms each, 10 a rank", .each = 10, .typical_s = 5e-3},
    {.name = "log-normal, 50 a rank", .each = 50, .typical_s = 5e-3, .sigma = 1.0},
    {.name = "log-normal, one rank 4 times slower", .each = 50, .typical_s = 5e-3, .sigma = 1.0, .slower = 4.0},
    {.name = "log-normal, one rank stops for 2 s", .each = 50, .typical_s = 5e-3, .sigma = 1.0, .stops_s = 2.0},
    {.name = "1 ms each, 100 a rank", .each = 100, .typical_s = 1e-3},
    {.name = "no work, 100 a rank", .each = 100, .typical_s = 0.0},
};
const size_t evo_bench_farm_n_cases = sizeof evo_bench_farm_cases / sizeof evo_bench_farm_cases[0];

/* What a rank knows of the case while it works. */
struct sleeper {
    const struct evo_bench_farm_case *one;
    bool odd;             ///< this rank is the slow one, or the one that stops
    uint64_t stopped_for; ///< the map in which it did
};

static void sleep_s(double seconds)
{
    const struct timespec time = {.tv_sec = (time_t)seconds, .tv_nsec = (long)(1e9 * (seconds - floor(seconds)))};
    if (seconds > 0.0) { nanosleep(&time, NULL); }
}

/* Items are seconds, and so are results. */
static enum evo_status work(void *context, struct evo_farm_label label, const struct evo_farm_piece *piece,
                            bool whole, const void *items, void *results)
{
    struct sleeper *sleeper = context;
    const double *seconds = items;
    double sum = 0.0;
    (void)whole;
    for (size_t i = 0; i < piece->n; i++) { sum += seconds[i]; }
    memcpy(results, items, piece->n * sizeof *seconds);
    if (sleeper->odd && sleeper->one->slower > 0.0) { sum *= sleeper->one->slower; }
    if (sleeper->odd && sleeper->one->stops_s > 0.0 && sleeper->stopped_for != label.generation) {
        sleeper->stopped_for = label.generation;
        sum += sleeper->one->stops_s;
    }
    sleep_s(sum);
    return EVO_OK;
}

static void draw(const struct evo_bench_farm_case *one, uint64_t generation, size_t n, double *seconds)
{
    struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, generation, 0);
    for (size_t i = 0; i < n; i++) {
        seconds[i] = one->sigma > 0.0 ? one->typical_s * exp(one->sigma * evo_rng_normal(&rng)) : one->typical_s;
    }
}

/* What the items would take where whoever is free takes the next one, and messages take no time. Who does not
 * know how long items take cannot do better on the mean. */
static double ideal_s(const struct evo_bench_farm_case *one, size_t n, const double *seconds, int size,
                      double *free_at_s)
{
    double last_s = 0.0;
    for (int rank = 0; rank < size; rank++) { free_at_s[rank] = 0.0; }
    free_at_s[size - 1] = one->stops_s;
    for (size_t i = 0; i < n; i++) {
        int next = 0;
        for (int rank = 1; rank < size; rank++) { next = free_at_s[rank] < free_at_s[next] ? rank : next; }
        bool slow = next == size - 1 && one->slower > 0.0;
        free_at_s[next] += slow ? one->slower * seconds[i] : seconds[i];
        last_s = free_at_s[next] > last_s ? free_at_s[next] : last_s;
    }
    return last_s;
}

/* One line for the parent: case, wall, ideal, messages, pieces, handed out again. */
static void print_line(size_t i, double wall_s, double ideal, const struct evo_farm_times *times)
{
    printf(EVO_BENCH_FARM_LINE " %zu %.9g %.9g %zu %zu %zu\n", i, wall_s, ideal, times->n_messages, times->n_pieces,
           times->n_again);
    fflush(stdout);
}

static enum evo_status lead(struct evo_farm *farm, const struct evo_farm_job *job, size_t i, uint64_t n_maps)
{
    enum evo_status status = EVO_OK;
    const struct evo_bench_farm_case *one = &evo_bench_farm_cases[i];
    size_t n = one->each * (size_t)evo_farm_size(farm);
    double *seconds = NULL, *results = NULL, *free_at_s = NULL;
    EVO_GOTO(evo_alloc(n, sizeof *seconds, "farm", &seconds));
    EVO_GOTO(evo_alloc(n, sizeof *results, "farm", &results));
    EVO_GOTO(evo_alloc((size_t)evo_farm_size(farm), sizeof *free_at_s, "farm", &free_at_s));
    for (uint64_t g = 1; g <= n_maps; g++) {
        struct evo_farm_times times;
        const struct evo_farm_load load = {n, 1, seconds, results};
        draw(one, g, n, seconds);
        memset(results, 0, n * sizeof *results);
        double began_s = evo_clock_s();
        EVO_GOTO(evo_farm_map(farm, job, EVO_ROOT_AUTO, (struct evo_farm_label){g, 0}, &load, &times));
        double wall_s = evo_clock_s() - began_s;
        print_line(i, wall_s, ideal_s(one, n, seconds, evo_farm_size(farm), free_at_s), &times);
        EVO_CHECK_GOTO(memcmp(seconds, results, n * sizeof *seconds) == 0, EVO_ERR_INTERNAL,
                       "the farm placed results wrongly");
    }
done:
    free(seconds);
    free(results);
    free(free_at_s);
    return status;
}

bool evo_bench_farm_numbers(const char *text, double *numbers, size_t n)
{
    char copy[256], *rest = NULL;
    snprintf(copy, sizeof copy, "%s", text);
    for (size_t i = 0; i < n; i++) {
        const char *word = strtok_r(i == 0 ? copy : NULL, " ,", &rest);
        if (word == NULL || !evo_text_to_number(word, &numbers[i]) || !(numbers[i] >= 0.0)) { return false; }
    }
    return true;
}

int evo_bench_farm_rank(int argc, char **argv, const char *what)
{
    struct evo_farm *farm = NULL;
    double numbers[3] = {0.0};
    int code = 0;
    if (!evo_bench_farm_numbers(what, numbers, 3) || numbers[0] >= (double)evo_bench_farm_n_cases) {
        fprintf(stderr, "evompi-bench: error: --farm-rank %s: evompi-bench --farm gives it to the ranks that it starts\n",
                what);
        return 2;
    }
    size_t i = (size_t)numbers[0];
    uint64_t n_maps = (uint64_t)numbers[1];
    if (evo_farm_begin(&argc, &argv, &farm) != EVO_OK) { return 1; }
    struct sleeper sleeper = {.one = &evo_bench_farm_cases[i],
                              .odd = evo_farm_rank(farm) == evo_farm_size(farm) - 1};
    const struct evo_farm_job job = {.item_bytes = sizeof(double), .result_bytes = sizeof(double), .batch = 1,
                                     .balance = numbers[2] > 0.0 ? EVO_BALANCE_DYNAMIC : EVO_BALANCE_STATIC,
                                     .work = work, .context = &sleeper};
    enum evo_status status = EVO_OK;
    if (evo_farm_rank(farm) == 0) {
        status = lead(farm, &job, i, n_maps);
        status = evo_farm_dismiss(farm, status, 0);
    } else {
        status = evo_farm_serve(farm, &job, &code);
    }
    if (status != EVO_OK && evo_farm_rank(farm) == 0) {
        fprintf(stderr, "evompi-bench: error: %s\n", evo_status_message());
    }
    evo_farm_end(farm);
    return evo_status_exit_code(status);
}
