#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz.sh HOLYSTONE XFSRICH [--cases N] [--seed S] [--verbs "VERB..."] [--match REGEX] [--keep DIR]
#
# Any field of any object is damaged with xfs_db's verbs, its checksum made right. What xfs_repair
# sees, the check sees, or xfs_scrub does not either; after the repair a second run and xfs_repair
# find nothing, or xfs_scrub leaves as much on a copy; no file is lost that xfs_scrub keeps.
# Without options a few fixed cases; with --cases as many as wanted, with random values, too.
. "$(dirname "$0")/lib.sh"
needs dmsetup python3
shift 2
cases=12 seed=1 verbs='zeroes ones firstbit middlebit lastbit add sub' match= keep=
while [ $# -gt 1 ]; do
	case $1 in
	--cases) cases=$2 verbs="$verbs random" ;;
	--seed) seed=$2 ;;
	--verbs) verbs=$2 ;;
	--match) match=$2 ;;
	--keep) keep=$2 ;;
	*) echo "$0: $1?" >&2; exit 2 ;;
	esac
	shift 2
done
size=300M
limit=200 # seconds that a step may take

# ---- two sound file systems -------------------------------------------------------------------------
fill() { # OPTIONS DISK...
	local options=$1
	shift
	inside "$@" -- "
		mount -t xfs -o uquota,gquota,pquota$options /disk/d /mnt || exit 99
		xfsrich /mnt || exit 98
		if [ -e /disk/rt ]; then
			xfs_io -f -c 'chattr +r' -c 'pwrite -q 0 1m' /mnt/rtfile &&
			xfs_io -f -c 'chattr +r' -c 'reflink /mnt/rtfile 0 0 512k' /mnt/rtclone >/dev/null || exit 97
		fi
		xfs_scrub -k /mnt >/dev/null || exit 96" >"$dir/out"
	same "filled" 0 $? || { cat "$dir/out" >&2; finish; }
}
make_fs "$dir/plain" -m rmapbt=1,reflink=1 -i exchange=1 -n parent=1 -d agcount=4
fill '' --disk "d=$dir/plain"
truncate -s 64M "$dir/rt"
make_fs "$dir/realtime" -m metadir=1,rmapbt=1,reflink=1 -n parent=1 -i exchange=1 -d agcount=4 \
	-r "rtdev=$dir/rt,rgsize=16m"
fill ,rtdev=/disk/rt --disk "d=$dir/realtime" --disk "rt=$dir/rt"

mkdir "$dir/share"
chmod 777 "$dir/share"
choose() { "$here/fuzz_cases.py" choose "$x/run xfs_db" "$@" "$seed" "$verbs" "$match"; }
choose "$dir/plain" - "$dir/share" $((cases - cases / 3)) && : >"$dir/share/sound"
choose "$dir/realtime" "$dir/rt" "$dir/share" $((cases / 3)) && : >"$dir/share/sound-rt"

# ---- in the guest -------------------------------------------------------------------------------------
# /disk/spare* take what is written: the damage, then on top of it what each program does. Each step
# is named in /share/step before it begins: the guest may not live to its end.
cat >"$dir/share/script" <<'END'
content() { (cd /mnt && find . -path ./lost+found -prune -o -type f -exec sha256sum {} +) 2>/dev/null | sort; }
layer() { # NAME BELOW SPARE
	dmsetup create $1 --table "0 $(blockdev --getsz $2) snapshot $2 $3 N 8" && dmsetup mknodes
}
step() { echo "$1" >/share/$c/died; echo "$c $1" >/share/step; }
to() { # NAME COMMAND...: to /share/CASE/NAME, .err and .code
	local out=/share/$c/$1
	shift
	timeout -s KILL 300 "$@" >$out 2>$out.err
	echo $? >$out.code
}
rt_layer() { [ ! -e /disk/rt ] || layer rt /disk/rt /disk/sparert; }
remove() { # NAME...
	for n; do [ ! -e /dev/mapper/$n ] || dmsetup remove $n; done
}
offline() { # NAME DISK
	if [ -e /disk/rt ]; then
		to $1 xfs_repair -P -n -r /dev/mapper/rt $2
	else
		to $1 xfs_repair -P -n $2
	fi
}
# program NAME COMMAND...: check, repair and check again, on a copy
program() {
	local who=$1
	shift
	layer copy /dev/mapper/damaged /disk/spare2 || exit 1
	rt_layer || exit 1
	options=uquota,gquota,pquota
	[ ! -e /disk/rt ] || options=$options,rtdev=/dev/mapper/rt
	step $who.mount
	if mount -t xfs -o $options /dev/mapper/copy /mnt 2>/share/$c/$who.mount; then
		step $who.check
		to $who.check "$@" -n /mnt
		step $who.fix
		to $who.fix "$@" -k /mnt
		step $who.after
		to $who.after "$@" -n /mnt
		step $who.content
		content >/share/$c/$who.content
		umount /mnt
		step $who.offline
		offline $who.offline /dev/mapper/copy
		# a file system that was shut down leaves a log that -n does not read
		if grep -q 'log.*dirty\|metadata changes in a log' /share/$c/$who.offline*; then
			mount -t xfs -o $options /dev/mapper/copy /mnt && umount /mnt
			offline $who.offline /dev/mapper/copy
		fi
	else
		echo >/share/$c/$who.nomount
	fi
	dmesg -c >/share/$c/$who.dmesg
	remove copy rt
}
# changed: by xfs_db, which knows the field, and its value was not that one
changed() {
	first= last=
	while read -r line; do
		case $line in *' = '*) first=${first:-$line} last=$line ;; esac
	done </share/$c/db
	[ -n "$first" ] && [ "$first" != "$last" ]
}
code() { cat /share/$c/$1.code 2>/dev/null; }
# what the repair should be and is: then nobody needs to know how the other program does
fine() {
	[ ! -e /share/$c/ours.nomount ] || return 0
	if [ "$(code before)" != 0 ]; then
		case $(code ours.check) in 0 | 2) return 1 ;; esac
	fi
	! grep -q 'Repair withheld' /share/$c/ours.fix.err || return 0
	for part in fix after; do
		case $(code ours.$part) in 0 | 2) ;; *) return 1 ;; esac
	done
	[ "$(code ours.offline)" = 0 ] && cmp -s /share/$c/ours.content $sound
}

