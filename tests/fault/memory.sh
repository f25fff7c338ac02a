#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Memory runs out at every request in turn, in the job and in the tools: one error, and what was saved is whole.
# usage: memory.sh BUILD [CALLS]
#   CALLS     requests refused in each program, spread over all of them (0: every one)
. "$(dirname "$0")/../lib/common.sh"
most=${2:-9}
fault=$build/tests/fault.so
[ -f "$fault" ] || skip "no $fault: faults are injected on Linux alone"
config=$root/jobs/original.ini
settings=("$config" --set stop.max_generations=12 --set population.size=101 --set checkpoint.durable=process
    --set lineage.keep=all --set hover.flights=2 --set hover.duration=0.3)
refuse() { LD_PRELOAD=$fault EVO_FAULT="alloc:$1" timeout -k 5 60 "${@:2}"; }

# sweep NAME LIBRARY AFTER COMMAND...: refuses requests of the program (LIBRARY empty) or of a library;
# a command that fails says so once, and then AFTER must hold.
sweep() {
    local title=$1 library=$2 after=$3 count n i code n_failed=0; shift 3
    $before
    refuse "$library:0:ENOMEM" "$@" >"$work/out" 2>"$work/count" || { cat "$work/count" >&2; fail "$title: fails by itself"; }
    # A child process that reads what is saved says its own number: the larger one is the way to the end.
    count=$(sed -n 's/^EVO_FAULT: \([1-9][0-9]*\) calls$/\1/p' "$work/count" | sort -n | tail -n 1)
    [ "${count:-0}" -gt 0 ] || fail "$title: asks for no memory"
    n=$count
    if [ "$most" -gt 0 ] && [ "$most" -lt "$count" ]; then n=$most; fi
    for ((i = 0; i < n; i++)); do
        local at=$((1 + i * (count - 1) / (n > 1 ? n - 1 : 1))) onwards=
        [ $((i % 2)) -eq 0 ] || onwards=+
        $before
        code=0
        # A file of its own: MPI's daemon for a single rank may write to the last one still.
        rm -f "$work/err"
        refuse "$library:$at$onwards:ENOMEM" "$@" >"$work/out" 2>"$work/err" || code=$?
        if [ $code -eq 0 ]; then $after; continue; fi
        n_failed=$((n_failed + 1))
        grep -v '^EVO_FAULT' "$work/err" >"$work/out"
        [[ $code =~ ^[123]$ ]] || { cat "$work/out" >&2; fail "$title, request $at$onwards: ended with $code"; }
        [ "$(grep '^evompi' "$work/out" | grep -vc '^evompi: warning: ')" = 1 ] || { cat "$work/out" >&2; fail "$title, request $at$onwards: not one error"; }
        [ -n "$library" ] || grep -q 'no memory' "$work/out" ||
            { cat "$work/out" >&2; fail "$title, request $at$onwards: 'no memory' is not what it says"; }
        $after
    done
    [ "$n_failed" -gt 0 ] || fail "$title: no refusal made it fail"
    report+=" $title $n of $count;"
}
report='' before=true

# The validation of a task, and the tuning of its PD controller, take longer than all else: once for each.
for pair in "ga altitude 9" "cmaes hover 9" "lshade altitude 0" "random track 9"; do
    read -r search task flights <<<"$pair"
    name=$search
    job=("$evompi" "${settings[@]}" --set search.name="$search" --set task.name="$task"
        --set validate.flights="$flights")
    "${job[@]}" --set job.output="$work/$name" >"$work/out" 2>&1 || { cat "$work/out" >&2; fail "$name"; }
    "${job[@]}" --set job.output="$work/half" --set stop.max_generations=6 >"$work/out" 2>&1 || fail "$name: half"
    fresh() { rm -rf "$work/try"; }
    # What is there after a failure goes on to the same bits.
    goes_on() {
        "${job[@]}" --set job.output="$work/try" --resume=auto >"$work/after" 2>&1 || { cat "$work/after" >&2; fail "$name does not go on"; }
        same "$work/$name" "$work/try"
    }
    half() { rm -rf "$work/try"; cp -r "$work/half" "$work/try"; }
    before=fresh sweep "$name" '' goes_on "${job[@]}" --set job.output="$work/try"
    before=half sweep "$name resumed" '' goes_on "${job[@]}" --set job.output="$work/try" --resume
    rm -rf "$work/half"
done
before=true
sweep check '' true "$evompi" "${settings[@]}" --check
sweep show '' true "$build/evompi-show" "$work/ga"
sweep verify '' true "$build/evompi-show" "$work/ga" --verify
sweep diff '' true "$build/evompi-diff" "$work/ga" "$work/ga"
sweep fly '' true "$build/evompi-fly" "$config" "$work/ga/champion.csv"
echo "ok: requests refused:$report $SECONDS s"
