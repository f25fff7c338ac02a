/* SPDX-License-Identifier: MIT */
/* Dispatch: which instruction set flies. */
#include "kernels.h"

#include <stdlib.h>
#include <string.h>

/* The words of farm.isa. */
enum { EVO_ISA_LIMITS(EVO_CHOICE_NAME) };

/* Plain C first, then what this build has of isas.def. */
#define EVO_ISA(isa, has)                                                                 \
    enum { word_of_##isa = EVO_LIMIT_##isa }; /* farm.isa knows it */                     \
    extern const struct evo_altitude_kernels evo_altitude_double_##isa;                   \
    extern const struct evo_altitude_kernels evo_altitude_single_##isa;                   \
    extern const struct evo_hover_kernels evo_hover_double_##isa, evo_hover_single_##isa; \
    extern const struct evo_ports evo_ports_double_##isa, evo_ports_single_##isa;         \
    static const struct evo_kernels kernels_##isa = {                                     \
        .name = #isa,                                                                     \
        .altitude = {&evo_altitude_double_##isa, &evo_altitude_single_##isa},             \
        .ports = {&evo_ports_double_##isa, &evo_ports_single_##isa},                      \
        .hover = {&evo_hover_double_##isa, &evo_hover_single_##isa}};
EVO_ISA(plain, true)
#include "isas.def"
#undef EVO_ISA

static const struct evo_kernels *const all[] = {
#define EVO_ISA(name, has) &kernels_##name,
    EVO_ISA(plain, true)
#include "isas.def"
#undef EVO_ISA
};
enum { N_ALL = sizeof all / sizeof all[0] };

const struct evo_kernels *const *evo_kernels_all(size_t *n)
{
    *n = N_ALL;
    return all;
}

bool evo_kernels_runs(const struct evo_kernels *kernels)
{
    (void)kernels; // where no instruction set is built there is nothing to tell apart
#define EVO_ISA(name, has) \
    if (kernels == &kernels_##name) { return has; }
#include "isas.def"
#undef EVO_ISA
    return true;
}

/* How far up the list `limit` lets us go; `origin` names where it was said. */
static enum evo_status find_limit(const char *origin, const char *limit, size_t *highest)
{
    const char *names[N_ALL];
    char text[128] = "auto";
    for (size_t i = 0; i < N_ALL; i++) {
        names[i] = all[i]->name;
        snprintf(text + strlen(text), sizeof text - strlen(text), ", %s", names[i]);
    }
    for (size_t i = 0; i < N_ALL; i++) {
        if (strcmp(limit, names[i]) != 0) { continue; }
        EVO_CHECK(evo_kernels_runs(all[i]), EVO_ERR_CONFIG, "%s = %s: this machine has no %s", origin,
                  limit, limit);
        if (i < *highest) { *highest = i; }
        return EVO_OK;
    }
    const char *nearest = evo_text_nearest(limit, names, N_ALL);
    return evo_status_fail(EVO_ERR_CONFIG, "%s = %s: is not an instruction set built in (%s)%s%s%s",
                           origin, limit, text, nearest != NULL ? "; did you mean " : "",
                           nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

enum evo_status evo_kernels_select(const char *limit, const struct evo_kernels **out)
{
    size_t highest = N_ALL - 1;
    const char *environment = getenv("EVOMPI_ISA");
    if (strcmp(limit, "auto") != 0) { EVO_TRY(find_limit("[farm] isa", limit, &highest)); }
    if (environment != NULL && environment[0] != '\0' && strcmp(environment, "auto") != 0) {
        EVO_TRY(find_limit("environment EVOMPI_ISA", environment, &highest));
    }
    while (!evo_kernels_runs(all[highest])) { highest--; }
    *out = all[highest];
    return EVO_OK;
}
