/* SPDX-License-Identifier: MIT */
/* Flights drawn into the terminal: height, or what a trace has first, over time in braille dots. */
#include "fly.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLS = 34, ROWS = 10, DOTS_X = 2 * COLS, DOTS_Y = 4 * ROWS };

/* One flight of a trace: what is drawn, and what it should have been. */
struct curve {
    size_t i_flight, i_t, i_value, i_target; // columns of the trace; no target: 0
    bool has_target, is_height;
    const struct evo_signal *signal; // what is drawn
    double wanted; // the flight's number
    double *t, *value, *target; // [n]
    size_t n, capacity;
};

static void curve_fini(struct curve *curve)
{
    free(curve->t);
    free(curve->value);
    free(curve->target);
}

static enum evo_status grow(double **values, size_t n)
{
    double *more = realloc(*values, n * sizeof *more);
    EVO_CHECK(more != NULL, EVO_ERR_MEMORY, "plot: no memory for %zu steps", n);
    *values = more;
    return EVO_OK;
}

static enum evo_status collect(void *context, const double *row, size_t n)
{
    (void)n;
    struct curve *curve = context;
    if (row[curve->i_flight] != curve->wanted) { return EVO_OK; }
    if (curve->n == curve->capacity) {
        curve->capacity = curve->capacity == 0 ? 1024 : 2 * curve->capacity;
        EVO_TRY(grow(&curve->t, curve->capacity));
        EVO_TRY(grow(&curve->value, curve->capacity));
        EVO_TRY(grow(&curve->target, curve->capacity));
    }
    curve->t[curve->n] = row[curve->i_t];
    curve->value[curve->n] = row[curve->i_value];
    curve->target[curve->n] = curve->has_target ? row[curve->i_target] : 0.0;
    curve->n++;
    return EVO_OK;
}

static bool find_signal(const struct evo_task *task, const char *name, size_t *i)
{
    size_t n = 0;
    const struct evo_signal *signals = evo_task_trace_signals(task, &n);
    for (*i = 0; *i < n && strcmp(signals[*i].name, name) != 0; (*i)++) {}
    return *i < n;
}

/* Heights above ground with their setpoint, or above the setpoint; of another task the first value behind the
 * time. */
static enum evo_status find_columns(const struct evo_task *task, struct curve *curve)
{
    size_t n = 0;
    const struct evo_signal *signals = evo_task_trace_signals(task, &n);
    bool found = find_signal(task, "flight", &curve->i_flight) || find_signal(task, "case", &curve->i_flight);
    EVO_CHECK(found && find_signal(task, "t", &curve->i_t), EVO_ERR_USAGE, "--plot: task %s has nothing to draw",
              evo_task_name(task));
    curve->has_target = find_signal(task, "setpoint", &curve->i_target);
    curve->is_height = find_signal(task, curve->has_target ? "z" : "ez", &curve->i_value);
    if (!curve->is_height) { curve->i_value = curve->i_t + 1; }
    EVO_CHECK(curve->i_value < n, EVO_ERR_USAGE, "--plot: task %s has nothing to draw", evo_task_name(task));
    curve->signal = &signals[curve->i_value];
    return EVO_OK;
}

static enum evo_status trace(const struct evo_contender *contender, struct evo_cases cases,
                             struct curve *curve)
{
    double fitness;
    EVO_TRY(find_columns(contender->task, curve));
    return contender->genome != NULL
               ? evo_task_trace(contender->task, cases, contender->genome, collect, curve,
                                &fitness)
               : evo_task_trace_controller(contender->task, cases, contender->controller,
                                           collect, curve, &fitness);
}

/* ---- dots ---- */

/* What all panels share: the ends of both axes. */
struct axes {
    double t_end, low, high;
};

struct panel {
    unsigned char dots[ROWS][COLS]; // the eight dots of a cell as bits
};

static void set_dot(struct panel *panel, int x, int y)
{
    /* The order in which Unicode counts the dots of a cell. */
    static const unsigned char bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (x < 0 || x >= DOTS_X || y < 0 || y >= DOTS_Y) { return; }
    panel->dots[y / 4][x / 2] |= bits[y % 4][x % 2];
}

static int dot_x(const struct axes *axes, double t)
{
    return (int)(t / axes->t_end * (DOTS_X - 1) + 0.5);
}

/* Row 0 is the highest; what is far out of the picture is drawn nowhere. */
static int dot_y(const struct axes *axes, double value)
{
    double y = (axes->high - value) / (axes->high - axes->low) * (DOTS_Y - 1);
    return y > -1.0 && y < DOTS_Y + 1.0 ? (int)floor(y + 0.5) : -1;
}

static void draw(struct panel *panel, const struct axes *axes, const struct curve *curve)
{
    for (size_t i = 0; i < curve->n; i++) {
        int x = dot_x(axes, curve->t[i]), y = dot_y(axes, curve->value[i]);
        set_dot(panel, x, y);
        if (x % 4 == 0 && curve->is_height) { set_dot(panel, x, dot_y(axes, curve->target[i])); }
        /* A steep climb leaves no gap. */
        int before = i > 0 ? dot_y(axes, curve->value[i - 1]) : y;
        for (int k = before; k != y && before >= 0 && y >= 0; k += y > before ? 1 : -1) {
            set_dot(panel, x, k);
        }
    }
}

