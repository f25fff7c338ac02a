#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Emulated processors without AVX2, without fma, without AVX-512: the best set that they have, and the same bits.
. "$(dirname "$0")/../lib/common.sh"
[ "$(uname -m)" = x86_64 ] || skip "the processors emulated here are those of x86-64"
command -v qemu-x86_64 >/dev/null || skip "no qemu-x86_64: bash tools/setup.sh test installs it"
unset EVOMPI_ISA
cd "$work" || fail "no folder $work"

# emulated COMMAND...: on the processor $cpu; output to $work/out, its exit code is ours.
emulated() {
    local code=0
    qemu-x86_64 -cpu "$cpu" "$@" >"$work/results" 2>"$work/notes" || code=$?
    cat "$work/results" "$work/notes" >"$work/out"
    return $code
}
built() { "$evompi" --list | grep -q "^  $1 "; }
built avx2 || skip "this build has no avx2, and so no choice between sets"

# ---- here, to compare with ----

config=("$root/jobs/original.ini" --set stop.max_generations=2 --set population.size=37 --set search.name=cmaes
    --set cmaes.lambda=37 --set task.name=hover --set hover.flights=1 --set hover.duration=0.1 --set validate.flights=0)
must 0 ranks 1 "${config[@]}" --set job.output="$work/here"
# What every kernel of a set gives in the first steps, from the objects of this build.
for set in plain sse2 avx2; do
    "${CC:-cc}" -std=c11 -D_GNU_SOURCE -O2 "-DISA=$set" -I"$root/include" \
        "$root/tests/arm/flight_bits.c" "$build/libevo_altitude.a" "$build/libevo_quad.a" -lm -o "bits.$set" || fail "bits.$set cannot be built"
done
./bits.plain 9 >bits || fail "bits.plain, here"
[ "$(sort -u -k5 bits | wc -l)" -gt 30 ] || fail "the flights do not differ"
head -n 101 "$root/tests/data/altitude_flights.csv" >flights.csv

# ---- there ----

# chooses BEST: the processor $cpu gets BEST, and no key and no environment brings a set that it lacks.
chooses() {
    local set above=''
    must 0 emulated "$evompi" "${config[@]}" --check
    says "step: unrolled ($1)"
    for set in sse2 avx2 avx512; do
        if [ -n "$above" ] && built $set; then
            must 2 emulated "$evompi" "${config[@]}" --check --set farm.isa=$set
            says "[farm] isa = $set: this machine has no $set"
            EVOMPI_ISA=$set must 2 emulated "$evompi" "${config[@]}" --check
            says "environment EVOMPI_ISA = $set: this machine has no $set"
        fi
        [ $set != "$1" ] || above=yes
    done
}
# flies BEST: the bits of plain C here, of the original, and of a whole run here.
flies() {
    must 0 emulated "./bits.$1" 9
    diff bits results || fail "$cpu, $1: other bits than plain C here"
    must 0 emulated "$build/tests/golden_altitude_flights" flights.csv
    must 0 emulated "$build/tests/golden_rigid_body"
    must 0 emulated "$evompi" "${config[@]}" --set job.output="$work/there" --fresh
    says "unrolled ($1)"
    same "$work/here" "$work/there"
}
# measures BEST SCALAR: evompi-bench runs what there is, and holds hover against SCALAR.
measures() {
    must 0 emulated "$build/evompi-bench" --steps --quick --rounds 1
    says "$1 against plain, double, 1 states"
    says "hover, $1 against $2, rk4, 0 states"
    ! grep -qE '(nan|inf)\b' results || fail "$cpu: a figure is not finite"
}

# No AVX at all; AVX2 without fused multiply-add, and with it. AVX is emulated since qemu 7.2.
cpu=Nehalem
chooses sse2
flies sse2
measures sse2 plain
cpus=$cpu
if qemu-x86_64 -cpu Haswell "$evompi" --list 2>/dev/null | grep -q '^  avx2 *here;'; then
    cpu=Haswell,-fma
    chooses sse2
    cpu=Haswell
    chooses avx2
    flies avx2
    measures avx2 scalar
    cpus+=', Haswell with and without fma'
fi
echo "ok: $cpus; $SECONDS s"
