#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Paths in file systems with one fault each, planted on real servers: what is still known is found,
# what only one side says is told as not verified, and the rest says why not.

set -u
: "${HS_SHARED:=$SOURCE/../shared}"
faults=$HS_SHARED/images/lustre-2.17/faults
# shellcheck source=tests/integration/expect.sh
. "$(dirname "$0")/expect.sh"
if [ ! -d "$faults" ]; then
	echo "SKIPPED: no $faults (set HS_SHARED)"
	exit 77
fi
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT

# fault NAME: unpacks it; $targets are its images.
fault() {
	rm -rf "$dir/x"
	mkdir "$dir/x" && tar --zstd -xSf "$faults/$1.tar.zst" -C "$dir/x" || exit 99
	targets=$(find "$dir/x" -name '*.img')
	fault=$1
}

# run CODE COMMAND ARGUMENT
run() {
	# shellcheck disable=SC2086 # a list of names without blanks
	expect "$1" "$fault: $2 $3" "$HOLYSTONE" lustre "$2" $targets "$3"
}

# round PATH: there and back without a doubt.
round() {
	run 0 fid "$1"
	run 0 path "$(cat "$dir/out")"
	is out "$1"
	is err ""
}

# linkEA of two files and of a directory removed: `..` still leads up from the directory
fault raw-rm-link
round /t/d0/sub
round /t/d0/sub/s0
run 0 fid /t/d0/f0
run 8 path "$(cat "$dir/out")"
holds err "has no linkEA"
is out ""

# linkEA of another file put on /t/d0/f0
fault raw-linkea-wrong-name
round /t/d0/e0
run 0 fid /t/d0/f0
run 0 path "$(cat "$dir/out")"
holds err "/t/d0/e0: not verified"
holds err "for another object"

# LMV of a striped directory removed: its shards are still there
fault raw-lmv-rm
round /t/sd
round /t/sd/f0
round /t/sd/f9

# names in the wrong shard
fault 31a-bad-name-hash
round /t/sd/d0
round /t/sd/d1

# LMA removed
fault raw-mdt-lma-ost-lma
run 0 fid /t/d0/f1
run 0 path "$(cat "$dir/out")"
is out /t/d0/f1
holds err "has lost its LMA"

# the LMA of /t/d0/e0 put on /t/d0/e1
fault raw-lma-duplicate-fid
round /t/d0/e0
run 0 fid /t/d0/e1
holds err "the name is there, but"
run 8 path "$(cat "$dir/out")"
run 8 stat /t/d0/e1

# the entry lost its FID, the inode has it
fault raw-dirent-nofid
round /t/d0/f0

# one of two names removed from the directory only
fault 26a-no-nameentry
run 0 fid /t/d0/dummy
run 0 path "$(cat "$dir/out")"
holds out /t/d0/dummy
holds err "/t/d0/foo: not verified"
run 8 fid /t/d0/foo

# a name without an object, on another MDT
fault 23a-dangling-name
run 0 fid /t/d0/d1
holds err "the name is there, but MDT0001 has no object"
run 8 path "$(cat "$dir/out")"

# a directory whose linkEA names a parent that is gone
fault 22a-bad-parent
run 0 fid /t/foo/dummy
run 8 path "$(cat "$dir/out")"
holds err "a directory above: MDT0001 has no object"

# an OST object removed
fault raw-ost-obj-clri
run 8 path 0x280000400:0x62:0x0
holds err "OST0001 has no object"

[ "$failures" -eq 0 ]
