/* SPDX-License-Identifier: MIT */
/* Tasks from outside: plug-ins, found, checked and loaded; children that evaluate them; programs. */
#ifndef EVOMPI_CHILD_H
#define EVOMPI_CHILD_H

#include <evompi/base.h>
#include <evompi/choice.h>
#include <evompi/plugin.h>
#include <evompi/rollout_class.h>

#include <sys/types.h>

/* ---- the spawner: a small process beside each rank that starts its children ---------------------- */

struct evo_spawner; // opaque

/// What a child does: `payload` of n bytes and the file descriptors `fds` are those of the request.
/// It runs in a process group of its own, with the standard signal actions, no signal held back,
/// and no other descriptors than `fds` and 0 to 2 (0: empty; 1 and 2: those of the rank). The child
/// ends with what is returned, and where memory runs out the kernel takes it before the rank.
typedef int evo_spawner_work(const void *payload, size_t n, const int *fds, size_t n_fds);

/// Starts the spawner: a fork of this process, which must be single-threaded and must not have
/// called MPI_Init. It ends, and kills the process groups of all its children, when this process
/// ends in any way (SIGKILL included). `works` is the list of what children can do; it is copied.
/// Local, as all calls here; one thread at a time.
enum evo_status evo_spawner_create(evo_spawner_work *const *works, size_t n_works,
                                   struct evo_spawner **out);
/// Kills what still runs, and the spawner. NULL is accepted.
void evo_spawner_destroy(struct evo_spawner *spawner);

enum { EVO_SPAWNER_FDS = 4, EVO_SPAWNER_PAYLOAD = 1 << 20, EVO_SPAWNER_CHILDREN = 64 };

/// Starts a child that does works[work]. `fds` are duplicated into it. Errors: EVO_ERR_MEMORY where
/// no process can be started, EVO_ERR_INTERNAL where the spawner is lost or does not answer.
enum evo_status evo_spawner_start(struct evo_spawner *spawner, size_t work, const void *payload,
                                  size_t n, const int *fds, size_t n_fds, pid_t *pid);

/// Waits until the child has ended by itself, but `limit_s` seconds at most; *ended says whether it
/// has. evo_spawner_end is due in either case.
enum evo_status evo_spawner_wait(struct evo_spawner *spawner, pid_t pid, double limit_s,
                                 bool *ended);

/// Kills the child's process group (SIGKILL), waits for its end and says how it ended, as of
/// waitpid. A child that has ended by itself is only reported.
enum evo_status evo_spawner_end(struct evo_spawner *spawner, pid_t pid, int *how);

/// Says how a child ended, for a message: "exit code 3", "signal 11 (Segmentation fault)". Returns
/// text.
const char *evo_spawner_how(int how, char *text, size_t size);

/* ---- what a task says of itself, checked --------------------------------------------------------- */

/// How large the parts of a task may be.
enum {
    EVO_TASK_NAME_MAX = 31, ///< characters of any name
    EVO_TASK_UNIT_MAX = 31,
    EVO_TASK_DOC_MAX = 240, ///< characters of a summary or a doc, one line
    EVO_TASK_KEYS_MAX = 1000,
    EVO_TASK_KEYS_BYTES_MAX = 1 << 20,
    EVO_TASK_CHOICES_MAX = 32, ///< words of a choice
    EVO_TASK_CHOICES_BYTES_MAX = 255,
    EVO_TASK_BLOCKS_MAX = 1000,
    EVO_TASK_PARAMETERS_MAX = 1000000,
    EVO_TASK_RESULTS_MAX = 64,
    EVO_TASK_PARTS_MAX = 1000000,
};

/// A name that is in use, and by whom: "evompi itself", "a section of the configuration", a path.
struct evo_task_taken {
    const char *name, *owner;
};

/// Reads `text` as a value of `key`, its range and words included; false with the reason in `why`.
typedef bool evo_task_read(void *context, const struct evo_key *key, const char *text, char *why,
                           size_t size);

/// What a descriptor is checked against.
struct evo_task_rules {
    const struct evo_task_taken *taken; ///< [n_taken]
    size_t n_taken;
    evo_task_read *read; ///< for the defaults of keys; NULL: they are not read
    void *context;       ///< of read
};

/// Checks the name of a task, or of a section of its keys: what it is made of, and that nobody has it.
enum evo_status evo_task_name_check(const char *name, const char *from, const struct evo_task_rules *rules);

/// Checks all that is known before `create`. `from` names the task's file in messages. Each failure is
/// EVO_ERR_CONFIG with file, thing, value and remedy in one line. Local.
enum evo_status evo_task_class_check(const struct evo_task_class *task, const char *from,
                                     const struct evo_task_rules *rules);

/// The same of a rollout: all that it says of itself.
enum evo_status evo_rollout_class_check(const struct evo_rollout_class *rollout, const char *from,
                                        const struct evo_task_rules *rules);

/// What a task says of itself before `create`: its class's blocks and results; where the class has no
/// results, one, the fitness.
void evo_task_form_init(struct evo_task_form *form, const struct evo_task_class *task);

/// The same checks of blocks, results and parts after `create`; *n_parameters, unless NULL, is the sum
/// over the blocks.
enum evo_status evo_task_form_check(const struct evo_task_form *form, const char *from,
                                    size_t *n_parameters);

/* ---- plug-ins ------------------------------------------------------------------------------------ */

struct evo_task_kind;

