/* SPDX-License-Identifier: MIT */
/* The ledger of the dead: who lived, whose child it was, how long, and how good it was. */
#include <evompi/creature.h>

#include <stdlib.h>
#include <string.h>

/* The columns are the fields of a population, with the day of death among them. */
enum { DIED = 3, MOST_COLUMNS = EVO_POPULATION_FIELDS + 1 };

static size_t field_of(size_t column) { return column < DIED ? column : column - 1; }

static size_t list_columns(size_t genome, size_t n_more, struct evo_column columns[MOST_COLUMNS])
{
    struct evo_field fields[EVO_POPULATION_FIELDS];
    const struct evo_population population = {.genome = genome, .n_more = n_more};
    size_t n = evo_population_fields(&population, fields) + 1;
    for (size_t i = 0; i < n; i++) {
        const struct evo_field *field = &fields[field_of(i)];
        columns[i] = (struct evo_column){.name = field->name,
                                         .unit = field->unit,
                                         .doc = field->doc,
                                         .type = field->type,
                                         .n_cols = field->n_cols};
    }
    columns[DIED] = (struct evo_column){
        .name = "died",
        .unit = "1",
        .doc = "last generation it lived in; 2^64 - 1: alive when recorded",
        .type = EVO_TYPE_U64,
    };
    return n;
}

enum evo_status evo_lineage_create(enum evo_lineage_keep keep, size_t genome, size_t n_more,
                                   struct evo_lineage **out)
{
    enum evo_status status = EVO_OK;
    struct evo_lineage *lineage = NULL;
    struct evo_column columns[MOST_COLUMNS];
    size_t n_columns = list_columns(genome, n_more, columns);
    EVO_TRY(evo_alloc(1, sizeof *lineage, "lineage", &lineage));
    lineage->keep = keep;
    EVO_GOTO(evo_table_create("lineage", "one row per creature that lived", columns, n_columns,
                              &lineage->table));
    *out = lineage;
    lineage = NULL;
done:
    evo_lineage_destroy(lineage);
    return status;
}

void evo_lineage_destroy(struct evo_lineage *lineage)
{
    if (lineage == NULL) { return; }
    evo_table_destroy(lineage->table);
    free(lineage);
}

/* Puts cells[slots[i]], each of `bytes`, side by side. */
static void gather(void *restrict out, const void *cells, size_t bytes, const size_t *slots,
                   size_t n)
{
    char *to = out;
    const char *from = cells;
    if (bytes == EVO_CELL_BYTES) {
        for (size_t i = 0; i < n; i++) {
            memcpy(to + i * EVO_CELL_BYTES, from + slots[i] * EVO_CELL_BYTES, EVO_CELL_BYTES);
        }
    } else {
        for (size_t i = 0; i < n; i++) { memcpy(to + i * bytes, from + slots[i] * bytes, bytes); }
    }
}

/* Appends a row for each slot, column by column. */
static enum evo_status record(struct evo_table *table, const struct evo_population *population,
                              const size_t *slots, size_t n, uint64_t died)
{
    struct evo_field fields[EVO_POPULATION_FIELDS];
    evo_population_fields(population, fields);
    size_t row = table->n_rows;
    EVO_TRY(evo_table_resize(table, row + n));
    for (size_t i = 0; i < table->n_columns; i++) {
        if (i == DIED) { continue; }
        size_t bytes = evo_table_width(&table->columns[i]) * EVO_CELL_BYTES;
        gather((char *)table->data[i] + row * bytes, fields[field_of(i)].data, bytes, slots, n);
    }
    uint64_t *deaths = (uint64_t *)table->data[DIED] + row;
    for (size_t i = 0; i < n; i++) { deaths[i] = died; }
    return EVO_OK;
}

/* The first selection comes after the generation of birth. */
static bool is_kept(enum evo_lineage_keep keep, uint64_t born, uint64_t died)
{
    return (keep == EVO_KEEP_ALL) | (died > born);
}

enum evo_status evo_lineage_bury(struct evo_lineage *lineage,
                                 const struct evo_population *population, size_t *slots, size_t n,
                                 uint64_t died)
{
    if (lineage->keep == EVO_KEEP_CHAMPIONS || lineage->keep == EVO_KEEP_NONE) { return EVO_OK; }
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++) {
        size_t slot = slots[i];
        slots[n_kept] = slot;
        n_kept += is_kept(lineage->keep, population->born[slot], died);
    }
    return record(lineage->table, population, slots, n_kept, died);
}

enum evo_status evo_lineage_crown(struct evo_lineage *lineage,
                                  const struct evo_population *population, size_t i)
{
    if (lineage->keep != EVO_KEEP_CHAMPIONS) { return EVO_OK; }
    return record(lineage->table, population, &i, 1, EVO_NOBODY);
}
