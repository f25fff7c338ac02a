/* SPDX-License-Identifier: MIT */
/* A descriptor is refused for each thing that can be wrong in it, with file, thing, value and remedy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <evompi/child.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- helpers: a task that is right, of which each test spoils one thing ----------------------- */

struct settings {
    double mass;
    int64_t cases;
    bool fast;
    int form;
    char *text;
};

struct bench {
    struct evo_task_class task;
    struct evo_key keys[5];
    struct evo_block blocks[2];
    struct evo_result results[2];
    struct evo_task_taken taken[2];
    struct evo_task_rules rules;
    struct evo_task_form form;
};

static void evaluate(void *task, struct evo_batch *batch) { (void)task, (void)batch; }

static int create(const struct evo_task_setup *setup, struct evo_task_form *form, void **task)
{
    (void)setup, (void)form, (void)task;
    return 0;
}

/* As the configuration would read a number. */
static bool read_number(void *context, const struct evo_key *key, const char *text, char *why, size_t size)
{
    double value = 0;
    (void)context;
    if (key->type != EVO_KEY_REAL && key->type != EVO_KEY_INT) { return true; }
    if (evo_text_to_number(text, &value) && value >= key->min && value <= key->max) { return true; }
    snprintf(why, size, "is not from %g to %g", key->min, key->max);
    return false;
}

static void set_up(struct bench *bench)
{
    static const struct evo_key keys[] = {
        EVO_KEY_ROW_REAL(struct settings, mass, "1", 0.1, 10, "kg", "of the cart"),
        EVO_KEY_ROW_INT(struct settings, cases, "3", 1, 9, "", "how many"),
        EVO_KEY_ROW_BOOL(struct settings, fast, "no", "whether it hurries"),
        EVO_KEY_ROW_CHOICE(struct settings, form, "round", "round|flat", "its form"),
        EVO_KEY_ROW_TEXT(struct settings, text, "", "anything"),
    };
    *bench = (struct bench){
        .blocks = {{"x", 3, -1, 1, 0, 0.5, "m", "where"}, {"gain", 2, -INFINITY, INFINITY, 0, 1, NULL, NULL}},
        .results = {{"fitness", "", "smaller is better"}, {"energy", "J", NULL}},
        .taken = {{"altitude", "evompi itself"}, {"mine", "./other.so"}},
    };
    memcpy(bench->keys, keys, sizeof keys);
    bench->rules = (struct evo_task_rules){bench->taken, 2, read_number, NULL};
    bench->task = (struct evo_task_class){EVO_TASK_HEAD,
                                          .name = "cart",
                                          .summary = "balances a pole",
                                          .blocks = bench->blocks,
                                          .n_blocks = 2,
                                          .evaluate = evaluate,
                                          .keys = {bench->keys, 5, sizeof(struct settings)},
                                          .results = bench->results,
                                          .n_results = 2};
    evo_task_form_init(&bench->form, &bench->task);
}

static enum evo_status check(const struct bench *bench)
{
    return evo_task_class_check(&bench->task, "a.so", &bench->rules);
}

static void assert_says(enum evo_status status, const char *text)
{
    assert_int_equal(status, EVO_ERR_CONFIG);
    if (strstr(evo_status_message(), text) == NULL) {
        fail_msg("'%s' is not in: %s", text, evo_status_message());
    }
    assert_int_equal(strncmp(evo_status_message(), "a.so: ", 6), 0);
}

/* Spoils one member and names what the message must hold. */
#define REFUSED(spoil, text)           \
    do {                               \
        struct bench b;                \
        set_up(&b);                    \
        spoil;                         \
        assert_says(check(&b), (text)); \
    } while (0)

#define FORM_REFUSED(spoil, text)                                    \
    do {                                                             \
        struct bench b;                                              \
        set_up(&b);                                                  \
        spoil;                                                       \
        assert_says(evo_task_form_check(&b.form, "a.so", NULL), (text)); \
    } while (0)

static const char long_name[] = "abcdefghijklmnopqrstuvwxyzabcdef"; // 32

/* ---- tests ------------------------------------------------------------------------------------ */

static void a_right_task_is_accepted(void **state)
{
    (void)state;
    struct bench bench;
    size_t n = 0;
    set_up(&bench);
    assert_int_equal(check(&bench), EVO_OK);
    assert_int_equal(evo_task_form_check(&bench.form, "a.so", &n), EVO_OK);
    assert_int_equal(n, 5);
}

