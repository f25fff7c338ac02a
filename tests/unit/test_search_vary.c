/* SPDX-License-Identifier: MIT */
/* The six mutations, each alone: what a child has that its parent had not. */
#include "test_search.h"

enum { P = 40000, N_CHILDREN = P / 2, GENOME = 8, N_MATRIX = 6 };

/* ---- children by one way of varying --------------------------------------------------------- */

static const char *const ways[] = {"scale_normal", "scale_each", "scale_one",
                                   "scale_all",    "set",        "copy"};
enum { N_WAYS = sizeof ways / sizeof ways[0] };

/* A first and a second generation, where only ways[i] with weights[i] > 0 is used. The parents'
 * parameters are far from 0 and 1 and from each other, so that a change tells its kind. */
static void breed(struct trial *trial, const double weights[N_WAYS], double matrix_chance)
{
    char text[512] = "[ga]\n";
    for (size_t i = 0; i < N_WAYS; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "weight_%s = %g\n", ways[i],
                 weights[i]);
    }
    trial_begin(trial, "[population]\nsize = %d\n%smatrix_chance = %g\n", P, text, matrix_chance);
    trial_ask(trial, 1, false);
    for (size_t i = 0; i < P; i++) {
        for (size_t k = 0; k < GENOME; k++) {
            trial->population->genomes[i * GENOME + k] = 2.0 + exp2((double)(2 * k));
        }
    }
    trial_score(trial, SMOOTH);
    must(evo_search_tell(trial->search, 1));
    trial_ask(trial, 2, false);
    assert_int_equal(trial->n, N_CHILDREN);
}

static void breed_one_way(struct trial *trial, const char *way)
{
    double weights[N_WAYS];
    for (size_t i = 0; i < N_WAYS; i++) { weights[i] = strcmp(ways[i], way) == 0 ? 1.0 : 0.0; }
    breed(trial, weights, 0.5);
}

/* A child beside its parent. */
struct child {
    const double *own, *parents;
    size_t first, n; // the block that changed: matrix or constants; n 0 where nothing did
    size_t n_changed, last_changed;
};

static struct child child_of(const struct trial *trial, size_t i)
{
    const double *genomes = trial->population->genomes;
    struct child child = {.own = genomes + (trial->first + i) * GENOME,
                          .parents = genomes + i * GENOME};
    for (size_t k = 0; k < GENOME; k++) {
        if (child.own[k] == child.parents[k]) { continue; }
        size_t first = k < N_MATRIX ? 0 : N_MATRIX;
        assert_true(child.n == 0 || child.first == first);
        child.first = first;
        child.n = k < N_MATRIX ? N_MATRIX : GENOME - N_MATRIX;
        child.n_changed++;
        child.last_changed = k;
    }
    return child;
}

static double factor(const struct child *child, size_t k)
{
    return child->own[k] / child->parents[k];
}

/* Whether a mean of n draws is what it should be, within five standard errors. */
static void assert_mean(double sum, double n, double mean, double sd)
{
    assert_true(n > 100.0);
    assert_true(fabs(sum / n - mean) < 5.0 * sd / sqrt(n));
}

/* ---- each way ------------------------------------------------------------------------------- */

/* Mean and standard deviation of all factors of a whole block; the block is even odds. */
static void check_factors(const char *way, double mean, double sd, double fourth, double low,
                          double high)
{
    struct trial trial;
    breed_one_way(&trial, way);
    double n = 0.0, sum = 0.0, squares = 0.0, n_matrices = 0.0;
    for (size_t i = 0; i < N_CHILDREN; i++) {
        struct child child = child_of(&trial, i);
        assert_int_equal(child.n_changed, child.n);
        assert_true(child.n > 0);
        n_matrices += child.first == 0 ? 1.0 : 0.0;
        for (size_t k = child.first; k < child.first + child.n; k++) {
            double x = factor(&child, k);
            assert_true(x >= low && x < high);
            assert_true(k == child.first || fabs(x - factor(&child, k - 1)) > 1e-12);
            n += 1.0;
            sum += x;
            squares += (x - mean) * (x - mean);
        }
    }
    assert_mean(sum, n, mean, sd);
    assert_mean(squares, n, sd * sd, fourth);
    assert_mean(n_matrices, N_CHILDREN, 0.5, 0.5);
    trial_end(&trial);
}

static void scale_normal_multiplies_a_block_by_normal_factors(void **state)
{
    (void)state;
    check_factors("scale_normal", 0.5, 0.1, sqrt(2.0) * 0.01, -0.1, 1.1);
}

static void scale_each_multiplies_a_block_by_different_uniform_factors(void **state)
{
    (void)state;
    check_factors("scale_each", 1.0, sqrt(1.0 / 12.0), sqrt(1.0 / 180.0), 0.5, 1.5);
}

