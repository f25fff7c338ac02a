/* SPDX-License-Identifier: MIT */
/* The way of the setpoint of `[track]`: figure-eight, circle, or a curve through waypoints. */
#include "hover_path.h"

#include "hover_setting.h"
#include "hover_keys.h"
#include "track_keys.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KEY  "track.waypoints"
#define FORM "x y z in m, and a comma between waypoints, such as 0 0 0, 1 0 0.5, 0 1 0"
#define PI   3.14159265358979324

enum { MOST_STEPS = 1000000 };

/* ---- curves ------------------------------------------------------------------------------- */

/* row = place, velocity and acceleration of r sin(k a), where the angle a moves at `rate`. */
static void swing(double r, double k, double a, double rate, double *row)
{
    double sine, cosine, turn = k * a;
    turn -= 2.0 * PI * floor(turn / (2.0 * PI) + 0.5);
    evo_math_sin_cos(turn, &sine, &cosine);
    row[0] = r * sine;
    row[3] = r * k * rate * cosine;
    row[6] = -r * (k * rate) * (k * rate) * sine;
}

/* The cubic between waypoints i and i + 1, at `way` m from the first. [Hermite] */
static void go_between(const struct evo_hover_path *path, size_t i, double way, double speed,
                       double *row)
{
    size_t j = (i + 1) % path->n;
    double h = path->reached[i + 1] - path->reached[i], s = (way - path->reached[i]) / h;
    for (size_t k = 0; k < 3; k++) {
        double p = path->waypoints[3 * i + k], gap = path->waypoints[3 * j + k] - p;
        double a = h * path->tangents[3 * i + k], b = h * path->tangents[3 * j + k];
        double c2 = 3.0 * gap - 2.0 * a - b, c3 = a + b - 2.0 * gap;
        row[k] = p + s * (a + s * (c2 + s * c3));
        row[3 + k] = speed / h * (a + s * (2.0 * c2 + s * (3.0 * c3)));
        row[6 + k] = speed / h * (speed / h) * (2.0 * c2 + s * (6.0 * c3));
    }
}

static void fill_row(const struct evo_hover_path *path, double share, double lap_s, double *row)
{
    double angle = 2.0 * PI * share, rate = 2.0 * PI / lap_s, r = path->radius_m;
    switch (path->kind) {
    case EVO_PATH_FIGURE_EIGHT:
        swing(0.5 * r, 2.0, angle, rate, row);
        swing(r, 1.0, angle, rate, row + 1);
        break;
    case EVO_PATH_CIRCLE:
        swing(r, 1.0, angle + 0.5 * PI, rate, row);
        swing(r, 1.0, angle, rate, row + 1);
        break;
    case EVO_PATH_WAYPOINTS: {
        double length = path->reached[path->n], way = share * length;
        size_t i = 0;
        while (i + 1 < path->n && way >= path->reached[i + 1]) { i++; }
        go_between(path, i, way, length / lap_s, row);
        break;
    }
    }
}

enum evo_status evo_hover_path_rows(const struct evo_hover_path *path, double dt_s, double **rows,
                                    uint64_t *n_lap)
{
    uint64_t n = (uint64_t)(path->lap_s / dt_s + 0.5);
    if (n == 0) { n = 1; }
    EVO_TRY(evo_alloc((size_t)n, EVO_HOVER_PATH * sizeof **rows, "track", rows));
    for (uint64_t k = 0; k < n; k++) {
        fill_row(path, (double)k / (double)n, (double)n * dt_s, *rows + EVO_HOVER_PATH * k);
    }
    *n_lap = n;
    return EVO_OK;
}

/* ---- waypoints ---------------------------------------------------------------------------- */

/* Lengths, and the direction at each waypoint: that of a parabola through it and its neighbours. */
static enum evo_status join(const struct evo_config *config, struct evo_hover_path *path)
{
    size_t n = path->n;
    const double *w = path->waypoints;
    for (size_t i = 0; i < n; i++) {
        double square = 0.0;
        for (size_t k = 0; k < 3; k++) {
            double gap = w[3 * ((i + 1) % n) + k] - w[3 * i + k];
            square += gap * gap;
        }
        if (!(square > 0.0) || !isfinite(square)) {
            return evo_config_refuse(config, KEY,
                                     "waypoints %zu and %zu are %s; each must be elsewhere than the "
                                     "one before it, and the last than the first",
                                     i + 1, (i + 1) % n + 1,
                                     square > 0.0 ? "too far apart" : "the same place");
        }
        path->reached[i + 1] = path->reached[i] + sqrt(square);
    }
    for (size_t i = 0; i < n; i++) {
        size_t before = (i + n - 1) % n, after = (i + 1) % n;
        double a = path->reached[before + 1] - path->reached[before];
        double b = path->reached[i + 1] - path->reached[i];
        for (size_t k = 0; k < 3; k++) {
            double come = (w[3 * i + k] - w[3 * before + k]) / a;
            double go = (w[3 * after + k] - w[3 * i + k]) / b;
            path->tangents[3 * i + k] = (b * come + a * go) / (a + b);
        }
    }
    return EVO_OK;
}

