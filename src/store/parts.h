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

/* ---- sums.c: what HDF5 sums its files by -------------------------------------------------- */

/// Of metadata: lookup3 [Jenkins 2006].
uint32_t evo_sums_metadata(const void *bytes, size_t n);

/// Of a chunk of data: Fletcher's sum of 32 bits.
uint32_t evo_sums_data(const void *bytes, size_t n);

/* ---- bytes.c: bytes that grow at their end ------------------------------------------------ */

/// All zeros: none yet. Where there was no memory nothing is added from then on, and `refused` says so.
struct evo_bytes {
    char *block;
    size_t n, capacity;
    size_t refused; ///< bytes that there was no memory for; 0: none
};

/// Makes room for n more; false where there is no memory.
bool evo_bytes_reserve(struct evo_bytes *bytes, size_t n);
void evo_bytes_add(struct evo_bytes *bytes, const void *from, size_t n);

/// Adds all of the others; where some of them were refused, so are these.
void evo_bytes_join(struct evo_bytes *bytes, const struct evo_bytes *others);

/// Adds n zeros.
void evo_bytes_clear(struct evo_bytes *bytes, size_t n);

/// Adds the n lowest bytes of a number, the lowest first; n <= 8.
void evo_bytes_number(struct evo_bytes *bytes, size_t n, uint64_t number);

/// The same in the place of the n bytes at `at`, which are there.
void evo_bytes_set(struct evo_bytes *bytes, size_t at, size_t n, uint64_t number);

/// Adds the sum of all bytes from `from` on.
void evo_bytes_sum(struct evo_bytes *bytes, size_t from, uint32_t (*sum)(const void *bytes, size_t n));

/// Takes all bytes away, and forgets a refusal; the memory stays.
void evo_bytes_reset(struct evo_bytes *bytes);
void evo_bytes_fini(struct evo_bytes *bytes);

/* ---- chunks.c: the values of a data set --------------------------------------------------- */

enum { EVO_CHUNKS_PAGE_BITS = 10 }; ///< an index of more than 2^10 chunks is cut into pages of so many

/// Where the values of a data set are.
struct evo_chunks {
    size_t cell;      ///< bytes of one value
    size_t n_rows;    ///< of each chunk; what the last one lacks is zeros
    size_t n;         ///< chunks; 0: there are no values
    size_t n_bytes;   ///< of each chunk, without its sum
    uint64_t address; ///< of the one chunk, or of the index of several
};

/// Adds n_rows > 0 rows of row_bytes, in chunks of chunks->n_rows; sets all fields of *chunks but cell
/// and n_rows.
void evo_chunks_put(struct evo_bytes *file, const char *data, size_t n_rows, size_t row_bytes,
                    struct evo_chunks *chunks);

/* ---- object.c: HDF5's records. `file` begins with the head, addresses count from behind it - */

/// The size of a data set of one or two dimensions.
struct evo_extent {
    size_t rank, size[2];
};

/// The address of the end of the file so far.
uint64_t evo_object_here(const struct evo_bytes *file);

/// Begins a file: room for the head, and the superblock.
void evo_object_superblock(struct evo_bytes *file);

/// Ends it: the superblock gets its end, the address of the root, and its sum.
void evo_object_finish(struct evo_bytes *file, uint64_t root);

/// Begins the header of an object; ends it, and returns the object's address. Between the two come one
/// of group and set, and then the attributes.
size_t evo_object_begin(struct evo_bytes *file);
uint64_t evo_object_end(struct evo_bytes *file, size_t begin);

/// A group with these links.
void evo_object_group(struct evo_bytes *file, const struct evo_bytes *links);

/// A data set; what belongs to a text is chunks->cell bytes.
void evo_object_set(struct evo_bytes *file, enum evo_type type, const struct evo_extent *extent,
                    const struct evo_chunks *chunks);

/// An attribute, a number or a text.
void evo_object_number(struct evo_bytes *file, const char *name, uint64_t value);
void evo_object_text(struct evo_bytes *file, const char *name, const char *text);

/// Adds the link to an object; whether there is one of that name.
void evo_object_link(struct evo_bytes *links, const char *name, uint64_t address);
bool evo_object_is_linked(const struct evo_bytes *links, const char *name);

/* ---- image.c: a file of the store while it is made ---------------------------------------- */

/// The memory is kept from one file to the next.
struct evo_image {
    struct evo_bytes file;    ///< the head's 512 bytes, then an HDF5 file
    struct evo_bytes members; ///< links to the members of the next group
    struct evo_bytes groups;  ///< links to the groups, of the root
};

/// Starts an empty file whose values have about `expected` bytes.
void evo_image_begin(struct evo_image *image, size_t expected);

/// Bytes that a file takes in memory whose values have `expected`.
size_t evo_image_room(size_t expected);

/// Ends the file, whose root is put: *bytes (borrowed until the next begin) is all of it, the head too.
/// EVO_ERR_MEMORY where there was too little for anything since begin.
enum evo_status evo_image_end(struct evo_image *image, enum evo_head_kind kind,
                              const char **bytes, size_t *n);
void evo_image_fini(struct evo_image *image);

/* ---- put.c: fields into a file ------------------------------------------------------------ */

/// Chunks that stay in a core's cache while HDF5 sums them: 2.5 times as fast as 1 MiB.
enum { EVO_PUT_CHUNK_BYTES = 1 << 18 };

/// Column i of a table as a field: its rows [begin, begin + n).
struct evo_field evo_put_column(const struct evo_table *table, size_t i, size_t begin, size_t n);

enum evo_status evo_put_section(struct evo_image *image, const struct evo_section *section);

/// The rows [begin, begin + n) of a table, as group ledger_NAME.
enum evo_status evo_put_rows(struct evo_image *image, const struct evo_table *table, size_t begin,
                             size_t n);

/// What the root says of a file of the store. The last that is put.
void evo_put_root(struct evo_image *image, uint64_t run, uint64_t generation);

/* ---- library.c: the HDF5 library, which reads --------------------------------------------- */

/// Opens the HDF5 file behind the head of `file`, without a copy: `file` must outlive it.
enum evo_status evo_library_open(const char *path, char *file, size_t n, hid_t *out);

/// Makes the message of a failed HDF5 call: ours, "no memory" with EVO_ERR_MEMORY, and the innermost
/// line of HDF5's own.
enum evo_status evo_library_fail(enum evo_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// Checks an HDF5 call where something must be released first.
#define EVO_H5_GOTO(call, code, ...)                        \
    do {                                                    \
        if ((call) < 0) {                                   \
            status = evo_library_fail((code), __VA_ARGS__); \
            goto done;                                      \
        }                                                   \
    } while (0)

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

/// Puts a text in its place where the file does not hold it.
enum evo_status evo_save_complete(const struct evo_save *save, const struct evo_store_text *text);

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
