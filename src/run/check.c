/* SPDX-License-Identifier: MIT */
/* --check: the resolved configuration, and what it will take in memory and time. */
#include "run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Flies the first genomes of the search on this core for a moment: creatures per second. */
static enum evo_status measure_speed(struct evo_state *state, double *creatures_per_s)
{
    const double long_enough_s = 0.05;
    enum { MOST = 4096 };
    struct evo_population *population = evo_search_population(state->search);
    size_t first = 0, n = 0;
    EVO_TRY(evo_search_ask(state->search, 1, false, &first, &n));
    if (n > MOST) { n = MOST; }
    double began_s = evo_clock_s(), flown = 0.0, seconds = 0.0;
    do {
        EVO_TRY(evo_task_fitness(state->task, 1, n, population->genomes + first * population->genome,
                                 population->fitness + first));
        flown += (double)n;
        seconds = evo_clock_s() - began_s;
    } while (seconds < long_enough_s);
    *creatures_per_s = flown / seconds;
    return EVO_OK;
}

/* Bytes of a checkpoint without its ledgers' tails. */
static double state_bytes(struct evo_state *state)
{
    struct evo_field fields[EVO_POPULATION_FIELDS];
    size_t n_population = evo_population_fields(evo_search_population(state->search), fields);
    size_t n_search = 0;
    const struct evo_field *search = evo_search_fields(state->search, &n_search);
    double bytes = 0.0;
    for (size_t i = 0; i < n_population + n_search; i++) {
        const struct evo_field *f = i < n_population ? &fields[i]
                                                              : &search[i - n_population];
        double width = f->n_cols > 0 ? (double)f->n_cols : 1.0;
        bytes += (double)f->n_rows * width * (f->type == EVO_TYPE_TEXT ? 1.0 : EVO_CELL_BYTES);
    }
    return bytes;
}

static void print_estimates(FILE *out, struct evo_state *state, double creatures_per_s)
{
    const struct evo_config *config = state->config;
    const double mib = 1048576.0;
    double population = (double)config->population_size, bytes = state_bytes(state);
    uint64_t steps = evo_task_steps(state->task, 1);
    /* Rank 0 holds the state, the copy that is being written, and its image as a file. */
    fprintf(out, "# estimates\n");
    fprintf(out, "# memory of rank 0: about %.3g MiB beside MPI's own; a checkpoint: %.3g MiB\n",
            3.0 * bytes / mib, bytes / mib);
    fprintf(out, "# genome: %zu parameters\n", evo_shape_genome(evo_task_shape(state->task)));
    fprintf(out, "# step: %s, %" PRIu64 " steps per creature, %.3g M steps/s on this core\n",
            evo_task_step_name(state->task), steps, creatures_per_s * (double)steps * 1e-6);
    fprintf(out, "# time: %.3g s for a whole population on one core, %.3g s on 64\n",
            population / creatures_per_s, population / creatures_per_s / 64.0);
}

/* For scripts: a value a line, as it is. */
static enum evo_status print_values(const struct evo_run_options *options,
                                    const struct evo_config *config, FILE *out)
{
    for (size_t i = 0; i < options->n_prints; i++) {
        EVO_TRY(evo_config_print_value(config, options->prints[i], out));
    }
    return EVO_OK;
}

enum evo_status evo_run_check(const struct evo_run_options *options, FILE *out)
{
    enum evo_status status = EVO_OK;
    struct evo_config *config = NULL;
    struct evo_state *state = NULL;
    char *text = NULL;
    double creatures_per_s = 0.0;
    EVO_GOTO(evo_run_read_config(options->config_path, options->sets, options->n_sets, &config));
    EVO_GOTO(evo_state_create(config, &state));
    EVO_GOTO(evo_run_probe(options));
    EVO_GOTO(evo_folder_check(options, config));
    if (options->n_prints > 0) {
        status = print_values(options, config, out);
        goto done;
    }
    EVO_GOTO(evo_config_print(config, true, false, &text));
    EVO_GOTO(measure_speed(state, &creatures_per_s));
    fputs(text, out);
    print_estimates(out, state, creatures_per_s);
done:
    free(text);
    evo_state_destroy(state);
    evo_config_destroy(config);
    return status;
}