/// A plug-in that is loaded.
struct evo_plugin {
    struct evo_task_class task; ///< a copy; members that its file is too old for are 0; of a rollout the name alone
    struct evo_rollout_class rollout; ///< the same, where is_rollout
    bool is_rollout;
    const struct evo_task_kind *const *kinds; ///< of the whole contract, as the file has them; else NULL
    char *path;                 ///< where it was found, as it can be opened from here
    char digest[17];            ///< XXH3 of the bytes that were loaded, 16 hexadecimal digits
    void *library;              ///< of dlopen
    int copy;                   ///< the copy that was loaded, or -1
};

/// The variable that names the folders of plug-ins, split by colons.
#define EVO_PLUGIN_PATH "EVOMPI_PLUGIN_PATH"

/// Loads the plug-in `path` and checks all that evo_task_class_check does. A path without a slash is
/// looked for in the current folder and then in those of EVO_PLUGIN_PATH. The bytes
/// are read once, and these are hashed and loaded: what happens to the file later does not matter.
/// A first load, in a child, sees crashes and endless loops; the real one leaves rounding, flags of the
/// floating-point unit and locale as they were. Before MPI and before any thread; local.
/// EVO_ERR_CONFIG with path, thing, value and remedy in one line; EVO_ERR_MEMORY.
enum evo_status evo_plugin_open(const char *path, const struct evo_task_rules *rules, struct evo_plugin **out);

/// Unloads it: no task made from it may be left. NULL is accepted.
void evo_plugin_close(struct evo_plugin *plugin);

/* ---- isolated tasks: what a candidate does to its process costs this candidate ------------------- */

struct evo_isolate; // opaque

/// Called for each candidate whose evaluation ended the child or did not end: `i` of the batch, `why` as
/// in "signal 11 (Segmentation fault)" or "no answer within 2 s".
typedef void evo_isolate_lost(void *context, const struct evo_batch *batch, size_t i, const char *why);

/// What a child is for.
struct evo_isolate_setup {
    struct evo_spawner *spawner; ///< borrowed until the isolate is destroyed
    size_t work;                 ///< the spawner's work that ends in evo_isolate_serve
    const void *payload;         ///< [n_payload], copied: what the work makes its task from
    size_t n_payload;
    const char *name; ///< of the task, for messages; copied
    size_t n_parameters, n_results;
    size_t slice;           ///< candidates in one call of the class's evaluate, 1 or more
    double timeout_s;       ///< for one candidate; 0: none
    double ready_timeout_s; ///< until the work has made its task; 0: EVO_ISOLATE_READY_S
    uint64_t memory_bytes;  ///< that a child may have beyond what it begins with; 0: the default below
    int output;             ///< a file for what the task prints, borrowed; -1: standard error
    evo_isolate_lost *lost; ///< may be NULL
    void *context;          ///< of lost
};

enum { EVO_ISOLATE_READY_S = 120 };

/// This machine's memory over its processors.
uint64_t evo_isolate_memory_default(void);

/// Starts the child, and waits until it has made its task. EVO_ERR_CONFIG where that refuses, or ends
/// the child twice before it is made; else as evo_spawner_start. Local, as all calls here.
enum evo_status evo_isolate_create(const struct evo_isolate_setup *setup, struct evo_isolate **out);

/// Has the child evaluate the batch. Whatever ends the child, keeps it from answering for timeout_s or
/// damages what it shares with this process costs the candidate that it happened at: this one gets
/// EVO_CANDIDATE_FAILED and keeps its results, and a new child goes on with the rest. One that is
/// ended by others while it evaluates nothing costs none. Results, statuses and message are as of the
/// same evaluate called here. Errors as of evo_isolate_create.
enum evo_status evo_isolate_evaluate(struct evo_isolate *isolate, struct evo_batch *batch);

/// Children started so far.
uint64_t evo_isolate_starts(const struct evo_isolate *isolate);

/// The child that is there, or 0.
pid_t evo_isolate_pid(const struct evo_isolate *isolate);

/// Lets the child destroy its task, and ends it. NULL is accepted.
void evo_isolate_destroy(struct evo_isolate *isolate);

/* ---- in the child ------------------------------------------------------------------------- */

/// What the work of a child makes: `class` and the task that its calls get.
struct evo_isolate_made {
    const struct evo_task_class *task_class;
    void *task;
};

/// Makes the task from the payload. Returns 0, or another number after it has written `message`.
typedef int evo_isolate_make(const void *payload, size_t n, struct evo_isolate_made *made, char *message,
                             size_t message_bytes);

/// All of the work of a child: limits itself, makes its task and evaluates until the rank has no more.
/// What the task prints on standard output goes to the setup's output. Returns what the child ends with.
int evo_isolate_serve(evo_isolate_make *make, const void *payload, size_t n, const int *fds, size_t n_fds);

/* ---- programs in any language -------------------------------------------------------------------- */

/* PROTOCOL, number 1. The program reads its standard input and writes its standard output; both
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

enum { EVO_PROGRAM_PROTOCOL = 1 };

/// program.format
#define EVO_PROGRAM_FORMATS(CHOICE) \
    CHOICE(EVO_PROGRAM_JSON, json) CHOICE(EVO_PROGRAM_BINARY, binary)
enum evo_program_format { EVO_PROGRAM_FORMATS(EVO_CHOICE_NAME) };

/// All of it is borrowed for the program's life.
struct evo_program_setup {
    struct evo_spawner *spawner;
    size_t work;         ///< index of evo_program_child in the spawner's works
    const char *command; ///< as /bin/sh -c runs it, in the folder where the spawner was started
    const char *version; ///< evompi's, for the first line
    enum evo_program_format format;
    double timeout_s;       ///< without an answer a batch is given up; 0: never
    double start_timeout_s; ///< the same until it is ready; 0: 120 s
    size_t memory_bytes;    ///< of data that each process of it may have; 0: no limit
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
