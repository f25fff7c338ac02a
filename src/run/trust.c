/* SPDX-License-Identifier: MIT */
/* Is a task a function of its parameters? A few candidates are evaluated alone, in batches and in another order. */
#include "run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 8 };

/* Candidates, and what they gave alone. */
struct trial {
    struct evo_task *task;
    struct evo_record record;
    size_t n, genome, width;
    double *genomes; // [n][genome]
    double *alone;   // [n][width]
    double *again;   // [n][width], of another way to evaluate them
    double *mixed;   // [n][genome], in another order
    double took_s[MOST];
};

static void trial_fini(struct trial *trial)
{
    free(trial->genomes);
    free(trial->alone);
    free(trial->again);
    free(trial->mixed);
}

/* ---- candidates ----------------------------------------------------------------------------- */

/* Parameter k of candidate i: scattered evenly about the start. */
static double scatter(struct evo_shape shape, size_t i, size_t k)
{
    const double golden = 0.61803398874989485;
    double x = 0.5 + golden * (double)(i * evo_shape_genome(shape) + k), gap = 3.0 * (x - floor(x)) - 1.5;
    size_t place = 0;
    if (shape.n_blocks == 0) { return 0.1 * gap; }
    const struct evo_block *block = evo_shape_block(shape, k, &place);
    return fmin(fmax(block->start + block->spread * gap, block->lower), block->upper);
}

static enum evo_status trial_init(struct trial *trial, struct evo_task *task)
{
    struct evo_shape shape = evo_task_shape(task);
    size_t genome = evo_shape_genome(shape);
    *trial = (struct trial){.task = task, .record = evo_task_record(task), .genome = genome};
    trial->width = evo_record_width(trial->record);
    EVO_TRY(evo_alloc(MOST * genome, sizeof(double), "candidates", &trial->genomes));
    EVO_TRY(evo_alloc(MOST * genome, sizeof(double), "candidates", &trial->mixed));
    EVO_TRY(evo_alloc(MOST * trial->width, sizeof(double), "results", &trial->alone));
    EVO_TRY(evo_alloc(MOST * trial->width, sizeof(double), "results", &trial->again));
    for (size_t i = 0; i < MOST; i++) {
        for (size_t k = 0; k < genome; k++) { trial->genomes[i * genome + k] = scatter(shape, i, k); }
    }
    return EVO_OK;
}

/* ---- the ways to evaluate them -------------------------------------------------------------- */

/* One after the other; where that takes long, fewer of them. */
static enum evo_status evaluate_alone(struct trial *trial)
{
    const double enough_s = 2.0;
    enum { LEAST = 2 };
    double all_s = 0.0;
    while (trial->n < MOST && (trial->n < LEAST || all_s < enough_s)) {
        size_t i = trial->n++;
        double began_s = evo_clock_s();
        EVO_TRY(evo_task_evaluate(trial->task, evo_cases_of(1), 1, trial->genomes + i * trial->genome,
                                  trial->alone + i * trial->width));
        trial->took_s[i] = evo_clock_s() - began_s;
        all_s += trial->took_s[i];
    }
    return EVO_OK;
}

/* Compares `again`, of candidate i, with what it gave alone. */
static enum evo_status compare(const struct trial *trial, size_t i, const double *again, const char *how)
{
    const struct evo_result *results = evo_task_results(trial->task);
    const double *alone = trial->alone + i * trial->width;
    char before[32], now[32];
    bool failed = trial->record.fails && alone[trial->record.n_results] != again[trial->record.n_results];
    EVO_CHECK(!failed, EVO_ERR_CONFIG,
              "task %s is not a function of its parameters: candidate %zu %s alone, and %s %s; runs would differ "
              "with the number of ranks: see what it keeps from one evaluation to the next",
              evo_task_name(trial->task), i + 1, alone[trial->record.n_results] != 0.0 ? "failed" : "did not fail",
              alone[trial->record.n_results] != 0.0 ? "did not" : "failed", how);
    for (size_t k = 0; k < trial->record.n_results; k++) {
        // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): of the bits
        if (memcmp(&alone[k], &again[k], sizeof alone[k]) == 0) { continue; }
        return evo_status_fail(EVO_ERR_CONFIG,
                               "task %s is not a function of its parameters: candidate %zu gave %s %s alone and %s %s; "
                               "runs would differ with the number of ranks: see what it keeps from one evaluation "
                               "to the next", evo_task_name(trial->task), i + 1, results[k].name,
                               evo_text_number(before, alone[k]), evo_text_number(now, again[k]), how);
    }
    return EVO_OK;
}

