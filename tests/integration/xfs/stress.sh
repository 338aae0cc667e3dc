#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# stress.sh HOLYSTONE XFSRICH [--checks N] [--repairs N]
#
# Checks, and repairs that rebuild everything though it is sound, while the file system is kept busy:
# nothing is found, no file is lost, the kernel complains of nothing, and in the end xfs_repair finds
# nothing either. Without options a few runs.
. "$(dirname "$0")/lib.sh"
shift 2
checks=5 repairs=2
while [ $# -gt 1 ]; do
	case $1 in
	--checks) checks=$2 ;;
	--repairs) repairs=$2 ;;
	*) echo "$0: $1?" >&2; exit 2 ;;
	esac
	shift 2
done
size=300M
checks_a_boot=25
# a kernel does not live through some thousand rebuilds of parent pointers, whoever asks for them
repairs_a_boot=1
mkdir "$dir/share"
chmod 777 "$dir/share"

make_fs "$dir/rich" -m rmapbt=1,reflink=1 -i exchange=1 -n parent=1 -d agcount=4
inside --disk "d=$dir/rich" -- "
	mount -t xfs -o uquota,gquota,pquota /disk/d /mnt || exit 99
	xfsrich /mnt || exit 98
	xfs_scrub -k /mnt >/dev/null || exit 97" >"$dir/out"
same "filled" 0 $? || { cat "$dir/out" >&2; finish; }
make_fs "$dir/small" -m rmapbt=1,reflink=1 -i exchange=1 -n parent=1 -d agcount=2

cat >"$dir/share/script" <<'END'
content() { (cd /mnt && find . -path './busy*' -prune -o -type f -exec sha256sum {} +) | sort; }
ln -s /usr/bin/holystone /tmp/xfs_scrub
case $kind in
check) command='holystone xfs -n' ;;
repair) command='/tmp/xfs_scrub -d -v -k' XFS_SCRUB_FORCE_REPAIR=1; export XFS_SCRUB_FORCE_REPAIR ;;
esac
mount -t xfs -o uquota,gquota,pquota /disk/d /mnt || exit 99
if [ ! -e /mnt/node ]; then # of what the load makes, little lives long enough to be rebuilt
	mkdir /mnt/kept
	for i in 0 1 2 3 4 5 6 7 8 9; do
		for j in 0 1 2 3 4 5 6 7 8 9; do echo $i$j >/mnt/kept/$i$j; done
	done
fi
content >/tmp/before
busy=
for i in $loads; do
	xfsbusy /mnt/busy$i 36000 >/share/busy$i 2>&1 &
	busy="$busy $!"
done
for i in $runs; do
	$command /mnt >/share/$kind.$i.out 2>/share/$kind.$i.err
	echo $? >/share/$kind.$i.code
done
# the load has lasted all the time
kill $busy || exit 98
wait
content >/tmp/after
cmp /tmp/before /tmp/after || exit 97
ls -lR /mnt >/share/files
unset XFS_SCRUB_FORCE_REPAIR
holystone xfs -n /mnt >/share/$kind.end.out 2>/share/$kind.end.err
echo $? >/share/$kind.end.code
umount /mnt || exit 96
xfs_repair -n /disk/d >/share/offline 2>&1 || exit 95
dmesg >/share/dmesg
END

calm() { # NAME
	same "$1" 0 "$(cat "$dir/share/$1.code")" || cat "$dir/share/$1".{out,err} >&2
	lacks "$1" '^\(Corruption\|Warning\|Error\|Unfixable\)' "$dir/share/$1.err"
}
# boots KIND IMAGE LOADS RUNS RUNS-A-BOOT
boots() {
	local kind=$1 image=$2 first last i
	for ((first = 1; first <= $4; first += $5)); do
		last=$((first + $5 - 1 < $4 ? first + $5 - 1 : $4))
		guest_seconds=3600 inside --disk "d=$image:cow" --share "$dir/share" --with find --with sha256sum \
			--with sort --with cmp -- "kind=$kind loads='$3' runs='$(seq -s ' ' $first $last)'
			. /share/script" >"$dir/out"
		same "$kind $first to $last" 0 $? || { cat "$dir/out" "$dir/share/offline" >&2; return; }
		for ((i = first; i <= last; i++)); do calm "$kind.$i"; done
		calm "$kind.end"
		lacks "$kind $first: kernel" 'BUG:\|WARNING:\|Assertion failed\|blocked for more\|orruption\|Internal error' \
			"$dir/share/dmesg"
	done
	echo "$kind: $4 runs"
}
boots check "$dir/rich" '1 2' "$checks" $checks_a_boot
boots repair "$dir/small" '1' "$repairs" $repairs_a_boot
# rebuilt it was
for ((i = 1; i <= repairs; i++)); do
	for part in 'inode record' 'data block map' 'parent pointer'; do
		same "repair.$i: kept files with their $part rebuilt" 100 \
			"$(grep -c "^Repaired: /mnt/kept/[0-9]* $part" "$dir/share/repair.$i.out")"
	done
done
finish
