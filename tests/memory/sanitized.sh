#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whole MPI runs and every tool with AddressSanitizer, UBSan and LeakSanitizer: nothing to report.
# usage: sanitized.sh BUILD [all]
#   all       the tests of mpi/ as well
. "$(dirname "$0")/../lib/common.sh"
nm "$evompi" | grep -q __asan_init || skip "the build has no AddressSanitizer"
# Whole call stacks: components of MPI are gone when leaks are looked for, and have no names then.
export ASAN_OPTIONS=detect_leaks=1:exitcode=99:allocator_may_return_null=1:fast_unwind_on_malloc=0
export LSAN_OPTIONS=suppressions=$root/tests/memory/lsan.supp:print_suppressions=0:exitcode=99
export UBSAN_OPTIONS=print_stacktrace=1

# watch CODE COMMAND...: ends with CODE, and no sanitizer says anything.
watch() {
    local want=$1 code=0; shift
    "$@" >"$work/out" 2>&1 || code=$?
    if [ $code -ne "$want" ] || grep -qE 'Sanitizer|runtime error' "$work/out"; then
        grep -A 25 -m 1 -E 'Sanitizer|runtime error' "$work/out" >&2 || tail -n 20 "$work/out" >&2
        fail "'${*: -12}' ended with $code, not $want"
    fi
    n=$((n + 1))
}

n=0
for pair in "ga altitude" "cmaes hover" "lshade altitude" "random hover"; do
    read -r search task <<<"$pair"
    small_job "$search" "$task"
    watch 0 mpirun -np 3 "$evompi" "${small[@]}" --set stop.max_generations=9
    watch 0 mpirun -np 2 "$evompi" "${small[@]}" --set stop.max_generations=30 --resume
    watch 0 "$build/evompi-show" "$work/$search" --verify
done
# Ends by an error, before and after MPI has started; a damaged checkpoint.
watch 2 mpirun -np 2 "$evompi" "${small[@]}" --set no.such=1
watch 2 mpirun -np 2 "$evompi" "${small[@]}" --resume --set search.name=ga
head -c 3000 "$work/ga/checkpoint.h5" >"$work/short.h5"
watch 3 mpirun -np 2 "$evompi" "${small[@]}" --set job.output="$work/none" --resume="$work/short.h5"
watch 0 "$build/evompi-diff" "$work/ga" "$work/ga"
watch 0 "$build/evompi-fly" "$root/jobs/original.ini" "$work/ga/champion.csv"
watch 0 "$evompi" "$root/jobs/original.ini" --check
echo "ok: $n commands, $SECONDS s"

[ "${2:-}" = all ] || exit 0
for test in "$root"/tests/mpi/{ranks,stops,stall}.sh; do
    bash "$test" "$build" || fail "$test"
done
