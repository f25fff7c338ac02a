/* SPDX-License-Identifier: MIT */
/* Reads creatures from CSV: champion.csv, or a line per creature; a fault is named by its line. */
#include "champion.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where the reader stands. Lines and cells are cut out of `next` in place. */
struct reader {
    const char *path;
    struct evo_shape shape;
    size_t n_genome;
    char *next, *end; // what is not read yet; *end is NUL
    size_t line;      // number of the latest line, from 1
};

/* Creatures as they are read. */
struct list {
    double *genomes;
    size_t n, capacity;
};

static enum evo_status refuse(const struct reader *reader, const char *reason)
{
    return evo_status_fail(EVO_ERR_DATA, "%s:%zu: %s", reader->path, reader->line, reason);
}

/* "8 parameters (states 1, inputs 2, outputs 1: (1+1)*(1+2) + (1+1))" */
static enum evo_status refuse_count(const struct reader *reader, size_t found, const char *what)
{
    size_t s = reader->shape.n_states, i = reader->shape.n_inputs, o = reader->shape.n_outputs;
    size_t k = reader->shape.n_hidden;
    if (k > 0) {
        return evo_status_fail(EVO_ERR_DATA,
                               "%s:%zu: %zu %s where the configuration's creatures have %zu: "
                               "%zu hidden * (%zu states + %zu inputs) in H, (%zu states + %zu "
                               "outputs) * (%zu states + %zu inputs + %zu hidden) in M, %zu in h, "
                               "and %zu + %zu in c",
                               reader->path, reader->line, found, what, reader->n_genome, k, s, i, s,
                               o, s, i, k, k, s, o);
    }
    return evo_status_fail(EVO_ERR_DATA,
                           "%s:%zu: %zu %s where the configuration's creatures have %zu: "
                           "(%zu states + %zu outputs) * (%zu states + %zu inputs) in M, "
                           "and %zu + %zu in c",
                           reader->path, reader->line, found, what, reader->n_genome, s, o, s, i, s,
                           o);
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text)) { text++; }
    size_t n = strlen(text);
    while (n > 0 && isspace((unsigned char)text[n - 1])) { n--; }
    text[n] = '\0';
    return text;
}

/* The next line that is neither empty nor a comment; NULL at the end. */
static char *next_line(struct reader *reader)
{
    while (reader->next < reader->end) {
        char *line = reader->next;
        size_t length = strcspn(line, "\n");
        bool last = line[length] == '\0';
        line[length] = '\0';
        reader->next = last ? reader->end : line + length + 1;
        reader->line++;
        line = trim(line);
        if (*line != '\0' && *line != '#') { return line; }
    }
    return NULL;
}

/* Cuts the first cell off; NULL where there is none. */
static char *next_cell(char **rest)
{
    char *cell = *rest;
    if (cell == NULL) { return NULL; }
    char *comma = strchr(cell, ',');
    if (comma != NULL) { *comma = '\0'; }
    *rest = comma != NULL ? comma + 1 : NULL;
    return trim(cell);
}

static size_t count_cells(const char *line)
{
    size_t n = 1;
    for (const char *c = line; *c != '\0'; c++) { n += *c == ','; }
    return n;
}

/* Only commas stand between cells: another separator is what a wrong number of them, or no number, comes
 * from. EVO_OK where the text has none. */
static enum evo_status check_separator(const struct reader *reader, const char *text)
{
    char why[EVO_SPELLING_MAX] = "";
    const char *found = strpbrk(text, ";\t");
    if (found == NULL) { return EVO_OK; }
    bool comma = evo_spelling_comma(text, strcspn(text, ","), why);
    return evo_status_fail(EVO_ERR_DATA,
                           "%s:%zu: %s stands between numbers, where a comma belongs; in a number stands a "
                           "point, as in 0.5%s%s",
                           reader->path, reader->line, *found == ';' ? "a ';'" : "a tab",
                           comma ? "; " : "", why);
}

static enum evo_status read_number(const struct reader *reader, const char *name, const char *cell,
                                   double *x)
{
    const char *fault = NULL;
    char why[EVO_SPELLING_MAX] = "";
    if (!evo_text_to_number(cell, x)) {
        fault = "is not a number";
    } else if (isnan(*x)) {
        fault = "is no value for a parameter";
    } else if (isinf(*x) && strpbrk(cell, "iI") == NULL) {
        fault = "is too large for a double";
    }
    if (fault == NULL) { return EVO_OK; }
    EVO_TRY(check_separator(reader, cell));
    bool odd = evo_spelling_find(cell, strlen(cell), EVO_SPELLING_ASCII, why);
    return evo_status_fail(EVO_ERR_DATA, "%s:%zu: %s: \"%s\" %s%s%s", reader->path, reader->line,
                           name, evo_champion_excerpt(cell).text, fault, odd ? "; " : "", why);
}

/* One more genome at the end of the list, to be filled in. */
static enum evo_status add_genome(const struct reader *reader, struct list *list, double **genome)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity > 0 ? 2 * list->capacity : 16;
        double *wider = NULL;
        EVO_TRY(evo_alloc(capacity, reader->n_genome * sizeof *wider, reader->path, &wider));
        if (list->n > 0) {
            memcpy(wider, list->genomes, list->n * reader->n_genome * sizeof *wider);
        }
        free(list->genomes);
        list->genomes = wider;
        list->capacity = capacity;
    }
    *genome = list->genomes + list->n++ * reader->n_genome;
    return EVO_OK;
}

