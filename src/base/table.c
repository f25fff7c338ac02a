/* SPDX-License-Identifier: MIT */
/* Tables: columns that grow together, the open tail of a ledger. */
#include <evompi/base.h>

#include <stdlib.h>
#include <string.h>

size_t evo_table_width(const struct evo_column *column)
{
    return column->n_cols > 0 ? column->n_cols : 1;
}

static size_t cell_bytes(const struct evo_column *column)
{
    return evo_table_width(column) * EVO_CELL_BYTES;
}

size_t evo_table_row_bytes(const struct evo_table *table)
{
    size_t bytes = 0;
    for (size_t i = 0; i < table->n_columns; i++) { bytes += cell_bytes(&table->columns[i]); }
    return bytes;
}

enum evo_status evo_table_create(const char *name, const char *doc,
                                 const struct evo_column *columns, size_t n_columns,
                                 struct evo_table **out)
{
    enum evo_status status = EVO_OK;
    struct evo_table *table = NULL;
    EVO_TRY(evo_alloc(1, sizeof *table, name, &table));
    table->name = name;
    table->doc = doc;
    EVO_GOTO(evo_alloc(n_columns, sizeof *columns, name, &table->columns));
    EVO_GOTO(evo_alloc(n_columns, sizeof *table->data, name, &table->data));
    memcpy(table->columns, columns, n_columns * sizeof *columns);
    table->n_columns = n_columns;
    *out = table;
    table = NULL;
done:
    evo_table_destroy(table);
    return status;
}

void evo_table_destroy(struct evo_table *table)
{
    if (table == NULL) { return; }
    for (size_t i = 0; i < table->n_columns; i++) { free(table->data[i]); }
    free(table->data);
    free(table->columns);
    free(table);
}

/* Room for `capacity` rows; on failure the table is as it was. */
static enum evo_status grow(struct evo_table *table, size_t capacity)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        size_t bytes = cell_bytes(&table->columns[i]);
        void *wider = NULL;
        EVO_TRY(evo_alloc(capacity, bytes, table->name, &wider));
        if (table->n_rows > 0) { memcpy(wider, table->data[i], table->n_rows * bytes); }
        free(table->data[i]);
        table->data[i] = wider;
    }
    table->capacity = capacity;
    return EVO_OK;
}

enum evo_status evo_table_resize(struct evo_table *table, size_t n_rows)
{
    enum { FIRST_CAPACITY = 64 };
    if (n_rows > table->capacity) {
        size_t doubled = table->capacity > 0 ? 2 * table->capacity : FIRST_CAPACITY;
        EVO_TRY(grow(table, doubled > n_rows ? doubled : n_rows));
    }
    for (size_t i = 0; i < table->n_columns && n_rows > table->n_rows; i++) {
        size_t bytes = cell_bytes(&table->columns[i]);
        memset((char *)table->data[i] + table->n_rows * bytes, 0, (n_rows - table->n_rows) * bytes);
    }
    table->n_rows = n_rows;
    return EVO_OK;
}

enum evo_status evo_table_append(struct evo_table *table, const void *const *values)
{
    size_t row = table->n_rows;
    EVO_TRY(evo_table_resize(table, row + 1));
    for (size_t i = 0; i < table->n_columns; i++) {
        size_t bytes = cell_bytes(&table->columns[i]);
        memcpy((char *)table->data[i] + row * bytes, values[i], bytes);
    }
    return EVO_OK;
}

void evo_table_drop(struct evo_table *table, size_t n)
{
    if (n > table->n_rows) { n = table->n_rows; }
    if (n == 0) { return; }
    size_t left = table->n_rows - n;
    for (size_t i = 0; i < table->n_columns; i++) {
        size_t bytes = cell_bytes(&table->columns[i]);
        memmove(table->data[i], (char *)table->data[i] + n * bytes, left * bytes);
    }
    table->n_rows = left;
    table->first_row += n;
}
