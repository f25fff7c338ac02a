#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How a run ends: by its own limits (0), on request (85, resumable to the same bits), by a mistake (2, 3).
. "$(dirname "$0")/../lib/common.sh"
config=$root/jobs/original.ini
quick=(--set checkpoint.durable=process --set validate.flights=0)

run() { # run CODE NAME [OPTIONS]
    local code=$1 name=$2; shift 2
    must "$code" ranks 2 "$config" --set job.output="$work/$name" "${quick[@]}" "$@"
}

# An unbroken run to compare with.
run 0 whole --set stop.max_generations=400
says "finished after generation 400"

# Its own limits.
run 0 evaluations --set stop.max_evaluations=1000 --set stop.max_generations=0
says "stop.max_evaluations = 1000 is reached (1000)"
run 0 target --set stop.target_fitness=12000
says "stop.target_fitness = 12000 is reached"
run 0 stagnation --set stop.stagnation=1 --set stop.max_generations=0
says "no better creature for 1 generations"

# Without any limit it says at the beginning that it never ends, and how to stop it; with one it does not.
if grep -qF 'no key of [stop]' "$work/out"; then fail "a run with a limit is said to have none"; fi
mkdir "$work/endless" && touch "$work/endless/stop"
run 85 endless --set stop.max_generations=0
says "no key of [stop] is set: the run goes on until you stop it"
says "touch $work/endless/stop"

# The same limit again: nothing to do; a higher one goes on to the unbroken run's bits.
run 0 steps --set stop.max_generations=150
run 0 steps --resume --set stop.max_generations=150
says "nothing to do after generation 150"
run 0 steps --resume --set stop.max_generations=400
says "goes on from"
same "$work/whole" "$work/steps"

# The wall clock.
run 85 clock --set stop.max_generations=400 --set stop.max_walltime=0.0001
says "stop.max_walltime"
# Cut three times, or less where the machine is fast; then to the end, so that a slow one needs no more.
for _ in 1 2 3; do
    code=0
    ranks 2 "$config" --set job.output="$work/clock" "${quick[@]}" --resume \
        --set stop.max_generations=400 --set stop.max_walltime=0.1 || code=$?
    [[ $code =~ ^(0|85)$ ]] || { cat "$work/out" >&2; fail "the wall clock ended it with $code"; }
    [ -f "$work/clock/checkpoint.h5" ] || fail "no checkpoint after the wall clock"
done
run 0 clock --resume --set stop.max_generations=400
same "$work/whole" "$work/clock"

# asked NAME REQUEST...: starts a run, makes the request once generations pass, expects 85.
asked() {
    local name=$1 pid got=0; shift
    mpirun -np 2 "$evompi" "$config" --set job.output="$work/$name" "${quick[@]}" \
        --set stop.max_generations=0 >"$work/out" 2>&1 &
    pid=$!
    await test -f "$work/$name/checkpoint.h5"
    "$@" "$pid"
    wait $pid || got=$?
    [ $got = 85 ] || { cat "$work/out"; fail "$name ended with $got, not 85"; }
    says "stopped after generation"
}
touch_stop() { touch "$work/file/stop"; }
a_rank() { pkill -USR1 -P "$1" -n evompi; } # the newest child: the last rank
asked usr1 kill -USR1
asked file touch_stop
[ -f "$work/file/stop" ] && fail "the obeyed stop file is still there"
asked rank a_rank
generation=$("$build/evompi-show" "$work/rank" --generation)
must 0 ranks 3 "$config" --set job.output="$work/rank" "${quick[@]}" --resume \
    --set stop.max_generations=$((generation + 3))
must 0 ranks 1 "$config" --set job.output="$work/straight" "${quick[@]}" \
    --set stop.max_generations=$((generation + 3))
same "$work/rank" "$work/straight"

# Run by hand, without a launcher, INT stops it too (a script's background job ignores it).
env --default-signal=INT "$evompi" "$config" --set job.output="$work/hand" "${quick[@]}" --set stop.max_generations=0 \
    >"$work/out" 2>&1 &
pid=$!
await test -f "$work/hand/checkpoint.h5"
kill -INT $pid; got=0; wait $pid || got=$?
[ $got = 85 ] || fail "INT by hand ended with $got, not 85"

# Mistakes: exit code and one line, and what was there stays as it was.
before=$(sha256sum "$work/whole/checkpoint.h5")
run 2 whole --set stop.max_generations=400; says "holds a run already"
run 2 whole --resume --set job.seed=2 --set stop.max_generations=500; says "job.seed = 2 (was 1)"
run 2 whole --resume --set population.size=501; says "population.size"
[ "$before" = "$(sha256sum "$work/whole/checkpoint.h5")" ] || fail "a refused resume changed the checkpoint"
run 3 nothing --resume; says "holds no checkpoint"
[ -e "$work/nothing" ] && fail "a refused resume made the folder"
run 2 bad --set population.size=3; says "population.size"
run 2 bad --set task.name=altitud; says "altitude"
run 2 bad --set altitude.flights=3:5; says "altitude.flights"
[ -e "$work/bad" ] && fail "a refused configuration made the folder"
must 2 ranks 3 "$work/missing.ini"; says "missing.ini"
must 2 ranks 3 "$work"; says "folder"
must 2 ranks 2 "$config" --rezume; says "did you mean --resume"
must 2 ranks 2; says "no configuration"

# --fresh begins anew.
run 0 whole --fresh --set stop.max_generations=3
says "finished after generation 3"
echo "ok"
