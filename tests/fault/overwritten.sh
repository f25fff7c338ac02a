#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Nothing begins over a run, or over a user's file, unless it is certain that none is there: each case ends
# with the reason, and every byte is as it was.
. "$(dirname "$0")/../lib/common.sh"
fault=$build/tests/fault.so
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
[log]
interval_s = 1000
[validate]
flights = 0
END
run=$work/run

into() { "$@" >"$work/out" 2>&1; }
# job CODE WORDS: the job in the folder $run with these words.
job() {
    local code=$1; shift
    must "$code" into env ${FAULT:+LD_PRELOAD=$fault EVO_FAULT=$FAULT} "$evompi" "$config" --set job.output="$run" \
        --set stop.max_generations=150 "$@"
}
sum() { (cd "$1" && find . ! -type d ! -name lock -exec ls -ld {} + | awk '{ print $1, $5, $9, $10, $11 }' | sort
    find . -type f ! -name lock -exec sha256sum {} + | sort); }
# refuses CODE TEXT WORDS: the job ends with CODE, says TEXT in one error, and touches nothing.
refuses() {
    local code=$1 text=$2 before; shift 2
    before=$(sum "$run")
    job "$code" "$@"
    says "$text"
    [ "$(grep -c 'evompi: error' "$work/out")" = 1 ] || { cat "$work/out" >&2; fail "not one error"; }
    [ "$before" = "$(sum "$run")" ] || fail "'$*': $run is not as it was"
}
again() { rm -rf "$run"; cp -a "$work/whole" "$run"; }

# A run with segments of a ledger, kept to begin each case with.
job 0
[ -f "$run/lineage/00000001.h5" ] || fail "no segments"
mv "$run" "$work/whole"
other=(--set job.seed=6)

# ledgers_without_a_checkpoint_are_a_run
again; rm "$run"/checkpoint*.h5
refuses 3 "holds ledgers of a run, but neither checkpoint.h5" "${other[@]}" --resume=auto
refuses 3 "holds ledgers of a run, but neither checkpoint.h5" --resume
refuses 2 "holds a run already"
# a_ledger_that_cannot_be_reached_is_a_run; a folder that certainly holds nothing of one is begun in
rm "$run"/champion.csv; mv "$run/lineage" "$work/elsewhere"
job 0 "${other[@]}" --resume=auto
says "holds no run: begins a new one"
again; rm "$run"/checkpoint*.h5; rm -rf "$run/lineage"; ln -s "$work/not/mounted" "$run/lineage"
for how in --resume=auto --resume --fresh --set=job.seed=6; do
    refuses 1 "lineage: is a link, and what it leads to cannot be reached" $how
done
rm -r "$work/elsewhere"

# checkpoints_that_are_links_to_what_cannot_be_reached_are_a_run
again
for name in checkpoint.h5 checkpoint.prev.h5; do rm "$run/$name"; ln -s "$work/not/mounted/$name" "$run/$name"; done
rm -rf "$run/history" "$run/lineage"
for how in --resume=auto --resume --fresh --set=job.seed=6; do
    refuses 1 "checkpoint" "${other[@]}" $how
    says "is a link, and what it leads to cannot be reached: No such file or directory"
done

# a_folder_of_checkpoints_that_may_not_be_searched_is_a_run (root may search any)
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    again
    mkdir "$work/closed"; mv "$run"/checkpoint*.h5 "$work/closed"
    for name in checkpoint.h5 checkpoint.prev.h5; do ln -s "$work/closed/$name" "$run/$name"; done
    rm -rf "$run/history" "$run/lineage" "$run/champion.csv"
    chmod 711 "$work"; chmod -R a+rwX "$run"; chmod 700 "$work/closed"; chmod a+r "$config"
    must 1 into env HOME=/tmp TMPDIR=/tmp setpriv --reuid 65534 --regid 65534 --clear-groups "$evompi" "$config" \
        --set job.output="$run" "${other[@]}" --resume=auto
    says "cannot be reached: Permission denied"
    cmp -s "$work/closed/checkpoint.h5" "$work/whole/checkpoint.h5" || fail "a closed folder was written to"
fi

# a_look_that_fails_for_any_reason_but_ENOENT_ends_the_job
if [ -f "$fault" ]; then
    again
    for point in 1-:EIO 2-:ESTALE 8-:EACCES 1+:ESHUTDOWN; do
        for how in --resume=auto --fresh --set=job.seed=6; do
            FAULT=stat:checkpoint:$point refuses 1 "cannot be looked for" "${other[@]}" $how
        done
    done
    for where in "$run" "$run/lineage"; do
        FAULT=stat:$where:1+:EIO refuses 1 "cannot be looked for" "${other[@]}" --resume=auto
        FAULT=opendir:$where:1+:ESTALE refuses 1 "what it holds cannot be read" "${other[@]}" --resume=auto
    done
    # The first look of all fails, the second would not: also while the lock is held.
    for n in 2 5 8 11; do
        again
        before=$(sum "$run")
        FAULT=stat:checkpoint:$n:EIO; job 1 --fresh; FAULT=''
        [ "$before" = "$(sum "$run")" ] || fail "look $n failed, and --fresh removed something"
    done
