/* SPDX-License-Identifier: MIT */
/* Damaged, foreign and hostile files: noticed, named, and the checkpoint before them used. */
#include "store_sample.h"

#include <sys/stat.h>
#include <sys/wait.h>

enum { HEAD = 512, FIRST_BYTES = 4096, N_FLIPS = 200, N_HOSTILE = 3000 };

/* A small generator of its own: the same damage on every machine. */
static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed += 0x9e3779b97f4a7c15u;
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

/* A folder whose newest checkpoint is generation 2, and the bytes of it. */
static char *save_two(const char *folder, size_t *n)
{
    sample_save(folder, 1, 2, 3);
    return read_in_folder(folder, "checkpoint.h5", n);
}

/* Generation 1 is found in place of what stands at checkpoint.h5. */
static void check_previous_is_used(const char *folder)
{
    if (sample_check(folder) != 1) { fail_msg("damage went unnoticed"); }
}

/* The head as the format defines it, made here once more. */
static void write_head(char *file, size_t n, const char *kind, unsigned format)
{
    char head[HEAD + 1];
    memset(head, '\n', sizeof head);
    int length = snprintf(head, sizeof head,
                          "evompi %s\nformat %u\nbytes %zu\nxxh3 %016" PRIx64 "\n"
                          "This text is 512 bytes long. The bytes counted and hashed above follow "
                          "it:\nan HDF5 file, which h5py, h5dump and h5ls open as it stands.\n",
                          kind, format, n - HEAD, evo_text_hash(file + HEAD, n - HEAD));
    head[length] = '\n';
    memcpy(file, head, HEAD);
}

static void the_head_is_what_the_format_says(void **state)
{
    size_t n = 0;
    char *bytes = save_two(*state, &n), head[HEAD];
    memcpy(head, bytes, HEAD);
    memset(bytes, 0, HEAD);
    write_head(bytes, n, "checkpoint", EVO_STORE_FORMAT);
    assert_memory_equal(bytes, head, HEAD);
    free(bytes);
}

static void a_file_cut_at_any_512th_byte_is_noticed(void **state)
{
    size_t n = 0;
    char *bytes = save_two(*state, &n);
    assert_true(n > 8 * HEAD);
    for (size_t size = 0; size < n; size += HEAD) {
        put_in_folder(*state, "checkpoint.h5", bytes, size);
        check_previous_is_used(*state);
    }
    put_in_folder(*state, "checkpoint.h5", bytes, n - 1);
    check_previous_is_used(*state);
    free(bytes);
}

static void a_file_with_bytes_behind_its_end_is_noticed(void **state)
{
    size_t n = 0;
    char *bytes = save_two(*state, &n);
    put_in_folder(*state, "checkpoint.h5", bytes, n + 1); // the NUL behind what was read
    check_previous_is_used(*state);
    free(bytes);
}

static void a_flipped_bit_anywhere_is_noticed(void **state)
{
    size_t n = 0;
    uint64_t seed = 1;
    char *bytes = save_two(*state, &n);
    for (int i = 0; i < N_FLIPS; i++) {
        size_t at = draw(&seed, n);
        char bit = (char)(1 << draw(&seed, 8));
        bytes[at] ^= bit;
        put_in_folder(*state, "checkpoint.h5", bytes, n);
        check_previous_is_used(*state);
        bytes[at] ^= bit;
    }
    put_in_folder(*state, "checkpoint.h5", bytes, n);
    assert_int_equal(sample_check(*state), 2);
    free(bytes);
}

static void every_flipped_bit_of_the_first_4096_bytes_is_noticed(void **state)
{
    size_t n = 0;
    uint64_t seed = 2;
    char *bytes = save_two(*state, &n);
    struct evo_checkpoint *checkpoint = NULL;
    check_ok(evo_checkpoint_parse("whole", bytes, n, &checkpoint));
    evo_checkpoint_close(checkpoint);
    for (size_t i = 0; i < 8 * (FIRST_BYTES + 1000); i++) {
        size_t at = i < 8 * FIRST_BYTES ? i / 8 : FIRST_BYTES + draw(&seed, n - FIRST_BYTES);
        bytes[at] ^= (char)(1 << i % 8);
        check_fails(evo_checkpoint_parse("flipped", bytes, n, &checkpoint), EVO_ERR_CHECKPOINT,
                    "flipped: ");
        bytes[at] ^= (char)(1 << i % 8);
    }
    free(bytes);
}

