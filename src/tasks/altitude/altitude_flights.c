/* SPDX-License-Identifier: MIT */
/* The flights of the altitude task: a list, "3:5:2, 5:3:2" means from 3 m to 5 m in 2 s, ..., or drawn. */
#include "altitude.h"
#include "altitude_keys.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KEY  "altitude.flights"
#define FORM "start:setpoint:duration (m:m:s), such as 3:5:2"

/* One flight of the list as it stands there, and its place. */
struct entry {
    const struct evo_config *config;
    char *text;
    size_t number;
    size_t from, to; ///< where it stands in the list: behind a comma or at the beginning, and its end
};

/* Where a number was meant, a comma between digits is named: "; 3,5: a decimal comma; write 3.5". */
static const char *explain_comma(const struct entry *entry, char why[EVO_SPELLING_MAX + 2])
{
    const char *list = evo_altitude_keys(entry->config)->flights;
    char text[EVO_SPELLING_MAX];
    bool before = entry->from > 0 && evo_spelling_comma(list, entry->from - 1, text);
    if (!before && !evo_spelling_comma(list, entry->to, text)) { return ""; }
    snprintf(why, EVO_SPELLING_MAX + 2, "; %s", text);
    return why;
}

/* The number between `from` and the next colon or the end; *next is what follows the colon. */
static enum evo_status read_number(const struct entry *entry, const char *what, char *from,
                                   char **next, double *x)
{
    char *colon = strchr(from, ':');
    if (colon != NULL) { *colon = '\0'; }
    bool good = evo_text_to_number(from, x) && isfinite(*x);
    if (!good) {
        char why[EVO_SPELLING_MAX];
        bool odd = evo_spelling_find(from, strlen(from), EVO_SPELLING_ASCII, why);
        return evo_config_refuse(
            entry->config, KEY,
            "flight %zu: the %s \"%.40s\" is not a finite number; a flight is " FORM "%s%s",
            entry->number, what, from, odd ? "; " : "", odd ? why : "");
    }
    *next = colon != NULL ? colon + 1 : NULL;
    return EVO_OK;
}

/* As the original's clock does: what counts is where rounding leaves t, so 3 s of 0.01 s are 301
 * steps. */
bool evo_altitude_flights_steps(double duration_s, double dt_s, uint64_t *n_steps)
{
    uint64_t n = 0;
    // NOLINTNEXTLINE(cert-flp30-c): the original's own loop
    for (double t = 0.0; t < duration_s && n <= EVO_ALTITUDE_STEPS_MAX; t += dt_s) { n++; }
    *n_steps = n;
    return n <= EVO_ALTITUDE_STEPS_MAX;
}

static enum evo_status read_flight(const struct entry *entry, struct evo_altitude_flight *flight)
{
    static const char *const parts[] = {"start", "setpoint", "duration"};
    enum { N_PARTS = sizeof parts / sizeof parts[0] };
    double values[N_PARTS];
    char *rest = entry->text;
    size_t n = 0;
    while (n < N_PARTS && rest != NULL) {
        EVO_TRY(read_number(entry, parts[n], rest, &rest, &values[n]));
        n++;
    }
    if (n < N_PARTS || rest != NULL) {
        char why[EVO_SPELLING_MAX + 2];
        return evo_config_refuse(entry->config, KEY,
                                 "flight %zu has %s than three numbers; a flight is " FORM "%s",
                                 entry->number, n < N_PARTS ? "fewer" : "more",
                                 n < N_PARTS ? explain_comma(entry, why) : "");
    }
    for (size_t i = 0; i < N_PARTS; i++) {
        bool is_duration = i == N_PARTS - 1;
        if (is_duration ? values[i] > 0.0 : values[i] >= 0.0) { continue; }
        return evo_config_refuse(entry->config, KEY, "flight %zu: the %s %g is not %s",
                                 entry->number, parts[i], values[i],
                                 is_duration ? "above 0 s" : "a height of 0 m or more");
    }
    flight->start_m = values[0];
    flight->setpoint_m = values[1];
    if (!evo_altitude_flights_steps(values[2], evo_altitude_keys(entry->config)->dt, &flight->n_steps)) {
        return evo_config_refuse(entry->config, KEY,
                                 "flight %zu: %g s are more than %d steps of %g s", entry->number,
                                 values[2], EVO_ALTITUDE_STEPS_MAX, evo_altitude_keys(entry->config)->dt);
    }
    return EVO_OK;
}

