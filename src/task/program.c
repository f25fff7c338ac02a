/* SPDX-License-Identifier: MIT */
/* A task that is a program of the user's: batches, and what becomes of candidates that get no
 * answer. */
#include "program_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FIRST_PIECE = 16,        // candidates, before it is known how long one takes
    PIECE_DOUBLES = 1 << 21, // in one message
    NEVER_ANSWERED = 16,     // candidates that get no answer before that is the program's fault
    MOST_STOPS = 5,          // ends from outside for one candidate
    MOST_LOGGED = 100,       // failures with their parameters
    MOST_WARNED = 3,         // restarts that are reported
};

/* ---- failures ------------------------------------------------------------------------------- */

static void log_failure(struct evo_program *program, const struct evo_batch *batch, size_t i,
                        const char *why)
{
    if (program->n_logged++ >= MOST_LOGGED) { return; }
    char text[2048] = "";
    size_t n = 0;
    for (size_t k = 0; k < batch->n_parameters && n < sizeof text - 32; k++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%.17g", k > 0 ? ", " : "",
                              batch->parameters[i * batch->n_parameters + k]);
    }
    evo_log_to_file("program: a candidate of generation %llu failed: %s; its parameters: %s",
                    (unsigned long long)batch->generation, why, text);
}

/* For good, once there is nothing to try any more. */
static void fail(struct evo_program *program, struct evo_batch *batch, size_t i, const char *why)
{
    for (size_t k = 0; k < batch->n_results; k++) {
        batch->results[i * batch->n_results + k] = NAN;
    }
    evo_batch_fail(batch, i, "%s", why);
    log_failure(program, batch, i, why);
}

void evo_program_failed(struct evo_program *program, struct evo_batch *batch, size_t i,
                        const char *why)
{
    snprintf(program->why, sizeof program->why, "%s", why);
    if (program->setup.n_retries == 0) {
        fail(program, batch, i, why);
    } else {
        batch->status[i] = EVO_CANDIDATE_FAILED; // it will be tried again
    }
}

/* What "program: it ..." needs before it where the program itself said nothing. */
static void fail_unanswered(struct evo_program *program, struct evo_batch *batch, size_t i)
{
    char why[EVO_PROGRAM_WHY + 64];
    snprintf(why, sizeof why, "the program %s", program->why);
    fail(program, batch, i, why);
}

/* ---- one exchange --------------------------------------------------------------------------- */

static size_t answer_limit(const struct evo_program *program, size_t n)
{
    enum { HEAD = 1 << 16, TEXT = 4096, NUMBER = 64 };
    return HEAD + n * (TEXT + NUMBER * program->setup.n_results);
}

/* Keeps an eye on how long a candidate takes: the next batch shall take half of the time limit at
 * most, so that only a candidate that is too slow by itself is ever late. */
static void learn(struct evo_program *program, size_t n, double seconds)
{
    double each = seconds / (double)n;
    program->candidate_s = program->candidate_s > 0.0 ? 0.5 * (program->candidate_s + each) : each;
    double fit = 0.5 * program->setup.timeout_s / fmax(program->candidate_s, 1e-9);
    size_t grown = program->most > SIZE_MAX / 4 ? SIZE_MAX : 4 * program->most;
    program->most = fit < 1.0 ? 1 : fit < (double)grown ? (size_t)fit : grown;
}

static void reset(const struct evo_program_piece *piece)
{
    struct evo_batch *batch = piece->batch;
    for (size_t i = piece->first; i < piece->first + piece->n; i++) {
        batch->status[i] = EVO_CANDIDATE_OK;
        for (size_t k = 0; k < batch->n_results; k++) {
            batch->results[i * batch->n_results + k] = NAN;
        }
    }
}

static enum evo_status exchange(struct evo_program *program, const struct evo_program_piece *piece,
                                enum evo_program_end *end)
{
    bool binary = program->setup.format == EVO_PROGRAM_BINARY;
    double begin_s = evo_clock_s();
    program->number++;
    reset(piece);
    EVO_TRY(binary ? evo_program_binary_ask(program, piece) : evo_program_json_ask(program, piece));
    EVO_TRY(evo_program_pipe_exchange(
        program, program->setup.timeout_s, answer_limit(program, piece->n),
        binary ? evo_program_binary_whole : evo_program_pipe_line, end));
    if (*end != EVO_PROGRAM_ANSWERED) { return EVO_OK; }
    if (!(binary ? evo_program_binary_answer : evo_program_json_answer)(program, piece)) {
        reset(piece);
        return evo_program_pipe_refuse(program, end);
    }
    program->has_answered = true;
    program->n_served++;
    learn(program, piece->n, evo_clock_s() - begin_s);
    return EVO_OK;
}

/* A child for the next exchange. */
static enum evo_status ready(struct evo_program *program)
{
    if (program->pid != 0) { return EVO_OK; }
    if (program->n_starts <= MOST_WARNED) {
        evo_log(EVO_LOG_WARNING, "program on rank %zu: it %s; it is started again%s",
                program->setup.rank, program->why,
                program->n_starts == MOST_WARNED ? " (no further warnings of this)" : "");
    }
    return evo_program_child_start(program);
}

/* ---- candidates ----------------------------------------------------------------------------- */

static enum evo_status check_use(struct evo_program *program, enum evo_program_end end,
                                 size_t n_stops)
{
    EVO_CHECK(n_stops < MOST_STOPS, EVO_ERR_FARM,
              "program \"%.200s\" was ended from outside %zu times: it %s", program->setup.command,
              n_stops, program->why);
    if (end == EVO_PROGRAM_ANSWERED || program->has_answered) { return EVO_OK; }
    EVO_CHECK(
        ++program->n_unanswered < NEVER_ANSWERED, EVO_ERR_CONFIG,
        "program \"%.200s\" cannot be used: it has answered none of the first %d candidates; it %s",
        program->setup.command, (int)NEVER_ANSWERED, program->why);
    return EVO_OK;
}