/* Where numbers are too few, a comma between digits beside them is named. */
static enum evo_status refuse_few(const struct evo_config *config, size_t number, size_t n,
                                  size_t from, size_t to)
{
    const char *list = evo_track_keys(config)->waypoints;
    char why[EVO_SPELLING_MAX] = "";
    bool comma = n < 3 && ((from > 0 && evo_spelling_comma(list, from - 1, why)) ||
                           evo_spelling_comma(list, to, why));
    return evo_config_refuse(config, KEY, "waypoint %zu has %zu numbers; a waypoint is " FORM "%s%s",
                             number, n, comma ? "; " : "", comma ? why : "");
}

/* Three numbers between blanks, and nothing else. `from` is where the text stands in the list. */
static enum evo_status read_waypoint(const struct evo_config *config, size_t number, char *text,
                                     size_t from, double *place)
{
    char *rest = NULL;
    size_t n = 0, to = from + strlen(text);
    for (char *word = strtok_r(text, " \t", &rest); word != NULL;
         word = strtok_r(NULL, " \t", &rest)) {
        double x = 0.0;
        if (!evo_text_to_number(word, &x) || !(fabs(x) <= 1e6)) {
            char why[EVO_SPELLING_MAX];
            bool odd = evo_spelling_find(word, strlen(word), EVO_SPELLING_ASCII, why);
            return evo_config_refuse(config, KEY,
                                     "waypoint %zu: \"%.40s\" is not a number of -1e6 to 1e6; a "
                                     "waypoint is " FORM "%s%s",
                                     number, word, odd ? "; " : "", odd ? why : "");
        }
        if (n < 3) { place[n] = x; }
        n++;
    }
    return n == 3 ? EVO_OK : refuse_few(config, number, n, from, to);
}

static enum evo_status read_waypoints(const struct evo_config *config, struct evo_hover_path *path)
{
    enum evo_status status = EVO_OK;
    char *text = NULL, *next = NULL;
    if (strcmp(evo_track_keys(config)->waypoints, "none") == 0) {
        return evo_config_refuse(config, "track.path",
                                 "needs track.waypoints or track.file; a waypoint is " FORM);
    }
    EVO_TRY(evo_text_format(&text, "%s", evo_track_keys(config)->waypoints));
    path->n = 1;
    for (const char *c = text; *c != '\0'; c++) { path->n += *c == ','; }
    EVO_GOTO(evo_alloc(path->n, 3 * sizeof(double), "waypoints", &path->waypoints));
    EVO_GOTO(evo_alloc(path->n, 3 * sizeof(double), "waypoints", &path->tangents));
    EVO_GOTO(evo_alloc(path->n + 1, sizeof(double), "waypoints", &path->reached));
    next = text;
    for (size_t i = 0; i < path->n; i++) {
        char *waypoint = next, *comma = strchr(next, ',');
        if (comma != NULL) {
            *comma = '\0';
            next = comma + 1;
        }
        EVO_GOTO(read_waypoint(config, i + 1, waypoint, (size_t)(waypoint - text),
                               path->waypoints + 3 * i));
    }
    if (path->n < 2) {
        status = evo_config_refuse(config, KEY, "one waypoint is no way; hover flies to a point");
        goto done;
    }
    EVO_GOTO(join(config, path));
done:
    free(text);
    return status;
}

enum evo_status evo_hover_path_read(const struct evo_config *config, struct evo_hover_path *out)
{
    *out = (struct evo_hover_path){.kind = (enum evo_hover_path_kind)evo_track_keys(config)->path,
                                   .lap_s = evo_track_keys(config)->lap,
                                   .radius_m = evo_track_keys(config)->radius};
    if (evo_track_keys(config)->lap / evo_hover_keys(config)->dt > MOST_STEPS) {
        return evo_config_refuse(config, "track.lap", "is more than %d steps of hover.dt = %g s",
                                 MOST_STEPS, evo_hover_keys(config)->dt);
    }
    if (out->kind == EVO_PATH_WAYPOINTS) { return read_waypoints(config, out); }
    if (strcmp(evo_track_keys(config)->waypoints, "none") != 0) {
        return evo_config_refuse(config, KEY, "is not flown, because track.path = %s; for the "
                                 "waypoints set track.path = waypoints", evo_config_word(config, "track.path"));
    }
    return EVO_OK;
}

void evo_hover_path_fini(struct evo_hover_path *path)
{
    free(path->waypoints);
    free(path->tangents);
    free(path->reached);
    *path = (struct evo_hover_path){0};
}
