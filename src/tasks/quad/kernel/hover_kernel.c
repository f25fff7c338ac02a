/* SPDX-License-Identifier: MIT */
/* The unrolled hover flight: one text for all instruction sets, one creature per lane. */
#include "../hover_setting.h"

#include EVO_VEC_HEADER

#include "../hover_flight.h"

#include <evompi/lanes/tanh.h>

extern const struct evo_hover_kernels EVO_TABLE;

/* Compiled once per instruction set and precision, with EVO_VEC_HEADER and EVO_TABLE given.
 * A step is long enough to keep the machine busy with one vector. The semi-implicit text flies VEC_LONG_STEP
 * at once: with two, AVX2 is a tenth faster without state variables, AVX-512 a little slower. */
enum {
    IN_FLIGHT = VEC_LONG_STEP,
    MAX_STATES = EVO_HOVER_UNROLLED - 1,
    MAX_ROWS = MAX_STATES + EVO_ROTORS,
    MAX_COLS = MAX_STATES + EVO_HOVER_BASE + EVO_HOVER_MORE_MAX,
    WIDTH = IN_FLIGHT * VEC_LANES,
    ANY_COLS = EVO_HOVER_STATES_MAX + EVO_HOVER_BASE + EVO_HOVER_MORE_MAX,
    ANY_ROWS = EVO_HOVER_STATES_MAX + EVO_ROTORS,
    ANY_GENOME = EVO_HOVER_HIDDEN_MAX * (ANY_COLS + 1) +
                 ANY_ROWS * (ANY_COLS + EVO_HOVER_HIDDEN_MAX + 1),
};

/* Parameters of the creatures in flight, one array of lanes per parameter: a row's constant, then
 * its weights. */
struct lanes {
    real row[MAX_ROWS][1 + MAX_COLS][WIDTH] __attribute__((aligned(64)));
};

/* Creature by creature into lanes; lanes behind the last creature fly it again and are not read. */
static void load_lanes(struct lanes *lanes, const double *genomes, size_t n, int n_rows, int n_cols)
{
    const size_t n_matrix = (size_t)n_rows * (size_t)n_cols, n_genome = n_matrix + (size_t)n_rows;
    for (int lane = 0; lane < WIDTH; lane++) {
        size_t i = (size_t)lane < n ? (size_t)lane : n - 1;
        const double *matrix = genomes + i * n_genome, *constants = matrix + n_matrix;
        for (int r = 0; r < n_rows; r++) {
            lanes->row[r][0][lane] = (real)constants[r];
            for (int j = 0; j < n_cols; j++) {
                lanes->row[r][1 + j][lane] = (real)matrix[r * n_cols + j];
            }
        }
    }
}

/* out = M * [state, inputs] + c of vector v, each sum one chain of fused multiply-adds. */
ALWAYS void control(const struct hover *h, const struct lanes *lanes, int n_states, int v,
                    vec *state, const vec *in, const vec *more, vec *command)
{
    const int n_rows = n_states + EVO_ROTORS, n_cols = n_states + EVO_HOVER_BASE;
    vec out[MAX_ROWS];
    UNROLL for (int r = 0; r < n_rows; r++)
    {
        vec sum = vec_all(0);
        UNROLL for (int j = 0; j < n_cols; j++)
        {
            vec weight = vec_load(&lanes->row[r][1 + j][v * VEC_LANES]);
            vec column = j < n_states ? state[j] : in[j - n_states];
            sum = j == 0 ? vec_mul(weight, column) : vec_fma(weight, column, sum);
        }
        out[r] = sum;
    }
    for (int j = 0; j < h->n_more; j++) {
        UNROLL for (int r = 0; r < n_rows; r++)
        {
            out[r] =
                vec_fma(vec_load(&lanes->row[r][1 + n_cols + j][v * VEC_LANES]), more[j], out[r]);
        }
    }
    UNROLL for (int r = 0; r < n_rows; r++)
    {
        out[r] = vec_add(out[r], vec_load(&lanes->row[r][0][v * VEC_LANES]));
    }
    UNROLL for (int j = 0; j < n_states; j++)
    {
        state[j] = vec_clip(out[j], vec_all(-h->state_limit), vec_all(h->state_limit));
    }
    UNROLL for (int i = 0; i < EVO_ROTORS; i++)
    {
        command[i] = vec_clip01(vec_add(out[n_states + i], vec_all(h->hover_command)));
    }
}

