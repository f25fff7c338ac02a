/* SPDX-License-Identifier: MIT */
/* Which HDF5 library this is. */
#include <evompi/store.h>

#include <hdf5.h>

const char *evo_store_library(void)
{
    /* What was compiled against; HDF5 itself stops a program that finds another at run time. */
    return H5_VERS_INFO;
}
