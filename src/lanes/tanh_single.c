/* SPDX-License-Identifier: MIT */
/* The plain hyperbolic tangent in single precision. */
#define EVO_SINGLE
#include <evompi/controller.h>

#include <evompi/lanes/vec_plain.h>

#include <evompi/lanes/tanh.h>

double evo_tanh_single(double x) { return (double)vec_tanh((real)x); }
