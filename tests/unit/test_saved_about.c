/* SPDX-License-Identifier: MIT */
/* What checkpoints say of the run beside its state is made once, and is that of their own generation all the same. */
#include "store_sample.h"

#include <evompi/run.h>

enum { N_GENERATIONS = 12 };

static void check_text(const struct evo_checkpoint *checkpoint, const char *name, const char *want)
{
    char *text = NULL;
    check_ok(evo_checkpoint_text(checkpoint, "about", name, &text));
    assert_string_equal(text, want);
    free(text);
}

/* The newest checkpoint and champion.csv against texts that are printed anew; true where the champion is
 * another than before. */
static bool check_saved(const char *folder, const struct evo_state *state, uint64_t n_ranks,
                        uint64_t *champion)
{
    struct evo_checkpoint *checkpoint = NULL;
    char *resolved = NULL, *fixed = NULL, *text = NULL, *path = NULL, *on_disk = NULL;
    bool found = false;
    uint64_t read = 0, hash = 0, seed = 0;
    size_t n = 0;
    check_ok(evo_checkpoint_find(folder, &checkpoint, &path, &found));
    assert_int_equal(evo_checkpoint_generation(checkpoint), state->generation);
    check_ok(evo_config_print(state->config, false, false, &resolved));
    check_ok(evo_config_print(state->config, false, true, &fixed));
    check_text(checkpoint, "config", resolved);
    check_text(checkpoint, "config_fixed", fixed);
    const struct evo_field fields[] = {
        {.name = "n_ranks", .type = EVO_TYPE_U64, .n_rows = 1, .data = &read},
        {.name = "config_hash", .type = EVO_TYPE_U64, .n_rows = 1, .data = &hash},
        {.name = "seed", .type = EVO_TYPE_U64, .n_rows = 1, .data = &seed}};
    check_ok(evo_checkpoint_load(checkpoint, &(struct evo_section){"about", "", fields, 3}));
    assert_int_equal(read, n_ranks);
    assert_int_equal(hash, evo_config_hash(state->config));
    assert_int_equal(seed, 3);

    check_ok(evo_champion_print(state->task, &state->champion, &text));
    on_disk = read_in_folder(folder, "champion.csv", &n);
    assert_string_equal(on_disk, text);
    bool changed = *champion != state->champion.id;
    *champion = state->champion.id;
    char *const all[] = {resolved, fixed, text, path, on_disk};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) { free(all[i]); }
    evo_checkpoint_close(checkpoint);
    return changed;
}

static void advance(struct evo_state *state)
{
    struct evo_evaluator here = evo_generation_here(state);
    struct evo_population_summary summary;
    struct evo_generation generation = {0};
    check_ok(evo_generation_run(state, &here, &generation));
    check_ok(evo_population_summarize(evo_search_population(state->search), &summary));
    check_ok(evo_generation_select(state, &here, false, summary.i_best, &generation));
}

/* Saves every generation; the number of ranks changes as it does when a job goes on elsewhere. */
static size_t run(const char *folder, const char *search, const char *task)
{
    char text[256];
    struct evo_config *config = NULL;
    struct evo_state *state = NULL;
    struct evo_store *store = NULL;
    uint64_t champion = EVO_NOBODY;
    size_t n_changes = 0;
    int n = snprintf(text, sizeof text,
                     "[job]\nseed = 3\n[population]\nsize = 40\n[search]\nname = %s\n[task]\nname = %s\n"
                     "[exam]\nevery = 3\n[hover]\nflights = 2\nduration = 0.2\n", search, task);
    check_ok(evo_config_parse("test", text, (size_t)n, false, NULL, 0, evo_run_scope(), &config));
    check_ok(evo_state_create(config, &state));
    check_ok(evo_store_open(folder, false, &store));
    check_ok(evo_store_clear(store));
    for (int i = 0; i < N_GENERATIONS; i++) {
        advance(state);
        check_ok(evo_state_save(state, store, 1 + i % 3));
        check_ok(evo_store_drain(store));
        if (state->champion.id != EVO_NOBODY && check_saved(folder, state, (uint64_t)(1 + i % 3), &champion)) {
            n_changes++;
        }
    }
    check_ok(evo_store_close(store));
    evo_state_destroy(state);
    evo_config_destroy(config);
    return n_changes;
}

static void each_checkpoint_says_its_own_champion_and_ranks(void **state)
{
    static const char *const searches[] = {"ga", "cmaes", "lshade", "random"};
    for (size_t i = 0; i < 4; i++) {
        assert_in_range(run(*state, searches[i], "altitude"), 1, N_GENERATIONS - 1);
        assert_in_range(run(*state, searches[i], "hover"), 1, N_GENERATIONS - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(each_checkpoint_says_its_own_champion_and_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
