/* SPDX-License-Identifier: MIT */
/* Reasons: the part of a message that says what is wrong with a name or a value. */
#include "config_parts.h"

#include <stdarg.h>
#include <string.h>

void evo_config_why_set(struct evo_config_why *why, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why->text, sizeof why->text, format, arguments);
    va_end(arguments);
}

void evo_config_why_add(struct evo_config_why *why, const char *format, ...)
{
    size_t used = strlen(why->text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why->text + used, sizeof why->text - used, format, arguments);
    va_end(arguments);
}

void evo_config_why_add_spelling(struct evo_config_why *why, const char *text, enum evo_spelling what)
{
    char spelling[EVO_SPELLING_MAX];
    if (!evo_spelling_find(text, strlen(text), what, spelling)) { return; }
    evo_config_why_add(why, "; %s", spelling);
}

const char *evo_config_clip(char clipped[EVO_CONFIG_CLIP_MAX], const char *text)
{
    static const char dots[] = "...";
    size_t n = strlen(text);
    if (n < EVO_CONFIG_CLIP_MAX) { return text; }
    n = EVO_CONFIG_CLIP_MAX - sizeof dots;
    /* Not in the middle of a character of UTF-8. */
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80) { n--; }
    memcpy(clipped, text, n); // NOLINT(bugprone-not-null-terminated-result): the dots end it
    memcpy(clipped + n, dots, sizeof dots);
    return clipped;
}
