/* SPDX-License-Identifier: MIT */
/* Loads a plug-in as the program does and evaluates one candidate: try_plugin FILE [KEY=VALUE...] X... */
#include <evompi/child.h>

#include <stdlib.h>
#include <string.h>

static bool set_key(const struct evo_key *key, const char *text, char *settings)
{
    double value = 0;
    if (!evo_text_to_number(text, &value)) { return false; }
    int64_t whole = (int64_t)value;
    if (key->type == EVO_KEY_REAL) { memcpy(settings + key->offset, &value, sizeof value); }
    if (key->type == EVO_KEY_INT) { memcpy(settings + key->offset, &whole, sizeof whole); }
    return key->type == EVO_KEY_REAL || key->type == EVO_KEY_INT;
}

/* KEY=VALUE; false where the word is no such thing. */
static bool read_setting(const struct evo_key_table *table, const char *word, char *settings)
{
    for (size_t i = 0; i < table->n_keys; i++) {
        size_t n = strlen(table->keys[i].name);
        if (strncmp(word, table->keys[i].name, n) != 0 || word[n] != '=') { continue; }
        return set_key(&table->keys[i], word + n + 1, settings);
    }
    return false;
}

static enum evo_status make(const struct evo_task_class *task, const char *path, char *settings,
                            struct evo_task_form *form, void **made)
{
    char message[256] = "";
    struct evo_task_setup setup = {sizeof setup, settings, 1, "plain", message, sizeof message};
    evo_task_form_init(form, task);
    *made = settings;
    if (task->create == NULL) { return EVO_OK; }
    EVO_CHECK(task->create(&setup, form, made) == 0, EVO_ERR_CONFIG, "%s: %s", path, message);
    return EVO_OK;
}

static enum evo_status evaluate(const struct evo_task_class *task, const char *path, char *settings, char **words,
                                size_t n_words)
{
    static double x[1000], results[EVO_TASK_RESULTS_MAX];
    struct evo_task_form form;
    void *made = NULL;
    size_t n_parameters = 0;
    char message[256] = "", text[32];
    int32_t status = 0;
    EVO_TRY(make(task, path, settings, &form, &made));
    EVO_TRY(evo_task_form_check(&form, path, &n_parameters));
    EVO_CHECK(n_words == n_parameters && n_words <= 1000, EVO_ERR_USAGE, "%zu parameters, not %zu", n_words,
              n_parameters);
    for (size_t i = 0; i < n_words; i++) { x[i] = strtod(words[i], NULL); }
    struct evo_batch batch = {sizeof batch, 1, EVO_PURPOSE_SEARCH, 1, n_parameters, form.n_results, 0, form.n_parts,
                              x, results, &status, message, sizeof message};
    task->evaluate(made, &batch);
    if (task->destroy != NULL) { task->destroy(made); }
    for (size_t i = 0; status == EVO_CANDIDATE_OK && i < form.n_results; i++) {
        printf("%s = %s\n", form.results[i].name, evo_text_number(text, results[i]));
    }
    if (status != EVO_CANDIDATE_OK) { printf("failed: %s\n", message); }
    return EVO_OK;
}

static enum evo_status run(char **words, size_t n_words)
{
    enum evo_status status = EVO_OK;
    struct evo_plugin *plugin = NULL;
    const struct evo_task_rules rules = {0};
    char *settings = NULL;
    EVO_TRY(evo_plugin_open(words[0], &rules, &plugin));
    const struct evo_key_table *table = &plugin->task.keys;
    EVO_GOTO(evo_alloc(table->bytes, 1, "settings", &settings));
    for (size_t i = 0; i < table->n_keys; i++) { set_key(&table->keys[i], table->keys[i].initial, settings); }
    size_t i = 1;
    while (i < n_words && read_setting(table, words[i], settings)) { i++; }
    printf("%s: %s\n", plugin->task.name, plugin->task.summary);
    if (i < n_words) { EVO_GOTO(evaluate(&plugin->task, plugin->path, settings, words + i, n_words - i)); }
done:
    evo_plugin_close(plugin);
    free(settings);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2) { return 2; }
    enum evo_status status = run(argv + 1, (size_t)argc - 1);
    if (status != EVO_OK) { fprintf(stderr, "%s\n", evo_status_message()); }
    return evo_status_exit_code(status);
}
