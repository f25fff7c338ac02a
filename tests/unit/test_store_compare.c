/* SPDX-License-Identifier: MIT */
/* Comparing states: equal is equal, and each kind of difference is named with its place. */
#include "store_sample.h"

#include <sys/wait.h>

enum { N_ROWS = SAMPLE_SEGMENT + 10 };

static void set_fitness(struct sample *s) { s->fitness[17] = 0.5; }
static void set_genome(struct sample *s) { s->genomes[12][3] = -0.0; }
static void set_id(struct sample *s) { s->id[0] = 3; }
static void set_offset(struct sample *s) { s->offset[36] = -1; }
static void set_text(struct sample *s) { snprintf(s->text, sizeof s->text, "[job]\nseed = 9\n"); }
static void set_generation(struct sample *s) { s->snapshot.generation = 2; }
static void set_seconds(struct sample *s) { s->seconds = 1e9; }
static void set_sealed_row(struct sample *s) { ((double *)s->history->data[1])[70] = 2.0; }
static void set_tail_row(struct sample *s) { ((double *)s->history->data[2])[3 * 4100 + 2] = 2.0; }
static void set_sealed_time(struct sample *s) { ((double *)s->history->data[3])[5] = 2.0; }
static void add_row(struct sample *s) { sample_append(s, 1); }
static void drop_field(struct sample *s) { s->sections[0].n_fields = 2; }
static void drop_needed_field(struct sample *s) { s->sections[0].n_fields = 1; }
static void drop_section(struct sample *s) { s->snapshot.n_sections = 1; }
static void drop_ledger(struct sample *s) { s->snapshot.n_ledgers = 0; }
static void shorten(struct sample *s) { s->population_fields[1].n_rows--; }
static void retype(struct sample *s) { s->population_fields[1].type = EVO_TYPE_U64; }

/* A change, and what is said of it; NULL: nothing, but with --all `says_all`. */
static const struct {
    void (*change)(struct sample *s);
    const char *says, *says_all;
} changes[] = {
    {set_fitness, "population/fitness[17]: ", ""},
    {set_fitness, " against 0.5 (0x1p-1, bits 0x3fe0000000000000)", ""},
    {set_genome, "population/genomes[12][3]: ", ""},
    {set_id, "population/id[0]: 37 (0x25) against 3 (0x3)", ""},
    {set_offset, "population/offset[36]: -37 (0xffffffffffffffdb) against -1 ", ""},
    {set_text, "run/config, line 2: \"seed = 1\" against \"seed = 9\"", ""},
    {set_generation, "generation: 1 against 2", ""},
    {set_sealed_row, "history/best[70]: ", ""},
    {set_tail_row, "history/genome[4100][2]: ", ""},
    {add_row, "history: 4106 rows of 48 bytes against 4107 rows", ""},
    {drop_needed_field, "run/config: there against not there", ""},
    {drop_section, "population: there against not there", ""},
    {drop_ledger, "history: there against not there", ""},
    {shorten, "population/fitness: f64 of 37 x 1 against f64 of 36 x 1", ""},
    {retype, "population/fitness: f64 of 37 x 1 against u64 of 37 x 1", ""},
    {set_seconds, NULL, "run/seconds[0]: 0.5 "},
    {set_sealed_time, NULL, "history/seconds[5]: 0.5 "},
    {drop_field, NULL, "run/seconds: there against not there"},
};

/* A run folder with one checkpoint of generation 1, changed. */
static void save_changed(const char *folder, void (*change)(struct sample *s))
{
    struct sample s;
    struct evo_store *store = NULL;
    sample_init(&s);
    sample_advance(&s, 1, N_ROWS);
    if (change != NULL) { change(&s); }
    check_ok(evo_store_open(folder, false, &store));
    check_ok(evo_store_submit(store, &s.snapshot));
    check_ok(evo_store_close(store));
    sample_fini(&s);
}

static void check_says(const char *a, const char *b, bool all, const char *says)
{
    char *difference = NULL;
    check_ok(evo_store_compare(a, b, all, &difference));
    if (says == NULL) {
        assert_null(difference);
    } else if (difference == NULL || strstr(difference, says) == NULL) {
        fail_msg("wanted \"%s\", got \"%s\"", says, difference != NULL ? difference : "equal");
    }
    free(difference);
}

static void two_runs_of_one_state_are_equal(void **state)
{
    char *a = in_folder(*state, "a"), *b = in_folder(*state, "b");
    char *file_a = in_folder(a, "checkpoint.h5"), *file_b = in_folder(b, "checkpoint.h5");
    save_changed(a, NULL);
    save_changed(b, NULL);
    check_says(a, b, false, NULL);
    check_says(a, b, true, NULL);
    check_says(file_a, file_b, true, NULL);
    check_says(a, a, true, NULL);
    free(file_a);
    free(file_b);
    free(a);
    free(b);
}

static void each_kind_of_difference_is_named_with_its_place(void **state)
{
    char *a = in_folder(*state, "a");
    save_changed(a, NULL);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char name[16];
        snprintf(name, sizeof name, "b%zu", i);
        char *b = in_folder(*state, name);
        save_changed(b, changes[i].change);
        check_says(a, b, false, changes[i].says);
        check_says(a, b, true, changes[i].says == NULL ? changes[i].says_all : changes[i].says);
        free(b);
    }
    free(a);
}

static void what_cannot_be_read_is_an_error_not_a_difference(void **state)
{
    char *a = in_folder(*state, "a"), *difference = NULL;
    char *segment = in_folder(a, "history/00000000.h5");
    save_changed(a, NULL);
    check_fails(evo_store_compare(a, *state, false, &difference), EVO_ERR_CHECKPOINT,
                "holds no checkpoint");
    assert_int_equal(unlink(segment), 0);
    check_fails(evo_store_compare(a, a, false, &difference), EVO_ERR_CHECKPOINT, "00000000.h5");
    free(segment);
    free(a);
}

/* The program itself, by its exit code. */
static int run_diff(const char *options, const char *a, const char *b)
{
    char *command = NULL;
    check_ok(evo_text_format(&command, "../evompi-diff %s %s %s > /dev/null 2>&1", options, a, b));
    int code = system(command);
    free(command);
    assert_true(WIFEXITED(code));
    return WEXITSTATUS(code);
}

static void the_program_says_it_by_its_exit_code(void **state)
{
    char *a = in_folder(*state, "a"), *b = in_folder(*state, "b");
    if (access("../evompi-diff", X_OK) != 0) { skip(); }
    save_changed(a, NULL);
    save_changed(b, set_seconds);
    assert_int_equal(run_diff("", a, b), 0);
    assert_int_equal(run_diff("--all", a, b), 1);
    assert_int_equal(run_diff("--al", a, b), 2);
    assert_int_equal(run_diff("", a, ""), 2);
    assert_int_equal(run_diff(a, a, a), 2);
    assert_int_equal(run_diff("", a, *state), 2);
    assert_int_equal(run_diff("--help", "", ""), 0);
    free(a);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(two_runs_of_one_state_are_equal),
        STORE_TEST(each_kind_of_difference_is_named_with_its_place),
        STORE_TEST(what_cannot_be_read_is_an_error_not_a_difference),
        STORE_TEST(the_program_says_it_by_its_exit_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
