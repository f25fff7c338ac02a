#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever a candidate of a task from outside does, the job neither hangs nor lies: one message, the right exit
# code, no process left, and, where the job goes on, the same bits on any number of ranks.
# usage: own_faults.sh BUILD [FAULT]...
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
shift
faults=("$@")
[ ${#faults[@]} -gt 0 ] && all= || all=yes
[ ${#faults[@]} -gt 0 ] || faults=(nan inf failed exit abort segv loop memory closed garbage half slow every)
cd "$work" || exit 1
find_python
python='python3 -S -E'
"$root/tools/evompi-build" "$root/tests/task/faulty.c" -o faulty.so >out 2>&1 || { cat out >&2; fail "faulty.c does not build"; }

cat >plugin.ini <<'END_OF_FILE'
[job]
plugins = ./faulty.so
[task]
name = faulty
[population]
size = 14
[search]
name = cmaes
[stop]
max_generations = 2
[faulty]
above = 1.0
END_OF_FILE
sed -e 's/^plugins.*/seed = 1/' -e 's/^name = faulty/name = program/' -e '/faulty/,$d' plugin.ini >program.ini
cat >>program.ini <<'END_OF_FILE'
[program]
parameters = 4
lower = -5
upper = 5
results = misfit length
END_OF_FILE

# job WAY FAULT: $job is the arguments of a run whose candidates do FAULT.
job() {
    local way=$1 fault=$2 above=1.0
    # One candidate alone is waited for: for long, so that no other one is late on a loaded machine.
    case $way-$fault in *-loop | program-half) above=1.2 ;; esac
    job=(plugin.ini --set "faulty.fault=$fault" --set "faulty.above=$above")
    [ "$way" = here ] || job+=(--set task.isolate=yes)
    [ "$way" != program ] || job=(program.ini --set "program.command=$python $root/tests/task/faulty.py $fault $above")
    case $way-$fault in
    here-loop) job+=(--set farm.stall_timeout_s=20 --set farm.root_flies=no) ;;
    here-*) ;;
    *-loop | program-half) job+=(--set task.timeout_s=4) ;;
    *-memory) job+=(--set task.memory_mb=300) ;;
    esac
}

# start WAY FAULT RANKS: the run WAY-FAULT-RANKS, in the background; its output to RUN.out, its exit code to RUN.code.
start() {
    local run=$1-$2-$3 job
    job "$1" "$2"
    {
        EVOMPI_TEST_RUN=$work/$run timeout -k 5 "${limit:-120}" mpirun -np "$3" "$evompi" "${job[@]}" --set job.output="$run" \
            >"$run.out" 2>&1
        echo $? >"$run.code"
    } &
}

# ended RUN CODE TEXT...: it ended with CODE (-: any but 0 and that of a hang), said each TEXT, and left no process.
ended() {
    local run=$1 want=$2 code text; shift 2
    code=$(cat "$run.code")
    case $code in 124 | 137) tail -n 20 "$run.out" >&2; fail "$run hung" ;; esac
    case $want in
    -) [ "$code" != 0 ] || { cat "$run.out" >&2; fail "$run ended with 0"; } ;;
    *) [ "$code" = "$want" ] || { cat "$run.out" >&2; fail "$run ended with $code, not $want"; } ;;
    esac
    for text; do grep -qE -- "$text" "$run.out" || { cat "$run.out" >&2; fail "$run does not say '$text'"; }; done
    none_left "$run"
}

# goes_on WAY FAULT TEXT...: on 1 and 3 ranks it goes on to its end, says TEXT, and has the same bits.
goes_on() {
    local way=$1 fault=$2; shift 2
    ended "$way-$fault-1" 0 "$@"
    ended "$way-$fault-3" 0 "$@"
    same "$way-$fault-1" "$way-$fault-3"
    [ "$(grep -c 'the first candidate that failed' "$way-$fault-1.out")" -le 1 ] || fail "$way-$fault: said more than once"
}
# ends WAY FAULT CODE TEXT...: on 1 and 3 ranks it ends with CODE, and says TEXT.
ends() {
    local way=$1 fault=$2; shift 2
    ended "$way-$fault-1" "$@"
    ended "$way-$fault-3" "$@"
}

