/* SPDX-License-Identifier: MIT */
/* Islands of the ga: who breeds with whom, who migrates, and how a spent island starts over. */
#include "test_search.h"

static void *field_of(const struct trial *trial, const char *name)
{
    size_t n;
    const struct evo_field *fields = evo_search_fields(trial->search, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i].name, name) == 0) { return fields[i].data; }
    }
    fail_msg("the search has no field %s", name);
    return NULL;
}

static const uint64_t *labels_of(const struct trial *trial) { return field_of(trial, "island"); }

/* Who was born when the generation was asked for stands behind the survivors. */
static size_t n_survivors_of(const struct trial *trial, uint64_t generation)
{
    size_t n = 0;
    while (n < trial->population->n && trial->population->born[n] < generation) { n++; }
    return n;
}

/* The slot of a creature by id; ids ascend. */
static size_t slot_of(const struct trial *trial, uint64_t id)
{
    size_t slot = 0;
    while (slot < trial->population->n && trial->population->id[slot] != id) { slot++; }
    return slot;
}

static void one_island_that_never_starts_over_is_the_whole_population(void **state)
{
    (void)state;
    struct trial trials[2];
    trial_begin(&trials[0], "[population]\nsize = 41\n[ga]\ndifference = 0.5\n");
    trial_begin(&trials[1],
                "[population]\nsize = 41\n[ga]\ndifference = 0.5\npatience = 1000000\n");
    for (uint64_t g = 1; g <= 30; g++) {
        for (int t = 0; t < 2; t++) { trial_step(&trials[t], g, HOSTILE); }
        const struct evo_population *a = trials[0].population, *b = trials[1].population;
        assert_int_equal(trials[0].first, trials[1].first);
        assert_memory_equal(a->id, b->id, a->n * sizeof *a->id);
        assert_memory_equal(a->genomes, b->genomes, a->n * a->genome * sizeof *a->genomes);
    }
    for (int t = 0; t < 2; t++) { trial_end(&trials[t]); }
}

static void islands_keep_their_sizes_and_their_best_and_breed_by_themselves(void **state)
{
    (void)state;
    enum { P = 103, K = 4, N_GENERATIONS = 30 };
    struct trial trial;
    trial_begin(&trial, "[population]\nsize = %d\n[ga]\nislands = %d\nelite = 0.05\n", P, K);
    double best[K];
    for (size_t k = 0; k < K; k++) { best[k] = INFINITY; }
    for (uint64_t g = 1; g <= N_GENERATIONS; g++) {
        trial_step(&trial, g, SMOOTH);
        const struct evo_population *population = trial.population;
        const uint64_t *label = labels_of(&trial);
        size_t n[K] = {0};
        double best_now[K];
        for (size_t k = 0; k < K; k++) { best_now[k] = INFINITY; }
        for (size_t i = 0; i < P; i++) {
            n[label[i]]++;
            best_now[label[i]] = fmin(best_now[label[i]], population->fitness[i]);
            if (population->born[i] < g || g == 1) { continue; }
            size_t parent = slot_of(&trial, population->parent[i]);
            assert_true(parent < P && population->born[parent] < g);
            assert_int_equal(label[parent], label[i]);
        }
        for (size_t k = 0; k < K; k++) {
            assert_int_equal(n[k], k < P % K ? P / K + 1 : P / K);
            assert_true(best_now[k] <= best[k]);
            best[k] = best_now[k];
        }
    }
    trial_end(&trial);
}

/* Island 1 gets better in every generation, the others never. */
static void a_spent_island_starts_over_and_the_others_go_on(void **state)
{
    (void)state;
    enum { P = 60, K = 3, PATIENCE = 5 };
    struct trial trial;
    trial_begin(&trial, "[population]\nsize = %d\n[ga]\nislands = %d\npatience = %d\n", P, K,
                PATIENCE);
    for (uint64_t g = 1; g <= 4 * PATIENCE; g++) {
        trial_ask(&trial, g, false);
        const uint64_t *label = labels_of(&trial);
        size_t n_new[K] = {0}, n_anew[K] = {0};
        for (size_t i = 0; i < P; i++) {
            n_new[label[i]] += trial.population->born[i] == g;
            n_anew[label[i]] +=
                trial.population->born[i] == g && trial.population->parent[i] == EVO_NOBODY;
        }
        bool over = g > 1 && (g - 1) % (PATIENCE + 1) == 0;
        for (size_t k = 0; k < K; k++) {
            bool anew = g == 1 || (over && k != 1);
            assert_int_equal(n_anew[k], anew ? P / K : 0);
            assert_int_equal(n_new[k], anew ? P / K : P / K / 2);
        }
        for (size_t i = trial.first; i < P; i++) {
            trial.population->fitness[i] = label[i] == 1 ? -(double)g : 100.0 + (double)(i % 3);
        }
        must(evo_search_tell(trial.search, g));
    }
    trial_end(&trial);
}

