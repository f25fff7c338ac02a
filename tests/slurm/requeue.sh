#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The batch scripts under a real SLURM: stopped, killed and requeued runs end as unbroken ones do.
#
#   requeue.sh BUILD
#
# Four jobs at once in a private SLURM: a chain that is asked to stop and then loses a rank; one
# with a bad configuration; one that always fails; an array whose last task is asked to stop.
set -u
build=$(cd "${1:?usage: requeue.sh BUILD}" && pwd)
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

# until_true SECONDS WHAT COMMAND...
until_true() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || give_up "waited in vain until $what"
        sleep 0.1
    done
}

job_field() { scontrol show job -o "$1" | tr ' ' '\n' | sed -n "s/^$2=//p"; }
# shellcheck disable=SC2317 # called through until_true, like those below
job_ended() { [[ $(job_field "$1" JobState) =~ ^(COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL)$ ]]; }
submit() { sbatch --parsable --ntasks=2 "$@"; }

"$here/lib/slurm-up" "$work/slurm" || exit
# shellcheck source=/dev/null
. "$work/slurm/env"
cd "$work" || exit 1
export EVOMPI=$build/evompi EVOMPI_JOB=$jobs/evompi.sbatch RUNS=seeds
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
{ cat good.ini; printf '[nonsense]\nx = 1\n'; } >bad.ini
# A program that reads its configuration well and then always fails.
printf '#!/bin/sh\ncase "$*" in *--check*) exec "%s" "$@" ;; esac\nexit 7\n' "$EVOMPI" >hopeless
chmod +x hopeless

chain=$(submit --output=chain.log "$EVOMPI_JOB" good.ini) || give_up "sbatch"
bad=$(submit --output=bad.log "$EVOMPI_JOB" bad.ini)
hopeless=$(EVOMPI=$work/hopeless MAX_FAILURES=2 submit --output=hopeless.log "$EVOMPI_JOB" good.ini \
    --set job.output=hopeless.run)
array=$(submit --array=1-2 --output=array-%a.log "$jobs/array.sbatch" good.ini)

# The chain: USR1 to the batch shell as soon as there is a checkpoint ...
until_true 60 "the chain saves" test -e chain/checkpoint.h5
scancel --signal=USR1 --batch "$chain"
# ... the array's last task likewise ...
until_true 60 "the array's last task saves" test -e seeds/seed-2/checkpoint.h5
scancel --signal=USR1 --batch "${array}_2"
# ... and in the chain's second start a rank dies once another checkpoint is there.
# shellcheck disable=SC2317
restarted() { grep -q 'start 2: .*run folder' chain.log; }
until_true 60 "the chain starts again" restarted
touch seen
until_true 60 "the chain goes on" test chain/checkpoint.h5 -nt seen
victim=$(pgrep -f -x "$EVOMPI good.ini --resume=auto" | tail -n 1)
kill -KILL "${victim:-none}" || give_up "no rank of the chain to kill"

for job in "$chain" "$bad" "$hopeless" "${array}_1" "${array}_2"; do
    until_true 120 "job $job ends" job_ended "$job"
done

check "the chain completes" "$(job_field "$chain" JobState)" = COMPLETED
check "the chain was started three times" "$(job_field "$chain" Restarts)" = 2
check "USR1 ends the first start with 85" "$(grep -c 'start 1: ended with 85, progress: yes: requeued' chain.log)" = 1
check "a killed rank is requeued" "$(grep -c 'start 2: ended with 137, progress: yes: requeued' chain.log)" = 1
check "the log holds all three starts" "$(grep -c 'ranks, run folder chain' chain.log)" = 3
check "the bad configuration ends with 2" "$(job_field "$bad" ExitCode)" = 2:0
check "the bad configuration is not requeued" "$(job_field "$bad" Restarts)" = 0
check "its log names the section" "$(grep -c nonsense bad.log)" -ge 1
check "hopeless starts are given up with their exit code" "$(job_field "$hopeless" ExitCode)" = 7:0
check "after as many as MAX_FAILURES" "$(job_field "$hopeless" Restarts)" = 1
check "the array's last task is requeued" "$(job_field "${array}_2" Restarts)" = 1
check "the array's other task is left alone" "$(job_field "${array}_1" Restarts)" = 0
check "the array completes" "$(job_field "${array}_1" JobState) $(job_field "${array}_2" JobState)" = "COMPLETED COMPLETED"

# The same three runs, unbroken, without SLURM, on one rank and by the fast step.
equal() { # equal FOLDER SEED
    mpirun -np 1 "$EVOMPI" good.ini --set job.seed="$2" --set job.output="unbroken-$2" \
        --set task.step=auto >"unbroken-$2.log" 2>&1 || give_up "the unbroken run with seed $2"
    if "$build/evompi-diff" "$1/checkpoint.h5" "unbroken-$2/checkpoint.h5"; then
        echo "ok: $1 equals the unbroken run"
    else
        fail "$1 differs from the unbroken run"
    fi
}
equal chain 3
equal seeds/seed-1 1
equal seeds/seed-2 2

"$here/lib/slurm-down" slurm || fail "SLURM did not go down"
check "no process is left behind" -z "$(pgrep -f "$work/")"
[ $failed = 0 ] || tail -n 30 "$work"/*.log
exit $failed