/* ---- any number of states and hidden units ------------------------------------------------- */

/* The same of creatures whose shape is known in flight only: parameters in a genome's own order. One
 * vector alone: those of two would not fit into a core's first cache. */
struct genomes {
    real parameter[ANY_GENOME][VEC_LANES] __attribute__((aligned(64)));
};

static void load_genomes(struct genomes *lanes, const double *genomes, size_t n, size_t n_genome)
{
    for (int lane = 0; lane < VEC_LANES; lane++) {
        const double *genome = genomes + ((size_t)lane < n ? (size_t)lane : n - 1) * n_genome;
        for (size_t i = 0; i < n_genome; i++) { lanes->parameter[i][lane] = (real)genome[i]; }
    }
}

/* n rows, chain beside chain, as each is as slow as its sum is long. */
ALWAYS void sum_rows(const real (*weight)[VEC_LANES], const real (*constant)[VEC_LANES],
                     const vec *column, int n_cols, int n, vec *out)
{
    vec sum[8];
    UNROLL for (int r = 0; r < n; r++)
    {
        sum[r] = vec_mul(vec_load(&weight[r * n_cols][0]), column[0]);
    }
    for (int j = 1; j < n_cols; j++) {
        UNROLL for (int r = 0; r < n; r++)
        {
            sum[r] = vec_fma(vec_load(&weight[r * n_cols + j][0]), column[j], sum[r]);
        }
    }
    UNROLL for (int r = 0; r < n; r++)
    {
        out[r] = vec_add(sum[r], vec_load(&constant[r][0]));
    }
}

ALWAYS void sum_all_rows(const real (*weight)[VEC_LANES], const real (*constant)[VEC_LANES],
                         const vec *column, int n_cols, int n_rows, vec *out)
{
    /* Blocks of like size: a last row alone would take as long as eight. */
    for (int blocks = (n_rows + 7) / 8; blocks > 0; blocks--) {
        int taken = (n_rows + blocks - 1) / blocks;
        switch (taken) {
        case 8: sum_rows(weight, constant, column, n_cols, 8, out); break;
        case 7: sum_rows(weight, constant, column, n_cols, 7, out); break;
        case 6: sum_rows(weight, constant, column, n_cols, 6, out); break;
        case 5: sum_rows(weight, constant, column, n_cols, 5, out); break;
        case 4: sum_rows(weight, constant, column, n_cols, 4, out); break;
        case 3: sum_rows(weight, constant, column, n_cols, 3, out); break;
        case 2: sum_rows(weight, constant, column, n_cols, 2, out); break;
        default: sum_rows(weight, constant, column, n_cols, 1, out); break;
        }
        weight += taken * n_cols;
        constant += taken;
        out += taken;
        n_rows -= taken;
    }
}

__attribute__((noinline)) static void control_any(const struct evo_hover_setting *setting,
                                                  const struct hover *h,
                                                  const struct genomes *lanes, vec *state,
                                                  const vec *in, const vec *more, vec *command)
{
    const int n_states = setting->n_states, n_hidden = setting->n_hidden;
    const int n_rows = n_states + EVO_ROTORS, n_cols = n_states + EVO_HOVER_BASE + h->n_more;
    const real (*upper)[VEC_LANES] = lanes->parameter, (*matrix)[VEC_LANES] = upper + n_hidden * n_cols,
               (*constant)[VEC_LANES] = matrix + n_rows * (n_cols + n_hidden);
    vec column[ANY_COLS + EVO_HOVER_HIDDEN_MAX], out[ANY_ROWS], *next = column;
    for (int j = 0; j < n_states; j++) { *next++ = state[j]; }
    UNROLL for (int j = 0; j < EVO_HOVER_BASE; j++) { *next++ = in[j]; }
    for (int j = 0; j < h->n_more; j++) { *next++ = more[j]; }
    sum_all_rows(upper, constant, column, n_cols, n_hidden, next);
    for (int j = 0; j < n_hidden; j++) { next[j] = vec_tanh(next[j]); }
    sum_all_rows(matrix, constant + n_hidden, column, n_cols + n_hidden, n_rows, out);
    for (int j = 0; j < n_states; j++) {
        state[j] = vec_clip(out[j], vec_all(-h->state_limit), vec_all(h->state_limit));
    }
    UNROLL for (int i = 0; i < EVO_ROTORS; i++)
    {
        command[i] = vec_clip01(vec_add(out[n_states + i], vec_all(h->hover_command)));
    }
}

