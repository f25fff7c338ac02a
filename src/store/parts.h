/* SPDX-License-Identifier: MIT */
/* What the files of the store show each other, and nobody else. */
#ifndef EVOMPI_STORE_PARTS_H
#define EVOMPI_STORE_PARTS_H

#include <evompi/store.h>

#include <hdf5.h>

/* ---- arena.c: memory that is given back all at once ------------------------------------- */

struct evo_arena_block; // private to arena.c

struct evo_arena {
    struct evo_arena_block *newest;
    size_t n_bytes; ///< of all blocks
};

/// Gives `bytes` bytes, aligned to 64; what they hold is undefined. They live until reset or fini.
enum evo_status evo_arena_get(struct evo_arena *arena, size_t bytes, void *out);

/// Bytes of the block that an arena of n_bytes adds for a request of `bytes`.
size_t evo_arena_grows(size_t n_bytes, size_t bytes);

/// Copies `bytes` bytes, or a string, into the arena.
enum evo_status evo_arena_copy(struct evo_arena *arena, const void *from, size_t bytes, void *out);
enum evo_status evo_arena_string(struct evo_arena *arena, const char *from, const char **out);

/// Takes everything back but keeps memory: a few rounds on, nothing is allocated any more.
void evo_arena_reset(struct evo_arena *arena);
void evo_arena_fini(struct evo_arena *arena);

/* ---- head.c: the 512 bytes before the HDF5 file ----------------------------------------- */

enum { EVO_HEAD_BYTES = 512 };
enum evo_head_kind { EVO_HEAD_CHECKPOINT, EVO_HEAD_SEGMENT };

/// Fills the first 512 bytes of `file`, whose other n - 512 bytes are done.
void evo_head_write(char *file, size_t n, enum evo_head_kind kind);

/// Whether the file is of this kind and format, and whole to the last bit; what another program
/// left in its superblock when it opened and closed the file is set right, in memory. `path` is for
/// messages.
enum evo_status evo_head_check(const char *path, char *file, size_t n, enum evo_head_kind kind);

/* ---- superblock.c: the first 48 bytes of an HDF5 file ------------------------------------- */

/// Sets back what HDF5 changes in the superblock of one of our files (`body` begins behind the head)
/// when a program opens it to write: base address, end, flags and their sum. True where it did;
/// false, and nothing is changed, where there is nothing to set back or the superblock is damaged.
bool evo_superblock_restore(char *body, size_t n);

/* ---- image.c: an HDF5 file that is only in memory --------------------------------------- */

/// A file being written. The memory is kept from one file to the next.
struct evo_image {
    char *block; ///< the head's 512 bytes, then what HDF5 writes
    size_t capacity;
    size_t refused;                            ///< bytes that there was no memory for; 0: none
    hid_t file;                                ///< 0: none
    hid_t chunked, plain, group, root, scalar; ///< how things are made; 0: not yet
};

/// Starts an empty file of about `expected` bytes.
enum evo_status evo_image_begin(struct evo_image *image, size_t expected);

/// By how many bytes a file in memory grows that is to hold `expected`.
size_t evo_image_increment(size_t expected);

/// Ends the file: *bytes (borrowed until the next begin) is the head and all that follows.
enum evo_status evo_image_end(struct evo_image *image, enum evo_head_kind kind,
                              const char **bytes, size_t *n);
void evo_image_fini(struct evo_image *image);

/// Opens the HDF5 file behind the head of `file`, without a copy: `file` must outlive it.
enum evo_status evo_image_open(const char *path, char *file, size_t n, hid_t *out);

