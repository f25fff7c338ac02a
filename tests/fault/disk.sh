#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A disk that is full, read-only, failing or gone: one clear error, the old checkpoint whole; or tried again.
. "$(dirname "$0")/../lib/common.sh"
fault=$build/tests/fault.so
[ -f "$fault" ] || skip "no $fault: faults are injected on Linux alone"
config=$root/jobs/original.ini
common=(--set lineage.keep=all --set log.interval_s=0 --set validate.flights=0)
generations=60

# The unbroken run, and as many generations as the end of each case goes on to.
must 0 ranks 1 "$config" "${common[@]}" --set job.output="$work/unbroken" --set stop.max_generations=$generations

# job CODE NAME [WORDS]: the run NAME, on 2 ranks, with the fault that FAULT names on rank 0.
job() {
    local code=$1 name=$2; shift 2
    must "$code" mpirun -np 2 env ${FAULT:+LD_PRELOAD=$fault EVO_FAULT=$FAULT} "$evompi" "$config" \
        "${common[@]}" --set stop.max_generations=$generations --set job.output="$work/$name" "$@" \
        >"$work/out" 2>&1
}
# one_error TEXT: the job spoke of one error, once, and it names this.
one_error() {
    says "$1"
    [ "$(grep -c 'evompi: error' "$work/out")" = 1 ] || { cat "$work/out" >&2; fail "not one error"; }
}
# whole NAME: the newest checkpoint is whole and no older than the log said; the resumed run is the unbroken.
whole() {
    local said on_disk
    said=$(awk '/^generation/ { print $2 }' "$work/out" | tail -n 1)
    on_disk=$("$build/evompi-show" "$work/$1" --generation) || fail "$1: no whole checkpoint"
    [ "$on_disk" -ge "${said:-0}" ] || fail "$1: reported $said, on disk $on_disk"
    FAULT='' job 0 "$1" --resume
    same "$work/unbroken" "$work/$1"
    [ -z "$(find "$work/$1" -name '*.tmp')" ] || fail "$1: a temporary file is left over"
}

# ---- calls that fail ----

# The 9th save meets it and all after it do; the segments come with the 2048th row of the lineage.
n=0
for point in write:checkpoint.h5.tmp:9+:ENOSPC write:checkpoint.h5.tmp:9+:EDQUOT \
    fsync:checkpoint.h5.tmp:9+:EIO rename:checkpoint.h5:9+:EIO rename:checkpoint.prev.h5:9+:EROFS \
    open:checkpoint.h5.tmp:9+:EROFS mkdir:lineage:1+:ENOSPC write:lineage/:1+:EIO fsync:lineage/:1+:EIO \
    write:champion.csv.tmp:2+:EIO; do
    n=$((n + 1))
    FAULT=$point job 1 "call$n" --set checkpoint.on_save_error=stop
    case $point in
    *ENOSPC) one_error "No space left on device" ;;
    *EDQUOT) one_error "quota exceeded" ;;
    *EIO) one_error "Input/output error" ;;
    *EROFS) one_error "Read-only file system" ;;
    esac
    says "cannot be saved"
    whole "call$n"
done

# The same, tried again: for ever in vain, and once.
FAULT=write:checkpoint.h5.tmp:9+:ENOSPC job 1 vain --set checkpoint.on_save_error=retry
one_error "No space left on device"
[ "$(grep -c 'evompi: warning.*tries again' "$work/out")" = 1 ] || fail "not one warning"
whole vain
for point in write:checkpoint.h5.tmp:9:EIO rename:checkpoint.h5:9:EIO write:lineage/:1:ENOSPC fsync:lineage/:2:EIO; do
    n=$((n + 1))
    FAULT=$point job 0 "again$n" --set checkpoint.on_save_error=retry
    says "tries again"
    says "saving works again"
    same "$work/unbroken" "$work/again$n"
done

# A file system without hard links: two renames, as ever.
FAULT=link:checkpoint:1+:EPERM job 0 nolinks
same "$work/unbroken" "$work/nolinks"
[ -f "$work/nolinks/checkpoint.prev.h5" ] || fail "without hard links the one before is not kept"

# Nothing can be written from the start: no run, and an error that says where.
for point in mkdir:/start:1+:EROFS open:lock:1+:EROFS write:config.ini:1+:ENOSPC; do
    n=$((n + 1))
    FAULT=$point job 1 "start$n"
    one_error "$work/start$n"
done

# ---- a folder that is removed under the run ----