/* Scores fall by less than a millionth of themselves: as good as not at all. */
static void a_best_that_hardly_moves_is_no_better_best(void **state)
{
    (void)state;
    for (int notable = 0; notable < 2; notable++) {
        struct trial trial;
        trial_begin(&trial, "[population]\nsize = 20\n[ga]\npatience = 8\n");
        size_t n_starts = 0;
        for (uint64_t g = 1; g <= 40; g++) {
            trial_ask(&trial, g, false);
            n_starts += n_survivors_of(&trial, g) == 0 ? 1 : 0;
            for (size_t i = trial.first; i < trial.first + trial.n; i++) {
                trial.population->fitness[i] = 1e6 - (notable ? 2.0 : 0.1) * (double)g;
            }
            must(evo_search_tell(trial.search, g));
        }
        assert_int_equal(n_starts, notable ? 1 : 5);
        trial_end(&trial);
    }
}

/* ---- migration ------------------------------------------------------------------------------- */

/* Slots of the living on an island that are among its n best. */
static bool is_among_best(const struct trial *trial, size_t slot, size_t n_living, size_t n)
{
    const struct evo_population *population = trial->population;
    const uint64_t *label = labels_of(trial);
    size_t n_before = 0;
    for (size_t i = 0; i < n_living; i++) {
        n_before += label[i] == label[slot] &&
                    evo_fitness_before(population->fitness[i], population->id[i],
                                       population->fitness[slot], population->id[slot]);
    }
    return n_before < n;
}

static void migrants_are_copies_of_the_best_of_the_island_before(void **state)
{
    (void)state;
    enum { P = 80, K = 4, EVERY = 3, MIGRANTS = 2 };
    struct trial trial;
    trial_begin(&trial,
                "[population]\nsize = %d\n[ga]\nislands = %d\nmigrate_every = %d\nmigrants = %d\n",
                P, K, EVERY, MIGRANTS);
    trial_step(&trial, 1, SMOOTH);
    for (uint64_t g = 2; g <= 20; g++) {
        trial_ask(&trial, g, false);
        const struct evo_population *population = trial.population;
        const uint64_t *label = labels_of(&trial);
        size_t n_came[K] = {0};
        for (size_t i = trial.first; i < P; i++) {
            size_t parent = slot_of(&trial, population->parent[i]);
            if (label[parent] == label[i]) { continue; }
            n_came[label[i]]++;
            assert_int_equal(label[i], (label[parent] + 1) % K);
            assert_memory_equal(population->genomes + i * population->genome,
                                population->genomes + parent * population->genome,
                                population->genome * sizeof(double));
            assert_true(is_among_best(&trial, parent, trial.first, MIGRANTS));
        }
        for (size_t k = 0; k < K; k++) {
            assert_int_equal(n_came[k], g % EVERY == 0 ? MIGRANTS : 0);
        }
        trial_score(&trial, SMOOTH);
        must(evo_search_tell(trial.search, g));
    }
    trial_end(&trial);
}

/* Island 1 of two never gets better and starts over again and again; island 0 is older then. */
static void nobody_migrates_from_an_older_island_to_a_younger(void **state)
{
    (void)state;
    enum { P = 40, PATIENCE = 4 };
    struct trial trial;
    trial_begin(&trial,
                "[population]\nsize = %d\n[ga]\nislands = 2\npatience = %d\nmigrate_every = 1\n", P,
                PATIENCE);
    size_t n_down = 0, n_up = 0;
    for (uint64_t g = 1; g <= 30; g++) {
        trial_ask(&trial, g, false);
        const uint64_t *label = labels_of(&trial);
        for (size_t i = trial.first; i < P; i++) {
            size_t parent = slot_of(&trial, trial.population->parent[i]);
            bool came = parent < P && label[parent] != label[i];
            n_up += came && label[i] == 0;
            n_down += came && label[i] == 1 && g > PATIENCE + 1;
            trial.population->fitness[i] = label[i] == 0 ? -(double)g : 5.0;
        }
        must(evo_search_tell(trial.search, g));
    }
    assert_int_equal(n_down, 0);
    assert_true(n_up > 10);
    trial_end(&trial);
}

