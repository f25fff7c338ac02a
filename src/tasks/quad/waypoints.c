/* SPDX-License-Identifier: MIT */
/* Waypoints in a CSV file: they become the configuration's own list, which then needs no file. */
#include "hover_path.h"
#include "track_keys.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define FILE_KEY "track.file"
#define LIST_KEY "track.waypoints"

enum { N_CELLS = 3 };

/* Where the reader stands. */
struct reader {
    const struct evo_config *config;
    size_t line;    ///< from 1
    char separator; ///< of all lines, by the first one that is no comment; 0: not known yet
};

/* Cuts the next cell off; NULL where there is none. A blank as separator means any number of them. */
static char *next_cell(char **rest, char separator)
{
    const char cut[] = {separator, '\0'};
    if (separator == ' ' && *rest != NULL) {
        *rest += strspn(*rest, " \t");
        if (**rest == '\0') { return NULL; }
    }
    char *cell = strsep(rest, separator == ' ' ? " \t" : cut);
    return cell != NULL ? evo_config_trim(cell) : NULL;
}

/* The cells of a line, at most `most`; an empty one at the end, as some programs write it, is none.
 * `copy` is taken apart. */
static size_t split(char *copy, char separator, char **cells, size_t most)
{
    size_t n = 0;
    char *rest = copy;
    for (char *cell = next_cell(&rest, separator); cell != NULL; cell = next_cell(&rest, separator)) {
        bool last = rest == NULL;
        if (last && cell[0] == '\0' && n > 0) { break; }
        if (n < most) { cells[n] = cell; }
        n++;
    }
    return n;
}

/* A line to be taken apart; `copy` has room for any line of the file. */
static char *duplicate(char *copy, const char *line) { return memcpy(copy, line, strlen(line) + 1); }

/* Whether the line is three numbers with this separator between them. */
static bool fits(const char *line, char *copy, char separator)
{
    char *cells[N_CELLS];
    double x = 0.0;
    duplicate(copy, line);
    if (split(copy, separator, cells, N_CELLS) != N_CELLS) { return false; }
    for (size_t i = 0; i < N_CELLS; i++) {
        if (!evo_text_to_number(cells[i], &x)) { return false; }
    }
    return true;
}

/* The separator that makes numbers of the line; else the one that is most likely meant. */
static char find_separator(const char *line, char *copy)
{
    static const char known[] = ",;\t ";
    char *cells[N_CELLS];
    for (const char *c = known; *c != '\0'; c++) {
        if (fits(line, copy, *c)) { return *c; }
    }
    if (strchr(line, ';') != NULL) { return ';'; }
    if (strchr(line, '\t') != NULL) { return '\t'; }
    duplicate(copy, line);
    return split(copy, ' ', cells, N_CELLS) >= N_CELLS ? ' ' : ',';
}

/* A line of names holds letters, and no number. */
static bool is_header(const char *line, char *copy)
{
    bool letters = false;
    double x = 0.0;
    char *rest = duplicate(copy, line);
    for (char *word = strsep(&rest, ",; \t"); word != NULL; word = strsep(&rest, ",; \t")) {
        if (evo_text_to_number(word, &x)) { return false; }
        letters |= isalpha((unsigned char)word[0]) != 0;
    }
    return letters;
}

static const char *name_separator(char separator)
{
    return separator == ' ' ? "blanks" : separator == '\t' ? "tabs" : separator == ';' ? "';'" : "','";
}

/* What is wrong with a cell that is no number. */
static enum evo_status refuse_cell(const struct reader *reader, const char *cell)
{
    char why[EVO_SPELLING_MAX], clipped[EVO_CONFIG_CLIP_MAX];
    const char *shown = evo_config_clip(clipped, cell);
    if (evo_spelling_comma(cell, strcspn(cell, ","), why)) {
        return evo_config_refuse(reader->config, FILE_KEY, "line %zu: %s", reader->line, why);
    }
    bool odd = evo_spelling_find(cell, strlen(cell), EVO_SPELLING_ASCII, why);
    return evo_config_refuse(reader->config, FILE_KEY,
                             "line %zu: \"%s\" is not a number; this file has %s between its numbers%s%s",
                             reader->line, shown, name_separator(reader->separator), odd ? "; " : "",
                             odd ? why : "");
}

