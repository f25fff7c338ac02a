/* SPDX-License-Identifier: MIT */
/* Rollouts as tasks: run by their kernels, or step by step by the plain text with any controller. */
#include "rollout.h"

#include <stdlib.h>
#include <string.h>

/* ---- cases ---------------------------------------------------------------------------------- */

static double draw_uniform(struct evo_draw *draw)
{
    struct evo_rng rng;
    memcpy(&rng, draw->state, sizeof rng);
    double x = evo_rng_uniform(&rng);
    memcpy(draw->state, &rng, sizeof rng);
    return x;
}

static double draw_normal(struct evo_draw *draw)
{
    struct evo_rng rng;
    memcpy(&rng, draw->state, sizeof rng);
    double x = evo_rng_normal(&rng);
    memcpy(draw->state, &rng, sizeof rng);
    return x;
}

/* The draws of one case, and its places among those of the noise, which have a stream of their own. */
static void draw_case(const struct evo_rollout *rollout, const struct evo_rng *rng, struct evo_rng *noise,
                      struct evo_rollout_case *out)
{
    _Static_assert(sizeof *rng <= sizeof out->draw.state, "a sequence of draws fits");
    out->draw = (struct evo_draw){.uniform = draw_uniform, .normal = draw_normal};
    memcpy(out->draw.state, rng, sizeof *rng);
    if (rollout->setting.noise == NULL) { return; }
    for (size_t k = 0; k < rollout->head.shape.n_inputs; k++) {
        out->noise[k][0] = (uint32_t)evo_rng_below(noise, EVO_ROLLOUT_DRAWS);
        /* Odd, so that all draws come before one comes again. */
        out->noise[k][1] = 2 * (uint32_t)evo_rng_below(noise, EVO_ROLLOUT_DRAWS / 2) + 1;
    }
}

/* Creature 0 of the stream of noise is the table of draws. */
void evo_rollout_draw(const struct evo_rollout *rollout, struct evo_cases cases, uint64_t i,
                      struct evo_rollout_case *out)
{
    uint64_t key = rollout->head.changes ? evo_cases_key(cases) : 0;
    struct evo_rng rng = evo_rng_begin(rollout->seed, EVO_STREAM_FLIGHTS, key, i);
    struct evo_rng noise = evo_rng_begin(rollout->seed, EVO_STREAM_NOISE, key, i + 1);
    draw_case(rollout, &rng, &noise, out);
}

void evo_rollout_draw_validation(const struct evo_rollout *rollout, uint64_t i, struct evo_rollout_case *out)
{
    const uint64_t no_generation = UINT64_MAX - 1;
    struct evo_rng rng = evo_rng_begin(rollout->validate_seed, EVO_STREAM_VALIDATE, 0, i);
    struct evo_rng noise = evo_rng_begin(rollout->validate_seed, EVO_STREAM_NOISE, no_generation, i + 1);
    draw_case(rollout, &rng, &noise, out);
}

static uint64_t count_cases(const struct evo_rollout *rollout, struct evo_cases cases)
{
    bool selects = rollout->head.changes && cases.purpose == EVO_PURPOSE_SELECTION;
    return selects ? rollout->n_selection : rollout->n_cases;
}

static uint64_t steps(const struct evo_task *task, struct evo_cases cases)
{
    const struct evo_rollout *rollout = (const struct evo_rollout *)task;
    return count_cases(rollout, cases) * rollout->setting.n_steps;
}

/* ---- the plain step --------------------------------------------------------------------------- */

struct watching {
    const struct evo_rollout *rollout;
    uint64_t number;
    evo_trace_sink *sink;
    void *context;
    enum evo_status status;
};

