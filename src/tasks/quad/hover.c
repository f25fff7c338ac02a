/* SPDX-License-Identifier: MIT */
/* The task hover: reach a point and hold it, in six degrees of freedom, from scattered starts. */
#include "hover.h"
#include "hover_baseline.h"
#include "hover_keys.h"
#include "vehicle_keys.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const struct evo_task_kind evo_task_hover;

_Static_assert((int)EVO_HOVER_STATES_MAX <= (int)EVO_LINEAR_STATES_MAX &&
                   (int)EVO_HOVER_HIDDEN_MAX <= (int)EVO_LINEAR_HIDDEN_MAX &&
                   (int)EVO_HOVER_STATES_MAX + (int)EVO_HOVER_INPUTS_MAX + (int)EVO_HOVER_HIDDEN_MAX <=
                       (int)EVO_LINEAR_COLS_MAX,
               "the plain step has room for every controller");

static void set_costs(struct evo_hover_setting *s, const struct evo_config *config)
{
    s->bound_m = evo_hover_keys(config)->bound;
    s->rate_limit = evo_hover_keys(config)->rate_limit;
    s->height_m = evo_hover_keys(config)->height;
    s->weight_position = evo_hover_keys(config)->weight_position;
    s->weight_away = evo_hover_keys(config)->weight_away;
    s->away_m = evo_hover_keys(config)->away;
    s->weight_rate = evo_hover_keys(config)->weight_rate;
    s->weight_effort = evo_hover_keys(config)->weight_effort;
    s->weight_change = evo_hover_keys(config)->weight_change;
    /* The most that a step in the air can cost, and one. */
    s->crash_cost = s->weight_position * s->bound_m * s->bound_m + s->weight_away +
                    s->weight_rate * s->rate_limit * s->rate_limit +
                    EVO_ROTORS * (s->weight_effort + s->weight_change) + 1.0;
}

