/* SPDX-License-Identifier: MIT */
/* A control task of your own in one C file: what a rollout is made of. evompi-build makes it a plug-in. */
#ifndef EVOMPI_ROLLOUT_H
#define EVOMPI_ROLLOUT_H

/* A rollout is one simulated run of a candidate: begin, and then step by step observe, control, advance, cost.
 * The file holds these, all `static`, and EVO_ROLLOUT at its end (jobs/own/cartpole.c is one):
 *
 *   struct settings                   real, int64_t, bool, int: the values of `keys`
 *   const struct evo_key keys[]       rows EVO_KEY_ROW_REAL(struct settings, ...), see <evompi/key.h>
 *   struct plant                      what moves: `vec` alone, as candidates differ
 *   const struct evo_rollout_signal inputs[], outputs[], trace[]
 *
 *   void begin(const struct settings *s, struct evo_draw *draw, struct plant *p)
 *       the plant when a case begins; every field is set. Random numbers are those of the case.
 *   void observe(const struct settings *s, const struct plant *p, vec *in)
 *       what the controller sees: in[0] .. of `inputs`.
 *   void advance(const struct settings *s, real dt, const vec *out, struct plant *p)
 *       one step, with the controller's outputs, clipped to their bounds and `delay` steps old.
 *   vec cost(const struct settings *s, const struct plant *p, const vec *out, vec_bool *crashed)
 *       the price of this step, seen after it, smaller is better; `out` as it was just given. *crashed, which
 *       is false before the call, may be set: from this step on each step costs crash_cost.
 *   void row(const struct settings *s, const struct plant *p, vec *values)
 *       a row of the trace: values[0] .. of `trace`.
 *
 * <evompi/lanes.h> says what can be written with `vec` and `real`. The controller is linear, with state
 * variables and hidden units as the job asks for; the fitness is the mean cost of a step over all cases. */

#include <evompi/lanes.h>
#include <evompi/rollout_class.h>

#include <stddef.h>
#include <string.h>

/* The field of a real key is a `real`, which is not a double in single precision: another does not compile. */
#undef EVO_KEY_ROW_REAL
#define EVO_KEY_ROW_REAL(type, field, initial, min, max, unit, doc)                                          \
    EVO_KEY_ROW_(type, field, _Generic(((type *)0)->field, real : EVO_KEY_REAL), initial, min, max, "", unit, doc)

/* Vectors side by side: while one waits for its results the other goes on. */
#ifndef EVO_ROLLOUT_VECTORS
#ifdef EVO_LANES_ONE
#define EVO_ROLLOUT_VECTORS 1
#else
#define EVO_ROLLOUT_VECTORS 2
#endif
#endif
#define EVO_ROLLOUT_WIDTH  (EVO_ROLLOUT_VECTORS * VEC_LANES)
#define EVO_ROLLOUT_UNROLL _Pragma("GCC unroll 64")

/* EVO_ROLLOUT defines these: the author's functions, with their types taken away. */
EVO_LANES_FN void evo_rollout_begin(const void *settings, struct evo_draw *draw, void *plant);
EVO_LANES_FN void evo_rollout_observe(const void *settings, const void *plant, vec *in);
EVO_LANES_FN void evo_rollout_advance(const void *settings, real dt, const vec *out, void *plant);
EVO_LANES_FN vec evo_rollout_cost(const void *settings, const void *plant, const vec *out, vec_bool *crashed);
EVO_LANES_FN void evo_rollout_row(const void *settings, const void *plant, vec *values);

/* What is known where a rollout is compiled. */
struct evo_rollout_shape {
    int n_states, n_hidden, n_inputs, n_outputs;
    const struct evo_rollout_signal *outputs;
    size_t plant_bytes;
};

/* ---- the controller ------------------------------------------------------------------------------ */

/* Parameters of candidates in lanes, in a genome's order: parameter i of lane k at [i * width + k]. Lanes
 * behind the last candidate have it again. */
