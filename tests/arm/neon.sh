#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The NEON kernels, built for 64-bit Arm and emulated where need be, give the bits of plain C here.
. "$(dirname "$0")/../lib/common.sh"
# The texts, and what their tables are called.
texts=(altitude/kernel/altitude_kernel:evo_altitude quad/kernel/hover_kernel:evo_hover)

# For this machine, and for an Arm: the compiler, and what runs the program.
host=${CC:-cc}
if [ "$(uname -m)" = aarch64 ]; then
    arm=$host emulator=()
else
    arm=aarch64-linux-gnu-gcc emulator=(qemu-aarch64)
    for tool in "$arm" "${emulator[@]}"; do
        command -v "$tool" >/dev/null || skip "no $tool: bash tools/setup.sh arm installs it"
    done
fi

# program COMPILER ISA OPTION...: builds $work/bits.ISA of the kernels' texts alone.
program() {
    local compiler=$1 isa=$2 objects=() precision text
    shift 2
    for precision in double single; do
        for text in "${texts[@]}"; do
            objects+=("$work/$isa.$precision.${text#*:}.o")
            "$compiler" -std=c11 -D_GNU_SOURCE -O2 -ffp-contract=off -fno-fast-math -fno-math-errno "$@" \
                -I"$root/include" "-DEVO_VEC_HEADER=<evompi/lanes/vec_$isa.h>" \
                "-DEVO_TABLE=${text#*:}_${precision}_$isa" \
                "-DEVO_${precision^^}" -c "$root/src/tasks/${text%:*}.c" -o "${objects[-1]}" &
        done
    done
    wait
    "$compiler" -std=c11 -D_GNU_SOURCE -O2 -static "-DISA=$isa" -I"$root/include" \
        "$root/tests/arm/flight_bits.c" "$root/src/tasks/quad/hover_disturbance.c" "${objects[@]}" -lm -o "$work/bits.$isa" ||
        fail "bits.$isa cannot be built with $compiler"
}

# functions COMPILER ISA OPTION...: builds $work/lanes.ISA of what rollouts compute with, and of a rollout.
functions() {
    local compiler=$1 isa=$2 precision text header=$2 objects=()
    shift 2
    [ "$isa" != plain ] || header=one
    for precision in double single; do
        for text in lanes_functions rollout_cases; do
            objects+=("$work/$isa.$precision.$text.o")
            "$compiler" -std=gnu11 -O2 -ffp-contract=off -fno-math-errno "$@" -I"$root/include" \
                "-DEVO_VEC_HEADER=<evompi/lanes/vec_$header.h>" "-DEVO_LANES=$isa" "-DEVO_${precision^^}" \
                "-DLANES_TABLE=lanes_${precision}_$isa" '-DEVO_LANES_SETS(X)=' -c "$root/tests/task/$text.c" \
                -o "${objects[-1]}" &
        done
    done
    wait
    "$compiler" -std=gnu11 -O2 -static "-DISA=$isa" -I"$root/include" "$root/tests/arm/lanes_bits.c" \
        "${objects[@]}" -lm -o "$work/lanes.$isa" || fail "lanes.$isa cannot be built with $compiler"
}

program "$host" plain -fno-tree-vectorize
"$work/bits.plain" >"$work/here.plain" || fail "plain, here"
program "$arm" plain -fno-tree-vectorize
"${emulator[@]}" "$work/bits.plain" >"$work/arm.plain" || fail "plain, on Arm"
program "$arm" neon
"${emulator[@]}" "$work/bits.neon" >"$work/arm.neon" || fail "neon, on Arm"

[ "$(wc -l <"$work/here.plain")" -eq 74 ] || fail "not every kernel flew"
[ "$(sort -u -k5 "$work/here.plain" | wc -l)" -gt 30 ] || fail "the flights do not differ"
for other in arm.plain arm.neon; do
    diff "$work/here.plain" "$work/$other" || fail "$other differs from plain C here"
done
echo "ok: $(wc -l <"$work/arm.neon") kernels and settings"

functions "$host" plain -fno-tree-vectorize
"$work/lanes.plain" >"$work/here.lanes" || fail "functions in plain C, here"
functions "$arm" plain -fno-tree-vectorize
"${emulator[@]}" "$work/lanes.plain" >"$work/arm.lanes.plain" || fail "functions in plain C, on Arm"
functions "$arm" neon
"${emulator[@]}" "$work/lanes.neon" >"$work/arm.lanes.neon" || fail "functions with neon, on Arm"
[ "$(sort -u "$work/here.lanes" | grep -vc nan)" -gt 10000 ] || fail "the functions do not differ"
for other in arm.lanes.plain arm.lanes.neon; do
    diff "$work/here.lanes" "$work/$other" || fail "$other differs from plain C here"
done
echo "ok: $(wc -l <"$work/here.lanes") results of functions and of a rollout"
