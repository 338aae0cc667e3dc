#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Repairs that meet a full, unreadable, frozen, busy or vanishing file system, or are ended: a clear
# outcome each, and the next run finishes what is left. Then warnings, and rebuilding everything.
. "$(dirname "$0")/lib.sh"
needs dmsetup
size=300M

make_fs "$dir/base" -m rmapbt=1,reflink=1 -i exchange=1 -n parent=1 -d agcount=4
inside --disk "d=$dir/base" -- "
	mount -t xfs -o uquota,gquota,pquota /disk/d /mnt || exit 99
	xfsrich /mnt || exit 98
	xfs_scrub -k /mnt >/dev/null || exit 97" >"$dir/out"
same "filled" 0 $? || cat "$dir/out" >&2
make_fs "$dir/small" -m rmapbt=1,reflink=1 -i exchange=1 -n parent=1 -d agcount=2
mkdir "$dir/share"

# plant NAME XFS_DB-COMMAND...
plant() {
	local name=$1 options=()
	shift
	for command; do options+=(-c "$command"); done
	cp --sparse=always "$dir/base" "$dir/damaged"
	"$x/run" xfs_db -x "${options[@]}" "$dir/damaged" >"$dir/out" 2>&1
	keep_blocks "$name" "$dir/damaged"
	[ -s "$dir/share/$name/blocks" ] || bad "$name: nothing was damaged"
}
files=('path /block' 'dblock 0' 'fuzz -d bu[6].inumber add' 'path /attrs/leaf' 'ablock 0'
	'fuzz -d entries[0].hashval add' 'path /unwritten' 'fuzz -d u3.bmx[0].startblock add')
plant mixed 'sb 1' 'fuzz -d dblocks add' 'agf 2' 'addr bnoroot' 'fuzz -d recs[1].blockcount add' \
	'dquot -u 1000' 'fuzz -d diskdq.bcount add' "${files[@]}"
plant files "${files[@]}"
plant bnobt 'agf 1' 'addr bnoroot' 'fuzz -d recs[1].blockcount add'
rm "$dir/damaged"
"$x/run" xfs_db -c 'agf 1' -c 'addr rmaproot' -c daddr "$dir/base" | sed -n 's/.*daddr is //p' >"$dir/share/rmap.sector"
[ -s "$dir/share/rmap.sector" ] || bad "no reverse mapping btree"

cat >"$dir/share/script" <<'END'
ln -s /usr/bin/holystone /tmp/xfs_scrub
start() { # CASE BLOCKS: a damaged file system of its own
	c=$1
	mkdir -p /share/$c
	begin_case && put_blocks $2 && mount -t xfs -o $mount_options /dev/mapper/top /mnt
}
check_again() { # what is left is repaired by the next run
	run $c fix holystone xfs -v -k /mnt
	run $c after holystone xfs -n /mnt
	umount /mnt
	check_offline $c
	end_case
}
# meanwhile COMMAND...: a slow repair, with the command run once it has begun
meanwhile() {
	holystone xfs -k -v -b -b -b -b -b -b /mnt >/share/$c/first 2>&1 &
	pid=$!
	until grep -q "^Phase 3" /share/$c/first; do sleep 0.1; done
	"$@" >/share/$c/did 2>&1
	echo $? >/share/$c/did.code
	wait $pid
	echo $? >/share/$c/first.code
}

start full files
xfs_io -x -c 'resblks 0' /mnt
for n in 64m 8m 1m 128k 16k 4k; do
	i=0
	while xfs_io -f -c "falloc 0 $n" /mnt/filler.$n.$i >/share/full/filling 2>&1; do i=$((i + 1)); done
done
run full first holystone xfs -v -k /mnt
rm -f /mnt/filler*
check_again

# an unreadable block in what the btree would be rebuilt from
c=eio
mkdir -p /share/eio
begin_case && put_blocks bnobt
dmsetup create dust --table "0 $(size_of d) dust /dev/mapper/top 0 512" && dmsetup mknodes
mount -t xfs -o $mount_options /dev/mapper/dust /mnt
dmsetup message dust 0 quiet
dmsetup message dust 0 addbadblock $(cat /share/rmap.sector)
dmsetup message dust 0 enable
for _ in 1 2 3 4 5 6 7 8 9; do echo 3 >/proc/sys/vm/drop_caches; done
run eio first holystone xfs -v -k /mnt
dmsetup message dust 0 disable
umount /mnt
mount -t xfs -o $mount_options /dev/mapper/dust /mnt
run eio fix holystone xfs -v -k /mnt
run eio after holystone xfs -n /mnt
umount /mnt
dmsetup remove dust
check_offline eio
end_case

# frozen: it waits, and goes on
start frozen mixed
xfs_io -x -c freeze /mnt
holystone xfs -k -v /mnt >/share/frozen/first 2>&1 &
pid=$!
sleep 3
kill -0 $pid && echo waits >/share/frozen/did
xfs_io -x -c thaw /mnt
wait $pid
echo $? >/share/frozen/first.code
check_again

