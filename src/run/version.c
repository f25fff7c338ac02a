/* SPDX-License-Identifier: MIT */
/* What this program is and what it was built with. */
#include "run.h"

#include "revision.h"

const char *evo_run_version(void)
{
    return "evompi " EVO_VERSION " (" EVO_REVISION ")";
}

void evo_run_print_version(FILE *out)
{
    char mpi[256];
    evo_farm_library(mpi, sizeof mpi);
    fprintf(out, "%s\ncompiler: %s\nMPI: %s\nHDF5: %s\nLAPACK: %s\ninstruction sets:\n",
            evo_run_version(), EVO_COMPILER, mpi, evo_store_library(), EVO_LAPACK);
    evo_task_print_isas(out);
}
