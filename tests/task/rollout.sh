#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A rollout as a plug-in: one file becomes a job with the same bits on all ranks, sets and compilers, killed or not.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
tool=$root/tools/evompi-build
unset CC EVOMPI_INCLUDE EVOMPI_PLUGIN_PATH EVOMPI_ISA
export EVOMPI=/nowhere # the plug-ins are tried by the test itself
cd "$work" || exit 1
source=$root/jobs/own/cartpole.c
sets=$("$evompi" --list | awk '/^instruction sets/{on=1; next} on && $2 == "here;" {print $1}')
[ -n "$sets" ] || fail "no instruction sets in evompi --list"
best=$(tail -n 1 <<<"$sets")
into_out() { "$@" >"$work/out" 2>&1; }

[ "$(wc -l <"$source")" -le 70 ] || fail "cartpole.c has more than 70 lines"

# ---- the job of the example learns to balance ----

cp "$build/tests/cartpole.so" .
must 0 ranks 1 "$root/jobs/own/cartpole.ini" --set job.plugins=./cartpole.so --set job.output=learnt
survived=$(awk '/^survived, %/ { print $3 }' out)
awk -v s="$survived" 'BEGIN { exit !(s > 99) }' || fail "only $survived % of the cases survive"
seconds=$("$build/evompi-show" learnt | awk '/candidates evaluated in/ { print $(NF - 1) }')
echo "cartpole learns to balance in $seconds s"

# ---- the same bits everywhere ----

# job FOLDER RANKS OPTION...: a short run with all that a rollout has; $want is its exit code.
want=0
job() {
    local folder=$1 n=$2; shift 2
    must "$want" ranks "$n" "$root/jobs/own/cartpole.ini" --set job.plugins=./cartpole.so --set job.output="$folder" \
        --set stop.max_generations=6 --set population.size=37 --set lineage.keep=all --set validate.flights=20 \
        --set cartpole.cases=3 --set cartpole.duration=2 --set cartpole.delay=2 --set cartpole.noise=0.01 \
        --set cartpole.states=1 --set exam.flights=5 --set log.interval_s=0 "$@"
}
for precision in double single; do
    few=(--set "task.precision=$precision")
    job $precision 1 "${few[@]}"
    job $precision-step 1 "${few[@]}" --set task.step=plain
    same $precision $precision-step
    for isa in $sets; do
        [ "$isa" != "$best" ] || continue
        job "$precision-$isa" 1 "${few[@]}" --set farm.isa="$isa"
        same "$precision" "$precision-$isa"
    done
done
for n in 2 3 7 64; do
    job ranks-$n $n
    same double ranks-$n
done
job hidden 1 --set cartpole.hidden=3 --set task.step=plain
job hidden-unrolled 3 --set cartpole.hidden=3
same hidden hidden-unrolled

# Another compiler, at another level of optimisation.
if command -v clang >/dev/null; then
    cp cartpole.so gcc.so
    CC=clang EVOMPI_BUILD_ISAS=$([ "$best" = plain ] || echo "$best") must 0 into_out "$tool" "$source" \
        -o cartpole.so -O1 -march=native -Werror
    for precision in double single; do
        job clang-$precision 2 --set task.precision=$precision
        cmp $precision/champion.csv clang-$precision/champion.csv || fail "clang's bits differ in $precision"
    done
    # Resumed with other bytes: refused by name, and allowed by a word.
    want=2 job double 1 --resume
    says "double/checkpoint.h5: the run was made with the plug-ins cartpole "
    cp gcc.so cartpole.so
fi

# Stopped and resumed, and killed and resumed.
job broken 2 --set stop.max_generations=3
job broken 3 --resume
same double broken
job killed 1 --set stop.max_generations=1
"$evompi" "$root/jobs/own/cartpole.ini" --resume --set job.plugins=./cartpole.so --set job.output=killed \
    --set stop.max_generations=1000000 --set population.size=37 --set lineage.keep=all --set cartpole.cases=3 \
    --set cartpole.duration=2 --set cartpole.delay=2 --set cartpole.noise=0.01 --set cartpole.states=1 \
    --set exam.flights=5 --set validate.flights=20 --set checkpoint.every=2 --set log.interval_s=0 >killed.out 2>&1 &
victim=$!
reached_3() { awk '/^generation/ { n = $2 } END { exit n < 3 }' killed.out; }
await reached_3
kill -KILL $victim
wait $victim 2>/dev/null
reached=$("$build/evompi-show" killed | awk '/^generations/ { print $2 + 0 }')
last=$((reached + 3))
job killed 1 --resume --set stop.max_generations=$last
job unbroken 1 --set stop.max_generations=$last
same killed unbroken

# ---- a champion elsewhere ----