/* Flight by flight; `text` is taken apart. */
static enum evo_status read_list(const struct evo_config *config, char *text,
                                 struct evo_altitude_flight *flights, size_t n)
{
    uint64_t n_steps = 0;
    char *next = text;
    for (size_t i = 0; i < n; i++) {
        char *comma = strchr(next, ',');
        size_t from = (size_t)(next - text);
        size_t to = comma != NULL ? (size_t)(comma - text) : from + strlen(next);
        struct entry entry = {config, next, i + 1, from, to};
        if (comma != NULL) { *comma = '\0'; }
        if (entry.text[strspn(entry.text, " \t")] == '\0') {
            return evo_config_refuse(config, KEY, "flight %zu is empty; a flight is " FORM, i + 1);
        }
        EVO_TRY(read_flight(&entry, &flights[i]));
        n_steps += flights[i].n_steps;
        if (n_steps > EVO_ALTITUDE_STEPS_MAX) {
            return evo_config_refuse(config, KEY, "flights 1 to %zu are more than %d steps", i + 1,
                                     EVO_ALTITUDE_STEPS_MAX);
        }
        if (comma != NULL) { next = comma + 1; }
    }
    return EVO_OK;
}

enum evo_status evo_altitude_flights_read(const struct evo_config *config,
                                          struct evo_altitude_flight **flights, size_t *n)
{
    enum evo_status status = EVO_OK;
    struct evo_altitude_flight *list = NULL;
    char *text = NULL;

    size_t n_flights = 1;
    for (const char *c = evo_altitude_keys(config)->flights; *c != '\0'; c++) { n_flights += *c == ','; }
    if (n_flights > EVO_ALTITUDE_FLIGHTS_MAX) {
        return evo_config_refuse(config, KEY, "%zu flights are more than %d", n_flights,
                                 EVO_ALTITUDE_FLIGHTS_MAX);
    }

    EVO_GOTO(evo_text_format(&text, "%s", evo_altitude_keys(config)->flights));
    EVO_GOTO(evo_alloc(n_flights, sizeof *list, KEY, &list));
    EVO_GOTO(read_list(config, text, list, n_flights));
    *flights = list;
    *n = n_flights;
    list = NULL;
done:
    free(list);
    free(text);
    return status;
}

/* ---- drawn by chance: steps up and down at any height ------------------------------------------- */

void evo_altitude_draw(const struct evo_altitude_draw *draw, enum evo_stream stream, uint64_t seed,
                       uint64_t generation, size_t first, size_t n, struct evo_altitude_flight *flights)
{
    for (size_t i = 0; i < n; i++) {
        struct evo_rng rng = evo_rng_begin(seed, stream, generation, first + i);
        double start = evo_rng_between(&rng, 0.0, draw->height_max_m);
        double step = evo_rng_between(&rng, draw->step_min_m, draw->step_max_m);
        bool upwards = evo_rng_uniform(&rng) < 0.5;
        /* A step that would leave the range goes the other way; no step is larger than half. */
        if (start - step < 0.0) { upwards = true; }
        if (start + step > draw->height_max_m) { upwards = false; }
        flights[i] = (struct evo_altitude_flight){
            .start_m = start,
            .setpoint_m = upwards ? start + step : start - step,
            .weight = draw->relative ? draw->weight / ((double)draw->n * step)
                                     : draw->weight / (double)draw->n,
            .n_steps = draw->n_steps,
        };
    }
}
