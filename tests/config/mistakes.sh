#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Mistakes with evompi's command line and run folder: one line that helps, and nothing touched.
. "$(dirname "$0")/../lib/common.sh"
cd "$work" || fail "no folder $work"
run() { "$evompi" "$@" >"$work/out" 2>&1; }
# refuses CODE MESSAGE ARGUMENTS...: one line, that message, that exit code.
refuses() {
    local code=$1 message=$2; shift 2
    must "$code" run "$@"
    [ "$(cat out)" = "evompi: error: $message" ] || { cat out >&2; fail "the output is not '$message'"; }
}
cat >c.ini <<'END'
[job]
output = run
[population]
size = 8
[altitude]
flights = 3:5:0.1
[stop]
max_generations = 3
[validate]
flights = 0
[checkpoint]
durable = process
END

word='one word too many on the command line'
refuses 2 "population.size=9: $word; a key is set by --set SECTION.KEY=VALUE" c.ini population.size=9
refuses 2 "run/checkpoint.h5: $word; --resume has its value behind a '=': --resume=run/checkpoint.h5" c.ini --resume run/checkpoint.h5
refuses 2 "auto: $word; --resume has its value behind a '=': --resume=auto" c.ini --resume auto
refuses 2 "auto: $word; --resume has its value behind a '=': --resume=auto" --resume auto c.ini
refuses 2 "-np: belongs to mpirun, in front of the program: mpirun -np 4 evompi c.ini" c.ini -np 4
refuses 2 "--oversubscribe: belongs to mpirun, in front of the program: mpirun --oversubscribe evompi c.ini" c.ini --oversubscribe
refuses 2 "–check: no such option; character 1 is U+2013 (en dash); write '-'; did you mean --check?; evompi --help lists them" c.ini –check
refuses 2 "--chek: no such option; did you mean --check?; evompi --help lists them" c.ini --chek
refuses 2 "-x9: no such option; evompi --help lists them" c.ini -x9 --check
refuses 2 "--check=no: takes no value" c.ini --check=no
refuses 2 "--ranks 0: is not a whole number of 1 to 1000000" c.ini --check --ranks 0
refuses 2 "--ranks many: is not a whole number of 1 to 1000000" c.ini --check --ranks many
refuses 2 "--ranks 4: is for --check; how many ranks a job has is said to the launcher, in front of the program: mpirun -np 4 evompi ..." c.ini --ranks 4
refuses 2 "--set: needs a value" c.ini --set
refuses 2 "more: $word" c.ini more
refuses 2 "--resume= needs a file name or auto behind it" c.ini --resume=
must 0 run c.ini --help
says 'usage: mpirun'
must 0 run --help keys
says '# run folder, made when missing'
# All programs take options wherever they stand, also where the environment asks for another order.
export POSIXLY_CORRECT=1
must 0 run c.ini --check
must 0 run --check -- c.ini
"$build/evompi-fly" c.ini --baseline pd >out 2>&1 || { cat out; fail "evompi-fly minds POSIXLY_CORRECT"; }
"$build/evompi-show" nowhere --csv >out 2>&1 && fail "evompi-show shows what is not there"
says 'nowhere: '
"$build/evompi-diff" nowhere elsewhere --all >out 2>&1
[ $? = 2 ] || fail "evompi-diff minds POSIXLY_CORRECT"
"$build/evompi-bench" --quick more --steps >out 2>&1
[ $? = 2 ] || fail "evompi-bench takes a word"
says 'more: one word too many on the command line'
unset POSIXLY_CORRECT
"$build/evompi-fly" c.ini --plot 3 --baseline pd >out 2>&1 && fail "evompi-fly takes '--plot 3'"
says "3: --plot has its flight behind a '=': --plot=3"
for tool in evompi-show evompi-fly evompi-bench; do
    "$build/$tool" -zz c.ini >out 2>&1 && fail "$tool takes -zz"
    says "-zz: no such option; $tool --help lists them"
done
[ ! -e run ] || fail "a mistake made a run folder"

# The user's own config.ini is not the one that a run leaves, wherever it stands.
mkdir own
cp c.ini own/config.ini
for begin in --fresh --resume=auto --set=job.seed=2; do
    refuses 2 "own/config.ini: is not of a run, and a run in this folder would write over it; rename it, or choose another job.output" \
        own/config.ini --set job.output=own $begin
done
cmp c.ini own/config.ini || fail "own/config.ini was changed"
[ "$(ls own)" = config.ini ] || fail "own/ holds more than before: $(ls own)"
must 0 run own/config.ini
must 0 run run/config.ini --fresh
# A job that was killed before its first checkpoint leaves a config.ini that is no user's.
rm run/checkpoint*.h5 run/champion.csv
must 0 run c.ini

# The checkpoint that is passed over is named once.
printf 'damage' | dd of=run/checkpoint.h5 bs=1 seek=9000 conv=notrunc 2>/dev/null
must 0 run c.ini --resume
[ "$(grep -c 'going back to generation 2 of run/checkpoint.prev.h5' out)" = 1 ] ||
    { cat out >&2; fail "the damage is not named once"; }
rm run/checkpoint.h5
must 0 run c.ini --resume
[ "$(grep -c 'generation 2 of run/checkpoint.prev.h5 is the newest' out)" = 1 ] ||
    { cat out >&2; fail "the lost checkpoint is not named once"; }

# A checkpoint goes on in its own folder or an empty one, never in that of another run.
must 0 run c.ini --set job.output=other --set job.seed=2
refuses 2 "other: holds another run than run/checkpoint.h5; --set job.output=... goes on elsewhere" \
    c.ini --resume=run/checkpoint.h5 --set job.output=other --set stop.max_generations=9
must 0 run c.ini --resume=run/checkpoint.prev.h5
must 0 run c.ini --resume=run/checkpoint.h5 --set job.output=further --set stop.max_generations=5
must 0 run c.ini --resume=run/checkpoint.h5 --set job.output=further --set stop.max_generations=6
: >other/checkpoint.h5
: >other/checkpoint.prev.h5
must 0 run c.ini --resume=run/checkpoint.h5 --set job.output=other --set stop.max_generations=5
same further/checkpoint.prev.h5 other/checkpoint.h5

if [ -w /dev/full ]; then
    "$evompi" c.ini --check >/dev/full 2>out && fail "--check was cut off and says nothing"
    says 'evompi: error: standard output cannot be written: No space left on device'
fi

# --check answers for a resume too, and touches nothing.
find run -type f -exec md5sum {} + | sort >before
fixed='the run cannot go on with another population.size = 9 (was 8); set it back, or begin a new run in another job.output'
refuses 2 "run/checkpoint.h5: $fixed" c.ini --check --resume=auto --set population.size=9
refuses 2 "run/checkpoint.h5: $fixed" c.ini --resume --set population.size=9
refuses 3 "nowhere: holds no checkpoint to go on from; leave out --resume to begin, or name the run folder with --set job.output=..." \
    c.ini --check --resume --set job.output=nowhere
must 0 run c.ini --check --resume --set stop.max_generations=9
must 0 run c.ini --check --resume=auto --set job.output=nowhere
must 0 run c.ini --check --set population.size=9
find run -type f -exec md5sum {} + | sort | diff before - || fail "--check changed the run folder"
[ ! -e nowhere ] || fail "--check made a folder"
echo "ok"
