/* SPDX-License-Identifier: MIT */
/* Any bytes as a checkpoint, behind a head that vouches for them: refused, or read without harm. */
#include "fuzz_mutate.h"

/* Everything that a reader may ask. */
static enum evo_status read_everything(struct evo_checkpoint *checkpoint)
{
    const struct evo_section *sections = NULL;
    const struct evo_table *ledgers = NULL;
    size_t n_sections = 0, n_ledgers = 0;
    char *text = NULL;
    enum evo_status status = evo_checkpoint_text(checkpoint, "about", "config", &text);
    free(text);
    fuzz_require(status == EVO_OK || status == EVO_ERR_CHECKPOINT || status == EVO_ERR_MEMORY);
    EVO_TRY(evo_checkpoint_sections(checkpoint, &sections, &n_sections));
    return evo_checkpoint_ledgers(checkpoint, &ledgers, &n_ledgers);
}

static void read_file(const char *file, size_t n)
{
    struct evo_checkpoint *checkpoint = NULL;
    enum evo_status status = evo_checkpoint_parse("any.h5", file, n, &checkpoint);
    if (status == EVO_OK) { status = read_everything(checkpoint); }
    fuzz_require(status == EVO_OK || status == EVO_ERR_CHECKPOINT || status == EVO_ERR_MEMORY);
    fuzz_require(status == EVO_OK || strncmp(evo_status_message(), "any.h5: ", 8) == 0);
    evo_checkpoint_close(checkpoint);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    read_file((const char *)bytes, n);
    if (n > EVO_HEAD_BYTES) {
        char *file = fuzz_file(bytes, n, EVO_HEAD_CHECKPOINT);
        read_file(file, n);
        free(file);
    }
    return 0;
}
