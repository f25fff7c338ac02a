#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A job that was killed between its last checkpoint and champion.csv has nothing left to do but that.
. "$(dirname "$0")/../lib/common.sh"
job() { must 0 ranks 1 "$root/jobs/original.ini" --set job.output="$work/run" --set stop.max_generations="$1" \
    --set validate.flights=0 --set checkpoint.durable=process "${@:2}"; }

# An older champion, as it stood before the last checkpoint; and what a kill leaves besides.
job 1
cp "$work/run/champion.csv" "$work/older"
job 40 --resume
cp "$work/run/champion.csv" "$work/newest"
! cmp -s "$work/older" "$work/newest" || fail "the champion of 40 generations is that of the first"

for case in older missing half temporary; do
    cp "$work/newest" "$work/run/champion.csv"
    case $case in
    older) cp "$work/older" "$work/run/champion.csv" ;;
    missing) rm "$work/run/champion.csv" ;;
    half) head -c 1000 "$work/newest" >"$work/run/champion.csv.tmp"; cp "$work/older" "$work/run/champion.csv" ;;
    temporary) cp "$work/newest" "$work/run/champion.csv.tmp" ;;
    esac
    cp "$work/run/checkpoint.h5" "$work/checkpoint"
    job 40 --resume
    says "nothing to do after generation 40"
    cmp "$work/newest" "$work/run/champion.csv" || fail "$case: champion.csv is not that of the checkpoint"
    [ ! -e "$work/run/champion.csv.tmp" ] || fail "$case: a temporary file is left over"
    cmp "$work/checkpoint" "$work/run/checkpoint.h5" || fail "$case: the checkpoint was written anew"
done
# Where all is in its place nothing is written.
touch -d 2001-02-03 "$work/run/champion.csv"
job 40 --resume
[ "$(date -r "$work/run/champion.csv" +%Y)" = 2001 ] || fail "champion.csv was written anew"
echo "ok"
