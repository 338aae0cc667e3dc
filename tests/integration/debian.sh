#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian package: it builds from this tree with what debian/control names, holds what it should,
# never owns xfs_scrub, starts nothing, and gives the name back when it goes. It is installed into a
# root of its own, with a dpkg database of its own.
set -u
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/integration/expect.sh
. "$(dirname "$0")/expect.sh"
bad() { echo "$*"; failures=$((failures + 1)); }
for tool in dpkg-buildpackage dh dpkg-deb; do
	command -v $tool >/dev/null || { echo "SKIPPED: no $tool on this machine"; exit 77; }
done

# --- what it says it needs is what scripts/deps.sh installs --------------------------------------------

. "$SOURCE/scripts/deps.sh"
for package in $packages_build; do
	case $package in gcc | libc6-dev) continue ;; esac # build-essential
	grep -q "^ $package[ ,]" "$SOURCE/debian/control" || bad "debian/control does not name $package"
done
version=$(sed -n "s/^	version : '\(.*\)',/\1/p" "$SOURCE/meson.build")
[ "$(sed -n '1s/.*(\(.*\)).*/\1/p' "$SOURCE/debian/changelog")" = "$version" ] ||
	bad "debian/changelog is not of version $version"

# --- build ---------------------------------------------------------------------------------------------

tree=$dir/holystone-$version
mkdir "$tree"
tar -C "$SOURCE" --exclude=./build --exclude=./.git --exclude='./obj-*' -cf - . | tar -C "$tree" -xf -
export DEB_BUILD_PROFILES=nocheck DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(nproc)"
if ! (cd "$tree" && dpkg-checkbuilddeps) 2>"$dir/err"; then
	cat "$dir/err"
	echo "SKIPPED: packages that building it needs are missing"
	exit 77
fi
if ! (cd "$tree" && dpkg-buildpackage -b -us -uc) >"$dir/log" 2>&1; then
	tail -n 40 "$dir/log"
	exit 1
fi
deb=$(echo "$dir"/holystone_*.deb)
[ -f "$deb" ] || { bad "no package"; exit 1; }

# --- what is in it -------------------------------------------------------------------------------------

dpkg-deb -c "$deb" | awk '{ print $6 }' | sed 's:^\.::' >"$dir/files"
has() { grep -qx -- "$1" "$dir/files" || bad "the package lacks $1"; }
has /usr/sbin/holystone
has /usr/libexec/holystone/report-failure
has /usr/share/bash-completion/completions/holystone
has /usr/share/holystone/appliance/build.sh
has /usr/share/holystone/appliance/patches/um-one-processor.patch
has /usr/share/doc/holystone/copyright
for unit in holystone-all.service holystone-all.timer holystone-fail@.service \
	holystone-xfs@.service holystone-xfs-media@.service system-holystone.slice; do
	has /lib/systemd/system/$unit
done
for page in "$SOURCE"/docs/man/*.scd; do
	page=$(basename "$page" .scd)
	has "/usr/share/man/man${page##*.}/$page.gz"
done
grep 'xfs_scrub$' "$dir/files" && bad "the package owns an xfs_scrub"
grep -v '/$' "$dir/files" | grep -v '^/usr/\|^/lib/systemd/system/' && bad "files in odd places"
dpkg-deb -x "$deb" "$dir/x"
grep -rlF "$tree" "$dir/x" && bad "the package knows where it was built"
grep -q '^ExecStart=/usr/sbin/holystone ' "$dir/x/lib/systemd/system/holystone-xfs@.service" ||
	bad "the units start something else"
name="the program in the package"
expect 0 "$name" "$dir/x/usr/sbin/holystone" --version
is out "holystone $version"
dpkg-deb -e "$deb" "$dir/control"
grep -q 'libext2fs2.*libsqlite3' "$dir/control/control" || bad "Depends: lacks libraries"
grep -rl 'deb-systemd-invoke.*start' "$dir/control" && bad "the package starts a unit by itself"

# --- comes, takes the name, goes and gives it back --------------------------------------------------------

if [ "$(id -u)" -ne 0 ]; then
	[ "$failures" -eq 0 ] || exit 1
	echo "SKIPPED: only root can install it into a root of its own"
	exit 77
fi
root=$dir/root
mkdir -p "$root/usr/sbin" "$root"/var/lib/dpkg/{info,updates}
: >"$root/var/lib/dpkg/status"
: >"$root/usr/sbin/other"
echo theirs >"$root/usr/sbin/xfs_scrub"
in_root() { dpkg --root="$root" --force-script-chrootless --force-depends --log=/dev/null "$@"; }
expect 0 "install" in_root -i "$deb"
find "$root/etc" -name '*holystone*' 2>/dev/null | grep . && bad "the package enables a unit by itself"
expect 0 "take the name" "$root/usr/sbin/holystone" setup-xfs-scrub --root "$root"
[ "$(readlink "$root/usr/sbin/xfs_scrub")" = holystone ] || bad "xfs_scrub is not holystone"
expect 0 "install again" in_root -i "$deb"
[ "$(readlink "$root/usr/sbin/xfs_scrub")" = holystone ] || bad "an upgrade gives the name back"
expect 0 "remove" in_root -r holystone
[ "$(cat "$root/usr/sbin/xfs_scrub")" = theirs ] || bad "xfs_scrub is not theirs after removal"
[ -z "$(dpkg-divert --root="$root" --list /usr/sbin/xfs_scrub)" ] || bad "a diversion is left"
[ "$failures" -eq 0 ]
