/* SPDX-License-Identifier: MIT */
/* What a resume will read, read once before by a child process that may crash. */
#include "run.h"

#include <stdlib.h>

static int read_saved(void *context)
{
    struct evo_saved saved = {0};
    evo_log_set_level(EVO_LOG_ERROR); // what is wrong without a crash is said by the job itself
    if (evo_saved_open(context, &saved) == EVO_OK) { evo_saved_fini(&saved); }
    return 0;
}

static enum evo_status probe(char *path)
{
    int ignored = 0;
    return evo_guard_call(path, read_saved, path, &ignored);
}

enum evo_status evo_run_probe(const struct evo_run_options *options)
{
    struct evo_config *config = NULL;
    char *file = NULL;
    enum evo_status status = EVO_OK;
    if (options->resume == EVO_RESUME_NO || options->resume == EVO_RESUME_FRESH) { return EVO_OK; }
    /* A mistake in the configuration is the job's to report. */
    if (evo_run_read_config(options->config_path, options->sets, options->n_sets, &config) !=
        EVO_OK) {
        return EVO_OK;
    }
    /* Who goes on from a file looks into the folder too: it may hold another run. */
    if (options->resume == EVO_RESUME_FILE) {
        EVO_GOTO(evo_text_format(&file, "%s", options->resume_file));
        EVO_GOTO(probe(file));
    }
    EVO_GOTO(probe(config->job_output));
done:
    free(file);
    evo_config_destroy(config);
    return status;
}
