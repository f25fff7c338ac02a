/* SPDX-License-Identifier: MIT */
/* The vehicle that a configuration describes: one of the table, with values of its own. */
#include "vehicle.h"
#include "vehicle_keys.h"

#include <math.h>

EVO_KEYS_DEFINE(vehicle, EVO_VEHICLE_KEYS)

/* A value that is not set leaves the vehicle as it is. */
static void take(double *value, double set)
{
    if (isfinite(set)) { *value = set; }
}

static void take_values(const struct evo_config *config, struct evo_vehicle *v)
{
    const struct evo_vehicle_keys *c = evo_vehicle_keys(config);
    const struct {
        double *value, set;
    } rows[] = {
        {&v->mass_kg, c->mass},       {&v->torque_m, c->torque_ratio},
        {&v->inertia[0], c->ixx},     {&v->inertia[1], c->iyy},
        {&v->inertia[2], c->izz},     {&v->thrust[0], c->thrust_0},
        {&v->thrust[1], c->thrust_1}, {&v->thrust[2], c->thrust_2},
        {&v->rise_s, c->rise},        {&v->fall_s, c->fall},
        {&v->x_m[0], c->x_0},         {&v->y_m[0], c->y_0},
        {&v->x_m[1], c->x_1},         {&v->y_m[1], c->y_1},
        {&v->x_m[2], c->x_2},         {&v->y_m[2], c->y_2},
        {&v->x_m[3], c->x_3},         {&v->y_m[3], c->y_3},
        {&v->spin[0], c->spin_0},     {&v->spin[1], c->spin_1},
        {&v->spin[2], c->spin_2},     {&v->spin[3], c->spin_3},
        {&v->linear[0], c->linear_x}, {&v->quadratic[0], c->quadratic_x},
        {&v->linear[1], c->linear_y}, {&v->quadratic[1], c->quadratic_y},
        {&v->linear[2], c->linear_z}, {&v->quadratic[2], c->quadratic_z},
        {&v->rotor[0], c->rotor_x},   {&v->rotor[1], c->rotor_y},
        {&v->rotor[2], c->rotor_z},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) { take(rows[i].value, rows[i].set); }
}

/* A key of the vehicle, and its value: finite where somebody set it. */
struct given {
    const char *key;
    double value;
};

/* Who is to be named when values do not go together: the first of n that was set. */
static const char *first_set(const struct given *given, size_t n)
{
    size_t i = 0;
    while (i + 1 < n && !isfinite(given[i].value)) { i++; }
    return isfinite(given[i].value) ? given[i].key : given[0].key;
}

/* Thrust grows with the motor state, and somewhere between it carries the weight. */
static enum evo_status check_thrust(const struct evo_config *config, const struct evo_vehicle *v)
{
    const struct evo_vehicle_keys *c = evo_vehicle_keys(config);
    const struct given given[] = {{"vehicle.mass", c->mass},
                                  {"vehicle.thrust_2", c->thrust_2},
                                  {"vehicle.thrust_1", c->thrust_1},
                                  {"vehicle.thrust_0", c->thrust_0}};
    const double *t = v->thrust;
    double lift = v->mass_kg * EVO_GRAVITY / EVO_ROTORS, most = t[0] + t[1] + t[2];
    if (t[1] < 0.0 || t[1] + 2.0 * t[2] < 0.0) {
        return evo_config_refuse(config, first_set(given + 1, 3),
                                 "thrust %g + %g m + %g m^2 falls somewhere between motor states 0 "
                                 "and 1",
                                 t[0], t[1], t[2]);
    }
    if (t[0] < lift && lift < most) { return EVO_OK; }
    return evo_config_refuse(
        config, first_set(given, 4),
        "vehicle %s of %g kg cannot hover: a rotor must lift %g N and gives %g "
        "to %g N",
        v->name, v->mass_kg, lift, t[0], most);
}

