/* SPDX-License-Identifier: MIT */
/* The farm: MPI. Rank 0 hands out blocks of items, every rank works, rank 0 gets the results. */
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

/// What every rank does with its block: n items in, n results out. Local.
typedef enum evo_status evo_farm_work(void *context, struct evo_farm_label label, size_t n,
                                      const void *items, void *results);

enum { EVO_FARM_NOTE = 256 }; ///< bytes of a note

/// What a rank has to say of its block besides the results, one line; "" is nothing.
typedef void evo_farm_take_note(void *context, char *text, size_t size);

/// How items and results look, and what is done with them; the same on every rank.
struct evo_farm_job {
    size_t item_bytes, result_bytes;
    size_t batch; ///< shares are multiples of this where possible
    double stall_timeout_s; ///< rank 0 ends the job when no rank it waits for answers; 0: never
    evo_farm_work *work;
    evo_farm_take_note *note; ///< or NULL
    void *context;            ///< of both
};

enum evo_farm_root { EVO_FARM_ROOTS(EVO_CHOICE_NAME) };

/// Seconds of one map, on rank 0.
struct evo_farm_times {
    double scatter_s, work_s, gather_s;
    double idle_s;    ///< mean over ranks of the time between the first and the last to finish
    bool stop_heard;  ///< a rank raised `evo_farm_raise` since the last map
    char note[EVO_FARM_NOTE]; ///< of the lowest rank that has one: of the first items
};

/// Rank 0: scatters n items, works on its own share, gathers n results. With the others in
/// evo_farm_serve, collective. A rank's failure is returned here; evo_farm_dismiss must follow,
/// which fetches its message.
enum evo_status evo_farm_map(struct evo_farm *farm, const struct evo_farm_job *job,
                             enum evo_farm_root root, struct evo_farm_label label, size_t n,
                             const void *items, void *results, struct evo_farm_times *times);

/// The other ranks: work until rank 0 dismisses them. Returns what rank 0's evo_farm_dismiss
/// returns, and its `code`.
enum evo_status evo_farm_serve(struct evo_farm *farm, const struct evo_farm_job *job, int *code);

/// Rank 0: ends the others' serve with `code`. `status` is rank 0's own, also that of a failed
/// map: returned is the worst of all ranks', with its message.
enum evo_status evo_farm_dismiss(struct evo_farm *farm, enum evo_status status, int code);

/// The flag that a signal handler sets on any rank; rank 0 sees it as times.stop_heard.
/// `raised` must outlive the farm.
void evo_farm_watch(struct evo_farm *farm, const volatile int *raised);

/// How n items are shared out among `size` ranks where rank 0 has `root_weight` (0 to 1) of
/// another rank's speed: counts [size], sum n. Pure; for tests.
void evo_farm_shares(size_t n, int size, double root_weight, size_t batch, size_t *counts);

#endif
