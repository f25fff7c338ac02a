/* SPDX-License-Identifier: MIT */
/* The store: checkpoints and ledgers in HDF5, whole or the one before; it knows no search. */
#ifndef EVOMPI_STORE_H
#define EVOMPI_STORE_H

#include <evompi/base.h>

/* A file of the store is 512 bytes of text (kind, format, length, XXH3 of the rest) and then an
 * HDF5 file: HDF5 calls such a head a user block, so h5py and h5dump open it as it is. */

/// The HDF5 library's name and version, one line.
const char *evo_store_library(void);

enum { EVO_STORE_FORMAT = 1 }; ///< grows when an older program could not read the file

/* ---- a run folder, for writing (rank 0) --------------------------------------------------- */

struct evo_store;      // opaque: the folder, its lock, the writer thread
struct evo_checkpoint; // opaque: one whole, verified checkpoint in memory

/// Makes the folder if missing and takes its lock (held until close, or until the process
/// ends in any way). Errors: EVO_ERR_BUSY where another job holds the lock (names its host,
/// pid and start), EVO_ERR_IO.
enum evo_status evo_store_open(const char *folder, bool durable, struct evo_store **out);

/// Waits for the writer and releases everything; the result of the last write.
enum evo_status evo_store_close(struct evo_store *store);

/// What a folder holds of a run.
struct evo_store_contents {
    bool checkpoint;     ///< checkpoint.h5 or checkpoint.prev.h5, in whatever state
    bool ledgers;        ///< segments of ledgers
    bool only_beginning; ///< of a run that ended before its first checkpoint: nothing to go on from
};

/// Looks what a folder holds; nothing where it is not there. A run is absent only where the file
/// system says so: EVO_ERR_IO with the reason where it says anything else of a checkpoint, a ledger
/// or the folder. Whoever begins or removes something asks this first.
enum evo_status evo_store_look(const char *folder, struct evo_store_contents *out);

/// A number that is another whenever checkpoint.h5 was replaced; 0 where there is none. Tells from
/// outside whether the job that holds the folder saves.
enum evo_status evo_store_stamp(const char *folder, uint64_t *stamp);

/// EVO_ERR_CONFIG, and the file named, where a new run in a folder without one would write over
/// champion.csv, or into a log.txt or a lock that is not a run's.
enum evo_status evo_store_check_new(const char *folder);

/// EVO_ERR_CONFIG, and the file named, where evo_store_clear would meet something at a run's place
/// that does not begin as a run's does. EVO_ERR_IO as above.
enum evo_status evo_store_check_clear(const char *folder);

/// EVO_ERR_CONFIG, and the file named, where the folder holds a segment of another run than
/// `checkpoint`'s.
enum evo_status evo_store_check_ledgers(const char *folder, const struct evo_checkpoint *checkpoint);

/// Removes the run that the folder holds: checkpoints, ledgers, champion, stop file, log.
/// Nothing else is touched; nothing at all where evo_store_check_clear has an objection.
enum evo_status evo_store_clear(struct evo_store *store);

/// A small text file that goes with a checkpoint (champion.csv): replaced whole, after it.
struct evo_store_text {
    const char *name, *text;
};

/// What a checkpoint holds.
struct evo_snapshot {
    uint64_t generation;
    const struct evo_section *sections; ///< [n_sections]
    size_t n_sections;
    struct evo_table *const *ledgers; ///< [n_ledgers]: whole segments are sealed and dropped
    size_t n_ledgers;
    const struct evo_store_text *texts; ///< [n_texts]
    size_t n_texts;
};

/// Copies the snapshot, drops the rows that will be sealed from its ledgers, and returns; a thread
/// writes it. Waits first while an older one is still being written, and returns that one's
/// failure if it failed: the ledgers are then as they were. A snapshot whose write fails stays in
/// the store, whole, and what was on disk before is there still.
enum evo_status evo_store_submit(struct evo_store *store, const struct evo_snapshot *snapshot);

/// The newest generation that this store has put on disk (0: none yet); *busy says whether a write
/// is under way, *seconds what the last write took. Any pointer may be NULL. The failure of a
/// write is returned by every later call, until evo_store_retry.
enum evo_status evo_store_saved(struct evo_store *store, uint64_t *generation, bool *busy,
                                double *seconds);

/// Hands the snapshot whose write failed to the writer once more, and forgets the failure. Does
/// nothing where none failed.
void evo_store_retry(struct evo_store *store);

/// Waits until nothing is being written.
enum evo_status evo_store_drain(struct evo_store *store);

/// For a run that has nothing to do any more: puts a text of its newest checkpoint in its place, where the
/// job that wrote the checkpoint was killed before it came to that.
enum evo_status evo_store_complete(struct evo_store *store, const struct evo_store_text *text);

/// Goes on with the run that `checkpoint` belongs to: its sealed segments are this run's. Without
/// it the store begins a new run. Before the first submit.
void evo_store_adopt(struct evo_store *store, const struct evo_checkpoint *checkpoint);

