/* SPDX-License-Identifier: MIT */
/* champion.csv: a creature with all that is needed to use it elsewhere, in one text file. */
#include "champion.h"

#include <evompi/contract.h>

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct evo_champion_place evo_champion_place(struct evo_shape shape, size_t i)
{
    size_t n_cols = evo_shape_cols(shape), n_matrix = evo_shape_matrix(shape);
    size_t n_hidden = shape.n_hidden, n_upper = n_hidden * n_cols, n_wide = n_cols + n_hidden;
    if (i < n_upper) { return (struct evo_champion_place){true, false, i / n_cols, i % n_cols}; }
    if (i < n_matrix) {
        i -= n_upper;
        return (struct evo_champion_place){false, false, i / n_wide, i % n_wide};
    }
    i -= n_matrix;
    if (i < n_hidden) { return (struct evo_champion_place){true, true, i, 0}; }
    return (struct evo_champion_place){false, true, i - n_hidden, 0};
}

/* A parameter of a block: name[i], or the name alone where the block has but one. */
static void name_in_block(const struct evo_block *block, size_t place, char *text, size_t size)
{
    if (block->n == 1) {
        snprintf(text, size, "%s", block->name);
    } else {
        snprintf(text, size, "%s[%zu]", block->name, place);
    }
}

void evo_champion_name_parameter(struct evo_shape shape, size_t i, char *text, size_t size)
{
    size_t place_in_block = 0;
    const struct evo_block *parameters = evo_shape_block(shape, i, &place_in_block);
    if (parameters != NULL) {
        name_in_block(parameters, place_in_block, text, size);
        return;
    }
    struct evo_champion_place place = evo_champion_place(shape, i);
    const char *const block = place.is_hidden ? "Hh" : "Mc";
    if (place.is_constant) {
        snprintf(text, size, "%c[%zu]", block[1], place.row);
    } else {
        snprintf(text, size, "%c[%zu][%zu]", block[0], place.row, place.col);
    }
}

struct evo_champion_piece evo_champion_excerpt(const char *value)
{
    struct evo_champion_piece out = {""};
    size_t shown = sizeof out.text - 4, i = 0;
    for (; i < shown && value[i] != '\0'; i++) {
        out.text[i] = '?';
        if (isprint((unsigned char)value[i])) { out.text[i] = value[i]; }
    }
    if (value[i] != '\0') { memcpy(out.text + i, "...", 3); }
    return out;
}

/* Each line of `text` as a comment. */
static void print_comments(FILE *out, const char *text)
{
    while (*text != '\0') {
        int length = (int)strcspn(text, "\n");
        fprintf(out, "# %.*s\n", length, text);
        text += length;
        if (*text == '\n') { text++; }
    }
}

static void print_id(FILE *out, const char *key, uint64_t id)
{
    if (id == EVO_NOBODY) {
        fprintf(out, "# %s,none,\n", key);
    } else {
        fprintf(out, "# %s,%" PRIu64 ",\n", key, id);
    }
}

static void print_origin(FILE *out, const struct evo_task *task,
                         const struct evo_champion *champion)
{
    char fitness[32];
    fprintf(out, "# evompi champion: the best creature of a run, and what is needed to %s it.\n#\n",
            task->shape.n_blocks > 0 ? "evaluate" : "fly");
    fprintf(out, "# fitness,%s,smaller is better\n# fitness_hexadecimal,%a,\n",
            evo_text_number(fitness, champion->fitness), champion->fitness);
    for (size_t i = 1; champion->more != NULL && i < task->n_results; i++) {
        const struct evo_result *result = &task->results[i];
        fprintf(out, "# result %s,%s,%s\n# result_hexadecimal %s,%a,\n", result->name,
                evo_text_number(fitness, champion->more[i - 1]), result->unit != NULL ? result->unit : "",
                result->name, champion->more[i - 1]);
    }
    if (task->changes) { fprintf(out, "# fitness_of,selection set,cases that stay the same for the run\n"); }
    print_id(out, "id", champion->id);
    print_id(out, "parent", champion->parent);
    fprintf(out, "# born,%" PRIu64 ",generation\n", champion->born);
    fprintf(out, "# generation,%" PRIu64 ",of the run so far\n", champion->generation);
    fprintf(out, "# evaluations,%" PRIu64 ",of the run so far\n", champion->evaluations);
    fprintf(out, "# seed,%" PRId64 ",\n#\n# task,%s,\n", champion->seed, task->class->name);
    print_comments(out, task->description);
}

static void print_signals(FILE *out, const char *kind, const struct evo_signal *signals, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fprintf(out, "# %s_%zu,%s,%s,%s\n", kind, i, signals[i].name, signals[i].unit,
                signals[i].doc);
    }
}

static const char *text_or_none(const char *text) { return text != NULL ? text : ""; }

