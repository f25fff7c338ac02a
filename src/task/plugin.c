/* SPDX-License-Identifier: MIT */
/* Plug-ins: the file is read once and a copy of it is loaded, so that what is hashed, loaded and used is
 * the same even where somebody builds it anew during the run. */
#include <evompi/child.h>
#include "elf.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <inttypes.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FILE_MAX_BYTES = 1 << 30,
    LOAD_MAX_S = 60,
    /* Of the descriptor when ABI 1 began: its last member then was `destroy`. */
    FIRST_SIZE = offsetof(struct evo_task_class, destroy) + sizeof(void (*)(void)),
    FIRST_ROLLOUT_SIZE = offsetof(struct evo_rollout_class, cases) + sizeof(size_t),
};

/* ---- finding ------------------------------------------------------------------------------ */

/* The folders that a name without a slash is looked for in, one after the other: "", then those of the
 * variable. False at the end. */
static bool next_folder(const char **left, char **folder, enum evo_status *status)
{
    if (*left == NULL) { return false; }
    size_t n = strcspn(*left, ":");
    *status = evo_text_format(folder, "%.*s", (int)n, *left);
    *left = (*left)[n] == ':' ? *left + n + 1 : NULL;
    return *status == EVO_OK;
}

static enum evo_status find_in_folders(const char *name, const char *folders, char **out)
{
    enum evo_status status = EVO_OK;
    const char *left = folders;
    char *folder = NULL, *path = NULL;
    while (*out == NULL && next_folder(&left, &folder, &status)) {
        bool is_folder = false;
        if (folder[0] != '\0') {
            EVO_GOTO(evo_file_join(&path, folder, name));
            if (evo_file_exists(path, &is_folder) && !is_folder) {
                *out = path;
                path = NULL;
            }
        }
        free(folder);
        free(path);
        folder = path = NULL;
    }
done:
    free(folder);
    free(path);
    return status;
}

/* Where the file is: *out, always with a slash, as dlopen looks elsewhere without one. */
static enum evo_status find(const char *path, char **out)
{
    EVO_CHECK(path[0] != '\0', EVO_ERR_CONFIG, "the name of a plug-in is empty: name a file, as in mytask.so");
    if (strchr(path, '/') != NULL) {
        EVO_CHECK(evo_file_exists(path, NULL), EVO_ERR_CONFIG,
                  "%s: there is no such plug-in: %s; evompi-build makes one from a source file", path,
                  strerror(errno));
        return evo_text_format(out, "%s", path);
    }
    if (evo_file_exists(path, NULL)) { return evo_text_format(out, "./%s", path); }
    const char *folders = getenv(EVO_PLUGIN_PATH);
    bool is_set = folders != NULL && folders[0] != '\0';
    if (is_set) { EVO_TRY(find_in_folders(path, folders, out)); }
    EVO_CHECK(*out != NULL, EVO_ERR_CONFIG,
              "%s: there is no such plug-in, neither in the current folder nor in those of " EVO_PLUGIN_PATH
              " (%s): give its path, or set the variable", path, is_set ? folders : "which is not set");
    return EVO_OK;
}

/* ---- loading ------------------------------------------------------------------------------ */

/* What the libraries' own code that runs as they are loaded may change for the whole process: -ffast-math
 * has it set numbers near 0 to 0, and some set the locale, whose decimal comma no number of ours reads. */
struct surroundings {
    fenv_t floating_point;
    char *locale;
};

static void keep(struct surroundings *before)
{
    fegetenv(&before->floating_point);
    const char *locale = setlocale(LC_ALL, NULL);
    before->locale = locale != NULL ? strdup(locale) : NULL;
}

static void restore(struct surroundings *before)
{
    fesetenv(&before->floating_point);
    if (before->locale != NULL) { setlocale(LC_ALL, before->locale); }
    free(before->locale);
}

static void *load(const char *path)
{
    struct surroundings before;
    keep(&before);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    restore(&before);
    return library;
}

