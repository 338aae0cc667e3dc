#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# "holystone all": which file systems, never two on a disk, when data are read, what comes of units
# (systemctl is played by a script here).
. "$(dirname "$0")/lib.sh"

make_fs "$dir/a" -m rmapbt=1,reflink=1,autofsck=check -n parent=1
make_fs "$dir/b" -m rmapbt=1,reflink=1,autofsck=check -n parent=1
"$x/run" xfs_db -x -c 'sb 1' -c 'fuzz -d dblocks add' "$dir/b" >/dev/null
size=1400M make_fs "$dir/c" -m rmapbt=1,reflink=1,autofsck=none -n parent=1
mkdir "$dir/share"
chmod 777 "$dir/share"
cat >"$dir/share/systemctl" <<'END'
#!/bin/sh
# systemctl show --property=... -- UNIT | start -- UNIT | stop -- UNIT
verb=$1
for unit; do :; done
echo "$verb $unit" >>/share/calls
state=/tmp/state-$unit
[ -e "$state" ] || echo inactive >"$state"
case $verb in
show)
	load=loaded
	case $unit in *@mnt-masked.service) load=masked ;; *@mnt-gone.service) load=not-found ;; esac
	read -r active <"$state"
	printf 'LoadState=%s\nActiveState=%s\n' $load $active ;;
start)
	case $unit in
	*@mnt-refused.service) exit 1 ;;
	*@mnt-failed.service) echo failed >"$state"; exit 1 ;;
	*@mnt-slow.service)
		echo activating >"$state"
		# the connection is lost, the unit goes on
		{ sleep 2; echo inactive >"$state"; } </dev/null >/dev/null 2>&1 &
		exit 0 ;;
	*@mnt-long.service)
		echo activating >"$state"
		exec sleep 100 ;;
	esac ;;
stop)
	echo failed >"$state" ;;
esac
END
cat >"$dir/share/script" <<'END'
run() { # NAME COMMAND...
	name=$1
	shift
	"$@" >/share/$name 2>&1
	echo "exit $?" >>/share/$name
}
at() { # NAME DEVICE: mounted below /mnt
	mkdir -p /mnt/$1
	mount -t xfs -o nouuid $2 /mnt/$1 || exit 99
}
run none holystone all
at b /disk/b
at a /disk/a
# a mount of a directory is not a second file system
mkdir -p /mnt/again
mount --bind /mnt/a /mnt/again
run list holystone all --list
run both holystone all
run checked holystone all -n --debug
run json holystone all -n --json
run one holystone all --jobs 1
run inherit holystone all -n -x --debug
run interval holystone all --auto-media-scan-interval 1mo --auto-media-scan-stamp /share/stamp --debug
run again holystone all --auto-media-scan-interval 1mo --auto-media-scan-stamp /share/stamp --debug
run nostamp holystone all --auto-media-scan-interval 1mo --auto-media-scan-stamp /nowhere/stamp
run nointerval holystone all --auto-media-scan-interval 1xy
run argument holystone all /mnt/a
umount /mnt/again /mnt/b /mnt/a
# several on one disk: images on a file system there, behind loop devices
at c /disk/c
for i in 1 2; do
	cp /disk/a /mnt/c/$i || exit 98
	mkdir -p /mnt/loop$i
	losetup /dev/loop$i /mnt/c/$i || exit 97
	mount -t xfs -o nouuid /dev/loop$i /mnt/loop$i || exit 96
done
run shared holystone all
umount /mnt/loop1 /mnt/loop2
losetup -D
umount /mnt/c
# units
mkdir -p /run/systemd/system /tmp/bin
cp /share/systemctl /tmp/bin/
chmod 755 /tmp/bin/systemctl
PATH=/tmp/bin:$PATH
export SERVICE_MODE=1
for unit in plain masked gone failed refused slow; do
	at $unit /disk/a
	: >/share/calls
	run unit-$unit holystone all --debug
	mv /share/calls /share/calls-$unit
	umount /mnt/$unit
done
at plain /disk/a
run unit-media holystone all -x --debug
umount /mnt/plain
at long /disk/a
: >/share/calls
holystone all >/share/unit-long 2>&1 &
pid=$!
sleep 2
kill -TERM $pid
wait $pid
echo "exit $?" >>/share/unit-long
mv /share/calls /share/calls-long
umount /mnt/long
END
inside --timeout 400 --disk "a=$dir/a:cow" --disk "b=$dir/b:cow" --disk "c=$dir/c:cow" --share "$dir/share" \
	--with cp --with losetup --with mv --with chmod -- '. /share/script' >"$dir/out"