static void a_task_with_the_required_members_alone_is_accepted(void **state)
{
    (void)state;
    static const struct evo_block block = {.name = "x", .n = 1, .lower = 0, .upper = 1, .start = 0, .spread = 1};
    const struct evo_task_class task = {EVO_TASK_HEAD, .name = "small", .summary = "s", .blocks = &block,
                                        .n_blocks = 1, .evaluate = evaluate};
    const struct evo_task_rules rules = {0};
    struct evo_task_form form;
    assert_int_equal(evo_task_class_check(&task, "a.so", &rules), EVO_OK);
    evo_task_form_init(&form, &task);
    assert_int_equal(evo_task_form_check(&form, "a.so", NULL), EVO_OK);
    assert_int_equal(form.n_results, 1);
    assert_string_equal(form.results[0].name, "fitness");
}

static void the_head_of_a_task_is_checked(void **state)
{
    (void)state;
    REFUSED(b.task.name = NULL, "the task has no name: give");
    REFUSED(b.task.name = "", "the task has no name");
    REFUSED(b.task.name = "Cart", "the task's name, 'Cart', is not a small letter, then");
    REFUSED(b.task.name = "2cart", "the task's name, '2cart', is not");
    REFUSED(b.task.name = "my cart", "the task's name, 'my cart', is not");
    REFUSED(b.task.name = "a/../b", "is not a small letter, then");
    REFUSED(b.task.name = long_name, "'abcdefghijklmnopqrst...', is longer than 31 characters");
    REFUSED(b.task.name = "altitude", "'altitude', is in use by evompi itself: give it another");
    REFUSED(b.task.name = "mine", "'mine', is in use by ./other.so");
    REFUSED(b.task.summary = NULL, "task 'cart' has no summary");
    REFUSED(b.task.summary = "", "task 'cart' has no summary");
    REFUSED(b.task.summary = "two\nlines", "its summary holds the character 0x0a");
    REFUSED(b.task.evaluate = NULL, "task 'cart' has no `evaluate`");
}

static void keys_are_checked(void **state)
{
    (void)state;
    REFUSED(b.task.keys.keys = NULL, "says that it has 5 keys, but keys.keys is NULL");
    REFUSED(b.task.keys.n_keys = 1u << 30, "has 1073741824 keys, more than 1000");
    REFUSED(b.task.keys.bytes = (size_t)1 << 40, "the struct of its keys has 1099511627776 bytes");
    REFUSED(b.keys[1].name = NULL, "key 2 has no name");
    REFUSED(b.keys[1].name = "Cases", "the name of key 2, 'Cases', is not a small letter, then small");
    REFUSED(b.keys[1].name = long_name, "the name of key 2, 'abcdefghijklmnopqrst...', is longer than 31");
    REFUSED(b.keys[1].name = "mass", "two keys have the name 'mass'");
    REFUSED(b.keys[0].type = (enum evo_key_type)77, "key 'mass' is of type 77");
    REFUSED(b.keys[0].type = EVO_KEY_NAME, "key 'mass' is of type 6");
    REFUSED(b.keys[0].change = (enum evo_key_change)5, "key 'mass' has 5 in the place of EVO_KEY_FIXED");
    REFUSED(b.keys[0].section = "job", "key 'mass' is in section [job]: a task's keys are in [cart]");
    REFUSED(b.keys[0].initial = NULL, "key 'mass' has NULL as default");
    REFUSED(b.keys[0].unit = NULL, "key 'mass' has NULL as unit");
    REFUSED(b.keys[0].doc = NULL, "key 'mass' has NULL as doc");
    REFUSED(b.keys[0].doc = "a\tb", "key 'mass': its doc holds the character 0x09");
    REFUSED(b.keys[0].initial = "heavy", "key 'mass': its default 'heavy' is not from 0.1 to 10");
    REFUSED(b.keys[0].initial = "11", "key 'mass': its default '11' is not from 0.1 to 10");
    REFUSED(b.keys[0].min = 20, "key 'mass': its range 20 to 10 holds no number");
    REFUSED(b.keys[0].max = NAN, "key 'mass': its range 0.1 to nan holds no number");
    REFUSED(b.keys[1].max = 1e30, "key 'cases': its range 1 to 1e+30 is more than a whole number of 64 bits");
}

static void fields_of_keys_are_checked(void **state)
{
    (void)state;
    REFUSED(b.task.keys.bytes = 8, "key 'cases': its field ends at byte 16 of a struct of 8 bytes");
    REFUSED(b.keys[4].offset = SIZE_MAX, "key 'text': its field ends at byte");
    REFUSED(b.keys[1].offset = 4, "key 'cases': its field at byte 4 is not one of 8 bytes");
    REFUSED(b.keys[1].offset = 0, "the keys 'mass' and 'cases' have the same field, or overlap");
    REFUSED(b.keys[3].choices = NULL, "key 'form' is a choice without words");
    REFUSED(b.keys[3].choices = "", "key 'form' is a choice without words");
    REFUSED(b.keys[3].choices = "round||flat", "key 'form': '' in its choices 'round||flat' is not a word");
    REFUSED(b.keys[3].choices = "round|a b", "key 'form': 'a b' in its choices");
    REFUSED(b.keys[3].choices = "round|flat|round", "key 'form' has the choice 'round' twice");
}

