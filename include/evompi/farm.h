/* SPDX-License-Identifier: MIT */
/* The farm: MPI. Rank 0 hands out blocks of items, or ranges of their parts; every rank works; rank 0 gets the
 * results. */
#ifndef EVOMPI_FARM_H
#define EVOMPI_FARM_H

#include <evompi/base.h>
#include <evompi/choice.h>

struct evo_farm; // opaque

/// Which rank this process will have, from the launcher's environment, before MPI is up; 0 unless
/// this MPI's own launcher is there to give it: variables alone may be left over. Who is not 0 may
/// be silent, for rank 0 says the same.
int evo_farm_rank_hint(void);

/// Whether what this process prints ends at a terminal. Open MPI's launcher gives its ranks a
/// pseudo-terminal whatever its own output is: then the launcher's is looked at as well.
bool evo_farm_is_terminal(void);

/// Starts MPI. Collective. The farm is released by evo_farm_end. EVO_ERR_FARM where another MPI's
/// launcher started this process, so that it stands alone; any other failure ends the job.
enum evo_status evo_farm_begin(int *argc, char ***argv, struct evo_farm **out);

/// Ends MPI, also after a failure. Collective: call it when every rank has come here in order.
void evo_farm_end(struct evo_farm *farm);

int evo_farm_rank(const struct evo_farm *farm);
int evo_farm_size(const struct evo_farm *farm);

/// The command that asks the job to stop: a signal to mpirun, to SLURM's step, or, where neither
/// would hand it on unharmed, to this rank itself. Local.
void evo_farm_stop_command(const struct evo_farm *farm, char *text, size_t size);

/// The MPI library's name and version, one line.
void evo_farm_library(char *text, size_t size);

/// Makes the worst of all ranks' status everyone's, and rank 0 knows its message (as its own
/// evo_status_message). Collective.
enum evo_status evo_farm_agree(struct evo_farm *farm, enum evo_status status);

/// `unlike` unless every rank comes with the text that rank 0 has (one line of any length); the
/// message names `what` it is, the rank, its host and both texts. Collective.
enum evo_status evo_farm_compare(struct evo_farm *farm, const char *what, const char *text,
                                 enum evo_status unlike);

/// Gives rank 0's text to all ranks: *text is read on rank 0 and made (free()) elsewhere.
/// Collective.
enum evo_status evo_farm_share_text(struct evo_farm *farm, char **text);

/// What the items of a map are for: handed through to `work`.
struct evo_farm_label {
    uint64_t generation;
    uint32_t purpose;
};

/// Some items, and a range of the parts that each of them has.
struct evo_farm_piece {
    size_t first, n;
    uint64_t first_part, n_parts;
};

/// What every rank does with a piece: items [piece->n] in. Out come the items' results [n], where the piece has
/// the `whole` of their parts; else results of each part, [n_parts][n]. Local.
typedef enum evo_status evo_farm_work(void *context, struct evo_farm_label label,
                                      const struct evo_farm_piece *piece, bool whole, const void *items,
                                      void *results);

/// Makes results [n] of those of all parts, [all parts][n], in their order: the same as `work` on the whole.
/// Only rank 0 calls it.
typedef void evo_farm_join(void *context, struct evo_farm_label label, size_t n, const void *items,
                           const void *parts, void *results);

enum { EVO_FARM_NOTE = 256 }; ///< bytes of a note

/// What a rank has to say of its newest piece besides the results, one line; "" is nothing.
typedef void evo_farm_take_note(void *context, char *text, size_t size);

/// How work is handed out.
enum evo_farm_balance { EVO_FARM_BALANCES(EVO_CHOICE_NAME) };

/// How items and results look, and what is done with them; the same on every rank.
struct evo_farm_job {
    size_t item_bytes, result_bytes; ///< a result of a part has as many bytes as one of an item
    size_t batch; ///< items that are best worked on together, 1 or more
    double stall_timeout_s; ///< rank 0 ends the job when a rank does not answer for so long; 0: never
    enum evo_farm_balance balance;
    evo_farm_work *work;
    evo_farm_join *join;      ///< NULL where items never have several parts
    evo_farm_take_note *note; ///< or NULL
    void *context;            ///< of all of them
};

enum evo_farm_root { EVO_FARM_ROOTS(EVO_CHOICE_NAME) };

/// What one map took, on rank 0.
struct evo_farm_times {
    double scatter_s;  ///< rank 0: the first hand-outs
    double work_s;     ///< rank 0: its own work
    double gather_s;   ///< rank 0: all the rest, waiting for the last rank among it
    double all_work_s; ///< of all ranks, as far as it came in time
    double idle_s;     ///< mean over ranks of the time without work
    size_t n_pieces, n_again; ///< handed out; those of them that a late rank had already
    size_t n_messages;
    bool stop_heard;  ///< a rank's flag of evo_farm_watch is raised
    char note[EVO_FARM_NOTE]; ///< of the piece with the first items that has one
};

/// What is to be done in one map: items [n] of n_parts parts each (1 or more), and room for results [n].
struct evo_farm_load {
    size_t n;
    uint64_t n_parts;
    const void *items;
    void *results;
};

/// Rank 0: cuts the load into pieces, hands them out, works on some itself, and places the results. With the
/// others in evo_farm_serve, collective. The bits of the results do not depend on the number of ranks or on
/// who did what. A rank's failure is returned here; evo_farm_dismiss must follow, which fetches its message.
enum evo_status evo_farm_map(struct evo_farm *farm, const struct evo_farm_job *job, enum evo_farm_root root,
                             struct evo_farm_label label, const struct evo_farm_load *load,
                             struct evo_farm_times *times);

/// The other ranks: work until rank 0 dismisses them. Returns what rank 0's evo_farm_dismiss
/// returns, and its `code`.
enum evo_status evo_farm_serve(struct evo_farm *farm, const struct evo_farm_job *job, int *code);

/// Rank 0: ends the others' serve with `code`. `status` is rank 0's own, also that of a failed
/// map: returned is the worst of all ranks', with its message.
enum evo_status evo_farm_dismiss(struct evo_farm *farm, enum evo_status status, int code);

/// The flag that a signal handler sets on any rank; rank 0 sees it as times.stop_heard.
/// `raised` must outlive the farm.
void evo_farm_watch(struct evo_farm *farm, const volatile int *raised);

/// How long the busiest of `size` ranks works where n items of n_parts parts are shared out: `item_s` is what an
/// item takes among `batch` others, alone_s one that is worked on alone. Pure; for predictions.
double evo_farm_forecast(size_t n, uint64_t n_parts, size_t batch, int size, double item_s, double alone_s);

/// How n items are shared out among `size` ranks where rank 0 has `root_weight` (0 to 1) of
/// another rank's speed: counts [size], sum n. Pure; for tests.
void evo_farm_shares(size_t n, int size, double root_weight, size_t batch, size_t *counts);

#endif
