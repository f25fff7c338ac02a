/* SPDX-License-Identifier: MIT */
/* How well a controller reaches a point and holds it: the same starts in many cases. */
#include "hover.h"

#include "hover_case.h"

#include <math.h>

/* What every flight is, whatever the configuration trains with. */
#define DURATION_S 5.0
#define LAST_S     1.0  // the end of a flight, throughout which the vehicle must be
#define HELD_M     0.25 // this close
#define NEAR_M     0.1  // to stay within this is to have settled

static const struct evo_hover_case cases[] = {
    {.name = "angle_20", .doc = "starts of up to 20 degrees", .angle = 20},
    {.name = "angle_57", .doc = "starts of up to 57 degrees, as in all cases below", .brief = true},
    {.name = "angle_90", .doc = "starts of up to 90 degrees", .angle = 90},
    {.name = "angle_120", .doc = "starts of up to 120 degrees", .angle = 120},
    {.name = "angle_180", .doc = "starts of up to 180 degrees", .angle = 180},
    {.name = "mass_0.8", .doc = "mass and inertia times 0.8", .mass = 0.8},
    {.name = "mass_0.9", .doc = "mass and inertia times 0.9", .mass = 0.9},
    {.name = "mass_1.1", .doc = "mass and inertia times 1.1", .mass = 1.1},
    {.name = "mass_1.2", .doc = "mass and inertia times 1.2", .mass = 1.2},
    {.name = "mass_1.3", .doc = "mass and inertia times 1.3", .mass = 1.3},
    {.name = "mass_1.5", .doc = "mass and inertia times 1.5", .mass = 1.5},
    {.name = "thrust_0.8", .doc = "thrust times 0.8", .thrust = 0.8},
    {.name = "thrust_1.2", .doc = "thrust times 1.2", .thrust = 1.2},
    {.name = "push_1", .doc = "a constant push of 1 m/s^2 in any direction", .push = 1},
    {.name = "wind_2", .doc = "a horizontal wind of 2 m/s (without drag: none)", .wind = 2},
    {.name = "wind_5", .doc = "a horizontal wind of 5 m/s (without drag: none)", .wind = 5},
    {.name = "delay_1", .doc = "commands one step late", .delay = 1},
    {.name = "delay_2", .doc = "commands two steps late", .delay = 2},
    {.name = "delay_3", .doc = "commands three steps late", .delay = 3},
    {.name = "delay_4", .doc = "commands four steps late", .delay = 4},
    {.name = "delay_5", .doc = "commands five steps late", .delay = 5},
    {.name = "noise", .doc = "noise of 1 mm, 2 mm/s, 0.001 rad, 0.002 rad/s", .noise = true},
    {.name = "dt_5ms", .doc = "a command every 5 ms", .dt_s = 0.005},
    {.name = "dt_2ms", .doc = "a command every 2 ms", .dt_s = 0.002},
};

/* ---- one case ---------------------------------------------------------------------------- */

/* The flight at hand, and what came of those before it. */
struct flying {
    size_t n_flights, n_steps; // done; of each
    size_t k, n_held;          // steps of this flight; flights held
    double dt_s, outside_s;    // when this flight was last outside NEAR_M
    bool held;
    double *settled_s; // [n], NaN where it never was
};

static enum evo_status measure(void *context, const double *row, size_t n)
{
    (void)n;
    struct flying *f = context;
    const double *e = row + EVO_HOVER_PLACE;
    double distance = sqrt(e[0] * e[0] + e[1] * e[1] + e[2] * e[2]);
    double t = (double)(f->k + 1) * f->dt_s, end_s = (double)f->n_steps * f->dt_s;
    if (f->k == 0) {
        f->outside_s = 0.0;
        f->held = true;
    }
    /* Written so that a distance that is no number is outside. */
    if (!(distance < NEAR_M)) { f->outside_s = t; }
    if (!(distance < HELD_M) && t > end_s - LAST_S + 0.5 * f->dt_s) { f->held = false; }
    if (++f->k < f->n_steps) { return EVO_OK; }
    f->n_held += f->held;
    f->settled_s[f->n_flights++] = f->outside_s < end_s ? f->outside_s : (double)NAN;
    f->k = 0;
    return EVO_OK;
}

static enum evo_status fly_case(const struct evo_hover_validation *validation,
                                const struct evo_hover_case *one, struct flying *flying)
{
    struct evo_hover_task task = evo_hover_case_task(validation->task, one);
    flying->n_steps = (size_t)(DURATION_S / task.setting.dt_s + 0.5);
    flying->dt_s = task.setting.dt_s;
    return evo_hover_case_fly(&task, one, flying->n_steps, validation->controller, measure, flying);
}

/* ---- figures ------------------------------------------------------------------------------ */

static enum evo_status report(const struct evo_hover_validation *validation,
                              const struct evo_hover_case *one, const struct flying *f, bool flown)
{
    size_t n = f->n_flights;
    double low = (double)NAN, high = (double)NAN, share = (double)NAN;
    if (flown) {
        share = (double)f->n_held / (double)n;
        evo_math_interval(share, (double)n, &low, &high);
    }
    const struct evo_figure figures[] = {
        {"", "%", one->doc, 100.0 * share},
        {"_low", "%", "lower end of its 95 % confidence interval (Wilson)", 100.0 * low},
        {"_high", "%", "the upper end", 100.0 * high},
        {"_settling", "s", "until within 0.1 m for good, median",
         flown ? evo_hover_case_quantile(f->settled_s, n, 0.5) : (double)NAN},
        {"_settling_90", "s", "the same, nine flights of ten",
         flown ? evo_hover_case_quantile(f->settled_s, n, 0.9) : (double)NAN},
    };
    return evo_hover_case_say(validation, one, figures, sizeof figures / sizeof figures[0]);
}

static enum evo_status take_turn(const struct evo_hover_validation *validation,
                                 const struct evo_hover_case *one, bool flown)
{
    struct flying flying = {.settled_s = validation->results};
    if (flown) { EVO_TRY(fly_case(validation, one, &flying)); }
    return report(validation, one, &flying, flown);
}

enum evo_status evo_hover_validate(const struct evo_task *task, const struct evo_controller *controller,
                                   bool brief, evo_figure_sink *sink, void *context)
{
    struct evo_hover_validation validation = {.task = (const struct evo_hover_task *)task,
                                              .controller = controller,
                                              .sink = sink,
                                              .context = context};
    return evo_hover_case_each(&validation, cases, sizeof cases / sizeof cases[0], brief,
                               take_turn);
}