background() { # background NAME [WORDS]: without end; $launcher
    local name=$1; shift
    mpirun -np 2 "$evompi" "$config" "${common[@]}" --set job.output="$work/$name" \
        --set checkpoint.durable=process --set stop.max_generations=0 "$@" >"$work/out" 2>&1 &
    launcher=$!
    await test -f "$work/$name/checkpoint.prev.h5"
}
ends_with() { local code=0; wait $launcher || code=$?; [ $code = "$1" ] || { cat "$work/out" >&2; fail "ended with $code, not $1"; }; }

background gone
mv "$work/gone" "$work/moved"
ends_with 1
one_error "No such file or directory"
generation=$("$build/evompi-show" "$work/moved" --generation) || fail "the moved checkpoint is not whole"
[ "$generation" -ge "$(awk '/^generation/ { print $2 }' "$work/out" | tail -n 1)" ] || fail "reported more than was saved"
# Moved away and back, it goes on as if nothing had been.
background back --set checkpoint.on_save_error=retry
mv "$work/back" "$work/away"
await says_now "tries again"
mv "$work/away" "$work/back"
await says_now "saving works again"
touch "$work/back/stop"
ends_with 85
says "tries again"
says "saving works again"

# ---- real file systems ----

mkdir "$work/small"
if ! mount -t tmpfs -o size=1m evompi-test "$work/small" 2>"$work/mount"; then
    echo "ok: calls that fail, a folder that goes ($n cases); not mounted: $(cat "$work/mount")"
    exit
fi
trap 'umount -l "$work/small" 2>/dev/null; rm -rf "$work"' EXIT
# Full: the lineage of all creatures does not fit.
job 1 small/full
one_error "No space left on device"
"$build/evompi-show" "$work/small/full" --generation >/dev/null || fail "full: no whole checkpoint"
mount -o remount,size=64m "$work/small"
whole small/full
# Full for a while.
mount -o remount,size=1m "$work/small" 2>/dev/null || { rm -rf "$work/small/full"; mount -o remount,size=1m "$work/small"; }
rm -rf "$work/small/full"
full_for_a_while() { # full_for_a_while FOLDER COMMAND...: a run without end there, until COMMAND makes room
    local folder=$1 generation; shift
    mpirun -np 2 "$evompi" "$config" "${common[@]}" --set job.output="$folder" --set stop.max_generations=0 \
        --set checkpoint.durable=process --set checkpoint.on_save_error=retry >"$work/out" 2>&1 &
    launcher=$!
    await says_now "tries again"
    "$@"
    await says_now "saving works again"
    touch "$folder/stop"
    ends_with 85
    generation=$("$build/evompi-show" "$folder" --generation) || fail "$folder: no whole checkpoint"
    rm -rf "$work/straight"
    "$evompi" "$config" "${common[@]}" --set job.output="$work/straight" --set checkpoint.durable=process \
        --set stop.max_generations="$generation" >"$work/straight.out" 2>&1 || fail "the unbroken run"
    same "$work/straight" "$folder"
}
full_for_a_while "$work/small/while" mount -o remount,size=512m "$work/small"
# Read-only when a job wants to go on. (In the middle of one the kernel refuses: files are open.)
must 0 ranks 1 "$config" "${common[@]}" --set job.output="$work/small/ro" --set stop.max_generations=9
mount -o remount,ro "$work/small" || fail "cannot be made read-only"
job 1 small/ro --resume
one_error "Read-only file system"
mount -o remount,rw "$work/small"
whole small/ro
umount "$work/small" || fail "something is still open on the small file system"

# A quota that is used up, of a subvolume of btrfs: root is held to it too. (The kernels at hand know
# no quota of ext4 and XFS.)
quota() { btrfs qgroup limit "$1" "$work/quota/run" >"$work/btrfs" 2>&1; }
PATH=$PATH:/usr/sbin:/sbin
quotas='no quota here'
mkdir "$work/quota"
truncate -s 256M "$work/image"
trap 'umount -l "$work/small" "$work/quota" 2>/dev/null; rm -rf "$work"' EXIT
if { mkfs.btrfs -q "$work/image" && mount -o loop "$work/image" "$work/quota" && btrfs quota enable "$work/quota" &&
    btrfs subvolume create "$work/quota/run"; } >"$work/btrfs" 2>&1 && quota 1M; then
    job 1 quota/run/over
    one_error "quota exceeded"
    quota none
    whole quota/run/over
    # Used up for a while.
    rm -rf "$work/quota/run/over"
    quota 1M
    full_for_a_while "$work/quota/run/while" quota none
    says "quota exceeded"
    umount "$work/quota" || fail "something is still open under the quota"
    quotas='a quota'
fi
echo "ok: $n calls that fail, a folder that goes, a disk that is full or read-only, $quotas; $SECONDS s"
