#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# "holystone xfs --appliance -n IMAGE": images are checked without root's mount and stay as they
# are, quota flags and a dirty log included.
. "$(dirname "$0")/lib.sh"

check() { # NAME EXIT OPTION... IMAGE
	local name=$1 code=$2
	shift 2
	"$HOLYSTONE" xfs --appliance -n "$@" >"$dir/out" 2>&1 </dev/null
	same "$name" "$code" $? || cat "$dir/out" >&2
}

make_fs "$dir/image" -m rmapbt=1,reflink=1 -n parent=1
inside --disk "d=$dir/image" -- '
	mount -t xfs -o uquota,gqnoenforce /disk/d /mnt || exit 99
	xfsrich /mnt || exit 98
	xfs_scrub -k /mnt >/dev/null || exit 97' >"$dir/out"
same "filled" 0 $?
before=$(sum "$dir/image")
check "clean image" 0 -v "$dir/image"
says "clean image" '^Phase 7' "$dir/out"
lacks "clean image" '^\(Corruption\|Warning\|Error\)' "$dir/out"
same "SHA-256, quota flags included" "$before" "$(sum "$dir/image")"

# what was not written back is in the log
inside --disk "d=$dir/image" -- '
	mount -t xfs -o uquota,gqnoenforce /disk/d /mnt || exit 99
	mkdir /mnt/new && xfs_io -x -c "shutdown -f" /mnt && umount /mnt' >"$dir/out"
same "dirty log" 0 $?
"$x/run" xfs_logprint -t "$dir/image" 2>&1 | grep -q '<CLEAN>' && bad "the log is clean"
before=$(sum "$dir/image")
check "dirty image" 0 "$dir/image"
same "SHA-256 with a dirty log" "$before" "$(sum "$dir/image")"

"$x/run" xfs_db -x -c 'sb 1' -c 'fuzz -d dblocks add' "$dir/image" >/dev/null
check "damage" 1 "$dir/image"
says "damage" '^Corruption: AG 1 superblock: Repairs are required.$' "$dir/out"
check "damage as JSON" 1 --json "$dir/image"
says "damage as JSON" '"object":"AG 1"' "$dir/out"

truncate -s 600M "$dir/data"
truncate -s 64M "$dir/log"
"$x/run" mkfs.xfs -q -f -l "logdev=$dir/log" "$dir/data" >"$dir/out" 2>&1 || bad "external log"
check "external log" 0 --logdev "$dir/log" "$dir/data"
check "without its log" 4 "$dir/data"

check "no XFS" 8 "$HOLYSTONE"
says "no XFS" 'Not an XFS filesystem' "$dir/out"
check "no such image" 4 "$dir/nothing"
"$HOLYSTONE" xfs --appliance "$dir/image" >"$dir/out" 2>&1
same "repairing is refused" 4 $?
finish
