/* SPDX-License-Identifier: MIT */
/* A plug-in is loaded as it was hashed, or refused with its path, what is wrong and what to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/child.h>

#include <fenv.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct evo_task_taken taken[] = {{"hover", "evompi itself"}};
static const struct evo_task_rules rules = {taken, 1, NULL, NULL};
static char plugins[4096]; // the folder of the test's plug-ins

/* ---- helpers: each test works in an empty folder of its own --------------------------------- */

static int enter_folder(void **state)
{
    char *folder = strdup("/tmp/evompi_plugin_XXXXXX");
    *state = folder;
    unsetenv("EVOMPI_PLUGIN_PATH");
    return folder == NULL || mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int leave_folder(void **state)
{
    char *command = NULL;
    if (chdir(plugins) != 0 || evo_text_format(&command, "rm -rf '%s'", (char *)*state) != EVO_OK) { return -1; }
    int failed = system(command);
    free(command);
    free(*state);
    return failed;
}

/* plugin_CASE.so: released by the caller. */
static char *plugin_path(const char *name)
{
    char *path = NULL;
    assert_int_equal(evo_text_format(&path, "%s/plugin_%s.so", plugins, name), EVO_OK);
    return path;
}

static char *plugin_bytes(const char *name, size_t *n)
{
    char *path = plugin_path(name), *bytes = NULL;
    assert_int_equal(evo_file_read(path, 1u << 30, &bytes, n), EVO_OK);
    free(path);
    return bytes;
}

static void put(const char *path, const void *bytes, size_t n)
{
    assert_int_equal(evo_file_replace(path, NULL, bytes, n, false), EVO_OK);
}

static struct evo_plugin *assert_opens(const char *path)
{
    struct evo_plugin *plugin = NULL;
    enum evo_status status = evo_plugin_open(path, &rules, &plugin);
    if (status != EVO_OK) { fail_msg("%s", evo_status_message()); }
    return plugin;
}

/* The message is PATH: and the rest. */
static void assert_refused(const char *path, const char *rest)
{
    struct evo_plugin *plugin = NULL;
    size_t n = strlen(path);
    assert_int_equal(evo_plugin_open(path, &rules, &plugin), EVO_ERR_CONFIG);
    assert_null(plugin);
    const char *said = evo_status_message();
    if (strncmp(said, "./", 2) == 0 && path[0] != '.') { said += 2; }
    if (strncmp(said, path, n) != 0 || strstr(said + n, rest) == NULL) {
        fail_msg("'%s' and '%s' are not in: %s", path, rest, evo_status_message());
    }
}

static void assert_case_refused(const char *name, const char *rest)
{
    char *path = plugin_path(name);
    assert_refused(path, rest);
    free(path);
}

/* ---- tests ------------------------------------------------------------------------------------ */

static void a_right_plugin_is_loaded_and_evaluates(void **state)
{
    (void)state;
    char *path = plugin_path("good");
    struct evo_plugin *plugin = assert_opens(path);
    assert_string_equal(plugin->task.name, "good");
    assert_int_equal(plugin->task.keys.n_keys, 2);
    assert_string_equal(plugin->path, path);

    const double parameters[] = {3, 4, 5, 6};
    double results[2] = {0};
    int32_t status[2] = {0};
    char message[64] = "";
    struct evo_batch batch = {sizeof batch, 1, EVO_PURPOSE_SEARCH, 2, 2, 1, 0, 1, parameters, results, status,
                              message, sizeof message};
    plugin->task.evaluate(NULL, &batch);
    assert_true(results[0] == 3 && results[1] == 5);
    evo_plugin_close(plugin);
    free(path);
}

static void the_digest_is_that_of_the_file(void **state)
{
    (void)state;
    size_t n = 0;
    char *bytes = plugin_bytes("good", &n), expected[17];
    snprintf(expected, sizeof expected, "%016" PRIx64, evo_text_hash(bytes, n));
    put("copy.so", bytes, n);
    struct evo_plugin *plugin = assert_opens("copy.so");
    assert_string_equal(plugin->digest, expected);
    evo_plugin_close(plugin);
    free(bytes);
}

static void a_file_that_is_overwritten_later_does_no_harm(void **state)
{
    (void)state;
    size_t n = 0;
    char *bytes = plugin_bytes("good", &n);
    put("mine.so", bytes, n);
    struct evo_plugin *plugin = assert_opens("mine.so");
    FILE *file = fopen("mine.so", "r+"); // the same file, as cp would
    assert_non_null(file);
    for (size_t i = 0; i < n; i++) { fputc(0, file); }
    fclose(file);
    assert_int_equal(truncate("mine.so", 0), 0);
    assert_string_equal(plugin->task.name, "good"); // from the library's own pages
    assert_string_equal(plugin->task.keys.keys[1].doc, "how many");
    evo_plugin_close(plugin);
    free(bytes);
}

static void plugins_of_one_name_are_loaded_apart(void **state)
{
    (void)state;
    char *path = plugin_path("good");
    struct evo_plugin *one = assert_opens(path), *other = assert_opens(path);
    assert_ptr_not_equal(one->task.evaluate, other->task.evaluate);
    evo_plugin_close(one);
    evo_plugin_close(other);
    for (int i = 0; i < 20; i++) { evo_plugin_close(assert_opens(path)); }
    free(path);
}

static void a_name_without_a_slash_is_looked_for_in_the_plugin_path(void **state)
{
    char *path = NULL;
    size_t n = 0;
    char *bytes = plugin_bytes("good", &n);
    assert_int_equal(mkdir("there", 0777), 0);
    put("there/mine.so", bytes, n);
    assert_refused("mine.so", ": there is no such plug-in, neither in the current folder nor in those of "
                              "EVOMPI_PLUGIN_PATH (which is not set)");
    assert_int_equal(evo_text_format(&path, "/nowhere::%s/there", (char *)*state), EVO_OK);
    setenv("EVOMPI_PLUGIN_PATH", path, 1);
    evo_plugin_close(assert_opens("mine.so"));
    assert_refused("other.so", path);
    assert_refused("./mine.so", ": there is no such plug-in: No such file or directory; evompi-build");
    assert_refused("", "the name of a plug-in is empty");
    free(path);
    free(bytes);
}

static void what_is_no_shared_library_is_named(void **state)
{
    (void)state;
    put("mine.c", "int x;\n", 7);
    put("text.so", "hello\n", 6);
    put("empty.so", "", 0);
    put("noise.so", "\1\2\3\4\5\6\7\10", 8);
    put("windows.so", "MZ\220\0\3\0\0\0", 8);
    put("script.so", "#!/bin/sh\n", 10);
    put("archive.so", "!<arch>\nabc", 11);
    assert_int_equal(mkdir("folder.so", 0777), 0);
    assert_refused("mine.c", "is a source file, not a shared library: compile it first: evompi-build");
    assert_refused("text.so", "is a text file, not a shared library");
    assert_refused("empty.so", "is empty, not a shared library");
    assert_refused("noise.so", "is not a shared library (no ELF head)");
    assert_refused("windows.so", "is a library or program of Windows");
    assert_refused("script.so", "is a script, not a shared library: a program of any language is [task] name");
    assert_refused("archive.so", "is a static library, not a shared library");
    assert_refused("folder.so", "is a folder, not a file");
    assert_refused("./no.so", "there is no such plug-in: No such file or directory");
}

/* Spoils bytes of the head of a right plug-in. */
static void assert_head_refused(size_t at, const char *bytes, size_t n, const char *rest)
{
    size_t size = 0;
    char *whole = plugin_bytes("good", &size);
    memcpy(whole + at, bytes, n);
    put("head.so", whole, size);
    free(whole);
    assert_refused("head.so", rest);
}

static void a_library_for_another_machine_is_named(void **state)
{
    (void)state;
    assert_head_refused(18, "\363", 1, "is built for RISC-V, this program for ");
    assert_head_refused(18, "\377", 1, "is built for machine number 255, this program for ");
    assert_head_refused(4, "\1", 1, "(32 bits)");
    assert_head_refused(5, "\2", 1, "(the other order of bytes)");
    assert_head_refused(16, "\1", 1, "is an object file, not a shared library");
    assert_head_refused(16, "\2", 1, "is a program, not a shared library");
    assert_head_refused(16, "\4", 1, "is a core dump");
    assert_head_refused(56, "\0\0", 2, "is damaged (no program headers");
    assert_head_refused(32, "\377\377\377\377\377\377\377\377", 8, "is cut off: it has ");
    assert_refused("/proc/self/exe", "cannot be loaded: "); // a program like a shared library
}

static void a_file_cut_off_anywhere_is_refused(void **state)
{
    (void)state;
    size_t n = 0;
    char *bytes = plugin_bytes("good", &n);
    for (size_t i = 0; i < 40; i++) {
        put("cut.so", bytes, n * i / 40);
        assert_refused("cut.so", i == 0 ? "is empty" : "is cut off");
    }
    put("cut.so", bytes, 63);
    assert_refused("cut.so", "is cut off after 63 bytes");
    put("cut.so", bytes, n - 1);
    assert_refused("cut.so", "is cut off: it has ");
    free(bytes);
}

static void what_cannot_be_linked_says_what_is_missing(void **state)
{
    (void)state;
    assert_case_refused("undefined", ": cannot be loaded: undefined symbol: evo_test_no_such_function: give "
                                     "evompi-build the file or the library (-l) that has it");
    assert_case_refused("missing", ": cannot be loaded: libevo_test_gone.so.9: cannot open shared object file: No "
                                   "such file or directory: have LD_LIBRARY_PATH name");
}

static void a_wrong_descriptor_is_refused(void **state)
{
    (void)state;
    assert_case_refused("no_symbol", ": is a shared library without the symbol evompi_task: its source needs "
                                     "EVO_PLUGIN = { EVO_TASK_HEAD, ... }");
    assert_case_refused("abi", ": was built for number 7 of the interface of tasks, this program has number 1: build "
                               "it again with this evompi's evompi-build");
    assert_case_refused("small", ": its descriptor says that it has 8 bytes, less than the 104 that there must be");
    assert_case_refused("new", ": its descriptor has 120 bytes, more than the 104 that this program knows: it was "
                               "built for a newer evompi");
    assert_case_refused("name", ": the task's name, 'Bad name', is not a small letter");
}

static void a_plugin_that_ends_the_process_costs_only_a_message(void **state)
{
    (void)state;
    assert_case_refused("crash", ": crashes when it is loaded and its descriptor is read: signal 6 (Aborted)");
    assert_case_refused("wild", ": crashes when it is loaded and its descriptor is read: signal 11 (Segmentation "
                                "fault)");
    assert_case_refused("exit", ": ends the process when it is loaded, with exit code 0");
}

static void loading_changes_neither_rounding_nor_locale(void **state)
{
    (void)state;
    char *path = plugin_path("round");
    struct evo_plugin *plugin = assert_opens(path);
    assert_int_equal(fegetround(), FE_TONEAREST);
    assert_string_equal(setlocale(LC_ALL, NULL), "C");
    evo_plugin_close(plugin);
    free(path);
}

int main(void)
{
    if (getcwd(plugins, sizeof plugins) == NULL) { return 1; }
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter_folder, leave_folder)
    const struct CMUnitTest tests[] = {
        TEST(a_right_plugin_is_loaded_and_evaluates),
        TEST(the_digest_is_that_of_the_file),
        TEST(a_file_that_is_overwritten_later_does_no_harm),
        TEST(plugins_of_one_name_are_loaded_apart),
        TEST(a_name_without_a_slash_is_looked_for_in_the_plugin_path),
        TEST(what_is_no_shared_library_is_named),
        TEST(a_library_for_another_machine_is_named),
        TEST(a_file_cut_off_anywhere_is_refused),
        TEST(what_cannot_be_linked_says_what_is_missing),
        TEST(a_wrong_descriptor_is_refused),
        TEST(a_plugin_that_ends_the_process_costs_only_a_message),
        TEST(loading_changes_neither_rounding_nor_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