/* Parameters that are no controller. */
static void print_blocks(FILE *out, const struct evo_task *task)
{
    struct evo_shape shape = task->shape;
    char lower[32], upper[32];
    fprintf(out, "#\n# parameters,%zu,\n", evo_shape_genome(shape));
    for (size_t i = 0; i < shape.n_blocks; i++) {
        const struct evo_block *block = &shape.blocks[i];
        fprintf(out, "# block_%zu,%s,%s,%zu from %s to %s; %s\n", i, block->name,
                text_or_none(block->unit), block->n, evo_text_number(lower, block->lower),
                evo_text_number(upper, block->upper), text_or_none(block->doc));
    }
}

static void print_controller(FILE *out, const struct evo_task *task)
{
    struct evo_shape shape = task->shape;
    fprintf(out, "#\n# states,%zu,\n# inputs,%zu,\n# outputs,%zu,\n", shape.n_states,
            shape.n_inputs, shape.n_outputs);
    print_signals(out, "input", task->inputs, shape.n_inputs);
    print_signals(out, "output", task->outputs, shape.n_outputs);
    if (shape.n_hidden > 0) {
        fprintf(out, "# hidden,%zu,\n"
                     "# First hidden = tanh(H * [state..., inputs...] + h), then\n"
                     "# out = M * [state..., inputs..., hidden...] + c. H has hidden = %zu rows and\n"
                     "# states + inputs = %zu columns, M states + outputs = %zu rows and\n"
                     "# states + inputs + hidden = %zu columns. tanh is right to 1e-15 (single: 4e-7).\n#\n",
                shape.n_hidden, shape.n_hidden, evo_shape_cols(shape), evo_shape_rows(shape),
                evo_shape_cols(shape) + shape.n_hidden);
    } else {
        fprintf(out, "# M has states + outputs = %zu rows and states + inputs = %zu columns.\n#\n",
                evo_shape_rows(shape), evo_shape_cols(shape));
    }
}

static void print_numbers(FILE *out, const struct evo_task *task)
{
    print_comments(out, task->class->manual);
    fprintf(out, "#\n# The hexadecimal column is exact (C99, strtod reads it); the decimal one\n"
                 "# reads back to the same double.\n");
}

/* What row or column i stands for: a state variable, one of n signals, or a hidden unit. */
static void print_place(FILE *out, size_t i, size_t n_states, const struct evo_signal *signals,
                        size_t n)
{
    if (i < n_states) {
        fprintf(out, "state %zu", i);
    } else if (i < n_states + n) {
        fputs(signals[i - n_states].name, out);
    } else {
        fprintf(out, "hidden %zu", i - n_states - n);
    }
}

static void print_parameters(FILE *out, const struct evo_task *task, const double *genome)
{
    struct evo_shape shape = task->shape;
    size_t n = evo_shape_genome(shape);
    fprintf(out, EVO_CHAMPION_HEADER "\n");
    for (size_t i = 0; i < n; i++) {
        char name[64], decimal[32];
        evo_champion_name_parameter(shape, i, name, sizeof name);
        fprintf(out, "%s,%a,%s,", name, genome[i], evo_text_number(decimal, genome[i]));
        size_t place_in_block = 0;
        const struct evo_block *block = evo_shape_block(shape, i, &place_in_block);
        if (block != NULL) {
            fprintf(out, "%s\n", text_or_none(block->doc));
            continue;
        }
        struct evo_champion_place place = evo_champion_place(shape, i);
        fputs(place.is_constant ? "constant" : "weight of ", out);
        if (!place.is_constant) {
            print_place(out, place.col, shape.n_states, task->inputs, shape.n_inputs);
        }
        fputs(" in ", out);
        if (place.is_hidden) {
            fprintf(out, "hidden %zu", place.row);
        } else {
            print_place(out, place.row, shape.n_states, task->outputs, shape.n_outputs);
        }
        fputc('\n', out);
    }
}

enum evo_status evo_champion_print(const struct evo_task *task, const struct evo_champion *champion,
                                   char **out)
{
    char *text = NULL;
    size_t n = 0;
    FILE *stream = open_memstream(&text, &n);
    EVO_CHECK(stream != NULL, EVO_ERR_MEMORY, "champion: no memory for its text: %s",
              strerror(errno));
    print_origin(stream, task, champion);
    if (task->shape.n_blocks > 0) {
        print_blocks(stream, task);
    } else {
        print_controller(stream, task);
    }
    print_numbers(stream, task);
    print_parameters(stream, task, champion->genome);

    bool failed = ferror(stream) != 0;
    if (fclose(stream) != 0 || failed) {
        free(text);
        return evo_status_fail(EVO_ERR_MEMORY, "champion: no memory for its text");
    }
    *out = text;
    return EVO_OK;
}
