#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Blocks that cannot be read, and a file system that goes away under the check: what can still be
# said is said, the run comes to an end, and nothing that was not checked counts as clean.
. "$(dirname "$0")/lib.sh"
needs dmsetup
size=300M

make_fs "$dir/base" -m rmapbt=1,reflink=1 -i exchange=1 -n parent=1 -d agcount=4
inside --disk "d=$dir/base" -- "
	mount -t xfs /disk/d /mnt || exit 99
	xfsrich /mnt || exit 98
	xfs_scrub -k /mnt >/dev/null || exit 97" >"$dir/out"
same "filled" 0 $? || { cat "$dir/out" >&2; finish; }

mkdir "$dir/share"
# unreadable NAME XFS_DB-COMMAND... : the block that these lead to
unreadable() {
	local name=$1 options=()
	shift
	for command; do options+=(-c "$command"); done
	"$x/run" xfs_db "${options[@]}" -c daddr "$dir/base" | sed -n 's/.*daddr is //p' >"$dir/share/$name.sector"
	[ -s "$dir/share/$name.sector" ] || bad "$name: not found in the image"
}
unreadable dirblock 'path /block' 'dblock 0'
unreadable attrblock 'path /attrs/leaf' 'ablock 0'
unreadable symlink 'path /links/remote' 'dblock 0'
unreadable inodes 'path /a/b/c/d'
unreadable rmapbt 'agf 1' 'addr rmaproot'

cat >"$dir/share/script" <<'END'
top() { dmsetup create top --table "0 $(blockdev --getsz /disk/d) $1" && dmsetup mknodes; }
for sector in /share/*.sector; do
	c=${sector%.sector}
	top 'dust /disk/d 0 512'
	mount -t xfs /dev/mapper/top /mnt || { echo "$c: mount failed"; continue; }
	dmsetup message top 0 quiet
	dmsetup message top 0 addbadblock $(cat $sector)
	dmsetup message top 0 enable
	for _ in 1 2 3 4 5 6 7 8 9; do echo 3 >/proc/sys/vm/drop_caches; done
	holystone xfs -n -v /mnt >$c.out 2>&1
	echo "exit $?" >>$c.out
	umount /mnt
	dmsetup remove top
done

# slowly NAME COMMAND... : a check, with the command run in the middle of it
slowly() {
	c=/share/$1
	shift
	holystone xfs -n -v -b -b /mnt >$c.out 2>&1 &
	p=$!
	until grep -q "^Phase 3" $c.out; do sleep 0.1; done
	"$@" >$c.did 2>&1
	echo "did $?" >>$c.did
	wait $p
	echo "exit $?" >>$c.out
}
mount -t xfs /disk/d /mnt
slowly unmount umount /mnt
slowly readonly mount -o remount,ro /mnt
mount -o remount,rw /mnt
frozen() { xfs_io -x -c freeze /mnt && sleep 2 && xfs_io -x -c thaw /mnt; }
slowly freeze frozen
slowly shutdown xfs_io -x -c 'shutdown' /mnt
umount /mnt
mount -t xfs /disk/d /mnt
slowly lazy umount -l /mnt
END
inside --disk "d=$dir/base:cow" --share "$dir/share" --with dmsetup --with blockdev --with sleep -- \
	'. /share/script' >"$dir/out"
same "all cases ran" 0 $? || cat "$dir/out" >&2

for c in dirblock attrblock symlink inodes rmapbt; do
	out=$dir/share/$c.out
	says "$c" '^exit [145]$' "$out"
	says "$c" '^Phase 7: Check summary counters.' "$out"
	lacks "$c" 'aborted' "$out"
	lacks "$c" 'Cross-referencing' "$out"
	# one block, one cause; without reverse mappings space cannot be counted either
	[ "$c" = rmapbt ] && says "$c" '^Error: /mnt: Cannot count what is used' "$out"
	same "$c: causes" 1 "$(grep '^\(Corruption\|Error\): ' "$out" | grep -vc 'Cannot count')"
done

# outcome NAME EXIT-OF-THE-COMMAND EXIT PATTERN
outcome() {
	says "$1" "^did $2\$" "$dir/share/$1.did"
	says "$1" "^exit $3\$" "$dir/share/$1.out"
	says "$1" "$4" "$dir/share/$1.out"
}
says inodes '^Error: inode [0-9]* ([0-9/]*) inode record: Input/output error; likewise 15 inodes up to' \
	"$dir/share/inodes.out"
outcome unmount 32 0 '^Phase 7' # busy
outcome readonly 0 0 '^Phase 7'
outcome freeze 0 0 '^Phase 7'
outcome shutdown 0 4 'Filesystem is shut down, aborting.'
outcome lazy 0 0 '^Phase 7'
finish
