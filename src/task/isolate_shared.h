/* SPDX-License-Identifier: MIT */
/* The memory that a rank shares with the child that evaluates for it: who writes what, and where. */
#ifndef EVO_TASK_ISOLATE_SHARED_H
#define EVO_TASK_ISOLATE_SHARED_H

#include <evompi/child.h>

#include <stdatomic.h>
#include <string.h>

enum {
    EVO_ISOLATE_CAPACITY = 1024,       ///< candidates of one request
    EVO_ISOLATE_BYTES = 4 << 20,       ///< of their parameters and results, about
    EVO_ISOLATE_MESSAGE = 1024,        ///< bytes of a message, its NUL included
    EVO_ISOLATE_FD_MEMORY = 0,         ///< places in the list of file descriptors
    EVO_ISOLATE_FD_SOCKET = 1,
    EVO_ISOLATE_FD_OUTPUT = 2,
};

/// The sizes that both sides go by; a child copies them when it begins.
struct evo_isolate_shape {
    uint64_t n_parameters, n_results, slice, capacity, memory_bytes;
};

/// Written by the rank; the child can only read it. The parameters [capacity][n_parameters] follow on a
/// page of their own.
struct evo_isolate_ask {
    struct evo_isolate_shape shape;
    uint64_t generation, first_part, n_parts;
    uint32_t purpose, n;
    _Atomic uint32_t number;     ///< of the request, from 1; written last
    _Atomic uint32_t rank_waits; ///< the rank sleeps: it wants a byte on the socket
};

enum evo_isolate_state { EVO_ISOLATE_BEGINS, EVO_ISOLATE_READY, EVO_ISOLATE_REFUSES };

/// Written by the child; the rank trusts nothing of it. The results [capacity][n_results], statuses
/// [capacity] and seals [capacity] follow on pages of their own.
struct evo_isolate_answer {
    _Atomic uint64_t progress;    ///< number of the request * 2^32 + the candidate that is evaluated now
    _Atomic uint32_t state;       ///< enum evo_isolate_state
    _Atomic uint32_t child_waits; ///< the child sleeps: it wants a byte on the socket
    char message[EVO_ISOLATE_MESSAGE]; ///< of the first candidate of the request that failed
};

/// Where the parts begin, in bytes; each on a page of its own.
struct evo_isolate_layout {
    size_t parameters, answer, results, status, seals, end;
};

static inline size_t evo_isolate_pages(size_t bytes, size_t page)
{
    return (bytes + page - 1) / page * page;
}

static inline struct evo_isolate_layout evo_isolate_layout_of(const struct evo_isolate_shape *shape,
                                                              size_t page)
{
    struct evo_isolate_layout at;
    size_t n = shape->capacity;
    at.parameters = evo_isolate_pages(sizeof(struct evo_isolate_ask), page);
    at.answer = at.parameters + evo_isolate_pages(n * shape->n_parameters * sizeof(double), page);
    at.results = at.answer + evo_isolate_pages(sizeof(struct evo_isolate_answer), page);
    at.status = at.results + evo_isolate_pages(n * shape->n_results * sizeof(double), page);
    at.seals = at.status + evo_isolate_pages(n * sizeof(int32_t), page);
    at.end = at.seals + evo_isolate_pages(n * sizeof(uint64_t), page);
    return at;
}

/// What stands beside the results of a candidate: it shows that nobody has written over them since.
static inline uint64_t evo_isolate_seal(uint32_t number, size_t candidate, const double *results, size_t n,
                                        int32_t status)
{
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    uint64_t seal = ((uint64_t)number << 32 | candidate) * odd ^ (uint32_t)status;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &results[i], sizeof bits);
        seal = (seal ^ bits) * odd;
        seal ^= seal >> 32;
    }
    return seal;
}

#endif
