/* SPDX-License-Identifier: MIT */
/* The task altitude: reach heights and hold them, straight up and down; the original's problem. */
#include "altitude.h"
#include <evompi/controller.h>
#include "altitude_keys.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* One rotor at full command and motor_thrust 1 kg gives so many N: standard gravity, whatever
 * `gravity` is set to. */
#define NEWTON_PER_KG 9.81

extern const struct evo_task_kind evo_task_altitude;

/* The task's own struct. */
struct altitude {
    struct evo_task head;
    struct evo_altitude_setting setting;
    struct evo_altitude_flight *flights; // the list, what setting.flights points to
    uint64_t n_steps;                    // of all flights of the list

    bool sees_error; // and its rate, not setpoint and height
    struct evo_shape flown; // the linear creature that any creature of this task is
    struct evo_altitude_draw draw;
    size_t n_drawn, n_selection; // flights of a generation, 0: the list; and of the selection set
    uint64_t seed;
    struct evo_altitude_validation validation;
};

static const struct evo_signal inputs[] = {
    {"setpoint", "m", "height to reach and hold, above ground"},
    {"z", "m", "height of the vehicle above ground"},
};

static const struct evo_signal error_inputs[] = {
    {"error", "m", "setpoint - z"},
    {"error_rate", "m/s", "(error - error one step before) / dt; before the first step it was 0"},
};

static const struct evo_signal outputs[] = {
    {"command", "1", "the same command for all four rotors; clipped to [0, 1], NaN counts as 0"},
};

static const struct evo_signal trace_signals[EVO_ALTITUDE_COLUMNS] = {
    [EVO_ALTITUDE_FLIGHT] = {"flight", "1", "number of the flight, from 0"},
    [EVO_ALTITUDE_T] = {"t", "s", "time since the flight began, after the step"},
    [EVO_ALTITUDE_SETPOINT] = {"setpoint", "m", "height to reach"},
    [EVO_ALTITUDE_Z] = {"z", "m", "height after the step"},
    [EVO_ALTITUDE_COMMAND] = {"command", "1", "rotor command of the step, clipped"},
    [EVO_ALTITUDE_W] = {"w", "m/s", "speed upwards after the step"},
    [EVO_ALTITUDE_THRUST] = {"thrust", "N", "thrust of the four rotors during the step"},
    [EVO_ALTITUDE_DISTANCE] = {"distance", "m", "distance from the setpoint after the step"},
    [EVO_ALTITUDE_FLIGHT_FITNESS] = {"flight_fitness", "m", "the flight's fitness so far"},
    [EVO_ALTITUDE_FITNESS] = {"fitness", "m", "fitness so far, over all flights"},
};

static const char manual[] =
    "Frame: height z upwards from the ground; the vehicle moves straight up and down.\n"
    "A flight begins at height `start`, at rest, with all state variables 0 and t = 0.\n"
    "One step, in this order, in the `precision` given, each operation rounded by itself (single:\n"
    "parameters and settings are rounded first; t and the sum over flights stay in double):\n"
    "  out = M * [state..., setpoint, z] + c, every sum from left to right, c last;\n"
    "  the first `states` results are the new state, the next one is the command;\n"
    "  command = min(max(command, 0), 1), and 0 where it is NaN;\n"
    "  thrust T = motor_force * (((a*a + a*a) + a*a) + a*a), a the command: four rotors, no lag;\n"
    "  z += dt * w (the old w); w += dt * (T / mass - gravity); w is the speed upwards;\n"
    "  ground: where z < 0, z = 0 and w = 0; t += dt; the flight ends when t >= duration.\n"
    "Fitness, smaller is better: the sum over all steps of d = |setpoint - z| after the step,\n"
    "  times `overshoot` where d is larger than one step before, and in the first step; where\n"
    "  `time_power` is above 0 times t to this power besides, and each flight's sum times dt.\n"
    "  Flights drawn by chance: the mean over flights, with `relative` of sum / |setpoint - start|.\n"
    "`controller` error: the states s are integrated, ds/dt = A s + b e + g de/dt + c, and the command is\n"
    "  a s + b e + g de/dt + c of its own row: a row of M is [a..., b, g]. e = setpoint - z. The step is\n"
    "  the linear one with one state variable more, the first, the error of the step before: its row is\n"
    "  [0, ..., 1, -1], its constant 0; the command's is [-g/dt, a..., k, -k], k = b + g/dt, its constant\n"
    "  c; that of state i [-g, dt*a... (plus 1 in its own column), k, -k], k = dt*b + g, and dt*c.\n";

