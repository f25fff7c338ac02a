/* SPDX-License-Identifier: MIT */
/* Measures everything that is fast or slow side by side in one run: steps, Python, whole jobs. */
#include "bench/bench.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage_begin[] =
    "usage: evompi-bench [options]\n"
    "\n"
    "Measures, in rounds one after the other: steps/s of one core with every kernel that runs here,\n"
    "what the core's ports allow, the same step in Python, what rank 0 and the writer of checkpoints\n"
    "do, generations taken apart, and the speed-up over ranks. Prints medians with the lowest and\n"
    "highest round, ratios first. Runs evompi under mpirun in temporary folders, made and removed\n"
    "where it is started: what checkpoints take there is measured.\n"
    "\n"
    "  --rounds N       how many rounds (default 5)\n"
    "  --steps          the steps alone, without whole jobs\n"
    "  --farm           the farm alone: hand-outs of work that sleeps, on many ranks\n"
    "  --ranks N        ranks of the jobs that measure the farm (default 64)\n"
    "  --python FILE    the script that measures Python, in the place of a task's own\n"
    "  --quick          two short rounds: whether all works, not how fast\n"
    "  --json           for machines\n"
    "  --help           print this\n"
    "\n"
    "How things are counted:\n"
    "  clock            additions that wait for one another, one a cycle\n";

static const char usage_end[] =
    "  rank 0           its own work between flights, in core time, without MPI; bound by memory: if\n"
    "                   genomes and columns were all that is read and written, and as by a copy\n"
    "  checkpoint       in this process, and waited for; what a job's generation waits for is in its\n"
    "                   save, and in wall added\n"
    "  rank 0 alone     a generation's wall less scatter, fly, gather and save, per creature\n"
    "  farm             work that sleeps: the time that it would take if whoever is free took the next\n"
    "                   item and messages took none, over the time that it took; with static shares,\n"
    "                   and handed out late\n"
    "  prediction       T(N) = S + F/N; F: flying, on one rank; S: all else, on all ranks here\n"
    "Python: what is missing is left out, and named before; install pypy3, and numpy for python3.\n"
    "EVOMPI_ISA=NAME in the environment leaves out the instruction sets above NAME.\n"
    "\n"
    "exit codes: 0 measured; 1 something failed; 2 bad command line, or something that it needs is not\n"
    "here, which is found out before anything is measured.\n";

enum option_id { ROUNDS = EVO_WORD + 1, STEPS, FARM, RANKS, FARM_RANK, PYTHON, QUICK, JSON, HELP };

