#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An installation, moved to another place, makes plug-ins: by evompi-build, a CMake project and pkg-config.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
command -v pkg-config >/dev/null || skip "pkg-config is not installed"
unset CC CXX FC EVOMPI EVOMPI_INCLUDE EVOMPI_PLUGIN_PATH PKG_CONFIG_PATH CMAKE_PREFIX_PATH
cd "$work" || exit 1
into_out() { "$@" >"$work/out" 2>&1; }
must 0 into_out cmake --install "$build" --prefix "$work/first"
mv first moved
prefix=$work/moved
evompi=$prefix/bin/evompi
grep -rlF "$work/first" "$prefix/lib" "$prefix/include" "$prefix/share" && fail "these name the place of the installation"
cp "$root"/jobs/own/rastrigin.c .

# tried NAME: the plug-in NAME/rastrigin.so is loaded by the installed program and gives the same run.
tried() {
    local name=$1
    must 0 ranks 2 "$root/jobs/own/rastrigin.ini" --set job.plugins="$name/rastrigin.so" --set job.output="run-$name" \
        --set population.size=24 --set stop.max_generations=5
    [ "$name" = build ] || same run-build "run-$name"
    echo "ok: $name"
}

mkdir build
must 0 into_out "$prefix/bin/evompi-build" rastrigin.c -o build/rastrigin.so
tried build

mkdir project
cp rastrigin.c project/
cat >project/CMakeLists.txt <<'END_OF_FILE'
cmake_minimum_required(VERSION 3.21)
project(mytask C)
find_package(evompi 0.1 REQUIRED)
evompi_add_task(rastrigin rastrigin.c)
END_OF_FILE
must 0 into_out cmake -S project -B cmake -DCMAKE_PREFIX_PATH="$prefix"
must 0 into_out cmake --build cmake
tried cmake

mkdir pkg
read -ra cflags <<<"$(PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name evompi.pc)") pkg-config --cflags evompi)"
read -ra libs <<<"$(PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name evompi.pc)") pkg-config --libs evompi)"
[[ " ${cflags[*]} " = *" -ffp-contract=off "* ]] || fail "pkg-config gives no flags that keep bits: ${cflags[*]}"
must 0 into_out cc "${cflags[@]}" -shared rastrigin.c -o pkg/rastrigin.so "${libs[@]}"
tried pkg

# A program in Python finds its adapter in the moved place.
must 0 ranks 1 "$root/jobs/own/pendulum.ini" --set program.command="python3 $root/jobs/own/pendulum.py" \
    --set job.output=pendulum --set population.size=8 --set stop.max_generations=2
echo "ok: a program"
