#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# SIGKILL of a random rank or of mpirun at random moments, again and again: the bits of an unbroken run.
# usage: kill_storm.sh BUILD [KILLS [SEED]]
. "$(dirname "$0")/../lib/common.sh"
kills=${2:-20}
RANDOM=${3:-1}
config=$root/jobs/original.ini
generations=3000
common=(--set "stop.max_generations=$generations" --set lineage.keep=all --set checkpoint.durable=process)

must 0 ranks 2 "$config" --set job.output="$work/unbroken" "${common[@]}"

# What the log reported as done must be on disk after any kill.
reported() { awk '/^generation/{print $2}' "$1" | tail -n 1; }

n=0
while [ $n -lt "$kills" ]; do
    size=$((1 + RANDOM % 4))
    mpirun -np $size "$evompi" "$config" --set job.output="$work/killed" "${common[@]}" \
        --set log.interval_s=0 --resume=auto >"$work/out" 2>&1 &
    launcher=$!
    sleep "0.$((25 + RANDOM % 45))"
    if [ $((RANDOM % 4)) -eq 0 ]; then
        kill -KILL $launcher 2>/dev/null
    else
        mapfile -t pids < <(pgrep -P $launcher -x evompi)
        [ ${#pids[@]} -gt 0 ] && kill -KILL "${pids[$((RANDOM % ${#pids[@]}))]}" 2>/dev/null
    fi
    wait $launcher 2>/dev/null
    code=$?
    # mpirun killed leaves ranks that end by themselves.
    for _ in $(seq 200); do pgrep -f "$evompi.*$work/killed" >/dev/null || break; sleep 0.05; done
    pgrep -f "$evompi.*$work/killed" >/dev/null && fail "ranks outlived mpirun"
    done_so_far=$(reported "$work/out")
    if [ -n "$done_so_far" ]; then
        on_disk=$("$build/evompi-show" "$work/killed" --generation) || fail "no checkpoint after kill $n"
        [ "$on_disk" -ge "$done_so_far" ] || fail "reported $done_so_far, on disk $on_disk"
    fi
    [ $code -eq 0 ] && break
    n=$((n + 1))
done
[ "$n" -ge $((kills / 2)) ] || fail "only $n kills hit the run: it was too short"
must 0 ranks 3 "$config" --set job.output="$work/killed" "${common[@]}" --resume=auto
same "$work/unbroken" "$work/killed"
echo "ok: $n kills"
