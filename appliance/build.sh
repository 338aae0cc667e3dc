#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the appliance's kernel (User Mode Linux with XFS online fsck) once and prints its path.
# Every later call with the same version and configuration only prints. All talk goes to stderr.
set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
recipe=1 # raise when the way of building changes what is built

usage() {
	cat <<-END
		usage: build.sh [--source DIR | --kernel FILE] [--jobs N] [--cache DIR] [--mirror URL] [--find]

		  --source DIR  an unpacked kernel source (it is only read)
		  --kernel FILE a User Mode Linux kernel that is already built
		  --jobs N      compile N files at a time (default: one per processor)
		  --cache DIR   default: \$XDG_CACHE_HOME/holystone, root: /var/cache/holystone
		  --mirror URL  Debian mirror (default: the one apt uses)
		  --find        print the kernel if it is there, else exit 77: build nothing
	END
}

say() { echo "appliance: $*" >&2; }
die() { say "$*"; exit 1; }

machine_cache=/var/cache/holystone
source_dir= kernel= jobs=$(nproc) mirror= find= instead=
if [ -n "${XDG_CACHE_HOME-}" ]; then
	cache=$XDG_CACHE_HOME/holystone
elif [ "$(id -u)" = 0 ]; then
	cache=$machine_cache
else
	cache=$HOME/.cache/holystone
fi
while [ $# -gt 0 ]; do
	case $1 in
	--source) source_dir=${2:?--source DIR}; shift ;;
	--kernel) kernel=${2:?--kernel FILE}; shift ;;
	--jobs) jobs=${2:?--jobs N}; shift ;;
	--cache) cache=${2:?--cache DIR}; shift ;;
	--mirror) mirror=${2:?--mirror URL}; shift ;;
	--find) find=1 ;;
	--help) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
	shift
done
cache=$cache/appliance
config=$here/kernel.config
patches=("$here"/patches/*.patch)
. "$here/apt.sh"
read -r pin_package pin_version pin_sha256 < <(grep -v '^#' "$here/kernel.pin")
config_hash=$({ echo "$recipe"; cat "${patches[@]}"; grep -E '^(# )?CONFIG_' "$config" | sort; } |
	sha256sum | cut -c1-12)

# --- what a finished kernel looks like ------------------------------------------------------------

entry_of() { echo "$cache/$1-$config_hash"; }

# Prints the kernel of an entry, and makes it the one that the launcher uses. The machine's cache is
# only read by those who may not write it.
finish() {
	local into=${1%/*}
	if [ -w "$into" ]; then
		ln -sfn "${1##*/}" "$into/current.new"
		mv -T "$into/current.new" "$into/current"
	fi
	echo "$1/linux"
	exit 0
}

# missing_options needed|wanted FILE: lines of that part of kernel.config that a configuration (FILE)
# does not have.
missing_options() {
	local line symbol part=
	while read -r line; do
		case $line in
		'# === needed'*) part=needed ;;
		'# === wanted'*) part=wanted ;;
		esac
		[ "$part" = "$1" ] || continue
		case $line in
		CONFIG_*) grep -qxF "$line" "$2" || echo "$line" ;;
		'# CONFIG_'*' is not set')
			symbol=${line#\# }
			symbol=${symbol%% *}
			! grep -q "^$symbol=" "$2" || echo "$line"
			;;
		esac
	done <"$config"
}

# install_kernel BINARY CONFIG NAME: into the cache, whole or not at all.
install_kernel() {
	local entry new
	entry=$(entry_of "$3")
	new=$(mktemp -d "$cache/new.XXXXXX")
	install -m 755 "$1" "$new/linux"
	install -m 644 "$2" "$new/config"
	chmod 755 "$new"
	rm -rf "$entry"
	mv -T "$new" "$entry"
	# the next call need not ask the archive again
	[ -z "$instead" ] || ln -sfn "$(basename "$entry")" "$known.instead"
	say "kernel $3 is in $entry"
	finish "$entry"
}

# --- what can be had without building -------------------------------------------------------------

accept_kernel() {
	local shown version lost
	[ -x "$kernel" ] || die "$kernel is no program that can be run"
	shown=$(mktemp)
	trap 'rm -f "$shown"' EXIT
	version=$("$kernel" --version 2>/dev/null) || die "$kernel is no User Mode Linux kernel"
	"$kernel" --showconfig >"$shown" 2>/dev/null || die "$kernel does not show its configuration"
	lost=$(missing_options needed "$shown")
	[ -z "$lost" ] || die "$kernel lacks:" $lost
	mkdir -p "$cache"
	say "taking $kernel ($version)"
	instead=1
	install_kernel "$kernel" "$shown" "given-$(sha256sum "$kernel" | cut -c1-12)"
}

known=$(entry_of "$pin_version")
[ -z "$kernel" ] || accept_kernel

# What was chosen instead of the known version (by --kernel, --source, or because the archive no
# longer had it), else the known version: in this cache, else in the one root keeps for everybody.
use_known() {
	local entry chosen
	[ -z "$source_dir" ] || return 0
	for entry in "$known" "$machine_cache/appliance/${known##*/}"; do
		if [ -x "$entry.instead/linux" ]; then
			chosen=$(readlink -f "$entry.instead")
			say "using ${chosen##*/}, which was chosen instead of $pin_version"
			finish "$chosen"
		elif [ -x "$entry/linux" ]; then
			finish "$entry"
		fi
	done
}

use_known
if [ -n "$find" ]; then
	say "no kernel in $cache yet"
	exit 77
fi

# --- what building needs --------------------------------------------------------------------------