/* ---- crossover ------------------------------------------------------------------------------- */

/* Everybody's parameters are its own number, and the one variation leaves them as they are. */
static void a_crossed_child_has_parameters_of_two_survivors(void **state)
{
    (void)state;
    enum { P = 2000, GENOME = 8 };
    struct trial trial;
    trial_begin(&trial,
                "[population]\nsize = %d\n[ga]\ncrossover = 0.75\nscale_min = 1\nscale_max = 1\n"
                "weight_scale_normal = 0\nweight_scale_each = 0\nweight_scale_one = 0\n"
                "weight_set = 0\nweight_copy = 0\n",
                P);
    trial_ask(&trial, 1, false);
    for (size_t i = 0; i < P * GENOME; i++) {
        trial.population->genomes[i] = (double)(i / GENOME + 1);
    }
    trial_score(&trial, SMOOTH);
    must(evo_search_tell(trial.search, 1));
    trial_ask(&trial, 2, false);
    size_t n_crossed = 0, n_foreign = 0;
    for (size_t i = trial.first; i < P; i++) {
        const double *child = trial.population->genomes + i * GENOME;
        double own = (double)(trial.population->parent[i] + 1), other = own;
        for (size_t k = 0; k < GENOME; k++) {
            if (child[k] == own) { continue; }
            n_foreign++;
            assert_true(other == own || child[k] == other);
            other = child[k];
        }
        n_crossed += other != own;
    }
    /* Five standard deviations of a binomial count; one in 256 is crossed and takes nothing. */
    double n = (double)trial.n, p = 0.75 * (1.0 - 1.0 / 256.0);
    assert_true(fabs((double)n_crossed - n * p) < 5.0 * sqrt(n * p * (1.0 - p)) + 2.0);
    assert_true(fabs((double)n_foreign / (8.0 * 0.75 * n) - 0.5) < 0.05);
    trial_end(&trial);
}

/* ---- memory, sizes, refusals ----------------------------------------------------------------- */

/* Runs islands that start over and migrate, and counts everybody who was ever born. */
static void check_any(size_t n, size_t n_islands, enum scores scores, bool refly,
                      struct evo_shape shape)
{
    char text[256];
    snprintf(text, sizeof text,
             "[population]\nsize = %zu\n[lineage]\nkeep = all\n[ga]\nislands = %zu\npatience = 3\n"
             "migrate_every = 2\nmigrants = %zu\ndifference = 0.5\ncrossover = 0.5\n",
             n, n_islands, n / n_islands / 2 < 3 ? n / n_islands / 2 : 3);
    struct trial trial;
    must(trial_try(&trial, text, shape));
    for (uint64_t g = 1; g <= 25; g++) {
        trial_ask(&trial, g, refly);
        assert_true(trial.n > 0 && trial.first + trial.n == n);
        trial_score(&trial, scores);
        must(evo_search_tell(trial.search, g));
    }
    uint64_t born = *(const uint64_t *)field_of(&trial, "next_id");
    assert_int_equal(born, trial.lineage->table->n_rows + n);
    trial_end(&trial);
}

static void any_size_shape_and_score_is_survived_and_nobody_is_lost(void **state)
{
    (void)state;
    const size_t sizes[][2] = {{4, 1}, {4, 2}, {5, 2}, {9, 4}, {31, 7}, {128, 64}, {257, 3}};
    const struct evo_shape shapes[] = {{0, 0, 1, 0}, {1, 2, 1, 0}, {4, 12, 4, 2}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t k = 0; k < N_SCORES * 2 * 3; k++) {
            check_any(sizes[i][0], sizes[i][1], (enum scores)(k % N_SCORES), k / N_SCORES % 2 == 1,
                      shapes[k / N_SCORES / 2]);
        }
    }
}

static void copy_state(const struct trial *from, struct trial *to)
{
    struct evo_field fields[2][EVO_POPULATION_FIELDS + 64];
    const struct trial *trials[2] = {from, to};
    size_t n = 0, n_first = 0;
    for (int t = 0; t < 2; t++) {
        const struct evo_field *own = evo_search_fields(trials[t]->search, &n);
        n_first = evo_population_fields(trials[t]->population, fields[t]);
        memcpy(fields[t] + n_first, own, n * sizeof *own);
    }
    for (size_t i = 0; i < n + n_first; i++) {
        size_t width = fields[0][i].n_cols > 0 ? fields[0][i].n_cols : 1;
        memcpy(fields[1][i].data, fields[0][i].data, fields[0][i].n_rows * width * 8);
    }
}