EVO_LANES_FN void evo_rollout_load(real *weights, size_t width, const double *genomes, size_t n, size_t n_genome)
{
    for (size_t k = 0; k < width; k++) {
        const double *genome = genomes + (k < n ? k : n - 1) * n_genome;
        for (size_t i = 0; i < n_genome; i++) { weights[i * width + k] = (real)genome[i]; }
    }
}

EVO_LANES_FN vec evo_rollout_clip_output(const struct evo_rollout_signal *output, vec x)
{
    return vec_clip(x, (real)output->lower, (real)output->upper);
}

/* out = M * [state, inputs] + c, each sum one chain of fused multiply-adds; the shape is a constant. */
EVO_LANES_FN void evo_rollout_control(const struct evo_rollout_shape *shape, const real *weights, size_t width,
                                      real limit, vec *state, const vec *in, vec *out)
{
    const int n_states = shape->n_states, n_cols = n_states + shape->n_inputs,
              n_rows = n_states + shape->n_outputs;
    vec sums[EVO_ROLLOUT_STATES_MAX + EVO_ROLLOUT_OUTPUTS_MAX];
    EVO_ROLLOUT_UNROLL for (int r = 0; r < n_rows; r++)
    {
        vec sum = vec_all(0);
        EVO_ROLLOUT_UNROLL for (int j = 0; j < n_cols; j++)
        {
            vec weight = vec_load(weights + (size_t)(r * n_cols + j) * width);
            vec column = j < n_states ? state[j] : in[j - n_states];
            sum = j == 0 ? vec_mul(weight, column) : (vec_fma)(weight, column, sum);
        }
        sums[r] = sum + vec_load(weights + (size_t)(n_rows * n_cols + r) * width);
    }
    EVO_ROLLOUT_UNROLL for (int j = 0; j < n_states; j++) { state[j] = vec_clip(sums[j], -limit, limit); }
    EVO_ROLLOUT_UNROLL for (int i = 0; i < shape->n_outputs; i++)
    {
        out[i] = evo_rollout_clip_output(&shape->outputs[i], sums[n_states + i]);
    }
}

/* n sums beside each other, as each is as slow as it is long. */
EVO_LANES_FN void evo_rollout_sums(const real *weights, const real *constants, size_t width, const vec *columns,
                                   int n_cols, int n, vec *out)
{
    vec sums[4];
    EVO_ROLLOUT_UNROLL for (int r = 0; r < n; r++)
    {
        sums[r] = vec_load(weights + (size_t)(r * n_cols) * width) * columns[0];
    }
    for (int j = 1; j < n_cols; j++) {
        EVO_ROLLOUT_UNROLL for (int r = 0; r < n; r++)
        {
            sums[r] = vec_fma(vec_load(weights + (size_t)(r * n_cols + j) * width), columns[j], sums[r]);
        }
    }
    EVO_ROLLOUT_UNROLL for (int r = 0; r < n; r++)
    {
        out[r] = sums[r] + vec_load(constants + (size_t)r * width);
    }
}

EVO_LANES_FN void evo_rollout_all_sums(const real *weights, const real *constants, size_t width,
                                       const vec *columns, int n_cols, int n_rows, vec *out)
{
    for (int r = 0; r < n_rows; r += 4) {
        const real *row = weights + (size_t)(r * n_cols) * width, *constant = constants + (size_t)r * width;
        switch (n_rows - r) {
        case 1: evo_rollout_sums(row, constant, width, columns, n_cols, 1, out + r); break;
        case 2: evo_rollout_sums(row, constant, width, columns, n_cols, 2, out + r); break;
        case 3: evo_rollout_sums(row, constant, width, columns, n_cols, 3, out + r); break;
        default: evo_rollout_sums(row, constant, width, columns, n_cols, 4, out + r); break;
        }
    }
}

