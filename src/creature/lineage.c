/* SPDX-License-Identifier: MIT */
/* The ledger of the dead: who lived, whose child it was, how long, and how well it flew. */
#include <evompi/creature.h>

#include <stdlib.h>
#include <string.h>

enum { ID, PARENT, BORN, DIED, FLOWN, FITNESS, GENOME, N_COLUMNS };

static const struct evo_column columns[N_COLUMNS] = {
    [ID] = {"id", "1", "creatures are counted from 0 over the whole run", EVO_TYPE_U64, false, 0},
    [PARENT] = {"parent", "1", "id of the parent; 2^64 - 1: none", EVO_TYPE_U64, false, 0},
    [BORN] = {"born", "1", "generation of birth", EVO_TYPE_U64, false, 0},
    [DIED] = {"died", "1", "last generation it lived in; 2^64 - 1: alive when recorded",
              EVO_TYPE_U64, false, 0},
    [FLOWN] = {"flown", "1", "generation whose flights gave the fitness", EVO_TYPE_U64, false, 0},
    [FITNESS] = {"fitness", "1", "smaller is better; NaN: as bad as can be", EVO_TYPE_F64, false,
                 0},
    [GENOME] = {"genome", "1", "parameters: matrix row by row, then constants", EVO_TYPE_F64, false,
                0},
};

enum evo_status evo_lineage_create(enum evo_lineage_keep keep, size_t genome,
                                   struct evo_lineage **out)
{
    enum evo_status status = EVO_OK;
    struct evo_lineage *lineage = NULL;
    struct evo_column own[N_COLUMNS];
    memcpy(own, columns, sizeof own);
    own[GENOME].n_cols = genome;

    EVO_TRY(evo_alloc(1, sizeof *lineage, "lineage", &lineage));
    lineage->keep = keep;
    EVO_GOTO(evo_table_create("lineage", "one row per creature that lived", own, N_COLUMNS,
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

static void put(struct evo_table *table, int column, size_t row, const void *value)
{
    size_t bytes = evo_table_width(&table->columns[column]) * EVO_CELL_BYTES;
    memcpy((char *)table->data[column] + row * bytes, value, bytes);
}

static void record(struct evo_table *table, size_t row, const struct evo_population *population,
                   size_t i, uint64_t died)
{
    put(table, ID, row, &population->id[i]);
    put(table, PARENT, row, &population->parent[i]);
    put(table, BORN, row, &population->born[i]);
    put(table, DIED, row, &died);
    put(table, FLOWN, row, &population->flown[i]);
    put(table, FITNESS, row, &population->fitness[i]);
    put(table, GENOME, row, population->genomes + i * population->genome);
}

static bool is_kept(const struct evo_lineage *lineage, uint64_t born, uint64_t died)
{
    switch (lineage->keep) {
    case EVO_KEEP_ALL: return true;
    /* The first selection comes after the generation of birth. */
    case EVO_KEEP_SURVIVORS: return died > born;
    case EVO_KEEP_CHAMPIONS:
    case EVO_KEEP_NONE: return false;
    }
    return false;
}

enum evo_status evo_lineage_bury(struct evo_lineage *lineage,
                                 const struct evo_population *population, const size_t *slots,
                                 size_t n, uint64_t died)
{
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++) {
        n_kept += is_kept(lineage, population->born[slots[i]], died) ? 1 : 0;
    }
    if (n_kept == 0) { return EVO_OK; }

    struct evo_table *table = lineage->table;
    size_t row = table->n_rows;
    EVO_TRY(evo_table_resize(table, row + n_kept));
    for (size_t i = 0; i < n; i++) {
        if (!is_kept(lineage, population->born[slots[i]], died)) { continue; }
        record(table, row++, population, slots[i], died);
    }
    return EVO_OK;
}

enum evo_status evo_lineage_crown(struct evo_lineage *lineage,
                                  const struct evo_population *population, size_t i)
{
    if (lineage->keep != EVO_KEEP_CHAMPIONS) { return EVO_OK; }
    size_t row = lineage->table->n_rows;
    EVO_TRY(evo_table_resize(lineage->table, row + 1));
    record(lineage->table, row, population, i, EVO_NOBODY);
    return EVO_OK;
}
