#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Reading data (-x) on devices with bad sectors: under each kind of block on data, realtime and log
# devices the one that lost something is named with path and offset, and nobody else. By the
# kernel's verifier and directly, and for each way to find owners and paths.
. "$(dirname "$0")/lib.sh"
needs dmsetup
size=300M
# many scans in one guest
appliance() { "$HOLYSTONE" appliance run --timeout 400 "$@"; }
mkdir "$dir/share"

# --- in the guest: what all cases share ----------------------------------------------------------------
cat >"$dir/share/lib" <<'END'
# dust NAME DISK : a device that can have bad sectors
dust() {
	dmsetup create $1 --table "0 $(blockdev --getsz /disk/$2) dust /disk/$2 0 512" &&
		dmsetup mknodes && dmsetup message $1 0 quiet
}
spoil() { dmsetup message $1 0 addbadblock $2; }
heal() { for d; do dmsetup message $d 0 disable >/dev/null; dmsetup message $d 0 clearbadblocks >/dev/null; done; }
hurt() { for d; do dmsetup message $d 0 enable; done; for _ in 1 2 3; do echo 3 >/proc/sys/vm/drop_caches; done; }

# sector FILE BLOCK [-a] : where the device has a block of 4 KiB of a file, or of its attributes
sector() {
	xfs_io -r -c "bmap $3 -v" "$1" | while read -r ext range at rest; do
		case $range in [0-9\[]*) ;; *) continue ;; esac
		[ "$at" != hole ] || continue
		range=${range#[}
		first=${range%%..*} last=${range##*..} last=${last%%]*}
		if [ $first -le $(($2 * 8)) ] && [ $last -ge $(($2 * 8)) ]; then
			echo $((${at%%..*} + $2 * 8 - first))
			break
		fi
	done
}
# owned OWNER : the first sector of the data device that the file system gives to it
owned() { xfs_io -r -c 'fsmap -v' /mnt | sed -n "s/^[^[]*\[\([0-9]*\)\.\.[0-9]*\]: *$1 .*/\1/p" | sed -n 1p; }

# only NAME SECTOR [DEVICE] : phase 6 alone, both ways, with this sector bad
only() {
	c=/share/$fs.$1
	[ -n "$2" ] || { echo "no sector for $fs.$1"; return; }
	heal $devices
	[ "$2" = none ] || spoil ${3-top} $2
	hurt $devices
	XFS_SCRUB_PHASE=6 holystone xfs -d -n -x $more /mnt >$c.kernel 2>&1
	echo "exit $?" >>$c.kernel
	case $fs in rich|groups) ;; *) heal $devices; return ;; esac
	XFS_SCRUB_NO_VERIFY_MEDIA=1 XFS_SCRUB_PHASE=6 holystone xfs -d -n -x $more /mnt >$c.direct 2>&1
	echo "exit $?" >>$c.direct
	heal $devices
}
fill() { # COUNT FILE : 4 KiB blocks
	xfs_io -f -c "pwrite -q -b 64k 0 $(($1 * 4))k" "$2" && sync
}
END

# Directly only where it is not the same once more.
ways() { case $1 in rich | groups) echo kernel direct ;; *) echo kernel ;; esac; }

