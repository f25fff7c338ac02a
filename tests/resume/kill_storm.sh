#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every search on every task, killed and stopped at random moments again and again: the unbroken run's bits.
# usage: kill_storm.sh BUILD [KILLS [SEED [SECONDS]]]
#   KILLS     in all, over as many pairs of a search and a task as there are kills, or all; SECONDS ends it earlier (0: never)
. "$(dirname "$0")/../lib/common.sh"
kills=${2:-8} seconds=${4:-40}
RANDOM=${3:-1}
find_python
fault=$build/tests/fault.so
# As short as they can be while generations come fast enough to be hit in all their parts.
common=(--set stop.max_generations=250 --set population.size=101 --set lineage.keep=all
    --set hover.flights=2 --set hover.duration=0.5 --set log.interval_s=0)

names() { "$evompi" --list | awk -v part="$1" '/^[^ ]/ { on = ($0 ~ part) } on && /^ / { print $1 }'; }
mapfile -t searches < <(names '^searches')
mapfile -t tasks < <(names '^tasks')
[ $((${#searches[@]} * ${#tasks[@]})) -gt 0 ] || fail "no names in evompi --list"

# settings_of TASK: what one task needs and others refuse.
settings_of() {
    if [ "$1" != program ]; then
        printf -- '--set\n%s\n' validate.flights=9
        return
    fi
    printf -- '--set\n%s\n' program.command="python3 $root/tests/task/bowl.py" program.parameters=4 \
        program.lower=-5 program.upper=5
}

# Calls of the store in a process that is about to die, and how often each may pass before.
points=(write:checkpoint.h5.tmp link:checkpoint.prev.h5 rename:checkpoint.prev.h5 rename:checkpoint.h5 fsync:checkpoint.h5.tmp
    write:lineage/ rename:lineage/ write:champion.csv.tmp rename:champion.csv write:config.ini.tmp)

alive() { pgrep -f "^$evompi.*$work/$name" >/dev/null; }
none_alive() { ! alive; }
ranks_of() { mapfile -t pids < <(pgrep -P "$1" -x evompi); [ ${#pids[@]} -gt 0 ]; }
newest() { stat -c '%i %.Y' "$work/$name/checkpoint.h5" 2>/dev/null; }
# What the log reported as done must be on disk after any kill.
reported() { awk '/^generation/ { print $2 }' "$work/out" | tail -n 1; }
quietly() { { "$@"; } 2>/dev/null; }

# strike LAUNCHER EVENT: what befalls the job; a job that has ended already feels nothing.
strike() {
    ranks_of "$1" || return
    local victim=${pids[$((RANDOM % ${#pids[@]}))]}
    case $2 in
    rank) quietly kill -KILL "$victim" ;;
    mpirun) quietly kill -KILL "$1" ;;
    pause) # not a kill: it must go on as if nothing had been; then it is killed after all
        quietly kill -STOP "$victim"
        sleep "0.$((RANDOM % 3 + 1))"
        quietly kill -CONT "$victim"
        sleep "0.$((RANDOM % 10))"
        quietly kill -KILL "$victim" ;;
    esac
}

# await_end LAUNCHER: sets code. Open MPI 4.1.4's mpirun can hang in its own end (pmix_rte_finalize)
# when a rank was killed while it connected: with no rank left after 20 s it is killed, and counted.
await_end() {
    local idle=0
    while quietly kill -0 "$1"; do
        if alive; then idle=0; else idle=$((idle + 1)); fi
        [ $idle -lt 200 ] || { quietly kill -KILL "$1"; n_hung=$((n_hung + 1)); break; }
        sleep 0.1
    done
    quietly wait "$1"
    code=$?
}

# start_and_strike: one start of the job $name, and one death; sets code.
start_and_strike() {
    local launcher event before size=$((1 + RANDOM % 4)) armed=() events=(rank mpirun pause write write)
    event=${events[$((RANDOM % ${#events[@]}))]}
    local durable=process
    [ $((RANDOM % 4)) -gt 0 ] || durable=power
    if [ "$event" = write ]; then
        armed=(env "LD_PRELOAD=$fault"
            "EVO_FAULT=${points[$((RANDOM % ${#points[@]}))]}:$((1 + RANDOM % 40)):kill")
    fi
    before=$(newest)
    mpirun -np $size "${armed[@]}" "$evompi" "${job[@]}" --set job.output="$work/$name" \
        --set checkpoint.durable=$durable --resume=auto >"$work/out" 2>&1 &
    launcher=$!
    if [ "$event" = write ]; then
        # It dies by itself, or is killed where the point is never reached.
        for _ in $(seq 30); do quietly kill -0 $launcher || break; sleep 0.05; done
        strike $launcher rank
    else
        # Every other time it comes to do something first, however slow the machine.
        [ $((RANDOM % 2)) -eq 0 ] || for _ in $(seq 100); do
            [ "$(newest)" = "$before" ] || break
            quietly kill -0 $launcher || break
            sleep 0.02
        done
        sleep "0.$((RANDOM % 30 + 10))"
        strike $launcher "$event"
    fi
    quietly await_end $launcher # which bash would tell of
    # mpirun killed leaves ranks that end by themselves.
    await none_alive
    [ "$code" -eq 0 ] || deaths[$event]=$((${deaths[$event]:-0} + 1))
}

# check_disk: after a death, nothing older than reported is on disk, and a state that loads.
check_disk() {
    local said on_disk
    said=$(reported)
    [ -n "$said" ] || return
    on_disk=$("$build/evompi-show" "$work/$name" --generation) || fail "$name: no checkpoint after kill $n"
    [ "$on_disk" -ge "$said" ] || fail "$name: reported $said, on disk $on_disk"
}

# finish: lets the job come to its end, and compares it.
finish() {
    must 0 ranks 3 "${job[@]}" --set job.output="$work/$name" --set checkpoint.durable=process --resume=auto
    same "$work/$name.unbroken" "$work/$name"
    local left
    left=$(find "$work/$name" -name '*.tmp')
    [ -z "$left" ] || fail "$name: left over: $left"
    rm -rf "${work:?}/$name"
    n_finished=$((n_finished + 1))
}

time_is_up() { [ "$seconds" -gt 0 ] && [ "$SECONDS" -ge "$seconds" ]; }

# storm SEARCH TASK KILLS
storm() {
    name=$1-$2
    mapfile -t settings < <(settings_of "$2")
    job=("$root/jobs/original.ini" --set search.name="$1" --set task.name="$2" "${common[@]}" "${settings[@]}")
    must 0 ranks 1 "${job[@]}" --set job.output="$work/$name.unbroken" --set checkpoint.durable=process
    local n=0
    # However slow the machine: one death at least.
    while [ $n -eq 0 ] || { [ $n -lt "$3" ] && ! time_is_up; }; do
        start_and_strike
        check_disk
        if [ "$code" -eq 0 ]; then finish; else n=$((n + 1)); fi
    done
    finish
    total=$((total + n))
    echo "$name: $n kills, all went on; $total so far, $SECONDS s"
}

[ -f "$fault" ] || skip "no $fault: faults are injected on Linux alone"
declare -A deaths
total=0 n_finished=0 n_hung=0
pairs=$((${#searches[@]} * ${#tasks[@]}))
# Where there are fewer kills than pairs: the first pairs have every search and every task among them.
n_stormed=0
for ((shift_by = 0; shift_by < ${#tasks[@]}; shift_by++)); do
    for ((i = 0; i < ${#searches[@]}; i++)); do
        [ $n_stormed -lt "$kills" ] || break 2
        storm "${searches[i]}" "${tasks[(i + shift_by) % ${#tasks[@]}]}" $(((kills + pairs - 1) / pairs))
        n_stormed=$((n_stormed + 1))
    done
done
if [ $n_stormed -lt ${#searches[@]} ] || [ $n_stormed -lt ${#tasks[@]} ]; then
    fail "$kills kills are too few for every search and task"
fi
[ $total -gt 0 ] || fail "no kill hit a run"
by=$(for event in "${!deaths[@]}"; do printf ' %s %s' "$event" "${deaths[$event]}"; done)
echo "ok: $total kills (by$by) over $n_stormed pairs of searches and tasks, $n_finished runs ended as unbroken, mpirun hung $n_hung times, $SECONDS s"
