/* SPDX-License-Identifier: MIT */
/* Tasks from outside: what [job] plugins names is loaded once, before a configuration is read whole. */
#include "run.h"

#include <evompi/child.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PLUGINS = 16 };

/* What this process has loaded: as it was given, and what was found. Like the library that dlopen keeps,
 * it belongs to the process. */
static struct {
    char *given;
    struct evo_plugin *plugin;
} loaded[MOST_PLUGINS];
static size_t n_loaded;

static bool is_loaded(const char *given)
{
    for (size_t i = 0; i < n_loaded; i++) {
        if (strcmp(loaded[i].given, given) == 0) { return true; }
    }
    return false;
}

/* ---- the names that are taken --------------------------------------------------------------- */

struct taken {
    struct evo_task_taken *names;
    size_t n;
    struct evo_config *standard; // the sections' names are its
};

static void add_taken(struct taken *taken, const char *name, const char *owner)
{
    taken->names[taken->n++] = (struct evo_task_taken){name, owner};
}

static enum evo_status list_taken(struct taken *taken)
{
    size_t n_keys = 0, n_tasks = evo_task_count();
    EVO_TRY(evo_config_parse("defaults", "", 0, false, NULL, 0, evo_run_scope(), &taken->standard));
    const struct evo_key *keys = evo_config_keys(taken->standard, &n_keys);
    EVO_TRY(evo_alloc(n_keys + n_tasks, sizeof *taken->names, "names", &taken->names));
    for (size_t i = 0; i < n_tasks; i++) { add_taken(taken, evo_task_names()[i], "a task that is there"); }
    for (size_t i = 0; i < n_keys; i++) {
        bool begins = i == 0 || strcmp(keys[i].section, keys[i - 1].section) != 0;
        if (begins) { add_taken(taken, keys[i].section, "a section of the configuration"); }
    }
    return EVO_OK;
}

static void free_taken(struct taken *taken)
{
    free(taken->names);
    evo_config_destroy(taken->standard);
}

/* ---- loading -------------------------------------------------------------------------------- */

static enum evo_status add(const struct evo_plugin *plugin)
{
    if (plugin->kinds != NULL) { return evo_task_add_kinds(plugin->kinds); }
    return plugin->is_rollout ? evo_task_add_rollout(&plugin->rollout) : evo_task_add(&plugin->task);
}

static enum evo_status load(const char *given)
{
    enum evo_status status = EVO_OK;
    struct taken taken = {0};
    struct evo_plugin *plugin = NULL;
    EVO_CHECK(n_loaded < MOST_PLUGINS, EVO_ERR_CONFIG, "job.plugins: %s is one more than the %d that "
              "there can be", given, MOST_PLUGINS);
    EVO_GOTO(list_taken(&taken));
    const struct evo_task_rules rules = {.taken = taken.names, .n_taken = taken.n,
                                         .read = evo_config_key_reads};
    EVO_GOTO(evo_plugin_open(given, &rules, &plugin));
    EVO_GOTO(evo_text_format(&loaded[n_loaded].given, "%s", given));
    EVO_GOTO(add(plugin));
    loaded[n_loaded++].plugin = plugin;
    plugin = NULL;
done:
    evo_plugin_close(plugin);
    free_taken(&taken);
    return status;
}

/* "a.so, b.so"; "none" is an empty list. */
static enum evo_status load_list(const char *list)
{
    enum evo_status status = EVO_OK;
    char *copy = NULL;
    if (strcmp(list, "none") == 0) { return EVO_OK; }
    EVO_TRY(evo_text_format(&copy, "%s", list));
    char *rest = copy;
    for (char *item; (item = strsep(&rest, ",")) != NULL;) {
        item += strspn(item, " \t");
        size_t n = strlen(item);
        while (n > 0 && (item[n - 1] == ' ' || item[n - 1] == '\t')) { item[--n] = '\0'; }
        EVO_CHECK_GOTO(n > 0, EVO_ERR_CONFIG, "job.plugins = %s: an item is empty; write a.so, b.so", list);
        if (!is_loaded(item)) { EVO_GOTO(load(item)); }
    }
done:
    free(copy);
    return status;
}

enum evo_status evo_run_load_plugins(const char *label, const char *text, size_t n,
                                     const char *const *sets, size_t n_sets)
{
    static const char key[] = "job.plugins=";
    enum evo_status status = EVO_OK;
    struct evo_config *config = NULL;
    const char *set = NULL;
    for (size_t i = 0; i < n_sets; i++) {
        if (strncmp(sets[i], key, sizeof key - 1) == 0) { set = sets[i]; }
    }
    /* What else is wrong with the text is said when it is read whole. */
    status = evo_config_parse(label, text, n, true, &set, set != NULL ? 1 : 0, NULL, &config);
    if (status != EVO_OK) { return status == EVO_ERR_MEMORY ? status : EVO_OK; }
    EVO_GOTO(load_list(config->job_plugins));
done:
    evo_config_destroy(config);
    return status;
}