/* ---- flights ------------------------------------------------------------------------------- */

/* One flight of n_vectors vectors of creatures: `lanes`, or `any` where that is not NULL. */
ALWAYS void fly(const struct evo_hover_setting *setting, const struct evo_hover_flight *flight,
                const struct lanes *lanes, const struct genomes *any, int n_states, int n_vectors,
                enum text text, struct aloft *aloft)
{
    const struct hover hover = make_hover(setting, flight, text), *h = &hover;
    struct disturbance disturbance = begin_disturbance(flight);
    struct evo_hover_disturbance exact;
    vec state[IN_FLIGHT][EVO_HOVER_STATES_MAX];
    vec waiting[EVO_HOVER_DELAY_MAX][IN_FLIGHT][EVO_ROTORS];
    int slot = 0;
    UNROLL for (int v = 0; v < n_vectors; v++)
    {
        begin_flight(&aloft[v], h, &flight->start);
        UNROLL for (int j = 0; j < n_states; j++) { state[v][j] = vec_all(0); }
        for (int d = 0; d < h->delay; d++) {
            UNROLL for (int i = 0; i < EVO_ROTORS; i++) { waiting[d][v][i] = aloft[v].command[i]; }
        }
    }
    for (uint64_t step = 0; step < flight->n_steps; step++) {
        next_disturbance(h, setting, flight, step, &exact, &disturbance);
        UNROLL for (int v = 0; v < n_vectors; v++)
        {
            vec in[EVO_HOVER_BASE], more[EVO_HOVER_MORE_MAX];
            vec command[EVO_ROTORS], flown[EVO_ROTORS];
            see(h, &disturbance, &aloft[v], in, more);
            if (any != NULL) {
                control_any(setting, h, any, state[v], in, more, command);
            } else {
                control(h, lanes, n_states, v, state[v], in, more, command);
            }
            UNROLL for (int i = 0; i < EVO_ROTORS; i++) { flown[i] = command[i]; }
            if (h->delay > 0) {
                UNROLL for (int i = 0; i < EVO_ROTORS; i++)
                {
                    flown[i] = waiting[slot][v][i];
                    waiting[slot][v][i] = command[i];
                }
            }
            move(h, disturbance.wind, &aloft[v], flown);
            judge(h, &disturbance, &aloft[v], command);
        }
        slot = slot + 1 < h->delay ? slot + 1 : 0;
    }
}

/* Adds what flights of n creatures in n_vectors vectors have cost. */
ALWAYS void add_costs(const struct evo_hover_setting *setting,
                      const struct evo_hover_flight *flight, const struct aloft *aloft, size_t n,
                      double *sums, int n_vectors)
{
    real cost[WIDTH] __attribute__((aligned(64))), n_alive[WIDTH] __attribute__((aligned(64)));
    UNROLL for (int v = 0; v < n_vectors; v++)
    {
        vec_store(&cost[v * VEC_LANES], aloft[v].cost);
        vec_store(&n_alive[v * VEC_LANES], aloft[v].n_alive);
    }
    for (size_t i = 0; i < n; i++) {
        sums[i] += evo_hover_cost(setting, flight->n_steps, (double)cost[i], (double)n_alive[i]);
    }
}