static void name_copy(char *name, size_t size, int copy)
{
    snprintf(name, size, "/proc/%ld/fd/%d", (long)getpid(), copy);
}

static bool write_all(int file, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t put = write(file, bytes, n);
        if (put < 0 && errno == EINTR) { continue; }
        if (put <= 0) { return false; }
        bytes += put;
        n -= (size_t)put;
    }
    return true;
}

/* Loads a copy of the bytes in memory; NULL where that cannot be. */
static void *load_copy(const char *bytes, size_t n, int *copy)
{
    char name[64];
    int file = -1;
    if (evo_shared_create("evompi plug-in", n, &file) != EVO_OK) { return NULL; }
    name_copy(name, sizeof name, file);
    void *library = write_all(file, bytes, n) ? load(name) : NULL;
    if (library == NULL) {
        close(file);
        return NULL;
    }
    *copy = file;
    return library;
}

static void unload(void *library, int copy)
{
    char name[64];
    struct surroundings before;
    if (library == NULL) { return; }
    keep(&before);
    dlclose(library);
    restore(&before);
    if (copy < 0) { return; }
    /* Some libraries stay. The next plug-in must not get the same name then: dlopen would hand out this
     * one again. */
    name_copy(name, sizeof name, copy);
    void *stays = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    if (stays != NULL) {
        dlclose(stays);
        return;
    }
    close(copy);
}

static enum evo_status refuse_load(const char *path)
{
    const char *reason = dlerror();
    if (reason == NULL) { reason = "no reason is given"; }
    /* dlerror begins with the path where the file itself is at fault. */
    size_t n = strlen(path);
    if (strncmp(reason, path, n) == 0 && reason[n] == ':') { reason += n + 1 + (reason[n + 1] == ' '); }
    const char *remedy =
        strstr(reason, "undefined symbol") != NULL
            ? "give evompi-build the file or the library (-l) that has it"
        : strstr(reason, "cannot open shared object file") != NULL
            ? "have LD_LIBRARY_PATH name the library's folder, or build with -Wl,-rpath,FOLDER"
        : strstr(reason, "version `") != NULL ? "build it on this machine with evompi-build"
                                              : "build it again with evompi-build";
    return evo_status_fail(EVO_ERR_CONFIG, "%s: cannot be loaded: %s: %s", path, reason, remedy);
}

static void hash(const char *bytes, size_t n, char digest[17])
{
    snprintf(digest, 17, "%016" PRIx64, evo_text_hash(bytes, n));
}

/* Loads the file itself: where copies cannot be loaded, and where the library looks for others beside
 * itself. */
static enum evo_status load_file(struct evo_plugin *plugin)
{
    char *bytes = NULL;
    size_t n = 0;
    char digest[17];
    (void)dlerror();
    plugin->library = load(plugin->path);
    if (plugin->library == NULL) { return refuse_load(plugin->path); }
    EVO_TRY(evo_file_read(plugin->path, FILE_MAX_BYTES, &bytes, &n));
    hash(bytes, n, digest);
    free(bytes);
    EVO_CHECK(strcmp(digest, plugin->digest) == 0, EVO_ERR_CONFIG,
              "%s: changed while it was loaded: try again when it is built", plugin->path);
    return EVO_OK;
}

/* Whether `text` stands anywhere in the bytes. */
static bool holds(const char *bytes, size_t n, const char *text)
{
    size_t length = strlen(text);
    const char *end = bytes + n;
    for (const char *c = bytes; (c = memchr(c, text[0], (size_t)(end - c))) != NULL; c++) {
        if ((size_t)(end - c) < length) { return false; }
        if (memcmp(c, text, length) == 0) { return true; }
    }
    return false;
}

/* ---- the descriptor ----------------------------------------------------------------------- */

/* What a descriptor of either kind begins with, and what there is to compare it with. */
struct descriptor_rules {
    const char *what, *head; // of messages
    uint32_t abi;
    size_t first_size, size;
};
struct descriptor_head {
    uint32_t abi, size;
};