static void blocks_are_checked(void **state)
{
    (void)state;
    REFUSED(b.task.blocks = NULL, "says that it has 2 blocks, but blocks is NULL");
    REFUSED(b.task.n_blocks = 0, "task 'cart' has no parameters: name its blocks");
    REFUSED(b.task.n_blocks = SIZE_MAX, "blocks, more than 1000");
    REFUSED(b.blocks[1].name = "", "block 2 has no name");
    REFUSED(b.blocks[1].name = "a,b", "the name of block 2, 'a,b', is not a letter, then letters, digits and _");
    REFUSED(b.blocks[1].name = "x", "two blocks have the name 'x'");
    REFUSED(b.blocks[1].n = 0, "block 'gain' has no parameters: n must be 1 or more");
    REFUSED(b.blocks[1].n = SIZE_MAX, "block 'gain' has 18446744073709551615 parameters: a task may have 1000000");
    REFUSED(b.blocks[1].n = 999998, "block 'gain' has 999998 parameters: a task may have 1000000 in all");
    REFUSED((b.blocks[0].lower = 0, b.blocks[0].upper = 0), "block 'x': its lower bound 0 is not below its upper "
                                                            "bound 0");
    REFUSED(b.blocks[0].lower = NAN, "block 'x': its lower bound nan is not below");
    REFUSED(b.blocks[0].start = 1.5, "block 'x': its start 1.5 is not within its bounds -1 to 1");
    REFUSED(b.blocks[0].start = NAN, "block 'x': its start nan is not within");
    REFUSED(b.blocks[1].start = INFINITY, "block 'gain': its start inf is not within");
    REFUSED(b.blocks[0].spread = 0, "block 'x': its spread 0 is not a number above 0");
    REFUSED(b.blocks[0].spread = -1, "block 'x': its spread -1 is not a number above 0");
    REFUSED(b.blocks[0].spread = INFINITY, "block 'x': its spread inf is not a number above 0");
    REFUSED(b.blocks[0].unit = "m,s", "block 'x': its unit holds the character 0x2c");
    REFUSED(b.blocks[0].doc = "a\nb", "block 'x': its doc holds the character 0x0a");
}

static void results_are_checked(void **state)
{
    (void)state;
    REFUSED(b.task.results = NULL, "says that it has 2 results, but results is NULL");
    REFUSED(b.task.n_results = 65, "has 65 results, more than 64");
    REFUSED(b.results[1].name = NULL, "result 2 has no name");
    REFUSED(b.results[1].name = "a b", "the name of result 2, 'a b', is not a letter");
    REFUSED(b.results[1].name = "fitness", "two results have the name 'fitness'");
    REFUSED(b.results[1].unit = "a;b", "result 'energy': its unit holds the character 0x3b");
}

static void the_form_after_create_is_checked_by_the_same_rules(void **state)
{
    (void)state;
    FORM_REFUSED(b.form.n_blocks = 0, "the task has no parameters after its `create`");
    FORM_REFUSED(b.form.blocks = NULL, "says that it has 2 blocks, but blocks is NULL");
    FORM_REFUSED(b.blocks[1].spread = 0, "block 'gain': its spread 0");
    FORM_REFUSED(b.form.n_results = 0, "the task has no results after its `create`");
    FORM_REFUSED(b.results[1].name = "fitness", "two results have the name 'fitness'");
    FORM_REFUSED(b.form.n_parts = 0, "the task has 0 parts after its `create`: 1 to 1000000");
    FORM_REFUSED(b.form.n_parts = SIZE_MAX, "parts after its `create`");

    struct bench bench;
    set_up(&bench);
    bench.task.n_blocks = 0;
    bench.task.create = create;
    assert_int_equal(check(&bench), EVO_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_task_is_accepted),
        cmocka_unit_test(a_task_with_the_required_members_alone_is_accepted),
        cmocka_unit_test(the_head_of_a_task_is_checked),
        cmocka_unit_test(keys_are_checked),
        cmocka_unit_test(fields_of_keys_are_checked),
        cmocka_unit_test(blocks_are_checked),
        cmocka_unit_test(results_are_checked),
        cmocka_unit_test(the_form_after_create_is_checked_by_the_same_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
