/* SPDX-License-Identifier: MIT */
/* LQR and LQI for hover: the vehicle linearised about hover, prices by Bryson's rule, and a model
 * of the motors and of the commands on their way, which no sensor shows. */
#include "hover_baseline.h"

#include <math.h>
#include <string.h>

const char *const evo_hover_baseline_names[] = {"lqr", "lqi", NULL};

enum {
    SEEN = EVO_HOVER_BASE,    ///< position, velocity, attitude, rates
    BODY = SEEN + EVO_ROTORS, ///< and motors
    MOST = BODY + EVO_HOVER_DELAY_MAX * EVO_ROTORS + 3,
};

/* Bryson's rule: the price of a state is one over the square of what is still welcome. These are
 * the best of 90 random choices at starts of up to 180 degrees (crazyflie). Motors cost nothing. */
static const double welcome[SEEN] = {
    [EVO_SEES_position] = 0.5, 0.5, 0.5, [EVO_SEES_velocity] = 2, 2, 2,
    [EVO_SEES_attitude] = 0.2, 0.2, 1,   [EVO_SEES_rates] = 1, 1, 1,
};
static const double welcome_integral = 0.35; // m s
static const double welcome_command = 0.5;   // of the smaller distance to an end of [0, 1]
/* m s: what 1.2 times the mass needs, with some to spare. At 0.4 the LQI holds no start with 0.8 or 1.2
 * times the mass, from 1 on all and 96 %; 2 and 4 change nothing. */
static const double integral_limit = 1.0;

/* ---- design ----------------------------------------------------------------------------- */

static const double nothing[3] = {0.0, 0.0, 0.0};

/* x (as in evo_hover_baseline_design, motors about the hover command) one command later. */
static void body_step(const struct evo_hover_plant *plant, const struct evo_vehicle_step *step,
                      double hover_command, const double *x, const double *u, double *next)
{
    struct evo_vehicle_state s = {.q = {1.0, 0.0, 0.0, 0.0}};
    double command[EVO_ROTORS];
    for (int i = 0; i < 3; i++) {
        s.p[i] = x[EVO_SEES_position + i];
        s.v[i] = x[EVO_SEES_velocity + i];
        s.q[1 + i] = 0.5 * x[EVO_SEES_attitude + i];
        s.q[0] -= 0.5 * s.q[1 + i] * s.q[1 + i];
        s.w[i] = x[EVO_SEES_rates + i];
    }
    for (int i = 0; i < EVO_ROTORS; i++) {
        s.m[i] = hover_command + x[SEEN + i];
        command[i] = hover_command + u[i];
    }
    for (int i = 0; i < plant->substeps; i++) { evo_vehicle_move(step, nothing, command, &s); }
    for (int i = 0; i < 3; i++) {
        next[EVO_SEES_position + i] = s.p[i];
        next[EVO_SEES_velocity + i] = s.v[i];
        next[EVO_SEES_attitude + i] = 2.0 * s.q[1 + i];
        next[EVO_SEES_rates + i] = s.w[i];
    }
    for (int i = 0; i < EVO_ROTORS; i++) { next[SEEN + i] = s.m[i] - hover_command; }
}

/* Central differences: column j of [body | command] into BODY rows of `column`. Where a motor rises
 * faster than it falls they give the mean of both. */
static void linearise(const struct evo_hover_plant *plant, int j, double *column)
{
    const double h = 1e-5;
    double hover_command = evo_vehicle_hover_command(plant->vehicle), ends[2][BODY];
    struct evo_vehicle_step step;
    evo_vehicle_prepare(plant->vehicle, plant->is_rk4, plant->h_s, nothing, nothing, &step);
    for (int side = 0; side < 2; side++) {
        double x[BODY + EVO_ROTORS] = {0.0};
        x[j] = side == 0 ? -h : h;
        body_step(plant, &step, hover_command, x, x + BODY, ends[side]);
    }
    for (int i = 0; i < BODY; i++) { column[i] = (ends[1][i] - ends[0][i]) / (2.0 * h); }
}

static void set_prices(const struct evo_hover_plant *plant, bool integrates, struct evo_riccati *r)
{
    double u = evo_vehicle_hover_command(plant->vehicle);
    double scale = welcome_command * fmin(u, 1.0 - u);
    for (int i = 0; i < SEEN; i++) { r->price_state[i] = 1.0 / (welcome[i] * welcome[i]); }
    for (size_t i = r->n - 3; integrates && i < r->n; i++) {
        r->price_state[i] = 1.0 / (welcome_integral * welcome_integral);
    }
    for (int i = 0; i < EVO_ROTORS; i++) { r->price_command[i] = 1.0 / (scale * scale); }
}

enum evo_status evo_hover_baseline_design(const struct evo_hover_plant *plant, bool integrates,
                                           struct evo_riccati *out)
{
    size_t queue = BODY + (size_t)plant->delay * EVO_ROTORS, n = queue + (integrates ? 3 : 0);
    EVO_TRY(evo_riccati_init(n, EVO_ROTORS, out));
    for (int j = 0; j < BODY; j++) { linearise(plant, j, out->a + (size_t)j * n); }
    for (size_t j = 0; j < EVO_ROTORS; j++) {
        /* The oldest command on its way arrives; the new one joins the queue's end. */
        double *arriving = plant->delay > 0 ? out->a + (BODY + j) * n : out->b + j * n;
        linearise(plant, BODY + (int)j, arriving);
        if (plant->delay > 0) { out->b[queue - EVO_ROTORS + j + j * n] = 1.0; }
    }
    for (size_t i = BODY; i + EVO_ROTORS < queue; i++) { out->a[i + (i + EVO_ROTORS) * n] = 1.0; }
    for (size_t i = 0; integrates && i < 3; i++) {
        out->a[queue + i + (queue + i) * n] = 1.0;
        out->a[queue + i + (EVO_SEES_position + i) * n] = plant->h_s * plant->substeps;
    }
    set_prices(plant, integrates, out);
    enum evo_status status = evo_riccati_solve(out);
    if (status != EVO_OK) { evo_riccati_fini(out); }
    return status;
}

