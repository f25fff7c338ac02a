/* SPDX-License-Identifier: MIT */
/* The ground floor: status and messages, log, memory, clock, files, fields and tables. */
#ifndef EVOMPI_BASE_H
#define EVOMPI_BASE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* ---- status ------------------------------------------------------------------------- */

/// What a fallible function returns. The message that belongs to it is evo_status_message().
enum evo_status {
    EVO_OK = 0,
    EVO_ERR_USAGE,      ///< the command line is wrong                      (exit code 2)
    EVO_ERR_CONFIG,     ///< the configuration is wrong                     (exit code 2)
    EVO_ERR_BUSY,       ///< another job holds the run folder               (exit code 2)
    EVO_ERR_CHECKPOINT, ///< there is no usable checkpoint                  (exit code 3)
    EVO_ERR_DATA,       ///< another input file is damaged or of a wrong form (exit code 1)
    EVO_ERR_IO,         ///< the file system refused                        (exit code 1)
    EVO_ERR_MEMORY,     ///< out of memory                                  (exit code 1)
    EVO_ERR_FARM,       ///< MPI, or another rank, failed                   (exit code 1)
    EVO_ERR_INTERNAL,   ///< a bug of ours                                  (exit code 1)
};

enum {
    EVO_EXIT_STOPPED = 85,  ///< stopped on request, checkpoint on disk, more to do
    EVO_MESSAGE_MAX = 2048, ///< bytes of a status message, its NUL included
};