static bool has_kernel(const struct evo_task *task)
{
    return ((const struct altitude *)task)->flown.n_states < EVO_ALTITUDE_UNROLLED;
}

static enum evo_status describe_flights(const struct altitude *altitude,
                                        const struct evo_config *config, char **text)
{
    const struct evo_altitude_draw *draw = &altitude->draw;
    char height[32], least[32], most[32], duration[32];
    if (altitude->n_drawn == 0) {
        return evo_text_format(text, "flights,\"%s\",m:m:s\n", evo_altitude_keys(config)->flights);
    }
    return evo_text_format(
        text,
        "flights,%zu drawn for each generation; %zu in the selection set,\nduration,%s,s\n"
        "height_max,%s,m\nstep_min,%s,m\nstep_max,%s,m\nrelative,%s,\n",
        altitude->n_drawn, altitude->n_selection, evo_text_number(duration, evo_altitude_keys(config)->duration),
        evo_text_number(height, draw->height_max_m), evo_text_number(least, draw->step_min_m),
        evo_text_number(most, draw->step_max_m), draw->relative ? "yes" : "no");
}

static enum evo_status describe(struct altitude *altitude, const struct evo_config *config)
{
    char dt[32], mass[32], thrust[32], force[32], gravity[32], overshoot[32];
    const struct evo_altitude_setting *setting = &altitude->setting;
    enum evo_status status = EVO_OK;
    char *flights = NULL;
    EVO_GOTO(describe_flights(altitude, config, &flights));
    EVO_GOTO(evo_text_format(
        &altitude->head.description,
        "precision,%s,1\ncontroller,%s,\ndt,%s,s\nmass,%s,kg\nmotor_thrust,%s,kg\n"
        "motor_force,%s,N\ngravity,%s,m/s^2\novershoot,%s,1\ntime_power,%d,\n%s",
        evo_config_word(config, "task.precision"), altitude->sees_error ? "error" : "linear",
        evo_text_number(dt, setting->dt_s), evo_text_number(mass, setting->mass_kg),
        evo_text_number(thrust, evo_altitude_keys(config)->motor_thrust),
        evo_text_number(force, setting->motor_force_n), evo_text_number(gravity, setting->gravity),
        evo_text_number(overshoot, setting->overshoot),
        setting->time_power, flights));
done:
    free(flights);
    return status;
}

static enum evo_status count_steps(const struct evo_config *config, const char *key,
                                   double duration_s, uint64_t *n_steps)
{
    if (evo_altitude_flights_steps(duration_s, evo_altitude_keys(config)->dt, n_steps)) { return EVO_OK; }
    return evo_config_refuse(config, key, "that is more than %d steps of %g s",
                             EVO_ALTITUDE_STEPS_MAX, evo_altitude_keys(config)->dt);
}

/* What flights drawn by chance are like, in generations, selection sets and validations. */
static enum evo_status read_draw(struct altitude *altitude, const struct evo_config *config)
{
    struct evo_altitude_draw *draw = &altitude->draw;
    *draw = (struct evo_altitude_draw){
        .height_max_m = evo_altitude_keys(config)->height_max,
        .step_min_m = evo_altitude_keys(config)->step_min,
        .step_max_m = evo_altitude_keys(config)->step_max,
        .weight = altitude->setting.time_power > 0 ? evo_altitude_keys(config)->dt : 1.0,
        .relative = evo_altitude_keys(config)->relative,
    };
    altitude->n_drawn = (size_t)evo_altitude_keys(config)->random_flights;
    altitude->n_selection = (size_t)config->exam_flights;
    altitude->seed = (uint64_t)config->job_seed;
    altitude->head.changes = altitude->n_drawn > 0;
    if (draw->step_min_m > draw->step_max_m) {
        return evo_config_refuse(config, "altitude.step_min", "it is above altitude.step_max = %g",
                                 draw->step_max_m);
    }
    if (draw->step_max_m > 0.5 * draw->height_max_m) {
        return evo_config_refuse(config, "altitude.step_max",
                                 "it is more than half of altitude.height_max = %g m",
                                 draw->height_max_m);
    }
    EVO_TRY(count_steps(config, "altitude.duration", evo_altitude_keys(config)->duration, &draw->n_steps));
    struct evo_altitude_validation *validation = &altitude->validation;
    validation->draw = *draw;
    validation->draw.relative = false;
    validation->seed = (uint64_t)config->validate_seed;
    validation->n_flights = (size_t)config->validate_flights;
    return count_steps(config, "validate.duration", config->validate_duration,
                       &validation->draw.n_steps);
}

