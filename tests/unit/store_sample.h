/* SPDX-License-Identifier: MIT */
/* What the tests of the store save and load: a small state with a ledger, and a folder for it. */
#ifndef EVOMPI_STORE_SAMPLE_H
#define EVOMPI_STORE_SAMPLE_H

#include <evompi/store.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAMPLE_N = 37, SAMPLE_GENOME = 8, SAMPLE_TEXT = 64 };

/// A state that follows from its generation alone, but for `seconds`.
struct sample {
    uint64_t generation, id[SAMPLE_N];
    int64_t offset[SAMPLE_N];
    double fitness[SAMPLE_N], genomes[SAMPLE_N][SAMPLE_GENOME], seconds;
    char text[SAMPLE_TEXT];
    struct evo_field run_fields[3], population_fields[6];
    struct evo_section sections[2];
    struct evo_table *history;
    struct evo_store_text champion;
    struct evo_snapshot snapshot;
};

static const struct evo_column sample_columns[] = {
    {.name = "generation", .unit = "1", .doc = "number of the generation", .type = EVO_TYPE_U64},
    {.name = "best", .unit = "m", .doc = "best fitness", .type = EVO_TYPE_F64},
    {.name = "genome", .unit = "1", .doc = "of the best", .type = EVO_TYPE_F64, .n_cols = 3},
    {.name = "seconds", .unit = "s", .doc = "wall", .type = EVO_TYPE_F64, .varies = true},
};
enum { SAMPLE_COLUMNS = sizeof sample_columns / sizeof *sample_columns };

/// Rows of 48 bytes: 4096 of them are the most that fit into 256 KiB.
enum { SAMPLE_SEGMENT = 4096 };

static inline void check_ok(enum evo_status status)
{
    if (status != EVO_OK) { fail_msg("status %d: %s", (int)status, evo_status_message()); }
}

/// The call fails with `status`, and its message holds `part`.
static inline void check_fails(enum evo_status got, enum evo_status status, const char *part)
{
    if (got == status && strstr(evo_status_message(), part) != NULL) { return; }
    fail_msg("status %d, wanted %d with \"%s\": %s", (int)got, (int)status, part,
             evo_status_message());
}

static inline double sample_value(uint64_t generation, size_t i)
{
    return 1.0 / (double)(generation * 7919 + i + 1);
}

/// Appends the rows that belong to the generation.
static inline void sample_append(struct sample *s, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        uint64_t row = s->history->first_row + s->history->n_rows;
        double best = sample_value(row, 0), genome[3] = {best, -best, 0.0};
        const void *const values[] = {&row, &best, genome, &s->seconds};
        check_ok(evo_table_append(s->history, values));
    }
}

/// The state after `generation`; `n_rows` more rows in the ledger.
static inline void sample_advance(struct sample *s, uint64_t generation, size_t n_rows)
{
    s->generation = s->snapshot.generation = generation;
    s->seconds = (double)generation * 0.5;
    snprintf(s->text, sizeof s->text, "[job]\nseed = %" PRIu64 "\n", generation);
    for (size_t i = 0; i < SAMPLE_N; i++) {
        s->id[i] = generation * SAMPLE_N + i;
        s->offset[i] = -(int64_t)(generation + i);
        s->fitness[i] = sample_value(generation, i);
        for (size_t j = 0; j < SAMPLE_GENOME; j++) {
            s->genomes[i][j] = sample_value(generation, i * SAMPLE_GENOME + j);
        }
    }
    sample_append(s, n_rows);
}

static inline void sample_init(struct sample *s)
{
    *s = (struct sample){.champion = {"champion.csv", "# evompi champion: none yet\n"}};
    struct evo_field run[] = {
        {"generation", "1", "generations done", EVO_TYPE_U64, false, 1, 0, &s->generation, NULL},
        {"config", "1", "the configuration", EVO_TYPE_TEXT, false, SAMPLE_TEXT, 0, s->text, NULL},
        {"seconds", "s", "time so far", EVO_TYPE_F64, true, 1, 0, &s->seconds, NULL},
    };
    struct evo_field population[] = {
        {"genomes", "1", "genomes", EVO_TYPE_F64, false, SAMPLE_N, SAMPLE_GENOME, s->genomes, NULL},
        {"fitness", "m", "smaller is better", EVO_TYPE_F64, false, SAMPLE_N, 0, s->fitness, NULL},
        {"id", "1", "over the whole run", EVO_TYPE_U64, false, SAMPLE_N, 0, s->id, NULL},
        {"offset", "1", "signed", EVO_TYPE_I64, false, SAMPLE_N, 0, s->offset, NULL},
        {"nothing", "1", "no rows", EVO_TYPE_F64, false, 0, 0, NULL, NULL},
        {"no_rows", "1", "columns, no rows", EVO_TYPE_U64, false, 0, 3, NULL, NULL},
    };
    memcpy(s->run_fields, run, sizeof run);
    memcpy(s->population_fields, population, sizeof population);
    s->sections[0] = (struct evo_section){"run", "where it stands", s->run_fields, 3};
    s->sections[1] = (struct evo_section){"population", "living", s->population_fields, 6};
    check_ok(evo_table_create("history", "a row each generation", sample_columns, SAMPLE_COLUMNS,
                              &s->history));
    s->snapshot = (struct evo_snapshot){.sections = s->sections, .n_sections = 2,
                                        .ledgers = &s->history, .n_ledgers = 1,
                                        .texts = &s->champion, .n_texts = 1};
}

