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

# ranks N CONFIG [OPTIONS]: the job on N ranks; output to $work/out, its exit code is ours.
ranks() {
    local n=$1; shift
    mpirun -np "$n" "$evompi" "$@" >"$work/out" 2>&1
}
# must CODE COMMAND...: runs COMMAND and fails unless it exits with CODE.
must() {
    local want=$1 got=0; shift
    "$@" || got=$?
    [ "$got" -eq "$want" ] || { [ -f "$work/out" ] && tail -n 20 "$work/out" >&2; fail "'$*' ended with $got, not $want"; }
}
# says TEXT: the last output holds TEXT.
says() { grep -qF -- "$1" "$work/out" || { cat "$work/out" >&2; fail "no '$1' in the output"; }; }
# same A B: two checkpoints or run folders hold the same state.
same() { "$build/evompi-diff" "$1" "$2" >"$work/diff" 2>&1 || { cat "$work/diff" >&2; fail "$1 and $2 differ"; }; }
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
    local left
    for _ in $(seq 15); do
        left=$(left_of "$1")
        [ -n "$left" ] || return 0
        sleep 0.3
    done
    fail "$1 left processes: $left"
}