ALWAYS void fly_group(const struct evo_hover_setting *setting,
                      const struct evo_hover_flight *flight, size_t n, const double *genomes,
                      double *sums, int n_states, int n_vectors, enum text text)
{
    const int n_cols = n_states + EVO_HOVER_BASE + evo_hover_more(setting);
    struct lanes lanes;
    struct aloft aloft[IN_FLIGHT];
    load_lanes(&lanes, genomes, n, n_states + EVO_ROTORS, n_cols);
    fly(setting, flight, &lanes, NULL, n_states, n_vectors, text, aloft);
    add_costs(setting, flight, aloft, n, sums, n_vectors);
}

static void fly_any(const struct evo_hover_setting *setting, const struct evo_hover_flight *flight,
                    size_t n, const double *genomes, double *sums)
{
    const int n_hidden = setting->n_hidden, n_rows = setting->n_states + EVO_ROTORS,
              n_cols = setting->n_states + EVO_HOVER_BASE + evo_hover_more(setting);
    const size_t genome = (size_t)(n_hidden * (n_cols + 1) + n_rows * (n_cols + n_hidden + 1));
    struct genomes lanes;
    struct aloft aloft[1];
    while (n > 0) {
        size_t taken = n < VEC_LANES ? n : VEC_LANES;
        load_genomes(&lanes, genomes, taken, genome);
        fly(setting, flight, NULL, &lanes, EVO_HOVER_STATES_MAX, 1, ANY_FLIGHT, aloft);
        add_costs(setting, flight, aloft, taken, sums, 1);
        n -= taken;
        genomes += taken * genome;
        sums += taken;
    }
}

/* Groups of one text; the last one has as few vectors as it fills. */
ALWAYS void fly_text(const struct evo_hover_setting *setting, const struct evo_hover_flight *flight,
                     size_t n, const double *genomes, double *sums, int n_states, enum text text)
{
    const int n_inputs = EVO_HOVER_BASE + evo_hover_more(setting);
    const size_t genome = (size_t)((n_states + EVO_ROTORS) * (n_states + n_inputs + 1));
    const size_t full = text == COMMON_SEMI_IMPLICIT ? WIDTH : VEC_LANES;
    while (n > 0) {
        size_t taken = n < full ? n : full;
        if (full > VEC_LANES && taken > VEC_LANES) {
            fly_group(setting, flight, taken, genomes, sums, n_states, IN_FLIGHT, text);
        } else {
            fly_group(setting, flight, taken, genomes, sums, n_states, 1, text);
        }
        n -= taken;
        genomes += taken * genome;
        sums += taken;
    }
}

/* A kernel for each number of state variables, its texts apart: together in one function they are slower. */
#define TEXT(n_states, text)                                                                       \
    __attribute__((noinline)) static void fly_##n_states##_##text(                                 \
        const struct evo_hover_setting *setting, const struct evo_hover_flight *flight, size_t n,  \
        const double *genomes, double *sums)                                                       \
    {                                                                                              \
        fly_text(setting, flight, n, genomes, sums, n_states, text);                               \
    }
#define KERNEL(n_states)                                                                           \
    TEXT(n_states, ANY_FLIGHT)                                                                     \
    TEXT(n_states, COMMON_SEMI_IMPLICIT)                                                           \
    TEXT(n_states, COMMON_RK4)                                                                     \
    static void fly_##n_states(const struct evo_hover_setting *setting,                            \
                               const struct evo_hover_flight *flight, size_t n,                    \
                               const double *genomes, double *sums)                                \
    {                                                                                              \
        switch (text_of(setting, flight)) {                                                        \
        case COMMON_SEMI_IMPLICIT:                                                                 \
            fly_##n_states##_COMMON_SEMI_IMPLICIT(setting, flight, n, genomes, sums);              \
            break;                                                                                 \
        case COMMON_RK4: fly_##n_states##_COMMON_RK4(setting, flight, n, genomes, sums); break;    \
        default: fly_##n_states##_ANY_FLIGHT(setting, flight, n, genomes, sums); break;            \
        }                                                                                          \
    }

KERNEL(0)
KERNEL(1)
KERNEL(2)
KERNEL(3)
KERNEL(4)

const struct evo_hover_kernels EVO_TABLE = {
    .batch = WIDTH,
    .fly = {fly_0, fly_1, fly_2, fly_3, fly_4},
    .any = fly_any,
};
