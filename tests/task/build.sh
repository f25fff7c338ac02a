#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# evompi-build makes plug-ins from C, C++ and Fortran that load and evaluate, and names every mistake.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
tool=$root/tools/evompi-build try=$build/tests/try_plugin
unset CC CXX FC EVOMPI_INCLUDE EVOMPI_PLUGIN_PATH
export EVOMPI=/nowhere # the plug-ins are tried by the test itself
cd "$work" || exit 1

into_out() { "$@" >"$work/out" 2>&1; }
# made TEXT ARGUMENTS...: evompi-build succeeds and says TEXT.
made() {
    local text=$1; shift
    into_out "$tool" "$@" || { cat "$work/out" >&2; fail "evompi-build $* failed"; }
    says "$text"
}
# refused TEXT ARGUMENTS...: one line, exit code 2, nothing made or left.
refused() {
    local text=$1; shift
    find . | sort >"$work/before"
    must 2 into_out "$tool" "$@"
    says "evompi-build: $text"
    [ "$(wc -l <"$work/out")" = 1 ] || { cat "$work/out" >&2; fail "more than one line"; }
    find . | sort | diff "$work/before" - || fail "evompi-build $* left something"
}
# gives TEXT ARGUMENTS...: the plug-in evaluates to TEXT.
gives() {
    local text=$1; shift
    into_out "$try" "$@" || { cat "$work/out" >&2; fail "try_plugin $* failed"; }
    says "$text"
}
touch out before

# ---- the examples ----

