#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs that a version without the history's column best_so_far began: they load, go on, and come to the same end.
. "$(dirname "$0")/../lib/common.sh"
data=$root/tests/data/before_best_so_far

# job SEARCH OUTPUT GENERATIONS [OPTIONS]: the job of that folder, into $work/OUTPUT.
job() {
    local search=$1 output=$2 generations=$3; shift 3
    local keys=(--set lineage.keep=survivors --set lshade.evaluations=500)
    [ "$search" = ga ] && keys=()
    must 0 ranks 2 "$data/job.ini" --set job.output="$work/$output" --set search.name="$search" "${keys[@]}" \
        --set stop.max_generations="$generations" "$@"
}
# rows_of OUTPUT COLUMN: a value for each generation.
rows_of() {
    must 0 "$build/evompi-show" "$work/$1" --history --csv >"$work/history"
    awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i; next } { print $column }' \
        "$work/history"
}

for search in ga cmaes lshade; do
    generations=40
    [ "$search" = ga ] && generations=2100
    cp -r "$data/$search" "$work/$search"
    [ "$search" = ga ] && gunzip "$work/ga/history/00000000.h5.gz"
    [ "$search" = ga ] && cp "$work/ga/history/00000000.h5" "$work/segment"
    cp -r "$work/$search" "$work/$search.old"
    job "$search" "$search" "$generations" --resume
    says "goes on from"
    says "best so far "
    job "$search" "$search.new" "$generations"
    same "$work/$search" "$work/$search.new"
    [ "$(rows_of "$search" generation | tail -n 1)" = "$generations" ] || fail "$search: a generation is missing"
    # The same run's own older state, with the tools.
    must 0 "$build/evompi-show" "$work/$search.old" >"$work/out"
    must 0 "$build/evompi-diff" "$work/$search.old" "$work/$search.old" >"$work/out"
done

# What can be known of the best so far is there: the least of all before where the ledger is not sealed ...
for search in cmaes lshade; do
    rows_of "$search" best >"$work/best"
    rows_of "$search" best_so_far >"$work/so_far"
    awk 'NR == FNR { best[NR] = $1; next } { least = FNR == 1 || best[FNR] < least ? best[FNR] : least
         if ($1 != least) { print FILENAME ": " FNR ": " $1 " is not " least; exit 1 } }' \
        "$work/best" "$work/so_far" >"$work/out" || fail "$search: $(cat "$work/out")"
done
# ... and a sealed segment stays what it was, to the byte.
cmp "$work/segment" "$work/ga/history/00000000.h5" || fail "a sealed segment has changed"
rows_of ga best_so_far >"$work/so_far"
[ "$(sed -n 2048p "$work/so_far")" = nan ] || fail "a row that an older version sealed has a best so far"
[ "$(tail -n 1 "$work/so_far")" != nan ] || fail "a new row has no best so far"
[ "$(wc -l <"$work/so_far")" -eq 2100 ] || fail "the history has $(wc -l <"$work/so_far") rows"
