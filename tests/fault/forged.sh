#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A checkpoint forged with right sums, on which HDF5 1.10 crashes: one error, whoever reads it.
. "$(dirname "$0")/../lib/common.sh"
forged=$root/tests/data/forged/attribute.h5
whole=$root/tests/data/format_1/checkpoint.h5

# reads CODES COMMAND...: ends with one of CODES; where it is an error, with one line.
reads() {
    local codes=$1 code=0; shift
    timeout 60 "$@" >"$work/out" 2>&1 || code=$?
    [[ " $codes " == *" $code "* ]] || { cat "$work/out" >&2; fail "'$*' ended with $code"; }
    [ $code -eq 0 ] || [ "$(grep -c '^evompi' "$work/out")" = 1 ] || { cat "$work/out" >&2; fail "not one error"; }
}
# Another HDF5 may stand the file, or refuse it: never a crash.
reads "1 2" "$build/evompi-diff" "$forged" "$whole"
reads "0 3" "$build/evompi-fly" "$root/jobs/original.ini" "$forged"
reads "0 3" "$build/evompi-show" "$forged"
reads "2 3" "$evompi" "$root/jobs/original.ini" --resume="$forged" --set job.output="$work/run"
reads 0 "$build/evompi-diff" "$whole" "$whole"
# A reader that goes away is no crash.
(trap - PIPE; "$build/evompi-show" "$whole" --history --csv; echo $? >"$work/code") 2>"$work/err" | :
[ ! -s "$work/err" ] || { cat "$work/err" >&2; fail "a reader went away, and the file was blamed"; }
echo "ok"
