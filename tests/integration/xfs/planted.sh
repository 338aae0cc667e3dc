# SPDX-License-Identifier: GPL-2.0-or-later
#
# Damage of each type that has a form on disk and needs no realtime groups: base is a rich file
# system, and each of "${cases[@]}" a copy with one fault.
make_fs "$dir/base" -m rmapbt=1,reflink=1 -i exchange=1 -n parent=1 -d agcount=4
inside --disk "d=$dir/base" -- "
	mount -t xfs -o uquota,gquota,pquota /disk/d /mnt || exit 99
	xfsrich /mnt || exit 98
	xfs_scrub -k /mnt >/dev/null || exit 97" >"$dir/out"
same "filled" 0 $? || { cat "$dir/out" >&2; finish; }

mkdir "$dir/share"
chmod 777 "$dir/share"
cases=()
# plant NAME LINE XFS_DB-COMMAND... : LINE is what the only Corruption line must say
plant() {
	local name=$1 options=()
	shift
	printf '%s\n' "$1" >"$dir/$name.want"
	shift
	for command; do options+=(-c "$command"); done
	cp --sparse=always "$dir/base" "$dir/$name"
	"$x/run" xfs_db -x "${options[@]}" "$dir/$name" >"$dir/out" 2>&1
	if cmp -s "$dir/base" "$dir/$name"; then
		bad "$name: nothing was damaged"
		cat "$dir/out" >&2
		return
	fi
	cases+=("$name")
}

inode_of() {
	"$x/run" xfs_db -c "path $1" -c inode "$dir/base" |
		sed -n 's/^current inode number is \([0-9]*\).*/\1/p'
}

plant sb 'AG 1 superblock' 'sb 1' 'fuzz -d dblocks add'
plant agf 'AG 1 free space header' 'agf 1' 'fuzz -d btreeblks add'
plant agfl 'AG 1 free list' 'agfl 1' 'write -d bno[1] 99999999'
plant agi 'AG 1 inode header' 'agi 1' 'fuzz -d count add'
plant bnobt 'AG 1 freesp by block btree' 'agf 1' 'addr bnoroot' 'fuzz -d recs[1].blockcount add'
plant cntbt 'AG 1 freesp by' 'agf 1' 'addr cntroot' 'fuzz -d recs[1].startblock add'
plant inobt 'AG 1 inode btree' 'agi 1' 'addr root' 'fuzz -d recs[1].freecount add'
plant finobt 'AG 1 free inode btree' 'agi 1' 'addr free_root' 'fuzz -d recs[1].freecount add'
plant rmapbt 'AG 1 reverse mapping btree' 'agf 1' 'addr rmaproot' 'fuzz -d recs[2].blockcount add'
plant inode 'inode [0-9]* ([0-9]*/[0-9]*) inode record' 'path /hard' 'fuzz -c v3.crc random'
plant bmapbtd '/mnt/unwritten data block map' 'path /unwritten' 'fuzz -d u3.bmx[0].startblock add'
plant bmapbta 'attr block map' 'path /attrs/leaf' 'fuzz -d a.bmx[0].startblock add'
plant directory '/mnt/block directory entries' 'path /block' 'dblock 0' 'fuzz -d bu[6].inumber add'
plant xattr '/mnt/attrs/leaf extended attributes' 'path /attrs/leaf' 'ablock 0' \
	'fuzz -d entries[0].hashval add'
plant symlink '/mnt/links/remote symbolic link' 'path /links/remote' 'dblock 0' 'fuzz -d bytes add'
plant nlinks '/mnt/hard parent pointer' 'path /hard' 'write -d core.nlinkv2 7'
plant quotacheck 'quota counters' 'dquot -u 1000' 'fuzz -d diskdq.bcount add'
plant usrquota 'user quotas' 'dquot -u 1000' 'fuzz -d diskdq.id add'
plant fscounters 'filesystem summary counters' 'sb 0' 'fuzz -d fdblocks sub'
plant dirtree 'directory tree structure' 'path /a/b/c/d' "link -i $(inode_of /a) loop" 'path /' \
	'unlink a'

