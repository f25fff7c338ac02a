/* SPDX-License-Identifier: MIT */
/* Comparing two states bit for bit, and naming the first difference. */
#include "parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* One of the two: a file, or a run folder and its checkpoint. */
struct side {
    const char *path;
    bool is_folder;
    struct evo_checkpoint *checkpoint;
};

struct comparison {
    struct side a, b;
    bool all;          // also what varies
    char **difference; // NULL until one is found
};

/* Names the first difference; there is no second. */
static enum evo_status differ(const struct comparison *c, const char *group, const char *name,
                              const char *a, const char *b)
{
    return evo_text_format(c->difference, "%s%s%s: %s against %s", group,
                           name[0] != '\0' && name[0] != '[' ? "/" : "", name, a, b);
}

static bool found(const struct comparison *c) { return *c->difference != NULL; }

/* ---- fields ---- */

enum { CELL_TEXT = 96 };

/* A value in decimal and as its bits. */
static const char *print_cell(char text[CELL_TEXT], enum evo_type type, const void *data, size_t i)
{
    uint64_t bits;
    memcpy(&bits, (const char *)data + i * EVO_CELL_BYTES, sizeof bits);
    char number[32];
    if (type == EVO_TYPE_F64) {
        double x;
        memcpy(&x, &bits, sizeof x);
        snprintf(text, CELL_TEXT, "%s (%a, bits 0x%016" PRIx64 ")", evo_text_number(number, x), x,
                 bits);
    } else if (type == EVO_TYPE_I64) {
        snprintf(text, CELL_TEXT, "%" PRId64 " (0x%" PRIx64 ")", (int64_t)bits, bits);
    } else {
        snprintf(text, CELL_TEXT, "%" PRIu64 " (0x%" PRIx64 ")", bits, bits);
    }
    return text;
}

static size_t field_width(const struct evo_field *field)
{
    return field->n_cols > 0 ? field->n_cols : 1;
}

/* Cell i of two fields of equal shape: "fitness[17]", "genomes[17][3]". */
static enum evo_status differ_in_cell(const struct comparison *c, const char *group,
                                      uint64_t first_row, const struct evo_field *a,
                                      const struct evo_field *b, size_t i)
{
    enum evo_status status = EVO_OK;
    char text_a[CELL_TEXT], text_b[CELL_TEXT], *name = NULL;
    uint64_t row = first_row + i / field_width(a);
    if (a->n_cols > 0) {
        EVO_GOTO(evo_text_format(&name, "%s[%" PRIu64 "][%zu]", a->name, row, i % a->n_cols));
    } else {
        EVO_GOTO(evo_text_format(&name, "%s[%" PRIu64 "]", a->name, row));
    }
    status = differ(c, group, name, print_cell(text_a, a->type, a->data, i),
                    print_cell(text_b, b->type, b->data, i));
done:
    free(name);
    return status;
}

static enum evo_status compare_cells(const struct comparison *c, const char *group,
                                     uint64_t first_row, const struct evo_field *a,
                                     const struct evo_field *b)
{
    size_t n = a->n_rows * field_width(a);
    const char *bytes_a = a->data, *bytes_b = b->data;
    if (n == 0 || memcmp(bytes_a, bytes_b, n * EVO_CELL_BYTES) == 0) { return EVO_OK; }
    size_t i = 0;
    for (size_t at = 0; memcmp(bytes_a + at, bytes_b + at, EVO_CELL_BYTES) == 0;) {
        at += EVO_CELL_BYTES, i++;
    }
    return differ_in_cell(c, group, first_row, a, b, i);
}

/* Two texts: the first line that differs, and a piece of each from there on. */
static enum evo_status compare_texts(const struct comparison *c, const char *group,
                                     const struct evo_field *a, const struct evo_field *b)
{
    enum evo_status status = EVO_OK;
    const char *text_a = a->data, *text_b = b->data;
    char *name = NULL, piece_a[48], piece_b[48];
    if (strcmp(text_a, text_b) == 0) { return EVO_OK; }
    size_t line = 1, begin = 0;
    for (size_t i = 0; text_a[i] == text_b[i]; i++) {
        if (text_a[i] == '\n') { line++, begin = i + 1; }
    }
    snprintf(piece_a, sizeof piece_a, "\"%.*s\"", (int)strcspn(text_a + begin, "\n"),
             text_a + begin);
    snprintf(piece_b, sizeof piece_b, "\"%.*s\"", (int)strcspn(text_b + begin, "\n"),
             text_b + begin);
    EVO_GOTO(evo_text_format(&name, "%s, line %zu", a->name, line));
    status = differ(c, group, name, piece_a, piece_b);
done:
    free(name);
    return status;
}

