/* SPDX-License-Identifier: MIT */
/* How well a controller follows a track: the same flights in many cases. */
#include "hover.h"

#include "hover_case.h"

#include <math.h>
#include <stdlib.h>

#define BEGIN_S 1.0 // errors count after this

static const struct evo_hover_case cases[] = {
    {.name = "track", .doc = "error from rest on the track, as in all cases below", .still = true,
     .brief = true},
    {.name = "scattered", .doc = "from +-0.5 m, +-1 m/s, +-1 rad/s, up to 57 degrees"},
    {.name = "lap_0.8", .doc = "a lap in 0.8 times the time", .lap = 0.8, .still = true},
    {.name = "lap_1.5", .doc = "a lap in 1.5 times the time", .lap = 1.5, .still = true},
    {.name = "mass_0.8", .doc = "mass and inertia times 0.8", .mass = 0.8, .still = true},
    {.name = "mass_1.1", .doc = "mass and inertia times 1.1", .mass = 1.1, .still = true},
    {.name = "mass_1.2", .doc = "mass and inertia times 1.2", .mass = 1.2, .still = true},
    {.name = "thrust_0.9", .doc = "thrust times 0.9", .thrust = 0.9, .still = true},
    {.name = "thrust_1.2", .doc = "thrust times 1.2", .thrust = 1.2, .still = true},
    {.name = "push_1", .doc = "a constant push of 1 m/s^2 in any direction", .push = 1, .still = true},
    {.name = "wind_2", .doc = "a horizontal wind of 2 m/s (without drag: none)", .wind = 2, .still = true},
    {.name = "wind_5", .doc = "a horizontal wind of 5 m/s (without drag: none)", .wind = 5, .still = true},
    {.name = "delay_1", .doc = "commands one step late", .delay = 1, .still = true},
    {.name = "delay_2", .doc = "commands two steps late", .delay = 2, .still = true},
    {.name = "delay_3", .doc = "commands three steps late", .delay = 3, .still = true},
    {.name = "noise", .doc = "noise of 1 mm, 2 mm/s, 0.001 rad, 0.002 rad/s", .noise = true, .still = true},
    {.name = "dt_5ms", .doc = "a command every 5 ms", .dt_s = 0.005, .still = true},
    {.name = "dt_2ms", .doc = "a command every 2 ms", .dt_s = 0.002, .still = true},
};

/* The flight at hand, and what came of those before it. */
struct flying {
    size_t n_flights, n_steps, n_begin; // done; of each, of which so many do not count
    size_t k;                           // steps of this flight
    double square, sum, worst;          // of this flight's errors; of all flights'; the largest
    double *rmse_m;                     // [n]
};

static enum evo_status measure(void *context, const double *row, size_t n)
{
    (void)n;
    struct flying *f = context;
    const double *e = row + EVO_HOVER_PLACE;
    double square = e[0] * e[0] + e[1] * e[1] + e[2] * e[2];
    if (f->k == 0) { f->square = 0.0; }
    if (f->k >= f->n_begin) {
        f->square += square;
        if (isnan(square) || square > f->worst) { f->worst = square; }
    }
    if (++f->k < f->n_steps) { return EVO_OK; }
    f->sum += f->square;
    f->rmse_m[f->n_flights++] = sqrt(f->square / (double)(f->n_steps - f->n_begin));
    f->k = 0;
    return EVO_OK;
}

static enum evo_status fly_case(const struct evo_hover_validation *validation,
                                const struct evo_hover_case *one, struct flying *flying)
{
    struct evo_hover_task task = evo_hover_case_task(validation->task, one);
    struct evo_hover_setting *s = &task.setting;
    double *rows = NULL;
    if (one->lap > 0.0) { task.path.lap_s *= one->lap; }
    EVO_TRY(evo_hover_path_rows(&task.path, s->dt_s, &rows, &s->n_lap));
    s->path = rows;
    flying->n_begin = (size_t)(BEGIN_S / s->dt_s + 0.5);
    flying->n_steps = flying->n_begin + (size_t)s->n_lap;
    enum evo_status status =
        evo_hover_case_fly(&task, one, flying->n_steps, validation->controller, measure, flying);
    free(rows);
    return status;
}

static enum evo_status report(const struct evo_hover_validation *validation,
                              const struct evo_hover_case *one, const struct flying *f)
{
    size_t n = f->n_flights, counted = n * (f->n_steps - f->n_begin);
    double rmse = (double)NAN, most = (double)NAN, worst = (double)NAN;
    if (n > 0) {
        rmse = sqrt(f->sum / (double)counted);
        most = evo_hover_case_quantile(f->rmse_m, n, 0.9);
        worst = sqrt(f->worst);
    }
    const struct evo_figure figures[] = {
        {"_rmse", "m", one->doc, rmse},
        {"_rmse_90", "m", "the same of one flight, nine flights of ten", most},
        {"_worst", "m", "largest error after the first second", worst},
    };
    return evo_hover_case_say(validation, one, figures, sizeof figures / sizeof figures[0]);
}

static enum evo_status take_turn(const struct evo_hover_validation *validation,
                                 const struct evo_hover_case *one, bool flown)
{
    struct flying flying = {.rmse_m = validation->results};
    if (flown) { EVO_TRY(fly_case(validation, one, &flying)); }
    return report(validation, one, &flying);
}

enum evo_status evo_track_validate(const struct evo_task *task, const struct evo_controller *controller,
                                   bool brief, evo_figure_sink *sink, void *context)
{
    struct evo_hover_validation validation = {.task = (const struct evo_hover_task *)task,
                                              .controller = controller,
                                              .sink = sink,
                                              .context = context};
    return evo_hover_case_each(&validation, cases, sizeof cases / sizeof cases[0], brief,
                               take_turn);
}
