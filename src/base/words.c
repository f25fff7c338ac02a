/* SPDX-License-Identifier: MIT */
/* The words of a command line in their order: options wherever they stand, and words that stand alone. */
#include <evompi/base.h>

#include <getopt.h>
#include <string.h>

/* A dash that is none to getopt, as some programs make one of "--" in a text that is copied. */
static bool begins_with_odd_dash(const char *word)
{
    static const char *const dashes[] = {"\xe2\x80\x90", "\xe2\x80\x91", "\xe2\x80\x92",
                                         "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95",
                                         "\xe2\x88\x92", "-\xe2\x80\x93"};
    for (size_t i = 0; i < sizeof dashes / sizeof dashes[0]; i++) {
        if (strncmp(word, dashes[i], strlen(dashes[i])) == 0) { return true; }
    }
    return false;
}

int evo_words_next(struct evo_words *words, const char **value)
{
    /* "-": getopt hands over every word in its order, whatever POSIXLY_CORRECT is. */
    int at = optind, letter = -1;
    opterr = 0;
    if (words->alone == 0) {
        letter = getopt_long(words->argc, words->argv, "-:", words->options, NULL);
        words->alone = letter == -1 ? optind : 0;
    }
    if (letter == -1) { // behind "--" all words stand alone
        if (words->alone >= words->argc) { return -1; }
        at = words->alone++;
        optarg = words->argv[at];
        letter = EVO_WORD;
    }
    words->word = words->argv[at];
    words->before = at > 1 ? words->argv[at - 1] : "";
    words->behind = at + 1 < words->argc ? words->argv[at + 1] : "";
    *value = optarg;
    return letter == EVO_WORD && words->alone == 0 && begins_with_odd_dash(words->word) ? '?' : letter;
}

/* The option's bare name: without dashes of any kind and without "=VALUE". */
static void copy_name(const char *word, char *name, size_t size)
{
    while (*word == '-' || (*word & 0x80) != 0) { word++; }
    snprintf(name, size, "%.*s", (int)strcspn(word, "="), word);
}

enum evo_status evo_words_refuse(const struct evo_words *words, int letter, const char *program)
{
    enum { MOST = 64 };
    const char *names[MOST], *word = words->word;
    char name[MOST], why[EVO_SPELLING_MAX] = "";
    size_t n = 0;
    EVO_CHECK(letter != ':', EVO_ERR_USAGE, "%s: needs a value", word);
    copy_name(word, name, sizeof name);
    for (const struct option *o = words->options; o->name != NULL && n < MOST; o++) {
        bool takes_none = o->has_arg == no_argument && strcmp(o->name, name) == 0;
        EVO_CHECK(!takes_none || strncmp(word, "--", 2) != 0, EVO_ERR_USAGE, "%s: takes no value",
                  word);
        names[n++] = o->name;
    }
    const char *nearest = evo_text_nearest(name, names, n);
    bool odd = evo_spelling_find(word, strlen(word), EVO_SPELLING_ASCII, why);
    return evo_status_fail(EVO_ERR_USAGE, "%s: no such option%s%s%s%s%s; %s --help lists them", word,
                           odd ? "; " : "", why, nearest != NULL ? "; did you mean --" : "",
                           nearest != NULL ? nearest : "", nearest != NULL ? "?" : "", program);
}
