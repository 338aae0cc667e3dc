#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The types of metadata that damage.sh leaves out: of realtime groups, metadata paths, group and
# project quotas, reference counts, parent pointers. Each is planted, each is found, and the exit
# code is xfs_scrub's. Together with damage.sh these are all types that have a form on disk.
. "$(dirname "$0")/lib.sh"
. "$here/planted_rt.sh"

mkdir "$dir/share/base"
cat "$dir"/share/*/blocks | sort -un | while read -r block; do
	dd if="$dir/base" of="$dir/share/base/$block" bs=4096 skip="$block" count=1 status=none
done
cat >"$dir/share/script" <<'END'
put() { # DIRECTORY-WITH-BLOCKS CASE
	while read -r block; do
		dd if=$1/$block of=/disk/d bs=4096 seek=$block conv=notrunc,fsync status=none
	done </share/$2/blocks
}
# A disk that is mounted takes no writes of others, but what lies below it does.
dmsetup create top --table "0 $(blockdev --getsz /disk/d) linear /disk/d 0" && dmsetup mknodes
for type in /share/*/type; do
	c=${type%/type}
	c=${c#/share/}
	[ -e /share/$c/mounted ] || put /share/$c $c
	mount -t xfs -o $options /dev/mapper/top /mnt || { echo "$c: mount failed"; put /share/base $c; continue; }
	[ ! -e /share/$c/mounted ] || put /share/$c $c
	# what is used often survives a few rounds
	for _ in 1 2 3 4 5 6 7 8 9; do echo 3 >/proc/sys/vm/drop_caches; done
	holystone xfs -n --json /mnt >/share/$c.json 2>/share/$c.err
	echo $? >/share/$c.ours
	xfs_scrub -n /mnt >/share/$c.scrub 2>&1
	echo $? >/share/$c.theirs
	umount /mnt
	put /share/base $c
done
mount -t xfs -o $options /dev/mapper/top /mnt && holystone xfs -n /mnt
END
inside --disk "d=$dir/base:cow" --disk "rt=$dir/rt:cow" --share "$dir/share" --with dd \
	--with dmsetup --with blockdev -- \
	"options=$options; . /share/script" >"$dir/out"
same "clean again after all cases" 0 $? || cat "$dir/out" >&2

for c in "${cases[@]}"; do
	type=$(cat "$dir/share/$c/type")
	# found as a cause, or listed under one
	says "$c" "\"type\":\"finding\".*\"XFS-CORRUPT\".*\($type\|\"witness\":\"$c\"\)" "$dir/share/$c.json"
	one_finding "$c"
	same_verdicts "$c"
done

cat <<'END'
Not planted, for they have no form on disk that could be damaged:
  probe      asks whether the kernel can check at all
  bmapbtc    the map of copy-on-write staging extents is kept in memory only
  healthy    the record of earlier findings is kept in memory only
END
finish