fi

# a_kept_champion_is_not_written_over
rm -rf "$run"; mkdir "$run"; cp "$work/whole/champion.csv" "$run"
refuses 2 "champion.csv: is there, but no run that it belongs to"
refuses 2 "champion.csv: is there, but no run that it belongs to" --resume=auto
refuses 2 "champion.csv: is there, but no run that it belongs to" --resume="$work/whole/checkpoint.h5"
job 0 --fresh
same "$run" "$work/whole"

# fresh_removes_only_what_is_known_to_be_evompis, and names the rest before it removes anything
for name in log.txt champion.csv checkpoint.h5 checkpoint.prev.h5 checkpoint.damaged.h5 lineage/00000000.h5; do
    again
    printf '2026-01-01T00:00:00+00:00 mine\n' >"$run/$name"
    refuses 2 "$name: does not begin as a" --fresh
    rm "$run/$name"; mkdir "$run/$name"
    case $name in
    lineage/*) refuses 1 "$name: is a folder" --fresh ;;
    *) refuses 2 "$name: does not begin as a" --fresh ;;
    esac
done
again; touch "$run/stop" "$run/notes.txt" "$run/checkpoint.h5.tmp"
sed -i 1d "$run/log.txt" # a log as versions before this one began it
job 0 --fresh
says "removed the run that it held, for --fresh: begins a new one"
same "$run" "$work/whole"
[ -f "$run/notes.txt" ] || fail "--fresh removed a user's file"

# a_users_log_or_lock_is_not_written_to
for name in log.txt lock; do
    rm -rf "$run"; mkdir "$run"; echo mine >"$run/$name"
    for how in --resume=auto --set=job.seed=6; do
        must 2 into "$evompi" "$config" --set job.output="$run" $how
        says "$name: is not of a run, and a run in this folder would write to it"
        [ "$(cat "$run/$name") $(ls "$run")" = "mine $name" ] || fail "a user's $name was written to"
    done
done

# what_a_power_loss_made_blank_is_in_nobodys_way: files that are not synced may come back empty or as zeros
for size in 0 4096; do
    again
    for name in config.ini log.txt; do rm "$run/$name"; truncate -s $size "$run/$name"; done
    job 0 --resume
    for name in log.txt lock champion.csv; do rm "$run/$name"; truncate -s $size "$run/$name"; done
    job 0 --fresh
    same "$run" "$work/whole"
done

# a_run_that_ended_before_its_first_checkpoint_begins_again: its segments come before it, and are no loss
if [ -f "$fault" ]; then
    rm -rf "$run"
    FAULT=rename:checkpoint.h5:1:kill; job 137 --set checkpoint.every=0; FAULT=''
    [ -f "$run/lineage/00000001.h5" ] || fail "the kill came too early"
    [ ! -e "$run/checkpoint.h5" ] || fail "the kill came too late"
    job 0 --resume=auto
    says "had saved no checkpoint yet: begins a new one"
    same "$run" "$work/whole"
    [ ! -e "$run/beginning" ] || fail "a run with a checkpoint is marked as one without"
    rm "$run"/checkpoint*.h5
    refuses 3 "holds ledgers of a run, but neither checkpoint.h5" --resume=auto
fi

# a_run_folder_that_was_moved_is_not_begun_anew_where_it_was
again; job 0 --resume # the configuration in it names $run
mv "$run" "$work/moved"
for how in --resume=auto --resume --fresh --check; do
    must 2 into "$evompi" "$work/moved/config.ini" $how
    says "a run left it in its folder, $work/moved, but its job.output is $run"
    [ ! -e "$run" ] || fail "$how: began where the folder was"
done
(cd "$work/moved" && must 2 into "$evompi" config.ini --resume=auto) || exit 1
must 0 into "$evompi" "$work/moved/config.ini" --resume=auto --set job.output="$work/moved" --set stop.max_generations=160
says "goes on from $work/moved/checkpoint.h5, generation 150"
# What is copied as a start for another job is no moved run; where it lies is where it says, also by a link.
cp "$work/moved/config.ini" "$work/config.ini"
must 0 into "$evompi" "$work/config.ini" --set validate.flights=0 --check
ln -s moved "$work/linked"
must 0 into "$evompi" "$work/linked/config.ini" --resume=auto
echo "ok: $SECONDS s"