code=$?
[ $code = 0 ] || { bad "not all cases ran: $code"; cat "$dir/out" >&2; }

# outcome NAME EXIT [PATTERN...]
outcome() {
	local name=$1 code=$2
	shift 2
	says "$name" "^exit $code\$" "$dir/share/$name"
	for pattern; do says "$name" "$pattern" "$dir/share/$name"; done
}
# order NAME LINE... : these lines, in this order, among others
order() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$dir/want"
	grep -xF -f "$dir/want" "$dir/share/$name" >"$dir/got"
	cmp -s "$dir/want" "$dir/got" || { bad "$name: order of lines:"; cat "$dir/share/$name" >&2; }
}
calls() { cut -d' ' -f1 "$dir/share/calls-$1" | xargs; }

outcome none 0 '^No XFS file system is mounted.$'
outcome list 0 '^/mnt/a	/dev/dm-.	/dev/ubd. /dev/ubd.$' \
	'^/mnt/b	/dev/dm-.	/dev/ubd. /dev/ubd.$'
same "list" 3 "$(wc -l <"$dir/share/list")"
outcome both 1 '^Info: /mnt/a: Checking per autofsck directive.$' '^/mnt/a: Scrubbing done, (err=0)$' \
	'^Corruption: AG 1 superblock' '^/mnt/b: Scrubbing done, (err=1)$'
# on two disks both begin before either ends
same "both begin at once" 2 "$(head -n 2 "$dir/share/both" | grep -c '^Scrubbing /mnt/.\.\.\.$')"
outcome checked 1 '^holystone xfs -n -o autofsck -- /mnt/a$'
outcome json 1 '"AG 1"'
lacks json '^Scrubbing\|^Info' "$dir/share/json"
same "json: each line is an object" 0 "$(grep -v -c '^{.*}$\|^exit' "$dir/share/json")"
outcome one 1
order one 'Scrubbing /mnt/b...' '/mnt/b: Scrubbing done, (err=1)' 'Scrubbing /mnt/a...' \
	'/mnt/a: Scrubbing done, (err=0)'
outcome inherit '[0-9]*' '^holystone xfs -n -o autofsck -x -- /mnt/a$'
outcome interval '[0-9]*' '^Automatically enabling file data scrub.$' \
	'^holystone xfs -o autofsck -x -- /mnt/a$'
outcome again 1 '^holystone xfs -o autofsck -- /mnt/a$'
lacks again 'file data' "$dir/share/again"
outcome nostamp 5 '^Error: /nowhere/stamp: No such file' '^/mnt/a: Scrubbing done, (err=0)$'
outcome nointerval 16 '1xy: Invalid media scan interval.'
outcome argument 16 'not named here'
outcome shared 0 '^Info: /mnt/c: Disabling scrub per autofsck directive.$'
order shared 'Scrubbing /mnt/c...' '/mnt/c: Scrubbing done, (err=0)' \
	'Scrubbing /mnt/loop1...' '/mnt/loop1: Scrubbing done, (err=0)' \
	'Scrubbing /mnt/loop2...' '/mnt/loop2: Scrubbing done, (err=0)'

outcome unit-plain 0 '^unit holystone-xfs@mnt-plain.service$' '^/mnt/plain: Scrubbing done, (err=0)$'
same "unit-plain: calls" "show start show" "$(calls plain)"
lacks unit-plain '^Info' "$dir/share/unit-plain"
outcome unit-masked 0 '^/mnt/masked: Scrubbing disabled by administrator$'
same "unit-masked: calls" "show" "$(calls masked)"
outcome unit-gone 0 '^holystone xfs -b -o autofsck -- /mnt/gone$' '^Info: /mnt/gone: Checking per'
outcome unit-failed 1 '^/mnt/failed: Scrubbing done, (err=1)$'
outcome unit-refused 1 '^Error: /mnt/refused: Not checked: systemd did not start its unit.$'
outcome unit-slow 0 '^/mnt/slow: Scrubbing done, (err=0)$'
[ "$(grep -c '^show' "$dir/share/calls-slow")" -ge 3 ] || bad "unit-slow: did not wait for its end"
outcome unit-media 0 '^unit holystone-xfs-media@mnt-plain.service$'
outcome unit-long 1
says "unit-long: stopped" '^stop holystone-xfs@mnt-long.service$' "$dir/share/calls-long"
finish