/* ---- all that can be known, for --list and --help ------------------------------------------- */

static bool is_library(const char *name)
{
    size_t n = strlen(name);
    return n > 3 && name[0] != '.' && strcmp(name + n - 3, ".so") == 0;
}

static int select_library(const struct dirent *entry) { return is_library(entry->d_name); }

static bool is_open(const char *path)
{
    for (size_t i = 0; i < n_loaded; i++) {
        bool same = false;
        if (evo_file_same(path, loaded[i].plugin->path, &same) == EVO_OK && same) { return true; }
    }
    return false;
}

/* What is wrong with one of them keeps nobody from the others. */
static enum evo_status load_found(const char *folder, const char *name)
{
    char *path = NULL;
    EVO_TRY(evo_text_format(&path, "%s/%s", folder, name));
    if (!is_open(path) && load(path) != EVO_OK) { evo_log(EVO_LOG_WARNING, "%s", evo_status_message()); }
    free(path);
    return EVO_OK;
}

static enum evo_status load_folder(const char *folder)
{
    struct dirent **found = NULL;
    enum evo_status status = EVO_OK;
    int n = scandir(folder, &found, select_library, alphasort);
    for (int i = 0; i < n; i++) {
        if (status == EVO_OK) { status = load_found(folder, found[i]->d_name); }
        free(found[i]);
    }
    free(found);
    return status;
}

static enum evo_status load_search_path(void)
{
    enum evo_status status = EVO_OK;
    const char *path = getenv(EVO_PLUGIN_PATH);
    char *copy = NULL;
    if (path == NULL) { return EVO_OK; }
    EVO_TRY(evo_text_format(&copy, "%s", path));
    char *rest = copy;
    for (char *folder; status == EVO_OK && (folder = strsep(&rest, ":")) != NULL;) {
        if (folder[0] != '\0') { status = load_folder(folder); }
    }
    free(copy);
    return status;
}

enum evo_status evo_run_know_plugins(const struct evo_run_options *options)
{
    enum evo_status status = EVO_OK;
    const char *path = options->config_path;
    char *text = NULL;
    size_t n = 0;
    evo_run_host();
    if (path != NULL && evo_file_read(path, EVO_CONFIG_FILE_MAX, &text, &n) != EVO_OK) {
        evo_log(EVO_LOG_WARNING, "%s", evo_status_message()); // whoever asks for help may have written anything
    }
    EVO_GOTO(evo_run_load_plugins(path != NULL ? path : "--set", text != NULL ? text : "", n, options->sets,
                                  options->n_sets));
    EVO_GOTO(load_search_path());
done:
    free(text);
    return status;
}

static bool is_task(const char *name)
{
    for (size_t i = 0; i < evo_task_count(); i++) {
        if (strcmp(evo_task_names()[i], name) == 0) { return true; }
    }
    return false;
}

enum evo_status evo_run_load_saved_plugins(const char *label, const char *text)
{
    enum evo_status status = EVO_OK;
    struct evo_config *config = NULL;
    status = evo_config_parse(label, text, strlen(text), true, NULL, 0, NULL, &config);
    if (status != EVO_OK) { return status == EVO_ERR_MEMORY ? status : EVO_OK; }
    if (!is_task(config->task_name)) { status = load_list(config->job_plugins); }
    evo_config_destroy(config);
    return status;
}

/* Results may differ where the bytes do: a run goes on with the plug-ins that it began with. */
enum evo_status evo_run_check_plugins(const struct evo_checkpoint *checkpoint, const char *path,
                                      const struct evo_config *config)
{
    enum evo_status status = EVO_OK;
    char *now = NULL, *saved = NULL;
    EVO_GOTO(evo_run_plugins_text(&now));
    if (now[0] == '\0' || config->job_changed_plugins) { goto done; }
    EVO_GOTO(evo_checkpoint_text(checkpoint, "about", "plugins", &saved));
    EVO_CHECK_GOTO(strcmp(now, saved) == 0, EVO_ERR_CONFIG,
                   "%s: the run was made with the plug-ins %s, and here are %s: results may differ; use "
                   "those, or allow others with --set job.changed_plugins=yes", path, saved, now);
done:
    free(now);
    free(saved);
    return status;
}

/* ---- which ones ------------------------------------------------------------------------------ */

enum evo_status evo_run_plugins_text(char **out)
{
    size_t n = 0;
    FILE *stream = open_memstream(out, &n);
    EVO_CHECK(stream != NULL, EVO_ERR_MEMORY, "plug-ins: no memory for their list");
    for (size_t i = 0; i < n_loaded; i++) {
        fprintf(stream, "%s%s %s", i > 0 ? ", " : "", loaded[i].plugin->task.name,
                loaded[i].plugin->digest);
    }
    EVO_CHECK(fclose(stream) == 0, EVO_ERR_MEMORY, "plug-ins: no memory for their list");
    return EVO_OK;
}
