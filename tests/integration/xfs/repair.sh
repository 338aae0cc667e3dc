#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each damage that damage.sh finds is repaired: a second run finds nothing, and neither does
# xfs_repair. So are several faults at once, directory loops, lost directories and inodes that were
# left on the lists of unlinked ones, without a change of what is in the files.
. "$(dirname "$0")/lib.sh"
needs dmsetup
. "$here/planted.sh"
single=("${cases[@]}")

# --- what has more than one fault, or more than one victim -----------------------------------------
plant many '' 'agf 1' 'fuzz -d btreeblks add' 'agf 2' 'addr bnoroot' 'fuzz -d recs[1].blockcount add' \
	'agi 3' 'fuzz -d count add' 'sb 2' 'fuzz -d dblocks add' 'dquot -u 1000' 'fuzz -d diskdq.bcount add' \
	'path /unwritten' 'fuzz -d u3.bmx[0].startblock add' 'path /block' 'dblock 0' \
	'fuzz -d bu[6].inumber add' 'path /hard' 'write -d core.nlinkv2 7'
plant group '' 'agf 1' 'fuzz -d btreeblks add' 'agf 1' 'addr bnoroot' 'fuzz -d recs[1].blockcount add' \
	'agf 1' 'addr cntroot' 'fuzz -d recs[1].startblock add' 'agfl 1' 'write -d bno[1] 99999999'
plant agnodes '' 'agi 1' 'fuzz -d count add' 'agi 1' 'addr root' 'fuzz -d recs[1].freecount add' \
	'agi 1' 'addr free_root' 'fuzz -d recs[1].freecount add'
# nobody can reach /a, which is below itself
a=$(inode_of /a)
plant chain '' 'path /' 'unlink a'
plant twice '' 'path /links' "link -i $a again"
plant rootloop '' 'path /a/b' "link -i $(inode_of /) root"
plant unlinked '' 'agi 1' 'iunlink -n 3'
several=(many group agnodes chain twice rootloop unlinked)

for c in "${cases[@]}"; do
	keep_blocks "$c" "$dir/$c"
	rm "$dir/$c"
done
touch "$dir/share/many/content" "$dir/share/group/content" "$dir/share/agnodes/content" \
	"$dir/share/chain/content"

cat >"$dir/share/script" <<'END'
content() { (cd /mnt && find . -path ./lost+found -prune -o -type f -exec sha256sum {} +) | sort; }
mount -t xfs -o ro,norecovery /disk/d /mnt && content >/share/content && umount /mnt || exit 1
for blocks in /share/*/blocks; do
	c=${blocks%/blocks}
	c=${c#/share/}
	begin_case || exit 1
	put_blocks $c
	if mount -t xfs -o $mount_options /dev/mapper/top /mnt; then
		run $c fix holystone xfs -v -k /mnt
		run $c after holystone xfs -n /mnt
		[ ! -e /share/$c/content ] || content >/share/$c/content
		umount /mnt
		check_offline $c
	else
		echo "$c: mount failed"
	fi
	end_case
done
dmesg >/share/dmesg
END
truncate -s 128M "$dir/spare"
guest_seconds=400 inside --disk "d=$dir/base:ro" --disk "spare=$dir/spare" --share "$dir/share" --with dd \
	--with dmsetup --with blockdev --with find --with sha256sum --with sort -- \
	"$snapshots
. /share/script" >"$dir/out"
same "all cases ran" 0 $? || cat "$dir/out" >&2

for c in "${single[@]}"; do
	[ "$c" != inode ] || continue
	is_repaired "$c"
	says "$c: repair" '^Repaired: ' "$dir/share/$c/fix"
	says "$c: repair" '^/mnt: repairs made: [0-9]*' "$dir/share/$c/fix"
done
for c in "${several[@]}"; do is_repaired "$c"; done
says many '^/mnt: repairs made: \([89]\|1[0-9]\)' "$dir/share/many/fix"
# that repair would have been the end of the guest
same "inode: withheld" 1 "$(code_of inode/fix)"
says "inode: withheld" 'inode record: Repair withheld, .* --allow-risky-repair' "$dir/share/inode/fix.err"
same "inode: it stays" 1 "$(code_of inode/after)"
for c in many group agnodes; do
	cmp -s "$dir/share/content" "$dir/share/$c/content" || {
		bad "$c: files have other contents"
		diff "$dir/share/content" "$dir/share/$c/content" | head -5 >&2
	}
done
# what nobody could reach is in lost+found
same "chain: found again" "$(grep -vc '  \./a/' "$dir/share/content")" "$(grep -c . "$dir/share/chain/content")"
lacks "kernel" 'BUG:\|WARNING:\|Assertion failed\|blocked for more' "$dir/share/dmesg"
finish
