/* SPDX-License-Identifier: MIT */
/* A task from a shared library: found, checked, loaded. */
#ifndef EVO_TASK_PLUGIN_H
#define EVO_TASK_PLUGIN_H

#include "form.h"

/// A plug-in that is loaded.
struct evo_plugin {
    struct evo_task_class task; ///< a copy; members that its file is too old for are 0
    char *path;                 ///< where it was found, as it can be opened from here
    char digest[17];            ///< XXH3 of the bytes that were loaded, 16 hexadecimal digits
    void *library;              ///< of dlopen
    int copy;                   ///< the copy that was loaded, or -1
};

/// Loads the plug-in `path` and checks all that evo_task_class_check does. A path without a slash is
/// looked for in the current folder and then in those of EVOMPI_PLUGIN_PATH (split by colons). The bytes
/// are read once, and these are hashed and loaded: what happens to the file later does not matter.
/// A first load, in a child, sees crashes and endless loops; the real one leaves rounding, flags of the
/// floating-point unit and locale as they were. Before MPI and before any thread; local.
/// EVO_ERR_CONFIG with path, thing, value and remedy in one line; EVO_ERR_MEMORY.
enum evo_status evo_plugin_open(const char *path, const struct evo_task_rules *rules, struct evo_plugin **out);

/// Unloads it: no task made from it may be left. NULL is accepted.
void evo_plugin_close(struct evo_plugin *plugin);

#endif
