/* SPDX-License-Identifier: MIT */
/* The gain of a linear-quadratic regulator: the discrete algebraic Riccati equation. */
#ifndef EVO_RICCATI_H
#define EVO_RICCATI_H

#include <evompi/base.h>

/// x' = A x + B u, to be held at 0 at the least sum of x'Qx + u'Ru. Matrices are column by column
/// (Fortran's order): element (i, j) of [rows][cols] is at i + j * rows.
struct evo_riccati {
    size_t n, m;                         ///< states, commands
    double *a, *b;                       ///< [n][n], [n][m]
    double *price_state, *price_command; ///< diagonals of Q >= 0 [n] and R > 0 [m]
    double *x;                           ///< [n][n]: the solution
    double *gain;                        ///< [m][n]: u = -gain * x
};

/// One block of the heap for all of it, zeroed; released with evo_riccati_fini.
enum evo_status evo_riccati_init(size_t n, size_t m, struct evo_riccati *out);
void evo_riccati_fini(struct evo_riccati *riccati);

/// Fills x and gain from the rest, by structured doubling [Chu, Fan, Lin, Wang, Structure-preserving
/// algorithms for periodic discrete-time algebraic Riccati equations, Int. J. Control 77, 2004];
/// A may be singular. EVO_ERR_DATA where there is no solution: what cannot be steered, or has no price.
enum evo_status evo_riccati_solve(struct evo_riccati *riccati);

#endif
