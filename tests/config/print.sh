#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What scripts read is printed for scripts: raw values, one a line, however long the run folder's path is.
. "$(dirname "$0")/../lib/common.sh"
cd "$work" || fail "no folder $work"
run() { "$@" >out 2>said; }
both() { "$@" >out 2>&1; }
apart() { "$@" >value 2>out; }
cat >c.ini <<'END'
[job]
output = short
[population]
size = 8
[altitude]
flights = 3:5:0.1
[stop]
max_generations = 2
[validate]
flights = 20
[checkpoint]
durable = process
END
part=$(printf 'a folder with blanks %.0s' 1 2 3 4 5 6)end
far=$part/$part/run
[ ${#far} -ge 250 ] || fail "the path is too short: ${#far}"

must 0 run "$evompi" c.ini --print=job.output --print=task.name --print=stop.max_generations --print=population.size
printf '%s\n' short altitude 2 8 | cmp - out || fail "the values are not printed as they are"
must 0 run "$evompi" c.ini --set job.output="$far" --print=job.output
[ "$(cat out)" = "$far" ] || { cat out >&2; fail "a long path is not printed as it is"; }
must 0 run "$evompi" c.ini --set job.output="${far// /-}" --print=job.output
[ "$(cat out)" = "${far// /-}" ] || { cat out >&2; fail "a long path without blanks is not printed as it is"; }
must 0 ranks 3 c.ini --print=job.output
[ "$(cat out)" = short ] || { cat out >&2; fail "three ranks print it more than once"; }

# It checks as --check does, and a mistake leaves nothing on standard output.
refuses() {
    must 2 apart "$evompi" "${@:2}"
    says "$1"
    [ ! -s value ] || fail "a mistake prints a value"
}
refuses "--print=job.outptu: unknown key 'outptu' in [job]; did you mean 'output'?" c.ini --print=job.outptu
refuses "--print=jib.output: unknown section [jib]" c.ini --print=jib.output
refuses "--print=output: wants the form section.key; 'output' belongs to [job]" c.ini --print=output
refuses "population.size" c.ini --set population.size=1 --print=job.output
for folder in "$part" short; do [ ! -e "$folder" ] || fail "--print made the folder $folder"; done

# What --check prints for people, wrapped, is a configuration that says the same.
must 0 run "$evompi" c.ini --set job.output="$far" --check
cp out wrapped.ini
must 0 run "$evompi" wrapped.ini --print=job.output
[ "$(cat out)" = "$far" ] || { cat out >&2; fail "--check's text reads back to another path"; }

# tools/run.sh as a user calls it, but that there is nothing to build.
mkdir -p project bin
cp -r "$root/tools" project/
ln -s "$build" project/build
printf '#!/bin/sh\nexit 0\n' >bin/cmake
chmod +x bin/cmake
far=$work/$far
must 0 both env PATH="$work/bin:$PATH" project/tools/run.sh c.ini -n 2 --set job.output="$far"
says "==> what the run left in $far"
says "the champion's flight, beside pd by hand"
must 0 both env PATH="$work/bin:$PATH" project/tools/run.sh c.ini -n 2 --set job.output="$far" --set stop.max_generations=3
says "==> $far holds a run: going on from its newest checkpoint"
says 'finished after generation 3'

# One core is what OMP_NUM_THREADS says of a program's threads, not of the machine.
# shellcheck disable=SC2016 # expanded by the inner shell
cores() { env "$@" bash -c 'cd /; . "$0/tools/setup.sh"; cores' "$root"; }
[ "$(cores OMP_NUM_THREADS=1 OMP_THREAD_LIMIT=1)" = "$(cores -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT)" ] ||
    fail "OMP_NUM_THREADS changes how many cores there are"
echo "ok: raw values for scripts"
