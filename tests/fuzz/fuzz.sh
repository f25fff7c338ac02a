#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Coverage-guided fuzzing of all that reads a file, from the corpus in the tree; any fault fails.
# usage: fuzz.sh BUILD [RUNS [SEED [SECONDS [TARGET...]]]]
#   BUILD     configured with clang, -DEVOMPI_FUZZ=ON -DEVOMPI_SANITIZE=address,undefined
#   RUNS      inputs for each target; SECONDS ends a target earlier (0: never)
# An input that fails is kept in BUILD/fuzz/, and named.
. "$(dirname "$0")/../lib/common.sh"
runs=${2:-5000} seed=${3:-1} seconds=${4:-10}
targets=("${@:5}")
[ ${#targets[@]} -gt 0 ] || targets=(config champion checkpoint segment fields)

# corpus TARGET: the folders or files that a target begins with.
corpus() {
    case $1 in
    checkpoint | segment) echo "$root/tests/data/format_1" ;;
    *) echo "$root/tests/fuzz/corpus/$1" ;;
    esac
}
# The longest input: `fields` makes a file from each, that of some 100 bytes holds all it can make.
longest() {
    case $1 in fields) echo 256 ;; *) echo 65536 ;; esac
}
# HDF5 1.10 leaks a header whose sum is wrong: leaks are looked for where HDF5 is not.
looks_for_leaks() {
    case $1 in checkpoint | segment) echo 0 ;; *) echo 1 ;; esac
}

for target in "${targets[@]}"; do
    program=$build/fuzz/fuzz_$target
    [ -x "$program" ] || fail "$program is not there: configure with -DEVOMPI_FUZZ=ON"
    mkdir -p "$work/$target"
    leaks=$(looks_for_leaks "$target")
    # A size that is too large for memory is to be answered, not to end the program.
    ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=$leaks \
    "$program" "$work/$target" "$(corpus "$target")" -runs="$runs" -seed="$seed" \
        -max_total_time="$seconds" -detect_leaks="$leaks" -timeout=60 \
        -rss_limit_mb=2048 -max_len="$(longest "$target")" -close_fd_mask=1 \
        -artifact_prefix="$build/fuzz/" -print_final_stats=1 >"$work/log" 2>&1 ||
        { tail -n 40 "$work/log" >&2; fail "$target: an input in $build/fuzz/ does harm"; }
    n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log")
    echo "ok: $target, $n inputs, $(grep -o 'cov: [0-9]*' "$work/log" | tail -n 1 | cut -d' ' -f2) edges"
done
