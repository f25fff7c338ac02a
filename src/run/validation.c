/* SPDX-License-Identifier: MIT */
/* Figures of several controllers on the validation set, side by side. */
#include "run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One column of figures; the names are those of the first one. */
struct column {
    struct evo_figure *figures; // [n], names owned
    size_t n, capacity;
};

static void column_fini(struct column *column)
{
    for (size_t i = 0; i < column->n; i++) { free((void *)(uintptr_t)column->figures[i].name); }
    free(column->figures);
}

static enum evo_status take(void *context, const struct evo_figure *figure)
{
    struct column *column = context;
    if (column->n == column->capacity) {
        size_t capacity = column->capacity == 0 ? 16 : 2 * column->capacity;
        struct evo_figure *more = realloc(column->figures, capacity * sizeof *more);
        EVO_CHECK(more != NULL, EVO_ERR_MEMORY, "validation: no memory for %zu figures", capacity);
        column->figures = more;
        column->capacity = capacity;
    }
    char *name = strdup(figure->name);
    EVO_CHECK(name != NULL, EVO_ERR_MEMORY, "validation: no memory for a figure's name");
    column->figures[column->n] = *figure;
    column->figures[column->n++].name = name;
    return EVO_OK;
}

static enum evo_status fly_contender(const struct evo_contender *contender, bool brief,
                                     struct column *column)
{
    return contender->genome != NULL
               ? evo_task_validate_creature(contender->task, contender->genome, brief, take, column)
               : evo_task_validate(contender->task, contender->controller, brief, take, column);
}

static void print_csv(FILE *out, const struct evo_contender *contenders, size_t n,
                      const struct column *columns)
{
    char text[32];
    fputs("figure,unit", out);
    for (size_t i = 0; i < n; i++) { fprintf(out, ",%s", contenders[i].name); }
    fputs(",meaning\n", out);
    for (size_t k = 0; k < columns[0].n; k++) {
        const struct evo_figure *figure = &columns[0].figures[k];
        fprintf(out, "%s,%s", figure->name, figure->unit);
        for (size_t i = 0; i < n; i++) {
            fprintf(out, ",%s", evo_text_number(text, columns[i].figures[k].value));
        }
        fprintf(out, ",\"%s\"\n", figure->doc);
    }
}

/* Four digits, of a whole number all; never is a dash, and less than any figure tells is 0. */
static void print_cell(FILE *out, double value)
{
    double shown = fabs(value) < 1e-12 ? 0.0 : value;
    if (isnan(value)) {
        fprintf(out, " %10s", "-");
    } else if (shown == floor(shown) && fabs(shown) < 1e7) {
        fprintf(out, " %10.0f", shown);
    } else {
        fprintf(out, " %10.4g", shown);
    }
}

/* Whether a figure before this one has the same meaning: as many cases have, in the same words. */
static bool is_explained(const struct column *column, size_t k)
{
    size_t i = 0;
    while (strcmp(column->figures[i].doc, column->figures[k].doc) != 0) { i++; }
    return i < k;
}

static void print_table(FILE *out, const struct evo_contender *contenders, size_t n,
                        const struct column *columns, bool explained)
{
    int width = 0;
    for (size_t k = 0; k < columns[0].n; k++) {
        const struct evo_figure *figure = &columns[0].figures[k];
        int length = (int)(strlen(figure->name) + 2 + strlen(figure->unit));
        if (length > width) { width = length; }
    }
    fprintf(out, "%-*s", width, "");
    for (size_t i = 0; i < n; i++) { fprintf(out, " %10s", contenders[i].name); }
    fputc('\n', out);
    for (size_t k = 0; k < columns[0].n; k++) {
        const struct evo_figure *figure = &columns[0].figures[k];
        fprintf(out, "%s, %-*s", figure->name, width - (int)strlen(figure->name) - 2, figure->unit);
        for (size_t i = 0; i < n; i++) { print_cell(out, columns[i].figures[k].value); }
        fputc('\n', out);
    }
    for (size_t k = 0; explained && k < columns[0].n; k++) {
        const struct evo_figure *figure = &columns[0].figures[k];
        if (is_explained(&columns[0], k)) { continue; }
        fprintf(out, "%s%s: %s\n", k == 0 ? "\n" : "", figure->name, figure->doc);
    }
}

