/* SPDX-License-Identifier: MIT */
/* The superblock of an HDF5 file: what a program changes there that opens a file and closes it again. */
#include "parts.h"

#include <string.h>

/* Versions 2 and 3 [HDF5 File Format Specification 3.0, II.A]. evompi makes its files in memory,
 * where nothing stands before them. Whoever opens one from the disk to write (h5py's mode 'a', its
 * default before version 3) finds the superblock at byte 512, and HDF5 then corrects two addresses:
 * the base address, from 0 to 512, and the end of the file, by as much. It sets flags as long as the
 * file is open, which stay when that program is killed. And it sums the superblock anew. */
enum {
    VERSION = 8,
    OFFSET_BYTES = 9,
    LENGTH_BYTES = 10,
    FLAGS = 11,
    BASE = 12,
    END = 28,
    SUM = 44,
    SUPERBLOCK_BYTES = 48,
    FLAGS_OPEN = 1 | 4, // open to write; open to write beside readers (SWMR)
};

static uint64_t get_number(const unsigned char *bytes, int n)
{
    uint64_t number = 0;
    for (int i = n - 1; i >= 0; i--) { number = number << 8 | bytes[i]; }
    return number;
}

static void put_number(unsigned char *bytes, int n, uint64_t number)
{
    for (int i = 0; i < n; i++) { bytes[i] = (unsigned char)(number >> (8 * i)); }
}

bool evo_superblock_restore(char *body, size_t n)
{
    static const unsigned char signature[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char *block = (unsigned char *)body;
    if (n < SUPERBLOCK_BYTES || memcmp(block, signature, sizeof signature) != 0) { return false; }
    bool known = (block[VERSION] == 2 || block[VERSION] == 3) && block[OFFSET_BYTES] == 8 &&
                 block[LENGTH_BYTES] == 8 && get_number(block + SUM, 4) == evo_sums_metadata(block, SUM);
    uint64_t base = get_number(block + BASE, 8), end = get_number(block + END, 8);
    bool touched = base == EVO_HEAD_BYTES || block[FLAGS] != 0;
    if (!known || !touched || (base != 0 && base != EVO_HEAD_BYTES) || end < base ||
        (block[FLAGS] & ~FLAGS_OPEN) != 0) {
        return false;
    }
    block[FLAGS] = 0;
    put_number(block + BASE, 8, 0);
    put_number(block + END, 8, end - base);
    put_number(block + SUM, 4, evo_sums_metadata(block, SUM));
    return true;
}
