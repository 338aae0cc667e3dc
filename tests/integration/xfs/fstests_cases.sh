#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What single tests of fstests demand of an xfs_scrub (format notes 12.2), but for those of names.
# Not here: xfs/716 is the kernel's alone; xfs/802 is also tests/integration/units; xfs/817 without
# a repair is "metapath" of damage_rt.sh.
. "$(dirname "$0")/fstests_lib.sh"
needs dmsetup ldd
size=300M
db() { "$x/run" xfs_db "$@"; }

# ---- images ---------------------------------------------------------------------------------------
make_fs "$dir/base" -m rmapbt=1,reflink=1 -i exchange=1 -n parent=1 -d agcount=4
# with nothing left to optimise
make_fs "$dir/plain" -m rmapbt=1 -n parent=0 -d agcount=4
inside --disk "d=$dir/base" --disk "p=$dir/plain" -- "
	mount -t xfs /disk/d /mnt || exit 99
	xfsrich /mnt || exit 98
	$x/bin/xfs_scrub -k /mnt >/dev/null || exit 97
	umount /mnt
	mount -t xfs /disk/p /mnt || exit 96
	mkdir /mnt/d && touch /mnt/d/fake_slash || exit 95
	$x/bin/xfs_scrub -k /mnt >/dev/null" >"$dir/out"
same "filled" 0 $? || { cat "$dir/out" >&2; finish; }

