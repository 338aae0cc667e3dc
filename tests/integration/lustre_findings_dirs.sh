#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Faults of directories planted on real Lustre servers: the check must report exactly these
# findings, about these objects, and nothing else. The objects are those that the record of each
# image names as victims. Skipped where the images are not.
set -u

: "${HS_SHARED:=$SOURCE/../shared}"
images=$HS_SHARED/images/lustre-2.17
if [ ! -d "$images/faults" ]; then
	echo "SKIPPED: no $images/faults (set HS_SHARED)"
	exit 77
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# findings NAME: "RULE FID" or "RULE FID undecided" a line, sorted
findings() {
	"$HOLYSTONE" lustre check --run-dir "$work/run" $(find "$work/img" -name '*.img' | sort) \
		>"$work/out" 2>&1
	awk '/^(error|warning|note) [A-Z]/ { if (f) print f
			f = $2 " " $4; sub(/:$/, "", f) }
		/^    undecided: / { f = f " undecided" }
		END { if (f) print f }' "$work/out" | sort
}

# expect ARCHIVE NAME FINDING...
expect() {
	local archive=$1 name=$2
	shift 2
	if [ ! -e "$archive" ]; then
		echo "FAILED $name: no $archive"
		failed=1
		return
	fi
	rm -rf "$work/img" "$work/run"
	mkdir "$work/img"
	tar -xf "$archive" -C "$work/img" || { failed=1; return; }
	findings >"$work/found"
	printf '%s\n' "$@" | sed '/^$/d' | sort >"$work/wanted"
	if diff -u "$work/wanted" "$work/found" >"$work/diff"; then
		echo "ok $name"
	else
		echo "FAILED $name"
		cat "$work/diff" "$work/out"
		failed=1
	fi
}

fault() {
	expect "$images/faults/$1.tar.zst" "$@"
}

# `..` and linkEA name a removed directory
fault 22a-bad-parent 'NS-47 [0x200000bd2:0x1:0x0]'
# an impossible parent in the linkEA of a remote directory is no matter of `..`
fault 2e-remote-linkea-crash 'NS-13 [0x200000bd2:0x1:0x0]'
# a directory whose name belongs to a file
fault 24-mul-ref 'NS-46 [0x200000bd1:0x5:0x0]'
# names in the wrong shard
fault 31a-bad-name-hash 'NS-15 [0x200000bd1:0x2:0x0]'
fault 31b-bad-name-hash 'NS-15 [0x240000bd1:0x2:0x0]' 'NS-15 [0x240000bd1:0x4:0x0]' \
	'NS-15 [0x240000bd1:0x6:0x0]' 'NS-15 [0x240000bd1:0x8:0x0]' 'NS-15 [0x240000bd1:0xa:0x0]'
# LMV of the master, of the local shard, of the remote shard
fault 31c-lost-master-lmv 'STR-4 [0x200000bd1:0x1:0x0]'
fault raw-lmv-rm 'STR-4 [0x200000bd1:0x1:0x0]'
fault 31e-lost-slave-lmv 'STR-5 [0x200000bd0:0x1:0x0]'
fault 31f-lost-slave-lmv 'STR-5 [0x240000bd0:0x1:0x0]'
# index in the shard LMV, index in the shard's name
fault 31g-bad-slave-lmv 'STR-6 [0x200000bd0:0x1:0x0]'
fault 31h-bad-slave-name 'STR-8 [0x200000bd0:0x1:0x0]'
# the injection of the first did nothing
fault 34-no-agentobj ''
fault 35-no-agentent 'NS-31 [0x240000bd0:0x1:0x0]'
# healthy: remote, striped, migrated directories; live update records of finished operations
fault none1 ''
fault none2 ''
expect "$images/setB.tar.zst" setB ''
expect "$images/../lustre-2.10.tar.zst" 2.10 ''
expect "$images/../lustre-2.9.tar.zst" 2.9 ''

# A migration that a power cut ended: after the servers' recovery the objects of migrated files
# still name the files as they were, which real LFSCK counts too (1,040).
counts() {
	findings | awk '{ n[$1 " " $3]++ } END { for (r in n) print n[r], r }' | sort
}

rm -rf "$work/img" "$work/run"
mkdir "$work/img"
tar -xf "$images/setP-recovered.tar.zst" -C "$work/img" || exit 1
got=$(counts)
[ "$got" = '1040 LAY-3 ' ] || { echo "FAILED setP-recovered: $got"; failed=1; }

# Before it, with the journals replayed: one operation is in the log of one MDT only, its shard half
# removed, and objects of removed files wait for their destruction. debugfs does not know some
# features of a target, so they are hidden from it: byte 97 of the superblock has dirdata (0x10),
# large_dir (0x40) and ea_inode (0x04), byte 96 has needs_recovery (0x04).
byte() {
	od -An -tu1 -j $((1024 + $2)) -N 1 "$1" | tr -d ' '
}
set_byte() {
	printf "\\x$(printf %02x "$3")" | dd of="$1" bs=1 seek=$((1024 + $2)) conv=notrunc status=none
}
if command -v debugfs >/dev/null; then
	rm -rf "$work/img" "$work/run"
	mkdir "$work/img"
	tar -xf "$images/setP.tar.zst" -C "$work/img" || exit 1
	for img in "$work"/img/*.img "$work"/img/*/*.img; do
		[ -e "$img" ] || continue
		features=$(byte "$img" 97)
		set_byte "$img" 97 $((features & ~0x54))
		debugfs -w -R journal_run "$img" >/dev/null 2>&1
		set_byte "$img" 97 "$features"
		set_byte "$img" 96 $(($(byte "$img" 96) & ~0x04))
	done
	got=$(counts)
	[ "$got" = $'1 META-6 undecided\n1040 LAY-3 ' ] || { echo "FAILED setP: $got"; failed=1; }
fi

exit $failed
