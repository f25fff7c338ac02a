/* SPDX-License-Identifier: MIT */
/* What the test of <evompi/lanes.h> knows of its functions as they are compiled for one instruction set. */
#ifndef EVO_LANES_FUNCTIONS_H
#define EVO_LANES_FUNCTIONS_H

#include <stddef.h>

enum lanes_function {
    LANES_SIN, LANES_COS, LANES_EXP, LANES_LOG, LANES_TANH, LANES_ATAN2, LANES_SQRT, LANES_FMA, LANES_MIN,
    LANES_MAX, LANES_CLIP, LANES_ABS, LANES_SELECT, LANES_ARITHMETIC, LANES_NUMBERS, LANES_N,
};

/// One function of three arrays of n doubles, or floats.
typedef void lanes_each(const void *first, const void *second, const void *third, size_t n, void *out);

struct lanes_functions {
    lanes_each *each[LANES_N];
};

#endif
