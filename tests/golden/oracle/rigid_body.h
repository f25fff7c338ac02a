/* SPDX-License-Identifier: MIT */
/* The original's rigid body in six degrees of freedom: a reference, not on the way to a fitness. */
#ifndef EVO_RIGID_BODY_H
#define EVO_RIGID_BODY_H

enum { EVO_RIGID_BODY_ROTORS = 4 };

/// The vehicle. Inertia in kg m^2 about the body axes; no products of inertia.
struct evo_rigid_body {
    double mass_kg, gravity;
    double motor_force_n;     ///< thrust of one rotor at full command
    double arm_m, torque_arm; ///< b: rotor to centre; d: torque about z per thrust, m
    double ix, iy, iz;
};

/// The original's vehicle with another mass and rotor: b = 1, d = 10, Ix = Iy = 1, Iz = 2.
struct evo_rigid_body evo_rigid_body_original(double mass_kg, double motor_thrust_kg);

/// NASA aeroplane axes: earth x, y, z with z DOWN, m; Euler angles phi, theta, psi (roll, pitch,
/// yaw), rad; velocities u, v, w in body axes, m/s; body rates p, q, r, rad/s.
struct evo_rigid_body_state {
    double x, y, z, phi, theta, psi, u, v, w, p, q, r;
};

/// One explicit Euler step of dt_s, all derivatives from the old state [Etkin, Dynamics of Flight].
/// Commands are clipped to [0, 1], NaN counts as 0. Where z > 0 after the step, z and w are 0.
/// Where theta is 90 degrees up or down as nearly as a double can be, roll and yaw are one
/// motion: roll then takes all of p, and yaw stands still, for that step.
void evo_rigid_body_step(const struct evo_rigid_body *body, double dt_s,
                         const double commands[EVO_RIGID_BODY_ROTORS],
                         struct evo_rigid_body_state *state);

#endif
