#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/seeds.sh counts as it says, in any language, and names what it cannot count; so do its neighbours.
. "$(dirname "$0")/../lib/common.sh"
language=()
seeds() { env "${language[@]}" RANKS=1 BUILD="$build" "$root/tools/seeds.sh" "$@" >"$work/out" 2>&1; }
script() { bash "$root/tools/$1" "${@:2}" >"$work/out" 2>&1; }
cd "$work" || fail "no folder $work"
cat >c.ini <<'END'
[job]
output = run
[population]
size = 32
[stop]
max_generations = 3
[validate]
flights = 20
[checkpoint]
durable = process
END

must 0 seeds c.ini 2 '1e9,1198@0.5,settled>=0,itae<=pd'
says 'c.ini, 2 seeds, 1 ranks'
says '1e9        2 of 2'
says '1198       0 of 2'
says 'settled>=0         2 of 2'
cp out plain
# With a decimal comma half of the digits were lost.
if localedef -f UTF-8 -i de_DE "$work/comma" >/dev/null 2>&1; then
    language=(LOCPATH="$work" LC_ALL=comma)
    must 0 seeds c.ini 2 '1e9,1198@0.5,settled>=0,itae<=pd'
    language=()
    sed 's/|.*//' plain >want
    sed 's/|.*//' out | diff want - || fail "another language, other figures"
fi

# The reason stands there, not what mpirun says about it.
must 1 seeds c.ini 2 1198 --set population.size=1
says 'evompi: error: --set population.size=1: is below 4'
says 'seed 1 failed'
for wrong in 'setled>=1' 'settled>=1x' 'settled>=pdd'; do
    must 1 seeds c.ini 2 "$wrong"
    says "seed 1: $wrong: the table at the end of the run has no such figure, or no such column"
done
must 2 seeds c.ini
must 2 seeds c.ini 0 1198
must 0 seeds --help
says 'usage: tools/seeds.sh'

must 0 script run.sh --help
must 2 script run.sh -n
says 'run.sh: -n: needs a value'
must 2 script run.sh c.ini --set
says 'run.sh: --set: needs a value'
must 2 script run.sh -n 0
says 'run.sh: -n 0: the number of ranks is 1 or more'
must 1 script setup.sh everything
says 'setup.sh: everything: is none of the groups build test'
echo "ok"