# What candidates of the rank itself cannot be kept from: endless loops, all memory, what MPI uses.
survivable() { case $1-$2 in here-loop | here-memory | here-closed | here-garbage | here-half) false ;; esac; }

lost="failed in all; the first of this job"
check() {
    local way=$1 fault=$2
    case $way-$fault in
    *-nan | *-inf) goes_on "$way" "$fault" " without a finite score" ;;
    program-failed) goes_on "$way" "$fault" "$lost: x\[0\] is too large" ;;
    *-failed) goes_on "$way" "$fault" "$lost: x\[0\] is 1\.[0-9]+$" ;;
    here-exit) ends here exit - "task faulty: its .evaluate. has called exit in generation 1, among [0-9]+ candidates" ;;
    here-abort) ends here abort - "task faulty: its .evaluate. crashed \(Aborted\) in generation 1" ;;
    here-segv) ends here segv - "task faulty: its .evaluate. crashed \(Segmentation fault\) in generation 1" ;;
    isolate-exit) goes_on isolate exit "a candidate ended its process: exit code 0; its parameters: [-0-9]" "$lost: exit code 0" ;;
    isolate-abort) goes_on isolate abort "$lost: signal 6 \(Aborted\)" ;;
    isolate-segv) goes_on isolate segv "$lost: signal 11 \(Segmentation fault\)" ;;
    isolate-loop) goes_on isolate loop "$lost: no answer within 4 s" ;;
    isolate-memory) goes_on isolate memory "$lost: signal 6 \(Aborted\)" ;;
    isolate-closed) goes_on isolate closed ;;
    isolate-garbage | isolate-half) goes_on isolate "$fault" ;;
    program-exit) goes_on program exit "$lost: the program ended \(exit code 0\)" ;;
    program-abort) goes_on program abort "$lost: the program ended \(signal 6" ;;
    program-segv) goes_on program segv "$lost: the program ended \(signal 11" ;;
    program-loop) goes_on program loop "$lost: the program gave no answer in 4 s" ;;
    program-memory) goes_on program memory "$lost: the program ended .*MemoryError" ;;
    program-closed) goes_on program closed "$lost: the program closed its standard output" ;;
    program-garbage) goes_on program garbage "$lost: the program said .now for something else" ;;
    program-half) goes_on program half "$lost: the program gave no answer in 4 s, in the middle of a line that begins .{.batch.: 1, .resu" ;;
    *-slow) goes_on "$way" slow ;;
    *-every) ends "$way" every 1 "every candidate of generation 1 failed" ;;
    esac
}

for fault in "${faults[@]}"; do
    for way in here isolate program; do
        if survivable $way "$fault"; then start $way "$fault" 1; start $way "$fault" 3; fi
    done
    wait
    for way in here isolate program; do
        if survivable $way "$fault"; then check $way "$fault"; fi
    done
    echo "ok: $fault"
done
[ -n "$all" ] || exit 0

# ---- many ranks ----

# many WAY FAULT CODE TEXT: on 64 ranks it ends as on few; where it goes on, with the bits of one rank.
limit=300
many() {
    start "$1" "$2" 64
    wait
    ended "$1-$2-64" "$3" "$4"
    [ "$3" != 0 ] || same "$1-$2-1" "$1-$2-64"
}
many here segv - "task faulty: its .evaluate. crashed \(Segmentation fault\) in generation 1"
many isolate segv 0 "$lost: signal 11"
many isolate loop 0 "$lost: no answer within 4 s"
many program exit 0 "$lost: the program ended \(exit code 0\)"
many program loop 0 "$lost: the program gave no answer in 4 s"
# In the rank itself nothing ends a loop but the farm, which names the rank.
start here loop 3
many here loop 1 "rank [0-9]+ has not answered for 20"
ended here-loop-3 1 "rank [12] has not answered for 20"
echo "ok: 64 ranks"

# ---- what becomes of a failure ----

