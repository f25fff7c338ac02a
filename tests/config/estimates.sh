#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What --check says of memory and time is what runs take; a population beyond memory is estimated too.
. "$(dirname "$0")/../lib/common.sh"
cd "$work" || fail "no folder $work"
cat >c.ini <<'END'
[job]
output = run
[altitude]
flights = 3:5:0.1
[stop]
max_generations = 6
[validate]
flights = 0
[checkpoint]
durable = process
END

# check ARGUMENTS: sets memory (MiB), own and fly (s a generation), and took (s of processor time).
check() {
    TIMEFORMAT='%U'
    took=$({ time "$evompi" c.ini --check "$@" >out 2>err; } 2>&1)
    # c.ini has keys of [altitude] for all tasks.
    ! grep -v 'warning: \[altitude\] flights.*: set, but neither task' err >&2 ||
        fail "--check $* says more than it should"
    memory=$(sed -nE 's/^# memory of rank 0: about ([0-9.e+-]+) MiB .*/\1/p' out)
    own=$(sed -nE 's/^# time of a generation: .* and ([0-9.e+-]+) s for the search.*/\1/p' out)
    fly=$(sed -nE 's/^# time of a generation: .*: ([0-9.e+-]+) s to evaluate.*/\1/p' out)
    if [ -z "$memory" ] || [ -z "$own" ] || [ -z "$fly" ]; then
        tail -n 8 out >&2
        fail "no estimates for $*"
    fi
}

# Peak memory of a run on one rank, in MiB, and its seconds of user time.
peak() {
    python3 - "$evompi" c.ini --fresh "$@" <<'END' || exit 1
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss / 1024, usage.ru_utime)
sys.exit(status != 0)
END
}
within() { awk -v a="$1" -v b="$2" -v most="$3" 'BEGIN { r = a / b; exit !(r < most && r > 1 / most) }'; }

# What MPI and the libraries take is in no estimate; sanitizers' own memory is in no model.
grep -q '^EVOMPI_SANITIZE:STRING=.' "$build/CMakeCache.txt" && skip "memory under a sanitizer is another"
read -r base _ <<<"$(peak --set population.size=4 --set lineage.keep=none)"
for search in ga cmaes lshade; do
    for keep in all none; do
        for size in 4096 50000 300000; do
            case $search$keep$size in *none4096 | gaall300000 | cmaes*300000 | lshade*300000) continue ;; esac
            set -- --set search.name=$search --set lineage.keep=$keep --set population.size=$size
            check "$@"
            read -r taken _ <<<"$(peak "$@")" || fail "the run failed: $*"
            estimate=$(awk -v a="$memory" -v b="$base" 'BEGIN { print a + b }')
            within "$estimate" "$taken" 1.15 || fail "$*: $estimate MiB estimated, $taken MiB taken"
        done
    done
done

# Processor time, which a busy machine does not change: of the search and of flights, each where it counts.
for case in 'ga 100000 0.02' 'cmaes 10000 0.02' 'cmaes 1000 20'; do
    read -r search size seconds <<<"$case"
    set -- --set search.name="$search" --set population.size="$size" --set altitude.flights=3:5:"$seconds" \
        --set lineage.keep=none --set checkpoint.every=0 --set stop.max_generations=40
    check "$@"
    read -r _ all <<<"$(peak "$@")" || fail "the run failed: $*"
    read -r _ none <<<"$(peak "$@" --set stop.max_generations=1)"
    taken=$(awk -v a="$all" -v b="$none" 'BEGIN { t = (a - b) / 39; print (t > 0 ? t : 1e-9) }')
    estimate=$(awk -v a="$own" -v b="$fly" 'BEGIN { print a + b }')
    within "$estimate" "$taken" 3 || fail "$*: $estimate s a generation estimated, $taken s taken"
done

# Too large for any machine, and a search whose single generation takes minutes: an estimate in moments.
check --set population.size=1e8 --set altitude.states=8 --set lineage.keep=all
awk -v m="$memory" 'BEGIN { exit !(m > 40000) }' || fail "1e8 creatures in $memory MiB?"
(ulimit -v 4000000; "$evompi" c.ini --check --set population.size=1e8 >out 2>&1) ||
    { cat out >&2; fail "no estimate where memory is short"; }
grep -q '^# that is more than the [0-9.e+]* MiB that a process may have on this machine$' out ||
    { tail -n 8 out >&2; fail "--check does not say that memory is short"; }
check --set task.name=hover --set hover.hidden=32 --set hover.states=16 --set search.name=cmaes \
    --set hover.inputs_rotation=yes --set population.size=1000
grep -q '^# genome: [0-9]\{4\} parameters' out || { tail -n 8 out >&2; fail "this was to have 1000 parameters"; }
awk -v t="$took" 'BEGIN { exit !(t < 10) }' || fail "--check took $took s of processor time"
awk -v o="$own" -v f="$fly" 'BEGIN { exit !(o > 0.05) }' || fail "1000 parameters: $own s a generation?"
grep -q 'time of all 6 generations' out || fail "a limit of generations, and no time of all"
check --set stop.max_generations=0
! grep -q 'time of all' out || fail "no limit of generations, and a time of all"

# A fault of the configuration is one, whatever the size of the trials.
"$evompi" c.ini --check --set search.name=cmaes --set cmaes.lambda=5000 --set population.size=1000 >out 2>&1
[ $? = 2 ] || { tail -n 3 out >&2; fail "a lambda above the population is estimated"; }
says '--set cmaes.lambda=5000: '
[ ! -e nowhere ] || fail "--check made a folder"

# What it would take on many ranks: never less than rank 0's own work, and the rest shared; the bound is named.
many() { sed -nE 's/^# time of a generation: .* on one core, ([0-9.e+-]+) s on [0-9]+: .*/\1/p' out; }
check --set population.size=2000 --ranks 2
awk -v m="$(many)" -v o="$own" -v f="$fly" 'BEGIN { exit !(m >= 0.99 * (o + f / 2) && m <= 1.01 * (o + f)) }' ||
    fail "2 ranks take $(many) s, where rank 0's own work takes $own s and the rest $fly s"
grep -q '^# efficiency on 2 ranks: [0-9]* %, messages and checkpoints apart; what bounds it: ' out || fail "no efficiency for 2 ranks"
check --set population.size=2000 --ranks 100000
awk -v m="$(many)" -v o="$own" -v f="$fly" 'BEGIN { exit !(m >= 0.99 * o && m <= o + f / 10) }' ||
    fail "100000 ranks take $(many) s, where rank 0's own work takes $own s and the rest $fly s"
grep -Eq '^# efficiency on 100000 ranks: 0 %.* bounds it: (the search on rank 0|too few candidates and cases)' out ||
    fail "no bound is named for 100000 ranks"
echo "ok"
