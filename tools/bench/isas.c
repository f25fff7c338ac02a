/* SPDX-License-Identifier: MIT */
/* Which instruction sets evompi-bench measures: those that evompi itself may choose from here. */
#include "bench.h"

#include <evompi/isa.h>

bool evo_bench_has_scalar(void) { return EVO_BENCH_HAS_SCALAR; }

enum evo_status evo_bench_find_isas(struct evo_bench *bench)
{
    size_t n = 0;
    const struct evo_isa *best = NULL, *const *all = evo_isa_all(&n);
    EVO_TRY(evo_isa_select("auto", &best));
    EVO_CHECK(n <= EVO_BENCH_ISAS, EVO_ERR_INTERNAL, "%zu instruction sets, more than EVO_BENCH_ISAS", n);
    for (size_t i = 0; i < n; i++) {
        if (evo_isa_runs(all[i])) { bench->isas[bench->n_isas++] = all[i]; }
        if (all[i] == best) { break; }
    }
    return EVO_OK;
}

const struct evo_isa *evo_bench_best(const struct evo_bench *bench)
{
    return bench->isas[bench->n_isas - 1];
}
