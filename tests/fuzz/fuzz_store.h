/* SPDX-License-Identifier: MIT */
/* Files of the store for fuzzing: a head that vouches for what follows it. */
#ifndef FUZZ_STORE_H
#define FUZZ_STORE_H

#include "../../src/store/parts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerInitialize(int *n_arguments, char ***arguments);

static inline void fuzz_require(bool fine)
{
    if (!fine) { abort(); }
}

/// HDF5 clears a megabyte for every file it opens: it is to keep that memory, not to give it back to
/// the system each time.
int LLVMFuzzerInitialize(int *n_arguments, char ***arguments)
{
    (void)n_arguments, (void)arguments;
    fuzz_require(H5set_free_list_limits(-1, -1, -1, -1, 1 << 26, 1 << 22) >= 0);
    return 0;
}

/// One file in memory (from malloc) that is `bytes` behind a right head.
static inline char *fuzz_file(const uint8_t *bytes, size_t n, enum evo_head_kind kind)
{
    char *file = malloc(n);
    fuzz_require(file != NULL);
    memcpy(file, bytes, n);
    evo_head_write(file, n, kind);
    return file;
}

#endif