static void scale_all_multiplies_a_block_by_one_uniform_factor(void **state)
{
    (void)state;
    struct trial trial;
    breed_one_way(&trial, "scale_all");
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < N_CHILDREN; i++) {
        struct child child = child_of(&trial, i);
        assert_true(child.n > 0 && child.n_changed == child.n);
        double x = factor(&child, child.first);
        for (size_t k = child.first; k < child.first + child.n; k++) {
            assert_true(fabs(factor(&child, k) - x) < 1e-14);
        }
        assert_true(x >= 0.5 && x < 1.5);
        sum += x;
        squares += (x - 1.0) * (x - 1.0);
    }
    assert_mean(sum, N_CHILDREN, 1.0, sqrt(1.0 / 12.0));
    assert_mean(squares, N_CHILDREN, 1.0 / 12.0, sqrt(1.0 / 180.0));
    trial_end(&trial);
}

/* Every entry of both blocks is hit as often as the odds say. */
static void assert_entries_even(const double n_hits[GENOME], double chance)
{
    for (size_t k = 0; k < GENOME; k++) {
        double p = chance * (k < N_MATRIX ? 0.5 / N_MATRIX : 0.5 / (GENOME - N_MATRIX));
        assert_mean(n_hits[k], N_CHILDREN, p, sqrt(p * (1.0 - p)));
    }
}

static void scale_one_multiplies_one_entry_by_a_uniform_factor(void **state)
{
    (void)state;
    struct trial trial;
    breed_one_way(&trial, "scale_one");
    double sum = 0.0, n_hits[GENOME] = {0};
    for (size_t i = 0; i < N_CHILDREN; i++) {
        struct child child = child_of(&trial, i);
        assert_int_equal(child.n_changed, 1);
        double x = factor(&child, child.last_changed);
        assert_true(x >= 0.5 && x < 1.5);
        sum += x;
        n_hits[child.last_changed] += 1.0;
    }
    assert_mean(sum, N_CHILDREN, 1.0, sqrt(1.0 / 12.0));
    assert_entries_even(n_hits, 1.0);
    trial_end(&trial);
}

static void set_makes_one_entry_0_or_1(void **state)
{
    (void)state;
    struct trial trial;
    breed_one_way(&trial, "set");
    double n_ones = 0.0, n_hits[GENOME] = {0};
    for (size_t i = 0; i < N_CHILDREN; i++) {
        struct child child = child_of(&trial, i);
        assert_int_equal(child.n_changed, 1);
        double x = child.own[child.last_changed];
        assert_true(x == 0.0 || x == 1.0);
        n_ones += x;
        n_hits[child.last_changed] += 1.0;
    }
    assert_mean(n_ones, N_CHILDREN, 0.5, 0.5);
    assert_entries_even(n_hits, 1.0);
    trial_end(&trial);
}

/* Copies of an entry onto itself change nothing; with a minus they show. */
static void copy_makes_one_entry_plus_or_minus_another_of_its_block(void **state)
{
    (void)state;
    struct trial trial;
    breed_one_way(&trial, "copy");
    double n_minus[2] = {0}, n_other[2] = {0}, n_from[GENOME] = {0};
    for (size_t i = 0; i < N_CHILDREN; i++) {
        struct child child = child_of(&trial, i);
        if (child.n_changed == 0) { continue; }
        assert_int_equal(child.n_changed, 1);
        double x = child.own[child.last_changed];
        size_t from = child.first;
        while (from < child.first + child.n && child.parents[from] != fabs(x)) { from++; }
        assert_true(from < child.first + child.n);
        n_minus[child.first > 0] += x < 0.0 ? 1.0 : 0.0;
        n_other[child.first > 0] += from != child.last_changed ? 1.0 : 0.0;
        n_from[from] += x < 0.0 ? 1.0 : 0.0;
    }
    for (size_t block = 0; block < 2; block++) {
        double size = block == 0 ? N_MATRIX : GENOME - N_MATRIX, other = 0.5 * (1.0 - 1.0 / size);
        assert_mean(n_minus[block], N_CHILDREN, 0.25, sqrt(0.25 * 0.75));
        assert_mean(n_other[block], N_CHILDREN, other, sqrt(other * (1.0 - other)));
    }
    assert_entries_even(n_from, 0.5);
    trial_end(&trial);
}

/* ---- odds ----------------------------------------------------------------------------------- */

/* How a child was varied, from what changed; whole blocks by their factors. */
static size_t way_of(const struct child *child)
{
    enum { NORMAL, EACH, ONE, ALL, SET, COPY };
    double x = child->own[child->last_changed];
    if (child->n_changed == 1) {
        if (x == 0.0 || x == 1.0) { return SET; }
        for (size_t k = child->first; k < child->first + child->n; k++) {
            if (fabs(x) == child->parents[k]) { return COPY; }
        }
        return ONE;
    }
    double least = INFINITY, most = -INFINITY;
    for (size_t k = child->first; k < child->first + child->n; k++) {
        least = fmin(least, factor(child, k));
        most = fmax(most, factor(child, k));
    }
    if (most - least < 1e-12) { return ALL; }
    return least < 0.5 ? NORMAL : EACH;
}

