/* SPDX-License-Identifier: MIT */
/* A task that is a program of the user's, in any language: one long-lived child of each rank.
 *
 * PROTOCOL, number 1. The program reads its standard input and writes its standard output; both
 * carry nothing else. One message is one line of JSON (RFC 8259), UTF-8, ended by "\n".
 *
 * 1. We say, once:
 *    {"protocol": 1, "program": "evompi", "version": "0.1.0", "format": "json", "seed": 7, "rank":
 * 0, "ranks": 64, "parameters": ["x", "y"], "results": ["fitness", "effort"]} One name for each
 * parameter and result. Results must not depend on rank and ranks.
 * 2. It answers, when it is ready: {"protocol": 1}. Where it also has "format", that must be ours.
 * 3. We ask, any number of times:
 *    {"batch": 5, "generation": 2, "purpose": "search", "n": 2, "parameters": [[0.5, 1.0], [2.0,
 * -3.0]]} batch grows by one from 1 for each child; purpose is "search", "selection" or
 * "validation". How many candidates a batch has, and which ones, is no part of the problem: results
 * must not depend on it. A child that was started again gets candidates that another one had
 * before.
 * 4. It answers, with one item for each candidate, in order:
 *    {"batch": 5, "results": [[0.25, 1], {"failed": "the simulation diverged"}]}
 *    An item is a list of numbers, one for each result; or one number, where there is one result;
 * or null or {"failed": "why"}: the candidate has failed.
 * 5. At the end its standard input ends; it has 2 seconds to do so too.
 *
 * Ours have 17 digits, which give back the same double, and a point or an exponent. What JSON has
 * no number for is the text "NaN", "Infinity" or "-Infinity", both ways; answers may also have
 * these words bare, as Python writes them. Whole numbers in answers must be of 64 bits.
 *
 * With "format": "binary" messages 1 and 2 are the same, and 3 and 4 are, little-endian, without
 * gaps: ask     4 bytes "EVOB", u32 protocol, u64 batch, u64 generation, u32 purpose (0 search, 1
 * selection, 2 validation), u32 parameters, u64 n; then n * parameters doubles answer  4 bytes
 * "EVOR", u32 results, u64 batch, u64 n, u64 text; then n * results doubles, n of i32 (0: ok; 1:
 * failed), and `text` bytes, at most 4096: why the first one failed
 *
 * What breaks this (no answer in time, an end, text between the answers, half a line ...) ends the
 * child, with its process group. It is started again, and gets its candidates one by one. One that
 * does it again, alone and with a child that is new, has failed. */
#ifndef EVO_TASK_PROGRAM_H
#define EVO_TASK_PROGRAM_H

#include "spawner.h"

#include <evompi/plugin.h>

enum { EVO_PROGRAM_PROTOCOL = 1 };

enum evo_program_format { EVO_PROGRAM_JSON, EVO_PROGRAM_BINARY };

/// All of it is borrowed for the program's life.
struct evo_program_setup {
    struct evo_spawner *spawner;
    size_t work;         ///< index of evo_program_child in the spawner's works
    const char *command; ///< as /bin/sh -c runs it, in the folder where the spawner was started
    const char *version; ///< evompi's, for the first line
    enum evo_program_format format;
    double timeout_s;       ///< without an answer a batch is given up; 0: never
    double start_timeout_s; ///< the same until it is ready; 0: 120 s
    size_t memory_bytes;    ///< limit of the address space of each process of it; 0: none
    size_t n_parameters, n_results;
    const char *const *parameters; ///< [n_parameters], names
    const char *const *results;    ///< [n_results], names
    uint64_t seed;
    size_t rank, n_ranks;
    const char *error_path;     ///< its standard error is appended there; NULL: this process's
    const char *adapter_folder; ///< put first in PYTHONPATH; NULL: none
    bool abort_on_failure;      ///< a candidate that fails is an error of evo_program_evaluate
    size_t n_retries;           ///< how often a candidate that has failed is evaluated again
};

struct evo_program; // opaque

/// The child's side: hand it to evo_spawner_create.
evo_spawner_work evo_program_child;

/// Starts the program and waits until it is ready. Local, as all calls here. Errors: EVO_ERR_CONFIG
/// where it cannot be started, is not ready in time, or says something else.
enum evo_status evo_program_create(const struct evo_program_setup *setup, struct evo_program **out);

/// Evaluates all candidates of a batch; those that fail have their status, and the first one's
/// reason is the batch's message. Errors: EVO_ERR_DATA where one fails and that is to abort;
/// EVO_ERR_CONFIG where the program has never answered, or cannot be started again; EVO_ERR_FARM
/// where somebody keeps killing it; EVO_ERR_INTERNAL where the spawner is lost.
enum evo_status evo_program_evaluate(struct evo_program *program, struct evo_batch *batch);

/// How often the program was started again.
size_t evo_program_restarts(const struct evo_program *program);

/// Ends the program: it has 2 seconds after the end of its standard input. NULL is accepted.
void evo_program_destroy(struct evo_program *program);

#endif
