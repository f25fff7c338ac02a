/* SPDX-License-Identifier: MIT */
/* Trajectories of the rigid body in six degrees of freedom, as the original flew them. */
#include "oracle/rigid_body.h"
#include "golden.h"

#include <math.h>

/* The columns: case, mass, motor_thrust, dt, step, a1..a4, t, then the state. */
enum { MASS = 1, THRUST = 2, DT = 3, STEP = 4, COMMANDS = 5, TIME = 9, STATE = 10, N_STATE = 12 };

static const char *const names[N_STATE] = {"x", "y", "z", "phi", "theta", "psi",
                                           "u", "v", "w", "p",   "q",     "r"};

/* The trajectory under way. */
struct flight {
    char name[32]; // of the case; empty before the first row
    struct evo_rigid_body body;
    struct evo_rigid_body_state state;
    double commands[EVO_RIGID_BODY_ROTORS], t, dt;
    double step;
};

/* Relative 1e-9 or absolute 1e-12, whichever is larger. */
static bool is_near(double expected, double got)
{
    double allowed = fmax(1e-9 * fabs(expected), 1e-12);
    return fabs(expected - got) <= allowed;
}

static void begin(struct flight *flight, const char *name, const double *x)
{
    snprintf(flight->name, sizeof flight->name, "%s", name);
    flight->body = evo_rigid_body_original(x[MASS], x[THRUST]);
    memcpy(&flight->state, x + STATE, sizeof flight->state);
    flight->t = x[TIME];
    flight->dt = x[DT];
    flight->step = x[STEP];
}

static void compare(const struct flight *flight, const struct golden_row *row, const double *x,
                    struct golden_count *count)
{
    double got[N_STATE];
    memcpy(got, &flight->state, sizeof got);
    size_t i = 0;
    while (i < N_STATE && is_near(x[STATE + i], got[i])) { i++; }
    bool same_time = is_near(x[TIME], flight->t);
    if (i < N_STATE) {
        golden_compare(row, names[i], false, x[STATE + i], got[i], count);
    } else {
        golden_compare(row, "t", same_time, x[TIME], flight->t, count);
    }
}

static enum evo_status check(void *context, const struct golden_row *row,
                             struct golden_count *count)
{
    _Static_assert(sizeof(struct evo_rigid_body_state) == N_STATE * sizeof(double),
                   "the state is the twelve doubles of a row");
    struct flight *flight = context;
    double x[STATE + N_STATE];
    EVO_CHECK(row->n_cells == STATE + N_STATE, EVO_ERR_DATA, "%s:%zu: has %zu cells, not %d",
              row->path, row->line, row->n_cells, STATE + N_STATE);
    for (size_t i = 1; i < row->n_cells; i++) { EVO_TRY(golden_number(row, i, &x[i])); }

    /* The commands of the row before hold until this one. */
    if (strcmp(flight->name, row->cells[0]) != 0) { begin(flight, row->cells[0], x); }
    EVO_CHECK(x[STEP] >= flight->step && x[STEP] - flight->step < 1e7, EVO_ERR_DATA,
              "%s:%zu: step %g after step %g", row->path, row->line, x[STEP], flight->step);
    for (; flight->step < x[STEP]; flight->step++) {
        evo_rigid_body_step(&flight->body, flight->dt, flight->commands, &flight->state);
        flight->t += flight->dt;
    }
    compare(flight, row, x, count);
    memcpy(flight->commands, x + COMMANDS, sizeof flight->commands);
    return EVO_OK;
}

int main(int argc, char **argv)
{
    struct flight flight = {0};
    return golden_main(argc, argv, EVO_TEST_DATA "/rigid_body.csv", check, &flight);
}
