/* SPDX-License-Identifier: MIT */
/* Dispatch: which instruction set is used. */
#include <evompi/isa.h>

#include <stdlib.h>
#include <string.h>

#define EVO_ISA(isa, has) PLACE_##isa,
enum { EVO_ISAS(EVO_ISA) N_ALL };
#undef EVO_ISA

/* The words of farm.isa. */
enum { EVO_ISA_LIMITS(EVO_CHOICE_NAME) };

#define EVO_ISA(isa, has)                                                         \
    enum { WORD_OF_##isa = EVO_LIMIT_##isa }; /* farm.isa knows it */             \
    extern const struct evo_ports evo_ports_double_##isa, evo_ports_single_##isa; \
    static const struct evo_isa isa_##isa = {                                     \
        .name = #isa, .i = PLACE_##isa, .ports = {&evo_ports_double_##isa, &evo_ports_single_##isa}};
EVO_ISAS(EVO_ISA)
#undef EVO_ISA

#define EVO_ISA(isa, has) &isa_##isa,
static const struct evo_isa *const all[N_ALL] = {EVO_ISAS(EVO_ISA)};
#undef EVO_ISA

const struct evo_isa *const *evo_isa_all(size_t *n)
{
    *n = N_ALL;
    return all;
}

bool evo_isa_runs(const struct evo_isa *isa)
{
#define EVO_ISA(name, has) \
    if (isa == &isa_##name) { return has; }
    EVO_ISAS(EVO_ISA)
#undef EVO_ISA
    return false;
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
        EVO_CHECK(evo_isa_runs(all[i]), EVO_ERR_CONFIG, "%s = %s: this machine has no %s", origin,
                  limit, limit);
        if (i < *highest) { *highest = i; }
        return EVO_OK;
    }
    const char *nearest = evo_text_nearest(limit, names, N_ALL);
    return evo_status_fail(EVO_ERR_CONFIG, "%s = %s: is not an instruction set built in (%s)%s%s%s",
                           origin, limit, text, nearest != NULL ? "; did you mean " : "",
                           nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

enum evo_status evo_isa_select(const char *limit, const struct evo_isa **out)
{
    size_t highest = N_ALL - 1;
    const char *environment = getenv("EVOMPI_ISA");
    if (strcmp(limit, "auto") != 0) { EVO_TRY(find_limit("[farm] isa", limit, &highest)); }
    if (environment != NULL && environment[0] != '\0' && strcmp(environment, "auto") != 0) {
        EVO_TRY(find_limit("environment EVOMPI_ISA", environment, &highest));
    }
    while (!evo_isa_runs(all[highest])) { highest--; }
    *out = all[highest];
    return EVO_OK;
}