static enum evo_status compare_field(const struct comparison *c, const char *group,
                                     uint64_t first_row, const struct evo_field *a,
                                     const struct evo_field *b)
{
    static const char *const type[] = {"f64", "i64", "u64", "text"};
    if (a->type == EVO_TYPE_TEXT && b->type == EVO_TYPE_TEXT) {
        return compare_texts(c, group, a, b);
    }
    if (a->type == b->type && a->n_rows == b->n_rows && a->n_cols == b->n_cols) {
        return compare_cells(c, group, first_row, a, b);
    }
    char shape_a[CELL_TEXT], shape_b[CELL_TEXT];
    snprintf(shape_a, CELL_TEXT, "%s of %zu x %zu", type[a->type], a->n_rows, field_width(a));
    snprintf(shape_b, CELL_TEXT, "%s of %zu x %zu", type[b->type], b->n_rows, field_width(b));
    return differ(c, group, a->name, shape_a, shape_b);
}

/* The order of two sorted lists' next names; NULL: that list has ended. */
static int order(const char *a, const char *b)
{
    if (a == NULL || b == NULL) { return a == NULL ? 1 : -1; }
    return strcmp(a, b);
}

static enum evo_status differ_in_presence(const struct comparison *c, const char *group,
                                          const char *name, int side)
{
    return differ(c, group, name, side < 0 ? "there" : "not there",
                  side < 0 ? "not there" : "there");
}

/* Two sorted lists of fields under one name. */
static enum evo_status compare_fields(const struct comparison *c, const char *group,
                                      uint64_t first_row, const struct evo_field *a, size_t n_a,
                                      const struct evo_field *b, size_t n_b)
{
    for (size_t i = 0, j = 0; (i < n_a || j < n_b) && !found(c);) {
        int side = order(i < n_a ? a[i].name : NULL, j < n_b ? b[j].name : NULL);
        const struct evo_field *one = side <= 0 ? &a[i] : &b[j];
        bool skip = !c->all && one->varies && (side != 0 || b[j].varies);
        /* What an older version did not write is no part of what it computed. */
        skip = skip || (!c->all && side != 0 && one->absent != NULL);
        if (side != 0 && !skip) { EVO_TRY(differ_in_presence(c, group, one->name, side)); }
        if (side == 0 && !skip) { EVO_TRY(compare_field(c, group, first_row, &a[i], &b[j])); }
        i += side <= 0, j += side >= 0;
    }
    return EVO_OK;
}

/* ---- sections ---- */

static enum evo_status compare_sections(const struct comparison *c)
{
    const struct evo_section *a = NULL, *b = NULL;
    size_t n_a = 0, n_b = 0;
    EVO_TRY(evo_checkpoint_sections(c->a.checkpoint, &a, &n_a));
    EVO_TRY(evo_checkpoint_sections(c->b.checkpoint, &b, &n_b));
    for (size_t i = 0, j = 0; (i < n_a || j < n_b) && !found(c);) {
        int side = order(i < n_a ? a[i].name : NULL, j < n_b ? b[j].name : NULL);
        if (side != 0) {
            EVO_TRY(differ_in_presence(c, side < 0 ? a[i].name : b[j].name, "", side));
        } else {
            EVO_TRY(compare_fields(c, a[i].name, 0, a[i].fields, a[i].n_fields, b[j].fields,
                                   b[j].n_fields));
        }
        i += side <= 0, j += side >= 0;
    }
    return EVO_OK;
}

/* ---- ledgers ---- */

/* The columns of a table that its file has, as fields, released with free(). */
static enum evo_status columns_as_fields(const struct evo_table *table, struct evo_field **out,
                                         size_t *n)
{
    EVO_TRY(evo_alloc(table->n_columns, sizeof **out, table->name, out));
    *n = 0;
    for (size_t i = 0; i < table->n_columns; i++) {
        if (table->columns[i].lacking) { continue; }
        (*out)[(*n)++] = evo_put_column(table, i, 0, table->n_rows);
    }
    return EVO_OK;
}

static enum evo_status compare_tables(const struct comparison *c, const struct evo_table *a,
                                      const struct evo_table *b)
{
    enum evo_status status = EVO_OK;
    struct evo_field *fields_a = NULL, *fields_b = NULL;
    size_t n_a = 0, n_b = 0;
    EVO_GOTO(columns_as_fields(a, &fields_a, &n_a));
    EVO_GOTO(columns_as_fields(b, &fields_b, &n_b));
    status = compare_fields(c, a->name, a->first_row, fields_a, n_a, fields_b, n_b);
done:
    free(fields_b);
    free(fields_a);
    return status;
}

