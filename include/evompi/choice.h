/* SPDX-License-Identifier: MIT */
/* A choice is one list, which makes its enum and the words of its key. C11 and C++17. */
#ifndef EVOMPI_CHOICE_H
#define EVOMPI_CHOICE_H

/* A list is LIST(CHOICE) of rows CHOICE(ENUMERATOR, word), in the order of the key's values:
 *
 *   enum evo_x { LIST(EVO_CHOICE_NAME) };
 *   KEY(section, x, CHOICE, FIXED, "word", 0, 0, EVO_CHOICE_WORDS(LIST), "", "...") */
#define EVO_CHOICE_NAME(name, word)  name,
#define EVO_CHOICE_WORD(name, word)  "|" #word
#define EVO_CHOICE_WORDS(LIST)       (&(LIST(EVO_CHOICE_WORD))[1])

/* Those of the keys that belong to no single owner (config.def); the enums stand with who uses them. */

/// task.step
#define EVO_TASK_STEPS(CHOICE) \
    CHOICE(EVO_STEP_AUTO, auto) CHOICE(EVO_STEP_PLAIN, plain) CHOICE(EVO_STEP_UNROLLED, unrolled)

/// task.precision
#define EVO_PRECISIONS(CHOICE) \
    CHOICE(EVO_PRECISION_DOUBLE, double) CHOICE(EVO_PRECISION_SINGLE, single)

/// checkpoint.durable
#define EVO_DURABLES(CHOICE) \
    CHOICE(EVO_DURABLE_POWER, power) CHOICE(EVO_DURABLE_PROCESS, process)

/// checkpoint.on_save_error
#define EVO_ON_SAVE_ERRORS(CHOICE) \
    CHOICE(EVO_ON_SAVE_ERROR_STOP, stop) CHOICE(EVO_ON_SAVE_ERROR_RETRY, retry)

/// lineage.keep: every creature; those that outlived a selection, all ancestors among them; those
/// that were the best of the run when they were evaluated; none.
#define EVO_LINEAGE_KEEPS(CHOICE)                               \
    CHOICE(EVO_KEEP_ALL, all)                                   \
    CHOICE(EVO_KEEP_SURVIVORS, survivors)                       \
    CHOICE(EVO_KEEP_CHAMPIONS, champions)                       \
    CHOICE(EVO_KEEP_NONE, none)

/// farm.root_flies
#define EVO_FARM_ROOTS(CHOICE) \
    CHOICE(EVO_ROOT_AUTO, auto) CHOICE(EVO_ROOT_FLIES, yes) CHOICE(EVO_ROOT_RESTS, no)

/// farm.balance
#define EVO_FARM_BALANCES(CHOICE) \
    CHOICE(EVO_BALANCE_AUTO, auto) CHOICE(EVO_BALANCE_STATIC, static) CHOICE(EVO_BALANCE_DYNAMIC, dynamic)

/// farm.isa: all sets that can be built anywhere; kernels.c checks that it knows no other.
#define EVO_ISA_LIMITS(CHOICE)                                                              \
    CHOICE(EVO_LIMIT_auto, auto)                                                            \
    CHOICE(EVO_LIMIT_plain, plain)                                                          \
    CHOICE(EVO_LIMIT_sse2, sse2)                                                            \
    CHOICE(EVO_LIMIT_avx2, avx2)                                                            \
    CHOICE(EVO_LIMIT_avx512, avx512)                                                        \
    CHOICE(EVO_LIMIT_neon, neon)

#endif
