/* SPDX-License-Identifier: MIT */
/* Solves the discrete algebraic Riccati equation by structured doubling, over LAPACK and BLAS. */
#include "riccati.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A x = b for n_rhs right sides; both are overwritten. */
extern void dgesv_(const int *n, const int *n_rhs, double *a, const int *lda, int *pivots, double *b,
                   const int *ldb, int *info);
/* c = alpha op(a) op(b) + beta c. The lengths of the two texts come last, as Fortran passes them. */
extern void dgemm_(const char *op_a, const char *op_b, const int *rows, const int *cols,
                   const int *inner, const double *alpha, const double *a, const int *lda,
                   const double *b, const int *ldb, const double *beta, double *c, const int *ldc,
                   size_t op_a_length, size_t op_b_length);

/* Doublings until the solution stands: each squares what is left of the transient. */
enum { MOST_DOUBLINGS = 60 };

/* c [rows][cols] += op(a) op(b), with `inner` the dimension summed over; op is "N" or "T". */
static void add_product(const char *op_a, const char *op_b, size_t rows, size_t cols, size_t inner,
                        const double *a, const double *b, double *c)
{
    const double one = 1.0;
    int r = (int)rows, k = (int)cols, n = (int)inner;
    int lda = *op_a == 'N' ? r : n, ldb = *op_b == 'N' ? n : k;
    dgemm_(op_a, op_b, &r, &k, &n, &one, a, &lda, b, &ldb, &one, c, &r, 1, 1);
}

static void set_product(const char *op_a, const char *op_b, size_t rows, size_t cols, size_t inner,
                        const double *a, const double *b, double *c)
{
    memset(c, 0, rows * cols * sizeof *c);
    add_product(op_a, op_b, rows, cols, inner, a, b, c);
}

/* b = a^-1 b; a [n][n] is lost, b is [n][cols]. */
static enum evo_status solve(size_t n, size_t cols, double *a, int *pivots, double *b)
{
    int order = (int)n, n_rhs = (int)cols, info = 0;
    dgesv_(&order, &n_rhs, a, &order, pivots, b, &order, &info);
    EVO_CHECK(info == 0, EVO_ERR_DATA, "riccati: a matrix of order %zu is singular (info %d)", n,
              info);
    return EVO_OK;
}

enum evo_status evo_riccati_init(size_t n, size_t m, struct evo_riccati *out)
{
    double *block = NULL;
    EVO_TRY(evo_alloc(2 * n * n + 2 * n * m + n + m, sizeof *block, "riccati", &block));
    *out = (struct evo_riccati){
        .n = n,
        .m = m,
        .a = block,
        .x = block + n * n,
        .b = block + 2 * n * n,
        .gain = block + 2 * n * n + n * m,
        .price_state = block + 2 * n * n + 2 * n * m,
        .price_command = block + 2 * n * n + 2 * n * m + n,
    };
    return EVO_OK;
}

void evo_riccati_fini(struct evo_riccati *riccati)
{
    free(riccati->a);
    *riccati = (struct evo_riccati){0};
}

/* What the doubling works on: [n][n] each. */
struct doubling {
    size_t n;
    double *a, *g, *h, *w, *v_a, *v_g, *t;
    int *pivots;
};

/* a = A, g = B R^-1 B', h = Q. */
static void begin(const struct evo_riccati *riccati, struct doubling *d)
{
    size_t n = riccati->n;
    memcpy(d->a, riccati->a, n * n * sizeof *d->a);
    for (size_t i = 0; i < n; i++) { d->h[i + i * n] = riccati->price_state[i]; }
    for (size_t j = 0; j < riccati->m; j++) {
        const double *column = riccati->b + j * n;
        for (size_t i = 0; i < n * n; i++) {
            // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): R > 0 is the caller's part
            d->g[i] += column[i % n] * column[i / n] / riccati->price_command[j];
        }
    }
}

/* w = 1 + g h; a' = a w^-1 a, g' = g + a w^-1 g a^T, h' = h + a^T h w^-1 a. `*change` is that of h,
 * relative to its largest element. */
static enum evo_status double_once(struct doubling *d, double *change)
{
    size_t n = d->n, bytes = n * n * sizeof *d->a;
    set_product("N", "N", n, n, n, d->g, d->h, d->w);
    for (size_t i = 0; i < n; i++) { d->w[i + i * n] += 1.0; }
    /* Both right sides stand behind one another. */
    memcpy(d->v_a, d->a, bytes);
    memcpy(d->v_g, d->g, bytes);
    EVO_TRY(solve(n, 2 * n, d->w, d->pivots, d->v_a));

    double largest = 0.0, most = 0.0;
    set_product("N", "N", n, n, n, d->h, d->v_a, d->t);
    set_product("T", "N", n, n, n, d->a, d->t, d->w);
    for (size_t i = 0; i < n * n; i++) {
        d->h[i] += d->w[i];
        most = fmax(most, fabs(d->w[i]));
        largest = fmax(largest, fabs(d->h[i]));
    }
    set_product("N", "N", n, n, n, d->a, d->v_g, d->t);
    add_product("N", "T", n, n, n, d->t, d->a, d->g);
    set_product("N", "N", n, n, n, d->a, d->v_a, d->t);
    memcpy(d->a, d->t, bytes);
    *change = most / largest;
    return EVO_OK;
}

/* gain = (R + B'XB)^-1 B'XA */
static enum evo_status find_gain(struct evo_riccati *riccati, struct doubling *d)
{
    size_t n = riccati->n, m = riccati->m;
    set_product("T", "N", m, n, n, riccati->b, riccati->x, d->t);
    set_product("N", "N", m, m, n, d->t, riccati->b, d->w);
    for (size_t j = 0; j < m; j++) { d->w[j + j * m] += riccati->price_command[j]; }
    set_product("N", "N", m, n, n, d->t, riccati->a, riccati->gain);
    return solve(m, n, d->w, d->pivots, riccati->gain);
}

enum evo_status evo_riccati_solve(struct evo_riccati *riccati)
{
    enum evo_status status = EVO_OK;
    size_t n = riccati->n, size = n * n;
    struct doubling d = {.n = n};
    double *block = NULL, change = 1.0;
    EVO_GOTO(evo_alloc(7 * size, sizeof *block, "riccati", &block));
    EVO_GOTO(evo_alloc(n > riccati->m ? n : riccati->m, sizeof *d.pivots, "riccati", &d.pivots));
    d.a = block, d.g = block + size, d.h = block + 2 * size, d.w = block + 3 * size;
    d.v_a = block + 4 * size, d.v_g = block + 5 * size, d.t = block + 6 * size;
    begin(riccati, &d);
    for (int i = 0; i < MOST_DOUBLINGS && change > 1e-14; i++) { EVO_GOTO(double_once(&d, &change)); }
    if (!(change <= 1e-14)) {
        status = evo_status_fail(EVO_ERR_DATA, "riccati: no solution of order %zu: something cannot "
                                 "be steered, or has no price", n);
        goto done;
    }
    for (size_t i = 0; i < size; i++) {
        riccati->x[i] = 0.5 * (d.h[i] + d.h[i / n + (i % n) * n]);
    }
    EVO_GOTO(find_gain(riccati, &d));
done:
    free(block);
    free(d.pivots);
    return status;
}
