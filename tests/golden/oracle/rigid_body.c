/* SPDX-License-Identifier: MIT */
/* The rigid body in six degrees of freedom. It uses libm's sin and cos, whose last bit depends on
 * the machine: that is good enough for a reference, and why no fitness may come from here. */
#include "rigid_body.h"

#include <float.h>
#include <math.h>

/* What the rotors do: the force along body z, and the moments about the body axes. */
struct load {
    double force_z, roll, pitch, yaw;
};

struct evo_rigid_body evo_rigid_body_original(double mass_kg, double motor_thrust_kg)
{
    return (struct evo_rigid_body){
        .mass_kg = mass_kg,
        .gravity = 9.81,
        .motor_force_n = motor_thrust_kg * 9.81,
        .arm_m = 1.0,
        .torque_arm = 10.0,
        .ix = 1.0,
        .iy = 1.0,
        .iz = 2.0,
    };
}

static double squared_command(double command)
{
    /* Both comparisons are false for NaN. */
    double a = command > 1.0 ? 1.0 : command > 0.0 ? command : 0.0;
    return a * a;
}

static struct load rotor_load(const struct evo_rigid_body *body, const double *commands)
{
    double mf = body->motor_force_n;
    double a1 = squared_command(commands[0]), a2 = squared_command(commands[1]),
           a3 = squared_command(commands[2]), a4 = squared_command(commands[3]);
    return (struct load){
        .force_z = -mf * (((a1 + a2) + a3) + a4),
        .roll = body->arm_m * mf * (a4 - a2),
        .pitch = body->arm_m * mf * (a1 - a3),
        .yaw = body->torque_arm * mf * (((a2 + a4) - a1) - a3),
    };
}

/* d/dt of the state, in the state's own struct. */
static struct evo_rigid_body_state derivative(const struct evo_rigid_body *body,
                                              const struct load *load,
                                              const struct evo_rigid_body_state *s)
{
    double sin_phi = sin(s->phi), cos_phi = cos(s->phi), sin_theta = sin(s->theta),
           cos_theta = cos(s->theta), sin_psi = sin(s->psi), cos_psi = cos(s->psi);
    double g = body->gravity, u = s->u, v = s->v, w = s->w, p = s->p, q = s->q, r = s->r;
    struct evo_rigid_body_state d;

    /* Forces and moments give the accelerations in body axes. */
    d.u = (-g * sin_theta + r * v) - q * w;
    d.v = (g * cos_theta * sin_phi + p * w) - r * u;
    d.w = ((load->force_z / body->mass_kg + g * cos_theta * cos_phi) + q * u) - p * v;
    d.p = (load->roll + (body->iy - body->iz) * q * r) / body->ix;
    d.q = (load->pitch + (body->iz - body->ix) * r * p) / body->iy;
    d.r = (load->yaw + (body->ix - body->iy) * p * q) / body->iz;

    /* Body rates give the Euler angles' rates; yaw has none where the nose points straight up. */
    d.theta = q * cos_phi - r * sin_phi;
    d.psi = fabs(cos_theta) > DBL_EPSILON ? (q * sin_phi + r * cos_phi) / cos_theta : 0.0;
    d.phi = p + d.psi * sin_theta;

    /* Body velocities turned into earth axes. */
    d.x = u * (cos_theta * cos_psi) + v * (sin_phi * sin_theta * cos_psi - cos_phi * sin_psi) +
          w * (cos_phi * sin_theta * cos_psi + sin_phi * sin_psi);
    d.y = u * (cos_theta * sin_psi) + v * (sin_phi * sin_theta * sin_psi + cos_phi * cos_psi) +
          w * (cos_phi * sin_theta * sin_psi - sin_phi * cos_psi);
    d.z = -u * sin_theta + v * (sin_phi * cos_theta) + w * (cos_phi * cos_theta);
    return d;
}

void evo_rigid_body_step(const struct evo_rigid_body *body, double dt_s,
                         const double commands[EVO_RIGID_BODY_ROTORS],
                         struct evo_rigid_body_state *state)
{
    struct load load = rotor_load(body, commands);
    struct evo_rigid_body_state d = derivative(body, &load, state);
    state->x += d.x * dt_s;
    state->y += d.y * dt_s;
    state->z += d.z * dt_s;
    state->phi += d.phi * dt_s;
    state->theta += d.theta * dt_s;
    state->psi += d.psi * dt_s;
    state->u += d.u * dt_s;
    state->v += d.v * dt_s;
    state->w += d.w * dt_s;
    state->p += d.p * dt_s;
    state->q += d.q * dt_s;
    state->r += d.r * dt_s;
    if (state->z > 0.0) {
        state->z = 0.0;
        state->w = 0.0;
    }
}