static int hand_row(void *context, const struct evo_rollout_state *state)
{
    struct watching *w = context;
    const struct evo_rollout_class *class = w->rollout->kind->class;
    double row[EVO_ROLLOUT_COLUMNS + EVO_ROLLOUT_TRACE_MAX + EVO_ROLLOUT_OUTPUTS_MAX];
    size_t n = 0;
    row[n++] = (double)w->number;
    row[n++] = (double)state->n_steps * w->rollout->setting.dt_s;
    for (size_t i = 0; i < class->n_trace; i++) { row[n++] = state->trace[i]; }
    for (size_t i = 0; i < class->n_outputs; i++) { row[n++] = state->outputs[i]; }
    row[n++] = state->cost;
    w->status = w->sink(w->context, row, n);
    return w->status != EVO_OK;
}

enum evo_status evo_rollout_watch_case(const struct evo_rollout *rollout, const struct evo_rollout_case *one,
                                       uint64_t number, const struct evo_controller *controller,
                                       evo_trace_sink *sink, void *context, struct evo_rollout_state *end)
{
    struct watching watching = {rollout, number, sink, context, EVO_OK};
    const struct evo_rollout_watch watch = {.control = controller->step,
                                            .controller = controller->context,
                                            .see = sink != NULL ? hand_row : NULL,
                                            .context = &watching};
    controller->reset(controller->context);
    (void)rollout->run(&rollout->setting, one, &watch, end);
    return watching.status;
}

static enum evo_status trace(const struct evo_task *task, struct evo_cases cases,
                             const struct evo_controller *controller, evo_trace_sink *sink, void *context,
                             double *fitness)
{
    const struct evo_rollout *rollout = (const struct evo_rollout *)task;
    uint64_t n = count_cases(rollout, cases);
    double sum = 0.0;
    for (uint64_t i = 0; i < n; i++) {
        struct evo_rollout_case one;
        struct evo_rollout_state end;
        evo_rollout_draw(rollout, cases, i, &one);
        EVO_TRY(evo_rollout_watch_case(rollout, &one, i, controller, sink, context, &end));
        sum += end.cost;
    }
    *fitness = sum / (double)n;
    return EVO_OK;
}

/* ---- flying ----------------------------------------------------------------------------------- */

static void fly_plain(const struct evo_rollout *rollout, const struct evo_rollout_case *cases, size_t n_cases,
                      size_t n, const double *genomes, double *sums)
{
    size_t genome = evo_shape_genome(rollout->head.shape);
    for (size_t i = 0; i < n; i++) {
        struct evo_linear linear;
        struct evo_controller controller = evo_task_controller(&rollout->head, &linear, genomes + i * genome);
        for (size_t k = 0; k < n_cases; k++) {
            struct evo_rollout_state end;
            /* Without a sink there is nothing that could fail. */
            (void)evo_rollout_watch_case(rollout, &cases[k], k, &controller, NULL, NULL, &end);
            sums[i] += end.cost;
        }
    }
}

static uint64_t parts(const struct evo_task *task, struct evo_cases cases)
{
    return count_cases((const struct evo_rollout *)task, cases);
}

static void fly(const struct evo_task *task, struct evo_cases cases, struct evo_parts range, size_t n,
                const double *genomes, double *sums)
{
    enum { BLOCK = 32 };
    const struct evo_rollout *rollout = (const struct evo_rollout *)task;
    struct evo_rollout_case block[BLOCK];
    for (size_t i = 0; i < n; i++) { sums[i] = 0.0; }
    for (uint64_t begin = 0; n > 0 && begin < range.n; begin += BLOCK) {
        size_t n_block = range.n - begin < BLOCK ? (size_t)(range.n - begin) : BLOCK;
        for (size_t i = 0; i < n_block; i++) {
            evo_rollout_draw(rollout, cases, range.first + begin + i, &block[i]);
        }
        if (task->unrolled) {
            rollout->kernels->fly(&rollout->setting, block, n_block, n, genomes, sums);
        } else {
            fly_plain(rollout, block, n_block, n, genomes, sums);
        }
    }
}

/* ---- settings --------------------------------------------------------------------------------- */

