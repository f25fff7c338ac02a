#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The tasks of jobs/own, as a stranger would use them: the same bits on any number of ranks, under any
# instruction set, by either compiler, killed and resumed; and what is missing or changed is named.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
unset CC CXX FC EVOMPI_INCLUDE EVOMPI_PLUGIN_PATH EVOMPI_ISA
export EVOMPI=$evompi
find_python
cd "$work" || exit 1
mkdir jobs && cp -r "$root/jobs/own" jobs/ || exit 1
into_out() { "$@" >"$work/out" 2>&1; }
make_task() { into_out "$root/tools/evompi-build" "$@" || { cat out >&2; fail "evompi-build $* failed"; }; }

# ---- the examples are built and run as their INI says ----

make_task jobs/own/rastrigin.c
examples=(rastrigin pendulum)
if command -v gfortran >/dev/null; then
    make_task jobs/own/stiff.c jobs/own/stiff.f90 -o jobs/own/stiff.so
    examples+=(stiff)
fi

# example NAME RUN ARGUMENTS...: $job is the arguments of a short run of an example, into the folder RUN.
example() {
    local name=$1 run=$2; shift 2
    job=("jobs/own/$name.ini" --set job.output="$run" --set population.size=24 --set stop.max_generations=8
        --set stop.target_fitness=-inf --set log.interval_s=1 "$@")
}
# fly RANKS ARGUMENTS...: the job $job ends well, in the background.
fly() {
    local n=$1; shift
    { mpirun -np "$n" "$evompi" "${job[@]}" "$@" >"$n.out" 2>&1 || { cat "$n.out" >&2; echo "${job[*]}" >>failed; }; } &
}
all_flew() { wait; [ ! -e failed ] || fail "these did not end well: $(cat failed)"; }

for name in "${examples[@]}"; do
    for n in 1 2 3 7 64; do
        example "$name" "$name-$n"
        fly $n
        [ $n = 1 ] || [ $n = 3 ] || wait
    done
    all_flew
    for n in 2 3 7 64; do same "$name-1" "$name-$n"; done
    into_out "$build/evompi-show" "$name-1" --verify || { cat out >&2; fail "$name: evompi-show --verify"; }
    says ": 0 differ"
    echo "ok: $name on 1, 2, 3, 7 and 64 ranks"
done

# ---- instruction sets and compilers ----

