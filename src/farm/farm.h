/* SPDX-License-Identifier: MIT */
/* The farm's own memory, shared by the files of this module. */
#ifndef EVO_FARM_PRIVATE_H
#define EVO_FARM_PRIVATE_H

#include <evompi/farm.h>

#include <mpi.h>

struct evo_farm {
    MPI_Comm comm; ///< a duplicate of MPI_COMM_WORLD
    int rank, size;
    const volatile int *raised; ///< a signal was heard here; NULL where nobody watches
    bool others_failed;         ///< a map failed on another rank: the message is there
    double root_weight;         ///< rank 0's measured speed over the others' mean, 0 to 1
    size_t *counts;             ///< [size], items of each rank
    int *mpi_counts, *starts;   ///< [size], the same as MPI wants them
    struct evo_farm_report *reports; ///< [size]; of the others' on rank 0 only
    MPI_Request *requests;           ///< [2 * size], of rank 0: a rank's share, then its report
    int *done;                       ///< [2 * size], room for MPI_Testsome
    void *items, *results;           ///< this rank's block; not on rank 0
    size_t items_bytes, results_bytes;
};

/// What each rank says after its share.
struct evo_farm_report {
    double work_s;
    int status, raised;
    char note[EVO_FARM_NOTE];
};

/// Ends the job on all ranks where an MPI call failed: the others would wait for ever.
void evo_farm_require(const struct evo_farm *farm, int mpi_result, const char *call);

/// Ends the job on all ranks with a message.
void evo_farm_abort(const struct evo_farm *farm, const char *message)
    __attribute__((noreturn));

/// Before MPI is started: says what is going to fail where srun started many processes of which Open
/// MPI will not know. Local.
void evo_farm_warn_of_srun(void);

/// EVO_ERR_FARM where MPI knows of this process alone, though a launcher started more: another
/// MPI's. Local.
enum evo_status evo_farm_check_alone(void);

#endif
