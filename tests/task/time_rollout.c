/* SPDX-License-Identifier: MIT */
/* How much faster a rollout's kernels are than its own text in plain C: time_rollout KERNELS.so PLAIN.so...
 *
 * Not a test: it measures, on a machine where nothing else runs. From the build folder, with cartpole:
 *   flags="-std=gnu11 -O3 -march=native -fPIC -shared -fvisibility=hidden -I../include"
 *   for c in gcc clang; do
 *       $c $flags -c ../jobs/own/cartpole.c '-DEVO_LANES_SETS(X)=' -o double.o -Wno-missing-field-initializers
 *       $c $flags -c ../jobs/own/cartpole.c -DEVO_SINGLE -o single.o && $c -shared double.o single.o -o $c.so -lm
 *   done
 *   tests/time_rollout tests/cartpole.so ./gcc.so ./clang.so */
#include <evompi/task.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { N = 64, N_CASES = 16, N_STEPS = 500, ROUNDS = 21, MOST = 8 };

struct timed {
    const char *path, *isa;
    const struct evo_rollout_kernels *kernels;
    void *keys;
    double ns[ROUNDS], sums[N];
};

static double draw_uniform(struct evo_draw *draw)
{
    draw->state[0] = draw->state[0] * 6364136223846793005u + 1442695040888963407u;
    return (double)(draw->state[0] >> 11) * 0x1p-53;
}

static bool runs_here(const char *isa)
{
#if defined(__x86_64__)
    if (strcmp(isa, "avx2") == 0) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
    if (strcmp(isa, "avx512") == 0) { return __builtin_cpu_supports("avx512f"); }
#endif
    return true;
}

static enum evo_status read_defaults(const struct evo_rollout_kernels *kernels, bool is_single, void **out)
{
    EVO_TRY(evo_alloc(kernels->keys.bytes, 1, "settings", out));
    for (size_t i = 0; i < kernels->keys.n_keys; i++) {
        double value = strtod(kernels->keys.keys[i].initial, NULL);
        float rounded = (float)value;
        char *field = (char *)*out + kernels->keys.keys[i].offset;
        if (is_single) { memcpy(field, &rounded, sizeof rounded); }
        if (!is_single) { memcpy(field, &value, sizeof value); }
    }
    return EVO_OK;
}

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

/* Candidates near one that balances: none crashes, so that all steps are done. */
static void run(struct timed *timed, int round)
{
    static const double good[] = {2.6, 2.7, 14.9, 3.2, 0.0};
    struct evo_rollout_case cases[N_CASES] = {{.draw = {.uniform = draw_uniform}}};
    struct evo_rollout_setting setting = {.keys = timed->keys, .n_steps = N_STEPS, .dt_s = 0.02,
                                          .state_limit = 10, .crash_cost = 2};
    double genomes[5 * N];
    for (size_t i = 0; i < 5 * N; i++) { genomes[i] = good[i % 5] * (1.0 + 1e-4 * (double)i); }
    for (size_t i = 0; i < N_CASES; i++) {
        cases[i].draw = (struct evo_draw){.uniform = draw_uniform, .state = {i + 1}};
    }
    memset(timed->sums, 0, sizeof timed->sums);
    double begin = now_ns();
    timed->kernels->fly(&setting, cases, N_CASES, N, genomes, timed->sums);
    timed->ns[round] = (now_ns() - begin) / ((double)N * N_CASES * N_STEPS);
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(struct timed *timed)
{
    qsort(timed->ns, ROUNDS, sizeof timed->ns[0], compare);
    return timed->ns[ROUNDS / 2];
}

static enum evo_status collect(const struct evo_plugin *plugin, int precision, struct timed *timed, size_t *n)
{
    for (size_t i = 0; i < plugin->rollout.n_sets && *n < MOST; i++) {
        const struct evo_rollout_set *set = &plugin->rollout.sets[i];
        if (set->kernels[precision] == NULL || !runs_here(set->isa)) { continue; }
        timed[*n] = (struct timed){.path = plugin->path, .isa = set->isa, .kernels = set->kernels[precision]};
        EVO_TRY(read_defaults(timed[*n].kernels, precision == 1, &timed[*n].keys));
        (*n)++;
    }
    return EVO_OK;
}

static enum evo_status time_all(struct evo_plugin **plugins, size_t n_plugins, int precision)
{
    static struct timed timed[MOST];
    size_t n = 0;
    for (size_t i = 0; i < n_plugins; i++) { EVO_TRY(collect(plugins[i], precision, timed, &n)); }
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < n; i++) { run(&timed[i], round); }
    }
    double best = median(&timed[0]);
    for (size_t i = 0; i < n; i++) { best = median(&timed[i]) < best ? median(&timed[i]) : best; }
    printf("%s precision\n", precision == 1 ? "single" : "double");
    for (size_t i = 0; i < n; i++) {
        printf("  %-28s %-7s %7.3f ns a step, %5.2f times the fastest; sum %.17g\n", timed[i].path, timed[i].isa,
               median(&timed[i]), median(&timed[i]) / best, timed[i].sums[0]);
        free(timed[i].keys);
    }
    return EVO_OK;
}

int main(int argc, char **argv)
{
    enum evo_status status = EVO_OK;
    struct evo_plugin *plugins[MOST] = {NULL};
    const struct evo_task_rules rules = {0};
    size_t n = (size_t)argc - 1;
    if (n == 0 || n > MOST) {
        fprintf(stderr, "usage: time_rollout KERNELS.so PLAIN.so...\n");
        return 2;
    }
    for (size_t i = 0; i < n; i++) { EVO_GOTO(evo_plugin_open(argv[i + 1], &rules, &plugins[i])); }
    for (int precision = 0; precision < 2; precision++) { EVO_GOTO(time_all(plugins, n, precision)); }
done:
    for (size_t i = 0; i < n; i++) { evo_plugin_close(plugins[i]); }
    if (status != EVO_OK) { fprintf(stderr, "%s\n", evo_status_message()); }
    return evo_status_exit_code(status);
}
