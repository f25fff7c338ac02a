/* SPDX-License-Identifier: MIT */
/* Any bytes as a CSV of creatures: refused in one line, or every parameter is a number. */
#include <evompi/run.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void require(bool fine)
{
    if (!fine) { abort(); }
}

/* A file that is only in memory, and its name. */
static int put_file(const uint8_t *bytes, size_t n, char path[64])
{
    int file = memfd_create("creatures", MFD_CLOEXEC);
    require(file >= 0 && write(file, bytes, n) == (ssize_t)n);
    snprintf(path, 64, "/proc/self/fd/%d", file);
    return file;
}

/* A task of that shape, made once. */
static const struct evo_task *some_task(void)
{
    static struct evo_task *task;
    static struct evo_config *config;
    if (task == NULL) {
        require(evo_config_parse("defaults", "", 0, false, NULL, 0, evo_run_scope(), &config) == EVO_OK);
        require(evo_task_create(config, &task) == EVO_OK);
    }
    return task;
}

/* One line that names the file. */
static void require_message(const char *path)
{
    require(strncmp(evo_status_message(), path, strlen(path)) == 0);
    require(strchr(evo_status_message(), '\n') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct evo_shape shape = {.n_states = 1, .n_inputs = 2, .n_outputs = 1};
    char path[64];
    double *genomes = NULL;
    size_t n_creatures = 0, genome = evo_shape_genome(shape);
    int file = put_file(bytes, n, path);
    enum evo_status status = evo_champion_read(path, shape, &genomes, &n_creatures);
    require(status == EVO_OK || status == EVO_ERR_DATA);
    if (status == EVO_OK) {
        require(n_creatures > 0);
        for (size_t i = 0; i < n_creatures * genome; i++) { require(genomes[i] == genomes[i]); }
    } else {
        require_message(path);
    }
    status = evo_champion_fits(path, some_task());
    require(status == EVO_OK || status == EVO_ERR_DATA);
    if (status != EVO_OK) { require_message(path); }
    free(genomes);
    close(file);
    return 0;
}
