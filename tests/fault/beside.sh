#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Beside a run: other programs open its files, somebody copies it, its lock is held by a host that died.
. "$(dirname "$0")/../lib/common.sh"
config=$work/job.ini
cat >"$config" <<'END'
[population]
size = 64
[altitude]
flights = 3:5:2, 5:3:2
[checkpoint]
durable = process
[lineage]
keep = all
[validate]
flights = 0
END
into() { "$@" >"$work/out" 2>&1; }
# job CODE NAME WORDS: the job in the folder NAME
job() {
    local code=$1 name=$2; shift 2
    must "$code" into "$evompi" "$config" --set job.output="$work/$name" "$@"
}
limit() { echo "--set=stop.max_generations=$1"; }
pass() { echo "ok: $1"; }
job 0 whole "$(limit 200)"
[ -f "$work/whole/lineage/00000001.h5" ] || fail "no segments"
job 0 unbroken "$(limit 220)"

# ---- the steps of a save ----

# Killed before each of them, in the middle of a run and at its last save: checkpoint.h5 is there, and whole.
fault=$build/tests/fault.so
if [ -f "$fault" ]; then
    for point in link:checkpoint.prev.h5:2 rename:checkpoint.h5:3 rename:checkpoint.prev.h5:2 \
        link:checkpoint.prev.h5:3 rename:checkpoint.h5:4 rename:checkpoint.prev.h5:3; do
        rm -rf "$work/steps"
        must 137 into env LD_PRELOAD="$fault" EVO_FAULT=$point:kill "$evompi" "$config" --set checkpoint.every=50 \
            --set job.output="$work/steps" "$(limit 200)"
        "$build/evompi-show" "$work/steps/checkpoint.h5" --generation >/dev/null || fail "$point: no whole checkpoint.h5"
        job 0 steps --resume=auto "$(limit 200)"
        ! grep -q warning "$work/out" || { cat "$work/out" >&2; fail "$point: something is amiss"; }
        same "$work/whole" "$work/steps"
        [ -z "$(find "$work/steps" -name '*.tmp')" ] || fail "$point: a temporary file is left over"
    done
    pass a_kill_before_any_step_of_a_save_leaves_checkpoint_h5_whole
fi

# ---- other programs ----

