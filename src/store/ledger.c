/* SPDX-License-Identifier: MIT */
/* Ledgers for reading: sealed segments one after the other, then the tail. */
#include "parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How many segments stand before the tail. */
static enum evo_status count_segments(const struct evo_table *tail, uint64_t *n)
{
    size_t rows = evo_segment_rows(tail);
    EVO_CHECK(tail->first_row % rows == 0 && tail->n_rows < rows, EVO_ERR_CHECKPOINT,
              "ledger %s: its tail of %zu rows from %" PRIu64 " on does not follow segments of "
              "%zu rows",
              tail->name, tail->n_rows, tail->first_row, rows);
    *n = tail->first_row / rows;
    return EVO_OK;
}

enum evo_status evo_ledger_read(
    const struct evo_checkpoint *checkpoint, const char *folder, const struct evo_table *tail,
    enum evo_status (*seen)(void *context, const struct evo_table *block), void *context)
{
    enum evo_status status = EVO_OK;
    struct evo_table *block = NULL;
    uint64_t n = 0;
    EVO_TRY(count_segments(tail, &n));
    EVO_TRY(evo_table_create(tail->name, tail->doc, tail->columns, tail->n_columns, &block));
    for (uint64_t i = 0; i < n; i++) {
        EVO_GOTO(evo_segment_read(folder, evo_checkpoint_run(checkpoint), i, block));
        EVO_GOTO(seen(context, block));
    }
    EVO_GOTO(seen(context, tail));
done:
    evo_table_destroy(block);
    return status;
}

/* One segment, byte for byte, after it was read and checked. One that is in its place already stays. */
static enum evo_status copy_segment(uint64_t run, const char *from, const char *to, uint64_t index,
                                    struct evo_table *block)
{
    enum evo_status status = EVO_OK;
    char *source = NULL, *target = NULL, *bytes = NULL;
    size_t n = 0;
    bool there = false;
    EVO_GOTO(evo_segment_path(&target, to, block->name, index));
    EVO_GOTO(evo_file_look(target, &there, NULL));
    if (there && evo_segment_read(to, run, index, block) == EVO_OK) { goto done; }
    EVO_GOTO(evo_segment_path(&source, from, block->name, index));
    status = evo_segment_read(from, run, index, block);
    if (status == EVO_ERR_CHECKPOINT && !there && strcmp(source, target) != 0) {
        status = evo_status_fail(status, "%s; nor is it in %s", evo_status_message(), to);
    }
    if (status != EVO_OK) { goto done; }
    EVO_GOTO(evo_file_read(source, SIZE_MAX / 4, &bytes, &n));
    EVO_GOTO(evo_file_replace(target, NULL, bytes, n, true));
done:
    free(bytes);
    free(target);
    free(source);
    return status;
}

enum evo_status evo_ledger_copy(const struct evo_checkpoint *checkpoint, const char *from,
                                const char *to, const struct evo_table *tail)
{
    enum evo_status status = EVO_OK;
    struct evo_table *block = NULL;
    char *folder = NULL;
    uint64_t n = 0;
    EVO_TRY(count_segments(tail, &n));
    if (n == 0) { return EVO_OK; }
    EVO_GOTO(evo_file_join(&folder, to, tail->name));
    EVO_GOTO(evo_file_make_folder(folder));
    EVO_GOTO(evo_file_sync(to));
    EVO_GOTO(evo_table_create(tail->name, tail->doc, tail->columns, tail->n_columns, &block));
    for (uint64_t i = 0; i < n; i++) {
        EVO_GOTO(copy_segment(evo_checkpoint_run(checkpoint), from, to, i, block));
    }
done:
    evo_table_destroy(block);
    free(folder);
    return status;
}

/* Whether segment `index` is in one of the two folders. */
static enum evo_status find_segment(const struct evo_table *tail, const char *from, const char *to,
                                    uint64_t index)
{
    enum evo_status status = EVO_OK;
    char *place = NULL, *source = NULL;
    bool there = false;
    EVO_GOTO(evo_segment_path(&place, to, tail->name, index));
    EVO_GOTO(evo_file_look(place, &there, NULL));
    if (there) { goto done; }
    EVO_GOTO(evo_segment_path(&source, from, tail->name, index));
    EVO_GOTO(evo_file_look(source, &there, NULL));
    bool same = strcmp(source, place) == 0;
    EVO_CHECK_GOTO(there, EVO_ERR_CHECKPOINT,
                   "%s: is not there, and the checkpoint counts on it%s%s", source,
                   same ? "" : "; nor is it in ", same ? "" : to);
done:
    free(source);
    free(place);
    return status;
}

enum evo_status evo_ledger_check(struct evo_checkpoint *checkpoint, const char *from, const char *to)
{
    const struct evo_table *tails = NULL;
    size_t n_tails = 0;
    EVO_TRY(evo_checkpoint_ledgers(checkpoint, &tails, &n_tails));
    for (size_t i = 0; i < n_tails; i++) {
        uint64_t n = 0;
        EVO_TRY(count_segments(&tails[i], &n));
        for (uint64_t j = 0; j < n; j++) { EVO_TRY(find_segment(&tails[i], from, to, j)); }
    }
    return EVO_OK;
}