/* The same of a shape that is known in flight only; hidden units come first, and are further columns. */
__attribute__((noinline, unused)) static void evo_rollout_control_any(const struct evo_rollout_shape *shape,
                                                                      const real *weights, size_t width,
                                                                      real limit, vec *state, const vec *in,
                                                                      vec *out)
{
    const int n_states = shape->n_states, n_hidden = shape->n_hidden, n_cols = n_states + shape->n_inputs,
              n_rows = n_states + shape->n_outputs;
    const real *matrix = weights + (size_t)(n_hidden * n_cols) * width,
               *constants = matrix + (size_t)(n_rows * (n_cols + n_hidden)) * width;
    vec columns[EVO_ROLLOUT_STATES_MAX + EVO_ROLLOUT_INPUTS_MAX + EVO_ROLLOUT_HIDDEN_MAX],
        sums[EVO_ROLLOUT_STATES_MAX + EVO_ROLLOUT_OUTPUTS_MAX];
    for (int j = 0; j < n_cols; j++) { columns[j] = j < n_states ? state[j] : in[j - n_states]; }
    evo_rollout_all_sums(weights, constants, width, columns, n_cols, n_hidden, columns + n_cols);
    for (int j = n_cols; j < n_cols + n_hidden; j++) { columns[j] = (vec_tanh)(columns[j]); }
    evo_rollout_all_sums(matrix, constants + (size_t)n_hidden * width, width, columns, n_cols + n_hidden, n_rows,
                         sums);
    for (int j = 0; j < n_states; j++) { state[j] = vec_clip(sums[j], -limit, limit); }
    for (int i = 0; i < shape->n_outputs; i++) {
        out[i] = evo_rollout_clip_output(&shape->outputs[i], sums[n_states + i]);
    }
}

/* ---- one case ------------------------------------------------------------------------------------ */

/* One vector of candidates. */
struct evo_rollout_lanes {
    vec state[EVO_ROLLOUT_STATES_MAX], cost;
    vec_bool alive, n_alive; ///< n_alive counts downwards: true is -1
};

EVO_LANES_FN void evo_rollout_noise(const struct evo_rollout_setting *setting, const struct evo_rollout_case *one,
                                    uint64_t step, int n_inputs, real *noise)
{
    for (int i = 0; i < n_inputs; i++) {
        uint64_t at = (one->noise[i][0] + one->noise[i][1] * step) % EVO_ROLLOUT_DRAWS;
        noise[i] = (real)(setting->noise[i] * setting->draws[at]);
    }
}

/* What an output was before the case began. */
EVO_LANES_FN vec evo_rollout_rest(const struct evo_rollout_signal *output)
{
    return evo_rollout_clip_output(output, vec_all(0));
}

EVO_LANES_FN void evo_rollout_judge(const void *settings, const void *plant, const vec *out,
                                    struct evo_rollout_lanes *lanes)
{
    vec_bool crashed = (vec_bool)vec_all(0);
    vec cost = evo_rollout_cost(settings, plant, out, &crashed);
    lanes->alive = lanes->alive & ~crashed;
    lanes->cost = lanes->cost + evo_lanes_blend(lanes->alive, cost, vec_all(0));
    lanes->n_alive = lanes->n_alive + lanes->alive;
}

EVO_LANES_FN void evo_rollout_start(struct evo_rollout_lanes *lanes, int n_states)
{
    EVO_ROLLOUT_UNROLL for (int j = 0; j < n_states; j++) { lanes->state[j] = vec_all(0); }
    lanes->cost = vec_all(0);
    lanes->alive = vec_all(0) == vec_all(0);
    lanes->n_alive = (vec_bool)vec_all(0);
}

/* The cost of a step, from what the steps before a crash cost. */
EVO_LANES_FN double evo_rollout_mean(const struct evo_rollout_setting *setting, uint64_t n_steps, double cost,
                                     double n_alive)
{
    return (cost + setting->crash_cost * ((double)n_steps - n_alive)) / (double)n_steps;
}

/* Commands of the steps before, when they are late. */
typedef vec evo_rollout_ring[EVO_ROLLOUT_DELAY_MAX][EVO_ROLLOUT_VECTORS][EVO_ROLLOUT_OUTPUTS_MAX];