cp "$root"/jobs/own/*.c "$root"/jobs/own/*.f90 .
made "evompi-build: made rastrigin.so; in your INI: [job] plugins = ./rastrigin.so and [task] name = rastrigin" \
    rastrigin.c
gives "fitness = 0" ./rastrigin.so 0 0 0 0 0 0 0 0 0 0
gives "fitness = 5.25" ./rastrigin.so amplitude=2 0 0 0 0 0 1 0 0 .5 0
[ "$(wc -l <"$root/jobs/own/rastrigin.c")" -le 30 ] || fail "rastrigin.c has more than 30 lines"

if command -v gfortran >/dev/null; then
    made "[task] name = stiff" stiff.c stiff.f90 -o deep.so
    [ -z "$(ls ./*.mod 2>/dev/null)" ] || fail "a .mod file is left"
    gives "misfit = " ./deep.so -1.3979400086720375 7.4771212547196626 4
    awk '/^misfit/ { ok = $3 > 0 && $3 < 1e-7 } END { exit !ok }' out || fail "the true rates do not fit: $(cat out)"
    gives "failed: a step has no solution for log_rate = 10, 10, 10" ./deep.so 10 10 10
    gives "misfit = " ./deep.so 3 3 3
    awk '/^misfit/ { ok = $3 > 1 } END { exit !ok }' out || fail "wrong rates fit: $(cat out)"
fi

# ---- other languages, more files, options ----

cat >wide.cpp <<'END'
#include <evompi/plugin.h>
#include <vector>
static const evo_block blocks[] = {{"x", 2, 0, 1, 0.5, 0.3, "", ""}};
static void evaluate(void *, evo_batch *batch)
{
    std::vector<double> sums(batch->n);
    for (size_t i = 0; i < batch->n; i++) {
        sums[i] = batch->parameters[2 * i] + batch->parameters[2 * i + 1];
        if (sums[i] > 10) { throw sums; }
        if (sums[i] > 5) { evo_batch_fail(batch, i, "%g is too much", sums[i]); }
        batch->results[i] = sums[i];
    }
}
EVO_PLUGIN = {EVO_TASK_HEAD, "wide", "A sum in C++.", blocks, 1, evaluate};
END
made "made wide.so" -Wall -Wextra -Werror wide.cpp
gives "fitness = 0.75" ./wide.so 0.5 0.25
gives "failed: 6 is too much" ./wide.so 3 3

cat >half.c <<'END'
#include "half.h"
double half(double x) { return SCALE * x; }
END
mkdir inc
echo 'double half(double x);' >inc/half.h
cat >two.c <<'END'
#include <evompi/plugin.h>
#include "half.h"
static const struct evo_block blocks[] = {{"x", 1, 0, 1, 0.5, 0.3, 0, 0}};
static void evaluate(void *task, struct evo_batch *batch)
{
    (void)task;
    for (size_t i = 0; i < batch->n; i++) { batch->results[i] = half(batch->parameters[i]); }
}
EVO_PLUGIN = {EVO_TASK_HEAD, "two_files", "Two files.", blocks, 1, evaluate};
END
made "made two.so" two.c half.c -I inc -D SCALE=0.5 -Werror
gives "fitness = 2" ./two.so 4
gcc -O2 -fPIC -Iinc -DSCALE=0.5 -c half.c -o half.o
made "made with_object.so" two.c half.o -Iinc -owith_object.so
gives "two_files: Two files." ./with_object.so

# The installed places: bin/evompi-build beside include/evompi.
mkdir -p prefix/bin prefix/include
cp "$tool" prefix/bin && cp -r "$root/include/evompi" prefix/include
ln -s ../prefix/bin/evompi-build inc/evompi-build
tool=$work/inc/evompi-build
made "made rastrigin.so" rastrigin.c
tool=$root/tools/evompi-build

# The bits are those of one multiplication and one addition, whatever the user's options.
cat >fused.c <<'END'
#include <evompi/plugin.h>
static const struct evo_block blocks[] = {{"x", 3, 0, 1, 0.5, 0.3, 0, 0}};
static void evaluate(void *task, struct evo_batch *batch)
{
    const double *x = batch->parameters;
    (void)task;
    batch->results[0] = x[0] * x[1] + x[2];
}
EVO_PLUGIN = {EVO_TASK_HEAD, "fused", "One sum.", blocks, 1, evaluate};
END
made "made fused.so" fused.c -march=native
gives "fitness = 0" ./fused.so 1.0000000000000002 1.0000000000000002 -1.0000000000000004

# ---- what the compiler says is shown as it is, and the old plug-in stays ----

cp rastrigin.so old.so
sed 's/const double a/const double b/' rastrigin.c >wrong.c
cp rastrigin.so wrong.so
must 1 into_out "$tool" wrong.c
says "wrong.c:23:"
says "error: "
cmp -s wrong.so old.so || fail "the old plug-in did not stay"
sed 's/half(/third(/' two.c >undefined.c
must 1 into_out "$tool" undefined.c -Iinc -Werror

# ---- mistakes ----

refused "no source file is named: evompi-build mytask.c"
refused "missing.c: there is no such file" missing.c
mkdir folder.c
refused "folder.c: is not a file" folder.c
echo 'int x; /* EVO_PLUGIN */ // EVO_PLUGIN' | sed 's,/\* EVO_PLUGIN \*/,,' >plain.c
refused "plain.c: holds no EVO_PLUGIN = { EVO_TASK_HEAD, ... }" plain.c
refused "task.txt: what it is cannot be told from its name" task.txt
refused "task: what it is cannot be told from its name" task
refused "task.py: a Python program is no plug-in: it runs as it is, with [task] name = program" task.py
refused "half.h: is a header" half.h
refused "-o needs a word behind it" rastrigin.c -o
refused "inc: is a folder: name the file to make" rastrigin.c -o inc
refused "no/such: there is no such folder" rastrigin.c -o no/such/x.so
refused "rastrigin.c: would be written over a source file" rastrigin.c -o rastrigin.c
refused "-ffast-math lets results differ between machines: leave it out" rastrigin.c -ffast-math
refused "-c: evompi-build links a plug-in" -c rastrigin.c
CC=no-such-compiler refused "CC is 'no-such-compiler', and there is no such compiler" rastrigin.c
if [ "$(id -u)" != 0 ]; then
    cp rastrigin.c closed.c && chmod 000 closed.c
    refused "closed.c: cannot be read" closed.c
fi
mkdir -p bare/bin
cp "$tool" bare/bin
tool=$work/bare/bin/evompi-build
refused "evompi's headers are not found beside $work/bare/bin: set EVOMPI_INCLUDE" rastrigin.c
tool=$root/tools/evompi-build
mkdir -p empty
for command in bash sh readlink dirname mktemp rm sed grep mv find sort; do
    ln -s "$(command -v $command)" empty/
done
must 2 into_out env PATH="$work/empty" "$tool" rastrigin.c
says "evompi-build: no C compiler is found: install gcc, or set CC"
echo "ok"
