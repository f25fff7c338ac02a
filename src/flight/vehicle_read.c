/* SPDX-License-Identifier: MIT */
/* The vehicle that a configuration describes: one of the table, with values of its own. */
#include "vehicle.h"

#include <math.h>

/* A value that is not set leaves the vehicle as it is. */
static void take(double *value, double set)
{
    if (isfinite(set)) { *value = set; }
}

static void take_values(const struct evo_config *c, struct evo_vehicle *v)
{
    const struct {
        double *value, set;
    } rows[] = {
        {&v->mass_kg, c->vehicle_mass},       {&v->torque_m, c->vehicle_torque_ratio},
        {&v->inertia[0], c->vehicle_ixx},     {&v->inertia[1], c->vehicle_iyy},
        {&v->inertia[2], c->vehicle_izz},     {&v->thrust[0], c->vehicle_thrust_0},
        {&v->thrust[1], c->vehicle_thrust_1}, {&v->thrust[2], c->vehicle_thrust_2},
        {&v->rise_s, c->vehicle_rise},        {&v->fall_s, c->vehicle_fall},
        {&v->x_m[0], c->vehicle_x_0},         {&v->y_m[0], c->vehicle_y_0},
        {&v->x_m[1], c->vehicle_x_1},         {&v->y_m[1], c->vehicle_y_1},
        {&v->x_m[2], c->vehicle_x_2},         {&v->y_m[2], c->vehicle_y_2},
        {&v->x_m[3], c->vehicle_x_3},         {&v->y_m[3], c->vehicle_y_3},
        {&v->spin[0], c->vehicle_spin_0},     {&v->spin[1], c->vehicle_spin_1},
        {&v->spin[2], c->vehicle_spin_2},     {&v->spin[3], c->vehicle_spin_3},
        {&v->linear[0], c->vehicle_linear_x}, {&v->quadratic[0], c->vehicle_quadratic_x},
        {&v->linear[1], c->vehicle_linear_y}, {&v->quadratic[1], c->vehicle_quadratic_y},
        {&v->linear[2], c->vehicle_linear_z}, {&v->quadratic[2], c->vehicle_quadratic_z},
        {&v->rotor[0], c->vehicle_rotor_x},   {&v->rotor[1], c->vehicle_rotor_y},
        {&v->rotor[2], c->vehicle_rotor_z},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) { take(rows[i].value, rows[i].set); }
}

/* Thrust grows with the motor state, and somewhere between it carries the weight. */
static enum evo_status check_thrust(const struct evo_config *config, const struct evo_vehicle *v)
{
    const double *c = v->thrust;
    double lift = v->mass_kg * EVO_GRAVITY / EVO_ROTORS, most = c[0] + c[1] + c[2];
    if (c[1] < 0.0 || c[1] + 2.0 * c[2] < 0.0) {
        return evo_config_refuse(config, "vehicle.thrust_2",
                                 "thrust %g + %g m + %g m^2 falls somewhere between motor states 0 "
                                 "and 1",
                                 c[0], c[1], c[2]);
    }
    if (c[0] < lift && lift < most) { return EVO_OK; }
    return evo_config_refuse(
        config, "vehicle.mass",
        "vehicle %s of %g kg cannot hover: a rotor must lift %g N and gives %g "
        "to %g N",
        v->name, v->mass_kg, lift, c[0], most);
}

/* The rotors' sums of moments must be able to vanish in hover, with equal thrusts. */
static enum evo_status check_balance(const struct evo_config *config, const struct evo_vehicle *v)
{
    double x = 0.0, y = 0.0, spin = 0.0, reach = 0.0;
    for (int i = 0; i < EVO_ROTORS; i++) {
        x += v->x_m[i];
        y += v->y_m[i];
        spin += v->spin[i];
        reach = fmax(reach, fmax(fabs(v->x_m[i]), fabs(v->y_m[i])));
    }
    if (fabs(x) <= 1e-9 * reach && fabs(y) <= 1e-9 * reach && fabs(spin) <= 1e-9) { return EVO_OK; }
    return evo_config_refuse(config, "vehicle.x_0",
                             "with equal thrusts the rotors turn the vehicle: the sums of x, y and "
                             "spin are %g m, %g m and %g, and must be 0",
                             x, y, spin);
}

enum evo_status evo_vehicle_read(const struct evo_config *config, struct evo_vehicle *out)
{
    *out = evo_vehicle_table[config->vehicle_name];
    take_values(config, out);
    const double *i = out->inertia;
    for (int k = 0; k < 3; k++) {
        double others = i[(k + 1) % 3] + i[(k + 2) % 3];
        if (i[k] <= others * (1.0 + 1e-9)) { continue; }
        return evo_config_refuse(config,
                                 k == 0   ? "vehicle.ixx"
                                 : k == 1 ? "vehicle.iyy"
                                          : "vehicle.izz",
                                 "no body has a moment of inertia, %g kg m^2, above the sum of the "
                                 "other two, %g kg m^2",
                                 i[k], others);
    }
    EVO_TRY(check_thrust(config, out));
    return check_balance(config, out);
}