static enum evo_status read_list(struct altitude *altitude, const struct evo_config *config)
{
    struct evo_altitude_setting *setting = &altitude->setting;
    EVO_TRY(evo_altitude_flights_read(config, &altitude->flights, &setting->n_flights));
    setting->flights = altitude->flights;
    for (size_t i = 0; i < setting->n_flights; i++) {
        struct evo_altitude_flight *flight = &altitude->flights[i];
        altitude->n_steps += flight->n_steps;
        flight->weight = setting->time_power > 0 ? setting->dt_s : 1.0;
        flight->n_air = evo_altitude_plain_air(setting, flight);
    }
    return EVO_OK;
}

static void set_shape(struct altitude *altitude, const struct evo_config *config)
{
    struct evo_task *task = &altitude->head;
    size_t n_states = (size_t)evo_altitude_keys(config)->states;
    altitude->sees_error = evo_altitude_keys(config)->controller == EVO_ALTITUDE_ERROR;
    task->shape = (struct evo_shape){.n_states = n_states, .n_inputs = 2, .n_outputs = 1};
    task->inputs = altitude->sees_error ? error_inputs : inputs;
    altitude->flown = altitude->sees_error ? evo_altitude_error_shape(n_states) : task->shape;
    /* A controller of the error has one state variable more. */
    enum { STATES = EVO_ALTITUDE_STATES_MAX + 1, GENOME = (STATES + 1) * (STATES + 3) };
    _Static_assert((int)STATES <= (int)EVO_LINEAR_STATES_MAX && (int)GENOME <= (int)EVO_LINEAR_EXPANDED,
                   "the states of controllers have room");
    assert(evo_shape_genome(altitude->flown) <= GENOME);
}

_Static_assert((int)EVO_EXAM_FLIGHTS_MAX <= (int)EVO_ALTITUDE_DRAWN_MAX, "selection sets have room");

static enum evo_status init(struct evo_task *task, const struct evo_config *config)
{
    struct altitude *altitude = (struct altitude *)task;
    set_shape(altitude, config);
    task->outputs = outputs;
    task->trace = trace_signals;
    task->n_trace = EVO_ALTITUDE_COLUMNS;
    task->batch = evo_altitude_kernels(task->isa, task->precision)->batch;

    altitude->setting = (struct evo_altitude_setting){
        .dt_s = evo_altitude_keys(config)->dt,
        .mass_kg = evo_altitude_keys(config)->mass,
        .motor_force_n = evo_altitude_keys(config)->motor_thrust * NEWTON_PER_KG,
        .gravity = evo_altitude_keys(config)->gravity,
        .overshoot = evo_altitude_keys(config)->overshoot,
        .time_power = (int)evo_altitude_keys(config)->time_power,
        .precision = task->precision,
    };
    EVO_TRY(read_list(altitude, config));
    EVO_TRY(read_draw(altitude, config));
    EVO_TRY(describe(altitude, config));
    return evo_task_choose_step(task, config, has_kernel(task),
                                altitude->sees_error ? "altitude.states = 0 to 3"
                                                     : "altitude.states = 0 to 4");
}