static const struct evo_rollout_keys *keys_of(const struct evo_rollout_kind *kind,
                                              const struct evo_config *config)
{
    return (const struct evo_rollout_keys *)evo_config_values(config, &kind->common);
}

static enum evo_status refuse(const struct evo_rollout *rollout, const struct evo_config *config,
                              const char *key, const char *reason)
{
    char path[2 * EVO_TASK_NAME_MAX + 2];
    snprintf(path, sizeof path, "%s.%s", rollout->kind->class->name, key);
    return evo_config_refuse(config, path, "%s", reason);
}

/* One number for all inputs, or one for each. */
static enum evo_status read_noise(struct evo_rollout *rollout, const struct evo_config *config)
{
    const char *text = keys_of(rollout->kind, config)->noise;
    size_t n = 0, n_inputs = rollout->head.shape.n_inputs;
    bool any = false;
    while (*(text += strspn(text, " \t,")) != '\0') {
        char word[64];
        size_t length = strcspn(text, " \t,");
        double sigma = 0.0;
        snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1), text);
        if (length >= sizeof word || !evo_text_to_number(word, &sigma) || !(sigma >= 0.0 && sigma <= 1e6)) {
            return refuse(rollout, config, "noise", "each of its numbers must be from 0 to 1e6");
        }
        if (n < n_inputs) { rollout->noise[n] = sigma; }
        any |= sigma > 0.0;
        n++;
        text += length;
    }
    if (n != 1 && n != n_inputs) {
        return refuse(rollout, config, "noise", "must be one number, or one for each input");
    }
    for (size_t i = 1; n == 1 && i < n_inputs; i++) { rollout->noise[i] = rollout->noise[0]; }
    if (!any) { return EVO_OK; }
    EVO_TRY(evo_alloc(EVO_ROLLOUT_DRAWS, sizeof *rollout->draws, "draws of noise", &rollout->draws));
    struct evo_rng rng = evo_rng_begin(rollout->seed, EVO_STREAM_NOISE, 0, 0);
    for (size_t i = 0; i < EVO_ROLLOUT_DRAWS; i++) { rollout->draws[i] = evo_rng_normal(&rng); }
    rollout->setting.noise = rollout->noise;
    rollout->setting.draws = rollout->draws;
    return EVO_OK;
}

static enum evo_status set_up(struct evo_rollout *rollout, const struct evo_config *config)
{
    const struct evo_rollout_keys *keys = keys_of(rollout->kind, config);
    const double most = 1e7; // all of them are counted in single precision too
    struct evo_rollout_setting *s = &rollout->setting;
    double n_steps = keys->duration / keys->dt + 0.5;
    if (!(n_steps < most + 1.0)) { return refuse(rollout, config, "duration", "that is more than 1e7 steps"); }
    s->n_steps = n_steps < 1.0 ? 1 : (uint64_t)n_steps;
    s->dt_s = keys->dt;
    s->state_limit = keys->state_limit;
    s->crash_cost = keys->crash_cost;
    s->n_states = (int)keys->states;
    s->n_hidden = (int)keys->hidden;
    s->delay = (int)keys->delay;
    rollout->n_cases = (uint64_t)keys->cases;
    rollout->n_selection = (uint64_t)config->exam_flights;
    rollout->n_validate = (uint64_t)config->validate_flights;
    rollout->seed = (uint64_t)config->job_seed;
    rollout->validate_seed = (uint64_t)config->validate_seed;
    rollout->head.changes = keys->redraw;
    rollout->head.fused = true;
    rollout->head.state_limit = keys->state_limit;
    rollout->head.weight_size = keys->weight_size;
    return EVO_OK;
}

