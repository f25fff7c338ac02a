/* SPDX-License-Identifier: MIT */
/* What a program costs a candidate stays in sight of what is promised, on a busy machine too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../tools/bench/program.h"

#include <stdio.h>

static void a_candidate_costs_no_more_than_ten_times_what_is_promised(void **state)
{
    (void)state;
    static const char folder[] = EVO_TEST_DATA "/../../tools";
    for (int i = 0; i < 4; i++) {
        const struct evo_bench_program what = {.binary = i % 2 == 1,
                                               .adapter_folder = i >= 2 ? folder : NULL,
                                               .n = 1000,
                                               .n_parameters = 8,
                                               .rounds = 51};
        struct evo_bench_program_cost cost;
        assert_int_equal(evo_bench_program_measure(&what, &cost), EVO_OK);
        printf("%s, %s: %.2f us a candidate (least %.2f), of these our own %.2f\n",
               what.binary ? "binary" : "JSON", i >= 2 ? "Python" : "C", cost.wall_us,
               cost.least_wall_us, cost.own_us);
        assert_true(cost.least_wall_us < (what.binary && i < 2 ? 10.0 : 100.0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_candidate_costs_no_more_than_ten_times_what_is_promised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
