#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The same bits on any number of ranks, more ranks than creatures among them, and on any instruction set.
. "$(dirname "$0")/../lib/common.sh"

job() { # job NAME RANKS [OPTIONS]
    local name=$1 n=$2; shift 2
    must 0 ranks "$n" "$root/jobs/original.ini" --set job.output="$work/$name" \
        --set stop.max_generations=20 --set checkpoint.durable=process --set lineage.keep=all \
        --set validate.flights=0 "$@"
}
# validated NAME A B [OPTIONS]: the table at the end of a run is the same on A ranks and on B.
validated() {
    local name=$1 n; shift
    for n in "$1" "$2"; do
        job "$name-validated$n" "$n" "${@:3}" --set validate.flights=9
        sed -n '/^on the validation set, which no generation has had:/,$p' "$work/out" >"$work/$name.$n.table"
        [ "$(wc -l <"$work/$name.$n.table")" -gt 5 ] || fail "$name on $n ranks: no table at the end"
    done
    diff "$work/$name.$1.table" "$work/$name.$2.table" || fail "$name: another table on $2 ranks than on $1"
}

job one 1
for n in 2 3 5 17; do job "ranks$n" "$n"; same "$work/one" "$work/ranks$n"; done
validated altitude 1 3
for root_flies in yes no; do
    job "root-$root_flies" 3 --set farm.root_flies=$root_flies
    same "$work/one" "$work/root-$root_flies"
done
job sparse 2 --set checkpoint.every=7
same "$work/one" "$work/sparse"

# Every other search, on a number of ranks that does not divide its population.
for search in $("$evompi" --list | awk '/^searches/{on=1; next} /^[^ ]/{on=0} on && $1 != "ga" {print $1}'); do
    for n in 1 3; do job "$search$n" "$n" --set search.name="$search" --set population.size=101; done
    same "$work/${search}1" "$work/${search}3"
    job "$search-cut" 2 --set search.name="$search" --set population.size=101 --set stop.max_generations=9
    job "$search-cut" 2 --set search.name="$search" --set population.size=101 --resume
    same "$work/${search}1" "$work/$search-cut"
    # Nobody in the ledger: there are still the living, and the best of the run.
    job "$search-none" 1 --set search.name="$search" --set population.size=101 --set lineage.keep=none
    "$build/evompi-show" "$work/$search-none" --verify >"$work/out" 2>&1
    says "102 creatures evaluated again: 0 differ"
done

# Islands that start over, so that the number flown differs from one generation to the next.
islands=(--set population.size=101 --set ga.islands=7 --set ga.patience=3 --set ga.difference=0.5)
for n in 1 3; do job "islands$n" "$n" "${islands[@]}"; same "$work/islands1" "$work/islands$n"; done
job islands-cut 2 "${islands[@]}" --set stop.max_generations=9
job islands-cut 2 "${islands[@]}" --resume
same "$work/islands1" "$work/islands-cut"

# Instances of cmaes that take several generations for an iteration, cut in the middle of one.
bipop=(--set search.name=cmaes --set population.size=37 --set cmaes.lambda=9 --set cmaes.restart=bipop
    --set cmaes.max_growth=2 --set cmaes.bound_min=-0.5 --set cmaes.bound_max=40)
for n in 1 3; do job "bipop$n" "$n" "${bipop[@]}"; same "$work/bipop1" "$work/bipop$n"; done
job bipop-cut 2 "${bipop[@]}" --set stop.max_generations=11
job bipop-cut 2 "${bipop[@]}" --resume
same "$work/bipop1" "$work/bipop-cut"

# Six degrees of freedom, with flights drawn anew each generation: ranks, sets and an interruption.
hover=(--set search.name=cmaes --set population.size=37 --set hover.flights=3
    --set hover.delay=1 --set hover.mass=0.2 --set hover.push=1 --set hover.states=2
    --set hover.noise_rate=0.1 --set hover.inputs_integral=yes --set hover.grow_generations=15
    --set hover.duration_first=0.3 --set track.inputs_velocity=yes)
for n in 1 3; do
    job "track$n" "$n" "${hover[@]}" --set task.name=track --set hover.hidden=3
    same "$work/track1" "$work/track$n"
done
hover+=(--set task.name=hover)
for n in 1 3; do job "hover$n" "$n" "${hover[@]}"; same "$work/hover1" "$work/hover$n"; done
validated hover 1 3 "${hover[@]}"
# Creatures that keep to the vehicle's symmetry, in instances with bounds that restart.
tied=("${hover[@]}" --set hover.states=0 --set hover.symmetric=yes --set hover.inputs_acceleration=yes
    --set hover.inputs_motor=yes --set hover.inputs_rotation=yes --set hover.weight_away=1
    --set cmaes.lambda=9 --set cmaes.restart=bipop --set cmaes.max_growth=2 --set cmaes.bound_max=0.1)
for n in 1 3; do job "tied$n" "$n" "${tied[@]}"; same "$work/tied1" "$work/tied$n"; done
job tied-cut 2 "${tied[@]}" --set stop.max_generations=11
job tied-cut 2 "${tied[@]}" --resume
same "$work/tied1" "$work/tied-cut"
for isa in $("$evompi" --list | awk '/^instruction sets/{on=1; next} on && $2 == "here;" {print $1}'); do
    job "hover-$isa" 2 "${hover[@]}" --set farm.isa="$isa"
    same "$work/hover1" "$work/hover-$isa"
done
job hover-cut 2 "${hover[@]}" --set stop.max_generations=9
job hover-cut 2 "${hover[@]}" --resume
same "$work/hover1" "$work/hover-cut"

# More ranks than creatures.
job few 1 --set population.size=5
job few17 17 --set population.size=5
same "$work/few" "$work/few17"

# Every instruction set that this machine has, and the plain step.
for isa in $("$evompi" --list | awk '/^instruction sets/{on=1; next} on && $2 == "here;" {print $1}'); do
    job "isa-$isa" 2 --set farm.isa="$isa"
    same "$work/one" "$work/isa-$isa"
done
job plain 2 --set task.step=plain --set stop.max_generations=20
same "$work/one" "$work/plain"

# Different seeds must differ, or the comparison proves nothing.
job other 2 --set job.seed=2
must 1 "$build/evompi-diff" "$work/one" "$work/other" >"$work/out"
echo "ok"