images=() # of a guest, which takes eight
# image NAME OF [XFS_DB-COMMAND...]
image() {
	local name=$1 of=$2 options=()
	shift 2
	for command; do options+=(-c "$command"); done
	cp --sparse=always "$dir/$of" "$dir/$name"
	images+=(--disk "$name=$dir/$name")
	[ $# = 0 ] && return
	db -x "${options[@]}" "$dir/$name" >"$dir/out" 2>&1
	! cmp -s "$dir/$of" "$dir/$name" || { bad "$name: nothing was changed"; cat "$dir/out" >&2; }
}
inode_of() { db -c "path $1" -c inode "$dir/base" | sed -n 's/^current inode number is \([0-9]*\).*/\1/p'; }

preen='fuzz -d fname random'
corrupt='fuzz -d dblocks add'
image o plain 'sb 2' "$preen"
image o2 plain 'sb 2' "$preen"
image c plain 'sb 1' "$corrupt"
image co plain 'sb 1' "$corrupt" 'sb 2' "$preen"
image slash plain 'path /d' 'write -d u3.sfdir3.list[0].name "fake/slash"'
image nul plain 'path /d' 'write -d u3.sfdir3.list[0].name #66616b6500736c617368'
image hurt base 'agf 1' 'addr bnoroot' 'fuzz -d recs[1].blockcount add'
damaged=("${images[@]}")

images=()
for value in 0 1; do
	make_fs "$dir/fsck$value" -m rmapbt=1,autofsck=$value
	images+=(--disk "fsck$value=$dir/fsck$value")
done
size=600M make_fs "$dir/stripes" -m rmapbt=1,reflink=1 -l size=64m -d agcount=2,sunit=64,swidth=128
images+=(--disk "stripes=$dir/stripes")
image unlinked base 'iunlink -n 3'
image again base 'iunlink -n 3'

# xfs/633, xfs/818: the same files in a file system made from a dump of the old one
mkdir "$dir/dump"
db -c "rdump -s / $dir/dump" "$dir/base" >"$dir/out" 2>&1
for kind in dump proto; do
	truncate -s 300M "$dir/$kind.img"
	images+=(--disk "$kind=$dir/$kind.img")
done
"$x/run" mkfs.xfs -q -f -p "$dir/dump" "$dir/dump.img" >"$dir/out" 2>&1 || bad "xfs/633: $(cat "$dir/out")"
cat >"$dir/protofile" <<-END
	boot
	0 0
	d--755 0 0
	: fifo, device, directory with a file in it, link
	pipe p--644 0 0
	null c--666 0 0 1 3
	sub d--755 1000 1000
	file ---644 1000 1000 $here/lib.sh
	here l--777 0 0 file
	$
	$
END
"$x/run" mkfs.xfs -q -f -p "$dir/protofile" "$dir/proto.img" >"$dir/out" 2>&1 || bad "xfs/818: $(cat "$dir/out")"
states=("${images[@]}")

images=()
a=$(inode_of /a)
image loop base 'path /a/b/c/d' "link -i $a loop" 'path /' 'unlink a'
image chain base 'path /' 'unlink a'
image owned base 'path /short' "link -i $a twin"
image rootloop base 'path /a/b/c/d' 'link -i 128 root'
image rich base
image media plain
trees=("${images[@]}")

# ---- damage ---------------------------------------------------------------------------------------
cat >"$dir/share/damaged" <<'END'
open() { mount -t xfs ${2+-o $2} /disk/$1 /mnt || exit 99; }
open o2
abilities /mnt
umount /mnt

# xfs/798: what is wrong (c), what could be better (o), both
for d in o c co; do
	open $d
	run $d-n xfs_scrub -d -T -v -n /mnt
	if can repair; then run $d-p xfs_scrub -d -T -v -p /mnt; fi
	umount /mnt
done
if can repair; then
	# "abilities" has repaired o2
	for d in c co; do
		open $d
		run $d-rw xfs_scrub -d -T -v /mnt
		umount /mnt
	done
fi

# xfs/148
for d in slash nul; do
	open $d
	run $d xfs_scrub -n /mnt
	umount /mnt
done

# xfs/506
open hurt
run health.hurt xfs_scrub -dTv -n /mnt
for o in '' ' -a 1'; do run "health.bad$o" xfs_spaceman -c "health$o" /mnt; done
umount /mnt
END
inside "${damaged[@]}" --share "$dir/share" -- '. /share/damaged' >"$dir/out"
same "damage" 0 $? || cat "$dir/out" >&2

# ---- states -------------------------------------------------------------------------------------
cat >"$dir/share/states" <<'END'
open() { mount -t xfs ${2+-o $2} /disk/$1 /mnt || exit 99; }
# xfs/806
export XFS_SCRUB_PHASE=7
open fsck0
for value in none check optimize repair; do
	xfs_io -c "setfsprops autofsck=$value" /mnt >/dev/null
	run autofsck-$value xfs_scrub -d -o autofsck /mnt
done
xfs_io -c 'setfsprops autofsck=none' /mnt >/dev/null
umount /mnt
for value in 0 1; do
	open fsck$value
	run autofsck-$value xfs_scrub -d -o autofsck /mnt
	umount /mnt
done
unset XFS_SCRUB_PHASE

# xfs/506, xfs/802: what the check knows the kernel keeps
open fsck1
run health.before xfs_spaceman -c health /mnt
run health.check xfs_scrub -dTv -n /mnt
for o in '' ' -a 1' ' -f' ' -c' ' -n' ' -q'; do
	run "health.ok$o" xfs_spaceman -c "health$o" /mnt
done
xfs_io -c 'setfsprops autofsck=check' /mnt >/dev/null
mkdir -p /tmp/scrub
mount --bind /mnt /tmp/scrub
umount /mnt
umount /tmp/scrub
open fsck1
mount --bind /mnt /tmp/scrub
SERVICE_MODE=1 run unit xfs_scrub -b -o autofsck -M /tmp/scrub/ /mnt
run unit.health xfs_spaceman -c health /mnt
umount /tmp/scrub
umount /mnt
# xfs/516
for o in sunit=64,swidth=128 sunit=32,swidth=96 noalign; do
	open stripes $o
	run stripes.$o xfs_scrub -dTv -n /mnt
	umount /mnt
done
# xfs/603
open unlinked
run unlinked.1 xfs_scrub -d -T -v -n /mnt
run unlinked.2 xfs_scrub -d -T -v -n /mnt
umount /mnt
run unlinked.repair xfs_repair -n -o force_geometry /disk/unlinked
if can repair; then
	open again
	for i in 1 2 3; do run again.$i xfs_scrub -d -T -v /mnt; done
	umount /mnt
	run again.repair xfs_repair -n -o force_geometry /disk/again
fi

# xfs/633, xfs/818
for d in dump proto; do
	open $d
	run $d xfs_scrub -v -d -n /mnt
	umount /mnt
	run $d.repair xfs_repair -n /disk/$d
done
END
inside "${states[@]}" --share "$dir/share" -- '. /share/states' >"$dir/out"
same "states" 0 $? || cat "$dir/out" >&2

# ---- trees, races, media --------------------------------------------------------------------------
libraries=$(ldd "$HOLYSTONE" | awk '$3 ~ /^\// { print $3 }' | tr '\n' ' ')
cat >"$dir/share/trees" <<'END'
open() { mount -t xfs ${2+-o $2} /disk/$1 /mnt || exit 99; }
# xfs/623 to xfs/627
for d in loop chain owned rootloop; do
	open $d
	run $d xfs_scrub -d -T -v -n /mnt
	if can repair; then
		run $d.rw xfs_scrub -d -T -v /mnt
		run $d.after xfs_scrub -d -T -v -n /mnt
	fi
	umount /mnt
	run $d.repair xfs_repair -n /disk/$d
done

open rich
# xfs/628
export XFS_SCRUB_PHASE=5
under_load renames renames -- xfs_scrub -d -n /mnt
unset XFS_SCRUB_PHASE

# xfs/262: a program whose file and libraries lie on what it checks
if [ -n "$libraries" ]; then
	mkdir /mnt/prog
	cp -L /usr/bin/holystone $libraries /mnt/prog/
	mv /mnt/prog/holystone /mnt/prog/xfs_scrub
	export LD_LIBRARY_PATH=/mnt/prog
	run moved /mnt/prog/xfs_scrub -dTv -n /mnt
	unset LD_LIBRARY_PATH
	rm -r /mnt/prog
fi

# xfs/349: there is nothing to repair
if can repair; then run sound.rw xfs_scrub -d -T -v /mnt; fi
run sound xfs_scrub -v -d -n /mnt
umount /mnt
run sound.repair xfs_repair -n /disk/rich

# xfs/556: a block of a file, first unreadable, then not
if can media; then
	dmsetup create top --table "0 $(blockdev --getsz /disk/media) dust /disk/media 0 512" &&
		dmsetup mknodes
	dmsetup message top 0 quiet
	mount -t xfs /dev/mapper/top /mnt || exit 98
	xfs_io -f -c 'pwrite -q 0 64k' -c fsync /mnt/a
	xfs_io -c 'bmap -v' /mnt/a >/share/bmap
	while read -r _ _ blocks _; do
		case $blocks in [0-9]*..*) sector=$((${blocks%%..*} + 16)) ;; esac
	done </share/bmap
	for i in 0 1 2 3 4 5 6 7; do dmsetup message top 0 addbadblock $((sector + i)); done
	dmsetup message top 0 enable
	only=-n
	if can repair; then only=; fi
	run media.b xfs_scrub -b -x $only /mnt
	run media.x xfs_scrub -x $only /mnt
	umount /mnt
	mount -t xfs /dev/mapper/top /mnt
	run media.again xfs_scrub -x $only /mnt
	dmsetup message top 0 disable
	run media.fixed xfs_scrub -x $only /mnt
	umount /mnt
