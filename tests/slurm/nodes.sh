#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Nodes that die and time limits under a real SLURM of two pretended hosts: the runs end as unbroken ones.
#
#   nodes.sh BUILD [all]
#
# A chain over both nodes loses the one that has not its batch shell. all: one that loses the other, one
# that SLURM warns before its time is up, and one that gets no warning and runs into its time limit.
[ -n "${EVO_OWN_NET:-}" ] || [ "$(id -u)" != 0 ] ||
    EVO_OWN_NET=1 exec unshare --net --mount --uts bash "$0" "$@"
. "$(dirname "$0")/../lib/common.sh"
unset OMPI_MCA_rmaps_base_oversubscribe
PATH=$PATH:/usr/sbin:/sbin
lib=$root/tests/slurm/lib jobs=$root/jobs
command -v ip >/dev/null || skip "ip is not installed (Debian: iproute2)"
trap '"$lib/slurm-down" "$work/slurm"; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
hostname evompi-control
"$lib/slurm-up" "$work/slurm" 2 2 || exit
# shellcheck source=/dev/null
. "$work/slurm/env"
cd "$work" || exit 1
export EVOMPI=$build/evompi OMPI_MCA_odls_base_sigkill_timeout=1
# Between the nodes by TCP, as between real ones; what is silent is given up after seconds.
export OMPI_MCA_btl=tcp,self OMPI_MCA_pml=ob1 OMPI_MCA_btl_tcp_if_include=10.77.0.0/24 OMPI_MCA_oob_tcp_if_include=10.77.0.0/24
export OMPI_MCA_oob_tcp_keepalive_time=1 OMPI_MCA_oob_tcp_keepalive_intvl=1 OMPI_MCA_oob_tcp_keepalive_probes=3

give_up() { tail -n 30 "$work"/*.log "$work"/slurm/log/slurmctld.log >&2; fail "$*"; }
# shellcheck source=tests/slurm/lib/waiting.sh
. "$lib/waiting.sh"
# shellcheck disable=SC2317 # called through until_true
node_is() { [ "$(sinfo -h -N -n "$1" -o %T)" = "$2" ]; }
is() { [ "$2" = "$3" ] || give_up "$1: $2, not $3"; echo "ok: $1"; }

# As in requeue.sh: long enough to be caught in the middle.
cat >good.ini <<'INI'
[job]
seed = 3
[population]
size = 40
[task]
step = plain
[altitude]
flights = 3:5:1000
INI
# equal NAME GENERATIONS: the run is the unbroken one of one rank and the fast step, without SLURM.
equal() {
    must 0 "$evompi" good.ini --set job.output="$1.unbroken" --set stop.max_generations="$2" --set task.step=auto >"$work/out" 2>&1
    same "$1.unbroken" "$1"
    echo "ok: $1 equals the unbroken run"
}
submit() { # submit NAME GENERATIONS SBATCH_OPTION...
    local name=$1 generations=$2; shift 2
    sbatch --parsable --output="$name.log" "$@" "$jobs/evompi.sbatch" good.ini --set job.output="$name" \
        --set stop.max_generations="$generations"
}
# lose NODE: all that runs there dies at once, its slurmd too.
lose() { ip netns pids "$1" | xargs -r kill -KILL; }
# back NODE: it is switched on again.
back() {
    setsid "$lib/slurm-node" "$work/slurm" "$1" </dev/null >>"slurm/log/$1.out" 2>&1 &
    echo "$! slurmd.$1" >>slurm/pids
}

# ---- a node dies ----

victims=(n1)
[ "${2:-}" != all ] || victims+=(n0)
for victim in "${victims[@]}"; do
    job=$(submit "lost-$victim" 150 --nodes=2 --ntasks=2 --ntasks-per-node=1) || give_up sbatch
    until_true 180 "lost-$victim saves" test -e "lost-$victim/checkpoint.prev.h5"
    is "lost-$victim has its batch shell on n0" "$(job_field "$job" BatchHost)" n0
    lose "$victim"
    until_true 180 "$victim is missed, or the job requeued" eval "node_is $victim 'down*' || [ \"\$(job_field $job Restarts)\" != 0 ]"
    back "$victim"
    until_true 240 "lost-$victim ends" job_ended "$job"
    is "lost-$victim completes" "$(job_field "$job" JobState)" COMPLETED
    [ "$(job_field "$job" Restarts)" -ge 1 ] || give_up "lost-$victim was never requeued"
    equal "lost-$victim" 150
    until_true 180 "$victim is back" node_is "$victim" idle
done

# ---- time limits ----

if [ "${2:-}" = all ]; then
    # SLURM looks at signals and limits twice a minute: USR1 comes some seconds after each start. After
    # two of them the run is asked to stop for good.
    job=$(submit warned 0 --ntasks=2 --time=1 --signal=B:USR1@55) || give_up sbatch
    until_true 300 "the warned job is requeued twice" eval "[ \"\$(job_field $job Restarts)\" -ge 2 ]"
    until_true 180 "the warned job starts again" eval "[ \$(grep -c 'ranks, run folder' warned.log) -ge 3 ]"
    touch warned/stop
    until_true 120 "the warned job ends" job_ended "$job"
    is "the warned job ends as asked" "$(job_field "$job" ExitCode)" 85:0
    is "its starts before end with 85" "$(grep -c 'ended with 85, progress: yes: requeued' warned.log)" "$(job_field "$job" Restarts)"
    equal warned "$("$build/evompi-show" warned --generation)"

    job=$(submit limit 0 --ntasks=2 --time=1 --signal=B:CONT@1) || give_up sbatch
    until_true 240 "the job without a warning ends" job_ended "$job"
    is "the job without a warning runs into its limit" "$(job_field "$job" JobState)" TIMEOUT
    generation=$("$build/evompi-show" limit --generation) || give_up "limit: no whole checkpoint"
    job=$(submit limit $((generation + 5)) --ntasks=2) || give_up sbatch
    until_true 120 "it goes on" job_ended "$job"
    equal limit $((generation + 5))
fi
"$lib/slurm-down" slurm || fail "SLURM did not go down"
no_process() { [ -z "$(pgrep -f "$work/")" ]; }
until_true 60 "no process is left behind" no_process
echo "ok: $SECONDS s"
