/* SPDX-License-Identifier: MIT */
/* The vehicles there are, and their constants for one step. */
#include "vehicle.h"

#include <string.h>

#include <evompi/lanes/vec_plain.h>

#include "vehicle_step.h"

/* Front right, back right, back left, front left; neighbours spin against each other. */
#define X_LAYOUT(d) .x_m = {d, -d, -d, d}, .y_m = {-d, -d, d, d}, .spin = {-1, 1, -1, 1}
/* Front, right, back, left, as the original has them. */
#define PLUS_LAYOUT(d) .x_m = {d, 0, -d, 0}, .y_m = {0, -d, 0, d}, .spin = {1, -1, 1, -1}

const struct evo_vehicle evo_vehicle_table[EVO_N_VEHICLES] = {
    [EVO_VEHICLE_CRAZYFLIE] =
    {.name = "crazyflie",
     .origin = "rl-tools",
     .mass_kg = 0.0306,
     .inertia = {9.42e-6, 9.64e-6, 1.746e-5},
     X_LAYOUT(0.028),
     .thrust = {0.003525, 0.01437, 0.09223},
     .torque_m = 0.004665,
     .rise_s = 0.0555,
     .fall_s = 0.2494},
    [EVO_VEHICLE_CRAZYFLIE_L2F] =
    {.name = "crazyflie_l2f",
     .origin = "Learning to Fly in Seconds",
     .mass_kg = 0.027,
     .inertia = {3.85e-6, 3.85e-6, 5.97e-6},
     X_LAYOUT(0.028),
     .thrust = {0, 0, 3.16e-10 * 21702 * 21702},
     .torque_m = 0.00596,
     .rise_s = 0.15,
     .fall_s = 0.15},
    [EVO_VEHICLE_HUMMINGBIRD] =
    {.name = "hummingbird",
     .origin = "RotorPy",
     .mass_kg = 0.5,
     .inertia = {3.65e-3, 3.68e-3, 7.03e-3},
     X_LAYOUT(0.17 * 0.70710678118654752),
     .thrust = {0, 0, 5.57e-6 * 1500 * 1500},
     .torque_m = 1.36e-7 / 5.57e-6,
     .rise_s = 0.005,
     .fall_s = 0.005,
     .quadratic = {0.005, 0.005, 0.01},
     .rotor = {1.19e-4 * 1500, 1.19e-4 * 1500, 2.32e-4 * 1500}},
    [EVO_VEHICLE_X500] =
    {.name = "x500",
     .origin = "PX4",
     .mass_kg = 2.064,
     .inertia = {0.02167, 0.02167, 0.04},
     X_LAYOUT(0.174),
     .thrust = {0, 0, 8.549e-6 * 1000 * 1000},
     .torque_m = 0.016,
     .rise_s = 0.0125,
     .fall_s = 0.025,
     .rotor = {8.06e-5 * 1000, 8.06e-5 * 1000, 0}},
    [EVO_VEHICLE_TUDELFT] =
    {.name = "tudelft",
     .origin = "the original",
     .mass_kg = 1,
     .inertia = {1, 1, 2},
     PLUS_LAYOUT(1),
     .thrust = {0, 0, 9.81},
     .torque_m = 10},
};

double evo_vehicle_hover_command(const struct evo_vehicle *vehicle)
{
    const double *c = vehicle->thrust, lift = vehicle->mass_kg * EVO_GRAVITY / EVO_ROTORS;
    /* The root of c2 u^2 + c1 u + c0 = lift that is right without c2 too. */
    return 2.0 * (lift - c[0]) / (c[1] + sqrt(c[1] * c[1] + 4.0 * c[2] * (lift - c[0])));
}

/* The share of the gap that a lag closes in h. */
static double lag_share(double tau_s, double h_s)
{
    return tau_s > 0.0 ? 1.0 - evo_math_exp(-h_s / tau_s) : 1.0;
}

bool evo_vehicle_has_drag(const struct evo_vehicle *vehicle)
{
    double sum = 0.0;
    for (int i = 0; i < 3; i++) {
        sum += vehicle->linear[i] + vehicle->quadratic[i] + vehicle->rotor[i];
    }
    return sum > 0.0;
}

void evo_vehicle_prepare(const struct evo_vehicle *vehicle, bool is_rk4, double h_s,
                         const double *push, const double *twist, struct evo_vehicle_step *step)
{
    const double *inertia = vehicle->inertia;
    *step = (struct evo_vehicle_step){
        .h_s = h_s,
        .impulse = h_s / vehicle->mass_kg,
        .rise = lag_share(vehicle->rise_s, h_s),
        .fall = lag_share(vehicle->fall_s, h_s),
        .rise_half = lag_share(vehicle->rise_s, 0.5 * h_s),
        .fall_half = lag_share(vehicle->fall_s, 0.5 * h_s),
        .at_once = vehicle->rise_s == 0.0 && vehicle->fall_s == 0.0,
        .is_rk4 = is_rk4,
    };
    for (int i = 0; i < EVO_ROTORS; i++) {
        step->moment[0][i] = h_s * vehicle->y_m[i] / inertia[0];
        step->moment[1][i] = -h_s * vehicle->x_m[i] / inertia[1];
        step->moment[2][i] = h_s * vehicle->spin[i] * vehicle->torque_m / inertia[2];
    }
    for (int i = 0; i < 3; i++) {
        step->velocity[i] = h_s * (push[i] - (i == 2 ? EVO_GRAVITY : 0.0));
        step->thrust[i] = vehicle->thrust[i];
        step->gyro[i] = h_s * (inertia[(i + 1) % 3] - inertia[(i + 2) % 3]) / inertia[i];
        step->twist[i] = h_s * twist[i];
        step->linear[i] = h_s * vehicle->linear[i] / vehicle->mass_kg;
        step->quadratic[i] = h_s * vehicle->quadratic[i] / vehicle->mass_kg;
        step->rotor[i] = h_s * vehicle->rotor[i] / vehicle->mass_kg;
    }
    step->has_drag = evo_vehicle_has_drag(vehicle);
}

void evo_vehicle_move(const struct evo_vehicle_step *step, const double *wind,
                      const double *command, struct evo_vehicle_state *state)
{
    if (!step->has_drag) { wind = NULL; }
    const struct constants k = make_constants(step);
    struct motion s = begin_motion(state);
    if (step->is_rk4) {
        struct load load = find_load(&k, s.m);
        step_rk4(&k, wind, &s, &load, command);
    } else {
        step_semi_implicit(&k, wind, &s, command);
    }
    memcpy(state, &s, sizeof s);
}

void evo_vehicle_print_list(FILE *out)
{
    fputs("vehicles:\n", out);
    for (int i = 0; i < EVO_N_VEHICLES; i++) {
        const struct evo_vehicle *v = &evo_vehicle_table[i];
        double most = v->thrust[0] + v->thrust[1] + v->thrust[2];
        fprintf(out, "  %-14s %s: %g kg, thrust %.2f times its weight, hovers at %.3f\n", v->name,
                v->origin, v->mass_kg, EVO_ROTORS * most / (v->mass_kg * EVO_GRAVITY),
                evo_vehicle_hover_command(v));
    }
}
