/* SPDX-License-Identifier: MIT */
/* --check: the resolved configuration, and what it will take in memory and time. */
#include "run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const double mib = 1048576.0;

static void print_memory(FILE *out, const struct evo_estimate *estimate)
{
    double limit = evo_alloc_limit();
    fprintf(out, "# memory of rank 0: about %.3g MiB beside MPI's own; a checkpoint: %.3g MiB\n",
            estimate->memory_bytes / mib, estimate->checkpoint_bytes / mib);
    if (estimate->memory_bytes > limit) {
        fprintf(out, "# that is more than the %.3g MiB that a process may have on this machine\n",
                limit / mib);
    }
}

/* What a generation takes on n_ranks ranks: rank 0's search works while no rank evaluates. */
static double generation_s(const struct evo_task *task, const struct evo_estimate *estimate, int n_ranks)
{
    double item_s = estimate->flown > 0.0 ? estimate->fly_s / estimate->flown : 0.0;
    return estimate->own_s + evo_farm_forecast((size_t)estimate->flown, evo_task_parts(task, evo_cases_of(1)),
                                               evo_task_batch(task), n_ranks, item_s, estimate->alone_s);
}

/* What keeps so many ranks from doing more. */
static const char *bound_of(const struct evo_estimate *estimate, double many_s, int n_ranks)
{
    double alone = estimate->own_s / many_s, ideal_s = estimate->fly_s / n_ranks;
    double uneven = (many_s - estimate->own_s - ideal_s) / many_s;
    if (alone < 0.1 && uneven < 0.1) { return "nothing but messages"; }
    return alone > uneven ? "the search on rank 0" : "too few candidates and cases for so many ranks";
}

static void print_time(FILE *out, const struct evo_task *task, const struct evo_estimate *estimate, int n_ranks)
{
    double own_s = estimate->own_s, one_s = own_s + estimate->fly_s;
    double many_s = generation_s(task, estimate, n_ranks);
    fprintf(out,
            "# time of a generation: %.3g s on one core, %.3g s on %d: %.3g s to evaluate %.0f candidates, "
            "and %.3g s for the search on rank 0%s\n",
            one_s, many_s, n_ranks, estimate->fly_s, estimate->flown, own_s,
            estimate->is_measured ? "" : " (extrapolated from a smaller one)");
    if (estimate->n_generations > 0.0) {
        fprintf(out, "# time of all %.0f generations: %.3g s on one core, %.3g s on %d\n",
                estimate->n_generations, estimate->n_generations * one_s,
                estimate->n_generations * many_s, n_ranks);
    }
    fprintf(out, "# efficiency on %d ranks: %.0f %%, messages and checkpoints apart; what bounds it: %s\n", n_ranks,
            100.0 * estimate->fly_s / (n_ranks * many_s), bound_of(estimate, many_s, n_ranks));
}

static void print_estimates(FILE *out, const struct evo_task *task,
                            const struct evo_estimate *estimate, int n_ranks)
{
    uint64_t steps = evo_task_steps(task, evo_cases_of(1));
    fprintf(out, "# estimates\n");
    print_memory(out, estimate);
    fprintf(out, "# genome: %zu parameters\n", evo_shape_genome(evo_task_shape(task)));
    fprintf(out, "# step: %s, %" PRIu64 " steps per creature, %.3g M steps/s on this core\n",
            evo_task_step_name(task), steps, estimate->steps_per_s * 1e-6);
    print_time(out, task, estimate, n_ranks);
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

/* The whole population is never made: it may be larger than this machine's memory. */
enum evo_status evo_run_check(const struct evo_run_options *options, FILE *out)
{
    enum evo_status status = EVO_OK;
    struct evo_config *config = NULL;
    struct evo_task *task = NULL;
    struct evo_estimate estimate;
    char *text = NULL, others[256];
    EVO_GOTO(evo_run_read_config(options->config_path, options->sets, options->n_sets, &config));
    EVO_GOTO(evo_task_create(config, &task));
    EVO_GOTO(evo_run_probe(options));
    EVO_GOTO(evo_folder_check(options, config));
    if (options->n_prints > 0) {
        status = print_values(options, config, out);
        goto done;
    }
    EVO_GOTO(evo_config_print(config, true, false, &text));
    EVO_GOTO(evo_task_begin(task)); // what it needs has started before it is timed
    EVO_GOTO(evo_estimate_make(config, task, &estimate));
    if (evo_task_warning(task)[0] != '\0') { evo_log(EVO_LOG_WARNING, "%s", evo_task_warning(task)); }
    if (evo_run_others(config, others, sizeof others) > 0) { evo_log(EVO_LOG_WARNING, "%s", others); }
    fputs(text, out);
    print_estimates(out, task, &estimate, options->n_ranks > 0 ? options->n_ranks : 64);
    status = evo_trust_check(task, out);
done:
    free(text);
    evo_task_destroy(task);
    evo_config_destroy(config);
    return status;
}
