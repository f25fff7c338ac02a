/* SPDX-License-Identifier: MIT */
/* Mutated configurations: each is refused with one line, or is accepted and prints without loss. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/run.h>
#include <evompi/rng.h>

#include <stdlib.h>
#include <string.h>

enum { N_INPUTS = 20000, MUTATIONS_MAX = 6, GROWTH_MAX = 16, INPUT_MAX = 1 << 16 };

/* What a mutation may put in: whatever means something to the reader. */
static const char *const tokens[] = {
    "\n",
    "\r\n",
    "[",
    "]",
    "=",
    ":",
    ";",
    " ;",
    "#",
    " #",
    "\\",
    "\\\n \\",
    "\n ",
    "\n\t",
    " ",
    "\t",
    "0",
    "9",
    "-",
    ".",
    "e9",
    "nan",
    "inf",
    "0x1p-3",
    "1:2",
    "3d",
    "[ga]\n",
    "[stop]\n",
    "\xef\xbb\xbf",
    "size = 7\n",
    "output = x\n",
    "flights =\n  1:2:3,\n  4:5:6\n",
    "\xff",
    "\x80",
    "\x01",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
};
enum { N_TOKENS = sizeof tokens / sizeof tokens[0] };

static const char *const seeds[] = {
    "[job]\nseed = 7\noutput = a/b c\n[population]\nsize = 1e3 ; creatures\n",
    "[altitude]\nflights = 3:5:2,\n    5:3:2, ; down\n\n  100:102:2\nstates = 2\n",
    "# comment\n[stop]\nmax_walltime = 1:30:00\ntarget_fitness = -inf\nmax_generations = 50\n",
    "[checkpoint]\r\nevery = 2\r\ndurable = process\r\n[farm]\r\nroot_flies = no\r\n",
    "[job]\noutput = /a/long\\\n    \\er/way\n[lineage]\nkeep=none\n[ga]\nelite: 0x1p-3\n",
};
enum { N_SEEDS = sizeof seeds / sizeof seeds[0] };

struct input {
    char text[INPUT_MAX];
    size_t n;
};

/* Puts `n_new` bytes in place of the n_old at `at`. */
static void splice(struct input *input, size_t at, size_t n_old, const char *bytes, size_t n_new)
{
    if (input->n - n_old + n_new >= sizeof input->text) { return; }
    char copy[256];
    n_new = n_new < sizeof copy ? n_new : sizeof copy;
    memcpy(copy, bytes, n_new); // the bytes may be the input's own
    memmove(input->text + at + n_new, input->text + at + n_old, input->n - at - n_old);
    memcpy(input->text + at, copy, n_new);
    input->n = input->n - n_old + n_new;
}

static void mutate(struct evo_rng *rng, struct input *input)
{
    size_t at = (size_t)evo_rng_below(rng, input->n + 1), left = input->n - at;
    size_t n = (size_t)evo_rng_below(rng, left < GROWTH_MAX ? left + 1 : GROWTH_MAX);
    const char *token = tokens[evo_rng_below(rng, N_TOKENS)];
    char byte = (char)evo_rng_below(rng, 256);
    switch (evo_rng_below(rng, 6)) {
    case 0: splice(input, at, left > 0 ? 1 : 0, &byte, 1); break;
    case 1: splice(input, at, n, "", 0); break;
    case 2: splice(input, at, 0, input->text + at, n); break;
    case 3: splice(input, at, n, token, strlen(token)); break;
    default: splice(input, at, 0, token, strlen(token)); break;
    }
}

static struct evo_config *parse_again(const char *text, bool lenient)
{
    struct evo_config *again = NULL;
    if (evo_config_parse("y.ini", text, strlen(text), lenient, NULL, 0, evo_run_scope(), &again) != EVO_OK) {
        fail_msg("does not read back: %s\n%s", evo_status_message(), text);
    }
    return again;
}

static void show(void *context, const struct evo_key *key, const char *a, const char *b)
{
    (void)context;
    print_error("%s.%s: '%s' and '%s'\n", key->section, key->name, a, b);
}

/* What is read leniently, as a checkpoint's, may hold what no person may write. */
static void assert_prints_without_loss(const struct evo_config *config, bool lenient)
{
    char *text = NULL;
    assert_int_equal(evo_config_print(config, false, false, &text), EVO_OK);
    struct evo_config *again = parse_again(text, lenient);
    assert_int_equal(evo_config_differences(config, again, show, NULL), 0);
    assert_true(evo_config_hash(config) == evo_config_hash(again));
    evo_config_destroy(again);
    free(text);
}

static void assert_one_line_with_the_place(void)
{
    const char *message = evo_status_message();
    size_t i_line = 0;
    assert_int_equal(sscanf(message, "x.ini:%zu: ", &i_line), 1);
    assert_true(i_line > 0);
    assert_null(strchr(message, '\n'));
}

static void mutated_text_is_refused_in_one_line_or_survives_printing(void **state)
{
    (void)state;
    static struct input input;
    size_t n_accepted = 0;
    for (uint64_t i = 0; i < N_INPUTS; i++) {
        struct evo_rng rng = evo_rng_begin(1, EVO_STREAM_RUN, 0, i);
        const char *seed = seeds[evo_rng_below(&rng, N_SEEDS)];
        input.n = strlen(seed);
        memcpy(input.text, seed, input.n);
        for (uint64_t left = 1 + evo_rng_below(&rng, MUTATIONS_MAX); left > 0; left--) {
            mutate(&rng, &input);
        }
        /* Exactly as long as it is, so that a sanitizer sees a step beyond it. */
        char *text = malloc(input.n > 0 ? input.n : 1);
        assert_non_null(text);
        memcpy(text, input.text, input.n);
        struct evo_config *config = NULL;
        enum evo_status status =
            evo_config_parse("x.ini", text, input.n, i % 3 == 0, NULL, 0, evo_run_scope(), &config);
        free(text);
        if (status == EVO_OK) {
            assert_prints_without_loss(config, i % 3 == 0);
            n_accepted++;
        } else {
            assert_int_equal(status, EVO_ERR_CONFIG);
            assert_one_line_with_the_place();
        }
        evo_config_destroy(config);
    }
    /* Both ways are taken often, or the mutations are not worth much. */
    assert_in_range(n_accepted, N_INPUTS / 20, N_INPUTS * 19 / 20);
}

static void random_bytes_are_never_a_configuration(void **state)
{
    (void)state;
    enum { N_RANDOM = 2000, N_BYTES = 512 };
    for (uint64_t i = 0; i < N_RANDOM; i++) {
        struct evo_rng rng = evo_rng_begin(2, EVO_STREAM_RUN, 0, i);
        char bytes[N_BYTES];
        for (size_t j = 0; j < N_BYTES; j++) { bytes[j] = (char)evo_rng_below(&rng, 256); }
        struct evo_config *config = NULL;
        assert_int_equal(evo_config_parse("x.ini", bytes, N_BYTES, true, NULL, 0, evo_run_scope(), &config),
                         EVO_ERR_CONFIG);
        assert_one_line_with_the_place();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutated_text_is_refused_in_one_line_or_survives_printing),
        cmocka_unit_test(random_bytes_are_never_a_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