start busy mixed
meanwhile umount /mnt
check_again
start lazy mixed
mkdir -p /tmp/again && mount --bind /mnt /tmp/again
meanwhile umount -l /mnt
umount /tmp/again
mount -t xfs -o $mount_options /dev/mapper/top /mnt
check_again
start readonly mixed
meanwhile mount -o remount,ro /mnt
mount -o remount,rw /mnt
check_again
start down mixed
meanwhile xfs_io -x -c shutdown /mnt
umount /mnt
mount -t xfs -o $mount_options /dev/mapper/top /mnt
check_again
start stopped mixed
stop() { kill -INT $pid; }
meanwhile stop
check_again
start killed mixed
end_it() { kill -KILL $pid; }
meanwhile end_it
check_again

mkdir /share/sound && begin_case && mount -t xfs -o $mount_options /dev/mapper/top /mnt
# xfs/504: names are warned of in this mode, too
mkdir /mnt/gnp$(printf '\342\200\256')txt
run sound name /tmp/xfs_scrub -d -T -v -k /mnt
umount /mnt
end_case

# TEST_XFS_SCRUB_REBUILD and xfs/262: everything is rebuilt, by the program that lies there
mount -t xfs -o uquota /disk/small /mnt
mkdir -p /mnt/dir/deep && cp /usr/bin/holystone /mnt/xfs_scrub
for i in 1 2 3 4 5 6 7 8; do echo $i >/mnt/dir/file$i && ln -s dir/file$i /mnt/dir/deep/link$i; done
XFS_SCRUB_FORCE_REPAIR=1 run sound force /mnt/xfs_scrub -d -T -v -k /mnt
run sound forced holystone xfs -n /mnt
cat /mnt/dir/file? >/share/sound/files
umount /mnt
run sound forced.offline xfs_repair -n /disk/small
dmesg >/share/dmesg
END
truncate -s 256M "$dir/spare"
guest_seconds=400 inside --disk "d=$dir/base:ro" --disk "spare=$dir/spare" --disk "small=$dir/small" \
	--share "$dir/share" --with dd --with dmsetup --with blockdev --with sleep --with rm \
	--with cp -- "$snapshots
. /share/script" >"$dir/out"
same "all cases ran" 0 $? || cat "$dir/out" >&2

# first CASE EXIT-PATTERN PATTERN... : how the first run ended
first() {
	local c=$1 code=$2
	shift 2
	[[ $(code_of "$c/first") =~ ^($code)$ ]] ||
		{ bad "$c: exit $(code_of "$c/first")"; cat "$dir/share/$c"/first* >&2; }
	for pattern; do
		cat "$dir/share/$c/first" "$dir/share/$c/first.err" >"$dir/lines" 2>/dev/null
		says "$c" "$pattern" "$dir/lines"
	done
}
first full '[05]' '^Phase 7'
[ "$(code_of full/first)" = 0 ] || first full 5 '^Error: .*: No space left on device.$' \
	'^Corruption: .*: Repairs are required.$'
first eio '[145]' '^Phase 7' '^\(Corruption\|Error\): AG 1 '
lacks eio 'aborted' "$dir/share/eio/first"
first frozen 0 '^Repaired: AG 1 superblock'
says frozen waits "$dir/share/frozen/did"
first busy 0 '^Repaired: AG 1 superblock'
same "busy: umount" 32 "$(cat "$dir/share/busy/did.code")"
first lazy 0 '^Repaired: AG 1 superblock'
first readonly 5 '^Error: /mnt: Read-only filesystem; cannot make changes.$' '^Info: /mnt: Scrub aborted' \
	'^Corruption: AG 1 superblock: Repairs are required.$'
first down '[45]' '^Error: /mnt: Filesystem is shut down, aborting.$'
first stopped '3[67]' '^Info: /mnt: Scrub aborted after phase [34]' '^/mnt: Re-run holystone xfs.$' \
	'^Corruption: AG 1 superblock: Repairs are required.$'
first killed 137
for c in full eio frozen busy lazy readonly down stopped killed; do is_repaired "$c"; done

same "a name" 2 "$(code_of sound/name)"
says "a name" '^Warning.*gnp.*txt.*suspicious text direction' "$dir/share/sound/name.err"
same "rebuilt" 0 "$(code_of sound/force)" || cat "$dir/share/sound/force.err" >&2
says "rebuilt" '^Repaired: AG 1 inode btree: Repairs successful.' "$dir/share/sound/force"
says "rebuilt" '^Repaired: /mnt/dir/file1 .*: Repairs successful.' "$dir/share/sound/force"
same "rebuilt: then" 0 "$(code_of sound/forced)"
same "rebuilt: xfs_repair" 0 "$(code_of sound/forced.offline)"
same "rebuilt: contents" "1 2 3 4 5 6 7 8" "$(tr '\n' ' ' <"$dir/share/sound/files" | sed 's/ $//')"
lacks "kernel" 'BUG:\|WARNING:\|Assertion failed' "$dir/share/dmesg"
finish
