/* SPDX-License-Identifier: MIT */
/* The head of an ELF file, read by hand: dlopen's own words do not say what to do, and a file that is cut
 * off is mapped all the same and ends the process with SIGBUS. */
#include "elf.h"

#include <stdlib.h>
#include <string.h>

/* Where things stand in the head of a 64-bit file (System V ABI, gABI 4.1, chapter 4). */
enum {
    HEAD = 64,
    AT_CLASS = 4, AT_ORDER = 5, AT_TYPE = 16, AT_MACHINE = 18, AT_PARTS = 32, AT_SECTIONS = 40,
    AT_PART_SIZE = 54, AT_N_PARTS = 56, AT_SECTION_SIZE = 58, AT_N_SECTIONS = 60,
    PART = 56, PART_AT_OFFSET = 8, PART_AT_BYTES = 32,
    CLASS_64 = 2, TYPE_OBJECT = 1, TYPE_PROGRAM = 2, TYPE_SHARED = 3, TYPE_CORE = 4, PART_LOAD = 1,
};

static const struct {
    unsigned number;
    const char *name;
} machines[] = {{3, "32-bit x86"}, {20, "32-bit POWER"}, {21, "POWER"},   {22, "S/390"},
                {40, "32-bit ARM"}, {62, "x86-64"},      {183, "AArch64"}, {243, "RISC-V"},
                {258, "LoongArch"}};

/* Kinds that are no ELF file but often meant to be one. */
static const struct {
    const char *begin;
    const char *kind, *remedy;
} others[] = {
    {"!<arch>\n", "a static library", "link its parts to a shared library: gcc -shared"},
    {"MZ", "a library or program of Windows", "build it on this system with evompi-build"},
    {"\xcf\xfa\xed\xfe", "a library or program of macOS", "build it on this system with evompi-build"},
    {"#!", "a script", "a program of any language is [task] name = program"},
    {"PK\3\4", "an archive", "unpack it first"},
    {"\x1f\x8b", "compressed", "unpack it first"},
};

static const char *const sources[] = {".c", ".cc", ".cpp", ".cxx", ".f", ".f90", ".f03", ".f08", ".h"};

/* A number of `size` bytes in this machine's order. */
static uint64_t number(const char *bytes, size_t size)
{
    uint16_t two = 0;
    uint32_t four = 0;
    uint64_t eight = 0;
    switch (size) {
    case 2: memcpy(&two, bytes, 2); return two;
    case 4: memcpy(&four, bytes, 4); return four;
    default: memcpy(&eight, bytes, 8); return eight;
    }
}

static const char *machine_name(unsigned machine, char *text, size_t size)
{
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        if (machines[i].number == machine) { return machines[i].name; }
    }
    snprintf(text, size, "machine number %u", machine);
    return text;
}

/* ---- no ELF file -------------------------------------------------------------------------- */

static bool ends_in(const char *path, const char *const *endings, size_t n)
{
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < n; i++) {
        if (strcmp(dot, endings[i]) == 0) { return true; }
    }
    return false;
}

static bool is_text(const char *bytes, size_t n)
{
    size_t look = n < 512 ? n : 512;
    for (size_t i = 0; i < look; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if ((c < 0x20 && (c < '\t' || c > '\r')) || c == 0x7f) { return false; }
    }
    return true;
}

static enum evo_status refuse_other(const char *path, const char *bytes, size_t n)
{
    EVO_CHECK(n > 0, EVO_ERR_CONFIG, "%s: is empty, not a shared library: build it again", path);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        size_t length = strlen(others[i].begin);
        EVO_CHECK(n < length || memcmp(bytes, others[i].begin, length) != 0, EVO_ERR_CONFIG,
                  "%s: is %s, not a shared library: %s", path, others[i].kind, others[i].remedy);
    }
    bool text = is_text(bytes, n);
    EVO_CHECK(!text || !ends_in(path, sources, sizeof sources / sizeof sources[0]), EVO_ERR_CONFIG,
              "%s: is a source file, not a shared library: compile it first: evompi-build %s", path, path);
    EVO_CHECK(!text, EVO_ERR_CONFIG,
              "%s: is a text file, not a shared library: name what evompi-build makes", path);
    return evo_status_fail(EVO_ERR_CONFIG,
                           "%s: is not a shared library (no ELF head): name what evompi-build makes", path);
}

/* ---- an ELF file -------------------------------------------------------------------------- */