mapfile -t sets < <("$evompi" --list | awk '/^[^ ]/ { on = /^instruction sets/ } on && / here/ { print $1 }')
[ ${#sets[@]} -gt 0 ] || fail "no instruction set in evompi --list"
i=0
for name in "${examples[@]}"; do
    for isa in "${sets[@]}"; do
        example "$name" "$name-$isa" --set farm.isa="$isa"
        fly 1
        i=$((i + 1))
        [ $((i % 2)) = 0 ] || wait
    done
done
all_flew
for name in "${examples[@]}"; do
    for isa in "${sets[@]}"; do same "$name-1" "$name-$isa"; done
done
echo "ok: ${sets[*]}"

if command -v clang >/dev/null; then
    mkdir clang
    CC=clang make_task jobs/own/rastrigin.c -o clang/rastrigin.so
    example rastrigin rastrigin-clang --set job.plugins=clang/rastrigin.so
    fly 2
    if [[ " ${examples[*]} " = *" stiff "* ]]; then
        CC=clang make_task jobs/own/stiff.c jobs/own/stiff.f90 -o clang/stiff.so
        wait
        example stiff stiff-clang --set job.plugins=clang/stiff.so
        fly 1
    fi
    all_flew
    same rastrigin-1 rastrigin-clang
    [ ! -e stiff-clang ] || same stiff-1 stiff-clang
    cmp -s clang/rastrigin.so jobs/own/rastrigin.so && fail "clang made what gcc made"
    echo "ok: gcc and clang"
fi

# ---- killed, and resumed ----

ranks_of() { mapfile -t pids < <(pgrep -P "$1" -x evompi); [ ${#pids[@]} -gt 0 ]; }
quietly() { { "$@"; } 2>/dev/null; }
# kill_one NAME VICTIM: a run without end loses a rank, or mpirun; it goes on to some generations more, as a
# whole run does.
kill_one() {
    local name=$1 victim=$2 launcher end run=$1-$2
    example "$name" "$run" --set stop.max_generations=1000000
    [ "$victim" != mpirun ] || job+=(--set task.isolate=yes) # its children are to go too
    EVOMPI_TEST_RUN=$work/$run mpirun -np 3 "$evompi" "${job[@]}" >"$run.out" 2>&1 &
    launcher=$!
    await test -e "$run/checkpoint.prev.h5"
    ranks_of $launcher || { cat "$run.out" >&2; fail "$run has no ranks to kill"; }
    case $victim in
    rank) quietly kill -KILL "${pids[1]}" ;;
    mpirun) quietly kill -KILL $launcher ;;
    esac
    quietly wait $launcher
    none_left "$run"
    end=$(($("$build/evompi-show" "$run" --generation) + 3)) || fail "$run: no checkpoint after the kill"
    must 0 ranks 2 "${job[@]}" --set stop.max_generations=$end --resume
    example "$name" "$run-whole" --set stop.max_generations=$end
    fly 1
    all_flew
    same "$run-whole" "$run"
}
for name in "${examples[@]}"; do
    kill_one "$name" rank
    [ "$name" != rastrigin ] || kill_one "$name" mpirun
done
echo "ok: killed and resumed"

# ---- a plug-in that changed ----

cp -r rastrigin-rank changed
end=$("$build/evompi-show" changed --generation)
example rastrigin changed --set stop.max_generations=$((end + 1))
make_task jobs/own/rastrigin.c -D CHANGED=1 -g # other bytes
must 2 ranks 3 "${job[@]}" --resume
says "evompi: error: changed/checkpoint.h5: the run was made with the plug-ins rastrigin "
says "or allow others with --set job.changed_plugins=yes"
[ "$(grep -c evompi: out)" = 1 ] || { cat out >&2; fail "more than one message"; }
same rastrigin-rank changed
must 0 ranks 2 "${job[@]}" --resume --set job.changed_plugins=yes
must 0 ranks 1 "${job[@]}" --resume --set stop.max_generations=$((end + 2))
make_task jobs/own/rastrigin.c
echo "ok: a plug-in that changed"

# ---- what is missing ----

example rastrigin missing --set job.plugins=jobs/own/no.so
must 2 ranks 3 "${job[@]}"
says "jobs/own/no.so: there is no such plug-in"
[ "$(grep -c 'evompi: error' out)" = 1 ] || { cat out >&2; fail "more than one message"; }
mkdir elsewhere
for name in rastrigin pendulum; do
    example $name missing
    must 2 into_out mpirun -np 1 "$evompi" "${job[@]}" : -wdir "$work/elsewhere" -np 1 "$evompi" "${job[@]}"
    [ "$(grep -c 'evompi: error' out)" = 1 ] || { cat out >&2; fail "more than one message"; }
    case $name in
    rastrigin) says "rank 1: the list of plug-ins and their digests" ;;
    pendulum) says "this rank could not read the configuration before MPI was started" ;;
    esac
    [ ! -e missing ] || [ ! -e missing/checkpoint.h5 ] || fail "$name: a run began"
done
echo "ok: what is missing is named"

# ---- the tools ----

must 0 into_out "$evompi" --list --set job.plugins=jobs/own/rastrigin.so
says "rastrigin    Rastrigin's function of 10 parameters"
must 0 into_out "$evompi" jobs/own/rastrigin.ini --help=keys
says "# Depth of the valleys. (0 to 1000; default 10)"
for option in --list --help=keys; do
    must 0 into_out env EVOMPI_PLUGIN_PATH=/nowhere:jobs/own "$evompi" $option
    says "rastrigin"
done
echo "no library" >jobs/own/wrong.so
must 0 into_out env EVOMPI_PLUGIN_PATH=jobs/own "$evompi" --list
says "evompi: warning: jobs/own/wrong.so: is a text file, not a shared library"
says "rastrigin    Rastrigin's"
must 2 into_out "$evompi" --list --set job.plugins=jobs/own/wrong.so
rm jobs/own/wrong.so
must 0 into_out "$evompi" jobs/own/rastrigin.ini --list
says "rastrigin    Rastrigin's"
into_out "$evompi" --list
! grep -q rastrigin out || fail "--list knows a plug-in that nobody named"

for name in "${examples[@]}"; do
    champion=$(awk -F, '$1 == "# fitness" { print $2 }' "$name-1/champion.csv")
    must 0 into_out "$build/evompi-fly" "jobs/own/$name.ini" "$name-1/champion.csv"
    [ "$(cut -f 2 out)" = "$champion" ] || { cat out >&2; fail "$name: champion.csv says $champion"; }
    must 2 into_out "$build/evompi-fly" "jobs/own/$name.ini" "$name-1/champion.csv" --trace trace.csv
    says "has no trace: it gives the results of a candidate, and not the way there"
    [ ! -e trace.csv ] || fail "a trace was begun"
done
if [ -e stiff-1 ]; then
    must 0 into_out "$build/evompi-show" stiff-1 --history --csv
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) { at[$i] = i } next }
        $at["result_misfit"] != $at["best"] || $at["result_n_newton"] < 1000 { bad = 1 } END { exit bad || NR != 9 }' out ||
        { cat out >&2; fail "history lacks the results of the best"; }
fi
echo "ok: the tools"

# ---- keys that have no effect on them are named ----

example rastrigin unused
for key in task.precision=single exam.flights=3 validate.seed=3 task.timeout_s=3 lshade.initial_min=-3; do
    must 2 into_out "$evompi" "${job[@]}" --check --set "$key"
    says "--set $key: has no effect"
done
# Whether its cases change is known once it is made.
must 0 into_out "$evompi" "${job[@]}" --check --set exam.every=3
says "warning: exam.every has no effect: the cases of task rastrigin are the same in all generations"
echo "ok: keys without an effect"