static void weights_say_how_often_each_way_is_taken(void **state)
{
    (void)state;
    /* A matrix of six normal factors has one below 0.5 but for once in 64; not to confuse the
     * two, either is tried with the four others. */
    const double cases[][N_WAYS] = {
        {3, 0, 1, 2, 1, 0},
        {0, 1, 2, 2, 4, 0},
        {0, 5, 0, 0, 0, 0},
        {0, 0, 1e-6, 0, 3e-6, 0},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct trial trial;
        double n_taken[N_WAYS] = {0}, sum = 0.0;
        breed(&trial, cases[c], 1.0);
        for (size_t i = 0; i < N_CHILDREN; i++) {
            struct child child = child_of(&trial, i);
            assert_int_equal(child.n, N_MATRIX);
            size_t way = way_of(&child);
            /* Without scale_each, factors all above 0.5 are normal too. */
            n_taken[way == 1 && cases[c][1] == 0.0 ? 0 : way] += 1.0;
        }
        for (size_t k = 0; k < N_WAYS; k++) { sum += cases[c][k]; }
        for (size_t k = 0; k < N_WAYS; k++) {
            double p = cases[c][k] / sum;
            if (p == 0.0 || p == 1.0) {
                assert_true(n_taken[k] == p * N_CHILDREN);
            } else {
                assert_mean(n_taken[k], N_CHILDREN, p, sqrt(p * (1.0 - p)));
            }
        }
        trial_end(&trial);
    }
}

static void matrix_chance_says_which_block_changes(void **state)
{
    (void)state;
    const double weights[N_WAYS] = {0, 1, 0, 0, 0, 0}, chances[] = {0.0, 0.2, 1.0};
    for (size_t c = 0; c < sizeof chances / sizeof chances[0]; c++) {
        struct trial trial;
        double n_matrices = 0.0, p = chances[c];
        breed(&trial, weights, p);
        for (size_t i = 0; i < N_CHILDREN; i++) {
            n_matrices += child_of(&trial, i).first == 0 ? 1.0 : 0.0;
        }
        assert_true(fabs(n_matrices - p * N_CHILDREN) <= 5.0 * sqrt(N_CHILDREN * p * (1.0 - p)));
        trial_end(&trial);
    }
}

/* ---- shapes and places ---------------------------------------------------------------------- */

static void genomes_of_any_length_are_varied_within_their_bounds(void **state)
{
    (void)state;
    const struct evo_shape shapes[] = {{0, 0, 1, 0}, {0, 1, 1, 0}, {0, 2, 1, 0}, {4, 2, 1, 0}, {16, 12, 4, 5}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        struct trial trial;
        must(trial_try(&trial, "[population]\nsize = 301\n", shapes[s]));
        for (uint64_t g = 1; g <= 20; g++) { trial_step(&trial, g, SMOOTH); }
        assert_int_equal(trial.population->genome, evo_shape_genome(shapes[s]));
        trial_end(&trial);
    }
}

/* The same survivors, in populations of different size and so in other slots and litters, have
 * children that differ from them in the same way: draws belong to ids. */
static void a_child_depends_on_its_id_and_its_parent_alone(void **state)
{
    (void)state;
    struct trial small, large;
    trial_begin(&small, "[population]\nsize = 600\n[ga]\nswap = 0\nsurvivors = 0.5\n");
    trial_begin(&large, "[population]\nsize = 600\n[ga]\nswap = 0\nsurvivors = 0.25\n");
    trial_step(&small, 1, SMOOTH);
    trial_step(&large, 1, SMOOTH);
    for (size_t i = 0; i < 600 * GENOME; i++) {
        small.population->genomes[i] = large.population->genomes[i] = 3.0;
    }
    trial_ask(&small, 2, false);
    trial_ask(&large, 2, false);
    assert_int_not_equal(small.first, large.first);
    for (size_t i = 0; i < small.n; i++) {
        assert_int_equal(small.population->id[small.first + i],
                         large.population->id[large.first + i]);
        assert_memory_equal(small.population->genomes + (small.first + i) * GENOME,
                            large.population->genomes + (large.first + i) * GENOME,
                            GENOME * sizeof(double));
    }
    trial_end(&small);
    trial_end(&large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scale_normal_multiplies_a_block_by_normal_factors),
        cmocka_unit_test(scale_each_multiplies_a_block_by_different_uniform_factors),
        cmocka_unit_test(scale_all_multiplies_a_block_by_one_uniform_factor),
        cmocka_unit_test(scale_one_multiplies_one_entry_by_a_uniform_factor),
        cmocka_unit_test(set_makes_one_entry_0_or_1),
        cmocka_unit_test(copy_makes_one_entry_plus_or_minus_another_of_its_block),
        cmocka_unit_test(weights_say_how_often_each_way_is_taken),
        cmocka_unit_test(matrix_chance_says_which_block_changes),
        cmocka_unit_test(genomes_of_any_length_are_varied_within_their_bounds),
        cmocka_unit_test(a_child_depends_on_its_id_and_its_parent_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