enum evo_status evo_validation_print(const struct evo_contender *contenders, size_t n,
                                     enum evo_validation_form form, FILE *out)
{
    enum evo_status status = EVO_OK;
    struct column *columns = NULL;
    EVO_GOTO(evo_alloc(n, sizeof *columns, "validation", &columns));
    for (size_t i = 0; i < n; i++) {
        EVO_GOTO(fly_contender(&contenders[i], form == EVO_VALIDATION_BRIEF, &columns[i]));
        if (columns[i].n != columns[0].n) {
            EVO_GOTO(evo_status_fail(EVO_ERR_INTERNAL, "validation: %s has %zu figures, %s %zu",
                                     contenders[0].name, columns[0].n, contenders[i].name,
                                     columns[i].n));
        }
    }
    if (form == EVO_VALIDATION_CSV) {
        print_csv(out, contenders, n, columns);
    } else {
        print_table(out, contenders, n, columns, form == EVO_VALIDATION_WHOLE);
    }
done:
    for (size_t i = 0; columns != NULL && i < n; i++) { column_fini(&columns[i]); }
    free(columns);
    return status;
}

/* ---- one creature beside all that its task has to compare it with --------------------------- */

enum { MOST_BASELINES = 8 };

enum evo_status evo_validation_compare(const struct evo_config *config, const struct evo_task *task,
                                       const struct evo_contender *creatures, size_t n_creatures,
                                       enum evo_validation_form form, FILE *out)
{
    enum evo_status status = EVO_OK;
    struct evo_controller baselines[MOST_BASELINES] = {{0}};
    struct evo_contender *contenders = NULL;
    struct evo_tuned tuned = {0};
    const char *const *names = evo_task_baselines(task);
    size_t n = 0;
    EVO_GOTO(evo_alloc(n_creatures + MOST_BASELINES + 1, sizeof *contenders, "validation",
                       &contenders));
    for (; n < n_creatures; n++) { contenders[n] = creatures[n]; }
    for (size_t i = 0; i < MOST_BASELINES && names[i] != NULL; i++) {
        status = evo_baseline_create(task, names[i], &baselines[i]);
        if (status == EVO_ERR_DATA) {
            /* No vehicle need have one: its champion is worth a table all the same. */
            evo_log(EVO_LOG_WARNING, "left out: %s", evo_status_message());
            continue;
        }
        EVO_GOTO(status);
        contenders[n++] = (struct evo_contender){names[i], task, NULL, &baselines[i]};
    }
    EVO_GOTO(evo_tuned_find(config, task, &tuned));
    if (tuned.name != NULL && tuned.state->champion.id != EVO_NOBODY) {
        contenders[n++] = (struct evo_contender){tuned.name, tuned.state->task,
                                                 tuned.state->champion_genome, NULL};
    }
    EVO_GOTO(evo_validation_print(contenders, n, form, out));
done:
    for (size_t i = 0; i < MOST_BASELINES; i++) { evo_baseline_destroy(&baselines[i]); }
    evo_tuned_fini(&tuned);
    free(contenders);
    return status;
}

/* ---- at the end of a run ---------------------------------------------------------------------- */

static void log_lines(char *text)
{
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL && *line != '\0';) {
        evo_log(EVO_LOG_INFO, "%s", line);
    }
}

enum evo_status evo_validation_say(const struct evo_state *state)
{
    enum evo_status status = EVO_OK;
    const struct evo_config *config = state->config;
    bool wanted = config->validate_flights > 0 && state->champion.id != EVO_NOBODY &&
                  evo_task_validates(state->task);
    char *text = NULL;
    size_t n = 0;
    if (!wanted) { return EVO_OK; }
    FILE *out = open_memstream(&text, &n);
    EVO_CHECK(out != NULL, EVO_ERR_MEMORY, "validation: no memory for its text: %s", strerror(errno));
    struct evo_contender champion = {"champion", state->task, state->champion_genome, NULL};
    status = evo_validation_compare(config, state->task, &champion, 1, EVO_VALIDATION_BRIEF, out);
    if (fclose(out) != 0 && status == EVO_OK) {
        status = evo_status_fail(EVO_ERR_MEMORY, "validation: no memory for its text");
    }
    if (status == EVO_OK) {
        evo_log(EVO_LOG_INFO, "on the validation set, which no generation has had:");
        log_lines(text);
    }
    free(text);
    return status;
}