static enum evo_status check_head(const char *path, const struct descriptor_head *theirs,
                                  const struct descriptor_rules *rules)
{
    EVO_CHECK(theirs->abi == rules->abi, EVO_ERR_CONFIG, "%s: was built for number %" PRIu32
              " of the interface of %s, this program has number %" PRIu32 ": build it again with this evompi's "
              "evompi-build", path, theirs->abi, rules->what, rules->abi);
    EVO_CHECK(theirs->size >= rules->first_size, EVO_ERR_CONFIG, "%s: its descriptor says that it has %" PRIu32
              " bytes, less than the %zu that there must be: begin it with %s and build it again",
              path, theirs->size, rules->first_size, rules->head);
    EVO_CHECK(theirs->size <= rules->size, EVO_ERR_CONFIG, "%s: its descriptor has %" PRIu32
              " bytes, more than the %zu that this program knows: it was built for a newer evompi: build it "
              "again with this one's evompi-build", path, theirs->size, rules->size);
    return EVO_OK;
}

static enum evo_status read_task(struct evo_plugin *plugin, const struct descriptor_head *theirs)
{
    static const struct descriptor_rules rules = {"tasks", "EVO_TASK_HEAD", EVO_TASK_ABI, FIRST_SIZE,
                                                  sizeof plugin->task};
    EVO_TRY(check_head(plugin->path, theirs, &rules));
    memcpy(&plugin->task, theirs, theirs->size);
    return EVO_OK;
}

static enum evo_status read_rollout(struct evo_plugin *plugin, const struct descriptor_head *theirs)
{
    static const struct descriptor_rules rules = {"rollouts", "EVO_ROLLOUT_HEAD", EVO_ROLLOUT_ABI,
                                                  FIRST_ROLLOUT_SIZE, sizeof plugin->rollout};
    EVO_TRY(check_head(plugin->path, theirs, &rules));
    memcpy(&plugin->rollout, theirs, theirs->size);
    plugin->is_rollout = true;
    plugin->task.name = plugin->rollout.name;
    plugin->task.summary = plugin->rollout.summary;
    return EVO_OK;
}

static enum evo_status read_descriptor(struct evo_plugin *plugin)
{
    const char *path = plugin->path;
    const struct descriptor_head *task = dlsym(plugin->library, EVO_PLUGIN_SYMBOL);
    const struct descriptor_head *rollout = dlsym(plugin->library, EVO_ROLLOUT_SYMBOL);
    EVO_CHECK(task == NULL || rollout == NULL, EVO_ERR_CONFIG, "%s: has both " EVO_PLUGIN_SYMBOL " and "
              EVO_ROLLOUT_SYMBOL ": a plug-in is one task: build two of it", path);
    if (rollout != NULL) { return read_rollout(plugin, rollout); }
    EVO_CHECK(task != NULL, EVO_ERR_CONFIG, "%s: is a shared library without the symbol " EVO_PLUGIN_SYMBOL
              ": its source needs EVO_PLUGIN = { EVO_TASK_HEAD, ... }, or EVO_ROLLOUT", path);
    return read_task(plugin, task);
}

struct load_work {
    struct evo_plugin *plugin;
    const struct evo_task_rules *rules;
    const char *bytes;
    size_t n;
};

static enum evo_status load_and_check(const struct load_work *work)
{
    struct evo_plugin *plugin = work->plugin;
    if (!holds(work->bytes, work->n, "$ORIGIN") && !holds(work->bytes, work->n, "${ORIGIN}")) {
        plugin->library = load_copy(work->bytes, work->n, &plugin->copy);
    }
    if (plugin->library == NULL) { EVO_TRY(load_file(plugin)); }
    EVO_TRY(read_descriptor(plugin));
    return plugin->is_rollout ? evo_rollout_class_check(&plugin->rollout, plugin->path, work->rules)
                              : evo_task_class_check(&plugin->task, plugin->path, work->rules);
}

