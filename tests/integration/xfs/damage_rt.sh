#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The types of metadata that damage.sh leaves out: of realtime groups, metadata paths, group and
# project quotas, reference counts, parent pointers. Each is planted, each is found, and the exit
# code is xfs_scrub's. Together with damage.sh these are all types that have a form on disk.
. "$(dirname "$0")/lib.sh"
needs dmsetup
size=400M

# small groups, so that their metadata directory has a block of its own
truncate -s 256M "$dir/rt"
make_fs "$dir/base" -m metadir=1,rmapbt=1,reflink=1 -n parent=1 -i exchange=1 -d agcount=4 \
	-r "rtdev=$dir/rt,rgsize=16m"
options=rtdev=/disk/rt,uquota,gquota,pquota
inside --disk "d=$dir/base" --disk "rt=$dir/rt" -- "
	mount -t xfs -o $options /disk/d /mnt || exit 99
	xfsrich /mnt || exit 98
	xfs_io -f -c 'chattr +r' -c 'pwrite -q 0 1m' /mnt/rtfile &&
	xfs_io -f -c 'chattr +r' -c 'reflink /mnt/rtfile 0 0 512k' /mnt/rtclone >/dev/null &&
	xfs_io -f -c 'chproj 77' -c 'pwrite -q 0 64k' /mnt/project || exit 97
	xfs_scrub -k /mnt >/dev/null || exit 96
	holystone xfs -n /mnt" >"$dir/out"
same "filled and clean" 0 $? || { cat "$dir/out" >&2; finish; }
lacks "clean" '^\(Corruption\|Warning\|Error\)' "$dir/out"

db() { "$x/run" xfs_db -R "$dir/rt" "$@"; }

# What differs after the damage is kept block by block: written into the guest's disk before a case
# and taken back after it, one image serves all cases.
mkdir "$dir/share"
cases=()
# plant NAME TYPE XFS_DB-COMMAND... : TYPE is what must be among the findings
plant() {
	local name=$1 type=$2 options=() block
	shift 2
	for command; do
		[ "$command" = -c ] || options+=(-c "$command")
	done
	cp --sparse=always "$dir/base" "$dir/damaged"
	db -x "${options[@]}" "$dir/damaged" >"$dir/out" 2>&1
	mkdir "$dir/share/$name"
	echo "$type" >"$dir/share/$name/type"
	cmp -l "$dir/base" "$dir/damaged" | awk '{ b[int(($1 - 1) / 4096)] } END { for (i in b) print i }' |
		sort -n >"$dir/share/$name/blocks"
	while read -r block; do
		dd if="$dir/damaged" of="$dir/share/$name/$block" bs=4096 skip="$block" count=1 status=none
	done <"$dir/share/$name/blocks"
	if [ ! -s "$dir/share/$name/blocks" ]; then
		bad "$name: nothing was damaged"
		cat "$dir/out" >&2
		return
	fi
	cases+=("$name")
}

# the group that has reference counts, and the way to a leaf of its btree
for ag in 0 1 2 3; do
	leaf=(-c "agf $ag" -c 'addr refcntroot')
	db "${leaf[@]}" -c p "$dir/base" 2>&1 | grep -q '^level = 0' || leaf+=(-c 'addr ptrs[1]')
	db "${leaf[@]}" -c 'p recs[1]' "$dir/base" 2>&1 | grep -q blockcount && break
done
plant refcountbt 'reference count btree' "${leaf[@]}" -c 'fuzz -d recs[1].refcount add'
plant parent 'parent pointer' 'path /project' 'write -d a.sfattr.list[0].parent_dir.gen 5'
plant grpquota 'group quotas' 'dquot -g 0' 'fuzz -d diskdq.id add'
plant prjquota 'project quotas' 'dquot -p 77' 'fuzz -d diskdq.id add'
plant rtbitmap 'realtime bitmap' 'path -m /rtgroups/0.bitmap' 'dblock 0' 'write -d rtwords[2] 0xffffffff'
plant rtsummary 'realtime summary' 'path -m /rtgroups/0.summary' 'dblock 0' 'write -d suminfo[3] 5'
plant rgsuper 'realtime group superblock' 'path -m /rtgroups/0.bitmap' 'dblock 0' 'write -d rtwords[0] 1'
plant rtrmapbt 'realtime reverse mapping btree' 'path -m /rtgroups/0.rmap' \
	'write -d u3.rtrmapbt.recs[2].blockcount 0'
plant rtrefcountbt 'realtime reference count btree' 'path -m /rtgroups/0.refcount' \
	'write -d u3.rtrefcbt.recs[1].refcount 5'
other=$(db -c 'path -m /rtgroups' -c 'dblock 0' -c 'p bu[3].inumber' "$dir/base" | sed 's/.*= //')
# the directory has the wrong number; that its path leads elsewhere follows
plant metapath 'rtgroup bitmap' 'path -m /rtgroups' 'dblock 0' "write -d bu[2].inumber $other"
# The kernel finds these files by their paths when it mounts, so it must not see this before.
touch "$dir/share/metapath/mounted"

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