# with WAY NAME RANKS ARGUMENTS...: the run WAY-failed-NAME, with these settings.
with() {
    local way=$1 run=$1-failed-$2 n=$3 job; shift 3
    job "$way" failed
    EVOMPI_TEST_RUN=$work/$run timeout -k 5 60 mpirun -np "$n" "$evompi" "${job[@]}" --set job.output="$run" "$@" \
        >"$run.out" 2>&1
    echo $? >"$run.code"
}
with here abort 3 --set task.on_failure=abort
ended here-failed-abort 1 "task faulty: a candidate failed \(x\[0\] is 1\.[0-9]+\), and \[task\] on_failure = abort; its parameters: 1\."
with program abort 2 --set task.on_failure=abort
ended program-failed-abort 1 "task program: a candidate failed \(x\[0\] is too large\)"
for way in here isolate; do
    with $way retry 2 --set task.on_failure=retry:2
    ended $way-failed-retry 0 "$lost: x\[0\] is 1\."
done
same here-failed-retry isolate-failed-retry
with program late 2 --set program.command="$python $root/tests/task/faulty.py slow 1" --set program.start_timeout_s=0.7
ended program-failed-late 2 "error: program .*faulty.py slow 1. cannot be used: .* no answer in 0\.7 s"
[ "$(grep -c 'evompi: error' program-failed-late.out)" = 1 ] || fail "the late start is said more than once"
echo "ok: what becomes of a failure"

# Failures are in history, and a generation of failures alone leaves the checkpoint before it as it was.
must 0 "$build/evompi-show" here-failed-1 --history --csv >history
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) { at[$i] = i } next } { n += $at["failed"] }
    $at["result_misfit"] != $at["best"] || !($at["result_length"] > 0) { bad = 1 } END { print n; exit bad }' history >n ||
    { cat history >&2; fail "history lacks results"; }
grep -q "$(cat n) evaluations\? failed in all" here-failed-1.out || fail "history counts $(cat n) failures"
job here every
for try in first again; do
    must 1 ranks 2 "${job[@]}" --set job.output=late --set faulty.from=3 --set stop.max_generations=100 --resume=auto
    says "task faulty: every candidate of generation 10 failed, as those of others before it: x[0] is "
    [ "$("$build/evompi-show" late --generation)" = 9 ] || fail "$try: not the checkpoint before the last generation"
    must 0 "$build/evompi-show" late --verify
done
echo "ok: failures are counted"

# ---- rounding that a plug-in leaves behind is not the program's ----

for fault in none round; do
    for way in here isolate; do
        job $way $fault
        must 0 ranks 1 "${job[@]}" --set job.output=$way-$fault --set stop.max_generations=6
        "$build/evompi-show" $way-$fault --creatures >$way-$fault.txt || fail "$way $fault cannot be shown"
        cmp -s here-none.txt $way-$fault.txt || fail "$way $fault: not the creatures of here none"
    done
done
echo "ok: rounding"

# ---- what --check finds out ----

# checks CODE WAY FAULT TEXT...
checks() {
    local code=$1 way=$2 fault=$3 text; shift 3
    job "$way" "$fault"
    EVOMPI_TEST_RUN=$work/check timeout -k 5 60 "$evompi" "${job[@]}" --check --set job.output=check >out 2>&1
    [ $? = "$code" ] || { tail -n 5 out >&2; fail "--check of $way $fault did not end with $code"; }
    for text; do grep -qE -- "$text" out || { tail -n 5 out >&2; fail "--check of $way $fault does not say '$text'"; }; done
    [ ! -e check ] || fail "--check made a run folder"
    none_left check
}
for way in here isolate program; do
    checks 0 $way none "^# trust: 8 candidates gave the same bits" "^# time of a candidate alone: median [^ ]+ s, largest"
    checks 0 $way failed "^# [0-9] of them failed: x\[0\] is "
    checks 2 $way order "not a function of its parameters: candidate 1 gave misfit [0-9.]+ alone and [0-9.]+ (in a batch of 8|alone once more)"
done
for way in here program; do
    checks 2 $way batch "not a function of its parameters: candidate [1-8] gave misfit [0-9.]+ alone and [0-9.]+ in a batch of 8; runs would"
done
job here none
must 2 "$evompi" "${job[@]}" --check --set faulty.fault=every --set faulty.from=2 >out 2>&1
says "candidate 1 did not fail alone, and failed in generation 2, though it does not say that its cases change"
checks 0 isolate segv "^# [0-9] of them failed: signal 11"
echo "ok: --check"