/// Records the message of a failure, for this thread, and returns `status`.
/// One line, names the object, the value and the remedy; no trailing newline.
enum evo_status evo_status_fail(enum evo_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// The message of the latest failure on this thread ("" before the first). Borrowed.
const char *evo_status_message(void);

/// The process exit code that `status` stands for: 0, 1, 2 or 3.
int evo_status_exit_code(enum evo_status status);

/// Passes a failure on to the caller (for functions that hold nothing to release).
#define EVO_TRY(call)                               \
    do {                                            \
        enum evo_status evo_try_ = (call);          \
        if (evo_try_ != EVO_OK) { return evo_try_; } \
    } while (0)

/// The same where something must be released first: sets `status`, jumps to `done`.
#define EVO_GOTO(call)                     \
    do {                                   \
        status = (call);                   \
        if (status != EVO_OK) { goto done; } \
    } while (0)

/// Makes the message where the fault is seen, and returns. `code` itself, a constant, goes back:
/// compilers and analysers see that it is not EVO_OK.
#define EVO_CHECK(cond, code, ...)               \
    do {                                         \
        if (!(cond)) {                           \
            evo_status_fail((code), __VA_ARGS__); \
            return (code);                       \
        }                                        \
    } while (0)

/// The same where something must be released first.
#define EVO_CHECK_GOTO(cond, code, ...)                 \
    do {                                                \
        if (!(cond)) {                                  \
            evo_status_fail((code), __VA_ARGS__);        \
            status = (code);                            \
            goto done;                                  \
        }                                               \
    } while (0)

/* ---- log ---------------------------------------------------------------------------- */

enum evo_log_level { EVO_LOG_ERROR, EVO_LOG_WARNING, EVO_LOG_INFO, EVO_LOG_DEBUG };

/// Lines up to `level` are shown: errors and warnings on stderr, the rest on stdout.
/// Before the first call: EVO_LOG_WARNING (so that ranks other than 0 are quiet).
void evo_log_set_level(enum evo_log_level level);

/// Also appends every line of EVO_LOG_INFO and above to `path`, each with date and time.
enum evo_status evo_log_open(const char *path);
void evo_log_close(void);

/// One line, without newline. Thread-safe. A live line (below) is cleared first.
void evo_log(enum evo_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// One line for the log file alone.
void evo_log_to_file(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// Replaces the live line at the bottom of the terminal; not written to the file.
/// Does nothing unless stdout ends at a terminal. An empty text clears it.
void evo_log_live(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// Whether stdout ends at a terminal that can show a live line; false before the first call of
/// evo_log_set_terminal.
bool evo_log_is_terminal(void);
void evo_log_set_terminal(bool is_terminal);

/* ---- memory ------------------------------------------------------------------------- */

/// Gives n items of `size` bytes, zeroed, aligned to 64 bytes, in *out (release with free()).
/// n * size == 0 gives a block that may be freed. `what` names the thing in the message.
enum evo_status evo_alloc(size_t n, size_t size, const char *what, void *out);

/// Bytes that evo_alloc has given to this thread since it began, released or not: the difference over
/// a few calls is what they took.
size_t evo_alloc_total(void);

/// Bytes of memory that this process may have at most here: the machine's, or less where a limit is
/// set; INFINITY where nothing is known.
double evo_alloc_limit(void);

/// printf into a new string, *out, released with free().
enum evo_status evo_text_format(char **out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- clock -------------------------------------------------------------------------- */

/// Seconds of a monotonic clock. Decides when to stop, save or print; never what is computed.
double evo_clock_s(void);

/// Seconds of processor time of the calling thread: what work takes, however busy the machine is.
double evo_clock_cpu_s(void);

/// Local date and time as 2026-11-23T08:55:01+00:00 into `text`, at least 32 bytes.
void evo_clock_stamp(char *text, size_t size);

/* ---- files -------------------------------------------------------------------------- */

/// Reads a whole regular file. *out has one NUL after its *n bytes; release with free().
/// A folder, a pipe, or more than `max` bytes is an error that names the path.
enum evo_status evo_file_read(const char *path, size_t max, char **out, size_t *n);

/// The first bytes of a regular file, `max` at most, into `bytes`; *n is how many there are.
enum evo_status evo_file_peek(const char *path, char *bytes, size_t max, size_t *n);

/// Puts `n` bytes at `path` so that a reader sees the old file or the new one, whole, also
/// after a kill; with `durable` also after power loss (fsync of file and folder).
/// Where `previous` is not NULL an existing file at `path` is kept there first.
/// On failure whatever was at `path` is still there and the temporary file is removed.
/// `path` is there all the time, except, with `previous`, on a file system without hard links.
/// `path`.tmp, and `previous`.tmp, are its own: a killed job may leave them.
enum evo_status evo_file_replace(const char *path, const char *previous, const void *bytes,
                                 size_t n, bool durable);

/// Has a file's bytes, or a folder's names, on the disk before it returns (fsync).
enum evo_status evo_file_sync(const char *path);

/// Makes a folder and those above it; no error where it is there already.
enum evo_status evo_file_make_folder(const char *path);

/// `folder`/`name` in a new string, released with free().
enum evo_status evo_file_join(char **out, const char *folder, const char *name);

/// Whether something is at `path`, for whoever begins, removes or overwrites something: *there is
/// false only where the file system says that there is no such file. Any other answer (a server that
/// is away, a folder that may not be searched, a link that leads nowhere) is EVO_ERR_IO with the
/// reason. *is_folder, unless NULL, says whether it is a folder, or a link to one.
enum evo_status evo_file_look(const char *path, bool *there, bool *is_folder);

/// Whether two paths lead to the same file or folder; false where one of them is not there.
enum evo_status evo_file_same(const char *a, const char *b, bool *same);

/// Whether something is certainly there, for whoever only reads: false also where it cannot be known.
/// *is_folder, unless NULL, says whether it is a folder.
bool evo_file_exists(const char *path, bool *is_folder);

/* ---- threads --------------------------------------------------------------------------- */

/// Lets the calling thread run on any core that the job has, not on the one alone that mpirun has bound
/// its rank to.
void evo_thread_unbind(void);

/* ---- child processes ------------------------------------------------------------------ */

/// Undoes an ignored SIGCHLD, which a program inherits from its parent: nobody could wait for a child.
/// The first call of a program that has children by system() or popen().
void evo_guard_begin(void);

/// Calls `work` in a child process; *result is what it returns, 0 to 255. `what`, the file that is
/// read there, is named in the message of EVO_ERR_CHECKPOINT where the child crashed; any other
/// signal that ends the child ends its parent. Before MPI and before any thread.
enum evo_status evo_guard_call(const char *what, int (*work)(void *context), void *context,
                               int *result);

/// The kernel sends `signal` to this process when the thread that forked it ends in any way; false where
/// that thread, of process `parent`, has ended already. Linux alone: elsewhere it does nothing.
bool evo_process_tie(pid_t parent, int signal);

/// What children of this process leave behind becomes this process's child. Linux alone.
void evo_process_adopt(void);

/// The children of this process's one thread, at most `max`, in pids; returns how many. Linux alone:
/// elsewhere 0.
size_t evo_process_children(pid_t *pids, size_t max);

/// Closes all file descriptors from `first` on.
void evo_process_close_from(int first);

/// Tells the kernel to take this process first where memory runs out. Linux alone.
void evo_process_yield_memory(void);

/// A name of at most 15 characters for ps. Linux alone.
void evo_process_rename(const char *name);

/// Holds back SIGPIPE of this thread, so that a write to what nobody reads is an error like any other;
/// evo_process_unmute takes what was held back off, and gives it the mask that it had.
void evo_process_mute(sigset_t *before);
void evo_process_unmute(const sigset_t *before);

/* ---- shared memory ------------------------------------------------------------------- */

/// Memory of `bytes` zeros that is freed with its last user: *file to be mapped, and handed to other
/// processes; its size is fixed. `name` is for messages and /proc.
enum evo_status evo_shared_create(const char *name, size_t bytes, int *file);

/// A file descriptor that poll() finds readable once process `pid`, of any parent, has ended; -1 where
/// the system has none.
int evo_shared_watch(pid_t pid);

/* ---- text --------------------------------------------------------------------------- */

/// The shortest decimal text that reads back as exactly `x` ("nan", "inf", "-inf" too).
/// `text` has at least 32 bytes; returns it.
char *evo_text_number(char *text, double x);

/// Reads all of `text` as one double, decimal or hexadecimal, whatever the locale; false if
/// it is not one. "nan" and "inf" are read; blanks around are allowed.
bool evo_text_to_number(const char *text, double *x);

/// The nearest of `names` to `word` by edit distance; NULL where none is near enough.
const char *evo_text_nearest(const char *word, const char *const *names, size_t n_names);

/// XXH3, 64 bits.
uint64_t evo_text_hash(const void *bytes, size_t n);

/// Reads a file of text as evo_file_read reads any file; a byte-order mark of UTF-8 at its beginning
/// is left out. Errors: EVO_ERR_IO as there; EVO_ERR_DATA where it holds a NUL byte, with the line.
enum evo_status evo_text_read(const char *path, size_t max, char **out, size_t *n);

/* ---- text that is not what it seems -------------------------------------------------- */

enum { EVO_SPELLING_MAX = 160 }; ///< bytes of an explanation

enum evo_spelling {
    EVO_SPELLING_UNSEEN, ///< what cannot be seen: controls but for tabs, odd spaces, zero width, direction
    EVO_SPELLING_ASCII,  ///< and all that is not ASCII, such as typographic quotes and the minus sign
};

/// Whether n bytes of UTF-8 hold such a character; `why` then names the first by its place and its
/// code point, with the remedy: "character 5 is U+00A0 (no-break space), which cannot be seen; ...".
/// With UNSEEN, bytes that are not UTF-8 pass.
bool evo_spelling_find(const char *text, size_t n, enum evo_spelling what,
                       char why[EVO_SPELLING_MAX]);

/// Whether a text stands between quotes, plain or typographic, or has a typographic one at one end.
bool evo_spelling_quoted(const char *text);

/// Whether text[at] is a comma directly between digits; `why` is then "0,5: a decimal comma; write
/// 0.5", with the number around it.
bool evo_spelling_comma(const char *text, size_t at, char why[EVO_SPELLING_MAX]);

/* ---- command lines ------------------------------------------------------------------- */

struct option; // of getopt.h

/// A command line on the way through it.
struct evo_words {
    int argc;
    char **argv;
    const struct option *options; ///< long ones; ends with a row without a name
    const char *word;             ///< the word just read; for "--set a=b" the first of the two
    const char *before, *behind;  ///< its neighbours; "" where there is none
    int alone;                    ///< private: the next word behind "--"; 0: not there yet
};

enum { EVO_WORD = 1 }; ///< a word that stands alone

/// The next of them: an option's `val`, EVO_WORD, ':' (a value is missing), '?' (no such option), or
/// -1 at the end. *value: the option's value or NULL; the word itself. Once for each process.
int evo_words_next(struct evo_words *words, const char **value);

/// The message for ':' and '?', with the option that may have been meant. EVO_ERR_USAGE.
enum evo_status evo_words_refuse(const struct evo_words *words, int letter, const char *program);

/* ---- the processor's modes ---------------------------------------------------------------- */

/// Rounding, what becomes of numbers near 0, and which exceptions end a program: all that decides the
/// results of arithmetic on this thread. A few nanoseconds.
uint64_t evo_floating_modes(void);
/// Sets them to what evo_floating_modes gave, where they are not that.
void evo_floating_restore(uint64_t modes);

/* ---- exact elementary functions: the same bits on every machine ----------------------- */

/// Natural logarithm from +, -, *, / alone (no libm): error below 1 ulp or so, x > 0 and finite.
double evo_math_log(double x);

/// e^x from +, -, *, / alone: error below 1 ulp or so; 0 and infinity beyond the range of doubles.
double evo_math_exp(double x);

/// The quantile of the standard normal distribution, 0 < p < 1 [Wichura 1988, AS 241].
/// From +, -, *, /, sqrt and evo_math_log alone.
double evo_math_normal_quantile(double p);
/// The same, bit for bit, of p[0 .. n-1] into x[0 .. n-1]: in bulk it takes half the time.
void evo_math_normal_quantiles(const double *restrict p, size_t n, double *restrict x);

/// Sine and cosine for |x| <= pi, from +, -, *, / alone: absolute error below 1e-15.
void evo_math_sin_cos(double x, double *sine, double *cosine);

/// The order of two doubles for qsort: ascending, NaN last.
int evo_math_order(const void *a, const void *b);

/// Wilson's interval of a share (0 to 1) of n cases, 95 %: its ends, in [0, 1].
void evo_math_interval(double share, double n, double *low, double *high);

/* ---- fields and tables: what can be saved, loaded, compared and printed ---------------- */

enum evo_type { EVO_TYPE_F64, EVO_TYPE_I64, EVO_TYPE_U64, EVO_TYPE_TEXT };

/// One named value of an object's state: a scalar (n_rows 1, n_cols 0), a vector [n_rows]
/// (n_cols 0), a matrix [n_rows][n_cols], or text (`data` is char[n_rows], NUL-terminated).
struct evo_field {
    const char *name; ///< unique in its section: letters, digits, _
    const char *unit; ///< SI; "1" where it has none
    const char *doc;  ///< one line
    enum evo_type type;
    bool varies; ///< depends on clock, host or rank count: saved, but no part of the result
    size_t n_rows, n_cols;
    void *data;         ///< borrowed from the owner
    const void *absent; ///< not TEXT: each value where a file lacks the field, since an older version
                        ///< wrote it (one value, borrowed); NULL: such a file is refused
};

/// A group of fields under one name: one owner's state.
struct evo_section {
    const char *name, *doc;
    const struct evo_field *fields; ///< [n_fields]
    size_t n_fields;
};

/// One column of a table; every row has one value (n_cols 0) or n_cols values.
struct evo_column {
    const char *name, *unit, *doc;
    enum evo_type type; ///< not TEXT
    bool varies;
    size_t n_cols;
    const void *absent; ///< as of a field; such a column does not count in the size of a segment
    bool lacking;       ///< set by loading: the file had no such column
};

/// A growing table, column by column: the open tail of a ledger.
struct evo_table {
    const char *name, *doc;
    struct evo_column *columns; ///< [n_columns], owned (the names are borrowed)
    size_t n_columns;
    size_t n_rows, capacity;
    uint64_t first_row; ///< how many rows stand before row 0, in sealed segments
    void **data;        ///< [n_columns], each [capacity][max(1, n_cols)]
};

enum { EVO_CELL_BYTES = 8 }; ///< every value of a table or field that is not text

/// Makes an empty table; `columns` is copied. `name` and the columns' names are borrowed.
enum evo_status evo_table_create(const char *name, const char *doc,
                                 const struct evo_column *columns, size_t n_columns,
                                 struct evo_table **out);
void evo_table_destroy(struct evo_table *table);

/// Appends one row; values[i] points to the value (or the n_cols values) of column i.
enum evo_status evo_table_append(struct evo_table *table, const void *const *values);

/// Makes room for `n_rows` rows and sets n_rows to it; new rows hold zeros.
enum evo_status evo_table_resize(struct evo_table *table, size_t n_rows);

/// Removes the first `n` rows and counts them into first_row.
void evo_table_drop(struct evo_table *table, size_t n);

/// Bytes of one row.
size_t evo_table_row_bytes(const struct evo_table *table);

/// Values in one cell of column i: 1, or n_cols.
size_t evo_table_width(const struct evo_column *column);

#endif
