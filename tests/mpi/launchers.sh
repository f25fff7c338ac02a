#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Who starts the ranks, and what they inherit: leftovers of a launcher, another MPI's, a shell between, ignored signals.
. "$(dirname "$0")/../lib/common.sh"
cd "$work" || fail "no folder $work"
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
run() { "$@" >out 2>&1; }
endless=(c.ini --set stop.max_generations=0 --set log.interval_s=3600)

# ---- variables that a launcher left behind silence nobody ----

hydra=(PMI_RANK=3 PMI_SIZE=4 PMI_FD=9)
orte=(OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4 PMIX_RANK=3 PMIX_NAMESPACE=1
    "PMIX_SERVER_URI41=1.0;tcp4://127.0.0.1:9" "OMPI_MCA_orte_hnp_uri=1.0;tcp://127.0.0.1:9")
slurm=(SLURM_PROCID=3 SLURM_STEP_NUM_TASKS=4 SLURM_NTASKS=4)
leftover() { # leftover COMMAND...: under each set of variables
    local variables
    for variables in "${hydra[*]}" "${orte[*]}" "${slurm[*]}" SLURM_PROCID=3 PMI_RANK=3 PMIX_RANK=3 OMPI_COMM_WORLD_RANK=3; do
        read -ra set <<<"$variables"
        "$@"
    done
}
is_missed() {
    must 2 run env "${set[@]}" "$evompi" nosuch.ini --check
    says 'nosuch.ini'
}
answers() {
    for words in "c.ini --check" --list --help --help=keys --version "c.ini --print=job.output"; do
        # shellcheck disable=SC2086 # words
        must 0 run env "${set[@]}" "$evompi" $words
        [ -s out ] || fail "${set[*]}: $words prints nothing"
    done
}
leftover is_missed
leftover answers
for variables in SLURM_PROCID=3 PMI_RANK=3 OMPI_COMM_WORLD_RANK=3; do
    must 0 run env "$variables" "$evompi" c.ini --fresh
    says 'finished after generation 3'
done
echo "ok: variables that a launcher left silence nobody"

# Where the launcher is real, rank 0 alone speaks, and every rank has the exit code.
must 0 ranks 3 c.ini --check
[ "$(grep -c '^# estimates' out)" = 1 ] || fail "--check on 3 ranks printed $(grep -c '^# estimates' out) times"
# shellcheck disable=SC2016 # expanded by the inner shell
mpirun -np 3 bash -c '"$0" nosuch.ini --check; echo "code $?"' "$evompi" >out 2>&1
[ "$(grep -c nosuch.ini out) $(grep -c 'code 2' out)" = "1 3" ] || { cat out >&2; fail "not 1 message and 3 codes"; }
echo "ok: a real launcher's ranks say a mistake once, and end with its code"

# ---- another MPI's launcher: each of its processes says so, and nothing is written ----

foreign() { # foreign VARIABLE: every process refuses, names the variable and the remedy
    local pids=() rank pid code
    for rank in 0 1 2; do
        env "${set[@]//=R/=$rank}" "$evompi" c.ini --set job.output=foreign >"out$rank" 2>&1 &
        pids+=($!)
    done
    for rank in 0 1 2; do
        code=0; pid=${pids[rank]}
        wait "$pid" || code=$?
        cp "out$rank" out
        [ $code = 1 ] || { cat out >&2; fail "$1: process $rank of another MPI's launcher ended with $code, not 1"; }
        says "$1 = 3 says that 3 processes were started"
        says 'mpirun of that MPI'
        says "env -u $1 evompi"
    done
    [ ! -e foreign ] || fail "$1: a process that should not run made a folder"
}
set=(PMI_RANK=R PMI_SIZE=3 PMI_FD=9 MPI_LOCALRANKID=R MPI_LOCALNRANKS=3)
foreign PMI_SIZE
set=(MV2_COMM_WORLD_RANK=R MV2_COMM_WORLD_SIZE=3)
foreign MV2_COMM_WORLD_SIZE
must 0 run env PMI_RANK=0 PMI_SIZE=3 env -u PMI_SIZE "$evompi" c.ini --set job.output=meant
# A batch script is one process of a job of many tasks.
must 0 run env SLURM_PROCID=0 SLURM_NTASKS=4 SLURM_NPROCS=4 "$evompi" c.ini --set job.output=batch
# mpirun's own word counts more than that of a launcher around it.
must 0 run env PMI_RANK=0 PMI_SIZE=3 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=3 mpirun -np 1 "$evompi" c.ini --set job.output=inner
echo "ok: another MPI's launcher is named by each of its processes"