static enum evo_status create_like(const struct evo_table *tail, struct evo_table **out)
{
    return evo_table_create(tail->name, tail->doc, tail->columns, tail->n_columns, out);
}

/* The sealed segments of two run folders, pair by pair; the tails say that there are as many. */
static enum evo_status compare_segments(const struct comparison *c, const struct evo_table *a,
                                        const struct evo_table *b)
{
    enum evo_status status = EVO_OK;
    struct evo_table *block_a = NULL, *block_b = NULL;
    EVO_GOTO(create_like(a, &block_a));
    EVO_GOTO(create_like(b, &block_b));
    uint64_t n = a->first_row / evo_segment_rows(a);
    for (uint64_t i = 0; i < n && !found(c); i++) {
        EVO_GOTO(evo_segment_read(c->a.path, evo_checkpoint_run(c->a.checkpoint), i, block_a));
        EVO_GOTO(evo_segment_read(c->b.path, evo_checkpoint_run(c->b.checkpoint), i, block_b));
        EVO_GOTO(compare_tables(c, block_a, block_b));
    }
done:
    evo_table_destroy(block_b);
    evo_table_destroy(block_a);
    return status;
}

static enum evo_status compare_ledger(const struct comparison *c, const struct evo_table *a,
                                      const struct evo_table *b)
{
    char rows_a[CELL_TEXT], rows_b[CELL_TEXT];
    if (a->first_row != b->first_row || a->n_rows != b->n_rows ||
        evo_segment_row_bytes(a) != evo_segment_row_bytes(b)) {
        snprintf(rows_a, CELL_TEXT, "%" PRIu64 " rows of %zu bytes", a->first_row + a->n_rows,
                 evo_segment_row_bytes(a));
        snprintf(rows_b, CELL_TEXT, "%" PRIu64 " rows of %zu bytes", b->first_row + b->n_rows,
                 evo_segment_row_bytes(b));
        return differ(c, a->name, "", rows_a, rows_b);
    }
    if (c->a.is_folder && c->b.is_folder) { EVO_TRY(compare_segments(c, a, b)); }
    return found(c) ? EVO_OK : compare_tables(c, a, b);
}

static enum evo_status compare_ledgers(const struct comparison *c)
{
    const struct evo_table *a = NULL, *b = NULL;
    size_t n_a = 0, n_b = 0;
    EVO_TRY(evo_checkpoint_ledgers(c->a.checkpoint, &a, &n_a));
    EVO_TRY(evo_checkpoint_ledgers(c->b.checkpoint, &b, &n_b));
    for (size_t i = 0, j = 0; (i < n_a || j < n_b) && !found(c);) {
        int side = order(i < n_a ? a[i].name : NULL, j < n_b ? b[j].name : NULL);
        if (side != 0) {
            EVO_TRY(differ_in_presence(c, side < 0 ? a[i].name : b[j].name, "", side));
        } else {
            EVO_TRY(compare_ledger(c, &a[i], &b[j]));
        }
        i += side <= 0, j += side >= 0;
    }
    return EVO_OK;
}

/* ---- the whole ---- */

static enum evo_status open_side(const char *path, struct side *side)
{
    char *taken = NULL;
    bool any = false;
    *side = (struct side){.path = path};
    if (!evo_file_exists(path, &side->is_folder) || !side->is_folder) {
        return evo_checkpoint_open(path, &side->checkpoint);
    }
    enum evo_status status = evo_checkpoint_find(path, &side->checkpoint, &taken, &any);
    free(taken);
    return status;
}

enum evo_status evo_store_compare(const char *a, const char *b, bool all, char **difference)
{
    enum evo_status status = EVO_OK;
    struct comparison c = {.all = all, .difference = difference};
    *difference = NULL;
    EVO_GOTO(open_side(a, &c.a));
    EVO_GOTO(open_side(b, &c.b));
    uint64_t generation_a = evo_checkpoint_generation(c.a.checkpoint);
    uint64_t generation_b = evo_checkpoint_generation(c.b.checkpoint);
    if (generation_a != generation_b) {
        status = evo_text_format(difference, "generation: %" PRIu64 " against %" PRIu64,
                                 generation_a, generation_b);
        goto done;
    }
    EVO_GOTO(compare_sections(&c));
    if (!found(&c)) { EVO_GOTO(compare_ledgers(&c)); }
done:
    evo_checkpoint_close(c.b.checkpoint);
    evo_checkpoint_close(c.a.checkpoint);
    return status;
}
