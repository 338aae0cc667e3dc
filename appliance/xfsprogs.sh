#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unpacks the newest xfsprogs of Debian, with every library of its release, below a directory of
# its own, for tests that compare with xfs_scrub or need a newer mkfs.xfs, xfs_db or xfs_repair than
# this release has. Prints the directory; "DIR/run PROGRAM ARGUMENT..." starts a program of it
# through its own loader. The system is left as it is.
set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
say() { echo "xfsprogs: $*" >&2; }
die() { say "$*"; exit 1; }

machine_cache=/var/cache/holystone
mirror= find=
if [ -n "${XDG_CACHE_HOME-}" ]; then
	cache=$XDG_CACHE_HOME/holystone
elif [ "$(id -u)" = 0 ]; then
	cache=$machine_cache
else
	cache=$HOME/.cache/holystone
fi
while [ $# -gt 0 ]; do
	case $1 in
	--cache) cache=${2:?--cache DIR}; shift ;;
	--mirror) mirror=${2:?--mirror URL}; shift ;;
	--find) find=1 ;;
	*) echo "usage: xfsprogs.sh [--cache DIR] [--mirror URL] [--find]" >&2; exit 2 ;;
	esac
	shift
done
cache=$(realpath -m "$cache")/xfsprogs
. "$here/apt.sh"

# In this cache, else in the one root keeps for everybody.
use_unpacked() {
	local place
	for place in "$cache" "$machine_cache/xfsprogs"; do
		if [ -x "$place/current/run" ]; then
			readlink -f "$place/current"
			exit 0
		fi
	done
}

use_unpacked
if [ -n "$find" ]; then
	say "not in $cache yet"
	exit 77
fi

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
use_unpacked # somebody else may have done it meanwhile
work=$(mktemp -d "$cache/new.XXXXXX")
trap 'rm -rf "$work"' EXIT
[ -n "$mirror" ] || mirror=$(apt_mirror)
[ -n "$mirror" ] || die "apt names no Debian mirror for this release: give one with --mirror"
# One suite: its programs run with its own libraries.
for suite in sid testing; do
	rm -rf "$work/apt"
	apt_private "$work/apt" "$mirror" "$suite"
	version=$(apt_versions xfsprogs | awk 'NR == 1 { print $1 }')
	[ -n "$version" ] || continue
	say "fetching xfsprogs $version of $suite and its libraries"
	# The private state knows of no installed package, so that apt names them all.
	apt-get -q -y --no-install-recommends --download-only install xfsprogs \
		>"$work/fetch.log" 2>&1 && break
	tail -n 3 "$work/fetch.log" >&2
	version=
done
[ -n "$version" ] || die "no suite has an xfsprogs that can be fetched"

# What was fetched, in one place to take from.
all=$work/all
mkdir "$all"
for deb in "$work"/apt/cache/archives/*.deb; do
	case ${deb##*/} in
	xfsprogs_* | lib[!p]* | libpcre*) dpkg-deb -x "$deb" "$all" ;;
	zlib1g_* | dmsetup_*) dpkg-deb -x "$deb" "$all" ;;
	esac
done
libs=$all/usr/lib/x86_64-linux-gnu
loader=$libs/ld-linux-x86-64.so.2
[ -x "$loader" ] || loader=$all/usr/lib64/ld-linux-x86-64.so.2
[ -x "$loader" ] || die "no loader among the packages of $version"

# What stays: the programs, the libraries they load, and a script each that starts it.
tree=$work/tree
home=$cache/$version
mkdir -p "$tree/lib" "$tree/sbin" "$tree/bin"
cp -L "$loader" "$tree/lib/ld.so"
cp -L "$libs/libgcc_s.so.1" "$tree/lib/" 2>/dev/null || true
for program in "$all"/usr/sbin/*; do
	name=${program##*/}
	needed=$("$loader" --library-path "$libs" --list "$program" 2>/dev/null) || continue
	cp "$program" "$tree/sbin/"
	echo "$needed" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' |
		xargs -r cp -L -u -t "$tree/lib"
	cat >"$tree/bin/$name" <<-END
		#!/bin/sh
		exec $home/lib/ld.so --library-path $home/lib --argv0 $name $home/sbin/$name "\$@"
	END
	chmod 755 "$tree/bin/$name"
done
cat >"$tree/run" <<-END
	#!/bin/sh
	program=\$1
	shift
	exec $home/bin/\$program "\$@"
END
chmod 755 "$tree/run" "$tree"
[ -x "$tree/bin/xfs_scrub" ] || die "the package has no xfs_scrub"
rm -rf "$home"
mv -T "$tree" "$home"
ln -sfn "$version" "$cache/current.new"
mv -T "$cache/current.new" "$cache/current"
say "xfsprogs $version is in $home"
echo "$home"
