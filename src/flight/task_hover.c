/* SPDX-License-Identifier: MIT */
/* The task hover: reach a point and hold it, in six degrees of freedom, from scattered starts. */
#include <evompi/rng.h>

#include "controller.h"
#include "hover.h"
#include "hover_reference.h"
#include "vehicle.h"

#include <math.h>

extern const struct evo_task_class evo_task_hover;

/* The task's own struct. */
struct hover_task {
    struct evo_task head;
    struct evo_hover_setting setting;
    struct evo_vehicle vehicle;
    bool is_rk4;
    double h_s;
    uint64_t seed, n_flights, n_exam, n_steps;
    double position, velocity, angle, rate, mass, thrust, push;
};

static const struct evo_signal inputs[EVO_HOVER_INPUTS] = {
    {"ex", "m", "position minus setpoint along world x; clipped to +-clip"},
    {"ey", "m", "the same along world y"},
    {"ez", "m", "the same along world z, upwards"},
    {"vx", "m/s", "velocity along world x"},
    {"vy", "m/s", "velocity along world y"},
    {"vz", "m/s", "velocity along world z"},
    {"ax", "1", "twice x of the attitude quaternion, its sign such that w >= 0"},
    {"ay", "1", "twice y of the attitude quaternion"},
    {"az", "1", "twice z of the attitude quaternion"},
    {"p", "rad/s", "body rate about body x"},
    {"q", "rad/s", "body rate about body y"},
    {"r", "rad/s", "body rate about body z"},
};

static const struct evo_signal outputs[EVO_ROTORS] = {
    {"rotor0", "1", "added to hover_command and clipped to [0, 1]"},
    {"rotor1", "1", "the same for rotor 1"},
    {"rotor2", "1", "the same for rotor 2"},
    {"rotor3", "1", "the same for rotor 3"},
};

static const struct evo_signal trace_signals[EVO_HOVER_COLUMNS] = {
    {"flight", "1", "number of the flight, from 0"},
    {"t", "s", "time since the flight began, after the step"},
    {"ex", "m", "position minus setpoint, world x"},
    {"ey", "m", "position minus setpoint, world y"},
    {"ez", "m", "position minus setpoint, world z"},
    {"vx", "m/s", "velocity, world x"},
    {"vy", "m/s", "velocity, world y"},
    {"vz", "m/s", "velocity, world z"},
    {"qw", "1", "attitude quaternion, body to world, scalar part"},
    {"qx", "1", "its x"},
    {"qy", "1", "its y"},
    {"qz", "1", "its z"},
    {"p", "rad/s", "body rate about body x"},
    {"q", "rad/s", "body rate about body y"},
    {"r", "rad/s", "body rate about body z"},
    {"rotor0", "1", "command of the step, clipped"},
    {"rotor1", "1", "command of the step, clipped"},
    {"rotor2", "1", "command of the step, clipped"},
    {"rotor3", "1", "command of the step, clipped"},
    {"flight_fitness", "1", "the flight's cost per step so far"},
};

static const char manual[] =
    "Frames: world z up; body x forward, y left, z up; the attitude quaternion turns body to world.\n"
    "The setpoint is position 0 and attitude (1, 0, 0, 0). States are 0 when a flight begins.\n"
    "Every dt: out = M * [state..., inputs...] + c; the first `states` results are the new state,\n"
    "  clipped to +-state_limit; the other four plus hover_command, clipped to [0, 1] (NaN is 0),\n"
    "  are the commands of rotors 0 to 3, which reach the motors `delay` steps later.\n"
    "  Products are added unrounded (fma), first column first; c is added last.\n"
    "Motor state m follows its command with time constant rise or fall; thrust of a rotor is\n"
    "  c0 + c1 m + c2 m^2; its torque on the body about z is spin * torque_ratio * thrust.\n"
    "Fitness, smaller is better: the mean over flights and steps of weight_position |e|^2 +\n"
    "  weight_rate |rates|^2 + weight_effort |commands - hover_command|^2 + weight_change\n"
    "  |change of commands|^2, plus weight_size |genome|^2. From the step on that leaves `bound`,\n"
    "  exceeds rate_limit or goes below the ground, a step costs crash_cost, which is more than\n"
    "  any step in the air can cost: crashing early never pays.\n";