static inline void sample_fini(struct sample *s) { evo_table_destroy(s->history); }

/// Loads everything; the ledger's tail too.
static inline enum evo_status sample_load(struct sample *s, const struct evo_checkpoint *checkpoint)
{
    EVO_TRY(evo_checkpoint_load(checkpoint, &s->sections[0]));
    EVO_TRY(evo_checkpoint_load(checkpoint, &s->sections[1]));
    s->snapshot.generation = s->generation;
    return evo_checkpoint_tail(checkpoint, s->history);
}

/// Whether two samples hold the same bits.
static inline bool sample_equals(const struct sample *a, const struct sample *b)
{
    return a->generation == b->generation && memcmp(a->id, b->id, sizeof a->id) == 0 &&
           memcmp(a->offset, b->offset, sizeof a->offset) == 0 &&
           memcmp(a->fitness, b->fitness, sizeof a->fitness) == 0 &&
           memcmp(a->genomes, b->genomes, sizeof a->genomes) == 0 && strcmp(a->text, b->text) == 0;
}

/// Loads the newest checkpoint of `folder` and makes sure that it is what its generation says.
static inline uint64_t sample_check(const char *folder)
{
    struct sample got, want;
    struct evo_checkpoint *checkpoint = NULL;
    char *path = NULL;
    bool found = false;
    sample_init(&got);
    sample_init(&want);
    check_ok(evo_checkpoint_find(folder, &checkpoint, &path, &found));
    check_ok(sample_load(&got, checkpoint));
    sample_advance(&want, got.generation, 0);
    assert_true(sample_equals(&got, &want));
    evo_checkpoint_close(checkpoint);
    free(path);
    sample_fini(&want);
    sample_fini(&got);
    return got.generation;
}

/// Saves the generations [first, last], each with `n_rows` rows, into the folder, as a job would:
/// resuming where something is there.
static inline void sample_save(const char *folder, uint64_t first, uint64_t last, size_t n_rows)
{
    struct sample s;
    struct evo_store *store = NULL;
    struct evo_checkpoint *checkpoint = NULL;
    char *path = NULL;
    bool found = false;
    sample_init(&s);
    check_ok(evo_store_open(folder, false, &store));
    if (evo_checkpoint_find(folder, &checkpoint, &path, &found) == EVO_OK) {
        check_ok(sample_load(&s, checkpoint));
        evo_store_adopt(store, checkpoint);
        evo_checkpoint_close(checkpoint);
        free(path);
    }
    for (uint64_t g = first; g <= last; g++) {
        sample_advance(&s, g, n_rows);
        check_ok(evo_store_submit(store, &s.snapshot));
    }
    check_ok(evo_store_close(store));
    sample_fini(&s);
}

/* ---- folders ---- */

/// FOLDER/NAME; free().
static inline char *in_folder(const char *folder, const char *name)
{
    char *path = NULL;
    check_ok(evo_file_join(&path, folder, name));
    return path;
}

static inline bool is_in_folder(const char *folder, const char *name)
{
    char *path = in_folder(folder, name);
    bool there = evo_file_exists(path, NULL);
    free(path);
    return there;
}

static inline void put_in_folder(const char *folder, const char *name, const void *bytes, size_t n)
{
    char *path = in_folder(folder, name);
    check_ok(evo_file_replace(path, NULL, bytes, n, false));
    free(path);
}

static inline char *read_in_folder(const char *folder, const char *name, size_t *n)
{
    char *path = in_folder(folder, name), *bytes = NULL;
    check_ok(evo_file_read(path, SIZE_MAX / 4, &bytes, n));
    free(path);
    return bytes;
}

static inline int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info, (void)kind, (void)at;
    return remove(path);
}

static inline void remove_folder(const char *folder)
{
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/// cmocka's setup and teardown: *state is the path of an empty folder.
static inline int make_test_folder(void **state)
{
    const char *given = getenv("TMPDIR"), *base = given != NULL ? given : "/tmp";
    char *folder = NULL;
    if (evo_text_format(&folder, "%s/evompi_store_XXXXXX", base) != EVO_OK) { return -1; }
    *state = folder;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static inline int remove_test_folder(void **state)
{
    remove_folder(*state);
    free(*state);
    return 0;
}

#define STORE_TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_test_folder, remove_test_folder)

#endif
