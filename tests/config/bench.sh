#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# evompi-bench --quick measures every part, as valid JSON, and refuses what it does not know.
. "$(dirname "$0")/../lib/common.sh"
bench() { "$build/evompi-bench" "$@" >"$work/out" 2>&1; }
# refuses MESSAGE ARGUMENTS...: one line, that message, exit code 2.
refuses() {
    local message=$1; shift
    must 2 bench "$@"
    [ "$(cat "$work/out")" = "evompi-bench: error: $message" ] ||
        { cat "$work/out" >&2; fail "the message is not '$message'"; }
}

cd "$work" || fail "no folder $work"
refuses "--fast: no such option; evompi-bench --help lists them" --fast
refuses "--rounds 0: is not a whole number of 1 to 1000" --rounds 0
refuses "--rounds many: is not a whole number of 1 to 1000" --rounds many
refuses "--rounds: needs a value" --rounds
refuses "more: one word too many on the command line" more
must 0 bench --help
says "exit codes:"

must 0 bench --quick --rounds 1 --json
! ls -d evompi-bench.* 2>/dev/null || fail "a temporary folder was left"
# Each part is there, and each figure is a number; those of a kernel are above 0.
for part in ratio core step cycles hover "rank 0" checkpoint generation scaling prediction; do
    grep -q "{\"part\": \"$part\"" out || fail "there is no part $part"
done
for states in 0 1 2 3 4; do
    for precision in double single; do says "\"plain, $precision, $states states\""; done
done
for kind in "semi-implicit, 0 states" "rk4, 0 states" "semi-implicit, 8 hidden"; do
    says "\"scalar, double, $kind\""
done
for name in ask scatter fly gather idle tell wall "rank 0 alone"; do
    grep -qE "\"500, np [0-9]+: $name\"" out || fail "a generation has no $name"
done
for durable in power process; do
    grep -qE "\"500, np [0-9]+, $durable: wall added, %\"" out || fail "$durable: no wall added"
    says "\"500, $durable: write, wall\""
done
for n in 64 256 1024; do says "N = $n\""; done
! grep -qE '(nan|inf)\b' out || fail "a figure is not finite"
awk -F'"median": ' '/"part": "(step|core|cycles|hover|rank 0|checkpoint)"/ && !($2 + 0 > 0) { exit 1 }' out ||
    fail "a kernel's figure is not above 0"
if command -v python3 >/dev/null; then
    python3 -c 'import json, sys; assert len(json.load(open(sys.argv[1]))["results"]) > 60' out ||
        fail "the output is not JSON with all results"
fi
echo "ok"
