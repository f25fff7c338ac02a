/* SPDX-License-Identifier: MIT */
/* The altitude flight, step by step, with any controller: the meaning that the kernels repeat. */
#include "altitude.h"

#include <math.h>

/* The vehicle, z DOWN as in the rigid body whose exact reduction this is: height is -z. */
struct vehicle {
    double z, w;
};

static double height_m(const struct vehicle *vehicle)
{
    /* 0 - z, not -z: a vehicle on the ground is at 0, not at -0. */
    return 0.0 - vehicle->z;
}

static double clip(double command)
{
    /* Both comparisons are false for NaN, which so counts as 0. */
    if (command > 1.0) { return 1.0; }
    return command > 0.0 ? command : 0.0;
}

/* x rounded to the task's precision: around each operation, and around each constant. */
#define R(x) evo_precision_round(p, (x))

/* One step of equal rotor commands without tilt; returns the thrust in N. */
static double move(const struct evo_altitude_setting *setting, struct vehicle *vehicle, double a)
{
    enum evo_precision p = setting->precision;
    double square = R(a * a), dt = R(setting->dt_s);
    double thrust = R(R(setting->motor_force_n) * R(R(R(square + square) + square) + square));
    double dw = R(R(-thrust / R(setting->mass_kg)) + R(setting->gravity));
    vehicle->z = R(vehicle->z + R(vehicle->w * dt));
    vehicle->w = R(vehicle->w + R(dw * dt));
    if (vehicle->z > 0.0) {
        vehicle->z = 0.0;
        vehicle->w = 0.0;
    }
    return thrust;
}

uint64_t evo_altitude_plain_air(const struct evo_altitude_setting *setting,
                                const struct evo_altitude_flight *flight)
{
    enum evo_precision p = setting->precision;
    struct vehicle vehicle = {.z = R(-flight->start_m)};
    double dt = R(setting->dt_s), dw = R(R(setting->gravity) * dt);
    uint64_t n = 0;
    /* Nobody who falls from well above what a fall takes need be followed down. */
    double seconds = (double)flight->n_steps * setting->dt_s;
    if (flight->start_m > 1.0 + 1.01 * 0.5 * setting->gravity * seconds * seconds) {
        return flight->n_steps;
    }
    for (; n < flight->n_steps; n++) {
        vehicle.z = R(vehicle.z + R(vehicle.w * dt));
        vehicle.w = R(vehicle.w + dw);
        if (!(vehicle.z <= 0.0)) { break; }
    }
    return n;
}

/* Flight i; `before` is the sum of the flights before it, for the trace. */
static enum evo_status fly_one(const struct evo_altitude_setting *setting, size_t i,
                               const struct evo_controller *controller, double before,
                               evo_trace_sink *sink, void *context, double *sum)
{
    const struct evo_altitude_flight *flight = &setting->flights[i];
    enum evo_precision p = setting->precision;
    struct vehicle vehicle = {.z = R(-flight->start_m)};
    double setpoint = R(flight->setpoint_m), overshoot = R(setting->overshoot);
    /* No distance is below 0, so the first counts as grown. */
    double previous = -1.0, score = 0.0, t = 0.0;
    controller->reset(controller->context);
    for (uint64_t k = 0; k < flight->n_steps; k++) {
        const double inputs[] = {setpoint, height_m(&vehicle)};
        double command = 0.0;
        controller->step(controller->context, inputs, &command);
        command = clip(R(command));
        double thrust = move(setting, &vehicle, command);

        double distance = fabs(R(setpoint - height_m(&vehicle)));
        double counted = distance <= previous ? distance : R(overshoot * distance);
        previous = distance;
        t += setting->dt_s;
        if (setting->time_power > 0) {
            counted = R(counted * R(evo_altitude_time_weight(t, setting->time_power)));
        }
        score = R(score + counted);
        if (sink == NULL) { continue; }
        const double row[EVO_ALTITUDE_COLUMNS] = {
            [EVO_ALTITUDE_FLIGHT] = (double)i,     [EVO_ALTITUDE_T] = t,
            [EVO_ALTITUDE_SETPOINT] = setpoint,    [EVO_ALTITUDE_Z] = height_m(&vehicle),
            [EVO_ALTITUDE_COMMAND] = command,      [EVO_ALTITUDE_W] = 0.0 - vehicle.w,
            [EVO_ALTITUDE_THRUST] = thrust,        [EVO_ALTITUDE_DISTANCE] = distance,
            [EVO_ALTITUDE_FLIGHT_FITNESS] = flight->weight * score,
            [EVO_ALTITUDE_FITNESS] = before + flight->weight * score,
        };
        EVO_TRY(sink(context, row, EVO_ALTITUDE_COLUMNS));
    }
    *sum = score;
    return EVO_OK;
}

enum evo_status evo_altitude_plain_fly(const struct evo_altitude_setting *setting,
                                       const struct evo_controller *controller,
                                       evo_trace_sink *sink, void *context, double *fitness)
{
    double total = 0.0;
    for (size_t i = 0; i < setting->n_flights; i++) {
        double score = 0.0;
        EVO_TRY(fly_one(setting, i, controller, total, sink, context, &score));
        total += setting->flights[i].weight * score;
    }
    *fitness = total;
    return EVO_OK;
}