sound=/share/sound
options=
if [ -e /disk/rt ]; then sound=/share/sound-rt options=rtdev=/disk/rt,; fi
if [ ! -s $sound ]; then
	mount -t xfs -o ${options}ro,norecovery /disk/d /mnt && content >$sound && umount /mnt || exit 1
fi
while read -r c whose; do
	step damage
	layer damaged /disk/d /disk/spare1 || exit 1
	xfs_db -x $([ ! -e /disk/rt ] || echo -R /disk/rt) /dev/mapper/damaged </share/$c/damage >/share/$c/db 2>&1
	if changed; then
		echo >/share/$c/changed
		rt_layer || exit 1
		offline before /dev/mapper/damaged
		remove rt
		[ "$whose" = theirs ] || program ours holystone xfs
		fine || program theirs xfs_scrub
	fi
	rm /share/$c/died
	remove damaged
done </share/todo
END

# ---- guests, one after the other, as long as there is something to do --------------------------------
# boot IMAGE RT : until all of todo is done, or the guest has died or hangs
boot() {
	local disks=(--disk "d=$1:ro" --disk "spare1=$dir/spare1" --disk "spare2=$dir/spare2") pid now
	[ "$2" = - ] || disks+=(--disk "rt=$2:ro" --disk "sparert=$dir/sparert")
	: >"$dir/share/step"
	"$HOLYSTONE" appliance run --timeout 36000 "${TOOLS[@]}" "${disks[@]}" --share "$dir/share" \
		--with dmsetup --with blockdev --with find --with sha256sum --with sort --with rm \
		--with timeout --with cmp -- sh -c "$prelude
		. /share/script" >"$dir/guest" 2>&1 </dev/null &
	pid=$!
	while sleep 1; kill -0 $pid 2>/dev/null; do
		now=$(date +%s)
		[ $((now - $(stat -c %Y "$dir/share/step"))) -lt $limit ] || {
			echo "hangs in: $(cat "$dir/share/step")"
			kill -KILL $pid
		}
	done
	wait $pid 2>/dev/null
}
truncate -s 64M "$dir/spare1" "$dir/spare2" "$dir/sparert"
# all IMAGE RT CASE... : a guest that dies has done so in the case that has "died"
all() {
	local image=$1 rt=$2 died c
	shift 2
	[ $# -gt 0 ] || return
	printf '%s\n' "$@" >"$dir/share/todo"
	while [ -s "$dir/share/todo" ]; do
		boot "$image" "$rt"
		died=
		while read -r c _; do
			[ ! -e "$dir/share/$c/died" ] || { died=$c; break; }
		done <"$dir/share/todo"
		if [ -z "$died" ]; then
			c=$(sed -n '$s/ .*//;$p' "$dir/share/todo")
			[ -e "$dir/share/$c/db" ] || { bad "the guest ended early:"; tail -n 20 "$dir/guest" >&2; }
			break
		fi
		# what comes after it; and how the other program fares with it
		sed "1,/^$died/d" "$dir/share/todo" >"$dir/rest"
		case $(cat "$dir/share/$died/died") in
		theirs.*) mv "$dir/share/$died/died" "$dir/share/$died/theirs.died" ;;
		*)
			mv "$dir/share/$died/died" "$dir/share/$died/ours.died"
			cp "$dir/guest" "$dir/share/$died/ours.console"
			"$here/fuzz_cases.py" again "$dir/share" "$died"
			sed -i "1i$died theirs" "$dir/rest"
			[ -s "$dir/rest" ] || echo "$died theirs" >"$dir/rest"
			;;
		esac
		mv "$dir/rest" "$dir/share/todo"
	done
}
mapfile -t rt_cases < <(cd "$dir/share" && grep -l '(rt)$' */name | sed 's,/name,,')
mapfile -t plain_cases < <(cd "$dir/share" && grep -L '(rt)$' */name | sed 's,/name,,')
all "$dir/plain" - "${plain_cases[@]}"
all "$dir/realtime" "$dir/rt" "${rt_cases[@]}"

"$here/fuzz_cases.py" judge "$dir/share" || bad "see above"
[ -z "$keep" ] || cp -r "$dir/share" "$keep"
finish
