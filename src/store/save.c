/* SPDX-License-Identifier: MIT */
/* One save: sealed segments, then the checkpoint that counts on them, then the texts beside it. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The order is the promise: when a checkpoint is there, all that it needs is there already. */

static enum evo_status seal_ledgers(struct evo_save *save, const struct evo_snapshot *snapshot)
{
    bool seals = false;
    for (size_t i = 0; i < snapshot->n_ledgers; i++) {
        seals = seals || evo_segment_sealed(snapshot->ledgers[i]) > 0;
    }
    /* Ledgers without a checkpoint are what is left of a run that lost it, unless this says no. */
    if (seals && save->begins) { EVO_TRY(evo_folder_mark_beginning(save->folder, save->durable)); }
    for (size_t i = 0; i < snapshot->n_ledgers; i++) {
        EVO_TRY(evo_segment_seal(&save->image, save->folder, snapshot->ledgers[i], save->run,
                                 save->durable));
    }
    return EVO_OK;
}

/* Bytes of the values alone, whole chunks of them, so that the file's memory is taken once. */
static size_t expected_bytes(const struct evo_snapshot *snapshot)
{
    size_t bytes = 0;
    for (size_t i = 0; i < snapshot->n_sections; i++) {
        const struct evo_section *section = &snapshot->sections[i];
        for (size_t j = 0; j < section->n_fields; j++) {
            size_t n_cols = section->fields[j].n_cols;
            size_t size = EVO_CELL_BYTES * section->fields[j].n_rows * (n_cols > 0 ? n_cols : 1);
            bytes += size + (size > EVO_PUT_CHUNK_BYTES ? EVO_PUT_CHUNK_BYTES : 0);
        }
    }
    for (size_t i = 0; i < snapshot->n_ledgers; i++) {
        const struct evo_table *ledger = snapshot->ledgers[i];
        bytes += (ledger->n_rows - evo_segment_sealed(ledger)) * evo_table_row_bytes(ledger);
    }
    return bytes;
}

static enum evo_status build_checkpoint(struct evo_save *save, const struct evo_snapshot *snapshot,
                                        const char **bytes, size_t *n)
{
    evo_image_begin(&save->image, expected_bytes(snapshot));
    for (size_t i = 0; i < snapshot->n_sections; i++) {
        EVO_TRY(evo_put_section(&save->image, &snapshot->sections[i]));
    }
    for (size_t i = 0; i < snapshot->n_ledgers; i++) {
        const struct evo_table *ledger = snapshot->ledgers[i];
        size_t sealed = evo_segment_sealed(ledger);
        EVO_TRY(evo_put_rows(&save->image, ledger, sealed, ledger->n_rows - sealed));
    }
    evo_put_root(&save->image, save->run, snapshot->generation);
    return evo_image_end(&save->image, EVO_HEAD_CHECKPOINT, bytes, n);
}

/* Whether the checkpoint that stands there may take the place of the previous one. A damaged one
 * must not, the previous one may be all that there is; it is set aside. */
static bool is_worth_keeping(const char *path)
{
    struct evo_source source = {0};
    bool whole = evo_get_open(&source, path, EVO_HEAD_CHECKPOINT) == EVO_OK;
    evo_get_close(&source);
    return whole;
}

static enum evo_status write_checkpoint(struct evo_save *save, const char *bytes, size_t n)
{
    enum evo_status status = EVO_OK;
    char *path = NULL, *previous = NULL;
    EVO_GOTO(evo_file_join(&path, save->folder, evo_folder_checkpoint));
    save->own = save->own || is_worth_keeping(path);
    EVO_GOTO(evo_file_join(&previous, save->folder,
                           save->own ? evo_folder_previous : evo_folder_damaged));
    EVO_GOTO(evo_file_replace(path, previous, bytes, n, save->durable));
    save->own = true;
    save->begins = false;
    if (save->marked) { EVO_GOTO(evo_folder_unmark_beginning(save->folder)); }
    save->marked = false;
done:
    free(previous);
    free(path);
    return status;
}

static uint64_t hash_texts(const struct evo_snapshot *snapshot)
{
    uint64_t hash = snapshot->n_texts;
    for (size_t i = 0; i < snapshot->n_texts; i++) {
        const struct evo_store_text *text = &snapshot->texts[i];
        uint64_t all[] = {hash, evo_text_hash(text->name, strlen(text->name)),
                          evo_text_hash(text->text, strlen(text->text))};
        hash = evo_text_hash(all, sizeof all);
    }
    return hash;
}

/* Texts that have not changed since the last save are left alone: they would cost two fsync. */
static enum evo_status write_texts(struct evo_save *save, const struct evo_snapshot *snapshot)
{
    uint64_t hash = hash_texts(snapshot);
    if (hash == save->texts || snapshot->n_texts == 0) { return EVO_OK; }
    for (size_t i = 0; i < snapshot->n_texts; i++) {
        const struct evo_store_text *text = &snapshot->texts[i];
        char *path = NULL;
        EVO_TRY(evo_file_join(&path, save->folder, text->name));
        enum evo_status status =
            evo_file_replace(path, NULL, text->text, strlen(text->text), save->durable);
        free(path);
        EVO_TRY(status);
    }
    save->texts = hash;
    return EVO_OK;
}

/* Whether the file holds the text already; one that cannot be read does not. */
static bool holds_text(const char *path, const char *text)
{
    char *bytes = NULL;
    size_t n = 0;
    if (evo_file_read(path, SIZE_MAX / 4, &bytes, &n) != EVO_OK) { return false; }
    bool holds = n == strlen(text) && memcmp(bytes, text, n) == 0;
    free(bytes);
    return holds;
}

enum evo_status evo_save_complete(const struct evo_save *save, const struct evo_store_text *text)
{
    enum evo_status status = EVO_OK;
    char *path = NULL, *temporary = NULL;
    EVO_GOTO(evo_file_join(&path, save->folder, text->name));
    EVO_GOTO(evo_text_format(&temporary, "%s.tmp", path));
    if (holds_text(path, text->text)) {
        (void)unlink(temporary); // most often there is none
    } else {
        EVO_GOTO(evo_file_replace(path, NULL, text->text, strlen(text->text), save->durable));
    }
done:
    free(temporary);
    free(path);
    return status;
}

enum evo_status evo_save_snapshot(struct evo_save *save, const struct evo_snapshot *snapshot)
{
    const char *bytes = NULL;
    size_t n = 0;
    EVO_TRY(seal_ledgers(save, snapshot));
    EVO_TRY(build_checkpoint(save, snapshot, &bytes, &n));
    EVO_TRY(write_checkpoint(save, bytes, n));
    return write_texts(save, snapshot);
}