fi
END
inside "${trees[@]}" --with dmsetup --with blockdev --with awk --share "$dir/share" -- \
	"libraries='${FSTESTS_SUBJECT-$libraries}'; . /share/trees" >"$dir/out"
same "trees" 0 $? || cat "$dir/out" >&2

# ---- xfs/798 ----------------------------------------------------------------------------------------
counts() { # NAME OPTIMIZED REPAIRED CORRUPTION EXIT
	local out i=2 word
	out=$(both "$1")
	for word in Optimized Repaired Corruption; do
		same "xfs/798 $1: $word" "${!i}" "$(grep -c "^$word:" "$out")"
		i=$((i + 1))
	done
	ended "$1" "$5"
}
counts o-n 0 0 0 0
counts co-n 0 0 1 1
counts c-n 0 0 1 1
if can repair -- 'xfs/798 -p and without options'; then
	counts o-p 1 0 0 0
	counts co-p 0 0 1 1
	counts c-p 0 0 1 1
	counts co-rw 1 1 0 0
	counts c-rw 0 1 0 0
fi

# ---- xfs/806 ----------------------------------------------------------------------------------------
directive() { # VALUE TEXT
	says "xfs/806 $1" "^Info: /mnt: $2 per autofsck directive\\." "$dir/share/autofsck-$1.out"
}
directive none 'Disabling scrub'
directive check 'Checking'
directive optimize 'Optimizing'
directive repair 'Checking and repairing'
directive 0 'Disabling scrub'
directive 1 'Checking and repairing'
for value in none check 0; do ended autofsck-$value 0; done
can repair -- 'xfs/806: exit of optimize and repair' &&
	for value in optimize repair 1; do ended autofsck-$value 0; done

