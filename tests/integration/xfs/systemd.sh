#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The units under systemd itself, in the appliance: each check in its whole sandbox (namespaces,
# system call filter, capabilities, device policy, its own user) finds the same as without; what
# fails is mailed; xfs_scrub's name works in the sandbox of xfsprogs' units. $3 is the build directory.
. "$(dirname "$0")/lib.sh"
build=$3
systemd=/lib/systemd/systemd
for program in $systemd systemctl systemd-escape unshare chroot; do
	command -v $program >/dev/null || skip "no $program on this machine"
done
grep -qx CONFIG_PID_NS=y "$(dirname "$HOLYSTONE_APPLIANCE_KERNEL")/config" 2>/dev/null ||
	skip "the appliance's kernel has no namespaces for systemd to make sandboxes of"

# --- what is installed, and a system around it ------------------------------------------------------

root=$dir/root
DESTDIR=$root meson install -C "$build" --no-rebuild --quiet >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
units=$(dirname "$(find "$root" -name 'holystone-xfs@.service')")
[ -d "$units" ] || skip "built without units"
program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$units/holystone-all.service")
report=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$units/holystone-fail@.service")
sys=$dir/system
mkdir -p "$sys/service.d" "$dir/share"
chmod 777 "$dir/share"
cp "$units"/* /lib/systemd/system/*.target /lib/systemd/system/*.slice "$sys"
# there is no journal in here; leaks are looked for by ptrace, which the sandbox forbids
cat >"$sys/service.d/test.conf" <<'END'
[Service]
StandardOutput=append:/share/%N.log
StandardError=append:/share/%N.log
Environment=ASAN_OPTIONS=detect_leaks=0
END
cat >"$sys/script.service" <<END
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
TimeoutStartSec=400
Environment=PATH=$x/bin:/usr/bin:/usr/sbin
ExecStart=/usr/bin/sh /share/script
ExecStopPost=/usr/bin/systemctl poweroff --force --force
END
# the same program in the sandbox of xfsprogs' unit: its user has no name and no place to keep
# records, and a system call too much kills
mkdir "$sys/holystone-xfs@mnt-theirs.service.d"
cat >"$sys/holystone-xfs@mnt-theirs.service.d/theirs.conf" <<'END'
[Service]
ExecStart=
ExecStart=/usr/sbin/xfs_scrub -b -o autofsck -M /tmp/holystone/ %f
User=
StateDirectory=
RuntimeDirectory=
SystemCallErrorNumber=
UMask=7777
END
cat >"$dir/share/sendmail" <<'END'
#!/bin/sh
cat >>/share/mail
END
chmod 755 "$dir/share/sendmail"
# its UMask= there leaves no right to write a second time
: >"$dir/share/holystone-xfs@mnt-theirs.log"
chmod 666 "$dir/share/holystone-xfs@mnt-theirs.log"
cat >"$dir/share/boot" <<END
mount --make-rprivate /
mkdir -p /newroot
mount --rbind / /newroot
cd /newroot
mount --move . /
exec chroot . /usr/bin/sh /share/boot2
END
cat >"$dir/share/boot2" <<END
cd /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p /run /tmp /var/lib /var/tmp /etc /mnt /home /root
: >/share/mail
chmod 666 /share/mail
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
chmod 1777 /tmp
printf 'root:x:0:0::/root:/bin/sh\nmail:x:8:8::/:/bin/false\nnobody:x:65534:65534::/:/bin/false\n' >/etc/passwd
printf 'root:x:0:\nmail:x:8:\nsystemd-journal:x:101:\nnogroup:x:65534:\n' >/etc/group
echo 0123456789abcdef0123456789abcdef >/etc/machine-id
exec $systemd --unit=script.service --log-target=kmsg --show-status=no
END
cat >"$dir/share/script" <<'END'
exec >/share/script.out 2>&1
at() { # DEVICE PLACE
	mkdir -p "$2"
	mount -t xfs "$1" "$2" || echo "cannot mount $1"
}
how() { # UNIT NAME
	systemctl show --property=Result,ExecMainStatus --value -- "$1" | tr '\n' ' ' >"/share/how.$2"
}
at /disk/clean "/mnt/with blank"
at /disk/broken /home
at /disk/none /mnt/none
at /disk/theirs /mnt/theirs
at /disk/var /var/lib
at /disk/mend /mnt/mend
# the first time data are due: without, with, and not again
echo "data due"
systemctl start holystone-all.service
echo "start $?"
mv /share/holystone-all.log /share/all.due
echo "data done"
systemctl start holystone-all.service
echo "start $?"
mv /share/holystone-all.log /share/all.done
how holystone-all.service all
how holystone-xfs@home.service broken
sectors() {
	device=$(readlink -f /disk/clean)
	read -r _ _ n _ <"/sys/class/block/${device##*/}/stat"
	echo "sectors $1 $n"
}
sectors before
systemctl start 'holystone-xfs@mnt-with\x20blank.service'
echo "start clean $?"
sectors between
systemctl start 'holystone-xfs-media@mnt-with\x20blank.service'
echo "start media $?"
sectors after
systemctl start holystone-xfs@mnt-nowhere.service
echo "start nowhere $?"
mkdir -p /mnt/directory
systemctl start holystone-xfs@mnt-directory.service
echo "start directory $?"
systemctl mask --runtime holystone-xfs@home.service holystone-xfs@mnt-theirs.service
systemctl start holystone-all.service
echo "start masked $?"
i=0
while ! grep -q '^Subject: .*holystone-all' /share/mail && [ $i -lt 50 ]; do
	i=$((i + 1))
	sleep 0.2
