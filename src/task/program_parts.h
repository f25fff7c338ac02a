/* SPDX-License-Identifier: MIT */
/* What the files of `program` share: its state, its messages, and the two formats. */
#ifndef EVO_TASK_PROGRAM_ROOM_H
#define EVO_TASK_PROGRAM_ROOM_H

#include <evompi/child.h>

enum {
    EVO_PROGRAM_WHY = 1024,  ///< bytes of a reason
    EVO_PROGRAM_QUOTE = 80,  ///< bytes that are quoted of what it says
    EVO_PROGRAM_NUMBER = 32, ///< bytes of a number, at most
};

/// Bytes that grow.
struct evo_program_text {
    char *bytes;
    size_t n, capacity;
};

/// How an exchange ended.
enum evo_program_end {
    EVO_PROGRAM_ANSWERED,
    EVO_PROGRAM_DIED,    ///< it ended, or closed its end of a pipe
    EVO_PROGRAM_STOPPED, ///< ended by a signal that people and batch systems send
    EVO_PROGRAM_LATE,
    EVO_PROGRAM_WRONG, ///< its answer is none
};

struct evo_program {
    struct evo_program_setup setup;
    pid_t pid; ///< 0: there is no child
    int to, from;
    int error_file;
    long long error_begin; ///< size of the file of standard error when the child started
    uint64_t number;       ///< of the child's latest batch
    size_t n_served;       ///< batches that this child has answered
    size_t n_starts;
    bool has_answered;   ///< any child, ever
    size_t n_unanswered; ///< candidates that failed without an answer before there was any
    size_t n_logged;
    double candidate_s; ///< what one takes, as the latest batches tell
    size_t most;        ///< candidates in the next batch
    struct evo_program_text out, in;
    size_t used;               ///< bytes of `in` that the latest answer takes
    char why[EVO_PROGRAM_WHY]; ///< why the latest exchange ended without an answer
};

/// Part of a batch: candidates first .. first + n - 1.
struct evo_program_piece {
    struct evo_batch *batch;
    size_t first, n;
};

/* ---- text: program_text.c ---- */

enum evo_status evo_program_text_reserve(struct evo_program_text *text, size_t more);
enum evo_status evo_program_text_add(struct evo_program_text *text, const void *bytes, size_t n);
/// `n` bytes as one printable line for a message, cut after EVO_PROGRAM_QUOTE. Returns to.
const char *evo_program_text_quote(const char *bytes, size_t n, char to[EVO_PROGRAM_QUOTE + 8]);

/* ---- number: program_number.c ---- */

/// x as a number of JSON that reads back to the same bits, or as the string "NaN", "Infinity" or
/// "-Infinity"; returns its bytes, without an end. Always a point or an exponent: many languages
/// read "1" as a whole number, and have no minus zero of those.
size_t evo_program_number(char to[EVO_PROGRAM_NUMBER], double x);

/* ---- child: program_child.c ---- */

/// Starts the child and waits until it is ready; as evo_program_create.
enum evo_status evo_program_child_start(struct evo_program *program);
/// Ends it, after `grace_s` seconds for itself; *how as of waitpid, *by_itself whether we killed
/// it.
enum evo_status evo_program_child_end(struct evo_program *program, double grace_s, int *how,
                                      bool *by_itself);

/* ---- pipe: program_pipe.c ---- */

/// Whether `in` begins with a whole answer: sets used. False in *fits where it can never be one.
typedef bool evo_program_pipe_whole(struct evo_program *program, size_t limit, bool *fits);

/// Sends `out` and receives an answer, of `limit` bytes at most, into `in`; both at once, so that
/// neither side can wait for the other for ever. A child that gives none is ended, with the reason
/// in `why`.
enum evo_status evo_program_pipe_exchange(struct evo_program *program, double timeout_s,
                                          size_t limit, evo_program_pipe_whole *whole,
                                          enum evo_program_end *end);
/// One line.
evo_program_pipe_whole evo_program_pipe_line;
/// Ends the child for what it said; *end is EVO_PROGRAM_WRONG.
enum evo_status evo_program_pipe_refuse(struct evo_program *program, enum evo_program_end *end);

/* ---- formats ---- */

enum evo_status evo_program_json_hello(struct evo_program *program);
bool evo_program_json_ready(struct evo_program *program);
enum evo_status evo_program_json_ask(struct evo_program *program,
                                     const struct evo_program_piece *piece);
/// Takes the answer in `in` over into the batch; false, with `why` and the batch as it was, where
/// it is none. Also of binary.
bool evo_program_json_answer(struct evo_program *program, const struct evo_program_piece *piece);

enum evo_status evo_program_binary_ask(struct evo_program *program,
                                       const struct evo_program_piece *piece);
bool evo_program_binary_answer(struct evo_program *program, const struct evo_program_piece *piece);
evo_program_pipe_whole evo_program_binary_whole;

/* ---- failures: program.c ---- */

/// A candidate has said that it failed; `i` counts in the batch.
void evo_program_failed(struct evo_program *program, struct evo_batch *batch, size_t i,
                        const char *why);

#endif
