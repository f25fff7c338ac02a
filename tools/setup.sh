#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What tools/run.sh and tools/test.sh share (sourced): installing what is missing, and building.
# Run by itself it installs groups of what they do without: bash tools/setup.sh bench arm compare

# Run from anywhere: every path of the two commands starts at the project's folder.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# One line a need: how it is seen, who needs it, and what brings it on Debian and Ubuntu, Fedora,
# Arch and macOS (Homebrew). "-": nothing to install there; "hand": no package known, see the README.
needs='
tool:cc                     | build | build-essential  | gcc                | base-devel | -
tool:make                   | build | build-essential  | make               | base-devel | -
tool:cmake                  | build | cmake            | cmake              | cmake      | cmake
tool:pkg-config             | build | pkg-config       | pkgconf-pkg-config | pkgconf    | pkgconf
tool:mpicc                  | build | libopenmpi-dev   | openmpi-devel      | openmpi    | open-mpi
tool:mpirun                 | build | openmpi-bin      | openmpi            | openmpi    | open-mpi
tool:h5cc                   | build | libhdf5-dev      | hdf5-devel         | hdf5       | hdf5
module:inih                 | build | libinih-dev      | inih-devel         | libinih    | inih
module:libxxhash            | build | libxxhash-dev    | xxhash-devel       | xxhash     | xxhash
module:json-c               | build | libjson-c-dev    | json-c-devel       | json-c     | json-c
header:Random123/philox.h   | build | librandom123-dev | Random123-devel    | hand       | hand
module:lapack               | build | liblapack-dev    | lapack-devel       | lapack     | lapack
module:cmocka               | test  | libcmocka-dev    | libcmocka-devel    | cmocka     | cmocka
tool:clang                  | test  | clang            | clang              | clang      | llvm
tool:clang-tidy             | test  | clang-tidy       | clang-tools-extra  | clang      | llvm
tool:cppcheck               | test  | cppcheck         | cppcheck           | cppcheck   | cppcheck
fuzzer:clang                | test  | libclang-rt-dev  | compiler-rt        | compiler-rt | llvm
tool:h5dump                 | test  | hdf5-tools       | hdf5               | hdf5       | hdf5
tool:shellcheck             | test  | shellcheck       | ShellCheck         | shellcheck | shellcheck
tool:xfs_io                 | test  | xfsprogs         | xfsprogs           | xfsprogs   | -
tool:mkfs.btrfs             | test  | btrfs-progs      | btrfs-progs        | btrfs-progs | -
tool:valgrind               | test  | valgrind         | valgrind           | valgrind   | -
tool:ip                     | test  | iproute2         | iproute            | iproute2   | -
tool:qemu-x86_64            | test  | qemu-user        | qemu-user          | qemu-user  | -
python:h5py                 | test  | python3-h5py     | python3-h5py       | python-h5py | hand
python:numpy                | test  | python3-numpy    | python3-numpy      | python-numpy | numpy
tool:slurmctld              | slurm | slurm-wlm        | slurm-slurmctld    | hand       | -
tool:slurmd                 | slurm | slurm-wlm        | slurm-slurmd       | hand       | -
tool:munged                 | slurm | munge            | munge              | munge      | -
tool:pypy3                  | bench | pypy3            | pypy3              | pypy3      | pypy3
python:numpy                | bench | python3-numpy    | python3-numpy      | python-numpy | numpy
tool:c++                    | compare | build-essential | gcc-c++           | base-devel | -
header:nlopt.h              | compare | libnlopt-dev    | NLopt-devel       | nlopt      | nlopt
header:pagmo/config.hpp     | compare | libpagmo-dev    | pagmo2-devel      | hand       | pagmo
module:eigen3               | compare | libeigen3-dev   | eigen3-devel      | eigen      | eigen
tool:aarch64-linux-gnu-gcc  | arm   | gcc-aarch64-linux-gnu | gcc-aarch64-linux-gnu | aarch64-linux-gnu-gcc | -
static:aarch64-linux-gnu-gcc | arm  | libc6-dev-arm64-cross | hand | aarch64-linux-gnu-glibc | -
tool:qemu-aarch64           | arm   | qemu-user        | qemu-user          | qemu-user  | -
'

step() { printf '==> %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Whether a need is met. Daemons live in sbin, which a user's PATH may leave out.
is_there() {
    local PATH=$PATH:/usr/sbin:/sbin
    case $1 in
    tool:*) command -v "${1#*:}" >/dev/null ;;
    module:*) pkg-config --exists "${1#*:}" 2>/dev/null ;;
    fuzzer:*) echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
        "${1#*:}" -fsanitize=fuzzer -x c - -o /dev/null 2>/dev/null ;;
    python:*) python3 -c "import ${1#*:}" 2>/dev/null ||
        /usr/bin/python3 -c "import ${1#*:}" 2>/dev/null ;;
    static:*) echo 'int main(void) { return 0; }' |
        "${1#*:}" -static -x c - -o /dev/null 2>/dev/null ;;
    header:*) printf '#include <%s>\n' "${1#*:}" | cc -E -x c - >/dev/null 2>&1 ;;
    esac
}

