#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# States of a file system and ways to call: a clear outcome each.
. "$(dirname "$0")/lib.sh"

make_fs "$dir/d" -m rmapbt=1,reflink=1 -n parent=1 -m autofsck=check
"$x/run" xfs_db -x -c 'sb 1' -c 'fuzz -d dblocks add' "$dir/d" >/dev/null
make_fs "$dir/e" -m rmapbt=1,reflink=1 -n parent=1
mkdir "$dir/share"
chmod 777 "$dir/share"
cat >"$dir/share/script" <<'END'
run() { # NAME COMMAND...
	name=$1
	shift
	"$@" >/share/$name 2>&1
	echo "exit $?" >>/share/$name
}
mkdir -p /mnt2
mount -t xfs /disk/d /mnt || exit 99
mount -t xfs /disk/e /mnt2 || exit 98
ln -s /usr/bin/holystone /tmp/xfs_scrub
run found holystone xfs -n /mnt
run json holystone xfs -n --json /mnt
run both holystone xfs -n /mnt /mnt2
run media holystone xfs -n -x /mnt
run notmount holystone xfs -n /usr
run missing holystone xfs -n /nowhere
run usage holystone xfs
run version /tmp/xfs_scrub -VV
run name /tmp/xfs_scrub -n -d -T -v /mnt
run two /tmp/xfs_scrub -n /mnt /mnt2
run autofsck holystone xfs -o autofsck /mnt
run autonone holystone xfs -o autofsck /mnt2
run first holystone xfs -n -a 1 -e continue /mnt
run inside holystone xfs -n --run-dir /mnt2/run /mnt2
run ends holystone xfs -n -e shutdown /mnt
run alive dd if=/dev/zero of=/mnt/file count=1 status=none
XFS_SCRUB_NO_KERNEL=1 run nokernel holystone xfs -d -n /mnt
XFS_SCRUB_NO_KERNEL=1 run nokernelname /tmp/xfs_scrub -d -n /mnt
# no place for the record; and the usual one on what is being checked, which is frozen
mount -t tmpfs -o ro none /var/lib
run unwritable holystone xfs -n /mnt2
umount /var/lib
umount /mnt2
mount -t xfs /disk/e /var/lib
xfs_io -x -c freeze /var/lib
run itself holystone xfs -n /var/lib
xfs_io -x -c thaw /var/lib
umount /var/lib
mount -t xfs /disk/e /mnt2
export SERVICE_MODE=1
run service /tmp/xfs_scrub -n /mnt
unset SERVICE_MODE
run progress holystone xfs -n -C 1 /mnt2
xfs_io -x -c freeze /mnt2 || exit 97
run frozen holystone xfs -n /mnt2
xfs_io -x -c thaw /mnt2
umount /mnt2
mount -t xfs -o ro /disk/e /mnt2
run readonly holystone xfs -n /mnt2
umount /mnt2
mount -t xfs -o ro,norecovery /disk/e /mnt2
run norecovery holystone xfs -n /mnt2
umount /mnt2
mount -t xfs /disk/e /mnt2
xfs_io -x -c shutdown /mnt2
run shutdown holystone xfs -n /mnt2
umount /mnt2
run preen /tmp/xfs_scrub -p -k /mnt
run repaired holystone xfs -k /mnt
run again holystone xfs -n /mnt
umount /mnt
mount -t xfs -o ro /disk/e /mnt2
run repairro holystone xfs /mnt2
export SERVICE_MODE=1
run servicero holystone xfs /mnt2
unset SERVICE_MODE
umount /mnt2
END
inside --disk "d=$dir/d:cow" --disk "e=$dir/e:cow" --share "$dir/share" -- '. /share/script' >"$dir/out"
same "all cases ran" 0 $? || cat "$dir/out" >&2

# outcome NAME EXIT [PATTERN...]
outcome() {
	local name=$1 code=$2
	shift 2
	says "$name" "^exit $code\$" "$dir/share/$name"
	for pattern; do says "$name" "$pattern" "$dir/share/$name"; done
}

outcome found 1 '^Corruption: AG 1 superblock: Repairs are required.$' '^/mnt: corruptions found: 1$'
outcome json 1 '"AG 1"'
lacks json '^Corruption' "$dir/share/json"
outcome both 1 '^Corruption: AG 1 superblock'
outcome media 1 '^Corruption: AG 1 superblock'
outcome notmount 8 'Not a XFS mount point.'
outcome missing 4 '^Error: /nowhere: No such file or directory'
outcome usage 8 '^Usage:'
outcome version 0 '^xfs_scrub version .* +Unicode$'
outcome name 1 '^Phase 1: Find filesystem geometry.$' '^Phase 3: Memory used:' \
	'^Corruption: AG 1 superblock: Repairs are required. (report.c line [0-9]*)$'
outcome two 8
outcome autofsck 1 '^Info: /mnt: Checking per autofsck directive.$'
outcome autonone 0 '^Info: /mnt2: .* per autofsck directive.$'
outcome first 5 'Too many errors; aborting.' 'Scrub aborted after phase 2.'
outcome inside 4 'lies on the file system to be checked'
outcome ends 1
outcome alive 0
lacks ends 'Shutting down' "$dir/share/ends"
outcome nokernel 4 'Kernel metadata scrubbing facility is not available' \
	'has no XFS online check.*holystone xfs --appliance -n /dev/'
outcome nokernelname 4 'Kernel metadata scrubbing facility is not available'
lacks nokernelname appliance "$dir/share/nokernelname"
outcome unwritable 0 'memory'
outcome itself 0 '^Info: /var/lib: The record of this run is kept in /run/holystone'
outcome service 1 'AG 1 superblock'
outcome progress 0 '^2 [0-9]* [0-9]* /mnt2$' '^3 [0-9]* [0-9]* /mnt2$'
outcome frozen 0
outcome readonly 0
outcome norecovery 4 'norecovery'
outcome preen 1 '^Corruption: AG 1 superblock: Repairs are required.$' \
	'^Info: /mnt: Corruptions found; will not optimize.  Re-run without -p.$' \
	'^/mnt: Re-run xfs_scrub without -p.$'
outcome repaired 0 '^Repaired: AG 1 superblock: Repairs successful.$' '^/mnt: repairs made: 1'
outcome again 0
lacks again '^Corruption' "$dir/share/again"
outcome repairro 4 '^Info: /mnt2: Filesystem is mounted read-only; cannot proceed.$' \
	'^Error: /mnt2: Kernel metadata repair facility is not available.  Use -n to scrub.$'
outcome servicero 0
# its root directory cannot even be opened any more
outcome shutdown 4 '^Error: /mnt2: Input/output error.$'
finish
