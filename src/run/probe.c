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

enum evo_status evo_run_probe(const struct evo_run_options *options)
{
    struct evo_config *config = NULL;
    char *path = NULL;
    int ignored = 0;
    enum evo_status status = EVO_OK;
    if (options->resume == EVO_RESUME_NO || options->resume == EVO_RESUME_FRESH) { return EVO_OK; }
    if (options->resume == EVO_RESUME_FILE) {
        EVO_TRY(evo_text_format(&path, "%s", options->resume_file));
    } else {
        /* A mistake in the configuration is the job's to report. */
        if (evo_run_read_config(options->config_path, options->sets, options->n_sets, &config) !=
            EVO_OK) {
            return EVO_OK;
        }
        EVO_GOTO(evo_text_format(&path, "%s", config->job_output));
    }
    status = evo_guard_call(path, read_saved, path, &ignored);
done:
    free(path);
    evo_config_destroy(config);
    return status;
}
