/* SPDX-License-Identifier: MIT */
/* The plain hyperbolic tangent in double precision. */
#include <evompi/controller.h>

#include <evompi/lanes/vec_plain.h>

#include <evompi/lanes/tanh.h>

double evo_tanh_double(double x) { return (double)vec_tanh((real)x); }
