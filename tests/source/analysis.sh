#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# clang-tidy and cppcheck find nothing in the programs; what is off, and why, is in .clang-tidy and here.
#
#   analysis.sh BUILD [NODES [FILE...]]
#
# NODES: states that the analyzer visits in a function, 60000; its own default of 225000 takes 3 times
# as long. FILE: every source that BUILD compiles into the programs.
set -u
build=$(cd "${1:?usage: analysis.sh BUILD [NODES [FILE...]]}" && pwd)
nodes=${2:-60000} files=("${@:3}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
for tool in clang-tidy cppcheck; do
    command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# How each file is compiled; C alone. Not the kernels' texts: both tools follow a loop for a few turns only, and
# take what the others fill for uninitialised; those are compared with the plain step, bit for bit.
awk -v root="$PWD/" '
    /"command":/ { command = $0 }
    /"file":/ {
        split($0, part, "\"")
        file = part[4]
        if (index(file, root "src/") != 1 && index(file, root "tools/") != 1) { next }
        if (seen[file]++) { next } # clang-tidy takes a file of two programs twice each time
        if (file ~ /\.cpp$/ || file ~ /\/kernel\/[a-z_]+\.c$/) { next }
        printf "%s{\n  \"directory\": \"%s\",\n%s\n  \"file\": \"%s\"\n}", n++ ? ",\n" : "[\n", build, command, file
    }
    END { print "\n]" }' build="$build" "$build/compile_commands.json" >"$work/compile_commands.json"
if [ ${#files[@]} -eq 0 ]; then
    mapfile -t files < <(sed -n 's/^  "file": "\(.*\)"$/\1/p' "$work/compile_commands.json")
fi
[ ${#files[@]} -gt 0 ] || { echo "no sources in $build/compile_commands.json"; exit 1; }

cores=$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)

# ---- clang-tidy ----

# A file at a time: clang-tidy 14 takes every va_list for uninitialised from the second file on.
# gcc's flags that clang does not know are no fault of the file.
# shellcheck disable=SC2016 # expanded by the inner shell
printf '%s\0' "${files[@]}" | xargs -0 -I FILE -P "$cores" bash -c '
    clang=--extra-arg=-Xclang
    said=$(clang-tidy -p "$0" --quiet --extra-arg=-Wno-unknown-warning-option $clang \
        --extra-arg=-analyzer-config $clang --extra-arg=max-nodes="$1" "$2" 2>&1) || printf "%s\n" "$said"
' "$work" "$nodes" FILE >"$work/tidy"
if [ -s "$work/tidy" ]; then
    cat "$work/tidy"
    failed=1
fi

# ---- cppcheck ----

# Off: uninitvar and ctuuninitvar, wrong wherever a loop or a call fills an array (gcc, clang's
# analyzer and valgrind look for the same); invalidPointerCast, for a member at its offset.
cppcheck --quiet --std=c11 --language=c --inline-suppr --error-exitcode=1 -j "$cores" \
    --enable=warning,performance,portability --suppress=missingIncludeSystem \
    --suppress=uninitvar --suppress=ctuuninitvar --suppress=invalidPointerCast \
    -D_GNU_SOURCE -Iinclude -Isrc/config \
    --template=gcc "${files[@]}" 2>"$work/cppcheck" || { cat "$work/cppcheck"; failed=1; }

[ $failed = 1 ] || echo "ok: ${#files[@]} files"
exit $failed
