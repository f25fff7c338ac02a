/* SPDX-License-Identifier: MIT */
/* Any bytes as a segment of a ledger, behind a head that vouches for them: refused, or rows. */
#include "fuzz_mutate.h"

/* Three columns that the history of every run has. */
static const struct evo_column columns[] = {
    {.name = "generation", .unit = "1", .doc = "", .type = EVO_TYPE_U64},
    {.name = "best", .unit = "1", .doc = "", .type = EVO_TYPE_F64},
    {.name = "evaluations", .unit = "1", .doc = "", .type = EVO_TYPE_U64},
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct evo_source source = {0};
    struct evo_table *table = NULL;
    if (n <= EVO_HEAD_BYTES) { return 0; }
    char *file = fuzz_file(bytes, n, EVO_HEAD_SEGMENT);
    fuzz_require(evo_table_create("history", "", columns, 3, &table) == EVO_OK);
    enum evo_status status = evo_get_open_bytes(&source, "any.h5", file, n, EVO_HEAD_SEGMENT);
    if (status == EVO_OK) { status = evo_get_rows(&source, table); }
    fuzz_require(status == EVO_OK || status == EVO_ERR_CHECKPOINT || status == EVO_ERR_MEMORY);
    fuzz_require(status == EVO_OK || table->n_rows == 0);
    evo_get_close(&source);
    evo_table_destroy(table);
    return 0;
}