python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import h5py' 2>/dev/null && { python=$candidate; break; }
done
h5() { "$python" -c "import h5py, glob, sys
for path in glob.glob(sys.argv[1] + '/**/*.h5', recursive=True):
    $2" "$1"; }
if [ -n "$python" ]; then
    cp -a "$work/whole" "$work/opened"
    h5 "$work/opened" "h5py.File(path, 'a').close()"
    cmp -s "$work/whole/checkpoint.h5" "$work/opened/checkpoint.h5" && fail "h5py changed nothing: this shows nothing"
    same "$work/whole" "$work/opened"
    must 0 into "$build/evompi-show" "$work/opened" --verify
    job 0 opened --resume "$(limit 220)"
    ! grep -q warning "$work/out" || { cat "$work/out" >&2; fail "a file that was opened and closed is warned of"; }
    same "$work/unbroken" "$work/opened"
    pass a_run_whose_files_were_opened_to_write_and_closed_goes_on_to_the_same_bits

    # Killed with the files open.
    cp -a "$work/whole" "$work/killed"
    h5 "$work/killed" "globals().setdefault('files', []).append(h5py.File(path, 'a'))
import os; os.kill(os.getpid(), 9)" 2>/dev/null
    job 0 killed --resume "$(limit 220)"
    same "$work/unbroken" "$work/killed"
    pass a_run_whose_files_were_open_in_a_program_that_was_killed_goes_on

    for change in "f['run/generation'][...] = 7" "f['note'] = 'mine'" "f['run'].attrs['note'] = 1" "del f['about']"; do
        rm -rf "$work/changed"; cp -a "$work/whole" "$work/changed"
        h5 "$work/changed" "f = h5py.File(path, 'a'); 'run' in f and exec(\"$change\"); f.close()"
        job 3 changed --resume "$(limit 220)"
        says "another program opened it to write, and changed it"
    done
    rm "$work/changed/checkpoint.h5"; cp -p "$work/whole"/checkpoint*.h5 "$work/changed"
    "$python" -c "import h5py; f = h5py.File('$work/changed/lineage/00000000.h5', 'a'); f['note'] = 1; f.close()"
    job 3 changed --resume "$(limit 220)"
    says "lineage/00000000.h5: another program opened it to write, and changed it"
    pass a_file_that_another_program_changed_is_said_to_be_changed
fi

# ---- copies ----

# A copy of one checkpoint, kept outside, goes on in the run that it comes from, whose ledgers are there.
job 0 run "$(limit 200)"
mkdir "$work/kept"; cp "$work/run/checkpoint.h5" "$work/kept/old.h5"
job 0 run --resume "$(limit 300)"
job 0 run --resume="$work/kept/old.h5" "$(limit 220)"
says "goes on from $work/kept/old.h5, generation 200"
same "$work/unbroken" "$work/run"
# Its checkpoints are lost: the same. Another run's ledgers are not written over.
rm "$work/run"/checkpoint*.h5
job 0 run --resume="$work/kept/old.h5" "$(limit 220)"
same "$work/unbroken" "$work/run"
job 0 other "$(limit 200)" --set job.seed=6
rm "$work/other"/checkpoint*.h5
before=$(sha256sum "$work/other/lineage"/*)
job 2 other --resume="$work/kept/old.h5" "$(limit 220)"
says "belongs to another run than the checkpoint"
[ "$before" = "$(sha256sum "$work/other/lineage"/*)" ] || fail "another run's ledgers were written over"
# Ledgers that are nowhere: said, with both places, and nothing is made that was not there.
job 3 nowhere --resume="$work/kept/old.h5" "$(limit 220)"
says "$work/kept/lineage/00000000.h5: is not there, and the checkpoint counts on it; nor is it in $work/nowhere"
[ ! -e "$work/nowhere" ] || fail "a refused resume made the folder"
pass a_checkpoint_kept_outside_goes_on_in_its_own_run

# While it runs: copied again and again, and each copy goes on to the bits of the run.
"$evompi" "$config" --set job.output="$work/live" --set checkpoint.every=1 "$(limit 0)" >"$work/live.out" 2>&1 &
pid=$!
await test -f "$work/live/lineage/00000000.h5"
for ((i = 1; i <= 12; i++)); do
    # However slow the run is beside the copies: it comes further under them.
    [ $i -lt 12 ] || await later "$work/live" "$("$build/evompi-show" "$work/copy1" --generation)"
    must 0 into bash "$root/tools/copy_run.sh" "$work/live" "$work/copy$i"
done
kill -USR1 $pid; got=0; wait $pid || got=$?
[ $got = 85 ] || { cat "$work/live.out" >&2; fail "the run beside ended with $got, not 85"; }
for ((i = 1; i <= 12; i++)); do
    same "$work/copy$i" "$work/copy$i" # reads every row of its ledgers
done
at=$("$build/evompi-show" "$work/copy12" --generation)
[ "$at" -gt "$("$build/evompi-show" "$work/copy1" --generation)" ] || fail "the run stood still under its copies"
job 0 copy1 --resume "$(limit $((at + 5)))"
job 0 copy12 --resume "$(limit $((at + 5)))"
same "$work/copy1" "$work/copy12"
must 2 into bash "$root/tools/copy_run.sh" "$work/live" "$work/copy1"
must 3 into bash "$root/tools/copy_run.sh" "$work/kept" "$work/copy0"
pass a_run_that_is_copied_while_it_runs_goes_on_elsewhere

# ---- the lock of a host that died ----

hold() { # hold NAME: what a file server does for a dead host, until $holder is killed
    python3 - "$work/$1/lock" <<'END' &
import fcntl, struct, sys, time
lock = open(sys.argv[1], "r+b")
fcntl.fcntl(lock, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)) # F_OFD_SETLK
open(sys.argv[1] + ".held", "w").close()
time.sleep(600)
END
    holder=$!
    await test -f "$work/$1/lock.held"
    rm "$work/$1/lock.held"
}
release() { kill $holder; wait $holder 2>/dev/null; }
hold whole
job 2 whole --resume "$(limit 220)"
says "another job is running in this folder"
"$evompi" "$config" --set job.output="$work/whole" --resume=auto "$(limit 220)" >"$work/out" 2>&1 &
pid=$!
await says_now "it may have died: waits up to 120 s for its lock"
release
wait $pid || { cat "$work/out" >&2; fail "the start that waited for the lock failed"; }
same "$work/unbroken" "$work/whole"
pass a_start_by_resume_auto_waits_for_the_lock_of_a_host_that_died

# Held longer than it waits: an error that a batch script starts again after, not 2 or 3.
hold whole
job 1 whole --resume=auto "$(limit 220)" --set job.lock_wait=1
says "and it saved nothing"
release
pass a_lock_that_is_held_longer_ends_in_an_error_after_which_a_batch_system_starts_again

# A job that lives, and saves, is not waited for.
"$evompi" "$config" --set job.output="$work/live" --resume "$(limit 0)" >"$work/live.out" 2>&1 &
pid=$!
await grep -q 'goes on from' "$work/live.out"
await later "$work/live" "$("$build/evompi-show" "$work/live" --generation)"
SECONDS=0
job 2 live --resume=auto "$(limit 0)"
says "another job is running in this folder"
[ $SECONDS -lt 60 ] || fail "waited $SECONDS s for a job that lives"
kill -USR1 $pid; wait $pid
pass a_job_that_lives_and_saves_is_not_waited_for
echo "ok${python:+, with h5py}"
