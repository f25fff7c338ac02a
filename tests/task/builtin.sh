#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The tasks of src/tasks as plug-ins of a program that has none: the same checkpoints, ledgers and champions.
. "$(dirname "$0")/../lib/common.sh"
bare=$build/tests/evompi_bare
[ -x "$bare" ] || skip "no $bare: plug-ins of whole tasks are tested on Linux alone"
plugins=$build/tests/altitude.so,$build/tests/quad.so
cd "$work" || fail "no folder $work"

short=(--set stop.max_generations=6 --set population.size=37 --set lineage.keep=all --set log.interval_s=0
    --set validate.flights=7 --set checkpoint.durable=process)
few=(--set hover.flights=2 --set hover.duration=0.5)

said() { "$@" >"$work/out" 2>&1; }
# compared NAME RANKS ARGUMENT...: the job with its tasks built in, on one rank, and with plug-ins.
compared() {
    local name=$1 n=$2
    shift 2
    must 0 ranks 1 "$@" "${short[@]}" --set job.output="$work/$name.in"
    must 0 said mpirun -np "$n" "$bare" "$@" "${short[@]}" --set job.output="$work/$name.out" \
        --set job.plugins="$plugins"
    same "$work/$name.in" "$work/$name.out"
    # Its units, signals and words are the task's own.
    diff "$name.in/champion.csv" "$name.out/champion.csv" || fail "$name: champion.csv differs"
}
compared original 2 "$root/jobs/original.ini"
compared altitude 1 "$root/jobs/altitude.ini" --set altitude.duration=0.5
compared hover 3 "$root/jobs/hover-robust.ini" "${few[@]}" --set cmaes.lambda=37
compared track 1 "$root/jobs/figure-eight.ini" "${few[@]}" --set cmaes.lambda=37

# Without them there are none, and with them twice there are too many.
must 0 said "$bare" --list
for task in altitude hover track; do ! grep -q "^  $task " out || fail "$bare has a task $task of its own"; done
must 2 said "$bare" "$root/jobs/original.ini" --check
must 2 said "$evompi" "$root/jobs/original.ini" --check --set job.plugins="$build/tests/altitude.so"
says "$build/tests/altitude.so: the task's name, 'altitude', is in use by a task that is there: give it another"
must 0 said "$bare" "$root/jobs/hover.ini" "${few[@]}" --check --set job.plugins="$plugins"
echo "ok: four jobs"
