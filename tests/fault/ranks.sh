#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A rank that is not as the others: another version, no memory, slow, a mad clock: one message, or the same bits.
. "$(dirname "$0")/../lib/common.sh"
fault=$build/tests/fault.so
[ -f "$fault" ] || skip "no $fault: faults are injected on Linux alone"
config=$root/jobs/original.ini
common=("$config" --set checkpoint.durable=process --set stop.max_generations=300 --set population.size=101
    --set validate.flights=0)
one_error() {
    says "$1"
    [ "$(grep -c 'evompi: error' "$work/out")" = 1 ] || { cat "$work/out" >&2; fail "not one error"; }
}
job() { # job CODE WORDS: mpirun with these words, for a minute at most
    local code=$1; shift
    must "$code" timeout -k 5 60 mpirun "$@" >"$work/out" 2>&1
}
must 0 ranks 1 "${common[@]}" --set job.output="$work/plain"

# Another version: the program's own bytes, but for its number.
version=$("$evompi" --version | sed -n '1s/^evompi \([0-9.]*\).*/\1/p')
other=$(tr 0-8 1-9 <<<"$version")
LC_ALL=C sed "s/evompi $version (/evompi $other (/" "$evompi" >"$work/evompi"
chmod +x "$work/evompi"
"$work/evompi" --version | grep -q "evompi $other" || fail "the other version was not made"
job 1 -np 2 "$evompi" "${common[@]}" --set job.output="$work/mixed" : \
    -np 1 "$work/evompi" "${common[@]}" --set job.output="$work/mixed"
one_error "rank 2: the program on host $(hostname) is evompi $other"
[ ! -e "$work/mixed" ] || fail "a run that cannot be made a folder"
# Another command line: a seed for each rank, another configuration, another beginning.
differs() { # differs RANK-0'S RANK-1'S: what the message shows of both
    one_error "rank 1: the command line on host $(hostname) is "
    says "$2"
    says "and on rank 0 it is "
    says "$1"
    [ ! -e "$work/options" ] || fail "ranks with several command lines made a run"
}
options=("${common[@]}" --set job.output="$work/options")
job 2 -np 1 "$evompi" "${options[@]}" --set job.seed=1 : -np 2 "$evompi" "${options[@]}" --set job.seed=2
differs "--set job.seed=1" "--set job.seed=2"
job 2 -np 1 "$evompi" "${options[@]}" : -np 1 "$evompi" "$work/nowhere.ini" "${options[@]:1}"
differs "$config" "$work/nowhere.ini"
job 2 -np 1 "$evompi" "${options[@]}" --fresh : -np 1 "$evompi" "${options[@]}" --resume=auto
differs "--fresh" "--resume=auto"
job 2 -np 1 "$evompi" "${options[@]}" : -np 1 "$evompi" "${options[@]}" --set log.interval_s=5
differs "options; all ranks" "log.interval_s=5"

# No memory on a rank, from its first request on, or in the middle: it never hangs.
n_calls=0
for n in 1 2 3 5 8 13 21 34 55 89 144; do
    mpirun -np 3 env "LD_PRELOAD=$fault" EVO_FAULT_RANK=1 "EVO_FAULT=alloc::$n:ENOMEM" \
        timeout -k 5 60 "$evompi" "${common[@]}" --set job.output="$work/memory" --fresh >"$work/out" 2>&1
    code=$?
    if [ $code -eq 0 ]; then same "$work/plain" "$work/memory"; break; fi
    [ $code -eq 1 ] || { cat "$work/out" >&2; fail "request $n of rank 1 refused: ended with $code, not 1"; }
    one_error "no memory for"
    grep -q 'evompi: error: .*rank 1' "$work/out" || { cat "$work/out" >&2; fail "rank 1 is not named"; }
    n_calls=$((n_calls + 1))
done
[ "$code" -eq 0 ] || fail "rank 1 asks for memory all the time"
[ $n_calls -ge 3 ] || fail "only $n_calls requests of rank 1 were refused"

# A rank that runs a tenth of the time.
mpirun -np 3 "$evompi" "${common[@]}" --set job.output="$work/slow" >"$work/out" 2>&1 &
launcher=$!
three_run() { pgrep -P $launcher -x evompi >"$work/pids" && [ "$(wc -l <"$work/pids")" = 3 ]; }
await three_run
victim=$(tail -n 1 "$work/pids")
while kill -STOP "$victim" 2>/dev/null; do sleep 0.018; kill -CONT "$victim" 2>/dev/null; sleep 0.002; done
wait $launcher || { cat "$work/out" >&2; fail "the slow rank ended the job"; }
same "$work/plain" "$work/slow"

# Clocks that leap forth and back, on rank 0 or another one: they decide nothing that is computed.
for rank in 0 1; do
    job 0 -np 3 env "LD_PRELOAD=$fault" EVO_FAULT_CLOCK=1 EVO_FAULT_RANK=$rank "$evompi" "${common[@]}" \
        --set job.output="$work/clock$rank" --set farm.root_flies=auto --set checkpoint.min_interval_s=1
    same "$work/plain" "$work/clock$rank"
done
echo "ok: another version, another command line, $n_calls times no memory, a slow rank, mad clocks; $SECONDS s"
