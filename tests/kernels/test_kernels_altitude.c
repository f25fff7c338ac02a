/* SPDX-License-Identifier: MIT */
/* Every altitude kernel that runs here against the plain step, bit for bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/rng.h>

#include "../unit/test_flight.h"
#include "../../src/tasks/altitude/altitude_kernel.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 500, MOST_GENOME = EVO_ALTITUDE_UNROLLED * (EVO_ALTITUDE_UNROLLED + 2) };

/* From the ground, over it for a while, never near it, deep below the setpoint, one step long. */
static const char *const settings[] = {
    "flights = 0:3:1, 3:5:2, 302:300:2, 50:60:4, 5:0:3, 1:2:0.005\n",
    "flights = 0.3:0.1:2, 80:0:5\nmass = 0.7\nmotor_thrust = 0.31\ngravity = 3.7\n",
    "flights = 9:1:4, 0:0:1\ngravity = 0\novershoot = 1.7\ndt = 0.03\n",
    "flights = 2:1000:3\ngravity = 1000\nmotor_thrust = 1e6\nmass = 1e-6\ndt = 1\n",
    "time_power = 1\nflights = 0:3:1, 3:5:2, 302:300:2, 50:60:0.3\n",
    "random_flights = 7\nheight_max = 20\nstep_max = 9\nduration = 1.5\n",
    "random_flights = 5\nrelative = yes\ntime_power = 4\nmass = 0.3\nduration = 2\n",
};
enum { N_SETTINGS = sizeof settings / sizeof settings[0] };

static struct evo_task *make(const char *isa, int precision, size_t n_states, const char *setting)
{
    static const char *const precisions[EVO_N_PRECISIONS] = {"double", "single"};
    char text[512];
    struct evo_task *task = NULL;
    snprintf(text, sizeof text,
             "[task]\nstep = %s\nprecision = %s\n[farm]\nisa = %s\n[altitude]\nstates = %zu\n%s",
             isa != NULL ? "unrolled" : "plain", precisions[precision], isa != NULL ? isa : "auto",
             n_states, setting);
    if (test_task(text, &task) != EVO_OK) { fail_msg("%s", evo_status_message()); }
    return task;
}

/* Small, large, and every tenth creature with a number that breaks sums. */
static void draw(size_t n, size_t genome, double *genomes)
{
    static const double extreme[] = {0.0, -0.0, 1e308, -1e308, 5e-324, (double)NAN,
                                     (double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < n; i++) {
        struct evo_rng rng = evo_rng_begin(11, EVO_STREAM_INITIAL, genome, i);
        double spread = pow(2.0, (double)(i % 14) - 6.0);
        for (size_t k = 0; k < genome; k++) {
            genomes[i * genome + k] = evo_rng_between(&rng, -spread, spread);
        }
        if (i % 10 == 9) {
            genomes[i * genome + evo_rng_below(&rng, genome)] = extreme[i / 10 % 8];
        }
    }
}

/* One kernel, at sizes around and far from a vector's and a batch's width. */
static void compare(const char *isa, int precision, size_t n_states, const char *setting,
                    const double *genomes, const double *expected)
{
    static const size_t sizes[] = {1, 7, 8, 9, 31, 33, 65, MOST};
    static double fitness[MOST];
    struct evo_task *task = make(isa, precision, n_states, setting);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        evo_task_fly(task, evo_cases_of(1), sizes[i], genomes, fitness);
        assert_memory_equal(fitness, expected, sizes[i] * sizeof fitness[0]);
    }
    evo_task_destroy(task);
}

static void every_kernel_gives_the_bits_of_the_plain_step(void **state)
{
    (void)state;
    static double genomes[MOST * MOST_GENOME], expected[MOST];
    size_t n_isas = 0;
    const struct evo_isa *const *isas = evo_isa_all(&n_isas);
    for (size_t k = 0; k < (size_t)EVO_ALTITUDE_UNROLLED * EVO_N_PRECISIONS * N_SETTINGS; k++) {
        const char *setting = settings[k % N_SETTINGS];
        int precision = (int)(k / N_SETTINGS % EVO_N_PRECISIONS);
        size_t n_states = k / N_SETTINGS / EVO_N_PRECISIONS;
        struct evo_task *plain = make(NULL, precision, n_states, setting);
        draw(MOST, evo_shape_genome(evo_task_shape(plain)), genomes);
        evo_task_fly(plain, evo_cases_of(1), MOST, genomes, expected);
        evo_task_destroy(plain);
        for (size_t i = 0; i < n_isas; i++) {
            if (!evo_isa_runs(isas[i])) { continue; }
            compare(isas[i]->name, precision, n_states, setting, genomes, expected);
        }
    }
}

/* As many as fill all groups of all sets but the last one. */
static void a_large_population_is_flown_to_its_last_creature(void **state)
{
    (void)state;
    enum { LARGE = 100003 };
    const char *setting = "flights = 3:5:0.1, 0:0.3:0.05\n";
    double *genomes = malloc((size_t)LARGE * MOST_GENOME * sizeof *genomes);
    double *expected = malloc(2 * LARGE * sizeof *expected), *fitness = expected + LARGE;
    assert_true(genomes != NULL && expected != NULL);
    size_t n_isas = 0;
    const struct evo_isa *const *isas = evo_isa_all(&n_isas);
    for (size_t k = 0; k < (size_t)EVO_ALTITUDE_UNROLLED * EVO_N_PRECISIONS; k++) {
        int precision = (int)(k % EVO_N_PRECISIONS);
        struct evo_task *task = make(NULL, precision, k / EVO_N_PRECISIONS, setting);
        draw(LARGE, evo_shape_genome(evo_task_shape(task)), genomes);
        evo_task_fly(task, evo_cases_of(1), LARGE, genomes, expected);
        evo_task_destroy(task);
        for (size_t i = 0; i < n_isas; i++) {
            if (!evo_isa_runs(isas[i])) { continue; }
            task = make(isas[i]->name, precision, k / EVO_N_PRECISIONS, setting);
            evo_task_fly(task, evo_cases_of(1), LARGE, genomes, fitness);
            assert_memory_equal(fitness, expected, LARGE * sizeof *fitness);
            evo_task_destroy(task);
        }
    }
    free(genomes);
    free(expected);
}

int main(void)
{
    /* Every instruction set is asked for by name; the environment must not forbid one. */
    unsetenv("EVOMPI_ISA");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_gives_the_bits_of_the_plain_step),
        cmocka_unit_test(a_large_population_is_flown_to_its_last_creature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