/* ---- flight ----------------------------------------------------------------------------- */

/* A designed controller and what it remembers of one flight. */
struct regulator {
    size_t n, queue; // states of the design; where its integrals begin
    double gain[EVO_ROTORS * MOST], x[MOST];
    double hover_command, dt_s, rise_s, fall_s;
    double rise, fall;                   // shares of the gap that motors close in dt_s
    size_t velocity_at, acceleration_at;    // inputs, as in the plant
};

static void reset(void *context)
{
    struct regulator *r = context;
    memset(r->x, 0, sizeof r->x);
}

/* The model goes on by a step: the motors follow what arrives, the commands move up. */
static void remember(struct regulator *r, const double *command)
{
    double *motor = r->x + SEEN, *waiting = r->x + BODY;
    size_t n_waiting = r->queue - BODY;
    for (size_t i = 0; i < EVO_ROTORS; i++) {
        double gap = (n_waiting > 0 ? waiting[i] : command[i]) - motor[i];
        motor[i] += gap * (gap < 0.0 ? r->fall : r->rise);
    }
    if (n_waiting == 0) { return; }
    memmove(waiting, waiting + EVO_ROTORS, (n_waiting - EVO_ROTORS) * sizeof *waiting);
    memcpy(waiting + n_waiting - EVO_ROTORS, command, EVO_ROTORS * sizeof *waiting);
}

/* A moving setpoint: its velocity is to be flown, and its acceleration asks for a tilt; a small
 * rotation vector (a_x, a_y, 0) tilts thrust to (a_y, -a_x, 1) g. */
static void lead(struct regulator *r, const double *inputs)
{
    double *velocity = r->x + EVO_SEES_velocity, *attitude = r->x + EVO_SEES_attitude;
    for (size_t i = 0; r->velocity_at > 0 && i < 3; i++) { velocity[i] -= inputs[r->velocity_at + i]; }
    if (r->acceleration_at == 0) { return; }
    attitude[0] += inputs[r->acceleration_at + 1] / EVO_GRAVITY;
    attitude[1] -= inputs[r->acceleration_at] / EVO_GRAVITY;
}

static void step(void *context, const double *inputs, double *outputs)
{
    struct regulator *r = context;
    double command[EVO_ROTORS];
    memcpy(r->x, inputs, SEEN * sizeof *inputs);
    lead(r, inputs);
    for (size_t i = 0; i < EVO_ROTORS; i++) {
        outputs[i] = 0.0;
        for (size_t j = 0; j < r->n; j++) { outputs[i] -= r->gain[i + j * EVO_ROTORS] * r->x[j]; }
        command[i] = fmin(fmax(outputs[i], -r->hover_command), 1.0 - r->hover_command);
    }
    for (size_t i = r->queue; i < r->n; i++) {
        double sum = r->x[i] + r->dt_s * inputs[EVO_SEES_position + i - r->queue];
        r->x[i] = fmin(fmax(sum, -integral_limit), integral_limit);
    }
    remember(r, command);
}

static double share(double tau_s, double dt_s) { return tau_s > 0.0 ? 1.0 - exp(-dt_s / tau_s) : 1.0; }

static void set_dt(void *context, double dt_s)
{
    struct regulator *r = context;
    r->dt_s = dt_s;
    r->rise = share(r->rise_s, dt_s);
    r->fall = share(r->fall_s, dt_s);
}

enum evo_status evo_hover_baseline_create(const struct evo_hover_plant *plant, size_t i,
                                           struct evo_controller *out)
{
    struct evo_riccati design;
    struct regulator *r = NULL;
    enum evo_status status = evo_hover_baseline_design(plant, i == 1, &design);
    EVO_CHECK(status != EVO_ERR_DATA, EVO_ERR_DATA,
              "%s: this vehicle has none, its rotors cannot steer it every way (%s)",
              i == 1 ? "lqi" : "lqr", evo_status_message());
    EVO_TRY(status);
    status = evo_alloc(1, sizeof *r, "baseline", &r);
    if (status == EVO_OK) {
        r->n = design.n;
        r->queue = BODY + (size_t)plant->delay * EVO_ROTORS;
        memcpy(r->gain, design.gain, EVO_ROTORS * design.n * sizeof *r->gain);
        r->hover_command = evo_vehicle_hover_command(plant->vehicle);
        r->rise_s = plant->vehicle->rise_s;
        r->fall_s = plant->vehicle->fall_s;
        set_dt(r, plant->h_s * plant->substeps);
        r->velocity_at = plant->velocity_at;
        r->acceleration_at = plant->acceleration_at;
        *out = (struct evo_controller){reset, step, r, set_dt};
    }
    evo_riccati_fini(&design);
    return status;
}
