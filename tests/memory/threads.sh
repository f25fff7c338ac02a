#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ThreadSanitizer over the thread that writes checkpoints, in its own tests and in whole runs: nothing to report.
. "$(dirname "$0")/../lib/common.sh"
nm -A "$build/libevo_store.a" 2>&1 | grep -q ':store\.c\.o:.*__tsan_func_entry' || skip "the store is built without ThreadSanitizer"
# The first report ends the program, also one that is a test's child, or a rank.
export TSAN_OPTIONS=halt_on_error=1:exitcode=99:suppressions=$root/tests/memory/tsan.supp
# Addresses that gcc 12's sanitizer can live with, also where the kernel spreads them further.
fixed=(setarch -R)
"${fixed[@]}" true 2>/dev/null || fixed=()

# watch COMMAND...: ends with 0, and the sanitizer says nothing.
watch() {
    local code=0
    "${fixed[@]}" "$@" >"$work/out" 2>&1 || code=$?
    if [ $code -ne 0 ] || grep -q Sanitizer "$work/out"; then
        grep -A 40 -m 1 Sanitizer "$work/out" >&2 || tail -n 20 "$work/out" >&2
        fail "'${*: -12}' ended with $code"
    fi
    n=$((n + 1))
}

n=0
watch "$build/tests/test_store"
watch "$build/tests/test_store_fire"
for pair in "1 ga altitude" "2 cmaes hover"; do
    read -r n_ranks search task <<<"$pair"
    small_job "$search" "$task"
    watch mpirun -np "$n_ranks" "$evompi" "${small[@]}" --set stop.max_generations=30
    watch mpirun -np "$n_ranks" "$evompi" "${small[@]}" --set stop.max_generations=60 --resume
done
echo "ok: $n commands, $SECONDS s"
