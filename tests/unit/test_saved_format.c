/* SPDX-License-Identifier: MIT */
/* A checkpoint of format 1, kept in the tree, loads for ever: to the bit, and it can go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/run.h>

#include <string.h>

static const char path[] = EVO_TEST_DATA "/format_1/checkpoint.h5";

static void open_saved(struct evo_saved *saved)
{
    if (evo_saved_open(path, saved) != EVO_OK) { fail_msg("%s", evo_status_message()); }
}

static void a_checkpoint_of_format_1_loads_to_the_bit(void **state)
{
    (void)state;
    struct evo_saved saved = {0};
    open_saved(&saved);
    assert_int_equal(saved.state->generation, 3);
    assert_int_equal(saved.state->evaluations, 11);
    assert_int_equal(saved.state->history->n_rows, 3);
    assert_int_equal(evo_search_population(saved.state->search)->n, 5);
    assert_int_equal(saved.config->job_seed, 1);
    assert_int_equal(saved.state->champion.id, 0);
    /* Shown by the program that wrote it. */
    const double best = 0x1.3d20c39f98b6ap+15;
    assert_memory_equal(&saved.state->champion.fitness, &best, sizeof best);
    evo_saved_fini(&saved);
}

static enum evo_status count(void *context, const struct evo_saved_creature *creature)
{
    (void)creature;
    ++*(size_t *)context;
    return EVO_OK;
}

static void its_creatures_living_and_dead_are_all_there(void **state)
{
    (void)state;
    struct evo_saved saved = {0};
    size_t n = 0;
    open_saved(&saved);
    assert_int_equal(evo_saved_creatures(&saved, count, &n), EVO_OK);
    assert_int_equal(n, saved.state->lineage->table->n_rows + 5);
    evo_saved_fini(&saved);
}

static void its_search_goes_on(void **state)
{
    (void)state;
    struct evo_saved saved = {0};
    size_t first = 0, n = 0;
    open_saved(&saved);
    struct evo_population *population = evo_search_population(saved.state->search);
    assert_int_equal(evo_search_ask(saved.state->search, 4, false, &first, &n), EVO_OK);
    assert_in_range(n, 1, 5);
    evo_task_fly(saved.state->task, 4, n, population->genomes + first * population->genome,
                 population->fitness + first);
    assert_int_equal(evo_search_tell(saved.state->search, 4), EVO_OK);
    evo_saved_fini(&saved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_checkpoint_of_format_1_loads_to_the_bit),
        cmocka_unit_test(its_creatures_living_and_dead_are_all_there),
        cmocka_unit_test(its_search_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
