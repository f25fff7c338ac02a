# SPDX-License-Identifier: MIT
# What the test scripts share: where things are, how ranks are started, how a test fails.
set -u
build=$(cd "${1:?usage: $0 BUILD}" && pwd)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
evompi=$build/evompi
work=$(mktemp -d "${TMPDIR:-/tmp}/evompi-test.XXXXXX")
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# Ranks outnumber cores here: waiting ranks must give way.
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_btl_vader_single_copy_mechanism=none # containers forbid it; silence the warning
trap 'rm -rf "$work"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
skip() { echo "skipped: $*"; exit 77; }

# ranks N CONFIG [OPTIONS]: the job on N ranks, on one without mpirun; output to $work/out, its exit code is ours.
ranks() {
    local start=(mpirun -np "$1")
    [ "$1" != 1 ] || start=()
    shift
    "${start[@]}" "$evompi" "$@" >"$work/out" 2>&1
}
# must CODE COMMAND...: runs COMMAND and fails unless it exits with CODE.
must() {
    local want=$1 got=0; shift
    "$@" || got=$?
    [ "$got" -eq "$want" ] || { [ -f "$work/out" ] && tail -n 20 "$work/out" >&2; fail "'$*' ended with $got, not $want"; }
}
# says TEXT: the last output holds TEXT.
says() { grep -qF -- "$1" "$work/out" || { cat "$work/out" >&2; fail "no '$1' in the output"; }; }
# says_now TEXT: the same of a job that runs still, without an error: for await.
says_now() { grep -qF -- "$1" "$work/out"; }
# same A B: two checkpoints or run folders hold the same state.
same() { "$build/evompi-diff" "$1" "$2" >"$work/diff" 2>&1 || { cat "$work/diff" >&2; fail "$1 and $2 differ"; }; }
# await COMMAND...: until it succeeds. Two minutes: a loaded machine may need long, and only a fault needs all of them.
await() {
    local end=$((EPOCHSECONDS + 120))
    until "$@" 2>/dev/null; do
        [ $EPOCHSECONDS -lt $end ] || { [ -f "$work/out" ] && tail -n 30 "$work/out" >&2; fail "waited in vain: $*"; }
        sleep 0.05
    done
}
# later RUN GENERATION: the newest checkpoint of RUN is of a later generation.
later() { [ "$("$build/evompi-show" "$1" --generation)" -gt "$2" ]; }
# is_gone PID: it has ended.
is_gone() { ! kill -0 "$1" 2>/dev/null; }
# find_python: where python3 is a script that looks for the interpreter, as those of version managers are, the
# interpreter itself comes first: its start takes a fifth of the time, and many ranks start one each.
find_python() {
    local shim
    shim=$(command -v python3) || return 0
    [ "$(head -c 2 "$shim")" != '#!' ] || PATH=$(dirname "$(python3 -c 'import sys; print(sys.executable)')"):$PATH
}
# small_job SEARCH TASK: $small is the arguments of a run that asks for everything and takes a moment, into $work/SEARCH.
small_job() {
    # shellcheck disable=SC2034 # for the script
    small=("$root/jobs/original.ini" --set job.output="$work/$1" --set search.name="$1" --set task.name="$2"
        --set population.size=37 --set lineage.keep=all --set hover.flights=2 --set hover.duration=0.3
        --set validate.flights=5)
}
# left_of RUN: the processes that have EVOMPI_TEST_RUN=$work/RUN in their environment, whoever started them.
left_of() {
    local file
    for file in /proc/[0-9]*/environ; do
        if grep -qz "^EVOMPI_TEST_RUN=$work/$1\$" "$file" 2>/dev/null; then echo "${file//[^0-9]/}"; fi
    done
}
# none_left RUN: fails where some of them are there after a while.
none_left() {
    local left end=$((EPOCHSECONDS + 60))
    while left=$(left_of "$1"); [ -n "$left" ]; do
        [ $EPOCHSECONDS -lt $end ] || fail "$1 left processes: $left"
        sleep 0.1
    done
}
