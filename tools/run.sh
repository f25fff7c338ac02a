#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a fresh machine to an evolved controller: sets up, builds, runs the job, shows its champion.
usage='usage: tools/run.sh [CONFIG] [-n RANKS] [more evompi arguments]
  CONFIG    default: jobs/altitude.ini
  RANKS     default: one for each core of this machine
  a run folder that holds a run already is gone on with; --fresh begins anew instead'
set -euo pipefail
called_from=$PWD
# shellcheck source=tools/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

config='' ranks='' arguments=() begin='--resume=auto'
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) echo "$usage"; exit 0 ;;
    -n | -np | --set)
        [ $# -gt 1 ] || { echo "run.sh: $1: needs a value" >&2; exit 2; }
        if [ "$1" = --set ]; then arguments+=("$1" "$2"); else ranks=$2; fi
        shift ;;
    --fresh | --resume | --resume=*) begin=$1 ;;
    -*) arguments+=("$1") ;;
    *) [ -z "$config" ] || { echo "$usage" >&2; exit 2; }; config=$1 ;;
    esac
    [ $# = 0 ] || shift
done
ranks=${ranks:-$(cores)}
[[ $ranks =~ ^[1-9][0-9]*$ ]] || { echo "run.sh: -n $ranks: the number of ranks is 1 or more" >&2; exit 2; }

install build
step "building into build/"
build build -DEVOMPI_TESTS=OFF
root=$PWD

# The user's own paths count from where the user stands.
if [ -n "$config" ]; then cd "$called_from"; else config=jobs/altitude.ini; fi
launch=(mpirun -np "$ranks")
[ "$ranks" -le "$(cores)" ] || launch+=(--oversubscribe)

# The program itself knows where the run will be, and whether the configuration is good.
run=$("$root/build/evompi" "$config" "${arguments[@]}" --print=job.output) || exit
if [ -e "$run/checkpoint.h5" ] && [ "$begin" = --resume=auto ]; then
    step "$run holds a run: going on from its newest checkpoint (--fresh begins anew)"
fi
step "${launch[*]} evompi $config $begin${arguments[*]:+ ${arguments[*]}}"
code=0
"${launch[@]}" "$root/build/evompi" "$config" "$begin" "${arguments[@]}" || code=$?
case $code in
0) ;;
85) step "stopped on request; the same command goes on" ;;
*) die "evompi ended with $code" ;;
esac
step "what the run left in $run"
"$root/build/evompi-show" "$run"
baseline=$("$root/build/evompi-fly" "$run/config.ini" --baselines | tail -n 1)
[ -n "$baseline" ] || exit "$code"
step "the champion's flight, beside $baseline by hand: evompi-fly $run/config.ini $run/champion.csv --plot"
"$root/build/evompi-fly" "$run/config.ini" "$run/champion.csv" --baseline "$baseline" --plot
exit "$code"
