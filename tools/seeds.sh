#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a job with many seeds and says how soon, and how often, its best comes down to some scores.
usage='usage: tools/seeds.sh CONFIG SEEDS SCORE[,SCORE]... [more evompi arguments]
  CONFIG    a configuration, such as jobs/five-flights.ini
  SEEDS     how many: seeds 1, 2, ... SEEDS
  SCORE     what to reach: 1198,1153. Seconds are those of the generations, as the history has them
  environment: RANKS (default 2), BUILD (default build), MPIRUN (default "mpirun")'
set -euo pipefail
if [ $# -lt 3 ] || ! [[ $2 =~ ^[1-9][0-9]*$ && $3 =~ ^[0-9.,e+-]+$ ]]; then
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

# One line a score and seed that reached it: score, evaluations, seconds; and the best of each seed.
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
done

# quantiles COLUMN FILE: lowest quartile, median, highest quartile, longest.
quantiles() {
    sort -g -k "$1,$1" "$2" | awk -v c="$1" '{ x[NR] = $c }
        END { printf "%g %g %g %g", x[int((NR + 3) / 4)], x[int((NR + 1) / 2)], x[int((3 * NR + 3) / 4)], x[NR] }'
}
echo "$config, ${seeds} seeds, ${RANKS:-2} ranks"
printf '%-10s %9s  %s\n' 'score' 'reached' 'evaluations: quartile, median, quartile, most | seconds: the same'
for score in ${scores//,/ }; do
    awk -v s="$score" '$1 == s' "$work/reached" >"$work/one" 2>/dev/null || true
    n=$(wc -l <"$work/one")
    [ "$n" -gt 0 ] || { printf '%-10s %4d of %d\n' "$score" 0 "$seeds"; continue; }
    printf '%-10s %4d of %d  %s | %s\n' "$score" "$n" "$seeds" "$(quantiles 2 "$work/one")" "$(quantiles 3 "$work/one")"
done
echo "best of a run: $(quantiles 1 "$work/bests") (quartile, median, quartile, worst)"
