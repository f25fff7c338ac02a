#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# evompi-bench measures every part whichever set is the best, says before what it lacks, and leaves nothing behind.
. "$(dirname "$0")/../lib/common.sh"
# Notes and errors come on stderr, apart from the results.
bench() {
    local code=0
    "$build/evompi-bench" "$@" >"$work/results" 2>"$work/notes" || code=$?
    cat "$work/results" "$work/notes" >"$work/out"
    return $code
}
# refuses MESSAGE ARGUMENTS...: one line, that message, exit code 2.
refuses() {
    local message=$1; shift
    must 2 bench "$@"
    [ "$(cat "$work/out")" = "evompi-bench: error: $message" ] ||
        { cat "$work/out" >&2; fail "the message is not '$message'"; }
}
nothing_left() { ! ls -d evompi-bench.* 2>/dev/null || fail "a temporary folder was left"; }

cd "$work" || fail "no folder $work"
refuses "--wide: no such option; evompi-bench --help lists them" --wide
refuses "--rounds 0: is not a whole number of 1 to 1000" --rounds 0
refuses "--rounds many: is not a whole number of 1 to 1000" --rounds many
refuses "--rounds: needs a value" --rounds
refuses "more: one word too many on the command line" more
must 0 bench --help
says "exit codes:"
# What a task says of its own figures.
says "  unhindered  "

# ---- what it needs is looked for before anything is measured ----

alone="or measure the steps alone with --steps"
refuses "--python no.py: there is no file that can be read" --quick --steps --python no.py
EVOMPI_ISA=sse5 must 2 bench --quick
says "environment EVOMPI_ISA = sse5: is not an instruction set built in"
PATH=/nowhere must 2 "$build/evompi-bench" --quick 2>out
says "error: mpirun cannot be started: put it on the PATH (module load, or install Open MPI), $alone"
if [ "$(id -u)" = 0 ] && mpirun --version | grep -q 'Open MPI'; then
    (
        unset OMPI_ALLOW_RUN_AS_ROOT
        refuses "mpirun refuses to start as root: set OMPI_ALLOW_RUN_AS_ROOT=1 and$(:
            ) OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1, start as another user, $alone" --quick
    ) || exit
fi
mkdir alone removed
cp "$build/evompi-bench" alone/
must 2 alone/evompi-bench --quick >out 2>&1
says "alone/evompi: there is no such program: evompi must stand beside evompi-bench"
(
    cd removed && rmdir ../removed &&
        refuses "no folder can be made here (No such file or directory): start evompi-bench where$(:
            ) you may write, $alone" --quick
) || exit
nothing_left

# ---- a job that fails later, and signals ----

# How it ended, and its own last line; what was measured before is printed.
mkdir late
cat >late/mpirun <<END
#!/bin/sh
if [ -e "$work/late/first" ]; then echo 'the node is gone'; echo ----; kill -KILL \$\$; fi
touch "$work/late/first"
exec "$(command -v mpirun)" "\$@"
END
chmod +x late/mpirun
PATH=$work/late:$PATH must 1 bench --quick --rounds 1 --json
says "ended with signal 9 (Killed); the last line of its output: the node is gone"
says '"part": "checkpoint"'
nothing_left

# A signal ends it by that signal. (A script's background job has INT ignored, and so would evompi-bench.)
for name in TERM INT HUP; do
    env --default-signal=INT "$build/evompi-bench" >out 2>&1 &
    pid=$!
    await eval 'ls -d evompi-bench.*/run >/dev/null'
    kill -$name $pid
    code=0
    wait $pid 2>/dev/null || code=$?
    [ $code -eq $((128 + $(kill -l $name))) ] || { cat out >&2; fail "SIG$name: ended with $code"; }
    says "ended by signal $(kill -l $name) ("
    nothing_left
done

# ---- every part ----

