/* SPDX-License-Identifier: MIT */
/* The log: lines on the terminal and in the run folder's log.txt, and one live line. */
#include <evompi/base.h>

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>

/* The log is the process's own, so it is one of the two globals that the program has. */
static struct {
    pthread_mutex_t mutex;
    enum evo_log_level level;
    FILE *file;
    bool terminal; // stdout ends at one
    bool live;     // a live line stands on it
} log_state = {.mutex = PTHREAD_MUTEX_INITIALIZER, .level = EVO_LOG_WARNING};

static const char *const prefix[] = {"error: ", "warning: ", "", ""};

void evo_log_set_level(enum evo_log_level level) { log_state.level = level; }

enum evo_status evo_log_open(const char *path)
{
    FILE *file = fopen(path, "ae");
    EVO_CHECK(file != NULL, EVO_ERR_IO, "%s: cannot be opened for the log: %s", path,
              strerror(errno));
    pthread_mutex_lock(&log_state.mutex);
    if (log_state.file != NULL) { fclose(log_state.file); }
    log_state.file = file;
    pthread_mutex_unlock(&log_state.mutex);
    return EVO_OK;
}

void evo_log_close(void)
{
    pthread_mutex_lock(&log_state.mutex);
    if (log_state.file != NULL) { fclose(log_state.file); }
    log_state.file = NULL;
    pthread_mutex_unlock(&log_state.mutex);
}

bool evo_log_is_terminal(void) { return log_state.terminal; }
void evo_log_set_terminal(bool is_terminal) { log_state.terminal = is_terminal; }

/* A carriage return and "erase the line" (ECMA-48 EL 2). */
static void erase_live_line(void)
{
    if (log_state.live) { fputs("\r\033[2K", stdout); }
    log_state.live = false;
}

/* A log that cannot be written (a full disk) must not end a run that could go on. Mutex held. */
static void write_to_file(const char *kind, const char *text)
{
    if (log_state.file == NULL) { return; }
    char stamp[32];
    evo_clock_stamp(stamp, sizeof stamp);
    fprintf(log_state.file, "%s %s%s\n", stamp, kind, text);
    fflush(log_state.file);
}

void evo_log_to_file(const char *format, ...)
{
    char text[EVO_MESSAGE_MAX + 64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    pthread_mutex_lock(&log_state.mutex);
    write_to_file("", text);
    pthread_mutex_unlock(&log_state.mutex);
}

void evo_log(enum evo_log_level level, const char *format, ...)
{
    char text[EVO_MESSAGE_MAX + 64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);

    pthread_mutex_lock(&log_state.mutex);
    if (level <= log_state.level) {
        erase_live_line();
        fflush(stdout);
        FILE *out = level <= EVO_LOG_WARNING ? stderr : stdout;
        fprintf(out, "%s%s%s\n", level <= EVO_LOG_WARNING ? "evompi: " : "", prefix[level], text);
        fflush(out);
    }
    if (level <= EVO_LOG_INFO) { write_to_file(prefix[level], text); }
    pthread_mutex_unlock(&log_state.mutex);
}

void evo_log_live(const char *format, ...)
{
    if (!evo_log_is_terminal()) { return; }
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);

    pthread_mutex_lock(&log_state.mutex);
    if (log_state.level >= EVO_LOG_INFO) {
        erase_live_line();
        fputs(text, stdout);
        fflush(stdout);
        log_state.live = text[0] != '\0';
    }
    pthread_mutex_unlock(&log_state.mutex);
}