EVO_LANES_FN void evo_rollout_delay(int delay, int slot, int n_outputs, int v, evo_rollout_ring waiting,
                                    const vec *out, vec *flown)
{
    EVO_ROLLOUT_UNROLL for (int i = 0; i < n_outputs; i++) { flown[i] = out[i]; }
    if (delay == 0) { return; }
    EVO_ROLLOUT_UNROLL for (int i = 0; i < n_outputs; i++)
    {
        flown[i] = waiting[slot][v][i];
        waiting[slot][v][i] = out[i];
    }
}

/* n_vectors vectors of candidates; the controller's shape is a constant, or `any`. */
EVO_LANES_FN void evo_rollout_case_of(const struct evo_rollout_setting *setting, const struct evo_rollout_case *one,
                                      const void *settings, const struct evo_rollout_shape *shape, int any,
                                      const real *weights, size_t width, int n_vectors, char *plants,
                                      struct evo_rollout_lanes *lanes)
{
    const int n_inputs = shape->n_inputs, n_outputs = shape->n_outputs, delay = setting->delay;
    const real dt = (real)setting->dt_s, limit = (real)setting->state_limit;
    real noise[EVO_ROLLOUT_INPUTS_MAX];
    evo_rollout_ring waiting;
    int slot = 0;
    EVO_ROLLOUT_UNROLL for (int v = 0; v < n_vectors; v++)
    {
        struct evo_draw draw = one->draw;
        evo_rollout_start(&lanes[v], any ? setting->n_states : shape->n_states);
        evo_rollout_begin(settings, &draw, plants + (size_t)v * shape->plant_bytes);
        for (int d = 0; d < delay; d++) {
            for (int i = 0; i < n_outputs; i++) { waiting[d][v][i] = evo_rollout_rest(&shape->outputs[i]); }
        }
    }
    for (uint64_t step = 0; step < setting->n_steps; step++) {
        vec_bool alive = (vec_bool)vec_all(0);
        if (setting->noise != NULL) { evo_rollout_noise(setting, one, step, n_inputs, noise); }
        EVO_ROLLOUT_UNROLL for (int v = 0; v < n_vectors; v++)
        {
            char *plant = plants + (size_t)v * shape->plant_bytes;
            const real *mine = weights + (size_t)v * VEC_LANES;
            vec in[EVO_ROLLOUT_INPUTS_MAX], out[EVO_ROLLOUT_OUTPUTS_MAX], flown[EVO_ROLLOUT_OUTPUTS_MAX];
            evo_rollout_observe(settings, plant, in);
            if (setting->noise != NULL) {
                EVO_ROLLOUT_UNROLL for (int i = 0; i < n_inputs; i++) { in[i] = in[i] + noise[i]; }
            }
            if (any) {
                evo_rollout_control_any(shape, mine, width, limit, lanes[v].state, in, out);
            } else {
                evo_rollout_control(shape, mine, width, limit, lanes[v].state, in, out);
            }
            evo_rollout_delay(delay, slot, n_outputs, v, waiting, out, flown);
            evo_rollout_advance(settings, dt, flown, plant);
            evo_rollout_judge(settings, plant, out, &lanes[v]);
            alive = alive | lanes[v].alive;
        }
        slot = slot + 1 < delay ? slot + 1 : 0;
        if (!evo_lanes_any(alive)) { break; } // the rest costs the same whatever happens
    }
}

EVO_LANES_FN void evo_rollout_add(const struct evo_rollout_setting *setting, const struct evo_rollout_lanes *lanes,
                                  size_t n, double *sums)
{
    for (size_t k = 0; k < n; k++) {
        const struct evo_rollout_lanes *l = &lanes[k / VEC_LANES];
        real cost[VEC_LANES] __attribute__((aligned(64)));
        vec_store(cost, l->cost);
        double n_alive = -(double)l->n_alive[k % VEC_LANES];
        sums[k] += evo_rollout_mean(setting, setting->n_steps, (double)cost[k % VEC_LANES], n_alive);
    }
}

