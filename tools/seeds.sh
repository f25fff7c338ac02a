#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a job with many seeds and says how often, and how soon, it gets as far as it should.
usage='usage: tools/seeds.sh CONFIG SEEDS GOAL[,GOAL...] [more evompi arguments]
  CONFIG    a configuration, such as jobs/five-flights.ini
  SEEDS     how many: seeds 1, 2, ... SEEDS
  GOAL      a score, and within how many seconds: 1198@0.05. Seconds are those of the generations,
            as the history has them. Or a figure of the table at the end of a run, and what it should
            be: a number, or as good as in another column: settled>=99.9,itae<=tuned
  For cmaes it also says how many of the instances that ended had come down to each score.
  environment: RANKS (default 2), BUILD (default build), MPIRUN (default "mpirun")'
set -euo pipefail
export LC_ALL=C # numbers have a point, whatever the user's language
[[ ${1:-} != --help && ${1:-} != -h ]] || { echo "$usage"; exit 0; }
score='[0-9.]+(e[+-]?[0-9]+)?(@[0-9.]+)?' figure='[a-z_0-9]+[<>]=[a-z0-9.-]+'
if [ $# -lt 3 ] || ! [[ $2 =~ ^[1-9][0-9]*$ && $3 =~ ^($score|$figure)(,($score|$figure))*$ ]]; then
    echo "$usage" >&2
    exit 2
fi
config=$1 seeds=$2 scores='' figures=''
for goal in ${3//,/ }; do
    case $goal in
    *=*) figures+=" $goal" ;;
    *) scores+=" $goal" ;;
    esac
done
shift 3
build=$(cd "${BUILD:-$(dirname "${BASH_SOURCE[0]}")/../build}" && pwd)
read -ra launch <<<"${MPIRUN:-mpirun} -np ${RANKS:-2}"
if [ "$(id -u)" = 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
touch "$work/reached" "$work/ended"

# One line a score and seed that reached it: score, evaluations, seconds; the best of each seed; and
# of each instance that ended.
for seed in $(seq "$seeds"); do
    "${launch[@]}" "$build/evompi" "$config" --fresh --set job.output="$work/run" \
        --set job.seed="$seed" --set log.interval_s=3600 "$@" >"$work/out" 2>&1 ||
        { grep '^evompi: ' "$work/out" >&2 || tail -n 20 "$work/out" >&2; echo "seed $seed failed" >&2; exit 1; }
    for figure in $figures; do
        # The table has a column for each controller; their names stand above it.
        awk -v goal="$figure" -v more="${figure//[^>]/}" '
            BEGIN { split(goal, part, /[<>]=/); name = part[1]; bound = part[2] }
            $1 == "champion" { for (i = 1; i <= NF; i++) column[$i] = NF - i; table = 1; next }
            table && $1 == name "," {
                x = $(NF - column["champion"])
                y = bound in column ? $(NF - column[bound]) : bound
                if (!(bound in column) && bound !~ /^-?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[-+]?[0-9]+)?$/) exit
                print goal, x != "-" && (more != "" ? x + 0 >= y + 0 : x + 0 <= y + 0), x, y
                found = 1 }
            END { exit !found }' "$work/out" >>"$work/figures" ||
            { echo "seed $seed: $figure: the table at the end of the run has no such figure, or no such column" >&2; exit 1; }
    done
    "$build/evompi-show" "$work/run" --history --csv >"$work/history"
    awk -F, -v scores="$scores" -v reached="$work/reached" -v bests="$work/bests" '
        NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; n = split(scores, score, " "); next }
        { x = $column["best"]; if (x != "nan" && (best == "" || x + 0 < best)) best = x + 0
          for (i = 1; i <= n; i++) if (!seen[i] && best != "" && best <= score[i] + 0) {
              seen[i] = 1; print score[i], $column["evaluations"], $column["elapsed_s"] >>reached } }
        END { print best >>bests }' "$work/history"
    sed -n 's/.*cmaes: instance .* restarts after .*, best \([^;]*\);.*/\1/p' "$work/run/log.txt" >>"$work/ended"
done

# quantiles COLUMN FILE: median, 90 %, greatest.
quantiles() {
    sort -g -k "$1,$1" "$2" | awk -v c="$1" '{ x[NR] = $c }
        END { printf "%g %g %g", x[int((NR + 1) / 2)], x[int((9 * NR + 9) / 10)], x[NR] }'
}
ended=$(wc -l <"$work/ended")
echo "$config, ${seeds} seeds, ${RANKS:-2} ranks"
[ -z "$scores" ] || echo "score      reached   evaluations: median, 90 %, most | seconds: the same"
for wanted in $scores; do
    score=${wanted%@*} limit=${wanted#*@}
    awk -v s="$wanted" '$1 == s' "$work/reached" >"$work/one"
    n=$(wc -l <"$work/one")
    [ "$n" -gt 0 ] || { printf '%-10s %d of %d\n' "$score" 0 "$seeds"; continue; }
    printf '%-10s %d of %d  %s | %s' "$score" "$n" "$seeds" "$(quantiles 2 "$work/one")" "$(quantiles 3 "$work/one")"
    [ "$limit" = "$wanted" ] || awk -v s="$limit" -v n="$seeds" '$3 <= s + 0 { k++ }
        END { printf "; within %s s: %d of %d", s, k, n }' "$work/one"
    [ "$ended" = 0 ] || awk -v s="$score" '$1 + 0 <= s + 0 { k++ }
        END { printf "; instances that ended: %d of %d", k, NR }' "$work/ended"
    echo
done
for wanted in $figures; do
    awk -v goal="$wanted" '$1 == goal' "$work/figures" | sort -g -k 3,3 >"$work/one"
    awk '{ n += $2; x[NR] = $3; y += $4 } END { printf "%-18s %d of %d; least %s, median %s, most %s; bound %g\n",
        $1, n, NR, x[1], x[int((NR + 1) / 2)], x[NR], y / NR }' "$work/one"
done
echo "best of a run: $(quantiles 1 "$work/bests") (median, 90 %, worst)"
