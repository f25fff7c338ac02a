#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Several pretended hosts over TCP: the bits of one host, also after a host died or lost its network.
# usage: hosts.sh BUILD [RANKS [HOSTS]]
# A host is a network namespace with a host name and a hosts file of its own, joined to the others
# by a bridge in a namespace too: nothing of the machine's own network is touched.
. "$(dirname "$0")/../lib/common.sh"
n_ranks=${2:-6} n_hosts=${3:-3}
PATH=$PATH:/usr/sbin:/sbin
[ "$(id -u)" = 0 ] || skip "only root can make network namespaces"
command -v ip >/dev/null || skip "ip is not installed (Debian: iproute2)"
name=evompi$$
ip netns add $name.hub 2>"$work/out" || skip "no network namespaces here: $(cat "$work/out")"

# shellcheck disable=SC2317 # called by the trap
take_down() {
    local i
    for ((i = 0; i < n_hosts; i++)); do
        ip netns pids $name.$i 2>/dev/null | xargs -r kill -KILL 2>/dev/null
        ip netns del $name.$i 2>/dev/null
    done
    ip netns del $name.hub 2>/dev/null
    rm -rf "$work"
}
trap take_down EXIT
# mpirun itself asks a silent host after a second, not after five minutes.
export OMPI_MCA_oob_tcp_keepalive_time=1 OMPI_MCA_oob_tcp_keepalive_intvl=1 OMPI_MCA_oob_tcp_keepalive_probes=3

{ ip -n $name.hub link add hub type bridge && ip -n $name.hub link set hub up; } || skip "no bridges here"
echo "127.0.0.1 localhost" >"$work/hosts"
for ((i = 0; i < n_hosts; i++)); do
    { ip netns add $name.$i && ip -n $name.hub link add port$i type veth peer name eth0 netns $name.$i &&
        ip -n $name.hub link set port$i master hub up && ip -n $name.$i link set lo up &&
        ip -n $name.$i addr add 10.77.0.$((i + 1))/24 dev eth0 && ip -n $name.$i link set eth0 up; } ||
        fail "host $i cannot be made"
    # TCP gives a host up after seconds, not a quarter of an hour.
    ip netns exec $name.$i sysctl -q -w net.ipv4.tcp_retries2=3
    echo "10.77.0.$((i + 1)) host$i" >>"$work/hosts"
done

# What mpirun takes for ssh: HOST COMMAND...
cat >"$work/agent" <<AGENT
#!/bin/sh
host=\$1; shift
exec ip netns exec $name.\${host#host} unshare --mount --uts sh -c '
    mount --bind "$work/hosts" /etc/hosts && hostname "\$0" && exec sh -c "\$1"' "\$host" "\$*"
AGENT
chmod +x "$work/agent"

# job NAME HOSTS RANKS [OPTIONS]: on the first HOSTS hosts, from the first one; in the background: $launcher.
job() {
    local folder=$1 hosts=$2 ranks=$3 list='' i; shift 3
    for ((i = 0; i < hosts; i++)); do list+=host$i:$(((ranks + hosts - 1) / hosts)),; done
    "$work/agent" host0 exec mpirun -np "$ranks" -H "${list%,}" --map-by node --bind-to none --mca plm_rsh_agent "$work/agent" \
        --mca plm rsh --mca btl tcp,self --mca pml ob1 --mca btl_tcp_if_include 10.77.0.0/24 \
        --mca oob_tcp_if_include 10.77.0.0/24 "$evompi" "$root/jobs/original.ini" \
        --set job.output="$work/$folder" --set checkpoint.durable=process --set lineage.keep=all --set validate.flights=0 \
        --set stop.max_generations=$generations "$@" >"$work/out" 2>&1 &
    launcher=$!
}
ends_with() { # ends_with CODE, or "an error": any code but those that say that all is well
    local code=0
    wait $launcher || code=$?
    [ "$1" != "an error" ] || { [ $code != 0 ] && [ $code != 85 ] && return; }
    [ $code = "$1" ] || { tail -n 30 "$work/out" >&2; fail "ended with $code, not $1"; }
}
until_saved() {
    await test -f "$work/$1/checkpoint.prev.h5"
}

generations=20
must 0 ranks 1 "$root/jobs/original.ini" --set job.output="$work/one" --set stop.max_generations=$generations \
    --set checkpoint.durable=process --set lineage.keep=all --set validate.flights=0
job spread "$n_hosts" "$n_ranks"
ends_with 0
says "$n_ranks ranks"
same "$work/one" "$work/spread"

# The last host has a slow network: each message waits, or, where this kernel cannot do that, few bytes pass.
slow_network() {
    local last=$name.$((n_hosts - 1))
    ip netns exec "$last" tc qdisc add dev eth0 root netem delay 5ms 2>"$work/tc" ||
        ip netns exec "$last" tc qdisc add dev eth0 root tbf rate 20mbit burst 16kbit latency 400ms 2>>"$work/tc"
}
if slow_network; then
    for balance in static dynamic; do
        job slow-$balance "$n_hosts" "$n_ranks" --set farm.balance=$balance
        ends_with 0
        says "efficiency: of the time of $n_ranks ranks"
        same "$work/one" "$work/slow-$balance"
    done
    ip netns exec "$name.$((n_hosts - 1))" tc qdisc del dev eth0 root
else
    echo "no slow network can be made here: $(cat "$work/tc")"
fi

# The last host dies with all that runs on it: the job ends, and goes on without it.
generations=100000
job died "$n_hosts" "$n_ranks"
until_saved died
ip netns pids "$name.$((n_hosts - 1))" | xargs kill -KILL
ends_with "an error"
died_at=$("$build/evompi-show" "$work/died" --generation) || fail "no whole checkpoint"

# It loses its network: whoever waits for it says so.
job cut "$n_hosts" "$n_ranks" --set farm.stall_timeout_s=2
until_saved cut
ip -n $name.$((n_hosts - 1)) link set eth0 down
ends_with 1
says "has not answered for 2"
cut_at=$("$build/evompi-show" "$work/cut" --generation) || fail "no whole checkpoint"
ip netns pids "$name.$((n_hosts - 1))" | xargs -r kill -KILL

# Both go on without that host to the bits of one host.
for folder in died cut; do
    at=${folder}_at
    generations=$((${!at} + 5))
    job $folder $((n_hosts - 1)) "$n_ranks" --resume
    ends_with 0
    must 0 ranks 1 "$root/jobs/original.ini" --set job.output="$work/$folder.one" \
        --set stop.max_generations=$generations --set checkpoint.durable=process --set lineage.keep=all --set validate.flights=0
    same "$work/$folder.one" "$work/$folder"
done
echo "ok: $n_ranks ranks on $n_hosts hosts; one died after generation $died_at, one was cut off after $cut_at; $SECONDS s"
