# SPDX-License-Identifier: GPL-2.0-or-later
#
# The types of metadata that planted.sh leaves out: of realtime groups, metadata paths, group and
# project quotas, reference counts, parent pointers. base with its realtime volume rt is a rich file
# system; of each of "${cases[@]}" the damaged blocks are kept below share.
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
	local name=$1 type=$2 options=()
	shift 2
	for command; do
		[ "$command" = -c ] || options+=(-c "$command")
	done
	cp --sparse=always "$dir/base" "$dir/damaged"
	db -x "${options[@]}" "$dir/damaged" >"$dir/out" 2>&1
	keep_blocks "$name" "$dir/damaged"
	echo "$type" >"$dir/share/$name/type"
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

