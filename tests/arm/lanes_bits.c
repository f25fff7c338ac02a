/* SPDX-License-Identifier: MIT */
/* Prints the bits of what <evompi/lanes.h> computes, and of a rollout's kernels: the same on every machine. */
#include <evompi/rollout_class.h>

#include "../task/lanes_functions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With -DISA=neon those of neon. */
#define NAME_(head, precision, isa) head##_##precision##_##isa
#define NAME(head, precision, isa)  NAME_(head, precision, isa)
#define KERNELS_(isa, precision)    evo_rollout_##isa##_##precision
#define KERNELS(isa, precision)     KERNELS_(isa, precision)
extern const struct lanes_functions NAME(lanes, double, ISA), NAME(lanes, single, ISA);
extern const struct evo_rollout_kernels KERNELS(ISA, double), KERNELS(ISA, single);

enum { N = 997, N_GENOMES = 21, N_CASES = 3, MOST = 200 };

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state ^ *state >> 29;
}

static double uniform(uint64_t *state) { return (double)(next(state) >> 11) * 0x1p-53; }

/* ---- functions -------------------------------------------------------------------------------- */

/* Bits of any kind at even places, numbers of usual sizes at odd ones. */
static double draw(uint64_t *state, size_t i)
{
    uint64_t bits = next(state);
    double x;
    memcpy(&x, &bits, sizeof x);
    double mantissa = 1.0 + uniform(state), size = ldexp(mantissa, (int)(next(state) % 20) - 10);
    return i % 2 == 0 ? x : bits & 1 ? size : -size;
}

static void print_functions(void)
{
    static double in[3][N], out[N];
    static float in_single[3][N], out_single[N];
    uint64_t state = 1;
    for (size_t i = 0; i < 3 * N; i++) {
        in[i % 3][i / 3] = draw(&state, i / 3);
        in_single[i % 3][i / 3] = (float)in[i % 3][i / 3];
    }
    for (int f = 0; f < LANES_N; f++) {
        NAME(lanes, double, ISA).each[f](in[0], in[1], in[2], N, out);
        NAME(lanes, single, ISA).each[f](in_single[0], in_single[1], in_single[2], N, out_single);
        for (size_t i = 0; i < N; i++) {
            printf("%d %zu %a %a\n", f, i, isnan(out[i]) ? (double)NAN : fabs(out[i]) * (signbit(out[i]) ? -1 : 1),
                   isnan(out_single[i]) ? (double)NAN : (double)out_single[i]);
        }
    }
}

/* ---- a rollout -------------------------------------------------------------------------------- */

static double draw_uniform(struct evo_draw *draw) { return uniform(&draw->state[0]); }
static double draw_normal(struct evo_draw *draw) { return 2.0 * uniform(&draw->state[0]) - 1.0; }

/* The settings of tests/task/rollout_cases.c, where a precision has them. */
static void set_defaults(const struct evo_rollout_kernels *kernels, int is_single, char *settings)
{
    for (size_t i = 0; i < kernels->keys.n_keys; i++) {
        const struct evo_key *key = &kernels->keys.keys[i];
        double value = strtod(key->initial, NULL);
        float rounded = (float)value;
        int64_t whole = (int64_t)value;
        if (key->type == EVO_KEY_REAL && is_single) { memcpy(settings + key->offset, &rounded, sizeof rounded); }
        if (key->type == EVO_KEY_REAL && !is_single) { memcpy(settings + key->offset, &value, sizeof value); }
        if (key->type == EVO_KEY_INT) { memcpy(settings + key->offset, &whole, sizeof whole); }
        if (key->type == EVO_KEY_BOOL) { settings[key->offset] = 1; }
    }
}

static void print_rollout(const struct evo_rollout_kernels *kernels, int is_single, int n_states, int n_hidden)
{
    _Alignas(16) char settings[256] = {0};
    static double genomes[N_GENOMES * MOST], draws[EVO_ROLLOUT_DRAWS], noise[] = {0.1, 0.0};
    struct evo_rollout_case cases[N_CASES];
    double sums[N_GENOMES] = {0.0};
    uint64_t state = 7;
    set_defaults(kernels, is_single, settings);
    for (size_t i = 0; i < EVO_ROLLOUT_DRAWS; i++) { draws[i] = 2.0 * uniform(&state) - 1.0; }
    for (size_t i = 0; i < N_GENOMES * MOST; i++) { genomes[i] = 2.0 * uniform(&state) - 1.0; }
    for (size_t i = 0; i < N_CASES; i++) {
        cases[i] = (struct evo_rollout_case){.draw = {draw_uniform, draw_normal, {i + 1}}, .noise = {{5, 7}, {9, 3}}};
    }
    struct evo_rollout_setting setting = {.keys = settings, .n_steps = 40, .dt_s = 0.05, .state_limit = 2,
                                          .crash_cost = 100, .n_states = n_states, .n_hidden = n_hidden,
                                          .delay = 1, .noise = noise, .draws = draws};
    kernels->fly(&setting, cases, N_CASES, N_GENOMES, genomes, sums);
    for (int i = 0; i < N_GENOMES; i++) { printf("rollout %d %d %d %a\n", is_single, n_states, n_hidden, sums[i]); }
}

int main(void)
{
    print_functions();
    for (int n_states = 0; n_states < 4; n_states++) {
        for (int n_hidden = 0; n_hidden < 6; n_hidden += 5) {
            print_rollout(&KERNELS(ISA, double), 0, n_states, n_hidden);
            print_rollout(&KERNELS(ISA, single), 1, n_states, n_hidden);
        }
    }
    return 0;
}
