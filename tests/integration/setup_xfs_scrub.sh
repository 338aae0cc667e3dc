#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# "holystone setup-xfs-scrub" in a root of its own, whose dpkg database is not the system's: there and
# back, with upgrades between, from every state that an interruption leaves, and killed at random.
# $1 is the build directory.
set -u
build=$1
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/integration/expect.sh
. "$(dirname "$0")/expect.sh"
bad() { echo "$*"; failures=$((failures + 1)); }
for tool in dpkg dpkg-deb dpkg-divert; do
	command -v $tool >/dev/null || { echo "SKIPPED: no $tool on this machine"; exit 77; }
done
# dpkg wants to be root, or to think so
if [ "$(id -u)" -ne 0 ] && [ -z "${FAKEROOTKEY-}" ]; then
	command -v fakeroot >/dev/null || { echo "SKIPPED: neither root nor fakeroot"; exit 77; }
	exec fakeroot "$0" "$@"
fi

root=$dir/root
DESTDIR=$root meson install -C "$build" --no-rebuild --quiet >"$dir/log" 2>&1 || {
	cat "$dir/log"
	exit 1
}
program=$(find "$root" -path '*/sbin/holystone')
mkdir -p "$root/usr/sbin" "$root"/var/lib/dpkg/{info,updates}
: >"$root/var/lib/dpkg/status"
: >"$root/usr/sbin/other" # or dpkg removes the directory with its last file
scrub=$root/usr/sbin/xfs_scrub
aside=$scrub.xfsprogs

# package VERSION: xfsprogs with a program that says its version
package() {
	mkdir -p "$dir/deb/DEBIAN" "$dir/deb/usr/sbin"
	printf 'Package: xfsprogs\nVersion: %s\nArchitecture: all\nMaintainer: test <test@localhost>\nDescription: test\n' \
		"$1" >"$dir/deb/DEBIAN/control"
	printf '#!/bin/sh\necho xfsprogs %s\n' "$1" >"$dir/deb/usr/sbin/xfs_scrub"
	chmod 755 "$dir/deb/usr/sbin/xfs_scrub"
	dpkg-deb --root-owner-group -Zgzip -b "$dir/deb" "$dir/$1.deb" >/dev/null
}
package 1
package 2
in_root() { dpkg --root="$root" --force-depends --log=/dev/null "$@" >"$dir/dpkg" 2>&1 || { bad "dpkg $*"; cat "$dir/dpkg"; }; }
setup() { "$program" setup-xfs-scrub --root "$root" "$@"; }
diverted() { dpkg-divert --root="$root" --list /usr/sbin/xfs_scrub; }