/* ---- files of another kind ---- */

/* What stands at checkpoint.h5, and what the message must say of it. */
struct impostor {
    const char *says;
    void (*put)(const char *folder, char *bytes, size_t n);
};

static void put_empty(const char *folder, char *bytes, size_t n)
{
    (void)n;
    put_in_folder(folder, "checkpoint.h5", bytes, 0);
}

static void put_text(const char *folder, char *bytes, size_t n)
{
    (void)bytes, (void)n;
    put_in_folder(folder, "checkpoint.h5", "hello\n", 6);
}

/* Without its head a checkpoint is an HDF5 file like any other. */
static void put_other_hdf5(const char *folder, char *bytes, size_t n)
{
    put_in_folder(folder, "checkpoint.h5", bytes + HEAD, n - HEAD);
}

static void put_newer(const char *folder, char *bytes, size_t n)
{
    write_head(bytes, n, "checkpoint", 7);
    put_in_folder(folder, "checkpoint.h5", bytes, n);
}

static void put_format_0(const char *folder, char *bytes, size_t n)
{
    write_head(bytes, n, "checkpoint", 0);
    put_in_folder(folder, "checkpoint.h5", bytes, n);
}

static void put_segment(const char *folder, char *bytes, size_t n)
{
    write_head(bytes, n, "segment", EVO_STORE_FORMAT);
    put_in_folder(folder, "checkpoint.h5", bytes, n);
}

static void put_head_before_junk(const char *folder, char *bytes, size_t n)
{
    memset(bytes + HEAD, 'x', n - HEAD);
    write_head(bytes, n, "checkpoint", EVO_STORE_FORMAT);
    put_in_folder(folder, "checkpoint.h5", bytes, n);
}

static void put_folder(const char *folder, char *bytes, size_t n)
{
    (void)bytes, (void)n;
    char *path = in_folder(folder, "checkpoint.h5");
    assert_int_equal(unlink(path), 0);
    check_ok(evo_file_make_folder(path));
    free(path);
}

static void put_pipe(const char *folder, char *bytes, size_t n)
{
    (void)bytes, (void)n;
    char *path = in_folder(folder, "checkpoint.h5");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    free(path);
}

static const struct impostor impostors[] = {
    {"checkpoint.h5: is empty", put_empty},
    {"checkpoint.h5: is not an evompi checkpoint", put_text},
    {"is not an evompi checkpoint but another program's HDF5 file", put_other_hdf5},
    {"was written by a newer evompi (format 7; this one reads up to 1)", put_newer},
    {"checkpoint.h5: its head is damaged", put_format_0},
    {"is an evompi segment, not a checkpoint", put_segment},
    {"what follows its head is no HDF5 file", put_head_before_junk},
    {"checkpoint.h5: is a folder", put_folder},
    {"checkpoint.h5: is not a regular file", put_pipe},
};
enum { N_IMPOSTORS = sizeof impostors / sizeof *impostors };

static void an_impostor_is_named_in_a_warning_and_the_previous_one_used(void **state)
{
    for (size_t i = 0; i < N_IMPOSTORS; i++) {
        char name[32];
        size_t n = 0, n_log = 0;
        snprintf(name, sizeof name, "run%zu", i);
        char *folder = in_folder(*state, name), *log = NULL;
        char *bytes = save_two(folder, &n);
        check_ok(evo_text_format(&log, "%s/log.txt", folder));
        impostors[i].put(folder, bytes, n);
        check_ok(evo_log_open(log));
        check_previous_is_used(folder);
        evo_log_close();
        char *text = read_in_folder(folder, "log.txt", &n_log);
        assert_non_null(strstr(text, "warning: "));
        assert_non_null(strstr(text, impostors[i].says));
        assert_non_null(strstr(text, "checkpoint.prev.h5"));
        free(text);
        free(bytes);
        free(log);
        free(folder);
    }
}