/* Evaluates one alone until it has results or is known to fail. What another candidate has left
 * behind in a child is not held against it: only what happens in a new child counts. */
static enum evo_status evaluate_alone(struct evo_program *program, struct evo_batch *batch,
                                      size_t i, size_t tries)
{
    const struct evo_program_piece piece = {.batch = batch, .first = i, .n = 1};
    size_t n_stops = 0;
    for (;;) {
        enum evo_program_end end = EVO_PROGRAM_ANSWERED;
        EVO_TRY(ready(program));
        bool is_new = program->n_served == 0;
        EVO_TRY(exchange(program, &piece, &end));
        if (end == EVO_PROGRAM_ANSWERED && batch->status[i] == EVO_CANDIDATE_OK) { return EVO_OK; }
        if (end == EVO_PROGRAM_STOPPED) { n_stops++; }
        bool counts = end == EVO_PROGRAM_ANSWERED || end == EVO_PROGRAM_LATE ||
                      (is_new && end != EVO_PROGRAM_STOPPED);
        if (!counts) {
            EVO_TRY(check_use(program, EVO_PROGRAM_ANSWERED, n_stops));
            continue;
        }
        EVO_TRY(check_use(program, end, n_stops));
        if (tries++ < program->setup.n_retries) { continue; }
        if (end != EVO_PROGRAM_ANSWERED) {
            fail_unanswered(program, batch, i);
        } else if (program->setup.n_retries > 0) {
            fail(program, batch, i, program->why);
        }
        return EVO_OK;
    }
}

static enum evo_status check_abort(const struct evo_program *program,
                                   const struct evo_program_piece *piece)
{
    const struct evo_batch *batch = piece->batch;
    for (size_t i = piece->first; program->setup.abort_on_failure && i < piece->first + piece->n;
         i++) {
        EVO_CHECK(batch->status[i] == EVO_CANDIDATE_OK, EVO_ERR_DATA,
                  "a candidate of generation %llu failed: %s",
                  (unsigned long long)batch->generation, batch->message);
    }
    return EVO_OK;
}

/* A part of a batch together; then those alone that have no result, or are to be tried again. */
static enum evo_status evaluate_piece(struct evo_program *program,
                                      const struct evo_program_piece *piece)
{
    struct evo_batch *batch = piece->batch;
    enum evo_program_end end = EVO_PROGRAM_DIED;
    if (piece->n > 1) {
        EVO_TRY(ready(program));
        EVO_TRY(exchange(program, piece, &end));
    }
    bool answered = end == EVO_PROGRAM_ANSWERED;
    bool again = !answered || program->setup.n_retries > 0;
    for (size_t i = piece->first; again && i < piece->first + piece->n; i++) {
        if (answered && batch->status[i] == EVO_CANDIDATE_OK) { continue; }
        EVO_TRY(evaluate_alone(program, batch, i, answered ? 1 : 0));
        const struct evo_program_piece one = {.batch = batch, .first = i, .n = 1};
        EVO_TRY(check_abort(program, &one));
    }
    return check_abort(program, piece);
}

/* How many come next. Without a time limit there is no reason to part them but memory. */
static size_t next_n(const struct evo_program *program, size_t left)
{
    size_t fit = PIECE_DOUBLES / (program->setup.n_parameters + program->setup.n_results);
    size_t n = left < fit ? left : fit > 0 ? fit : 1;
    return program->setup.timeout_s > 0.0 && program->most < n ? program->most : n;
}

enum evo_status evo_program_evaluate(struct evo_program *program, struct evo_batch *batch)
{
    EVO_CHECK(batch->n_parameters == program->setup.n_parameters &&
                  batch->n_results == program->setup.n_results,
              EVO_ERR_INTERNAL,
              "program: a batch of %zu parameters and %zu results, not %zu and %zu",
              batch->n_parameters, batch->n_results, program->setup.n_parameters,
              program->setup.n_results);
    for (size_t i = 0; i < batch->n;) {
        const struct evo_program_piece piece = {
            .batch = batch, .first = i, .n = next_n(program, batch->n - i)};
        EVO_TRY(evaluate_piece(program, &piece));
        i += piece.n;
    }
    return EVO_OK;
}

/* ---- life ----------------------------------------------------------------------------------- */

enum evo_status evo_program_create(const struct evo_program_setup *setup, struct evo_program **out)
{
    enum evo_status status = EVO_OK;
    struct evo_program *program = NULL;
    EVO_TRY(evo_alloc(1, sizeof *program, "program", &program));
    program->setup = *setup;
    program->error_file = -1;
    program->most = FIRST_PIECE;
    if (setup->error_path != NULL) {
        program->error_file =
            open(setup->error_path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        EVO_CHECK_GOTO(program->error_file >= 0, EVO_ERR_IO, "%s: cannot be opened: %s",
                       setup->error_path, strerror(errno));
    }
    EVO_GOTO(evo_program_child_start(program));
    *out = program;
    program = NULL;
done:
    evo_program_destroy(program);
    return status;
}

size_t evo_program_restarts(const struct evo_program *program) { return program->n_starts - 1; }

void evo_program_destroy(struct evo_program *program)
{
    enum { GRACE_S = 2 };
    if (program == NULL) { return; }
    int how = 0;
    bool by_itself = false;
    (void)evo_program_child_end(program, GRACE_S, &how, &by_itself);
    if (program->error_file >= 0) { close(program->error_file); }
    free(program->out.bytes);
    free(program->in.bytes);
    free(program);
}
