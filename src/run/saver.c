/* SPDX-License-Identifier: MIT */
/* Saving when the disk will not: the run ends, or goes on and tries again (checkpoint.on_save_error). */
#include "run.h"

void evo_saver_init(struct evo_saver *saver, const struct evo_config *config,
                    struct evo_store *store)
{
    *saver = (struct evo_saver){
        .store = store, .retries = config->checkpoint_on_save_error == EVO_ON_SAVE_ERROR_RETRY};
}

enum evo_status evo_saver_ready(struct evo_saver *saver, bool *ready)
{
    enum evo_status status = evo_store_drain(saver->store);
    *ready = status == EVO_OK;
    if (status != EVO_OK && !saver->retries) { return status; }
    if (status != EVO_OK) {
        if (!saver->failing) {
            evo_log(EVO_LOG_WARNING,
                    "%s; the run goes on and tries again each generation "
                    "(checkpoint.on_save_error = retry)",
                    evo_status_message());
        }
        evo_store_retry(saver->store);
    } else if (saver->failing) {
        evo_log(EVO_LOG_INFO, "saving works again, nothing is missing");
    }
    saver->failing = status != EVO_OK;
    return EVO_OK;
}
