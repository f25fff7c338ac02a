/* SPDX-License-Identifier: MIT */
/* The messages of a program as raw doubles. */
#include "program_parts.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the format is little-endian, as all that we run on");

enum { TEXT_MAX = 4096 };

struct ask {
    char magic[4];
    uint32_t protocol;
    uint64_t batch, generation;
    uint32_t purpose, n_parameters;
    uint64_t n;
};

struct answer {
    char magic[4];
    uint32_t n_results;
    uint64_t batch, n, text;
};

_Static_assert(sizeof(struct ask) == 40 && sizeof(struct answer) == 32, "no gaps");

enum evo_status evo_program_binary_ask(struct evo_program *program,
                                       const struct evo_program_piece *piece)
{
    const struct evo_batch *batch = piece->batch;
    const struct ask head = {.magic = {'E', 'V', 'O', 'B'},
                             .protocol = EVO_PROGRAM_PROTOCOL,
                             .batch = program->number,
                             .generation = batch->generation,
                             .purpose = (uint32_t)batch->purpose,
                             .n_parameters = (uint32_t)batch->n_parameters,
                             .n = piece->n};
    program->out.n = 0;
    EVO_TRY(evo_program_text_add(&program->out, &head, sizeof head));
    return evo_program_text_add(&program->out,
                                batch->parameters + piece->first * batch->n_parameters,
                                piece->n * batch->n_parameters * sizeof(double));
}

/* Whether a whole head is that of the answer to the latest ask, which was of n candidates. */
static bool is_good(const struct evo_program *program, const struct answer *head)
{
    struct ask asked;
    memcpy(&asked, program->out.bytes, sizeof asked);
    return memcmp(head->magic, "EVOR", 4) == 0 && head->n_results == program->setup.n_results &&
           head->batch == asked.batch && head->n == asked.n && head->text <= TEXT_MAX;
}

/* A head that is wrong is an answer too, one that is refused. What is not even its first bytes need
 * not be waited for. */
bool evo_program_binary_whole(struct evo_program *program, size_t limit, bool *fits)
{
    struct answer head;
    const struct evo_program_text *in = &program->in;
    (void)limit;
    *fits = true;
    size_t known = in->n < sizeof head.magic ? in->n : sizeof head.magic;
    if (known > 0 && memcmp(in->bytes, "EVOR", known) != 0) {
        program->used = in->n;
        return true;
    }
    if (in->n < sizeof head) { return false; }
    memcpy(&head, in->bytes, sizeof head);
    program->used = sizeof head;
    if (!is_good(program, &head)) { return true; }
    program->used = 0;
    size_t items = (size_t)head.n * (head.n_results * sizeof(double) + sizeof(int32_t));
    size_t total = sizeof head + items + (size_t)head.text;
    if (in->n < total) { return false; }
    program->used = total;
    return true;
}

static bool refuse(struct evo_program *program, const struct evo_program_piece *piece)
{
    char quote[EVO_PROGRAM_QUOTE + 8];
    const struct evo_program_text *in = &program->in;
    if (in->n >= sizeof(struct answer) && memcmp(in->bytes, "EVOR", 4) == 0) {
        struct answer head;
        memcpy(&head, in->bytes, sizeof head);
        snprintf(
            program->why, sizeof program->why,
            "answered batch %llu with %llu candidates of %u results and %llu bytes of text, where "
            "batch %llu with %zu of %zu and at most %d are due",
            (unsigned long long)head.batch, (unsigned long long)head.n, (unsigned)head.n_results,
            (unsigned long long)head.text, (unsigned long long)program->number, piece->n,
            piece->batch->n_results, (int)TEXT_MAX);
    } else {
        snprintf(program->why, sizeof program->why, "said \"%s\" where a binary answer is due",
                 evo_program_text_quote(in->bytes, in->n, quote));
    }
    return false;
}

static void take_failures(struct evo_program *program, const struct evo_program_piece *piece,
                          const char *marks, const char *text, size_t n_text)
{
    char why[TEXT_MAX + 1];
    memcpy(why, text, n_text);
    why[n_text] = '\0';
    bool is_first = true;
    for (size_t i = 0; i < piece->n; i++) {
        int32_t mark = 0;
        memcpy(&mark, marks + i * sizeof mark, sizeof mark);
        if (mark == EVO_CANDIDATE_OK) { continue; }
        const char *reason = is_first && n_text > 0 ? why : "it gives no reason";
        evo_program_failed(program, piece->batch, piece->first + i, reason);
        is_first = false;
    }
}

bool evo_program_binary_answer(struct evo_program *program, const struct evo_program_piece *piece)
{
    struct answer head;
    if (program->used < sizeof head) { return refuse(program, piece); }
    memcpy(&head, program->in.bytes, sizeof head);
    if (!is_good(program, &head)) { return refuse(program, piece); }
    const char *from = program->in.bytes + sizeof head;
    size_t n_results = piece->batch->n_results, bytes = piece->n * n_results * sizeof(double);
    memcpy(piece->batch->results + piece->first * n_results, from, bytes);
    const char *marks = from + bytes;
    take_failures(program, piece, marks, marks + piece->n * sizeof(int32_t), (size_t)head.text);
    return true;
}