# The sets of this machine, lowest first. Scalar C of hover is built with the processor's own fma.
mapfile -t sets < <("$evompi" --list | awk '/^instruction sets/ { on = 1; next } on && $2 == "here;" { print $1 }')
[ ${#sets[@]} -gt 0 ] || fail "evompi --list names no instruction set"
best=${sets[-1]} scalar=scalar
if [ "$(uname -m)" = x86_64 ] && ! grep -qw fma /proc/cpuinfo; then scalar=plain; fi

must 0 bench --quick --rounds 1 --json
nothing_left
# Each part is there, and each figure is a number; those of a kernel are above 0.
for part in ratio core step cycles hover "rank 0" checkpoint generation scaling prediction; do
    grep -q "{\"part\": \"$part\"" out || fail "there is no part $part"
done
for states in 0 1 2 3 4; do
    for precision in double single; do says "\"plain, $precision, $states states\""; done
done
for kind in "semi-implicit, 0 states" "rk4, 0 states" "semi-implicit, 8 hidden"; do
    says "\"$scalar, double, $kind\""
    says "\"$best, double, $kind\""
    says "\"hover, single against double, $kind\""
    [ "$best" = "$scalar" ] || says "\"hover, $best against $scalar, $kind\""
done
for name in ask scatter fly gather idle tell wall "rank 0 alone"; do
    grep -qE "\"500, np [0-9]+: $name\"" out || fail "a generation has no $name"
done
for durable in power process; do
    grep -qE "\"500, np [0-9]+, $durable: wall added, %\"" out || fail "$durable: no wall added"
    says "\"500, $durable: write, wall\""
done
for n in 64 256 1024; do says "N = $n\""; done
! grep -qE '(nan|inf)\b' results || fail "a figure is not finite"
awk -F'"median": ' '/"part": "(step|core|cycles|hover|rank 0|checkpoint)"/ && !($2 + 0 > 0) { exit 1 }' results ||
    fail "a kernel's figure is not above 0"
# A Python that is left out was named, and is in no result; the others are.
for name in "PyPy, unrolled" "CPython, unrolled" "CPython with numpy"; do
    if grep -q "'$name' is left out" notes; then
        ! grep -q "$name" results || fail "'$name' was measured though it is not there"
    else
        says "{\"part\": \"python\", \"name\": \"$name\""
        says "\"$best against $name\""
    fi
done
if command -v python3 >/dev/null; then
    python3 -c 'import json, sys; assert len(json.load(open(sys.argv[1]))["results"]) > 60' results ||
        fail "the output is not JSON with all results"
fi

# A script of the user's is run in the place of the task's own.
if command -v python3 >/dev/null; then
    echo 'print(123456789)' >own.py
    must 0 bench --quick --rounds 1 --steps --json --python own.py
    says '{"part": "python", "name": "CPython, unrolled", "unit": "steps/s", "n": 1, "median": 123456789,'
fi

# ---- whichever set is the best ----

for set in "${sets[@]}"; do
    EVOMPI_ISA=$set must 0 bench --quick --rounds 1 --steps --json
    EVOMPI_ISA=$set "$evompi" --list >list
    above=''
    for other in "${sets[@]}"; do
        if [ "$other" = "$set" ]; then
            above=yes
            for name in "$other, double, 1 states" "$other, double, rk4, 0 states" "$other, single against double"; do
                says "\"$name\""
            done
        elif [ -n "$above" ]; then
            ! grep -qE "\"(bound of |unhindered )?$other," out || fail "EVOMPI_ISA=$set: $other was measured"
            grep -q "^  $other .*not used: EVOMPI_ISA = $set;" list || fail "EVOMPI_ISA=$set: --list has $other"
        else
            says "\"$set against $other, double, 1 states\""
        fi
    done
    ! grep -qE "\"(hover, )?$set against $set" out || fail "$set is held against itself"
    ! grep -qE '(nan|inf)\b' results || fail "EVOMPI_ISA=$set: a figure is not finite"
done
echo "ok: each of ${sets[*]} as the best set"
