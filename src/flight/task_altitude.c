/* SPDX-License-Identifier: MIT */
/* The task altitude: reach heights and hold them, straight up and down; the original's problem. */
#include "altitude.h"
#include "controller.h"

#include <stdlib.h>
#include <string.h>

/* One rotor at full command and motor_thrust 1 kg gives so many N: standard gravity, whatever
 * `gravity` is set to. */
#define NEWTON_PER_KG 9.81

extern const struct evo_task_class evo_task_altitude;

/* The task's own struct. */
struct altitude {
    struct evo_task head;
    struct evo_altitude_setting setting;
    struct evo_altitude_flight *flights; // what setting.flights points to
    uint64_t n_steps;                    // of all flights
};

static const struct evo_signal inputs[] = {
    {"setpoint", "m", "height to reach and hold, above ground"},
    {"z", "m", "height of the vehicle above ground"},
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
    "  times `overshoot` where d is larger than one step before, and in the first step.\n";

static bool has_kernel(const struct evo_task *task)
{
    return task->shape.n_states < EVO_ALTITUDE_UNROLLED;
}

static enum evo_status describe(struct altitude *altitude, const struct evo_config *config)
{
    char dt[32], mass[32], thrust[32], force[32], gravity[32], overshoot[32];
    const struct evo_altitude_setting *setting = &altitude->setting;
    return evo_text_format(
        &altitude->head.description,
        "precision,%s,1\ndt,%s,s\nmass,%s,kg\nmotor_thrust,%s,kg\nmotor_force,%s,N\n"
        "gravity,%s,m/s^2\novershoot,%s,1\nflights,\"%s\",m:m:s\n",
        evo_config_word(config, "task.precision"), evo_text_number(dt, setting->dt_s),
        evo_text_number(mass, setting->mass_kg),
        evo_text_number(thrust, config->altitude_motor_thrust),
        evo_text_number(force, setting->motor_force_n), evo_text_number(gravity, setting->gravity),
        evo_text_number(overshoot, setting->overshoot), config->altitude_flights);
}

static enum evo_status init(struct evo_task *task, const struct evo_config *config)
{
    struct altitude *altitude = (struct altitude *)task;
    task->shape = (struct evo_shape){(size_t)config->altitude_states, 2, 1};
    task->inputs = inputs;
    task->outputs = outputs;
    task->trace = trace_signals;
    task->n_trace = EVO_ALTITUDE_COLUMNS;
    task->batch = task->kernels->altitude[task->precision]->batch;

    struct evo_altitude_setting *setting = &altitude->setting;
    EVO_TRY(evo_altitude_flights_read(config, &altitude->flights, &setting->n_flights));
    setting->flights = altitude->flights;
    setting->dt_s = config->altitude_dt;
    setting->mass_kg = config->altitude_mass;
    setting->motor_force_n = config->altitude_motor_thrust * NEWTON_PER_KG;
    setting->gravity = config->altitude_gravity;
    setting->overshoot = config->altitude_overshoot;
    setting->precision = task->precision;
    for (size_t i = 0; i < setting->n_flights; i++) {
        struct evo_altitude_flight *flight = &altitude->flights[i];
        altitude->n_steps += flight->n_steps;
        flight->n_air = evo_altitude_plain_air(setting, flight);
    }
    EVO_TRY(describe(altitude, config));

    return evo_task_choose_step(task, config, has_kernel(task), "altitude.states = 0 to 4");
}

static void fini(struct evo_task *task) { free(((struct altitude *)task)->flights); }

static uint64_t steps(const struct evo_task *task, uint64_t generation)
{
    (void)generation;
    return ((const struct altitude *)task)->n_steps;
}

static enum evo_status trace(const struct evo_task *task, uint64_t generation,
                             const struct evo_controller *controller, evo_trace_sink *sink,
                             void *context, double *fitness)
{
    (void)generation;
    const struct altitude *altitude = (const struct altitude *)task;
    return evo_altitude_plain_fly(&altitude->setting, controller, sink, context, fitness);
}

static void fly_plain(const struct altitude *altitude, size_t n, const double *genomes,
                      double *fitness)
{
    struct evo_shape shape = altitude->head.shape;
    size_t genome = evo_shape_genome(shape);
    for (size_t i = 0; i < n; i++) {
        struct evo_linear linear;
        struct evo_controller controller =
            evo_controller_linear(&linear, shape, altitude->head.precision, genomes + i * genome);
        /* Without a sink there is nothing that could fail. */
        (void)evo_altitude_plain_fly(&altitude->setting, &controller, NULL, NULL, &fitness[i]);
    }
}

static void fly(const struct evo_task *task, uint64_t generation, size_t n, const double *genomes,
                double *fitness)
{
    (void)generation;
    const struct altitude *altitude = (const struct altitude *)task;
    if (task->unrolled) {
        task->kernels->altitude[task->precision]->fly[task->shape.n_states](&altitude->setting, n,
                                                                            genomes, fitness);
    } else {
        fly_plain(altitude, n, genomes, fitness);
    }
}

static enum evo_status reference(const struct evo_task *task, size_t i, struct evo_controller *out)
{
    return evo_altitude_reference_create(i, ((const struct altitude *)task)->setting.dt_s, out);
}

const struct evo_task_class evo_task_altitude = {
    .name = "altitude",
    .summary = "reach heights and hold them, straight up and down (the original's task)",
    .manual = manual,
    .references = evo_altitude_reference_names,
    .bytes = sizeof(struct altitude),
    .init = init,
    .fini = fini,
    .steps = steps,
    .fly = fly,
    .trace = trace,
    .reference = reference,
};