need_tools() {
	local missing=() pair free
	for pair in gcc:gcc make:make patch:patch flex:flex bison:bison bc:bc ld:binutils xz:xz-utils tar:tar \
		apt-get:apt dpkg-deb:dpkg flock:util-linux; do
		command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
	done
	echo 'int main(void) { return 0; }' |
		gcc -static -x c -o /dev/null - 2>/dev/null || missing+=(libc6-dev)
	[ ${#missing[@]} = 0 ] || die "building needs more packages: apt-get install ${missing[*]}"
	free=$(df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1024) }')
	[ "$free" -ge 3000 ] || die "building needs 3000 MB in $cache, which has $free"
}

mkdir -p "$cache"
need_tools
exec 9>"$cache/lock"
flock -n 9 || { say "waiting for another build"; flock 9; }
use_known # somebody else may have built it meanwhile

work=$(mktemp -d "$cache/build.XXXXXX")
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# patch_tree TREE NAME: each patch that fits; the kernel works without them, only slower.
patch_tree() {
	local patch
	for patch in "${patches[@]}"; do
		if patch -d "$1" -p1 -s -f --dry-run <"$patch" >/dev/null; then
			patch -d "$1" -p1 -s -f <"$patch"
		elif patch -d "$1" -p1 -s -f -R --dry-run <"$patch" >/dev/null; then
			say "$2 has $(basename "$patch") already"
		else
			say "$2 is built without $(basename "$patch"), which does not fit"
		fi
	done
}

# build_tree SOURCE NAME: 0 and an installed kernel (does not return), or 1 with the reason said.
build_tree() {
	local tree=$1 name=$2 out=$work/out log lost
	log=$cache/build-$name.log
	rm -rf "$out"
	mkdir -p "$out"
	patch_tree "$tree" "$name"
	say "building $name with $jobs jobs (log: $log)"
	if ! make -C "$tree" ARCH=um O="$out" KCONFIG_ALLCONFIG="$config" allnoconfig \
		>"$log" 2>&1 9>&-; then
		say "$name cannot be configured:"
		tail -n 5 "$log" >&2
		return 1
	fi
	lost=$(missing_options needed "$out/.config")
	if [ -n "$lost" ]; then
		say "$name gives no appliance, it has not:" $lost
		return 1
	fi
	lost=$(missing_options wanted "$out/.config")
	[ -z "$lost" ] || say "$name is built without:" $lost
	if ! make -C "$tree" ARCH=um O="$out" -j "$jobs" linux >>"$log" 2>&1 9>&-; then
		say "$name does not build:"
		grep -m 5 -E 'error|Error' "$log" >&2 || tail -n 5 "$log" >&2
		return 1
	fi
	strip -o "$work/linux" "$out/linux"
	install_kernel "$work/linux" "$out/.config" "$name"
}

if [ -n "$source_dir" ]; then
	[ -d "$source_dir/arch/um" ] || die "$source_dir is no kernel source (no arch/um)"
	version=$(make -s -C "$source_dir" ARCH=um kernelversion)
	# O= wants a clean tree; a copy keeps the given one as it is
	say "copying $source_dir"
	instead=1
	mkdir "$work/tree"
	tar -C "$source_dir" --exclude=.git -cf - . | tar -C "$work/tree" -xf -
	make -s -C "$work/tree" ARCH=um mrproper >/dev/null 9>&-
	build_tree "$work/tree" "source-$version" || die "this source gives no appliance"
fi

# --- Debian's source: the known one, else the newest of its series, else the next series ----------

if [ -z "$mirror" ]; then
	mirror=$(apt_mirror)
	[ -n "$mirror" ] || die "apt names no Debian mirror for this release: give one with --mirror"
fi
say "reading the package lists of newer Debian suites (private apt, $mirror)"
apt_private "$work/apt" "$mirror" sid testing trixie-backports

# try_source PACKAGE VERSION [SHA256]
try_source() {
	local package=$1 version=$2 sha256=${3-} deb
	rm -rf "$work/deb" "$work/tree"
	mkdir -p "$work/deb" "$work/tree"
	say "fetching $package $version"
	if ! (cd "$work/deb" && apt-get -q download "$package=$version") >"$work/fetch.log" 2>&1; then
		say "$package $version cannot be fetched:"
		tail -n 3 "$work/fetch.log" >&2
		return 1
	fi
	deb=$(echo "$work"/deb/*.deb)
	if [ -n "$sha256" ] && ! echo "$sha256  $deb" | sha256sum -c --status; then
		say "$package $version has another checksum than the one this project knows: not used"
		return 1
	fi
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/$package.tar.xz" |
		tar -xJ -C "$work/tree" --strip-components=1
	build_tree "$work/tree" "$version"
}

if apt_versions "$pin_package" | grep -q "^$pin_version "; then
	try_source "$pin_package" "$pin_version" "$pin_sha256" || true
else
	say "$pin_package $pin_version, the known version, is no longer in the archive"
fi

instead=1
series=${pin_package#linux-source-}
for s in $(apt-cache pkgnames linux-source- | sed -n 's/^linux-source-\([0-9.]*\)$/\1/p' | sort -V); do
	# older series lack scrub types
	[ "$(printf '%s\n' "$series" "$s" | sort -V | head -n 1)" = "$series" ] || continue
	version=$(apt_versions "linux-source-$s" | grep -v "^$pin_version " | awk 'NR == 1 { print $1 }')
	[ -n "$version" ] || continue
	say "taking the newest of series $s: $version"
	try_source "linux-source-$s" "$version" || true
done
die "no kernel source of Debian gave an appliance; unpack one and use --source DIR, or --kernel FILE"