# ---- xfs/148 ----------------------------------------------------------------------------------------
ended slash 1 3 5
ended nul 1 3 5

# ---- xfs/506, xfs/802, xfs/516 ------------------------------------------------------------------------
lacks "xfs/506 before" ': ok' "$(both health.before)"
ended health.check 0
for o in '' ' -a 1' ' -c' ' -n'; do
	says "xfs/506$o" ': ok' "$dir/share/health.ok$o.out"
	lacks "xfs/506$o" unhealthy "$(both "health.ok$o")"
done
ended unit 0
says "xfs/802" ': ok' "$dir/share/unit.health.out"
ended health.hurt 1
for o in '' ' -a 1'; do says "xfs/506$o" ': unhealthy' "$(both "health.bad$o")"; done
for o in sunit=64,swidth=128 sunit=32,swidth=96 noalign; do
	ended stripes.$o 0
	lacks "xfs/516 $o" '^\(Corruption\|Warning\|Error\)' "$(both stripes.$o)"
done

# ---- xfs/603, xfs/623 to xfs/627 ----------------------------------------------------------------------
# looking at the list makes the kernel load and free what is on it
ended unlinked.1 0 1
ended unlinked.2 0
ended unlinked.repair 0
for d in loop chain owned rootloop; do
	ended $d 1
	[ -n "${FSTESTS_SUBJECT-}" ] || same "$d: causes" 1 "$(grep -c '^Corruption:' "$(both $d)")"
done
if can repair -- 'xfs/603 and xfs/623 to xfs/627: repaired'; then
	for i in 1 2 3; do ended again.$i 0; done
	ended again.repair 0
	for d in loop chain owned; do
		ended $d.rw 0
		ended $d.after 0
		ended $d.repair 0
	done
	# a root directory with a parent is beyond this kernel's repairs: said, and nothing worse
	ended rootloop.rw 0 1
	ended rootloop.after 0 1
fi

# ---- the others -----------------------------------------------------------------------------------------
for d in dump proto sound; do
	ended $d 0
	ended $d.repair 0
done
calm renames
[ -n "${FSTESTS_SUBJECT-}" ] || ended moved 0
if can repair -- 'xfs/349'; then
	ended sound.rw 0
	lacks "xfs/349" '^Repaired:' "$(both sound.rw)"
fi
if can media -- 'xfs/556'; then
	for name in media.b media.x media.again; do
		same "xfs/556 $name" "Unfixable Error: /mnt/a: media error at data offset 8192 length 4096.
/mnt: unfixable errors found: 1" "$(cat "$dir/share/$name.err")"
	done
	same "xfs/556 fixed" "" "$(cat "$dir/share/media.fixed.err")"
fi
finish
