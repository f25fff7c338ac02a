#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# evompi-fly: scores of creatures from every source, traces, and each way to be used wrongly.
. "$(dirname "$0")/../lib/common.sh"
fly() { "$build/evompi-fly" "$@" >"$work/out" 2>&1; }
# prints TEXT: the last output is TEXT.
prints() { [ "$(cat "$work/out")" = "$1" ] || { cat "$work/out" >&2; fail "the output is not '$1'"; }; }
# refuses CODE MESSAGE ARGUMENTS...: one line, that message, that exit code.
refuses() {
    local code=$1 message=$2; shift 2
    must "$code" fly "$@"
    prints "evompi-fly: error: $message"
}

cd "$work" || fail "no folder $work"
printf '[task]\nname = altitude\n' >c.ini
printf 'k0,k1,k2,q0,q1,q2,c0,c1\n0,0,0,0,0,0,0,0\n0,0,0,0,0.1,-0.1,0,0.5\n' >two.csv
printf '1,2,3\n' >short.csv
printf '1 2 3 4 5 6 7 8\n' >spaces.csv
printf 'junk' >junk.h5
mkdir empty

# A creature that repeats the P controller scores the same but for rounding; one at rest falls.
must 0 fly c.ini --baseline p
p=$(cut -f2 out)
must 0 fly c.ini two.csv
creature=$(sed -n 2p out | cut -f2)
awk -v a="$p" -v b="$creature" 'BEGIN { exit !(a > 0 && (a - b) ^ 2 < (1e-9 * a) ^ 2) }' ||
    fail "P by hand scores $p, the same as a creature $creature"
must 0 fly c.ini two.csv --id 1
prints "$(printf '1\t%s' "$creature")"

# The scores of flights stand behind the fitness, and the trace ends with the fitness.
must 0 fly c.ini two.csv --id 1 --flights
[ "$(awk '{print NF}' out)" = 7 ] || fail "five flights have five scores"
must 0 fly c.ini two.csv --id 1 --hex
hex=$(cut -f2 out)
for step in plain auto; do
    must 0 fly c.ini two.csv --id 1 --hex --trace trace.csv --set task.step=$step
    prints "$(printf '1\t%s' "$hex")"
    [ "$(tail -n 1 trace.csv | sed 's/.*,//')" = "$hex" ] || fail "the trace does not end with $hex"
done
"$build/evompi-fly" c.ini two.csv --id 1 --hex --trace - 2>err >piped.csv
cmp trace.csv piped.csv || fail "the trace to stdout differs from that to a file"
[ "$(cut -f2 err)" = "$hex" ] || fail "the fitness is not on stderr beside a trace to stdout"

# On flights that no generation has: a controller that hovers anywhere has no settled flight, PD has
# many; baselines asked for stand alone, and all of them beside a creature.
must 0 fly c.ini two.csv --id 1 --validate --set validate.flights=200
says 'settled, %'
for column in 'creature 1' p pd pd-tuned; do head -n 1 out | grep -q " $column" || fail "no column $column"; done
must 0 fly c.ini --baseline pd --validate --csv --set validate.flights=200
[ "$(head -n 1 out)" = figure,unit,pd,meaning ] || fail "the columns are $(head -n 1 out)"
awk -F, '$1 == "settled" { exit !($3 > 50 && $3 <= 100) }' out || fail "PD settles half of its flights"
must 0 fly c.ini two.csv --id 1 --plot=4 --baseline pd
says 'height of flight 4, 60 m to be reached from 50 m'
[ "$(sed 's/⠀//g' out | grep -c '|.*|.*[^| ]')" -ge 5 ] || fail "nothing is drawn"
# The labels of a hover, which ends beside 0, are as wide as all.
must 0 fly c.ini --set task.name=hover --baseline lqr --plot
[ "$(grep -c '^[-. 0-9]\{7\} m|' out)" = 5 ] || { cat out >&2; fail "the labels break the drawing"; }
refuses 2 "--plot=5: there is no such flight; they are counted from 0" c.ini --baseline pd --plot=5
refuses 2 "--csv is for --validate" c.ini --baseline pd --csv
refuses 2 "validate.flights = 0: there is nothing to fly" c.ini --baseline pd --validate \
    --set validate.flights=0

# A vehicle that no LQR can steer, for want of torque about z, is trained, and validated without one.
unsteered=(--set task.name=hover --set vehicle.torque_ratio=0 --set validate.flights=9)
must 0 ranks 1 c.ini "${unsteered[@]}" --set job.output=unsteered --set search.name=random \
    --set population.size=8 --set hover.flights=2 --set stop.max_generations=1 --set checkpoint.durable=process
says 'left out: lqr: this vehicle has none, its rotors cannot steer it every way'
says 'angle_57_low, % '
grep -q ' champion$' out || { cat out >&2; fail "the champion does not stand alone"; }
refuses 1 "lqr: this vehicle has none, its rotors cannot steer it every way (riccati: no solution of order 16: something cannot be steered, or has no price)" \
    c.ini "${unsteered[@]}" --baseline lqr

# A time step so short that a thousand flights would take minutes: a run ends with as many as fit
# into a moment, and without a tuned baseline.
must 0 ranks 1 c.ini --set job.output=short --set altitude.dt=1e-5 --set altitude.flights=3:5:0.01 \
    --set population.size=8 --set stop.max_generations=1 --set checkpoint.durable=process
says 'flights, 1 '
[ "$(awk '$1 == "flights," { print $3 }' out)" = 19 ] || fail "not 19 flights of half a million steps"
! grep -q pd-tuned out || fail "a tuned baseline was searched for"