done
find /var/lib/private/holystone /run/private/holystone-xfs -name run.db | sort >/share/records
stat -L -c '%a %U %n' /var/lib/holystone /var/lib/holystone/media.stamp /var/lib/private/holystone/xfs \
	/run/private/holystone-xfs >/share/modes
umount "/mnt/with blank" /home /mnt/none /mnt/theirs /mnt/mend /var/lib
xfs_repair -n /disk/mend >/share/xfs_repair 2>&1
echo "xfs_repair $?"
END

for d in clean broken theirs var; do
	make_fs "$dir/$d" -m rmapbt=1,reflink=1,autofsck=check -n parent=1
done
make_fs "$dir/none" -m rmapbt=1,reflink=1,autofsck=none -n parent=1
make_fs "$dir/mend" -m rmapbt=1,reflink=1,autofsck=repair -n parent=1
for d in broken mend; do
	"$x/run" xfs_db -x -c 'sb 1' -c 'fuzz -d dblocks add' "$dir/$d" >/dev/null
done
# attributes to look at, which takes calls that filters know
inside --disk "a=$dir/clean" --disk "b=$dir/theirs" -- '
	mount -t xfs /disk/a /mnt && xfsrich /mnt || exit 99
	dd if=/dev/urandom of=/mnt/data bs=1M count=24 status=none
	umount /mnt
	mount -t xfs /disk/b /mnt && xfsnames /mnt || exit 98
	umount /mnt' >"$dir/out"
[ $? = 0 ] || { bad "the file systems cannot be filled"; cat "$dir/out" >&2; }

appliance --timeout 500 "${TOOLS[@]}" --console "$dir/console" \
	--disk "clean=$dir/clean:cow" --disk "broken=$dir/broken:cow" --disk "none=$dir/none:cow" \
	--disk "theirs=$dir/theirs:cow" --disk "var=$dir/var:cow" --disk "mend=$dir/mend:cow" --share "$dir/share" \
	--with "$HOLYSTONE:$program" --with "$HOLYSTONE:/usr/sbin/xfs_scrub" \
	--with "$root$report:$report" --with "$dir/share/sendmail:/usr/sbin/sendmail" \
	--with "$sys:/lib/systemd/system" --with $systemd --with systemctl --with systemd-escape \
	--with unshare --with chroot --with chmod --with find --with mv --with readlink --with sort --with stat \
	--with tr --with uname -- sh -c "$prelude
		unshare --pid --fork --kill-child --mount --net --ipc --uts --cgroup sh /share/boot
		dmesg >/share/dmesg" >"$dir/out" 2>&1 </dev/null
