#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks: what is not to be written is not, and what is in use is refused.
. "$(dirname "$0")/lib.sh"
make_xfs "$dir/x"

# --- a disk to be written is ---------------------------------------------------------------------
guest --disk x="$dir/x" -- 'mount /disk/x /mnt && echo kept >/mnt/file'
same "writing" 0 $?
same "what was written" kept "$(guest --disk x="$dir/x" -- 'mount /disk/x /mnt && cat /mnt/file')"

same "whatever its name" kept "$(guest --disk control="$dir/x:cow" -- 'mount /disk/control /mnt && cat /mnt/file')"

# --- copy on write: clean, then with a dirty log (a guest killed at work) -------------------------
unchanged() {
	local before
	before=$(sum "$dir/x")
	same "$1, copy on write: reads and writes inside" "yes" "$(guest --disk x="$dir/x:cow" -- \
		'mount /disk/x /mnt && cat /mnt/file >/dev/null && echo new >/mnt/new && sync && cat /mnt/new >/dev/null && echo yes')"
	same "$1, copy on write: SHA-256" "$before" "$(sum "$dir/x")"
	guest --disk x="$dir/x:ro" -- 'mount -o ro,norecovery /disk/x /mnt && cat /mnt/file; echo >/disk/x' \
		>/dev/null 2>&1
	same "$1, read-only: SHA-256" "$before" "$(sum "$dir/x")"
}
unchanged "clean"

"$HOLYSTONE" appliance run "${TOOLS[@]}" --disk x="$dir/x" -- sh -c \
	'mount /disk/x /mnt; i=0; while [ $i -lt 200 ]; do echo $i >/mnt/f$i; i=$((i + 1)); done; sync; echo 1 >/mnt/last; sync -f /mnt; echo done; exec sleep 100' >"$dir/out" &
pid=$!
for _ in $(seq 100); do
	grep -q done "$dir/out" && break
	sleep 0.2
done
kill -KILL $pid
wait $pid 2>/dev/null
sleep 1 # the guest's process is dying
guest --disk x="$dir/x:cow" -- 'mount /disk/x /mnt; dmesg' >"$dir/log"
says "the log was dirty" 'Starting recovery' "$dir/log"
unchanged "dirty log"

# --- in use ---------------------------------------------------------------------------------------
refused() { # WHAT DISK PATTERN
	appliance --disk x="$2" -- true 2>"$dir/err"
	same "$1" 125 $?
	says "$1" "$3" "$dir/err"
}
appliance --disk x="$dir/x" -- sleep 3 &
pid=$!
sleep 0.5
refused "a second copy" "$dir/x" 'in use by another run'
refused "a second copy, reading" "$dir/x:cow" 'in use by another run'
wait $pid
sleep 2 >>"$dir/x" &
pid=$!
sleep 0.2
refused "open for writing" "$dir/x" 'open for writing'
wait $pid
refused "a directory" "$dir" 'neither an image nor a block device'
refused "no such file" "$dir/nothing" 'No such file'

if [ "$(id -u)" = 0 ] && loop=$(losetup -f --show "$dir/x" 2>/dev/null); then
	refused "loop-attached" "$dir/x" 'attached to /dev/loop'
	same "a block device" yes "$(guest --disk x="$loop:cow" -- 'mount /disk/x /mnt && echo yes')"
	mkdir "$dir/m"
	if mount "$loop" "$dir/m" 2>/dev/null; then
		refused "mounted" "$loop" 'mounted or in use'
		umount "$dir/m"
	else
		echo "note: this kernel does not mount XFS: mounted devices not tried" >&2
	fi
	appliance --disk x="$loop:cow" -- sleep 2 &
	pid=$!
	sleep 0.5
	! mount "$loop" "$dir/m" 2>/dev/null || { bad "mounted while held"; umount "$dir/m"; }
	wait $pid
	losetup -d "$loop"
else
	echo "note: no loop devices: block devices not tried" >&2
fi

# --- the faults that tests plant ------------------------------------------------------------------
if command -v dmsetup >/dev/null; then
	truncate -s 16M "$dir/d" "$dir/e"
	guest --with dmsetup --with dd --disk d="$dir/d" --disk e="$dir/e" -- '
		set -e
		s=32768
		dmsetup create dust --table "0 $s dust /disk/d 0 512"
		dmsetup message dust 0 addbadblock 100
		dmsetup message dust 0 enable
		dmsetup mknodes
		dd if=/dev/mapper/dust of=/dev/null bs=512 skip=64 count=1 2>/dev/null
		! dd if=/dev/mapper/dust of=/dev/null bs=512 skip=100 count=1 2>/dev/null
		dmsetup remove dust
		dmsetup create delay --table "0 $s delay /disk/d 0 10"; dmsetup remove delay
		dmsetup create flakey --table "0 $s flakey /disk/d 0 10 1"; dmsetup remove flakey
		dmsetup create snap --table "0 $s snapshot /disk/d /disk/e N 8"; dmsetup remove snap
		dmsetup create log --table "0 $s log-writes /disk/d /disk/e"; dmsetup remove log
		dmsetup create bad --table "0 $s error"; dmsetup remove bad
		echo all' >"$dir/out" 2>"$dir/err"
	same "device-mapper faults" all "$(cat "$dir/out")"
	[ "$(cat "$dir/out")" = all ] || cat "$dir/err" >&2
else
	echo "note: no dmsetup: faults not tried" >&2
fi

finish
