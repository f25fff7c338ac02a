/* SPDX-License-Identifier: MIT */
/* Any text as a configuration: refused in one line, or accepted and printed without loss. */
#include <evompi/run.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* A fault that no sanitizer sees ends the program as one that it does. */
static void require(bool fine)
{
    if (!fine) { abort(); }
}

static void ignore(void *context, const struct evo_key *key, const char *a, const char *b)
{
    (void)context, (void)key, (void)a, (void)b;
}

/* What is read leniently, as a checkpoint's, may hold what no person may write. */
static void print_and_read_again(const struct evo_config *config, bool lenient)
{
    char *text = NULL;
    struct evo_config *again = NULL;
    require(evo_config_print(config, false, false, &text) == EVO_OK);
    require(evo_config_parse("again.ini", text, strlen(text), lenient, NULL, 0, evo_run_scope(), &again) ==
            EVO_OK);
    require(evo_config_differences(config, again, ignore, NULL) == 0);
    require(evo_config_hash(config) == evo_config_hash(again));
    evo_config_destroy(again);
    free(text);
}

/* The task reads lists of its own out of the texts. */
static void make_task(const struct evo_config *config)
{
    struct evo_task *task = NULL;
    enum evo_status status = evo_task_create(config, &task);
    require(status == EVO_OK || status == EVO_ERR_CONFIG);
    if (status == EVO_OK) { evo_task_destroy(task); }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    /* The first byte decides whether unknown keys are skipped. */
    if (n == 0) { return 0; }
    struct evo_config *config = NULL;
    enum evo_status status = evo_config_parse("any.ini", (const char *)bytes + 1, n - 1,
                                              bytes[0] == '?', NULL, 0, evo_run_scope(), &config);
    require(status == EVO_OK || status == EVO_ERR_CONFIG);
    if (status == EVO_OK) {
        print_and_read_again(config, bytes[0] == '?');
        make_task(config);
    } else {
        require(strncmp(evo_status_message(), "any.ini:", 8) == 0);
        require(strchr(evo_status_message(), '\n') == NULL);
    }
    evo_config_destroy(config);
    return 0;
}
