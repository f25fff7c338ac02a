/* SPDX-License-Identifier: MIT */
/* A checkpoint of format 1, kept in the tree, loads for ever: to the bit, and it can go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/run.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    evo_task_fly(saved.state->task, evo_cases_of(4), n, population->genomes + first * population->genome,
                 population->fitness + first);
    assert_int_equal(evo_search_tell(saved.state->search, 4), EVO_OK);
    evo_saved_fini(&saved);
}

/* ---- opened by another program ---- */

enum { HEAD = 512, SUPERBLOCK = 48, N_FILE = 22232 };

/* What h5py 3.7 (HDF5 1.10.8) left of this file's superblock: after h5py.File(path, "a").close(), and when
 * it was killed with the file open. The flags, the base address, the end of the file and their sum differ. */
static const unsigned char closed[SUPERBLOCK] = {
    0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0x03, 0x08, 0x08, 0x00, 0x00, 0x02, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xd8, 0x56, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x30, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc5, 0x04, 0x95, 0x4f};
enum { FLAGS = 11, SUM = 44 };
static const unsigned char killed_flags = 0x01, killed_sum[4] = {0xbd, 0xd6, 0x37, 0xda};

static char *read_format_1(void)
{
    char *bytes = NULL;
    size_t n = 0;
    if (evo_file_read(path, N_FILE, &bytes, &n) != EVO_OK) { fail_msg("%s", evo_status_message()); }
    assert_int_equal(n, N_FILE);
    return bytes;
}

static enum evo_status parse(const char *bytes, size_t n)
{
    struct evo_checkpoint *checkpoint = NULL;
    enum evo_status status = evo_checkpoint_parse("opened.h5", bytes, n, &checkpoint);
    if (status == EVO_OK) { assert_int_equal(evo_checkpoint_generation(checkpoint), 3); }
    evo_checkpoint_close(checkpoint);
    return status;
}

static void a_checkpoint_that_h5py_opened_to_write_and_closed_loads(void **state)
{
    (void)state;
    char *bytes = read_format_1();
    assert_int_equal(parse(bytes, N_FILE), EVO_OK);
    memcpy(bytes + HEAD, closed, SUPERBLOCK);
    assert_int_equal(parse(bytes, N_FILE), EVO_OK);
    bytes[HEAD + FLAGS] = (char)killed_flags;
    memcpy(bytes + HEAD + SUM, killed_sum, sizeof killed_sum);
    assert_int_equal(parse(bytes, N_FILE), EVO_OK);
    free(bytes);
}

static void a_checkpoint_that_another_program_changed_is_said_to_be_changed(void **state)
{
    (void)state;
    char *bytes = read_format_1();
    memcpy(bytes + HEAD, closed, SUPERBLOCK);
    for (int at = HEAD + SUPERBLOCK; at < N_FILE; at += 97) {
        bytes[at] ^= 1;
        assert_int_equal(parse(bytes, N_FILE), EVO_ERR_CHECKPOINT);
        assert_non_null(strstr(evo_status_message(), "opened.h5: another program opened it to write, and changed it"));
        bytes[at] ^= 1;
    }
    assert_int_equal(parse(bytes, N_FILE - 1), EVO_ERR_CHECKPOINT);
    free(bytes);
}

static void a_flipped_bit_of_an_opened_superblock_is_noticed(void **state)
{
    (void)state;
    char *bytes = read_format_1();
    memcpy(bytes + HEAD, closed, SUPERBLOCK);
    for (int i = 0; i < 8 * SUPERBLOCK; i++) {
        bytes[HEAD + i / 8] ^= (char)(1 << i % 8);
        assert_int_equal(parse(bytes, N_FILE), EVO_ERR_CHECKPOINT);
        bytes[HEAD + i / 8] ^= (char)(1 << i % 8);
    }
    free(bytes);
}

/* ---- what the store knows of a run ---- */

/* The store looks for ledgers by name where it cannot look inside: these are the names. */
static void every_ledger_of_a_run_is_one_that_the_store_looks_for(void **state)
{
    (void)state;
    struct evo_saved saved = {0};
    struct evo_store_contents held;
    char folder[] = "/tmp/evompi_ledgers_XXXXXX", *link = NULL;
    assert_non_null(mkdtemp(folder));
    open_saved(&saved);
    const char *const names[] = {saved.state->history->name, saved.state->lineage->table->name};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(evo_file_join(&link, folder, names[i]), EVO_OK);
        assert_int_equal(symlink("/not/mounted", link), 0);
        assert_int_equal(evo_store_look(folder, &held), EVO_ERR_IO);
        assert_int_equal(unlink(link), 0);
        free(link);
    }
    assert_int_equal(rmdir(folder), 0);
    evo_saved_fini(&saved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_checkpoint_of_format_1_loads_to_the_bit),
        cmocka_unit_test(its_creatures_living_and_dead_are_all_there),
        cmocka_unit_test(its_search_goes_on),
        cmocka_unit_test(a_checkpoint_that_h5py_opened_to_write_and_closed_loads),
        cmocka_unit_test(a_checkpoint_that_another_program_changed_is_said_to_be_changed),
        cmocka_unit_test(a_flipped_bit_of_an_opened_superblock_is_noticed),
        cmocka_unit_test(every_ledger_of_a_run_is_one_that_the_store_looks_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