/// Makes the message of a failed HDF5 call: ours, "no memory" with EVO_ERR_MEMORY, and the innermost
/// line of HDF5's own.
enum evo_status evo_image_fail(enum evo_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// Checks an HDF5 call where something must be released first.
#define EVO_H5_GOTO(call, code, ...)                      \
    do {                                                  \
        if ((call) < 0) {                                 \
            status = evo_image_fail((code), __VA_ARGS__); \
            goto done;                                    \
        }                                                 \
    } while (0)

/* ---- put.c: fields into HDF5 ------------------------------------------------------------ */

/// Chunks that stay in a core's cache while HDF5 sums them: 2.5 times as fast as 1 MiB.
enum { EVO_PUT_CHUNK_BYTES = 1 << 18 };

/// Column i of a table as a field: its rows [begin, begin + n).
struct evo_field evo_put_column(const struct evo_table *table, size_t i, size_t begin, size_t n);

enum evo_status evo_put_section(const struct evo_image *image, const struct evo_section *section);

/// The rows [begin, begin + n) of a table, as group ledger_NAME.
enum evo_status evo_put_rows(const struct evo_image *image, const struct evo_table *table,
                             size_t begin, size_t n);

/// What the root says of a file of the store.
enum evo_status evo_put_root(const struct evo_image *image, uint64_t run, uint64_t generation);

/* ---- get.c: fields out of HDF5; nothing is trusted before it is checked ----------------- */

/// A whole file in memory, open for reading.
struct evo_source {
    char *path, *bytes;
    size_t n;
    hid_t file; ///< 0: none
};

/// Reads, checks and opens. On failure nothing is held.
enum evo_status evo_get_open(struct evo_source *source, const char *path, enum evo_head_kind kind);

/// The same for a file that is in memory already: `bytes` (from malloc) is the source's now.
enum evo_status evo_get_open_bytes(struct evo_source *source, const char *path, char *bytes,
                                   size_t n, enum evo_head_kind kind);
void evo_get_close(struct evo_source *source);

/// A numeric attribute of a group; "/" is the root.
enum evo_status evo_get_number(const struct evo_source *source, const char *group,
                               const char *name, uint64_t *value);

/// Fills a field that the file must hold with the same type and shape, or that it may lack.
enum evo_status evo_get_field(const struct evo_source *source, const char *group,
                              const struct evo_field *field);

/// A field as the file has it, all of it in `arena`.
enum evo_status evo_get_copy(const struct evo_source *source, const char *group, const char *name,
                             struct evo_arena *arena, struct evo_field *out);

/// The attribute `description` of a group, in `arena`.
enum evo_status evo_get_doc(const struct evo_source *source, const char *group,
                            struct evo_arena *arena, const char **out);

/// The names in a group, sorted, in `arena`.
enum evo_status evo_get_names(const struct evo_source *source, const char *group,
                              struct evo_arena *arena, const char ***names, size_t *n);

/// Whether the group is a ledger's, and its name then (a part of `group`), or NULL.
const char *evo_get_ledger_name(const char *group);

/// Fills a table (its columns are known; rows that it has are lost), first_row included, and says
/// of each column whether the file lacks it.
enum evo_status evo_get_rows(const struct evo_source *source, struct evo_table *table);

/* ---- checkpoint.c ----------------------------------------------------------------------- */

/// The number of the run that wrote the checkpoint: random, the same in all files of a run.
uint64_t evo_checkpoint_run(const struct evo_checkpoint *checkpoint);

/* ---- segment.c: sealed parts of a ledger ------------------------------------------------ */

/// Bytes of a row in the first version of its ledger: without the columns that were added later.
size_t evo_segment_row_bytes(const struct evo_table *table);

/// Rows of one segment: depends on evo_segment_row_bytes alone.
size_t evo_segment_rows(const struct evo_table *table);

/// How many of the table's rows stand in whole segments.
size_t evo_segment_sealed(const struct evo_table *table);

/// FOLDER/NAME/00000000.h5 in a new string, released with free().
enum evo_status evo_segment_path(char **out, const char *folder, const char *ledger,
                                 uint64_t index);

/// Writes every whole segment of the table; with `durable` they are on the disk when it returns.
enum evo_status evo_segment_seal(struct evo_image *image, const char *folder,
                                 const struct evo_table *table, uint64_t run, bool durable);

/// Reads segment `index` into `block`, a table with the columns of the ledger, and makes sure
/// that it is the one: this run, this ledger, these rows.
enum evo_status evo_segment_read(const char *folder, uint64_t run, uint64_t index,
                                 struct evo_table *block);

/* ---- snapshot.c, save.c: a deep copy, and how it gets to the disk ----------------------- */

/// Copies everything that `from` points to into the arena.
enum evo_status evo_snapshot_copy(struct evo_arena *arena, const struct evo_snapshot *from,
                                  struct evo_snapshot *to);

/// What the writer thread keeps from one checkpoint to the next.
struct evo_save {
    const char *folder;
    bool durable;
    bool own;       ///< what stands at checkpoint.h5 is ours, and whole
    bool begins;    ///< a new run, which has no checkpoint yet
    bool marked;    ///< its folder may say so
    uint64_t run;   ///< random; the same in all files of a run
    uint64_t texts; ///< hash of the texts on disk; 0: not known
    struct evo_image image;
};

/// Segments, then the checkpoint, then the texts.
enum evo_status evo_save_snapshot(struct evo_save *save, const struct evo_snapshot *snapshot);

/* ---- lock.c ----------------------------------------------------------------------------- */

/// Takes the lock; *out is closed to release it.
enum evo_status evo_lock_take(const char *folder, int *out);

/// Whether the locked file is still the one in the folder. Elsewise the folder was removed, or
/// another stands in its place, in which another job may run.
enum evo_status evo_lock_check(const char *folder, int lock);

/* ---- folder.c: names in a run folder ---------------------------------------------------- */

extern const char evo_folder_checkpoint[], evo_folder_previous[], evo_folder_damaged[];
extern const char evo_folder_beginning[];

/// Removes the files of a run; nothing where evo_store_check_clear has an objection.
enum evo_status evo_folder_clear(const char *folder);

/// Removes second names of checkpoints that a killed job has left.
enum evo_status evo_folder_tidy(const char *folder);

/// A file that says, from before the first segment until after the first checkpoint, that ledgers
/// without a checkpoint are no loss.
enum evo_status evo_folder_mark_beginning(const char *folder, bool durable);
enum evo_status evo_folder_unmark_beginning(const char *folder);

#endif
