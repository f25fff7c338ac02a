#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# All tests: with gcc, what flies under every instruction set, unit tests and small runs under sanitizers, the exact
# ones with clang, and short fuzzing.
usage='usage: tools/test.sh [-L LABEL]... [--isa NAME]
  LABEL     only the tests of these folders of tests/ (unit, golden, mpi, ...), and only with gcc
  NAME      all of them under this instruction set (plain, sse2, ...), as EVOMPI_ISA=NAME in the environment
            does; without it, under the best one that the machine has, and those that fly once more under each other'
set -euo pipefail
# shellcheck source=tools/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

labels=''
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) echo "$usage"; exit 0 ;;
    -L) [ $# -ge 2 ] || { echo "$usage" >&2; exit 2; }; labels+="${labels:+|}$2"; shift 2 ;;
    --isa) [ $# -ge 2 ] || { echo "$usage" >&2; exit 2; }; export EVOMPI_ISA=$2; shift 2 ;;
    *) echo "$usage" >&2; exit 2 ;;
    esac
done

results=$(mktemp)
trap 'rm -f "$results"' EXIT

# tests TITLE FOLDER LABELS: runs them, and keeps ctest's closing line for the end. Twice as many at a
# time as there are cores: most of those that may be together wait most of the time.
tests() {
    local title=$1 folder=$2 only=() log
    [ -z "$3" ] || only=(-L "^($3)\$")
    step "testing: $title"
    log=$(mktemp)
    if ! (cd "$folder" && ctest --output-on-failure --no-tests=error -j $((2 * $(cores))) "${only[@]}") | tee "$log"; then
        rm -f "$log"
        die "tests failed: $title"
    fi
    printf '%-28s %s\n' "$title" "$(grep 'tests passed' "$log")" >>"$results"
    rm -f "$log"
}

# The instruction sets that the machine has and EVOMPI_ISA allows, lowest first.
sets() { build/evompi --list | awk '/^instruction sets/ { on = 1; next } on && $2 == "here;" { print $1 }'; }

install build test slurm
step "building with gcc into build/"
build build -DCMAKE_C_COMPILER=gcc -DEVOMPI_TESTS=ON -DEVOMPI_WERROR=ON
[ "${EVOMPI_ISA:-}" != auto ] || unset EVOMPI_ISA
if [ -n "${EVOMPI_ISA:-}" ]; then
    [ "$(sets | tail -n 1)" = "$EVOMPI_ISA" ] ||
        die "EVOMPI_ISA=$EVOMPI_ISA: is no instruction set of this machine; it has $(EVOMPI_ISA='' sets | xargs)"
fi
tests "gcc, $(sets | tail -n 1)" build "$labels"

if [ -z "$labels" ]; then
    if [ -z "${EVOMPI_ISA:-}" ]; then
        for set in $(sets | sed '$d'); do
            export EVOMPI_ISA=$set
            tests "gcc, $set" build flies
        done
        unset EVOMPI_ISA
    fi

    step "building with gcc and sanitizers into build-asan/"
    # AVX-512 takes the longest to compile and has no sanitizers there.
    short_sets=auto
    [ "$(uname -m)" != x86_64 ] || short_sets='sse2;avx2'
    # Of what follows, what its tests run: each target is one more that takes long with a sanitizer.
    targets=(evompi evompi-show evompi-diff evompi-fly tests_unit)
    [ "$(uname -s)" != Linux ] || targets+=(fault)
    build build-asan "-DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=RelWithDebInfo" \
        -DEVOMPI_WERROR=ON -DEVOMPI_SANITIZE=address,undefined "-DEVOMPI_ISAS=$short_sets"
    tests 'gcc, address and undefined' build-asan 'unit|memory'

    step "building with gcc and its thread sanitizer into build-tsan/"
    targets=(evompi test_store test_store_fire)
    build build-tsan "-DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=RelWithDebInfo" \
        -DEVOMPI_WERROR=ON -DEVOMPI_ISAS= -DEVOMPI_SANITIZE=thread
    tests 'gcc, threads' build-tsan memory

    step "building with clang into build-clang/"
    targets=()
    build build-clang -DCMAKE_C_COMPILER=clang -DEVOMPI_WERROR=ON
    tests 'clang' build-clang 'unit|kernels|golden'

    step "building the fuzzing targets with clang into build-fuzz/"
    targets=(tests_fuzz)
    build build-fuzz "-DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo" \
        -DEVOMPI_WERROR=ON -DEVOMPI_FUZZ=ON -DEVOMPI_ISAS= -DEVOMPI_SANITIZE=address,undefined
    tests 'clang, fuzzing' build-fuzz fuzz
fi
step "all passed"
cat "$results"