/* All cases of n candidates, group after group; the last group has as few vectors as it fills. */
EVO_LANES_FN void evo_rollout_fly_all(const struct evo_rollout_setting *setting,
                                      const struct evo_rollout_case *cases, size_t n_cases, size_t n,
                                      const double *genomes, double *sums, const void *settings,
                                      const struct evo_rollout_shape *shape, int any, size_t n_genome,
                                      real *weights, int n_vectors, char *plants)
{
    const size_t width = (size_t)n_vectors * VEC_LANES;
    struct evo_rollout_lanes lanes[EVO_ROLLOUT_VECTORS];
    while (n > 0) {
        size_t taken = n < width ? n : width;
        evo_rollout_load(weights, width, genomes, taken, n_genome);
        for (size_t i = 0; i < n_cases; i++) {
            if (n_vectors > 1 && taken > VEC_LANES) {
                evo_rollout_case_of(setting, &cases[i], settings, shape, any, weights, width, n_vectors, plants,
                                    lanes);
            } else {
                evo_rollout_case_of(setting, &cases[i], settings, shape, any, weights, width, 1, plants, lanes);
            }
            evo_rollout_add(setting, lanes, taken, sums);
        }
        n -= taken;
        genomes += taken * n_genome;
        sums += taken;
    }
}

/* ---- plain C with any controller ------------------------------------------------------------------ */

#ifdef EVO_LANES_ONE
EVO_LANES_FN int evo_rollout_watch_step(const struct evo_rollout_setting *setting,
                                        const struct evo_rollout_watch *watch, const void *settings,
                                        const char *plant, const struct evo_rollout_shape *shape, int n_trace,
                                        const struct evo_rollout_lanes *lanes, const vec *out,
                                        struct evo_rollout_state *now)
{
    vec values[EVO_ROLLOUT_TRACE_MAX];
    double outputs[EVO_ROLLOUT_OUTPUTS_MAX], trace[EVO_ROLLOUT_TRACE_MAX];
    if (watch->see == NULL) { return 0; }
    evo_rollout_row(settings, plant, values);
    for (int i = 0; i < shape->n_outputs; i++) { outputs[i] = (double)out[i][0]; }
    for (int i = 0; i < n_trace; i++) { trace[i] = (double)values[i][0]; }
    now->outputs = outputs;
    now->trace = trace;
    now->n_alive = (uint64_t)-(int64_t)lanes->n_alive[0];
    now->cost = evo_rollout_mean(setting, now->n_steps, (double)lanes->cost[0], (double)now->n_alive);
    return watch->see(watch->context, now);
}

