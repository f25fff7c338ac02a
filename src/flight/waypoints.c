/* SPDX-License-Identifier: MIT */
/* Waypoints in a CSV file: they become the configuration's own list, which then needs no file. */
#include "hover_path.h"
#include "track_keys.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define FILE_KEY "track.file"
#define LIST_KEY "track.waypoints"

/* A line of names is one that holds letters and no digit. */
static bool is_header(const char *line)
{
    bool letters = false;
    for (; *line != '\0'; line++) {
        if (isdigit((unsigned char)*line)) { return false; }
        letters |= isalpha((unsigned char)*line) != 0;
    }
    return letters;
}

/* Line by line: comments and one line of names fall away, commas inside become blanks. A line of the
 * list is longer than the file's by ", " less a newline: twice the room is enough. */
static enum evo_status make_list(const char *text, char **out)
{
    char *list = NULL, *end = NULL;
    EVO_TRY(evo_alloc(2 * strlen(text) + 1, 1, "waypoints", &list));
    end = list;
    for (bool first = true; *text != '\0';) {
        size_t length = strcspn(text, "\r\n"), n = strcspn(text, "#\r\n");
        char *line = end;
        if (end != list) {
            memcpy(end, ", ", 2);
            line += 2;
        }
        memcpy(line, text, n);
        line[n] = '\0';
        bool blank = line[strspn(line, " \t,;")] == '\0';
        if (!blank && !(first && is_header(line))) {
            for (char *c = line; *c != '\0'; c++) {
                if (*c == ',' || *c == ';' || *c == '\t') { *c = ' '; }
            }
            end = line + n;
        }
        first = first && blank;
        text += length;
        text += strspn(text, "\r\n");
    }
    *end = '\0';
    *out = list;
    return EVO_OK;
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
    status = evo_file_read(file, EVO_CONFIG_FILE_MAX, &text, &n);
    if (status == EVO_ERR_IO) {
        return evo_config_refuse(config, FILE_KEY, "%s", evo_status_message());
    }
    EVO_TRY(status);
    EVO_GOTO(make_list(text, &list));
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
