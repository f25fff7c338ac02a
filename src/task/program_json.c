/* SPDX-License-Identifier: MIT */
/* The messages of a program as lines of JSON. */
#include "program_parts.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

/* ---- what we say ---------------------------------------------------------------------------- */

static enum evo_status print(struct evo_program_text *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static enum evo_status print(struct evo_program_text *out, const char *format, ...)
{
    enum { MAX = 512 };
    va_list arguments;
    EVO_TRY(evo_program_text_reserve(out, MAX));
    va_start(arguments, format);
    int n = vsnprintf(out->bytes + out->n, MAX, format, arguments);
    va_end(arguments);
    EVO_CHECK(n >= 0 && n < MAX, EVO_ERR_INTERNAL, "program: a message is too long");
    out->n += (size_t)n;
    return EVO_OK;
}

static enum evo_status print_string(struct evo_program_text *out, const char *text)
{
    EVO_TRY(evo_program_text_add(out, "\"", 1));
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20) {
            EVO_TRY(print(out, "\\u%04x", (unsigned)*c));
            continue;
        }
        if (*c == '"' || *c == '\\') { EVO_TRY(evo_program_text_add(out, "\\", 1)); }
        EVO_TRY(evo_program_text_add(out, c, 1));
    }
    return evo_program_text_add(out, "\"", 1);
}

static enum evo_status print_names(struct evo_program_text *out, const char *key, size_t n,
                                   const char *const *names)
{
    EVO_TRY(print(out, ", \"%s\": [", key));
    for (size_t i = 0; i < n; i++) {
        if (i > 0) { EVO_TRY(print(out, ", ")); }
        EVO_TRY(print_string(out, names[i]));
    }
    return print(out, "]");
}

enum evo_status evo_program_json_hello(struct evo_program *program)
{
    const struct evo_program_setup *setup = &program->setup;
    struct evo_program_text *out = &program->out;
    out->n = 0;
    EVO_TRY(print(out, "{\"protocol\": %d, \"program\": \"evompi\", \"version\": ",
                  (int)EVO_PROGRAM_PROTOCOL));
    EVO_TRY(print_string(out, setup->version));
    EVO_TRY(print(out, ", \"format\": \"%s\", \"seed\": %llu, \"rank\": %zu, \"ranks\": %zu",
                  setup->format == EVO_PROGRAM_BINARY ? "binary" : "json",
                  (unsigned long long)setup->seed, setup->rank, setup->n_ranks));
    EVO_TRY(print_names(out, "parameters", setup->n_parameters, setup->parameters));
    EVO_TRY(print_names(out, "results", setup->n_results, setup->results));
    return print(out, "}\n");
}

static enum evo_status print_candidate(struct evo_program_text *out, const double *x, size_t n)
{
    EVO_TRY(evo_program_text_reserve(out, (EVO_PROGRAM_NUMBER + 2) * n + 2));
    char *to = out->bytes + out->n;
    *to++ = '[';
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            *to++ = ',';
            *to++ = ' ';
        }
        to += evo_program_number(to, x[i]);
    }
    *to++ = ']';
    out->n = (size_t)(to - out->bytes);
    return EVO_OK;
}

enum evo_status evo_program_json_ask(struct evo_program *program,
                                     const struct evo_program_piece *piece)
{
    static const char *const purposes[] = {"search", "selection", "validation"};
    const struct evo_batch *batch = piece->batch;
    struct evo_program_text *out = &program->out;
    out->n = 0;
    EVO_TRY(print(out,
                  "{\"batch\": %llu, \"generation\": %llu, \"purpose\": \"%s\", \"n\": %zu, "
                  "\"parameters\": [",
                  (unsigned long long)program->number, (unsigned long long)batch->generation,
                  purposes[batch->purpose], piece->n));
    for (size_t i = 0; i < piece->n; i++) {
        if (i > 0) { EVO_TRY(evo_program_text_add(out, ", ", 2)); }
        EVO_TRY(print_candidate(out, batch->parameters + (piece->first + i) * batch->n_parameters,
                                batch->n_parameters));
    }
    return evo_program_text_add(out, "]}\n", 3);
}

/* ---- what it says --------------------------------------------------------------------------- */

