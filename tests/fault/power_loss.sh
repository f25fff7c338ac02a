#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The power fails under a run, on ext4 and on XFS: nothing older than reported, and in the end the same bits.
# usage: power_loss.sh BUILD [CRASHES [SEED [SECONDS]]]
#   CRASHES   of each file system; SECONDS ends it earlier (0: never)
# A file system in a file is shut down without writing anything more, its journal included, and
# mounted again, as after a power loss: what was not synced is gone.
# Mounts of its own: a copy of one in some other namespace would keep a file system from being shut.
[ -n "${EVO_OWN_MOUNTS:-}" ] || [ "$(id -u)" != 0 ] || EVO_OWN_MOUNTS=1 exec unshare --mount bash "$0" "$@"
. "$(dirname "$0")/../lib/common.sh"
crashes=${2:-4} seconds=${4:-40}
RANDOM=${3:-1}
PATH=$PATH:/usr/sbin:/sbin
[ "$(id -u)" = 0 ] || skip "only root can mount"
command -v xfs_io >/dev/null || skip "xfs_io is not installed (Debian: xfsprogs)"
common=("$root/jobs/original.ini" --set lineage.keep=all --set log.interval_s=0 --set stop.max_generations=1000
    --set population.size=101 --set validate.flights=0)
disk=$work/disk
mkdir "$disk"
trap 'umount -l "$disk" 2>/dev/null; rm -rf "$work"' EXIT

"$evompi" "${common[@]}" --set job.output="$work/unbroken" --set checkpoint.durable=process >"$work/out" 2>&1 ||
    fail "the unbroken run"

# attach KIND: a new file system of this kind at $disk.
attach() {
    rm -f "$work/image"
    truncate -s 320M "$work/image"
    "mkfs.$1" -q "$work/image" >"$work/made" 2>&1 && mount -o loop "$work/image" "$disk" 2>"$work/made"
}

# crash: one start of the job, and a power loss under it; `code` is how the job ended.
crash() {
    "$evompi" "${common[@]}" --set job.output="$disk/run" --resume=auto >"$work/out" 2>&1 &
    local job=$! before
    before=$(stat -c '%i %.Y' "$disk/run/checkpoint.h5" 2>/dev/null)
    # Every other time it comes to do something first, however slow the machine.
    [ $((RANDOM % 2)) -eq 0 ] || for _ in $(seq 100); do
        [ "$(stat -c '%i %.Y' "$disk/run/checkpoint.h5" 2>/dev/null)" = "$before" ] || break
        sleep 0.02
    done
    sleep "0.$((RANDOM % 400 + 100))"
    xfs_io -x -c shutdown "$disk" || fail "$kind cannot be shut down"
    code=0
    wait $job || code=$?
    [ $code -eq 0 ] || [ "$(grep -c 'evompi: error' "$work/out")" = 1 ] || { cat "$work/out" >&2; fail "not one error"; }
    umount "$disk" || fail "$kind cannot be unmounted"
    mount -o loop "$work/image" "$disk" || fail "$kind cannot be mounted again"
}

# check: what is on the disk is whole, segments of ledgers too, and no older than the job said.
check() {
    local said on_disk
    said=$(awk '/^generation/ { print $2 }' "$work/out" | tail -n 1)
    [ -e "$disk/run/checkpoint.h5" ] || [ -n "$said" ] || return
    on_disk=$("$build/evompi-show" "$disk/run" --generation) || fail "$kind: no whole checkpoint after crash $n"
    [ "$on_disk" -ge "${said:-0}" ] || fail "$kind: reported $said, on disk $on_disk"
    same "$disk/run" "$disk/run"
}

# finish: lets the job come to its end, and compares it.
finish() {
    must 0 "$evompi" "${common[@]}" --set job.output="$disk/run" --resume=auto >"$work/out" 2>&1
    same "$work/unbroken" "$disk/run"
    rm -rf "$disk/run"
    n_finished=$((n_finished + 1))
}

time_is_up() { [ "$seconds" -gt 0 ] && [ "$SECONDS" -ge "$seconds" ]; }
done_all=
for kind in ext4 xfs; do
    if ! attach $kind; then
        echo "not here: $kind: $(xargs <"$work/made")"
        continue
    fi
    n=0 n_finished=0
    # However slow the machine: one crash at least.
    while [ $n -eq 0 ] || { [ $n -lt "$crashes" ] && ! time_is_up; }; do
        crash
        check
        if [ $code -eq 0 ]; then finish; else n=$((n + 1)); fi
    done
    finish
    umount "$disk"
    done_all+=" $n crashes of $kind ($n_finished runs ended as unbroken),"
done
[ -n "$done_all" ] || skip "no file system in a file can be mounted here"
echo "ok:$done_all $SECONDS s"
