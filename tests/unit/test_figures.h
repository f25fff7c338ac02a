/* SPDX-License-Identifier: MIT */
/* What the tests of validations share: the figures that one says, by name. After cmocka.h. */
#ifndef TEST_FIGURES_H
#define TEST_FIGURES_H

#include <evompi/task.h>

#include <stdio.h>
#include <string.h>

enum { MOST = 256 };

/// The figures of one validation; begins with n = 0.
struct figures {
    char name[MOST][64];
    double value[MOST];
    size_t n;
};

/// An evo_figure_sink that keeps them.
static inline enum evo_status take(void *context, const struct evo_figure *figure)
{
    struct figures *figures = context;
    assert_true(figures->n < MOST);
    assert_true(figure->doc[0] != '\0' && figure->unit[0] != '\0');
    snprintf(figures->name[figures->n], sizeof figures->name[0], "%s", figure->name);
    figures->value[figures->n++] = figure->value;
    return EVO_OK;
}

static inline double value_of(const struct figures *figures, const char *name)
{
    for (size_t i = 0; i < figures->n; i++) {
        if (strcmp(figures->name[i], name) == 0) { return figures->value[i]; }
    }
    fail_msg("no figure %s", name);
    return 0.0;
}

#endif
