#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's newest xfs_scrub works inside: the kernel has online check and repair.
. "$(dirname "$0")/lib.sh"
x=$("$top/appliance/xfsprogs.sh" --find 2>/dev/null) ||
	skip "no newer xfsprogs unpacked: run appliance/xfsprogs.sh"

truncate -s 400M "$dir/x"
"$x/run" mkfs.xfs -q -f "$dir/x"
before=$(sum "$dir/x")
guest --disk x="$dir/x:cow" --with "$x" -- "
	mount /disk/x /mnt || exit 99
	i=0; while [ \$i -lt 100 ]; do echo \$i >/mnt/f\$i; i=\$((i + 1)); done
	$x/bin/xfs_io -c 'scrub probe' /mnt || exit 98
	$x/bin/xfs_scrub -n -v /mnt" >"$dir/out" 2>&1
same "check" 0 $?
says "check" 'Phase 7' "$dir/out"
same "SHA-256 after a check" "$before" "$(sum "$dir/x")"

# a fault in a secondary superblock: found, repaired, gone
"$x/run" xfs_db -x -c 'sb 1' -c 'fuzz -d dblocks add' "$dir/x" >/dev/null
scrub() { guest --disk x="$dir/x$1" --with "$x" -- "mount /disk/x /mnt || exit 99; $x/bin/xfs_scrub $2 /mnt" >"$dir/out" 2>&1; }
scrub :cow -n
same "a fault is found" 1 $?
says "a fault is found" 'AG 1 superblock' "$dir/out"
scrub "" ""
same "it is repaired" 0 $?
"$x/run" xfs_repair -n "$dir/x" >"$dir/out" 2>&1
same "xfs_repair -n agrees" 0 $?
scrub :cow -n
same "a second check is silent" 0 $?
finish
