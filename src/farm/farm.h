/* SPDX-License-Identifier: MIT */
/* The farm's own memory, and what ranks say to each other, shared by the files of this module. */
#ifndef EVO_FARM_PRIVATE_H
#define EVO_FARM_PRIVATE_H

#include "balance.h"
#include "cut.h"

#include <mpi.h>

/* ---- messages ------------------------------------------------------------------------------------ */

enum evo_farm_tag {
    EVO_TAG_MESSAGE = 1, ///< of a failed rank, see evo_farm_agree
    EVO_TAG_ORDER,       ///< rank 0 to another
    EVO_TAG_ITEMS,       ///< the items of an order that has some
    EVO_TAG_CANCEL,      ///< a number of a map: its pieces, and all older ones, need no work any more
    EVO_TAG_ANSWER,      ///< to rank 0: a head, and results behind it
};

/// What rank 0 tells another rank.
struct evo_farm_order {
    int32_t dismisses; ///< the last order; else a piece
    int32_t status, code;
    int32_t has_items; ///< they follow; else they are those of the piece before
    uint64_t map;      ///< number of the map, from 1
    uint32_t slot;     ///< for the answer
    struct evo_farm_label label;
    struct evo_farm_piece piece;
    uint64_t n_parts; ///< of an item, in all
};

enum evo_farm_answer_kind {
    EVO_ANSWER_PIECE, ///< results of a piece follow, unless it was not worked on
    EVO_ANSWER_RAISED, ///< a rank without work heard a signal
    EVO_ANSWER_BYE,    ///< the answer to a dismissal, the last message
};

/// What a rank tells rank 0.
struct evo_farm_answer {
    int32_t kind, status, raised, skipped;
    uint64_t map;
    uint32_t slot;
    double work_s;
    char note[EVO_FARM_NOTE];
};

/// Where results begin in a message, so that they are aligned.
enum { EVO_ANSWER_HEAD = (sizeof(struct evo_farm_answer) + 63) / 64 * 64 };

/* ---- memory -------------------------------------------------------------------------------------- */

/// A block of the heap that grows.
struct evo_farm_room {
    char *data;
    size_t bytes;
};
enum evo_status evo_farm_make_room(struct evo_farm_room *room, size_t bytes, const char *what);

enum { EVO_FARM_SLOTS = 4 };

/// A piece that a rank has not answered yet, on rank 0.
struct evo_farm_slot {
    bool used;
    struct evo_farm_order order;
    size_t first, n; ///< its units
    uint64_t number; ///< of the rank's pieces, the oldest has the lowest
    size_t again;    ///< those from here on were handed out again
    struct evo_farm_room items; ///< a copy, where the map may end before they are sent
    MPI_Request sent[2];
};

/// What rank 0 knows of another rank.
struct evo_farm_peer {
    struct evo_farm_slot slots[EVO_FARM_SLOTS];
    size_t n_out;        ///< slots in use
    uint64_t n_given;    ///< pieces so far
    size_t next, end;    ///< its own share of units, where shares are static
    double since_s;      ///< when it answered last, or got work after it had none
    double waited_s;     ///< for an answer, as far as it counts
    uint64_t held_map;   ///< the items that it has: of this map,
    size_t held_first, held_n; ///< these
    uint64_t cancelled;  ///< the newest map that it was told to give up
    MPI_Request cancel, farewell;
    bool gone;           ///< it said goodbye
    double slowness;     ///< what a unit takes it over what it takes all on the mean, smoothed; 0: not known
    double busy_s;       ///< in this map
    size_t n_units;      ///< in this map
};

/// A message on its way to rank 0.
struct evo_farm_arrival {
    bool used;
    int rank;
    struct evo_farm_room room;
    MPI_Request request;
};

/// Results of parts of one block, until all are there; on rank 0.
struct evo_farm_block {
    char *parts; ///< [n_parts][items of the block] results, or NULL
    size_t n_done;
};

struct evo_farm {
    MPI_Comm comm; ///< a duplicate of MPI_COMM_WORLD
    int rank, size;
    const volatile int *raised; ///< a signal was heard here; NULL where nobody watches
    double crowding;            ///< ranks of this host over its cores
    bool others_failed;         ///< a map failed on another rank: the message is there

    /* Rank 0. */
    double root_weight;               ///< its measured speed over the others' mean, 0 to 1
    double part_s;                    ///< what a part of an item took in the map before
    struct evo_balance balance;
    double stall_timeout_s;
    bool heard;                       ///< a rank raised its flag
    uint64_t map;                     ///< number of the newest
    size_t *ends;                     ///< [size], of static shares
    struct evo_farm_peer *peers;      ///< [size], the first is not used
    struct evo_farm_arrival *arrivals; ///< [n_arrivals]
    size_t n_arrivals;
    struct evo_farm_room done, blocks; ///< a byte for each unit; a struct evo_farm_block for each block
    struct evo_farm_order farewell;
    double looked_s, event_s;          ///< when ranks were looked at last; when something came

    /* The others. */
    struct evo_farm_room items;
    struct evo_farm_room answers[2]; ///< written in turn
    MPI_Request answered[2];
    uint64_t cancelled; ///< pieces of maps up to this one need no work
    bool told;          ///< rank 0 knows that the flag is raised
};

/// Ends the job on all ranks where an MPI call failed: the others would wait for ever.
void evo_farm_require(const struct evo_farm *farm, int mpi_result, const char *call);

/// Ends the job on all ranks with a message.
void evo_farm_abort(const struct evo_farm *farm, const char *message)
    __attribute__((noreturn));

/// Leaves the core to others for a moment; longer, where nothing has come since `event_s` for long. Rank 0's
/// writer thread may want it, or other ranks, where there are more than cores.
void evo_farm_pause(const struct evo_farm *farm, double event_s);

/// Before MPI is started: says what is going to fail where srun started many processes of which Open
/// MPI will not know. Local.
void evo_farm_warn_of_srun(void);

/// EVO_ERR_FARM where MPI knows of this process alone, though a launcher started more: another
/// MPI's. Local.
enum evo_status evo_farm_check_alone(void);

#endif