EVO_LANES_FN int evo_rollout_run_one(const struct evo_rollout_setting *setting, const struct evo_rollout_case *one,
                                     const struct evo_rollout_watch *watch, struct evo_rollout_state *end,
                                     const void *settings, const struct evo_rollout_shape *shape, int n_trace,
                                     char *plant)
{
    const int n_inputs = shape->n_inputs, n_outputs = shape->n_outputs, size = setting->delay + 1;
    vec waiting[EVO_ROLLOUT_DELAY_MAX + 1][EVO_ROLLOUT_OUTPUTS_MAX], in[EVO_ROLLOUT_INPUTS_MAX];
    double inputs[EVO_ROLLOUT_INPUTS_MAX], outputs[EVO_ROLLOUT_OUTPUTS_MAX];
    real noise[EVO_ROLLOUT_INPUTS_MAX] = {0};
    struct evo_draw draw = one->draw;
    struct evo_rollout_lanes lanes;
    int stop = 0;
    evo_rollout_start(&lanes, 0);
    evo_rollout_begin(settings, &draw, plant);
    for (int d = 0; d < size; d++) {
        for (int i = 0; i < n_outputs; i++) { waiting[d][i] = evo_rollout_rest(&shape->outputs[i]); }
    }
    end->n_steps = 0;
    while (end->n_steps < setting->n_steps && stop == 0) {
        /* A ring: written here, read when it is the oldest. */
        vec *out = waiting[end->n_steps % (uint64_t)size];
        evo_rollout_observe(settings, plant, in);
        if (setting->noise != NULL) { evo_rollout_noise(setting, one, end->n_steps, n_inputs, noise); }
        for (int i = 0; i < n_inputs; i++) {
            inputs[i] = (double)(setting->noise != NULL ? in[i] + noise[i] : in[i])[0];
        }
        watch->control(watch->controller, inputs, outputs);
        for (int i = 0; i < n_outputs; i++) {
            out[i] = evo_rollout_clip_output(&shape->outputs[i], vec_all((real)outputs[i]));
        }
        end->n_steps++;
        evo_rollout_advance(settings, (real)setting->dt_s, waiting[end->n_steps % (uint64_t)size], plant);
        evo_rollout_judge(settings, plant, out, &lanes);
        stop = evo_rollout_watch_step(setting, watch, settings, plant, shape, n_trace, &lanes, out, end);
        if (watch->see == NULL && !evo_lanes_any(lanes.alive)) { break; }
    }
    end->n_alive = (uint64_t)-(int64_t)lanes.n_alive[0];
    end->cost = evo_rollout_mean(setting, setting->n_steps, (double)lanes.cost[0], (double)end->n_alive);
    return stop;
}
#define EVO_ROLLOUT_RUN(settings_type, plant_type)                                                           \
    __attribute__((flatten)) static int evo_rollout_run_here(                                                \
        const struct evo_rollout_setting *setting, const struct evo_rollout_case *one,                       \
        const struct evo_rollout_watch *watch, struct evo_rollout_state *end)                                \
    {                                                                                                        \
        const settings_type settings = *(const settings_type *)setting->keys;                                \
        const struct evo_rollout_shape shape = EVO_ROLLOUT_SHAPE(plant_type, 0, 0);                          \
        plant_type plant;                                                                                    \
        return evo_rollout_run_one(setting, one, watch, end, &settings, &shape, EVO_ROLLOUT_N(trace),        \
                                   (char *)&plant);                                                          \
    }
#define EVO_ROLLOUT_RUN_NAME evo_rollout_run_here
#else
#define EVO_ROLLOUT_RUN(settings_type, plant_type)
#define EVO_ROLLOUT_RUN_NAME NULL
#endif

/* ---- what the author's file becomes ---------------------------------------------------------------- */

#define EVO_ROLLOUT_N(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define EVO_ROLLOUT_SHAPE(plant_type, states, hidden)                                                        \
    {states, hidden, EVO_ROLLOUT_N(inputs), EVO_ROLLOUT_N(outputs), outputs, sizeof(plant_type)}
#define EVO_ROLLOUT_GENOME(states, hidden)                                                                   \
    ((hidden) * ((states) + EVO_ROLLOUT_N(inputs) + 1) +                                                     \
     ((states) + EVO_ROLLOUT_N(outputs)) * ((states) + EVO_ROLLOUT_N(inputs) + (hidden) + 1))
/* A longer step than this one gains nothing by its shape being known. */
enum { EVO_ROLLOUT_UNROLLED = 64 };

/* A kernel for a number of state variables; `most` of them and of hidden units, where it is for any. */
#define EVO_ROLLOUT_KERNEL(settings_type, plant_type, name, states, hidden, most, most_hidden, any)          \
    __attribute__((noinline, flatten)) static void name(                                                     \
        const struct evo_rollout_setting *setting, const struct evo_rollout_case *cases, size_t n_cases,     \
        size_t n, const double *genomes, double *sums)                                                       \
    {                                                                                                        \
        enum { VECTORS = any ? 1 : EVO_ROLLOUT_VECTORS };                                                    \
        const settings_type settings = *(const settings_type *)setting->keys;                                \
        const struct evo_rollout_shape shape = EVO_ROLLOUT_SHAPE(plant_type, states, hidden);                \
        real weights[EVO_ROLLOUT_GENOME(most, most_hidden) * VECTORS * VEC_LANES]                            \
            __attribute__((aligned(64)));                                                                    \
        plant_type plants[VECTORS];                                                                          \
        evo_rollout_fly_all(setting, cases, n_cases, n, genomes, sums, &settings, &shape, any,               \
                            (size_t)EVO_ROLLOUT_GENOME(states, hidden), weights, VECTORS, (char *)plants);   \
    }