# ---- how to stop ----

# stopped NAME COMMAND...: runs it in the background, does what its line says, and wants 85.
stopped() {
    local name=$1 code=0 pid order; shift
    "$@" >out 2>&1 &
    pid=$!
    await test -f "$name/checkpoint.h5"
    await says_now 'to stop after'
    order=$(sed -n 's/^to stop after .*stop, or \(kill -USR1 [0-9]*\); .*/\1/p' out)
    [ -n "$order" ] || { cat out >&2; fail "$name: no line that says how to stop"; }
    $order || fail "$name: '$order' reaches nobody"
    wait $pid || code=$?
    [ $code = 85 ] || { cat out >&2; fail "$name: '$order' ended it with $code, not 85"; }
    says 'stopped after generation'
    ! grep -q $'\033' out || fail "$name: escape sequences fill a redirected log"
}
stopped plain mpirun -np 2 "$evompi" "${endless[@]}" --set job.output=plain
is_of_mpirun() { [ "$order" = "kill -USR1 $pid" ]; }
# shellcheck disable=SC2016 # expanded by the inner shell
{
    stopped shell mpirun -np 2 bash -c '"$0" "$@"; exit' "$evompi" "${endless[@]}" --set job.output=shell
    stopped trap mpirun -np 2 bash -c 'trap "" USR1; "$0" "$@"; exit' "$evompi" "${endless[@]}" --set job.output=trap
    stopped exec mpirun -np 2 bash -c 'exec "$0" "$@"' "$evompi" "${endless[@]}" --set job.output=exec
}
stopped alone "$evompi" "${endless[@]}" --set job.output=alone
echo "ok: the line that says how to stop is right, with a shell between or without"

# ---- signals as they are inherited ----

# hears SIGNAL COMMAND...: the run is stopped by it, with 85.
started() {
    "$@" >out 2>&1 &
    pid=$!
    await test -f signals/checkpoint.h5
}
hears() {
    local code=0 signal=$1; shift
    rm -rf signals
    started "$@" "$evompi" "${endless[@]}" --set job.output=signals
    kill -s "$signal" $pid
    wait $pid || code=$?
    [ $code = 85 ] || { cat out >&2; fail "$signal ended the run with $code, not 85"; }
}
for signal in USR1 USR2 XCPU TERM HUP INT; do hears $signal env --default-signal=HUP,INT; done
hears USR2 mpirun -np 2
hears XCPU mpirun -np 2
hears USR1 env --block-signal=USR1,TERM
hears USR1 env --ignore-signal=USR1
# A limit of CPU time, as a queue sets it.
code=0
(ulimit -St 2; exec "$evompi" "${endless[@]}" --set job.output=limit) >out 2>&1 || code=$?
[ $code = 85 ] || { cat out >&2; fail "a limit of CPU time ended the run with $code, not 85"; }
says 'CPU time limit'

# What nohup, or a shell's background job, has ignored stays ignored.
for signal in HUP INT; do
    rm -rf signals
    started env --ignore-signal=$signal "$evompi" "${endless[@]}" --set job.output=signals
    kill -s $signal $pid
    was=$("$build/evompi-show" signals --generation)
    await later signals $((was + 2))
    kill -USR1 $pid || { cat out >&2; fail "$signal ended a run whose parent ignores it"; }
    code=0; wait $pid || code=$?
    [ $code = 85 ] || fail "after an ignored $signal the run ended with $code, not 85"
    says 'signal User defined signal 1'
done

# A parent that ignores SIGCHLD: children are waited for all the same.
ignoring=(env --ignore-signal=CHLD)
must 85 run "${ignoring[@]}" "$evompi" "${endless[@]}" --set job.output=signals --resume --set stop.max_walltime=0.1
must 0 run "${ignoring[@]}" "$build/evompi-show" signals
must 0 run "${ignoring[@]}" "$build/evompi-diff" signals signals
must 0 run "${ignoring[@]}" "$build/evompi-fly" c.ini signals/champion.csv
must 0 run "${ignoring[@]}" mpirun -np 2 "$evompi" c.ini --resume --set job.output=signals --set stop.max_generations=0 \
    --set stop.max_evaluations=1
echo "ok: signals as they are inherited"
echo "ok: launchers; $SECONDS s"