# ours, theirs VERSION: what the name is now, and where dpkg has its own
ours() {
	[ -L "$scrub" ] && [ "$(readlink "$scrub")" -ef "$program" ] || {
		case $(readlink "$scrub") in
		holystone | /*/sbin/holystone) ;;
		*) bad "$name: xfs_scrub is not holystone: $(ls -l "$root/usr/sbin")" ;;
		esac
	}
	[ -n "$(diverted)" ] || bad "$name: no diversion"
	[ ! -L "$scrub.holystone-new" ] || bad "$name: a file is left behind"
}
theirs() {
	[ -f "$scrub" ] && [ ! -L "$scrub" ] && [ "$("$scrub")" = "xfsprogs $1" ] ||
		bad "$name: xfs_scrub is not xfsprogs' $1: $(ls -l "$root/usr/sbin")"
	[ -z "$(diverted)" ] || bad "$name: a diversion is left: $(diverted)"
	[ ! -e "$aside" ] || bad "$name: $aside is left"
	[ ! -L "$scrub.holystone-new" ] || bad "$name: a file is left behind"
}

# --- there and back --------------------------------------------------------------------------------

in_root -i "$dir/1.deb"
expect 0 "dry run" setup -n
holds out "would divert /usr/sbin/xfs_scrub to /usr/sbin/xfs_scrub.xfsprogs"
theirs 1
expect 0 "undo of nothing" setup --undo
holds out "nothing to undo"
theirs 1
expect 0 "there" setup
holds out "/usr/sbin/xfs_scrub is holystone"
ours
[ "$("$aside")" = "xfsprogs 1" ] || bad "xfsprogs' own is gone"
expect 0 "there again" setup
ours
expect 0 "dry run when there" setup -n
holds out "is holystone already"
expect 0 "dry run back" setup --undo -n
ours
in_root -i "$dir/2.deb"
name="xfsprogs upgraded"
ours
[ "$("$aside")" = "xfsprogs 2" ] || bad "the upgrade did not go aside"
expect 0 "back" setup --undo
holds out "xfsprogs' own again"
theirs 2
in_root -i "$dir/1.deb"
name="xfsprogs after undo"
theirs 1

# --- without xfsprogs, and with it coming and going -------------------------------------------------

in_root -r xfsprogs
expect 0 "there without xfsprogs" setup
ours
in_root -i "$dir/1.deb"
name="xfsprogs came later"
ours
in_root -r xfsprogs
name="xfsprogs went"
ours
expect 0 "back without xfsprogs" setup --undo
[ ! -L "$scrub" ] && [ ! -e "$scrub" ] || bad "a link is left behind"
[ -z "$(diverted)" ] || bad "a diversion is left without xfsprogs"
in_root -i "$dir/1.deb"

# --- states that an interruption leaves, both directions ---------------------------------------------

divert() { dpkg-divert --root="$root" --quiet --local --no-rename --divert /usr/sbin/xfs_scrub.xfsprogs "$@" /usr/sbin/xfs_scrub; }
state() {
	case $1 in
	diverted) divert --add ;;
	linked) divert --add && ln "$scrub" "$aside" ;;
	new) divert --add && ln "$scrub" "$aside" && ln -s holystone "$scrub.holystone-new" ;;
	gone) divert --add && mv "$scrub" "$aside" ;;
	returned) setup >/dev/null && mv "$aside" "$scrub" ;;
	esac
}
for s in diverted linked new gone returned; do
	state $s
	expect 0 "there after state $s" setup
	ours
	[ "$("$aside")" = "xfsprogs 1" ] || bad "$name: xfsprogs' own is gone"
	expect 0 "back" setup --undo
	theirs 1
	state $s
	expect 0 "back after state $s" setup --undo
	theirs 1
done

# --- killed at any time ----------------------------------------------------------------------------

name="killed at random"
killed=0
for i in $(seq 40); do
	[ $((i % 2)) = 0 ] && undo=--undo || undo=
	# shellcheck disable=SC2086
	"$program" setup-xfs-scrub --root "$root" $undo >/dev/null 2>&1 &
	pid=$!
	sleep "0.0$((RANDOM % 40 + 10))"
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	[ $? -ne 137 ] || killed=$((killed + 1))
	[ -e "$scrub" ] || [ -L "$scrub" ] || bad "$name: there is no xfs_scrub"
done
echo "$killed of 40 killed"
sleep 0.2 # a dpkg-divert that has lost its parent
expect 0 "there after kills" setup
ours
[ "$("$aside")" = "xfsprogs 1" ] || bad "$name: xfsprogs' own is gone"
expect 0 "back after kills" setup --undo
theirs 1

# --- what is not ours to change ----------------------------------------------------------------------

setup >/dev/null
rm "$scrub"
echo "#!/bin/sh" >"$scrub"
expect 8 "somebody's own file, there" setup
holds err "neither holystone nor xfsprogs' own"
expect 8 "somebody's own file, back" setup --undo
[ "$("$aside")" = "xfsprogs 1" ] || bad "xfsprogs' own is gone after a conflict"
rm "$scrub"
expect 0 "after it was moved away" setup --undo
theirs 1
dpkg-divert --root="$root" --quiet --local --no-rename --divert /usr/sbin/xfs_scrub.mine --add /usr/sbin/xfs_scrub
expect 8 "another diversion, there" setup
holds err "dpkg already diverts /usr/sbin/xfs_scrub to /usr/sbin/xfs_scrub.mine (for LOCAL)"
expect 8 "another diversion, back" setup --undo
dpkg-divert --root="$root" --quiet --local --no-rename --remove /usr/sbin/xfs_scrub
theirs 1

# --- clear words -------------------------------------------------------------------------------------

expect 8 "no such root" "$program" setup-xfs-scrub --root "$dir/nowhere"
holds err "$dir/nowhere/usr/sbin: No such file or directory"
lines err 1
mv "$program" "$program.away"
cp "$program.away" "$dir/holystone"
expect 8 "not installed there" "$dir/holystone" setup-xfs-scrub --root "$root"
holds err "install holystone first"
theirs 1
mv "$program.away" "$program"
without_dpkg() { PATH=$dir/none "$program" setup-xfs-scrub --root "$root"; }
expect 8 "no dpkg" without_dpkg
holds err "no dpkg-divert"
lines err 1
theirs 1
if command -v setpriv >/dev/null && [ -z "${FAKEROOTKEY-}" ]; then
	chmod 755 "$dir"
	expect 8 "not root" setpriv --reuid 65534 --clear-groups "$program" setup-xfs-scrub
	holds err "only root can change /usr/sbin/xfs_scrub"
	lines err 1
fi
[ "$failures" -eq 0 ]
