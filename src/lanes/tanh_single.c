/* SPDX-License-Identifier: MIT */
/* The plain hyperbolic tangent in single precision. */
#define EVO_SINGLE
#include "controller.h"

#include "vec_plain.h"

#include "tanh.h"

double evo_tanh_single(double x) { return (double)vec_tanh((real)x); }