# missing GROUP...: the lines of `needs` that are not met.
missing() {
    local seen group rest
    while IFS='| ' read -r seen group rest; do
        [[ " $* " == *" $group "* ]] || continue
        is_there "$seen" || printf '%s %s %s\n' "$seen" "$group" "${rest//|/}"
    done <<<"${needs#$'\n'}"
}

# packages COLUMN: of such lines (stdin), the packages of one system, each once, on one line.
packages() {
    awk -v column="$1" '{ p = $column }
        p != "-" && p != "hand" && !seen[p]++ { printf "%s%s", (n++ ? " " : ""), p }'
}

# Says what to install, where this script must not or cannot.
explain() {
    printf '%s\n' "Missing: $(cut -d' ' -f1 <<<"$1" | cut -d: -f2 | xargs)." \
        "Install it, then run this again:" \
        "  Debian, Ubuntu   apt-get install $(packages 3 <<<"$1")" \
        "  Fedora           dnf install $(packages 4 <<<"$1")   (then: module load mpi)" \
        "  Arch             pacman -S $(packages 5 <<<"$1")" \
        "  macOS            brew install $(packages 6 <<<"$1")"
    ! grep -q hand <<<"$1" ||
        echo "What one of these lines lacks has no package there: see \"Building by hand\" in README.md."
} >&2

# install GROUP...: brings what is missing, through apt-get, as root or by sudo.
install() {
    local lines names get=(apt-get)
    lines=$(missing "$@")
    [ -n "$lines" ] || { step "set-up: nothing is missing"; return; }
    if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; }; then
        explain "$lines"
        exit 1
    fi
    get=(env DEBIAN_FRONTEND=noninteractive apt-get -q)
    [ "$(id -u)" = 0 ] || get=(sudo "${get[@]}")
    names=$(packages 3 <<<"$lines")
    step "set-up: installing $names"
    quietly "${get[@]}" update
    # shellcheck disable=SC2086 # a list of names
    quietly "${get[@]}" install -y --no-install-recommends $names
    lines=$(missing "$@")
    [ -z "$lines" ] || die "still missing after the installation: $(cut -d' ' -f1 <<<"$lines" | xargs)"
}

# quietly COMMAND...: shows what it printed only if it fails, and then stops.
quietly() {
    local log
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then rm -f "$log"; return; fi
    grep -vE '^\[[ 0-9/%]+\] (Building|Linking)' "$log" | tail -n 60 >&2
    rm -f "$log"
    die "failed: $*"
}

# build FOLDER FIRST OPTION...: configures and builds; FIRST are options (words in one string) that
# count only when the folder is new: a folder keeps its compiler and generator. Of all targets, or of those that the array
# `targets` names.
targets=()
build() {
    local folder=$1 first=() always=("${@:3}")
    if [ ! -f "$folder/CMakeCache.txt" ]; then
        read -ra first <<<"$2"
        ! command -v ninja >/dev/null || first+=(-G Ninja)
    fi
    quietly cmake -S . -B "$folder" "${first[@]}" "${always[@]}"
    local only=()
    [ ${#targets[@]} -eq 0 ] || only=(--target "${targets[@]}")
    quietly cmake --build "$folder" -j "$(cores)" "${only[@]}"
}

# Physical cores that this process may use: as many ranks are what mpirun takes without asking.
cores() {
    local threads cores
    # nproc would say what OMP_NUM_THREADS says, which is often 1 in a batch job.
    threads=$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc 2>/dev/null || sysctl -n hw.ncpu)
    cores=$(lscpu -p=core,socket 2>/dev/null | grep -v '^#' | sort -u | wc -l)
    if [ "$cores" -ge 1 ] && [ "$cores" -lt "$threads" ]; then echo "$cores"; else echo "$threads"; fi
}

# mpirun refuses root unless told twice that it is meant.
if [ "$(id -u)" = 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    groups=$(awk -F' *[|] *' 'NF > 2 && !seen[$2]++ { print $2 }' <<<"$needs" | xargs)
    [ $# -gt 0 ] || die "say which of these groups to install: $groups"
    for group in "$@"; do
        [[ " $groups " == *" $group "* ]] || die "$group: is none of the groups $groups"
    done
    install "$@"
fi
