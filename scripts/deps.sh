# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# The packages holystone needs on Debian 12, in one place, and how to get them. Sourced by ./check
# and ./quickstart.

# To build and run.
packages_build="
	gcc
	libblkid-dev
	libc6-dev
	libext2fs-dev
	libicu-dev
	libmount-dev
	libroaring-dev
	libsqlite3-dev
	liburing-dev
	libxxhash-dev
	meson
	ninja-build
	pkg-config
	scdoc
"

# To test, beside those.
packages_check="
	bc
	bison
	clang
	clang-format
	debhelper
	dmsetup
	e2fsprogs
	flex
	jq
	libclang-rt-14-dev
	libcmocka-dev
	libjansson-dev
	make
	mandoc
	patch
	python3
	python3-jsonschema
	sqlite3
	xfsprogs
	xz-utils
	zstd
"

# Prints those of the packages named that are not installed.
missing_packages() {
	for package in "$@"; do
		state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
		[ "$state" = installed ] || printf '%s\n' "$package"
	done
}

# Installs what is missing. Without the right to do so: says what is missing, and exits 2.
need_packages() {
	if ! command -v dpkg-query >/dev/null; then
		echo "this is no Debian system: assuming that the packages of scripts/deps.sh" \
			"are there under their names here" >&2
		return 0
	fi
	missing=$(missing_packages "$@" | tr '\n' ' ')
	missing=${missing% }
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" -eq 0 ]; then
		become=
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		become="sudo -n"
	else
		echo "missing packages: $missing" >&2
		echo "install them with: apt-get install --no-install-recommends $missing" >&2
		exit 2
	fi
	echo "installing: $missing"
	# shellcheck disable=SC2086
	if ! { $become apt-get update -q &&
		$become env DEBIAN_FRONTEND=noninteractive \
			apt-get install -q -y --no-install-recommends $missing; } \
		>"$build_root/packages.log" 2>&1 </dev/null; then
		tail -n 20 "$build_root/packages.log" >&2
		echo "could not install: $missing" >&2
		exit 2
	fi
}

# build_dir COMPILER DIRECTORY [MESON OPTION...]: configures it if it is new, and builds it. What the
# tools say is in DIRECTORY/build.log.
build_dir() {
	compiler=$1
	dir=$2
	shift 2
	mkdir -p "$dir"
	if [ ! -f "$dir/build.ninja" ]; then
		env CC="$compiler" meson setup "$dir" . "$@" >"$dir/build.log" 2>&1 </dev/null ||
			return 1
	fi
	ninja -C "$dir" >"$dir/build.log" 2>&1 </dev/null
}