/* The values of the rollout's own keys where the kernels of the precision have them. */
static enum evo_status copy_values(struct evo_rollout *rollout, const struct evo_config *config)
{
    const struct evo_key_table *table = &rollout->kind->own, *here = &rollout->kernels->keys;
    const char *from = evo_config_values(config, table);
    bool is_single = rollout->head.precision == EVO_PRECISION_SINGLE;
    EVO_TRY(evo_alloc(here->bytes + 1, 1, rollout->kind->class->name, &rollout->keys));
    for (size_t i = 0; i < table->n_keys; i++) {
        const char *value = from + table->keys[i].offset;
        char *field = (char *)rollout->keys + here->keys[i].offset;
        switch (table->keys[i].type) {
        case EVO_KEY_REAL:
        case EVO_KEY_DURATION:
            if (is_single) {
                float rounded = (float)*(const double *)value;
                memcpy(field, &rounded, sizeof rounded);
            } else {
                memcpy(field, value, sizeof(double));
            }
            break;
        case EVO_KEY_INT: memcpy(field, value, sizeof(int64_t)); break;
        case EVO_KEY_BOOL: memcpy(field, value, sizeof(bool)); break;
        case EVO_KEY_CHOICE: memcpy(field, value, sizeof(int)); break;
        default: break; // texts are refused when the rollout is loaded
        }
    }
    rollout->setting.keys = rollout->keys;
    return EVO_OK;
}

static const struct evo_rollout_set *find_set(const struct evo_rollout_class *class, const char *isa)
{
    for (size_t i = 0; i < class->n_sets; i++) {
        if (strcmp(class->sets[i].isa, isa) == 0) { return &class->sets[i]; }
    }
    return NULL;
}

/* The best set that both the program may use and the rollout was built for. */
static enum evo_status find_kernels(struct evo_rollout *rollout, const struct evo_config *config)
{
    const struct evo_rollout_class *class = rollout->kind->class;
    size_t n = 0, i = 0, precision = (size_t)rollout->head.precision;
    const struct evo_isa *const *all = evo_isa_all(&n);
    if (class->sets[0].kernels[precision] == NULL) {
        return evo_config_refuse(config, "task.precision", "the plug-in was built without it: build it with "
                                 "evompi-build");
    }
    rollout->run = class->sets[0].kernels[precision]->run;
    while (all[i] != rollout->head.isa) { i++; }
    for (rollout->kernels = NULL; rollout->kernels == NULL; i--) {
        const struct evo_rollout_set *set = find_set(class, all[i]->name);
        if (set == NULL || set->kernels[precision] == NULL) { continue; }
        rollout->kernels = set->kernels[precision];
        rollout->head.isa = all[i];
    }
    return EVO_OK;
}

/* ---- signals and words ------------------------------------------------------------------------ */

static const char *or_none(const char *text) { return text != NULL ? text : ""; }

static struct evo_signal signal_of(const struct evo_rollout_signal *signal)
{
    return (struct evo_signal){signal->name, or_none(signal->unit), or_none(signal->doc)};
}

static enum evo_status set_signals(struct evo_rollout *rollout)
{
    const struct evo_rollout_class *class = rollout->kind->class;
    struct evo_signal *trace = rollout->trace;
    size_t n = 0;
    trace[n++] = (struct evo_signal){"case", "1", "number of the case, from 0"};
    trace[n++] = (struct evo_signal){"t", "s", "time since the case began, after the step"};
    for (size_t i = 0; i < class->n_inputs; i++) { rollout->inputs[i] = signal_of(&class->inputs[i]); }
    for (size_t i = 0; i < class->n_trace; i++) { trace[n++] = signal_of(&class->trace[i]); }
    for (size_t i = 0; i < class->n_outputs; i++) {
        const struct evo_rollout_signal *output = &class->outputs[i];
        char lower[32], upper[32];
        struct evo_signal signal = signal_of(output);
        EVO_TRY(evo_text_format(&rollout->output_docs[i], "%s%sclipped to %s .. %s", signal.doc,
                                signal.doc[0] != '\0' ? "; " : "", evo_text_number(lower, output->lower),
                                evo_text_number(upper, output->upper)));
        signal.doc = rollout->output_docs[i];
        rollout->outputs[i] = trace[n++] = signal;
    }
    trace[n++] = (struct evo_signal){"cost", "1", "the case's cost per step so far"};
    rollout->head.inputs = rollout->inputs;
    rollout->head.outputs = rollout->outputs;
    rollout->head.trace = trace;
    rollout->head.n_trace = n;
    return EVO_OK;
}

