# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the appliance's tests share. A test is a script that sources this, runs its cases and ends
# with `finish`. $1 is the holystone program. Without a kernel, or a tool, a test is skipped with
# the reason (exit 77); it never builds a kernel.
set -u

HOLYSTONE=$(realpath "$1")
top=$(cd "$(dirname "$0")/../../.." && pwd)
failures=0

skip() { echo "SKIPPED: $*" >&2; exit 77; }

# needs TOOL... : on the host
needs() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || skip "no $tool on this machine"
	done
}

PATH=$PATH:/usr/sbin:/sbin
if [ -z "${HOLYSTONE_APPLIANCE_KERNEL-}" ]; then
	HOLYSTONE_APPLIANCE_KERNEL=$("$top/appliance/build.sh" --find 2>/dev/null) ||
		skip "the appliance's kernel is not built: run 'holystone appliance build'"
	export HOLYSTONE_APPLIANCE_KERNEL
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/holystone-test.XXXXXX")
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT

# Everything in here ends: a guest that hangs must not hang the tests.
appliance() { "$HOLYSTONE" appliance run --timeout "${guest_seconds:-60}" "$@"; }

# The same in place of this shell, for "&": $! is then the launcher's.
launcher() { exec "$HOLYSTONE" appliance run --timeout 60 "$@"; }

# The tools most cases want inside.
TOOLS=(--with mount --with umount --with cat --with ls --with sleep --with sync --with dmesg)

# guest DISK-OPTION... -- SCRIPT : a shell script inside
guest() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	appliance "${TOOLS[@]}" "${options[@]}" -- sh -c "$2"
}

# False, so that "same ... || cat FILE" can say more.
bad() { echo "FAILED: $*" >&2; failures=$((failures + 1)); return 1; }

# same WHAT WANTED GOT
same() { [ "$2" = "$3" ] || bad "$1: wanted '$2', got '$3'"; }

# says WHAT PATTERN FILE : a file has a line that matches
says() { grep -q -e "$2" "$3" || { bad "$1: no '$2' in:"; cat "$3" >&2; }; }

sum() { sha256sum <"$1"; }

# An empty XFS file system of 300 MiB, the least that mkfs.xfs makes.
make_xfs() {
	needs mkfs.xfs
	truncate -s 300M "$1" && mkfs.xfs -q -f "$1" >/dev/null || skip "mkfs.xfs does not work here"
}

finish() {
	[ "$failures" = 0 ] || { echo "$failures failures" >&2; exit 1; }
	exit 0
}