static const struct option options[] = {
    {"rounds", required_argument, NULL, ROUNDS}, {"steps", no_argument, NULL, STEPS},
    {"farm", no_argument, NULL, FARM},           {"ranks", required_argument, NULL, RANKS},
    {"farm-rank", required_argument, NULL, FARM_RANK},
    {"python", required_argument, NULL, PYTHON}, {"quick", no_argument, NULL, QUICK},
    {"json", no_argument, NULL, JSON},           {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

struct command {
    bool steps_only, farm_only, json, help;
    const char *farm_rank; ///< what a rank of a job that measures the farm is to do; NULL: this is none
};

static enum evo_status read_count(const char *option, const char *text, double least, size_t *count)
{
    double x = 0.0;
    EVO_CHECK(evo_text_to_number(text, &x) && x >= least && x <= 1000.0 && x == (double)(size_t)x,
              EVO_ERR_USAGE, "%s %s: is not a whole number of %g to 1000", option, text, least);
    *count = (size_t)x;
    return EVO_OK;
}

static enum evo_status parse(int argc, char **argv, struct evo_bench *bench,
                             struct command *command)
{
    struct evo_words words = {.argc = argc, .argv = argv, .options = options};
    const char *value = NULL;
    int letter;
    size_t rounds = 0, ranks = 0;
    while ((letter = evo_words_next(&words, &value)) != -1) {
        switch (letter) {
        case ROUNDS: EVO_TRY(read_count("--rounds", value, 1.0, &rounds)); break;
        case STEPS: command->steps_only = true; break;
        case FARM: command->farm_only = true; break;
        case RANKS: EVO_TRY(read_count("--ranks", value, 2.0, &ranks)); break;
        case FARM_RANK: command->farm_rank = value; break;
        case PYTHON: bench->python_script = value; break;
        case QUICK: bench->quick = true; break;
        case JSON: command->json = true; break;
        case HELP: command->help = true; break;
        case EVO_WORD:
            return evo_status_fail(EVO_ERR_USAGE, "%s: one word too many on the command line", value);
        default: return evo_words_refuse(&words, letter, "evompi-bench");
        }
    }
    bench->rounds = rounds > 0 ? rounds : bench->quick ? 2 : 5;
    EVO_CHECK(!command->farm_only || !command->steps_only, EVO_ERR_USAGE,
              "--farm and --steps: each is one thing alone; leave both out to measure all");
    bench->farm_ranks = ranks > 0 ? (long)ranks : bench->quick ? 4 : 64;
    static const long populations[] = {500, 5000, 50000, 500000};
    bench->populations = populations;
    bench->n_populations = bench->quick ? 2 : sizeof populations / sizeof populations[0];
    bench->slice_s = bench->quick ? 0.002 : 0.1;
    return EVO_OK;
}

/* evompi stands beside this program. */
static enum evo_status find_folder(struct evo_bench *bench)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    EVO_CHECK(n > 0, EVO_ERR_IO, "evompi-bench cannot tell where it stands: no /proc/self/exe");
    path[n] = '\0';
    *strrchr(path, '/') = '\0';
    return evo_text_format(&bench->programs, "%s", path);
}

/* All that measuring needs, before any of it: half a minute later nobody wants to hear of it. */
static enum evo_status prepare(struct evo_bench *bench, const struct command *command)
{
    evo_bench_catch_signals();
    EVO_TRY(find_folder(bench));
    EVO_TRY(evo_bench_find_isas(bench));
    if (!command->steps_only) {
        EVO_TRY(evo_bench_make_folder(bench));
        EVO_TRY(evo_bench_try_job(bench));
    }
    return command->farm_only ? EVO_OK : evo_bench_find_python(bench);
}

static enum evo_status measure(struct evo_bench *bench, const struct command *command)
{
    if (command->farm_only) { return evo_bench_farm(bench); }
    EVO_TRY(evo_bench_steps(bench));
    if (command->steps_only) { return EVO_OK; }
    EVO_TRY(evo_bench_serial(bench));
    EVO_TRY(evo_bench_jobs(bench));
    return evo_bench_farm(bench);
}

static void print_usage(void)
{
    fputs(usage_begin, stdout);
    for (size_t i = 0; evo_bench_tasks[i] != NULL; i++) { fputs(evo_bench_tasks[i]->counted, stdout); }
    fputs(usage_end, stdout);
}

int main(int argc, char **argv)
{
    struct evo_bench bench = {0};
    struct command command = {0};
    evo_guard_begin();
    enum evo_status status = parse(argc, argv, &bench, &command);
    if (status == EVO_OK && command.help) {
        print_usage();
    } else if (status == EVO_OK && command.farm_rank != NULL) {
        return evo_bench_farm_rank(argc, argv, command.farm_rank);
    } else if (status == EVO_OK) {
        status = prepare(&bench, &command);
        if (status == EVO_OK) {
            status = measure(&bench, &command);
            /* What was measured before a failure is worth having. */
            evo_bench_print(&bench, command.json);
        }
    }
    if (status != EVO_OK) { fprintf(stderr, "evompi-bench: error: %s\n", evo_status_message()); }
    evo_bench_fini(&bench);
    evo_bench_die_of_signal();
    return evo_status_exit_code(status);
}