fly() { into_out "$build/evompi-fly" "$root/jobs/own/cartpole.ini" --set job.plugins=./cartpole.so "$@"; }
wanted=$(awk -F, '/^# fitness_hexadecimal/ { print $2 }' learnt/champion.csv)
for isa in $sets; do
    EVOMPI_ISA=$isa must 0 fly learnt/champion.csv --hex
    [ "$(cut -f2 out)" = "$wanted" ] || fail "$isa: the champion has $(cut -f2 out), not $wanted"
done
must 0 fly learnt/champion.csv --trace trace.csv --hex
[ "$(grep -vc '^#' trace.csv)" = $((1 + 64 * 500)) ] || fail "the trace has $(grep -vc '^#' trace.csv) lines"
[ "$(grep -v '^#' trace.csv | head -n 1)" = "case,t,x,angle,push,cost" ] || fail "the trace has other columns"
must 0 fly learnt/champion.csv --flights
[ "$(awk '{ print NF }' out)" = 66 ] || fail "64 cases have 64 costs"
must 0 fly learnt/champion.csv --validate --csv
awk -F, '$1 == "survived" { exit !($3 > 99) }' out || fail "the champion falls elsewhere"
must 0 fly learnt/champion.csv --plot=1
says "x of case 1, in m:"
must 1 fly learnt/champion.csv --set cartpole.states=2
says "states is 0, but 2 in the configuration"

# ---- built wrongly, and told so ----

# refused SCRIPT TEXT: the example edited by sed is built in plain double alone, and the program refuses it.
refused() {
    sed -E "$1" "$source" >edited.c
    must 0 into_out gcc -std=gnu11 -O0 -fPIC -shared -fvisibility=hidden -I"$root/include" edited.c -o edited.so -lm
    must 2 into_out "$evompi" "$root/jobs/own/cartpole.ini" --check --set job.plugins=./edited.so
    says "$2"
    [ "$(wc -l <out)" = 1 ] || { cat out >&2; fail "more than one line"; }
}
refused 's/"cartpole", .summary/"Cartpole", .summary/' "edited.so: the task's name, 'Cartpole', is not"
refused 's/"cartpole", .summary/"hover", .summary/' "edited.so: the task's name, 'hover', is in use by"
refused 's/\.summary = "[^"]*",//' "edited.so: task 'cartpole' has no summary"
refused 's/KEY\(pole, "0.1"/KEY(pole, "0"/' "edited.so: key 'pole': its default '0' "
refused 's/on the cart", -1, 1/on the cart", 1, 1/' "output 'push': its lower bound 1 is not below its upper"
refused 's/\{"x", "m", "place of the cart"\}, \{"v"/{"x", "m", ""}, {"x"/' "edited.so: two inputs have the name 'x'"
refused 's/\.dt_s = 0.02/.dt_s = 0/' "edited.so: its dt_s = 0 is not within 1e-09 to 1000"
refused 's/\bspread\b/dt/g' "task cartpole: its key 'dt' has the name of a key that every rollout has"
refused 's/EVO_ROLLOUT_HEAD,/EVO_ROLLOUT_ABI + 1, sizeof(struct evo_rollout_class), EVO_ROLLOUT_SETS_HERE, inputs, outputs, trace, 4, 1, 2, {keys, 10, EVO_ROLLOUT_KEYS_BYTES},/' \
    "was built for number 2 of the interface of rollouts, this program has number 1"
refused 's/EVO_ROLLOUT_HEAD,/EVO_ROLLOUT_ABI, 8, EVO_ROLLOUT_SETS_HERE, inputs, outputs, trace, 4, 1, 2, {keys, 10, EVO_ROLLOUT_KEYS_BYTES},/' \
    "its descriptor says that it has 8 bytes, less than the"

# The single file alone is a task too, in plain C and double precision.
must 0 into_out gcc -std=gnu11 -O2 -fPIC -shared -I"$root/include" "$source" -o alone.so -lm
must 0 into_out "$evompi" "$root/jobs/own/cartpole.ini" --check --set job.plugins=./alone.so
must 2 into_out "$evompi" "$root/jobs/own/cartpole.ini" --check --set job.plugins=./alone.so \
    --set task.precision=single
says "the plug-in was built without it: build it with evompi-build"

# What single precision cannot hold is said by the compiler, once, whatever the sets.
sed 's/third = (real)(4.0 \/ 3.0)/third = 1/; s/s->pole \/ mass \* cosine/0.1 * cosine/' "$source" >wrong.c
must 1 into_out "$tool" wrong.c
[ "$(grep -c 'error:' out)" = 1 ] || { cat out >&2; fail "the error is shown $(grep -c 'error:' out) times"; }
says "truncation"
sed 's/real gravity/double gravity/' "$source" >wrong.c
must 1 into_out "$tool" wrong.c
says "_Generic"
cp "$source" wrong.cpp
must 2 into_out "$tool" wrong.cpp
says "wrong.cpp: a rollout is written in C: rename it to .c"
EVOMPI_BUILD_ISAS="avx3" must 2 into_out "$tool" "$source" -o x.so
says "EVOMPI_BUILD_ISAS names 'avx3'"
echo ok