static bool wrong(struct evo_program *program, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool wrong(struct evo_program *program, const char *format, ...)
{
    char text[EVO_PROGRAM_WHY / 2], quote[EVO_PROGRAM_QUOTE + 8];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(program->why, sizeof program->why, "said \"%s\", %s",
             evo_program_text_quote(program->in.bytes, program->used, quote), text);
    return false;
}

/* The line as an object; NULL where it is none. `due` is what it should have been. */
static struct json_object *read_line(struct evo_program *program, const char *due)
{
    struct json_tokener *tokener = json_tokener_new();
    if (tokener == NULL || program->used > INT_MAX) {
        json_tokener_free(tokener);
        wrong(program, "for which there is no memory");
        return NULL;
    }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    struct json_object *line =
        json_tokener_parse_ex(tokener, program->in.bytes, (int)program->used);
    bool whole = json_tokener_get_error(tokener) == json_tokener_success;
    json_tokener_free(tokener);
    if (whole && json_object_is_type(line, json_type_object)) { return line; }
    json_object_put(line);
    wrong(program, "where %s is due", due);
    return NULL;
}

static bool is_whole_number(struct json_object *item, uint64_t value)
{
    return json_object_is_type(item, json_type_int) && json_object_get_int64(item) >= 0 &&
           json_object_get_uint64(item) == value;
}

bool evo_program_json_ready(struct evo_program *program)
{
    const char *due = "{\"protocol\": 1}";
    struct json_object *line = read_line(program, due), *item = NULL;
    if (line == NULL) { return false; }
    bool good = json_object_object_get_ex(line, "protocol", &item) &&
                is_whole_number(item, EVO_PROGRAM_PROTOCOL);
    if (!good) { wrong(program, "where %s is due", due); }
    const char *format = program->setup.format == EVO_PROGRAM_BINARY ? "binary" : "json";
    if (good && json_object_object_get_ex(line, "format", &item)) {
        const char *its = json_object_get_string(item);
        good = its != NULL && strcmp(its, format) == 0;
        if (!good) { wrong(program, "where the format is %s", format); }
    }
    json_object_put(line);
    return good;
}

/* One number; false where it is none. Whole numbers beyond 64 bits come as the ends of the range.
 */
static bool read_number(struct json_object *item, double *x)
{
    static const struct {
        const char *word;
        double value;
    } words[] = {{"NaN", NAN}, {"Infinity", INFINITY}, {"-Infinity", -INFINITY}};
    if (json_object_is_type(item, json_type_string)) {
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            *x = words[i].value;
            if (strcmp(json_object_get_string(item), words[i].word) == 0) { return true; }
        }
        return false;
    }
    *x = json_object_get_double(item);
    if (json_object_is_type(item, json_type_double)) { return true; }
    return json_object_is_type(item, json_type_int) && json_object_get_int64(item) != INT64_MIN &&
           json_object_get_uint64(item) != UINT64_MAX;
}

/* Why a candidate has failed; NULL where the item does not say that it has. */
static const char *read_failure(struct json_object *item)
{
    struct json_object *why = NULL;
    if (item == NULL) { return "it says null"; }
    if (!json_object_is_type(item, json_type_object) ||
        !json_object_object_get_ex(item, "failed", &why)) {
        return NULL;
    }
    return json_object_is_type(why, json_type_string) ? json_object_get_string(why)
                                                      : "it gives no reason";
}

/* One candidate's results into x[n]; false, with the reason, where the item is none. */
static bool read_item(struct evo_program *program, struct json_object *item, size_t i, size_t n,
                      double *x)
{
    if (json_object_is_type(item, json_type_array)) {
        size_t has = json_object_array_length(item);
        if (has != n) {
            return wrong(program, "in which item %zu has %zu results where %zu are due", i, has, n);
        }
        for (size_t k = 0; k < n; k++) {
            if (!read_number(json_object_array_get_idx(item, k), &x[k])) {
                return wrong(program, "in which a result of item %zu is no number", i);
            }
        }
        return true;
    }
    if (n == 1 && read_number(item, x)) { return true; }
    return wrong(program, "in which item %zu is neither a list of %zu numbers nor a failure", i, n);
}

/* All items into the batch, whose candidates are marked only once all are known to be good. */
static bool read_items(struct evo_program *program, struct json_object *items,
                       const struct evo_program_piece *piece)
{
    struct evo_batch *batch = piece->batch;
    for (size_t i = 0; i < piece->n; i++) {
        struct json_object *item = json_object_array_get_idx(items, i);
        double *x = batch->results + (piece->first + i) * batch->n_results;
        if (read_failure(item) == NULL && !read_item(program, item, i, batch->n_results, x)) {
            return false;
        }
    }
    for (size_t i = 0; i < piece->n; i++) {
        const char *failure = read_failure(json_object_array_get_idx(items, i));
        if (failure != NULL) { evo_program_failed(program, batch, piece->first + i, failure); }
    }
    return true;
}

bool evo_program_json_answer(struct evo_program *program, const struct evo_program_piece *piece)
{
    struct json_object *items = NULL, *number = NULL;
    struct json_object *line = read_line(program, "{\"batch\": ..., \"results\": [...]}");
    if (line == NULL) { return false; }
    bool good = false;
    if (!json_object_object_get_ex(line, "batch", &number) ||
        !is_whole_number(number, program->number)) {
        wrong(program, "where the answer of batch %llu is due",
              (unsigned long long)program->number);
    } else if (!json_object_object_get_ex(line, "results", &items) ||
               !json_object_is_type(items, json_type_array)) {
        wrong(program, "which has no list \"results\"");
    } else if (json_object_array_length(items) != piece->n) {
        wrong(program, "which has %zu items in \"results\" where %zu are due",
              (size_t)json_object_array_length(items), piece->n);
    } else {
        good = read_items(program, items, piece);
    }
    json_object_put(line);
    return good;
}
