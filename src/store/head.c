/* SPDX-License-Identifier: MIT */
/* The head of a file: 512 bytes of text that say what follows and prove that it is all there. */
#include "parts.h"

#include <inttypes.h>
#include <string.h>

static const char *const kind_name[] = {
    [EVO_HEAD_CHECKPOINT] = "checkpoint", [EVO_HEAD_SEGMENT] = "segment"};

/* What a head says. */
struct head {
    char kind[16];
    uint64_t format, n_body, digest;
};

/* Every byte follows from `head`, so that a reader can make them again and compare. The first two
 * lines are what any later format keeps: by them this program knows a newer one. */
static void print_head(char *out, const struct head *head)
{
    int n = snprintf(out, EVO_HEAD_BYTES,
                     "evompi %s\nformat %" PRIu64 "\nbytes %" PRIu64 "\nxxh3 %016" PRIx64 "\n"
                     "This text is 512 bytes long. The bytes counted and hashed above follow it:\n"
                     "an HDF5 file, which h5py, h5dump and h5ls open as it stands.\n",
                     head->kind, head->format, head->n_body, head->digest);
    memset(out + n, '\n', EVO_HEAD_BYTES - (size_t)n);
}

void evo_head_write(char *file, size_t n, enum evo_head_kind kind)
{
    struct head head = {.format = EVO_STORE_FORMAT,
                        .n_body = n - EVO_HEAD_BYTES,
                        .digest = evo_text_hash(file + EVO_HEAD_BYTES, n - EVO_HEAD_BYTES)};
    snprintf(head.kind, sizeof head.kind, "%s", kind_name[kind]);
    print_head(file, &head);
}

/* Why a file that does not begin like ours is none of ours. */
static enum evo_status refuse_foreign(const char *path, const char *file, size_t n,
                                      enum evo_head_kind kind)
{
    static const char hdf5[] = "\211HDF\r\n\032\n";
    EVO_CHECK(n > 0, EVO_ERR_CHECKPOINT, "%s: is empty", path);
    bool is_hdf5 = n >= sizeof hdf5 - 1 && memcmp(file, hdf5, sizeof hdf5 - 1) == 0;
    return evo_status_fail(EVO_ERR_CHECKPOINT, "%s: is not an evompi %s%s", path, kind_name[kind],
                           is_hdf5 ? " but another program's HDF5 file" : "");
}

/* Reads the head, and makes sure that each of its bytes is as it was written. */
static enum evo_status parse_head(const char *path, const char *file, struct head *head)
{
    char text[EVO_HEAD_BYTES + 1] = "", again[EVO_HEAD_BYTES];
    memcpy(text, file, EVO_HEAD_BYTES);
    // NOLINTNEXTLINE(cert-err34-c): what was read is printed again, and must be the same bytes
    int seen = sscanf(text, "evompi %15s format %" SCNu64 " bytes %" SCNu64 " xxh3 %" SCNx64,
                      head->kind, &head->format, &head->n_body, &head->digest);
    EVO_CHECK(seen < 2 || head->format <= EVO_STORE_FORMAT, EVO_ERR_CHECKPOINT,
              "%s: was written by a newer evompi (format %" PRIu64 "; this one reads up to %d), "
              "or its head is damaged",
              path, head->format, EVO_STORE_FORMAT);
    print_head(again, head);
    EVO_CHECK(seen == 4 && head->format > 0 && memcmp(again, file, sizeof again) == 0,
              EVO_ERR_CHECKPOINT, "%s: its head is damaged", path);
    return EVO_OK;
}

/* Why a file with a head of ours does not hold what the head says. */
static enum evo_status refuse_body(const char *path, size_t n_body, const struct head *head,
                                   bool was_open)
{
    EVO_CHECK(!was_open, EVO_ERR_CHECKPOINT,
              "%s: another program opened it to write, and changed it: it no longer holds what evompi "
              "saved; put back a copy, if you have one", path);
    EVO_CHECK(n_body == head->n_body, EVO_ERR_CHECKPOINT,
              "%s: %zu bytes stand behind its head, which counts %" PRIu64, path, n_body,
              head->n_body);
    return evo_status_fail(EVO_ERR_CHECKPOINT,
                           "%s: is damaged: its bytes do not have the digest that its head gives",
                           path);
}

enum evo_status evo_head_check(const char *path, char *file, size_t n, enum evo_head_kind kind)
{
    static const char mark[] = "evompi ";
    if (n < sizeof mark - 1 || memcmp(file, mark, sizeof mark - 1) != 0) {
        return refuse_foreign(path, file, n, kind);
    }
    EVO_CHECK(n > EVO_HEAD_BYTES, EVO_ERR_CHECKPOINT, "%s: is cut off after %zu bytes", path, n);
    struct head head = {.kind = ""};
    EVO_TRY(parse_head(path, file, &head));
    EVO_CHECK(strcmp(head.kind, kind_name[kind]) == 0, EVO_ERR_CHECKPOINT,
              "%s: is an evompi %s, not a %s", path, head.kind, kind_name[kind]);

    char *body = file + EVO_HEAD_BYTES;
    size_t n_body = n - EVO_HEAD_BYTES;
    bool was_open = evo_superblock_restore(body, n_body);
    bool whole = n_body == head.n_body;
    if (whole && evo_text_hash(body, head.n_body) == head.digest) { return EVO_OK; }
    return refuse_body(path, n_body, &head, was_open);
}
