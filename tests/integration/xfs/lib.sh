# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of "holystone xfs" on a real kernel share. $1 is the holystone program, $2 xfsrich,
# with the other fixtures beside it. They run in the appliance beside Debian's newest xfs_scrub and
# skip (exit 77) where either is missing.
. "$(dirname "$0")/../appliance/lib.sh"
XFSRICH=$(realpath "$2")
fixtures=$(dirname "$XFSRICH")
here=$(cd "$(dirname "$0")" && pwd)
x=$("$top/appliance/xfsprogs.sh" --find 2>/dev/null) ||
	skip "no newer xfsprogs unpacked: run appliance/xfsprogs.sh"
TOOLS+=(--with "$HOLYSTONE:/usr/bin/holystone" --with "$XFSRICH:/usr/bin/xfsrich"
	--with "$fixtures/xfsnames:/usr/bin/xfsnames" --with "$fixtures/xfsbusy:/usr/bin/xfsbusy" --with "$x"
	--with dd --with grep --with sed --with ln --with mkdir)
[ ! -d /usr/lib/locale/C.utf8 ] || TOOLS+=(--with /usr/lib/locale/C.utf8)
prelude="PATH=$x/bin:/usr/bin:/bin:/usr/sbin:/sbin; export LC_ALL=C.UTF-8"

# inside DISK-OPTION... -- SCRIPT : like guest, with the tools in PATH
inside() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	guest "${options[@]}" -- "$prelude
$2" 2>&1 </dev/null
}

# In a guest with a shared directory and dd.
# fresh DEVICE MOUNT-OPTIONS: mounts with the superblock that the image came with: unmounting writes
# other counters to it, and after wrong ones leaves a dirty log, so that the next mount counts.
# side_by_side NAME DEVICE MOUNT-OPTIONS: holystone's records and xfs_scrub's lines of one file
# system, on a fresh mount each, for the kernel remembers what it found; to /share/NAME.json, .ours
# (the exit code), .scrub and .theirs.
prelude+='
fresh() {
	sb=/tmp/${1##*/}.sb
	if [ -e $sb ]; then
		mount -t xfs -o "$2" $1 /mnt && umount /mnt
		dd if=$sb of=$1 bs=4096 count=1 conv=notrunc,fsync status=none
	else
		dd if=$1 of=$sb bs=4096 count=1 status=none
	fi
	mount -t xfs -o "$2" $1 /mnt || { echo "$1: mount failed"; return 1; }
}
side_by_side() {
	fresh $2 "$3" || return
	holystone xfs -n --json /mnt >/share/$1.json 2>/share/$1.err
	echo $? >/share/$1.ours
	umount /mnt
	fresh $2 "$3" || return
	xfs_scrub -n /mnt >/share/$1.scrub 2>&1
	echo $? >/share/$1.theirs
	umount /mnt
}'

# same_verdicts NAME [DIFFERENCE...] : both said the same of NAME, but for what is listed
same_verdicts() {
	local name=$1
	shift
	same "$name: exit" "$(cat "$dir/share/$name.theirs")" "$(cat "$dir/share/$name.ours")"
	"$here/verdicts.py" "$dir/share/$name.json" "$dir/share/$name.scrub" "$@" >"$dir/verdicts" ||
		bad "$name: $(cat "$dir/verdicts")"
}

# one_finding NAME : one fault, one finding, but for attributes that could be packed better
one_finding() {
	local found
	found=$(grep '"type":"finding"' "$dir/share/$1.json" | grep -v '"rule":"XFS-PREEN"')
	same "$1: findings" 1 "$(grep -c . <<<"$found")" || echo "$found" >&2
}

# make_fs IMAGE MKFS-OPTION... : an empty file system of $size; the caller mounts and fills it
make_fs() {
	local image=$1
	shift
	truncate -s "${size:-600M}" "$image"
	"$x/run" mkfs.xfs -q -f "$@" "$image" >/dev/null || bad "mkfs.xfs $*"
}

# lacks WHAT PATTERN FILE
lacks() { ! grep -q -e "$2" "$3" || { bad "$1: '$2' in:"; cat "$3" >&2; }; }

# In a guest: a snapshot of /disk/d and, if it is there, /disk/rt for each case, thrown away
# afterwards; /disk/spare and /disk/rtspare take what is written.
# begin_case: /dev/mapper/top is the disk, $mount_options are for it
# put_blocks CASE: the damaged blocks of /share/CASE, below what may be mounted
# end_case
# run CASE NAME COMMAND...: to /share/CASE/NAME, .err and .code
snapshots='
size_of() { blockdev --getsz "/disk/$1"; }
begin_case() {
	dmsetup create below --table "0 $(size_of d) snapshot /disk/d /disk/spare N 16" &&
		dmsetup mknodes && dmsetup create top --table "0 $(size_of d) linear /dev/mapper/below 0" || return
	mount_options=uquota,gquota,pquota
	if [ -e /disk/rt ]; then
		dmsetup create rt --table "0 $(size_of rt) snapshot /disk/rt /disk/rtspare N 16" || return
		mount_options=rtdev=/dev/mapper/rt,$mount_options
	fi
	dmsetup mknodes
}
put_blocks() {
	while read -r block; do
		dd if=/share/$1/$block of=/dev/mapper/below bs=4096 seek=$block conv=notrunc,fsync status=none
	done </share/$1/blocks
}
end_case() {
	dmsetup remove top
	dmsetup remove below
	[ ! -e /disk/rt ] || dmsetup remove rt
}
run() {
	out=/share/$1/$2
	shift 2
	"$@" >$out 2>$out.err
	echo $? >$out.code
}
# check_offline CASE: what xfs_repair says
check_offline() {
	if [ -e /disk/rt ]; then
		run $1 offline xfs_repair -n -r /dev/mapper/rt /dev/mapper/top
	else
		run $1 offline xfs_repair -n /dev/mapper/top
	fi
}'

# keep_blocks NAME DAMAGED-IMAGE : what differs from the base, block by block, below share
keep_blocks() {
	local block
	mkdir "$dir/share/$1"
	cmp -l "$dir/base" "$2" | awk '{ b[int(($1 - 1) / 4096)] } END { for (i in b) print i }' |
		sort -n >"$dir/share/$1/blocks"
	while read -r block; do
		dd if="$2" of="$dir/share/$1/$block" bs=4096 skip="$block" count=1 status=none
	done <"$dir/share/$1/blocks"
}

code_of() { cat "$dir/share/$1.code"; }

# is_repaired CASE : the run "fix" has repaired everything, as "after" and xfs_repair see it
is_repaired() {
	local d=$dir/share/$1
	same "$1: repair" 0 "$(code_of "$1/fix")" || cat "$d/fix" "$d/fix.err" >&2
	lacks "$1: repair" '^\(Corruption\|Error\|Warning\):' "$d/fix.err"
	same "$1: after the repair" 0 "$(code_of "$1/after")"
	lacks "$1: after the repair" '^\(Corruption\|Error\|Warning\):' "$d/after.err"
	same "$1: xfs_repair" 0 "$(code_of "$1/offline")" || cat "$d/offline.err" >&2
}