/* Without flights that are drawn there is no selection set, and the list says how long flights are. */
static size_t unused(const struct evo_config *config,
                     struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX / 2])
{
    static const char off_by[] = "altitude.random_flights";
    static const char *const keys[] = {"altitude.duration", "altitude.relative"};
    static const char *const selection[] = {"exam.every", "exam.candidates", "exam.flights"};
    bool listed = evo_altitude_keys(config)->random_flights == 0;
    size_t n = 0;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        rows[n++] = (struct evo_config_unused){
            listed, keys[i], "it is for flights drawn by chance, and altitude.random_flights is 0", off_by};
    }
    for (size_t i = 0; i < sizeof selection / sizeof selection[0]; i++) {
        rows[n++] = (struct evo_config_unused){
            listed, selection[i], "the selection set is for flights that change, and altitude.random_flights is 0",
            off_by};
    }
    return n;
}

static void fini(struct evo_task *task) { free(((struct altitude *)task)->flights); }

/* ---- flying ------------------------------------------------------------------------------ */

static size_t count_drawn(const struct altitude *altitude, struct evo_cases cases)
{
    return cases.purpose == EVO_PURPOSE_SELECTION ? altitude->n_selection : altitude->n_drawn;
}

static uint64_t steps(const struct evo_task *task, struct evo_cases cases)
{
    const struct altitude *altitude = (const struct altitude *)task;
    if (!task->changes) { return altitude->n_steps; }
    return count_drawn(altitude, cases) * altitude->draw.n_steps;
}

static uint64_t parts(const struct evo_task *task, struct evo_cases cases)
{
    const struct altitude *altitude = (const struct altitude *)task;
    return task->changes ? count_drawn(altitude, cases) : altitude->setting.n_flights;
}

/* The setting of some flights of a generation; those that are drawn go into the caller's `drawn`. */
static struct evo_altitude_setting
setting_of(const struct altitude *altitude, struct evo_cases cases, struct evo_parts range,
           struct evo_altitude_flight drawn[EVO_ALTITUDE_DRAWN_MAX])
{
    struct evo_altitude_setting setting = altitude->setting;
    setting.n_flights = (size_t)range.n;
    if (!altitude->head.changes) {
        setting.flights += range.first;
        return setting;
    }
    struct evo_altitude_draw draw = altitude->draw;
    draw.n = count_drawn(altitude, cases);
    setting.flights = drawn;
    evo_altitude_draw(&draw, EVO_STREAM_FLIGHTS, altitude->seed, evo_cases_key(cases), (size_t)range.first,
                      setting.n_flights, drawn);
    for (size_t i = 0; i < setting.n_flights; i++) {
        drawn[i].n_air = evo_altitude_plain_air(&setting, &drawn[i]);
    }
    return setting;
}

static enum evo_status trace(const struct evo_task *task, struct evo_cases cases,
                             const struct evo_controller *controller, evo_trace_sink *sink,
                             void *context, double *fitness)
{
    struct evo_altitude_flight drawn[EVO_ALTITUDE_DRAWN_MAX];
    const struct evo_parts all = {0, parts(task, cases)};
    const struct evo_altitude_setting setting = setting_of((const struct altitude *)task, cases, all, drawn);
    return evo_altitude_plain_fly(&setting, controller, sink, context, fitness);
}

static struct evo_controller controller(const struct evo_task *task, struct evo_linear *linear,
                                        const double *genome)
{
    const struct altitude *altitude = (const struct altitude *)task;
    if (altitude->sees_error) {
        evo_altitude_error_expand(task->shape.n_states, altitude->setting.dt_s, genome,
                                  linear->expanded);
        genome = linear->expanded;
    }
    return evo_controller_linear(linear, altitude->flown, task->precision, genome);
}

#define TABLE(isa, has) extern const struct evo_altitude_kernels evo_altitude_double_##isa, evo_altitude_single_##isa;
EVO_ISAS(TABLE)
#undef TABLE

const struct evo_altitude_kernels *evo_altitude_kernels(const struct evo_isa *isa, enum evo_precision precision)
{
#define TABLE(isa, has) {&evo_altitude_double_##isa, &evo_altitude_single_##isa},
    static const struct evo_altitude_kernels *const tables[][EVO_N_PRECISIONS] = {EVO_ISAS(TABLE)};
#undef TABLE
    return tables[isa->i][precision];
}