static enum evo_status check_type(const char *path, unsigned type)
{
    EVO_CHECK(type != TYPE_OBJECT, EVO_ERR_CONFIG,
              "%s: is an object file, not a shared library: build it with evompi-build, or link it with "
              "gcc -shared", path);
    EVO_CHECK(type != TYPE_PROGRAM, EVO_ERR_CONFIG,
              "%s: is a program, not a shared library: build it with evompi-build, or link it with "
              "gcc -shared; a program of any language is [task] name = program", path);
    EVO_CHECK(type != TYPE_CORE, EVO_ERR_CONFIG, "%s: is a core dump, not a shared library", path);
    EVO_CHECK(type == TYPE_SHARED, EVO_ERR_CONFIG,
              "%s: is no shared library (its ELF type is %u): build it with evompi-build", path, type);
    return EVO_OK;
}

static enum evo_status check_whole(const char *path, const char *bytes, size_t n)
{
    static const char what[] =
        "%s: is cut off: it has %zu bytes, and its head speaks of more: build or copy it again";
    uint64_t parts = number(bytes + AT_PARTS, 8), n_parts = number(bytes + AT_N_PARTS, 2);
    uint64_t sections = number(bytes + AT_SECTIONS, 8);
    uint64_t sections_bytes = number(bytes + AT_N_SECTIONS, 2) * number(bytes + AT_SECTION_SIZE, 2);
    EVO_CHECK(sections <= n && sections_bytes <= n - sections, EVO_ERR_CONFIG, what, path, n);
    EVO_CHECK(number(bytes + AT_PART_SIZE, 2) == PART && n_parts > 0, EVO_ERR_CONFIG,
              "%s: is damaged (no program headers of %d bytes): build or copy it again", path, PART);
    EVO_CHECK(parts <= n && n_parts * PART <= n - parts, EVO_ERR_CONFIG, what, path, n);
    for (uint64_t i = 0; i < n_parts; i++) {
        const char *part = bytes + parts + i * PART;
        if (number(part, 4) != PART_LOAD) { continue; }
        uint64_t offset = number(part + PART_AT_OFFSET, 8), size = number(part + PART_AT_BYTES, 8);
        EVO_CHECK(offset <= n && size <= n - offset, EVO_ERR_CONFIG, what, path, n);
    }
    return EVO_OK;
}

/* The head of this program; false where it is no ELF file, as on macOS. */
static bool own_head(char head[HEAD])
{
    FILE *file = fopen("/proc/self/exe", "re");
    if (file == NULL) { return false; }
    bool is_elf = fread(head, 1, HEAD, file) == HEAD && memcmp(head, "\177ELF", 4) == 0;
    fclose(file);
    return is_elf && head[AT_CLASS] == CLASS_64;
}

static enum evo_status check_machine(const char *path, const char *bytes, const char own[HEAD])
{
    char theirs[32], ours[32];
    unsigned machine = (unsigned)number(bytes + AT_MACHINE, 2), mine = (unsigned)number(own + AT_MACHINE, 2);
    EVO_CHECK(bytes[AT_CLASS] == own[AT_CLASS] && bytes[AT_ORDER] == own[AT_ORDER] && machine == mine,
              EVO_ERR_CONFIG, "%s: is built for %s%s%s, this program for %s: build it on this machine with "
              "evompi-build", path, machine_name(machine, theirs, sizeof theirs),
              bytes[AT_CLASS] != own[AT_CLASS] ? " (32 bits)" : "",
              bytes[AT_ORDER] != own[AT_ORDER] ? " (the other order of bytes)" : "",
              machine_name(mine, ours, sizeof ours));
    return EVO_OK;
}

enum evo_status evo_elf_check(const char *path, const char *bytes, size_t n)
{
    char own[HEAD];
    bool is_elf = n >= 4 && memcmp(bytes, "\177ELF", 4) == 0;
    if (!own_head(own)) { return is_elf || n == 0 || is_text(bytes, n) ? refuse_other(path, bytes, n) : EVO_OK; }
    if (!is_elf) { return refuse_other(path, bytes, n); }
    EVO_CHECK(n >= HEAD, EVO_ERR_CONFIG, "%s: is cut off after %zu bytes: build or copy it again", path, n);
    EVO_TRY(check_machine(path, bytes, own));
    EVO_TRY(check_type(path, (unsigned)number(bytes + AT_TYPE, 2)));
    return check_whole(path, bytes, n);
}
