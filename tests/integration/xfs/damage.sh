#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Damage planted with xfs_db is found, named as one cause, and xfs_scrub finds the same parts of the
# same objects, but for the differences that docs/xfs-differences.md lists.
. "$(dirname "$0")/lib.sh"
. "$here/planted.sh"

# eight disks a boot: a copy-on-write disk takes two of the guest's sixteen
check_cases() {
	local options=() name wanted lines
	for name; do options+=(--disk "$name=$dir/$name:cow"); done
	inside "${options[@]}" --share "$dir/share" --with dd -- '
	for d in /disk/*; do
		n=${d#/disk/}
		side_by_side $n $d uquota,gquota,pquota
		fresh $d uquota,gquota,pquota || continue
		holystone xfs -n --run-dir /tmp/run-$n /mnt >/share/$n.lines 2>&1
		echo "exit $?" >>/share/$n.lines
		umount /mnt
	done' >"$dir/all"
	same "all cases ran" 0 $? || cat "$dir/all" >&2
	for name; do
		lines=$dir/share/$name.lines
		read -r wanted <"$dir/$name.want"
		says "$name" "^Corruption: .*$wanted.*: Repairs are required." "$lines"
		same "$name: corruptions" 1 "$(grep -c ^Corruption: "$lines")"
		says "$name" '^/mnt: corruptions found: 1$' "$lines"
		lacks "$name" 'Cross-referencing' "$lines"
		says "$name" "^exit $(cat "$dir/share/$name.theirs")\$" "$lines"
		one_finding "$name"
		case $name in
		# the header disagrees with the btree only until that is known to be damaged
		bnobt) same_verdicts "$name" '-AG 1 free space header' ;;
		# xfs_scrub ends where it cannot list inodes
		inobt) same_verdicts "$name" '+optimize extended attributes' ;;
		*) same_verdicts "$name" ;;
		esac
	done
}

set -- "${cases[@]}"
while [ $# -gt 0 ]; do
	check_cases "${@:1:8}"
	shift $(($# < 8 ? $# : 8))
done
finish