grep -q '^xfs_repair' "$dir/share/script.out" || {
	bad "not all cases ran"
	cat "$dir/out" "$dir/share/script.out" >&2
	tail -n 40 "$dir/share/dmesg" >&2
}
share=$dir/share

# --- what came of it ---------------------------------------------------------------------------------

want='data due
start 1
data done
start 1
start clean 0
start media 0
start nowhere 1
start directory 1
start masked 0'
same "how they ended" "$want" "$(grep -E '^(start|data) ' "$share/script.out")"
same "the broken one" "exit-code 1 " "$(cat "$share/how.broken")"
same "all of them" "exit-code 1 " "$(cat "$share/how.all")"

says "data" '^Automatically enabling file data scrub.$' "$share/all.due"
lacks "data again" 'file data' "$share/all.done"
for mount in "/mnt/with blank" /mnt/none /mnt/mend /var/lib; do
	says "all: $mount" "^$mount: Scrubbing done, (err=0)\$" "$share/all.done"
done
# what xfs_scrub tells by exit status 2 is 1 for a service
says "all: deceptive names" '^/mnt/theirs: Scrubbing done, (err=1)$' "$share/all.done"
says "all: the broken one" '^/home: Scrubbing done, (err=1)$' "$share/all.done"
says "all: masked" '^/home: Scrubbing disabled by administrator$' "$share/holystone-all.log"

says "broken" '^Corruption: AG 1 superblock: Repairs are required.$' "$share/holystone-xfs@home.log"
says "none" '^Info: /mnt/none: Disabling scrub per autofsck directive.$' "$share/holystone-xfs@mnt-none.log"
for log in "$share"/holystone-xfs@*.log; do
	lacks "nothing is forbidden that is needed" '^Error\|not permitted\|Permission denied' "$log"
done
for log in holystone-xfs-media@mnt-theirs holystone-xfs@mnt-theirs; do
	says "names of attributes" '^Warning: .* in extended attribute ' "$share/$log.log"
	grep '^/mnt/theirs: warnings found: ' "$share/$log.log" >"$dir/$log"
done
cmp "$dir/holystone-xfs-media@mnt-theirs" "$dir/holystone-xfs@mnt-theirs" ||
	bad "the name xfs_scrub in xfsprogs' sandbox does not find what holystone does in ours"
says "repaired" '^Repaired: AG 1 superblock: ' "$share/holystone-xfs-media@mnt-mend.log"
lacks "repaired once" '^Repaired\|^Corruption' "$share/holystone-xfs@mnt-mend.log"
says "xfs_repair agrees" '^xfs_repair 0$' "$share/script.out"
lacks "an old system call filter kills nobody" 'SIGSYS\|status=31' "$share/dmesg"

# raw devices can be read in there: 24 MiB of data are 49152 sectors
sectors() { sed -n "s/^sectors $1 //p" "$share/script.out"; }
[ $(($(sectors between) - $(sectors before))) -lt 49152 ] || bad "a check of metadata reads data"
[ $(($(sectors after) - $(sectors between))) -ge 49152 ] || bad "the media unit does not read data"

# records: kept, and not on what is checked
says "record" '^/var/lib/private/holystone/xfs/_home/.*/run.db$' "$share/records"
says "record of /var/lib" '^/run/private/holystone-xfs/_var_lib/.*/run.db$' "$share/records"
lacks "record of /var/lib" '/holystone/xfs/_var_lib' "$share/records"
says "stamp" '^600 root /var/lib/holystone/media.stamp$' "$share/modes"
same "nobody else looks" 4 "$(grep -c -E '^(700|600) ' "$share/modes")"

says "mail" '^Subject: holystone: check of /home on .* failed$' "$share/mail"
says "mail of all" '^Subject: holystone: holystone-all.service failed on ' "$share/mail"
finish