/* Three numbers, with the separator of the file. `copy` has room for the line. */
static enum evo_status check_line(struct reader *reader, const char *line, char *copy)
{
    char *cells[N_CELLS];
    double x = 0.0;
    if (reader->separator == '\0') { reader->separator = find_separator(line, copy); }
    duplicate(copy, line);
    size_t n = split(copy, reader->separator, cells, N_CELLS);
    for (size_t i = 0; i < n && i < N_CELLS; i++) {
        if (!evo_text_to_number(cells[i], &x)) { return refuse_cell(reader, cells[i]); }
    }
    if (n == N_CELLS) { return EVO_OK; }
    return evo_config_refuse(reader->config, FILE_KEY,
                             "line %zu has %zu numbers; a line is x,y,z in m, with a point in 0.5, and "
                             "this file has %s between its numbers",
                             reader->line, n, name_separator(reader->separator));
}

/* Line by line: comments and one line of names fall away, separators become blanks. A line of the list is
 * longer than the file's by ", " less a newline: twice the room is enough. */
static enum evo_status make_list(struct reader *reader, const char *text, char *copy, char *list)
{
    char *end = list;
    for (bool first = true; *text != '\0';) {
        size_t length = strcspn(text, "\r\n"), n = strcspn(text, "#\r\n");
        char *line = end;
        reader->line++;
        if (end != list) {
            memcpy(end, ", ", 2);
            line += 2;
        }
        memcpy(line, text, n);
        line[n] = '\0';
        bool blank = line[strspn(line, " \t,;")] == '\0';
        if (!blank && !(first && is_header(line, copy))) {
            EVO_TRY(check_line(reader, line, copy));
            for (char *c = line; *c != '\0'; c++) {
                if (*c == ',' || *c == ';' || *c == '\t') { *c = ' '; }
            }
            end = line + n;
        }
        first = first && blank;
        text += length;
        text += text[0] == '\r' && text[1] == '\n' ? 2 : text[0] != '\0' ? 1 : 0;
    }
    *end = '\0';
    return EVO_OK;
}

/* The list of waypoints as the key has it; the memory is the caller's to free. */
static enum evo_status read_list(const struct evo_config *config, const char *text, char **out)
{
    enum evo_status status = EVO_OK;
    struct reader reader = {.config = config};
    char *list = NULL, *copy = NULL;
    EVO_GOTO(evo_alloc(2 * strlen(text) + 1, 1, "waypoints", &list));
    EVO_GOTO(evo_alloc(2 * strlen(text) + 1, 1, "waypoints", &copy));
    EVO_GOTO(make_list(&reader, text, copy, list));
    *out = list;
    list = NULL;
done:
    free(list);
    free(copy);
    return status;
}

enum evo_status evo_waypoints_include(struct evo_config *config)
{
    const char *file = evo_track_keys(config)->file;
    enum evo_status status = EVO_OK;
    char *text = NULL, *list = NULL;
    size_t n = 0;
    if (strcmp(file, "none") == 0) { return EVO_OK; }
    if (evo_config_is_set(config, evo_config_find(config, LIST_KEY))) {
        return evo_config_refuse(config, FILE_KEY, "and " LIST_KEY " are both given; leave one out");
    }
    status = evo_text_read(file, EVO_CONFIG_FILE_MAX, &text, &n);
    if (status == EVO_ERR_IO || status == EVO_ERR_DATA) {
        return evo_config_refuse(config, FILE_KEY, "%s", evo_status_message());
    }
    EVO_TRY(status);
    EVO_GOTO(read_list(config, text, &list));
    if (list[0] == '\0') {
        status = evo_config_refuse(config, FILE_KEY, "holds no waypoint; a line is x,y,z in m");
        goto done;
    }
    EVO_GOTO(evo_config_set(config, LIST_KEY, list));
    EVO_GOTO(evo_config_set(config, FILE_KEY, "none"));
done:
    free(text);
    free(list);
    return status;
}
