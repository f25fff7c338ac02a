#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a job with many seeds and says how soon, and how often, its best comes down to some scores.
usage='usage: tools/seeds.sh CONFIG SEEDS SCORE[@SECONDS][,...] [more evompi arguments]
  CONFIG    a configuration, such as jobs/five-flights.ini
  SEEDS     how many: seeds 1, 2, ... SEEDS
  SCORE     what to reach, and within how many seconds: 1198@0.05,1153@0.5. Seconds are those of the
            generations, as the history has them
  For cmaes it also says how many of the instances that ended had come down to each score.
  environment: RANKS (default 2), BUILD (default build), MPIRUN (default "mpirun")'
set -euo pipefail
if [ $# -lt 3 ] || ! [[ $2 =~ ^[1-9][0-9]*$ && $3 =~ ^[0-9.,e+@-]+$ ]]; then
    echo "$usage" >&2
    exit 2
fi
config=$1 seeds=$2 scores=$3
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
        { tail -n 5 "$work/out" >&2; echo "seed $seed failed" >&2; exit 1; }
    "$build/evompi-show" "$work/run" --history --csv >"$work/history"
    awk -F, -v scores="$scores" -v reached="$work/reached" -v bests="$work/bests" '
        NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; n = split(scores, score, ","); next }
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
echo "score      reached   evaluations: median, 90 %, most | seconds: the same"
for wanted in ${scores//,/ }; do
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
echo "best of a run: $(quantiles 1 "$work/bests") (median, 90 %, worst)"
