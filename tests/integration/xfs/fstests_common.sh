#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What fstests' common functions demand of an xfs_scrub (format notes 12.1): how it is found, which
# options it takes together, that its verdict is that of every other tool, and that no load makes it
# find what is not there.
. "$(dirname "$0")/fstests_lib.sh"
size=300M

make_fs "$dir/rich" -m rmapbt=1,reflink=1 -i exchange=1 -n parent=1 -d agcount=4
# What "set up once" does in fstests: optimised, so that nothing is left to do.
inside --disk "d=$dir/rich" -- "
	mount -t xfs /disk/d /mnt || exit 99
	xfsrich /mnt || exit 98
	$x/bin/xfs_scrub -k /mnt >/dev/null || exit 97" >"$dir/out"
same "filled" 0 $? || { cat "$dir/out" >&2; finish; }
cp --sparse=always "$dir/rich" "$dir/damaged"
"$x/run" xfs_db -x -c 'sb 1' -c 'fuzz -d dblocks add' "$dir/damaged" >/dev/null
# few inodes: thousands of forced rebuilds are too much for the kernel itself
make_fs "$dir/small" -m rmapbt=1,reflink=1 -i exchange=1 -n parent=1 -d agcount=2

cat >"$dir/share/script" <<'END'
mount -t xfs /disk/small /mnt || exit 99
abilities /mnt
umount /mnt

# ---- how it is found, and what it can
run prog sh -c 'p=$(command -v xfs_scrub) && [ -x $p ] && echo $p'
run VV xfs_scrub -VV
run p xfs_scrub -p
mount -t xfs /disk/rich /mnt || exit 98
run help xfs_io -c 'help scrub'
run probe xfs_io -x -c 'scrub probe' /mnt

# ---- _scratch_scrub
run scratch xfs_scrub -d -T -v -n /mnt
run scratch_k xfs_scrub -d -T -v -n -k /mnt
if can repair; then
	run scratch_rw xfs_scrub -d -T -v /mnt
	run scratch_p xfs_scrub -d -T -v -p /mnt
fi
if can media; then run scratch_x xfs_scrub -d -T -v -n -x /mnt; fi

# ---- _check_xfs_filesystem: every tool has the same opinion
check() { # NAME DEVICE
	run $1 xfs_scrub -v -d -n /mnt
	run $1.health xfs_spaceman -c 'health -c -q' /mnt
	umount /mnt
	run $1.log xfs_logprint -t $2
	run $1.repair xfs_repair -n $2
}
check check /disk/rich
mount -t xfs /disk/damaged /mnt || exit 97
check bad /disk/damaged

# ---- TEST_XFS_SCRUB_REBUILD
if can repair; then
	mount -t xfs /disk/small /mnt || exit 96
	xfsnames /mnt
	rm -r /mnt/[a-z]*
	for i in 1 2 3 4 5 6 7 8 9; do echo $i >/mnt/f$i; done
	XFS_SCRUB_FORCE_REPAIR=1
	export XFS_SCRUB_FORCE_REPAIR
	run rebuild xfs_scrub -v -d /mnt
	unset XFS_SCRUB_FORCE_REPAIR
	check rebuilt /disk/small
fi

# ---- the stress loop
mount -t xfs /disk/rich /mnt || exit 95
under_load quiet '' -- xfs_scrub -n /mnt
# frozen now and then, then read-only now and then: nothing may come of it but waiting
again() { while [ ! -e /tmp/over ]; do "$@" >/dev/null 2>&1; sleep 0.3; done; rm /tmp/over; }
freezer() { xfs_io -x -c freeze /mnt; sleep 0.2; xfs_io -x -c thaw /mnt; }
remounter() { mount -o remount,ro /mnt; sleep 0.2; mount -o remount,rw /mnt; }
for other in freezer remounter; do
	again $other &
	under_load $other '' -- xfs_scrub -n /mnt
	: >/tmp/over
	wait $!
	xfs_io -x -c thaw /mnt 2>/dev/null
	mount -o remount,rw /mnt
done
if can repair; then under_load repairing '' -- xfs_scrub -k /mnt; fi
xfs_scrub -n -v /mnt | true
check after /disk/rich
END
inside --disk "rich=$dir/rich:cow" --disk "damaged=$dir/damaged:cow" --disk "small=$dir/small:cow" \
	--share "$dir/share" -- '. /share/script' >"$dir/out"
same "all cases ran" 0 $? || cat "$dir/out" >&2

# ---- XFS_SCRUB_PROG, _require_scrub, Unicode, -p
ended prog 0
says "XFS_SCRUB_PROG" '^/tmp/bin/xfs_scrub$' "$dir/share/prog.out"
ended VV 0
says "-VV" '^xfs_scrub version .*+Unicode' "$dir/share/VV.out"
lacks "-p" 'invalid option' "$(both p)"
says "_require_scrub" 'probe' "$dir/share/help.out"
lacks "_require_scrub" 'Inappropriate ioctl' "$(both probe)"

# ---- _scratch_scrub
for name in scratch scratch_k; do
	ended $name 0
	says $name '^Phase 3: Scan all inodes.' "$dir/share/$name.out"
	says $name '^Phase 3: Memory used: ' "$dir/share/$name.out"
done
can repair -- '_scratch_scrub without -n, with -p' && ended scratch_rw 0 && ended scratch_p 0
can media -- '_scratch_scrub -x' && ended scratch_x 0

# ---- _check_xfs_filesystem
sound() {
	ended "$1" 0
	lacks "$1" '^\(Corruption\|Warning\|Error\)' "$(both "$1")"
	ended "$1.health" 0
	lacks "$1: health" unhealthy "$(both "$1.health")"
	says "$1: log" '<CLEAN>' "$dir/share/$1.log.out"
	ended "$1.repair" 0
}
sound check
ended bad 1
says "bad" '^Corruption: AG 1 superblock' "$dir/share/bad.err"
says "bad: health" 'AG 1 superblock: unhealthy' "$(both bad.health)"
ended bad.repair 1
if can repair -- TEST_XFS_SCRUB_REBUILD; then
	grep -q 'No space left on device' "$(both rebuild)" || ended rebuild 0
	sound rebuilt
fi

# ---- the stress loop
calm quiet
calm freezer
calm remounter
can repair -- 'stress loop with repairs' && calm repairing
sound after
finish
