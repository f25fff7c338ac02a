#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The batch scripts under a real SLURM: stopped, killed and requeued runs end as unbroken ones do.
#
#   requeue.sh BUILD [REQUEUES [TASKS]]      (default 2 and 2; the long form: 5 or more, and 8)
#
# Six jobs at once in a private SLURM: a chain that is asked to stop again and again and then loses
# a rank; one with a bad configuration; one that always fails; one that is cancelled; one that the
# file stop ends; an array whose last task is asked to stop. The run folders of the chain, of the file
# stop and of the array have paths of more than 250 characters, with blanks.
set -u
build=$(cd "${1:?usage: requeue.sh BUILD [REQUEUES [TASKS]]}" && pwd)
requeues=${2:-2} tasks=${3:-2}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
jobs=$here/../../jobs
for program in evompi evompi-diff; do
    [ -x "$build/$program" ] || { echo "$build/$program is missing"; exit 1; }
done
work=$(mktemp -d)
trap '"$here/lib/slurm-down" "$work/slurm"; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

failed=0
fail() { echo "FAILED: $*"; failed=1; }
check() { # check WHAT WORDS... : the words are a test
    if [ "${@:2}" ]; then echo "ok: $1"; else fail "$1 (not so: ${*:2})"; fi
}
give_up() { fail "$*"; tail -n 30 "$work"/*.log; exit 1; }

# shellcheck source=tests/slurm/lib/waiting.sh
. "$here/lib/waiting.sh"
submit() { sbatch --parsable --ntasks=2 "$@"; }

"$here/lib/slurm-up" "$work/slurm" || exit
# shellcheck source=/dev/null
. "$work/slurm/env"
cd "$work" || exit 1
far=$(printf 'a folder with blanks %.0s' 1 2 3 4 5 6)end
far=$far/$far
export EVOMPI=$build/evompi EVOMPI_JOB=$jobs/evompi.sbatch RUNS=$far/seeds
# mpirun waits this long, twice, whenever a rank leaves with another code than 0.
export OMPI_MCA_odls_base_sigkill_timeout=1

# Long enough to be caught in the middle: 100 000 plain steps a creature, some seconds in all.
cat >good.ini <<'INI'
[job]
output = chain
seed = 3
[population]
size = 40
[task]
step = plain
[altitude]
flights = 3:5:1000
[stop]
max_generations = 150
INI
# The chain has something left to do after each of its stops.
generations=$((50 * (requeues + 1)))
{ cat good.ini; printf '[nonsense]\nx = 1\n'; } >bad.ini
# A program that reads its configuration well and then always fails.
printf '#!/bin/sh\ncase "$*" in *--print*) exec "%s" "$@" ;; esac\nexit 7\n' "$EVOMPI" >hopeless
chmod +x hopeless

chain=$(submit --output=chain.log "$EVOMPI_JOB" good.ini --set job.output="$far/chain" --set stop.max_generations=$generations) || give_up "sbatch"
bad=$(submit --output=bad.log "$EVOMPI_JOB" bad.ini)
hopeless=$(EVOMPI=$work/hopeless MAX_FAILURES=2 submit --output=hopeless.log "$EVOMPI_JOB" good.ini \
    --set job.output=hopeless.run)
cancelled=$(submit --output=cancelled.log "$EVOMPI_JOB" good.ini --set job.output=cancelled --set stop.max_generations=0)
asked=$(submit --output=asked.log "$EVOMPI_JOB" good.ini --set job.output="$far/asked" --set stop.max_generations=0)
# A batch script that calls the program itself, without mpirun, is one process of a job of two tasks.
printf '#!/bin/sh\n"%s" good.ini --set job.output=alone --set stop.max_generations=2\n' "$EVOMPI" >alone.sh
alone=$(submit --output=alone.log alone.sh)
# srun without PMIx starts two processes of which each would be a run.
printf '#!/bin/sh\nsrun --mpi=none "%s" good.ini --set job.output=apart --set stop.max_generations=2\n' "$EVOMPI" >apart.sh
apart=$(submit --output=apart.log apart.sh)
# srun with PMIx starts a job of two ranks; the command that it prints stops it.
stepped=
if srun --mpi=list 2>&1 | grep -qw pmix; then
    printf '#!/bin/sh\nsrun --mpi=pmix "%s" good.ini --set job.output=stepped --set stop.max_generations=0\n' "$EVOMPI" >stepped.sh
    stepped=$(submit --output=stepped.log stepped.sh)
fi
array=$(submit --array="1-$tasks" --output=array-%a.log "$jobs/array.sbatch" good.ini)

# USR1 to the batch shell of the array's last task as soon as there is a checkpoint ...
until_true 180 "the array's last task saves" test -e "$RUNS/seed-$tasks/checkpoint.h5"
scancel --signal=USR1 --batch "${array}_$tasks"
# ... the file stop ends one ...
until_true 180 "the job to be asked saves" test -e "$far/asked/checkpoint.h5"
touch "$far/asked/stop"
# ... the command that is printed another ...
if [ -n "$stepped" ]; then
    until_true 180 "the job of srun saves" test -e stepped/checkpoint.h5
    order=$(sed -n 's/^to stop after .*stop, or \(scancel --signal=USR1 [0-9.]*\); .*/\1/p' stepped.log)
    ${order:-fail "no command to stop a job of srun"}
fi
# ... one job is cancelled for good ...
until_true 180 "the job to be cancelled saves" test -e cancelled/checkpoint.h5
scancel "$cancelled"
# ... and in each start of the chain the same as soon as it has saved anew, but that in the last
# before it may finish a rank dies.
# shellcheck disable=SC2317
started() { grep -q "start $start: .*run folder" chain.log; }
for ((start = 1; start <= requeues; start++)); do
    until_true 180 "the chain starts, $start" started
    touch seen
    until_true 180 "the chain saves, $start" test "$far/chain/checkpoint.h5" -nt seen
    if [ $start -lt "$requeues" ]; then
        scancel --signal=USR1 --batch "$chain"
    else
        victim=$(pgrep -f "^$EVOMPI good.ini .*$far/chain" | tail -n 1)
        kill -KILL "${victim:-none}" || give_up "no rank of the chain to kill"
    fi
done

for job in "$chain" "$bad" "$hopeless" "$cancelled" "$asked" "$alone" "$apart" $stepped $(seq -f "${array}_%.0f" "$tasks"); do
    until_true 240 "job $job ends" job_ended "$job"
done

check "the chain completes" "$(job_field "$chain" JobState)" = COMPLETED
check "the chain was requeued $requeues times" "$(job_field "$chain" Restarts)" = "$requeues"
check "USR1 ends all starts but two with 85" "$(grep -c 'ended with 85, progress: yes: requeued' chain.log)" = $((requeues - 1))
check "a killed rank is requeued" "$(grep -c "start $requeues: ended with 137, progress: yes: requeued" chain.log)" = 1
check "the log holds all starts" "$(grep -c "ranks, run folder $far/chain\$" chain.log)" = $((requeues + 1))
check "the cancelled job is not started again" "$(job_field "$cancelled" JobState) $(job_field "$cancelled" Restarts)" = "CANCELLED 0"
check "its checkpoint is whole" "$("$build/evompi-show" cancelled --generation)" -ge 1
check "the file stop ends a chain" "$(job_field "$asked" ExitCode) $(job_field "$asked" Restarts)" = "85:0 0"
check "its log says so" "$(grep -cF "stopped by $far/asked/stop: submit again to go on" asked.log)" = 1
check "a batch script may call the program itself" "$(job_field "$alone" ExitCode)" = 0:0
check "srun without PMIx ends the job" "$(job_field "$apart" ExitCode)" = 1:0
check "each of its processes names the remedy" "$(grep -c 'evompi: .*srun --mpi=pmix' apart.log)" = 2
check "and makes no run" ! -e apart
[ -z "$stepped" ] || check "the command that a job of srun prints stops it" "$(job_field "$stepped" ExitCode)" = 85:0
check "the bad configuration ends with 2" "$(job_field "$bad" ExitCode)" = 2:0
check "the bad configuration is not requeued" "$(job_field "$bad" Restarts)" = 0
check "its log names the section" "$(grep -c nonsense bad.log)" -ge 1
check "hopeless starts are given up with their exit code" "$(job_field "$hopeless" ExitCode)" = 7:0
check "after as many as MAX_FAILURES" "$(job_field "$hopeless" Restarts)" = 1
check "the array's last task is requeued" "$(job_field "${array}_$tasks" Restarts)" = 1
for ((task = 1; task <= tasks; task++)); do
    check "task $task of the array completes" "$(job_field "${array}_$task" JobState)" = COMPLETED
    [ $task -eq "$tasks" ] || check "task $task is left alone" "$(job_field "${array}_$task" Restarts)" = 0
done

# The same three runs, unbroken, without SLURM, on one rank and by the fast step.
equal() { # equal FOLDER SEED [OPTIONS]
    mpirun -np 1 "$EVOMPI" good.ini --set job.seed="$2" --set job.output="unbroken-$2" \
        --set task.step=auto "${@:3}" >"unbroken-$2.log" 2>&1 || give_up "the unbroken run with seed $2"
    if "$build/evompi-diff" "$1/checkpoint.h5" "unbroken-$2/checkpoint.h5"; then
        echo "ok: $1 equals the unbroken run"
    else
        fail "$1 differs from the unbroken run"
    fi
}
for ((task = 1; task <= tasks; task++)); do equal "$RUNS/seed-$task" "$task"; done
rm -rf unbroken-3
equal "$far/chain" 3 --set stop.max_generations=$generations

"$here/lib/slurm-down" slurm || fail "SLURM did not go down"
# shellcheck disable=SC2317 # called through until_true
no_process() { [ -z "$(pgrep -f "$work/")" ]; }
until_true 60 "no process is left behind" no_process
[ $failed = 0 ] || tail -n 30 "$work"/*.log
exit $failed
