#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A small run and every tool under valgrind: no bad access, no uninitialised value, nothing lost.
# usage: valgrind.sh BUILD [GENERATIONS]
. "$(dirname "$0")/../lib/common.sh"
generations=${2:-3}
command -v valgrind >/dev/null || skip "valgrind is not installed"
! nm "$evompi" | grep -q __asan_init || skip "the build has its own sanitizer"
supp=$root/tests/memory/valgrind.supp
more=$(find /usr/share/openmpi -name openmpi-valgrind.supp 2>/dev/null) # its own, where it comes with them
watched=(valgrind --quiet --leak-check=full "--errors-for-leak-kinds=definite,indirect"
    "--show-leak-kinds=definite,indirect" --error-exitcode=99 --num-callers=40 --suppressions="$supp"
    ${more:+--suppressions="$more"})

# watch COMMAND...: ends with 0, and valgrind says nothing.
watch() {
    local code=0
    "$@" >"$work/out" 2>&1 || code=$?
    if [ $code -ne 0 ] || grep -q '^==[0-9]*==' "$work/out"; then
        grep '^==[0-9]*==' "$work/out" | head -n 60 >&2
        tail -n 5 "$work/out" >&2
        fail "'${*: -12}' ended with $code"
    fi
    n=$((n + 1))
}

n=0
for pair in "ga altitude" "cmaes hover" "lshade altitude" "random hover"; do
    read -r search task <<<"$pair"
    small_job "$search" "$task"
    watch mpirun -np 2 "${watched[@]}" "$evompi" "${small[@]}" --set stop.max_generations="$generations"
    watch mpirun -np 2 "${watched[@]}" "$evompi" "${small[@]}" --set stop.max_generations=$((2 * generations)) --resume
    watch "${watched[@]}" "$build/evompi-show" "$work/$search" --verify
done
watch "${watched[@]}" "$build/evompi-diff" "$work/ga" "$work/ga"
watch "${watched[@]}" "$build/evompi-fly" "$root/jobs/original.ini" "$work/ga/champion.csv"
watch "${watched[@]}" "$evompi" "$root/jobs/original.ini" --check
echo "ok: $n commands, $SECONDS s"