# expect FS CASE EXIT LINE... : exactly these lines about media, whichever way it was read
expect() {
	local name=$1.$2 code=$3 way
	shift 3
	printf '%s\n' "$@" | sort >"$dir/wanted"
	[ $# -gt 0 ] || : >"$dir/wanted"
	for way in $(ways "${name%%.*}"); do
		[ -f "$dir/share/$name.$way" ] || { bad "$name ($way): did not run"; continue; }
		sed -n 's/ ([a-z_0-9]*\.c line [0-9]*)$//; /media error\|cannot be read\|lost/p' \
			"$dir/share/$name.$way" | sort >"$dir/got"
		if ! cmp -s "$dir/wanted" "$dir/got"; then
			bad "$name ($way): wanted:"
			cat "$dir/wanted" >&2
			echo "got:" >&2
			cat "$dir/share/$name.$way" >&2
		fi
		same "$name ($way): exit" "exit $code" "$(tail -n 1 "$dir/share/$name.$way")"
	done
}

# --- file systems whose owners and names are known, and ones where they have to be searched for --------
cat >"$dir/share/script" <<'END'
. /share/lib
devices=top more=
fill_all() {
	xfsrich /mnt 2>/dev/null || exit 92
	mkdir /mnt/dir
	fill 64 /mnt/dir/file
	[ "$fs" = bare ] || xfs_io -f -c 'reflink /mnt/dir/file 0 0 256k' /mnt/twin >/dev/null
	fill 16 /mnt/a1; fill 1 /mnt/a2; fill 16 /mnt/a3
	fill 16 /mnt/gone; fill 16 /mnt/open
	sync
	hole=$(sector /mnt/a2 0) gone=$(sector /mnt/gone 3) held=$(sector /mnt/open 2)
	rm /mnt/a2 /mnt/gone
	exec 9</mnt/open
	rm /mnt/open
	sync
}
for fs in rich bare named; do
	dust top $fs || exit 90
	mount -t xfs /dev/mapper/top /mnt || exit 91
	fill_all
	only clean none
	only data $(sector /mnt/dir/file 5)
	only alone $(sector /mnt/a3 7)
	only unwritten $(sector /mnt/unwritten 3)
	only directory $(sector /mnt/leaf 1)
	only attr $(sector /mnt/attrs/leaf 0 -a)
	only hole $hole
	only gone $gone
	only held $held
	only agheader $(($(blockdev --getsz /dev/mapper/top) / 4 * 3 / 8 * 8))
	if [ $fs != bare ]; then
		only log $(($(owned 'journalling log') + 30000))
		only inodes $(owned inodes)
		only btree $(owned 'inode btree')
		only map $(owned 'refcount btree')
	fi
	# as people run it
	heal top
	spoil top $(sector /mnt/dir/file 5)
	hurt top
	holystone xfs -n -x /mnt >/share/$fs.whole 2>/share/$fs.whole.err
	echo "exit $?" >>/share/$fs.whole
	holystone xfs -n -b -x /mnt >/share/$fs.background 2>/share/$fs.background.err
	holystone xfs -n -x --json /mnt >/share/$fs.json 2>&1
	xfs_io -c 'pwrite -q 0 256k' /mnt/dir/file && sync
	[ "$fs" = bare ] || xfs_io -c 'pwrite -q 0 256k' /mnt/twin && sync
	heal top
	holystone xfs -n -x /mnt >/share/$fs.healed 2>&1
	echo "exit $?" >>/share/$fs.healed
	exec 9<&-
	umount /mnt && dmsetup remove top
done
END
log=16m # all of it is read each time
make_fs "$dir/rich" --unsupported -l size=$log -m rmapbt=1,reflink=1 -i exchange=1 -n parent=1 -d agcount=4
make_fs "$dir/bare" --unsupported -l size=$log -m rmapbt=0,reflink=0 -n parent=0 -d agcount=4
make_fs "$dir/named" --unsupported -l size=$log -m rmapbt=1,reflink=1 -n parent=0 -d agcount=4
inside --disk "rich=$dir/rich:cow" --disk "bare=$dir/bare:cow" --disk "named=$dir/named:cow" \
	--share "$dir/share" --with dmsetup --with blockdev --with rm -- '. /share/script' >"$dir/out"
same "all cases ran" 0 $? || cat "$dir/out" >&2
[ ! -s "$dir/out" ] || cat "$dir/out" >&2

at() { echo "Unfixable Error: /mnt/$1: media error at data offset $2 length 4096."; }
for fs in rich bare named; do
	if [ $fs = bare ]; then
		expect $fs data 1 "$(at dir/file 20480)"
	else
		expect $fs data 1 "$(at dir/file 20480)" "$(at twin 20480)"
	fi
	expect $fs clean 0
	expect $fs alone 1 "$(at a3 28672)"
	if [ $fs = bare ]; then
		expect $fs unwritten 0 'Info: /mnt: 4096 bytes that hold nothing cannot be read.'
	else
		expect $fs unwritten 0
	fi
	expect $fs directory 1 "$(at leaf 4096)"
	expect $fs attr 1 'Corruption: /mnt/attrs/leaf: media error in extended attribute data.'
	expect $fs gone 0
	held=$(sed -n 's/^Unfixable Error: inode \([0-9]* ([0-9/]*)\): .*/\1/p' "$dir/share/$fs.held.kernel")
	[ -n "$held" ] || bad "$fs: no open file without a name was told"
	expect $fs held 1 "Unfixable Error: inode $held: media error at data offset 8192 length 4096."
	for way in $(ways $fs); do
		lacks "$fs: a hole" 'Corruption\|Error' "$dir/share/$fs.hole.$way"
		says "$fs: a hole" '^Info: /mnt: 4096 bytes that hold nothing' "$dir/share/$fs.hole.$way"
		says "$fs: a hole" '^exit 0' "$dir/share/$fs.hole.$way"
	done
	says "$fs: as people run it" '^exit 1' "$dir/share/$fs.whole"
	lacks "$fs: healed" 'media error' "$dir/share/$fs.healed"
	says "$fs: healed" '^exit 0' "$dir/share/$fs.healed"
	says "$fs: record" '"rule":"XFS-MEDIA-DATA".*"path":"/dir/file"' "$dir/share/$fs.json"
	says "$fs: record" '"witness":"data fork","claim":"offset 20480 length 4096"' "$dir/share/$fs.json"
done
# what fstests demand of a drop-in, word for word
for run in whole background; do
	same "bare: $run" "Unfixable Error: /mnt/dir/file: media error at data offset 20480 length 4096.
/mnt: unfixable errors found: 1" "$(cat "$dir/share/bare.$run.err")"
done
for fs in rich named; do
	for way in $(ways $fs); do
		says "$fs: log" '^Corruption: disk offset [0-9]*: media error in journalling log\.' "$dir/share/$fs.log.$way"
		says "$fs: log" '^exit 1' "$dir/share/$fs.log.$way"
		says "$fs: inodes" '^Corruption: disk offset [0-9]*: media error in inodes\.' "$dir/share/$fs.inodes.$way"
		says "$fs: btree" '^Corruption: disk offset [0-9]*: media error in inode btree blocks\.' "$dir/share/$fs.btree.$way"
		says "$fs: AG header" '^Corruption: disk offset [0-9]*: media error in static FS metadata\.' \
			"$dir/share/$fs.agheader.$way"
		# the way to the map is lost: all is read, and what is found is not called free
		says "$fs: map" '^Error: /mnt: AG 0: what it holds cannot be told' "$dir/share/$fs.map.$way"
		says "$fs: map" '^Corruption: disk offset [0-9]*: media error in refcount btree\.' "$dir/share/$fs.map.$way"
		lacks "$fs: map" 'hold nothing' "$dir/share/$fs.map.$way"
		lacks "$fs: AG header" 'Unfixable' "$dir/share/$fs.agheader.$way"
	done
done
says "bare: AG header" '^Corruption: disk offset [0-9]*: media error in ' "$dir/share/bare.agheader.kernel"

# --- log and realtime devices, with realtime groups and without ------------------------------------------
cat >"$dir/share/devices" <<'END'
. /share/lib
for fs in groups flat; do
	dust top $fs && dust log ${fs}log && dust rt ${fs}rt || exit 90
	devices='top log rt' more=
	mount -t xfs -o logdev=/dev/mapper/log,rtdev=/dev/mapper/rt /dev/mapper/top /mnt || exit 91
	mkdir /mnt/dir
	xfs_io -f -c 'chattr +r' -c 'pwrite -q -b 64k 0 1m' /mnt/dir/rtfile && sync
	fill 16 /mnt/plain
	cat /proc/self/mounts >/share/mounts
	only clean none
	only data $(sector /mnt/dir/rtfile 9) rt
	only same $(sector /mnt/dir/rtfile 9) top
	only plain $(sector /mnt/plain 3) top
	only log $(($(blockdev --getsz /dev/mapper/log) - 1000)) log
	heal $devices
	spoil rt $(sector /mnt/dir/rtfile 9)
	spoil log $(($(blockdev --getsz /dev/mapper/log) - 1000))
	spoil top $(sector /mnt/plain 3)
	hurt $devices
	holystone xfs -n -x /mnt >/share/$fs.whole 2>&1
	echo "exit $?" >>/share/$fs.whole
	heal $devices
	umount /mnt && dmsetup remove top && dmsetup remove log && dmsetup remove rt
done
END
for fs in groups flat; do
	truncate -s 64M "$dir/${fs}log"
	truncate -s 300M "$dir/${fs}rt"
done
make_fs "$dir/groups" -m metadir=1,rmapbt=1,reflink=1 -n parent=1 -i exchange=1 \
	-l "logdev=$dir/groupslog" -r "rtdev=$dir/groupsrt,rgsize=64m"
make_fs "$dir/flat" -m metadir=0,rmapbt=0,reflink=0 -n parent=0 \
	-l "logdev=$dir/flatlog" -r "rtdev=$dir/flatrt"
inside --disk "groups=$dir/groups" --disk "groupslog=$dir/groupslog" --disk "groupsrt=$dir/groupsrt" \
	--disk "flat=$dir/flat" --disk "flatlog=$dir/flatlog" --disk "flatrt=$dir/flatrt" \
	--share "$dir/share" --with dmsetup --with blockdev -- '. /share/devices' >"$dir/out"
same "log and realtime devices: all cases ran" 0 $? || cat "$dir/out" >&2
[ ! -s "$dir/out" ] || cat "$dir/out" >&2
for fs in groups flat; do
	expect $fs clean 0
	expect $fs data 1 "$(at dir/rtfile 36864)"
	expect $fs plain 1 "$(at plain 12288)"
	expect $fs log 1 'Corruption: disk offset 66596864: media error in journalling log.'
	# the same sector of another device is somebody else's
	lacks "$fs: same" 'rtfile' "$dir/share/$fs.same.kernel"
	says "$fs: all at once" "^$(at dir/rtfile 36864)" "$dir/share/$fs.whole"
	says "$fs: all at once" "^$(at plain 12288)" "$dir/share/$fs.whole"
	says "$fs: all at once" 'media error in journalling log' "$dir/share/$fs.whole"
	says "$fs: all at once" '^exit 1' "$dir/share/$fs.whole"
done

# --- an image: its devices are within reach of the appliance's own check ---------------------------------
before=$(sum "$dir/groups")
for direct in '' 1; do
	env ${direct:+XFS_SCRUB_NO_VERIFY_MEDIA=1} "$HOLYSTONE" xfs --appliance --timeout 120 -d -v -n -x \
		--logdev "$dir/groupslog" --rtdev "$dir/groupsrt" "$dir/groups" >"$dir/out" 2>&1 </dev/null
	same "an image" 0 $? || cat "$dir/out" >&2
	says "an image" '^Phase 6: Verify data file integrity.' "$dir/out"
	says "an image" 'data counted; .* data verified' "$dir/out"
	lacks "an image" 'cannot be read' "$dir/out"
done
same "an image: SHA-256" "$before" "$(sum "$dir/groups")"
finish
