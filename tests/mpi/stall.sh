#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A rank that stops answering is named and ends the job; one that goes on in time does no harm.
. "$(dirname "$0")/../lib/common.sh"
config=$root/jobs/original.ini
# Long enough that a loaded machine holds up no rank for so long; these seconds need no processor.
common=(--set checkpoint.durable=process --set farm.stall_timeout_s=8 --set validate.flights=0)

# start NAME: 4 ranks in the background, without end; `launcher`, and `pids` of the ranks by their number.
start() {
    mpirun -np 4 "$evompi" "$config" --set job.output="$work/$1" "${common[@]}" \
        --set stop.max_generations=0 >"$work/out" 2>&1 &
    launcher=$!
    await test -f "$work/$1/checkpoint.prev.h5"
    local pid number
    pids=()
    for pid in $(pgrep -P $launcher -x evompi); do
        number=$(tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^OMPI_COMM_WORLD_RANK=//p')
        pids[number]=$pid
    done
    [ ${#pids[@]} -eq 4 ] || fail "${#pids[@]} of 4 ranks run"
}

# The last rank is stopped for good.
start stalled
kill -STOP "${pids[3]}" || fail "the run was too short"
code=0
wait $launcher || code=$?
[ "$code" -eq 1 ] || { cat "$work/out" >&2; fail "ended with $code, not 1"; }
says "rank 3 has not answered for 8"
for pid in "${pids[@]}"; do
    await is_gone "$pid" # no rank outlives the job
done

# One rank is held up for less than the timeout, then all for longer: the same bits.
start late
kill -STOP "${pids[2]}" || fail "the run was too short"
sleep 0.7
kill -CONT "${pids[2]}" || fail "the stopped rank is gone"
kill -STOP "${pids[@]}" || fail "the run was too short"
sleep 9
kill -CONT "${pids[@]}"
before=$("$build/evompi-show" "$work/late" --generation) || fail "no whole checkpoint"
await later "$work/late" "$before"
touch "$work/late/stop"
code=0
wait $launcher || code=$?
[ "$code" -eq 85 ] || { cat "$work/out" >&2; fail "ranks that were late: ended with $code, not 85"; }

# As far as the one that came further: the same bits, those of a run that met nothing.
last=0
for name in stalled late; do
    generation=$("$build/evompi-show" "$work/$name" --generation) || fail "$name: no whole checkpoint"
    if [ "$generation" -gt "$last" ]; then last=$generation; fi
done
for name in stalled late plain; do
    go_on=(--resume)
    [ $name != plain ] || go_on=()
    must 0 ranks 2 "$config" --set job.output="$work/$name" "${common[@]}" --set stop.max_generations=$((last + 3)) \
        "${go_on[@]}"
    same "$work/stalled" "$work/$name"
done
echo "ok"