/* Within the process of an open store, read before its first submit or after a drain, and close
 * what was read before the next submit: the HDF5 library need not be thread-safe then. */

/* ---- estimates ----------------------------------------------------------------------------- */

/// One array of a snapshot.
struct evo_store_size {
    size_t bytes;
    bool is_ledger; ///< a column of a ledger, with all rows since the save before
};

/// What saves of these n arrays, in the snapshot's order, take: memory beside the arrays for their copy
/// and for the file while it is made, and the file on disk without its ledgers' tails.
struct evo_store_memory {
    double copy_bytes, image_bytes, file_bytes;
};
struct evo_store_memory evo_store_memory(const struct evo_store_size *sizes, size_t n);

/// Rows of a ledger that may stay in its open tail after a save, at most.
size_t evo_store_tail(const struct evo_table *table);

/* ---- reading ------------------------------------------------------------------------------ */

/// Reads and verifies a checkpoint: length, head, digest, format, HDF5's own checksums.
/// Errors: EVO_ERR_CHECKPOINT; the message names the file and what is wrong with it.
enum evo_status evo_checkpoint_open(const char *path, struct evo_checkpoint **out);
void evo_checkpoint_close(struct evo_checkpoint *checkpoint);

/// The same from `n` bytes in memory (copied); `label` stands for the path in messages.
enum evo_status evo_checkpoint_parse(const char *label, const char *bytes, size_t n,
                                     struct evo_checkpoint **out);

/// The generation after which the checkpoint was made.
uint64_t evo_checkpoint_generation(const struct evo_checkpoint *checkpoint);

/// The newest whole checkpoint of a run folder: checkpoint.h5, else, with a logged warning that
/// names the damage, checkpoint.prev.h5. EVO_ERR_CHECKPOINT where none is whole; *found says
/// whether there was any file at all. EVO_ERR_IO where that cannot be known. *path (free()) names the one taken.
enum evo_status evo_checkpoint_find(const char *folder, struct evo_checkpoint **out, char **path,
                                    bool *found);

/// Fills the fields of a section: each must be there with the same type and shape, but for those
/// that say what they are where a file lacks them.
enum evo_status evo_checkpoint_load(const struct evo_checkpoint *checkpoint,
                                    const struct evo_section *section);

/// A text field as a new string, released with free().
enum evo_status evo_checkpoint_text(const struct evo_checkpoint *checkpoint, const char *section,
                                    const char *name, char **out);

/// Loads the open tail of a ledger into `table` (created with its columns, empty) and sets
/// first_row to the rows that stand before it in sealed segments, and `lacking` of each column.
enum evo_status evo_checkpoint_tail(const struct evo_checkpoint *checkpoint,
                                    struct evo_table *table);

/// All sections as the file has them, sorted by name, fields too. They belong to the checkpoint.
enum evo_status evo_checkpoint_sections(struct evo_checkpoint *checkpoint,
                                        const struct evo_section **sections, size_t *n);

/// The tails of all ledgers as the file has them, sorted by name, columns too. They belong to the
/// checkpoint.
enum evo_status evo_checkpoint_ledgers(struct evo_checkpoint *checkpoint,
                                       const struct evo_table **ledgers, size_t *n);

/* ---- ledgers ------------------------------------------------------------------------------ */

/// Reads the rows of a ledger, segments and then `tail` (from evo_checkpoint_tail; stays as it
/// was), in order, a block at a time: `seen` gets a table whose first_row is the block's.
/// A segment that is damaged or of another run is EVO_ERR_CHECKPOINT, and named.
enum evo_status evo_ledger_read(const struct evo_checkpoint *checkpoint, const char *folder,
                                const struct evo_table *tail,
                                enum evo_status (*seen)(void *context,
                                                        const struct evo_table *block),
                                void *context);

/// Copies the sealed segments that `tail` counts on, and that `to` does not have, from one run
/// folder to another (resume from a file of another folder), and has them on the disk.
enum evo_status evo_ledger_copy(const struct evo_checkpoint *checkpoint, const char *from,
                                const char *to, const struct evo_table *tail);

/// EVO_ERR_CHECKPOINT, and the file named, where a segment that the checkpoint counts on is neither in
/// `to` nor in `from`. Looks only whether it is there.
enum evo_status evo_ledger_check(struct evo_checkpoint *checkpoint, const char *from, const char *to);

/* ---- comparing ---------------------------------------------------------------------------- */

/// Compares two checkpoints, or two run folders with all rows of their ledgers, bit for bit;
/// what varies with clock, host and ranks, and what only one of them has because a later version
/// wrote it, only with `all`. *difference is NULL where they hold the
/// same, else one line that names the first difference, released with free().
enum evo_status evo_store_compare(const char *a, const char *b, bool all, char **difference);

#endif
