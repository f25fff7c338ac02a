#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# However work is cut and handed out, and whoever is slow: the same bits. A rank that stands still holds nobody up.
. "$(dirname "$0")/../lib/common.sh"
cd "$work" || exit 1
"$root/tools/evompi-build" "$root/tests/task/parts.c" -o parts.so >out 2>&1 || { cat out >&2; fail "parts.c does not build"; }
cat >parts.ini <<'END'
[job]
plugins = ./parts.so
[task]
name = parts
[search]
name = lshade
[population]
size = 24
[stop]
max_generations = 6
[parts]
failing = 1.5
END

# job NAME RANKS ARGUMENTS...: a job into the folder NAME.
job() {
    local name=$1 n=$2; shift 2
    must 0 ranks "$n" "$@" --set job.output="$name" --set validate.flights=0 --set checkpoint.durable=process
}

# A plug-in whose parts' order can be seen: few candidates of many parts, and many of few.
for form in 24:7 4:500 300:3; do
    sizes=(parts.ini --set population.size="${form%:*}" --set parts.parts="${form#*:}")
    job "$form-1" 1 "${sizes[@]}"
    for balance in static dynamic auto; do
        for n in 2 5; do
            job "$form-$balance-$n" "$n" "${sizes[@]}" --set farm.balance=$balance
            same "$form-1" "$form-$balance-$n"
        done
    done
    job "$form-isolated" 3 "${sizes[@]}" --set farm.balance=dynamic --set task.isolate=yes
    same "$form-1" "$form-isolated"
done
says "evaluations failed in all"

# Rollouts: flights on different ranks, more ranks than candidates.
for task in hover altitude; do
    case $task in
    hover) words=("$root/jobs/hover-robust.ini" --set stop.max_generations=4 --set population.size=12 --set cmaes.lambda=6
        --set hover.flights=9 --set exam.flights=5 --set exam.every=2) ;;
    altitude) words=("$root/jobs/original.ini" --set stop.max_generations=12 --set population.size=21) ;;
    esac
    job $task-1 1 "${words[@]}"
    for balance in static dynamic; do
        for n in 3 17; do
            job $task-$balance-$n $n "${words[@]}" --set farm.balance=$balance
            same $task-1 $task-$balance-$n
        done
    done
done

# One of four ranks is stopped for some seconds: with hand-outs the others go on without it, generation after
# generation, and its late answers do no harm.
slow=(parts.ini --set parts.parts=2 --set parts.each_ms=3 --set farm.balance=dynamic --set validate.flights=0
    --set checkpoint.durable=process)
mpirun -np 4 "$evompi" "${slow[@]}" --set job.output=stopped --set stop.max_generations=0 >out 2>&1 &
launcher=$!
generation() { "$build/evompi-show" "$1" --generation 2>/dev/null || echo 0; }
# await_generation N: the run `stopped` comes so far.
await_generation() {
    local wanted=$1
    came() { [ "$(generation stopped)" -ge "$wanted" ] || ! kill -0 $launcher 2>/dev/null; }
    await came
    kill -0 $launcher 2>/dev/null || { cat out >&2; fail "the job ended before generation $wanted"; }
}
await_generation 3
for pid in $(pgrep -P $launcher -x evompi); do
    rank=$(tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^OMPI_COMM_WORLD_RANK=//p')
    [ "$rank" != 3 ] || victim=$pid
done
kill -STOP "$victim" || fail "rank 3 is gone"
await_generation $(($(generation stopped) + 8))
kill -CONT "$victim"
await_generation $(($(generation stopped) + 3))
touch stopped/stop
code=0; wait $launcher || code=$?
[ "$code" = 85 ] || { cat out >&2; fail "ended with $code, not 85"; }
grep -q "handed out again" out || { cat out >&2; fail "nothing is said of what was handed out again"; }
must 0 ranks 2 "${slow[@]}" --set job.output=stopped --resume --set stop.max_generations=$(($(generation stopped) + 2))
must 0 ranks 1 "${slow[@]}" --set job.output=alone --set stop.max_generations="$(generation stopped)"
same alone stopped

# What rank 0 works itself is no wait for others: shares may take longer than the time limit.
for balance in static dynamic; do
    must 0 ranks 2 parts.ini --set parts.parts=2 --set parts.each_ms=120 --set farm.balance=$balance --set job.output=long-$balance \
        --set stop.max_generations=1 --set farm.stall_timeout_s=2 --set validate.flights=0 --set checkpoint.durable=process
done
echo "ok"