/* ---- champion.csv: a line per parameter -------------------------------------------------- */

/* The two columns of numbers say the same, or one of them is empty. */
static enum evo_status read_both(const struct reader *reader, const char *name, const char *hex,
                                 const char *decimal, double *x)
{
    double a = 0.0, b = 0.0;
    if (*hex == '\0' && *decimal == '\0') { return read_number(reader, name, hex, x); }
    if (*hex != '\0') { EVO_TRY(read_number(reader, name, hex, &a)); }
    if (*decimal != '\0') { EVO_TRY(read_number(reader, name, decimal, &b)); }
    if (*hex != '\0' && *decimal != '\0' && a != b) {
        return evo_status_fail(
            EVO_ERR_DATA, "%s:%zu: %s: \"%s\" and \"%s\" differ; leave one of them empty",
            reader->path, reader->line, name, evo_champion_excerpt(hex).text, evo_champion_excerpt(decimal).text);
    }
    *x = *hex != '\0' ? a : b;
    return EVO_OK;
}

static enum evo_status read_parameter(const struct reader *reader, size_t i, char *line, double *x)
{
    char wanted[64];
    evo_champion_name_parameter(reader->shape, i, wanted, sizeof wanted);
    const char *name = next_cell(&line), *hex = next_cell(&line), *decimal = next_cell(&line);
    if (strcmp(name, wanted) != 0) {
        return evo_status_fail(EVO_ERR_DATA, "%s:%zu: \"%s\" where %s belongs", reader->path,
                               reader->line, evo_champion_excerpt(name).text, wanted);
    }
    if (hex == NULL || decimal == NULL) {
        return refuse(reader, "a line of a champion is " EVO_CHAMPION_HEADER);
    }
    return read_both(reader, wanted, hex, decimal, x);
}

static enum evo_status read_champion(struct reader *reader, struct list *list)
{
    double *genome = NULL;
    EVO_TRY(add_genome(reader, list, &genome));
    size_t n = 0;
    for (char *line = next_line(reader); line != NULL; line = next_line(reader)) {
        if (n == reader->n_genome) {
            while (next_line(reader) != NULL) { n++; }
            return refuse_count(reader, n + 1, "parameters");
        }
        EVO_TRY(read_parameter(reader, n, line, &genome[n]));
        n++;
    }
    return n == reader->n_genome ? EVO_OK : refuse_count(reader, n, "parameters");
}

/* ---- a line per creature ----------------------------------------------------------------- */

static enum evo_status read_creature(const struct reader *reader, char *line, struct list *list)
{
    size_t n = count_cells(line);
    if (n != reader->n_genome) {
        EVO_TRY(check_separator(reader, line));
        return refuse_count(reader, n,
                            n == 2 * reader->n_genome && reader->n_genome > 1
                                ? "values (in a number stands a point, as in 0.5)" : "values");
    }
    double *genome = NULL;
    EVO_TRY(add_genome(reader, list, &genome));
    for (size_t i = 0; i < n; i++) {
        char name[64];
        evo_champion_name_parameter(reader->shape, i, name, sizeof name);
        EVO_TRY(read_number(reader, name, next_cell(&line), &genome[i]));
    }
    return EVO_OK;
}

/* A line of names is one in which no cell is a number. */
static bool is_header(const char *line)
{
    for (const char *cell = line; cell != NULL;) {
        size_t length = strcspn(cell, ",");
        char number[64];
        double x = 0.0;
        snprintf(number, sizeof number, "%.*s", length < 63 ? (int)length : 63, cell);
        if (evo_text_to_number(number, &x)) { return false; }
        cell = cell[length] == ',' ? cell + length + 1 : NULL;
    }
    return true;
}

static enum evo_status read_lines(struct reader *reader, struct list *list)
{
    char *line = next_line(reader);
    if (line != NULL && strcmp(line, EVO_CHAMPION_HEADER) == 0) {
        return read_champion(reader, list);
    }
    if (line != NULL && reader->n_genome > 1 && strchr(line, ',') == NULL) {
        EVO_TRY(check_separator(reader, line));
        return refuse(reader, "has no comma; a line holds the parameters of one creature, with "
                              "commas between them");
    }
    if (line != NULL && is_header(line)) {
        size_t n = count_cells(line);
        if (n != reader->n_genome) { EVO_TRY(check_separator(reader, line)); }
        if (n != reader->n_genome) { return refuse_count(reader, n, "names"); }
        line = next_line(reader);
    }
    for (; line != NULL; line = next_line(reader)) { EVO_TRY(read_creature(reader, line, list)); }
    EVO_CHECK(list->n > 0, EVO_ERR_DATA, "%s: holds no creature", reader->path);
    return EVO_OK;
}

enum evo_status evo_champion_read(const char *path, struct evo_shape shape, double **genomes,
                                  size_t *n)
{
    enum evo_status status = EVO_OK;
    struct reader reader = {.path = path, .shape = shape, .n_genome = evo_shape_genome(shape)};
    struct list list = {0};
    char *bytes = NULL;
    size_t n_bytes = 0;
    EVO_TRY(evo_text_read(path, EVO_CHAMPION_BYTES_MAX, &bytes, &n_bytes));
    reader.next = bytes;
    reader.end = bytes + n_bytes;
    EVO_GOTO(read_lines(&reader, &list));
    *genomes = list.genomes;
    *n = list.n;
    list.genomes = NULL;
done:
    free(list.genomes);
    free(bytes);
    return status;
}