#define EVO_ROLLOUT_FIXED(settings_type, plant_type, states)                                                 \
    EVO_ROLLOUT_KERNEL(settings_type, plant_type, evo_rollout_fly_##states, states, 0, states, 0, 0)

#define EVO_ROLLOUT_KERNELS(settings_type, plant_type)                                                       \
    EVO_ROLLOUT_FIXED(settings_type, plant_type, 0)                                                          \
    EVO_ROLLOUT_FIXED(settings_type, plant_type, 1)                                                          \
    EVO_ROLLOUT_FIXED(settings_type, plant_type, 2)                                                          \
    EVO_ROLLOUT_KERNEL(settings_type, plant_type, evo_rollout_fly_any, setting->n_states, setting->n_hidden, \
                       EVO_ROLLOUT_STATES_MAX, EVO_ROLLOUT_HIDDEN_MAX, 1)                                    \
    static void evo_rollout_fly(const struct evo_rollout_setting *setting,                                   \
                                const struct evo_rollout_case *cases, size_t n_cases, size_t n,              \
                                const double *genomes, double *sums)                                         \
    {                                                                                                        \
        evo_rollout_kernel *kernel = evo_rollout_fly_any;                                                    \
        const int small = EVO_ROLLOUT_GENOME(setting->n_states, 0) <= EVO_ROLLOUT_UNROLLED;                  \
        if (setting->n_hidden == 0 && small && setting->n_states == 0) { kernel = evo_rollout_fly_0; }       \
        if (setting->n_hidden == 0 && small && setting->n_states == 1) { kernel = evo_rollout_fly_1; }       \
        if (setting->n_hidden == 0 && small && setting->n_states == 2) { kernel = evo_rollout_fly_2; }       \
        kernel(setting, cases, n_cases, n, genomes, sums);                                                   \
    }

#define EVO_ROLLOUT_FUNCTIONS(settings_type, plant_type)                                                     \
    __attribute__((flatten)) EVO_LANES_FN void evo_rollout_begin(const void *s, struct evo_draw *d, void *p) \
    {                                                                                                        \
        begin((const settings_type *)s, d, (plant_type *)p);                                                 \
    }                                                                                                        \
    __attribute__((flatten)) EVO_LANES_FN void evo_rollout_observe(const void *s, const void *p, vec *in)    \
    {                                                                                                        \
        observe((const settings_type *)s, (const plant_type *)p, in);                                        \
    }                                                                                                        \
    __attribute__((flatten)) EVO_LANES_FN void evo_rollout_advance(const void *s, real dt, const vec *out,   \
                                                                   void *p)                                  \
    {                                                                                                        \
        advance((const settings_type *)s, dt, out, (plant_type *)p);                                         \
    }                                                                                                        \
    __attribute__((flatten)) EVO_LANES_FN vec evo_rollout_cost(const void *s, const void *p, const vec *out, \
                                                               vec_bool *crashed)                            \
    {                                                                                                        \
        return cost((const settings_type *)s, (const plant_type *)p, out, crashed);                          \
    }                                                                                                        \
    __attribute__((flatten)) EVO_LANES_FN void evo_rollout_row(const void *s, const void *p, vec *values)    \
    {                                                                                                        \
        row((const settings_type *)s, (const plant_type *)p, values);                                        \
    }

#define EVO_ROLLOUT_PASTE_(a, b, c) a##b##c
#define EVO_ROLLOUT_PASTE(a, b, c)  EVO_ROLLOUT_PASTE_(a, b, c)
#ifdef EVO_SINGLE
#define EVO_ROLLOUT_TABLE EVO_ROLLOUT_PASTE(evo_rollout_, EVO_LANES, _single)
#else
#define EVO_ROLLOUT_TABLE EVO_ROLLOUT_PASTE(evo_rollout_, EVO_LANES, _double)
#endif

#define EVO_ROLLOUT_KERNEL_TABLE(settings_type)                                                              \
    extern const struct evo_rollout_kernels EVO_ROLLOUT_TABLE;                                               \
    const struct evo_rollout_kernels EVO_ROLLOUT_TABLE = {                                                   \
        EVO_ROLLOUT_WIDTH, evo_rollout_fly, EVO_ROLLOUT_RUN_NAME,                                            \
        {keys, sizeof keys / sizeof(struct evo_key), sizeof(settings_type)}};

/* One of the objects, plain C in double precision, has the descriptor. EVO_LANES_SETS(X) is X(avx2) and so on
 * for the sets that the build compiles besides, in both precisions; without it there is this object alone. */
#if defined(EVO_LANES_ONE) && !defined(EVO_SINGLE)
#ifdef EVO_LANES_SETS
#define EVO_ROLLOUT_DECLARE(isa)                                                                             \
    extern const struct evo_rollout_kernels evo_rollout_##isa##_double, evo_rollout_##isa##_single;
#define EVO_ROLLOUT_SET(isa) {#isa, {&evo_rollout_##isa##_double, &evo_rollout_##isa##_single}},
#define EVO_ROLLOUT_SETS                                                                                     \
    EVO_ROLLOUT_DECLARE(plain)                                                                               \
    EVO_LANES_SETS(EVO_ROLLOUT_DECLARE)                                                                      \
    static const struct evo_rollout_set evo_rollout_sets[] = {EVO_ROLLOUT_SET(plain)                         \
                                                                  EVO_LANES_SETS(EVO_ROLLOUT_SET)};
#else
#define EVO_ROLLOUT_SETS                                                                                     \
    static const struct evo_rollout_set evo_rollout_sets[] = {{"plain", {&EVO_ROLLOUT_TABLE, NULL}}};
#endif
#define EVO_ROLLOUT_DESCRIPTOR                                                                               \
    EVO_ROLLOUT_SETS                                                                                         \
    extern __attribute__((visibility("default"))) const struct evo_rollout_class evompi_rollout;             \
    const struct evo_rollout_class evompi_rollout
#define EVO_ROLLOUT_SETS_HERE evo_rollout_sets, sizeof evo_rollout_sets / sizeof evo_rollout_sets[0]
#else
#define EVO_ROLLOUT_DESCRIPTOR                                                                               \
    __attribute__((unused)) static const struct evo_rollout_class evo_rollout_elsewhere
#define EVO_ROLLOUT_SETS_HERE NULL, 0
#endif

/// At the end of the file, with the types of the settings and of the plant:
/// EVO_ROLLOUT(struct settings, struct plant) = {EVO_ROLLOUT_HEAD, .name = "mytask", .summary = ..., ...};
#define EVO_ROLLOUT(settings_type, plant_type)                                                               \
    EVO_ROLLOUT_FUNCTIONS(settings_type, plant_type)                                                         \
    EVO_ROLLOUT_KERNELS(settings_type, plant_type)                                                           \
    EVO_ROLLOUT_RUN(settings_type, plant_type)                                                               \
    EVO_ROLLOUT_KERNEL_TABLE(settings_type)                                                                  \
    enum { EVO_ROLLOUT_KEYS_BYTES = sizeof(settings_type) };                                                 \
    EVO_ROLLOUT_DESCRIPTOR

/// The first members of the descriptor.
#define EVO_ROLLOUT_HEAD                                                                                     \
    EVO_ROLLOUT_ABI, (uint32_t)sizeof(struct evo_rollout_class), EVO_ROLLOUT_SETS_HERE, inputs, outputs,     \
        trace, sizeof inputs / sizeof inputs[0], sizeof outputs / sizeof outputs[0],                         \
        sizeof trace / sizeof trace[0], {keys, sizeof keys / sizeof(struct evo_key), EVO_ROLLOUT_KEYS_BYTES}

#endif
