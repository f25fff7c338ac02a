/* SPDX-License-Identifier: MIT */
/* What a file is, told from its first bytes: whether this program can load it, or why not. */
#ifndef EVO_TASK_ELF_H
#define EVO_TASK_ELF_H

#include <evompi/base.h>

/// Checks that `bytes`, the whole file at `path`, are a whole shared library for this machine. Where the
/// program itself is no ELF file only the kinds that are known by their first bytes are refused.
/// EVO_ERR_CONFIG, with what the file is and the remedy.
enum evo_status evo_elf_check(const char *path, const char *bytes, size_t n);

#endif