static void where_none_is_whole_both_are_named_and_nothing_is_touched(void **state)
{
    const char *folder = *state;
    struct evo_checkpoint *checkpoint = NULL;
    char *path = NULL;
    bool found = false;
    size_t n = 0, n_newest = 0, n_previous = 0;
    char *bytes = save_two(folder, &n);
    put_in_folder(folder, "checkpoint.h5", bytes, n / 2);
    put_in_folder(folder, "checkpoint.prev.h5", "", 0);
    check_fails(evo_checkpoint_find(folder, &checkpoint, &path, &found), EVO_ERR_CHECKPOINT,
                "checkpoint.prev.h5: is empty");
    assert_non_null(strstr(evo_status_message(), "checkpoint.h5: "));
    assert_true(found);
    char *newest = read_in_folder(folder, "checkpoint.h5", &n_newest);
    char *previous = read_in_folder(folder, "checkpoint.prev.h5", &n_previous);
    assert_int_equal(n_newest, n / 2);
    assert_memory_equal(newest, bytes, n_newest);
    assert_int_equal(n_previous, 0);
    free(newest);
    free(previous);
    free(bytes);
}

static void a_folder_without_a_checkpoint_says_so(void **state)
{
    struct evo_checkpoint *checkpoint = NULL;
    char *path = NULL;
    bool found = true;
    check_fails(evo_checkpoint_find(*state, &checkpoint, &path, &found), EVO_ERR_CHECKPOINT,
                "holds no checkpoint");
    assert_false(found);
}

static void a_damaged_checkpoint_never_takes_the_place_of_the_previous_one(void **state)
{
    const char *folder = *state;
    size_t n = 0, n_aside = 0;
    char *bytes = save_two(folder, &n);
    put_in_folder(folder, "checkpoint.h5", bytes, n - 1);
    sample_save(folder, 2, 2, 3);
    assert_int_equal(sample_check(folder), 2);
    /* The previous one is still generation 1, and the damaged one can be looked at. */
    put_in_folder(folder, "checkpoint.h5", "", 0);
    check_previous_is_used(folder);
    free(read_in_folder(folder, "checkpoint.damaged.h5", &n_aside));
    assert_int_equal(n_aside, n - 1);
    free(bytes);
}

/* ---- what a checkpoint must hold ---- */

static void a_field_of_another_type_shape_or_name_is_refused(void **state)
{
    double room[SAMPLE_N * SAMPLE_GENOME];
    char text[8];
    const struct {
        const char *says;
        struct evo_field field;
    } cases[] = {
        {"fitness is f64[37]; this run needs u64[37]",
         {"fitness", "1", "", EVO_TYPE_U64, false, SAMPLE_N, 0, room, NULL}},
        {"fitness is f64[37]; this run needs f64[36]",
         {"fitness", "1", "", EVO_TYPE_F64, false, SAMPLE_N - 1, 0, room, NULL}},
        {"fitness is f64[37]; this run needs f64[37][1]",
         {"fitness", "1", "", EVO_TYPE_F64, false, SAMPLE_N, 1, room, NULL}},
        {"genomes is f64[37][8]; this run needs f64[37][7]",
         {"genomes", "1", "", EVO_TYPE_F64, false, SAMPLE_N, SAMPLE_GENOME - 1, room, NULL}},
        {"holds no population/sigma", {"sigma", "1", "", EVO_TYPE_F64, false, 1, 0, room, NULL}},
        {"fitness is f64[37]; this run needs text[8]",
         {"fitness", "1", "", EVO_TYPE_TEXT, false, sizeof text, 0, text, NULL}},
    };
    struct evo_checkpoint *checkpoint = NULL;
    char *path = in_folder(*state, "checkpoint.h5"), *out = NULL;
    sample_save(*state, 1, 1, 1);
    check_ok(evo_checkpoint_open(path, &checkpoint));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct evo_section section = {"population", "", &cases[i].field, 1};
        check_fails(evo_checkpoint_load(checkpoint, &section), EVO_ERR_CHECKPOINT, cases[i].says);
    }
    struct evo_field config = {"config", "1", "", EVO_TYPE_TEXT, false, sizeof text, 0, text, NULL};
    struct evo_section run = {"run", "", &config, 1}, none = {"search", "", &config, 1};
    check_fails(evo_checkpoint_load(checkpoint, &run), EVO_ERR_CHECKPOINT, "needs text[8]");
    check_fails(evo_checkpoint_load(checkpoint, &none), EVO_ERR_CHECKPOINT, "no group search");
    check_fails(evo_checkpoint_text(checkpoint, "run", "seconds", &out), EVO_ERR_CHECKPOINT,
                "run/seconds is not text");
    evo_checkpoint_close(checkpoint);
    free(path);
}

