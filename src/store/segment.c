/* SPDX-License-Identifier: MIT */
/* Segments: the rows of a ledger that never change again, a fixed number in each file. */
#include "parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

size_t evo_segment_row_bytes(const struct evo_table *table)
{
    size_t bytes = 0;
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct evo_column *column = &table->columns[i];
        bytes += column->absent == NULL ? evo_table_width(column) * EVO_CELL_BYTES : 0;
    }
    return bytes;
}

/* About 256 KiB a segment: the tail, half as much on average, is written with every checkpoint.
 * The number of rows follows from the row's size alone, so that the total number of rows alone
 * decides what is sealed: never the clock, nor how often a run was stopped; and a column that was
 * added leaves the segments of older runs what they are. */
size_t evo_segment_rows(const struct evo_table *table)
{
    enum { SEGMENT_BYTES = 1 << 18, LEAST_ROWS = 64 };
    size_t bytes = evo_segment_row_bytes(table), rows = LEAST_ROWS;
    while (2 * rows * bytes <= SEGMENT_BYTES) { rows *= 2; }
    return rows;
}

size_t evo_segment_sealed(const struct evo_table *table)
{
    return table->n_rows - table->n_rows % evo_segment_rows(table);
}

enum evo_status evo_segment_path(char **out, const char *folder, const char *ledger, uint64_t index)
{
    return evo_text_format(out, "%s/%s/%08" PRIu64 ".h5", folder, ledger, index);
}

/* Makes the ledger's folder, never the run folder: if that is gone, so is the run. A new folder's
 * name is synced. */
static enum evo_status make_folder(const char *folder, const char *ledger, bool durable)
{
    enum evo_status status = EVO_OK;
    char *path = NULL;
    EVO_TRY(evo_file_join(&path, folder, ledger));
    bool made = mkdir(path, 0777) == 0;
    EVO_CHECK_GOTO(made || errno == EEXIST, EVO_ERR_IO, "%s: the folder cannot be made: %s", path,
                   strerror(errno));
    if (made && durable) { EVO_GOTO(evo_file_sync(folder)); }
done:
    free(path);
    return status;
}

/* Rows [begin, begin + n) as segment `index`; not synced yet. */
static enum evo_status write_segment(struct evo_image *image, const char *path,
                                     const struct evo_table *table, size_t begin, size_t n,
                                     uint64_t run)
{
    const char *bytes = NULL;
    size_t n_bytes = 0;
    evo_image_begin(image, n * evo_table_row_bytes(table));
    EVO_TRY(evo_put_rows(image, table, begin, n));
    evo_put_root(image, run, 0);
    EVO_TRY(evo_image_end(image, EVO_HEAD_SEGMENT, &bytes, &n_bytes));
    return evo_file_replace(path, NULL, bytes, n_bytes, false);
}

/* Goes over the whole segments of a table twice: all are written, then all are synced. One after
 * the other the disk would be waited for twice each. */
static enum evo_status visit_segments(struct evo_image *image, const char *folder,
                                      const struct evo_table *table, uint64_t run, bool sync)
{
    enum evo_status status = EVO_OK;
    char *path = NULL;
    size_t rows = evo_segment_rows(table), sealed = evo_segment_sealed(table);
    for (size_t begin = 0; begin < sealed; begin += rows) {
        uint64_t index = (table->first_row + begin) / rows;
        EVO_GOTO(evo_segment_path(&path, folder, table->name, index));
        EVO_GOTO(sync ? evo_file_sync(path) : write_segment(image, path, table, begin, rows, run));
        free(path);
        path = NULL;
    }
done:
    free(path);
    return status;
}

enum evo_status evo_segment_seal(struct evo_image *image, const char *folder,
                                 const struct evo_table *table, uint64_t run, bool durable)
{
    enum evo_status status = EVO_OK;
    char *path = NULL;
    if (evo_segment_sealed(table) == 0) { return EVO_OK; }
    EVO_CHECK(table->first_row % evo_segment_rows(table) == 0, EVO_ERR_INTERNAL,
              "ledger %s: its tail begins at row %" PRIu64 ", in the middle of a segment",
              table->name, table->first_row);
    EVO_TRY(make_folder(folder, table->name, durable));
    EVO_TRY(visit_segments(image, folder, table, run, false));
    if (!durable) { return EVO_OK; }
    EVO_TRY(visit_segments(image, folder, table, run, true));
    EVO_TRY(evo_file_join(&path, folder, table->name));
    status = evo_file_sync(path);
    free(path);
    return status;
}

/* Whether an open segment is what its place says. */
static enum evo_status check_segment(const struct evo_source *source, uint64_t run, uint64_t index,
                                     const struct evo_table *block)
{
    uint64_t its_run = 0;
    EVO_TRY(evo_get_number(source, "/", "run", &its_run));
    EVO_CHECK(its_run == run, EVO_ERR_CHECKPOINT, "%s: belongs to another run", source->path);
    size_t rows = evo_segment_rows(block);
    EVO_CHECK(block->n_rows == rows && block->first_row == index * rows, EVO_ERR_CHECKPOINT,
              "%s: holds %zu rows from %" PRIu64 " on; there should be %zu from %" PRIu64,
              source->path, block->n_rows, block->first_row, rows, index * rows);
    return EVO_OK;
}

enum evo_status evo_segment_read(const char *folder, uint64_t run, uint64_t index,
                                 struct evo_table *block)
{
    enum evo_status status = EVO_OK;
    char *path = NULL;
    struct evo_source source = {0};
    EVO_TRY(evo_segment_path(&path, folder, block->name, index));
    EVO_GOTO(evo_get_open(&source, path, EVO_HEAD_SEGMENT));
    EVO_GOTO(evo_get_rows(&source, block));
    EVO_GOTO(check_segment(&source, run, index, block));
done:
    evo_get_close(&source);
    free(path);
    return status;
}