static enum evo_status describe(struct hover_task *task, const struct evo_config *config)
{
    const struct evo_vehicle *v = &task->vehicle;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    EVO_CHECK(out != NULL, EVO_ERR_MEMORY, "hover: no memory for its description");
    const struct evo_hover_setting *s = &task->setting;
    const struct {
        const char *key, *unit;
        double value;
    } rows[] = {
        {"mass", "kg", v->mass_kg},           {"Ixx", "kg m^2", v->inertia[0]},
        {"Iyy", "kg m^2", v->inertia[1]},     {"Izz", "kg m^2", v->inertia[2]},
        {"c0", "N", v->thrust[0]},            {"c1", "N", v->thrust[1]},
        {"c2", "N", v->thrust[2]},            {"torque_ratio", "m", v->torque_m},
        {"rise", "s", v->rise_s},             {"fall", "s", v->fall_s},
        {"gravity", "m/s^2", 9.81},           {"hover_command", "1", s->hover_command},
        {"clip", "m", s->clip_m},             {"state_limit", "1", s->state_limit},
        {"dt", "s", config->hover_dt},        {"substeps", "1", s->substeps},
        {"delay", "steps", s->delay},         {"bound", "m", s->bound_m},
        {"rate_limit", "rad/s", s->rate_limit}, {"crash_cost", "1", s->crash_cost},
    };
    char number[32], x[32], y[32];
    fprintf(out, "vehicle,%s,\nprecision,%s,\n", v->name, evo_config_word(config, "task.precision"));
    fprintf(out, "integrator,%s,\n", evo_config_word(config, "hover.integrator"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fprintf(out, "%s,%s,%s\n", rows[i].key, evo_text_number(number, rows[i].value), rows[i].unit);
    }
    for (int i = 0; i < EVO_ROTORS; i++) {
        fprintf(out, "rotor_%d,x %s y %s spin %+d,m\n", i, evo_text_number(x, v->x_m[i]),
                evo_text_number(y, v->y_m[i]), (int)v->spin[i]);
    }
    bool failed = ferror(out) != 0;
    failed |= fclose(out) != 0;
    task->head.description = text;
    EVO_CHECK(!failed, EVO_ERR_MEMORY, "hover: no memory for its description");
    return EVO_OK;
}

static void set_up(struct hover_task *task, const struct evo_config *config)
{
    struct evo_hover_setting *s = &task->setting;
    *s = (struct evo_hover_setting){
        .clip_m = config->hover_clip,
        .state_limit = config->hover_state_limit,
        .hover_command = evo_vehicle_hover_command(&task->vehicle),
        .bound_m = config->hover_bound,
        .rate_limit = config->hover_rate_limit,
        .height_m = config->hover_height,
        .weight_position = config->hover_weight_position,
        .weight_rate = config->hover_weight_rate,
        .weight_effort = config->hover_weight_effort,
        .weight_change = config->hover_weight_change,
        .substeps = (int)config->hover_substeps,
        .delay = (int)config->hover_delay,
    };
    /* The most that a step in the air can cost, and one. */
    s->crash_cost = s->weight_position * s->bound_m * s->bound_m +
                    s->weight_rate * s->rate_limit * s->rate_limit +
                    EVO_ROTORS * (s->weight_effort + s->weight_change) + 1.0;
    task->is_rk4 = config->hover_integrator == 1;
    task->h_s = config->hover_dt / (double)config->hover_substeps;
    task->seed = (uint64_t)config->job_seed;
    task->n_flights = (uint64_t)config->hover_flights;
    task->n_exam = (uint64_t)config->exam_flights;
    task->n_steps = (uint64_t)(config->hover_duration / config->hover_dt + 0.5);
    if (task->n_steps == 0) { task->n_steps = 1; }
    task->position = config->hover_position;
    task->velocity = config->hover_velocity;
    task->angle = config->hover_angle * (3.14159265358979324 / 180.0);
    task->rate = config->hover_rate;
    task->mass = config->hover_mass;
    task->thrust = config->hover_thrust;
    task->push = config->hover_push;
    task->head.weight_size = config->hover_weight_size;
}

static enum evo_status init(struct evo_task *head, const struct evo_config *config)
{
    struct hover_task *task = (struct hover_task *)head;
    head->shape = (struct evo_shape){(size_t)config->hover_states, EVO_HOVER_INPUTS, EVO_ROTORS};
    head->inputs = inputs;
    head->outputs = outputs;
    head->trace = trace_signals;
    head->n_trace = EVO_HOVER_COLUMNS;
    head->changes = true;
    head->batch = head->kernels->hover[head->precision]->batch;
    head->fused = true;
    head->state_limit = config->hover_state_limit;
    task->vehicle = evo_vehicle_table[config->vehicle_name];
    set_up(task, config);
    EVO_TRY(describe(task, config));
    return evo_task_choose_step(head, config, head->shape.n_states < EVO_HOVER_UNROLLED,
                                "hover.states = 0 to 4");
}

static void fini(struct evo_task *task) { (void)task; }

static uint64_t n_flights(const struct hover_task *task, uint64_t generation)
{
    return generation == EVO_GENERATION_EXAM ? task->n_exam : task->n_flights;
}

static uint64_t steps(const struct evo_task *task, uint64_t generation)
{
    const struct hover_task *hover = (const struct hover_task *)task;
    return n_flights(hover, generation) * hover->n_steps;
}

/* A quaternion about a random axis, by an angle up to `limit`. */
static void draw_attitude(struct evo_rng *rng, double limit, double *q)
{
    double length = 0.0, sine;
    for (int i = 1; i < 4; i++) {
        q[i] = evo_rng_normal(rng);
        length += q[i] * q[i];
    }
    evo_math_sin_cos(0.5 * evo_rng_between(rng, 0.0, limit), &sine, &q[0]);
    for (int i = 1; i < 4; i++) { q[i] *= sine / sqrt(length); }
}

/* Flight i of a generation: the same for all creatures. */
static void draw_flight(const struct hover_task *task, uint64_t generation, uint64_t i,
                        struct evo_hover_flight *flight)
{
    struct evo_rng rng = evo_rng_begin(task->seed, EVO_STREAM_FLIGHTS, generation, i);
    struct evo_vehicle vehicle = task->vehicle;
    double push[3];
    for (int k = 0; k < 3; k++) {
        flight->start.p[k] = evo_rng_between(&rng, -task->position, task->position);
        flight->start.v[k] = evo_rng_between(&rng, -task->velocity, task->velocity);
        flight->start.w[k] = evo_rng_between(&rng, -task->rate, task->rate);
        push[k] = evo_rng_between(&rng, -task->push, task->push);
    }
    draw_attitude(&rng, task->angle, flight->start.q);
    double mass = evo_rng_between(&rng, 1.0 - task->mass, 1.0 + task->mass);
    double thrust = evo_rng_between(&rng, 1.0 - task->thrust, 1.0 + task->thrust);
    vehicle.mass_kg *= mass;
    for (int k = 0; k < 3; k++) {
        vehicle.inertia[k] *= mass;
        vehicle.thrust[k] *= thrust;
    }
    for (int k = 0; k < EVO_ROTORS; k++) { flight->start.m[k] = task->setting.hover_command; }
    evo_vehicle_prepare(&vehicle, task->is_rk4, task->h_s, push, &flight->vehicle);
    flight->n_steps = task->n_steps;
}

static evo_hover_plain *plain_of(const struct hover_task *task)
{
    return task->head.precision == EVO_PRECISION_SINGLE ? evo_hover_plain_single
                                                        : evo_hover_plain_double;
}

static void fly_plain(const struct hover_task *task, const struct evo_hover_flight *flight, size_t n,
                      const double *genomes, double *sums)
{
    size_t genome = evo_shape_genome(task->head.shape);
    for (size_t i = 0; i < n; i++) {
        struct evo_linear linear;
        struct evo_controller controller = evo_task_controller(&task->head, &linear,
                                                               genomes + i * genome);
        /* Without a sink there is nothing that could fail. */
        (void)plain_of(task)(&task->setting, flight, 0, &controller, NULL, NULL, &sums[i]);
    }
}

static void fly(const struct evo_task *head, uint64_t generation, size_t n, const double *genomes,
                double *fitness)
{
    const struct hover_task *task = (const struct hover_task *)head;
    for (size_t i = 0; i < n; i++) { fitness[i] = 0.0; }
    uint64_t n_all = n_flights(task, generation);
    for (uint64_t k = 0; k < n_all; k++) {
        struct evo_hover_flight flight;
        draw_flight(task, generation, k, &flight);
        if (head->unrolled) {
            head->kernels->hover[head->precision]->fly[head->shape.n_states](
                &task->setting, &flight, n, genomes, fitness);
        } else {
            fly_plain(task, &flight, n, genomes, fitness);
        }
    }
    for (size_t i = 0; i < n; i++) { fitness[i] /= (double)n_all; }
}

static enum evo_status trace(const struct evo_task *head, uint64_t generation,
                             const struct evo_controller *controller, evo_trace_sink *sink,
                             void *context, double *fitness)
{
    const struct hover_task *task = (const struct hover_task *)head;
    double sum = 0.0;
    uint64_t n_all = n_flights(task, generation);
    for (uint64_t k = 0; k < n_all; k++) {
        struct evo_hover_flight flight;
        draw_flight(task, generation, k, &flight);
        EVO_TRY(plain_of(task)(&task->setting, &flight, (size_t)k, controller, sink, context, &sum));
    }
    *fitness = sum / (double)n_all;
    return EVO_OK;
}

static enum evo_status reference(const struct evo_task *head, size_t i, struct evo_controller *out)
{
    const struct hover_task *task = (const struct hover_task *)head;
    const struct evo_hover_plant plant = {.vehicle = &task->vehicle,
                                          .is_rk4 = task->is_rk4,
                                          .h_s = task->h_s,
                                          .substeps = task->setting.substeps,
                                          .delay = task->setting.delay};
    return evo_hover_reference_create(&plant, i, out);
}

const struct evo_task_class evo_task_hover = {
    .name = "hover",
    .summary = "reach a point and hold it, in six degrees of freedom, from scattered starts",
    .manual = manual,
    .references = evo_hover_reference_names,
    .reference = reference,
    .bytes = sizeof(struct hover_task),
    .init = init,
    .fini = fini,
    .steps = steps,
    .fly = fly,
    .trace = trace,
};
