/* SPDX-License-Identifier: MIT */
/* evompi-diff: whether two checkpoints, or two run folders, hold the same state. */
#include <evompi/store.h>

#include <stdlib.h>
#include <string.h>

enum { EXIT_SAME = 0, EXIT_DIFFERENT = 1, EXIT_TROUBLE = 2 };

static const char usage[] =
    "Usage: evompi-diff [--all] A B\n"
    "Compares two checkpoints (FILE.h5), or two run folders with all rows of their ledgers, bit\n"
    "for bit: everything but what depends on clock, host and number of ranks.\n"
    "  --all   compare that as well\n"
    "  --help  print this\n"
    "Exit code: 0 they hold the same; 1 they differ, and the first difference is printed (A's\n"
    "value against B's); 2 bad usage, or one of them cannot be read.\n";

/* Reads the command line; false where it is wrong. */
static bool parse(int argc, char **argv, bool *all, const char *paths[2])
{
    int n = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--all") == 0) {
            *all = true;
        } else if (argv[i][0] == '-' && argv[i][1] != '\0') {
            fprintf(stderr, "evompi-diff: unknown option %s\n", argv[i]);
            return false;
        } else if (n < 2) {
            paths[n++] = argv[i];
        } else {
            n++;
        }
    }
    if (n != 2) { fprintf(stderr, "evompi-diff: two names are needed, here are %d\n", n); }
    return n == 2;
}

struct command {
    bool all;
    const char *paths[2];
};

/* In a child process: a forged file can crash the HDF5 library. */
static int compare(void *context)
{
    const struct command *command = context;
    const char *const *paths = command->paths;
    char *difference = NULL;
    if (evo_store_compare(paths[0], paths[1], command->all, &difference) != EVO_OK) {
        fprintf(stderr, "evompi-diff: %s\n", evo_status_message());
        return EXIT_TROUBLE;
    }
    if (difference == NULL) { return EXIT_SAME; }
    int printed = puts(difference);
    free(difference);
    return printed < 0 ? EXIT_TROUBLE : EXIT_DIFFERENT;
}

int main(int argc, char **argv)
{
    struct command command = {0};
    char both[EVO_MESSAGE_MAX / 2];
    int code = EXIT_TROUBLE;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        return fputs(usage, stdout) < 0 ? EXIT_TROUBLE : EXIT_SAME;
    }
    if (!parse(argc, argv, &command.all, command.paths)) {
        fputs(usage, stderr);
        return EXIT_TROUBLE;
    }
    snprintf(both, sizeof both, "%s or %s", command.paths[0], command.paths[1]);
    if (evo_guard_call(both, compare, &command, &code) != EVO_OK) {
        fprintf(stderr, "evompi-diff: %s\n", evo_status_message());
        return EXIT_TROUBLE;
    }
    return code;
}
