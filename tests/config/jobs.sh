#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every job in jobs/ is a configuration that the program takes, and flies for a generation.
. "$(dirname "$0")/../lib/common.sh"
n=0
for job in "$root"/jobs/*.ini; do
    must 0 ranks 1 "$job" --check
    must 0 ranks 2 "$job" --set job.output="$work/run$n" --set stop.max_generations=1 --set validate.flights=0
    says 'finished after generation 1'
    [ -s "$work/run$n/champion.csv" ] || fail "$job leaves no champion.csv"
    n=$((n + 1))
done
[ "$n" -ge 5 ] || fail "there are but $n jobs"
{ cat "$root/jobs/hover-robust.ini"; printf '[hover]\nangel = 20\n'; } >"$work/wrong.ini"
must 2 ranks 1 "$work/wrong.ini" --check
says "did you mean 'angle'?"
echo "ok: $n jobs"
