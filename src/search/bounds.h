/* SPDX-License-Identifier: MIT */
/* Bounds of parameters: a search moves without them, and its candidates are mapped inside. */
#ifndef EVO_SEARCH_BOUNDS_H
#define EVO_SEARCH_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>

/// Bounds for every parameter, either of them infinite or not. Inside they change nothing but in a
/// margin along each, which a parabola fills smoothly; outside values are mirrored back. The search
/// learns from what it drew, not from what it was mapped to, so that its distribution keeps its
/// shape: pycma's and libcmaes' way (BoxConstraintsLinQuadTransformation, pwqBoundStrategy).
struct evo_bounds {
    double low, high;
    double low_margin, high_margin;
    bool any;
};

/// low < high.
struct evo_bounds evo_bounds_make(double low, double high);

/// What is evaluated for y, in [low, high]; NaN for NaN.
double evo_bounds_map(const struct evo_bounds *bounds, double y);

/// A value that is mapped to x, for x in [low, high].
double evo_bounds_unmap(const struct evo_bounds *bounds, double x);

#endif