/* All of a curve, where it has no target. */
static void fit_all(struct axes *axes, const struct curve *curve)
{
    for (size_t k = 0; k < curve->n; k++) {
        if (!isfinite(curve->value[k])) { continue; }
        axes->low = fmin(axes->low, curve->value[k]);
        axes->high = fmax(axes->high, curve->value[k]);
    }
}

/* Round a little, so that no curve lies on an edge; only what is near the targets decides. */
static struct axes fit_axes(const struct curve *curves, size_t n)
{
    struct axes axes = {.low = (double)INFINITY, .high = -(double)INFINITY};
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < curves[i].n; k++) {
            axes.t_end = fmax(axes.t_end, curves[i].t[k]);
            if (!curves[i].is_height) { continue; }
            axes.low = fmin(axes.low, fmin(curves[0].value[0], curves[i].target[k]));
            axes.high = fmax(axes.high, fmax(curves[0].value[0], curves[i].target[k]));
        }
        if (!curves[i].is_height) { fit_all(&axes, &curves[i]); }
    }
    if (!(axes.low <= axes.high)) { axes.low = axes.high = 0.0; }
    double step = axes.high > axes.low ? axes.high - axes.low : 1.0;
    axes.low -= 0.4 * step;
    axes.high += 0.4 * step;
    return axes;
}

static void print_cell(FILE *out, unsigned char dots)
{
    /* U+2800 + dots in UTF-8. */
    fprintf(out, "%c%c%c", 0xE2, 0xA0 | (dots >> 6), 0x80 | (dots & 0x3F));
}

/* As many decimals as tell two labels of the axis apart, two digits of their distance. */
static int count_decimals(const struct axes *axes)
{
    double apart = 2.0 / ROWS * (axes->high - axes->low);
    return (int)fmin(fmax(1.0 - floor(log10(apart)), 0.0), 4.0);
}

static void print_panels(FILE *out, const struct evo_contender *contenders,
                         const struct panel *panels, size_t n, const struct axes *axes, const char *unit)
{
    fprintf(out, "%9s", "");
    for (size_t i = 0; i < n; i++) { fprintf(out, " %-*s", COLS + 1, contenders[i].name); }
    fputc('\n', out);
    for (int row = 0; row < ROWS; row++) {
        double height = axes->high - (row + 0.5) / ROWS * (axes->high - axes->low);
        if (row % 2 == 0) {
            fprintf(out, "%7.*f %s", count_decimals(axes), height, unit);
        } else {
            fprintf(out, "%9s", "");
        }
        for (size_t i = 0; i < n; i++) {
            fputc('|', out);
            for (int col = 0; col < COLS; col++) { print_cell(out, panels[i].dots[row][col]); }
            fputc(' ', out);
        }
        fputc('\n', out);
    }
    fprintf(out, "%9s", "");
    for (size_t i = 0; i < n; i++) { fprintf(out, " 0%*.3g s ", COLS - 3, axes->t_end); }
    fputc('\n', out);
}

static void print_title(FILE *out, const struct curve *curve, uint64_t i_flight)
{
    if (curve->is_height) {
        fprintf(out, "height of flight %" PRIu64 ", %g m to be reached from %g m:\n", i_flight,
                curve->target[0], curve->value[0]);
    } else {
        fprintf(out, "%s of case %" PRIu64 ", in %s:\n", curve->signal->name, i_flight, curve->signal->unit);
    }
}

enum evo_status fly_plot(const struct evo_contender *contenders, size_t n, struct evo_cases cases,
                         uint64_t i_flight, FILE *out)
{
    enum evo_status status = EVO_OK;
    struct curve *curves = NULL;
    struct panel *panels = NULL;
    EVO_GOTO(evo_alloc(n, sizeof *curves, "plot", &curves));
    EVO_GOTO(evo_alloc(n, sizeof *panels, "plot", &panels));
    for (size_t i = 0; i < n; i++) {
        curves[i].wanted = (double)i_flight;
        EVO_GOTO(trace(&contenders[i], cases, &curves[i]));
        if (curves[i].n == 0) {
            EVO_GOTO(evo_status_fail(EVO_ERR_USAGE, "--plot=%" PRIu64 ": there is no such flight; "
                                     "they are counted from 0", i_flight));
        }
    }
    const struct axes axes = fit_axes(curves, n);
    for (size_t i = 0; i < n; i++) { draw(&panels[i], &axes, &curves[i]); }
    print_title(out, &curves[0], i_flight);
    print_panels(out, contenders, panels, n, &axes, curves[0].is_height ? "m" : " ");
done:
    for (size_t i = 0; curves != NULL && i < n; i++) { curve_fini(&curves[i]); }
    free(curves);
    free(panels);
    return status;
}
