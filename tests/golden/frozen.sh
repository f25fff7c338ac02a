#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Short runs of every job, search and task give the bits that are kept in tests/data/frozen.
# usage: frozen.sh BUILD [PATTERN]           compares the runs whose names match, else all
#        frozen.sh BUILD --freeze [PATTERN]  writes their results anew: after a wanted change of results
. "$(dirname "$0")/../lib/common.sh"
command -v python3 >/dev/null || skip "no python3"
mode=check
[ "${2:-}" != --freeze ] || { mode='write'; shift; }
python3 -B "$root/tests/golden/frozen.py" "$mode" "$build" "$work" "${2:-*}" || exit 1