# Champion, population and the dead of a run score what the run says.
must 0 ranks 1 "$root/jobs/original.ini" --set job.output=run --set stop.max_generations=10 \
    --set lineage.keep=all --set checkpoint.durable=process
must 0 fly run/config.ini run/champion.csv --hex
champion=$(cut -f2 out)
[ "$(sed -n 's/^# fitness_hexadecimal,\(.*\),$/\1/p' run/champion.csv)" = "$champion" ] ||
    fail "the champion does not score what champion.csv says"
id=$(sed -n 's/^# id,\(.*\),$/\1/p' run/champion.csv)
for source in run run/checkpoint.h5; do
    must 0 fly run/config.ini $source --hex
    [ "$(wc -l <out)" -eq 500 ] || fail "$source: not 500 creatures"
    must 0 fly run/config.ini $source --hex --id "$id"
    prints "$(printf '%s\t%s' "$id" "$champion")"
done

# Where flights change, the champion is the best on the selection set: its score is that of their flights,
# which are the same for the whole run, so that it never gets worse while the run goes on.
drawn=(--set job.output=drawn --set task.name=hover --set search.name=random --set population.size=40
    --set hover.flights=2 --set hover.duration=0.3 --set exam.every=2 --set checkpoint.durable=process)
before=inf
for last in 1 2 4 10; do
    must 0 ranks 2 c.ini "${drawn[@]}" --resume=auto --set stop.max_generations=$last
    must 0 fly drawn/config.ini drawn/champion.csv
    score=$(cut -f2 out)
    [ "$(sed -n 's/^# fitness,\([^,]*\),.*/\1/p' drawn/champion.csv)" = "$score" ] ||
        fail "the champion of $last generations does not score on the selection set what champion.csv says"
    awk -v a="$score" -v b="$before" 'BEGIN { exit !(b == "inf" || a <= b + 0) }' ||
        fail "the champion of $last generations is worse than one before: $score, $before"
    before=$score
    must 0 "$build/evompi-show" drawn --verify >/dev/null
done
# It is not simply the luckiest of all generations on flights of its own.
must 0 "$build/evompi-show" drawn --history --csv >history
awk -F, -v exam="$score" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "best") c = i; next }
    $c == exam { same++ } END { exit same > 0 }' history || fail "the selection set flew a generation's flights"

living=$("$build/evompi-fly" run/config.ini run | cut -f1 | sort)
dead=$(comm -23 <(seq 0 499 | sort) <(echo "$living") | head -n 1)
[ -n "$dead" ] || fail "nobody of the first population has died"
must 0 fly run/config.ini run --id "$dead"
[ "$(cut -f1 out)" = "$dead" ] || fail "the dead creature $dead was not found"

refuses 2 "no configuration; evompi-fly --help says more"
refuses 2 "nothing to fly: give a file of creatures, or --baseline" c.ini
refuses 2 "--id chooses among creatures: give a file of them" c.ini --baseline p --id 1
refuses 2 "more: one word too many on the command line" c.ini two.csv more
refuses 2 "--fly: no such option; evompi-fly --help lists them" c.ini two.csv --fly
refuses 2 "--trace: needs a value" c.ini two.csv --trace
refuses 2 "--id -1: is not a whole number of 0 or more" c.ini two.csv --id -1
refuses 2 "task altitude has no baseline \"pid\"; it has: p, pd" c.ini --baseline pid
refuses 2 "--trace writes one flight, and here are 2: choose with --id or --baseline" \
    c.ini two.csv --trace trace.csv
refuses 1 "two.csv: has no creature 2; it has 0 to 1" c.ini two.csv --id 2
refuses 1 "short.csv:1: 3 values where the configuration's creatures have 8: (1 states + 1 outputs) * (1 states + 2 inputs) in M, and 1 + 1 in c" c.ini short.csv
refuses 1 "spaces.csv:1: has no comma; a line holds the parameters of one creature, with commas between them" \
    c.ini spaces.csv

# What was evolved for other inputs is not flown as if it had these, though it has as many parameters.
own='creatures of task altitude fly with the configuration of their own run'
refuses 1 "run/checkpoint.h5: states is 1, but 0 in the configuration; $own" \
    run/config.ini run --set altitude.states=0
for source in run/champion.csv:27 run/checkpoint.h5; do
    refuses 1 "$source: input_0 is setpoint, but error in the configuration; $own" \
        run/config.ini ${source%:*} --set altitude.controller=error --set altitude.states=1
done
refuses 1 "run/champion.csv:24: states is 1, but 0 in the configuration; $own" \
    run/config.ini run/champion.csv --set task.name=hover
refuses 1 "drawn/champion.csv: hidden is 0, but 4 in the configuration; ${own/altitude/hover}" \
    drawn/config.ini drawn/champion.csv --set hover.hidden=4
must 0 fly drawn/config.ini drawn/champion.csv --set task.name=track
sed 's/^# .*//' run/champion.csv >bare.csv
must 0 fly run/config.ini bare.csv --hex
prints "$(printf '0\t%s' "$champion")"
refuses 1 "run/checkpoint.h5: has no creature 99999999, neither alive nor in the lineage ledger" \
    run/config.ini run --id 99999999
refuses 3 "junk.h5: is not an evompi checkpoint" c.ini junk.h5
refuses 3 "empty: holds no checkpoint" c.ini empty
must 2 fly missing.ini two.csv
must 1 fly c.ini missing.csv
if [ -w /dev/full ]; then
    must 1 fly c.ini two.csv --id 0 --trace /dev/full
    says "/dev/full: cannot be written: No space left on device"
fi
must 0 fly --help
says "exit codes:"
echo "ok"