/* All in one batch, of this generation, in their order or from the last to the first. */
static enum evo_status evaluate_batch(struct trial *trial, uint64_t generation, bool reverses, const char *how)
{
    size_t n = trial->n, bytes = trial->genome * sizeof(double);
    for (size_t i = 0; i < n; i++) {
        size_t from = reverses ? n - 1 - i : i;
        memcpy(trial->mixed + i * trial->genome, trial->genomes + from * trial->genome, bytes);
    }
    EVO_TRY(evo_task_evaluate(trial->task, evo_cases_of(generation), n, trial->mixed, trial->again));
    for (size_t i = 0; i < n; i++) {
        size_t from = reverses ? n - 1 - i : i;
        EVO_TRY(compare(trial, from, trial->again + i * trial->width, how));
    }
    return EVO_OK;
}

static enum evo_status evaluate_again(struct trial *trial)
{
    for (size_t i = trial->n; i-- > 0;) {
        double began_s = evo_clock_s();
        EVO_TRY(evo_task_evaluate(trial->task, evo_cases_of(1), 1, trial->genomes + i * trial->genome, trial->again));
        trial->took_s[i] = fmin(trial->took_s[i], evo_clock_s() - began_s); // the first had to warm up
        EVO_TRY(compare(trial, i, trial->again, "alone once more, after others"));
    }
    return EVO_OK;
}

static enum evo_status evaluate_all(struct trial *trial)
{
    char batch[48], reversed[64];
    EVO_TRY(evaluate_alone(trial));
    snprintf(batch, sizeof batch, "in a batch of %zu", trial->n);
    snprintf(reversed, sizeof reversed, "in a batch of %zu in another order", trial->n);
    EVO_TRY(evaluate_batch(trial, 1, false, batch));
    EVO_TRY(evaluate_batch(trial, 1, true, reversed));
    EVO_TRY(evaluate_again(trial));
    if (evo_task_changes(trial->task)) { return EVO_OK; }
    return evaluate_batch(trial, 2, false, "in generation 2, though it does not say that its cases change");
}

/* ---- the report ----------------------------------------------------------------------------- */

static void report(const struct trial *trial, FILE *out)
{
    double sorted[MOST];
    size_t n = trial->n, n_failed = 0;
    char note[256];
    memcpy(sorted, trial->took_s, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, evo_math_order);
    double median = 0.5 * (sorted[(n - 1) / 2] + sorted[n / 2]);
    fprintf(out, "# trust: %zu candidates gave the same bits alone, in batches, in another order and again\n", n);
    fprintf(out, "# time of a candidate alone: median %.3g s, largest %.3g s\n", median, sorted[n - 1]);
    for (size_t i = 0; trial->record.fails && i < n; i++) {
        if (trial->alone[i * trial->width + trial->record.n_results] != 0.0) { n_failed++; }
    }
    evo_task_take_note(trial->task, note, sizeof note);
    if (n_failed > 0) { fprintf(out, "# %zu of them failed: %s\n", n_failed, note); }
}

enum evo_status evo_trust_check(struct evo_task *task, FILE *out)
{
    enum evo_status status = EVO_OK;
    struct trial trial;
    EVO_GOTO(trial_init(&trial, task));
    EVO_GOTO(evaluate_all(&trial));
    report(&trial, out);
done:
    trial_fini(&trial);
    return status;
}