/* The rotors' sums of moments must be able to vanish in hover, with equal thrusts. */
static enum evo_status check_balance(const struct evo_config *config, const struct evo_vehicle *v)
{
    const struct evo_vehicle_keys *c = evo_vehicle_keys(config);
    const struct {
        const double *at; // [EVO_ROTORS]
        const char *name, *unit;
        struct given given[EVO_ROTORS];
    } sums[] = {
        {v->x_m, "x", " m",
         {{"vehicle.x_0", c->x_0}, {"vehicle.x_1", c->x_1},
          {"vehicle.x_2", c->x_2}, {"vehicle.x_3", c->x_3}}},
        {v->y_m, "y", " m",
         {{"vehicle.y_0", c->y_0}, {"vehicle.y_1", c->y_1},
          {"vehicle.y_2", c->y_2}, {"vehicle.y_3", c->y_3}}},
        {v->spin, "spin", "",
         {{"vehicle.spin_0", c->spin_0}, {"vehicle.spin_1", c->spin_1},
          {"vehicle.spin_2", c->spin_2}, {"vehicle.spin_3", c->spin_3}}},
    };
    for (size_t k = 0; k < sizeof sums / sizeof sums[0]; k++) {
        double sum = 0.0, reach = 0.0;
        for (int i = 0; i < EVO_ROTORS; i++) {
            sum += sums[k].at[i];
            reach = fmax(reach, fabs(sums[k].at[i]));
        }
        if (fabs(sum) <= 1e-9 * reach) { continue; }
        return evo_config_refuse(config, first_set(sums[k].given, EVO_ROTORS),
                                 "with equal thrusts the rotors turn the vehicle: the sum of "
                                 "vehicle.%s_0 to %s_3 is %g%s, and must be 0",
                                 sums[k].name, sums[k].name, sum, sums[k].unit);
    }
    return EVO_OK;
}

/* No rigid body resists turning about one axis more than about both others together; a flat one resists
 * exactly as much. Measured tensors miss that by their errors: the Crazyflie that several public simulators
 * share (1.43e-5, 1.43e-5, 2.89e-5 kg m^2) by 1.05 %. */
static const double inertia_tolerance = 0.02, rounding = 1e-9;

/* By how much the moment about axis k is above the sum of the others, as a share of it. */
static double inertia_excess(const struct evo_vehicle *v, size_t k)
{
    return v->inertia[k] / (v->inertia[(k + 1) % 3] + v->inertia[(k + 2) % 3]) - 1.0;
}

static enum evo_status check_inertia(const struct evo_config *config, const struct evo_vehicle *v)
{
    const struct evo_vehicle_keys *c = evo_vehicle_keys(config);
    const struct given given[] = {{"vehicle.ixx", c->ixx},
                                  {"vehicle.iyy", c->iyy},
                                  {"vehicle.izz", c->izz}};
    const double *i = v->inertia;
    for (size_t k = 0; k < 3; k++) {
        if (inertia_excess(v, k) <= inertia_tolerance + rounding) { continue; }
        const struct given order[] = {given[k], given[(k + 1) % 3], given[(k + 2) % 3]};
        return evo_config_refuse(config, first_set(order, 3),
                                 "no body has a moment of inertia about %c, %g kg m^2, above the "
                                 "sum of the other two, %g kg m^2; up to %g %% more is accepted, for "
                                 "errors of measurement", "xyz"[k], i[k],
                                 i[(k + 1) % 3] + i[(k + 2) % 3], 100.0 * inertia_tolerance);
    }
    return EVO_OK;
}

void evo_vehicle_warn(const struct evo_vehicle *vehicle, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t k = 0; k < 3; k++) {
        double excess = inertia_excess(vehicle, k);
        if (excess <= rounding) { continue; }
        snprintf(text, size,
                 "the vehicle's moment of inertia about %c, %g kg m^2, is %.2f %% above the sum of the "
                 "other two, which no rigid body has; it is flown as it is", "xyz"[k],
                 vehicle->inertia[k], 100.0 * excess);
    }
}

enum evo_status evo_vehicle_read(const struct evo_config *config, struct evo_vehicle *out)
{
    *out = evo_vehicle_table[evo_vehicle_keys(config)->name];
    take_values(config, out);
    EVO_TRY(check_inertia(config, out));
    EVO_TRY(check_thrust(config, out));
    return check_balance(config, out);
}