static enum evo_status init(struct evo_task *task, const struct evo_config *config)
{
    struct evo_rollout *rollout = (struct evo_rollout *)task;
    rollout->kind = (const struct evo_rollout_kind *)task->class;
    const struct evo_rollout_class *class = rollout->kind->class;
    char precision[32];
    EVO_TRY(set_up(rollout, config));
    task->shape = (struct evo_shape){.n_states = (size_t)rollout->setting.n_states,
                                     .n_inputs = class->n_inputs,
                                     .n_outputs = class->n_outputs,
                                     .n_hidden = (size_t)rollout->setting.n_hidden};
    EVO_TRY(read_noise(rollout, config));
    EVO_TRY(find_kernels(rollout, config));
    EVO_TRY(copy_values(rollout, config));
    EVO_TRY(set_signals(rollout));
    snprintf(precision, sizeof precision, "precision,%s,\n", evo_config_word(config, "task.precision"));
    EVO_TRY(evo_task_describe(task, config, precision));
    task->batch = rollout->kernels->batch;
    return evo_task_choose_step(task, config, true, "all shapes");
}

static void fini(struct evo_task *task)
{
    struct evo_rollout *rollout = (struct evo_rollout *)task;
    for (size_t i = 0; i < EVO_ROLLOUT_OUTPUTS_MAX; i++) { free(rollout->output_docs[i]); }
    free(rollout->draws);
    free(rollout->keys);
}

/* ---- the kind ---------------------------------------------------------------------------------- */

static size_t unused(const struct evo_config *config, struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX / 2])
{
    const struct evo_rollout_kind *kind = (const struct evo_rollout_kind *)evo_task_kind_find(config->task_name);
    const struct evo_rollout_keys *keys = keys_of(kind, config);
    const char *states = kind->paths[0], *redraw = kind->paths[1], *limit = kind->paths[2];
    const struct evo_config_unused all[EVO_ROLLOUT_N_UNUSED] = {
        {true, "task.isolate", "a rollout is evaluated in the process of its rank", NULL},
        {true, "task.timeout_s", "a rollout is evaluated in the process of its rank", NULL},
        {true, "task.memory_mb", "a rollout is evaluated in the process of its rank", NULL},
        {true, "task.on_failure", "a rollout cannot fail", NULL},
        {true, "validate.duration", "cases that validate are as long as all others", NULL},
        {keys->states == 0, limit, "there are no states", states},
        {!keys->redraw, "exam.every", "the selection set is for cases that change from generation to generation", redraw},
        {!keys->redraw, "exam.candidates", "the selection set is for cases that change from generation to generation", redraw},
        {!keys->redraw, "exam.flights", "the selection set is for cases that change from generation to generation", redraw},
    };
    memcpy(rows, all, sizeof all);
    return EVO_ROLLOUT_N_UNUSED;
}

static const char manual_of_steps[] =
    "When a case begins states are 0, and the outputs before it 0 clipped to their bounds.\n"
    "Every dt, in this order:\n"
    "  1. inputs: as listed above, with noise where the job has it;\n"
    "  2. out = M * [state..., inputs...] + c; products are added unrounded (fma), first column\n"
    "     first, c last; plain sums differ in the last digit;\n"
    "  3. the first `states` results, clipped to +-state_limit, are the states of the next step;\n"
    "  4. the others, clipped to their bounds (NaN is the lower one), are the outputs;\n"
    "  5. the outputs of `delay` steps ago act on the plant for dt.\n"
    "Fitness, smaller is better: the mean over cases and steps of the cost of a step, which is\n"
    "  crash_cost from a crash on; plus weight_size |genome|^2.\n";