/* Everything that a reader may ask of a file. */
static enum evo_status read_all(const char *bytes, size_t n)
{
    struct evo_checkpoint *checkpoint = NULL;
    const struct evo_section *sections = NULL;
    const struct evo_table *ledgers = NULL;
    struct sample s;
    size_t n_sections = 0, n_ledgers = 0;
    EVO_TRY(evo_checkpoint_parse("hostile", bytes, n, &checkpoint));
    sample_init(&s);
    enum evo_status status = evo_checkpoint_sections(checkpoint, &sections, &n_sections);
    if (status == EVO_OK) { status = evo_checkpoint_ledgers(checkpoint, &ledgers, &n_ledgers); }
    enum evo_status loaded = sample_load(&s, checkpoint);
    sample_fini(&s);
    evo_checkpoint_close(checkpoint);
    return status != EVO_OK ? status : loaded;
}

/* Flips one bit after the other behind a right head; returns how many files were refused, or -1. */
static int read_hostile(char *bytes, size_t n)
{
    int n_refused = 0;
    uint64_t seed = 3;
    for (int i = 0; i < N_HOSTILE; i++) {
        size_t at = HEAD + draw(&seed, n - HEAD);
        char bit = (char)(1 << draw(&seed, 8));
        bytes[at] ^= bit;
        write_head(bytes, n, "checkpoint", EVO_STORE_FORMAT);
        enum evo_status status = read_all(bytes, n);
        if (status != EVO_OK && status != EVO_ERR_CHECKPOINT && status != EVO_ERR_MEMORY) {
            return -1;
        }
        n_refused += status != EVO_OK;
        bytes[at] ^= bit;
    }
    return n_refused;
}

/* Damage with a right digest: an attacker's, or a fault of another writer's. HDF5 sums its own
 * metadata and each chunk, so nearly all of it ends there; none of it may crash or hang. In a
 * child, because HDF5 1.10 leaks a header that does not have its sum. */
static void a_file_with_a_right_head_and_wrong_contents_does_no_harm(void **state)
{
    size_t n = 0;
    int code = 0;
    char *bytes = save_two(*state, &n);
    check_ok(read_all(bytes, n));
    pid_t child = fork();
    if (child == 0) { _exit(read_hostile(bytes, n) > N_HOSTILE / 2 ? 0 : 1); }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
    free(bytes);
}

static int be_quiet(void **state)
{
    (void)state;
    evo_log_set_level(EVO_LOG_ERROR);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(the_head_is_what_the_format_says),
        STORE_TEST(a_file_cut_at_any_512th_byte_is_noticed),
        STORE_TEST(a_file_with_bytes_behind_its_end_is_noticed),
        STORE_TEST(a_flipped_bit_anywhere_is_noticed),
        STORE_TEST(every_flipped_bit_of_the_first_4096_bytes_is_noticed),
        STORE_TEST(an_impostor_is_named_in_a_warning_and_the_previous_one_used),
        STORE_TEST(where_none_is_whole_both_are_named_and_nothing_is_touched),
        STORE_TEST(a_folder_without_a_checkpoint_says_so),
        STORE_TEST(a_damaged_checkpoint_never_takes_the_place_of_the_previous_one),
        STORE_TEST(a_field_of_another_type_shape_or_name_is_refused),
        STORE_TEST(a_file_with_a_right_head_and_wrong_contents_does_no_harm),
    };
    return cmocka_run_group_tests(tests, be_quiet, NULL);
}