static void fly_linear(const struct altitude *altitude, const struct evo_altitude_setting *setting,
                       size_t n, const double *genomes, double *fitness)
{
    const struct evo_task *task = &altitude->head;
    struct evo_shape shape = altitude->flown;
    if (task->unrolled) {
        evo_altitude_kernels(task->isa, task->precision)->fly[shape.n_states](setting, n, genomes, fitness);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct evo_linear linear;
        struct evo_controller one = evo_controller_linear(&linear, shape, task->precision,
                                                          genomes + i * evo_shape_genome(shape));
        /* Without a sink there is nothing that could fail. */
        (void)evo_altitude_plain_fly(setting, &one, NULL, NULL, &fitness[i]);
    }
}

/* Creatures of the error become linear ones block by block. */
static void fly_error(const struct altitude *altitude, const struct evo_altitude_setting *setting,
                         size_t n, const double *genomes, double *fitness)
{
    enum { BLOCK = 128 };
    double expanded[BLOCK * EVO_LINEAR_EXPANDED];
    const size_t genome = evo_shape_genome(altitude->head.shape);
    const size_t flown_genome = evo_shape_genome(altitude->flown);
    for (size_t begin = 0; begin < n; begin += BLOCK) {
        size_t n_block = n - begin < BLOCK ? n - begin : BLOCK;
        for (size_t i = 0; i < n_block; i++) {
            evo_altitude_error_expand(altitude->head.shape.n_states, setting->dt_s,
                                      genomes + (begin + i) * genome, expanded + i * flown_genome);
        }
        fly_linear(altitude, setting, n_block, expanded, fitness + begin);
    }
}

static void fly(const struct evo_task *task, struct evo_cases cases, struct evo_parts range, size_t n,
                const double *genomes, double *sums)
{
    const struct altitude *altitude = (const struct altitude *)task;
    struct evo_altitude_flight drawn[EVO_ALTITUDE_DRAWN_MAX];
    const struct evo_altitude_setting setting = setting_of(altitude, cases, range, drawn);
    if (altitude->sees_error) {
        fly_error(altitude, &setting, n, genomes, sums);
    } else {
        fly_linear(altitude, &setting, n, genomes, sums);
    }
}

static enum evo_status validate(const struct evo_task *task, const struct evo_controller *controller,
                                bool brief, evo_figure_sink *sink, void *context)
{
    const uint64_t most_steps = 10000000; // of a brief one: a fraction of a second
    const struct altitude *altitude = (const struct altitude *)task;
    struct evo_altitude_validation validation = altitude->validation;
    uint64_t most = most_steps / validation.draw.n_steps;
    if (brief && validation.n_flights > most) { validation.n_flights = most > 0 ? most : 1; }
    return evo_altitude_validate(&altitude->setting, &validation, controller, sink, context);
}

static enum evo_status baseline(const struct evo_task *task, size_t i, struct evo_controller *out)
{
    return evo_altitude_baseline_create(i, ((const struct altitude *)task)->setting.dt_s, out);
}

/* A PD controller for ITAE on flights like those of a validation. */
static const char *const tuned_sets[] = {
    "altitude.controller=error", "altitude.states=0",    "altitude.time_power=1",
    "altitude.overshoot=1",      "altitude.relative=no", "altitude.random_flights=32",
    NULL,
};

EVO_KEYS_DEFINE(altitude, EVO_ALTITUDE_KEYS)
static const struct evo_key_table *const tables[] = {&evo_altitude_key_table, NULL};

const struct evo_task_kind evo_task_altitude = {
    .name = "altitude",
    .summary = "reach heights and hold them, straight up and down (the original's task)",
    .manual = manual,
    .baselines = evo_altitude_baseline_names,
    .bytes = sizeof(struct altitude),
    .keys = tables,
    .unused = unused,
    .init = init,
    .fini = fini,
    .steps = steps,
    .parts = parts,
    .fly = fly,
    .trace = trace,
    .baseline = baseline,
    .controller = controller,
    .validate = validate,
    .tuned = "pd-tuned",
    .tuned_sets = tuned_sets,
};