static void set_disturbance(struct evo_hover_setting *s, const struct evo_config *config)
{
    s->has_disturbance = evo_hover_keys(config)->gust > 0.0 || evo_hover_keys(config)->turbulence > 0.0;
#define ROW(name, n, symmetry, key, ...)                                                           \
    for (int i = 0; i < (n); i++) { s->noise[EVO_SEES_##name + i] = evo_hover_keys(config)->key; } \
    s->has_disturbance |= evo_hover_keys(config)->key > 0.0;
    EVO_HOVER_BASE_SENSORS(ROW)
#undef ROW
    s->turbulence_keep = evo_math_exp(-evo_hover_keys(config)->dt / evo_hover_keys(config)->turbulence_time);
    s->turbulence_add = sqrt(1.0 - s->turbulence_keep * s->turbulence_keep);
}

static double share(double tau_s, double dt_s)
{
    return tau_s > 0.0 ? 1.0 - evo_math_exp(-dt_s / tau_s) : 1.0;
}

void evo_task_hover_set_dt(struct evo_hover_task *task, double dt_s)
{
    struct evo_hover_setting *s = &task->setting;
    s->dt_s = dt_s;
    s->acceleration_share = share(task->acceleration_lag_s, dt_s);
    s->acceleration_scale = 1.0 / (dt_s * EVO_GRAVITY);
    s->rise = share(task->vehicle.rise_s, dt_s);
    s->fall = share(task->vehicle.fall_s, dt_s);
}

static void set_up(struct evo_hover_task *task, const struct evo_config *config)
{
    struct evo_hover_setting *s = &task->setting;
    task->acceleration_lag_s = evo_hover_keys(config)->acceleration_lag;
    evo_task_hover_set_dt(task, evo_hover_keys(config)->dt);
    s->clip_m = evo_hover_keys(config)->clip;
    s->integral_limit = evo_hover_keys(config)->integral_limit;
    s->state_limit = evo_hover_keys(config)->state_limit;
    s->hover_command = evo_vehicle_hover_command(&task->vehicle);
    s->substeps = (int)evo_hover_keys(config)->substeps;
    s->n_states = (int)evo_hover_keys(config)->states;
    s->n_hidden = (int)evo_hover_keys(config)->hidden;
#define ROW(name, n, symmetry, key, ...) s->sees_##name = evo_hover_keys(config)->key;
    EVO_HOVER_SENSORS(ROW, EVO_SENSOR_NO_KEY)
#undef ROW
    set_costs(s, config);
    set_disturbance(s, config);
    task->is_rk4 = evo_hover_keys(config)->integrator == EVO_INTEGRATOR_RK4;
    task->h_s = evo_hover_keys(config)->dt / (double)evo_hover_keys(config)->substeps;
    task->seed = (uint64_t)config->job_seed;
    task->n_flights = (uint64_t)evo_hover_keys(config)->flights;
    task->n_selection = (uint64_t)config->exam_flights;
    task->n_validate = (uint64_t)config->validate_flights;
    task->validate_seed = (uint64_t)config->validate_seed;
    task->n_steps = (uint64_t)(evo_hover_keys(config)->duration / evo_hover_keys(config)->dt + 0.5);
    if (task->n_steps == 0) { task->n_steps = 1; }
    task->curriculum = (struct evo_hover_curriculum){(double)evo_hover_keys(config)->grow_generations,
                                             evo_hover_keys(config)->duration_first,
                                             evo_hover_keys(config)->angle_first, evo_hover_keys(config)->random_first};
}

static void set_spread(struct evo_hover_spread *spread, const struct evo_config *config)
{
    int delay = (int)evo_hover_keys(config)->delay, least = (int)evo_hover_keys(config)->delay_min;
    *spread = (struct evo_hover_spread){
        .position_m = evo_hover_keys(config)->position,
        .velocity = evo_hover_keys(config)->velocity,
        .angle_rad = evo_hover_keys(config)->angle * (3.14159265358979324 / 180.0),
        .rate = evo_hover_keys(config)->rate,
        .motor = evo_hover_keys(config)->motor,
        .mass = evo_hover_keys(config)->mass,
        .inertia = evo_hover_keys(config)->inertia,
        .thrust = evo_hover_keys(config)->thrust,
        .lag = evo_hover_keys(config)->lag,
        .push = evo_hover_keys(config)->push,
        .twist = evo_hover_keys(config)->twist,
        .wind = evo_hover_keys(config)->wind,
        .gust = evo_hover_keys(config)->gust,
        .turbulence = evo_hover_keys(config)->turbulence,
        .gust_steps = (uint64_t)(evo_hover_keys(config)->gust_time / evo_hover_keys(config)->dt + 0.5),
        .delay_min = least < 0 ? delay : least,
        .delay_max = delay,
    };
}

/* Settings that make no sense together. */
static enum evo_status check_starts(const struct evo_config *config)
{
    double away = sqrt(3.0) * evo_hover_keys(config)->position, turning = sqrt(3.0) * evo_hover_keys(config)->rate;
    if (away >= evo_hover_keys(config)->bound) {
        return evo_config_refuse(config, "hover.position",
                                 "a start may be %g m from the setpoint, and hover.bound = %g m "
                                 "makes that a crash; raise the bound",
                                 away, evo_hover_keys(config)->bound);
    }
    if (evo_hover_keys(config)->position > evo_hover_keys(config)->height) {
        return evo_config_refuse(config, "hover.position",
                                 "a start may be below the ground, %g m under the setpoint; raise "
                                 "hover.height",
                                 evo_hover_keys(config)->height);
    }
    if (turning >= evo_hover_keys(config)->rate_limit) {
        return evo_config_refuse(config, "hover.rate",
                                 "a start may turn at %g rad/s, and hover.rate_limit = %g rad/s "
                                 "makes that a crash; raise the limit",
                                 turning, evo_hover_keys(config)->rate_limit);
    }
    return EVO_OK;
}

static enum evo_status check_combinations(const struct evo_hover_task *task,
                                          const struct evo_config *config)
{
    double wind = evo_hover_keys(config)->wind + evo_hover_keys(config)->gust + evo_hover_keys(config)->turbulence;
    if (wind > 0.0 && !evo_vehicle_has_drag(&task->vehicle)) {
        const char *key = evo_hover_keys(config)->wind > 0.0   ? "hover.wind"
                          : evo_hover_keys(config)->gust > 0.0 ? "hover.gust"
                                                     : "hover.turbulence";
        return evo_config_refuse(config, key,
                                 "wind does nothing to vehicle %s, which has no drag; set "
                                 "vehicle.linear_x or its like",
                                 task->vehicle.name);
    }
    if (evo_hover_keys(config)->delay_min > evo_hover_keys(config)->delay) {
        return evo_config_refuse(config, "hover.delay_min", "is above hover.delay = %d",
                                 (int)evo_hover_keys(config)->delay);
    }
    const struct evo_hover_curriculum *curriculum = &task->curriculum;
    if (curriculum->generations == 0.0 &&
        (curriculum->duration < 1.0 || curriculum->angle < 1.0 || curriculum->random < 1.0)) {
        return evo_config_refuse(config, "hover.grow_generations",
                                 "hover.duration_first, angle_first and random_first need the "
                                 "number of generations until all is grown");
    }
    return check_starts(config);
}

static enum evo_status set_basis(struct evo_hover_task *task, const struct evo_config *config,
                           size_t n_inputs)
{
    if (evo_hover_keys(config)->states > 0 || evo_hover_keys(config)->hidden > 0) {
        return evo_config_refuse(config, "hover.symmetric",
                                 "needs hover.states = 0 and hover.hidden = 0");
    }
    return evo_hover_symmetry_basis(&task->setting, &task->vehicle, n_inputs, &task->head.basis);
}

enum evo_status evo_task_hover_init(struct evo_task *head, const struct evo_config *config)
{
    struct evo_hover_task *task = (struct evo_hover_task *)head;
    EVO_TRY(evo_vehicle_read(config, &task->vehicle));
    evo_vehicle_warn(&task->vehicle, head->warning, sizeof head->warning);
    set_up(task, config);
    set_spread(&task->spread, config);
    EVO_TRY(check_combinations(task, config));
    if (task->setting.has_disturbance) { EVO_TRY(evo_hover_draw_table(task->seed, &task->draws)); }
    task->setting.draws = task->draws;
    size_t n_inputs = evo_hover_signals_inputs(&task->setting, task->inputs);
    head->shape = (struct evo_shape){.n_states = (size_t)evo_hover_keys(config)->states,
                                     .n_inputs = n_inputs,
                                     .n_outputs = EVO_ROTORS,
                                     .n_hidden = (size_t)evo_hover_keys(config)->hidden};
    if (evo_hover_keys(config)->symmetric) { EVO_TRY(set_basis(task, config, n_inputs)); }
    head->inputs = task->inputs;
    head->outputs = evo_hover_signals_outputs;
    head->trace = evo_hover_signals_trace;
    head->n_trace = EVO_HOVER_COLUMNS;
    head->changes = true;
    head->batch = evo_hover_kernels(head->isa, head->precision)->batch;
    head->fused = true;
    head->state_limit = evo_hover_keys(config)->state_limit;
    head->weight_size = evo_hover_keys(config)->weight_size;
    EVO_TRY(evo_hover_describe(task, config));
    return evo_task_choose_step(head, config, true, "all shapes");
}

size_t evo_task_hover_unused(const struct evo_config *c,
                             struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX / 2])
{
    const struct evo_config_unused all[] = {
        {true, "validate.duration",
         "tasks hover and track have validations of a length of their own", NULL},
        {!evo_hover_keys(c)->inputs_integral, "hover.integral_limit", "hover.inputs_integral is no",
         "hover.inputs_integral"},
        {!evo_hover_keys(c)->inputs_acceleration, "hover.acceleration_lag", "hover.inputs_acceleration is no",
         "hover.inputs_acceleration"},
        {evo_hover_keys(c)->states == 0, "hover.state_limit", "hover.states is 0", "hover.states"},
        {evo_hover_keys(c)->gust == 0.0, "hover.gust_time", "hover.gust is 0", "hover.gust"},
        {evo_hover_keys(c)->turbulence == 0.0, "hover.turbulence_time", "hover.turbulence is 0",
         "hover.turbulence"},
        {evo_hover_keys(c)->weight_away == 0.0, "hover.away", "hover.weight_away is 0", "hover.weight_away"},
    };
    _Static_assert(sizeof all / sizeof all[0] < EVO_CONFIG_UNUSED_MAX / 2, "and one of the task track");
    memcpy(rows, all, sizeof all);
    return sizeof all / sizeof all[0];
}

void evo_task_hover_fini(struct evo_task *head)
{
    struct evo_hover_task *task = (struct evo_hover_task *)head;
    free(task->draws);
    free(task->rows);
    evo_hover_path_fini(&task->path);
}

static uint64_t n_flights(const struct evo_hover_task *task, struct evo_cases cases)
{
    return cases.purpose == EVO_PURPOSE_SELECTION ? task->n_selection : task->n_flights;
}

uint64_t evo_task_hover_steps(const struct evo_task *task, struct evo_cases cases)
{
    const struct evo_hover_task *hover = (const struct evo_hover_task *)task;
    return n_flights(hover, cases) * evo_hover_draw_steps(hover, cases);
}

#define TABLE(isa, has) extern const struct evo_hover_kernels evo_hover_double_##isa, evo_hover_single_##isa;
EVO_ISAS(TABLE)
#undef TABLE

const struct evo_hover_kernels *evo_hover_kernels(const struct evo_isa *isa, enum evo_precision precision)
{
#define TABLE(isa, has) {&evo_hover_double_##isa, &evo_hover_single_##isa},
    static const struct evo_hover_kernels *const tables[][EVO_N_PRECISIONS] = {EVO_ISAS(TABLE)};
#undef TABLE
    return tables[isa->i][precision];
}

static evo_hover_plain *plain_of(const struct evo_hover_task *task)
{
    return task->head.precision == EVO_PRECISION_SINGLE ? evo_hover_plain_single
                                                        : evo_hover_plain_double;
}

static void fly_plain(const struct evo_hover_task *task, const struct evo_hover_flight *flight,
                      size_t n, const double *genomes, double *sums)
{
    size_t genome = evo_shape_genome(task->head.shape);
    for (size_t i = 0; i < n; i++) {
        struct evo_linear linear;
        struct evo_controller controller =
            evo_task_controller(&task->head, &linear, genomes + i * genome);
        /* Without a sink there is nothing that could fail. */
        (void)plain_of(task)(&task->setting, flight, 0, &controller, NULL, NULL, &sums[i]);
    }
}

uint64_t evo_task_hover_parts(const struct evo_task *task, struct evo_cases cases)
{
    return n_flights((const struct evo_hover_task *)task, cases);
}

void evo_task_hover_fly(const struct evo_task *head, struct evo_cases cases, struct evo_parts parts, size_t n,
                        const double *genomes, double *sums)
{
    const struct evo_hover_task *task = (const struct evo_hover_task *)head;
    for (size_t i = 0; i < n; i++) { sums[i] = 0.0; }
    const struct evo_hover_kernels *kernels = evo_hover_kernels(head->isa, head->precision);
    bool listed = head->shape.n_states < EVO_HOVER_UNROLLED && head->shape.n_hidden == 0;
    evo_hover_kernel *kernel = listed ? kernels->fly[head->shape.n_states] : kernels->any;
    for (uint64_t k = 0; k < parts.n; k++) {
        struct evo_hover_flight flight;
        evo_hover_draw_flight(task, cases, parts.first + k, &flight);
        if (head->unrolled) {
            kernel(&task->setting, &flight, n, genomes, sums);
        } else {
            fly_plain(task, &flight, n, genomes, sums);
        }
    }
}

enum evo_status evo_task_hover_trace(const struct evo_task *head, struct evo_cases cases,
                                     const struct evo_controller *controller, evo_trace_sink *sink,
                                     void *context, double *fitness)
{
    const struct evo_hover_task *task = (const struct evo_hover_task *)head;
    double sum = 0.0;
    uint64_t n_all = n_flights(task, cases);
    for (uint64_t k = 0; k < n_all; k++) {
        struct evo_hover_flight flight;
        evo_hover_draw_flight(task, cases, k, &flight);
        EVO_TRY(
            plain_of(task)(&task->setting, &flight, (size_t)k, controller, sink, context, &sum));
    }
    *fitness = sum / (double)n_all;
    return EVO_OK;
}

enum evo_status evo_task_hover_baseline(const struct evo_task *head, size_t i,
                                         struct evo_controller *out)
{
    const struct evo_hover_task *task = (const struct evo_hover_task *)head;
    struct evo_hover_plant plant = {
        .vehicle = &task->vehicle,
        .is_rk4 = task->is_rk4,
        .h_s = task->h_s,
        .substeps = task->setting.substeps,
        .delay = (task->spread.delay_min + task->spread.delay_max + 1) / 2,
        .velocity_at = evo_hover_signals_place(&task->setting, EVO_SENSOR_path_velocity),
        .acceleration_at = evo_hover_signals_place(&task->setting, EVO_SENSOR_path_acceleration)};
    return evo_hover_baseline_create(&plant, i, out);
}

EVO_KEYS_DEFINE(hover, EVO_HOVER_KEYS)
static const struct evo_key_table *const tables[] = {&evo_hover_key_table, &evo_vehicle_key_table, NULL};

const struct evo_task_kind evo_task_hover = {
    .name = "hover",
    .summary = "reach a point and hold it, in six degrees of freedom, from scattered starts",
    .manual = evo_hover_signals_manual,
    .baselines = evo_hover_baseline_names,
    .baseline = evo_task_hover_baseline,
    .validate = evo_hover_validate,
    .bytes = sizeof(struct evo_hover_task),
    .keys = tables,
    .include = evo_vehicle_include,
    .print_lists = evo_vehicle_print_list,
    .unused = evo_task_hover_unused,
    .init = evo_task_hover_init,
    .fini = evo_task_hover_fini,
    .steps = evo_task_hover_steps,
    .parts = evo_task_hover_parts,
    .fly = evo_task_hover_fly,
    .mean = true,
    .trace = evo_task_hover_trace,
};