/* ---- the first load, in a child ----------------------------------------------------------- */

static _Noreturn void load_and_exit(const struct load_work *work, bool *came_back)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere >= 0) {
        for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++) { dup2(nowhere, file); }
    }
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) { signal(signals[i], SIG_DFL); }
    alarm(LOAD_MAX_S);
    (void)load_and_check(work); // what it refuses is for the real load to say
    *came_back = true;
    _exit(0);
}

static enum evo_status refuse_try(const char *path, int how)
{
    EVO_CHECK(!WIFSIGNALED(how) || WTERMSIG(how) != SIGALRM, EVO_ERR_CONFIG,
              "%s: is not loaded after %d s: its own code that runs when it is loaded does not end", path,
              LOAD_MAX_S);
    EVO_CHECK(!WIFSIGNALED(how), EVO_ERR_CONFIG, "%s: crashes when it is loaded and its descriptor is read: "
              "signal %d (%s): look at what runs before `create`, and at the descriptor's pointers", path,
              WTERMSIG(how), strsignal(WTERMSIG(how)));
    return evo_status_fail(EVO_ERR_CONFIG, "%s: ends the process when it is loaded, with exit code %d: look at "
                           "what runs before `create`", path, WEXITSTATUS(how));
}

/* Loads in a child what may crash or never come to an end. */
static enum evo_status try_in_child(const struct load_work *work)
{
    enum evo_status status = EVO_OK;
    const char *path = work->plugin->path;
    int how = 0;
    bool *came_back = mmap(NULL, sizeof *came_back, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EVO_CHECK(came_back != MAP_FAILED, EVO_ERR_MEMORY, "%s: no memory to try it: %s", path, strerror(errno));
    fflush(NULL); // else the child prints it again
    pid_t child = fork();
    EVO_CHECK_GOTO(child >= 0, EVO_ERR_MEMORY, "%s: no process can be started to try it: %s", path,
                   strerror(errno));
    if (child == 0) { load_and_exit(work, came_back); }
    while (waitpid(child, &how, 0) < 0) {
        EVO_CHECK_GOTO(errno == EINTR, EVO_ERR_INTERNAL, "%s: the process that tries it is lost: %s", path,
                       strerror(errno));
    }
    if (!*came_back) { status = refuse_try(path, how); }
done:
    munmap(came_back, sizeof *came_back);
    return status;
}

/* ---- open and close ----------------------------------------------------------------------- */

static enum evo_status read_file(const char *path, char **bytes, size_t *n)
{
    enum evo_status status = evo_file_read(path, FILE_MAX_BYTES, bytes, n);
    return status == EVO_ERR_IO ? evo_status_fail(EVO_ERR_CONFIG, "%s", evo_status_message()) : status;
}

enum evo_status evo_plugin_open(const char *path, const struct evo_task_rules *rules, struct evo_plugin **out)
{
    enum evo_status status = EVO_OK;
    struct evo_plugin *plugin = NULL;
    char *bytes = NULL;
    size_t n = 0;
    EVO_TRY(evo_alloc(1, sizeof *plugin, "a plug-in", &plugin));
    plugin->copy = -1;
    EVO_GOTO(find(path, &plugin->path));
    EVO_GOTO(read_file(plugin->path, &bytes, &n));
    EVO_GOTO(evo_elf_check(plugin->path, bytes, n));
    hash(bytes, n, plugin->digest);

    const struct load_work work = {plugin, rules, bytes, n};
    EVO_GOTO(try_in_child(&work));
    EVO_GOTO(load_and_check(&work));
    *out = plugin;
    plugin = NULL;
done:
    free(bytes);
    evo_plugin_close(plugin);
    return status;
}

void evo_plugin_close(struct evo_plugin *plugin)
{
    if (plugin == NULL) { return; }
    unload(plugin->library, plugin->copy);
    free(plugin->path);
    free(plugin);
}