/* The rows of the keys that all have, with the defaults that are the rollout's own. */
static void set_common_keys(struct evo_rollout_kind *kind)
{
#define ROW(name_, type_, initial_, min_, max_, unit_, doc_)                                              \
    {.section = kind->class->name, .name = #name_, .type = EVO_KEY_##type_, .change = EVO_KEY_FIXED,      \
     .initial = (initial_), .min = (min_), .max = (max_), .choices = "", .unit = (unit_), .doc = (doc_),  \
     .offset = offsetof(struct evo_rollout_keys, name_)},
    const struct evo_key rows[EVO_ROLLOUT_N_KEYS] = {EVO_ROLLOUT_KEYS(ROW)};
#undef ROW
    const struct evo_rollout_class *class = kind->class;
    memcpy(kind->rows, rows, sizeof rows);
    for (size_t i = 0; i < EVO_ROLLOUT_N_KEYS; i++) {
        const struct {
            const char *name;
            double value;
        } own[] = {{"cases", (double)class->cases}, {"duration", class->duration_s}, {"dt", class->dt_s},
                   {"crash_cost", class->crash_cost}};
        for (size_t k = 0; k < sizeof own / sizeof own[0]; k++) {
            if (strcmp(own[k].name, rows[i].name) != 0) { continue; }
            kind->rows[i].initial = evo_text_number(kind->defaults[i], own[k].value);
        }
    }
    kind->common = (struct evo_key_table){kind->rows, EVO_ROLLOUT_N_KEYS, sizeof(struct evo_rollout_keys)};
}

static enum evo_status set_own_keys(struct evo_rollout_kind *kind)
{
    EVO_TRY(evo_task_keys_in(kind->class->name, &kind->class->keys, &kind->own));
    for (size_t i = 0; i < kind->own.n_keys; i++) {
        for (size_t k = 0; k < EVO_ROLLOUT_N_KEYS; k++) {
            EVO_CHECK(strcmp(kind->own.keys[i].name, kind->rows[k].name) != 0, EVO_ERR_CONFIG,
                      "task %s: its key '%s' has the name of a key that every rollout has: give it another",
                      kind->class->name, kind->own.keys[i].name);
        }
    }
    return EVO_OK;
}

static void set_kind(struct evo_rollout_kind *kind)
{
    static const char *const paths[] = {"states", "redraw", "state_limit"};
    const char *name = kind->class->name;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        snprintf(kind->paths[i], sizeof kind->paths[i], "%s.%s", name, paths[i]);
    }
    kind->tables[0] = &kind->common;
    kind->tables[1] = kind->own.n_keys > 0 ? &kind->own : NULL;
    kind->kind = (struct evo_task_kind){.name = name,
                                        .summary = kind->class->summary,
                                        .manual = kind->manual,
                                        .bytes = sizeof(struct evo_rollout),
                                        .keys = kind->tables,
                                        .unused = unused,
                                        .init = init,
                                        .fini = fini,
                                        .steps = steps,
                                        .parts = parts,
                                        .fly = fly,
                                        .mean = true,
                                        .trace = trace,
                                        .validate = evo_rollout_validate};
}

enum evo_status evo_rollout_kind_create(const struct evo_rollout_class *class, const struct evo_task_kind **out)
{
    enum evo_status status = EVO_OK;
    struct evo_rollout_kind *kind = NULL;
    EVO_TRY(evo_alloc(1, sizeof *kind, class->name, &kind));
    kind->class = class;
    set_common_keys(kind);
    EVO_GOTO(set_own_keys(kind));
    EVO_GOTO(evo_text_format(&kind->manual, "%s%s", manual_of_steps, or_none(class->manual)));
    set_kind(kind);
    *out = &kind->kind;
    return EVO_OK;
done:
    free((void *)kind->own.keys);
    free(kind);
    return status;
}
