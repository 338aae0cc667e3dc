# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of "holystone xfs" on a real kernel share. $1 is the holystone program, $2 xfsrich.
# They run in the appliance beside Debian's newest xfs_scrub and skip (exit 77) where either is
# missing.
. "$(dirname "$0")/../appliance/lib.sh"
XFSRICH=$(realpath "$2")
x=$("$top/appliance/xfsprogs.sh" --find 2>/dev/null) ||
	skip "no newer xfsprogs unpacked: run appliance/xfsprogs.sh"
TOOLS+=(--with "$HOLYSTONE:/usr/bin/holystone" --with "$XFSRICH:/usr/bin/xfsrich" --with "$x"
	--with grep --with sed --with ln --with mkdir)
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

# make_fs IMAGE MKFS-OPTION... : an empty file system of $size; the caller mounts and fills it
make_fs() {
	local image=$1
	shift
	truncate -s "${size:-600M}" "$image"
	"$x/run" mkfs.xfs -q -f "$@" "$image" >/dev/null || bad "mkfs.xfs $*"
}

# lacks WHAT PATTERN FILE
lacks() { ! grep -q -e "$2" "$3" || { bad "$1: '$2' in:"; cat "$3" >&2; }; }