static void restored_before_and_after_an_island_starts_over_it_goes_on_bit_for_bit(void **state)
{
    (void)state;
    const char *text = "[population]\nsize = 61\n[ga]\nislands = 3\npatience = 4\n"
                       "migrate_every = 3\ndifference = 0.5\ncrossover = 0.2\n";
    enum { N_GENERATIONS = 24 };
    for (uint64_t from = 1; from < N_GENERATIONS; from++) {
        struct trial trials[2];
        for (int t = 0; t < 2; t++) { must(trial_try(&trials[t], text, original_shape)); }
        for (uint64_t g = 1; g <= from; g++) { trial_step(&trials[0], g, TIED); }
        copy_state(&trials[0], &trials[1]);
        must(evo_search_restored(trials[1].search));
        for (uint64_t g = from + 1; g <= N_GENERATIONS; g++) {
            for (int t = 0; t < 2; t++) { trial_step(&trials[t], g, TIED); }
        }
        const struct evo_population *a = trials[0].population, *b = trials[1].population;
        assert_memory_equal(a->id, b->id, a->n * sizeof *a->id);
        assert_memory_equal(a->genomes, b->genomes, a->n * a->genome * sizeof *a->genomes);
        assert_memory_equal(labels_of(&trials[0]), labels_of(&trials[1]), a->n * 8);
        for (int t = 0; t < 2; t++) { trial_end(&trials[t]); }
    }
}

/* Six creatures to an island: three survivors, three children. */
static void more_migrants_than_an_island_has_survivors_or_children_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        enum evo_status status;
    } cases[] = {{"migrants = 3", EVO_OK},
                 {"migrants = 4", EVO_ERR_CONFIG},
                 {"migrants = 2\nsurvivors = 0.2", EVO_ERR_CONFIG},
                 {"migrants = 2\nsurvivors = 0.8", EVO_ERR_CONFIG},
                 {"migrants = 4\nmigrate_every = 0", EVO_OK}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct trial trial;
        char text[256];
        bool migrates = strstr(cases[i].keys, "migrate_every") == NULL;
        snprintf(text, sizeof text, "[population]\nsize = 12\n[ga]\nislands = 2\n%s%s\n",
                 migrates ? "migrate_every = 2\n" : "", cases[i].keys);
        assert_int_equal(trial_try(&trial, text, original_shape), cases[i].status);
        if (cases[i].status != EVO_OK) {
            assert_non_null(strstr(evo_status_message(), "[ga] migrants"));
            assert_non_null(strstr(evo_status_message(), "an island of 6 has"));
        }
        trial_end(&trial);
    }
}

static void too_many_islands_and_a_damaged_label_are_refused(void **state)
{
    (void)state;
    struct trial trial;
    assert_int_equal(
        trial_try(&trial, "[population]\nsize = 9\n[ga]\nislands = 5\n", original_shape),
        EVO_ERR_CONFIG);
    assert_non_null(strstr(evo_status_message(), "islands"));
    trial_end(&trial);
    trial_begin(&trial, "[population]\nsize = 9\n[ga]\nislands = 4\n");
    trial_step(&trial, 1, SMOOTH);
    must(evo_search_restored(trial.search));
    ((uint64_t *)field_of(&trial, "island"))[8] = 4;
    assert_int_equal(evo_search_restored(trial.search), EVO_ERR_CHECKPOINT);
    trial_end(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_island_that_never_starts_over_is_the_whole_population),
        cmocka_unit_test(islands_keep_their_sizes_and_their_best_and_breed_by_themselves),
        cmocka_unit_test(a_spent_island_starts_over_and_the_others_go_on),
        cmocka_unit_test(a_best_that_hardly_moves_is_no_better_best),
        cmocka_unit_test(migrants_are_copies_of_the_best_of_the_island_before),
        cmocka_unit_test(nobody_migrates_from_an_older_island_to_a_younger),
        cmocka_unit_test(a_crossed_child_has_parameters_of_two_survivors),
        cmocka_unit_test(any_size_shape_and_score_is_survived_and_nobody_is_lost),
        cmocka_unit_test(restored_before_and_after_an_island_starts_over_it_goes_on_bit_for_bit),
        cmocka_unit_test(more_migrants_than_an_island_has_survivors_or_children_are_refused),
        cmocka_unit_test(too_many_islands_and_a_damaged_label_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
