/* SPDX-License-Identifier: MIT */
/* The message of the latest failure, one per thread. */
#include <evompi/base.h>

#include <stdarg.h>

static _Thread_local char message[EVO_MESSAGE_MAX];

enum evo_status evo_status_fail(enum evo_status status, const char *format, ...)
{
    /* The arguments may point into the old message: write beside it first. */
    char text[EVO_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);

    /* One line, whatever a file name or a value held. */
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) { *c = '?'; }
    }
    snprintf(message, sizeof message, "%s", text);
    return status;
}

const char *evo_status_message(void) { return message; }

int evo_status_exit_code(enum evo_status status)
{
    switch (status) {
    case EVO_OK: return 0;
    case EVO_ERR_USAGE:
    case EVO_ERR_CONFIG:
    case EVO_ERR_BUSY: return 2;
    case EVO_ERR_CHECKPOINT: return 3;
    case EVO_ERR_DATA:
    case EVO_ERR_IO:
    case EVO_ERR_MEMORY:
    case EVO_ERR_FARM:
    case EVO_ERR_INTERNAL: return 1;
    }
    return 1;
}
