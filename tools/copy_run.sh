#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copies a run, also while it runs, so that the copy can go on: usage: tools/copy_run.sh RUN COPY
set -eu
[ $# -eq 2 ] || { echo "usage: $0 RUN COPY" >&2; exit 2; }
run=$1 copy=$2
[ -f "$run/checkpoint.h5" ] || { echo "$run: holds no checkpoint.h5" >&2; exit 3; }
if [ -e "$copy" ] && { [ ! -d "$copy" ] || [ -n "$(ls -A "$copy")" ]; }; then
    echo "$copy: is there already, and not an empty folder" >&2
    exit 2
fi
mkdir -p "$copy"
# Opens the file once, so that one whole version of it is read: cp gives up on a file that is replaced
# between its look at the file and its opening.
take() {
    cat "$1" >"$2"
    chmod --reference="$1" "$2"
}
# First the checkpoint: what it counts on in the ledgers is there already, and never changes. A
# checkpoint that is copied after them may count on a segment that was not there yet.
take "$run/checkpoint.h5" "$copy/checkpoint.h5"
for ledger in history lineage; do
    for segment in "$run/$ledger"/*.h5; do
        [ -e "$segment" ] || continue # no segments: all rows are in the checkpoint
        mkdir -p "$copy/$ledger"
        take "$segment" "$copy/$ledger/${segment##*/}"
    done
done
for file in champion.csv config.ini log.txt; do
    if [ -e "$run/$file" ]; then take "$run/$file" "$copy/$file"; fi
done
echo "$copy: to go on there, start the job with --resume --set job.output=$copy"
