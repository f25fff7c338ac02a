/* SPDX-License-Identifier: MIT */
/* What the golden programs share: reading the rows of a file, counting, the first mismatches. */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <evompi/base.h>

#include <stdlib.h>
#include <string.h>

enum { GOLDEN_CELLS_MAX = 96, GOLDEN_SHOWN = 10, GOLDEN_UNREADABLE = 2 };

/// Rows checked so far.
struct golden_count {
    size_t n_rows, n_passed, n_failed;
};

/// One row: its line in the file and its cells.
struct golden_row {
    const char *path;
    size_t line, n_cells;
    char *cells[GOLDEN_CELLS_MAX];
};

/// Checks one row (after the line of names); a row of a wrong form is a failure.
typedef enum evo_status golden_check(void *context, const struct golden_row *row,
                                     struct golden_count *count);

/// The number in a cell.
static inline enum evo_status golden_number(const struct golden_row *row, size_t i, double *x)
{
    EVO_CHECK(i < row->n_cells, EVO_ERR_DATA, "%s:%zu: has no cell %zu", row->path, row->line,
              i + 1);
    EVO_CHECK(evo_text_to_number(row->cells[i], x), EVO_ERR_DATA,
              "%s:%zu: cell %zu, \"%.40s\", is not a number", row->path, row->line, i + 1,
              row->cells[i]);
    return EVO_OK;
}

/// Counts one comparison, and prints it if it is among the first that fail.
static inline void golden_compare(const struct golden_row *row, const char *what, bool passed,
                                  double expected, double got, struct golden_count *count)
{
    *(passed ? &count->n_passed : &count->n_failed) += 1;
    if (!passed && count->n_failed <= GOLDEN_SHOWN) {
        printf("%s:%zu: %s: expected %a, got %a\n", row->path, row->line, what, expected, got);
    }
}

static inline enum evo_status golden_read_row(char *line, struct golden_row *row)
{
    row->n_cells = 0;
    for (char *rest = line, *cell; (cell = strsep(&rest, ",")) != NULL;) {
        EVO_CHECK(row->n_cells < GOLDEN_CELLS_MAX, EVO_ERR_DATA, "%s:%zu: has more than %d cells",
                  row->path, row->line, GOLDEN_CELLS_MAX);
        row->cells[row->n_cells++] = cell;
    }
    return EVO_OK;
}

static inline enum evo_status golden_read(const char *path, golden_check *check, void *context,
                                          struct golden_count *count)
{
    enum evo_status status = EVO_OK;
    char *text = NULL;
    size_t n = 0;
    bool named = false;
    struct golden_row row = {.path = path};
    EVO_TRY(evo_file_read(path, (size_t)1 << 30, &text, &n));
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        row.line++;
        line[strcspn(line, "\r")] = '\0';
        if (*line == '\0' || *line == '#') { continue; }
        /* The first row names the columns. */
        if (named) {
            EVO_GOTO(golden_read_row(line, &row));
            count->n_rows++;
            EVO_GOTO(check(context, &row, count));
        }
        named = true;
    }
    EVO_CHECK_GOTO(count->n_rows > 0, EVO_ERR_DATA, "%s: has no rows", path);
done:
    free(text);
    return status;
}

/// The whole of a golden program but what a row means. Returns the exit code: 0 where all rows
/// agree, 1 where some do not, 2 where the file cannot be used.
static inline int golden_main(int argc, char **argv, const char *initial, golden_check *check,
                              void *context)
{
    struct golden_count count = {0};
    if (argc > 2) {
        fprintf(stderr, "usage: %s [FILE]\n", argv[0]);
        return GOLDEN_UNREADABLE;
    }
    if (golden_read(argc == 2 ? argv[1] : initial, check, context, &count) != EVO_OK) {
        fprintf(stderr, "%s: %s\n", argv[0], evo_status_message());
        return GOLDEN_UNREADABLE;
    }
    printf("%zu rows: %zu passed, %zu failed\n", count.n_rows, count.n_passed, count.n_failed);
    return count.n_failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
