#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A clean file system with every form of metadata is clean, also on a disk that takes no writes, and
# xfs_scrub says the same of what could be optimised.
. "$(dirname "$0")/lib.sh"
mkdir "$dir/share"
chmod 777 "$dir/share"

# one NAME MOUNT-OPTIONS MKFS-OPTION...
one() {
	local name=$1 options=$2
	shift 2
	make_fs "$dir/$name" "$@"
	inside --disk "d=$dir/$name" -- "
		mount -t xfs -o $options /disk/d /mnt || exit 99
		xfsrich /mnt || exit 98
		xfs_scrub -k /mnt >/dev/null || exit 97" >"$dir/out"
	same "$name: filled" 0 $?
	inside --disk "d=$dir/$name:ro" -- "
		mount -t xfs -o ro /disk/d /mnt || exit 99
		holystone xfs -n -v /mnt" >"$dir/out"
	same "$name: clean" 0 $?
	lacks "$name" '^\(Corruption\|Warning\|Error\)' "$dir/out"
	says "$name" '^Phase 7: Check summary counters.' "$dir/out"
	inside --disk "d=$dir/$name:cow" --share "$dir/share" -- "
		side_by_side $name /disk/d $options
		mount -t xfs -o $options /disk/d /mnt || exit 99
		XFS_SCRUB_FORCE_SINGLE=1 holystone xfs -n -d --threads 4 /mnt" >"$dir/out"
	same "$name: single calls, several workers" 0 $?
	lacks "$name" '^\(Corruption\|Warning\|Error\)' "$dir/out"
	same "$name: exit of both" "0 0" "$(cat "$dir/share/$name.ours" "$dir/share/$name.theirs" | xargs)"
	same_verdicts "$name"
	rm "$dir/$name"
}

one plain noquota -m rmapbt=1,reflink=1 -i exchange=1 -n parent=0 -d agcount=4
one parents uquota,gquota,pquota -m rmapbt=1,reflink=1 -i exchange=1 -n parent=1 -d agcount=4
one least noquota -m rmapbt=0,reflink=0,finobt=0 -n parent=0

# as mkfs.xfs leaves it: the copies of the superblock could be better
make_fs "$dir/new" -m rmapbt=1,reflink=1 -n parent=1 -d agcount=4
inside --disk "d=$dir/new" --share "$dir/share" -- '
	mount -t xfs /disk/d /mnt && xfsrich /mnt && umount /mnt && side_by_side new /disk/d defaults' >"$dir/out"
same "new" 0 $?
same_verdicts new
says "new" '"rule":"XFS-PREEN".*"object":"AG 1"' "$dir/share/new.json"
rm "$dir/new"

# realtime groups: metadata directory, paths, rt btrees
truncate -s 600M "$dir/rt"
truncate -s 600M "$dir/data"
if "$x/run" mkfs.xfs -q -f -m metadir=1,rmapbt=1,reflink=1 -n parent=1 -i exchange=1 \
	-r "rtdev=$dir/rt,rgsize=256m" "$dir/data" >"$dir/out" 2>&1; then
	inside --disk "d=$dir/data" --disk "rt=$dir/rt" --share "$dir/share" -- "
		mount -t xfs -o rtdev=/disk/rt /disk/d /mnt || exit 99
		xfsrich /mnt || exit 98
		xfs_scrub -k /mnt >/dev/null || exit 97
		holystone xfs -n -v /mnt
		code=\$?
		umount /mnt
		side_by_side rt /disk/d rtdev=/disk/rt
		exit \$code" >"$dir/out"
	same "realtime groups" 0 $?
	lacks "realtime groups" '^\(Corruption\|Warning\|Error\)' "$dir/out"
	same_verdicts rt
else
	bad "mkfs.xfs makes no realtime groups"
	cat "$dir/out" >&2
fi
finish
