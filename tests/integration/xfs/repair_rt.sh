#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each damage that damage_rt.sh finds is repaired: a second run finds nothing, and neither does
# xfs_repair. So is the record of an inode that cannot be loaded: with realtime groups no kernel
# crashes in that repair.
. "$(dirname "$0")/lib.sh"
. "$here/planted_rt.sh"
plant inode 'inode record' 'path /hard' 'fuzz -c v3.crc random'
plant many '' "${leaf[@]}" 'fuzz -d recs[1].refcount add' 'path -m /rtgroups/0.bitmap' 'dblock 0' \
	'write -d rtwords[2] 0xffffffff' 'path -m /rtgroups/1.rmap' \
	'write -d u3.rtrmapbt.recs[1].blockcount 7' 'dquot -p 77' 'fuzz -d diskdq.id add'
# a directory whose record cannot be loaded: parent pointers must still name it afterwards
plant dirinode 'inode record' 'path /block' 'write -d a.sfattr.hdr.totsize 2000'
touch "$dir/share/many/content" "$dir/share/inode/content" "$dir/share/parent/content" \
	"$dir/share/dirinode/content"

cat >"$dir/share/script" <<'END'
content() { (cd /mnt && find . -path ./lost+found -prune -o -type f -exec sha256sum {} +) | sort; }
begin_case && mount -t xfs -o ro,norecovery,$mount_options /dev/mapper/top /mnt &&
	content >/share/content && umount /mnt && end_case || exit 1
for blocks in /share/*/blocks; do
	c=${blocks%/blocks}
	c=${c#/share/}
	begin_case || exit 1
	[ -e /share/$c/mounted ] || put_blocks $c
	if mount -t xfs -o $mount_options /dev/mapper/top /mnt; then
		[ ! -e /share/$c/mounted ] || put_blocks $c
		# what is used often survives a few rounds
		for _ in 1 2 3 4 5 6 7 8 9; do echo 3 >/proc/sys/vm/drop_caches; done
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
truncate -s 128M "$dir/spare" "$dir/rtspare"
guest_seconds=400 inside --disk "d=$dir/base:ro" --disk "rt=$dir/rt:ro" --disk "spare=$dir/spare" \
	--disk "rtspare=$dir/rtspare" --share "$dir/share" --with dd --with dmsetup --with blockdev \
	--with find --with sha256sum --with sort -- "$snapshots
. /share/script" >"$dir/out"
same "all cases ran" 0 $? || cat "$dir/out" >&2

for c in "${cases[@]}"; do
	is_repaired "$c"
	says "$c: repair" '^Repaired: ' "$dir/share/$c/fix"
done
for c in many inode parent dirinode; do
	cmp -s "$dir/share/content" "$dir/share/$c/content" || {
		bad "$c: files have other contents"
		diff "$dir/share/content" "$dir/share/$c/content" | head -5 >&2
	}
done
lacks "kernel" 'BUG:\|WARNING:\|Assertion failed\|blocked for more' "$dir/share/dmesg"
finish
